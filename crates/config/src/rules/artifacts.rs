//! `[[artifact]]`: names that forges keep, and keys that belong to another kind.

use super::Rules;
use crate::error::visible;
use crate::{Artifact, ArtifactKind, names};

impl Rules<'_> {
    pub(super) fn artifacts(&mut self) {
        let mut taken: Vec<String> = Vec::new();
        for (index, artifact) in self.config.artifacts.iter().enumerate() {
            let path = format!("artifact[{index}]");
            self.path_list(&format!("{path}.files"), &artifact.files);
            self.path_list(&format!("{path}.required"), &artifact.required);
            self.command(&format!("{path}.build"), artifact.build.as_deref());
            self.contents(artifact, &path);
            self.top(artifact, &format!("{path}.top"));
            let path = format!("{path}.name");
            let Some(name) = self.fill_tagged(&path, &artifact.name) else {
                continue;
            };
            self.clean(&path, names::asset(&name));
            if taken.contains(&name) {
                let message = format!(
                    "another artifact has the name `{}` already",
                    visible(&artifact.name)
                );
                self.report(&path, &message);
            }
            taken.push(name);
        }
        if !self.places.stands("artifact") && self.config.project.name.is_some() {
            self.default_artifact();
        }
    }

    fn top(&mut self, artifact: &Artifact, path: &str) {
        if let Some(top) = &artifact.top
            && let Some(top) = self.fill_tagged(path, top)
        {
            self.clean(path, names::top(&top));
        }
    }

    fn contents(&mut self, artifact: &Artifact, path: &str) {
        let (files, build) = (format!("{path}.files"), format!("{path}.build"));
        match artifact.kind {
            ArtifactKind::Files if artifact.files.is_empty() && !self.places.refused(&files) => {
                let message = "none, and an artifact of kind `files` holds nothing else";
                self.advise(&files, message, "write for example `files = [\"dist/**\"]`");
            }
            ArtifactKind::Source if !artifact.files.is_empty() => {
                let message = "a source archive holds all files of the commit, and takes no list";
                self.advise(
                    &files,
                    message,
                    "leave `files` out, or write `kind = \"files\"`",
                );
            }
            ArtifactKind::Source if artifact.build.is_some() => {
                let message =
                    "a source archive holds the commit, and nothing which a command makes";
                self.advise(
                    &build,
                    message,
                    "leave `build` out, or write `kind = \"files\"`",
                );
            }
            ArtifactKind::Files | ArtifactKind::Source => {}
        }
    }

    /// The default archive is named after the project: a name like `@scope/parser` needs an artifact of its own.
    fn default_artifact(&mut self) {
        let path = "project.name";
        for artifact in self.config.artifacts_or_default() {
            if let Some(flaw) = self
                .fill_tagged(path, &artifact.name)
                .and_then(|name| names::asset(&name))
            {
                let message = format!("the source archive is named after it, and {flaw}");
                self.advise(
                    path,
                    &message,
                    "give the archive a name of its own in an `[[artifact]]`",
                );
            }
        }
    }
}
