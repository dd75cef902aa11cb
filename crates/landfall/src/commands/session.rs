//! What every command that looks at a repository starts with: its root, its configuration, and the world.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use config::Config;
use gates::places::{self, Places};
use release::bump::{self, Ask, Level};
use release::{Cx, Event, Kind, Refusal};
use semver::Version;
use world::{Fuse, Helpers, Interrupt, Secrets, Setup, World};

use crate::cli::Cli;
use crate::render::Ui;
use crate::surroundings::{ConfigErrors, Surroundings};

pub(crate) struct Session<'a> {
    pub(crate) world: World,
    pub(crate) root: PathBuf,
    pub(crate) config: Arc<Config>,
    pub(crate) ui: &'a Arc<Ui>,
    pub(crate) surroundings: &'a Surroundings,
}

pub(crate) fn usage(message: &str, help: &str) -> anyhow::Error {
    Refusal::new(Kind::Usage, message, help).into()
}

impl<'a> Session<'a> {
    pub(crate) fn open(
        cli: &Cli,
        surroundings: &'a Surroundings,
        ui: &'a Arc<Ui>,
    ) -> Result<Session<'a>> {
        let interrupt = Interrupt::install()?;
        let bootstrap = world(
            surroundings,
            ui,
            &interrupt,
            Secrets::default(),
            of_several_lines(surroundings),
        )?;
        let root = find_root(cli, surroundings, &bootstrap)?;
        let own: Vec<&str> = surroundings
            .own_gates
            .iter()
            .map(|gate| gate.name)
            .collect();
        let config = load_config(&bootstrap, &root, &cli.global.config, &own)?;
        let key_env = config
            .signing
            .as_ref()
            .and_then(|signing| signing.key_env.clone());
        let values = config
            .secrets
            .iter()
            .chain(&key_env)
            .filter_map(|name| Some((name.clone(), surroundings.var(name)?)));
        let withheld = key_env.iter().cloned().collect();
        let world = world(surroundings, ui, &interrupt, Secrets::new(values), withheld)?;
        let session = Session {
            world,
            root,
            config: Arc::new(config),
            ui,
            surroundings,
        };
        session.recover()?;
        Ok(session)
    }

    /// From here on the configuration is that of the group that is meant. A command that speaks of one version is refused
    /// where there are several and none is named.
    pub(crate) fn choose_group(&mut self, cli: &Cli) -> Result<()> {
        let asked = cli.global.group.as_deref();
        let one = cli.command.of_one_version();
        if asked.is_none() && (one.is_none() || !self.config.has_groups()) {
            return Ok(());
        }
        if !self.config.has_groups() {
            return Err(usage(
                "--group was given, and the repository has one version for all of its packages",
                "leave it out; or name groups with [[group]] or version.independent in release.toml",
            ));
        }
        let parts = places::survey(&self.world, &self.root, &self.config)?.parts();
        let listed: Vec<String> = parts
            .iter()
            .filter(|part| !part.name.is_empty())
            .map(shown)
            .collect();
        let part = parts
            .iter()
            .find(|part| part.name == asked.unwrap_or_default());
        if let Some(part) = part {
            self.config = Arc::new(part.config.clone());
            return Ok(());
        }
        let first = parts.first().map_or("NAME", |part| &part.name);
        let typed = one.unwrap_or_else(|| "version show".to_owned());
        let problem = match asked {
            Some(name) => format!("there is no group {name}"),
            None => "the packages have versions of their own, and no group is named".to_owned(),
        };
        Err(usage(
            &format!("{problem}; groups are {}", listed.join(", ")),
            &format!("name one: cargo xtask {typed} --group {first}"),
        ))
    }

    /// An edit that a kill interrupted is put right before anything else, by any command.
    fn recover(&self) -> Result<()> {
        let state = release::paths::state_dir(&self.world, &self.root)?;
        if !state.join("edit.json").exists() {
            return Ok(());
        }
        let _lock = self.world.lock(&state.join("lock"), "recovery")?;
        if let Some(recovered) = self.world.recover(&state)? {
            self.ui.story(&format!("note: {recovered}"));
        }
        Ok(())
    }

    pub(crate) fn gates(&self) -> gates::Cx {
        gates::Cx {
            own: self.surroundings.own_gates,
            memory: self.memory(),
            helpers: self.helpers(),
            ..gates::Cx::tree(self.world.clone(), self.root.clone(), self.config.clone())
        }
    }

    /// The context of a release; the screen is told of what happens.
    pub(crate) fn release_cx(&self, skip: &[String], jobs: Option<usize>) -> Cx {
        let ui = Arc::clone(self.ui);
        Cx {
            world: self.world.clone(),
            root: self.root.clone(),
            config: self.config.clone(),
            helpers: self.helpers(),
            build_dir: self.build_dir(),
            own_gates: self.surroundings.own_gates,
            memory: self.memory(),
            jobs: jobs.unwrap_or_else(default_jobs),
            skip: skip.iter().map(|gate| gates::Skip::asked(gate)).collect(),
            observe: Arc::new(move |event: &Event<'_>| ui.release(event)),
        }
    }

    /// A path as it was typed: from the current folder, whatever repository is worked on.
    pub(crate) fn beside(&self, path: &Path) -> PathBuf {
        match &self.surroundings.cwd {
            Some(cwd) => cwd.join(path),
            None => path.to_owned(),
        }
    }

    /// Beside git's own files: it survives `cargo clean` and is in nobody's way.
    fn memory(&self) -> Option<gates::Memory> {
        let state = release::paths::state_dir(&self.world, &self.root).ok()?;
        Some(gates::Memory {
            folder: state.join("gates"),
            program: self.surroundings.build.clone()?,
        })
    }

    fn build_dir(&self) -> PathBuf {
        release::Paths::candidates(&self.root).join("build")
    }

    fn helpers(&self) -> Helpers {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .map(Path::to_owned);
        Helpers {
            beside: self.surroundings.beside.clone(),
            source,
            build_dir: self.build_dir(),
        }
    }

    pub(crate) fn places(&self) -> Result<Places> {
        places::discover(&self.world, &self.root, &self.config)
    }

    /// A version, or the one that a level leads to.
    pub(crate) fn version(&self, text: &str) -> Result<Version> {
        let level = match text {
            "major" => Level::Major,
            "minor" => Level::Minor,
            "patch" => Level::Patch,
            "pre" => Level::Pre,
            "release" => Level::Release,
            "auto" => return self.auto(&Ask::Next),
            _ => return parse(text),
        };
        self.bumped(level)
    }

    pub(crate) fn bumped(&self, level: Level) -> Result<Version> {
        bump::bump(&self.current()?, level)
    }

    fn current(&self) -> Result<Version> {
        self.places()?.current.with_context(
            || "no version is declared anywhere yet; name one: cargo xtask version set X.Y.Z",
        )
    }

    /// The version that the commits since the last release ask for; the screen is told why.
    pub(crate) fn auto(&self, ask: &Ask) -> Result<Version> {
        let cx = self.release_cx(&[], None);
        let auto = release::auto::auto(&cx, &self.current()?, ask)?;
        self.ui.auto(&auto);
        match &auto.version {
            Some(version) => Ok(version.clone()),
            None => Err(auto.nothing()),
        }
    }
}

/// Which variable holds the signing key is known only when the configuration is read, and that takes git to find the
/// repository. A key has several lines, and git needs no variable that has.
pub(super) fn of_several_lines(surroundings: &Surroundings) -> Vec<String> {
    let several = |(name, value): &(std::ffi::OsString, std::ffi::OsString)| {
        let name = name.to_string_lossy().into_owned();
        value.to_string_lossy().contains('\n').then_some(name)
    };
    surroundings.env.iter().filter_map(several).collect()
}

/// `parser 1.2.0`.
fn shown(part: &places::Part) -> String {
    match &part.version {
        Some(version) => format!("{} {version}", part.name),
        None => part.name.clone(),
    }
}

fn observer(ui: &Arc<Ui>) -> world::Observer {
    let ui = Arc::clone(ui);
    Arc::new(move |happening| ui.happening(happening))
}

fn parse(text: &str) -> Result<Version> {
    manifest::parse_version(text).map_err(|error| {
        let help = error
            .help
            .clone()
            .unwrap_or_else(|| "write it as SemVer 2.0.0 does, for example 1.0.0-mvp".to_owned());
        usage(&error.to_string(), &help)
    })
}

pub(crate) fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// The door, for what works outside of any repository too.
pub(super) fn world(
    surroundings: &Surroundings,
    ui: &Arc<Ui>,
    interrupt: &Interrupt,
    secrets: Secrets,
    withheld: Vec<String>,
) -> Result<World> {
    Ok(World::new(Setup {
        withheld,
        env: surroundings.env.clone(),
        now_s: surroundings.now_s,
        secrets,
        fuse: surroundings
            .var("LANDFALL_FUSE")
            .map(|text| Fuse::parse(&text))
            .transpose()?,
        effects_log: surroundings.var("LANDFALL_EFFECTS").map(PathBuf::from),
        interrupt: interrupt.clone(),
        observer: Some(observer(ui)),
    }))
}

/// Whether there is a repository around; what git cannot say is left to [`Session::open`].
pub(super) fn in_repository(cli: &Cli, surroundings: &Surroundings, world: &World) -> bool {
    let cwd = surroundings.cwd.clone().unwrap_or_default();
    let start = cwd.join(cli.global.root.as_deref().unwrap_or(Path::new("")));
    if world.which(&cwd, "git").is_none() {
        return false;
    }
    let git = world::git::Git::new(world, &start);
    git.ask(&["rev-parse", "--show-toplevel"])
        .map_or(true, |output| {
            output.ok() || !output.errors().contains("not a git repository")
        })
}

fn find_root(cli: &Cli, surroundings: &Surroundings, world: &World) -> Result<PathBuf> {
    let cwd = surroundings
        .cwd
        .clone()
        .context("the current folder does not exist any more; cd to one that does")?;
    let start = cli
        .global
        .root
        .as_ref()
        .map_or_else(|| cwd.clone(), |dir| cwd.join(dir));
    if !start.is_dir() {
        return Err(usage(
            &format!("no folder {}", start.display()),
            "name the root of a repository, or a folder in it",
        ));
    }
    let git = world::git::Git::new(world, &start);
    let output = git.ask(&["rev-parse", "--show-toplevel"])?;
    if !output.ok() {
        return Err(Refusal::new(
            Kind::CannotAct,
            format!(
                "{} is in no git repository: {}",
                start.display(),
                output.errors()
            ),
            "cd into one, or name it with -C DIR",
        )
        .into());
    }
    Ok(PathBuf::from(output.text()))
}

fn load_config(world: &World, root: &Path, path: &Path, own: &[&str]) -> Result<Config> {
    let Some(text) = world.read_if_exists(&root.join(path))? else {
        if path != Path::new("release.toml") {
            return Err(Refusal::new(
                Kind::CannotAct,
                format!("no file {}", root.join(path).display()),
                "mend --config",
            )
            .into());
        }
        return Ok(Config::default());
    };
    config::parse_knowing(&text, own).map_err(|errors| {
        ConfigErrors {
            path: path.display().to_string(),
            errors,
        }
        .into()
    })
}
