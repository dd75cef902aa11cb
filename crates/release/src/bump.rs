//! The next version by a level, as SemVer orders them.

use anyhow::Result;
use semver::{BuildMetadata, Prerelease, Version};

use crate::{Kind, Refusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Major,
    Minor,
    Patch,
    /// The next of the same pre-release label.
    Pre,
    /// The release that a pre-release leads to.
    Release,
}

/// A pre-release of the next major, minor or patch version graduates to it instead of passing it over.
pub fn bump(current: &Version, level: Level) -> Result<Version> {
    let mut next = Version {
        pre: Prerelease::EMPTY,
        build: BuildMetadata::EMPTY,
        ..current.clone()
    };
    let is_pre = !current.pre.is_empty();
    match level {
        Level::Major if is_pre && current.minor == 0 && current.patch == 0 => {}
        Level::Major => next = Version::new(current.major + 1, 0, 0),
        Level::Minor if is_pre && current.patch == 0 => {}
        Level::Minor => next = Version::new(current.major, current.minor + 1, 0),
        Level::Patch if is_pre => {}
        Level::Patch => next.patch += 1,
        Level::Release if is_pre => {}
        Level::Pre if is_pre => next.pre = next_pre(&current.pre)?,
        Level::Release | Level::Pre => {
            return Err(Refusal::new(
                Kind::Usage,
                format!("{current} is no pre-release"),
                "name the version itself, for example 1.0.0-rc.1",
            )
            .into());
        }
    }
    Ok(next)
}

/// `rc.1` → `rc.2`, `rc` → `rc.1`.
fn next_pre(pre: &Prerelease) -> Result<Prerelease> {
    let (label, last) = pre.as_str().rsplit_once('.').unwrap_or(("", pre.as_str()));
    let text = match last.parse::<u64>() {
        Ok(number) if label.is_empty() => format!("{}", number + 1),
        Ok(number) => format!("{label}.{}", number + 1),
        Err(_) => format!("{pre}.1"),
    };
    Ok(Prerelease::new(&text)?)
}

#[cfg(test)]
mod tests {
    use super::{Level, bump};

    #[test]
    fn levels() {
        for (from, level, to) in [
            ("1.2.3", Level::Major, "2.0.0"),
            ("1.2.3", Level::Minor, "1.3.0"),
            ("1.2.3+b", Level::Patch, "1.2.4"),
            ("2.0.0-rc.1", Level::Major, "2.0.0"),
            ("2.1.0-rc.1", Level::Major, "3.0.0"),
            ("2.1.0-rc.1", Level::Minor, "2.1.0"),
            ("2.1.1-rc.1", Level::Patch, "2.1.1"),
            ("1.0.0-rc.9", Level::Pre, "1.0.0-rc.10"),
            ("1.0.0-mvp", Level::Pre, "1.0.0-mvp.1"),
            ("1.0.0-0", Level::Pre, "1.0.0-1"),
            ("1.0.0-mvp", Level::Release, "1.0.0"),
        ] {
            let next = bump(&from.parse().unwrap(), level).unwrap();
            assert_eq!(next.to_string(), to);
            assert!(next > from.parse().unwrap());
        }
        assert!(bump(&"1.0.0".parse().unwrap(), Level::Pre).is_err());
        assert!(bump(&"1.0.0".parse().unwrap(), Level::Release).is_err());
    }
}
