//! Releases to text, several at a time, by git-cliff's own types.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};
use git_cliff_core::commit::{Commit, Range};
use git_cliff_core::config::Config;
use git_cliff_core::process::CommitProcessor;
use git_cliff_core::release::{Release, Releases};
use git_cliff_core::statistics::Statistics;
use git_cliff_core::summary::Summary;
use git_cliff_core::template::Template;
use serde_json::Value;

use super::config;
use super::prune::Needs;
use super::releases::{Part, Previous, parts};
use super::request::Request;
use super::stream::Commits;

/// All that rendering one release needs.
struct Work<'a> {
    request: &'a Request,
    config: &'a Config,
    commits: &'a Commits,
    parts: &'a [Part],
    needs: Needs,
    body: Template,
    around: HashMap<String, Value>,
}

/// A release after its commits were processed.
struct Done {
    release: Option<Release<'static>>,
    text: Option<String>,
}

/// The changelog as git-cliff's program prints it.
///
/// # Errors
/// Those of git-cliff: a template that cannot be rendered, a commit that is not allowed to be as it is.
pub(crate) fn changelog(request: &Request, config: &Config, commits: &Commits) -> Result<String> {
    let parts = parts(request, config, commits);
    let needs = Needs::of(config);
    let trim = config.changelog.trim;
    let around = HashMap::from([
        (
            "commit_parsers_groups".to_owned(),
            serde_json::to_value(config::groups(config))?,
        ),
        ("remote".to_owned(), serde_json::to_value(&config.remote)?),
    ]);
    let work = Work {
        request,
        config,
        commits,
        parts: &parts,
        needs,
        body: Template::new("body", config.changelog.body.clone(), trim)
            .with_context(|| format!("{}: changelog.body", request.name))?,
        around,
    };
    // A skipped tag changes what its neighbours see, so all must be known before any is rendered.
    let skips = config.git.skip_tags.is_some();
    let mut done = each(parts.len(), |number| work.part(number, !skips))?;
    if skips {
        done.iter_mut().for_each(|one| one.text = None);
        let mut kept = unskipped(config, done);
        let texts = each(kept.len(), |number| match kept.get(number) {
            Some(release) => work.text(release),
            None => Ok(String::new()),
        })?;
        for release in &mut kept {
            if !needs.commits {
                release.commits.clear();
            }
        }
        return work.whole(&Releases { releases: &kept }, &texts);
    }
    let (mut kept, mut texts) = (Vec::new(), Vec::new());
    for one in done.into_iter().rev() {
        kept.extend(one.release);
        texts.extend(one.text);
    }
    work.whole(&Releases { releases: &kept }, &texts)
}

impl Work<'_> {
    /// One release, processed and, where it stays, rendered.
    fn part(&self, number: usize, render: bool) -> Result<Done> {
        let none = Done {
            release: None,
            text: None,
        };
        let Some(part) = self.parts.get(number) else {
            return Ok(none);
        };
        let git = &self.config.git;
        let mut release = self.release(part);
        let mut summary = Summary::default();
        CommitProcessor::new(git, &mut summary)
            .run(&mut release.commits)
            .with_context(|| self.named(&release))?;
        let skipped = release.version.as_ref().is_some_and(|version| {
            git.skip_tags
                .as_ref()
                .is_some_and(|one| one.is_match(version))
        });
        if !render {
            if !skipped && !self.stays(&release) {
                return Ok(none);
            }
            let release = self.counted(release);
            return Ok(Done {
                release: Some(release),
                text: None,
            });
        }
        if !self.stays(&release) {
            return Ok(none);
        }
        let mut release = self.counted(release);
        let text = Some(self.text(&release)?);
        if !self.needs.commits {
            release.commits = Vec::new();
        }
        Ok(Done {
            release: self.needs.releases.then_some(release),
            text,
        })
    }

    /// Whether a release without commits is shown all the same.
    fn stays(&self, release: &Release<'_>) -> bool {
        if !release.commits.is_empty() {
            return true;
        }
        match &release.previous {
            Some(previous) if previous.commits.is_empty() => self.config.changelog.render_always,
            _ => false,
        }
    }

    /// With its statistics. git-cliff looks at the clock for what is not released; here the time is told.
    fn counted(&self, mut release: Release<'static>) -> Release<'static> {
        let timestamp = release.timestamp;
        release.timestamp = timestamp.or(Some(self.request.now));
        release.statistics = Some(Statistics::from(&release));
        release.timestamp = timestamp;
        release
    }

    fn release(&self, part: &Part) -> Release<'static> {
        let mut release = self.shell(part);
        release.commits = part
            .commits
            .iter()
            .map(|at| self.commits.commit(*at))
            .collect();
        release.commit_range = release
            .commits
            .first()
            .zip(release.commits.last())
            .map(|(first, last)| Range::new(first, last));
        if self.config.git.sort_commits == "newest" {
            release.commits.reverse();
        }
        release.previous = match &part.previous {
            Previous::None => None,
            Previous::Nothing => Some(Release::default()),
            Previous::Part(number) => self.parts.get(*number).map(|before| self.before(before)),
            Previous::Tag(tag) => Some(Release {
                commit_id: Some(tag.commit.clone()),
                version: Some(tag.name.clone()),
                timestamp: Some(tag.time),
                ..Release::default()
            }),
        }
        .map(Box::new);
        release
    }

    /// The release before: its commits as they were read, and as many as can be seen of them.
    fn before(&self, part: &Part) -> Release<'static> {
        let all = part.commits.len();
        let seen = if self.needs.previous { all } else { all.min(1) };
        let commits: Vec<Commit<'static>> = part
            .commits
            .iter()
            .take(seen)
            .map(|at| self.commits.commit(*at))
            .collect();
        Release {
            commits,
            ..self.shell(part)
        }
    }

    fn shell(&self, part: &Part) -> Release<'static> {
        Release {
            version: part.version.clone(),
            message: part.message.clone(),
            timestamp: part.timestamp,
            commit_id: part.commit_id.clone(),
            repository: (!part.commits.is_empty()).then(|| self.request.root.clone()),
            ..Release::default()
        }
    }

    fn text(&self, release: &Release<'static>) -> Result<String> {
        self.body
            .render(
                &release,
                Some(&self.around),
                &self.config.changelog.postprocessors,
            )
            .with_context(|| self.named(release))
    }

    fn named(&self, release: &Release<'_>) -> String {
        let version = release.version.as_deref().unwrap_or("what is not released");
        format!("{}: render {version}", self.request.name)
    }

    /// Header, sections, footer.
    fn whole(&self, releases: &Releases<'_>, texts: &[String]) -> Result<String> {
        let changelog = &self.config.changelog;
        let around = |key: &str, text: &Option<String>| -> Result<Option<(String, bool)>> {
            let Some(text) = text.as_ref().filter(|_| !self.request.strip) else {
                return Ok(None);
            };
            let name = || format!("{}: changelog.{key}", self.request.name);
            let template = Template::new(key, text.clone(), changelog.trim).with_context(name)?;
            let text = template
                .render(releases, Some(&self.around), &changelog.postprocessors)
                .with_context(name)?;
            Ok(Some((text, !template.variables.is_empty())))
        };
        let mut output = String::with_capacity(texts.iter().map(String::len).sum());
        if let Some((header, dynamic)) = around("header", &changelog.header)? {
            output.push_str(&header);
            output.push('\n');
            if dynamic && !changelog.header_marker.is_empty() {
                output.push_str(&changelog.header_marker);
                output.push('\n');
            }
        }
        for text in texts {
            output.push_str(text);
        }
        if let Some((footer, _)) = around("footer", &changelog.footer)? {
            output.push_str(&footer);
            output.push('\n');
        }
        let markdown = changelog.output.as_ref().is_none_or(|path| {
            path.extension()
                .is_none_or(|ending| ending.eq_ignore_ascii_case("md"))
        });
        if changelog.format && markdown {
            output = git_cliff_core::markdown::format_markdown(&output)?;
        }
        Ok(output)
    }
}

/// Newest first, without the skipped ones; the release after a skipped one is given the one before it.
fn unskipped(config: &Config, done: Vec<Done>) -> Vec<Release<'static>> {
    let skips = |version: &str| {
        let pattern = config.git.skip_tags.as_ref();
        pattern.is_some_and(|pattern| pattern.is_match(version))
    };
    let (mut kept, mut skipped) = (Vec::new(), Vec::new());
    for release in done.into_iter().rev().filter_map(|one| one.release) {
        match release.version.as_deref() {
            Some(version) if skips(version) => skipped.push(version.to_owned()),
            _ => kept.push(release),
        }
    }
    let follows = |release: &Release<'_>| {
        let previous = release.previous.as_ref()?;
        previous.version.clone()
    };
    let mut after: HashMap<String, usize> = HashMap::new();
    for (at, release) in kept.iter().enumerate().rev() {
        after.extend(follows(release).map(|version| (version, at)));
    }
    for version in skipped {
        let Some(at) = after.get(&version).copied() else {
            continue;
        };
        if kept.get(at).and_then(follows).as_ref() != Some(&version) {
            continue;
        }
        if let Some(before) = kept.get_mut(at + 1) {
            before.previous = None;
            let before = Box::new(before.clone());
            after.extend(before.version.clone().map(|version| (version, at)));
            if let Some(release) = kept.get_mut(at) {
                release.previous = Some(before);
            }
        } else if let Some(release) = kept.get_mut(at) {
            release.previous = None;
        }
    }
    kept
}

/// Does all of `0..count`, on as many threads as there are processors.
fn each<T: Send>(count: usize, act: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<T>)>> = Mutex::new(Vec::with_capacity(count));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|| {
                // The newest is the largest as a rule: what is not released.
                while let Some(number) = count.checked_sub(next.fetch_add(1, Ordering::Relaxed) + 1)
                {
                    let result = act(number);
                    done.lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push((number, result));
                }
            });
        }
    });
    let mut done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    if done.len() != count {
        return Err(anyhow!("a release was lost while rendering"));
    }
    done.into_iter().map(|(_, result)| result).collect()
}
