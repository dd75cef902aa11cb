//! The rules of the gates about what runs elsewhere: `infra`, `staging`, `security`.

use regex_lite::Regex;

use super::Rules;
use crate::error::visible;
use crate::{SecurityCheck, names, template};

/// HTTP knows no other status.
const LAST_STATUS: u64 = 599;

impl Rules<'_> {
    pub(super) fn operations(&mut self) {
        self.infra();
        self.staging_deployment();
        self.security();
    }

    fn infra(&mut self) {
        let infra = &self.config.gates.infra;
        for (index, root) in infra.roots.iter().enumerate() {
            // The root of the repository has no other name.
            if root != "." {
                self.clean(&format!("gates.infra.roots[{index}]"), names::path(root));
            }
        }
        self.path_list("gates.infra.exclude", &infra.exclude);
        self.path_list("gates.infra.include", &infra.include);
    }

    fn staging_deployment(&mut self) {
        let staging = &self.config.gates.staging;
        let environment = [("environment", staging.environment.as_str())];
        if let Some(outputs) = &staging.outputs {
            let path = "gates.staging.outputs";
            if let Some(filled) = self.fill(path, outputs, &environment) {
                self.clean(path, names::path(&filled));
            }
        }
        self.fill("gates.staging.workspace", &staging.workspace, &environment);
        for (key, one) in [("account", &staging.account), ("region", &staging.region)] {
            if let Some(one) = one {
                self.output_template(&format!("gates.staging.{key}"), one);
            }
        }
        for (key, list) in [
            ("tables", &staging.tables),
            ("parameters", &staging.parameters),
            ("secure_parameters", &staging.secure_parameters),
            ("buckets", &staging.buckets),
            ("keys", &staging.keys),
            ("dashboards", &staging.dashboards),
            ("topics", &staging.topics),
        ] {
            for (index, item) in list.iter().enumerate() {
                self.output_template(&format!("gates.staging.{key}[{index}]"), item);
            }
        }
        for (index, check) in staging.http.iter().enumerate() {
            let path = format!("gates.staging.http[{index}]");
            self.output_template(&format!("{path}.url"), &check.url);
            // One that begins with an output is known when the output is.
            if !check.url.starts_with('{') {
                let flaw = names::web_address(&check.url);
                self.clean(&format!("{path}.url"), flaw.map(str::to_owned));
            }
            if check.status > LAST_STATUS {
                let message = format!("expected {LAST_STATUS} or less, found {}", check.status);
                self.report(&format!("{path}.status"), &message);
            }
        }
    }

    /// A template that knows the environment and the outputs, of which any may be there.
    fn output_template(&mut self, path: &str, text: &str) {
        let names = match template::placeholders(text) {
            Ok(names) => names,
            Err(flaw) => {
                self.advise(path, &flaw.message, &flaw.help);
                return;
            }
        };
        let has_outputs = self.config.gates.staging.outputs.is_some()
            || self.places.refused("gates.staging.outputs");
        for name in names {
            let output = name.strip_prefix("output.").filter(|name| !name.is_empty());
            if output.is_some() && !has_outputs {
                self.advise(
                    path,
                    &format!("`{{{name}}}` is an output, and there are none"),
                    "set gates.staging.outputs to the file or folder they come from",
                );
            } else if output.is_none() && name != "environment" {
                self.advise(
                    path,
                    &format!("unknown placeholder `{{{}}}`", visible(name)),
                    "known here: {environment} {output.NAME}",
                );
            }
        }
    }

    fn security(&mut self) {
        let security = &self.config.gates.security;
        self.command("gates.security.script", security.script.as_deref());
        for (index, check) in security.checks.iter().enumerate() {
            let path = format!("gates.security.check[{index}]");
            self.command(&format!("{path}.command"), check.command.as_deref());
            if let Some(file) = &check.file {
                self.clean(&format!("{path}.file"), names::path(file));
            }
            for (key, pattern) in [
                ("contains", &check.contains),
                ("absent", &check.absent),
                ("pattern", &check.pattern),
            ] {
                if let Some(pattern) = pattern
                    && let Err(error) = Regex::new(pattern)
                {
                    let why = visible(&error.to_string());
                    self.report(
                        &format!("{path}.{key}"),
                        &format!("not a regular expression: {why}"),
                    );
                }
            }
            self.one_kind(check, &path);
        }
    }

    /// A requirement is about files or about a command, and has the keys of its kind.
    fn one_kind(&mut self, check: &SecurityCheck, path: &str) {
        let stands = |key: &str| self.places.stands(&format!("{path}.{key}"));
        let strange: &[&str] = match (stands("file"), stands("command")) {
            (true, false) => &["exit", "pattern"],
            (false, true) => &["contains", "absent"],
            _ => {
                let message = format!(
                    "the requirement `{}`: expected either `file` or `command`",
                    visible(&check.name)
                );
                self.report(&format!("{path}.name"), &message);
                return;
            }
        };
        let other = if stands("file") { "command" } else { "file" };
        for key in strange {
            if self.places.stands(&format!("{path}.{key}")) {
                let message = format!("belongs to a requirement with `{other}`");
                self.report(&format!("{path}.{key}"), &message);
            }
        }
    }
}
