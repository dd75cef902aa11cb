//! Known vulnerabilities of dependencies: one shape for what RustSec, npm, pnpm and yarn say, and the policy over it.

pub(crate) mod database;
pub(crate) mod node;
pub(crate) mod reply;
pub(crate) mod rustsec;

use std::collections::BTreeSet;

use config::{AuditGate, AuditIgnore, Level, Policy};
use serde_json::json;

use crate::Findings;

/// One advisory about one package of the repository.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Advisory {
    /// `RUSTSEC-2026-0001`, `GHSA-…`, or the number that the registry gave.
    pub(crate) id: String,
    /// What else it is called.
    pub(crate) aliases: Vec<String>,
    pub(crate) package: String,
    /// Where it is known.
    pub(crate) version: Option<String>,
    pub(crate) title: String,
    pub(crate) kind: Kind,
    /// CVSS, where it is known.
    pub(crate) score: Option<f64>,
    pub(crate) url: Option<String>,
    /// What to do.
    pub(crate) help: String,
    /// The lock file, and the line of the package in it.
    pub(crate) place: (String, Option<usize>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Vulnerability(Severity),
    Unmaintained,
    Unsound,
    /// Something else that one should know.
    Notice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// CVSS 0.0: does no harm by itself.
    None,
    Level(Level),
    /// Nobody has given it a score.
    Unscored,
}

impl Severity {
    /// As CVSS and as npm name them; an unknown word is no score.
    pub(crate) fn of(word: &str) -> Severity {
        match word.to_ascii_lowercase().as_str() {
            "none" | "info" => Severity::None,
            "low" => Severity::Level(Level::Low),
            "medium" | "moderate" => Severity::Level(Level::Moderate),
            "high" => Severity::Level(Level::High),
            "critical" => Severity::Level(Level::Critical),
            _ => Severity::Unscored,
        }
    }
}

pub(crate) fn word(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Moderate => "moderate",
        Level::High => "high",
        Level::Critical => "critical",
    }
}

/// Applies the settings to advisories, and counts.
pub(crate) struct Judge<'a> {
    settings: &'a AuditGate,
    /// `YYYY-MM-DD`.
    today: &'a str,
    /// critical, high, moderate, low.
    counts: [u64; 4],
    ignored: Vec<String>,
    /// Entries of `ignore` that some advisory was about.
    used: BTreeSet<usize>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(settings: &'a AuditGate, today: &'a str) -> Judge<'a> {
        Judge {
            settings,
            today,
            counts: [0; 4],
            ignored: Vec::new(),
            used: BTreeSet::new(),
        }
    }

    pub(crate) fn advisory(&mut self, advisory: &Advisory, findings: &mut Findings) {
        let ignored = self.ignored(advisory);
        if let Some(entry) = ignored.filter(|entry| self.holds(entry)) {
            let (id, until) = (&advisory.id, entry.until);
            self.ignored.push(id.clone());
            findings
                .note(format!(
                    "{} is ignored until {until}: {}",
                    subject(advisory),
                    entry.reason
                ))
                .at(advisory.place.0.clone())
                .line(advisory.place.1, None);
            return;
        }
        let (severity, how) = match advisory.kind {
            Kind::Vulnerability(severity) => self.vulnerability(severity, advisory.score),
            Kind::Unmaintained => (
                finding_of(self.settings.unmaintained),
                "unmaintained".into(),
            ),
            Kind::Unsound => (finding_of(self.settings.unsound), "unsound".into()),
            Kind::Notice => (crate::Severity::Note, "notice".to_owned()),
        };
        let title = match advisory.title.trim() {
            "" => "no title",
            title => title,
        };
        let message = format!("{}: {title} ({how})", subject(advisory));
        let finding = match severity {
            crate::Severity::Error => findings.error(message),
            crate::Severity::Warning => findings.warning(message),
            crate::Severity::Note => findings.note(message),
        };
        let see = advisory
            .url
            .as_ref()
            .map_or_else(String::new, |url| format!("; see {url}"));
        let expired = ignored.map_or_else(String::new, |entry| {
            format!(
                "; its entry in [[gates.audit.ignore]] expired on {}",
                entry.until
            )
        });
        finding
            .at(advisory.place.0.clone())
            .line(advisory.place.1, None)
            .help(format!("{}{see}{expired}", advisory.help));
    }

    fn vulnerability(
        &mut self,
        severity: Severity,
        score: Option<f64>,
    ) -> (crate::Severity, String) {
        let (level, how) = match severity {
            Severity::None => return (crate::Severity::Note, "severity none".to_owned()),
            Severity::Level(level) => (level, word(level).to_owned()),
            Severity::Unscored => {
                let level = self.settings.unscored;
                (
                    level,
                    format!("no score, counts as {} (gates.audit.unscored)", word(level)),
                )
            }
        };
        self.counts[match level {
            Level::Critical => 0,
            Level::High => 1,
            Level::Moderate => 2,
            Level::Low => 3,
        }] += 1;
        let how = match score {
            Some(score) => format!("{how}, CVSS {score:.1}"),
            None => how,
        };
        if level >= self.settings.fail_on {
            (crate::Severity::Error, how)
        } else {
            (crate::Severity::Warning, how)
        }
    }

    /// The entry of `ignore` about this advisory; one that still holds, where there are more.
    fn ignored(&mut self, advisory: &Advisory) -> Option<&'a AuditIgnore> {
        let names: Vec<&String> = std::iter::once(&advisory.id)
            .chain(&advisory.aliases)
            .collect();
        let about: Vec<(usize, &'a AuditIgnore)> = self
            .settings
            .ignore
            .iter()
            .enumerate()
            .filter(|(_, entry)| {
                names
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(entry.id.trim()))
            })
            .collect();
        self.used.extend(about.iter().map(|(index, _)| *index));
        about
            .into_iter()
            .map(|(_, entry)| entry)
            .max_by_key(|entry| entry.until)
    }

    /// The last day is a day on which it holds.
    fn holds(&self, entry: &AuditIgnore) -> bool {
        entry.until.to_string().as_str() >= self.today
    }

    /// The figures; and entries of `ignore` that nothing needs, where everything could be looked at.
    pub(crate) fn finish(self, complete: bool, findings: &mut Findings) {
        let [critical, high, moderate, low] = self.counts;
        for (key, count) in [
            ("critical", critical),
            ("high", high),
            ("moderate", moderate),
            ("low", low),
        ] {
            findings.evidence(key, count);
        }
        if !self.ignored.is_empty() {
            findings.evidence("ignored", json!(self.ignored));
        }
        for (index, entry) in self.settings.ignore.iter().enumerate() {
            if complete && !self.used.contains(&index) {
                findings
                    .note(format!(
                        "[[gates.audit.ignore]] names {}, which is about no dependency",
                        entry.id
                    ))
                    .help("take the entry out");
            }
        }
    }
}

fn finding_of(policy: Policy) -> crate::Severity {
    match policy {
        Policy::Deny => crate::Severity::Error,
        Policy::Warn => crate::Severity::Warning,
        Policy::Allow => crate::Severity::Note,
    }
}

/// `RUSTSEC-2026-0001 in parser 1.2.3`
fn subject(advisory: &Advisory) -> String {
    let version = advisory
        .version
        .as_ref()
        .map_or_else(String::new, |version| format!(" {version}"));
    format!("{} in {}{version}", advisory.id, advisory.package)
}
