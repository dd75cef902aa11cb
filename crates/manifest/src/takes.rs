//! Whether a requirement takes a version: what a dependent is asked before it is raised.

use semver::{Version, VersionReq};

use crate::npm;

/// A requirement of Cargo. One that cannot be read takes nothing: whoever sets it gets the reason.
#[must_use]
pub fn cargo(requirement: &str, version: &Version) -> bool {
    VersionReq::parse(requirement).is_ok_and(|requirement| requirement.matches(version))
}

/// A range of npm, pnpm or yarn. `workspace:^`, `workspace:~` and `workspace:*` are published as a range of the version
/// that the package has then, so they take what that range of the version `before` takes. What is no range takes everything.
#[must_use]
pub fn npm(range: &str, before: Option<&Version>, version: &Version) -> bool {
    let Some(rest) = range.strip_prefix("workspace:") else {
        return npm::takes(range, version);
    };
    let rest = rest
        .rfind('@')
        .filter(|&at| at > 0)
        .map_or(rest, |at| &rest[at + 1..]);
    let (operator, Some(before)) = (rest, before) else {
        return matches!(rest, "*" | "^" | "~") || npm::takes(rest, version);
    };
    match operator {
        "*" => before == version,
        "^" | "~" => npm::takes(&format!("{operator}{before}"), version),
        _ => npm::takes(rest, version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_takes_what_its_tool_takes() {
        let version = |text: &str| Version::parse(text).unwrap();
        for (requirement, of, takes) in [
            ("1", "1.9.0", true),
            ("1", "2.0.0", false),
            ("1", "1.9.0-rc.1", false),
            (">=1, <3", "2.0.0", true),
            ("nonsense", "1.0.0", false),
        ] {
            assert_eq!(
                cargo(requirement, &version(of)),
                takes,
                "{requirement} {of}"
            );
        }
        for (range, of, takes) in [
            ("^1.0.0", "1.9.0", true),
            ("^1.0.0", "2.0.0", false),
            ("1.0.0", "1.0.1", false),
            ("^1.0.0 || ^2.0.0", "2.1.0", true),
            ("*", "2.0.0-rc.1", true),
            ("latest", "2.0.0", true),
            ("file:../core", "2.0.0", true),
            ("workspace:^", "1.9.0", true),
            ("workspace:^", "2.0.0", false),
            ("workspace:~", "1.1.0", false),
            ("workspace:*", "1.0.0", true),
            ("workspace:*", "1.0.1", false),
            ("workspace:^1.0.0", "2.0.0", false),
            ("workspace:core@^1.0.0", "1.2.0", true),
            ("workspace:../core", "2.0.0", true),
        ] {
            let before = version("1.0.0");
            assert_eq!(
                npm(range, Some(&before), &version(of)),
                takes,
                "{range} {of}"
            );
        }
        assert!(npm("workspace:^", None, &version("2.0.0")));
    }
}
