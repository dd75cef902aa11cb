//! The assets of a published release built again from its tag, on any machine and years later, and compared with the
//! files at hand.
//!
//! Everything comes from the tag: the commit, `release.toml` as it was, the version, and the time, which is the one of
//! the tagger. The user's tree, index and refs are not touched; the checkout is a worktree that is gone afterwards.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use archive::compare::Compared;
use config::Config;
use gates::tags::Tags;
use gates::{places, project};
use semver::Version;

use super::{Build, SUMS, twice};
use crate::candidate::digest_of;
use crate::{Artifact, Cx, Event, Inputs, Kind, Paths, Refusal, prepare};

/// The checkout; also what a project without any name would be called, and is not.
const TREE: &str = "rebuilt-from-its-tag";

/// One asset, or what declares it where no name is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    pub name: String,
    pub verdict: Verdict,
}

/// What a second build, of today, says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every byte.
    Same,
    /// The content is the same, byte for byte; another version of the compressor made other bytes of it.
    Recompressed(&'static str),
    /// The first differences, a line each: the file, then what was built now.
    Differs(Vec<String>),
    /// It was built now and is not among the files.
    Missing,
    /// Nothing is known, and why.
    Unknown(String),
    /// It is not made from the commit but says something of the release: sums, signature, provenance.
    Statement,
}

impl Verdict {
    /// Whether it is known to be wrong.
    pub fn is_wrong(&self) -> bool {
        matches!(self, Verdict::Differs(_) | Verdict::Missing)
    }

    /// One word, for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Recompressed(_) => "recompressed",
            Verdict::Differs(_) => "differs",
            Verdict::Missing => "missing",
            Verdict::Unknown(_) => "unknown",
            Verdict::Statement => "statement",
        }
    }

    /// In words, for a person.
    pub fn said(&self) -> String {
        match self {
            Verdict::Same => "rebuilt from the tag: the same bytes".to_owned(),
            Verdict::Recompressed(what) => {
                format!("rebuilt from the tag: the same {what}, compressed otherwise")
            }
            Verdict::Differs(lines) => format!("rebuilt from the tag: {}", lines.join("; ")),
            Verdict::Missing => "rebuilt from the tag, and not among the files".to_owned(),
            Verdict::Unknown(why) => format!("not rebuilt: {why}"),
            Verdict::Statement => {
                "not rebuilt: it speaks of the release and is not made from the commit".to_owned()
            }
        }
    }
}

/// Builds all assets of `tag` again and compares them with those in `dir`. Sorted by name.
///
/// # Errors
/// When there is no such annotated tag here, its commit cannot be checked out, or its `release.toml` cannot be read.
/// An asset that cannot be built here is no error: it is [`Verdict::Unknown`].
pub fn rebuild(cx: &Cx, tag: &str, dir: &Path) -> Result<Vec<Rebuilt>> {
    let tagged = Tagged::look(cx, tag)?;
    let area = Paths::candidates(&cx.root).join("rebuild");
    cx.world.private_dir(&Paths::candidates(&cx.root))?;
    cx.world.create_dir_all(&area)?;
    let _lock = cx.world.lock(
        &area.join("lock"),
        &format!("artifacts verify {tag} --rebuild"),
    )?;
    let area = area.join(tag.replace('/', "-"));
    discard(cx, &area)?;
    let rebuilt = in_area(cx, &tagged, &area, dir);
    // Interrupted or refused: it is removed all the same. The error that counts is the first.
    let undeterred = Cx {
        world: cx.world.undeterred(),
        ..cx.clone()
    };
    let discarded = discard(&undeterred, &area);
    let rebuilt = rebuilt?;
    discarded?;
    Ok(rebuilt)
}

fn discard(cx: &Cx, area: &Path) -> Result<()> {
    cx.world.remove_dir_all(area)?;
    prepare::forget_trees(cx, &[&area.join(TREE)])
}

/// What the tag object says.
struct Tagged {
    tag: String,
    commit: String,
    time_s: u64,
}

impl Tagged {
    fn look(cx: &Cx, tag: &str) -> Result<Tagged> {
        let name = format!("refs/tags/{tag}");
        let refusal = |message: String, help: &str| Refusal::new(Kind::CannotAct, message, help);
        let git = cx.git();
        if git.resolve(&name)?.is_none() {
            return Err(refusal(
                format!("there is no tag {tag} in this repository"),
                "git fetch --tags, or run it in a clone that has the tag",
            )
            .into());
        }
        let fields = git.text(&[
            "for-each-ref",
            "--format=%(objecttype) %(taggerdate:unix)",
            &name,
        ])?;
        let time_s = fields
            .strip_prefix("tag ")
            .and_then(|time| time.parse().ok());
        let Some(time_s) = time_s else {
            return Err(refusal(
                format!(
                    "{tag} is no annotated tag with a date, so the time of the release is not known"
                ),
                "only releases whose tag landfall made can be built again",
            )
            .into());
        };
        let commit = git
            .resolve(&format!("{name}^{{commit}}"))?
            .with_context(|| format!("{tag} leads to no commit"))?;
        Ok(Tagged {
            tag: tag.to_owned(),
            commit,
            time_s,
        })
    }
}

fn in_area(cx: &Cx, tagged: &Tagged, area: &Path, dir: &Path) -> Result<Vec<Rebuilt>> {
    let tree = area.join(TREE);
    prepare::add_at(cx, &tree, &tagged.commit)?;
    let (config, version) = configured(cx, tagged, &tree)?;
    let cx = Cx {
        config: Arc::new(config),
        build_dir: area.join("target"),
        ..cx.clone()
    };
    let inputs = Inputs {
        version,
        tag: tagged.tag.clone(),
        project: project::name(&cx.world, &tree, &cx.config),
        base: tagged.commit.clone(),
        date: world::date_of(tagged.time_s)?,
        time_s: tagged.time_s,
        previous: None,
        remote: cx.config.release.remote.clone(),
        branch: cx.config.release.branch.clone().unwrap_or_default(),
    };
    let build = Build {
        cx: &cx,
        inputs: &inputs,
        commit: &tagged.commit,
        target: cx.build_dir.clone(),
        scratch: area.to_owned(),
        out: area.join("artifacts"),
        tree,
        variation: None,
    };
    let declared = cx.config.artifacts_or_default();
    if declared.iter().any(twice::runs_commands)
        && let Err(error) = twice::install(&build)
    {
        cx.world.check_interrupt()?;
        cx.tell(&Event::Note(format!("{error:#}")));
    }
    compared(&build, dir)
}

/// `release.toml` of the tag, as it is for the group that the tag is of, and the version that the tag stands for.
fn configured(cx: &Cx, tagged: &Tagged, tree: &Path) -> Result<(Config, Version)> {
    let text = cx.world.read_if_exists(&tree.join("release.toml"))?;
    let own: Vec<&str> = cx.own_gates.iter().map(|gate| gate.name).collect();
    let mut config = config::parse_knowing(&text.unwrap_or_default(), &own).map_err(|errors| {
        Refusal::new(
            Kind::CannotAct,
            format!("release.toml of {} cannot be read: {errors}", tagged.tag),
            "rebuild it with the landfall that it was released with",
        )
    })?;
    if project::name(&cx.world, tree, &config) == TREE {
        // Named like its folder, which is another one here.
        config.project.name = Some(project::name(&cx.world, &cx.root, &config));
    }
    let mut views = vec![config.clone()];
    if config.has_groups() {
        let parts = places::survey(&cx.world, tree, &config)?.parts();
        views = parts.into_iter().map(|part| part.config).collect();
    }
    for view in views {
        if let Some(version) = Tags::of(&cx.world, tree, &view)?.version(&tagged.tag) {
            return Ok((view, version));
        }
    }
    Err(Refusal::new(
        Kind::CannotAct,
        format!(
            "{} is no tag of a release, as release.toml of that commit has it",
            tagged.tag
        ),
        "name the tag of a release",
    )
    .into())
}

fn compared(build: &Build<'_>, dir: &Path) -> Result<Vec<Rebuilt>> {
    let mut rebuilt = Vec::new();
    let mut failed = false;
    for (label, made) in build.each()? {
        match made {
            Ok(assets) => {
                for asset in assets {
                    rebuilt.push(compare(build, &asset, dir)?);
                }
            }
            Err(error) => {
                build.cx.world.check_interrupt()?;
                failed = true;
                rebuilt.push(Rebuilt {
                    name: label,
                    verdict: Verdict::Unknown(format!("{error:#}")),
                });
            }
        }
    }
    for name in files(build, dir)? {
        if rebuilt.iter().any(|known| known.name == name) {
            continue;
        }
        let verdict = if is_statement(&name) {
            Verdict::Statement
        } else if failed {
            Verdict::Unknown("what makes it could not be built, or nothing does".to_owned())
        } else {
            Verdict::Unknown(format!(
                "release.toml of {} declares nothing that makes it",
                build.inputs.tag
            ))
        };
        rebuilt.push(Rebuilt { name, verdict });
    }
    rebuilt.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rebuilt)
}

fn compare(build: &Build<'_>, asset: &Artifact, dir: &Path) -> Result<Rebuilt> {
    let theirs = dir.join(&asset.name);
    let verdict = match digest_of(&theirs)? {
        None => Verdict::Missing,
        Some(found) if found == asset.sha256 => Verdict::Same,
        Some(_) => match twice::compare_files(&theirs, &build.out.join(&asset.name))? {
            Compared::Same => Verdict::Same,
            Compared::Recompressed { what } => Verdict::Recompressed(what),
            differs @ Compared::Differs { .. } => Verdict::Differs(twice::lines(&differs)),
        },
    };
    Ok(Rebuilt {
        name: asset.name.clone(),
        verdict,
    })
}

/// The names in the sums; without sums, the files of the folder.
fn files(build: &Build<'_>, dir: &Path) -> Result<Vec<String>> {
    if let Some(text) = build.cx.world.read_if_exists(&dir.join(SUMS))? {
        let sums = archive::sums::parse(&text).with_context(|| format!("read {SUMS}"))?;
        return Ok(sums.into_iter().map(|(name, _)| name).collect());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("look at {}", dir.display()))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

fn is_statement(name: &str) -> bool {
    name.ends_with(".intoto.jsonl") || name.starts_with(SUMS)
}

/// The tag that a folder of files is said to be of: by the `release.json` beside it or in it, else the longest version
/// of a tag here that stands in the name of a file.
///
/// # Errors
/// When neither tells; and when the folder or the tags cannot be read.
pub fn tag_of(cx: &Cx, dir: &Path) -> Result<String> {
    let beside: [PathBuf; 2] = [dir.join("release.json"), dir.join("../release.json")];
    for path in beside {
        let Some(text) = cx.world.read_if_exists(&path)? else {
            continue;
        };
        let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        if let Some(tag) = json.get("tag").and_then(serde_json::Value::as_str) {
            return Ok(tag.to_owned());
        }
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("look at {}", dir.display()))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    let tags = Tags::of(&cx.world, &cx.root, &cx.config)?;
    let known = cx.git().text(&["tag", "--list"])?;
    let told = known
        .lines()
        .filter_map(|tag| Some((tag, tags.version(tag)?.to_string())))
        .filter(|(_, version)| names.iter().any(|name| name.contains(version)))
        .max_by_key(|(_, version)| version.len());
    match told {
        Some((tag, _)) => Ok(tag.to_owned()),
        None => Err(Refusal::new(
            Kind::CannotAct,
            format!(
                "nothing tells of which tag the files in {} are",
                dir.display()
            ),
            "name it with --tag TAG",
        )
        .into()),
    }
}
