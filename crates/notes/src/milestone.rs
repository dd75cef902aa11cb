//! The section of a milestone release: twelve parts, each a small template over one value.
//!
//! What cannot be known from commits stands in the request as facts, each with its source. A part
//! without data is not printed and is named in the answer: silence is not a claim.

mod facts;
mod part;
mod template;
mod values;

use anyhow::Result;
use serde::Serialize;

use crate::people::Contributor;
use crate::request::Request;
use crate::select::Line;
use template::Templates;

pub(crate) use facts::Facts;
pub(crate) use part::Part;

/// A part that is not printed.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(crate) struct LeftOutPart {
    pub(crate) part: Part,
    pub(crate) reason: String,
}

/// The section, and what is not in it.
pub(crate) struct Milestone {
    pub(crate) section: String,
    pub(crate) parts: Vec<Part>,
    pub(crate) left_out: Vec<LeftOutPart>,
}

/// Renders the parts that were asked for, in that order. The header is always the first of them.
///
/// # Errors
/// A template of the repository's own is wrong: its file, and the line where there is one.
pub(crate) fn section(
    request: &Request,
    facts: &Facts,
    listed: Vec<Line>,
    contributors: &[Contributor],
) -> Result<Milestone> {
    let templates = Templates::new(facts)?;
    let values = values::Values::new(request, facts, listed, contributors);
    let mut made = Milestone {
        section: String::new(),
        parts: Vec::new(),
        left_out: Vec::new(),
    };
    let others = facts.parts.iter().filter(|part| **part != Part::Header);
    for part in std::iter::once(&Part::Header).chain(others) {
        match values.of(*part) {
            Some(value) => {
                let text = templates.render(*part, &values.release, &value)?;
                made.section += &text;
                made.section += "\n\n";
                made.parts.push(*part);
            }
            None => made.left_out.push(LeftOutPart {
                part: *part,
                reason: facts
                    .missing
                    .get(part)
                    .cloned()
                    .unwrap_or_else(|| part.no_data().to_owned()),
            }),
        }
    }
    made.section.truncate(made.section.trim_end().len());
    made.section.push('\n');
    Ok(made)
}
