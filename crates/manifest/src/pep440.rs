//! Versions as Python has them (PEP 440; "Version specifiers" of the packaging specifications), and what SemVer and PEP 440
//! say of each other.
//!
//! `1.0.0-rc.1` is `1.0.0rc1` in Python's normal form, `-alpha.2` is `a2`, `-beta.1` is `b1`, `-dev.3` is `.dev3`, and build
//! metadata is the local version (`+b.1`), which an index does not take. PEP 440 orders dev before alpha, SemVer after beta:
//! who uses both labels gets two orders. What PEP 440 would read as something later than the release (`-1`, `-post.1`) or has
//! no word for (`-mvp`) has no spelling here.

use std::cmp::Ordering;

use semver::{BuildMetadata, Prerelease, Version};

/// A version cut in pieces. Two spellings of one version give the same pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pep {
    epoch: u64,
    pub(crate) release: Vec<u64>,
    pre: Option<(Label, u64)>,
    post: Option<u64>,
    dev: Option<u64>,
    /// In small letters, parted by dots.
    local: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Alpha,
    Beta,
    Candidate,
}

/// How a version is written into a Python manifest: in the normal form, and where that would not say the same version when
/// it is read again (`1.0.0-rc1`, `1.0.0-alpha`), as SemVer has it, which PEP 440 reads as well.
///
/// # Errors
/// Why PEP 440 has no spelling for it.
pub(crate) fn spelled(version: &Version) -> Result<String, String> {
    let text = version.to_string();
    let Some(pep) = parse(&text) else {
        let bare = Version {
            build: BuildMetadata::EMPTY,
            ..version.clone()
        };
        let wants = match parse(&bare.to_string()) {
            Some(_) => "a local version is letters and digits, parted by single dots or hyphens",
            None => "it knows the pre-releases `alpha.N`, `beta.N`, `rc.N` and `dev.N`",
        };
        return Err(format!("PEP 440 has no spelling for {version}: {wants}"));
    };
    if pep.post.is_some() {
        return Err(format!(
            "PEP 440 reads {version} as the post-release {}, which comes after the release and not before it",
            pep.normal()
        ));
    }
    if pep.pre.is_some() && pep.dev.is_some() {
        return Err(format!(
            "PEP 440 reads {version} as {}, which comes before that pre-release and not after it",
            pep.normal()
        ));
    }
    let normal = pep.normal();
    if semver(&normal).as_ref() == Some(version) {
        Ok(normal)
    } else {
        Ok(text)
    }
}

/// The SemVer version that a Python version says; `None` where SemVer has no spelling for it: `1.0`, `1.0.0.post1`,
/// `1!1.0.0`, `1.0.0a1.dev2`, and whatever is no Python version.
pub(crate) fn semver(text: &str) -> Option<Version> {
    let pep = parse(text)?;
    if pep.post.is_some() || (pep.pre.is_some() && pep.dev.is_some()) {
        return None;
    }
    if let Ok(version) = Version::parse(text) {
        return Some(version);
    }
    let [major, minor, patch] = pep.release[..] else {
        return None;
    };
    let label = match (pep.pre, pep.dev) {
        (Some((label, number)), _) => format!("{}.{number}", label.in_full()),
        (None, Some(number)) => format!("dev.{number}"),
        (None, None) => String::new(),
    };
    let version = Version {
        major,
        minor,
        patch,
        pre: Prerelease::new(&label).ok()?,
        build: BuildMetadata::new(pep.local.as_deref().unwrap_or_default()).ok()?,
    };
    (pep.epoch == 0).then_some(version)
}

impl Label {
    fn in_full(self) -> &'static str {
        match self {
            Label::Alpha => "alpha",
            Label::Beta => "beta",
            Label::Candidate => "rc",
        }
    }
}

impl Pep {
    /// The normal form.
    pub(crate) fn normal(&self) -> String {
        let mut text = String::new();
        if self.epoch > 0 {
            text = format!("{}!", self.epoch);
        }
        text.push_str(&numbers(&self.release));
        text.push_str(&self.suffix());
        if let Some(local) = &self.local {
            text.push('+');
            text.push_str(local);
        }
        text
    }

    /// The normal form of what stands behind the numbers, without the local version.
    pub(crate) fn suffix(&self) -> String {
        let mut text = String::new();
        if let Some((label, number)) = self.pre {
            let label = match label {
                Label::Alpha => "a",
                Label::Beta => "b",
                Label::Candidate => "rc",
            };
            text.push_str(&format!("{label}{number}"));
        }
        if let Some(number) = self.post {
            text.push_str(&format!(".post{number}"));
        }
        if let Some(number) = self.dev {
            text.push_str(&format!(".dev{number}"));
        }
        text
    }

    pub(crate) fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    pub(crate) fn has_local(&self) -> bool {
        self.local.is_some()
    }

    /// A number of the release; the ones that are not written are zero.
    pub(crate) fn number(&self, index: usize) -> u64 {
        self.release.get(index).copied().unwrap_or_default()
    }

    /// Whether the first numbers are those of the other.
    pub(crate) fn begins_as(&self, other: &Pep, length: usize) -> bool {
        self.epoch == other.epoch
            && (0..length).all(|index| self.number(index) == other.number(index))
    }

    /// The order of PEP 440, without a look at local versions.
    pub(crate) fn order(&self, other: &Pep) -> Ordering {
        let length = self.release.len().max(other.release.len());
        let release = |pep: &Pep| {
            (0..length)
                .map(|index| pep.number(index))
                .collect::<Vec<_>>()
        };
        let key = |pep: &Pep| {
            let phase = match (pep.pre, pep.post, pep.dev) {
                (Some((label, number)), _, _) => (1, Some((label, number))),
                (None, None, Some(_)) => (0, None),
                (None, _, _) => (2, None),
            };
            let dev = pep.dev.map_or((1, 0), |number| (0, number));
            (
                pep.epoch,
                release(pep),
                phase,
                pep.post.map(|number| number + 1).unwrap_or_default(),
                dev,
            )
        };
        key(self).cmp(&key(other))
    }
}

/// Numbers with dots between them.
pub(crate) fn numbers(release: &[u64]) -> String {
    let numbers: Vec<String> = release.iter().map(u64::to_string).collect();
    numbers.join(".")
}

/// Reads every spelling that PEP 440 permits ("Appendix B"), `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<Pep> {
    let lower = text.trim().to_ascii_lowercase();
    let (public, local) = match lower.split_once('+') {
        Some((public, local)) => (public, Some(normal_local(local)?)),
        None => (lower.as_str(), None),
    };
    let mut rest = public.strip_prefix('v').unwrap_or(public);
    let mut epoch = 0;
    if let Some((number, behind)) = rest.split_once('!') {
        epoch = whole(number)?;
        rest = behind;
    }
    let mut release = vec![take_number(&mut rest)?];
    while let Some(mut behind) = rest.strip_prefix('.')
        && let Some(number) = take_number(&mut behind)
    {
        release.push(number);
        rest = behind;
    }
    // The longer spelling first: `alpha` is not `a` with something behind it.
    let pre = take_part(
        &mut rest,
        &[
            ("alpha", Label::Alpha),
            ("a", Label::Alpha),
            ("beta", Label::Beta),
            ("b", Label::Beta),
            ("preview", Label::Candidate),
            ("pre", Label::Candidate),
            ("rc", Label::Candidate),
            ("c", Label::Candidate),
        ],
    );
    let post = take_bare_post(&mut rest)
        .or_else(|| Some(take_part(&mut rest, &[("post", ()), ("rev", ()), ("r", ())])?.1));
    let dev = take_part(&mut rest, &[("dev", ())]).map(|(_, number)| number);
    rest.is_empty().then_some(Pep {
        epoch,
        release,
        pre,
        post,
        dev,
        local,
    })
}

fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Takes the number in front; one that does not fit leaves everything as it is.
fn take_number(rest: &mut &str) -> Option<u64> {
    let end = rest
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(rest.len());
    let number = whole(&rest[..end])?;
    *rest = &rest[end..];
    Some(number)
}

/// A word of the list with its number (none is 0), a separator before each of the two.
fn take_part<T: Copy>(rest: &mut &str, words: &[(&str, T)]) -> Option<(T, u64)> {
    let separators = ['.', '-', '_'];
    let body = rest.strip_prefix(separators).unwrap_or(rest);
    let (word, behind) = words
        .iter()
        .find_map(|(name, word)| Some((*word, body.strip_prefix(name)?)))?;
    // The separator belongs to the part also where no number follows: `1.0rc.` is `1.0rc0`.
    *rest = behind.strip_prefix(separators).unwrap_or(behind);
    Some((word, take_number(rest).unwrap_or_default()))
}

/// `1.0-1` is `1.0.post1`.
fn take_bare_post(rest: &mut &str) -> Option<u64> {
    let mut body = rest.strip_prefix('-')?;
    let number = take_number(&mut body)?;
    *rest = body;
    Some(number)
}

fn normal_local(text: &str) -> Option<String> {
    let part = |part: &str| {
        let word = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let number = whole(part).map(|number| number.to_string());
        word.then(|| number.unwrap_or_else(|| part.to_owned()))
    };
    let parts: Option<Vec<String>> = text.split(['.', '-', '_']).map(part).collect();
    Some(parts?.join("."))
}

/// A name as PEP 503 compares it: small letters, and `-` for any run of `-`, `_` and `.`.
pub(crate) fn normal_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            _ => normal.push(character.to_ascii_lowercase()),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_spelled_in_the_normal_form_and_read_back() {
        let cases = [
            ("1.0.0", "1.0.0"),
            ("1.0.0-rc.1", "1.0.0rc1"),
            ("1.0.0-alpha.2", "1.0.0a2"),
            ("1.0.0-beta.1", "1.0.0b1"),
            ("1.0.0-dev.3", "1.0.0.dev3"),
            ("1.0.0+b.1", "1.0.0+b.1"),
            ("1.0.0-rc.1+b.5", "1.0.0rc1+b.5"),
            // The normal form of these says another version of SemVer; PEP 440 reads them as they are.
            ("1.0.0-rc1", "1.0.0-rc1"),
            ("1.0.0-RC.1", "1.0.0-RC.1"),
            ("1.0.0-alpha", "1.0.0-alpha"),
            ("1.0.0-a.1", "1.0.0-a.1"),
            ("1.0.0-pre.1", "1.0.0-pre.1"),
            ("1.0.0-dev3", "1.0.0-dev3"),
            ("1.0.0+B-1", "1.0.0+B-1"),
            ("1.0.0+001", "1.0.0+001"),
        ];
        for (version, text) in cases {
            let version = Version::parse(version).unwrap();
            assert_eq!(spelled(&version).as_deref(), Ok(text));
            assert_eq!(semver(text), Some(version));
        }
    }

    #[test]
    fn what_python_has_no_word_for_is_refused() {
        let cases = [
            ("1.0.0-mvp", "it knows the pre-releases"),
            ("1.0.0-rc.1.2", "has no spelling"),
            ("1.0.0+a--b", "a local version is"),
            ("1.0.0-rc.99999999999999999999", "has no spelling"),
            ("1.0.0-1", "post-release 1.0.0.post1"),
            ("1.0.0-post.1", "post-release 1.0.0.post1"),
            ("1.0.0-r.1", "post-release 1.0.0.post1"),
            ("1.0.0-rc--1", "post-release 1.0.0rc0.post1"),
            ("1.0.0-alpha.1.dev.2", "as 1.0.0a1.dev2"),
        ];
        for (version, reason) in cases {
            let error = spelled(&Version::parse(version).unwrap()).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn what_semver_has_no_word_for_is_no_version_of_it() {
        for text in [
            "1.0",
            "1.0.0.0",
            "2024.1",
            "1!1.0.0",
            "1.0.0.post1",
            "1.0.0-1",
            "1.0.0a1.dev2",
            "1.0.0+ü",
            "1.0.0rc1+",
            "latest",
            "",
            "1.0.0rcx",
            "1.0.0.",
        ] {
            assert_eq!(semver(text), None, "{text}");
        }
        for (text, version) in [
            (" v1.0.0RC1 ", "1.0.0-rc.1"),
            ("1.0.0.Beta_2", "1.0.0-beta.2"),
            ("1.0.0c3", "1.0.0-rc.3"),
            ("1.0.0.dev", "1.0.0-dev.0"),
            ("1.0.0a", "1.0.0-alpha.0"),
            ("2024.01.05", "2024.1.5"),
            ("1.0.0rc1+ubuntu_01", "1.0.0-rc.1+ubuntu.1"),
        ] {
            assert_eq!(
                semver(text),
                Some(Version::parse(version).unwrap()),
                "{text}"
            );
        }
    }

    #[test]
    fn versions_have_the_order_of_the_standard() {
        let sorted = [
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0.post0.dev34",
            "1.0.post0",
            "1.0.post456",
            "1.1.dev1",
            "1!0.1",
        ];
        for (at, low) in sorted.iter().enumerate() {
            for high in &sorted[at + 1..] {
                let (one, other) = (parse(low).unwrap(), parse(high).unwrap());
                assert_eq!(one.order(&other), Ordering::Less, "{low} {high}");
                assert_eq!(other.order(&one), Ordering::Greater, "{low} {high}");
            }
        }
        assert_eq!(
            parse("1.0").unwrap().order(&parse("1.0.0+b").unwrap()),
            Ordering::Equal
        );
    }

    #[test]
    fn names_are_compared_as_the_index_does() {
        for name in ["My.Core", "my__core", "my-.core"] {
            assert_eq!(normal_name(name), "my-core");
        }
    }
}
