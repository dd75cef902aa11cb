//! Helm's `Chart.yaml`: the version of the chart, that of the application in it, and what it requires of charts beside it.
//!
//! `appVersion` is free text, and often that of somebody else's program. Without being told, it follows where it is the
//! chart's version; where the two differ, a person names the one that is ours (`names = ["appVersion"]`).
//! Without quotes `appVersion: 1.10` is the number 1.1 to YAML; three numbers are a text with and without quotes.

use std::path::Path;

use semver::Version;

use super::{Format, is_named};
use crate::declared::{Declared, Seen, Wanted, names};
use crate::edit::{Sighting, Spot, apply, found};
use crate::npm::key;
use crate::requirement::full;
use crate::yaml::{Kind, Node, parse};
use crate::{Change, Edited, Error, Found, npm};

pub(super) const FORMAT: Format = Format {
    name: "helm_chart",
    about: "Chart.yaml: its version, `appVersion` where it is the same, and its requirements on charts of this repository",
    owns,
    read,
    set,
};

pub(super) const DECLARED: Declared = Declared {
    name: "helm_chart",
    about: "Helm: keys of Chart.yaml or values.yaml (names: `version`, `appVersion`; `image.tag`)",
    subject: "key",
    read: read_named,
};

const USUAL: [&str; 2] = ["version", "appVersion"];

fn owns(path: &Path) -> bool {
    is_named(path, &["Chart.yaml"])
}

/// The version, and `appVersion` where it is the same; none where the chart has none.
///
/// # Errors
/// When the text is not one YAML mapping, or a version is no scalar on one line, or stands there twice.
pub fn read(text: &str) -> Result<Vec<Found>, Error> {
    let sighting = |(what, seen): (&str, Bare)| Sighting {
        offset: seen.offset,
        what: what.to_owned(),
        version: seen.version.to_owned(),
    };
    let own = own(text, &chart(text)?)?;
    Ok(found(text, own.into_iter().map(sighting).collect()))
}

/// The name of the chart, to be gathered for [`Change::packages`].
///
/// # Errors
/// As [`read`], for the name.
pub fn name(text: &str) -> Result<Option<String>, Error> {
    let chart = chart(text)?;
    let name = chart.get(text, "name")?.and_then(Node::text);
    Ok(name.map(str::to_owned))
}

/// Sets what [`read`] finds, and the requirements on charts of the change that come from beside this one
/// (`repository: file://…`, or none for a chart in `charts/`).
///
/// # Errors
/// As [`read`], also for the dependencies.
pub fn set(text: &str, change: &Change) -> Result<Edited, Error> {
    edit(text, change, true)
}

/// Sets the requirements alone: for a chart that depends on the change and keeps its own version.
///
/// # Errors
/// As [`set`].
pub fn follow(text: &str, change: &Change) -> Result<Edited, Error> {
    edit(text, change, false)
}

fn edit(text: &str, change: &Change, with_own: bool) -> Result<Edited, Error> {
    let chart = chart(text)?;
    let mut spots = Vec::new();
    for (what, bare) in own(text, &chart)?.into_iter().filter(|_| with_own) {
        spots.push(Spot {
            span: bare.offset..bare.offset + bare.version.len(),
            what: what.to_owned(),
            new: change.version.to_string(),
        });
    }
    let dependencies = chart
        .get(text, "dependencies")?
        .map_or(&[][..], Node::sequence);
    for dependency in dependencies {
        spots.extend(requirement(text, dependency, change)?);
    }
    Ok(apply(text, spots))
}

fn chart(text: &str) -> Result<Node, Error> {
    let root = parse(text)?;
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    root.filter(|root| matches!(root.kind, Kind::Mapping(_)))
        .ok_or_else(|| {
            Error::at(
                text,
                start,
                "the top of this file is not a mapping: it should hold lines such as `version: 1.2.3`",
            )
        })
}

/// A version without a leading `v`, as it is written.
struct Bare<'t> {
    offset: usize,
    version: &'t str,
}

fn own<'t>(text: &'t str, chart: &Node) -> Result<Vec<(&'static str, Bare<'t>)>, Error> {
    let Some(version) = chart.get(text, "version")? else {
        return Ok(Vec::new());
    };
    let version = bare(text, version, "version")?;
    let mut all = Vec::new();
    if let Some(app) = chart.get(text, "appVersion")?
        && matches!(app.kind, Kind::Scalar { .. })
        && !app.is_null()
    {
        let app = bare(text, app, "appVersion")?;
        if app.version == version.version {
            all.push(("appVersion", app));
        }
    }
    all.insert(0, ("version", version));
    Ok(all)
}

fn bare<'t>(text: &'t str, node: &Node, what: &str) -> Result<Bare<'t>, Error> {
    let refuse = |message: String| {
        let error = Error::at(text, node.span.start, message);
        Err(error.help("write the version itself, on the line of its key"))
    };
    match &node.kind {
        Kind::Scalar { .. } if node.is_null() => refuse(format!("`{what}` is empty")),
        Kind::Scalar { .. } => {
            let written = &text[node.span.clone()];
            let version = written.strip_prefix(['v', 'V']).unwrap_or(written);
            Ok(Bare {
                offset: node.span.end - version.len(),
                version,
            })
        }
        Kind::Block => refuse(format!("`{what}` is a text of several lines")),
        Kind::Alias => refuse(format!(
            "`{what}` is an alias, and its anchor stands elsewhere"
        )),
        Kind::Sequence(_) => refuse(format!("`{what}` is a list")),
        Kind::Mapping(_) => refuse(format!("`{what}` is a mapping")),
    }
}

/// What changes in one dependency.
fn requirement(text: &str, dependency: &Node, change: &Change) -> Result<Option<Spot>, Error> {
    let of = |key| -> Result<Option<&str>, Error> {
        Ok(dependency.get(text, key)?.and_then(Node::text))
    };
    let Some(name) = of("name")?.filter(|name| change.packages.contains(*name)) else {
        return Ok(None);
    };
    let beside = of("repository")?
        .is_none_or(|repository| repository.is_empty() || repository.starts_with("file://"));
    let Some(node) = dependency.get(text, "version")?.filter(|_| beside) else {
        return Ok(None);
    };
    // What an alias says is set where its anchor stands.
    if matches!(node.kind, Kind::Alias) || node.is_null() {
        return Ok(None);
    }
    let what = format!("dependencies.{}.version", key(name));
    let written = bare(text, node, &what)?;
    let new = range(written.version, change.version).map_err(|reason| {
        let message = format!("{what}: `{}`: {reason}", written.version);
        Error::at(text, written.offset, message)
    })?;
    Ok(new.map(|new| Spot {
        span: written.offset..written.offset + written.version.len(),
        what,
        new,
    }))
}

/// What a range becomes, `None` where it stays. Helm's ranges are npm's, with a comma where npm has a blank
/// (Masterminds/semver), except that `*` takes no pre-release.
fn range(old: &str, version: &Version) -> Result<Option<String>, String> {
    let any = matches!(old.trim(), "*" | "x" | "X");
    if any && !version.pre.is_empty() {
        return Ok(Some(full(version)));
    }
    npm::range(&old.replace(',', " "), version)
}

/// The named keys; a name with dots goes into mappings.
fn read_named(text: &str, wanted: &Wanted) -> Result<Vec<Seen>, Error> {
    let chart = chart(text)?;
    let mut seen = Vec::new();
    for name in names(wanted, &USUAL) {
        walk(text, &chart, "", name, &mut seen)?;
    }
    Ok(seen)
}

fn walk(
    text: &str,
    mapping: &Node,
    prefix: &str,
    name: &str,
    seen: &mut Vec<Seen>,
) -> Result<(), Error> {
    for (key_node, value) in mapping.mapping() {
        let Some(first) = key_node.text() else {
            continue;
        };
        let path = format!("{prefix}{}", key(first));
        if first == name {
            mapping.get(text, first)?;
            seen.push(judge(text, value, path));
        } else if let Some(rest) = name
            .strip_prefix(first)
            .and_then(|rest| rest.strip_prefix('.'))
        {
            mapping.get(text, first)?;
            walk(text, value, &format!("{path}."), rest, seen)?;
        }
    }
    Ok(())
}

fn judge(text: &str, value: &Node, what: String) -> Seen {
    let span = value.span.clone();
    let why = match &value.kind {
        Kind::Scalar { .. } if value.is_null() => "it is empty",
        Kind::Scalar { text: says, .. } if text[span.clone()] == **says => {
            return Seen::text(text, span, what);
        }
        Kind::Scalar { .. } => "it is written with escapes",
        Kind::Block => "it is a text of several lines",
        Kind::Alias => "it is an alias, and its anchor stands elsewhere",
        Kind::Sequence(_) => "it is a list",
        Kind::Mapping(_) => "it is a mapping",
    };
    Seen::left(span, what, why)
}
