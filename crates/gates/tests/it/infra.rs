//! `infra` with the real Terraform, which needs no network for what is built in.

use gates::{Finding, Inputs, Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, cx, cx_beside, expect, said, unknown, world};

const ROOT: &str = r#"terraform {
  required_version = ">= 1.4"
  backend "s3" {}
}

module "store" {
  source = "../modules/store"
  name   = var.name
}

resource "terraform_data" "policy" {
  input = file("${path.module}/policy.json")
}
"#;

/// Terraform as in the first customer's repository: one root, one module, values per environment.
pub(crate) fn terraform() -> Repo {
    let repo = Repo::empty();
    repo.write(".gitignore", ".terraform/\n*.zip\n")
        .write("infra/terraform/main.tf", ROOT)
        .write("infra/terraform/policy.json", "{}\n")
        .write(
            "infra/terraform/variables.tf",
            "variable \"name\" {\n  type = string\n}\n",
        )
        .write("infra/terraform/staging.tfvars", "name = \"staging\"\n")
        .write(
            "infra/modules/store/main.tf",
            "variable \"name\" {\n  type = string\n}\n\nresource \"terraform_data\" \"this\" {\n  input = var.name\n}\n",
        );
    repo.commit("feat: infrastructure");
    repo
}

pub(crate) fn place(finding: &Finding) -> (&str, Option<usize>) {
    let at = finding.at.as_ref().unwrap();
    (&at.path, at.line)
}

pub(crate) fn clean(repo: &Repo) {
    assert_eq!(repo.git(&["status", "--porcelain", "--ignored"]), "");
}

#[test]
fn real_terraform_passes_and_leaves_the_tree_as_it_was() {
    let Some(program) = testkit::installed_by_hand("terraform") else {
        return;
    };
    let repo = terraform();
    let before = repo.fingerprint();
    let report = ask(&cx_beside(&repo, "", &program, &[]), "infra");
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 5, "four formatted files and one root");
    assert_eq!(report.evidence["program"], "terraform");
    assert_eq!(report.evidence["roots"][0]["path"], "infra/terraform");
    assert_eq!(report.evidence["roots"].as_array().unwrap().len(), 1);
    assert_eq!(repo.fingerprint(), before);
    clean(&repo);
    // What a folder is called does not matter, nor that nothing is committed yet.
    let config = "[gates.infra]\nroots = [\"infra/modules/store\"]";
    repo.write("more stuff/x.tf", "output \"x\" {\n  value = 1\n}\n");
    let report = ask(&cx_beside(&repo, config, &program, &[]), "infra");
    expect(&report, Verdict::Pass);
    assert_eq!(
        report.evidence["roots"][0]["path"], "infra/modules/store",
        "the configuration decides"
    );
}

struct Mutation {
    what: &'static str,
    path: &'static str,
    from: &'static str,
    to: &'static str,
    message: &'static str,
    at: (&'static str, usize),
}

const MUTATIONS: &[Mutation] = &[
    Mutation {
        what: "a line of the root is not formatted",
        path: "infra/terraform/main.tf",
        from: "  name   = var.name",
        to: "  name = var.name",
        message: "not formatted",
        at: ("infra/terraform/main.tf", 8),
    },
    Mutation {
        what: "a value file is not formatted",
        path: "infra/terraform/staging.tfvars",
        from: "name = ",
        to: "name=",
        message: "not formatted",
        at: ("infra/terraform/staging.tfvars", 1),
    },
    Mutation {
        what: "a module is not formatted",
        path: "infra/modules/store/main.tf",
        from: "  input = ",
        to: " input = ",
        message: "not formatted",
        at: ("infra/modules/store/main.tf", 6),
    },
    Mutation {
        what: "a variable is not declared",
        path: "infra/terraform/main.tf",
        from: "var.name",
        to: "var.nome",
        message: "Reference to undeclared input variable",
        at: ("infra/terraform/main.tf", 8),
    },
    Mutation {
        what: "an argument of a module is missing",
        path: "infra/terraform/main.tf",
        from: "  name   = var.name\n",
        to: "",
        message: "Missing required argument",
        at: ("infra/terraform/main.tf", 6),
    },
    Mutation {
        what: "an error inside of a module",
        path: "infra/modules/store/main.tf",
        from: "var.name",
        to: "local.nope",
        message: "Reference to undeclared local value",
        at: ("infra/modules/store/main.tf", 6),
    },
    Mutation {
        what: "a block is not closed",
        path: "infra/terraform/variables.tf",
        from: "string\n}",
        to: "string\n",
        message: "Unclosed configuration block",
        at: ("infra/terraform/variables.tf", 1),
    },
    Mutation {
        what: "a block of a module is not closed",
        path: "infra/modules/store/main.tf",
        from: "var.name\n}",
        to: "var.name\n",
        message: "Unclosed configuration block",
        at: ("infra/modules/store/main.tf", 5),
    },
    Mutation {
        what: "the source of a module is not there",
        path: "infra/terraform/main.tf",
        from: "../modules/store",
        to: "../modules/stone",
        message: "the source `../modules/stone` of module `store` holds no Terraform files that git knows",
        at: ("infra/terraform/main.tf", 6),
    },
    Mutation {
        what: "a file that is read is not there",
        path: "infra/terraform/main.tf",
        from: "/policy.json",
        to: "/police.json",
        message: "Invalid function argument",
        at: ("infra/terraform/main.tf", 12),
    },
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("infra", || MUTATIONS.len());

#[test]
fn real_terraform_turns_red_for_each_flaw() {
    let Some(program) = testkit::installed_by_hand("terraform") else {
        return;
    };
    for mutation in MUTATIONS {
        let repo = terraform();
        let text = repo.read(mutation.path);
        let changed = text.replacen(mutation.from, mutation.to, 1);
        assert_ne!(text, changed, "{}", mutation.what);
        repo.write(mutation.path, changed);
        repo.commit("fix: nothing");
        let report = ask(&cx_beside(&repo, "", &program, &[]), "infra");
        assert_eq!(
            report.verdict,
            Verdict::Fail,
            "{}: {report:#?}",
            mutation.what
        );
        let found = report
            .findings
            .iter()
            .find(|finding| finding.message == mutation.message)
            .unwrap_or_else(|| panic!("{}: {report:#?}", mutation.what));
        assert_eq!(
            place(found),
            (mutation.at.0, Some(mutation.at.1)),
            "{}",
            mutation.what
        );
        assert!(found.help.is_some(), "{}", mutation.what);
        clean(&repo);
    }
}

#[test]
fn real_terraform_names_every_unformatted_file() {
    let Some(program) = testkit::installed_by_hand("terraform") else {
        return;
    };
    let repo = terraform();
    for folder in ["infra/terraform", "infra/modules/store", "examples/one"] {
        repo.write(
            &format!("{folder}/extra.tf"),
            "locals {\n  a = 1\n  bc = 2\n}\n",
        );
    }
    repo.write("infra/.terraform/x.tf", "a=1\n");
    let report = ask(&cx_beside(&repo, "", &program, &[]), "infra");
    let places: Vec<_> = report.findings.iter().map(place).collect();
    assert_eq!(
        places,
        [
            ("examples/one/extra.tf", Some(2)),
            ("infra/modules/store/extra.tf", Some(2)),
            ("infra/terraform/extra.tf", Some(2)),
        ]
    );
    assert_eq!(report.evidence["unformatted"], 3);
    let config = "[gates.infra]\nexclude = [\"**/extra.tf\"]";
    expect(
        &ask(&cx_beside(&repo, config, &program, &[]), "infra"),
        Verdict::Pass,
    );
    // `diff` is a program of its own: without it every file is named all the same.
    let env = repo.env_with(&["git"], &[]);
    let link = std::path::Path::new(&env[0].1).join("terraform");
    std::os::unix::fs::symlink(&program, link).unwrap();
    let without = gates::Cx {
        world: world(env),
        ..cx(&repo)
    };
    let report = ask(&without, "infra");
    expect(&report, Verdict::Fail);
    assert_eq!(report.findings.len(), 3);
    assert_eq!(place(&report.findings[0]), ("examples/one/extra.tf", None));
}

/// A root that needs a provider, of which `.terraform` may hold an installation that does not run.
fn with_provider() -> Repo {
    let repo = Repo::empty();
    repo.write(".gitignore", ".terraform/\n").write(
        "main.tf",
        "terraform {\n  required_providers {\n    fake = {\n      source = \"provider.example/acme/fake\"\n    }\n  }\n}\n\nresource \"fake_thing\" \"this\" {}\n",
    );
    repo.commit("feat: infrastructure");
    repo
}

#[test]
fn real_terraform_without_the_provider_is_unknown() {
    let Some(program) = testkit::installed_by_hand("terraform") else {
        return;
    };
    let repo = with_provider();
    // A mirror that holds nothing stands for a network that is not there.
    let mirror = repo.outside().join("mirror");
    repo.write("../mirror/nothing", "");
    let rc = repo.outside().join("terraformrc");
    let text = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
        mirror.display()
    );
    repo.write("../terraformrc", text);
    let rc = rc.display().to_string();
    let report = ask(
        &cx_beside(&repo, "", &program, &[("TF_CLI_CONFIG_FILE", &rc)]),
        "infra",
    );
    unknown(&report, "could not be initialised");
    assert!(report.reason.as_ref().unwrap().contains("acme/fake"));
    assert_eq!(
        said(&report, Severity::Warning),
        ["the lock file of . is missing, so its providers may be others tomorrow"]
    );
    clean(&repo);
    // A provider that is found and does not run: locked by the copy alone, and nothing is known.
    let folder = repo
        .root()
        .join(".terraform/providers/provider.example/acme/fake/1.0.0");
    for platform in ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"] {
        testkit::programs(
            &folder.join(platform),
            &[("terraform-provider-fake_v1.0.0", "exit 1")],
        );
    }
    let report = ask(
        &cx_beside(&repo, "", &program, &[("TF_CLI_CONFIG_FILE", &rc)]),
        "infra",
    );
    unknown(&report, "plugin");
    assert_eq!(
        said(&report, Severity::Warning),
        ["the lock file of . is missing, so its providers may be others tomorrow"]
    );
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    // A lock file that holds another version is out of step.
    repo.write(
        ".terraform.lock.hcl",
        "provider \"provider.example/acme/other\" {\n  version = \"2.0.0\"\n}\n",
    );
    let report = ask(
        &cx_beside(&repo, "", &program, &[("TF_CLI_CONFIG_FILE", &rc)]),
        "infra",
    );
    expect(&report, Verdict::Unknown);
    assert_eq!(
        said(&report, Severity::Warning),
        ["the lock file does not hold provider.example/acme/fake 1.0.0, which is needed"]
    );
    // And one that git does not know is none.
    repo.write(".gitignore", ".terraform/\n.terraform.lock.hcl\n");
    let report = ask(
        &cx_beside(&repo, "", &program, &[("TF_CLI_CONFIG_FILE", &rc)]),
        "infra",
    );
    assert!(said(&report, Severity::Warning)[0].contains("is ignored by git"));
}

#[test]
fn real_terraform_of_another_version_is_unknown_and_an_ignored_file_has_to_be_named() {
    let Some(program) = testkit::installed_by_hand("terraform") else {
        return;
    };
    let repo = terraform();
    let text = repo.read("infra/terraform/main.tf");
    repo.write("infra/terraform/main.tf", text.replace(">= 1.4", ">= 99.0"));
    let report = ask(&cx_beside(&repo, "", &program, &[]), "infra");
    unknown(&report, "Unsupported Terraform Core version");
    repo.write(
        "infra/terraform/main.tf",
        text.replace("policy.json", "lambda.zip"),
    )
    .write("infra/terraform/lambda.zip", "PK");
    let report = ask(&cx_beside(&repo, "", &program, &[]), "infra");
    unknown(&report, "lambda.zip, which git ignores");
    let config = "[gates.infra]\ninclude = [\"infra/terraform/*.zip\"]";
    let cx = cx_beside(&repo, config, &program, &[]);
    expect(&ask(&cx, "infra"), Verdict::Pass);
    let gate = gates::GATES
        .iter()
        .find(|gate| gate.name == "infra")
        .unwrap();
    assert!(matches!((gate.inputs)(&cx).unwrap(), Inputs::Live(_)));
    let cx = crate::fixture::cx(&repo);
    assert!(matches!((gate.inputs)(&cx).unwrap(), Inputs::Same(_)));
    repo.write(
        "x.tf",
        "module \"x\" {\n  source = \"git::https://forge.example/x.git\"\n}\n",
    );
    assert!(matches!((gate.inputs)(&cx).unwrap(), Inputs::Live(_)));
}
