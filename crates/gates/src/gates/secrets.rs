//! `secrets`: no token, key or password in the tree, nor in what was committed since the release before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use world::World;

use crate::secrets::history::{self, Seen};
use crate::secrets::outside::{self, Heard};
use crate::secrets::{self, Allowed, Secret, shapes};
use crate::tags;
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, Severity};

pub(crate) const GATE: Gate = Gate {
    name: "secrets",
    about: "are there no secrets in the tree and in the history since the last release",
    // The tree takes a moment; the history of a repository without a release may take long.
    cost: Cost::Slow,
    needs: &[],
    inputs: |_| Ok(Inputs::Live("looks at the history, whose start is a tag")),
    applies: |_| Ok(Applies::Yes),
    check,
};

/// So many lines after its first one tell whether a private key is there.
const KEY_LINES: usize = 12;

const REVOKE: &str = "revoke it where it was made, put a new one where no commit holds it";

const ALLOW: &str = "if it is none, mark the line with `pragma: allowlist secret`, or allow its fingerprint in [[gates.secrets.allow]]";

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.secrets;
    let mut allowed = Allowed::new(&settings.allow);
    let found = tree(cx, &mut allowed, findings)?;
    let range = match settings.history {
        true => Some(range(cx, findings)?),
        false => None,
    };
    if let Some(range) = &range {
        past(cx, range, &found, &mut allowed, findings)?;
    }
    let timeout = Duration::from_secs(settings.timeout_s);
    for tool in &settings.tools {
        let answer = match (tool.as_str(), &range) {
            ("gitleaks", Some(range)) => outside::gitleaks(cx, range, timeout)?,
            ("gitleaks", None) => continue,
            _ => outside::detect_secrets(cx, timeout)?,
        };
        match answer {
            Ok(list) => heard(list, &found, &mut allowed, findings),
            Err(reason) => findings.unknown(reason),
        }
    }
    findings.evidence("tools", settings.tools.clone());
    findings.evidence("allowed", allowed.used());
    for entry in allowed.unused() {
        let what = entry.path.as_ref().or(entry.fingerprint.as_ref());
        findings
            .note(format!(
                "`{}` in [[gates.secrets.allow]] allows nothing that is there",
                what.map_or("", String::as_str)
            ))
            .help("take the entry out");
    }
    Ok(())
}

/// The files of the tree, those included that the next commit would take.
fn tree(cx: &Cx, allowed: &mut Allowed<'_>, findings: &mut Findings) -> Result<Vec<Secret>> {
    let mut paths = cx.git().list(&[
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ])?;
    paths.sort();
    paths.dedup();
    findings.examined(paths.len());
    findings.evidence("files", paths.len());
    for path in &paths {
        let Some((severity, what)) = secrets::by_name(path) else {
            continue;
        };
        if cx.path(path).is_file() && !allowed.takes(path, None) {
            let message = format!("{what} is in the repository");
            let finding = match severity {
                Severity::Error => findings.error(message),
                _ => findings.warning(message),
            };
            finding.at(path).help(format!(
                "take it out and ignore it; {REVOKE}; or allow the path in [[gates.secrets.allow]]"
            ));
        }
    }
    let mut found = Vec::new();
    for (path, lines) in suspects(cx)? {
        found.extend(look(&cx.world, &cx.path(&path), &path, &lines)?);
    }
    for secret in &found {
        if !allowed.takes(&secret.path, Some(&secret.fingerprint)) {
            tell(secret, "", findings);
        }
    }
    Ok(found)
}

/// Files with the lines that may hold a secret, by git.
fn suspects(cx: &Cx) -> Result<BTreeMap<String, Vec<usize>>> {
    let pattern = shapes::pattern();
    let git = cx.git();
    let cmd = git
        .cmd(["grep", "--untracked", "--text", "--extended-regexp"])
        .args([
            "--line-number",
            "--null",
            "--full-name",
            "--no-color",
            "--no-column",
        ])
        .args(["-e", &pattern]);
    let output = cx.world.ask(&cmd)?;
    // 1: no line.
    if output.code != Some(0) && !(output.code == Some(1) && output.stdout.is_empty()) {
        return Err(output.error().into());
    }
    if output.truncated {
        bail!(
            "too many lines look like secrets to list them; leave files of data out of the repository"
        );
    }
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for line in output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let mut parts = line.splitn(3, |byte| *byte == 0);
        let path = String::from_utf8_lossy(parts.next().unwrap_or_default());
        // Older versions write `:` after the number.
        let number = parts.next().unwrap_or_default();
        let digits = number
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let number = String::from_utf8_lossy(&number[..digits]).parse::<usize>();
        let number = number
            .ok()
            .filter(|number| *number > 0)
            .with_context(|| format!("`git grep` answered a line without its number: `{path}`"))?;
        found.entry(path.into_owned()).or_default().push(number);
    }
    Ok(found)
}

/// The secrets in some lines of a file.
fn look(world: &World, full: &Path, path: &str, numbers: &[usize]) -> Result<Vec<Secret>> {
    let bytes = world.read(full)?;
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let mut found = Vec::new();
    for number in numbers {
        let more = match lines.get(number - 1) {
            Some(line) if String::from_utf8_lossy(line).contains("PRIVATE KEY") => KEY_LINES,
            _ => 0,
        };
        // The line before may hold a mark.
        let first = number.saturating_sub(2);
        let last = (number + more).min(lines.len());
        let Some(part) = lines.get(first..last) else {
            continue;
        };
        let text = String::from_utf8_lossy(&part.join(&b'\n')).into_owned();
        let secrets = secrets::scan(path, &text, first + 1);
        found.extend(secrets.into_iter().filter(|secret| secret.line == *number));
    }
    Ok(found)
}

fn tell(secret: &Secret, place: &str, findings: &mut Findings) {
    let message = format!(
        "{}{place}: {}fingerprint {}",
        secret.what, secret.shown, secret.fingerprint
    );
    let finding = match secret.severity {
        Severity::Error => findings.error(message),
        _ => findings.warning(message),
    };
    finding
        .at(&secret.path)
        .line(Some(secret.line), None)
        .help(format!("{REVOKE}; {ALLOW}"));
}

/// From the release before to here, or all there is.
fn range(cx: &Cx, findings: &mut Findings) -> Result<String> {
    let git = cx.git();
    let head = git.head()?;
    let since = tags::release_before(cx)?;
    if since.is_none() && git.text(&["rev-parse", "--is-shallow-repository"])? == "true" {
        findings
            .warning("the clone is shallow and has no release: older commits cannot be looked at")
            .help("run `git fetch --unshallow --tags`");
    }
    findings.evidence("since", since.clone());
    Ok(match since {
        Some(tag) => format!("refs/tags/{tag}..{head}"),
        None => head,
    })
}

/// What commits have added, be it still there or not.
fn past(
    cx: &Cx,
    range: &str,
    tree: &[Secret],
    allowed: &mut Allowed<'_>,
    findings: &mut Findings,
) -> Result<()> {
    let most = usize::try_from(cx.config.gates.secrets.max_commits).unwrap_or(usize::MAX);
    let Seen {
        added,
        commits,
        left,
        unread,
    } = history::look(&cx.git(), range, most)?;
    findings.examined(commits);
    findings.evidence("commits", commits);
    if left > 0 {
        findings
            .note(format!(
                "{left} older commits were not looked at, only the newest {commits}"
            ))
            .help("raise gates.secrets.max_commits, once");
    }
    for commit in unread {
        findings.unknown(format!(
            "commit {commit} changes too much to be read; look at it by `git show {commit}`"
        ));
    }
    // What is in the tree has been told; what many commits add, once for a path.
    let mut told: BTreeSet<(&str, &str)> = tree
        .iter()
        .map(|secret| (secret.path.as_str(), secret.fingerprint.as_str()))
        .collect();
    for added in &added {
        let secret = &added.secret;
        if told.insert((&secret.path, &secret.fingerprint))
            && !allowed.takes(&secret.path, Some(&secret.fingerprint))
        {
            let short = added.commit.get(..12).unwrap_or(&added.commit);
            tell(
                secret,
                &format!(" in the history, added by commit {short}"),
                findings,
            );
        }
    }
    Ok(())
}

/// What another program has seen, less what we have.
fn heard(list: Vec<Heard>, tree: &[Secret], allowed: &mut Allowed<'_>, findings: &mut Findings) {
    for heard in list {
        let ours = tree
            .iter()
            .any(|secret| secret.path == heard.path && secret.line == heard.line);
        if ours || allowed.takes(&heard.path, None) {
            continue;
        }
        let finding = match heard.severity {
            Severity::Error => findings.error(heard.message),
            _ => findings.warning(heard.message),
        };
        finding
            .at(heard.path)
            .line(Some(heard.line), None)
            .help(format!(
                "{REVOKE}; if it is none, mark the line with `pragma: allowlist secret`"
            ));
    }
}
