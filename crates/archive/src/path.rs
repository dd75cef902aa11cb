//! What a path inside an archive, a link and the name of an asset may be.
//!
//! The archive is unpacked by strangers, on systems that fold case and take `\` for a separator,
//! so a path is refused here rather than repaired.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::{Entry, Kind};

/// Longest name of a file on the file systems in use.
const NAME_MAX: usize = 255;

/// Whether `name` can be an asset of a forge: `[A-Za-z0-9._+-]`, not beginning with `.` or `-`,
/// not ending with `.`, at most 255 bytes. GitHub renames every other name when it is uploaded,
/// and then neither the sums nor the links are right.
///
/// # Errors
/// Says which character is in the way.
pub fn check_asset_name(name: &str) -> Result<()> {
    const HELP: &str = "asset names hold A-Z a-z 0-9 . _ + - only";
    if name.is_empty() {
        bail!("an asset has an empty name; {HELP}");
    }
    if name.len() > NAME_MAX {
        bail!(
            "the asset name `{name}` has {} bytes; {NAME_MAX} is the most",
            name.len()
        );
    }
    let odd = |c: &char| !(c.is_ascii_alphanumeric() || "._+-".contains(*c));
    if let Some(c) = name.chars().find(odd) {
        bail!(
            "the asset name `{}` holds `{}`; {HELP}",
            name.escape_debug(),
            c.escape_debug()
        );
    }
    if name.starts_with(['.', '-']) || name.ends_with('.') {
        bail!(
            "the asset name `{name}` begins with `.` or `-` or ends with `.`; {HELP}, and a letter or digit first"
        );
    }
    Ok(())
}

/// The one top folder: a single component.
pub(crate) fn check_top(top: &str) -> Result<()> {
    if top.contains('/') {
        bail!("the top folder `{top}` holds `/`; give a single name such as `app-v1.0.0`");
    }
    check_path(top)
}

/// All entries, sorted by path: each path, each link, and how they stand to each other.
pub(crate) fn check_tree(top: &str, entries: &[Entry<'_>]) -> Result<()> {
    if entries.is_empty() {
        bail!("nothing to archive below `{top}`: no entries were given");
    }
    let mut files = BTreeMap::new();
    for Entry { path, kind } in entries {
        check_path(path)?;
        if let Kind::Symlink { target } = kind {
            check_link(path, target)?;
        }
        match files.insert(path.to_lowercase(), path) {
            Some(other) if other == path => bail!("`{path}` is given twice; give it once"),
            Some(other) => bail!(
                "`{other}` and `{path}` differ in case only: one overwrites the other where case is folded; rename one"
            ),
            None => {}
        }
    }
    for Entry { path, .. } in entries {
        let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        for folder in folders {
            if let Some(file) = files.get(&folder.to_lowercase()) {
                bail!("`{file}` is a file or link, and `{path}` needs a folder there; rename one");
            }
        }
    }
    Ok(())
}

pub(crate) fn check_path(path: &str) -> Result<()> {
    let shown = path.escape_debug();
    if path.is_empty() {
        bail!("an entry has an empty path");
    }
    if path.starts_with('/') || has_drive(path) {
        bail!("the path `{shown}` is absolute; give it relative to the top folder");
    }
    if let Some(c) = path.chars().find(|c| c.is_control() || *c == '\\') {
        bail!(
            "the path `{shown}` holds `{}`, which not every system can unpack; rename it",
            c.escape_debug()
        );
    }
    for component in path.split('/') {
        match component {
            "" => bail!("the path `{shown}` has an empty component (`//` or a `/` at the end)"),
            "." | ".." => bail!(
                "the path `{shown}` holds `{component}`; give it as it is below the top folder"
            ),
            name if name.len() > NAME_MAX => {
                bail!(
                    "the path `{shown}` has a component of {} bytes; {NAME_MAX} is the most",
                    name.len()
                )
            }
            _ => {}
        }
    }
    Ok(())
}

/// `..` may stand at the beginning only: after a name it would climb from wherever that name,
/// itself perhaps a link, leads to.
pub(crate) fn check_link(path: &str, target: &str) -> Result<()> {
    let (link, shown) = (path.escape_debug(), target.escape_debug());
    if target.is_empty() || target.chars().any(|c| c.is_control() || c == '\\') {
        bail!(
            "the link `{link}` has the target `{shown}`, which not every system can unpack; change it"
        );
    }
    if target.starts_with('/') || has_drive(target) {
        bail!("the link `{link}` points to the absolute path `{shown}`; make it relative");
    }
    let mut depth = path.matches('/').count();
    let mut below = false;
    for component in target.split('/') {
        match (component, below) {
            ("" | ".", _) => {}
            ("..", true) => {
                bail!(
                    "the link `{link}` points to `{shown}`, with `..` after a name; write it with `..` at the beginning only"
                )
            }
            ("..", false) => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => bail!(
                    "the link `{link}` points to `{shown}`, out of the archive; leave it out or store the file"
                ),
            },
            _ => below = true,
        }
    }
    Ok(())
}

/// `C:` and the like: absolute where Windows unpacks.
fn has_drive(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}
