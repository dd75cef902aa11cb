//! The command line as types; help, man pages and completions come from here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Carries a repository from "we think it is ready" to released: gates, version, changelog, artifacts, tag, release.
#[derive(Parser, Debug)]
#[command(
    name = "landfall",
    version,
    about,
    disable_help_subcommand = false,
    arg_required_else_help = true
)]
#[command(
    after_help = "Exit codes: 0 done · 1 findings · 2 could not look or act · 3 awaiting approval · 4 conflict · 5 inconclusive · 6 another run holds the lock · 64 usage · 130 interrupted"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Work on the repository that holds this folder
    #[arg(short = 'C', long = "root", global = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Output for people, one JSON event a line, or (plan) a shell script
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// The configuration, relative to the root
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "release.toml"
    )]
    pub(crate) config: PathBuf,
    /// The group of packages that is meant, where the repository has several versions; `version show` lists them
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) group: Option<String>,
    /// Colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Also show every effect and the output of commands
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
    Sh,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Check tools, identity, remote and forge; changes nothing
    Doctor {
        /// Leave out what needs the network
        #[arg(long)]
        offline: bool,
    },
    /// Run gates; without names all of them
    Preflight {
        /// Only these gates
        #[arg(value_name = "GATE")]
        gates: Vec<String>,
        /// Leave a gate out, with a record of it
        #[arg(long, value_name = "GATE")]
        skip: Vec<String>,
        /// Only gates that answer at once
        #[arg(long)]
        quick: bool,
        /// Every gate looks, whatever passed before
        #[arg(long)]
        no_cache: bool,
        /// Say of each gate why it looked or did not
        #[arg(long)]
        explain: bool,
        /// Only gates that look at something which differs from this commit
        #[arg(long, value_name = "REV")]
        base: Option<String>,
        /// Only this part of the gates, for one of several machines: 2/3; `merge` joins the results
        #[arg(long, value_name = "I/N")]
        shard: Option<gates::Shard>,
        /// Output of an earlier `preflight --format json`, to balance the parts by; the same on every machine
        #[arg(long, value_name = "FILE", requires = "shard")]
        durations: Option<PathBuf>,
        /// Slow gates side by side
        #[arg(long, value_name = "N")]
        jobs: Option<usize>,
        #[command(flatten)]
        reports: ReportFiles,
    },
    /// Join what `preflight --format json` said on several machines into one verdict
    Merge {
        /// The outputs, one file a machine
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        reports: ReportFiles,
    },
    /// List the gates: name, cost, what each asks, its last verdict
    Gates,
    /// Show, check or set the version
    #[command(subcommand)]
    Version(VersionCommand),
    /// Write, show or check the changelog
    #[command(subcommand)]
    Changelog(ChangelogCommand),
    /// Build or verify the artifacts of a version
    #[command(subcommand)]
    Artifacts(ArtifactsCommand),
    /// Print all effects in order, with the point of no return; touches nothing
    Plan {
        /// A version, or a level as in `version bump`
        #[arg(value_name = "X")]
        version: String,
    },
    /// Release a version, or go on with it
    Release {
        /// A version, or a level as in `version bump`
        #[arg(value_name = "X")]
        version: String,
        /// The same, in a scratch clone with a scratch remote and forge (target/rehearsal)
        #[arg(long)]
        rehearse: bool,
        /// Approve whatever candidate comes out
        #[arg(long, conflicts_with = "approve")]
        yes: bool,
        /// Approve the candidate with this digest and no other
        #[arg(long, value_name = "DIGEST")]
        approve: Option<String>,
        /// Stop after this stage
        #[arg(long, value_enum, default_value_t = Until::Promoted)]
        until: Until,
        /// Leave a gate out, with a record of it
        #[arg(long, value_name = "GATE")]
        skip: Vec<String>,
        /// Gates side by side
        #[arg(long, value_name = "N")]
        jobs: Option<usize>,
    },
    /// Where a release stands, and the one next command
    Status {
        #[arg(value_name = "X")]
        version: String,
    },
    /// Erase what is staged; refused once anything is public
    Abort {
        #[arg(value_name = "X")]
        version: String,
    },
    /// Let a gate fail for a time: record who says so, why, and until when, in the configuration
    Waive(Waive),
    /// Print shell completions
    Completions { shell: clap_complete::Shell },
    /// Print a man page: of the whole, or of one command
    Man {
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
    /// Print the JSON schema of release.toml
    Schema,
}

impl Command {
    /// How a command that speaks of one version is typed; `None`: it has no version, or speaks of all of them.
    pub(crate) fn of_one_version(&self) -> Option<String> {
        let typed = match self {
            Command::Version(VersionCommand::Set { version, .. }) => {
                format!("version set {version}")
            }
            Command::Version(VersionCommand::Bump { level, .. }) => {
                let level = level.to_possible_value()?;
                format!("version bump {}", level.get_name())
            }
            Command::Changelog(ChangelogCommand::Write { version, .. }) => {
                format!("changelog write {version}")
            }
            Command::Changelog(ChangelogCommand::Show { version, .. }) => {
                format!("changelog show {}", version.as_ref()?)
            }
            Command::Changelog(ChangelogCommand::Notes { version }) => {
                format!("changelog notes {version}")
            }
            Command::Changelog(ChangelogCommand::Check) => "changelog check".to_owned(),
            Command::Artifacts(ArtifactsCommand::Build { version, .. }) => {
                format!("artifacts build {version}")
            }
            Command::Artifacts(ArtifactsCommand::Verify(asked)) => {
                // Anything else is a folder.
                let version = semver::Version::parse(&asked.what).ok()?;
                format!("artifacts verify {version}")
            }
            Command::Plan { version } => format!("plan {version}"),
            Command::Release { version, .. } => format!("release {version}"),
            Command::Status { version } => format!("status {version}"),
            Command::Abort { version } => format!("abort {version}"),
            _ => return None,
        };
        Some(typed)
    }
}

#[derive(Args, Debug)]
pub(crate) struct Waive {
    /// One of `gates`
    #[arg(value_name = "GATE")]
    pub(crate) gate: String,
    /// Why the release may go on without it
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who answers for it
    #[arg(long, value_name = "WHO")]
    pub(crate) owner: String,
    /// The last day on which it holds, YYYY-MM-DD, at most a year from now
    #[arg(long, value_name = "DATE")]
    pub(crate) until: String,
    /// Show the change and write nothing
    #[arg(long)]
    pub(crate) print: bool,
}

/// The verdict as other programs read it.
#[derive(Args, Debug)]
pub(crate) struct ReportFiles {
    /// Also write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Also write a SARIF log
    #[arg(long, value_name = "FILE")]
    pub(crate) sarif: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum VersionCommand {
    /// Print the current version and where it stands
    Show,
    /// Whether every declared place carries the same version
    Check,
    /// Write a version to every declared place, all or none
    Set {
        #[arg(value_name = "X")]
        version: String,
        /// Show the change and write nothing
        #[arg(long)]
        print: bool,
    },
    /// Raise the version by a level
    Bump {
        #[arg(value_enum)]
        level: Level,
        /// With `auto`: a pre-release with this label, `rc` for 1.3.0-rc.1
        #[arg(long, value_name = "LABEL", conflicts_with = "release")]
        pre: Option<String>,
        /// With `auto`: a release, also after a pre-release
        #[arg(long)]
        release: bool,
        /// Show the change and write nothing
        #[arg(long)]
        print: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// 1.2.3 → 2.0.0
    Major,
    /// 1.2.3 → 1.3.0
    Minor,
    /// 1.2.3 → 1.2.4
    Patch,
    /// 1.2.3-rc.1 → 1.2.3-rc.2
    Pre,
    /// 1.2.3-rc.2 → 1.2.3
    Release,
    /// What the commits since the last release ask for
    Auto,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ChangelogCommand {
    /// Write the section of a version as a draft: edit it, write it again, and what you wrote stays
    Write {
        #[arg(value_name = "X")]
        version: String,
        /// As a release writes it: without the line by which a draft is known
        #[arg(long = "final")]
        is_final: bool,
        /// Write it anew even if there is one; edits made by hand are lost
        #[arg(long)]
        replace: bool,
    },
    /// Print what is generated, without what stands in the changelog; or the changelog of the whole history
    Show {
        #[arg(value_name = "X", required_unless_present = "all")]
        version: Option<String>,
        /// Every release there is, as the configuration of git-cliff makes them
        #[arg(long, conflicts_with = "version")]
        all: bool,
    },
    /// Print exactly one version's section
    Notes {
        #[arg(value_name = "X")]
        version: String,
    },
    /// Headings, dates, order, links, and sections against tags
    Check,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ArtifactsCommand {
    /// Prepare the candidate and its artifacts; publishes nothing
    Build {
        #[arg(value_name = "X")]
        version: String,
        /// Leave a gate out, with a record of it
        #[arg(long, value_name = "GATE")]
        skip: Vec<String>,
    },
    /// Whether files are the release that they are said to be: sums, signature, statements, source, tag
    Verify(Verify),
}

#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// A folder, with or without a repository around; or a version that was prepared here or released
    #[arg(value_name = "DIR|X")]
    pub(crate) what: String,
    /// Also compare with what the forge serves, and with the tag of the remote
    #[arg(long)]
    pub(crate) remote: bool,
    /// Also build everything again from the tag, in a scratch worktree, and compare
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// Who may sign, in place of what release.toml says: allowed signers, minisign keys, or exported keys
    #[arg(long, value_name = "FILE")]
    pub(crate) signers: Option<PathBuf>,
    /// The tag that the files are said to be of
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Until {
    Staged,
    Public,
    Live,
    Promoted,
}
