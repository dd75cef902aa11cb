//! What can be declared as an artifact: each kind made for real, looked into with programs that are not ours.

mod real;
mod refused;

use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::{Repo, fingerprint};

use crate::run::{Call, FAST, Run, VERSION, candidate, files, landfall, mine, ready};

/// The same on every machine of one kind: the archive of programs is named by it.
fn host() -> String {
    let said = Command::new("rustc").arg("-vV").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

fn artifact(repo: &Repo, name: &str) -> PathBuf {
    candidate(repo).join("artifacts").join(name)
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// `MODE PATH` of every entry, as GNU tar lists them.
fn listed(archive: &Path) -> Vec<String> {
    let text = said(
        Command::new("tar")
            .arg("-tvf")
            .arg(archive)
            .env("TZ", "UTC"),
    );
    let line = |line: &str| {
        let mode = line.split(' ').next().unwrap();
        // `MODE OWNER SIZE DATE TIME PATH`, with any number of spaces before the size.
        let path = line
            .split_whitespace()
            .skip(5)
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            line.contains(" 0/0 ") || line.contains(" root/root "),
            "{line}"
        );
        format!("{mode} {path}")
    };
    text.lines().map(line).collect()
}

/// One file of an archive.
fn inside(archive: &Path, path: &str) -> String {
    said(Command::new("tar").arg("-xOf").arg(archive).arg(path))
}

/// No gates but those that a release cannot do without: what is tested here comes after them.
fn ungated(artifacts: &str) -> String {
    let kept = ["tools", "git", "changelog"];
    let skip: Vec<String> = gates::GATES
        .iter()
        .filter(|gate| !kept.contains(&gate.name))
        .map(|gate| format!("{:?}", gate.name))
        .collect();
    let skip = skip.join(", ");
    format!(
        "{artifacts}\n[gates]\nskip = [{skip}]\n[forge]\nkind = \"folder\"\npath = \"../forge\"\n"
    )
}

const KINDS: &str = r##"
[project]
name = "many"

[[artifact]]
name = "install-{version}.sh"
kind = "file"
path = "scripts/install.sh"

[[artifact]]
name = "scripts-{tag}.tgz"
kind = "files"
folder = "scripts"
files = ["**"]
exclude = ["*.bak"]
required = ["install.sh", "lib"]

[[artifact]]
kind = "package"

[[artifact]]
name = "app-{version}-{target}"
kind = "binaries"
package = "app"
files = ["README.md"]
required = ["app"]

[[artifact]]
name = "api-{version}.tar.gz"
kind = "docs"
tool = "rustdoc"
required = ["core_part/index.html"]

[[artifact]]
name = "site-{version}.tar.gz"
kind = "docs"
build = ["sh", "-c", "mkdir -p site/public && date -u +%Y > site/public/index.html && umask > site/public/mask && env | grep -E '^SOURCE_DATE_EPOCH=' > site/public/env"]
folder = "site/public"

[[artifact]]
name = "infra-{version}.tar.gz"
kind = "terraform"
folder = "infra"
"##;

/// A workspace with something of each kind.
fn many() -> Repo {
    let repo = Repo::cargo_workspace();
    for (path, text) in [
        (".gitignore", "/target/\n/site/\n"),
        ("LICENSE-MIT", "MIT\n"),
        ("crates/app/NOTICE", "of app\n"),
        ("scripts/install.sh", "#!/bin/sh\necho installed\n"),
        ("scripts/lib/common.sh", "true\n"),
        ("scripts/old.bak", "old\n"),
        ("infra/main.tf", "variable \"environment\" {}\n"),
        ("infra/prod.tfvars.example", "environment = \"x\"\n"),
        ("infra/notes.txt", "notes\n"),
        ("infra/modules/a/main.tf", "output \"a\" { value = 1 }\n"),
    ] {
        repo.write(path, text);
    }
    std::os::unix::fs::symlink("install.sh", repo.root().join("scripts/setup.sh")).unwrap();
    let script = repo.root().join("scripts/install.sh");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(script, mode).unwrap();
    ready(repo, &ungated(KINDS))
}

#[test]
fn each_kind_is_made_and_is_the_same_bytes_in_another_folder_under_another_mask() {
    let repo = many();
    let before = mine(&repo);
    let run = landfall(&repo, &["artifacts", "build", VERSION]);
    run.exits(0)
        .says("packages with a version of their own are not attached: tool 0.3.1")
        .says("not in infra-1.0.0-mvp.tar.gz, for no glob of `files` names it: infra/notes.txt");
    assert_eq!(mine(&repo).len(), before.len());
    let other = many();
    let mut call = Call::new(&other, &["artifacts", "build", VERSION]);
    // As a user with a narrow mask and another language would call it.
    call = call.env("LC_ALL", "de_DE.UTF-8").env("TZ", "Asia/Tokyo");
    masked(&call).exits(0);
    let folder = |repo: &Repo| fingerprint(&candidate(repo).join("artifacts"));
    assert_eq!(
        folder(&repo).difference(&folder(&other)),
        Vec::<String>::new()
    );
    let host = host();
    let programs = format!("app-1.0.0-mvp-{host}");
    let mut names: Vec<String> = files(&candidate(&repo).join("artifacts"))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    names.sort();
    let mut wanted = vec![
        "SHA256SUMS.txt".to_owned(),
        "api-1.0.0-mvp.tar.gz".to_owned(),
        "app-1.0.0-mvp.crate".to_owned(),
        format!("{programs}.tar.gz"),
        "core-part-1.0.0-mvp.crate".to_owned(),
        "infra-1.0.0-mvp.tar.gz".to_owned(),
        "install-1.0.0-mvp.sh".to_owned(),
        "scripts-v1.0.0-mvp.tgz".to_owned(),
        "site-1.0.0-mvp.tar.gz".to_owned(),
    ];
    wanted.sort();
    // Statements about the assets may stand beside them.
    names.retain(|name| !name.ends_with(".cdx.json") && !name.ends_with(".intoto.jsonl"));
    assert_eq!(names, wanted);

    let script = std::fs::read_to_string(artifact(&repo, "install-1.0.0-mvp.sh")).unwrap();
    assert_eq!(script, repo.read("scripts/install.sh"));
    assert_eq!(
        listed(&artifact(&repo, "scripts-v1.0.0-mvp.tgz")),
        [
            "-rw-r--r-- scripts-v1.0.0-mvp/LICENSE-MIT",
            "-rwxr-xr-x scripts-v1.0.0-mvp/install.sh",
            "-rw-r--r-- scripts-v1.0.0-mvp/lib/common.sh",
            "lrwxrwxrwx scripts-v1.0.0-mvp/setup.sh -> install.sh",
        ]
    );
    assert_eq!(
        listed(&artifact(&repo, &format!("{programs}.tar.gz"))),
        ["LICENSE-MIT", "NOTICE", "README.md", "app"].map(|name| {
            let mode = if name == "app" {
                "-rwxr-xr-x"
            } else {
                "-rw-r--r--"
            };
            format!("{mode} {programs}/{name}")
        })
    );
    assert_eq!(
        listed(&artifact(&repo, "infra-1.0.0-mvp.tar.gz")),
        [
            "-rw-r--r-- infra-1.0.0-mvp/LICENSE-MIT",
            "-rw-r--r-- infra-1.0.0-mvp/main.tf",
            "-rw-r--r-- infra-1.0.0-mvp/modules/a/main.tf",
            "-rw-r--r-- infra-1.0.0-mvp/prod.tfvars.example",
        ]
    );
    the_rest_is_inside(&repo, &programs);
}

fn the_rest_is_inside(repo: &Repo, programs: &str) {
    // The program runs, and knows no folder of the machine it was built on.
    let unpacked = repo.outside().join("unpacked");
    std::fs::create_dir(&unpacked).unwrap();
    let archive = artifact(repo, &format!("{programs}.tar.gz"));
    said(
        Command::new("tar")
            .arg("-xf")
            .arg(archive)
            .arg("-C")
            .arg(&unpacked),
    );
    let program = unpacked.join(programs).join("app");
    assert_eq!(said(&mut Command::new(&program)), "42\n");
    let bytes = std::fs::read(&program).unwrap();
    let folder = repo.outside().to_str().unwrap().to_owned().into_bytes();
    assert!(!bytes.windows(folder.len()).any(|window| window == folder));

    let api = listed(&artifact(repo, "api-1.0.0-mvp.tar.gz"));
    for page in [
        "core_part/index.html",
        "core_part/fn.twice.html",
        "tool/index.html",
        "LICENSE-MIT",
    ] {
        let line = format!("-rw-r--r-- api-1.0.0-mvp/{page}");
        assert!(api.contains(&line), "{line} is not in {api:#?}");
    }
    assert!(!api.iter().any(|line| line.ends_with(".lock")), "{api:#?}");
    let site = artifact(repo, "site-1.0.0-mvp.tar.gz");
    assert_eq!(
        inside(&site, "site-1.0.0-mvp/env"),
        format!("SOURCE_DATE_EPOCH={}\n", crate::run::NOW_S)
    );
    assert_eq!(inside(&site, "site-1.0.0-mvp/mask"), "0022\n");

    // Packed before anything is published: the one crate is found beside the other.
    let app = artifact(repo, "app-1.0.0-mvp.crate");
    let manifest = inside(&app, "app-1.0.0-mvp/Cargo.toml");
    assert!(manifest.contains("version = \"1.0.0-mvp\""), "{manifest}");
    let about = inside(&app, "app-1.0.0-mvp/.cargo_vcs_info.json");
    assert!(!about.contains("dirty"), "{about}");
}

/// The call by a user whose files nobody else may read.
fn masked(call: &Call) -> Run {
    let command = call.command();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "umask 077 && exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap())
        .env_clear();
    for (key, value) in command.get_envs() {
        shell.env(key, value.unwrap());
    }
    crate::run::finish(
        shell
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap(),
    )
}

#[test]
fn the_plan_names_every_asset_and_shows_the_commands() {
    let text = r#"
[[artifact]]
name = "app-{tag}-{os}-{arch}"
kind = "binaries"
targets = ["x86_64-pc-windows-msvc", "aarch64-apple-darwin"]
bins = ["app"]
features = ["a", "b/c"]

[[artifact]]
name = "made-{target}.tar.gz"
kind = "binaries"
targets = ["wasm32-wasip1"]
build = ["make", "TARGET={target}", "${x}"]
folder = "out/{target}"
files = ["**"]

[[artifact]]
kind = "package"
package = "app"

[[artifact]]
name = "book.zip"
kind = "docs"
tool = "mdbook"
folder = "book"
"#;
    let repo = ready(Repo::cargo_workspace(), &format!("{FAST}{text}"));
    let mut call = Call::new(&repo, &["plan", VERSION]);
    call = call.env("RUSTFLAGS", "-C target-feature=+crt-static");
    let run = call.run();
    run.exits(0);
    for name in [
        "app-v1.0.0-mvp-windows-x86_64.zip",
        "app-v1.0.0-mvp-macos-aarch64.tar.gz",
        "made-wasm32-wasip1.tar.gz",
        "app-1.0.0-mvp.crate",
        "book.zip",
        "--target x86_64-pc-windows-msvc --bin app --features a,b/c",
        "RUSTFLAGS='-C target-feature=+crt-static --remap-path-prefix=",
        "/tree=/source",
        "make TARGET=wasm32-wasip1 '${x}'",
        "cargo package --no-verify --locked --package app --package core-part --package tool",
        "mdbook build book --dest-dir",
    ] {
        run.says(name);
    }
    // The flags of a project are kept as well.
    repo.write(
        ".cargo/config.toml",
        "[build]\nrustflags = [\"--cfg\", \"ours\"]\n[target.aarch64-apple-darwin]\nrustflags = \"--cfg apple\"\n",
    );
    landfall(&repo, &["plan", VERSION])
        .exits(0)
        .says("RUSTFLAGS='--cfg ours --remap-path-prefix=")
        .says("RUSTFLAGS='--cfg apple --remap-path-prefix=");
}

#[test]
fn a_source_archive_is_the_same_in_a_clone_with_other_settings() {
    let text = "[[artifact]]\nname = \"s.tgz\"\nkind = \"source\"\n";
    let make = || {
        let repo = Repo::cargo_single();
        repo.write(
            ".gitattributes",
            "*.big filter=lfs\n*.id export-subst\n/private export-ignore\n",
        );
        repo.write("a.big", "version https://git-lfs.example/spec/v1\n");
        repo.write("a.id", "$Format:%H %h %aN$\n");
        repo.write("private/x", "x\n");
        ready(repo, &ungated(text))
    };
    let (one, two) = (make(), make());
    // A second clone with a program for the filter, many more objects, and a mailmap of its own.
    for (key, value) in [
        ("filter.lfs.smudge", "tr a-z A-Z"),
        ("core.abbrev", "30"),
        ("mailmap.file", "map"),
        ("core.autocrlf", "true"),
    ] {
        two.git(&["config", key, value]);
    }
    two.git(&["config", "--add", "filter.lfs.clean", "tr A-Z a-z"]);
    let run = landfall(&one, &["artifacts", "build", VERSION]);
    run.exits(0)
        .says("1 files are stored by Git LFS")
        .says("holds no LICENSE, COPYING or NOTICE");
    landfall(&two, &["artifacts", "build", VERSION]).exits(0);
    let archives = [&one, &two].map(|repo| artifact(repo, "s.tgz"));
    assert_eq!(
        std::fs::read(&archives[0]).unwrap(),
        std::fs::read(&archives[1]).unwrap()
    );
    let commit = one.git(&["rev-parse", "refs/landfall/v1.0.0-mvp^{commit}"]);
    assert_eq!(
        inside(&archives[0], "s/a.id"),
        format!("{commit} {} Fixture\n", &commit[..12])
    );
    let names = listed(&archives[0]);
    assert!(
        !names.iter().any(|line| line.contains("private")),
        "{names:#?}"
    );
    // What stands in one clone alone is nobody else's.
    let local = two.root().join(".git/info/attributes");
    std::fs::write(&local, "# mine\n*.rs diff=rust\n*.toml -text\n").unwrap();
    landfall(&two, &["abort", VERSION]).exits(0);
    landfall(&two, &["artifacts", "build", VERSION])
        .exits(1)
        .says("info/attributes:3: `-text` changes what git archives");
}

#[test]
fn every_example_of_the_page_is_a_configuration() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/artifacts.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    let mut kinds = std::collections::BTreeSet::new();
    for block in &blocks {
        let config = config::parse(block).unwrap_or_else(|error| panic!("{error}\n{block}"));
        kinds.extend(config.artifacts.iter().map(|artifact| artifact.kind.name()));
    }
    let all = [
        "binaries",
        "docs",
        "file",
        "files",
        "package",
        "source",
        "terraform",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all);
}
