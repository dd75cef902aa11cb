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

#[test]
fn names_that_windows_loses_are_refused() {
    for name in [
        "CON",
        "con",
        "aux.txt",
        "Nul.tar.gz",
        "a/prn/b",
        "COM1",
        "lpt9.log",
        "com\u{b9}",
        "CONIN$",
        "aux .txt",
    ] {
        let message = refused(vec![file(name, false, b"")]);
        assert!(message.contains("a device on Windows"), "{name}: {message}");
        assert!(message.contains(name), "{message}");
    }
    for name in ["a.", "a ", "a./b", "...", "docs /x"] {
        let message = refused(vec![file(name, false, b"")]);
        assert!(message.contains("dot or a space"), "{name}: {message}");
    }
    for name in ["ab:c", "a?", "*", "a|b", "<a>", "say \"a\""] {
        let message = refused(vec![file(name, false, b"")]);
        assert!(message.contains("not every system"), "{name}: {message}");
    }
    for name in [
        "CONSOLE",
        "com",
        "COM0",
        "COM10",
        "auxiliary.rs",
        ".con",
        "a.aux",
        " a",
        "nul_",
    ] {
        written(vec![file(name, false, b"")]);
    }
    let asset = crate::check_asset_name("aux.tar.gz").unwrap_err();
    assert!(asset.to_string().contains("device"), "{asset}");
}

#[test]
fn names_that_are_one_where_case_is_folded_are_refused() {
    let pairs = [
        ("\u{c4}rger", "\u{e4}rger"),
        ("stra\u{df}e", "STRASSE"),
        ("stra\u{1e9e}e", "stra\u{df}e"),
        ("\u{212a}", "k"),
        ("\u{3a3}\u{391}\u{3a3}", "\u{3c3}\u{3b1}\u{3c2}"),
        ("\u{17f}", "S"),
    ];
    for (a, b) in pairs {
        let message = refused(vec![file(a, false, b""), file(b, false, b"")]);
        assert!(message.contains("case only"), "{a} {b}: {message}");
        let message = refused(vec![
            file(a, false, b""),
            file(&format!("{b}/x"), false, b""),
        ]);
        assert!(message.contains("needs a folder"), "{a} {b}: {message}");
    }
}

#[test]
fn names_that_are_one_where_letters_are_composed_are_refused() {
    let pairs = [
        ("caf\u{e9}", "cafe\u{301}"),
        ("d\u{e9}j\u{e0}/x", "de\u{301}ja\u{300}/x"),
        ("\u{1ed1}", "o\u{302}\u{301}"),
        ("\u{304c}", "\u{304b}\u{3099}"),
        ("\u{ac01}", "\u{1100}\u{1161}\u{11a8}"),
        ("\u{c9}", "e\u{301}"),
    ];
    for (composed, apart) in pairs {
        for (a, b) in [(composed, apart), (apart, composed)] {
            let message = refused(vec![file(a, false, b""), file(b, false, b"")]);
            assert!(message.contains("one name on macOS"), "{a} {b}: {message}");
        }
    }
    // One spelling alone is a name as any other; so are two that are composed.
    written(vec![
        file("cafe\u{301}", false, b""),
        file("cafe", false, b""),
    ]);
    written(vec![file("\u{e9}", false, b""), file("\u{e0}", false, b"")]);
}

#[test]
fn nothing_is_reached_through_another_link() {
    for (entries, want) in [
        (
            vec![link("a", "b/.."), link("b", "c")],
            "at the beginning only",
        ),
        (
            vec![link("a", "."), file("a/x", false, b"")],
            "needs a folder",
        ),
        (vec![link("A", "."), link("a/x", "../..")], "needs a folder"),
        (
            vec![link("d/a", ".."), link("d/b", "a/../..")],
            "at the beginning only",
        ),
        (
            vec![link("d/a", "../.."), file("x", false, b"")],
            "out of the archive",
        ),
    ] {
        let message = refused(entries);
        assert!(message.contains(want), "{message}");
    }
}
