//! What is not archived, and that the message names it.

use std::io;

use super::fixtures::{MTIME, TOP, file, link, written};
use crate::{Entry, Format, How, Kind, write};

/// An error with its causes.
fn refused(entries: Vec<Entry<'_>>) -> String {
    let mut bytes = Vec::new();
    let error = write(
        Format::TarGz,
        &mut bytes,
        TOP,
        MTIME,
        entries,
        &How::default(),
    )
    .unwrap_err();
    format!("{error:#}")
}

#[test]
fn bad_paths_are_refused_by_name() {
    let table = [
        ("", "empty path"),
        ("/etc/passwd", "`/etc/passwd` is absolute"),
        ("C:/x", "`C:/x` is absolute"),
        ("../x", "`../x` holds `..`"),
        ("a/../../x", "`a/../../x` holds `..`"),
        ("./x", "`./x` holds `.`"),
        ("a//b", "`a//b` has an empty component"),
        ("a/", "`a/` has an empty component"),
        ("a\\b", "holds `\\\\`"),
        ("a\nb", "`a\\nb` holds `\\n`"),
        ("a\0b", "holds `\\0`"),
    ];
    for (path, want) in table {
        let message = refused(vec![file("ok", false, b""), file(path, false, b"")]);
        assert!(message.contains(want), "{path:?}: {message}");
    }
    let long = refused(vec![file(&"x".repeat(256), false, b"")]);
    assert!(long.contains("256 bytes"), "{long}");
}

#[test]
fn colliding_paths_are_refused() {
    let table = [
        (["a", "a"], "`a` is given twice"),
        (
            ["README", "readme"],
            "`README` and `readme` differ in case only",
        ),
        (["\u{c4}", "\u{e4}"], "differ in case only"),
        (
            ["a", "a/b"],
            "`a` is a file or link, and `a/b` needs a folder",
        ),
        (
            ["A", "a/b/c"],
            "`A` is a file or link, and `a/b/c` needs a folder",
        ),
    ];
    for (paths, want) in table {
        let message = refused(paths.map(|path| file(path, false, b"")).into());
        assert!(message.contains(want), "{paths:?}: {message}");
    }
    let through = refused(vec![link("out", "docs"), file("out/x", false, b"")]);
    assert!(through.contains("`out` is a file or link"), "{through}");
    written(vec![file("Docs/a", false, b""), file("docs/b", false, b"")]);
}

#[test]
fn links_out_of_the_tree_are_refused() {
    let table = [
        ("l", "..", "out of the archive"),
        ("a/l", "../../x", "out of the archive"),
        ("a/l", "./.././../x", "out of the archive"),
        ("l", "/etc", "absolute"),
        ("l", "D:x", "absolute"),
        ("l", "a/../b", "at the beginning only"),
        ("l", "", "not every system"),
        ("l", "..\\x", "not every system"),
    ];
    for (path, target, want) in table {
        let message = refused(vec![link(path, target)]);
        assert!(
            message.contains(want) && message.contains(&format!("`{path}`")),
            "{target:?}: {message}"
        );
    }
    for (path, target) in [
        ("a/l", ".."),
        ("a/b/l", "../../x"),
        ("l", "missing"),
        ("l", "./a/b"),
        ("l", "."),
    ] {
        written(vec![link(path, target)]);
    }
}

#[test]
fn other_arguments_are_checked() {
    assert!(refused(vec![]).contains("nothing to archive"));
    for (top, mtime, want) in [
        ("a/b", 0, "single name"),
        ("..", 0, "holds `..`"),
        ("", 0, "empty"),
        ("t", 1 << 33, "8589934591"),
    ] {
        let error = write(
            Format::TarGz,
            io::sink(),
            top,
            mtime,
            vec![file("x", false, b"")],
            &How::default(),
        )
        .unwrap_err();
        assert!(format!("{error:#}").contains(want), "{error:#}");
    }
}

#[test]
fn data_of_another_length_is_refused() {
    for (len, want) in [
        (4, "4 bytes were announced and 3 came"),
        (2, "2 bytes were announced and more came"),
    ] {
        let kind = Kind::File {
            executable: false,
            len,
            data: Box::new(&b"abc"[..]),
        };
        let message = refused(vec![Entry {
            path: "f".to_owned(),
            kind,
        }]);
        assert!(
            message.contains(want) && message.contains("could not store `f`"),
            "{message}"
        );
    }
}
