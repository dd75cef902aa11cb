//! Where a build ran, as far as the environment says. Everybody can set an environment, so nothing here raises a level:
//! the statement carries what was seen, and only what the platform signs itself is worth more.

use std::collections::BTreeMap;

use archive::statement::{Builder, LEVEL, LOCAL_BUILDER, Level};
use world::World;

const LOCAL: &str = "built on the machine of whoever releases, and stated by the same program: only the signature of \
    that person vouches for it; level 2 needs a hosted platform that signs";
const HOSTED: &str = "stated by a step of the workflow, which could have stated anything else: level 2 is what the \
    platform attests itself, see `gh attestation verify`";
const SELF_HOSTED: &str = "stated by a step of the workflow, on a machine that is not the platform's: level 2 needs a \
    runner of the platform, and what the platform attests itself";

/// What is recorded of the environment, in GitHub Actions and where something claims to be it.
const SEEN: &[&str] = &[
    "CI",
    "GITHUB_ACTIONS",
    "GITHUB_EVENT_NAME",
    "GITHUB_REPOSITORY",
    "GITHUB_REPOSITORY_ID",
    "GITHUB_REPOSITORY_OWNER_ID",
    "GITHUB_RUN_ATTEMPT",
    "GITHUB_RUN_ID",
    "GITHUB_SERVER_URL",
    "GITHUB_WORKFLOW_REF",
    "RUNNER_ENVIRONMENT",
];

pub(super) struct Platform {
    pub(super) builder: Builder,
    /// The address of the run.
    pub(super) run: Option<String>,
    /// Of the run, under the names that GitHub's build type has for them.
    pub(super) github: BTreeMap<String, String>,
}

impl Platform {
    pub(super) fn of(world: &World) -> Platform {
        Platform::told(|name| {
            let value = world.env(name)?.to_str()?;
            Some(world.redact(value))
        })
    }

    fn told(env: impl Fn(&str) -> Option<String>) -> Platform {
        let mut seen: BTreeMap<String, String> = SEEN
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), env(name)?)))
            .collect();
        let local = |reason: String, seen| Platform {
            builder: builder(LOCAL_BUILDER.to_owned(), reason, seen),
            run: None,
            github: BTreeMap::new(),
        };
        if seen
            .get("GITHUB_ACTIONS")
            .is_none_or(|value| value != "true")
        {
            seen.retain(|name, _| name == "CI" || name == "GITHUB_ACTIONS");
            return local(LOCAL.to_owned(), seen);
        }
        match github(&seen) {
            Ok(platform) => platform,
            Err(flaw) => local(
                format!("taken for a local build, for GITHUB_ACTIONS is true and {flaw}; {LOCAL}"),
                seen,
            ),
        }
    }
}

fn builder(id: String, reason: String, seen: BTreeMap<String, String>) -> Builder {
    Builder {
        id,
        landfall_level: Level {
            claimed: LEVEL.to_owned(),
            reason,
            seen,
        },
    }
}

/// A run of a workflow; `Err`: what is missing or odd.
fn github(seen: &BTreeMap<String, String>) -> Result<Platform, String> {
    let sound = |name: &str, fits: fn(&str) -> bool| match seen.get(name) {
        Some(value) if fits(value) => Ok(value.as_str()),
        Some(value) => Err(format!("{name} is `{}`", value.escape_debug())),
        None => Err(format!("{name} is not set")),
    };
    let server = sound("GITHUB_SERVER_URL", is_server)?;
    let repository = sound("GITHUB_REPOSITORY", is_repository)?;
    let workflow = sound("GITHUB_WORKFLOW_REF", is_workflow)?;
    let run = sound("GITHUB_RUN_ID", is_number)?;
    let attempt = sound("GITHUB_RUN_ATTEMPT", is_number)?;
    let runner = sound("RUNNER_ENVIRONMENT", |value| {
        ["github-hosted", "self-hosted"].contains(&value)
    })?;
    let reason = match runner {
        "github-hosted" => HOSTED,
        _ => SELF_HOSTED,
    };
    let github = [
        ("event_name", "GITHUB_EVENT_NAME"),
        ("repository", "GITHUB_REPOSITORY"),
        ("repository_id", "GITHUB_REPOSITORY_ID"),
        ("repository_owner_id", "GITHUB_REPOSITORY_OWNER_ID"),
        ("runner_environment", "RUNNER_ENVIRONMENT"),
    ];
    Ok(Platform {
        builder: builder(
            format!("{server}/{workflow}"),
            reason.to_owned(),
            seen.clone(),
        ),
        run: Some(format!(
            "{server}/{repository}/actions/runs/{run}/attempts/{attempt}"
        )),
        github: github
            .into_iter()
            .filter_map(|(key, name)| Some((key.to_owned(), seen.get(name)?.clone())))
            .collect(),
    })
}

/// `https://` and a host, which an enterprise server has its own of.
fn is_server(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b".-:".contains(&c);
    text.strip_prefix("https://")
        .is_some_and(|host| !host.is_empty() && host.bytes().all(plain))
}

/// `OWNER/NAME`
fn is_repository(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c))
    };
    text.split_once('/')
        .is_some_and(|(owner, name)| plain(owner) && plain(name))
}

/// `OWNER/NAME/.github/workflows/FILE@refs/…`
fn is_workflow(text: &str) -> bool {
    let plain = |c: char| !c.is_control() && !c.is_whitespace();
    let parts = text
        .split_once("/.github/workflows/")
        .and_then(|(repository, rest)| Some((repository, rest.split_once('@')?)));
    parts.is_some_and(|(repository, (file, reference))| {
        is_repository(repository)
            && (file.ends_with(".yml") || file.ends_with(".yaml"))
            && reference.starts_with("refs/")
            && text.chars().all(plain)
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use archive::statement::{LEVEL, LOCAL_BUILDER};

    use super::Platform;

    const RUN: &[(&str, &str)] = &[
        ("CI", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_REPOSITORY", "team/app"),
        ("GITHUB_RUN_ATTEMPT", "2"),
        ("GITHUB_RUN_ID", "4425592351"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        (
            "GITHUB_WORKFLOW_REF",
            "team/app/.github/workflows/release.yml@refs/tags/v1.0.0",
        ),
        ("RUNNER_ENVIRONMENT", "github-hosted"),
    ];

    /// The platform of [`RUN`], with one variable set to another value or taken away.
    fn with(name: &str, value: Option<&str>) -> Platform {
        Platform::told(|asked| {
            if asked == name {
                return value.map(str::to_owned);
            }
            let found = RUN.iter().find(|(known, _)| *known == asked)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn a_run_of_a_workflow() {
        let platform = with("", None);
        assert_eq!(
            platform.builder.id,
            "https://github.com/team/app/.github/workflows/release.yml@refs/tags/v1.0.0"
        );
        assert_eq!(
            platform.run.unwrap(),
            "https://github.com/team/app/actions/runs/4425592351/attempts/2"
        );
        assert_eq!(platform.github["runner_environment"], "github-hosted");
        let level = platform.builder.landfall_level;
        assert_eq!(level.claimed, LEVEL);
        assert!(level.reason.contains("gh attestation verify"));
        assert_eq!(level.seen.len(), RUN.len());
        let own = with("RUNNER_ENVIRONMENT", Some("self-hosted"));
        let level = own.builder.landfall_level;
        assert_eq!(level.claimed, LEVEL);
        assert!(
            level.reason.contains("not the platform's"),
            "{}",
            level.reason
        );
    }

    #[test]
    fn no_platform_is_a_local_build() {
        for (name, value) in [("GITHUB_ACTIONS", None), ("GITHUB_ACTIONS", Some("false"))] {
            let platform = with(name, value);
            assert_eq!(platform.builder.id, LOCAL_BUILDER);
            assert_eq!(platform.run, None);
            assert!(platform.github.is_empty());
            let level = platform.builder.landfall_level;
            assert_eq!(level.claimed, LEVEL);
            assert_eq!(level.seen.get("CI").map(String::as_str), Some("true"));
            assert!(!level.seen.contains_key("GITHUB_RUN_ID"));
        }
    }

    #[test]
    fn an_odd_claim_is_a_local_build_that_says_what_was_seen() {
        for (name, value) in [
            ("GITHUB_SERVER_URL", None),
            ("GITHUB_SERVER_URL", Some("http://github.com")),
            ("GITHUB_SERVER_URL", Some("https://user:pw@github.com")),
            ("GITHUB_REPOSITORY", Some("app")),
            ("GITHUB_REPOSITORY", Some("team/app/x")),
            ("GITHUB_WORKFLOW_REF", None),
            ("GITHUB_WORKFLOW_REF", Some("release.yml")),
            (
                "GITHUB_WORKFLOW_REF",
                Some("team/app/.github/workflows/x.sh@refs/heads/m"),
            ),
            (
                "GITHUB_WORKFLOW_REF",
                Some("team/app/.github/workflows/x.yml@main"),
            ),
            (
                "GITHUB_WORKFLOW_REF",
                Some("team/app/.github/workflows/x y.yml@refs/heads/m"),
            ),
            ("GITHUB_RUN_ID", Some("")),
            ("GITHUB_RUN_ATTEMPT", Some("1/../2")),
            ("RUNNER_ENVIRONMENT", Some("mine")),
        ] {
            let platform = with(name, value);
            assert_eq!(platform.builder.id, LOCAL_BUILDER, "{name} {value:?}");
            assert_eq!(platform.run, None);
            let level = platform.builder.landfall_level;
            assert_eq!(level.claimed, LEVEL);
            assert!(level.reason.contains(name), "{}", level.reason);
            assert_eq!(level.seen.get(name).map(String::as_str), value);
        }
    }
}
