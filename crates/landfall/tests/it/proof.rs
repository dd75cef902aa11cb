//! After an edit it is proved that it holds; where it does not, the tree is as it was before.

use testkit::{Repo, real_program};

use crate::run::{Call, VERSION, effects, files, landfall, path_with};

/// A crate whose lock file does not know of a dependency.
fn unlocked() -> Repo {
    let repo = Repo::cargo_workspace();
    let lock = repo.read("Cargo.lock");
    repo.write("Cargo.lock", lock.replace(" \"core-part\",\n", ""));
    repo.write(
        "release.toml",
        "[version]\ncreate_file = true\nfile = \"meta/VERSION\"\n",
    );
    repo.remove("VERSION");
    repo.commit("chore: a lock file of yesterday");
    repo
}

#[test]
fn an_edit_that_cargo_does_not_take_is_taken_back() {
    let repo = unlocked();
    let old = files(repo.root());
    landfall(&repo, &["version", "set", VERSION])
        .exits(1)
        .says("it does not hold that cargo metadata --locked takes Cargo.lock")
        .says("every file is as it was before")
        .says("because --locked was passed");
    assert_eq!(files(repo.root()), old, "the new VERSION file is gone too");
    // Killed anywhere on the way there and back it is wholly the one or wholly the other.
    let log = repo.outside().join("effects");
    let call = || Call::new(&repo, &["version", "set", VERSION]);
    call().effects(&log).run().exits(1);
    let count = effects(&log).len();
    let mut were_new = Vec::new();
    for n in (1..=count).step_by(3) {
        call().fuse(&format!("kill-after:{n}")).run().killed();
        landfall(&repo, &["version", "show"]).exits(0);
        let now = files(repo.root());
        if now != old {
            were_new.push(now);
        }
        repo.git(&["checkout", "--quiet", "."]);
        repo.git(&["clean", "--quiet", "-fd", "meta"]);
        assert_eq!(files(repo.root()), old, "{n}: no stray file");
    }
    assert!(
        were_new.windows(2).all(|two| two[0] == two[1]),
        "half an edit"
    );
    assert!(!were_new.is_empty());
}

#[test]
fn what_cannot_be_asked_is_not_proved_and_that_is_said() {
    let repo = Repo::npm();
    let only_git = repo.env_with(&["git"], &[]).swap_remove(0).1;
    Call::new(&repo, &["version", "set", VERSION])
        .env("PATH", only_git)
        .run()
        .exits(0)
        .says("proved: every place carries 1.0.0-mvp")
        .says("not proved: npm ci takes package-lock.json: ");
    assert!(
        repo.read("package-lock.json")
            .contains("\"version\": \"1.0.0-mvp\"")
    );
}

#[test]
fn npm_is_asked_whether_it_takes_the_lock_file() {
    let repo = Repo::npm();
    landfall(&repo, &["version", "set", VERSION])
        .exits(0)
        .says("\nproved: npm ci takes package-lock.json");
    repo.git(&["checkout", "--quiet", "."]);
    // The lock file does not know what the manifest asks for.
    let package = "{\n  \"name\": \"@fixture/two\",\n  \"version\": \"0.9.0\",\n  \"dependencies\": {\n    \"@fixture/root\": \"^0.8.0\"\n  }\n}\n";
    repo.write("packages/two/package.json", package);
    repo.commit("feat: a dependency that is not locked");
    let old = files(repo.root());
    let run = landfall(&repo, &["version", "set", VERSION]);
    // Which of the two npm says depends on what it has in its cache; it never takes it.
    assert!(
        run.code == Some(1) || run.stderr.contains("not proved: npm ci"),
        "{run}"
    );
    if run.code == Some(1) {
        assert_eq!(files(repo.root()), old);
    }
}

#[test]
fn real_pnpm_is_asked_whether_it_takes_the_lock_file() {
    let Some(pnpm) = real_program("pnpm") else {
        return;
    };
    let repo = Repo::pnpm();
    let package = repo.read("packages/two/package.json");
    let lock = repo.read("pnpm-lock.yaml");
    let path = path_with(&repo, pnpm.parent().unwrap());
    let set = || Call::new(&repo, &["version", "set", VERSION]).env("PATH", &path);
    set()
        .run()
        .exits(0)
        .says("\nproved: pnpm install --frozen-lockfile takes pnpm-lock.yaml");
    assert!(!repo.root().join("node_modules").exists());
    assert_eq!(repo.read("pnpm-lock.yaml"), lock);
    repo.git(&["checkout", "--quiet", "."]);
    repo.write(
        "packages/two/package.json",
        package.replace("workspace:^", "workspace:~"),
    );
    repo.commit("feat: another range");
    let old = files(repo.root());
    set().run().exits(1).says("ERR_PNPM_OUTDATED_LOCKFILE");
    assert_eq!(files(repo.root()), old);
}
