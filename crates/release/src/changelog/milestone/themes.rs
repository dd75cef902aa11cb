//! Themes, and which commits they take by the files that these change.

use std::collections::BTreeMap;

use anyhow::Result;
use world::git::Git;

use super::{Collect, Facts, Theme};
use crate::history;

/// Before the id of a commit; no path begins with it.
const MARK: char = '\u{1}';

impl Collect<'_> {
    pub(super) fn themes(&self, facts: &mut Facts) -> Result<()> {
        let themes = &self.cx.config.changelog.themes;
        facts.themes = themes
            .iter()
            .map(|theme| Theme {
                name: theme.name.clone(),
                scopes: theme.scopes.clone(),
            })
            .collect();
        // Asking for files makes git compare trees: not without need.
        if themes.iter().all(|theme| theme.paths.is_empty()) {
            return Ok(());
        }
        let range = history::range(self.inputs.previous.as_deref(), &self.inputs.base);
        for (id, files) in changed(self.git, &range)? {
            let takes = |theme: &config::Theme| {
                let takes =
                    |glob: &String| files.iter().any(|file| fast_glob::glob_match(glob, file));
                theme.paths.iter().any(takes)
            };
            if let Some(theme) = themes.iter().position(takes) {
                facts.by_path.insert(id, theme);
            }
        }
        Ok(())
    }
}

/// The files that each commit of a range changes, renamed ones by both names, those of a merge against what it was
/// merged into.
fn changed(git: &Git, range: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let records = git.list(&[
        "--no-replace-objects",
        "-c",
        "log.follow=false",
        "log",
        "-z",
        "--diff-merges=first-parent",
        "--no-color",
        "--no-show-signature",
        "--no-renames",
        "--name-only",
        "--format=%x01%H",
        range,
        "--",
    ])?;
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut files = None;
    for record in &records {
        match record.strip_prefix(MARK) {
            Some(id) => files = Some(all.entry(id.trim_end().to_owned()).or_default()),
            None => {
                // The first file stands behind a line end of the format.
                let file = record.trim_start_matches('\n');
                if let Some(files) = files.as_mut().filter(|_| !file.is_empty()) {
                    files.push(file.to_owned());
                }
            }
        }
    }
    Ok(all)
}
