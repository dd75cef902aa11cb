//! The folder forge: a release is a folder with `release.json`, `notes.md`, `candidate.json` and `assets/`.
//!
//! A draft stands in `.drafts/TAG`, a published release in `TAG`; publishing is one rename. The folder may be a
//! network share or what a static server serves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{StepCx, View};
use crate::candidate::digest_of;

/// As configured: relative to the root of the repository, where the commands run, or absolute.
pub(super) struct Folder {
    pub(super) draft: PathBuf,
    pub(super) published: PathBuf,
}

/// How a folder compares with the candidate.
pub(super) enum Compared {
    Absent,
    /// Every file is there with our bytes, and nothing else.
    Equal,
    /// Ours, with these files missing or cut: where each is now, and where it goes.
    Partial(Vec<(PathBuf, PathBuf)>),
    /// Not ours, and why.
    Foreign(String),
}

/// `None` when no forge is configured.
pub(super) fn of(step: &StepCx<'_>) -> Option<Folder> {
    let forge = step.cx.config.forge.as_ref()?;
    let base = PathBuf::from(&forge.path);
    let name = step.candidate.inputs.tag.replace('/', "-");
    Some(Folder {
        draft: base.join(".drafts").join(&name),
        published: base.join(&name),
    })
}

/// Every file of the release: where it is now and where it goes, `release.json` first: it marks the folder as ours.
pub(super) fn files(step: &StepCx<'_>) -> Result<Vec<(PathBuf, PathBuf, String)>> {
    let (paths, candidate) = (step.paths, step.candidate);
    let candidate_sha256 = digest_of(&paths.candidate())?.unwrap_or_default();
    let mut files = vec![
        (
            paths.release(),
            PathBuf::from("release.json"),
            candidate.release_sha256.clone(),
        ),
        (
            paths.notes(),
            PathBuf::from("notes.md"),
            candidate.notes_sha256.clone(),
        ),
        (
            paths.candidate(),
            PathBuf::from("candidate.json"),
            candidate_sha256,
        ),
    ];
    for artifact in &candidate.artifacts {
        let to = Path::new("assets").join(&artifact.name);
        files.push((
            paths.artifacts().join(&artifact.name),
            to,
            artifact.sha256.clone(),
        ));
    }
    Ok(files)
}

/// A file that is being put in place under another name first; see [`super::draft`].
pub(super) const PARTIAL: &str = ".release.json.partial";

pub(super) fn compare(step: &StepCx<'_>, folder: &Path) -> Result<Compared> {
    let short = folder;
    let folder = &step.cx.root.join(short);
    match folder.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Compared::Absent),
        Err(error) => return Err(error).with_context(|| format!("look at {}", folder.display())),
        Ok(meta) if !meta.is_dir() => {
            return Ok(Compared::Foreign(format!(
                "{} is not a folder",
                folder.display()
            )));
        }
        Ok(_) => {}
    }
    let wanted = files(step)?;
    let mark = digest_of(&folder.join("release.json"))?;
    let present = present(folder)?;
    if mark.is_none() && !present.is_empty() {
        return Ok(Compared::Foreign(format!(
            "{} holds files but no release.json",
            folder.display()
        )));
    }
    if mark.is_some_and(|mark| mark != step.candidate.release_sha256) {
        return Ok(Compared::Foreign(format!(
            "{} is another release: its release.json is not ours",
            folder.display()
        )));
    }
    let names: BTreeMap<&Path, ()> = wanted.iter().map(|(_, to, _)| (to.as_path(), ())).collect();
    if let Some(extra) = present
        .iter()
        .find(|path| !names.contains_key(path.as_path()))
    {
        return Ok(Compared::Foreign(format!(
            "{} is not a file of this release",
            folder.join(extra).display()
        )));
    }
    let mut missing = Vec::new();
    for (from, to, sha256) in wanted {
        if digest_of(&folder.join(&to))?.as_deref() != Some(&sha256) {
            missing.push((from, short.join(to)));
        }
    }
    Ok(if missing.is_empty() {
        Compared::Equal
    } else {
        Compared::Partial(missing)
    })
}

/// The place of the published release holds something that is not exactly it.
pub(super) fn taken(at: &Folder, compared: Compared) -> View {
    let found = match compared {
        Compared::Foreign(found) => found,
        Compared::Partial(missing) => format!(
            "{} was published but {} of its files are missing or changed",
            at.published.display(),
            missing.len()
        ),
        Compared::Absent | Compared::Equal => at.published.display().to_string(),
    };
    conflict(found)
}

pub(super) fn conflict(found: String) -> View {
    View::Conflict {
        found,
        help: "look at it; put the files back or move them away, then run again".to_owned(),
    }
}

/// All files below the folder, relative to it.
fn present(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.with_context(|| format!("look at {}", folder.display()))?;
        if !entry.file_type().is_dir() && entry.file_name() != PARTIAL {
            files.push(entry.path().strip_prefix(folder)?.to_owned());
        }
    }
    Ok(files)
}
