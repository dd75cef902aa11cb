//! What a release states about its own assets: how they were made, and which gates the commit passed.
//!
//! ```text
//! assets ─subjects─▶ statement ─envelope─▶ signed, where somebody signs ─▶ NAME.intoto.jsonl, an asset itself
//! ```
//!
//! The sums name the statements as they name every asset, so whoever signs the sums vouches for these too.

mod platform;
mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use archive::dsse::{Envelope, IN_TOTO, Signature};
use archive::statement::{
    BUILD_TYPE, BuildDefinition, External, GateResult, GateVerdict, Internal, Metadata, Predicate,
    Provenance, RunDetails, Statement, Subject, TestResult,
};
use config::{ArtifactKind, Config};
use gates::{Verdict, project};
use world::{Cmd, World};

use super::Build;
use crate::{Artifact, Event, signing};
use platform::Platform;
use source::Source;

/// How the assets were made.
pub const PROVENANCE: &str = "provenance.intoto.jsonl";
/// Which gates the commit passed.
pub const TEST_RESULT: &str = "test-result.intoto.jsonl";

/// What only whoever called the build knows.
pub(crate) struct Told<'a> {
    /// The answers of the gates about exactly this commit.
    pub(crate) gates: &'a gates::Summary,
    /// Whether the assets were built a second time elsewhere, and were the same.
    pub(crate) built_twice: bool,
}

/// The statements that the configuration asks for, in the order of their names.
pub(crate) fn names(config: &Config) -> Vec<&'static str> {
    let asked = &config.attestations;
    [
        (PROVENANCE, asked.provenance),
        (TEST_RESULT, asked.test_result),
    ]
    .into_iter()
    .filter_map(|(name, asked)| asked.then_some(name))
    .collect()
}

/// Writes the statements about `assets`.
pub(super) fn write(
    build: &Build<'_>,
    told: &Told<'_>,
    assets: &[Artifact],
) -> Result<Vec<Artifact>> {
    let asked = names(&build.cx.config);
    for name in [PROVENANCE, TEST_RESULT] {
        if !asked.contains(&name) {
            build.cx.tell(&Event::Note(format!(
                "no {name}: [attestations] in release.toml leaves it out"
            )));
        }
    }
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let facts = Facts {
        build,
        told,
        platform: Platform::of(&build.cx.world),
        source: Source::of(build)?,
    };
    let mut statements = Vec::new();
    for name in asked {
        let predicate = match name {
            PROVENANCE => Predicate::Provenance(Box::new(facts.provenance()?)),
            _ => Predicate::TestResult(facts.test_result()?),
        };
        let text = envelope(build, assets, predicate)
            .with_context(|| format!("state what {name} says of the assets"))?;
        statements.push(build.write(name, text.as_bytes())?);
    }
    Ok(statements)
}

/// The line of the file. One that nobody signs is written as well: signing says so, and the sums name it all the same.
fn envelope(build: &Build<'_>, assets: &[Artifact], predicate: Predicate) -> Result<String> {
    let mut subjects: Vec<Subject> = assets
        .iter()
        .map(|asset| Subject {
            name: asset.name.clone(),
            sha256: asset.sha256.clone(),
        })
        .collect();
    subjects.sort_by(|a, b| a.name.cmp(&b.name));
    let statement = Statement {
        subjects,
        predicate,
    };
    let payload = statement.write()?.into_bytes();
    let signed = signing::raw(
        build.cx,
        build.inputs,
        &archive::dsse::pae(IN_TOTO, &payload),
    )?;
    let signature = |raw: signing::Raw| Signature {
        key_id: raw.key_id,
        bytes: raw.bytes,
    };
    let envelope = Envelope {
        payload_type: IN_TOTO.to_owned(),
        payload,
        signatures: signed.into_iter().map(signature).collect(),
    };
    envelope.write()
}

/// What to ask of the platform itself about the assets in a folder: the command, where the provenance there says that they
/// were built in GitHub Actions.
///
/// # Errors
/// When there is a provenance that cannot be read.
pub fn ask_platform(world: &World, dir: &Path) -> Result<Option<String>> {
    let path = dir.join(PROVENANCE);
    let Some(text) = world.read_if_exists(&path)? else {
        return Ok(None);
    };
    let statement = Envelope::read(&text)
        .and_then(|envelope| Statement::read(&envelope.payload))
        .with_context(|| format!("read {}", path.display()))?;
    let Predicate::Provenance(provenance) = &statement.predicate else {
        bail!("{} is another statement than its name says", path.display());
    };
    let asset = statement
        .subjects
        .first()
        .map(|asset| dir.join(&asset.name));
    let command = |(asset, repository): (PathBuf, &str)| {
        format!(
            "gh attestation verify {} --repo {}",
            world::quote(&asset.to_string_lossy()),
            world::quote(repository)
        )
    };
    Ok(asset.zip(provenance.github_repository()).map(command))
}

/// All that is stated, found once for both statements.
struct Facts<'a> {
    build: &'a Build<'a>,
    told: &'a Told<'a>,
    platform: Platform,
    source: Source,
}

impl Facts<'_> {
    fn provenance(&self) -> Result<Provenance> {
        let (inputs, source) = (self.build.inputs, &self.source);
        let mut dependencies = vec![source.commit.clone()];
        dependencies.extend(source.dependencies.iter().cloned());
        let invocation_id = match &self.platform.run {
            Some(run) => run.clone(),
            // The digest of `inputs.json`, which lies beside the candidate.
            None => format!(
                "urn:landfall:invocation:sha256:{}",
                archive::sha256_hex(&serde_json::to_vec_pretty(inputs)?)
            ),
        };
        Ok(Provenance {
            build_definition: BuildDefinition {
                build_type: BUILD_TYPE.to_owned(),
                external_parameters: External {
                    commit: self.build.commit.to_owned(),
                    source: source.commit.uri.clone(),
                    tag: inputs.tag.clone(),
                    version: inputs.version.to_string(),
                },
                internal_parameters: Internal {
                    built_twice: self.told.built_twice,
                    github: self.platform.github.clone(),
                    landfall: env!("CARGO_PKG_VERSION").to_owned(),
                    tools: tools(self.build),
                },
                resolved_dependencies: dependencies,
            },
            run_details: RunDetails {
                builder: self.platform.builder.clone(),
                metadata: Metadata {
                    invocation_id,
                    started_on: utc(inputs.time_s)?,
                },
            },
        })
    }

    fn test_result(&self) -> Result<TestResult> {
        let mut configuration = vec![self.source.commit.clone()];
        configuration.extend(self.source.configuration.clone());
        let reports = &self.told.gates.reports;
        let mut gates: Vec<GateResult> = reports.iter().map(|report| self.gate(report)).collect();
        for gate in gates::table(&self.build.cx.gates()) {
            if !reports.iter().any(|report| report.name == gate.name) {
                gates.push(GateResult {
                    name: gate.name.to_owned(),
                    verdict: GateVerdict::NotRun,
                    waived: None,
                    reason: Some("asked of the working tree, not of this commit".to_owned()),
                });
            }
        }
        gates.sort_by(|a, b| a.name.cmp(&b.name));
        let run = self.platform.run.clone();
        Ok(TestResult::of(configuration, run, gates))
    }

    fn gate(&self, report: &gates::Report) -> GateResult {
        let world = &self.build.cx.world;
        // Published: without what is secret, and without where this machine keeps its files.
        let public = |text: &String| {
            let tree = self.build.tree.to_string_lossy();
            world.redact(text).replace(tree.as_ref(), ".")
        };
        let verdict = match report.verdict {
            Verdict::Pass => GateVerdict::Pass,
            Verdict::Warn => GateVerdict::Warn,
            Verdict::Flaky => GateVerdict::Flaky,
            Verdict::Fail => GateVerdict::Fail,
            Verdict::Unknown => GateVerdict::Unknown,
            Verdict::Skipped => GateVerdict::Skipped,
        };
        let reason = report.reason.as_ref().map(public);
        GateResult {
            name: report.name.clone(),
            verdict,
            waived: report.waived.as_ref().map(public),
            reason: reason.filter(|_| verdict == GateVerdict::Skipped),
        }
    }
}

/// Versions of the programs that took part in making the assets. One that gives none is left out: it is there to be
/// rebuilt with, and nothing rests on it.
fn tools(build: &Build<'_>) -> BTreeMap<String, String> {
    let mut programs = vec!["git"];
    let builds = |artifact: &config::Artifact| {
        artifact.build.is_some()
            || !matches!(artifact.kind, ArtifactKind::Source | ArtifactKind::Files)
    };
    if build.cx.config.artifacts_or_default().iter().any(builds) {
        let project = project::detect(&build.tree);
        if project.cargo {
            programs.extend(["cargo", "rustc"]);
        }
        if let Some(manager) = project.node {
            programs.extend(["node", manager.program()]);
        }
    }
    let version = |program: &str| {
        let cmd = Cmd::new(&build.tree, program).arg("--version");
        let output = build.cx.world.ask(&cmd).ok()?.success().ok()?.text();
        let number = |word: &&str| {
            word.trim_start_matches('v')
                .starts_with(|c: char| c.is_ascii_digit())
        };
        let version = output.split_whitespace().find(number)?;
        Some(version.trim_start_matches('v').to_owned())
    };
    programs
        .into_iter()
        .filter_map(|program| Some((program.to_owned(), version(program)?)))
        .collect()
}

/// `2026-02-03T04:05:06Z` (RFC 3339).
fn utc(unix_s: u64) -> Result<String> {
    let (date, second) = (world::date_of(unix_s)?, unix_s % 86_400);
    Ok(format!(
        "{date}T{:02}:{:02}:{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    ))
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn times_of_unix_times() {
        assert_eq!(utc(0).unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(utc(1_770_091_506).unwrap(), "2026-02-03T04:05:06Z");
        assert_eq!(utc(1_795_305_599).unwrap(), "2026-11-21T23:59:59Z");
    }
}
