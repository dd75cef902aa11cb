//! What there is to link to: the files that git knows, and the folders that they make.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::{Result, bail};

use crate::{Cx, Subject};

/// So many symbolic links are followed, as Linux does.
const HOPS: usize = 40;

/// Where VitePress keeps its settings, in the folder that it makes a site of.
const SITE: &str = ".vitepress";

/// A file name that so many files have is no hint.
const SAME_NAMES: usize = 4;

/// Everything that a clone of the repository has.
#[derive(Default)]
pub(crate) struct Tree {
    /// Files and submodules, sorted.
    pub(crate) files: Vec<String>,
    known: HashSet<String>,
    folders: HashSet<String>,
    modules: HashSet<String>,
    /// Folders that VitePress makes a site of.
    sites: HashSet<String>,
    /// Symbolic links and what they name.
    symlinks: HashMap<String, String>,
    /// By file name in lower case; made when it is first needed.
    names: std::cell::OnceCell<HashMap<String, Vec<usize>>>,
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    File(String),
    /// The root is the empty path.
    Folder(String),
    /// In a repository of its own.
    Module,
    /// Out of the repository: so many folders above the root, and what follows.
    Outside(usize, String),
    /// A circle of symbolic links.
    Circle,
    Missing(String),
}

impl Tree {
    pub(crate) fn read(cx: &Cx) -> Result<Tree> {
        let git = cx.git();
        let gone: HashSet<String> = git
            .list(&["ls-files", "-z", "--deleted"])?
            .into_iter()
            .collect();
        let mut tree = Tree::default();
        for entry in git.list(&["ls-files", "-z", "--stage"])? {
            let Some((meta, path)) = entry.split_once('\t') else {
                bail!("git ls-files --stage answered `{entry}`, which is no entry of an index");
            };
            if !gone.contains(path) {
                let target = meta
                    .starts_with("120000")
                    .then(|| symlink(&cx.path(path)))
                    .flatten();
                tree.add(path, meta.starts_with("160000"), target);
            }
        }
        // What the release is about to commit will be there.
        if let Subject::Candidate { planned, .. } = &cx.subject {
            for path in planned.iter().filter(|path| cx.path(path).is_file()) {
                tree.add(path, false, None);
            }
        }
        tree.files.sort_unstable();
        tree.files.dedup();
        Ok(tree)
    }

    fn add(&mut self, path: &str, module: bool, symlink: Option<String>) {
        for (at, _) in path.match_indices('/') {
            if let Some(site) = path[..at].strip_suffix(SITE) {
                self.sites.insert(site.trim_end_matches('/').to_owned());
            }
            if !self.folders.contains(&path[..at]) {
                self.folders.insert(path[..at].to_owned());
            }
        }
        if module {
            self.modules.insert(path.to_owned());
        } else if let Some(target) = symlink {
            self.symlinks.insert(path.to_owned(), target);
        } else {
            self.known.insert(path.to_owned());
            self.files.push(path.to_owned());
        }
    }

    /// Follows a path, already decoded, from a folder of the repository.
    pub(crate) fn find(&self, folder: &str, path: &str) -> Found {
        let mut hops = 0;
        let mut left: Vec<String> = Vec::new();
        push(&mut left, path);
        let mut at: Vec<String> = match path.starts_with('/') {
            true => Vec::new(),
            false => folder
                .split('/')
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        while let Some(part) = left.pop() {
            if part == ".." {
                if at.pop().is_none() {
                    let above = 1 + left.iter().rev().take_while(|part| *part == "..").count();
                    left.truncate(left.len() + 1 - above);
                    left.reverse();
                    return Found::Outside(above, left.join("/"));
                }
                continue;
            }
            at.push(part);
            let so_far = at.join("/");
            if self.modules.contains(&so_far) {
                return Found::Module;
            }
            if let Some(target) = self.symlinks.get(&so_far) {
                hops += 1;
                if hops > HOPS {
                    return Found::Circle;
                }
                at.pop();
                if target.starts_with('/') {
                    return Found::Outside(at.len(), target.clone());
                }
                push(&mut left, target);
            }
        }
        let path = at.join("/");
        if self.known.contains(&path) {
            Found::File(path)
        } else if path.is_empty() || self.folders.contains(&path) {
            Found::Folder(path)
        } else {
            Found::Missing(path)
        }
    }

    /// The folder of the site that a document is a page of.
    pub(crate) fn site<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.rmatch_indices('/')
            .map(|(at, _)| &path[..at])
            .chain([""])
            .find(|folder| self.sites.contains(*folder))
    }

    /// Follows a path from a page of a site, as VitePress does: `/` is the folder of the site, or the one of files that
    /// are copied as they are; the ending of a page may be left out; `index.md` is what a folder shows.
    pub(crate) fn find_on_site(&self, site: &str, folder: &str, path: &str) -> Option<Found> {
        let starts = match path.starts_with('/') {
            true => vec![format!("/{site}{path}"), format!("/{site}/public{path}")],
            false => vec![path.to_owned()],
        };
        let page = |start: &str| {
            let stem = start.strip_suffix(".html").unwrap_or(start);
            [start.to_owned(), format!("{stem}.md")]
        };
        let mut ways = starts.iter().flat_map(|start| page(start));
        ways.find_map(|way| match self.find(folder, &way) {
            Found::Folder(at) => {
                let index = format!("{at}/index.md");
                let index = index.trim_start_matches('/');
                Some(match self.is_file(index) {
                    true => Found::File(index.to_owned()),
                    false => Found::Folder(at),
                })
            }
            found @ Found::File(_) => Some(found),
            _ => None,
        })
    }

    pub(crate) fn is_file(&self, path: &str) -> bool {
        self.known.contains(path)
    }

    /// The path that differs from this one in its case alone.
    pub(crate) fn other_case(&self, path: &str) -> Option<&str> {
        let same = |known: &str| known.to_lowercase() == path.to_lowercase();
        self.named(path).find(|known| same(known)).or_else(|| {
            self.folders
                .iter()
                .map(String::as_str)
                .find(|known| same(known))
        })
    }

    /// The file that was most likely meant: one of that name elsewhere, else a similar one in the same folder.
    pub(crate) fn near(&self, path: &str) -> Option<&str> {
        let score = |known: &&str| strsim::normalized_levenshtein(known, path);
        // A name such as `README.md` says nothing of where it was meant to be.
        if self.named(path).count() <= SAME_NAMES {
            let elsewhere = self
                .named(path)
                .max_by(|one, other| score(one).total_cmp(&score(other)));
            if elsewhere.is_some() {
                return elsewhere;
            }
        }
        let start = path.len() - file_name(path).len();
        let folder = &path[..start];
        let begin = self.files.partition_point(|file| file.as_str() < folder);
        let beside = self.files[begin..]
            .iter()
            .take_while(|file| file.starts_with(folder))
            .filter(|file| !file[start..].contains('/'));
        let name = crate::near::nearest(&path[start..], beside.clone().map(|file| &file[start..]))?;
        beside
            .map(String::as_str)
            .find(|file| &file[start..] == name)
    }

    fn named(&self, path: &str) -> impl Iterator<Item = &str> {
        let names = self.names.get_or_init(|| {
            let mut names: HashMap<String, Vec<usize>> = HashMap::new();
            for (index, file) in self.files.iter().enumerate() {
                names.entry(name(file)).or_default().push(index);
            }
            names
        });
        names
            .get(&name(path))
            .into_iter()
            .flatten()
            .map(|index| self.files[*index].as_str())
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn name(path: &str) -> String {
    file_name(path).to_lowercase()
}

fn push(left: &mut Vec<String>, path: &str) {
    let parts = path
        .split('/')
        .rev()
        .filter(|part| !part.is_empty() && *part != ".");
    left.extend(parts.map(str::to_owned));
}

/// What a symbolic link of the working tree names; `None`: where git has no symbolic links it is a file with the name.
fn symlink(path: &Path) -> Option<String> {
    let target = std::fs::read_link(path).ok()?;
    Some(target.to_string_lossy().into_owned())
}

/// The way from a folder to a path, as it would be written in a link.
pub fn relative(folder: &str, path: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = path.split('/').collect();
    let shared = from
        .iter()
        .zip(&to)
        .take_while(|(one, other)| one == other)
        .count();
    let up = vec![".."; from.len() - shared];
    up.into_iter()
        .chain(to[shared.min(to.len())..].iter().copied())
        .collect::<Vec<_>>()
        .join("/")
}
