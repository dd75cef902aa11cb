//! Which key signs, and who holds it: a file, the user's agent, or an agent of ours for a moment.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use world::agent::{self, PrivateAgent};
use world::{Cmd, Output};

use crate::signing::{PATIENCE, SignCx, tool, unusable};
use archive::base64;

/// A key, before it is asked for anything.
pub(super) enum Key {
    /// The secret key, or its public half where the user's agent holds the secret one.
    File(PathBuf),
    /// A public key of which the user's agent holds the secret half.
    Held(Vec<u8>),
    /// The text of a secret key.
    Environment(Vec<u8>),
}

/// Somebody who signs, for as long as this lives.
pub(super) enum Holder {
    Users(PathBuf),
    Ours(PrivateAgent),
}

impl Holder {
    pub(super) fn socket(&self) -> &Path {
        match self {
            Holder::Users(socket) => socket,
            Holder::Ours(agent) => agent.socket(),
        }
    }
}

/// The key of the environment, of the configuration, or of git, in this order.
pub(super) fn find(cx: &SignCx<'_>) -> Result<Key> {
    if let Some((_, text)) = cx.key_of_environment() {
        return Ok(Key::Environment(text));
    }
    match &cx.signing.key {
        Some(written) => named(cx, written, "`key` in [signing] of release.toml"),
        None => named(cx, &of_git(cx)?, "git's user.signingkey"),
    }
}

fn named(cx: &SignCx<'_>, written: &str, from: &str) -> Result<Key> {
    let literal = written.strip_prefix("key::").unwrap_or(written);
    if let Some(blob) = public_line(literal) {
        return Ok(Key::Held(blob));
    }
    let path = cx.path(written);
    if path.is_file() {
        return Ok(Key::File(path));
    }
    let env = match &cx.signing.key_env {
        Some(name) => format!("; and {name} is not set"),
        None => String::new(),
    };
    Err(unusable(
        format!("no key at {}, which is {from}{env}", path.display()),
        "mend the path, or make a key: ssh-keygen -t ed25519 -f FILE",
    ))
}

fn of_git(cx: &SignCx<'_>) -> Result<String> {
    let get = |args: &[&str]| -> Result<Option<String>> {
        let output = cx
            .world
            .ask(&Cmd::new(cx.root, "git").arg("config").args(args))?;
        Ok(output.ok().then(|| output.text()))
    };
    let format = get(&["--get", "gpg.format"])?;
    let key = get(&["--type=path", "--get", "user.signingkey"])?;
    match (format.as_deref(), key) {
        (Some("ssh"), Some(key)) => Ok(key),
        _ => {
            let env = match &cx.signing.key_env {
                Some(name) => format!("{name} is not set, "),
                None => String::new(),
            };
            Err(unusable(
                format!(
                    "no key to sign with: {env}[signing] of release.toml has no `key`, and git signs with no ssh key (gpg.format, user.signingkey)"
                ),
                "git config gpg.format ssh && git config user.signingkey ~/.ssh/id_ed25519.pub, or write `key` into [signing]",
            ))
        }
    }
}

/// The blob of `ssh-ed25519 AAAA… comment`.
fn public_line(line: &str) -> Option<Vec<u8>> {
    let mut words = line.split_whitespace();
    let kind = words.next()?;
    let blob = base64::decode(words.next()?).ok()?;
    (super::form::kind(&blob) == kind).then_some(blob)
}

/// The public half of a key.
pub(super) fn public(cx: &SignCx<'_>, key: &Key) -> Result<Vec<u8>> {
    let path = match key {
        Key::Held(blob) => return Ok(blob.clone()),
        Key::File(path) => path,
        Key::Environment(text) => {
            return holder(cx, Key::Environment(text.clone())).map(|(_, blob)| blob);
        }
    };
    let beside = PathBuf::from(format!("{}.pub", path.display()));
    for candidate in [path, &beside] {
        let text = std::fs::read_to_string(candidate).unwrap_or_default();
        if let Some(blob) = public_line(&text) {
            return Ok(blob);
        }
    }
    let cmd = Cmd::new(cx.root, "ssh-keygen").args(["-y", "-f"]).arg(path);
    let output = tool(cx.world, &cmd.timeout(PATIENCE))?;
    if !output.ok() {
        return Err(refused(path, &output));
    }
    public_line(&output.text())
        .with_context(|| format!("{} has no public half that is known here", path.display()))
}

/// Somebody who has the key and signs bytes as they are, and the key's public half.
pub(super) fn holder(cx: &SignCx<'_>, key: Key) -> Result<(Holder, Vec<u8>)> {
    if let Key::Environment(text) = key {
        return ours(
            cx,
            Cmd::new(cx.root, "ssh-add")
                .args(["-q", "-"])
                .stdin_bytes(text),
            || {
                let name = cx.signing.key_env.as_deref().unwrap_or_default();
                (
                    format!("the value of {name} is no secret key of ssh without a passphrase"),
                    "give it the whole file that ssh-keygen wrote, all lines of it".to_owned(),
                )
            },
        );
    }
    let blob = public(cx, &key)?;
    let users = cx
        .world
        .env("SSH_AUTH_SOCK")
        .filter(|path| !path.is_empty());
    if let Some(socket) = users.map(PathBuf::from)
        && agent::identities(&socket).is_ok_and(|keys| keys.iter().any(|(held, _)| *held == blob))
    {
        return Ok((Holder::Users(socket), blob));
    }
    let Key::File(path) = key else {
        return Err(unusable(
            format!(
                "no ssh-agent here holds the key {}",
                super::form::fingerprint(&blob)
            ),
            "start one and add the key: eval \"$(ssh-agent)\" && ssh-add FILE",
        ));
    };
    let add = Cmd::new(cx.root, "ssh-add").arg("-q").arg(&path);
    ours(cx, add, || locked(&path))
}

/// An agent of ours with the one key that `add` gives it.
fn ours(
    cx: &SignCx<'_>,
    add: Cmd,
    failed: impl FnOnce() -> (String, String),
) -> Result<(Holder, Vec<u8>)> {
    let agent = cx.world.private_agent()?;
    let add = add
        .env("SSH_AUTH_SOCK", agent.socket().to_string_lossy())
        .timeout(PATIENCE);
    let output = tool(cx.world, &add)?;
    let keys = agent::identities(agent.socket())?;
    match keys.into_iter().next() {
        Some((blob, _)) if output.ok() => Ok((Holder::Ours(agent), blob)),
        _ => {
            let (message, help) = failed();
            Err(unusable(format!("{message}\n{}", output.errors()), help))
        }
    }
}

fn locked(path: &Path) -> (String, String) {
    (
        format!(
            "{} cannot be used: it may have a passphrase, and there is no terminal to ask for it",
            path.display()
        ),
        format!(
            "let an agent hold it: eval \"$(ssh-agent)\" && ssh-add {}",
            path.display()
        ),
    )
}

/// Why ssh-keygen did not sign.
pub(super) fn refused(path: &Path, output: &Output) -> anyhow::Error {
    if output.errors().contains("passphrase") {
        let (message, help) = locked(path);
        return unusable(message, help);
    }
    unusable(
        output.error().to_string(),
        format!("mend what ssh-keygen says about {}", path.display()),
    )
}
