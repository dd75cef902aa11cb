//! Licences of dependencies: what each package says, and the settings over it.

pub(crate) mod cargo;
pub(crate) mod node;

use std::collections::BTreeSet;

use config::{LicenseException, LicensesGate};
use spdx::{Expression, LicenseReq, Licensee, ParseMode};

use crate::Findings;

/// A package that somebody else made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// What it says in the field for it; `None`: nothing.
    pub(crate) license: Option<String>,
    /// The file it names instead.
    pub(crate) file: Option<String>,
    /// The lock file, and the line of the package in it.
    pub(crate) place: (String, Option<usize>),
    /// Who brings it: a command that tells.
    pub(crate) why: String,
}

/// The packages of one kind.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Those whose manifest could be read.
    pub(crate) packages: Vec<Package>,
    /// Which could not, and what to do.
    pub(crate) unseen: Option<String>,
    /// Which could not, for they are not for this system.
    pub(crate) other_platforms: Vec<(String, String)>,
}

pub(crate) struct Rules<'a> {
    settings: &'a LicensesGate,
    /// Entries of `exceptions` that some package needed.
    used: BTreeSet<usize>,
}

impl<'a> Rules<'a> {
    /// An entry of `allow` that is no licence allows nothing, and is said.
    pub(crate) fn new(settings: &'a LicensesGate, findings: &mut Findings) -> Rules<'a> {
        let all = settings
            .exceptions
            .iter()
            .flat_map(|exception| &exception.allow)
            .chain(&settings.allow);
        let is_one = |entry: &str| parse(entry).is_ok_and(|all| all.requirements().count() == 1);
        for entry in all.filter(|entry| !is_one(entry)) {
            findings
                .error(format!("gates.licenses allows `{entry}`, which is no SPDX identifier"))
                .help("write it as the SPDX licence list does: `Apache-2.0`, `Apache-2.0 WITH LLVM-exception`");
        }
        Rules {
            settings,
            used: BTreeSet::new(),
        }
    }

    pub(crate) fn judge(&mut self, package: &Package, findings: &mut Findings) {
        let Err(why) = self.allowed(package, &self.settings.allow) else {
            return;
        };
        let subject = format!("{} {}", package.name, package.version);
        let (path, line) = &package.place;
        if let Some(exception) = self.excepted(package) {
            findings
                .note(format!(
                    "{subject} is excepted, {}: {why}",
                    exception.reason
                ))
                .at(path.clone())
                .line(*line, None);
            return;
        }
        findings
            .error(format!("{subject}: {why}"))
            .at(path.clone())
            .line(*line, None)
            .help(format!(
                "see who brings it with `{}`; use another package, or allow it in gates.licenses.allow or [[gates.licenses.exceptions]]",
                package.why
            ));
    }

    /// Why it is not.
    fn allowed(&self, package: &Package, allow: &[String]) -> Result<(), String> {
        let Some(license) = &package.license else {
            return Err(match &package.file {
                Some(file) => {
                    format!("no licence by name, but a file `{file}`, which a person has to read")
                }
                None => "says no licence".to_owned(),
            });
        };
        let expression =
            parse(license).map_err(|why| format!("`{license}` is no SPDX expression: {why}"))?;
        expression
            .evaluate_with_failures(|asked| allow.iter().any(|entry| gives(entry, asked)))
            .map_err(|missing| {
                let mut names: Vec<String> =
                    missing.iter().map(|one| one.req.to_string()).collect();
                names.sort_unstable();
                names.dedup();
                match names.as_slice() {
                    [one] if one == license => format!("`{license}` is not allowed"),
                    names => format!(
                        "`{license}` is not allowed: for want of {}",
                        names.join(", ")
                    ),
                }
            })
    }

    /// Whether an exception lets a package through whatever it says, so that it need not be seen.
    pub(crate) fn waved(&mut self, name: &str) -> bool {
        let exceptions = self.settings.exceptions.iter();
        let found = exceptions.enumerate().find(|(_, exception)| {
            exception.package == name && exception.version.is_none() && exception.allow.is_empty()
        });
        self.used.extend(found.map(|(index, _)| index));
        found.is_some()
    }

    fn excepted(&mut self, package: &Package) -> Option<&'a LicenseException> {
        let settings = self.settings;
        let found = settings
            .exceptions
            .iter()
            .enumerate()
            .find(|(_, exception)| {
                let allow = || [&exception.allow[..], &settings.allow[..]].concat();
                exception.package == package.name
                    && exception
                        .version
                        .as_ref()
                        .is_none_or(|version| *version == package.version)
                    && (exception.allow.is_empty() || self.allowed(package, &allow()).is_ok())
            });
        let (index, exception) = found?;
        self.used.insert(index);
        Some(exception)
    }

    /// Exceptions that nothing needs, where everything could be looked at.
    pub(crate) fn finish(self, complete: bool, findings: &mut Findings) {
        for (index, exception) in self.settings.exceptions.iter().enumerate() {
            if complete && !self.used.contains(&index) {
                findings
                    .note(format!(
                        "[[gates.licenses.exceptions]] names {}, which no dependency needs",
                        exception.package
                    ))
                    .help("take the entry out");
            }
        }
    }
}

/// What a package says of its licence as an SPDX expression; `None`: it is none. `/`, which older crates write, is `OR`.
#[must_use]
pub fn expression(text: &str) -> Option<String> {
    parse(text).ok()?;
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    Some(parts.join(" OR "))
}

/// As people write them: `/` for `OR` as older crates do, and identifiers that the list has given up.
fn parse(text: &str) -> Result<Expression, String> {
    let mode = ParseMode {
        allow_slash_as_or_operator: true,
        allow_imprecise_license_names: false,
        allow_postfix_plus_on_gpl: true,
        allow_deprecated: true,
        allow_unknown: false,
    };
    Expression::parse_mode(text.trim(), mode).map_err(|error| error.reason.to_string())
}

/// Whether a licence of the list meets what a package asks for: it is the same, or one of those it says "or later" of.
fn gives(entry: &str, asked: &LicenseReq) -> bool {
    let same = asked.to_string() == entry.trim();
    same || Licensee::parse(entry.trim()).is_ok_and(|licensee| licensee.satisfies(asked))
}

#[cfg(test)]
mod tests;
