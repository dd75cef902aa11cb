//! The web address of the repository, for links.

use world::git::Git;

use crate::Cx;

/// Where commits can be seen: configured, else worked out from the remote when it is a web address or an ssh one.
pub(super) fn url(cx: &Cx, git: &Git) -> Option<String> {
    if let Some(url) = &cx.config.project.repository {
        return Some(url.trim_end_matches('/').to_owned());
    }
    let remote = git
        .text(&["remote", "get-url", &cx.config.release.remote])
        .ok()?;
    web_address(&remote)
}

fn web_address(remote: &str) -> Option<String> {
    let trimmed = remote.trim_end_matches('/').trim_end_matches(".git");
    let place = match trimmed.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => rest
            .rsplit_once('@')
            .map_or(rest, |(_, place)| place)
            .to_owned(),
        Some(_) => return None,
        // `git@host:owner/name`; a path has a slash before any colon.
        None => {
            let (host, path) = trimmed.split_once(':')?;
            if host.contains('/') || path.starts_with('/') {
                return None;
            }
            format!(
                "{}/{path}",
                host.rsplit_once('@').map_or(host, |(_, host)| host)
            )
        }
    };
    let host = place.split('/').next()?;
    // A loopback or unqualified host is not a place to link to.
    (host.contains('.') && !host.starts_with("127.") && place.contains('/'))
        .then(|| format!("https://{place}"))
}

#[cfg(test)]
mod tests {
    use super::web_address;

    #[test]
    fn remotes_that_have_a_web_address() {
        for (remote, address) in [
            (
                "https://forge.example/o/n.git",
                Some("https://forge.example/o/n"),
            ),
            (
                "https://user:pw@forge.example/o/n",
                Some("https://forge.example/o/n"),
            ),
            (
                "git@forge.example:o/n.git",
                Some("https://forge.example/o/n"),
            ),
            (
                "ssh://git@forge.example/o/n.git",
                Some("https://forge.example/o/n"),
            ),
            ("/srv/git/n.git", None),
            ("../n.git", None),
            ("file:///srv/n.git", None),
            ("http://127.0.0.1:8080/n.git", None),
        ] {
            assert_eq!(web_address(remote).as_deref(), address, "{remote}");
        }
    }
}
