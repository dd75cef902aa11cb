//! How requirements of Python follow a version: the specifiers of PEP 440 as they stand behind a name (PEP 508), and the
//! constraints of Poetry, which adds `^`, `~`, a bare version and alternatives (Poetry, "Dependency specification").
//!
//! One clause with `==`, `===`, `~=`, `>=` (Poetry: also `^`, `~`, none) names the version: it keeps operator and precision.
//! For a pre-release it names that (`>=0.9` → `>=1.0rc1`), since a specifier takes pre-releases only when it names one.
//! Everything else stays while it takes the version, and says "this one and compatible ones" when it does not.

use semver::Version;

use crate::pep440::{self, Pep};

/// Who reads the requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// PEP 440.
    Standard,
    Poetry,
}

/// What a requirement becomes, `None` where it stays. Nothing at all, and Poetry's `*`, take everything and stay.
///
/// # Errors
/// The reason, when the text is no requirement, or the version has no Python spelling.
pub(crate) fn follow(
    old: &str,
    version: &Version,
    dialect: Dialect,
) -> Result<Option<String>, String> {
    let wanted = pep440::parse(&pep440::spelled(version)?)
        .ok_or_else(|| format!("{version} is no Python version"))?;
    if old.trim().is_empty() || (dialect == Dialect::Poetry && old.trim() == "*") {
        return Ok(None);
    }
    let before = alternatives(old, dialect)?;
    let new = match &before[..] {
        [one] if one.len() == 1 && one[0].names_the_version() => {
            let new = one[0].rewritten(&wanted);
            if new == one[0].normal() {
                return Ok(None);
            }
            around(old, &new)
        }
        _ if before.iter().any(|one| takes(one, &wanted)) => return Ok(None),
        _ => compatible(old, &before, &wanted, dialect),
    };
    let after = alternatives(&new, dialect)?;
    if !after.iter().any(|one| takes(one, &wanted)) {
        return Err(format!(
            "it would become `{new}`, which does not take {version}"
        ));
    }
    Ok((new != old).then_some(new))
}

/// Whether a requirement takes a version. One that cannot be read takes nothing.
pub(crate) fn takes_version(requirement: &str, version: &Version, dialect: Dialect) -> bool {
    let text = pep440::spelled(version);
    let Some(wanted) = text.ok().and_then(|text| pep440::parse(&text)) else {
        return false;
    };
    let requirement = requirement.trim();
    if requirement.is_empty() || (dialect == Dialect::Poetry && requirement == "*") {
        return true;
    }
    alternatives(requirement, dialect)
        .is_ok_and(|alternatives| alternatives.iter().any(|one| takes(one, &wanted)))
}

/// A new clause with the white space that stood around and within the old one.
fn around(old: &str, new: &str) -> String {
    let body = old.trim();
    let lead = &old[..old.len() - old.trim_start().len()];
    let tail = &old[old.trim_end().len()..];
    let is_sign = |character: char| "=!~<>^".contains(character);
    let behind = body.trim_start_matches(is_sign);
    let gap = &behind[..behind.len() - behind.trim_start().len()];
    let number = new.trim_start_matches(is_sign);
    let sign = &new[..new.len() - number.len()];
    format!("{lead}{sign}{gap}{number}{tail}")
}

/// The version and everything up to the next breaking one, written with as many numbers as the bound before.
fn compatible(old: &str, before: &[Vec<Clause>], wanted: &Pep, dialect: Dialect) -> String {
    let low = format!("{}{}", pep440::numbers(&wanted.release), wanted.suffix());
    if dialect == Dialect::Poetry {
        return format!("^{low}");
    }
    let mut high = match wanted.number(0) {
        0 => vec![0, wanted.number(1) + 1],
        major => vec![major + 1],
    };
    let bound = before.iter().flatten().find(|clause| clause.sign == "<");
    let length = bound.map_or(0, |clause| clause.version.release.len());
    high.resize(high.len().max(length), 0);
    let comma = if old.contains(", ") { ", " } else { "," };
    format!(">={low}{comma}<{}", pep440::numbers(&high))
}

/// One clause: `>= 1.0`.
struct Clause {
    /// `""` only with Poetry.
    sign: String,
    version: Pep,
    /// `1.0.*`.
    wildcard: bool,
}

impl Clause {
    fn read(text: &str, dialect: Dialect) -> Result<Clause, String> {
        let bad = || format!("`{text}` is not a version specifier");
        let body = text.trim_start_matches(|character| "=!~<>^".contains(character));
        let sign = &text[..text.len() - body.len()];
        let body = body.trim();
        let known = match dialect {
            Dialect::Standard => {
                matches!(sign, "==" | "===" | "~=" | "!=" | "<=" | ">=" | "<" | ">")
            }
            Dialect::Poetry => matches!(
                sign,
                "" | "=" | "==" | "~=" | "!=" | "<=" | ">=" | "<" | ">" | "^" | "~"
            ),
        };
        let stem = body.strip_suffix(".*");
        let wildcard = stem.is_some();
        let version = pep440::parse(stem.unwrap_or(body)).ok_or_else(bad)?;
        let can_be_wild = matches!(sign, "" | "=" | "==" | "!=");
        let short = sign == "~=" && version.release.len() < 2;
        if !known || short || (wildcard && (!can_be_wild || version.is_prerelease())) {
            return Err(bad());
        }
        Ok(Clause {
            sign: sign.to_owned(),
            version,
            wildcard,
        })
    }

    fn normal(&self) -> String {
        let wildcard = if self.wildcard { ".*" } else { "" };
        format!("{}{}{wildcard}", self.sign, self.version.normal())
    }

    fn names_the_version(&self) -> bool {
        matches!(
            self.sign.as_str(),
            "" | "=" | "==" | "===" | "~=" | ">=" | "^" | "~"
        )
    }

    /// The same operator for another version, with as many numbers as before.
    fn rewritten(&self, wanted: &Pep) -> String {
        let length = self.version.release.len().min(wanted.release.len());
        let (kept, dropped) = wanted.release.split_at(length);
        let exact = matches!(self.sign.as_str(), "" | "=" | "==");
        let sign = &self.sign;
        let suffix = wanted.suffix();
        if sign == "===" {
            return format!("==={}", wanted.normal());
        }
        if self.wildcard && suffix.is_empty() {
            return format!("{sign}{}.*", pep440::numbers(kept));
        }
        // `==1.2` is 1.2.0 and nothing else.
        let whole = self.wildcard || (exact && dropped.iter().any(|number| *number > 0));
        let numbers = if whole {
            wanted.release.as_slice()
        } else {
            kept
        };
        format!("{sign}{}{suffix}", pep440::numbers(numbers))
    }

    /// Whether the clause takes a version, pre-releases as any other.
    fn takes(&self, wanted: &Pep) -> bool {
        let order = wanted.order(&self.version);
        let length = self.version.release.len();
        let under = |length: usize| wanted.begins_as(&self.version, length);
        match self.sign.as_str() {
            "" | "=" | "==" if self.wildcard => under(length),
            "!=" if self.wildcard => !under(length),
            "" | "=" | "==" => {
                order.is_eq() && (!self.version.has_local() || *wanted == self.version)
            }
            "===" => wanted.normal() == self.version.normal(),
            "!=" => order.is_ne(),
            "~=" => order.is_ge() && under(length - 1),
            "<=" => order.is_le(),
            ">=" => order.is_ge(),
            // `<2` does not take the pre-releases of 2.
            "<" => {
                order.is_lt()
                    && (self.version.is_prerelease()
                        || !wanted.is_prerelease()
                        || !wanted.begins_as(&self.version, length.max(wanted.release.len())))
            }
            ">" => order.is_gt(),
            "~" => order.is_ge() && under(length.min(2)),
            // Up to the first number that is not zero, or the last one that is written.
            "^" => {
                let first = self.version.release.iter().position(|number| *number > 0);
                order.is_ge() && under(first.map_or(length, |index| index + 1))
            }
            _ => false,
        }
    }
}

/// Whether clauses that hold together take a version.
fn takes(clauses: &[Clause], wanted: &Pep) -> bool {
    let named = |clause: &Clause| clause.sign != "!=" && clause.version.is_prerelease();
    clauses.iter().all(|clause| clause.takes(wanted))
        && (!wanted.is_prerelease() || clauses.iter().any(named))
}

/// What a requirement says: one list of clauses, with Poetry perhaps several of which one must hold.
fn alternatives(text: &str, dialect: Dialect) -> Result<Vec<Vec<Clause>>, String> {
    match dialect {
        Dialect::Standard => {
            // A comma at the end is permitted by the grammar of PEP 508 as tools read it.
            let text = text.trim().trim_end_matches(',');
            let clauses: Result<Vec<Clause>, String> = text
                .split(',')
                .map(|clause| Clause::read(clause.trim(), dialect))
                .collect();
            Ok(vec![clauses?])
        }
        Dialect::Poetry => text
            .replace("||", "|")
            .split('|')
            .map(poetry_clauses)
            .collect(),
    }
}

/// Clauses parted by commas or by spaces; a space behind an operator parts nothing.
fn poetry_clauses(text: &str) -> Result<Vec<Clause>, String> {
    let mut clauses = Vec::new();
    let mut lead = String::new();
    for word in text
        .split(|character: char| character == ',' || character.is_whitespace())
        .filter(|word| !word.is_empty())
    {
        lead.push_str(word);
        if word.ends_with(|character: char| !"=!~<>^".contains(character)) {
            clauses.push(Clause::read(&lead, Dialect::Poetry)?);
            lead.clear();
        }
    }
    if clauses.is_empty() || !lead.is_empty() {
        return Err(format!("`{}` is not a constraint", text.trim()));
    }
    Ok(clauses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn becomes(old: &str, version: &str, dialect: Dialect) -> Option<String> {
        let version = Version::parse(version).unwrap();
        let new = follow(old, &version, dialect).unwrap();
        if let Some(new) = &new {
            assert_eq!(follow(new, &version, dialect), Ok(None), "{new} is done");
        }
        new
    }

    #[test]
    fn a_specifier_keeps_operator_and_precision() {
        let cases = [
            (">=0.9", "0.10.0", ">=0.10"),
            (">=0.9.0", "1.0.0-rc.1", ">=1.0.0rc1"),
            (">=0.9", "1.2.3-rc.1", ">=1.2rc1"),
            (" >= 0.9 ", "1.0.0", " >= 1.0 "),
            ("~=0.9", "1.2.3", "~=1.2"),
            ("~=0.9", "1.2.3-dev.1", "~=1.2.dev1"),
            ("~=0.9.0", "1.0.0-beta.2", "~=1.0.0b2"),
            ("==0.9", "1.0.0", "==1.0"),
            ("==0.9", "1.0.2", "==1.0.2"),
            ("==0.9.0", "1.0.0+b", "==1.0.0"),
            ("==0.9.*", "1.2.3", "==1.2.*"),
            ("==0.9.*", "1.2.3-rc.1", "==1.2.3rc1"),
            ("===0.9.0", "1.0.0-rc1", "===1.0.0rc1"),
            (">=0.9.0.post1", "1.0.0", ">=1.0.0"),
            (">=0.9,<1", "1.0.0", ">=1.0.0,<2"),
            (">=0.9.0,<1.0.0", "1.0.0", ">=1.0.0,<2.0.0"),
            (">=0.9.0,<0.10.0", "0.10.0", ">=0.10.0,<0.11.0"),
            (">=0.9, <0.10", "0.10.1-rc.1", ">=0.10.1rc1, <0.11"),
            (">=0.9,<2", "1.0.0-rc.1", ">=1.0.0rc1,<2"),
            ("<1", "1.0.0", ">=1.0.0,<2"),
            ("<=0.9", "1.0.0", ">=1.0.0,<2"),
            ("!=1.0.0", "1.0.0", ">=1.0.0,<2"),
        ];
        for (old, version, new) in cases {
            assert_eq!(
                becomes(old, version, Dialect::Standard).as_deref(),
                Some(new),
                "{old} {version}"
            );
        }
    }

    #[test]
    fn a_specifier_that_takes_the_version_stays() {
        let cases = [
            ("", "1.0.0-rc.1"),
            (">=1.0.0-RC.1", "1.0.0-rc.1"),
            (">=1.0", "1.0.4"),
            (">=0.9,<2", "1.4.0"),
            (">=0.9,<2,", "1.4.0"),
            (">=1.0.0a0,<2", "1.0.0-rc.1"),
            ("<2", "1.0.0"),
            (">0.9,!=1.1", "1.2.0"),
            ("==1.0", "1.0.0+local"),
        ];
        for (old, version) in cases {
            assert_eq!(
                becomes(old, version, Dialect::Standard),
                None,
                "{old} {version}"
            );
        }
    }

    #[test]
    fn a_constraint_of_poetry_keeps_operator_and_precision() {
        let cases = [
            ("^0.9", "1.0.0", "^1.0"),
            ("^0.9.0", "1.0.0-rc.1", "^1.0.0rc1"),
            ("~0.9", "1.2.3-rc.1", "~1.2rc1"),
            ("0.9.0", "1.0.0", "1.0.0"),
            ("0.9.*", "1.0.0", "1.0.*"),
            ("= 0.9", "1.0.0", "= 1.0"),
            (">=0.9 <1.0", "1.0.0", "^1.0.0"),
            (">= 0.9, < 1.0", "1.0.0", "^1.0.0"),
            ("^0.8 || ^0.9", "1.0.0-rc.1", "^1.0.0rc1"),
            ("^0.8|^0.9", "0.10.0", "^0.10.0"),
        ];
        for (old, version, new) in cases {
            assert_eq!(
                becomes(old, version, Dialect::Poetry).as_deref(),
                Some(new),
                "{old} {version}"
            );
        }
        for (old, version) in [
            ("*", "1.0.0-rc.1"),
            ("^0.9 || ^1.0", "1.2.0"),
            (">=0.9,<2", "1.0.0"),
            (">=0.9 <2", "1.0.0"),
        ] {
            assert_eq!(
                becomes(old, version, Dialect::Poetry),
                None,
                "{old} {version}"
            );
        }
    }

    #[test]
    fn what_is_no_requirement_is_an_error() {
        let version = Version::new(1, 0, 0);
        for text in [
            "0.9",
            "^0.9",
            ">=",
            "~=1",
            "=>1",
            "one",
            ">=1.0.*",
            ">=1,,<2",
            "==1.0a1.*",
        ] {
            assert!(follow(text, &version, Dialect::Standard).is_err(), "{text}");
        }
        for text in ["one", "^", "|", "^1.*", "git"] {
            assert!(follow(text, &version, Dialect::Poetry).is_err(), "{text}");
        }
    }
}
