//! The table and its page, each way to be wrong of files, and that no changed bit goes unseen.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use testkit::Repo;
use world::{Setup, World};

use super::{Asked, CHECKS, NOT_LOOKED, Report, Subject, Verdict, Way, verify};

/// Every way there is, in the order of the page.
fn ways() -> impl Iterator<Item = (&'static str, &'static Way)> {
    let named = CHECKS
        .iter()
        .flat_map(|check| check.ways.iter().map(|way| (check.name, *way)));
    named.chain([("", &NOT_LOOKED)])
}

#[test]
fn the_table_equals_the_folder() {
    let mut named: Vec<String> = CHECKS
        .iter()
        .map(|check| format!("{}.rs", check.name))
        .collect();
    // What is verified, how it is read, and this.
    named.extend(["subject.rs", "files.rs", "listed.rs", "tests.rs", "tests"].map(str::to_owned));
    named.sort();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/verify");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(named, files);
}

#[test]
fn every_way_has_a_name_and_an_advice_of_its_own() {
    let (mut names, mut helps) = (BTreeSet::new(), BTreeSet::new());
    for (check, way) in ways() {
        assert!(names.insert(way.name), "{} is there twice", way.name);
        // The same trouble with files of two checks may have one advice; within a check each has its own.
        assert!(
            helps.insert((check, way.help)),
            "{} has the advice of another",
            way.name
        );
        assert!(matches!(
            way.verdict,
            Verdict::Warn | Verdict::Fail | Verdict::Unknown
        ));
        assert!(
            !way.says.is_empty() && !way.help.ends_with('.'),
            "{}",
            way.name
        );
    }
}

/// The text between two marks, replaced.
fn between(page: &str, begin: &str, end: &str, text: &str) -> String {
    let (before, rest) = page.split_once(begin).expect("the page has the mark");
    let (_, after) = rest.split_once(end).expect("the page has the end mark");
    format!("{before}{begin}\n\n{text}\n{end}{after}")
}

#[test]
fn the_page_lists_every_check_and_every_way() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verifying.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let cell = |text: &str| text.replace('|', "\\|").replace(['{', '}'], "*");
    let mut checks = "| check | asks | proves, when it passes |\n|---|---|---|\n".to_owned();
    for check in CHECKS {
        checks += &format!(
            "| `{}` | {}? | {} |\n",
            check.name,
            cell(check.asks),
            cell(check.proves)
        );
    }
    let mut table = "| name | verdict | it says | what to do |\n|---|---|---|---|\n".to_owned();
    for (_, way) in ways() {
        let (says, help) = (cell(way.says), cell(way.help));
        table += &format!(
            "| `{}` | {} | {says} | {help} |\n",
            way.name,
            way.verdict.word()
        );
    }
    let fresh = between(
        &page,
        "<!-- checks: a test writes this table -->",
        "<!-- end of checks -->",
        &checks,
    );
    let fresh = between(
        &fresh,
        "<!-- ways: a test writes this table -->",
        "<!-- end of ways -->",
        &table,
    );
    if fresh != page {
        #[expect(
            clippy::disallowed_methods,
            reason = "a stale page is rewritten, as other generated pages are"
        )]
        std::fs::write(&path, fresh).unwrap();
        panic!("docs/verifying.md was stale and is rewritten: look at it, and commit it");
    }
}

/// A release on disk, in a folder of its own outside of any repository.
struct Release {
    _repo: Repo,
    dir: PathBuf,
    world: World,
    signers: Option<PathBuf>,
}

/// Said of the fixture as it is.
const STANDING: &[&str] = &["signature-unsigned"];

const SUMS: &str = "SHA256SUMS.txt";
const SBOM: &str = r#"{"bomFormat":"CycloneDX","metadata":{"component":{"group":"@a","name":"b","version":"1.0.0","purl":"pkg:npm/%40a/b@1.0.0"}}}"#;

#[expect(
    clippy::disallowed_methods,
    reason = "tests make and damage files beside the door, which is what is tested"
)]
impl Release {
    fn new() -> Release {
        let repo = Repo::empty();
        let dir = repo.outside().join("release");
        std::fs::create_dir(&dir).unwrap();
        let world = World::new(Setup {
            env: repo.env(),
            now_s: 1_770_091_506,
            ..Setup::default()
        });
        let release = Release {
            _repo: repo,
            dir,
            world,
            signers: None,
        };
        let mut archive = Vec::new();
        let entry = |path: &str, data: &'static [u8]| archive::Entry {
            path: path.to_owned(),
            kind: archive::Kind::File {
                executable: false,
                len: data.len() as u64,
                data: Box::new(data),
            },
        };
        let entries = vec![entry("LICENSE", b"as is"), entry("src/x", &[b'x'; 3000])];
        archive::write(
            archive::Format::TarGz,
            &mut archive,
            "b-1.0.0",
            0,
            entries,
            &archive::How::default(),
        )
        .unwrap();
        release.put("b-1.0.0.tar.gz", &archive);
        release.put("a-b-1.0.0.cdx.json", SBOM.as_bytes());
        release.put("notes.txt", b"what is new\n");
        release.sum();
        release
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        // In place: where a file is cut to nothing first, some file systems wait for the disk.
        let mut open = std::fs::OpenOptions::new();
        let path = self.dir.join(name);
        let mut file = open
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
        file.set_len(bytes.len() as u64).unwrap();
    }

    fn get(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.dir.join(name)).unwrap()
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.dir.join(name)).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.dir).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Writes the sums anew, over what is there.
    fn sum(&self) {
        let names = self
            .names()
            .into_iter()
            .filter(|name| !name.starts_with(SUMS));
        let sums: Vec<(String, String)> = names
            .map(|name| (name.clone(), archive::sha256_hex(&self.get(&name))))
            .collect();
        self.put(SUMS, archive::sums::write(&sums).unwrap().as_bytes());
    }

    fn asked(&self, tag: Option<&str>) -> Asked {
        Asked {
            tag: tag.map(str::to_owned),
            signers: self.signers.clone(),
            ..Asked::default()
        }
    }

    fn report(&self, tag: Option<&str>) -> Report {
        let subject = Subject::folder(&self.world, None, &self.dir, self.asked(tag)).unwrap();
        verify(&subject, &|_| {})
    }

    /// Whether any check tells of anything that is no standing warning; the first that does ends it.
    fn caught(&self) -> bool {
        let subject = Subject::folder(&self.world, None, &self.dir, self.asked(None)).unwrap();
        CHECKS.iter().any(|check| {
            let items = (check.look)(&subject).unwrap();
            items
                .iter()
                .any(|item| item.way.is_some_and(|way| !STANDING.contains(&way.name)))
        })
    }

    /// The ways that were told.
    fn told(&self) -> BTreeSet<&'static str> {
        let report = self.report(None);
        let items = report.looked.iter().flat_map(|looked| &looked.items);
        let told = items.filter_map(|item| Some(item.way?.name));
        told.filter(|name| !STANDING.contains(name)).collect()
    }
}

/// Damages one file, hears that it is told so, and puts it back.
fn damaged(
    release: &Release,
    name: &str,
    bytes: &[u8],
    way: &str,
    seen: &mut BTreeSet<&'static str>,
) {
    let whole = release.get(name);
    release.put(name, bytes);
    let told = release.told();
    assert!(told.contains(way), "{name}: {way} is not among {told:?}");
    seen.extend(told);
    release.put(name, &whole);
}

#[test]
fn each_way_of_sums_and_files_is_told_apart() {
    let release = Release::new();
    assert_eq!(release.told(), BTreeSet::new());
    let mut seen = BTreeSet::new();
    let sums = String::from_utf8(release.get(SUMS)).unwrap();
    let (first, rest) = sums.split_once('\n').unwrap();
    let (digest, name) = first.split_once("  ").unwrap();
    let table = [
        (String::new(), "sums-empty"),
        ("hello\n".to_owned(), "sums-line"),
        (sums.replace(digest, &digest[1..]), "sums-digest"),
        (sums.replace(name, "../etc/passwd"), "sums-name"),
        (format!("{sums}{first}\n"), "sums-twice"),
        (
            format!("{sums}{digest}  {}\n", name.to_uppercase()),
            "sums-twins",
        ),
        (format!("{rest}{first}\n"), "sums-other-form"),
        (rest.to_owned(), "file-extra"),
        (format!("{sums}{digest}  zzz\n"), "file-missing"),
        (sums.replace(digest, &"0".repeat(64)), "file-differs"),
    ];
    for (text, way) in table {
        damaged(&release, SUMS, text.as_bytes(), way, &mut seen);
    }
    damaged(&release, SUMS, b"\xff", "sums-encoding", &mut seen);
    // What vouches for the list stands beside it: then it has one form.
    release.put("SHA256SUMS.txt.sig", b"");
    damaged(
        &release,
        SUMS,
        format!("{rest}{first}\n").as_bytes(),
        "sums-changed",
        &mut seen,
    );
    release.remove("SHA256SUMS.txt.sig");
    let whole = release.get("notes.txt");
    release.remove("notes.txt");
    #[expect(clippy::disallowed_methods, reason = "the folder is the test's own")]
    std::fs::create_dir(release.dir.join("notes.txt")).unwrap();
    seen.extend(release.told());
    #[expect(clippy::disallowed_methods, reason = "the folder is the test's own")]
    std::fs::remove_dir(release.dir.join("notes.txt")).unwrap();
    release.put("notes.txt", &whole);
    assert_eq!(release.told(), BTreeSet::new());
    release.remove(SUMS);
    seen.extend(release.told());
    all_seen("sums", &seen, &["sums-unreadable", "file-unreadable"]);
}

/// Everything that a check can say was said. The exceptions take a user who may not read; tests may be root.
fn all_seen(check: &str, seen: &BTreeSet<&'static str>, except: &[&str]) {
    let ways = ways().filter(|(of, way)| *of == check && !except.contains(&way.name));
    let missing: Vec<&str> = ways
        .map(|(_, way)| way.name)
        .filter(|name| !seen.contains(name))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "never told of {check}");
}

#[test]
fn each_way_of_an_sbom_is_told_apart() {
    let release = Release::new();
    let name = "a-b-1.0.0.cdx.json";
    let mut seen = BTreeSet::new();
    let table = [
        ("{", "sbom-root"),
        (r#"{"bomFormat":"SPDX"}"#, "sbom-root"),
        (r#"{"bomFormat":"CycloneDX"}"#, "sbom-root"),
        (&SBOM.replace("@a", "@c"), "sbom-named"),
        (&SBOM.replace("1.0.0", "1.0.1"), "sbom-named"),
    ];
    for (text, way) in table {
        damaged(&release, name, text.as_bytes(), way, &mut seen);
    }
    all_seen("sbom", &seen, &["sbom-version"]);
}

#[test]
fn each_way_of_an_archive_is_told_apart() {
    let release = Release::new();
    let name = "b-1.0.0.tar.gz";
    let mut seen = BTreeSet::new();
    let whole = release.get(name);
    damaged(
        &release,
        name,
        &whole[..whole.len() - 1],
        "archive-broken",
        &mut seen,
    );
    let tables: [(&str, &str); 6] = [
        (
            "mkdir t; echo > t/a; tar czf b-1.0.0.tar.gz -C t a",
            "archive-top",
        ),
        (
            "mkdir -p t/b; echo > t/b/x; tar czPf b-1.0.0.tar.gz --transform 's,^t,../t,' t",
            "archive-path",
        ),
        (
            "mkdir t; ln -s /etc t/l; tar czf b-1.0.0.tar.gz t",
            "archive-link",
        ),
        (
            "mkdir t; mkfifo t/p; tar czf b-1.0.0.tar.gz t",
            "archive-kind",
        ),
        (
            "mkdir t; echo > t/a; echo > t/A; tar czf b-1.0.0.tar.gz t",
            "archive-twins",
        ),
        (
            "mkdir t; echo > t/a; tar czf b-1.0.0.tar.gz t",
            "archive-licence",
        ),
    ];
    for (script, way) in tables {
        let script = format!("rm -rf t; {script}; rm -r t");
        let cmd = world::Cmd::new(&release.dir, "sh").args(["-euc", &script]);
        release.world.run(&cmd).unwrap().success().unwrap();
        let bytes = release.get(name);
        damaged(&release, name, &bytes, way, &mut seen);
    }
    // Without zstd on the search path: in the tests of the command.
    all_seen("archives", &seen, &["archive-unread"]);
}

#[test]
fn unknown_is_never_proved() {
    let release = Release::new();
    release.remove(SUMS);
    let report = release.report(Some("v1.0.0"));
    assert_eq!(report.count(Verdict::Unknown), 1);
    assert!(
        !report
            .proved()
            .iter()
            .any(|what| what.contains("SHA256SUMS"))
    );
    let unproved = report.unproved().join("\n");
    for what in [
        "the files are those that SHA256SUMS.txt names (no SHA256SUMS.txt in",
        "the source archive is the tagged commit (no repository to compare it with)",
    ] {
        assert!(unproved.contains(what), "{unproved}");
    }
}

/// Every bit of the small files, and bits all over the archive.
#[test]
fn no_flipped_bit_goes_unseen() {
    let release = Release::new();
    for name in release.names() {
        let whole = release.get(&name);
        let step = if name.ends_with(".tar.gz") { 3 } else { 1 };
        for bit in (0..whole.len() * 8).step_by(step) {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            release.put(&name, &flipped);
            assert!(release.caught(), "bit {bit} of {name}");
        }
        for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
            release.put(&name, &whole[..cut]);
            assert!(release.caught(), "{name} cut to {cut}");
        }
        for more in [&b"\n"[..], b"\0", b"x", &whole] {
            release.put(&name, &[&whole[..], more].concat());
            assert!(release.caught(), "{name} and {more:?}");
        }
        release.put(&name, &whole);
    }
    assert_eq!(release.told(), BTreeSet::new());
}

mod signed;
