//! A rehearsal signs too: with the key of the release where it is here, else with one that is thrown away.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use config::{Signing, SigningMethod};
use world::Cmd;

use crate::{Cx, Event};

const WHO: &str = "rehearsal@landfall.invalid";

/// What a rehearsal signs with, for a configuration whose paths begin at the root of `cx`; `None`: it does not.
pub(crate) fn stand_in(cx: &Cx, area: &Path) -> Result<Option<Signing>> {
    let Some(signing) = &cx.config.signing else {
        return Ok(None);
    };
    let error = match super::ready(cx) {
        Ok(_) => return Ok(Some(at_home(cx, signing))),
        Err(error) => error,
    };
    cx.world.check_interrupt()?;
    let why = format!("{error:#}");
    let folder = area.join("signing");
    match thrown_away(cx, &folder) {
        Ok(signing) => {
            cx.tell(&Event::Note(format!(
                "the release could not be signed here ({why}); the rehearsal signs with a key of its own, in {}",
                folder.display()
            )));
            Ok(Some(signing))
        }
        Err(none) => {
            cx.world.check_interrupt()?;
            cx.tell(&Event::Note(format!(
                "UNSIGNED: the release could not be signed here ({why}), and no key could be made for the rehearsal ({none:#})"
            )));
            Ok(None)
        }
    }
}

/// The clone has no configuration of its own, and lies elsewhere.
fn at_home(cx: &Cx, signing: &Signing) -> Signing {
    let absolute = |written: &String| {
        let literal = written.starts_with("key::") || written.contains(' ');
        let named = signing.method == SigningMethod::Gpg;
        if literal || named {
            return written.clone();
        }
        shown(&super::path(&cx.world, &cx.root, written))
    };
    let of_git = || {
        let cmd = cx
            .git()
            .cmd(["config", "--type=path", "--get", "user.signingkey"]);
        let output = cx.world.ask(&cmd).ok()?;
        (signing.method == SigningMethod::Ssh && output.ok()).then(|| output.text())
    };
    Signing {
        key: signing.key.clone().or_else(of_git).as_ref().map(absolute),
        attestation_key: signing
            .attestation_key
            .as_ref()
            .map(|key| shown(&super::path(&cx.world, &cx.root, key))),
        ..signing.clone()
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn thrown_away(cx: &Cx, folder: &Path) -> Result<Signing> {
    cx.world.remove_dir_all(folder)?;
    cx.world.create_dir_all(folder)?;
    let (key, signers): (PathBuf, PathBuf) = (folder.join("key"), folder.join("signers"));
    let cmd = Cmd::new(folder, "ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", WHO, "-f"])
        .arg(&key);
    cx.world
        .run(&cmd)?
        .success()
        .context("make a key for the rehearsal")?;
    let public = cx.world.read_text(&folder.join("key.pub"))?;
    cx.world.write_file(
        &signers,
        format!("{WHO} namespaces=\"landfall,git\" {public}").as_bytes(),
    )?;
    Ok(Signing {
        method: SigningMethod::Ssh,
        key: Some(shown(&key)),
        key_env: None,
        identity: Some(WHO.to_owned()),
        signers: shown(&signers),
        revoked: None,
        attestation_key: None,
    })
}
