//! What holds for every format and every text: the version read is the version set, an edit is undone by its places,
//! nothing else moves, and garbage is an error and not a panic.

use std::collections::BTreeSet;

use landfall_manifest::{Change, Edited, FORMATS, Format, Version, cargo_toml, pattern, pyproject};
use proptest::prelude::*;

use crate::generate::{self, Dice};
use crate::generate_names;
use crate::semantics;

type Generate = fn(&mut Dice, &Version) -> String;

/// The generator of a format. A format without one fails the laws, as one without a corpus does (`corpus.rs`).
fn generator(name: &str) -> Generate {
    match name {
        "cargo_lock" => generate::cargo_lock,
        "cargo_toml" => generate::cargo_toml,
        "helm_chart" => generate_names::helm_chart,
        "package_json" => generate::package_json,
        "package_lock" => generate::package_lock,
        "pnpm_lock" => generate_names::pnpm_lock,
        "pyproject" => generate::pyproject,
        "uv_lock" => generate::uv_lock,
        "version_file" => generate::version_file,
        _ => panic!("no generator for {name}"),
    }
}

/// Puts the old values back, by line and column alone.
fn restored(edited: &Edited) -> String {
    let mut text = edited.text.clone();
    for place in &edited.places {
        let line_at: usize = text
            .split_inclusive('\n')
            .take(place.line - 1)
            .map(str::len)
            .sum();
        let mark = if line_at == 0 && text.starts_with('\u{feff}') {
            3
        } else {
            0
        };
        let column: usize = text[line_at + mark..]
            .chars()
            .take(place.column - 1)
            .map(char::len_utf8)
            .sum();
        let at = line_at + mark + column;
        assert!(
            text[at..].starts_with(&place.new),
            "{place:?} is not where it says in {text:?}"
        );
        text.replace_range(at..at + place.new.len(), &place.old);
    }
    text
}

/// The laws that hold for whatever text an edit accepts.
pub(crate) fn check_edit(text: &str, edited: &Edited, again: &Edited) {
    assert_eq!(restored(edited), text, "the places undo the edit");
    assert_eq!(
        edited.places.is_empty(),
        edited.text == text,
        "no places = no change"
    );
    assert!(
        edited.places.iter().all(|place| place.old != place.new),
        "{:?}",
        edited.places
    );
    assert!(
        again.places.is_empty(),
        "set twice is set once: {:?} in {:?}",
        again.places,
        edited.text
    );
    assert_eq!(again.text, edited.text);
    let touched: BTreeSet<usize> = edited
        .places
        .iter()
        .flat_map(|place| place.line..=place.line + place.old.matches('\n').count())
        .collect();
    if text.lines().count() == edited.text.lines().count() {
        for (index, (before, after)) in text.split('\n').zip(edited.text.split('\n')).enumerate() {
            assert!(
                before == after || touched.contains(&(index + 1)),
                "line {} is touched and not named",
                index + 1
            );
        }
    }
}

/// Whether a version that was read is one that the change is about. Python compares names in normal form.
fn carries(format: &Format, what: &str, packages: &BTreeSet<String>) -> bool {
    let normal = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
    match what
        .strip_prefix("package.")
        .and_then(|rest| rest.strip_suffix(".version"))
    {
        Some(name) if format.name == "uv_lock" => {
            packages.iter().any(|package| normal(package) == name)
        }
        Some(name) => packages.contains(name),
        None => true,
    }
}

/// Whether a format has a spelling for a version; another judge than the format itself.
fn has_spelling(format: &Format, version: &Version) -> bool {
    match format.name {
        "pyproject" | "uv_lock" => semantics::is_python(version),
        _ => true,
    }
}

/// Sets the version in a text that the format can read, and holds the result to every law. `None`: the format has no
/// spelling for the version, and said so at its place, with what to do.
pub(crate) fn check_format(
    format: &Format,
    text: &str,
    version: &Version,
    packages: &BTreeSet<String>,
) -> Option<Edited> {
    let change = Change { version, packages };
    let before = (format.read)(text).unwrap();
    let edited = match (format.set)(text, &change) {
        Err(error) if !has_spelling(format, version) => {
            assert!(error.line.is_some() && error.help.is_some(), "{error}");
            return None;
        }
        edited => edited.unwrap_or_else(|error| panic!("{}: {error}\n{text}", format.name)),
    };
    check_edit(text, &edited, &(format.set)(&edited.text, &change).unwrap());
    let after = (format.read)(&edited.text).unwrap();
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        let expected = if carries(format, &after.what, packages) {
            version.to_string()
        } else {
            before.version.clone()
        };
        assert_eq!(
            (&after.what, &after.version),
            (&before.what, &expected),
            "{}",
            edited.text
        );
        assert_eq!(after.line, before.line);
    }
    Some(edited)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_set_is_read_and_nothing_else_moves(bytes in generate::dice(), old in generate::version(), new in generate::version()) {
        for format in FORMATS {
            let text = generator(format.name)(&mut Dice::new(bytes.clone()), &old);
            let Some(edited) = check_format(format, &text, &new, &generate::packages()) else {
                continue;
            };
            match format.name {
                "cargo_toml" | "cargo_lock" => semantics::toml(format.name, &text, &edited.text, &new),
                "package_json" | "package_lock" => semantics::json(format.name, &text, &edited.text, &new),
                "pnpm_lock" => semantics::pnpm_lock(&text, &edited.text, &new),
                "pyproject" | "uv_lock" => semantics::python(&text, &edited.text, &new),
                _ => {}
            }
        }
    }

    #[test]
    fn setting_what_is_there_changes_nothing(bytes in generate::dice(), version in generate::version()) {
        let packages = generate::packages();
        for format in FORMATS {
            let text = generator(format.name)(&mut Dice::new(bytes.clone()), &version);
            let none = BTreeSet::new();
            let edited = (format.set)(&text, &Change { version: &version, packages: &none }).unwrap();
            prop_assert_eq!((&edited.text, edited.places.len()), (&text, 0), "no requirement follows");
            if !has_spelling(format, &version) {
                continue;
            }
            // A stale requirement follows at the first time; from then on the text is at rest.
            let settled = (format.set)(&text, &Change { version: &version, packages: &packages }).unwrap().text;
            let read = (format.read)(&settled).unwrap();
            let own = read.iter().find(|found| carries(format, &found.what, &packages)).map_or(version.clone(), |found| Version::parse(&found.version).unwrap());
            prop_assert_eq!(&own, &version);
            let edited = (format.set)(&settled, &Change { version: &own, packages: &packages }).unwrap();
            prop_assert_eq!((edited.text, edited.places.len()), (settled, 0));
        }
    }

    #[test]
    fn a_manifest_that_is_set_can_be_inspected(bytes in generate::dice(), old in generate::version(), new in generate::version()) {
        let packages = generate::packages();
        let text = generate::cargo_toml(&mut Dice::new(bytes), &old);
        let edited = cargo_toml::set(&text, &Change { version: &new, packages: &packages }).unwrap();
        let (before, after) = (cargo_toml::inspect(&text).unwrap(), cargo_toml::inspect(&edited.text).unwrap());
        prop_assert_eq!(before.dependencies.len(), after.dependencies.len());
        prop_assert_eq!(after.workspace_version.is_some(), before.workspace_version.is_some());
        prop_assert!(after.workspace_version.is_none_or(|version| version == new));
        for (before, after) in before.dependencies.iter().zip(&after.dependencies) {
            prop_assert_eq!((&before.table, &before.key, &before.package, before.line), (&after.table, &after.key, &after.package, after.line));
            let follows = before.path.is_some() && packages.contains(&before.package);
            prop_assert!(follows || before.requirement == after.requirement);
        }
    }

    #[test]
    fn a_mutated_text_never_panics_and_keeps_the_laws(
        bytes in generate::dice(), cuts in proptest::collection::vec((any::<u16>(), 0..12_usize, 0..PIECES.len()), 1..6),
        old in generate::version(), new in generate::version()
    ) {
        for format in FORMATS {
            let mut text = generator(format.name)(&mut Dice::new(bytes.clone()), &old);
            for &(at, length, piece) in &cuts {
                let boundary = |mut at: usize| { while !text.is_char_boundary(at) { at -= 1 } at };
                let start = boundary(usize::from(at) % (text.len() + 1));
                let end = boundary((start + length).min(text.len()));
                text.replace_range(start..end.max(start), PIECES[piece]);
            }
            try_all(&text, &new);
        }
    }

    #[test]
    fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in "\\PC{0,40}", new in generate::version()) {
        try_all(&String::from_utf8_lossy(&bytes), &new);
        try_all(&text, &new);
    }

    #[test]
    fn a_pattern_sets_what_it_finds(before in "[ -~]{0,12}", after in "[ -~\n]{0,12}", crlf in any::<bool>(), old in generate::version(), new in generate::version()) {
        let text = format!("# {before}\nschemaVersion: 3\n**Version**: `{old}`\n{after}\n");
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let pattern = pattern::Pattern::new(pattern::VERSION_LINE);
        let edited = pattern::set(&text, &pattern, &new).unwrap();
        check_edit(&text, &edited, &pattern::set(&edited.text, &pattern, &new).unwrap());
        let found = pattern::find(&edited.text, &pattern).unwrap();
        prop_assert_eq!((&found[0].version, found[0].line, found[0].column), (&new.to_string(), 3, 15));
    }
}

const PIECES: [&str; 26] = [
    "",
    "\"",
    "'",
    "\"\"\"",
    "\n",
    "\r",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "=",
    ".",
    "\\",
    "\u{feff}",
    "ü",
    "\0",
    "version",
    "#",
    "version = \"1.0.0\"\n",
    "\"version\": \"1.0.0\",",
    "[[package]]\n",
    "[dependencies]\nalpha = { path = \"x\", version = \"1\" }\n",
    "[dependency-groups]\nx = ['alpha[a] (~= 0.1 ; ']\n",
    "rc1.*,<2||",
];

/// Every function of every format on a text that may be anything.
fn try_all(text: &str, version: &Version) {
    let packages = generate::packages();
    let change = Change {
        version,
        packages: &packages,
    };
    for format in FORMATS {
        if let Err(error) = (format.read)(text) {
            assert!(
                !error.message.contains('\n'),
                "a message is one line: {error}"
            );
        }
        if let Ok(edited) = (format.set)(text, &change) {
            check_edit(text, &edited, &(format.set)(&edited.text, &change).unwrap());
        }
    }
    for readable in [
        cargo_toml::inspect(text).is_err() || cargo_toml::read(text).is_ok(),
        pyproject::inspect(text).is_err() || pyproject::read(text).is_ok(),
    ] {
        assert!(readable, "what can be inspected can be read: {text}");
    }
    let pattern = pattern::Pattern {
        min: 0,
        ..pattern::Pattern::new(pattern::VERSION_LINE)
    };
    if let Ok(edited) = pattern::set(text, &pattern, version) {
        check_edit(
            text,
            &edited,
            &pattern::set(&edited.text, &pattern, version).unwrap(),
        );
    }
}
