//! Names of things in a deployment: templates filled in from the outputs of the infrastructure.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use config::StagingGate;
use serde_json::{Map, Value};
use world::Output;

use crate::terraform::{self, Program};
use crate::{Cx, Findings};

/// State is fetched from its backend.
const PATIENCE: Duration = Duration::from_secs(60);

/// What templates are filled in with.
pub(crate) struct Names {
    environment: String,
    /// `None`: there are none, or they could not be read, which has been said.
    outputs: Option<Map<String, Value>>,
    /// How a person would name the place they come from.
    source: String,
}

impl Names {
    pub(crate) fn read(
        cx: &Cx,
        settings: &StagingGate,
        environment: &str,
        findings: &mut Findings,
    ) -> Result<Names> {
        let mut names = Names {
            environment: environment.to_owned(),
            outputs: None,
            source: String::new(),
        };
        let Some(template) = &settings.outputs else {
            return Ok(names);
        };
        let path = names.plain(template)?;
        let workspace = names.plain(&settings.workspace)?;
        match outputs(cx, &path, &workspace) {
            Ok(outputs) => names.outputs = Some(outputs),
            Err(error) => {
                cx.world.check_interrupt()?;
                findings.unknown(format!("{error:#}"));
            }
        }
        findings.evidence("outputs", path.clone());
        names.source = path;
        Ok(names)
    }

    /// A template that knows the environment alone.
    fn plain(&self, template: &str) -> Result<String> {
        config::expand(template, &[("environment", &self.environment)])
            .map_err(anyhow::Error::msg)
            .with_context(|| format!("fill in `{template}` of the configuration"))
    }

    /// What a template stands for: one name, or one for each element of a list. What is wrong with it is among the
    /// findings, and it then stands for nothing.
    pub(crate) fn fill(&self, kind: &str, template: &str, findings: &mut Findings) -> Vec<String> {
        match self.expand(template) {
            Ok(names) => names,
            Err(Flaw::Absent(why)) => {
                findings
                    .error(format!("{kind} `{template}`: {why}"))
                    .help("apply the infrastructure, or mend the name in the configuration");
                Vec::new()
            }
            Err(Flaw::Unseen(why)) => {
                findings.unknown(format!("not seen: {kind} `{template}`: {why}"));
                Vec::new()
            }
        }
    }

    fn expand(&self, template: &str) -> Result<Vec<String>, Flaw> {
        let mut filled = vec![Vec::new()];
        for name in placeholders(template) {
            let values = match name.strip_prefix("output.") {
                Some(output) => self.output(output)?,
                None => vec![self.environment.clone()],
            };
            let with = |known: &Vec<(String, String)>| {
                let known = known.clone();
                let name = name.clone();
                values
                    .iter()
                    .map(move |value| {
                        let mut known = known.clone();
                        known.push((name.clone(), value.clone()));
                        known
                    })
                    .collect::<Vec<_>>()
            };
            filled = filled.iter().flat_map(with).collect();
        }
        filled
            .iter()
            .map(|known| {
                let known: Vec<(&str, &str)> = known
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect();
                config::expand(template, &known).map_err(Flaw::Unseen)
            })
            .collect()
    }

    fn output(&self, name: &str) -> Result<Vec<String>, Flaw> {
        let Some(outputs) = &self.outputs else {
            return Err(Flaw::Unseen("the outputs could not be read".to_owned()));
        };
        let Some(output) = outputs.get(name) else {
            return Err(Flaw::Absent(format!(
                "there is no output `{name}` in {}",
                self.source
            )));
        };
        if output.get("sensitive") == Some(&Value::Bool(true)) {
            return Err(Flaw::Unseen(format!(
                "the output `{name}` is sensitive, and names stand in reports; give it an output of its own that is not"
            )));
        }
        let text = |value: &Value| match value {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let values = match output.get("value") {
            Some(Value::Array(list)) => list.iter().map(text).collect(),
            Some(Value::Object(map)) => map.values().map(text).collect(),
            Some(value) => text(value).map(|text| vec![text]),
            None => None,
        };
        match values {
            Some(values) if values.is_empty() => Err(Flaw::Absent(format!(
                "the output `{name}` is an empty list"
            ))),
            Some(values) => Ok(values),
            None => Err(Flaw::Absent(format!(
                "the output `{name}` is no text, no number, and no list of them"
            ))),
        }
    }
}

enum Flaw {
    /// The deployment does not have it.
    Absent(String),
    /// It is not known.
    Unseen(String),
}

/// The placeholders of a template, each once. The configuration has been judged: braces have their partners.
fn placeholders(template: &str) -> Vec<String> {
    let text = template.replace("{{", "").replace("}}", "");
    let mut found: Vec<String> = Vec::new();
    for part in text.split('{').skip(1) {
        if let Some((name, _)) = part.split_once('}')
            && !found.iter().any(|known| known == name)
        {
            found.push(name.to_owned());
        }
    }
    found
}

/// From a file, or from `terraform output` in a folder.
fn outputs(cx: &Cx, path: &str, workspace: &str) -> Result<Map<String, Value>> {
    let full = cx.path(path);
    let (bytes, from) = if full.is_dir() {
        let output = asked(cx, path, &full, workspace)?;
        (output.stdout, output.command)
    } else {
        (cx.world.read(&full)?, path.to_owned())
    };
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(outputs)) => {
            // Each is an object with its value: anything else is a file of another kind.
            if let Some((name, _)) = outputs
                .iter()
                .find(|(_, output)| output.get("value").is_none())
            {
                bail!(
                    "`{name}` in {from} has no `value`; it has to be what `terraform output -json` writes"
                );
            }
            Ok(outputs)
        }
        Ok(_) => bail!("{from} holds no object; it has to be what `terraform output -json` writes"),
        Err(error) => {
            bail!("{from} is no JSON ({error}); it has to be what `terraform output -json` writes")
        }
    }
}

/// `terraform output` of a workspace that is there: of any other one it would make an empty state, and that is not
/// asking.
fn asked(cx: &Cx, path: &str, folder: &Path, workspace: &str) -> Result<Output> {
    let names = terraform::names(cx.config.gates.infra.program, &[]);
    let program = Program::find(cx, names)?;
    let ask = |args: &[&str], workspace: &str| -> Result<Output> {
        let cmd = program
            .cmd(folder)
            .args(args)
            .env("TF_WORKSPACE", workspace)
            .timeout(PATIENCE);
        cx.world.ask(&cmd)?.success().with_context(|| {
            format!(
                "read the outputs in {path}; run `{} init` there, or set gates.staging.outputs to a file",
                program.name
            )
        })
    };
    let list = ask(&["workspace", "list", "-no-color"], "")?.text();
    let known: Vec<&str> = list
        .lines()
        .map(|line| line.trim_start_matches('*').trim())
        .filter(|name| !name.is_empty())
        .collect();
    if !known.contains(&workspace) {
        bail!(
            "there is no workspace `{workspace}` in {path}, but {}; mend gates.staging.workspace",
            known.join(", ")
        );
    }
    ask(&["output", "-json", "-no-color"], workspace)
}

#[cfg(test)]
mod tests {
    use super::{Names, placeholders};
    use crate::Findings;

    fn names(outputs: &str) -> Names {
        Names {
            environment: "staging".to_owned(),
            outputs: serde_json::from_str(outputs).ok(),
            source: "outputs.json".to_owned(),
        }
    }

    #[test]
    fn a_list_stands_for_each_of_its_elements() {
        let names = names(r#"{"a":{"value":["x","y"]},"b":{"value":7},"m":{"value":{"one":"p"}}}"#);
        let mut findings = Findings::default();
        for (template, filled) in [
            ("plain", vec!["plain"]),
            ("pm-{environment}", vec!["pm-staging"]),
            ("{output.a}-{output.b}-{output.a}", vec!["x-7-x", "y-7-y"]),
            ("{output.m}{{", vec!["p{"]),
        ] {
            assert_eq!(names.fill("table", template, &mut findings), filled);
        }
        assert!(findings.list.is_empty() && findings.unknown.is_empty());
        assert_eq!(placeholders("{a}{{b}}{c}{a}"), ["a", "c"]);
    }

    #[test]
    fn what_an_output_cannot_stand_for_is_said() {
        let names = names(
            r#"{"e":{"value":[]},"n":{"value":null},"s":{"sensitive":true,"value":"hidden"}}"#,
        );
        let mut findings = Findings::default();
        for name in ["e", "n", "gone", "s"] {
            let template = format!("{{output.{name}}}");
            assert!(names.fill("table", &template, &mut findings).is_empty());
        }
        let said: Vec<_> = findings
            .list
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(
            said,
            [
                "table `{output.e}`: the output `e` is an empty list",
                "table `{output.n}`: the output `n` is no text, no number, and no list of them",
                "table `{output.gone}`: there is no output `gone` in outputs.json",
            ]
        );
        assert_eq!(findings.unknown.len(), 1);
        assert!(
            findings.unknown[0].contains("is sensitive") && !findings.unknown[0].contains("hidden")
        );
    }
}
