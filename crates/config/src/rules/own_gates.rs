//! Rules for `[[gate]]`.

use super::Rules;
use crate::error::visible;
use crate::{GATES, OwnGate, OwnGateResult, names};

impl Rules<'_> {
    pub(super) fn own_gates(&mut self) {
        let config = self.config;
        let mut taken: Vec<&str> = Vec::new();
        for (index, gate) in config.own_gates.iter().enumerate() {
            let path = format!("gate[{index}]");
            self.own_name(gate, &taken, &format!("{path}.name"));
            taken.push(&gate.name);
            if gate.about.contains(char::is_control) {
                self.report(
                    &format!("{path}.about"),
                    "one line, without control characters",
                );
            }
            self.command(&format!("{path}.command"), Some(&gate.command));
            for (key, value) in [("folder", &gate.folder), ("report", &gate.report)] {
                let flaw = value.as_deref().and_then(names::path);
                self.clean(&format!("{path}.{key}"), flaw);
            }
            self.path_list(&format!("{path}.inputs"), &gate.inputs);
            self.variables(gate, &path);
            self.reading(gate, &path);
        }
    }

    fn own_name(&mut self, gate: &OwnGate, taken: &[&str], path: &str) {
        let name = gate.name.as_str();
        let plain = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .chars()
                .all(|found| found.is_ascii_lowercase() || found.is_ascii_digit() || found == '-')
            && !name.ends_with('-');
        if !plain {
            let message = format!("`{}` is no name of a gate", visible(name));
            self.advise(
                path,
                &message,
                "lower-case letters, digits and `-`, beginning with a letter: `api-contract`",
            );
        } else if GATES.contains(&name) {
            let message = format!("there is a gate `{name}` already");
            self.advise(
                path,
                &message,
                &format!("give it another name, or see [gates.{name}]"),
            );
        } else if taken.contains(&name) {
            self.report(path, &format!("another [[gate]] has the name `{name}`"));
        }
    }

    fn variables(&mut self, gate: &OwnGate, path: &str) {
        for (index, name) in gate.env.iter().enumerate() {
            if !names::is_variable(name) {
                // Not repeated: it may be a secret.
                self.advise(
                    &format!("{path}.env[{index}]"),
                    "expected the name of an environment variable, not its value",
                    "write for example `SERVICE_TOKEN`",
                );
            }
        }
        for (index, given) in gate.environment.iter().enumerate() {
            let good = given
                .split_once('=')
                .is_some_and(|(name, value)| names::is_variable(name) && !value.contains('\0'));
            if !good {
                self.advise(
                    &format!("{path}.environment[{index}]"),
                    "expected a variable and its value, `NAME=value`",
                    "write for example `LEVEL=strict`",
                );
            }
        }
    }

    /// What is read, and what the command is said to write.
    fn reading(&mut self, gate: &OwnGate, path: &str) {
        let result = format!("{path}.result");
        if gate.result == OwnGateResult::Status
            && gate.report.is_some()
            && !self.places.refused(&result)
        {
            self.advise(
                &format!("{path}.report"),
                "a report that nothing reads: `result` is `status`",
                "say what it is, `result = \"json\"`, `\"junit\"` or `\"sarif\"`, or leave `report` out",
            );
        }
        if !gate.env.is_empty() && gate.inputs.is_empty() {
            let inputs = format!("{path}.inputs");
            if !self.places.refused(&inputs) {
                self.advise(
                    &format!("{path}.env"),
                    "without `inputs` the command is asked anew each time, and variables change nothing",
                    "name the files it reads in `inputs`, or leave `env` out",
                );
            }
        }
    }
}
