//! Makes a Cargo workspace as large as is asked for, for benchmarks: a committed git repository of crates that need each
//! other by path and version, with its Cargo.lock.
//!
//! `cargo run -p landfall-testkit --example workspace -- DIR --crates 1000 --deps 5`. The same numbers give the same bytes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "usage: workspace DIR [--crates N] [--deps N] [--independent]";

struct Asked {
    folder: PathBuf,
    crates: usize,
    deps: usize,
    /// Each crate has a version of its own, instead of one for all.
    independent: bool,
}

fn main() -> ExitCode {
    match asked().and_then(|asked| make(&asked)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "this is a program")]
            {
                eprintln!("{error}");
            }
            ExitCode::FAILURE
        }
    }
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked {
        folder: PathBuf::new(),
        crates: 1000,
        deps: 5,
        independent: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || {
            let text = words.next().ok_or(USAGE)?;
            text.parse()
                .map_err(|_| format!("`{text}` is no number; {USAGE}"))
        };
        match word.as_str() {
            "--crates" => asked.crates = number()?,
            "--deps" => asked.deps = number()?,
            "--independent" => asked.independent = true,
            _ if asked.folder.as_os_str().is_empty() && !word.starts_with('-') => {
                asked.folder = PathBuf::from(word);
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    if asked.folder.as_os_str().is_empty() {
        return Err(USAGE.to_owned());
    }
    if asked.folder.exists() {
        return Err(format!("{} is there already", asked.folder.display()));
    }
    Ok(asked)
}

fn make(asked: &Asked) -> Result<(), String> {
    let root = &asked.folder;
    let mut members = String::from("[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n");
    if !asked.independent {
        members.push_str("\n[workspace.package]\nversion = \"1.0.0\"\n");
    }
    write(root, "Cargo.toml", &members)?;
    write(root, ".gitignore", "/target\n")?;
    for index in 0..asked.crates {
        let name = format!("crate-{index:04}");
        let mut manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\nlicense = \"MIT\"\ndescription = \"crate {index} of a benchmark\"\n\n[dependencies]\n"
        );
        for other in needed(index, asked.deps) {
            let other = format!("crate-{other:04}");
            writeln!(
                manifest,
                "{other} = {{ path = \"../{other}\", version = \"1.0.0\" }}"
            )
            .map_err(|error| error.to_string())?;
        }
        write(root, &format!("crates/{name}/Cargo.toml"), &manifest)?;
        write(root, &format!("crates/{name}/src/lib.rs"), "")?;
    }
    run(root, &["git", "init", "--quiet", "--initial-branch=main"])?;
    run(
        root,
        &["cargo", "generate-lockfile", "--offline", "--quiet"],
    )?;
    run(root, &["git", "add", "--all"])?;
    let identity = ["-c", "user.name=dev", "-c", "user.email=dev@example.com"];
    let commit = ["commit", "--quiet", "--message=chore: a workspace"];
    run(root, &[&["git"], &identity[..], &commit[..]].concat())
}

/// The crates that a crate needs: earlier ones, so that there is no circle; near ones and far ones.
fn needed(index: usize, count: usize) -> Vec<usize> {
    let mut needed = Vec::new();
    for step in 0..index {
        if needed.len() == count {
            break;
        }
        let other = index - 1 - (step * step * 7 + step) % index;
        if !needed.contains(&other) {
            needed.push(other);
        }
    }
    needed.sort_unstable();
    needed
}

#[expect(clippy::disallowed_methods, reason = "this is a program of its own")]
fn write(root: &Path, path: &str, text: &str) -> Result<(), String> {
    let path = root.join(path);
    let folder = path.parent().unwrap_or(root);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|error| format!("write {}: {error}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "this is a program of its own")]
fn run(root: &Path, words: &[&str]) -> Result<(), String> {
    let shown = words.join(" ");
    let (program, arguments) = words.split_first().ok_or("no command")?;
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .status()
        .map_err(|error| format!("run `{shown}`: {error}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("`{shown}` failed")),
    }
}
