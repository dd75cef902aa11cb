//! The next version from the commits since the release before, and why: `auto` where a version is asked for.

use anyhow::Result;
use gates::tags::Tags;
use semver::Version;
use world::git::Git;

use crate::bump::{self, Ask, Ground, Need};
use crate::notes::{self, Ruling};
use crate::{Cx, Kind, Refusal, history};

/// What came out, and all that it was worked out from.
#[derive(Debug)]
pub struct Auto {
    /// `None`: there is nothing to release.
    pub version: Option<Version>,
    /// The tag since which the commits ask; `None`: nothing was released yet.
    pub since: Option<String>,
    /// The last tag of any kind, where that is a pre-release.
    pub last_pre: Option<String>,
    /// What all of them together ask for.
    pub need: Need,
    /// One for each commit since `since`, newest first.
    pub reasons: Vec<Reason>,
}

/// What one commit asks for.
#[derive(Debug)]
pub struct Reason {
    pub id: String,
    pub subject: String,
    pub need: Need,
    pub why: String,
    /// It follows no convention, so that nobody can tell what it asks for.
    pub untold: bool,
}

/// Works out the version after `current`; `ask` says which kind is wanted.
///
/// # Errors
/// When git or the notes program cannot tell, and when no commit says what it asks for.
pub fn auto(cx: &Cx, current: &Version, ask: &Ask) -> Result<Auto> {
    let git = cx.git();
    let head = git.head()?;
    let latest = history::previous_tag(cx, &git, &head, None)?;
    let tags = Tags::of(&cx.world, &cx.root, &cx.config)?;
    let released = match &latest {
        Some(tag)
            if tags
                .version(tag)
                .is_some_and(|version| version.pre.is_empty()) =>
        {
            latest.clone()
        }
        Some(_) => tags
            .nearest_that(&git, &head, None, |version| version.pre.is_empty())?
            .map(|(tag, _)| tag),
        None => None,
    };
    let reasons = reasons(cx, &git, released.as_deref(), &head)?;
    let need = most(&reasons);
    let last_pre = latest.clone().filter(|_| latest != released);
    let fresh = match &last_pre {
        // Asked anew: what takes back a part of the pre-release is a change since then.
        Some(tag) => most(&self::reasons(cx, &git, Some(tag), &head)?),
        None => need,
    };
    let version_of = |tag: &Option<String>| tag.as_deref().and_then(|tag| tags.version(tag));
    let ground = Ground {
        current: current.clone(),
        released: version_of(&released),
        latest: version_of(&latest),
        need,
        fresh: fresh > Need::Nothing,
    };
    let auto = Auto {
        version: bump::next(&ground, ask)?,
        since: released,
        last_pre,
        need,
        reasons,
    };
    if auto.version.is_none()
        && let Some(error) = auto.untold()
    {
        return Err(error);
    }
    Ok(auto)
}

fn most(reasons: &[Reason]) -> Need {
    let needs = reasons.iter().map(|reason| reason.need);
    needs.max().unwrap_or(Need::Nothing)
}

fn reasons(cx: &Cx, git: &Git, since: Option<&str>, head: &str) -> Result<Vec<Reason>> {
    let changelog = &cx.config.changelog;
    let commits = history::commits(git, changelog, since, head)?;
    if commits.is_empty() {
        return Ok(Vec::new());
    }
    history::say_guessed(cx, &commits);
    let request = notes::Rulings {
        schema: notes::SCHEMA,
        rules: changelog.into(),
        commits: &commits,
    };
    let ruled = notes::rulings(cx, &request)?;
    Ok(ruled.rulings.into_iter().map(reason).collect())
}

/// What the changelog lists is what asks for a release.
fn reason(ruling: Ruling) -> Reason {
    let (need, why) = match (&ruling.reason, &ruling.group) {
        (Some(reason), _) => (Need::Nothing, reason.clone()),
        (None, _) if ruling.unknown => (
            Need::Nothing,
            "in no conventional form: nothing can be told".to_owned(),
        ),
        (None, _) if ruling.breaking => (Need::Major, "breaking".to_owned()),
        (None, Some(group)) => {
            let need = match group.as_str() {
                "Added" | "Deprecated" | "Removed" => Need::Minor,
                _ => Need::Patch,
            };
            (need, group.clone())
        }
        (None, None) => (Need::Nothing, "not listed".to_owned()),
    };
    Reason {
        id: ruling.id,
        subject: ruling.subject,
        need,
        why,
        untold: ruling.unknown,
    }
}

impl Auto {
    /// `since v1.2.3: 4 commits, 3 of them …`
    pub fn summary(&self) -> String {
        let since = self.since.as_deref().map_or_else(
            || "in all of the history".to_owned(),
            |tag| format!("since {tag}"),
        );
        let notable = self
            .reasons
            .iter()
            .filter(|reason| reason.need > Need::Nothing)
            .count();
        format!(
            "{} {since}, {notable} of them notable",
            commits(self.reasons.len())
        )
    }

    /// The commits of each level, the strongest level first, else newest first.
    pub fn by_need(&self) -> Vec<&Reason> {
        let mut reasons: Vec<&Reason> = self.reasons.iter().collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.need));
        reasons
    }

    /// That nothing can be said is not that there is nothing.
    fn untold(&self) -> Option<anyhow::Error> {
        let untold = self.reasons.iter().filter(|reason| reason.untold).count();
        let last = self.last_pre.as_ref().or(self.since.as_ref())?;
        (untold > 0 && self.need == Need::Nothing).then(|| {
            Refusal::new(
                Kind::Findings,
                format!(
                    "cannot tell the level: {} since {last}, of which {untold} in no conventional form, and no other asks for a release",
                    commits(self.reasons.len())
                ),
                "say it yourself: cargo xtask version bump patch (or minor, or major)",
            )
            .into()
        })
    }

    /// The refusal where there is nothing to release.
    pub fn nothing(&self) -> anyhow::Error {
        let last = self.last_pre.as_ref().or(self.since.as_ref());
        let last = last.map_or("the beginning", String::as_str);
        let graduate = if self.last_pre.is_some() {
            "to make the pre-release a release: cargo xtask version bump auto --release"
        } else {
            "to release all the same, name a level: cargo xtask version bump patch"
        };
        Refusal::new(
            Kind::Findings,
            format!("nothing to release since {last}: {}", self.summary()),
            graduate,
        )
        .into()
    }
}

fn commits(count: usize) -> String {
    match count {
        1 => "1 commit".to_owned(),
        count => format!("{count} commits"),
    }
}
