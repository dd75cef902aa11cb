//! Rules for the section of a milestone.

use super::Rules;
use crate::error::visible;
use crate::{Part, names};

impl Rules<'_> {
    pub(super) fn milestone(&mut self) {
        let milestone = &self.config.changelog.milestone;
        let path = |key: &str| format!("changelog.milestone.{key}");
        for (index, part) in milestone.parts.iter().enumerate() {
            let at = format!("{}[{index}]", path("parts"));
            if milestone.parts[..index].contains(part) {
                self.report(&at, "this part is there already");
            } else if *part == Part::Header && index > 0 {
                self.advise(
                    &at,
                    "the header is always the first part",
                    "move it to the front, or leave it out",
                );
            }
        }
        if milestone
            .kind
            .as_ref()
            .is_some_and(|kind| kind.contains(char::is_control))
        {
            self.report(&path("kind"), "is one line, without control characters");
        }
        self.clean(&path("fragments"), names::path(&milestone.fragments));
        if let Some(templates) = &milestone.templates {
            self.clean(&path("templates"), names::path(templates));
            if *templates == milestone.fragments {
                self.advise(
                    &path("templates"),
                    "is the folder of the fragments, whose files have the same names",
                    "give the templates a folder of their own, for example `docs/release/templates`",
                );
            }
        }
        for (index, document) in milestone.docs.iter().enumerate() {
            let file = document.split('#').next().unwrap_or_default();
            self.clean(&format!("{}[{index}]", path("docs")), names::path(file));
        }
        self.themes();
    }

    fn themes(&mut self) {
        let themes = &self.config.changelog.themes;
        for (index, theme) in themes.iter().enumerate() {
            let path = format!("changelog.theme[{index}]");
            let lists = ["scopes", "paths"].map(|key| format!("{path}.{key}"));
            if theme.scopes.is_empty()
                && theme.paths.is_empty()
                && !lists.iter().any(|list| self.places.refused(list))
            {
                self.advise(
                    &path,
                    "neither scopes nor paths, so it takes no commit",
                    "write for example `scopes = [\"drift\"]`",
                );
            }
            self.path_list(&lists[1], &theme.paths);
            if themes[..index].iter().any(|other| other.name == theme.name) {
                let message = format!(
                    "`{}` is the name of another theme already",
                    visible(&theme.name)
                );
                self.report(&format!("{path}.name"), &message);
            }
        }
    }

    /// Every type once.
    pub(super) fn commit_types(&mut self) {
        let mut seen: Vec<String> = Vec::new();
        for (index, commit_type) in self.config.changelog.types.iter().enumerate() {
            let kind = commit_type.kind.to_lowercase();
            let path = format!("changelog.type[{index}].type");
            if kind.contains(|c: char| c.is_whitespace() || c.is_control() || "():!".contains(c)) {
                self.report(&path, "expected one word, as it stands before the colon");
            } else if seen.contains(&kind) {
                self.report(&path, &format!("`{kind}` has a group already, above"));
            }
            seen.push(kind);
        }
    }
}
