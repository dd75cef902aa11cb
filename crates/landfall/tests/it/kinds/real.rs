//! Artifacts that real package managers make.

use std::path::Path;
use std::process::Command;

use testkit::{Repo, real_program};

use super::{artifact, inside, listed, masked, said, ungated};
use crate::run::{Call, VERSION, candidate, files, ready};

#[test]
fn real_packages_of_npm_and_pnpm_are_packed_as_they_pack_them() {
    let install = "build = [\"pnpm\", \"install\"]\n";
    for (repo, program, build, scope) in [
        (Repo::npm(), "npm", "", "@fixture/"),
        (Repo::pnpm(), "pnpm", install, ""),
    ] {
        let Some(real) = real_program(program) else {
            continue;
        };
        repo.write("packages/one/run.sh", "#!/bin/sh\n");
        let repo = ready(
            repo,
            &ungated(&format!("[[artifact]]\nkind = \"package\"\n{build}")),
        );
        let mut path = vec![real.parent().unwrap().to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        let mut call = Call::new(&repo, &["artifacts", "build", VERSION]);
        call = call.env("PATH", std::env::join_paths(path).unwrap());
        masked(&call).exits(0);
        let packed: Vec<String> = files(&candidate(&repo).join("artifacts"))
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| name.ends_with(".tgz"))
            .collect();
        let named = scope.trim_start_matches('@').replace('/', "-");
        let wanted = ["one", "two"].map(|name| format!("{named}{name}-1.0.0-mvp.tgz"));
        assert_eq!(packed, wanted, "{program}");
        let two = inside(&artifact(&repo, &packed[1]), "package/package.json");
        let two: serde_json::Value = serde_json::from_str(&two).unwrap();
        assert_eq!(two["version"], VERSION);
        // A requirement of the workspace is written as what others can find.
        let needs = two["dependencies"][format!("{scope}one")].as_str().unwrap();
        assert!(
            needs.contains("1.0.0-mvp") && !needs.contains("workspace"),
            "{needs}"
        );
        // Under the narrow mask of the user they are still for everyone.
        let one = said(
            Command::new("tar")
                .arg("-tvf")
                .arg(artifact(&repo, &packed[0])),
        );
        assert!(
            one.lines().all(|line| line.starts_with("-rw-r--r--")),
            "{one}"
        );
    }
}

/// The artifacts of a whole repository, as `examples/phase-mirror` declares them.
#[test]
fn real_phase_mirror_has_all_its_artifacts() {
    let Some(pnpm) = real_program("pnpm") else {
        return;
    };
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/phase-mirror");
    let repo = Repo::empty();
    for (path, bytes) in files(&example.join("fixture")) {
        repo.write(&path, bytes);
    }
    let text = std::fs::read_to_string(example.join("release.toml")).unwrap();
    let text = ungated(&text);
    repo.commit("feat: the beginning");
    repo.git(&["tag", "-a", "v0.9.0", "-m", "v0.9.0"]);
    let script = repo.root().join("scripts/deploy.sh");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(script, mode).unwrap();
    let repo = ready(repo, &text);
    let mut path = vec![pnpm.parent().unwrap().to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut call = Call::new(&repo, &["artifacts", "build", VERSION]);
    call = call.env("PATH", std::env::join_paths(path).unwrap());
    call.run().exits(0);
    let module = listed(&artifact(&repo, "mirror-dissonance-v1.0.0-mvp.tar.gz"));
    assert_eq!(
        module,
        [
            "LICENSE",
            "README.md",
            "dist/index.js",
            "dist/src/redaction/index.ts",
            "package.json"
        ]
        .map(|name| format!("-rw-r--r-- mirror-dissonance-v1.0.0-mvp/{name}"))
    );
    let package = inside(
        &artifact(&repo, "mirror-dissonance-v1.0.0-mvp.tar.gz"),
        "mirror-dissonance-v1.0.0-mvp/package.json",
    );
    assert!(package.contains("\"version\": \"1.0.0-mvp\""), "{package}");
    let source = listed(&artifact(&repo, "source-v1.0.0-mvp.tar.gz"));
    let top = |line: &String| line.contains(" Phase-Mirror-v1.0.0-mvp/");
    assert!(source.len() > 20 && source.iter().all(top), "{source:#?}");
    assert!(source.iter().any(|line| line.ends_with("-mvp/VERSION")));
    let top = "deployment-scripts-v1.0.0-mvp";
    assert_eq!(
        listed(&artifact(&repo, &format!("{top}.tar.gz"))),
        [
            format!("-rw-r--r-- {top}/LICENSE"),
            format!("-rwxr-xr-x {top}/deploy.sh")
        ]
    );
    let terraform = listed(&artifact(&repo, "terraform-v1.0.0-mvp.tar.gz"));
    assert_eq!(
        terraform,
        [
            "LICENSE",
            "main.tf",
            "modules/store/main.tf",
            "staging.tfvars.example",
            "variables.tf"
        ]
        .map(|name| format!("-rw-r--r-- terraform-v1.0.0-mvp/{name}"))
    );
    said(
        Command::new("sha256sum")
            .args(["--check", "--strict", "SHA256SUMS.txt"])
            .current_dir(candidate(&repo).join("artifacts")),
    );
}
