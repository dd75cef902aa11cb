//! The next version from what commits ask for: versions in, a version out, no repository.
//!
//! Before 1.0.0 the numbers mean what Cargo and npm take them for: in 0.y.z the second breaks and the third does all
//! else, in 0.0.z every version breaks. 1.0.0 itself is a decision, so it never comes from here.

use std::cmp::Ordering;

use anyhow::{Result, bail};
use semver::{Prerelease, Version};

use super::{Level, bump, core, first_pre, next_pre};
use crate::{Kind, Refusal};

/// What commits ask for, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    Nothing,
    Patch,
    Minor,
    Major,
}

impl Need {
    /// As in an event.
    pub fn word(self) -> &'static str {
        match self {
            Need::Nothing => "none",
            Need::Patch => "patch",
            Need::Minor => "minor",
            Need::Major => "major",
        }
    }

    /// The level that this means after a release; `None`: nothing.
    fn level(self, released: &Version) -> Option<Level> {
        let level = match (self, released.major, released.minor) {
            (Need::Nothing, ..) => return None,
            (_, 0, 0) => Level::Patch,
            (Need::Major, 0, _) => Level::Minor,
            (Need::Minor | Need::Patch, 0, _) | (Need::Patch, ..) => Level::Patch,
            (Need::Major, ..) => Level::Major,
            (Need::Minor, ..) => Level::Minor,
        };
        Some(level)
    }
}

/// Which kind of version is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// After a release a release, after a pre-release the next of it.
    Next,
    /// A pre-release with this label.
    Pre(String),
    /// A release: a pre-release graduates.
    Release,
}

/// What a next version is worked out from.
#[derive(Debug, Clone)]
pub struct Ground {
    /// As the files declare it.
    pub current: Version,
    /// The last release by ancestry that is no pre-release.
    pub released: Option<Version>,
    /// The last release by ancestry, of any kind.
    pub latest: Option<Version>,
    /// Of the commits since `released`, less what was taken back.
    pub need: Need,
    /// Whether the commits since `latest` ask for anything.
    pub fresh: bool,
}

/// The next version; `None`: there is nothing to release. A current version that was raised already, and far enough, is
/// the answer itself: asking twice gives the same.
///
/// # Errors
/// When the wanted label would sort before what there is, is no label, or a number would not fit 64 bits.
pub fn next(ground: &Ground, ask: &Ask) -> Result<Option<Version>> {
    let needed = match &ground.released {
        Some(released) => ground
            .need
            .level(released)
            .map(|level| bump(released, level))
            .transpose()?,
        None => None,
    };
    let Some(latest) = &ground.latest else {
        return first(&ground.current, ask).map(Some);
    };
    let is_raised = precedes(latest, &ground.current);
    let start = if is_raised { &ground.current } else { latest };
    let is_pre = !start.pre.is_empty();
    let covers = |core: &Version| needed.as_ref().is_none_or(|needed| !precedes(core, needed));
    let graduates = *ask == Ask::Release && is_pre;
    if !is_raised && !ground.fresh && !graduates {
        return Ok(None);
    }
    let kept = covers(&core(start));
    let core = match needed {
        Some(needed) if !kept => needed,
        _ if is_pre || is_raised => core(start),
        Some(needed) => needed,
        None => return Ok(None),
    };
    let fits = match ask {
        Ask::Next => true,
        Ask::Pre(label) => is_pre && stem(&start.pre) == stem(&Prerelease::new(label)?),
        Ask::Release => !is_pre,
    };
    if is_raised && kept && fits {
        return Ok(Some(ground.current.clone()));
    }
    let pre = match ask {
        Ask::Release => Prerelease::EMPTY,
        Ask::Next if !is_pre => Prerelease::EMPTY,
        Ask::Next | Ask::Pre(_) if is_pre && kept && fits => next_pre(&start.pre)?,
        Ask::Next => first_pre(&start.pre)?,
        Ask::Pre(label) => first_of(label)?,
    };
    let next = Version { pre, ..core };
    if !precedes(start, &next) {
        return Err(backwards(start, &next));
    }
    Ok(Some(next))
}

/// Nothing was ever released: what is declared is the first, as it is.
fn first(current: &Version, ask: &Ask) -> Result<Version> {
    let next = match ask {
        Ask::Next => return Ok(current.clone()),
        Ask::Release => core(current),
        Ask::Pre(label) => Version {
            pre: first_of(label)?,
            ..core(current)
        },
    };
    if precedes(&next, current) {
        return Err(backwards(current, &next));
    }
    Ok(next)
}

fn backwards(from: &Version, to: &Version) -> anyhow::Error {
    Refusal::new(
        Kind::Findings,
        format!("{to} would come next, but it sorts before {from}"),
        "name another label, or the version itself: cargo xtask version set X.Y.Z",
    )
    .into()
}

fn precedes(one: &Version, other: &Version) -> bool {
    one.cmp_precedence(other) == Ordering::Less
}

/// `rc` → `rc.1`; a label that brings its number keeps it.
fn first_of(label: &str) -> Result<Prerelease> {
    let is_numbered = label.ends_with(|c: char| c.is_ascii_digit());
    let text = if is_numbered {
        label.to_owned()
    } else {
        format!("{label}.1")
    };
    match Prerelease::new(&text) {
        Ok(pre) if !pre.is_empty() && !label.is_empty() => Ok(pre),
        _ => bail!(Refusal::new(
            Kind::Usage,
            format!("`{}` is no label of a pre-release", label.escape_debug()),
            "write letters, digits, hyphens and dots, for example rc",
        )),
    }
}

/// A label less its number.
fn stem(pre: &Prerelease) -> &str {
    pre.as_str()
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches('.')
}

#[cfg(test)]
mod tests;
