//! The page for strangers, done: its commands in a folder that holds nothing but a release, without any program of ours.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use testkit::Repo;

use crate::run::{FAST, VERSION, forge, landfall, ready};

const PAGE: &str = include_str!("../../../../docs/verifying.md");

/// The commands below a heading, for the release that the test has.
fn block(heading: &str, repo: &Repo) -> String {
    let (_, section) = PAGE
        .split_once(&format!("\n### {heading}\n"))
        .expect("the page has the heading");
    let (_, rest) = section
        .split_once("\n```sh\n")
        .expect("the section has commands");
    let (block, _) = rest.split_once("\n```").expect("the block ends");
    block
        .replace(
            "https://forge.example/app.git",
            repo.remote().to_str().unwrap(),
        )
        .replace("app-1.0.0", "single-1.0.0-mvp")
        .replace("v1.0.0", "v1.0.0-mvp")
}

fn strange(folder: &Path, script: &str) -> Output {
    let home = folder.with_file_name("home");
    std::fs::create_dir_all(&home).unwrap();
    Command::new("sh")
        .args(["-euc", script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", home)
        .output()
        .expect("sh starts")
}

/// A signed release, and a folder with its assets alone.
fn downloaded() -> (Repo, PathBuf) {
    let repo = Repo::cargo_single();
    let keys = "ssh-keygen -q -t ed25519 -N '' -C '' -f ../key && { printf 'dev@example.com namespaces=\"landfall,git\" '; cat ../key.pub; } > allowed_signers && cp allowed_signers ../";
    let made = strange(repo.root(), keys);
    assert!(made.status.success(), "{made:?}");
    let key = repo.outside().join("key");
    let signing = format!(
        "\n[signing]\nmethod = \"ssh\"\nkey = \"{}\"\nsigners = \"allowed_signers\"\n",
        key.display()
    );
    let repo = ready(repo, &format!("{FAST}{signing}"));
    landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
    let folder = repo.outside().join("download");
    std::fs::create_dir(&folder).unwrap();
    for asset in forge(&repo).join("v1.0.0-mvp/assets").read_dir().unwrap() {
        let asset = asset.unwrap();
        std::fs::copy(asset.path(), folder.join(asset.file_name())).unwrap();
    }
    (repo, folder)
}

#[test]
fn the_commands_of_the_page_see_a_release_and_a_flipped_bit() {
    let (repo, folder) = downloaded();
    let verified = landfall(&repo, &["artifacts", "verify", VERSION, "--remote"]);
    verified
        .exits(0)
        .says("proved: the signer vouches for these files");
    verified.says("v1.0.0-mvp: signed by dev@example.com");
    let archive = "single-1.0.0-mvp-source.tar.gz";
    for (heading, damage) in [
        ("Sums", archive),
        ("Sums", "SHA256SUMS.txt"),
        ("Signature", "SHA256SUMS.txt"),
        ("Signature", "SHA256SUMS.txt.sig"),
        ("Source", archive),
    ] {
        let script = block(heading, &repo);
        let fine = strange(&folder, &script);
        assert!(fine.status.success(), "{heading}: {fine:?}");
        let path = folder.join(damage);
        let whole = std::fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        std::fs::write(&path, flipped).unwrap();
        let bad = strange(&folder, &script);
        assert!(
            !bad.status.success(),
            "{heading} and a bit of {damage}: {bad:?}"
        );
        std::fs::write(&path, whole).unwrap();
        strange(&folder, "rm -rf source.tar app.git");
    }
    // A file that no sum names.
    std::fs::write(folder.join("extra"), "x").unwrap();
    assert!(!strange(&folder, &block("Sums", &repo)).status.success());
}
