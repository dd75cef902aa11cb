//! in-toto statements (v1): what is said about the assets of a release, each named with its digest.
//!
//! ```text
//! assets ─subjects─▶ Statement { predicate: Provenance | TestResult } ─JSON─▶ payload of an envelope, see `dsse`
//! ```
//!
//! Read strictly, for these statements are ours: one form only, names that forges keep, one SHA-256 each. What the
//! specification lets others add is refused, and a release of a newer landfall has to be read by that one.

mod provenance;
mod resource;
mod test_result;

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use provenance::{
    BUILD_TYPE, BuildDefinition, Builder, External, Internal, LEVEL, LOCAL_BUILDER, Level,
    Metadata, Provenance, RunDetails,
};
pub use resource::Resource;
pub use test_result::{GateResult, GateVerdict, Outcome, TestResult};

use crate::check_asset_name;

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PROVENANCE: &str = "https://slsa.dev/provenance/v1";
const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// Something that is said about assets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The assets, sorted by name.
    pub subjects: Vec<Subject>,
    /// What is said about each of them.
    pub predicate: Predicate,
}

/// An asset that a [`Statement`] is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Name of the file, see [`check_asset_name`].
    pub name: String,
    /// 64 lower-case hex digits.
    pub sha256: String,
}

/// What a [`Statement`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Predicate {
    /// How the assets were made: SLSA provenance v1.
    Provenance(Box<Provenance>),
    /// Which checks the commit passed that they were made from: in-toto test result v0.1.
    TestResult(TestResult),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<P> {
    #[serde(rename = "_type")]
    statement: String,
    subject: Vec<WireSubject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: P,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSubject {
    name: String,
    digest: WireDigest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDigest {
    sha256: String,
}

/// Only what tells which predicate it is.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "_type")]
    statement: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
}

impl Predicate {
    /// The URI of its type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Predicate::Provenance(_) => PROVENANCE,
            Predicate::TestResult(_) => TEST_RESULT,
        }
    }
}

impl Statement {
    /// The JSON, without white space.
    ///
    /// # Errors
    /// What [`Statement::read`] would refuse.
    pub fn write(&self) -> Result<String> {
        self.check()?;
        match &self.predicate {
            Predicate::Provenance(provenance) => self.wire(provenance),
            Predicate::TestResult(result) => self.wire(result),
        }
    }

    fn wire<P: Serialize>(&self, predicate: &P) -> Result<String> {
        let subject = self.subjects.iter().map(|subject| WireSubject {
            name: subject.name.clone(),
            digest: WireDigest {
                sha256: subject.sha256.clone(),
            },
        });
        Ok(serde_json::to_string(&Wire {
            statement: STATEMENT.to_owned(),
            subject: subject.collect(),
            predicate_type: self.predicate.kind().to_owned(),
            predicate,
        })?)
    }

    /// Reads the payload of an envelope.
    ///
    /// # Errors
    /// Says what is in the way: no JSON; another statement or predicate; a key that is unknown, missing or there twice;
    /// no subjects, one that is there twice or out of order, a name that a forge would not keep, a digest that is no
    /// lower-case SHA-256 or not the only one; a predicate that contradicts itself; anything that is written otherwise
    /// than [`Statement::write`] does.
    pub fn read(payload: &[u8]) -> Result<Statement> {
        const HELP: &str = "if a newer landfall wrote it, read it with that one";
        let text = std::str::from_utf8(payload).context("the statement is no UTF-8")?;
        let head: Head = serde_json::from_str(text).context("this is no in-toto statement")?;
        if head.statement != STATEMENT {
            bail!(
                "`_type` is `{}`, expected `{STATEMENT}`; {HELP}",
                head.statement.escape_debug()
            );
        }
        let statement = match head.predicate_type.as_str() {
            PROVENANCE => typed(text, |it| Predicate::Provenance(Box::new(it))),
            TEST_RESULT => typed(text, Predicate::TestResult),
            other => bail!(
                "`predicateType` is `{}`, expected `{PROVENANCE}` or `{TEST_RESULT}`; {HELP}",
                other.escape_debug()
            ),
        };
        let statement = statement.with_context(|| format!("read the statement; {HELP}"))?;
        crate::one_form::check("the statement", text, &statement.write()?)?;
        Ok(statement)
    }

    fn check(&self) -> Result<()> {
        if self.subjects.is_empty() {
            bail!("the statement has no subjects: it is about nothing");
        }
        let mut before: Option<&str> = None;
        for subject in &self.subjects {
            let name = subject.name.as_str();
            check_asset_name(name)?;
            resource::hex(&subject.sha256, &[64])
                .with_context(|| format!("the SHA-256 of the subject `{name}`"))?;
            match before {
                Some(before) if before == name => bail!("the subject `{name}` is there twice"),
                Some(before) if before > name => {
                    bail!("the subjects are not sorted: `{name}` stands behind `{before}`")
                }
                _ => before = Some(name),
            }
        }
        match &self.predicate {
            Predicate::Provenance(provenance) => provenance.check(),
            Predicate::TestResult(result) => result.check(),
        }
    }
}

fn typed<P: DeserializeOwned>(text: &str, wrap: fn(P) -> Predicate) -> Result<Statement> {
    let wire: Wire<P> = serde_json::from_str(text)?;
    let subject = |subject: WireSubject| Subject {
        name: subject.name,
        sha256: subject.digest.sha256,
    };
    Ok(Statement {
        subjects: wire.subject.into_iter().map(subject).collect(),
        predicate: wrap(wire.predicate),
    })
}

#[cfg(test)]
pub(crate) mod tests;
