//! `cliff.toml` as git-cliff reads it: over its defaults, but without the environment, which is not ours to look at.

use std::collections::HashSet;

use anyhow::{Context, Result, bail};
use config_files::{File, FileFormat};
use git_cliff_core::config::{CommitParser, Config};
use git_cliff_core::embed::EmbeddedConfig;

use super::keys;
use super::request::Request;

/// The configuration of a request, with all that git-cliff's program adds before it begins.
///
/// # Errors
/// When the text is no configuration, or asks for something that is not supported: which key, and what to do.
pub(crate) fn read(request: &Request) -> Result<Config> {
    let name = &request.name;
    let defaults = EmbeddedConfig::get_config().context("git-cliff has lost its defaults")?;
    let mut config: Config = config_files::Config::builder()
        .add_source(File::from_str(&defaults, FileFormat::Toml))
        .add_source(File::from_str(&request.config, FileFormat::Toml))
        .build()
        .and_then(config_files::Config::try_deserialize)
        .with_context(|| format!("could not read {name} as a configuration of git-cliff"))?;
    remote(&mut config, request.remote.as_deref());
    keys::supported(name, &config)?;
    let order = config.git.sort_commits.to_ascii_lowercase();
    if !matches!(order.as_str(), "oldest" | "newest") {
        bail!("{name}: git.sort_commits is `{order}`; it can be `oldest` or `newest`");
    }
    config.git.sort_commits = order;
    config.git.skip_tags = config.git.skip_tags.filter(|one| !one.as_str().is_empty());
    let skipped: Vec<CommitParser> = request
        .skip_commits
        .iter()
        .rev()
        .map(|sha| CommitParser {
            sha: Some(sha.clone()),
            skip: Some(true),
            ..CommitParser::default()
        })
        .collect();
    config.git.commit_parsers.splice(0..0, skipped);
    Ok(config)
}

/// Without a remote in the configuration, git-cliff takes that of the branch for one of GitHub, whatever it is.
fn remote(config: &mut Config, address: Option<&str>) {
    if has_remote(config) {
        return;
    }
    if let Some((owner, repo)) = address.and_then(owner_and_repo) {
        config.remote.github.owner = owner;
        config.remote.github.repo = repo;
        config.remote.github.is_custom = false;
    }
}

/// Whether git-cliff knows of a forge that it could ask.
pub(crate) fn has_remote(config: &Config) -> bool {
    let remotes = &config.remote;
    [
        &remotes.github,
        &remotes.gitlab,
        &remotes.gitea,
        &remotes.bitbucket,
        &remotes.azure_devops,
    ]
    .into_iter()
    .any(git_cliff_core::config::Remote::is_set)
}

/// The last two parts of an address, `https://…/owner/repo.git` or `git@host:owner/repo.git`.
fn owner_and_repo(address: &str) -> Option<(String, String)> {
    let bare = address.strip_suffix(".git").unwrap_or(address);
    let path = match url::Url::parse(bare) {
        Ok(url) => {
            let mut parts = url.path_segments()?.rev().map(str::to_owned);
            let (repo, owner) = (parts.next()?, parts.next()?);
            return Some((owner, repo));
        }
        Err(_) if address.contains('@') && address.contains(':') && address.contains('/') => {
            bare.split(':').nth(1)?
        }
        Err(_) => return None,
    };
    let (owner, repo) = path.split_once('/')?;
    (bare.matches(':').count() == 1 && !repo.contains('/'))
        .then(|| (owner.to_owned(), repo.to_owned()))
}

/// The groups that parsers name, in their order.
pub(crate) fn groups(config: &Config) -> Vec<String> {
    let mut seen = HashSet::new();
    config
        .git
        .commit_parsers
        .iter()
        .filter_map(|parser| parser.group.clone())
        .filter(|group| seen.insert(group.clone()))
        .collect()
}
