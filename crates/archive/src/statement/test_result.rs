//! Which checks the released commit passed: in-toto test result v0.1.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::Resource;

/// The predicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TestResult {
    /// Of all gates together.
    pub result: Outcome,
    /// What the gates were configured by: the commit, and its `release.toml` where it has one.
    pub configuration: Vec<Resource>,
    /// The run, where it can be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Gates that passed.
    pub passed_tests: Vec<String>,
    /// Gates that passed with a warning, or only when they were asked again.
    pub warned_tests: Vec<String>,
    /// Gates that failed or could not look, whether somebody waived that or not.
    pub failed_tests: Vec<String>,
    /// An extension, named after landfall as the specification asks: every gate there is, also those that the three
    /// lists have no place for.
    #[serde(rename = "landfall_gates")]
    pub gates: Vec<GateResult>,
}

/// Of all gates together. A waiver lets a release go on; it makes nothing pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// Something passed, and nothing did anything else but be left out.
    Passed,
    /// Something warned, or nothing passed at all.
    Warned,
    /// Something failed, or could not look.
    Failed,
}

/// What came of one gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateResult {
    /// As in the configuration.
    pub name: String,
    /// Its answer.
    pub verdict: GateVerdict,
    /// Who let it through, why, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<String>,
    /// Why it was skipped, or not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The answer of a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateVerdict {
    /// It looked, and all was well.
    Pass,
    /// There is something a person should see.
    Warn,
    /// It failed, and passed when it was asked again.
    Flaky,
    /// It found what must not be.
    Fail,
    /// It could not look.
    Unknown,
    /// It had nothing to ask, or was left out.
    Skipped,
    /// It was not asked about this commit.
    NotRun,
}

impl TestResult {
    /// The predicate that follows from the answers of gates, and from nothing else.
    #[must_use]
    pub fn of(
        configuration: Vec<Resource>,
        url: Option<String>,
        gates: Vec<GateResult>,
    ) -> TestResult {
        let named = |verdicts: &[GateVerdict]| -> Vec<String> {
            let of = |gate: &&GateResult| verdicts.contains(&gate.verdict);
            gates
                .iter()
                .filter(of)
                .map(|gate| gate.name.clone())
                .collect()
        };
        let passed_tests = named(&[GateVerdict::Pass]);
        let warned_tests = named(&[GateVerdict::Warn, GateVerdict::Flaky]);
        let failed_tests = named(&[GateVerdict::Fail, GateVerdict::Unknown]);
        let result = if !failed_tests.is_empty() {
            Outcome::Failed
        } else if !warned_tests.is_empty() || passed_tests.is_empty() {
            Outcome::Warned
        } else {
            Outcome::Passed
        };
        TestResult {
            result,
            configuration,
            url,
            passed_tests,
            warned_tests,
            failed_tests,
            gates,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.configuration.is_empty() {
            bail!("the test result names no configuration");
        }
        for resource in &self.configuration {
            resource.check()?;
        }
        let mut names = BTreeSet::new();
        for gate in &self.gates {
            if !names.insert(&gate.name) {
                bail!("the gate `{}` is there twice", gate.name.escape_debug());
            }
        }
        let follows = TestResult::of(
            self.configuration.clone(),
            self.url.clone(),
            self.gates.clone(),
        );
        if *self != follows {
            bail!(
                "the result and its lists of tests are not what the answers of the gates give: {:?} passed, {:?} warned, {:?} failed",
                follows.passed_tests,
                follows.warned_tests,
                follows.failed_tests
            );
        }
        Ok(())
    }
}
