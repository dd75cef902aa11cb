//! `[[group]]`: packages with a version of their own. A group is released through a view of the configuration, in which
//! project, tag, changelog and version places are those of the group: whatever reads a configuration knows no groups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Config, Project, Release, VersionPlaces};

/// Packages that are released together, under a version of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What the group is called: for `--group`, as `{group}` in its tag, and as `{project}` in the other templates.
    #[schemars(length(min = 1))]
    pub name: String,

    /// Names of packages, or globs over their folders from the root of the repository: `parser-core`, `crates/parser*`.
    #[schemars(length(min = 1), inner(length(min = 1)))]
    pub packages: Vec<String>,

    /// Template of the tag's name: `{version}`, which has to be in it, and `{group}`. Default: that of
    /// `[release]` with the group for `{project}`, where it is in it, else `{group}-v{version}`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub tag: Option<String>,

    /// Path of the changelog of the group, from the root of the repository. Default: `CHANGELOG.md` in the folder of its
    /// only package, else `CHANGELOG-` and the name of the group at the root.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub changelog: Option<String>,

    /// Path of a file which holds the version of the group and nothing else. Default: none.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub version_file: Option<String>,
}

/// How far a package is raised when it has to take a new version of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dependents {
    /// By a patch: what it offers is the same.
    #[default]
    Patch,
    /// As a breaking change: what it offers is made of what it needs.
    Breaking,
}

/// Which part of a repository a configuration speaks of, once a group is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    pub group: String,
    /// The packages in no group, under the version of the workspace: what is meant where no group is named.
    pub rest: bool,
    /// Manifests of the group's packages, from the root of the repository.
    pub manifests: Vec<String>,
    /// The template of tags of the whole repository: releases from before there were groups.
    pub tag_before: String,
    /// `[project]` and `[version]` as they are for the whole repository.
    pub project: Project,
    pub version: VersionPlaces,
}

/// What the repository says of a group: where its packages are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extent {
    /// Manifests of its packages, from the root of the repository.
    pub manifests: Vec<String>,
    /// Globs of the paths that belong to it; none: all but `exclude`.
    pub include: Vec<String>,
    pub exclude: Vec<String>,
}

impl Group {
    /// The group that a package is by itself.
    #[must_use]
    pub fn of_package(name: &str) -> Group {
        Group {
            name: name.to_owned(),
            packages: vec![name.to_owned()],
            tag: None,
            changelog: None,
            version_file: None,
        }
    }

    /// The template of the tag as `[release]` knows it, with `{version}` alone left to fill. `whole` is that of the whole
    /// repository: where it names the project, it serves for each group as well.
    #[must_use]
    pub fn tag_template(&self, whole: &str) -> String {
        let group = self.name.replace('{', "{{").replace('}', "}}");
        match &self.tag {
            Some(own) => own.replace("{group}", &group),
            None if whole.contains("{project}") => whole.replace("{project}", &group),
            None => format!("{group}-v{{version}}"),
        }
    }

    fn changelog_in(&self, manifests: &[String]) -> String {
        if let Some(path) = &self.changelog {
            return path.clone();
        }
        match manifests {
            [one] => match one.rsplit_once('/') {
                Some((folder, _)) => format!("{folder}/CHANGELOG.md"),
                None => "CHANGELOG.md".to_owned(),
            },
            _ => format!("CHANGELOG-{}.md", short(&self.name)),
        }
    }
}

/// `@scope/name` is `name`: names of files hold no `/`.
fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

impl Config {
    /// Whether parts of the repository have versions of their own.
    #[must_use]
    pub fn has_groups(&self) -> bool {
        self.version.independent || !self.groups.is_empty()
    }

    /// `[version]` as it is for the whole repository, whatever is looked at.
    #[must_use]
    pub fn version_of_all(&self) -> &VersionPlaces {
        match &self.view {
            Some(view) => &view.version,
            None => &self.version,
        }
    }

    /// The configuration as it is for one group.
    #[must_use]
    pub fn of_group(&self, group: &Group, extent: &Extent) -> Config {
        let mut config = self.of_rest(extent);
        config.project.name = Some(short(&group.name).to_owned());
        config.release.tag = group.tag_template(&self.release.tag);
        if config.release.commit_message == Release::default().commit_message {
            "chore(release): {project} {version}".clone_into(&mut config.release.commit_message);
        }
        config.changelog.path = group.changelog_in(&extent.manifests);
        config.version.create_file = false;
        // None: no file of a repository has the empty name.
        config.version.file = group.version_file.clone().unwrap_or_default();
        if let Some(view) = &mut config.view {
            view.group.clone_from(&group.name);
            view.rest = false;
        }
        config
    }

    /// The configuration as it is for the packages in no group.
    #[must_use]
    pub fn of_rest(&self, extent: &Extent) -> Config {
        let mut config = self.clone();
        if config.changelog.include.is_empty() {
            config.changelog.include.clone_from(&extent.include);
        }
        config
            .changelog
            .exclude
            .extend(extent.exclude.iter().cloned());
        config.view = Some(View {
            group: String::new(),
            rest: true,
            manifests: extent.manifests.clone(),
            tag_before: self.release.tag.clone(),
            project: self.project.clone(),
            version: self.version.clone(),
        });
        config
    }

    /// What has to follow a command so that it means the same part of the repository: ` --group parser`, or nothing.
    #[must_use]
    pub fn group_flag(&self) -> String {
        match &self.view {
            Some(view) if !view.rest => format!(" --group {}", view.group),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Extent, Group};
    use crate::{Config, parse};

    #[test]
    fn a_view_speaks_of_its_group_and_of_nothing_else() {
        let config = parse("[changelog]\nexclude = [\"docs/**\"]").unwrap();
        let extent = Extent {
            manifests: vec!["packages/core/package.json".to_owned()],
            include: vec!["packages/core/**".to_owned()],
            exclude: Vec::new(),
        };
        let view = config.of_group(&Group::of_package("@acme/core"), &extent);
        assert_eq!(view.release.tag, "@acme/core-v{version}");
        assert_eq!(view.project.name.as_deref(), Some("core"));
        assert_eq!(view.changelog.path, "packages/core/CHANGELOG.md");
        assert_eq!(view.changelog.include, ["packages/core/**"]);
        assert_eq!(view.changelog.exclude, ["docs/**"]);
        assert_eq!(view.group_flag(), " --group @acme/core");
        assert_eq!(config.of_rest(&extent).group_flag(), "");
        assert_eq!(Config::default().group_flag(), "");
    }

    #[test]
    fn braces_in_a_name_are_no_placeholder() {
        let group = Group::of_package("a{version}");
        assert_eq!(group.tag_template("v{version}"), "a{{version}}-v{version}");
    }

    #[test]
    fn a_tag_that_names_the_project_names_the_group() {
        let mut group = Group::of_package("core");
        assert_eq!(group.tag_template("{project}-{version}"), "core-{version}");
        group.tag = Some("{group}/{version}".to_owned());
        assert_eq!(group.tag_template("{project}-{version}"), "core/{version}");
    }
}
