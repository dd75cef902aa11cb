//! Whether a link meets something that everybody has who has the repository.

use std::collections::HashMap;

use anyhow::Result;

use super::page::{Link, Page};
use super::tree::{Found, Tree, relative};
use crate::Cx;

/// What came of a link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Good,
    /// Nothing here can tell, and why.
    NotAsked(NotAsked),
    Bad(Flaw),
}

/// Why a link was not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NotAsked {
    /// Another machine.
    Web,
    /// A page of the forge: `../../issues`.
    Forge,
    /// Filled in by a generator: `{{ site.url }}`.
    Template,
    /// An anchor in something that has anchors of its own kind, or a file of a submodule.
    Inside,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) message: String,
    pub(crate) help: String,
    /// It works for some readers.
    pub(crate) mild: bool,
    /// What is missing from git, if that is the flaw, to be asked after: is it here?
    pub(crate) missing: Option<String>,
}

impl Flaw {
    fn of(message: String, help: impl Into<String>) -> Outcome {
        Outcome::Bad(Flaw {
            message,
            help: help.into(),
            mild: false,
            missing: None,
        })
    }
}

/// Pages of the forge beside those of files: `../../issues` from a file at the root.
const FORGE: &[&str] = &[
    "actions",
    "blob",
    "branches",
    "commit",
    "commits",
    "compare",
    "contributors",
    "discussions",
    "fork",
    "graphs",
    "issues",
    "labels",
    "milestones",
    "network",
    "packages",
    "projects",
    "pull",
    "pulls",
    "pulse",
    "raw",
    "releases",
    "security",
    "stargazers",
    "tags",
    "tree",
    "wiki",
];

/// Follows links, and remembers the documents it has read.
pub(crate) struct Follower<'c> {
    cx: &'c Cx,
    tree: &'c Tree,
    /// Documents that anchors were asked of.
    pages: HashMap<String, Page>,
}

impl<'c> Follower<'c> {
    pub(crate) fn new(cx: &'c Cx, tree: &'c Tree, pages: HashMap<String, Page>) -> Follower<'c> {
        Follower { cx, tree, pages }
    }

    /// Takes out the links of a document that is to be followed.
    pub(crate) fn links(&mut self, path: &str) -> (Vec<Link>, Vec<Link>) {
        match self.pages.get_mut(path) {
            Some(page) => (
                std::mem::take(&mut page.links),
                std::mem::take(&mut page.undefined),
            ),
            None => (Vec::new(), Vec::new()),
        }
    }

    /// Follows one target of the document `from`.
    pub(crate) fn follow(&mut self, from: &str, target: &str) -> Result<Outcome> {
        if target.contains("{{")
            || target.contains("{%")
            || target.contains("<%")
            || target.contains("${")
        {
            return Ok(Outcome::NotAsked(NotAsked::Template));
        }
        if has_scheme(target) {
            return Ok(Outcome::NotAsked(NotAsked::Web));
        }
        if target.trim().is_empty() {
            // In the table of contents of an mdBook it is a chapter that is yet to be written.
            if from.ends_with("SUMMARY.md") {
                return Ok(Outcome::NotAsked(NotAsked::Template));
            }
            return Ok(Flaw::of(
                "a link names nothing".to_owned(),
                "write where it leads, or take it out",
            ));
        }
        let (rest, fragment) = match target.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (target, None),
        };
        let written = rest.split_once('?').map_or(rest, |(path, _)| path);
        let Some(path) = super::decode(written) else {
            return Ok(Flaw::of(
                format!("`{target}` is not well percent-encoded"),
                "write a `%` that stands for itself as `%25`",
            ));
        };
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let site = self.tree.site(from);
        let found = match path.is_empty() {
            true => Found::File(from.to_owned()),
            false => site
                .and_then(|site| self.tree.find_on_site(site, folder, &path))
                .unwrap_or_else(|| self.tree.find(folder, &path)),
        };
        let fragment = fragment.filter(|fragment| !fragment.is_empty());
        match (found, fragment) {
            (Found::Module, _) => Ok(Outcome::NotAsked(NotAsked::Inside)),
            (Found::Circle, _) => Ok(Flaw::of(
                format!("`{target}` runs in a circle of symbolic links"),
                "mend the symbolic link",
            )),
            (Found::Outside(above, rest), _) => Ok(outside(target, above, &rest)),
            (Found::Missing(path), _) => Ok(self.missing(folder, target, path)),
            (Found::Folder(_), None) | (Found::File(_), None) => Ok(Outcome::Good),
            (Found::Folder(path), Some(fragment)) => {
                let readme = match path.as_str() {
                    "" => "README.md".to_owned(),
                    path => format!("{path}/README.md"),
                };
                match self.tree.is_file(&readme) {
                    true => self.anchor(target, &readme, fragment, site),
                    false => Ok(Flaw::of(
                        format!("`{target}` names an anchor of a folder without a README.md"),
                        "name the document in the folder",
                    )),
                }
            }
            (Found::File(path), Some(fragment)) => self.anchor(target, &path, fragment, site),
        }
    }

    fn missing(&self, folder: &str, target: &str, path: String) -> Outcome {
        if let Some(other) = self.tree.other_case(&path) {
            return Flaw::of(
                format!("`{target}` is not there; only the case of letters differs from {other}"),
                format!("write `{}`", relative(folder, other)),
            );
        }
        if let Some(source) = self.source(&path) {
            return Outcome::Bad(Flaw {
                message: format!(
                    "`{target}` is not there; a site generator may make it from {source}"
                ),
                help: format!(
                    "write `{}`, which generators follow too",
                    relative(folder, &source)
                ),
                mild: true,
                missing: None,
            });
        }
        let help = match self.tree.near(&path) {
            Some(near) => format!("did you mean `{}`?", relative(folder, near)),
            None => "correct the link, or take it out".to_owned(),
        };
        let message = match path == target {
            true => format!("`{target}` is not there"),
            false => format!("`{target}` is not there: the repository has no {path}"),
        };
        Outcome::Bad(Flaw {
            message,
            help,
            mild: false,
            missing: Some(path),
        })
    }

    /// The document that a page of a site is made from.
    fn source(&self, path: &str) -> Option<String> {
        let stem = path.strip_suffix(".html")?;
        let readme = stem
            .strip_suffix("index")
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
            .map(|folder| format!("{folder}README.md"));
        [Some(format!("{stem}.md")), readme]
            .into_iter()
            .flatten()
            .find(|source| self.tree.is_file(source))
    }

    fn anchor(
        &mut self,
        target: &str,
        path: &str,
        fragment: &str,
        site: Option<&str>,
    ) -> Result<Outcome> {
        // `#:~:text=` looks for words in the page, and `#top` is the top of any.
        if fragment.starts_with(":~:") || fragment == "top" {
            return Ok(Outcome::Good);
        }
        let Some(wanted) = super::decode(fragment) else {
            return Ok(Flaw::of(
                format!("`{target}` is not well percent-encoded"),
                "write a `%` that stands for itself as `%25`",
            ));
        };
        let lines = last_line(&wanted);
        let is_page = is_markdown(path) || is_html(path);
        if !is_page && lines.is_none() {
            return Ok(Outcome::NotAsked(NotAsked::Inside));
        }
        let on_site = site.is_some() && self.tree.site(path) == site;
        let page = self.page(path)?;
        let plain = wanted.strip_prefix("user-content-").unwrap_or(&wanted);
        if is_page && (page.has(&wanted) || page.has(plain) || on_site && page.has_on_site(&wanted))
        {
            return Ok(Outcome::Good);
        }
        if let Some(line) = lines {
            return Ok(match line <= page.lines {
                true => Outcome::Good,
                false => Flaw::of(
                    format!(
                        "`{target}` names line {line}, and {path} has {}",
                        page.lines
                    ),
                    "name a line that is there, or a commit",
                ),
            });
        }
        let lower = wanted.to_lowercase();
        if page.has(&lower) {
            return Ok(Outcome::Bad(Flaw {
                message: format!("the anchor of `{target}` differs in its case from `#{lower}`"),
                help: format!("write `#{lower}`; anchors of headings are in lower case"),
                mild: true,
                missing: None,
            }));
        }
        let anchors = page.anchors.iter().map(String::as_str);
        let help = match crate::near::nearest(&lower, anchors) {
            Some(near) => format!("did you mean `#{near}`?"),
            None if page.anchors.is_empty() => format!("{path} has no heading"),
            None => format!(
                "correct it: {path} has {} anchors, none like it",
                page.anchors.len()
            ),
        };
        Ok(Flaw::of(
            format!("`{target}`: {path} has no anchor `#{wanted}`"),
            help,
        ))
    }

    fn page(&mut self, path: &str) -> Result<&Page> {
        let page = match self.pages.remove(path) {
            Some(page) => page,
            None => read(self.cx, path)?,
        };
        Ok(self.pages.entry(path.to_owned()).or_insert(page))
    }
}

/// Reads a document as what its name says it is.
pub(crate) fn read(cx: &Cx, path: &str) -> Result<Page> {
    let bytes = cx.world.read(&cx.path(path))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(match path {
        path if is_markdown(path) => Page::markdown(&text),
        path if is_html(path) => Page::html(&text),
        _ => Page::plain(&text),
    })
}

fn is_markdown(path: &str) -> bool {
    has_ending(path, &["md", "markdown", "mdown", "mkd"])
}

fn is_html(path: &str) -> bool {
    has_ending(path, &["html", "htm"])
}

fn has_ending(path: &str, endings: &[&str]) -> bool {
    let ending = path
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| endings.contains(&ending.as_str()))
}

/// `https:`, `mailto:`, `//example.com`: not a path.
pub(crate) fn has_scheme(target: &str) -> bool {
    let named = target.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|found| found.is_ascii_alphanumeric() || "+-.".contains(found))
            // `C:\docs` is a path, of one machine.
            && scheme.len() > 1
    });
    named || target.starts_with("//")
}

fn outside(target: &str, above: usize, rest: &str) -> Outcome {
    let first = rest.split('/').next().unwrap_or_default();
    // Past the branch and the word `blob` there are the other pages of the repository.
    if above == 2 && FORGE.contains(&first) {
        return Outcome::NotAsked(NotAsked::Forge);
    }
    Flaw::of(
        format!("`{target}` leaves the repository"),
        "link to something inside of it, or write the full web address",
    )
}

/// The last line of `L10`, `L10-L20`, `L10C3-L20C5`.
fn last_line(fragment: &str) -> Option<usize> {
    let mut last = 0;
    for part in fragment.split('-') {
        let digits = part
            .strip_prefix('L')
            .or_else(|| part.strip_prefix('l'))
            .or((last > 0).then_some(part))?;
        let digits = digits.split(['C', 'c']).next()?;
        let line: usize = digits.parse().ok().filter(|line| *line > 0)?;
        last = last.max(line);
    }
    (last > 0).then_some(last)
}
