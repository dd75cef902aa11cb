//! Archives as tools write them are read whole; each way to be harmful or broken is told.

use std::io::{Cursor, Write as _};

use super::{Format, Listing, Member, Stored, What, list};
use crate::tests::fixtures::tool;
use crate::{Entry, How, Kind, sha256_hex};

const TOP: &str = "app-1.0.0";

fn file(path: &str, data: &[u8], executable: bool) -> Member {
    Member {
        path: path.to_owned(),
        stored: Stored::File {
            len: data.len() as u64,
            sha256: sha256_hex(data),
            executable,
        },
    }
}

fn ours() -> Vec<u8> {
    let entry = |path: &str, executable, data: &'static [u8]| Entry {
        path: path.to_owned(),
        kind: Kind::File {
            executable,
            len: data.len() as u64,
            data: Box::new(data),
        },
    };
    let mut bytes = Vec::new();
    let link = Entry {
        path: "bin/link".to_owned(),
        kind: Kind::Symlink {
            target: "../run.sh".to_owned(),
        },
    };
    let long = format!("{}/x", "d".repeat(200));
    let entries = vec![
        entry("run.sh", true, b"#!/bin/sh\n"),
        entry("LICENSE-MIT", false, b"as is\n"),
        entry(&long, false, b""),
        link,
    ];
    crate::write(
        crate::Format::TarGz,
        &mut bytes,
        TOP,
        1_795_305_600,
        entries,
        &How::default(),
    )
    .unwrap();
    bytes
}

fn read(format: Format, bytes: &[u8]) -> anyhow::Result<Listing> {
    list(format, Cursor::new(bytes))
}

fn refused(format: Format, bytes: &[u8]) -> String {
    format!("{:#}", read(format, bytes).unwrap_err())
}

/// Path, kind, target or content.
type Raw<'a> = (&'a str, tar::EntryType, &'a str);

fn tar_of(entries: &[Raw<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, kind, text) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        let links = matches!(kind, tar::EntryType::Symlink | tar::EntryType::Link);
        let data = if links { "" } else { text };
        header.set_size(data.len() as u64);
        // By hand: the writer refuses what is tried here.
        let fields = header.as_old_mut();
        fields.name[..path.len()].copy_from_slice(path.as_bytes());
        if links {
            fields.linkname[..text.len()].copy_from_slice(text.as_bytes());
        }
        header.set_cksum();
        builder.append(&header, data.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn our_own_archive_is_read_to_its_end() {
    let bytes = ours();
    let listing = read(Format::TarGz, &bytes).unwrap();
    let at = |path: &str| format!("{TOP}/{path}");
    let mut members = listing.members.clone();
    members.sort_by(|a, b| a.path.cmp(&b.path));
    let link = Member {
        path: at("bin/link"),
        stored: Stored::Symlink("../run.sh".to_owned()),
    };
    let want = [
        file(&at("LICENSE-MIT"), b"as is\n", false),
        link,
        file(&at(&format!("{}/x", "d".repeat(200))), b"", false),
        file(&at("run.sh"), b"#!/bin/sh\n", true),
    ];
    assert_eq!(members, want);
    assert_eq!(listing.problems(), []);
    assert_eq!(listing.top(), Some(TOP));
    assert_eq!(listing.licences().collect::<Vec<_>>(), ["LICENSE-MIT"]);
    let mut tar = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*bytes), &mut tar).unwrap();
    assert_eq!(listing.tar_sha256, Some(sha256_hex(&tar)));
    assert_eq!(read(Format::Tar, &tar).unwrap().members, listing.members);
}

#[test]
fn every_cut_and_every_addition_is_told() {
    let bytes = ours();
    for len in 0..bytes.len() {
        assert!(read(Format::TarGz, &bytes[..len]).is_err(), "cut to {len}");
    }
    for more in [&b"x"[..], b"\x1f\x8b", &bytes] {
        let longer = [&bytes, more].concat();
        assert!(read(Format::TarGz, &longer).is_err(), "{more:?}");
    }
    let tar = tar_of(&[("a/b", tar::EntryType::Regular, "text")]);
    assert!(refused(Format::Tar, &tar[..1024]).contains("two blocks of zeros"));
    assert!(refused(Format::Tar, &tar[..514]).contains("is cut"));
    let behind = [&tar[..], &[b'x'; 512]].concat();
    assert!(refused(Format::Tar, &behind).contains("something stands behind the end"));
    assert!(refused(Format::Tar, b"").contains("two blocks"));
}

#[test]
fn what_harms_is_named() {
    use tar::EntryType as T;
    let table: &[(&[Raw<'_>], What, &str)] = &[
        (
            &[("a/x", T::Regular, ""), ("b", T::Regular, "")],
            What::Top,
            "2 entries at the top: `a`, `b`",
        ),
        (
            &[("a", T::Regular, "")],
            What::Top,
            "a file at the top: `a`",
        ),
        (
            &[("a/../../etc/x", T::Regular, "")],
            What::Path,
            "holds `..`",
        ),
        (&[("/etc/x", T::Regular, "")], What::Path, "is absolute"),
        (&[("a/C:\\x", T::Regular, "")], What::Path, "holds `\\\\`"),
        (
            &[("a/l", T::Symlink, "/etc")],
            What::Link,
            "points to the absolute path `/etc`",
        ),
        (
            &[("a/l", T::Symlink, "../b")],
            What::Link,
            "out of the archive",
        ),
        (
            &[("a/l", T::Symlink, "b"), ("a/l/x", T::Regular, "")],
            What::Link,
            "`a/l` is no folder, and `a/l/x` stands below it",
        ),
        (
            &[("a/l", T::Link, "/etc/passwd")],
            What::Link,
            "second name of `/etc/passwd`",
        ),
        (
            &[("a/l", T::Link, "a/x"), ("a/x", T::Regular, "")],
            What::Link,
            "no file before it",
        ),
        (&[("a/d", T::Char, "")], What::Kind, "`a/d` is a device"),
        (&[("a/d", T::Fifo, "")], What::Kind, "`a/d` is a pipe"),
        (
            &[("a/x", T::Regular, ""), ("a/X", T::Regular, "")],
            What::Twins,
            "`a/x` and `a/X` differ in case only",
        ),
        (
            &[("a/x", T::Regular, ""), ("a/x", T::Regular, "")],
            What::Twins,
            "`a/x` stands there twice",
        ),
    ];
    for (entries, what, want) in table {
        let problems = read(Format::Tar, &tar_of(entries)).unwrap().problems();
        let found = |problem: &super::Problem| problem.what == *what && problem.text.contains(want);
        assert!(problems.iter().any(found), "{want}: {problems:?}");
    }
    let fine: &[Raw<'_>] = &[
        ("a/", T::Directory, ""),
        ("a/x", T::Regular, "x"),
        ("a/y", T::Link, "a/x"),
        ("a/b/l", T::Symlink, "../x"),
    ];
    assert_eq!(read(Format::Tar, &tar_of(fine)).unwrap().problems(), []);
}

#[test]
fn the_commit_that_git_notes_is_read() {
    let mut builder = tar::Builder::new(Vec::new());
    let note = "52 comment=89b4fda3cafe89b4fda3cafe89b4fda3cafe1234\n";
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::XGlobalHeader);
    header.set_size(note.len() as u64);
    header.set_cksum();
    builder.append(&header, note.as_bytes()).unwrap();
    let listing = read(Format::Tar, &builder.into_inner().unwrap()).unwrap();
    assert_eq!(
        listing.commit.as_deref(),
        Some("89b4fda3cafe89b4fda3cafe89b4fda3cafe1234")
    );
    assert!(listing.members.is_empty() && listing.top().is_none());
}

/// Made by a program of others, deflated and stored, with a link and from a pipe.
#[test]
fn zip_files_of_others_are_read_and_damage_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let script = "mkdir -p app/bin && printf '%04000d' 7 > app/LICENSE && printf x > app/bin/run && chmod 755 app/bin/run && chmod 644 app/LICENSE && ln -s bin/run app/link && zip -qry a.zip app && zip -q -fd b.zip app/LICENSE";
    let Some(made) = tool("sh", &["-c", script], folder.path(), b"") else {
        return;
    };
    if !made.status.success() {
        println!("no second opinion from `zip`: {made:?}");
        return;
    }
    let bytes = std::fs::read(folder.path().join("a.zip")).unwrap();
    let listing = read(Format::Zip, &bytes).unwrap();
    assert_eq!(listing.problems(), []);
    assert_eq!(listing.licences().collect::<Vec<_>>(), ["LICENSE"]);
    let licence = format!("{:04000}", 7);
    let members = listing
        .members
        .iter()
        .filter(|member| member.stored != Stored::Folder);
    let mut members: Vec<&Member> = members.collect();
    members.sort_by(|a, b| a.path.cmp(&b.path));
    let link = Member {
        path: "app/link".to_owned(),
        stored: Stored::Symlink("bin/run".to_owned()),
    };
    assert_eq!(
        members,
        [
            &file("app/LICENSE", licence.as_bytes(), false),
            &file("app/bin/run", b"x", true),
            &link
        ]
    );
    for len in (0..bytes.len()).step_by(7) {
        assert!(read(Format::Zip, &bytes[..len]).is_err(), "cut to {len}");
    }
    assert!(
        refused(Format::Zip, &[&bytes[..], b"x"].concat()).contains("something stands behind it")
    );
    // The entry says another name than the list does.
    let at = bytes
        .windows(7)
        .position(|window| window == b"app/bin")
        .unwrap();
    let mut two_faced = bytes.clone();
    two_faced[at] = b'b';
    assert!(refused(Format::Zip, &two_faced).contains("the entry itself says `bpp/bin/"));
    // A bit of the deflated content.
    let at = bytes
        .windows(11)
        .position(|window| window == b"app/LICENSE")
        .unwrap();
    let mut flipped = bytes;
    flipped[at + 11 + 40] ^= 4;
    assert!(refused(Format::Zip, &flipped).contains("`app/LICENSE` cannot be read"));
    // Sizes behind the data.
    let streamed = std::fs::read(folder.path().join("b.zip")).unwrap();
    let members = read(Format::Zip, &streamed).unwrap().members;
    assert_eq!(members, [file("app/LICENSE", licence.as_bytes(), false)]);
}

#[test]
fn no_garbage_makes_it_panic() {
    let mut state = 1u64;
    for round in 0..300 {
        let mut bytes = if round % 2 == 0 {
            ours()
        } else {
            tar_of(&[("a/b", tar::EntryType::Regular, "x")])
        };
        bytes.write_all(b"PK\x05\x06").unwrap();
        for _ in 0..8 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] ^= (state >> 20) as u8;
        }
        bytes.extend_from_slice(&[0; 18]);
        for format in [Format::Tar, Format::TarGz, Format::Zip] {
            if let Ok(listing) = read(format, &bytes) {
                drop(listing.problems());
            }
        }
    }
}
