//! What a release states about its own files: read without our own reader, and held against git and the sums.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use testkit::{Repo, not_covered, real_parts, real_program};

use crate::run::{Call, FAST, NOW_S, Run, VERSION, candidate, landfall, ready, shell};

const PROVENANCE: &str = "provenance.intoto.jsonl";
const TEST_RESULT: &str = "test-result.intoto.jsonl";
const DECLARED: &str = "https://user:t0ken-of-mine@forge.example/team/single.git";

/// Of a repository that is nowhere: a submodule which is not checked out.
const SUBMODULE: &str = "0123456789abcdef0123456789abcdef01234567";

/// Standard output of a program that is given bytes.
fn piped(program: &str, args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(input).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} {args:?}");
    output.stdout
}

fn sha256(bytes: &[u8]) -> String {
    let text = String::from_utf8(piped("sha256sum", &[], bytes)).unwrap();
    text[..64].to_owned()
}

/// The statement in the envelope of an asset.
fn statement(repo: &Repo, name: &str) -> Value {
    let text = std::fs::read_to_string(candidate(repo).join("artifacts").join(name)).unwrap();
    assert_eq!(text.matches('\n').count(), 1, "one line: {text}");
    let envelope: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
    assert_eq!(envelope["signatures"], json!([]));
    let payload = envelope["payload"].as_str().unwrap();
    serde_json::from_slice(&piped("base64", &["-d"], payload.as_bytes())).unwrap()
}

/// Name and digest of every line of the sums.
fn sums(repo: &Repo) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(candidate(repo).join("artifacts/SHA256SUMS.txt")).unwrap();
    text.lines()
        .map(|line| {
            let (hex, name) = line.split_once("  ").unwrap();
            (name.to_owned(), hex.to_owned())
        })
        .collect()
}

fn subjects(statement: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let subjects = statement["subject"].as_array().unwrap();
    let pairs = subjects
        .iter()
        .map(|subject| (text(&subject["name"]), text(&subject["digest"]["sha256"])));
    let pairs: BTreeMap<_, _> = pairs.collect();
    assert_eq!(pairs.len(), subjects.len(), "no name twice");
    pairs
}

/// A remote whose address carries a credential, and which this machine finds elsewhere.
fn with_address(repo: Repo) -> Repo {
    let instead = format!("url.{}.insteadOf", repo.remote().display());
    repo.git(&["config", &instead, DECLARED]);
    repo.git(&["remote", "set-url", "origin", DECLARED]);
    repo
}

/// One gate fails and is waived, most are skipped; lock files in three places, and a submodule.
fn waived() -> Repo {
    let config = format!(
        "{FAST}\n[gates.docs]\nrequired = [\"MISSING.md\"]\n\n[version]\nexclude = [\"fixtures/**\"]\n\n\
         [[waiver]]\ngate = \"docs\"\nreason = \"it is being written\"\nowner = \"dev@example.com\"\nuntil = 2026-12-31\n"
    );
    let tree = Repo::cargo_single();
    tree.write("web/package-lock.json", "{}\n");
    tree.write("fixtures/Cargo.lock", "version = 4\n");
    let link = format!("160000,{SUBMODULE},module");
    std::fs::create_dir(tree.root().join("module")).unwrap();
    tree.git(&["update-index", "--add", "--cacheinfo", &link]);
    with_address(ready(tree, &config))
}

fn build(repo: &Repo) -> Run {
    let run = landfall(repo, &["artifacts", "build", VERSION]);
    run.exits(0);
    run
}

#[test]
fn statements_are_about_every_asset_and_say_what_was_seen() {
    let repo = waived();
    let run = build(&repo);
    assert_eq!(run.stderr.matches("UNSIGNED").count(), 1, "{run}");
    let (made, tested) = (statement(&repo, PROVENANCE), statement(&repo, TEST_RESULT));
    let mut named = sums(&repo);
    for name in [PROVENANCE, TEST_RESULT] {
        assert!(named.remove(name).is_some(), "the sums name {name}");
    }
    assert_eq!(subjects(&made), named);
    assert_eq!(subjects(&tested), named);
    let text = std::fs::read_to_string(candidate(&repo).join("candidate.json")).unwrap();
    let known: Value = serde_json::from_str(&text).unwrap();
    provenance_of(&repo, &made["predicate"], known["commit"].as_str().unwrap());
    test_result_of(&tested["predicate"], &known["gates"]);
    for said in [&made, &tested] {
        let said = said.to_string();
        let base = repo.outside();
        for secret in ["t0ken", "user:", base.to_str().unwrap(), "/tmp/"] {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }
}

fn provenance_of(repo: &Repo, said: &Value, commit: &str) {
    let build = &said["buildDefinition"];
    assert_eq!(build["buildType"], "urn:landfall:build:release:v1");
    let source = "git+https://forge.example/team/single.git@refs/tags/v1.0.0-mvp";
    let asked =
        json!({ "commit": commit, "source": source, "tag": "v1.0.0-mvp", "version": VERSION });
    assert_eq!(build["externalParameters"], asked);
    let git = repo.git(&["--version"]);
    let git = git.split(' ').nth(2).unwrap();
    let found = json!({
        "builtTwice": true, "landfall": env!("CARGO_PKG_VERSION"), "tools": { "git": git },
    });
    assert_eq!(build["internalParameters"], found);
    let lock = |path: &str| {
        let at = format!("{commit}:{path}");
        let blob = repo.git(&["rev-parse", &at]);
        let bytes = repo
            .try_git(repo.root(), &["cat-file", "blob", &blob])
            .stdout;
        json!({
            "name": path, "uri": format!("{source}#{path}"),
            "digest": { "gitBlob": blob, "sha256": sha256(&bytes) },
        })
    };
    let needed = json!([
        { "name": "source", "uri": source, "digest": { "gitCommit": commit } },
        lock("Cargo.lock"),
        { "name": "module", "digest": { "gitCommit": SUBMODULE } },
        lock("web/package-lock.json"),
    ]);
    assert_eq!(build["resolvedDependencies"], needed);
    let run = &said["runDetails"];
    assert_eq!(run["builder"]["id"], "urn:landfall:builder:local:v1");
    let level = &run["builder"]["landfall_level"];
    assert_eq!(level["claimed"], "SLSA_BUILD_LEVEL_1");
    assert_eq!(level.get("seen"), None);
    let inputs = std::fs::read(candidate(repo).join("inputs.json")).unwrap();
    assert_eq!(
        run["metadata"],
        json!({
            "invocationId": format!("urn:landfall:invocation:sha256:{}", sha256(&inputs)),
            "startedOn": "2026-02-03T04:05:06Z",
        })
    );
    assert_eq!(NOW_S, "1770091506", "which is that time");
}

fn test_result_of(said: &Value, known: &Value) {
    assert_eq!(said["result"], "FAILED", "a waiver makes nothing pass");
    assert_eq!(said["failedTests"], json!(["docs"]));
    let configuration = said["configuration"].as_array().unwrap();
    assert_eq!(configuration[1]["name"], "release.toml");
    let gates = said["landfall_gates"].as_array().unwrap();
    let gate = |name: &str| gates.iter().find(|gate| gate["name"] == name).unwrap();
    assert_eq!(gate("docs")["verdict"], "fail");
    assert_eq!(
        gate("docs")["waived"],
        "it is being written (dev@example.com, until 2026-12-31)"
    );
    assert_eq!(
        *gate("coverage"),
        json!({
            "name": "coverage", "verdict": "skipped",
            "reason": "left out by gates.skip in the configuration",
        })
    );
    assert_eq!(gate("tools")["verdict"], "not-run");
    let listed = |key: &str| said[key].as_array().unwrap().clone();
    let lists = [
        listed("passedTests"),
        listed("warnedTests"),
        listed("failedTests"),
    ];
    for (name, verdict) in known.as_object().unwrap() {
        let verdict = verdict.as_str().unwrap().split(' ').next().unwrap();
        assert_eq!(gate(name)["verdict"], verdict, "{name}");
        let place = match verdict {
            "pass" => Some(0),
            "warn" => Some(1),
            "fail" => Some(2),
            _ => None,
        };
        for (at, list) in lists.iter().enumerate() {
            let there = list.contains(&json!(name));
            assert_eq!(there, Some(at) == place, "{name} {verdict} in list {at}");
        }
    }
    assert!(lists[0].contains(&json!("git")), "{lists:?}");
    assert_eq!(gates.len(), known.as_object().unwrap().len() + 1);
}

#[test]
fn a_run_in_github_actions_is_named_and_raises_no_level() {
    let config = format!("{FAST}\n[attestations]\ntest_result = false\n");
    let repo = ready(Repo::cargo_single(), &config);
    let workflow = "team/single/.github/workflows/release.yml@refs/heads/main";
    let run = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_REPOSITORY", "team/single"),
        ("GITHUB_RUN_ATTEMPT", "1"),
        ("GITHUB_RUN_ID", "42"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_WORKFLOW_REF", workflow),
        ("RUNNER_ENVIRONMENT", "github-hosted"),
    ]
    .into_iter()
    .fold(
        Call::new(&repo, &["artifacts", "build", VERSION]),
        |call, (name, value)| call.env(name, value),
    )
    .run();
    run.exits(0)
        .says("no test-result.intoto.jsonl: [attestations] in release.toml leaves it out");
    let artifacts = candidate(&repo).join("artifacts");
    assert!(!artifacts.join(TEST_RESULT).exists());
    let said = &statement(&repo, PROVENANCE)["predicate"];
    let builder = &said["runDetails"]["builder"];
    assert_eq!(builder["id"], format!("https://github.com/{workflow}"));
    assert_eq!(builder["landfall_level"]["claimed"], "SLSA_BUILD_LEVEL_1");
    assert_eq!(builder["landfall_level"]["seen"]["GITHUB_RUN_ID"], "42");
    assert_eq!(
        said["runDetails"]["metadata"]["invocationId"],
        "https://github.com/team/single/actions/runs/42/attempts/1"
    );
    // A remote that is a folder has no address to tell strangers.
    let asked = &said["buildDefinition"]["externalParameters"];
    assert_eq!(asked.get("source"), None, "{asked}");
    let asset = artifacts.join("single-1.0.0-mvp-source.tar.gz");
    landfall(&repo, &["artifacts", "verify", VERSION])
        .exits(0)
        .says(&format!(
            "gh attestation verify {} --repo team/single",
            asset.display()
        ));
    // Somebody else's page of a plan lists what is really uploaded.
    let plan = landfall(&ready(Repo::cargo_single(), &config), &["plan", VERSION]);
    plan.exits(0).says(PROVENANCE);
    assert!(!plan.stdout.contains(TEST_RESULT), "{plan}");
}

/// A fenced block of the page that a person would paste.
fn block(name: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/statements.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once(&format!("\n```sh {name}\n")).unwrap();
    rest.split_once("\n```\n").unwrap().0.to_owned()
}

/// A release that an ssh key signs, checked with the page's own commands and nothing of ours.
#[test]
fn real_openssl_verifies_statements_that_an_ssh_agent_has_signed() {
    if ["ssh-keygen", "openssl", "jq"]
        .iter()
        .any(|program| real_program(program).is_none())
    {
        return;
    }
    let tree = Repo::cargo_single();
    let key = tree.outside().join("key");
    let path = key.to_str().unwrap().to_owned();
    let made = [
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-C",
        "dev@example.com",
        "-f",
        &path,
    ];
    piped("ssh-keygen", &made, b"");
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    tree.write(".allowed_signers", format!("dev@example.com {public}"));
    let config = format!(
        "{FAST}\n[signing]\nmethod = \"ssh\"\nkey = \"{path}\"\nidentity = \"dev@example.com\"\nsigners = \".allowed_signers\"\n"
    );
    let repo = ready(tree, &config);
    landfall(&repo, &["artifacts", "build", VERSION]).exits(0);
    let artifacts = candidate(&repo).join("artifacts");
    let stranger = repo.outside().join("stranger");
    std::fs::create_dir(&stranger).unwrap();
    for file in std::fs::read_dir(&artifacts).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), stranger.join(file.file_name())).unwrap();
    }
    std::fs::write(stranger.join("key.pub"), public).unwrap();
    shell(&repo, &stranger, &block("ssh-key")).exits(0);
    let check = |name: &str| {
        shell(
            &repo,
            &stranger,
            &format!("set -- {name}\n{}", block("verify")),
        )
    };
    for name in [PROVENANCE, TEST_RESULT] {
        check(name).exits(0).says(&format!("{name}: OK, "));
    }
    // Each signature is over its own statement.
    let path = stranger.join(PROVENANCE);
    let text = std::fs::read_to_string(&path).unwrap();
    let signature = |text: &str| text.split_once("\"signatures\":").unwrap().1.to_owned();
    let other = std::fs::read_to_string(stranger.join(TEST_RESULT)).unwrap();
    std::fs::write(&path, text.replace(&signature(&text), &signature(&other))).unwrap();
    check(PROVENANCE).exits(1).says("no signature of this key");
}

/// The workflow of the page, as the gate `workflows` would look at it.
#[test]
fn real_zizmor_and_check_jsonschema_find_nothing_in_the_workflow_of_the_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/statements.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("\n```yaml\nname: artifacts\n").unwrap();
    let (workflow, _) = rest.split_once("\n```\n").unwrap();
    let workflow = format!("name: artifacts\n{workflow}\n");
    let repo = Repo::empty();
    repo.write(".github/workflows/artifacts.yml", &workflow);
    let program = |name: &str| real_parts().join("venv/bin").join(name);
    let (zizmor, schema) = (program("zizmor"), program("check-jsonschema"));
    if !zizmor.is_file() || !schema.is_file() {
        return not_covered("zizmor and check-jsonschema");
    }
    let path = repo.root().join(".github/workflows/artifacts.yml");
    let clean = |command: &mut Command| {
        let output = command.arg("--").arg(&path).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(output.status.success(), "{said}");
        said
    };
    let said = clean(Command::new(zizmor).args(["--offline", "--no-progress"]));
    assert!(said.contains("No findings"), "{said}");
    clean(Command::new(schema).args(["--builtin-schema", "vendor.github-workflows"]));
    for line in workflow.lines().filter(|line| line.contains("uses:")) {
        let (_, pin) = line.split_once('@').unwrap();
        let (commit, tag) = pin.split_once(" # v").unwrap();
        assert!(commit.len() == 40 && tag.contains('.'), "{line}");
    }
    assert_eq!(workflow.matches("id-token: write").count(), 1);
}
