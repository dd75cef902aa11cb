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
    if is_device(name) {
        bail!("the asset name `{name}` is the name of a device on Windows; choose another");
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

/// All entries: each path, each link, and how they stand to each other.
pub(crate) fn check_tree(top: &str, entries: &[Entry<'_>]) -> Result<()> {
    if entries.is_empty() {
        bail!("nothing to archive below `{top}`: no entries were given");
    }
    let mut names = Names::default();
    for Entry { path, kind } in entries {
        match kind {
            Kind::File { .. } => names.file(path)?,
            Kind::Symlink { target } => names.link(path, target, 0)?,
        }
        check_portable(path)?;
    }
    Ok(())
}

/// The names in an archive, one after the other, and how they stand to each other where case is folded and letters are
/// composed.
#[derive(Default)]
pub(crate) struct Names {
    /// Files and links, by their folded path.
    files: BTreeMap<String, String>,
    /// Folders, by their folded path, each with a path that needs it.
    folders: BTreeMap<String, String>,
    /// Files that are not ASCII, by their [outline].
    outlines: BTreeMap<String, Outlined>,
}

/// Files of one outline: the first of all, and the first whose letters are not composed.
struct Outlined {
    any: String,
    decomposed: Option<String>,
}

impl Names {
    pub(crate) fn file(&mut self, path: &str) -> Result<()> {
        check_path(path)?;
        let folded = fold(path);
        if let Some(below) = self.folders.get(&folded) {
            bail!("`{path}` is a file or link, and `{below}` needs a folder there; rename one");
        }
        for (at, _) in folded.match_indices('/') {
            let folder = folded.get(..at).unwrap_or_default();
            if let Some(file) = self.files.get(folder) {
                bail!("`{file}` is a file or link, and `{path}` needs a folder there; rename one");
            }
            if !self.folders.contains_key(folder) {
                self.folders.insert(folder.to_owned(), path.to_owned());
            }
        }
        if !path.is_ascii() {
            self.outline(path)?;
        }
        match self.files.insert(folded, path.to_owned()) {
            Some(other) if other == path => bail!("`{path}` is given twice; give it once"),
            Some(other) => bail!(
                "`{other}` and `{path}` differ in case only: one overwrites the other where case is folded; rename one"
            ),
            None => Ok(()),
        }
    }

    /// A folder that is named for itself, by a tar stream that we did not make.
    pub(crate) fn folder(&mut self, path: &str) -> Result<()> {
        check_path(path)?;
        let folded = fold(path);
        if let Some(file) = self.files.get(&folded) {
            bail!("`{file}` is a file or link, and `{path}` needs a folder there; rename one");
        }
        self.folders
            .entry(folded)
            .or_insert_with(|| path.to_owned());
        Ok(())
    }

    /// A link; `above` folders at the top of its path are not the tree's.
    pub(crate) fn link(&mut self, path: &str, target: &str, above: usize) -> Result<()> {
        self.file(path)?;
        check_link(path, target, above)
    }

    fn outline(&mut self, path: &str) -> Result<()> {
        let (outline, decomposed) = outline(path);
        let Some(known) = self.outlines.get_mut(&outline) else {
            let known = Outlined {
                any: path.to_owned(),
                decomposed: decomposed.then(|| path.to_owned()),
            };
            self.outlines.insert(outline, known);
            return Ok(());
        };
        let twin = match &known.decomposed {
            Some(twin) => Some(twin),
            None => decomposed.then_some(&known.any),
        };
        if let Some(twin) = twin.filter(|twin| *twin != path) {
            bail!(
                "`{twin}` and `{path}` may be one name on macOS, for one of them is written with letters and accents apart ({} and {}); rename one",
                twin.escape_unicode(),
                path.escape_unicode()
            );
        }
        Ok(())
    }
}

/// One text for all that a file system which folds case takes for the same: `K` and the Kelvin sign, `ß` and `ẞ`.
fn fold(path: &str) -> String {
    path.chars()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// The path with every accented letter blotted out, and whether one of them is written as a letter and its accents.
/// Two names that a file system composes to the same have the same outline; without tables of Unicode nothing finer is
/// known, and two such names in one archive are too rare to want them.
fn outline(path: &str) -> (String, bool) {
    const BLOT: char = '\u{fffd}';
    let mut outline = String::new();
    let mut decomposed = false;
    for c in path.chars() {
        if is_mark(c) {
            decomposed = true;
            if outline.pop() != Some('/') {
                outline.push(BLOT);
            }
        } else if c.is_ascii() {
            outline.push(c.to_ascii_lowercase());
        } else {
            outline.push(BLOT);
        }
    }
    (outline, decomposed)
}

/// What is composed with the letter before it: accents of Latin, Greek and Cyrillic, voices of kana, vowels of hangul.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}' | '\u{1160}'..='\u{11ff}')
}

/// Names that Windows keeps for devices, whatever ending stands behind them.
const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// `aux`, `aux.txt`, `COM1`, `lpt¹`.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    let stem = stem.to_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|number| {
            let mut chars = number.chars();
            let digit = matches!(
                chars.next(),
                Some('1'..='9' | '\u{b9}' | '\u{b2}' | '\u{b3}')
            );
            digit && chars.next().is_none()
        })
    });
    numbered || DEVICES.contains(&stem.as_str())
}

pub(crate) fn check_path(path: &str) -> Result<()> {
    let shown = path.escape_debug();
    if path.is_empty() {
        bail!("an entry has an empty path");
    }
    if path.starts_with('/') || has_drive(path) {
        bail!("the path `{shown}` is absolute; give it relative to the top folder");
    }
    if path.contains('\\') {
        bail!("the path `{shown}` holds `\\\\`, which Windows takes for a folder; rename it");
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

/// What unpacks everywhere: asked of what is chosen for an archive, not of the files that a commit has.
fn check_portable(path: &str) -> Result<()> {
    let shown = path.escape_debug();
    if let Some(c) = path
        .chars()
        .find(|c| c.is_control() || "<>:\"|?*".contains(*c))
    {
        bail!(
            "the path `{shown}` holds `{}`, which not every system can unpack; rename it",
            c.escape_debug()
        );
    }
    for name in path.split('/') {
        if name != "." && name != ".." && name.ends_with(['.', ' ']) {
            bail!(
                "the path `{shown}` has a component that ends with a dot or a space, which Windows cuts off; rename it"
            );
        }
        if is_device(name) {
            bail!(
                "the path `{shown}` holds `{name}`, which is the name of a device on Windows; rename it"
            );
        }
    }
    Ok(())
}

/// `..` may stand at the beginning only: after a name it would climb from wherever that name,
/// itself perhaps a link, leads to.
pub(crate) fn check_link(path: &str, target: &str, above: usize) -> Result<()> {
    let (link, shown) = (path.escape_debug(), target.escape_debug());
    if target.is_empty() || target.chars().any(|c| c.is_control() || c == '\\') {
        bail!(
            "the link `{link}` has the target `{shown}`, which not every system can unpack; change it"
        );
    }
    if target.starts_with('/') || has_drive(target) {
        bail!("the link `{link}` points to the absolute path `{shown}`; make it relative");
    }
    let mut depth = path.matches('/').count().saturating_sub(above);
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
