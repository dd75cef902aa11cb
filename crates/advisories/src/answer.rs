//! The answer: what the database says of the packages of a lock file.

use std::path::Path;

use anyhow::{Context, Result, bail};
use rustsec::database::Query;
use rustsec::{Database, Lockfile, Vulnerability};
use serde::Serialize;

const SCHEMA: u32 = 1;

#[derive(Serialize)]
pub(crate) struct Answer {
    schema: u32,
    packages: Packages,
    database: About,
    vulnerabilities: Vec<Advisory>,
    /// Informational advisories: no vulnerability, but something to know.
    warnings: Vec<Advisory>,
}

/// The packages of the lock file.
#[derive(Serialize)]
struct Packages {
    total: usize,
    /// Of the registry that the database is about.
    examined: usize,
    /// From git or from another registry: no advisory is about them, whatever they hold.
    elsewhere: Vec<String>,
}

#[derive(Serialize)]
struct About {
    advisories: usize,
    /// The date of the newest advisory.
    newest: String,
}

#[derive(Serialize)]
struct Advisory {
    package: String,
    version: String,
    id: String,
    title: String,
    date: String,
    kind: Option<String>,
    cvss: Option<String>,
    score: Option<f64>,
    severity: Option<&'static str>,
    patched: Vec<String>,
    aliases: Vec<String>,
    url: Option<String>,
}

pub(crate) fn answer(lockfile: &Path, database: &Path) -> Result<Answer> {
    let lock = Lockfile::load(lockfile)
        .with_context(|| format!("could not read the lock file {}", lockfile.display()))?;
    let db = Database::open(database)
        .with_context(|| format!("could not read the database {}", database.display()))?;
    let advisories = db.iter().count();
    let Some(newest) = db.iter().map(|advisory| advisory.date()).max() else {
        bail!("there is no advisory in {}", database.display());
    };
    // Withdrawn advisories are left out by both.
    let query = Query::crate_scope();
    let list = |query: &Query| -> Vec<Advisory> {
        db.query_vulnerabilities(&lock, query)
            .iter()
            .map(advisory)
            .collect()
    };
    Ok(Answer {
        schema: SCHEMA,
        packages: packages(&lock),
        database: About {
            advisories,
            newest: newest.as_str().to_owned(),
        },
        vulnerabilities: list(&query),
        warnings: list(&query.clone().informational(true)),
    })
}

fn packages(lock: &Lockfile) -> Packages {
    let (mut examined, mut elsewhere) = (0, Vec::new());
    for package in &lock.packages {
        // Without a source it is a package of the repository itself.
        let Some(source) = &package.source else {
            continue;
        };
        if source.is_default_registry() {
            examined += 1;
        } else {
            elsewhere.push(format!("{} {}", package.name, package.version));
        }
    }
    Packages {
        total: lock.packages.len(),
        examined,
        elsewhere,
    }
}

fn advisory(found: &Vulnerability) -> Advisory {
    let about = &found.advisory;
    Advisory {
        package: found.package.name.as_str().to_owned(),
        version: found.package.version.to_string(),
        id: about.id.as_str().to_owned(),
        title: about.title.clone(),
        date: about.date.as_str().to_owned(),
        kind: about
            .informational
            .as_ref()
            .map(|kind| kind.as_str().to_owned()),
        cvss: about.cvss.as_ref().map(ToString::to_string),
        score: about.cvss.as_ref().map(|cvss| cvss.score()),
        severity: about.cvss.as_ref().map(|cvss| cvss.severity().as_str()),
        patched: found
            .versions
            .patched()
            .iter()
            .map(ToString::to_string)
            .collect(),
        aliases: about
            .aliases
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect(),
        url: about
            .url
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| about.id.url()),
    }
}
