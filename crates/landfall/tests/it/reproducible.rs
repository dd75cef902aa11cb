//! The same bytes from the same commit, wherever and however it is built; and what is not so is named.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use testkit::{Repo, fingerprint};

use crate::run::{
    Call, FAST, Run, TAG, VERSION, candidate, forge, landfall, mine, published, ready, shell,
    single,
};

/// Names and digests of what was built in a checkout.
/// The sums of what is made from the commit: the statements tell of the surroundings too.
fn sums(root: &Path) -> String {
    let path = root
        .join("target/release-candidates")
        .join(TAG)
        .join("artifacts/SHA256SUMS.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let made = |line: &&str| !line.ends_with(".intoto.jsonl");
    text.split_inclusive('\n')
        .filter(|line| made(&line.trim_end()))
        .collect()
}

/// Text in which every setting of line ends, masks and abbreviations could leave a mark; built files beside it.
fn marked() -> Repo {
    let tree = Repo::npm();
    tree.write("crlf.txt", "one\r\ntwo\r\n");
    tree.write("lf.txt", "one\ntwo\n");
    tree.write("auto.txt", "one\ntwo\n");
    tree.write("dos.txt", "one\ntwo\n");
    tree.write("id.txt", "$Id$\n");
    tree.write("wide.txt", b"a\0b\0\n\0");
    tree.write("subst.txt", "$Format:%H %ct$\n");
    tree.write(
        ".gitattributes",
        "auto.txt text=auto\ndos.txt text eol=crlf\nid.txt ident\nwide.txt text working-tree-encoding=UTF-16LE\nsubst.txt export-subst\n",
    );
    // A release in sight of a shallow clone, and one that is not.
    tree.commit("fix: something");
    tree.git(&["tag", "-a", "v0.9.1", "-m", "v0.9.1"]);
    tree.write("bin/run", "#!/bin/sh\n");
    tree.write("päth with ümlauts.txt", "ä\n");
    let run = tree.root().join("bin/run");
    std::fs::set_permissions(run, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("lf.txt", tree.root().join("link")).unwrap();
    let config = FAST.replace("skip = [", "skip = [\"tools\", ");
    ready(
        tree,
        &format!(
            "{config}
[[artifact]]
name = \"source-{{version}}.tar.gz\"
kind = \"source\"

[[artifact]]
name = \"files-{{version}}.tar.gz\"
kind = \"files\"
build = [\"sh\", \"-c\", \"mkdir made && cat crlf.txt lf.txt auto.txt > made/all && cp bin/run made/\"]
files = [\"made/**\", \"*.txt\", \"bin/**\", \"link\"]
required = [\"made/all\"]
"
        ),
    )
}

/// A clone of the fixture at another place, its remote the fixture's own.
fn clone(repo: &Repo, name: &str, options: &[&str]) -> PathBuf {
    let at = repo.outside().join(name);
    let url = format!("file://{}", repo.remote().display());
    let mut args = vec!["clone", "--quiet"];
    args.extend(options);
    args.extend([url.as_str(), at.to_str().unwrap()]);
    repo.git_in(&repo.outside(), &args);
    at
}

fn built_in(repo: &Repo, root: &Path, change: impl FnOnce(Call) -> Call) -> String {
    let call = Call::new(repo, &["artifacts", "build", VERSION]).cwd(root);
    change(call).run().exits(0);
    sums(root)
}

/// Folder of a clone, options of the clone, git's settings in it, and the environment.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    fn(Call) -> Call,
);
const ROWS: [Row; 5] = [
    (
        "a folder with spaces and ümlauts/which is long/long/long/long/long/long/long/long/long/long/long/long",
        &[],
        &["core.autocrlf=true", "core.eol=crlf", "core.safecrlf=true"],
        |call| call.env("TZ", "America/New_York").env("LC_ALL", "C"),
    ),
    (
        "shallow",
        &["--depth=2"],
        &[
            "core.autocrlf=input",
            "core.abbrev=5",
            "core.fileMode=false",
        ],
        |call| call.env("USER", "somebody").env("LC_ALL", "POSIX"),
    ),
    (
        "masked",
        &["--single-branch"],
        &["tar.umask=0077", "core.sharedRepository=group"],
        |call| call.env("TMPDIR", "/tmp").env("LOGNAME", "somebody"),
    ),
    (
        "attributed",
        &[],
        &[
            "core.attributesFile=../gitattributes",
            "init.defaultBranch=trunk",
        ],
        |call| {
            call.env("HOME", "/nonexistent")
                .env("XDG_CONFIG_HOME", "/nonexistent")
        },
    ),
    ("jobs", &[], &["core.ignoreCase=true"], |call| {
        call.env("CARGO_BUILD_JOBS", "7")
            .env("OMP_NUM_THREADS", "7")
    }),
];

/// One hash per asset. Each row changes several things at once: where one of them leaves a mark the row is cut in two.
#[test]
fn one_hash_whatever_the_surroundings() {
    let repo = marked();
    let reference = built_in(&repo, repo.root(), |call| call);
    assert_eq!(reference.lines().count(), 4, "{reference}");
    // Not for the file that is committed with CRLF: git would call that one changed, and so would the gate.
    let attributes = "* text eol=crlf\ncrlf.txt -text\n";
    std::fs::write(repo.outside().join("gitattributes"), attributes).unwrap();
    for (name, options, settings, change) in ROWS {
        let root = clone(&repo, name, options);
        let config = settings
            .iter()
            .map(|setting| setting.split_once('=').unwrap());
        for (key, value) in config {
            let value = value.replace("..", repo.outside().to_str().unwrap());
            repo.git_in(&root, &["config", key, &value]);
        }
        assert_eq!(built_in(&repo, &root, change), reference, "in {name}");
    }
    // A linked worktree, under other umasks than the checkout had.
    let worktree = repo.outside().join("linked");
    repo.git(&[
        "worktree",
        "add",
        "--quiet",
        "-b",
        "again",
        worktree.to_str().unwrap(),
        "main",
    ]);
    repo.git_in(
        &worktree,
        &["branch", "--quiet", "--set-upstream-to=origin/main"],
    );
    for umask in ["002", "077"] {
        std::fs::remove_dir_all(worktree.join("target")).ok();
        let script = format!(
            "umask {umask} && find . -type f -exec touch -t 199901020304 {{}} + && landfall artifacts build {VERSION} --skip git"
        );
        shell(&repo, &worktree, &script).exits(0);
        assert_eq!(
            sums(&worktree),
            reference,
            "in a worktree under umask {umask}"
        );
    }
}

/// A release with an artifact that `build` makes, as `out/`.
fn making(build: &str) -> Repo {
    let config = FAST.replace("skip = [", "skip = [\"tools\", ");
    let tree = Repo::npm();
    tree.write("build.sh", build);
    let declared = "
[[artifact]]
name = \"made-{version}.tar.gz\"
kind = \"files\"
build = [\"bash\", \"build.sh\"]
files = [\"out/**\"]
";
    ready(tree, &format!("{config}{declared}"))
}

/// Every way in which builds usually differ, in one build: each file is named, and nothing else is.
#[test]
fn what_differs_is_named_with_its_entry() {
    let repo = making(
        "set -e
mkdir out; cd out
echo same > same
date +%s > seconds
date +%Z > zone
pwd > folder
umask > mask
nproc > threads
echo $RANDOM$RANDOM$RANDOM > random
echo \"$USER\" > user
echo \"$LC_ALL\" > locale
stat -c %a ../package.json > mode
stat -c %Y ../package.json > time
case $USER in another) ln -s same link;; *) ln -s seconds link;; esac
umask 027
echo x > \"only-$(umask -S | wc -c)-$RANDOM$RANDOM\"
",
    );
    let before = (mine(&repo), published(&repo));
    let run = landfall(&repo, &["release", VERSION, "--yes"]);
    run.exits(1)
        .says("built twice, and 1 asset differs; nothing was published")
        .says("SOURCE_DATE_EPOCH");
    let told: Vec<&str> = run
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("  made-1.0.0-mvp.tar.gz: "))
        .collect();
    assert_eq!(told.len(), 9, "{run}");
    assert!(
        told[8].starts_with("and ") && told[8].ends_with(" more differences"),
        "{run}"
    );
    assert!(!run.stderr.contains("out/same"), "{run}");
    assert_eq!((mine(&repo), published(&repo)), before);
    assert!(!candidate(&repo).exists());
}

/// Each cause alone: the build, and what is said of it.
#[test]
fn every_usual_cause_is_caught_by_itself() {
    let causes: &[(&str, &str)] = &[
        ("date +%N", "stamp: differs at byte "),
        ("pwd", "stamp: differs at byte "),
        ("date +%Z", "stamp: differs at byte 0: "),
        ("nproc", "stamp: differs at byte 0: "),
        ("echo $RANDOM$RANDOM$RANDOM", "stamp: differs at byte "),
    ];
    // One release for all of them: an asset each.
    let mut config = FAST.replace("skip = [", "skip = [\"tools\", ");
    for (at, (command, _)) in causes.iter().enumerate() {
        config.push_str(&format!(
            "
[[artifact]]
name = \"cause-{at}.tar.gz\"
kind = \"files\"
build = [\"bash\", \"-c\", \"mkdir -p out-{at} && {command} > out-{at}/stamp\"]
files = [\"out-{at}/**\"]
"
        ));
    }
    let repo = ready(Repo::npm(), &config);
    let run = landfall(&repo, &["release", VERSION, "--yes"]);
    run.exits(1)
        .says(&format!("{} assets differ", causes.len()));
    for (at, (command, _)) in causes.iter().enumerate() {
        let line = format!("  cause-{at}.tar.gz: cause-{at}/out-{at}/stamp: differs at byte ");
        assert!(run.stderr.contains(&line), "{command}\n{run}");
    }
}

#[test]
fn built_once_is_said_and_recorded() {
    let recorded = |repo: &Repo| {
        let text = std::fs::read_to_string(candidate(repo).join("candidate.json")).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["built"].clone()
    };
    let repo = single();
    landfall(&repo, &["artifacts", "build", VERSION])
        .exits(0)
        .says("built twice, in two folders: 2 assets of ");
    assert_eq!(recorded(&repo), "twice");
    let config = format!("{FAST}\n[release]\nbuild_twice = false\n");
    let repo = ready(Repo::cargo_single(), &config);
    landfall(&repo, &["release", VERSION, "--yes"])
        .exits(0)
        .says("built once: not compared")
        .says("built      once");
    assert_eq!(recorded(&repo), "once");
}

/// What the check `rebuild` said, as events.
fn rebuilding(run: &Run) -> Vec<serde_json::Value> {
    let checks = run.named("check").into_iter();
    checks.filter(|event| event["check"] == "rebuild").collect()
}

/// What `artifacts verify --rebuild` said of each asset.
fn verdicts(run: &Run) -> BTreeMap<String, String> {
    let pair = |event: serde_json::Value| {
        let verdict = match (event["way"].as_str(), event["verdict"].as_str().unwrap()) {
            (Some(way), _) => way.strip_prefix("rebuild-").unwrap(),
            (None, "pass") => "same",
            (None, _) => "statement",
        };
        (
            event["item"].as_str().unwrap().to_owned(),
            verdict.to_owned(),
        )
    };
    rebuilding(run).into_iter().map(pair).collect()
}

/// A published release whose branch has gone on and declares other things, its assets, and a clone of years later.
fn strangers() -> (Repo, PathBuf, PathBuf) {
    let repo = marked();
    landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
    let assets = forge(&repo).join(TAG).join("assets");
    repo.git(&["pull", "--quiet", "--ff-only"]);
    repo.write("release.toml", FAST).write("package.json", "{}");
    repo.commit("feat: everything is different");
    repo.git(&["push", "--quiet"]);
    let stranger = clone(&repo, "stranger's clone", &[]);
    (repo, assets, stranger)
}

fn rebuilt(
    (repo, assets, stranger): &(Repo, PathBuf, PathBuf),
    args: &[&str],
    env: &[(&str, OsString)],
) -> Run {
    let assets = assets.to_str().unwrap();
    let what = [
        "artifacts",
        "verify",
        assets,
        "--rebuild",
        "--format",
        "json",
    ];
    let call = Call::new(repo, &[&what, args].concat()).cwd(stranger);
    env.iter()
        .fold(call, |call, (key, value)| call.env(key, value))
        .env("SOURCE_DATE_EPOCH", "1999999999")
        .run()
}

#[test]
fn a_stranger_builds_a_published_release_again() {
    let all = strangers();
    let (repo, assets, stranger) = &all;
    let before = (fingerprint(&stranger.join(".git")), fingerprint(assets));
    let run = rebuilt(&all, &[], &[]);
    run.exits(0);
    let same = |name: &str| (format!("{name}-{VERSION}.tar.gz"), "same".to_owned());
    let bill = |name: &str| {
        (
            format!("fixture-{name}-{VERSION}.cdx.json"),
            "same".to_owned(),
        )
    };
    let wanted = BTreeMap::from([same("files"), same("source"), bill("one"), bill("two")]);
    let seen: BTreeMap<_, _> = verdicts(&run)
        .into_iter()
        .filter(|(_, verdict)| verdict != "statement")
        .collect();
    assert_eq!(seen, wanted, "{run}");
    assert_eq!(
        repo.git_in(stranger, &["worktree", "list"]).lines().count(),
        1
    );
    assert_eq!(repo.git_in(stranger, &["status", "--porcelain"]), "");
    let left: Vec<String> = before
        .0
        .difference(&fingerprint(&stranger.join(".git")))
        .into_iter()
        .filter(|line| !line.contains(": landfall") && !line.contains("worktrees"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
    assert!(before.1 == fingerprint(assets));

    // Without its builder it is not known, and that is no pass.
    let path = repo.env_with(&["git", "sh", "find", "touch", "sort", "locale"], &[]);
    let run = rebuilt(&all, &["--tag", TAG], &[("PATH", path[0].1.clone())]);
    run.exits(2).says("rebuilt from the tag: the same bytes");
    assert_eq!(
        verdicts(&run)[&format!("files-{VERSION}.tar.gz")],
        "unknown",
        "{run}"
    );
}

#[test]
fn another_wrapping_and_another_file_are_told_apart() {
    let all = strangers();
    let (repo, assets, _) = &all;
    let script = format!(
        "set -e; umask 022; cd {}; name=files-{VERSION}; gunzip -k $name.tar.gz; gzip -n1 < $name.tar > $name.tar.gz; rm $name.tar *.jsonl; sha256sum *.tar.gz *.cdx.json > SHA256SUMS.txt",
        assets.display()
    );
    shell(repo, assets, &script).exits(0);
    let run = rebuilt(&all, &[], &[]);
    run.exits(0).says("the same tar, compressed otherwise");
    let script = format!(
        "set -e; name=files-{VERSION}; tar xf $name.tar.gz; echo evil >> $name/lf.txt; tar czf $name.tar.gz $name; rm -r $name; sha256sum *.tar.gz *.cdx.json > SHA256SUMS.txt"
    );
    shell(repo, assets, &script).exits(0);
    let run = rebuilt(&all, &[], &[]);
    run.exits(1);
    let said = rebuilding(&run)
        .iter()
        .find(|event| event["way"] == "rebuild-differs")
        .map(|event| event["message"].as_str().unwrap().to_owned())
        .unwrap();
    assert!(said.contains("files-1.0.0-mvp/"), "{said}");
}

#[test]
fn a_tag_that_cannot_be_rebuilt_is_told() {
    let repo = single();
    landfall(&repo, &["artifacts", "build", VERSION]).exits(0);
    landfall(&repo, &["artifacts", "verify", VERSION, "--rebuild"])
        .exits(2)
        .says("there is no tag v1.0.0-mvp in this repository");
    repo.git(&["tag", TAG]);
    landfall(&repo, &["artifacts", "verify", VERSION, "--rebuild"])
        .exits(1)
        .says("v1.0.0-mvp is no annotated tag");
}
