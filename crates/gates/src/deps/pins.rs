//! The versions of node and pnpm that CI workflows and `package.json` pin, against the lock file that they have to read.
//!
//! What is known of them was tried: pnpm 8 and 9 read form 6 and pnpm 10 does not, pnpm 9 and later read form 9.
//! pnpm 11 does not read the field `pnpm` of `package.json`: overrides which stand there alone are gone, and a frozen
//! installation refuses the lock file that has them.

use anyhow::Result;
use serde_json::Value;

use super::steps::{Step, Workflow, read};
use crate::project::{self, NodeManager};
use crate::{Cx, Findings, lockfile};

/// What the pinned versions are compared with.
struct Lock {
    name: &'static str,
    /// `lockfileVersion`, and its first number.
    version: String,
    form: u64,
    /// Overrides that only the field `pnpm` of package.json holds.
    overrides: bool,
}

pub(crate) fn check(cx: &Cx, manager: NodeManager, findings: &mut Findings) -> Result<()> {
    let Some(lock) = lock(cx, manager)? else {
        return Ok(());
    };
    let declared = project::declared_manager(&cx.root);
    if manager == NodeManager::Pnpm
        && let Some(version) = declared
            .as_ref()
            .and_then(|text| text.strip_prefix("pnpm@"))
        && let Some(why) = major(version).and_then(|major| lock.refused_by_pnpm(major))
    {
        let text = cx.world.read_text(&cx.path("package.json"))?;
        findings
            .error(format!("`packageManager` names pnpm {version}, and {why}"))
            .at("package.json")
            .line(super::line_of(&text, "packageManager"), None)
            .help(HELP);
    }
    let workflows = [".github/workflows/*.yml", ".github/workflows/*.yaml"];
    let args = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
    ];
    for path in cx.git().list(&[&args[..], &workflows].concat())? {
        if !cx.path(&path).is_file() {
            continue;
        }
        findings.examined(1);
        let text = cx.world.read_text(&cx.path(&path))?;
        match read(&text) {
            Ok(workflow) => {
                let mut look = Look {
                    path: &path,
                    lock: &lock,
                    manager,
                    declared: declared.as_deref(),
                    workflow: &workflow,
                    findings: &mut *findings,
                };
                workflow.steps.iter().for_each(|step| look.step(step));
            }
            // The gate `workflows` says what is wrong with it.
            Err(error) => findings.unknown(format!("{path}: {error:#}")),
        }
    }
    Ok(())
}

const HELP: &str = "pin a version that reads the lock file, the same one everywhere: `packageManager` in package.json is read by corepack and by pnpm/action-setup";

fn lock(cx: &Cx, manager: NodeManager) -> Result<Option<Lock>> {
    let Some(name) = lockfile::of(cx, manager) else {
        return Ok(None);
    };
    let text = cx.world.read_text(&cx.path(name))?;
    // A lock file that cannot be read has been said.
    let parsed: Option<Value> = match manager {
        NodeManager::Npm => serde_json::from_str(&text).ok(),
        NodeManager::Pnpm => lockfile::yaml(&text).ok(),
        NodeManager::Yarn => None,
    };
    let Some(parsed) = parsed else {
        return Ok(None);
    };
    let version = match &parsed["lockfileVersion"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let overrides = parsed.get("overrides").is_some() && {
        let manifest = cx.world.read_text(&cx.path("package.json"))?;
        let manifest: Value = serde_json::from_str(manifest.trim_start_matches('\u{feff}'))?;
        let workspace = cx
            .world
            .read_if_exists(&cx.path("pnpm-workspace.yaml"))?
            .unwrap_or_default();
        manifest.pointer("/pnpm/overrides").is_some()
            && lockfile::key_line(&workspace, "overrides").is_none()
    };
    Ok(major(&version).map(|form| Lock {
        name,
        version,
        form,
        overrides,
    }))
}

impl Lock {
    /// Why a pnpm of this major version does not take it.
    fn refused_by_pnpm(&self, pnpm: u64) -> Option<String> {
        let (from, to) = match self.form {
            5 => (1, 7),
            6 => (8, 9),
            9 => (9, u64::MAX),
            _ => return None,
        };
        let (name, form) = (self.name, &self.version);
        if pnpm < from || pnpm > to {
            return Some(format!(
                "pnpm {pnpm} cannot read {name}, which is of form {form}"
            ));
        }
        (pnpm >= 11 && self.overrides).then(|| {
            format!(
                "pnpm {pnpm} does not read the overrides of package.json, so that it refuses {name}: move them to pnpm-workspace.yaml"
            )
        })
    }
}

/// The first number of `9`, `9.x`, `^9.15.0`, `v20.1.0`; `None` for `latest`, `lts/*` and expressions.
fn major(version: &str) -> Option<u64> {
    let text = version.trim().trim_start_matches(['^', '~', 'v', '=', '>']);
    let digits = text
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(text.len());
    text[..digits].parse().ok()
}

struct Look<'a, 'f> {
    path: &'a str,
    lock: &'a Lock,
    manager: NodeManager,
    declared: Option<&'a str>,
    workflow: &'a Workflow,
    findings: &'f mut Findings,
}

impl Look<'_, '_> {
    fn error(&mut self, line: usize, message: String) {
        self.findings
            .error(message)
            .at(self.path)
            .line(Some(line), None)
            .help(HELP);
    }

    fn warning(&mut self, line: usize, message: &str) {
        self.findings
            .warning(message)
            .at(self.path)
            .line(Some(line), None)
            .help(HELP);
    }

    fn step(&mut self, step: &Step) {
        if let Some((uses, line)) = step.get("uses") {
            if uses.starts_with("pnpm/action-setup@") && self.manager == NodeManager::Pnpm {
                self.action_setup(step, line);
            }
            if uses.starts_with("actions/setup-node@")
                && let Some((version, line)) = step.get("with.node-version")
            {
                for (version, line) in self.values(step, version, line) {
                    self.node(&version, line);
                }
            }
        }
        if let Some((run, line)) = step.get("run") {
            self.run(run, line);
        }
    }

    /// The text itself, or what a matrix puts in its place.
    fn values(&self, step: &Step, text: &str, line: usize) -> Vec<(String, usize)> {
        let key = text
            .trim()
            .strip_prefix("${{")
            .and_then(|rest| rest.strip_suffix("}}"))
            .and_then(|inner| inner.trim().strip_prefix("matrix."));
        let Some(key) = key else {
            return vec![(text.to_owned(), line)];
        };
        self.workflow
            .matrix
            .iter()
            .filter(|(job, name, ..)| *job == step.job && name == key)
            .map(|(_, _, value, line)| (value.clone(), *line))
            .collect()
    }

    fn action_setup(&mut self, step: &Step, uses: usize) {
        // The action can be told to read another manifest: that one is not looked into.
        if step.get("with.package_json_file").is_some() {
            return;
        }
        let declared = self.declared.and_then(|text| text.strip_prefix("pnpm@"));
        let Some((version, line)) = step.get("with.version") else {
            if declared.is_none() {
                self.error(
                    uses,
                    "pnpm/action-setup is told no version, and package.json has no `packageManager`: it stops".to_owned(),
                );
            }
            return;
        };
        for (version, line) in self.values(step, version, line) {
            if self.pnpm(&version, line) {
                continue;
            }
            match declared {
                Some(declared) if major(declared) != major(&version) && major(&version).is_some() => {
                    self.error(line, format!("pnpm {version} is pinned here, and {declared} in package.json"));
                }
                Some(declared) if declared != version => self.warning(
                    line,
                    &format!(
                        "pnpm {version} is pinned here, and {declared} in package.json: pnpm/action-setup 4 and later refuse two that differ"
                    ),
                ),
                _ => {}
            }
        }
    }

    /// Whether it was found unfit.
    fn pnpm(&mut self, version: &str, line: usize) -> bool {
        let why = major(version).and_then(|major| self.lock.refused_by_pnpm(major));
        if let Some(why) = &why {
            self.error(line, why.clone());
        }
        why.is_some()
    }

    fn node(&mut self, version: &str, line: usize) {
        let Some(node) = major(version) else {
            return;
        };
        match self.manager {
            // npm comes with node: 6 with 14 and before, which reads neither of the later forms' packages.
            NodeManager::Npm if node <= 14 && self.lock.form >= 3 => self.error(
                line,
                format!(
                    "node {version} brings npm 6, which cannot read {}, which is of form {}",
                    self.lock.name, self.lock.version
                ),
            ),
            NodeManager::Pnpm => {
                let pnpm = self
                    .declared
                    .and_then(|text| major(text.strip_prefix("pnpm@")?));
                let least = match pnpm {
                    Some(8) => 16,
                    Some(9 | 10) => 18,
                    Some(11) => 22,
                    _ => return,
                };
                if node < least {
                    let pnpm = pnpm.unwrap_or_default();
                    self.error(
                        line,
                        format!("node {version} is pinned here, and pnpm {pnpm} of package.json needs {least} or later"),
                    );
                }
            }
            _ => {}
        }
    }

    /// `corepack prepare pnpm@9`, `npm install --global pnpm@9`, `npx pnpm@9`; and `corepack enable` without a version.
    fn run(&mut self, script: &str, line: usize) {
        if self.manager != NodeManager::Pnpm {
            return;
        }
        let words = script.split(|char: char| char.is_whitespace() || "\"';&|()".contains(char));
        let pinned: Vec<&str> = words
            .filter_map(|word| word.strip_prefix("pnpm@"))
            .collect();
        for version in &pinned {
            if self.pnpm(version, line) {
                continue;
            }
            let declared = self.declared.and_then(|text| text.strip_prefix("pnpm@"));
            if let Some(declared) = declared
                && major(version).is_some()
                && major(declared) != major(version)
            {
                self.error(
                    line,
                    format!("pnpm {version} is pinned here, and {declared} in package.json"),
                );
            }
        }
        if script.contains("corepack enable") && pinned.is_empty() && self.declared.is_none() {
            self.warning(
                line,
                "corepack gives whatever pnpm is the latest: package.json has no `packageManager`",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lock, major};

    #[test]
    fn the_first_number_of_a_version() {
        for (text, number) in [
            ("9", Some(9)),
            ("9.x", Some(9)),
            ("^10.1.0", Some(10)),
            ("v20.1.0", Some(20)),
            (">=18", Some(18)),
            ("latest", None),
            ("lts/*", None),
            ("${{ env.NODE }}", None),
            ("", None),
        ] {
            assert_eq!(major(text), number, "{text}");
        }
    }

    #[test]
    fn which_pnpm_reads_which_form() {
        let refused = |form, pnpm, overrides| {
            let lock = Lock {
                name: "pnpm-lock.yaml",
                version: format!("{form}.0"),
                form,
                overrides,
            };
            lock.refused_by_pnpm(pnpm).is_some()
        };
        for (form, pnpm, overrides, expected) in [
            (5, 7, false, false),
            (5, 8, false, true),
            (6, 7, false, true),
            (6, 8, false, false),
            (6, 9, false, false),
            (6, 10, false, true),
            (9, 8, false, true),
            (9, 9, true, false),
            (9, 10, true, false),
            (9, 11, false, false),
            (9, 11, true, true),
        ] {
            assert_eq!(refused(form, pnpm, overrides), expected, "{form} {pnpm}");
        }
    }
}
