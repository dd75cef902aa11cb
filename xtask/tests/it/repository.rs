//! What the rules are asked of: the files of this repository, and what cargo says about it.

use std::path::PathBuf;
use std::process::{Command, Output};

/// The root of the workspace. Cargo starts a test in the folder of its package.
pub(crate) fn root() -> PathBuf {
    PathBuf::from("..").canonicalize().unwrap()
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file that is tracked or would be by `git add --all`, relative to the root; links are left out.
pub(crate) fn files() -> Vec<String> {
    let args = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let listed = text(&run("git", &args));
    let mut files: Vec<String> = listed
        .split_terminator('\0')
        .filter(|path| {
            let full = root().join(path);
            full.is_file() && !full.is_symlink()
        })
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    assert!(!files.is_empty(), "git lists no file: is this a checkout?");
    files
}

/// What a cargo command prints; nothing is fetched.
pub(crate) fn cargo(args: &[&str]) -> Result<String, String> {
    let output = run("cargo", &[args, &["--locked", "--offline"]].concat());
    if output.status.success() {
        Ok(text(&output))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn text(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a rule looks at the repository beside the door, so that it does not depend on what it judges"
)]
fn run(program: &str, args: &[&str]) -> Output {
    Command::new(program)
        .args(args)
        .current_dir(root())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"))
}
