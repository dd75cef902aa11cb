//! The rules of the gates about what runs elsewhere: `infra`, `staging`, `security`.

use super::Rules;
use crate::{names, template};

/// HTTP knows no other status.
const LAST_STATUS: u64 = 599;

impl Rules<'_> {
    pub(super) fn operations(&mut self) {
        self.infra();
        self.staging_deployment();
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
                    &format!("unknown placeholder `{{{}}}`", crate::error::visible(name)),
                    "known here: {environment} {output.NAME}",
                );
            }
        }
    }
}
