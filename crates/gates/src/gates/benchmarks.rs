//! `benchmarks`: measured figures meet their targets, are not too old, and are not worse than those of the last release.

use anyhow::Result;
use config::BenchmarkTarget;
use serde_json::{Value, json};

use crate::benchmarks::{self, Age, Bound, Figure, Seen, plain};
use crate::tags;
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs};

pub(crate) const GATE: Gate = Gate {
    name: "benchmarks",
    about: "do measured figures meet their targets",
    cost: Cost::Instant,
    needs: &[],
    inputs: |_| Ok(Inputs::Live("the age of a figure depends on the clock")),
    applies: |cx| {
        Ok(match cx.config.gates.benchmarks.target.is_empty() {
            true => Applies::No("gates.benchmarks names no target".to_owned()),
            false => Applies::Yes,
        })
    },
    check,
};

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.benchmarks;
    let mut figures = Vec::new();
    let mut before = None;
    for target in &settings.target {
        let seen = match benchmarks::look(cx, target)? {
            Ok(seen) => seen,
            Err(why) => {
                findings.unknown(format!("{}: {why}", target.name));
                continue;
            }
        };
        findings.examined(1);
        let Seen {
            bound,
            figure,
            path,
            age,
        } = seen;
        let mut evidence = evidence(target, &bound, &figure, &path, &age);
        judge(target, &bound, &figure, &path, &age, findings);
        too_old(
            target,
            settings.max_age_days,
            &age,
            &path,
            figure.line,
            findings,
        );
        if let Some(most) = target.max_regression_pct {
            if before.is_none() {
                before = Some(tags::release_before(cx)?);
            }
            if let Some(Some(tag)) = &before {
                let now = Now {
                    target,
                    bound: &bound,
                    figure: &figure,
                    path: &path,
                };
                now.compare(cx, tag, most, &mut evidence, findings)?;
            } else {
                findings.note(format!(
                    "{}: there is no release before to compare with",
                    target.name
                ));
            }
        }
        figures.push(evidence);
    }
    findings.figures(figures);
    Ok(())
}

fn evidence(
    target: &BenchmarkTarget,
    bound: &Bound,
    figure: &Figure,
    path: &str,
    age: &Age,
) -> Value {
    let mut evidence = json!({
        "name": target.name,
        "value": figure.quantity.in_unit(bound.limit.unit),
        "unit": bound.unit,
        "target": bound.says(),
        "source": path,
        "age_days": null,
    });
    if let Age::Days(days, witness) = age {
        evidence["age_days"] = json!(days);
        evidence["dated_by"] = json!(witness);
    }
    for (key, value) in [("machine", &figure.machine), ("commit", &figure.commit)] {
        if let Some(value) = value {
            evidence[key] = json!(value);
        }
    }
    evidence
}

fn judge(
    target: &BenchmarkTarget,
    bound: &Bound,
    figure: &Figure,
    path: &str,
    age: &Age,
    findings: &mut Findings,
) {
    let shown = bound.shown(figure.quantity);
    let about = if figure.rough { "about " } else { "" };
    let mut from = match age {
        Age::Days(days, witness) => format!("{days} days old by {witness}"),
        Age::Unknown(why) => format!("of unknown age: {why}"),
    };
    for (word, value) in [("on", &figure.machine), ("at", &figure.commit)] {
        if let Some(value) = value {
            from += &format!(", measured {word} {value}");
        }
    }
    let finding = match bound.holds(figure.quantity) {
        true => findings.note(format!(
            "{} is {about}{shown}, {}; {from}",
            target.name,
            bound.says()
        )),
        false => findings
            .error(format!(
                "{} is {about}{shown}, and has to be {}",
                target.name,
                bound.says()
            ))
            .help(format!(
                "make it faster and measure again; this figure is {from}"
            )),
    };
    finding.at(path).line(figure.line, None);
}

fn too_old(
    target: &BenchmarkTarget,
    most: Option<u64>,
    age: &Age,
    path: &str,
    line: Option<usize>,
    findings: &mut Findings,
) {
    let Some(most) = most else { return };
    match age {
        Age::Days(days, witness) if *days > most => {
            findings
                .error(format!(
                    "{} was measured {days} days ago by {witness}, at most {most} are allowed",
                    target.name
                ))
                .at(path)
                .line(line, None)
                .help("measure again");
        }
        Age::Days(..) => {}
        Age::Unknown(why) => findings.unknown(format!(
            "{}: its age is not known: {why}; record a date in it",
            target.name
        )),
    }
}

/// A figure that is compared with the one before.
struct Now<'a> {
    target: &'a BenchmarkTarget,
    bound: &'a Bound,
    figure: &'a Figure,
    path: &'a str,
}

impl Now<'_> {
    fn compare(
        &self,
        cx: &Cx,
        tag: &str,
        most: u64,
        evidence: &mut Value,
        findings: &mut Findings,
    ) -> Result<()> {
        let Now {
            target,
            bound,
            figure,
            path,
        } = self;
        let name = &target.name;
        let git = cx.git();
        if git.resolve(&format!("{tag}:{path}"))?.is_none() {
            let known = git.ask(&["ls-files", "--error-unmatch", "--", path])?.ok();
            match known {
                true => {
                    findings.note(format!("{name}: {path} is newer than {tag}, so there is nothing to compare with"));
                }
                false => findings.unknown(format!(
                    "{name}: {path} is not committed, so {tag} has no record to compare with; commit the figures, or leave `max_regression_pct` out"
                )),
            }
            return Ok(());
        }
        let text = git.text(&["show", "--no-textconv", &format!("{tag}:{path}")])?;
        let old =
            match benchmarks::figure(path, &text, target, cx.config.gates.benchmarks.criterion) {
                Ok(old)
                    if old.quantity.comparable(figure.quantity) && old.quantity.base() > 0.0 =>
                {
                    old
                }
                Ok(_) => {
                    findings.unknown(format!(
                        "{name}: the figure of {tag} cannot be compared with this one"
                    ));
                    return Ok(());
                }
                Err(why) => {
                    findings.unknown(format!("{name}: no figure in {path} of {tag}: {why}"));
                    return Ok(());
                }
            };
        let (then, now) = (old.quantity.base(), figure.quantity.base());
        let worse = match bound.lower_is_better {
            true => now - then,
            false => then - now,
        };
        evidence["previous"] = json!(old.quantity.in_unit(bound.limit.unit));
        evidence["previous_tag"] = json!(tag);
        let pct = worse / then * 100.0;
        evidence["worse_pct"] = json!(pct);
        #[expect(clippy::cast_precision_loss, reason = "a percentage")]
        let limit = most as f64;
        // The quotient of two decimals is off by some bits; a billionth of a percent is no regression.
        if pct > limit + 1e-9 {
            findings
                .error(format!(
                    "{name} is {} % worse than at {tag}, at most {most} % are allowed: {}, then {}",
                    plain(pct),
                    bound.shown(figure.quantity),
                    bound.shown(old.quantity)
                ))
                .at(*path)
                .line(figure.line, None)
                .help(format!(
                    "find what made it worse since {tag}, or allow it in `max_regression_pct`"
                ));
        }
        Ok(())
    }
}
