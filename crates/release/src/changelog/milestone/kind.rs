//! What kind of release it is: as configured, else by the version and the release before.

use anyhow::Result;
use gates::tags::Tags;
use semver::Version;

use super::Collect;

impl Collect<'_> {
    pub(super) fn kind(&self) -> Result<String> {
        if let Some(kind) = &self.cx.config.changelog.milestone.kind {
            return Ok(kind.clone());
        }
        let previous = match &self.inputs.previous {
            Some(tag) => {
                let tags = Tags::of(&self.cx.world, &self.cx.root, &self.cx.config)?;
                tags.version(tag)
            }
            None => None,
        };
        Ok(kind_of(&self.inputs.version, previous.as_ref()).to_owned())
    }
}

/// A pre-release is one whatever came before it (SemVer 2.0.0, section 9).
fn kind_of(version: &Version, previous: Option<&Version>) -> &'static str {
    match previous {
        _ if !version.pre.is_empty() => "pre-release",
        None => "first release",
        Some(before) if version.major != before.major => "major",
        Some(before) if version.minor != before.minor => "minor",
        // Out of its pre-releases: what it is after, is what they were.
        Some(before) if !before.pre.is_empty() && version.patch == before.patch => {
            match (version.minor, version.patch) {
                (0, 0) => "major",
                (_, 0) => "minor",
                _ => "patch",
            }
        }
        Some(_) => "patch",
    }
}

#[cfg(test)]
mod tests {
    use super::kind_of;

    #[test]
    fn kinds_follow_from_versions() {
        for (version, previous, kind) in [
            ("1.0.0-mvp", Some("0.9.0"), "pre-release"),
            ("0.1.0", None, "first release"),
            ("1.0.0", Some("0.9.0"), "major"),
            ("1.0.0", Some("1.0.0-rc.2"), "major"),
            ("1.1.0", Some("1.1.0-rc.2"), "minor"),
            ("1.1.1", Some("1.1.1-rc.2"), "patch"),
            ("0.10.0", Some("0.9.3"), "minor"),
            ("1.1.1", Some("1.1.0"), "patch"),
            ("1.1.1", Some("1.1.0-rc.1"), "patch"),
        ] {
            let previous = previous.map(|text| text.parse().unwrap());
            let version = version.parse().unwrap();
            assert_eq!(kind_of(&version, previous.as_ref()), kind, "{version}");
        }
    }
}
