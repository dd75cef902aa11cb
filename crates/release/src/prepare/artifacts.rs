//! The bytes that are uploaded, their sums, and the description for the forge.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use config::ArtifactKind;
use serde_json::json;
use world::git::Git;

use crate::{Artifact, Cx, Inputs, Kind, Paths, Refusal};

/// The name of the file of sums.
pub const SUMS: &str = "SHA256SUMS.txt";

/// Builds everything that is declared, then the sums over it. Sorted by name.
pub(super) fn build(
    cx: &Cx,
    paths: &Paths,
    inputs: &Inputs,
    commit: &str,
) -> Result<Vec<Artifact>> {
    cx.tell(&crate::Event::Phase("artifacts"));
    cx.world.create_dir_all(&paths.artifacts())?;
    let mut artifacts = Vec::new();
    for declared in cx.config.artifacts_or_default() {
        let name = inputs.expand(&declared.name)?;
        archive::check_asset_name(&name)?;
        let top = match &declared.top {
            Some(top) => inputs.expand(top)?,
            None => name.trim_end_matches(".tar.gz").to_owned(),
        };
        let path = paths.artifacts().join(&name);
        let written = match declared.kind {
            ArtifactKind::Source => source(cx, paths, &path, &top, commit),
            ArtifactKind::Files => files(cx, paths, inputs, &declared, &path, &top),
        }
        .with_context(|| format!("build the artifact {name}"))?;
        artifacts.push(Artifact {
            name,
            size: written.size,
            sha256: written.sha256,
            tar_sha256: Some(written.tar_sha256),
        });
    }
    let pairs: Vec<(String, String)> = artifacts
        .iter()
        .map(|artifact| (artifact.name.clone(), artifact.sha256.clone()))
        .collect();
    let sums = archive::sums::write(&pairs)?;
    cx.world
        .write_file(&paths.artifacts().join(SUMS), sums.as_bytes())?;
    artifacts.push(Artifact {
        name: SUMS.to_owned(),
        size: u64::try_from(sums.len())?,
        sha256: archive::sha256_hex(sums.as_bytes()),
        tar_sha256: None,
    });
    artifacts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(artifacts)
}

/// `git archive` of the release commit with the user's configuration neutralised; git never compresses.
fn source(
    cx: &Cx,
    paths: &Paths,
    path: &Path,
    top: &str,
    commit: &str,
) -> Result<archive::Written> {
    let tar = paths.dir().join("source.tar");
    let git = Git::new(&cx.world, &cx.root);
    let cmd = git
        .cmd([
            "-c",
            "core.autocrlf=false",
            "-c",
            "core.eol=lf",
            "-c",
            "core.attributesFile=/dev/null",
            "-c",
            "tar.umask=0022",
        ])
        .args(["archive", "--format=tar"])
        .arg(format!("--prefix={top}/"))
        .arg("--output")
        .arg(&tar)
        .arg(commit)
        .env("GIT_ATTR_NOSYSTEM", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1");
    cx.world.run(&cmd)?.success()?;
    let written = cx.world.write_stream(path, |out| {
        let input = File::open(&tar).with_context(|| format!("open {}", tar.display()))?;
        archive::gzip(input, out)
    })?;
    cx.world.remove_file(&tar)?;
    Ok(written)
}

/// Files of the candidate's tree, built first when a command is declared. A missing required one leaves no archive.
fn files(
    cx: &Cx,
    paths: &Paths,
    inputs: &Inputs,
    declared: &config::Artifact,
    path: &Path,
    top: &str,
) -> Result<archive::Written> {
    let tree = paths.tree();
    if let Some((program, args)) = declared.build.as_ref().and_then(|argv| argv.split_first()) {
        let cmd = world::Cmd::new(&tree, program)
            .args(args)
            .env("CARGO_TARGET_DIR", cx.build_dir.to_string_lossy())
            .env("SOURCE_DATE_EPOCH", inputs.time_s.to_string())
            .timeout(std::time::Duration::from_secs(3600));
        cx.world.run(&cmd)?.success()?;
    }
    for required in &declared.required {
        if !tree.join(required).exists() {
            return Err(missing(format!("{required} is required and is not there")));
        }
    }
    let found = select(&tree, &declared.files)?;
    if let Some(glob) = declared
        .files
        .iter()
        .find(|glob| !found.iter().any(|file| fast_glob::glob_match(glob, file)))
    {
        return Err(missing(format!("`{glob}` matches no file")));
    }
    cx.world.write_stream(path, |out| {
        let entries = found
            .iter()
            .map(|file| entry(&tree, file))
            .collect::<Result<Vec<_>>>()?;
        archive::tar_gz(out, top, inputs.time_s, entries)
    })
}

fn missing(message: String) -> anyhow::Error {
    Refusal::new(
        Kind::Findings,
        message,
        "build it first with `build` of that [[artifact]], or mend the list in release.toml",
    )
    .into()
}

/// Paths below the tree that match any of the globs. Git's own folder is never looked at.
fn select(tree: &Path, globs: &[String]) -> Result<Vec<String>> {
    let wants_modules = globs.iter().any(|glob| glob.contains("node_modules"));
    let walk = walkdir::WalkDir::new(tree)
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name();
            name != ".git" && (wants_modules || name != "node_modules")
        });
    let mut found = Vec::new();
    for entry in walk {
        let entry = entry.context("look for the files of an artifact")?;
        if entry.file_type().is_dir() {
            continue;
        }
        let Some(path) = entry.path().strip_prefix(tree).ok().and_then(Path::to_str) else {
            continue;
        };
        if globs.iter().any(|glob| fast_glob::glob_match(glob, path)) {
            found.push(path.to_owned());
        }
    }
    Ok(found)
}

fn entry(tree: &Path, file: &str) -> Result<archive::Entry<'static>> {
    use std::os::unix::fs::PermissionsExt as _;
    let path: PathBuf = tree.join(file);
    let meta = path
        .symlink_metadata()
        .with_context(|| format!("look at {file}"))?;
    let kind = if meta.is_symlink() {
        let target = std::fs::read_link(&path).with_context(|| format!("read the link {file}"))?;
        archive::Kind::Symlink {
            target: target.to_string_lossy().into_owned(),
        }
    } else {
        let data = Box::new(File::open(&path).with_context(|| format!("open {file}"))?);
        archive::Kind::File {
            executable: meta.permissions().mode() & 0o111 != 0,
            len: meta.len(),
            data,
        }
    };
    Ok(archive::Entry {
        path: file.to_owned(),
        kind,
    })
}

/// What the forge is told. Title and flags are settings, never guessed from the version.
pub(super) fn describe(
    cx: &Cx,
    paths: &Paths,
    inputs: &Inputs,
    commit: &str,
    artifacts: &[Artifact],
) -> Result<()> {
    let release = &cx.config.release;
    let description = json!({
        "schema": 1,
        "tag": inputs.tag,
        "version": inputs.version.to_string(),
        "title": inputs.expand(&release.title)?,
        "prerelease": release.prerelease,
        "latest": release.latest,
        "date": inputs.date,
        "commit": commit,
        "previous": inputs.previous,
        "body": super::commit::notes_body(cx, paths)?,
        "assets": artifacts,
    });
    cx.world.write_file(
        &paths.release(),
        format!("{}\n", serde_json::to_string_pretty(&description)?).as_bytes(),
    )
}
