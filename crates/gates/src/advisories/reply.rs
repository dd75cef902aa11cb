//! What `npm audit --json`, `pnpm audit --json` and yarn's two audits answer. Anything that is not plainly a report is
//! no answer: an error object, a page of HTML, nothing at all, figures without names.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Advisory, Kind, Severity};

/// What was reported; or why it is no report, in a few words.
pub(crate) type Reply = Result<Vec<Advisory>, String>;

/// npm and pnpm: one JSON object, in the form of npm 7 and later or in the older one, which pnpm speaks.
pub(crate) fn report(text: &str) -> Reply {
    let json: Value = serde_json::from_str(text.trim()).map_err(|_| no_json(text))?;
    if let Some(error) = error(&json) {
        return Err(error);
    }
    if let Some(advisories) = json.get("advisories").and_then(Value::as_object) {
        let list: Vec<Advisory> = advisories.values().map(older).collect();
        counted(&json, list)
    } else if let Some(packages) = json.get("vulnerabilities").and_then(Value::as_object) {
        let mut seen = BTreeSet::new();
        let list = packages
            .values()
            .filter_map(|package| package.get("via")?.as_array())
            .flatten()
            // A text names another package of the report, which says it itself.
            .filter(|via| via.is_object())
            .map(newer)
            .filter(|advisory| seen.insert((advisory.id.clone(), advisory.package.clone())))
            .collect::<Vec<_>>();
        if list.is_empty() && !packages.is_empty() {
            return Err(format!(
                "it names {} packages and no advisory",
                packages.len()
            ));
        }
        counted(&json, list)
    } else {
        Err("its answer holds neither `vulnerabilities` nor `advisories`".to_owned())
    }
}

/// yarn 1: one JSON object a line, the last one being the summary. Without that it was cut short.
pub(crate) fn yarn_classic(text: &str) -> Reply {
    let mut list = Vec::new();
    let mut seen = BTreeSet::new();
    let mut summary = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let json: Value = serde_json::from_str(line).map_err(|_| no_json(line))?;
        match json.get("type").and_then(Value::as_str) {
            Some("auditAdvisory") => {
                let advisory = older(json.pointer("/data/advisory").unwrap_or(&Value::Null));
                if seen.insert((advisory.id.clone(), advisory.package.clone())) {
                    list.push(advisory);
                }
            }
            Some("auditSummary") => summary = json.get("data").cloned(),
            Some("error") => return Err(said(&json)),
            _ => {}
        }
    }
    let Some(summary) = summary else {
        return Err("it ended without a summary".to_owned());
    };
    counted(&serde_json::json!({ "metadata": summary }), list)
}

/// yarn 2 and later: one JSON object a line for each advisory, and nothing at all where there is none.
pub(crate) fn yarn_berry(text: &str) -> Reply {
    let mut list = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let json: Value = serde_json::from_str(line).map_err(|_| no_json(line))?;
        let (Some(package), Some(about)) = (
            json.get("value").and_then(Value::as_str),
            json.get("children"),
        ) else {
            return Err(said(&json));
        };
        let text = |key: &str| about.get(key).and_then(Value::as_str);
        list.push(Advisory {
            id: id(text("URL"), about.get("ID")),
            aliases: Vec::new(),
            package: package.to_owned(),
            version: about
                .pointer("/Tree Versions/0")
                .and_then(Value::as_str)
                .map(str::to_owned),
            title: text("Issue").unwrap_or_default().to_owned(),
            kind: Kind::Vulnerability(severity(text("Severity"))),
            score: None,
            url: text("URL").map(str::to_owned),
            help: affected(text("Vulnerable Versions")),
            place: (String::new(), None),
        });
    }
    Ok(list)
}

fn no_json(text: &str) -> String {
    let first = text.trim().lines().next().unwrap_or_default();
    match first {
        "" => "it answered nothing".to_owned(),
        first => format!("it answered no JSON: `{}`", cut(first)),
    }
}

/// npm: `{"message": …, "error": {…}}`, or `{"error": {"code": …, "summary": …}}`; pnpm: `{"error": {"code", "message"}}`.
fn error(json: &Value) -> Option<String> {
    json.get("error").or_else(|| json.get("message"))?;
    Some(said(json))
}

fn said(json: &Value) -> String {
    let words: Vec<&str> = [
        "/message",
        "/error/code",
        "/error/message",
        "/error/summary",
        "/error",
        "/data",
    ]
    .iter()
    .filter_map(|pointer| json.pointer(pointer)?.as_str())
    .filter(|text| !text.is_empty())
    .collect();
    match words.is_empty() {
        true => format!("it answered `{}`", cut(&json.to_string())),
        false => format!("it answered an error: {}", cut(&words.join(": "))),
    }
}

/// One line, not too long, of what somebody else's program said.
pub(super) fn cut(text: &str) -> String {
    const MOST: usize = 300;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A report that counts something and names nothing was cut or filtered on its way.
fn counted(json: &Value, list: Vec<Advisory>) -> Reply {
    let counts = json
        .pointer("/metadata/vulnerabilities")
        .and_then(Value::as_object);
    let sum: u64 = counts
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != "total")
        .filter_map(|(_, count)| count.as_u64())
        .sum();
    if sum > 0 && list.is_empty() {
        return Err(format!("it counts {sum} vulnerabilities and names none"));
    }
    Ok(list)
}

/// The entry of a `via`.
fn newer(via: &Value) -> Advisory {
    let text = |key: &str| via.get(key).and_then(Value::as_str);
    Advisory {
        id: id(text("url"), via.get("source")),
        aliases: Vec::new(),
        package: text("name").unwrap_or("an unnamed package").to_owned(),
        version: None,
        title: text("title").unwrap_or_default().to_owned(),
        kind: Kind::Vulnerability(severity(text("severity"))),
        score: score(via),
        url: text("url").map(str::to_owned),
        help: affected(text("range")),
        place: (String::new(), None),
    }
}

/// An advisory as npm 6 had it.
fn older(advisory: &Value) -> Advisory {
    let text = |key: &str| advisory.get(key).and_then(Value::as_str);
    let patched = text("patched_versions").filter(|range| *range != "<0.0.0");
    let mut aliases: Vec<String> = advisory
        .get("cves")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let number = advisory.get("id");
    aliases.extend(number.map(plain));
    Advisory {
        id: text("github_advisory_id").map_or_else(|| id(text("url"), number), str::to_owned),
        aliases,
        package: text("module_name")
            .or_else(|| text("name"))
            .unwrap_or("an unnamed package")
            .to_owned(),
        version: advisory
            .pointer("/findings/0/version")
            .and_then(Value::as_str)
            .map(str::to_owned),
        title: text("title").unwrap_or_default().to_owned(),
        kind: Kind::Vulnerability(severity(text("severity"))),
        score: score(advisory),
        url: text("url").map(str::to_owned),
        help: match patched {
            Some(range) => format!("mended in {range}: update it, or whoever asks for it"),
            None => affected(text("vulnerable_versions")),
        },
        place: (String::new(), None),
    }
}

fn severity(word: Option<&str>) -> Severity {
    word.map_or(Severity::Unscored, Severity::of)
}

/// Registries write 0 for "not scored".
fn score(advisory: &Value) -> Option<f64> {
    advisory
        .pointer("/cvss/score")
        .and_then(Value::as_f64)
        .filter(|score| *score > 0.0)
}

/// The id that stands at the end of the address, else the number.
fn id(url: Option<&str>, number: Option<&Value>) -> String {
    let last = url.and_then(|url| url.trim_end_matches('/').rsplit('/').next());
    match (last.filter(|last| last.contains('-')), number) {
        (Some(id), _) => id.to_owned(),
        (None, Some(number)) => plain(number),
        (None, None) => "an advisory without id".to_owned(),
    }
}

/// Without the quotes of JSON.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn affected(range: Option<&str>) -> String {
    let range = range.map_or_else(String::new, |range| format!(" from the range `{range}`"));
    format!("update it away{range}, or accept it for a time in [[gates.audit.ignore]]")
}

#[cfg(test)]
mod tests;
