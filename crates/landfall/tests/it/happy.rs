//! Releases that nothing stands in the way of: every kind of repository, and the run after.

use testkit::{Repo, programs};

use crate::run::{
    Call, FAST, Run, TAG, VERSION, assert_released, candidate, forge, landfall, mine, path_with,
    published, ready, shell, single,
};

/// Releases, and asserts everything that is the same for every kind of repository.
fn release(repo: &Repo, call: &Call, project: &str, planned: &[&str]) -> Run {
    let (base, before) = (repo.git(&["rev-parse", "HEAD"]), mine(repo));
    let run = call.run();
    run.exits(0).says(&format!("RELEASED {project} {VERSION}"));
    assert_released(repo, &base);
    assert_eq!(mine(repo), before, "the user's own is the same");
    let remote = repo.remote();
    let changed = repo.git_in(&remote, &["diff-tree", "-r", "--name-only", &base, "main"]);
    assert_eq!(changed.lines().collect::<Vec<_>>(), planned);
    let message = repo.git_in(&remote, &["cat-file", "tag", TAG]);
    assert!(message.lines().any(|line| line == "### Added"), "{message}");
    let subject = repo.git_in(&remote, &["log", "-1", "--format=%B", "main"]);
    assert_eq!(subject.trim(), format!("chore(release): {VERSION}"));
    assert_artifacts(repo, project);
    run
}

/// The sums hold, with a strict checker that is not ours; the source archive is what git makes of the tag.
fn assert_artifacts(repo: &Repo, project: &str) {
    let assets = forge(repo).join(TAG).join("assets");
    shell(repo, &assets, "sha256sum --check --strict SHA256SUMS.txt").exits(0);
    let top = format!("{project}-{VERSION}");
    let archive = format!("{top}-source.tar.gz");
    let tops = shell(
        repo,
        &assets,
        &format!("tar -tf {archive} | cut -d/ -f1 | sort -u"),
    );
    assert_eq!(tops.stdout, format!("{top}\n"));
    let ours = "gzip --decompress --stdout";
    let theirs = "git -c tar.umask=0022 archive --format=tar";
    let script = format!(
        "{ours} {archive} > ../../ours.tar && cd ../../../remote.git && {theirs} --prefix={top}/ {TAG}^{{commit}} \
         | cmp - ../forge/ours.tar && rm ../forge/ours.tar"
    );
    shell(repo, &assets, &script).exits(0);
}

/// The second run finds everything done, does nothing and says so.
fn again(repo: &Repo, call: &Call) {
    let before = (published(repo), mine(repo));
    call.run().exits(0).says("was released before");
    assert_eq!((published(repo), mine(repo)), before);
}

#[test]
fn a_single_crate_and_the_second_run() {
    let repo = single();
    let call = Call::new(&repo, &["release", VERSION, "--yes"]);
    let run = release(
        &repo,
        &call,
        "single",
        &["CHANGELOG.md", "Cargo.lock", "Cargo.toml", "VERSION"],
    );
    assert!(
        !run.stdout.contains("was released before"),
        "the first run did it itself"
    );
    again(&repo, &call);
    // The checkout catches up; the same command still finds nothing to do.
    repo.git(&["pull", "--quiet", "--ff-only"]);
    again(&repo, &call);
    // Nothing left here to look at: the remote alone says that it is released.
    std::fs::remove_dir_all(candidate(&repo)).unwrap();
    let before = (published(&repo), mine(&repo));
    call.run()
        .exits(4)
        .says("origin has the tag v1.0.0-mvp already");
    assert_eq!((published(&repo), mine(&repo)), before);
    assert!(!candidate(&repo).exists());
}

#[test]
fn a_cargo_workspace_with_all_gates() {
    let repo = ready(
        Repo::cargo_workspace(),
        // Coverage alone needs a program that is not everywhere.
        "[gates]\nskip = [\"coverage\"]\n\n[forge]\nkind = \"folder\"\npath = \"../forge\"\n",
    );
    let call = Call::new(&repo, &["release", VERSION, "--yes"]);
    let planned = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "VERSION",
        "crates/tool/Cargo.toml",
    ];
    let run = release(&repo, &call, "remote", &planned);
    // What such a workspace has was checked; it has no tracker and no figures.
    let skipped = run.stdout.lines().find(|line| line.contains("not checked"));
    let skipped: Vec<&str> = skipped.unwrap_or_default().split([' ', ',']).collect();
    for gate in [
        "git",
        "build",
        "test",
        "docs",
        "links",
        "version",
        "changelog",
        "fmt",
        "clippy",
    ] {
        assert!(!skipped.contains(&gate), "{gate}: {run}");
    }
    again(&repo, &call);
    let manifest = repo.git_in(&repo.remote(), &["show", "main:Cargo.toml"]);
    assert!(
        manifest.contains("version = \"1.0.0-mvp\" } # kept in step"),
        "{manifest}"
    );
}

#[test]
fn an_npm_workspace() {
    let repo = ready(Repo::npm(), FAST);
    let tools = programs(
        &repo.outside().join("bin"),
        &[("npm", "echo 10.9.0"), ("node", "echo v22.0.0")],
    );
    let call =
        Call::new(&repo, &["release", VERSION, "--yes"]).env("PATH", path_with(&repo, &tools));
    let planned = [
        "CHANGELOG.md",
        "package-lock.json",
        "package.json",
        "packages/one/package.json",
        "packages/two/package.json",
    ];
    release(&repo, &call, "root", &planned);
    again(&repo, &call);
}

#[test]
fn a_pnpm_workspace() {
    let repo = ready(Repo::pnpm(), FAST);
    let tools = programs(
        &repo.outside().join("bin"),
        &[("pnpm", "echo 9.15.0"), ("node", "echo v22.0.0")],
    );
    let call =
        Call::new(&repo, &["release", VERSION, "--yes"]).env("PATH", path_with(&repo, &tools));
    let planned = [
        "CHANGELOG.md",
        "packages/one/package.json",
        "packages/two/package.json",
    ];
    release(&repo, &call, "root", &planned);
    again(&repo, &call);
}

#[test]
fn without_a_forge_the_refs_are_all() {
    let repo = ready(
        Repo::cargo_single(),
        FAST.split("[forge]").next().unwrap_or_default(),
    );
    landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
    assert_eq!(published(&repo).refs.len(), 3);
    assert_eq!(published(&repo).forge.len(), 0);
}
