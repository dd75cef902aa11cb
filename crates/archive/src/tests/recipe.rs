//! The recipe of `docs/statements.md`, as it stands there: a stranger's folder, no program of ours, and on the search path
//! openssl, jq, a shell and what every system has.
#![expect(
    clippy::disallowed_methods,
    reason = "a leaf crate has no door; the folder is the test's own, and the programs are a stranger's"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use testkit::real_program;

use crate::dsse::{Envelope, IN_TOTO, Signature};
use crate::sha256_hex;
use crate::statement::Statement;
use crate::statement::tests::provenance;

const STATEMENT: &str = "provenance.intoto.jsonl";
const ASSETS: [&str; 2] = ["app.tar.gz", "b.zip"];
const PROGRAMS: &[&str] = &[
    "base64",
    "cat",
    "jq",
    "mktemp",
    "openssl",
    "printf",
    "rm",
    "sh",
    "sha256sum",
    "tail",
    "wc",
];

/// The fenced block of the page with this information string.
fn block(name: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/statements.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once(&format!("\n```sh {name}\n")).unwrap();
    rest.split_once("\n```\n").unwrap().0.to_owned()
}

/// A folder with two assets, and beside it a search path with nothing else on it.
struct Stranger {
    home: TempDir,
    bin: PathBuf,
}

impl Stranger {
    /// `None` after having said what is not there.
    fn new() -> Option<Stranger> {
        let home = tempfile::tempdir().unwrap();
        let bin = home.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        for name in PROGRAMS {
            std::os::unix::fs::symlink(real_program(name)?, bin.join(name)).unwrap();
        }
        std::fs::create_dir(home.path().join("folder")).unwrap();
        let stranger = Stranger { home, bin };
        for name in ASSETS {
            stranger.write(name, format!("the bytes of {name}").as_bytes());
        }
        Some(stranger)
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("folder")
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder().join(name), bytes).unwrap();
    }

    fn sh(&self, script: &str) -> Output {
        Command::new(self.bin.join("sh"))
            .args(["-c", script])
            .current_dir(self.folder())
            .env_clear()
            .env("PATH", &self.bin)
            .env("TMPDIR", self.home.path())
            .output()
            .unwrap()
    }

    #[track_caller]
    fn must(&self, script: &str) -> String {
        let output = self.sh(script);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{script}\n{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Signs as an agent would, with the private key `private.pem`.
    fn sign(&self, bytes: &[u8], how: &str) -> Vec<u8> {
        self.write("../signed", bytes);
        self.must(&format!("{how} -out ../signature ../signed"));
        std::fs::read(self.home.path().join("signature")).unwrap()
    }

    fn publish(&self, envelope: &Envelope) {
        self.write(STATEMENT, envelope.write().unwrap().as_bytes());
    }
}

fn unsigned(stranger: &Stranger) -> Envelope {
    let mut statement = provenance();
    for subject in &mut statement.subjects {
        let bytes = std::fs::read(stranger.folder().join(&subject.name)).unwrap();
        subject.sha256 = sha256_hex(&bytes);
    }
    let payload = statement.write().unwrap().into_bytes();
    assert_eq!(Statement::read(&payload).unwrap(), statement);
    Envelope {
        payload_type: IN_TOTO.to_owned(),
        payload,
        signatures: Vec::new(),
    }
}

fn signed(stranger: &Stranger, how: &str) -> Envelope {
    let mut envelope = unsigned(stranger);
    let bytes = stranger.sign(&envelope.pae(), how);
    envelope.signatures.push(Signature {
        key_id: "a hint".to_owned(),
        bytes,
    });
    envelope
}

/// Good is good; one bit of payload or signature is not.
fn holds(stranger: &Stranger, how: &str) -> Envelope {
    let envelope = signed(stranger, how);
    stranger.publish(&envelope);
    let said = stranger.must(&block("verify"));
    assert_eq!(said, format!("{STATEMENT}: OK, 2 files\n"));
    changed(stranger, &envelope, |it| it.payload[0] ^= 1, NO_KEY);
    let flip = |it: &mut Envelope| it.signatures[0].bytes[3] ^= 0x80;
    changed(stranger, &envelope, flip, NO_KEY);
    envelope
}

const NO_KEY: &str = "no signature of this key";

/// The changed envelope is refused, with these words and no others on the standard output.
fn changed(stranger: &Stranger, sound: &Envelope, change: fn(&mut Envelope), want: &str) {
    let mut envelope = sound.clone();
    change(&mut envelope);
    stranger.publish(&envelope);
    refused(stranger, want);
}

fn refused(stranger: &Stranger, want: &str) {
    let output = stranger.sh(&block("verify"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{want}: {said}");
    assert!(said.contains(want), "{want}: {said}");
    assert!(output.stdout.is_empty(), "{want}");
}

/// Whatever else can be wrong with a signed statement, or with what it is about.
fn nothing_else_holds(stranger: &Stranger, envelope: &Envelope) {
    for (change, want) in [
        (
            (|it| *it.payload.last_mut().unwrap() ^= 4) as fn(&mut Envelope),
            NO_KEY,
        ),
        (|it| it.payload.push(b' '), NO_KEY),
        (|it| it.signatures[0].bytes.truncate(9), NO_KEY),
        (
            |it| it.payload_type = IN_TOTO.replace('j', "k"),
            "another type of payload",
        ),
        (|it| it.signatures.clear(), "nobody has signed it"),
    ] {
        changed(stranger, envelope, change, want);
    }
    // One good signature beside a bad one is enough, in either order.
    for place in [0, 1] {
        let mut both = envelope.clone();
        let mut bad = both.signatures[0].clone();
        bad.bytes[0] ^= 1;
        both.signatures.insert(place, bad);
        stranger.publish(&both);
        stranger.must(&block("verify"));
    }
    stranger.publish(envelope);
    stranger.write(ASSETS[1], b"other bytes");
    refused(stranger, "a file is not the one that it is about");
    stranger.write(ASSETS[1], b"the bytes of b.zip");
    stranger.must("openssl genpkey -algorithm ED25519 | openssl pkey -pubout -out key.pem");
    refused(stranger, NO_KEY);
}

const ED25519: &str =
    "openssl pkeyutl -sign -rawin -inkey ../private.pem -in ../signed -out ../signature; :";

#[test]
fn real_openssl_and_jq_check_an_ed25519_signature() {
    let Some(stranger) = Stranger::new() else {
        return;
    };
    stranger.must("openssl genpkey -algorithm ED25519 -out ../private.pem");
    stranger.must("openssl pkey -in ../private.pem -pubout -out key.pem");
    // As ssh has it: name and key, each behind its length (RFC 8709), on one line.
    let line = stranger.must(
        "{ printf '\\0\\0\\0\\13ssh-ed25519\\0\\0\\0\\40'; openssl pkey -in ../private.pem -pubout -outform DER | tail -c 32; } | base64 -w 0",
    );
    stranger.write(
        "key.pub",
        format!("ssh-ed25519 {line} dev@example.com\n").as_bytes(),
    );
    let before = stranger.must("cat key.pem");
    stranger.must("rm key.pem");
    stranger.must(&block("ssh-key"));
    assert_eq!(stranger.must("cat key.pem"), before);
    stranger.write("../key.pub", line.as_bytes());
    for damaged in ["ssh-rsa AAAA", &format!("ssh-ed25519 {}", &line[4..])] {
        stranger.write("key.pub", damaged.as_bytes());
        let output = stranger.sh(&block("ssh-key"));
        assert_eq!(output.status.code(), Some(1), "{damaged}");
        assert_eq!(stranger.must("cat key.pem"), before);
    }
    let envelope = holds(&stranger, ED25519);
    nothing_else_holds(&stranger, &envelope);
}

#[test]
fn real_openssl_and_jq_check_an_rsa_signature() {
    let Some(stranger) = Stranger::new() else {
        return;
    };
    stranger.must(
        "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out ../private.pem 2>&1",
    );
    stranger.must("openssl pkey -in ../private.pem -pubout -out key.pem");
    holds(&stranger, "openssl dgst -sha512 -sign ../private.pem");
}

#[test]
fn real_openssl_and_jq_refuse_what_is_no_envelope() {
    let Some(stranger) = Stranger::new() else {
        return;
    };
    stranger.must("openssl genpkey -algorithm ED25519 -out ../private.pem");
    stranger.must("openssl pkey -in ../private.pem -pubout -out key.pem");
    let sound = signed(&stranger, ED25519).write().unwrap();
    for (text, want) in [
        (sound.repeat(2), "more or less than one line"),
        (sound.trim_end().to_owned(), "more or less than one line"),
        (sound.trim_end().repeat(2) + "\n", "no envelope"),
        ("{}\n".to_owned(), "no envelope"),
        ("no json\n".to_owned(), "no envelope"),
        (
            sound.replacen("\":\"", "\":\"\\n", 1),
            "written in an odd way",
        ),
        (
            sound.replacen("\":\"", "\":\"*", 1),
            "the payload is no base64",
        ),
    ] {
        stranger.write(STATEMENT, text.as_bytes());
        refused(&stranger, want);
    }
}
