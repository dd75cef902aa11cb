//! `kind = "terraform"`: a configuration without its state and its secrets.
//!
//! What may never be in it is refused by its path and not left out in silence: it is in the repository, which is as bad.

use anyhow::Result;
use config::ArtifactKind;

use super::{Job, Maker, refused};
use crate::artifacts::checkout::{Checkout, Found};
use crate::artifacts::contents::Contents;
use crate::artifacts::licences;
use crate::{Artifact, Event};

pub(super) const MAKER: Maker = Maker {
    kind: ArtifactKind::Terraform,
    names: |job| Ok(vec![job.name()?]),
    contents: |declared| {
        let folder = declared.folder.as_deref().unwrap_or_default();
        format!("the Terraform configuration of {folder}")
    },
    commands: |job| Ok(job.build_cmd().into_iter().collect()),
    make,
};

/// What a configuration is made of, from its folder.
const TAKEN: &[&str] = &[
    "*.tf",
    "*.tf.json",
    "*.tofu",
    "*.tfvars.example",
    ".terraform.lock.hcl",
    "modules/**",
    "templates/**",
    "scripts/**",
    "README.md",
];

/// More than any configuration is long.
const LONGEST_TEXT: u64 = 4 << 20;

fn make(job: &Job<'_>) -> Result<Vec<Artifact>> {
    let (place, declared) = (job.place()?, job.declared);
    job.built()?;
    let checkout = Checkout::of(job)?;
    let folder = declared.folder.as_deref();
    let all = checkout.select(folder, &["**".to_owned()], &declared.exclude)?;
    let mut bad: Vec<String> = all
        .iter()
        .filter_map(|found| {
            let why = forbidden(&found.path, &declared.files)?;
            Some(format!("{}: {why}", shown(folder, &found.path)))
        })
        .collect();
    // Named ones have to be there.
    if !declared.files.is_empty() {
        checkout.select(folder, &declared.files, &declared.exclude)?;
    }
    let taken = |found: &Found| {
        let matches = |glob: &str| fast_glob::glob_match(glob, &found.path);
        TAKEN.iter().any(|glob| matches(glob)) || declared.files.iter().any(|glob| matches(glob))
    };
    let (taken, left): (Vec<Found>, Vec<Found>) = all.into_iter().partition(taken);
    for found in &taken {
        if forbidden(&found.path, &declared.files).is_none() && holds_key(job, found)? {
            bad.push(format!(
                "{}: it holds a private key",
                shown(folder, &found.path)
            ));
        }
    }
    if !bad.is_empty() {
        return Err(refused(
            format!("not for other people's eyes:\n{}", bad.join("\n")),
            "remove it from the repository, or leave it out by `exclude`; values that are no secret are named in `files`",
        ));
    }
    let is_code = |found: &Found| {
        [".tf", ".tf.json", ".tofu"]
            .iter()
            .any(|end| found.path.ends_with(end))
    };
    if !taken.iter().any(is_code) {
        return Err(refused(
            format!(
                "there is no Terraform configuration in {}",
                folder.unwrap_or_default()
            ),
            "mend `folder` of that [[artifact]] in release.toml",
        ));
    }
    if !left.is_empty() {
        let names: Vec<String> = left
            .iter()
            .map(|found| shown(folder, &found.path))
            .collect();
        job.build.cx.tell(&Event::Note(format!(
            "not in {}, for no glob of `files` names it: {}",
            place.name,
            names.join(", ")
        )));
    }
    let mut contents = Contents::default();
    contents.extend(taken);
    contents.require(&declared.required, checkout.rule())?;
    licences::add(job.build, &mut contents, &[folder.unwrap_or_default(), ""])?;
    Ok(vec![contents.pack(job.build, place)?])
}

fn shown(folder: Option<&str>, path: &str) -> String {
    folder.map_or_else(|| path.to_owned(), |folder| format!("{folder}/{path}"))
}

/// Why a file may not be in a bundle, by its path.
fn forbidden(path: &str, named: &[String]) -> Option<&'static str> {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let begins = |beginnings: &[&str]| beginnings.iter().any(|start| name.starts_with(start));
    if lower.split('/').any(|part| part == ".terraform") {
        return Some("the working folder of Terraform, with its plugins and its backend");
    }
    if name.ends_with(".tfstate")
        || name.contains(".tfstate.")
        || lower.split('/').any(|part| part == "terraform.tfstate.d")
    {
        return Some("a state, which holds secrets as they are");
    }
    if ends(&[".tfplan", ".plan"]) || ["tfplan", "plan.out"].contains(&name) {
        return Some("a saved plan, which holds secrets as they are");
    }
    let by_name =
        |glob: &String| glob.contains("tfvars") && fast_glob::glob_match(glob.as_str(), path);
    if ends(&[".tfvars", ".tfvars.json"]) && !named.iter().any(by_name) {
        return Some("values, which may be secret");
    }
    let keys = begins(&["id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"]) && !name.ends_with(".pub");
    if keys || ends(&[".key", ".p12", ".pfx", ".ppk"]) {
        return Some("a private key");
    }
    None
}

/// Whether a text holds a key as OpenSSL and OpenSSH write it, whatever the file is called.
fn holds_key(job: &Job<'_>, found: &Found) -> Result<bool> {
    if !found
        .disk
        .metadata()
        .is_ok_and(|meta| meta.is_file() && meta.len() <= LONGEST_TEXT)
    {
        return Ok(false);
    }
    let bytes = job.build.cx.world.read(&found.disk)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.lines().any(|line| {
        let line = line.trim();
        line.starts_with("-----BEGIN ") && line.ends_with("PRIVATE KEY-----")
    }))
}

#[cfg(test)]
mod tests {
    use super::forbidden;

    #[test]
    fn what_may_never_be_in_a_bundle() {
        let named = ["environments/*.tfvars".to_owned(), "**".to_owned()];
        for good in [
            "main.tf",
            "staging.tfvars.example",
            ".terraform.lock.hcl",
            "modules/a/keys.tf",
            "environments/staging.tfvars",
            "scripts/id_rsa.pub",
        ] {
            assert_eq!(forbidden(good, &named), None, "{good}");
        }
        for bad in [
            "terraform.tfstate",
            "a/terraform.tfstate.backup",
            "terraform.tfstate.d/staging/x",
            ".terraform/providers/x",
            "modules/a/.terraform/modules.json",
            "tfplan",
            "staging.tfplan",
            "prod.tfvars",
            "modules/a/x.auto.tfvars.json",
            "scripts/id_ed25519",
            "certs/server.KEY",
        ] {
            assert!(forbidden(bad, &named).is_some(), "{bad}");
        }
    }
}
