//! What is written is read back, and every other text is refused.

use std::collections::BTreeMap;

use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::{collection, option, sample};

use super::{
    BUILD_TYPE, BuildDefinition, Builder, External, GateResult, GateVerdict, Internal, LEVEL,
    LOCAL_BUILDER, Level, Metadata, Outcome, Predicate, Provenance, Resource, RunDetails,
    Statement, Subject, TestResult,
};

mod refusals;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const SOURCE: &str = "git+https://forge.example/team/app@refs/tags/v1.0.0-mvp";

fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

fn subject(name: &str, digit: &str) -> Subject {
    Subject {
        name: name.to_owned(),
        sha256: digit.repeat(64),
    }
}

fn source() -> Resource {
    Resource {
        name: Some("source".to_owned()),
        uri: Some(SOURCE.to_owned()),
        digest: map([("gitCommit", COMMIT)]),
    }
}

/// A statement as a local release gives it; also for the tests of the recipe and of the other judges.
pub(crate) fn provenance() -> Statement {
    let lock = Resource {
        name: Some("Cargo.lock".to_owned()),
        uri: Some(format!("{SOURCE}#Cargo.lock")),
        digest: map([("gitBlob", COMMIT), ("sha256", &"5".repeat(64))]),
    };
    let provenance = Provenance {
        build_definition: BuildDefinition {
            build_type: BUILD_TYPE.to_owned(),
            external_parameters: External {
                commit: COMMIT.to_owned(),
                source: Some(SOURCE.to_owned()),
                tag: "v1.0.0-mvp".to_owned(),
                version: "1.0.0-mvp".to_owned(),
            },
            internal_parameters: Internal {
                built_twice: true,
                github: BTreeMap::new(),
                landfall: "0.1.0".to_owned(),
                tools: map([("git", "2.39.5"), ("rustc", "1.95.0")]),
            },
            resolved_dependencies: vec![source(), lock],
        },
        run_details: RunDetails {
            builder: Builder {
                id: LOCAL_BUILDER.to_owned(),
                landfall_level: Level {
                    claimed: LEVEL.to_owned(),
                    reason: "a local build".to_owned(),
                    seen: BTreeMap::new(),
                },
            },
            metadata: Metadata {
                invocation_id: "urn:landfall:invocation:sha256:00".to_owned(),
                started_on: "2026-02-03T04:05:06Z".to_owned(),
            },
        },
    };
    Statement {
        subjects: vec![subject("app.tar.gz", "a"), subject("b.zip", "b")],
        predicate: Predicate::Provenance(Box::new(provenance)),
    }
}

fn gate(name: &str, verdict: GateVerdict) -> GateResult {
    GateResult {
        name: name.to_owned(),
        verdict,
        waived: None,
        reason: None,
    }
}

pub(crate) fn test_result() -> Statement {
    let waived = GateResult {
        waived: Some("no fix yet (dev@example.com, until 2026-12-31)".to_owned()),
        ..gate("audit", GateVerdict::Fail)
    };
    let skipped = GateResult {
        reason: Some("left out by gates.skip in the configuration".to_owned()),
        ..gate("coverage", GateVerdict::Skipped)
    };
    let gates = vec![
        waived,
        gate("build", GateVerdict::Pass),
        skipped,
        gate("docs", GateVerdict::Warn),
        gate("links", GateVerdict::Unknown),
        gate("test", GateVerdict::Flaky),
        gate("tools", GateVerdict::NotRun),
    ];
    Statement {
        predicate: Predicate::TestResult(TestResult::of(vec![source()], None, gates)),
        ..provenance()
    }
}

#[test]
fn the_text_is_the_one_of_the_specifications() {
    // Golden: the order and the names that other people's readers see.
    assert_eq!(
        provenance().write().unwrap(),
        concat!(
            r#"{"_type":"https://in-toto.io/Statement/v1","subject":["#,
            r#"{"name":"app.tar.gz","digest":{"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}},"#,
            r#"{"name":"b.zip","digest":{"sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}}],"#,
            r#""predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"#,
            r#""buildType":"urn:landfall:build:release:v1","externalParameters":{"#,
            r#""commit":"0123456789abcdef0123456789abcdef01234567","#,
            r#""source":"git+https://forge.example/team/app@refs/tags/v1.0.0-mvp","tag":"v1.0.0-mvp","version":"1.0.0-mvp"},"#,
            r#""internalParameters":{"builtTwice":true,"landfall":"0.1.0","tools":{"git":"2.39.5","rustc":"1.95.0"}},"#,
            r#""resolvedDependencies":[{"name":"source","uri":"git+https://forge.example/team/app@refs/tags/v1.0.0-mvp","#,
            r#""digest":{"gitCommit":"0123456789abcdef0123456789abcdef01234567"}},{"name":"Cargo.lock","#,
            r#""uri":"git+https://forge.example/team/app@refs/tags/v1.0.0-mvp#Cargo.lock","digest":{"#,
            r#""gitBlob":"0123456789abcdef0123456789abcdef01234567","#,
            r#""sha256":"5555555555555555555555555555555555555555555555555555555555555555"}}]},"#,
            r#""runDetails":{"builder":{"id":"urn:landfall:builder:local:v1","landfall_level":{"#,
            r#""claimed":"SLSA_BUILD_LEVEL_1","reason":"a local build"}},"metadata":{"#,
            r#""invocationId":"urn:landfall:invocation:sha256:00","startedOn":"2026-02-03T04:05:06Z"}}}}"#
        )
    );
    let text = test_result().write().unwrap();
    let (_, predicate) = text.split_once("\"predicateType\":").unwrap();
    assert_eq!(
        predicate,
        concat!(
            r#""https://in-toto.io/attestation/test-result/v0.1","predicate":{"result":"FAILED","configuration":["#,
            r#"{"name":"source","uri":"git+https://forge.example/team/app@refs/tags/v1.0.0-mvp","#,
            r#""digest":{"gitCommit":"0123456789abcdef0123456789abcdef01234567"}}],"#,
            r#""passedTests":["build"],"warnedTests":["docs","test"],"failedTests":["audit","links"],"landfall_gates":["#,
            r#"{"name":"audit","verdict":"fail","waived":"no fix yet (dev@example.com, until 2026-12-31)"},"#,
            r#"{"name":"build","verdict":"pass"},"#,
            r#"{"name":"coverage","verdict":"skipped","reason":"left out by gates.skip in the configuration"},"#,
            r#"{"name":"docs","verdict":"warn"},{"name":"links","verdict":"unknown"},"#,
            r#"{"name":"test","verdict":"flaky"},{"name":"tools","verdict":"not-run"}]}}"#
        )
    );
}

#[test]
fn the_result_follows_from_the_gates() {
    use GateVerdict::{Fail, Flaky, NotRun, Pass, Skipped, Unknown, Warn};
    for (verdicts, outcome) in [
        (&[Pass][..], Outcome::Passed),
        (&[Pass, Skipped, NotRun], Outcome::Passed),
        (&[Pass, Warn], Outcome::Warned),
        (&[Pass, Flaky], Outcome::Warned),
        (&[Warn, Fail], Outcome::Failed),
        (&[Pass, Unknown], Outcome::Failed),
        // Nothing that was left out has passed.
        (&[Skipped, NotRun], Outcome::Warned),
        (&[], Outcome::Warned),
    ] {
        let named = |(at, verdict): (usize, &GateVerdict)| gate(&at.to_string(), *verdict);
        let gates: Vec<GateResult> = verdicts.iter().enumerate().map(named).collect();
        let result = TestResult::of(vec![source()], None, gates);
        assert_eq!(result.result, outcome, "{verdicts:?}");
        let listed =
            result.passed_tests.len() + result.warned_tests.len() + result.failed_tests.len();
        let left = verdicts.iter().filter(|it| matches!(it, Skipped | NotRun));
        assert_eq!(listed + left.count(), verdicts.len());
    }
}

fn texts() -> impl Strategy<Value = BTreeMap<String, String>> {
    collection::btree_map("\\PC{1,8}", "(?s).{0,12}", 0..4)
}

fn resources() -> impl Strategy<Value = Resource> {
    let digest = collection::btree_map(
        sample::select(vec!["gitBlob".to_owned(), "gitCommit".to_owned()]),
        "[0-9a-f]{40}",
        1..3,
    );
    let parts = (option::of("\\PC{0,12}"), option::of("\\PC{0,20}"), digest);
    parts.prop_map(|(name, uri, digest)| Resource { name, uri, digest })
}

fn predicates() -> impl Strategy<Value = Predicate> {
    let made = (
        texts(),
        texts(),
        texts(),
        any::<bool>(),
        collection::vec(resources(), 0..4),
    );
    let made = made.prop_map(|(github, tools, seen, built_twice, more)| {
        let Predicate::Provenance(mut made) = provenance().predicate else {
            unreachable!("the sample is a provenance")
        };
        let build = &mut made.build_definition;
        build.internal_parameters.github = github;
        build.internal_parameters.tools = tools;
        build.internal_parameters.built_twice = built_twice;
        build.resolved_dependencies.extend(more);
        made.run_details.builder.landfall_level.seen = seen;
        Predicate::Provenance(made)
    });
    let verdicts = sample::select(vec![
        GateVerdict::Pass,
        GateVerdict::Warn,
        GateVerdict::Flaky,
        GateVerdict::Fail,
        GateVerdict::Unknown,
        GateVerdict::Skipped,
        GateVerdict::NotRun,
    ]);
    let gates = collection::btree_map(
        "\\PC{0,8}",
        (verdicts, option::of("(?s).{0,9}"), option::of("(?s).{0,9}")),
        0..6,
    );
    let tested = (
        collection::vec(resources(), 1..3),
        option::of("\\PC{0,9}"),
        gates,
    );
    let tested = tested.prop_map(|(configuration, url, gates)| {
        let gate = |(name, (verdict, waived, reason))| GateResult {
            name,
            verdict,
            waived,
            reason,
        };
        let gates = gates.into_iter().map(gate).collect();
        Predicate::TestResult(TestResult::of(configuration, url, gates))
    });
    prop_oneof![made, tested]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

#[test]
fn statements_survive(
    subjects in collection::btree_map("[A-Za-z0-9_+][A-Za-z0-9._+-]{0,20}[a-z]", "[0-9a-f]{64}", 1..9),
    predicate in predicates(),
) {
    let subjects = subjects.into_iter().map(|(name, sha256)| Subject { name, sha256 }).collect();
    let statement = Statement { subjects, predicate };
    let text = statement.write().unwrap();
    prop_assert_eq!(Statement::read(text.as_bytes()).unwrap(), statement);
}

/// Whatever bit is turned: refused, or another statement. None is read as the one it was.
#[test]
fn no_bit_is_free(at in any::<usize>(), bit in 0..8_u32, tests in any::<bool>()) {
    let statement = if tests { test_result() } else { provenance() };
    let mut bytes = statement.write().unwrap().into_bytes();
    let at = at % bytes.len();
    bytes[at] ^= 1 << bit;
    prop_assert_eq!(Statement::read(&bytes).ok().as_ref() == Some(&statement), false);
}
}
