//! Where the release comes from: its commit, its lock files and its configuration, each with a digest.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use archive::statement::Resource;
use world::git::Git;

use crate::artifacts::Build;

/// What pins the dependencies of a build, by the name of the file.
const LOCK_FILES: &[&str] = &[
    "Cargo.lock",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    ".terraform.lock.hcl",
];

const CONFIGURATION: &str = "release.toml";

pub(super) struct Source {
    pub(super) commit: Resource,
    /// Lock files and submodules by path. Without the lock files that the version leaves alone: they are somebody
    /// else's, or fixtures.
    pub(super) dependencies: Vec<Resource>,
    /// `release.toml`, where there is one.
    pub(super) configuration: Option<Resource>,
}

impl Source {
    /// Asks git, which has the bytes of the commit whatever a checkout makes of them.
    pub(super) fn of(build: &Build<'_>) -> Result<Source> {
        let (cx, commit) = (build.cx, build.commit);
        let uri = address_of(build).map(|url| format!("git+{url}@refs/tags/{}", build.inputs.tag));
        let mut source = Source {
            commit: Resource {
                name: Some("source".to_owned()),
                uri: uri.clone(),
                digest: BTreeMap::from([("gitCommit".to_owned(), commit.to_owned())]),
            },
            dependencies: Vec::new(),
            configuration: None,
        };
        let git = cx.git();
        let left_alone = |path: &str| {
            let globs = &cx.config.version.exclude;
            globs.iter().any(|glob| fast_glob::glob_match(glob, path))
        };
        for record in git.list(&["ls-tree", "-r", "-z", "--full-tree", commit])? {
            let Some((kind, object, path)) = entry(&record) else {
                continue;
            };
            let name = path.rsplit('/').next().unwrap_or(path);
            match kind {
                Entry::Submodule => source.dependencies.push(Resource {
                    name: Some(path.to_owned()),
                    // Where it came from is in `.gitmodules`, which the commit pins.
                    uri: None,
                    digest: BTreeMap::from([("gitCommit".to_owned(), object.to_owned())]),
                }),
                Entry::File if path == CONFIGURATION => {
                    source.configuration = Some(resource(&git, uri.as_ref(), object, path)?);
                }
                Entry::File if LOCK_FILES.contains(&name) && !left_alone(path) => {
                    let resource = resource(&git, uri.as_ref(), object, path)?;
                    source.dependencies.push(resource);
                }
                Entry::File => {}
            }
        }
        Ok(source)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Entry {
    File,
    Submodule,
}

/// Kind, object and path of a record `MODE TYPE OBJECT\tPATH`; `None` for a symbolic link, whose content is elsewhere.
fn entry(record: &str) -> Option<(Entry, &str, &str)> {
    let (what, path) = record.split_once('\t')?;
    let mut words = what.split(' ');
    let kind = match (words.next()?, words.next()?) {
        ("100644" | "100755", "blob") => Entry::File,
        ("160000", "commit") => Entry::Submodule,
        _ => return None,
    };
    Some((kind, words.next()?, path))
}

fn resource(git: &Git, uri: Option<&String>, blob: &str, path: &str) -> Result<Resource> {
    let output = git.ask(&["cat-file", "blob", blob])?.success()?;
    if output.truncated {
        bail!("{path} is larger than what is taken for a lock file");
    }
    Ok(Resource {
        name: Some(path.to_owned()),
        uri: uri.map(|uri| format!("{uri}#{path}")),
        digest: BTreeMap::from([
            ("gitBlob".to_owned(), blob.to_owned()),
            ("sha256".to_owned(), archive::sha256_hex(&output.stdout)),
        ]),
    })
}

/// Where strangers find the repository: the remote where that means anything to them, else what the configuration says.
fn address_of(build: &Build<'_>) -> Option<String> {
    let (cx, remote) = (build.cx, &build.inputs.remote);
    let git = cx.git();
    // What was declared first: a mirror that this machine has in its place (`url.….insteadOf`) is nobody else's.
    let declared = git.text(&["config", "--get", &format!("remote.{remote}.url")]);
    let used = || git.text(&["remote", "get-url", remote]).ok();
    let found = declared
        .ok()
        .and_then(|url| public(&url))
        .or_else(|| public(&used()?))
        .or_else(|| public(cx.config.project.repository.as_deref()?))?;
    // A secret in the path of an address is one all the same.
    (cx.world.redact(&found) == found).then_some(found)
}

/// The address less everything that may be a credential: user and password (but `git@`, which is everybody's with ssh),
/// query and fragment. `None` for a folder, for a host that only this network knows, and for what cannot be read with
/// certainty.
fn public(remote: &str) -> Option<String> {
    let remote = remote.split(['?', '#']).next()?;
    if remote.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let (scheme, rest) = match remote.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest.to_owned()),
        // `git@host:team/app.git`; a path has a slash before any colon.
        None => {
            let (host, path) = remote.split_once(':')?;
            let path = path.trim_start_matches('/');
            ("ssh".to_owned(), format!("{host}/{path}"))
        }
    };
    if !["https", "http", "ssh", "git"].contains(&scheme.as_str()) {
        return None;
    }
    let (authority, path) = rest.split_once('/')?;
    let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let place = place.to_ascii_lowercase();
    let (host, port) = place.split_once(':').unwrap_or((&place, "0"));
    let path = path.trim_end_matches('/');
    // A password with a slash in it would make what follows look like a path.
    let certain =
        !path.is_empty() && !path.contains('@') && port.bytes().all(|c| c.is_ascii_digit());
    let known = host.contains('.')
        && !host.starts_with("127.")
        && host
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b".-".contains(&c));
    let user = if scheme == "ssh" && user == "git" {
        "git@"
    } else {
        ""
    };
    (certain && known).then(|| format!("{scheme}://{user}{place}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::{Entry, entry, public};

    #[test]
    fn addresses_carry_no_credentials() {
        for (remote, address) in [
            (
                "https://forge.example/o/n.git",
                Some("https://forge.example/o/n.git"),
            ),
            (
                "https://user:token@forge.example/o/n",
                Some("https://forge.example/o/n"),
            ),
            (
                "https://token@forge.example/o/n/",
                Some("https://forge.example/o/n"),
            ),
            (
                "https://a@b:c@forge.example/o/n",
                Some("https://forge.example/o/n"),
            ),
            (
                "HTTPS://Forge.Example:8443/O/n",
                Some("https://forge.example:8443/O/n"),
            ),
            (
                "https://forge.example/o/n?private_token=abc",
                Some("https://forge.example/o/n"),
            ),
            (
                "https://forge.example/o/n#abc",
                Some("https://forge.example/o/n"),
            ),
            (
                "git@forge.example:o/n.git",
                Some("ssh://git@forge.example/o/n.git"),
            ),
            (
                "me@forge.example:o/n.git",
                Some("ssh://forge.example/o/n.git"),
            ),
            (
                "ssh://git:pw@forge.example:22/o/n.git",
                Some("ssh://forge.example:22/o/n.git"),
            ),
            ("git://forge.example/o/n", Some("git://forge.example/o/n")),
            // What cannot be told from a part of a password is not published.
            ("https://user:p/w@forge.example/o/n", None),
            ("https://user:p.x/w@forge.example/o/n", None),
            ("https://to.k/en@forge.example/o/n", None),
            ("https://user:pass word@forge.example/o/n", None),
            ("https://forge.example", None),
            ("https://forge.example/", None),
            ("http://127.0.0.1:8080/n.git", None),
            ("http://[::1]/o/n", None),
            ("http://forge/o/n", None),
            ("forge:o/n", None),
            ("/srv/git/n.git", None),
            ("../n.git", None),
            ("file:///srv/n.git", None),
            ("ext::sh -c cat", None),
            ("s3://bucket.example/n", None),
        ] {
            assert_eq!(public(remote).as_deref(), address, "{remote}");
        }
    }

    #[test]
    fn entries_of_a_commit() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        for (what, kind) in [
            ("100644 blob", Some(Entry::File)),
            ("100755 blob", Some(Entry::File)),
            ("160000 commit", Some(Entry::Submodule)),
            ("120000 blob", None),
        ] {
            let record = format!("{what} {id}\tsub/Cargo.lock");
            let found = kind.map(|kind| (kind, id, "sub/Cargo.lock"));
            assert_eq!(entry(&record), found, "{what}");
        }
    }
}
