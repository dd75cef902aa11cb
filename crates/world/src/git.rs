//! Questions to git that more than one crate asks.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::{Cmd, Output, World};

/// A repository to ask.
#[derive(Clone)]
pub struct Git {
    pub world: World,
    pub dir: PathBuf,
}

impl Git {
    pub fn new(world: &World, dir: &Path) -> Git {
        Git {
            world: world.clone(),
            dir: dir.to_owned(),
        }
    }

    /// `git ARGS` in the repository, not yet run.
    pub fn cmd<S: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Cmd {
        Cmd::new(&self.dir, "git").args(args)
    }

    /// Any exit status is an answer.
    pub fn ask(&self, args: &[&str]) -> Result<Output> {
        self.world.ask(&self.cmd(args))
    }

    /// Standard output, trimmed at the end; a failure is an error.
    pub fn text(&self, args: &[&str]) -> Result<String> {
        Ok(self
            .world
            .answer(&self.cmd(args))?
            .trim_end_matches(['\n', '\r'])
            .to_owned())
    }

    /// NUL-separated standard output.
    pub fn list(&self, args: &[&str]) -> Result<Vec<String>> {
        let text = self.ask(args)?.success()?.stdout;
        Ok(text
            .split(|byte| *byte == 0)
            .filter(|item| !item.is_empty())
            .map(|item| String::from_utf8_lossy(item).into_owned())
            .collect())
    }

    /// The object that `rev` names, or `None` when there is no such thing.
    pub fn resolve(&self, rev: &str) -> Result<Option<String>> {
        let output = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", rev])?;
        match output.code {
            Some(0) => Ok(Some(output.text())),
            Some(1) => Ok(None),
            // `--quiet` still complains about an object that is missing, with 128.
            _ if output.errors().contains("Needed a single revision") => Ok(None),
            _ => Err(output.error().into()),
        }
    }

    /// The commit of HEAD; a repository without any commit is an error that says so.
    pub fn head(&self) -> Result<String> {
        match self.resolve("HEAD^{commit}")? {
            Some(commit) => Ok(commit),
            None => bail!("{} has no commit yet; make one first", self.dir.display()),
        }
    }

    /// The branch that HEAD is on; `None` when detached.
    pub fn branch(&self) -> Result<Option<String>> {
        let output = self.ask(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        match output.code {
            Some(0) => Ok(Some(output.text())),
            Some(1) => Ok(None),
            _ => Err(output.error().into()),
        }
    }

    /// The folder shared by all worktrees of the repository, absolute.
    pub fn common_dir(&self) -> Result<PathBuf> {
        let text = self.text(&["rev-parse", "--path-format=absolute", "--git-common-dir"])?;
        Ok(PathBuf::from(text))
    }

    /// What the remote has under the given refs: pairs of object and name.
    pub fn remote_refs(&self, remote: &str, refs: &[&str]) -> Result<Vec<(String, String)>> {
        let mut args = vec!["ls-remote", "--refs", "--end-of-options", remote];
        args.extend(refs);
        let output = self
            .ask(&args)?
            .success()
            .with_context(|| format!("look at the remote `{remote}`"))?;
        Ok(output
            .text()
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(object, name)| (object.to_owned(), name.to_owned()))
            .collect())
    }
}
