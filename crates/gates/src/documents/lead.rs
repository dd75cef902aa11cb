//! Where a link leads, and what a document is called.

use std::collections::HashMap;

use anyhow::Result;
use pulldown_cmark::{Event, Tag, TagEnd};

use crate::links::follow::{Follower, Outcome};
use crate::links::page::Page;
use crate::links::slug::Slugs;
use crate::links::tree::{Found, Tree};
use crate::{Cx, links, markdown};

/// Everything of the repository that can be linked to: what git knows.
pub struct Documents {
    cx: Cx,
    tree: Tree,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// Another machine.
    Elsewhere,
    /// Inside of the repository.
    To {
        /// From the root; that of the root itself is empty.
        path: String,
        folder: bool,
        /// What stands behind the `#`, as it was written.
        fragment: Option<String>,
    },
    Broken {
        message: String,
        help: String,
    },
}

/// Follows links, and remembers the documents it has read.
pub struct Follow<'d> {
    documents: &'d Documents,
    follower: Follower<'d>,
}

impl Documents {
    /// Asks git for its files.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn read(cx: &Cx) -> Result<Documents> {
        Ok(Documents {
            cx: cx.clone(),
            tree: Tree::read(cx)?,
        })
    }

    pub fn follow(&self) -> Follow<'_> {
        Follow {
            documents: self,
            follower: Follower::new(&self.cx, &self.tree, HashMap::new()),
        }
    }
}

impl Follow<'_> {
    /// Follows a target, as it is written in the document `from`. What is relative and leads out of the repository is
    /// broken too: it cannot be told where it would lead from another document.
    ///
    /// # Errors
    /// When a document cannot be read.
    pub fn lead(&mut self, from: &str, target: &str) -> Result<Lead> {
        match self.follower.follow(from, target)? {
            Outcome::Bad(flaw) => {
                let here = flaw
                    .missing
                    .as_deref()
                    .map(|path| self.documents.cx.path(path));
                let (message, help) = match here.filter(|path| path.exists()) {
                    Some(_) => (
                        format!(
                            "`{target}` is here and git does not know it, so nobody else has it"
                        ),
                        "commit it, or link to something that is committed".to_owned(),
                    ),
                    None => (flaw.message, flaw.help),
                };
                return Ok(Lead::Broken { message, help });
            }
            Outcome::NotAsked(_) if links::follow::has_scheme(target) => {
                return Ok(Lead::Elsewhere);
            }
            Outcome::NotAsked(_) | Outcome::Good => {}
        }
        let (rest, fragment) = match target.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment.to_owned())),
            None => (target, None),
        };
        let written = rest.split_once('?').map_or(rest, |(path, _)| path);
        let written = links::decode(written).unwrap_or_default();
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let tree = &self.documents.tree;
        let site = tree.site(from);
        let found = match written.is_empty() {
            true => Found::File(from.to_owned()),
            false => site
                .and_then(|site| tree.find_on_site(site, folder, &written))
                .unwrap_or_else(|| tree.find(folder, &written)),
        };
        let (path, folder) = match found {
            Found::File(path) => (path, false),
            Found::Folder(path) => (path, true),
            Found::Module | Found::Outside(..) | Found::Circle | Found::Missing(_) => {
                return Ok(Lead::Broken {
                    message: format!(
                        "`{target}` leads to a page of the forge, into a submodule or is filled in later: from elsewhere it would lead elsewhere"
                    ),
                    help: "write the full web address".to_owned(),
                });
            }
        };
        Ok(Lead::To {
            path,
            folder,
            fragment,
        })
    }

    /// What a document is called: the heading that the fragment names, else the first one. `None`: it has no heading.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn title(&self, path: &str, fragment: Option<&str>) -> Result<Option<String>> {
        let cx = &self.documents.cx;
        let text = cx.world.read_text(&cx.path(path))?;
        let all = headings(&text);
        let named = fragment.and_then(|fragment| all.iter().find(|(anchor, _)| anchor == fragment));
        Ok(named.or(all.first()).map(|(_, title)| title.clone()))
    }

    /// The links of a text that stands for a document.
    pub(super) fn page(text: &str) -> Page {
        Page::markdown(text)
    }
}

/// Anchors and texts of all headings, in their order.
fn headings(text: &str) -> Vec<(String, String)> {
    let mut slugs = Slugs::default();
    let mut all = Vec::new();
    let mut heading: Option<String> = None;
    for event in markdown::parser(markdown::body(text)) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let title = heading.take().unwrap_or_default();
                let title = title.trim().to_owned();
                if !title.is_empty() {
                    all.push((slugs.next(&title), title));
                }
            }
            Event::Text(piece) | Event::Code(piece) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&piece);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(heading) = &mut heading {
                    heading.push(' ');
                }
            }
            _ => {}
        }
    }
    all
}
