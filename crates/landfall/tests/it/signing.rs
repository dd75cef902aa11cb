//! Signed releases, with keys made for the test: what others verify with their own tools, and where a key must never be.

use std::path::PathBuf;

use testkit::{Repo, programs};

use crate::run::{
    Call, FAST, NOW_S, TAG, VERSION, candidate, forge, landfall, mine, path_with, ready, shell,
};

const RELEASE: &[&str] = &["release", VERSION, "--yes", "--jobs", "1"];
const SSH: &str = "\n[signing]\nmethod = \"ssh\"\nidentity = \"dev@example.com\"\nsigners = \".allowed_signers\"\n";

/// A key of Ed25519; `None` where there is no OpenSSH, which is said.
pub(crate) struct Key {
    folder: tempfile::TempDir,
}

impl Key {
    pub(crate) fn new() -> Option<Key> {
        for program in ["ssh-keygen", "ssh-agent", "ssh-add"] {
            testkit::real_program(program)?;
        }
        let folder = tempfile::tempdir().unwrap();
        let make = "ssh-keygen -q -t ed25519 -N '' -C mine -f key";
        assert!(
            std::process::Command::new("sh")
                .args(["-c", make])
                .current_dir(folder.path())
                .status()
                .unwrap()
                .success()
        );
        Some(Key { folder })
    }

    pub(crate) fn secret(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("key")).unwrap()
    }

    fn public(&self) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("key.pub")).unwrap();
        text.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    /// A repository that is released in a moment, with this key in its file of signers; `signing` goes on the table.
    pub(crate) fn repo(&self, signing: &str) -> Repo {
        let repo = Repo::npm();
        let line = format!(
            "dev@example.com namespaces=\"landfall,git\" {}\n",
            self.public()
        );
        repo.write(".allowed_signers", line);
        let config = FAST.replace("skip = [", "skip = [\"tools\", ");
        ready(repo, &format!("{config}{SSH}{signing}"))
    }

    fn line(&self) -> String {
        format!("key = \"{}\"\n", self.path().display())
    }
}

#[test]
fn real_ssh_a_signed_release_is_verified_by_ssh_keygen_and_git() {
    let Some(key) = Key::new() else { return };
    let repo = key.repo(&key.line());
    let before = mine(&repo);
    let run = landfall(&repo, RELEASE);
    run.exits(0)
        .says("signed by dev@example.com (ssh ED25519 SHA256:");
    assert!(!format!("{run}").contains("UNSIGNED"), "{run}");
    assert_eq!(mine(&repo), before);
    let home = repo.outside().join("home");
    assert!(!home.join(".ssh").exists() && !home.join(".gnupg").exists());
    let at = forge(&repo).join(TAG).join("assets");
    let signers = repo.root().join(".allowed_signers");
    shell(
        &repo,
        &at,
        &format!(
            "ssh-keygen -Y verify -f {} -I dev@example.com -n landfall -s SHA256SUMS.txt.sig < SHA256SUMS.txt && sha256sum -c --strict SHA256SUMS.txt",
            signers.display()
        ),
    )
    .exits(0);
    let allowed = format!("gpg.ssh.allowedSignersFile={}", signers.display());
    let tag = [
        "-c",
        "gpg.format=ssh",
        "-c",
        &allowed,
        "verify-tag",
        "--raw",
        TAG,
    ];
    let verified = repo.try_git(&repo.remote(), &tag);
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(
        verified.status.success() && said.contains("Good \"git\" signature for dev@example.com"),
        "{said}"
    );
    repo.git_in(&repo.remote(), &["fsck", "--strict"]);
    let text = std::fs::read_to_string(forge(&repo).join(TAG).join("candidate.json")).unwrap();
    let signer = &serde_json::from_str::<serde_json::Value>(&text).unwrap()["signer"];
    assert_eq!(
        (&signer["who"], &signer["method"]),
        (&"dev@example.com".into(), &"ssh".into())
    );
}

/// Looks at what each program was started with, then becomes it.
fn spying(repo: &Repo, seen: &std::path::Path) -> PathBuf {
    let spy = |name: &str| {
        let real = testkit::real_program(name).unwrap();
        format!(
            "tr '\\0' '\\n' < /proc/self/environ >> {seen}; tr '\\0' ' ' < /proc/self/cmdline >> {seen}; exec {} \"$@\"",
            real.display(),
            seen = seen.display()
        )
    };
    let names = ["ssh-add", "ssh-agent", "ssh-keygen", "git"];
    let scripts: Vec<(&str, String)> = names.iter().map(|name| (*name, spy(name))).collect();
    let scripts: Vec<(&str, &str)> = scripts
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    programs(&repo.outside().join("spies"), &scripts)
}

#[test]
fn real_ssh_a_key_of_the_environment_is_seen_by_nobody() {
    let Some(key) = Key::new() else { return };
    let plain = key.repo("key_env = \"RELEASE_KEY\"\n");
    let secret = key.secret();
    let (log, seen) = (
        plain.outside().join("effects"),
        plain.outside().join("seen"),
    );
    let scratch = plain.outside().join("tmp");
    std::fs::create_dir(&scratch).unwrap();
    let spies = spying(&plain, &seen);
    let run = Call::new(
        &plain,
        &[
            "release",
            VERSION,
            "--yes",
            "--jobs",
            "1",
            "--verbose",
            "--format",
            "json",
        ],
    )
    .env("RELEASE_KEY", &secret)
    .env("TMPDIR", &scratch)
    .env("PATH", path_with(&plain, &spies))
    .effects(&log)
    .run();
    run.exits(0);
    let candidate_event = &run.named("candidate")[0];
    assert_eq!(candidate_event["signer"]["who"], "dev@example.com");
    let spied = std::fs::read_to_string(&seen).unwrap();
    assert!(
        spied.contains("ssh-add") && spied.contains("ssh-agent"),
        "{spied}"
    );
    let mut places = vec![format!("{run}"), spied];
    for folder in [
        plain.outside(),
        plain.root().join("target"),
        plain.root().join(".git"),
    ] {
        let files = crate::run::files(&folder).into_iter();
        places.extend(
            files.map(|(name, bytes)| format!("{name}: {}", String::from_utf8_lossy(&bytes))),
        );
    }
    for line in secret.lines().filter(|line| line.len() > 30) {
        let found = places.iter().find(|text| text.contains(line));
        assert!(
            found.is_none(),
            "the key is in {:?}",
            found.map(|text| &text[..80.min(text.len())])
        );
    }
    assert_eq!(
        std::fs::read_dir(&scratch).unwrap().count(),
        0,
        "nothing is left of agent and scratch"
    );
    // The same release with the key in a file: the same signatures.
    let other = key.repo("key_env = \"RELEASE_KEY\"\n");
    std::fs::copy(key.path(), other.outside().join("key")).unwrap();
    let again = Call::new(&other, RELEASE)
        .env("RELEASE_KEY", secret.trim())
        .run();
    again.exits(0);
    assert_eq!(crate::run::published(&plain), crate::run::published(&other));
}

#[test]
fn real_ssh_a_key_that_cannot_sign_stops_a_release_before_anything_else() {
    let Some(key) = Key::new() else { return };
    let Some(stranger) = Key::new() else { return };
    for (line, wanted) in [
        ("key = \"nowhere\"\n".to_owned(), "no key at "),
        (
            "key_env = \"RELEASE_KEY\"\n".to_owned(),
            "RELEASE_KEY is not set",
        ),
        (
            stranger.line(),
            "signed by a key that nobody is trusted with: SHA256:",
        ),
    ] {
        let repo = key.repo(&line);
        let before = mine(&repo);
        let run = landfall(&repo, RELEASE);
        run.exits(2).says(wanted).says("help:");
        assert!(!run.stderr.contains("gates of the working tree"), "{run}");
        assert!(!candidate(&repo).exists());
        assert_eq!(mine(&repo), before);
        landfall(&repo, &["doctor", "--offline"]).says(wanted);
    }
    // In the file of signers, but not for tags.
    let repo = key.repo(&key.line());
    repo.write(
        ".allowed_signers",
        repo.read(".allowed_signers")
            .replace("landfall,git", "landfall"),
    );
    repo.commit("chore: narrow");
    repo.git(&["push", "--quiet"]);
    landfall(&repo, RELEASE).exits(2).says("but not for git");
    let repo = key.repo(&key.line());
    landfall(&repo, &["doctor", "--offline"]).says("a test signature is good: dev@example.com");
}

#[test]
fn real_ssh_a_rehearsal_without_the_key_signs_with_one_of_its_own() {
    let Some(key) = Key::new() else { return };
    let repo = key.repo("key = \"nowhere\"\n");
    let before = crate::crash::outside_target(&repo);
    let args = ["release", VERSION, "--rehearse", "--jobs", "1"];
    landfall(&repo, &args)
        .exits(0)
        .says("the rehearsal signs with a key of its own")
        .says("signed by rehearsal@landfall.invalid");
    assert_eq!(crate::crash::outside_target(&repo), before);
    // With the key here it is that key, by a path from the root of the repository.
    let repo = key.repo("key = \"../key\"\n");
    std::fs::copy(key.path(), repo.outside().join("key")).unwrap();
    landfall(&repo, &args)
        .exits(0)
        .says("signed by dev@example.com");
}

#[test]
fn an_unsigned_release_says_so_where_it_is_shown() {
    let config = FAST.replace("skip = [", "skip = [\"tools\", ");
    let repo = ready(Repo::npm(), &config);
    let warned = |run: &crate::run::Run| {
        let said = format!("{run}");
        said.matches("UNSIGNED").count()
    };
    assert_eq!(warned(landfall(&repo, &["plan", VERSION]).exits(0)), 1);
    let built = landfall(&repo, &["artifacts", "build", VERSION]);
    assert_eq!(warned(built.exits(0)), 1, "{built}");
    let staged = landfall(&repo, &["release", VERSION, "--until", "staged"]);
    assert!(
        warned(staged.exits(0)) >= 1 && staged.stdout.contains("UNSIGNED"),
        "{staged}"
    );
    let json = landfall(&repo, &["release", VERSION, "--yes", "--format", "json"]);
    assert!(
        json.exits(0).named("candidate")[0]["signer"].is_null(),
        "{json}"
    );
    landfall(&repo, &["doctor", "--offline"]).says("UNSIGNED");
}

#[test]
fn real_gpg_a_signed_tag_is_verified_by_git() {
    if testkit::real_program("gpg").is_none() || testkit::real_program("gpgconf").is_none() {
        return;
    }
    // A socket of gpg-agent is in its home, and its path has to be short.
    let home = tempfile::Builder::new().prefix("lf-").tempdir().unwrap();
    let repo = Repo::npm();
    let gpg = |script: &str| {
        let script = format!("export GNUPGHOME={}; {script}", home.path().display());
        shell(&repo, repo.root(), &script)
            .exits(0)
            .stdout
            .trim()
            .to_owned()
    };
    gpg(
        "chmod 700 $GNUPGHOME; gpg -q --batch --faked-system-time 1700000000 --pinentry-mode loopback --passphrase '' --quick-gen-key 'dev <dev@example.com>' ed25519 sign never 2> /dev/null",
    );
    let key =
        gpg("gpg -q --batch --with-colons --list-keys | awk -F: '/^fpr/ { print $10; exit }'");
    gpg("gpg -q --batch --armor --export > signers.asc");
    let config = FAST.replace("skip = [", "skip = [\"tools\", ");
    let signing =
        format!("\n[signing]\nmethod = \"gpg\"\nkey = \"{key}\"\nsigners = \"signers.asc\"\n");
    repo.write("release.toml", format!("{config}{signing}"));
    repo.commit("feat: something new");
    let repo = repo.with_remote();
    std::fs::create_dir_all(forge(&repo)).unwrap();
    let run = Call::new(&repo, RELEASE)
        .env("GNUPGHOME", home.path())
        .run();
    let export = format!("export GNUPGHOME={}; ", home.path().display());
    let tag = shell(
        &repo,
        &repo.remote(),
        &format!("{export}git verify-tag --raw {TAG}"),
    );
    let sums = shell(
        &repo,
        &forge(&repo).join(TAG).join("assets"),
        &format!("{export}gpg -q --batch --status-fd 1 --verify SHA256SUMS.txt.asc SHA256SUMS.txt"),
    );
    shell(&repo, repo.root(), &format!("{export}gpgconf --kill all"));
    run.exits(0)
        .says("UNSIGNED STATEMENTS: gpg signs in its own format only")
        .says(&format!(
            "signed by dev <dev@example.com> (gpg ED25519 {key})"
        ));
    tag.exits(0).says(&format!("VALIDSIG {key}"));
    // The time is the pinned one, so that the same release has the same signature.
    sums.exits(0).says(&format!(" {NOW_S} "));
}
