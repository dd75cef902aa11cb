//! A release that is signed and has statements: what cannot be rewritten unseen any more.

use std::collections::BTreeMap;

use archive::dsse::{Envelope, IN_TOTO, Signature};
use archive::statement::{
    self, GateResult, GateVerdict, Outcome, Predicate, Statement, TestResult,
};
use world::Cmd;

use super::{BTreeSet, Release, SUMS, all_seen, damaged};

const SIG: &str = "SHA256SUMS.txt.sig";
const PROVENANCE: &str = "provenance.intoto.jsonl";
const TEST_RESULT: &str = "test-result.intoto.jsonl";

impl Release {
    fn sh(&self, script: &str) {
        let cmd = Cmd::new(self.dir.parent().unwrap(), "sh").args(["-euc", script]);
        self.world.run(&cmd).unwrap().success().unwrap();
    }

    /// With both statements, signed by a key of openssl, and sums, signed by a key of ssh.
    fn signed() -> Release {
        let mut release = Release::new();
        release.sh("openssl genpkey -algorithm ed25519 -out key.pem
            openssl pkey -in key.pem -pubout -outform DER | tail -c 32 > public
            ssh-keygen -q -t ed25519 -N '' -C '' -f key
            printf 'dev@example.com namespaces=\"landfall,git\" ' > signers; cat key.pub >> signers");
        let outside = release.dir.parent().unwrap().to_owned();
        let public = std::fs::read(outside.join("public")).unwrap();
        let blob = [&[0, 0, 0, 11][..], b"ssh-ed25519", &[0, 0, 0, 32], &public].concat();
        let line = format!(
            "dev@example.com ssh-ed25519 {}\n",
            archive::base64::encode(&blob)
        );
        release
            .world
            .append_line(&outside.join("signers"), line.trim_end())
            .unwrap();
        release.signers = Some(outside.join("signers"));
        release.state("1.0.0", GateVerdict::Pass);
        release.sign();
        release
    }

    /// Writes both statements over what is there.
    fn state(&self, version: &str, gate: GateVerdict) {
        let names = self.names().into_iter();
        let names =
            names.filter(|name| !name.starts_with(SUMS) && !name.ends_with(".intoto.jsonl"));
        let subjects: Vec<statement::Subject> = names
            .map(|name| statement::Subject {
                sha256: archive::sha256_hex(&self.get(&name)),
                name,
            })
            .collect();
        let passed = gate == GateVerdict::Pass;
        let gates = vec!["tests".to_owned()];
        let result = TestResult {
            result: if passed {
                Outcome::Passed
            } else {
                Outcome::Failed
            },
            configuration: vec![commit()],
            url: None,
            passed_tests: if passed { gates.clone() } else { Vec::new() },
            warned_tests: Vec::new(),
            failed_tests: if passed { Vec::new() } else { gates },
            gates: vec![GateResult {
                name: "tests".to_owned(),
                verdict: gate,
                waived: (!passed).then(|| "dev@example.com until 2027-01-31: flaky".to_owned()),
                reason: None,
            }],
        };
        for (name, predicate) in [
            (
                PROVENANCE,
                Predicate::Provenance(Box::new(provenance(version))),
            ),
            (TEST_RESULT, Predicate::TestResult(result)),
        ] {
            let statement = Statement {
                subjects: subjects.clone(),
                predicate,
            };
            self.seal(name, statement.write().unwrap().as_bytes(), true);
        }
    }

    fn seal(&self, name: &str, payload: &[u8], signed: bool) {
        let mut envelope = Envelope {
            payload_type: IN_TOTO.to_owned(),
            payload: payload.to_vec(),
            signatures: Vec::new(),
        };
        if signed {
            let outside = self.dir.parent().unwrap();
            self.world
                .write_file(&outside.join("pae"), &envelope.pae())
                .unwrap();
            self.sh("openssl pkeyutl -sign -inkey key.pem -rawin -in pae -out raw");
            envelope.signatures.push(Signature {
                key_id: String::new(),
                bytes: std::fs::read(outside.join("raw")).unwrap(),
            });
        }
        self.put(name, envelope.write().unwrap().as_bytes());
    }

    /// Sums over everything, and the signature over them.
    fn sign(&self) {
        self.sum();
        self.sh("rm -f release/SHA256SUMS.txt.sig; ssh-keygen -q -Y sign -n landfall -f key release/SHA256SUMS.txt 2>/dev/null");
    }
}

fn commit() -> statement::Resource {
    let digest = BTreeMap::from([("gitCommit".to_owned(), "1".repeat(40))]);
    statement::Resource {
        name: None,
        uri: None,
        digest,
    }
}

fn provenance(version: &str) -> statement::Provenance {
    statement::Provenance {
        build_definition: statement::BuildDefinition {
            build_type: statement::BUILD_TYPE.to_owned(),
            external_parameters: statement::External {
                commit: "1".repeat(40),
                source: None,
                tag: format!("v{version}"),
                version: version.to_owned(),
            },
            internal_parameters: statement::Internal {
                built_twice: false,
                github: BTreeMap::new(),
                landfall: "0.1.0".to_owned(),
                tools: BTreeMap::from([("git".to_owned(), "2.39.5".to_owned())]),
            },
            resolved_dependencies: vec![commit()],
        },
        run_details: statement::RunDetails {
            builder: statement::Builder {
                id: statement::LOCAL_BUILDER.to_owned(),
                landfall_level: statement::Level {
                    claimed: statement::LEVEL.to_owned(),
                    reason: "built by whoever ran it".to_owned(),
                    seen: BTreeMap::new(),
                },
            },
            metadata: statement::Metadata {
                invocation_id: format!("urn:landfall:invocation:sha256:{}", "0".repeat(64)),
                started_on: "2026-02-03T04:05:06Z".to_owned(),
            },
        },
    }
}

#[test]
fn no_bit_of_a_signed_release_can_be_flipped_unseen() {
    let release = Release::signed();
    assert_eq!(release.told(), BTreeSet::new());
    let proved = release.report(Some("v1.0.0")).proved().join("\n");
    assert!(
        proved.contains("the signer vouches for these files"),
        "{proved}"
    );
    assert!(
        proved.contains("each statement is about exactly these files, and signed"),
        "{proved}"
    );
    for name in release.names() {
        let whole = release.get(&name);
        // The unsigned release has every bit tried; here each one may take a run of ssh-keygen.
        let step = match whole.len() {
            ..1000 => 19,
            _ => 83,
        };
        for bit in (0..whole.len() * 8).step_by(step) {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            release.put(&name, &flipped);
            assert!(release.caught(), "bit {bit} of {name}");
        }
        for len in [0, 1, whole.len() / 2, whole.len() - 1] {
            release.put(&name, &whole[..len]);
            assert!(release.caught(), "{name} cut to {len}");
        }
        release.put(&name, &[&whole[..], b"\n"].concat());
        assert!(release.caught(), "{name} with a line end more");
        release.put(&name, &whole);
    }
    assert_eq!(release.told(), BTreeSet::new());
}

#[test]
fn what_is_rewritten_so_that_it_fits_is_caught_all_the_same() {
    let release = Release::signed();
    let mut seen = BTreeSet::new();
    let told = |release: &Release, ways: &[&str], seen: &mut BTreeSet<&'static str>| {
        let told = release.told();
        for way in ways {
            assert!(told.contains(way), "{way} is not among {told:?}");
        }
        seen.extend(told);
    };
    // File and sums together: the signature and both statements tell.
    let old: Vec<(String, Vec<u8>)> = release
        .names()
        .into_iter()
        .map(|name| (name.clone(), release.get(&name)))
        .collect();
    let back = || {
        old.iter()
            .for_each(|(name, bytes)| release.put(name, bytes));
    };
    release.put("notes.txt", b"other\n");
    release.sum();
    told(
        &release,
        &["signature-altered", "statement-subjects"],
        &mut seen,
    );
    // Everything that needs no key.
    release.remove(SIG);
    told(
        &release,
        &["signature-absent", "statement-subjects"],
        &mut seen,
    );
    back();
    // Statements that nobody, or somebody else, signed.
    let payload = Envelope::read(&String::from_utf8(release.get(PROVENANCE)).unwrap())
        .unwrap()
        .payload;
    release.seal(PROVENANCE, &payload, false);
    release.sign();
    told(&release, &["statement-unsigned"], &mut seen);
    let mut envelope =
        Envelope::read(&String::from_utf8(old_of(&old, PROVENANCE)).unwrap()).unwrap();
    envelope.signatures[0].bytes[7] ^= 1;
    release.put(PROVENANCE, envelope.write().unwrap().as_bytes());
    release.sign();
    told(&release, &["statement-forged"], &mut seen);
    // One for the other.
    release.put(PROVENANCE, &old_of(&old, TEST_RESULT));
    release.sign();
    told(&release, &["statement-kind"], &mut seen);
    back();
    release.state("1.0.0", GateVerdict::Fail);
    release.sign();
    told(&release, &["statement-failed-gates"], &mut seen);
    back();
    damaged(
        &release,
        TEST_RESULT,
        b"{}\n",
        "statement-broken",
        &mut seen,
    );
    // An older release, whole and well signed, under the name of this one.
    let report = release.report(Some("v1.0.1"));
    let items = report.looked.iter().flat_map(|looked| &looked.items);
    seen.extend(items.filter_map(|item| Some(item.way?.name)));
    assert!(seen.contains("statement-release"));
    all_seen("statements", &seen, &["statement-no-key"]);
}

fn old_of(old: &[(String, Vec<u8>)], wanted: &str) -> Vec<u8> {
    let found = old.iter().find(|(name, _)| name == wanted);
    found.map(|(_, bytes)| bytes.clone()).unwrap()
}

#[test]
fn who_signed_is_told_apart() {
    let mut release = Release::signed();
    let signers = release.signers.clone().unwrap();
    release.sh("ssh-keygen -q -t ed25519 -N '' -C '' -f other; printf 'dev@example.com ' > others; cat other.pub >> others
        { printf 'dev@example.com namespaces=\"git\" '; cat key.pub; } > elsewhere
        { printf 'dev@example.com valid-before=\"20000101\" '; cat key.pub; } > expired");
    let with = |release: &mut Release, name: Option<&str>| {
        release.signers = name.map(|name| signers.with_file_name(name));
        release.told()
    };
    for (file, way) in [
        (Some("others"), "signature-stranger"),
        (Some("elsewhere"), "signature-elsewhere"),
        (Some("expired"), "signature-time"),
        (None, "signature-no-signers"),
    ] {
        let told = with(&mut release, file);
        assert!(told.contains(way), "{way} is not among {told:?}");
    }
    release.signers = Some(signers.with_file_name("nothing"));
    let told = release.told();
    assert!(told.contains("not-looked"), "{told:?}");
    release.signers = Some(signers);
    release.put(SIG, b"hello\n");
    assert!(release.told().contains("signature-malformed"));
    assert!(release.names().contains(&SUMS.to_owned()));
}
