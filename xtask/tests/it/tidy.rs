//! Rules over the text of every file. All violations are told at once, as `path:line: message`.
//!
//! What the compiler, clippy or rustfmt can hold is held there (see the lint table in the root Cargo.toml).

use crate::repository::{files, read};

/// Lines. A longer file explains itself to nobody.
const LONGEST: usize = 500;

/// Made by a program, or a text that is not ours to change.
const NOT_OURS: &[&str] = &[
    "Cargo.lock",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "docs/release.schema.json",
];

/// Manifests in every dress, whose white space is what they show.
const WHITE_SPACE_IS_DATA: &str = "crates/manifest/tests/corpus/";

/// Who may spawn, write, or look at the surroundings: the door, what reads the surroundings, and fixtures.
/// Besides these only test code, see [`is_test_code`].
const BESIDE_THE_DOOR: &[&str] = &[
    "crates/archive/examples/",
    "crates/landfall/src/surroundings.rs",
    "crates/testkit/examples/",
    "crates/testkit/src/",
    "crates/world/src/",
];

/// The needles are put together here, so that this file does not hold them.
struct Needles {
    /// Later work, and lints that are silenced without a reason.
    unfinished: Vec<String>,
    /// Folders of one machine.
    machine: Vec<String>,
    /// Packages come through the clients of the registries, whose hosts are nobody's business here.
    registries: Vec<String>,
    door: String,
}

impl Needles {
    fn new() -> Needles {
        let join = |parts: &[(&str, &str)]| parts.iter().map(|(a, b)| format!("{a}{b}")).collect();
        Needles {
            unfinished: join(&[
                ("todo", "!("),
                ("unimplemented", "!("),
                ("dbg", "!("),
                ("#[ig", "nore"),
                ("#[al", "low("),
                ("#![al", "low("),
            ]),
            machine: join(&[
                ("/wo", "rk/"),
                ("/ro", "ot/"),
                ("/fa", "rm/"),
                ("/ho", "me/"),
                ("/Us", "ers/"),
            ]),
            registries: join(&[
                ("crates", ".io"),
                ("npmjs", ".org"),
                ("registry", ".npmjs"),
                ("pypi", ".org"),
                ("python", "hosted.org"),
                ("debian", ".org"),
                ("npm", "mirror"),
            ]),
            door: format!("clippy::{}", "disallowed_methods"),
        }
    }
}

/// Code that is compiled for tests only, told by its place.
fn is_test_code(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

fn check(path: &str, text: &str, needles: &Needles) -> Vec<String> {
    if NOT_OURS.contains(&path) {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let mut found =
        |line: usize, message: String| problems.push(format!("{path}:{line}: {message}"));
    let count = text.lines().count();
    if count > LONGEST {
        found(count, format!("{count} lines, at most {LONGEST}"));
    }
    let plain = !path.starts_with(WHITE_SPACE_IS_DATA);
    if plain && !text.is_empty() && !text.ends_with('\n') {
        found(count, "no line end at the end of the file".to_owned());
    }
    let rust = path.ends_with(".rs");
    if rust && !text.starts_with("//!") {
        found(1, "does not open with `//!`: what it is and why".to_owned());
    }
    for (line, n) in text.split('\n').zip(1..) {
        if plain && line.ends_with([' ', '\t', '\r']) {
            found(n, "white space at the end of the line".to_owned());
        }
        if rust && line.starts_with('\t') {
            found(n, "indented with a tab".to_owned());
        }
        if rust && let Some(needle) = contained(line, &needles.unfinished) {
            found(
                n,
                format!("`{needle}` promises later work or silences a lint"),
            );
        }
        if let Some(needle) = contained(line, &needles.machine)
            && names_a_folder(line, needle)
        {
            found(n, format!("`{needle}…` is a path of one machine"));
        }
        if let Some(needle) = contained(line, &needles.registries) {
            found(n, format!("`{needle}` is the host of a package registry"));
        }
        let allowed =
            is_test_code(path) || BESIDE_THE_DOOR.iter().any(|door| path.starts_with(door));
        if rust && !allowed && line.contains(&needles.door) {
            found(n, "spawns or writes beside crates/world".to_owned());
        }
    }
    problems
}

fn contained<'a>(line: &str, needles: &'a [String]) -> Option<&'a str> {
    needles
        .iter()
        .map(String::as_str)
        .find(|needle| line.contains(needle))
}

/// The needle at the start of a path is one; in `https://example.com` or behind another folder it is not.
fn names_a_folder(line: &str, needle: &str) -> bool {
    line.match_indices(needle).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + needle.len()..].chars().next();
        !before.is_some_and(|char| char.is_alphanumeric() || "._-~/*}".contains(char))
            && after.is_some_and(|char| char.is_ascii_alphanumeric() || char == '.')
    })
}

#[test]
fn every_file_is_tidy() {
    let needles = Needles::new();
    let mut problems = Vec::new();
    for path in files() {
        problems.extend(check(&path, &read(&path), &needles));
    }
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

/// Each exception is still needed.
#[test]
fn no_exception_is_left_over() {
    let files = files();
    let door = Needles::new().door;
    for exception in BESIDE_THE_DOOR {
        let used = files
            .iter()
            .filter(|path| path.starts_with(exception) && path.ends_with(".rs"))
            .any(|path| read(path).contains(&door));
        assert!(used, "{exception} needs no exception any more");
    }
    for exception in NOT_OURS {
        assert!(
            files.iter().any(|path| path == exception),
            "{exception} is not there"
        );
    }
}

const HEAD: &str = "//! What it is.\n";

fn told(path: &str, text: &str) -> Vec<String> {
    check(path, text, &Needles::new())
}

#[test]
fn rules_about_the_shape_of_a_file_can_fail() {
    let long = format!("{HEAD}{}", "\n".repeat(LONGEST));
    for (path, text, message) in [
        (
            "a.rs",
            "fn main() {}\n",
            "1: does not open with `//!`: what it is and why",
        ),
        ("a.rs", &long, "501: 501 lines, at most 500"),
        (
            "a.rs",
            &format!("{HEAD}a \n"),
            "2: white space at the end of the line",
        ),
        ("a.md", "a\r\n", "1: white space at the end of the line"),
        ("a.md", "a", "1: no line end at the end of the file"),
        ("a.rs", &format!("{HEAD}\ta\n"), "2: indented with a tab"),
    ] {
        assert_eq!(told(path, text), [format!("{path}:{message}")], "{text}");
    }
    assert_eq!(told("a.rs", HEAD), [""; 0]);
    assert_eq!(told("Cargo.lock", "a "), [""; 0]);
    let data = format!("{WHITE_SPACE_IS_DATA}a.toml");
    assert_eq!(told(&data, "a \r\nb"), [""; 0]);
}

#[test]
fn rules_about_words_can_fail() {
    let needles = Needles::new();
    for needle in &needles.unfinished {
        let text = format!("{HEAD}{needle}x)]\n");
        assert_eq!(told("a.rs", &text).len(), 1, "{needle}");
    }
    for needle in &needles.machine {
        assert_eq!(
            told("a.md", &format!("see `{needle}x`\n")).len(),
            1,
            "{needle}"
        );
        assert_eq!(told("a.md", &format!("see net{needle}x\n")), [""; 0]);
    }
    for needle in &needles.registries {
        assert_eq!(
            told("a.toml", &format!("# {needle}\n")).len(),
            1,
            "{needle}"
        );
    }
}

#[test]
fn only_the_door_and_tests_may_spawn() {
    let spawn = format!("{HEAD}#[expect({})]\n", Needles::new().door);
    for path in [
        "crates/gates/src/a.rs",
        "crates/landfall/src/a.rs",
        "xtask/src/main.rs",
    ] {
        let message = format!("{path}:2: spawns or writes beside crates/world");
        assert_eq!(told(path, &spawn), [message]);
    }
    for path in [
        "crates/world/src/a.rs",
        "crates/landfall/src/surroundings.rs",
        "crates/a/src/tests.rs",
        "crates/a/tests/it/a.rs",
    ] {
        assert_eq!(told(path, &spawn), [""; 0], "{path}");
    }
}
