//! `[[artifact]]`: names that forges keep, endings that say how an archive is written, and keys that belong to another
//! kind.

use super::{Rules, SAMPLE};
use crate::error::visible;
use crate::{Artifact, ArtifactKind, DocsTool, EXTENSIONS, extension, names};

/// Stands for a target where none is given.
const SAMPLE_TARGET: &str = "x86_64-unknown-linux-gnu";

/// The keys that not every kind has, and the kinds that have them.
const KEYS: &[(&str, &[ArtifactKind])] = {
    use ArtifactKind::{Binaries, Docs, File, Files, Package, Source, Terraform};
    &[
        ("name", &[Source, Files, File, Binaries, Docs, Terraform]),
        ("top", &[Source, Files, Binaries, Docs, Terraform]),
        ("folder", &[Files, Binaries, Docs, Terraform]),
        ("files", &[Files, Binaries, Terraform]),
        ("exclude", &[Files, Binaries, Docs, Terraform]),
        ("required", &[Source, Files, Binaries, Docs, Terraform]),
        ("path", &[File]),
        ("build", &[Files, File, Package, Binaries, Docs, Terraform]),
        ("package", &[Package, Binaries, Docs]),
        ("targets", &[Binaries]),
        ("bins", &[Binaries]),
        ("features", &[Binaries]),
        ("tool", &[Docs]),
    ]
};

impl Rules<'_> {
    pub(super) fn artifacts(&mut self) {
        let mut taken: Vec<String> = Vec::new();
        for (index, artifact) in self.config.artifacts.iter().enumerate() {
            let path = format!("artifact[{index}]");
            let places = self.places;
            let given = |key: &str| {
                let path = format!("{path}.{key}");
                let empty = match key {
                    "files" => artifact.files.is_empty(),
                    "exclude" => artifact.exclude.is_empty(),
                    "required" => artifact.required.is_empty(),
                    "targets" => artifact.targets.is_empty(),
                    "bins" => artifact.bins.is_empty(),
                    "features" => artifact.features.is_empty(),
                    _ => false,
                };
                places.stands(&path) && !places.refused(&path) && !empty
            };
            for (key, list) in [
                ("files", &artifact.files),
                ("exclude", &artifact.exclude),
                ("required", &artifact.required),
            ] {
                self.path_list(&format!("{path}.{key}"), list);
            }
            for (key, value) in [("folder", &artifact.folder), ("path", &artifact.path)] {
                if let Some(value) = value {
                    self.clean(&format!("{path}.{key}"), names::path(value));
                }
            }
            self.command(&format!("{path}.build"), artifact.build.as_deref());
            self.belongs(artifact, &path, &given);
            self.needs(artifact, &path, &given);
            self.words(artifact, &path);
            self.top(artifact, &format!("{path}.top"));
            self.asset_names(artifact, &path, &mut taken);
        }
        if !self.places.stands("artifact") && self.config.project.name.is_some() {
            self.default_artifact();
        }
    }

    /// Keys of another kind.
    fn belongs(&mut self, artifact: &Artifact, path: &str, given: &dyn Fn(&str) -> bool) {
        let kind = artifact.kind;
        for (key, kinds) in KEYS {
            if kinds.contains(&kind) || !given(key) {
                continue;
            }
            let path = format!("{path}.{key}");
            let (message, help) = match (kind, *key) {
                (ArtifactKind::Source, "files") => (
                    "a source archive holds all files of the commit, and takes no list".to_owned(),
                    "leave `files` out, or write `kind = \"files\"`".to_owned(),
                ),
                (ArtifactKind::Source, "build") => (
                    "a source archive holds the commit, and nothing which a command makes"
                        .to_owned(),
                    "leave `build` out, or write `kind = \"files\"`".to_owned(),
                ),
                (ArtifactKind::Package, "name") => (
                    "a package keeps the name that its tool gives it".to_owned(),
                    "leave `name` out; `package` says which one is meant".to_owned(),
                ),
                _ => {
                    let known: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
                    (
                        format!("means nothing for the kind `{}`", kind.name()),
                        format!("leave it out; it belongs to {}", known.join(", ")),
                    )
                }
            };
            self.advise(&path, &message, &help);
        }
        self.contradicts(artifact, path, given);
    }

    /// Keys of the kind that another key leaves nothing to say.
    fn contradicts(&mut self, artifact: &Artifact, path: &str, given: &dyn Fn(&str) -> bool) {
        let own = artifact.build.is_some();
        let useless: &[(&str, &str)] = match (artifact.kind, artifact.tool) {
            (ArtifactKind::Binaries, _) if own => &[
                (
                    "package",
                    "`build` makes the programs, and cargo is not asked",
                ),
                ("bins", "`build` makes the programs, and cargo is not asked"),
                (
                    "features",
                    "`build` makes the programs, and cargo is not asked",
                ),
            ],
            (ArtifactKind::Binaries, _) => &[(
                "folder",
                "cargo says itself where the programs are; `files` are counted from the root",
            )],
            (ArtifactKind::Docs, Some(DocsTool::Rustdoc)) => &[
                ("build", "`tool` makes the site already"),
                ("folder", "rustdoc says itself where the site is"),
            ],
            (ArtifactKind::Docs, Some(DocsTool::Mdbook)) => &[
                ("build", "`tool` makes the site already"),
                ("package", "a book is no package"),
            ],
            (ArtifactKind::Docs, None) => &[("package", "`build` makes the site")],
            _ => &[],
        };
        for (key, why) in useless {
            if given(key) {
                self.advise(&format!("{path}.{key}"), why, "leave it out");
            }
        }
    }

    /// Keys that the kind cannot do without.
    fn needs(&mut self, artifact: &Artifact, path: &str, given: &dyn Fn(&str) -> bool) {
        let own = artifact.build.is_some();
        let missing: &[(&str, &str, &str)] = match artifact.kind {
            ArtifactKind::Files => &[(
                "files",
                "none, and an artifact of kind `files` holds nothing else",
                "write for example `files = [\"dist/**\"]`",
            )],
            ArtifactKind::Binaries if own => &[(
                "files",
                "none, and only they say what `build` has made",
                "write for example `folder = \"out/{target}\"` and `files = [\"**\"]`",
            )],
            ArtifactKind::File => &[(
                "path",
                "none, and it is the one file of kind `file`",
                "write for example `path = \"scripts/install.sh\"`",
            )],
            ArtifactKind::Docs if own => &[(
                "folder",
                "none, and only it says where `build` puts the site",
                "write for example `folder = \"site/public\"`",
            )],
            ArtifactKind::Docs if artifact.tool.is_none() => &[(
                "tool",
                "neither a `tool` nor a `build`, so nothing makes the site",
                "write for example `tool = \"rustdoc\"`",
            )],
            ArtifactKind::Terraform => &[(
                "folder",
                "none, and it is what the bundle is made of",
                "write for example `folder = \"infra/terraform\"`",
            )],
            ArtifactKind::Source
            | ArtifactKind::Package
            | ArtifactKind::Binaries
            | ArtifactKind::Docs => &[],
        };
        for (key, message, help) in missing {
            let path = format!("{path}.{key}");
            if !given(key) && !self.places.refused(&path) {
                self.advise(&path, message, help);
            }
        }
        let named = artifact.kind != ArtifactKind::Package;
        let at = format!("{path}.name");
        if named && artifact.name.is_none() && !self.places.refused(&at) {
            self.advise(
                &at,
                "every kind but `package` needs a name",
                "write for example `name = \"{project}-{tag}.tar.gz\"`",
            );
        }
    }

    /// Single words: no options of a command, nothing that leads elsewhere.
    fn words(&mut self, artifact: &Artifact, path: &str) {
        for (key, list) in [
            ("targets", &artifact.targets),
            ("bins", &artifact.bins),
            ("features", &artifact.features),
        ] {
            for (index, word) in list.iter().enumerate() {
                self.word(&format!("{path}.{key}[{index}]"), word, key == "features");
                if list[..index].contains(word) {
                    let message = format!("`{}` is there already", visible(word));
                    self.report(&format!("{path}.{key}[{index}]"), &message);
                }
            }
        }
        if let Some(package) = &artifact.package {
            self.word(&format!("{path}.package"), package, true);
        }
    }

    fn word(&mut self, path: &str, word: &str, slash: bool) {
        let odd = |found: char| {
            found.is_whitespace() || found.is_control() || (found == '/' && !slash) || found == '\\'
        };
        if word.starts_with('-') || word.contains(odd) {
            let message = format!("`{}` is no single name", visible(word));
            self.report(path, &message);
        }
    }

    fn top(&mut self, artifact: &Artifact, path: &str) {
        let target = artifact
            .targets
            .first()
            .map_or(SAMPLE_TARGET, String::as_str);
        if let Some(top) = &artifact.top
            && let Some(top) = self.fill_asset(path, artifact, top, target)
        {
            self.clean(path, names::top(&top));
        }
    }

    /// What the template of the name gives, for each target.
    fn asset_names(&mut self, artifact: &Artifact, path: &str, taken: &mut Vec<String>) {
        let (Some(template), true) = (
            artifact.name.as_deref(),
            artifact.kind != ArtifactKind::Package,
        ) else {
            return;
        };
        let sample = [SAMPLE_TARGET.to_owned()];
        let targets = match artifact.kind {
            ArtifactKind::Binaries if !artifact.targets.is_empty() => &artifact.targets[..],
            _ => &sample,
        };
        let at = format!("{path}.name");
        for target in targets {
            let Some(mut name) = self.fill_asset(&at, artifact, template, target) else {
                return;
            };
            if !self.clean(&at, names::asset(&name)) {
                return;
            }
            if artifact.kind.is_archive() && extension(&name).is_none() {
                match artifact.binaries_ending(target) {
                    Some(ending) => name.push_str(ending),
                    None => {
                        let message = format!(
                            "`{}` has no ending that says how the archive is written",
                            visible(&name)
                        );
                        let help = format!("known are {}", EXTENSIONS.join(" "));
                        self.advise(&at, &message, &help);
                        return;
                    }
                }
            }
            // Some file systems know no case.
            let folded = name.to_lowercase();
            if taken.contains(&folded) {
                let shown = visible(template);
                let message = match targets.len() {
                    1 => format!("another artifact has the name `{shown}` already"),
                    _ => format!("`{shown}` gives several targets one name, `{name}`"),
                };
                self.report(&at, &message);
                return;
            }
            taken.push(folded);
        }
    }

    /// [`Self::fill_tagged`], with the placeholders of a target where there is one.
    fn fill_asset(
        &mut self,
        path: &str,
        artifact: &Artifact,
        template: &str,
        target: &str,
    ) -> Option<String> {
        if artifact.kind != ArtifactKind::Binaries {
            return self.fill_tagged(path, template);
        }
        let (tag, of_target) = (self.tag.clone(), crate::artifacts::of_target(target));
        let mut values = vec![
            ("version", SAMPLE),
            ("tag", tag.as_str()),
            ("project", self.project),
        ];
        values.extend(of_target);
        self.fill(path, template, &values)
    }

    /// The default archive is named after the project: a name like `@scope/parser` needs an artifact of its own.
    fn default_artifact(&mut self) {
        let path = "project.name";
        for artifact in self.config.artifacts_or_default() {
            if let Some(flaw) = self
                .fill_tagged(path, artifact.name_or_default())
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
