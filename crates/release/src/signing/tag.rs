//! The signature of a tag, where git has it: behind the message, in the tag object itself.

use std::path::Path;

use anyhow::{Context as _, Result};
use config::Signing;
use world::World;
use world::git::Git;

use super::{CheckCx, Checked, SignCx, Subject, method, methods};
use crate::{Cx, Inputs};

/// The signature to append to the text of a tag object. `None`: no signature is asked for, or the method cannot sign tags,
/// which [`super::ready`] says.
pub(crate) fn tag(cx: &Cx, inputs: &Inputs, object: &str) -> Result<Option<String>> {
    let Some(signing) = &cx.config.signing else {
        return Ok(None);
    };
    let Some(tag) = method(signing)?.tag else {
        return Ok(None);
    };
    let signature =
        (tag.sign)(&SignCx::new(cx, signing, inputs), object).context("sign the tag")?;
    Ok(Some(signature))
}

/// Holds the signature of our own tag against the file of signers.
pub(crate) fn assure_tag(cx: &Cx, inputs: &Inputs, tag: &str) -> Result<()> {
    let Some(signing) = &cx.config.signing else {
        return Ok(());
    };
    let seen = check_tag(&cx.world, &cx.root, signing, tag, inputs.time_s)
        .context("verify the signature of our own tag")?;
    super::refuse(signing, &seen).map(|_| ())
}

/// Looks at the signature of a tag object, by its name or id.
///
/// # Errors
/// Where it could not be looked at: no such tag, no file of signers, no program.
pub fn check_tag(
    world: &World,
    root: &Path,
    signing: &Signing,
    tag: &str,
    time_s: u64,
) -> Result<Checked> {
    let object = world
        .ask(&Git::new(world, root).cmd(["cat-file", "tag", tag]))?
        .success()
        .with_context(|| format!("look at the tag {tag}"))?
        .stdout;
    let Ok(object) = String::from_utf8(object) else {
        return Ok(Checked::Malformed("the tag is not text".to_owned()));
    };
    let begins: Vec<&str> = methods::METHODS
        .iter()
        .filter_map(|method| Some(method.tag?.begin))
        .collect();
    // The last one, as git has it: a message may quote another.
    let at = begins
        .iter()
        .filter_map(|begin| object.rfind(&format!("\n{begin}\n")))
        .max();
    let Some((text, signature)) = at.and_then(|at| object.split_at_checked(at + 1)) else {
        return Ok(Checked::NotSigned);
    };
    let ours = method(signing)?;
    if ours.tag.is_none_or(|tag| !signature.starts_with(tag.begin)) {
        let why = format!("it is no signature of {}", signing.method.name());
        return Ok(Checked::Malformed(why));
    }
    let scratch = world.scratch("the signature of a tag")?;
    let path = scratch.path().join("signature");
    world.write_file(&path, signature.as_bytes())?;
    let cx = CheckCx {
        world,
        root,
        signing,
        time_s,
    };
    let subject = Subject {
        bytes: text.as_bytes(),
        file: None,
        text: signature,
        signature: &path,
        namespace: "git",
    };
    (ours.check)(&cx, &subject)
}
