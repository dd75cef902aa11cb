//! Lock files of npm and pnpm, with what they hold in the wild: aliases, bundles, peers, git, archives, links.

use std::fmt::Write as _;

use testkit::Repo;

use super::{made, names, short};

/// 64 bytes of zero.
const SHA512: &str = "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";

pub(super) const NPM: &str = r#"{ "lockfileVersion": 3, "packages": {
  "": { "name": "root", "version": "1.0.0", "workspaces": ["packages/*"] },
  "node_modules/@acme/one": { "resolved": "packages/one", "link": true },
  "node_modules/two": { "resolved": "packages/two", "link": true },
  "packages/one": { "name": "@acme/one", "version": "1.0.0",
    "dependencies": { "lefty": "^1.0.0", "alias": "npm:@s/real@3", "of-git": "x", "archive": "x", "two": "^1.0.0" },
    "optionalDependencies": { "maybe": "1", "not-there": "1" },
    "peerDependencies": { "peer": "1", "rare": "1" }, "peerDependenciesMeta": { "rare": { "optional": true } },
    "devDependencies": { "tool": "1" } },
  "packages/two": { "version": "1.0.0", "dependencies": { "lefty": "^2.0.0", "lost": "1" } },
  "packages/two/node_modules/lefty": { "version": "2.0.0", "resolved": "https://registry.example/lefty/-/lefty-2.0.0.tgz", "integrity": "INTEGRITY", "license": "ISC" },
  "node_modules/lefty": { "version": "1.2.0", "resolved": "https://registry.example/lefty/-/lefty-1.2.0.tgz", "integrity": "INTEGRITY", "license": "MIT",
    "dependencies": { "deep": "1" } },
  "node_modules/lefty/node_modules/deep": { "version": "1.0.0", "inBundle": true, "license": { "type": "MIT" } },
  "node_modules/alias": { "name": "@s/real", "version": "3.0.0", "resolved": "https://registry.example/@s/real/-/real-3.0.0.tgz", "integrity": "INTEGRITY" },
  "node_modules/of-git": { "version": "4.0.0", "resolved": "git+ssh://git@forge.example/team/of-git.git#0123abcd", "license": "SEE LICENSE IN x.md" },
  "node_modules/archive": { "version": "5.0.0", "resolved": "https://me:secret@files.example/archive.tgz", "integrity": "INTEGRITY" },
  "node_modules/maybe": { "version": "6.0.0", "optional": true, "os": ["darwin"], "integrity": "INTEGRITY", "dependencies": { "deep": "2" } },
  "node_modules/deep": { "version": "2.0.0", "optional": true, "integrity": "INTEGRITY" },
  "node_modules/peer": { "version": "7.0.0", "peer": true, "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" },
  "node_modules/tool": { "version": "8.0.0", "dev": true }
} }"#;

pub(super) const PNPM_9: &str = "lockfileVersion: '9.0'
patchedDependencies:
  lefty@1.2.0: { hash: abc, path: patches/lefty.patch }
importers:
  .:
    devDependencies:
      tool: {specifier: ^8.0.0, version: 8.0.0}
  packages/one:
    dependencies:
      lefty: {specifier: ^1.0.0, version: 1.2.0(patch_hash=abc)(peer@7.0.0)}
      alias: {specifier: 'npm:@s/real@3', version: '@s/real@3.0.0'}
      of-git: {specifier: x, version: git+ssh://git@forge.example/team/of-git.git#0123abcd}
      archive: {specifier: x, version: https://me:secret@files.example/archive.tgz}
      vendored: {specifier: 'file:vendored.tgz', version: file:packages/one/vendored.tgz}
      two: {specifier: 'workspace:^', version: link:../two}
    optionalDependencies:
      maybe: {specifier: '6', version: 6.0.0}
  packages/two:
    dependencies:
      elsewhere: {specifier: 'link:../../../elsewhere', version: link:../../../elsewhere}
packages:
  tool@8.0.0: {resolution: {integrity: INTEGRITY}}
  lefty@1.2.0: {resolution: {integrity: INTEGRITY}}
  peer@7.0.0: {resolution: {integrity: INTEGRITY}}
  '@s/real@3.0.0': {resolution: {integrity: INTEGRITY}}
  of-git@git+ssh://git@forge.example/team/of-git.git#0123abcd:
    {resolution: {commit: 0123abcd, repo: 'git+ssh://git@forge.example/team/of-git.git', type: git}, version: 4.0.0}
  archive@https://me:secret@files.example/archive.tgz:
    {resolution: {integrity: INTEGRITY, tarball: 'https://me:secret@files.example/archive.tgz'}, version: 5.0.0}
  vendored@file:packages/one/vendored.tgz:
    {resolution: {integrity: INTEGRITY, tarball: 'file:packages/one/vendored.tgz'}}
  maybe@6.0.0: {resolution: {integrity: INTEGRITY}, os: [darwin]}
snapshots:
  tool@8.0.0: {}
  lefty@1.2.0(patch_hash=abc)(peer@7.0.0):
    dependencies: {peer: 7.0.0}
  peer@7.0.0: {}
  '@s/real@3.0.0': {}
  of-git@git+ssh://git@forge.example/team/of-git.git#0123abcd: {}
  archive@https://me:secret@files.example/archive.tgz: {}
  vendored@file:packages/one/vendored.tgz: {}
  maybe@6.0.0: {optional: true}
";

const PNPM_6: &str = "lockfileVersion: '6.0'
importers:
  .: {}
  packages/one:
    dependencies:
      lefty: {specifier: ^1.0.0, version: 1.2.0(peer@7.0.0)}
      alias: {specifier: 'npm:@s/real@3', version: /@s/real@3.0.0}
      of-forge: {specifier: team/of-forge, version: forge.example/team/of-forge/0123}
  packages/two: {}
packages:
  /lefty@1.2.0(peer@7.0.0):
    resolution: {integrity: INTEGRITY}
    dependencies: {peer: 7.0.0}
    dev: false
  /peer@7.0.0:
    resolution: {integrity: INTEGRITY}
  /@s/real@3.0.0:
    resolution: {integrity: INTEGRITY}
  forge.example/team/of-forge/0123:
    resolution: {tarball: https://forge.example/team/of-forge/tar.gz/0123}
    name: of-forge
    version: 9.0.0
";

/// A private root and the packages `@acme/one` and `two`, 1.0.0.
pub(super) fn repo_of(lock: &str, text: &str) -> Repo {
    let repo = Repo::empty();
    repo.write("package.json", "{\"name\": \"root\", \"version\": \"1.0.0\", \"private\": true, \"workspaces\": [\"packages/*\"]}")
        .write("packages/one/package.json", "{\"name\": \"@acme/one\", \"version\": \"1.0.0\", \"license\": \"MIT\", \"author\": \"dev <dev@example.com> (https://dev.example)\", \"repository\": {\"url\": \"git+https://forge.example/team/one.git\"}, \"dependencies\": {\"lefty\": \"1\"}}")
        .write("packages/two/package.json", "{\"name\": \"two\", \"version\": \"1.0.0\"}")
        .write(lock, text.replace("INTEGRITY", SHA512));
    if lock == "pnpm-lock.yaml" {
        repo.write("pnpm-workspace.yaml", "packages: ['packages/*']\n");
    }
    repo.commit("feat: the beginning");
    repo
}

/// What is said of `@acme/one`, and of which packages not all is known.
fn one(lock: &str, text: &str) -> (Vec<String>, Vec<String>) {
    let repo = repo_of(lock, text);
    let made = made(&repo, "1.0.0", "").unwrap();
    assert_eq!(
        names(&made),
        ["acme-one-1.0.0.cdx.json", "two-1.0.0.cdx.json"].into()
    );
    for text in made.texts.values() {
        assert!(!text.contains("secret") && !text.contains(repo.outside().to_str().unwrap()));
    }
    let document = &made.documents["acme-one-1.0.0.cdx.json"];
    let incomplete = document["compositions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["aggregate"] == "incomplete")
        .flat_map(|one| one["dependencies"].as_array().unwrap())
        .map(|one| one.as_str().unwrap().to_owned())
        .collect();
    (short(document), incomplete)
}

#[test]
fn npm_lists_what_is_installed_for_a_package_and_no_more() {
    let (all, incomplete) = one("package-lock.json", NPM);
    assert_eq!(
        all,
        [
            "pkg:npm/%40acme/one@1.0.0 - - MIT",
            "pkg:npm/%40s/real@3.0.0 required SHA-512 -",
            "pkg:npm/archive@5.0.0?download_url=https://files.example/archive.tgz required SHA-512 -",
            "pkg:npm/deep@1.0.0 required - MIT",
            "pkg:npm/deep@2.0.0 optional SHA-512 -",
            "pkg:npm/lefty@1.2.0 required SHA-512 MIT",
            "pkg:npm/lefty@2.0.0 required SHA-512 ISC",
            "pkg:npm/maybe@6.0.0 optional SHA-512 -",
            "pkg:npm/of-git@4.0.0?vcs_url=git%2Bssh://git%40forge.example/team/of-git.git%400123abcd required - SEE LICENSE IN x.md",
            "pkg:npm/peer@7.0.0 required SHA-1 -",
            "pkg:npm/two@1.0.0 required - -",
        ]
    );
    // `two` needs `lost`, which the lock file does not have; what is optional may be missing.
    assert_eq!(incomplete, ["pkg:npm/two@1.0.0"]);
}

#[test]
fn pnpm_lists_the_same_of_both_of_its_forms() {
    let (all, incomplete) = one("pnpm-lock.yaml", PNPM_9);
    assert_eq!(
        all,
        [
            "pkg:npm/%40acme/one@1.0.0 - - MIT",
            "pkg:generic/vendored required SHA-512 -",
            "pkg:npm/%40s/real@3.0.0 required SHA-512 -",
            "pkg:npm/archive@5.0.0?download_url=https://files.example/archive.tgz required SHA-512 -",
            "pkg:npm/lefty@1.2.0 required SHA-512 -",
            "pkg:npm/maybe@6.0.0 optional SHA-512 -",
            "pkg:npm/of-git@4.0.0?vcs_url=git%2Bssh://git%40forge.example/team/of-git.git%400123abcd required - -",
            "pkg:npm/peer@7.0.0 required SHA-512 -",
            "pkg:npm/two@1.0.0 required - -",
        ]
    );
    assert_eq!(incomplete, ["pkg:npm/two@1.0.0"]);
    let (all, incomplete) = one("pnpm-lock.yaml", PNPM_6);
    assert_eq!(
        all[1..],
        [
            "pkg:npm/%40s/real@3.0.0 required SHA-512 -",
            "pkg:npm/lefty@1.2.0 required SHA-512 -",
            "pkg:npm/of-forge@9.0.0?download_url=https://forge.example/team/of-forge/tar.gz/0123 required - -",
            "pkg:npm/peer@7.0.0 required SHA-512 -",
        ]
    );
    assert_eq!(incomplete, Vec::<String>::new());
}

#[test]
fn lock_files_that_cannot_be_read_are_errors_that_say_where_and_what_to_do() {
    for (lock, text, says) in [
        (
            "package-lock.json",
            "{ \"lockfileVersion\": 3,\n x",
            "line 2 column 2",
        ),
        ("package-lock.json", "{}", "no lockfileVersion"),
        (
            "package-lock.json",
            "{\"lockfileVersion\": 1}",
            "lockfileVersion 1 is not read here, only 2 and 3; `npm install` of npm 7",
        ),
        (
            "package-lock.json",
            "{\"lockfileVersion\": 4, \"packages\": {}}",
            "lockfileVersion 4",
        ),
        (
            "package-lock.json",
            "{\"lockfileVersion\": 3, \"packages\": {\"\": {}}}",
            "does not know the package in `packages/one`",
        ),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'\na: [\n", "line 3"),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: 5.4\n",
            "lockfileVersion 5.4 is not read here, only 6 and 9",
        ),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: '9.0'\nimporters: {.: {}, packages/one: {}}\n",
            "does not know the package in `packages/two`",
        ),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: '9.0'\nimporters: {.: {}, packages/one: {}, packages/two: {}}\nsnapshots: {a@1: {}}\n",
            "it needs `a@1`",
        ),
    ] {
        let error = made(&repo_of(lock, text), "1.0.0", "").err().unwrap();
        let error = format!("{error:#}");
        assert!(
            error.contains(says) && error.contains(lock),
            "{text}\n{error}"
        );
    }
    let repo = repo_of("yarn.lock", "# yarn lockfile v1\n");
    let without = made(&repo, "1.0.0", "").unwrap();
    assert!(without.assets.is_empty());
    assert_eq!(
        without.notes,
        ["no SBOM: the lock file of yarn is not read"]
    );
    let repo = repo_of("other", "");
    let without = made(&repo, "1.0.0", "").unwrap();
    assert!(
        without.assets.is_empty() && without.notes[0].contains("package-lock.json is not part")
    );
}

#[test]
fn ten_thousand_packages_are_read() {
    let mut text = "{\"lockfileVersion\": 3, \"packages\": {\"packages/two\": {}, \"packages/one\": {\"dependencies\": {\"p0\": \"1\"}}, \"\": {}".to_owned();
    for number in 0..10_000 {
        let (next, far) = ((number + 1) % 10_000, number * 7 % 10_000);
        write!(
            text,
            ", \"node_modules/p{number}\": {{\"version\": \"1.0.0\", \"dependencies\": {{\"p{next}\": \"1\", \"p{far}\": \"1\"}}}}"
        )
        .unwrap();
    }
    text.push_str("}}");
    let made = made(&repo_of("package-lock.json", &text), "1.0.0", "").unwrap();
    let document = &made.documents["acme-one-1.0.0.cdx.json"];
    assert_eq!(document["components"].as_array().unwrap().len(), 10_000);
}
