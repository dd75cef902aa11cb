//! Texts of people: fragments, templates of their own, and documents that are linked to.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use config::Part;
use gates::documents::{self, Documents, Flaw, Follow, Lead};

use super::{Collect, Document, Facts, Text, refusal};

/// Headings of a fragment stand below the `###` of its part.
const BELOW_A_PART: usize = 4;

impl Collect<'_> {
    /// Fragments and documents; every link in them leads somewhere.
    pub(super) fn texts(&self, facts: &mut Facts) -> Result<()> {
        let tree = Documents::read(&self.gates)?;
        let mut follow = tree.follow();
        let mut flaws = Vec::new();
        for part in facts.parts.clone() {
            self.fragment(part, &mut follow, facts, &mut flaws)?;
        }
        if facts.parts.contains(&Part::Documentation) {
            self.documents(&mut follow, facts, &mut flaws)?;
        }
        if flaws.is_empty() {
            return Ok(());
        }
        let what = match flaws.len() {
            1 => "a text of it is broken".to_owned(),
            count => format!("{count} places of its texts are broken"),
        };
        Err(refusal(
            format!(
                "the section of {} cannot be made, {what}:\n{}",
                self.inputs.version,
                flaws.join("\n")
            ),
            "mend what is named above; nothing was written",
        ))
    }

    fn fragment(
        &self,
        part: Part,
        follow: &mut Follow<'_>,
        facts: &mut Facts,
        flaws: &mut Vec<String>,
    ) -> Result<()> {
        let folder = &self.cx.config.changelog.milestone.fragments;
        let general = format!("{folder}/{}.md", part.name());
        let special = format!("{folder}/{}/{}.md", self.inputs.version, part.name());
        let mut found = None;
        for path in [&special, &general] {
            if let Some(text) = self.cx.world.read_if_exists(&self.git.dir.join(path))? {
                found = Some((path, text));
                break;
            }
        }
        let Some((path, text)) = found else {
            if matches!(
                part,
                Part::Description | Part::Architecture | Part::Deployment | Part::KnownIssues
            ) {
                facts
                    .missing
                    .insert(part, format!("{general} is not there"));
            }
            return Ok(());
        };
        if part == Part::Performance {
            flaws.push(format!(
                "{path}:1:1: figures are printed from what [gates.benchmarks] measures, and a text is no evidence; remove the file"
            ));
            return Ok(());
        }
        let write = |lead: &Lead, image: bool| self.link(lead, image);
        match documents::inline(follow, path, &text, BELOW_A_PART, &write)? {
            Ok(text) => {
                let path = path.clone();
                facts.fragments.insert(part, Text { path, text });
            }
            Err(found) => flaws.extend(found.iter().map(|flaw| shown(path, flaw))),
        }
        Ok(())
    }

    fn documents(
        &self,
        follow: &mut Follow<'_>,
        facts: &mut Facts,
        flaws: &mut Vec<String>,
    ) -> Result<()> {
        for target in &self.cx.config.changelog.milestone.docs {
            let (message, help) = match follow.lead("", target)? {
                lead @ Lead::To { .. } => {
                    let title = title(follow, &lead)?;
                    let link = self.link(&lead, false);
                    facts.documents.push(Document { title, link });
                    continue;
                }
                Lead::Elsewhere => (
                    format!("`{target}` is no document of this repository"),
                    "name a path from its root".to_owned(),
                ),
                Lead::Broken { message, help } => (message, help),
            };
            flaws.push(format!(
                "{}: `docs` in [changelog.milestone]: {message}; {help}",
                self.place_in_configuration(target)
            ));
        }
        Ok(())
    }

    /// The file of the configuration, and the line where it holds this text.
    fn place_in_configuration(&self, text: &str) -> String {
        const NAME: &str = "release.toml";
        let file = self.cx.world.read_if_exists(&self.git.dir.join(NAME));
        let file = file.ok().flatten().unwrap_or_default();
        let quoted = [format!("\"{text}\""), format!("'{text}'")];
        let at = file
            .lines()
            .position(|line| quoted.iter().any(|quoted| line.contains(quoted)));
        at.map_or(NAME.to_owned(), |at| format!("{NAME}:{}", at + 1))
    }

    /// As it works from the changelog, on the forge also from the page of the release: at the tag, where the address
    /// of the repository is known.
    fn link(&self, lead: &Lead, image: bool) -> String {
        let Lead::To {
            path,
            folder,
            fragment,
        } = lead
        else {
            return String::new();
        };
        let fragment = fragment
            .as_ref()
            .map(|fragment| format!("#{fragment}"))
            .unwrap_or_default();
        let Some(address) = self.address else {
            let changelog = &self.cx.config.changelog.path;
            let from = changelog.rsplit_once('/').map_or("", |(folder, _)| folder);
            let way = match documents::relative(from, path) {
                way if way.is_empty() => "./".to_owned(),
                way => encoded(&way),
            };
            return format!("{way}{fragment}");
        };
        let kind = match (folder, image) {
            (true, _) => "tree",
            (false, true) => "raw",
            (false, false) => "blob",
        };
        let tag = encoded(&self.inputs.tag);
        let path = encoded(path);
        format!("{address}/{kind}/{tag}/{path}{fragment}")
    }

    /// Templates in place of ours.
    pub(super) fn templates(&self) -> Result<BTreeMap<Part, Text>> {
        let mut all = BTreeMap::new();
        let Some(folder) = &self.cx.config.changelog.milestone.templates else {
            return Ok(all);
        };
        let full = self.git.dir.join(folder);
        let entries = std::fs::read_dir(&full).with_context(|| {
            format!(
                "list {}, the folder of changelog.milestone.templates",
                full.display()
            )
        })?;
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let Some(stem) = name.strip_suffix(".md") else {
                continue;
            };
            let path = format!("{folder}/{name}");
            let Some(part) = Part::ALL.into_iter().find(|part| part.name() == stem) else {
                let names = Part::ALL.map(Part::name).join(", ");
                return Err(refusal(
                    format!("{path} is the template of no part"),
                    &format!("rename or remove it; the parts are {names}"),
                ));
            };
            let text = self.cx.world.read_text(&self.git.dir.join(&path))?;
            all.insert(part, Text { path, text });
        }
        Ok(all)
    }
}

/// The heading, else the name.
fn title(follow: &Follow<'_>, lead: &Lead) -> Result<String> {
    let Lead::To {
        path,
        folder,
        fragment,
    } = lead
    else {
        return Ok(String::new());
    };
    let is_text = !folder && (path.ends_with(".md") || path.ends_with(".markdown"));
    let heading = match is_text {
        true => follow.title(path, fragment.as_deref())?,
        false => None,
    };
    Ok(heading.unwrap_or_else(|| path.clone()))
}

fn shown(path: &str, flaw: &Flaw) -> String {
    let Flaw {
        line,
        column,
        message,
        help,
    } = flaw;
    format!("{path}:{line}:{column}: {message}; {help}")
}

/// A path as it can stand in an address and between the parentheses of a link.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for found in path.chars() {
        match found {
            '%' | '?' | '#' | '(' | ')' | '<' | '>' | '"' | '\\' | '|' | '[' | ']' | '`' => {
                out.push_str(&format!("%{:02X}", u32::from(found)));
            }
            found if found.is_whitespace() || found.is_control() => {
                let mut bytes = [0; 4];
                for byte in found.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
            found => out.push(found),
        }
    }
    out
}
