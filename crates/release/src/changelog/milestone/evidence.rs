//! Figures, verdicts and deliverables: what can be claimed, and by what.

use anyhow::{Context as _, Result};
use config::Part;
use gates::{Report, Request, Verdict, places};

use super::{Artifact, Check, Collect, Facts, Figure, Package};
use crate::Paths;
use crate::artifacts::{self, SUMS};

impl Collect<'_> {
    /// From the files that `[gates.benchmarks]` names.
    pub(super) fn figures(&self, facts: &mut Facts) -> Result<()> {
        let all = gates::measured(&self.gates)?;
        if all.is_empty() {
            let why = "gates.benchmarks names no target".to_owned();
            facts.missing.insert(Part::Performance, why);
        }
        for (name, figure) in all {
            let figure = match figure {
                Ok(figure) => figure,
                Err(why) => {
                    self.left_out(&format!("the figure `{name}`"), &why);
                    continue;
                }
            };
            let (date, dated_by) = figure.date.unzip();
            facts.figures.push(Figure {
                name,
                value: figure.value,
                rough: figure.rough,
                target: figure.target,
                met: figure.met,
                source: figure.source,
                date,
                dated_by,
                machine: figure.machine,
                commit: figure.commit,
            });
        }
        Ok(())
    }

    /// The gates are asked anew: a verdict of yesterday is none of today.
    pub(super) fn checks(&self, facts: &mut Facts) -> Result<()> {
        let names = self.cx.config.changelog.milestone.security.clone();
        if names.is_empty() {
            let why = "changelog.milestone.security names no gate".to_owned();
            facts.missing.insert(Part::Security, why);
            return Ok(());
        }
        let skip = self
            .cx
            .skip
            .iter()
            .filter(|skip| names.contains(&skip.gate));
        let request = Request {
            skip: skip.cloned().collect(),
            jobs: self.cx.jobs,
            names,
            ..Request::default()
        };
        let summary = gates::run(&self.gates, &request, &|_| {})
            .context("ask the gates of changelog.milestone.security")?;
        let table = gates::table(&self.gates);
        for report in &summary.reports {
            let Some(verdict) = verdict(report) else {
                let why = report.reason.as_deref().unwrap_or("it gave no reason");
                let why = format!("{}, {why}", report.verdict.name());
                self.left_out(&format!("the verdict of the gate `{}`", report.name), &why);
                continue;
            };
            let gate = table.iter().find(|gate| gate.name == report.name);
            facts.checks.push(Check {
                gate: report.name.clone(),
                about: gate.map(|gate| gate.about).unwrap_or_default().to_owned(),
                verdict,
                examined: report.examined,
            });
        }
        Ok(())
    }

    /// No digests: the commit that holds this text is in the archives.
    pub(super) fn deliverables(&self, facts: &mut Facts) -> Result<()> {
        let paths = Paths::new(&self.cx.root, &self.inputs.tag);
        for planned in artifacts::planned(self.cx, &paths, self.inputs, &self.inputs.base)? {
            for name in planned.names {
                let contents = planned.contents.clone();
                facts.artifacts.push(Artifact { name, contents });
            }
        }
        facts.artifacts.push(Artifact {
            name: SUMS.to_owned(),
            contents: "SHA-256 of every file above".to_owned(),
        });
        let found = places::discover(&self.cx.world, &self.git.dir, &self.cx.config)
            .context("find the packages of the version")?;
        let version = self.inputs.version.to_string();
        let packages = found.packages.into_iter().map(|name| Package {
            name,
            version: version.clone(),
        });
        facts.packages.extend(packages);
        Ok(())
    }
}

/// What a reader is told; `None`: the gate has not looked, so there is nothing to claim.
fn verdict(report: &Report) -> Option<String> {
    let mut verdict = match report.verdict {
        Verdict::Pass => "passed".to_owned(),
        Verdict::Warn => "passed with warnings".to_owned(),
        Verdict::Flaky => "passed when asked again".to_owned(),
        Verdict::Fail => "failed".to_owned(),
        Verdict::Unknown | Verdict::Skipped => return None,
    };
    if let Some(waiver) = &report.waived {
        verdict += &format!(", waived: {waiver}");
    }
    Some(verdict)
}
