//! Whether a deployment is as it has to be: a function of the environment, so that the gate `staging` and the look at a
//! later stage ask the same questions.
//!
//! A thing that is not there or is set wrongly is an error. Whatever kept us from seeing it (no credentials, no
//! permission, no network) is unknown, by the name of what was not seen.

mod aws;
mod http;
mod names;
mod refusal;

use anyhow::Result;
use config::{HttpCheck, StagingGate};
use serde_json::json;

use crate::side_by_side::side_by_side;
use crate::{Cx, Findings};
use names::Names;

/// Each `aws` is a Python of its own: more at a time would only wait for each other.
const AT_A_TIME: usize = 4;

/// Something that has to be there.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Table(String),
    /// Names, and whether each has to be a `SecureString`; one question for up to [`aws::MOST_PARAMETERS`].
    Parameters(Vec<(String, bool)>),
    Bucket(String),
    Key(String),
    /// One question for all of them.
    Dashboards(Vec<String>),
    Topic(String),
    Http(HttpCheck),
}

/// What was seen of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// `table pm-staging`.
    pub(crate) what: String,
    pub(crate) state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// In words, for the evidence.
    Good(String),
    /// It works, but somebody should know. What is wrong, and what to do.
    Odd(String, &'static str),
    /// What is wrong, and what to do.
    Bad(String, &'static str),
    /// Why it could not be seen.
    Unknown(String),
}

/// Whether anything is asked of a deployment at all.
pub fn is_configured(settings: &StagingGate) -> bool {
    !settings.http.is_empty()
        || [
            &settings.tables,
            &settings.parameters,
            &settings.secure_parameters,
            &settings.buckets,
            &settings.keys,
            &settings.dashboards,
            &settings.topics,
        ]
        .iter()
        .any(|list| !list.is_empty())
}

/// Asks everything that `settings` say of the deployment `environment`.
///
/// # Errors
/// When nothing at all could be asked; what could not be seen of single things is in the findings.
pub fn examine(
    cx: &Cx,
    settings: &StagingGate,
    environment: &str,
    findings: &mut Findings,
) -> Result<()> {
    findings.evidence("environment", environment);
    let names = Names::read(cx, settings, environment, findings)?;
    let (web, cloud) = asks(settings, &names, findings);
    let mut seen = aws::examine(cx, settings, &names, &cloud, findings)?;
    seen.extend(side_by_side(&web, AT_A_TIME, |check| http::ask(cx, check)));
    list(&seen, findings);
    Ok(())
}

/// All that is to be asked, with its names filled in: of the web, and of AWS.
fn asks(
    settings: &StagingGate,
    names: &Names,
    findings: &mut Findings,
) -> (Vec<HttpCheck>, Vec<Ask>) {
    let mut web = Vec::new();
    for check in &settings.http {
        let url = |url| HttpCheck {
            url,
            ..check.clone()
        };
        web.extend(
            names
                .fill("http", &check.url, findings)
                .into_iter()
                .map(url),
        );
    }
    let mut all = |kind: &str, list: &[String]| -> Vec<String> {
        list.iter()
            .flat_map(|template| names.fill(kind, template, findings))
            .collect()
    };
    let mut cloud: Vec<Ask> = Vec::new();
    cloud.extend(all("table", &settings.tables).into_iter().map(Ask::Table));
    cloud.extend(
        all("bucket", &settings.buckets)
            .into_iter()
            .map(Ask::Bucket),
    );
    cloud.extend(all("key", &settings.keys).into_iter().map(Ask::Key));
    cloud.extend(all("topic", &settings.topics).into_iter().map(Ask::Topic));
    let mut parameters: Vec<(String, bool)> = Vec::new();
    for (list, secure) in [
        (&settings.parameters, false),
        (&settings.secure_parameters, true),
    ] {
        let names = all("parameter", list);
        parameters.extend(names.into_iter().map(|name| (name, secure)));
    }
    let parts = parameters.chunks(aws::MOST_PARAMETERS);
    cloud.extend(parts.map(|part| Ask::Parameters(part.to_vec())));
    let dashboards = all("dashboard", &settings.dashboards);
    if !dashboards.is_empty() {
        cloud.push(Ask::Dashboards(dashboards));
    }
    (web, cloud)
}

impl Ask {
    /// What it is about, one text for each thing.
    pub(crate) fn what(&self) -> Vec<String> {
        match self {
            Ask::Table(name) => vec![format!("table {name}")],
            Ask::Bucket(name) => vec![format!("bucket {name}")],
            Ask::Key(name) => vec![format!("key {name}")],
            Ask::Topic(name) => vec![format!("topic {name}")],
            Ask::Http(check) => vec![check.url.clone()],
            Ask::Parameters(list) => list
                .iter()
                .map(|(name, _)| format!("parameter {name}"))
                .collect(),
            Ask::Dashboards(list) => list
                .iter()
                .map(|name| format!("dashboard {name}"))
                .collect(),
        }
    }

    /// The same state for everything it is about.
    pub(crate) fn all(&self, state: &State) -> Vec<Seen> {
        let seen = |what| Seen {
            what,
            state: state.clone(),
        };
        self.what().into_iter().map(seen).collect()
    }
}

/// One line of evidence for each thing, and what is wrong as findings.
fn list(seen: &[Seen], findings: &mut Findings) {
    let mut lines = Vec::new();
    for Seen { what, state } in seen {
        let (verdict, text) = match state {
            State::Good(text) => ("pass", text),
            State::Odd(text, help) => {
                findings.warning(format!("{what} {text}")).help(*help);
                ("warn", text)
            }
            State::Bad(text, help) => {
                findings.error(format!("{what} {text}")).help(*help);
                ("fail", text)
            }
            State::Unknown(text) => ("unknown", text),
        };
        findings.examined(usize::from(verdict != "unknown"));
        lines.push(json!({ "check": what, "verdict": verdict, "seen": text }));
    }
    // The same reason for many things is said once.
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for Seen { what, state } in seen {
        let State::Unknown(reason) = state else {
            continue;
        };
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, whats)) => whats.push(what),
            None => reasons.push((reason, vec![what])),
        }
    }
    for (reason, whats) in reasons {
        findings.unknown(format!("not seen: {}: {reason}", whats.join(", ")));
    }
    findings.evidence("checks", lines);
}
