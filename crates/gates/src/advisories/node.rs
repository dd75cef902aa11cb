//! The package manager's own audit, asked so that no setting of a person or a machine makes it answer "none".

use std::time::Duration;

use anyhow::Result;
use world::{Cmd, Output};

use super::Advisory;
use super::reply::{self, Reply};
use crate::project::NodeManager;
use crate::{Cx, lockfile};

/// What the audit said.
pub(crate) struct Audit {
    /// Packages of the lock file that somebody else made.
    pub(crate) packages: Option<usize>,
    pub(crate) advisories: Vec<Advisory>,
}

/// Why there is no answer.
pub(crate) type NoAnswer = String;

pub(crate) fn audit(
    cx: &Cx,
    manager: NodeManager,
    timeout: Duration,
) -> Result<Result<Audit, NoAnswer>> {
    let program = manager.program();
    let Some(lock) = lockfile::of(cx, manager) else {
        return Ok(Err(format!(
            "there is no {}, which `{program} audit` needs; run `{program} install` and commit it",
            lockfile::names(manager)[0]
        )));
    };
    let text = cx.world.read_text(&cx.path(lock))?;
    let packages = match lockfile::packages(lock, &text) {
        Ok(packages) => packages.map(|packages| packages.len()),
        Err(error) => return Ok(Err(format!("{lock} cannot be read: {error:#}"))),
    };
    if packages == Some(0) {
        // Nobody has to be asked about nothing.
        return Ok(Ok(Audit {
            packages,
            advisories: Vec::new(),
        }));
    }
    let (cmd, read) = question(cx, manager)?;
    let output = cx.world.ask(&cmd.timeout(timeout))?;
    let answer = read(&output.text()).and_then(|list| believable(manager, &output, list));
    Ok(match answer {
        Ok(mut advisories) => {
            for advisory in &mut advisories {
                let line =
                    lockfile::line(lock, &text, &advisory.package, advisory.version.as_deref());
                advisory.place = (lock.to_owned(), line);
            }
            Ok(Audit {
                packages,
                advisories,
            })
        }
        Err(why) => Err(no_answer(&output, &why)),
    })
}

/// Where standard output holds no error, the last word on the other stream may say why.
fn no_answer(output: &Output, why: &str) -> String {
    let errors = output.errors();
    let said = match errors.lines().last() {
        Some(line) if !why.contains("an error: ") => {
            format!(" (it says: {})", reply::cut(line))
        }
        _ => String::new(),
    };
    format!(
        "`{}` gave no report: {why}{said}; the registry has to answer audits: see `registry` in .npmrc",
        output.command
    )
}

type Reader = fn(&str) -> Reply;

fn question(cx: &Cx, manager: NodeManager) -> Result<(Cmd, Reader)> {
    let cmd = Cmd::new(&cx.root, manager.program());
    Ok(match manager {
        NodeManager::Npm => {
            // Offline, npm asks nobody and answers "none"; without a lock file it looks at what is installed.
            let args = [
                "audit",
                "--json",
                "--offline=false",
                "--package-lock=true",
                "--audit-level=low",
                "--include=dev",
                "--include=optional",
                "--include=peer",
            ];
            (cmd.args(args), reply::report)
        }
        NodeManager::Pnpm => {
            let args = ["audit", "--json", "--audit-level=low"];
            // The pnpm that is here shall answer, not one that it downloads first.
            let cmd = cmd
                .env("npm_config_manage_package_manager_versions", "false")
                .env("pnpm_config_pm_on_fail", "ignore");
            (cmd.args(args), reply::report)
        }
        NodeManager::Yarn if lockfile::is_yarn_classic(cx)? => {
            (cmd.args(["audit", "--json"]), reply::yarn_classic)
        }
        NodeManager::Yarn => {
            let args = ["npm", "audit", "--all", "--recursive", "--json"];
            (cmd.args(args), reply::yarn_berry)
        }
    })
}

/// The exit status and the report have to say the same. yarn 1 adds up the severities: 1, 2, 4, 8, 16.
fn believable(manager: NodeManager, output: &Output, list: Vec<Advisory>) -> Reply {
    let most = match manager {
        NodeManager::Yarn => 31,
        NodeManager::Npm | NodeManager::Pnpm => 1,
    };
    match (output.code, list.is_empty()) {
        (Some(0), _) => Ok(list),
        (Some(code), false) if code <= most => Ok(list),
        (Some(code), true) if code <= most => Err(format!(
            "it names nothing, and ended with exit status {code}"
        )),
        (Some(code), _) => Err(format!("it ended with exit status {code}")),
        (None, _) => Err("it was ended by a signal".to_owned()),
    }
}
