//! `artifacts verify` of a folder, of a version that was prepared here, and of one that was released.

use std::path::{Path, PathBuf};

use testkit::Repo;

use crate::run::{Call, FAST, Run, VERSION, candidate, forge, landfall, ready, shell, single};

const SOURCE: &str = "single-1.0.0-mvp-source.tar.gz";

fn built() -> (Repo, PathBuf) {
    let repo = single();
    landfall(&repo, &["artifacts", "build", VERSION]).exits(0);
    let dir = candidate(&repo).join("artifacts");
    (repo, dir)
}

fn released() -> Repo {
    let repo = single();
    landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
    repo.git(&["pull", "--quiet", "--tags"]);
    repo
}

fn verify(repo: &Repo, args: &[&str]) -> Run {
    landfall(repo, &[&["artifacts", "verify"], args].concat())
}

/// The ways to be wrong that were told, each once; warnings are left out.
#[track_caller]
fn ways(repo: &Repo, args: &[&str], exit: i32) -> Vec<String> {
    let run = verify(repo, &[args, &["--format", "json"]].concat());
    run.exits(exit);
    let ways = run.named("check");
    let mut ways: Vec<String> = ways
        .iter()
        .filter(|event| event["verdict"] != "warn")
        .filter_map(|event| event["way"].as_str().map(str::to_owned))
        .collect();
    ways.dedup();
    ways
}

fn append(path: &Path) -> Vec<u8> {
    let whole = std::fs::read(path).unwrap();
    std::fs::write(path, [&whole[..], b"x"].concat()).unwrap();
    whole
}

#[test]
fn every_kind_of_change_is_caught() {
    let (repo, dir) = built();
    let archive = dir.join(SOURCE);
    let whole = std::fs::read(&archive).unwrap();
    let by_folder = dir.to_str().unwrap().to_owned();
    let both = |exit: i32, says: &str| {
        verify(&repo, &[VERSION]).exits(exit).says(says);
        // The provenance names a tag, and nothing but a candidate has it yet: that is not known, and no pass.
        let exit = if exit == 0 { 2 } else { exit };
        verify(&repo, &[&by_folder]).exits(exit).says(says);
    };
    verify(&repo, &[VERSION]).says("nothing is wrong with what was looked at");
    verify(&repo, &[&by_folder]).says("this repository has no such tag");
    verify(&repo, &[VERSION])
        .says("proved: these are the bytes of the candidate")
        .says("proved: the source archive is the tagged commit")
        .says("its tar is byte for byte what git archive makes of")
        .says("proved: the tag is annotated and of the released commit")
        .says("not proved: the forge serves these files, byte for byte (nobody asked; --remote looks)");
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    std::fs::write(&archive, &flipped).unwrap();
    both(1, "single-1.0.0-mvp-source.tar.gz: SHA-256 is");
    std::fs::remove_file(&archive).unwrap();
    both(1, "single-1.0.0-mvp-source.tar.gz: missing");
    std::fs::write(&archive, &whole).unwrap();
    std::fs::write(dir.join("extra.bin"), "x").unwrap();
    both(1, "extra.bin: not named in SHA256SUMS.txt");
    std::fs::remove_file(dir.join("extra.bin")).unwrap();
    both(0, "OK");
    // Archive and sums changed together agree with each other, but not with what was approved.
    std::fs::write(dir.join("good.tar.gz"), &whole).unwrap();
    std::fs::remove_file(&archive).unwrap();
    shell(
        &repo,
        &dir,
        "sha256sum *.gz *.json *.jsonl > SHA256SUMS.txt",
    )
    .exits(0);
    let told = ways(&repo, &[&by_folder], 1);
    assert!(told.contains(&"statement-subjects".to_owned()), "{told:?}");
    let told = ways(&repo, &[VERSION], 1);
    assert_eq!(
        told,
        [
            "sums-changed",
            "candidate-differs",
            "candidate-missing",
            "candidate-extra",
            "statement-subjects",
            "source-absent"
        ]
    );
    std::fs::remove_file(dir.join("SHA256SUMS.txt")).unwrap();
    verify(&repo, &[&by_folder])
        .exits(1)
        .says("no SHA256SUMS.txt");
    verify(&repo, &[VERSION]).exits(1).says("no SHA256SUMS.txt");
}

#[test]
fn what_is_not_there_is_no_release() {
    let repo = single();
    verify(&repo, &[VERSION]).exits(2).says(
        "1.0.0-mvp was not prepared here, and the forge of release.toml serves no v1.0.0-mvp",
    );
    verify(&repo, &["no/such/folder"]).exits(64);
    verify(&repo, &["."]).exits(2).says("no SHA256SUMS.txt");
    verify(&repo, &[VERSION, "--tag", "v2.0.0"]).exits(64);
}

#[test]
fn a_folder_needs_no_repository_and_no_git() {
    let (repo, dir) = built();
    let outside = repo.outside().join("download");
    std::fs::create_dir(&outside).unwrap();
    for file in std::fs::read_dir(&dir).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), outside.join(file.file_name())).unwrap();
    }
    let empty = repo.outside().join("no-programs");
    std::fs::create_dir(&empty).unwrap();
    for call in [
        Call::new(&repo, &["artifacts", "verify", "."]),
        Call::new(&repo, &["artifacts", "verify", "."]).env("PATH", empty.as_os_str()),
    ] {
        call.cwd(&outside)
            .run()
            .exits(0)
            .says("proved: every archive unpacks whole and harmlessly")
            .says("not proved: the source archive is the tagged commit (no repository to compare it with)");
    }
    // What another tool wrote is read, and it is said.
    shell(
        &repo,
        &outside,
        "rm *.jsonl; sha256sum --tag *.gz *.json > SHA256SUMS.txt",
    )
    .exits(0);
    let call = Call::new(&repo, &["artifacts", "verify", "."]).cwd(&outside);
    call.run()
        .exits(0)
        .says("it is not in the form that a release has");
}

#[test]
fn a_released_version_is_taken_from_the_forge_and_the_remote() {
    let repo = released();
    verify(&repo, &[VERSION, "--remote"])
        .exits(0)
        .says("published, and describes what is served")
        .says("the same object on origin")
        .says("proved: the forge serves these files, byte for byte");
    // Somebody else, who has nothing but a clone of the commit before.
    std::fs::remove_dir_all(repo.root().join("target")).unwrap();
    repo.git(&["tag", "--delete", "v1.0.0-mvp"]);
    verify(&repo, &[VERSION])
        .exits(0)
        .says("proved: the source archive is the tagged commit")
        .says("proved: the tag is annotated and of the released commit")
        .says("proved: the forge serves these files, byte for byte")
        .says("not proved: these are the bytes of the candidate");
    assert_eq!(repo.git(&["tag", "--list", "v1*"]), "");
    let served = forge(&repo).join("v1.0.0-mvp");
    let told = |exit| ways(&repo, &[VERSION], exit);
    let whole = append(&served.join("assets").join(SOURCE));
    assert_eq!(
        told(1),
        [
            "file-differs",
            "archive-broken",
            "source-broken",
            "remote-listed"
        ]
    );
    std::fs::write(served.join("assets").join(SOURCE), whole).unwrap();
    append(&served.join("notes.md"));
    assert_eq!(told(1), ["remote-notes"]);
    std::fs::write(served.join("release.json"), "{}").unwrap();
    assert_eq!(told(1), ["remote-description"]);
}

#[test]
fn what_the_forge_serves_is_compared_byte_for_byte() {
    let repo = released();
    let told = || ways(&repo, &[VERSION, "--remote"], 1);
    let served = forge(&repo).join("v1.0.0-mvp");
    let asset = served.join("assets").join(SOURCE);
    let whole = append(&asset);
    assert_eq!(told(), ["remote-differs", "remote-listed"]);
    std::fs::remove_file(&asset).unwrap();
    assert_eq!(told(), ["remote-missing", "remote-listed"]);
    std::fs::write(&asset, whole).unwrap();
    std::fs::write(served.join("assets/x"), "").unwrap();
    assert_eq!(told(), ["remote-extra", "remote-listed"]);
    std::fs::remove_file(served.join("assets/x")).unwrap();
    append(&served.join("notes.md"));
    assert_eq!(told(), ["remote-notes"]);
    let text = std::fs::read_to_string(served.join("release.json")).unwrap();
    let edited = text.replace("\"latest\": false", "\"latest\": true");
    std::fs::write(served.join("release.json"), edited + " ").unwrap();
    assert_eq!(told(), ["remote-other", "remote-notes"]);
    std::fs::create_dir(forge(&repo).join(".drafts")).ok();
    std::fs::rename(&served, forge(&repo).join(".drafts/v1.0.0-mvp")).unwrap();
    assert_eq!(told(), ["remote-draft"]);
    std::fs::remove_dir_all(forge(&repo).join(".drafts")).unwrap();
    assert_eq!(told(), ["remote-absent"]);
    repo.write("release.toml", "");
    assert_eq!(ways(&repo, &[VERSION, "--remote"], 2), ["remote-no-forge"]);
}

#[test]
fn a_tag_that_was_moved_is_named_with_both_ids() {
    let repo = released();
    let made = repo.git(&["rev-parse", "refs/tags/v1.0.0-mvp"]);
    let commit = repo.git(&["rev-parse", "HEAD"]);
    let told = |exit| ways(&repo, &[VERSION, "--remote"], exit);
    repo.git(&["tag", "--force", "-a", "-m", "again", "v1.0.0-mvp", "HEAD"]);
    let moved = repo.git(&["rev-parse", "refs/tags/v1.0.0-mvp"]);
    assert_eq!(told(1), ["tag-moved", "tag-remote"]);
    verify(&repo, &[VERSION, "--remote"])
        .says(&format!(
            "is {moved} here, and was {made} when it was prepared"
        ))
        .says(&format!("is {made} on origin, and {moved} here"));
    repo.git(&[
        "tag",
        "--force",
        "-a",
        "-m",
        "another",
        "v1.0.0-mvp",
        "HEAD^",
    ]);
    assert_eq!(told(1), ["tag-commit", "tag-moved", "tag-remote"]);
    verify(&repo, &[VERSION]).says(&format!("the candidate says {commit}"));
    repo.git(&["tag", "--force", "v1.0.0-mvp", "HEAD"]);
    assert_eq!(told(1), ["tag-lightweight", "tag-remote"]);
    // An older release's tag object under the new name.
    repo.git(&["tag", "-a", "-m", "old", "v0.9.5", "HEAD"]);
    repo.git(&["update-ref", "refs/tags/v1.0.0-mvp", "refs/tags/v0.9.5"]);
    assert_eq!(told(1), ["tag-named", "tag-moved", "tag-remote"]);
    repo.git(&[
        "tag",
        "--force",
        "-a",
        "-m",
        "tree",
        "v1.0.0-mvp",
        "HEAD^{tree}",
    ]);
    assert_eq!(
        told(1),
        ["tag-odd", "tag-commit", "tag-moved", "tag-remote"]
    );
    repo.git(&["update-ref", "refs/tags/v1.0.0-mvp", &made]);
    verify(&repo, &[VERSION, "--remote"]).exits(0);
    repo.git(&["push", "--quiet", "origin", ":refs/tags/v1.0.0-mvp"]);
    assert_eq!(told(1), ["tag-not-remote"]);
    verify(
        &repo,
        &[
            candidate(&repo).join("artifacts").to_str().unwrap(),
            "--tag",
            "v7.0.0",
        ],
    )
    .exits(1)
    .says("this repository has no such tag");
}

/// What reached strangers in 2024 by way of a release archive: a file that is in no commit.
#[test]
fn a_source_archive_that_is_not_the_tag_is_caught() {
    let repo = Repo::cargo_single();
    repo.write(
        ".gitattributes",
        "hidden.txt export-ignore\nid.txt export-subst\n",
    );
    repo.write("hidden.txt", "not for strangers\n");
    repo.write("id.txt", "$Format:%H$\n");
    let repo = ready(repo, FAST);
    landfall(&repo, &["artifacts", "build", VERSION]).exits(0);
    let dir = candidate(&repo).join("artifacts");
    verify(&repo, &[VERSION])
        .exits(0)
        .says("byte for byte what git archive makes of");
    let told = |script: &str, want: &str, way: &str| {
        let whole = std::fs::read(dir.join(SOURCE)).unwrap();
        let sums = std::fs::read(dir.join("SHA256SUMS.txt")).unwrap();
        let pack = format!(
            "mkdir t && tar xf {SOURCE} -C t && {{ {script}; }} && tar czf {SOURCE} -C t single-1.0.0-mvp && rm -r t && sha256sum {SOURCE} > SHA256SUMS.txt"
        );
        shell(&repo, &dir, &pack).exits(0);
        let run = verify(&repo, &[VERSION]);
        run.exits(i32::from(!way.is_empty())).says(want);
        let ways = ways(&repo, &[VERSION], 1);
        assert_eq!(
            ways.contains(&"source-differs".to_owned()),
            way == "source-differs",
            "{run}"
        );
        std::fs::write(dir.join(SOURCE), whole).unwrap();
        std::fs::write(dir.join("SHA256SUMS.txt"), sums).unwrap();
    };
    let top = "t/single-1.0.0-mvp";
    told(
        &format!("echo evil > {top}/build-to-host.m4"),
        "`single-1.0.0-mvp/build-to-host.m4` is not in the commit",
        "source-differs",
    );
    told(
        &format!("echo evil >> {top}/Cargo.toml"),
        "Cargo.toml` differs: its content",
        "source-differs",
    );
    told(
        &format!("rm {top}/Cargo.toml"),
        "Cargo.toml` is missing",
        "source-differs",
    );
    told(
        &format!("chmod +x {top}/Cargo.toml"),
        "Cargo.toml` differs: its mode",
        "source-differs",
    );
    told(
        &format!("rm {top}/Cargo.toml; ln -s src {top}/Cargo.toml"),
        "Cargo.toml` differs: what it is",
        "source-differs",
    );
    // Packed by another program, it is the same tree: told by the candidate alone.
    told(
        "true",
        "every entry is as git archive makes it of",
        "candidate-differs",
    );
}

#[test]
fn archives_of_every_ending_are_made_and_looked_into() {
    if testkit::real_program("zstd").is_none() {
        return;
    }
    let mut config = FAST.to_owned();
    for ending in ["tar.gz", "tgz", "tar.zst", "zip"] {
        config.push_str(&format!(
            "
[[artifact]]
name = \"whole.{ending}\"
kind = \"source\"

[[artifact]]
name = \"part.{ending}\"
kind = \"files\"
files = [\"README.md\"]
"
        ));
    }
    let repo = ready(Repo::cargo_single(), &config);
    landfall(&repo, &["artifacts", "build", VERSION])
        .exits(0)
        .says("built twice, in two folders: 9 assets of ");
    let run = verify(&repo, &[VERSION, "--format", "json"]);
    run.exits(0);
    let events = run.named("check");
    let of = |check: &str| {
        let of = events.iter().filter(|event| event["check"] == check);
        of.map(|event| format!("{} {}", event["item"].as_str().unwrap(), event["verdict"]))
            .collect::<Vec<_>>()
    };
    // There is no licence in that repository: they were opened, and only that is missing.
    let opened: Vec<String> = ["part", "whole"]
        .iter()
        .flat_map(|name| {
            ["tar.gz", "tar.zst", "tgz", "zip"].map(|ending| format!("{name}.{ending} \"warn\""))
        })
        .collect();
    assert_eq!(of("archives"), opened);
    let same = ["tar.gz", "tgz", "tar.zst", "zip"].map(|ending| format!("whole.{ending} \"pass\""));
    assert_eq!(of("source"), same);
    // Without its program a Zstandard stream stays shut, and that is no pass.
    let path = repo.env_with(&["git", "sh"], &[])[0].1.clone();
    let call = Call::new(&repo, &["artifacts", "verify", VERSION]).env("PATH", path);
    call.run()
        .exits(2)
        .says("part.tar.zst: only its sum was looked at")
        .says("whole.tar.zst: it could not be opened here")
        .says("not proved: every archive unpacks whole and harmlessly");
    let path = candidate(&repo).join("artifacts/part.tar.zst");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let told = ways(&repo, &[VERSION], 1);
    assert!(told.contains(&"archive-broken".to_owned()), "{told:?}");
}
