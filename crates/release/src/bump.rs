//! The next version by a level, as SemVer orders them.

use anyhow::Result;
use semver::{BuildMetadata, Prerelease, Version};

use crate::{Kind, Refusal};

mod auto;

pub use auto::{Ask, Ground, Need, next};

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

/// A pre-release of the next major, minor or patch version graduates to it instead of passing it over. Build metadata
/// is dropped: it belongs to one build.
///
/// # Errors
/// When a pre-release is asked for and there is none, and when a number would not fit 64 bits.
pub fn bump(current: &Version, level: Level) -> Result<Version> {
    let mut next = core(current);
    let is_pre = !current.pre.is_empty();
    match level {
        Level::Major if is_pre && current.minor == 0 && current.patch == 0 => {}
        Level::Major => next = Version::new(one_more(current, current.major)?, 0, 0),
        Level::Minor if is_pre && current.patch == 0 => {}
        Level::Minor => next = Version::new(current.major, one_more(current, current.minor)?, 0),
        Level::Patch if is_pre => {}
        Level::Patch => next.patch = one_more(current, current.patch)?,
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

/// The three numbers.
fn core(version: &Version) -> Version {
    Version {
        pre: Prerelease::EMPTY,
        build: BuildMetadata::EMPTY,
        ..version.clone()
    }
}

fn one_more(version: &Version, number: u64) -> Result<u64> {
    number.checked_add(1).ok_or_else(|| {
        Refusal::new(
            Kind::Findings,
            format!("a number of {version} is the largest there is"),
            "name the version itself: cargo xtask version set X.Y.Z",
        )
        .into()
    })
}

/// `rc.1` → `rc.2`, `0.3.7` → `0.3.8`, `rc1` → `rc2`, `rc` → `rc.1`; always a later one, so `rc9` → `rc9.1`, for `rc10`
/// sorts before it.
fn next_pre(pre: &Prerelease) -> Result<Prerelease> {
    let text = pre.as_str();
    let (label, last) = text.rsplit_once('.').unwrap_or(("", text));
    let start = last.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (word, number) = last.split_at_checked(start).unwrap_or((last, ""));
    let dot = if label.is_empty() { "" } else { "." };
    if !number.is_empty() {
        let next = Prerelease::new(&format!("{label}{dot}{word}{}", increment(number)))?;
        if next > *pre {
            return Ok(next);
        }
    }
    Ok(Prerelease::new(&format!("{text}.1"))?)
}

/// One more, in decimal and of any length: a number in a pre-release has no limit.
fn increment(number: &str) -> String {
    let mut digits = number.as_bytes().to_vec();
    for digit in digits.iter_mut().rev() {
        if *digit != b'9' {
            *digit += 1;
            return String::from_utf8_lossy(&digits).into_owned();
        }
        *digit = b'0';
    }
    format!("1{}", String::from_utf8_lossy(&digits))
}

/// The first of the same label: `rc.7` → `rc.1`, `rc7` → `rc1`, `mvp` → `mvp`.
fn first_pre(pre: &Prerelease) -> Result<Prerelease> {
    let text = pre.as_str();
    let stem = text.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.len() == text.len() {
        return Ok(pre.clone());
    }
    Ok(Prerelease::new(&format!("{stem}1"))?)
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
            ("1.0.0-mvp+7", Level::Pre, "1.0.0-mvp.1"),
            ("1.0.0-0", Level::Pre, "1.0.0-1"),
            ("1.0.0-0.3.7", Level::Pre, "1.0.0-0.3.8"),
            ("1.0.0-x.7.z.92", Level::Pre, "1.0.0-x.7.z.93"),
            ("1.0.0-rc1", Level::Pre, "1.0.0-rc2"),
            ("1.0.0-rc.b2", Level::Pre, "1.0.0-rc.b3"),
            ("1.0.0-rc09", Level::Pre, "1.0.0-rc10"),
            ("1.0.0-rc9", Level::Pre, "1.0.0-rc9.1"),
            ("1.0.0---", Level::Pre, "1.0.0---.1"),
            (
                "1.0.0-9999999999999999999999",
                Level::Pre,
                "1.0.0-10000000000000000000000",
            ),
            ("1.0.0-mvp", Level::Release, "1.0.0"),
        ] {
            let next = bump(&from.parse().unwrap(), level).unwrap();
            assert_eq!(next.to_string(), to);
            assert!(next > from.parse().unwrap());
        }
        assert!(bump(&"1.0.0".parse().unwrap(), Level::Pre).is_err());
        assert!(bump(&"1.0.0".parse().unwrap(), Level::Release).is_err());
        for level in [Level::Major, Level::Minor, Level::Patch] {
            let most = "18446744073709551615.18446744073709551615.18446744073709551615";
            let error = bump(&most.parse().unwrap(), level).unwrap_err();
            assert!(
                error.to_string().contains("the largest there is"),
                "{error}"
            );
        }
    }
}
