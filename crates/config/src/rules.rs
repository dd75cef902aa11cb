//! What a schema cannot say: names git would refuse, keys which contradict each other, templates which cannot be expanded.
//!
//! A template is judged by what it gives for the version `1.0.0-mvp`. Two things are not judged here, for they need
//! the repository: a project name which is found rather than given, and the remote's default branch.

mod artifacts;
mod changelog;
mod figures;
mod groups;
mod operations;
mod own_gates;
mod signing;
mod texts;

use semver::Version;

use crate::error::Problem;
use crate::walk::{Places, describe};
use crate::{Config, names, template};

/// The version templates are tried with.
const SAMPLE: &str = "1.0.0-mvp";

const STAGING_HELP: &str = "write for example `landfall/{tag}`";

/// Appends the problems of `config` to `problems`.
pub(crate) fn check(config: &Config, places: &Places, problems: &mut Vec<Problem>) {
    let project = config.project.name.as_deref().unwrap_or("project");
    let tag = format!("v{SAMPLE}");
    let mut rules = Rules {
        config,
        places,
        problems,
        project,
        tag,
    };
    rules.project();
    rules.release();
    rules.version();
    rules.groups();
    rules.paths();
    rules.milestone();
    rules.commit_types();
    rules.commands();
    rules.tracker();
    rules.benchmarks();
    rules.own_gates();
    rules.artifacts();
    rules.allowed();
    rules.secrets();
    rules.operations();
    rules.signing();
}

struct Rules<'a> {
    config: &'a Config,
    places: &'a Places,
    problems: &'a mut Vec<Problem>,
    project: &'a str,
    /// The tag of the sample version.
    tag: String,
}

impl Rules<'_> {
    fn report(&mut self, path: &str, message: &str) {
        let problem = Problem::new(
            self.places.offset(path),
            format!("{}: {message}", describe(path)),
        );
        self.problems.push(problem);
    }

    fn advise(&mut self, path: &str, message: &str, help: &str) {
        self.report(path, message);
        if let Some(problem) = self.problems.last_mut() {
            problem.help = Some(help.to_owned());
        }
    }

    /// Reports the flaw, if there is one, and says whether there was none.
    fn clean(&mut self, path: &str, flaw: Option<String>) -> bool {
        match flaw {
            Some(flaw) => {
                self.report(path, &flaw);
                false
            }
            None => true,
        }
    }

    /// What the template gives for the sample version; a template which gives nothing is reported.
    fn fill(&mut self, path: &str, template: &str, values: &[(&str, &str)]) -> Option<String> {
        match template::fill(template, values) {
            Ok(text) => Some(text),
            Err(flaw) => {
                self.advise(path, &flaw.message, &flaw.help);
                None
            }
        }
    }

    /// [`Self::fill`] for the templates which know the tag, and no more.
    fn fill_tagged(&mut self, path: &str, template: &str) -> Option<String> {
        let tag = self.tag.clone();
        self.fill(
            path,
            template,
            &[
                ("version", SAMPLE),
                ("tag", &tag),
                ("project", self.project),
            ],
        )
    }

    fn project(&mut self) {
        let project = &self.config.project;
        if project
            .name
            .as_ref()
            .is_some_and(|name| name.contains(char::is_control))
        {
            self.report("project.name", "holds a control character");
        }
        let flaw = project.repository.as_deref().and_then(names::web_address);
        self.clean("project.repository", flaw.map(str::to_owned));
    }

    fn release(&mut self) {
        let release = &self.config.release;
        self.clean("release.remote", names::reference(&release.remote));
        if let Some(branch) = &release.branch {
            self.clean("release.branch", names::reference(branch));
        }
        self.tag();
        if let Some(title) = self.fill_tagged("release.title", &release.title)
            && title.contains(char::is_control)
        {
            self.report(
                "release.title",
                "a title is one line, without control characters",
            );
        }
        self.fill_tagged("release.commit_message", &release.commit_message);
        if let Some(message) = &release.tag_message {
            let tag = self.tag.clone();
            let values = [
                ("version", SAMPLE),
                ("tag", &tag),
                ("project", self.project),
                ("notes", ""),
            ];
            self.fill("release.tag_message", message, &values);
        }
        if let Some(staging) = self.fill_tagged("release.staging_branch", &release.staging_branch) {
            self.staging(&staging);
        }
    }

    /// Keeps the sample's tag where it is sound, so that a bad tag is reported once and not wherever it is used.
    fn tag(&mut self) {
        let (path, template) = ("release.tag", &self.config.release.tag);
        let Some(tag) = self.fill(
            path,
            template,
            &[("version", SAMPLE), ("project", self.project)],
        ) else {
            return;
        };
        let other = template::fill(template, &[("version", "2.0.0"), ("project", self.project)]);
        if other.as_ref() == Ok(&tag) {
            self.advise(
                path,
                "no `{version}` in it, so all releases would have one tag",
                "write for example `v{version}`",
            );
        }
        if self.clean(path, names::reference(&tag)) {
            self.tag = tag;
        }
    }

    fn staging(&mut self, staging: &str) {
        let path = "release.staging_branch";
        if !self.clean(path, names::reference(staging)) {
            return;
        }
        if staging == self.tag {
            self.advise(
                path,
                "is named like the tag, and git could not tell them apart",
                STAGING_HELP,
            );
        }
        let Some(branch) = self.config.release.branch.as_deref() else {
            return;
        };
        if staging == branch {
            self.advise(
                path,
                "is the release branch itself: nothing would be held back for approval",
                STAGING_HELP,
            );
        } else if nested(staging, branch) || nested(branch, staging) {
            // A reference is a file, so `main` and `main/x` cannot both be.
            let message = format!(
                "git cannot hold both branches `{branch}` and `{staging}`: one would be a folder of the other"
            );
            // Reported where the reader wrote something down.
            let path = if self.places.stands(path) {
                path
            } else {
                "release.branch"
            };
            self.advise(path, &message, "give `staging_branch` another first part");
        }
    }

    fn version(&mut self) {
        let version = &self.config.version;
        if let Some(family) = &version.family {
            let plain = Version::parse(family)
                .is_ok_and(|version| version.pre.is_empty() && version.build.is_empty());
            if !plain {
                self.report(
                    "version.family",
                    "expected three numbers, for example `1.0.0`",
                );
            }
        }
        if version.file == self.config.changelog.path {
            let path = if self.places.stands("version.file") {
                "version.file"
            } else {
                "changelog.path"
            };
            self.report(
                path,
                "the version file and the changelog are one file, and both are written",
            );
        }
        for (index, place) in version.text.iter().enumerate() {
            self.text(place, &format!("version.text[{index}]"));
        }
    }

    fn paths(&mut self) {
        let config = self.config;
        self.clean("version.file", names::path(&config.version.file));
        self.clean("changelog.path", names::path(&config.changelog.path));
        for (index, place) in config.version.text.iter().enumerate() {
            self.clean(
                &format!("version.text[{index}].path"),
                names::path(&place.path),
            );
        }
        self.path_list("version.exclude", &config.version.exclude);
        self.path_list("changelog.include", &config.changelog.include);
        self.path_list("changelog.exclude", &config.changelog.exclude);
        self.path_list("gates.docs.required", &config.gates.docs.required);
        self.path_list("gates.links.files", &config.gates.links.files);
        self.path_list("gates.links.exclude", &config.gates.links.exclude);
        self.path_list("gates.version.allow", &config.gates.version.allow);
        if let Some(report) = &config.gates.coverage.report {
            self.clean("gates.coverage.report", names::path(report));
        }
        self.path_list("gates.coverage.exclude", &config.gates.coverage.exclude);
    }

    fn path_list(&mut self, path: &str, list: &[String]) {
        for (index, item) in list.iter().enumerate() {
            self.clean(&format!("{path}[{index}]"), names::path(item));
        }
    }

    fn commands(&mut self) {
        let gates = &self.config.gates;
        for (name, gate) in [
            ("build", &gates.build.command),
            ("test", &gates.test.command),
            ("clippy", &gates.clippy.command),
            ("fmt", &gates.fmt.command),
            ("doc", &gates.doc.command),
            ("coverage", &gates.coverage.command),
        ] {
            self.command(&format!("gates.{name}.command"), gate.as_deref());
        }
    }

    /// An argument may be empty, a program may not; neither can hold the byte 0.
    fn command(&mut self, path: &str, argv: Option<&[String]>) {
        let Some(argv) = argv else { return };
        if argv
            .first()
            .is_some_and(|program| program.trim().is_empty())
        {
            self.report(&format!("{path}[0]"), "the name of the program is empty");
        }
        if let Some(index) = argv.iter().position(|argument| argument.contains('\0')) {
            self.report(
                &format!("{path}[{index}]"),
                "an argument cannot hold the character NUL",
            );
        }
    }

    /// An entry that names nothing would allow everything.
    fn allowed(&mut self) {
        for (index, entry) in self.config.gates.secrets.allow.iter().enumerate() {
            let path = format!("gates.secrets.allow[{index}]");
            let refused = ["path", "fingerprint"]
                .iter()
                .any(|key| self.places.refused(&format!("{path}.{key}")));
            if entry.path.is_none() && entry.fingerprint.is_none() && !refused {
                self.report(&path, "names neither a path nor a fingerprint");
            }
            if let Some(glob) = &entry.path {
                self.clean(&format!("{path}.path"), names::path(glob));
            }
        }
    }

    fn secrets(&mut self) {
        for (index, name) in self.config.secrets.iter().enumerate() {
            if !names::is_variable(name) {
                // Not repeated: it may be the secret.
                let message = "expected the name of an environment variable, not its value";
                self.advise(
                    &format!("secrets[{index}]"),
                    message,
                    "write for example `FORGE_TOKEN`",
                );
            }
        }
    }
}

/// Whether the reference `inner` would stand in a folder named `outer`.
fn nested(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.starts_with('/'))
}
