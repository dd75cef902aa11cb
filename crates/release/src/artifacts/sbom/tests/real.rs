//! The validator of the CycloneDX project over documents of cargo, npm and pnpm, and its reading of every purl.

use testkit::{Repo, real_program};
use world::{Cmd, Setup, World};

use super::locks::{NPM, PNPM_9, repo_of};
use super::made;

const SCRIPT: &str = "
import json, sys
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
validator = JsonStrictValidator(SchemaVersion.V1_6)
broken = json.dumps({'bomFormat': 'CycloneDX', 'specVersion': '1.6', 'serialNumber': 'x'})
assert validator.validate_str(broken), 'the validator lets everything pass'
for path in sys.argv[1:]:
    text = open(path, encoding='utf-8').read()
    flaw = validator.validate_str(text)
    assert not flaw, (path, flaw)
    document = json.loads(text)
    Bom.from_json(document).validate()
    for one in document['components'] + [document['metadata']['component']]:
        assert PackageURL.from_string(one['purl']).to_string() == one['purl'], one['purl']
print('valid:', len(sys.argv) - 1)
";

#[test]
fn real_validator_takes_documents_of_every_kind() {
    let Some(python) = real_program("python") else {
        return;
    };
    let repos = [
        (Repo::cargo_workspace(), "0.9.0"),
        (Repo::npm(), "0.9.0"),
        (Repo::pnpm(), "0.9.0"),
        (repo_of("package-lock.json", NPM), "1.0.0"),
        (repo_of("pnpm-lock.yaml", PNPM_9), "1.0.0"),
    ];
    let mut paths = Vec::new();
    for (repo, version) in &repos {
        for per in ["package", "project"] {
            let made = made(repo, version, &format!("[sbom]\nper = \"{per}\"")).unwrap();
            assert!(!made.assets.is_empty(), "{:?}", made.notes);
            let out = repo.outside().join("out");
            paths.extend(made.assets.iter().map(|asset| out.join(&asset.name)));
        }
    }
    let world = World::new(Setup {
        env: repos[0].0.env(),
        ..Setup::default()
    });
    let cmd = Cmd::new(repos[0].0.root(), python)
        .args(["-c", SCRIPT])
        .args(&paths);
    let said = world.ask(&cmd).unwrap().success().unwrap().text();
    assert_eq!(said, format!("valid: {}", paths.len()));
}
