//! What is verified: a folder of files, and what is known of the release that they are said to be.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use archive::statement::Predicate;
use config::{Signing, SigningMethod};
use gates::tags::Tags;
use semver::Version;
use world::git::Git;
use world::{Scratch, World};

use super::files::{self, Found};
use super::statements;
use crate::artifacts::SUMS;
use crate::{Candidate, Cx, Kind, Paths, Refusal, inputs};

/// What the methods of signing add to the name of what is signed.
const SIGNATURES: &[&str] = &[".sig", ".minisig", ".asc"];

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Compare with what the forge and the remote have.
    pub remote: bool,
    /// Build everything again from the tag.
    pub rebuild: bool,
    /// Who may sign, in place of what the configuration says.
    pub signers: Option<PathBuf>,
    /// The tag that the files are said to be of.
    pub tag: Option<String>,
}

/// Everything that the checks look at.
pub struct Subject<'a> {
    pub(super) world: &'a World,
    /// The folder of the files.
    pub(super) dir: PathBuf,
    /// Everything in it.
    pub(super) files: Vec<Found>,
    /// The bytes of the sums, or why they cannot be read; `None`: there are none.
    pub(super) sums: Option<Result<Vec<u8>, String>>,
    /// The repository, where there is one: the user's own, or a fresh clone of the remote.
    pub(super) cx: Option<Cx>,
    pub(super) candidate: Option<Candidate>,
    pub(super) facts: Facts,
    /// The forge's folder, absolute.
    pub(super) forge: Option<PathBuf>,
    pub(super) asked: Asked,
    /// The user's own repository: what may be trusted is read there, and not in what was fetched.
    root: Option<PathBuf>,
    /// Held for its drop.
    _clone: Option<Scratch>,
}

/// What the release is said to be, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) version: Option<Version>,
    pub(super) tag: Option<String>,
    /// The released commit, and who says so.
    pub(super) commit: Option<(String, &'static str)>,
    /// The annotated tag as it was made.
    pub(super) tag_object: Option<String>,
}

impl<'a> Subject<'a> {
    #[must_use]
    pub fn world(&self) -> &World {
        self.world
    }

    /// The folder of the files.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A folder of files, with or without a repository.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn folder(
        world: &'a World,
        cx: Option<&Cx>,
        dir: &Path,
        asked: Asked,
    ) -> Result<Subject<'a>> {
        let mut facts = Facts {
            tag: asked.tag.clone(),
            ..Facts::default()
        };
        if let (Some(cx), Some(tag)) = (cx, &asked.tag) {
            facts.version = Tags::of(&cx.world, &cx.root, &cx.config)?.version(tag);
        }
        stated(world, dir, &mut facts);
        Ok(Subject {
            root: cx.map(|cx| cx.root.clone()),
            world,
            files: files::hash(dir)?,
            sums: read(dir),
            dir: dir.to_owned(),
            forge: cx.and_then(forge),
            cx: cx.cloned(),
            candidate: None,
            facts,
            asked,
            _clone: None,
        })
    }

    /// A version: as it was prepared here, else as it was released.
    ///
    /// # Errors
    /// When it is neither here nor where the configuration says it is served.
    pub fn version(
        world: &'a World,
        cx: &Cx,
        version: &Version,
        mut asked: Asked,
    ) -> Result<Subject<'a>> {
        let tag = inputs::tag_name(cx, version)?;
        if asked.tag.as_ref().is_some_and(|asked| *asked != tag) {
            return Err(Refusal::new(
                Kind::Usage,
                format!("the tag of {version} is {tag}, and another was named"),
                "leave --tag out, or name the folder of the files in place of the version",
            )
            .into());
        }
        asked.tag = Some(tag.clone());
        let paths = Paths::new(&cx.root, &tag);
        if let Some(candidate) = Candidate::load(&cx.world, &paths)? {
            let mut subject = Subject::folder(world, Some(cx), &paths.artifacts(), asked)?;
            subject.facts = Facts {
                version: Some(version.clone()),
                tag: Some(tag),
                commit: Some((candidate.commit.clone(), "the candidate")),
                tag_object: Some(candidate.tag_object.clone()),
            };
            subject.candidate = Some(candidate);
            return Ok(subject);
        }
        let served = forge(cx).map(|base| base.join(tag.replace('/', "-")).join("assets"));
        let Some(served) = served.filter(|served| served.is_dir()) else {
            return Err(Refusal::new(
                Kind::CannotAct,
                format!("{version} was not prepared here, and the forge of release.toml serves no {tag}"),
                "name the folder that holds the files; or a version that was prepared here or released",
            )
            .into());
        };
        asked.remote = true;
        let scratch = world.scratch("a clone of the release")?;
        let fresh = fetched(cx, scratch.path(), &tag)
            .with_context(|| format!("clone {tag} from {}", cx.config.release.remote))?;
        let mut subject = Subject::folder(world, Some(&fresh), &served, asked)?;
        subject.facts.version = Some(version.clone());
        subject.forge = forge(cx);
        subject.root = Some(cx.root.clone());
        subject._clone = Some(scratch);
        Ok(subject)
    }

    /// Who may sign, with absolute paths: as it was asked for, else as the configuration says. `made` is the method of a
    /// signature that is there, which says how a file that was named is read.
    pub(super) fn signing(&self, made: Option<SigningMethod>) -> Option<Signing> {
        let configured = self.cx.as_ref().and_then(|cx| cx.config.signing.clone());
        if let Some(signers) = &self.asked.signers {
            let method = configured.as_ref().map(|signing| signing.method);
            return Some(Signing {
                method: made.or(method).unwrap_or(SigningMethod::Ssh),
                key: None,
                key_env: None,
                identity: None,
                signers: signers.display().to_string(),
                revoked: None,
                attestation_key: None,
            });
        }
        let mut signing = configured?;
        let root = self.root.clone().unwrap_or_default();
        signing.signers = root.join(&signing.signers).display().to_string();
        signing.revoked = signing
            .revoked
            .map(|revoked| root.join(revoked).display().to_string());
        Some(signing)
    }

    /// When it was released: keys have to be valid then. Where that is not known it is now.
    pub(super) fn time_s(&self) -> Result<u64> {
        if let Some(candidate) = &self.candidate {
            return Ok(candidate.inputs.time_s);
        }
        if let (Some(git), Some(tag)) = (self.git(), &self.facts.tag) {
            let format = "--format=%(taggerdate:unix)";
            let text = git.text(&["for-each-ref", format, &format!("refs/tags/{tag}")])?;
            if let Ok(time_s) = text.parse() {
                return Ok(time_s);
            }
        }
        Ok(self.world.now_s())
    }

    /// The repository, where there is one.
    pub(super) fn git(&self) -> Option<Git> {
        self.cx.as_ref().map(Cx::git)
    }

    /// Whether a file is a signature over the sums: the one kind that they cannot name.
    pub(super) fn is_signature(&self, name: &str) -> bool {
        name.strip_prefix(SUMS)
            .is_some_and(|extension| SIGNATURES.contains(&extension))
    }

    /// The commit that was released: as it is said, else as the tag has it here.
    pub(super) fn commit(&self) -> Result<Option<String>> {
        if let Some((commit, _)) = &self.facts.commit {
            return Ok(Some(commit.clone()));
        }
        match (self.git(), &self.facts.tag) {
            (Some(git), Some(tag)) => git.resolve(&format!("refs/tags/{tag}^{{commit}}")),
            _ => Ok(None),
        }
    }
}

/// What nobody named is taken from the provenance; whether that is so is for the checks to find out.
fn stated(world: &World, dir: &Path, facts: &mut Facts) {
    let path = dir.join(statements::PROVENANCE);
    let Ok((_, statement)) = world.read(&path).and_then(statements::read) else {
        return;
    };
    let Predicate::Provenance(provenance) = statement.predicate else {
        return;
    };
    let from = provenance.build_definition.external_parameters;
    if facts.tag.is_none() {
        facts.tag = Some(from.tag);
        facts.version = Version::parse(&from.version).ok();
    }
    facts.commit = Some((from.commit, "the provenance"));
}

fn read(dir: &Path) -> Option<Result<Vec<u8>, String>> {
    match std::fs::read(dir.join(SUMS)) {
        Ok(bytes) => Some(Ok(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => Some(Err(error.to_string())),
    }
}

fn forge(cx: &Cx) -> Option<PathBuf> {
    let forge = cx.config.forge.as_ref()?;
    Some(cx.root.join(&forge.path))
}

/// A fresh repository with nothing but the tag as the remote has it: what is here could have been moved.
fn fetched(cx: &Cx, dir: &Path, tag: &str) -> Result<Cx> {
    let remote = &cx.config.release.remote;
    let url = cx.git().text(&["remote", "get-url", remote])?;
    // A path is relative to the repository that names it.
    let local = cx.root.join(&url);
    let url = match local.to_str() {
        Some(path) if local.exists() => path,
        _ => &url,
    };
    let git = Git::new(&cx.world, dir);
    let wanted = format!("+refs/tags/{tag}:refs/tags/{tag}");
    for args in [
        &["init", "--quiet"][..],
        &["remote", "add", remote, url],
        &[
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            remote,
            &wanted,
        ],
    ] {
        git.ask(args)?.success()?;
    }
    let mut config = (*cx.config).clone();
    // A clone has another name: the project keeps the one it has.
    config.project.name = Some(gates::project::name(&cx.world, &cx.root, &cx.config));
    Ok(Cx {
        root: dir.to_owned(),
        config: config.into(),
        ..cx.clone()
    })
}
