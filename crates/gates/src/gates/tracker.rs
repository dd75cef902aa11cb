//! `tracker`: enough days of the plan are complete, and the checklists are done.

use anyhow::Result;
use config::{Checklist, TrackerGate};
use serde_json::json;

use crate::tracker::{self, Day, Status, Tracker, checklist};
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs};

pub(crate) const GATE: Gate = Gate {
    name: "tracker",
    about: "are enough days of the plan complete, and the checklists done",
    cost: Cost::Instant,
    needs: &[],
    inputs,
    applies,
    check,
};

const HOW: &str =
    "a day is a heading such as `## Day 3-4: Storage`, with `Status: ✅ Complete` below it";

fn settings(cx: &Cx) -> &TrackerGate {
    &cx.config.gates.tracker
}

fn inputs(cx: &Cx) -> Result<Inputs> {
    let settings = settings(cx);
    let lists = settings.checklist.iter().map(|list| list.path.clone());
    Ok(match (&settings.path, settings.checklist.is_empty()) {
        (Some(path), _) => Inputs::files(lists.chain([path.clone()])),
        (None, false) => Inputs::files(lists),
        (None, true) => Inputs::Live("asks git which tracked document is the tracker"),
    })
}

fn applies(cx: &Cx) -> Result<Applies> {
    let settings = settings(cx);
    if settings.path.is_some() || !settings.checklist.is_empty() {
        return Ok(Applies::Yes);
    }
    let named = named(cx)?;
    Ok(match named.as_slice() {
        [] => Applies::No("gates.tracker names no document".to_owned()),
        [path] if guessed(cx, path)?.is_some() => Applies::Yes,
        [path] => Applies::No(format!(
            "{path} has no heading of a day, and gates.tracker names no document"
        )),
        several => Applies::No(format!(
            "{} could each be the tracker; set gates.tracker.path",
            several.join(", ")
        )),
    })
}

/// Tracked documents whose name says that they are a tracker.
fn named(cx: &Cx) -> Result<Vec<String>> {
    let tracked = cx.git().list(&["ls-files", "-z", "--", "*.md", "*.MD"])?;
    Ok(tracked.into_iter().filter(|path| says_so(path)).collect())
}

/// `TRACKER.md`, `docs/completion-tracker.md`, `V1_COMPLETION.md`.
fn says_so(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.split(|found: char| !found.is_alphanumeric())
        .any(|word| matches!(word, "tracker" | "completion"))
}

/// The text of a document that was not configured, if it really is a tracker.
fn guessed(cx: &Cx, path: &str) -> Result<Option<String>> {
    let text = cx.world.read_if_exists(&cx.path(path))?;
    Ok(text.filter(|text| !tracker::read(text).mentions.is_empty()))
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = settings(cx);
    let path = match &settings.path {
        Some(path) => Some(path.clone()),
        None if settings.checklist.is_empty() => named(cx)?.into_iter().next(),
        None => None,
    };
    if let Some(path) = path {
        match cx.world.read_if_exists(&cx.path(&path))? {
            Some(text) => count(&path, &tracker::read(&text), settings.required, findings),
            None => absent(&path, "gates.tracker.path", findings),
        }
    }
    let mut lists = Vec::new();
    for list in &settings.checklist {
        match cx.world.read_if_exists(&cx.path(&list.path))? {
            Some(text) => lists.extend(listed(list, &text, findings)),
            None => absent(&list.path, "gates.tracker.checklist", findings),
        }
    }
    if !settings.checklist.is_empty() {
        findings.evidence("checklists", lists);
    }
    Ok(())
}

fn absent(path: &str, key: &str, findings: &mut Findings) {
    findings.examined(1);
    findings
        .error(format!("there is no {path}"))
        .at(path)
        .help(format!("write it, or correct {key}"));
}

fn count(path: &str, tracker: &Tracker, required: u64, findings: &mut Findings) {
    let days = tracker::days(tracker);
    let of = |status| -> Vec<u32> {
        days.iter()
            .filter(|(_, day)| day.status == status)
            .map(|(number, _)| *number)
            .collect()
    };
    let complete = of(Some(Status::Complete)).len();
    let (partial, unsaid) = (of(Some(Status::Partial)), of(None));
    findings.examined(days.len().max(1));
    findings.evidence("path", path);
    findings.evidence("complete", complete);
    findings.evidence("total", days.len());
    findings.evidence("required", required);
    findings.evidence("partial", partial.clone());
    findings.evidence("open", of(Some(Status::Open)));
    findings.evidence("without_status", unsaid.clone());
    if (complete as u64) < required {
        let mut help = format!("{} more have to be complete", required - complete as u64);
        for (what, which) in [("partial", &partial), ("without a status", &unsaid)] {
            if !which.is_empty() {
                help += &format!("; {what}: {}", list_of(which));
            }
        }
        if days.is_empty() {
            help = HOW.to_owned();
        } else if (days.len() as u64) < required {
            help += "; a shorter plan needs a smaller gates.tracker.required";
        }
        findings
            .error(format!(
                "{complete} of {} days are complete, {required} are required",
                days.len()
            ))
            .at(path)
            .help(help);
    }
    for (number, day) in &days {
        of_day(path, *number, day, findings);
    }
    of_headings(path, tracker, findings);
    gaps(path, &days.keys().copied().collect::<Vec<_>>(), findings);
}

fn list_of(days: &[u32]) -> String {
    let days: Vec<String> = days.iter().map(u32::to_string).collect();
    days.join(", ")
}

fn of_day(path: &str, number: u32, day: &Day, findings: &mut Findings) {
    if let Some((one, other)) = day.disagree {
        findings
            .warning(format!(
                "lines {one} and {other} disagree on day {number}; the worse one counts"
            ))
            .at(path)
            .line(Some(other), None)
            .help("correct one of them");
    }
    if day.status == Some(Status::Partial) {
        findings
            .note(format!("day {number} is partial"))
            .at(path)
            .line(Some(day.line), None);
    }
    for line in day.silent.iter().filter(|_| day.status.is_some()) {
        findings
            .note(format!(
                "day {number} has no status here; it is counted by line {}",
                day.line
            ))
            .at(path)
            .line(Some(*line), None);
    }
    if day.status.is_none() {
        findings
            .warning(format!("day {number} has no status"))
            .at(path)
            .line(Some(day.line), None)
            .help("write `Status: ✅ Complete`, `Status: 🟡 Partial` or `Status: ⬜ Not started` on a line of its own below the heading; bullets do not count");
    }
}

/// What stands in single headings and the lines below them.
fn of_headings(path: &str, tracker: &Tracker, findings: &mut Findings) {
    for mention in &tracker.mentions {
        if let Some((one, other)) = mention.torn {
            findings
                .warning(format!(
                    "the status of day {} is said on line {other} and otherwise above it; the worse one counts",
                    list_of(&mention.days)
                ))
                .at(path)
                .line(Some(other), None)
                .help(format!("leave one status below the heading of line {one}"));
        }
        if let Some((line, text)) = &mention.unread {
            findings
                .warning(format!("`{}` cannot be read as one status", text.trim()))
                .at(path)
                .line(Some(*line), None)
                .help("write for example `Status: ✅ Complete`");
        }
        let outer = mention
            .below
            .and_then(|line| tracker.mentions.iter().find(|outer| outer.line == line));
        let strange =
            outer.is_some_and(|outer| mention.days.iter().any(|day| !outer.days.contains(day)));
        if let (Some(outer), true) = (outer, strange) {
            findings
                .warning(format!(
                    "day {} stands below the heading of day {} and is not counted",
                    list_of(&mention.days),
                    list_of(&outer.days)
                ))
                .at(path)
                .line(Some(mention.line), None)
                .help("give both headings the same level");
        }
    }
    for (line, why) in &tracker.odd {
        findings
            .warning(why.clone())
            .at(path)
            .line(Some(*line), None)
            .help(HOW);
    }
}

/// A plan whose days are numbered has all of them.
fn gaps(path: &str, days: &[u32], findings: &mut Findings) {
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return;
    };
    let missing: Vec<u32> = (*first.min(&1)..*last)
        .filter(|day| !days.contains(day))
        .collect();
    if !missing.is_empty() {
        findings
            .note(format!("no heading for day {}", list_of(&missing)))
            .at(path);
    }
}

/// One checklist; gives its evidence.
fn listed(list: &Checklist, text: &str, findings: &mut Findings) -> Option<serde_json::Value> {
    let path = &list.path;
    let sections = checklist::sections(text);
    findings.examined(1);
    let wanted = list.section.as_deref().unwrap_or_default().trim();
    let same = |title: &str| title.trim().to_lowercase() == wanted.to_lowercase();
    let mut found = sections
        .iter()
        .filter(|section| list.section.is_none() || same(&section.title));
    // The first section is the whole document.
    let section = match (found.next(), found.next()) {
        (Some(section), None) => section,
        (Some(all), Some(_)) if list.section.is_none() => all,
        (None, _) => {
            let known = sections.iter().map(|section| section.title.as_str());
            findings
                .error(format!("there is no heading `{wanted}`"))
                .at(path)
                .help(crate::near::help(
                    wanted,
                    known.filter(|title| !title.is_empty()),
                ));
            return None;
        }
        (Some(one), Some(other)) => {
            findings
                .error(format!(
                    "there are two headings `{wanted}`, the other one on line {}",
                    one.line
                ))
                .at(path)
                .line(Some(other.line), None)
                .help("give one of them another name");
            return None;
        }
    };
    let name = match wanted {
        "" => path.clone(),
        title => format!("`{title}`"),
    };
    let line = (!wanted.is_empty()).then_some(section.line);
    let total = section.items.len();
    let done = section.items.iter().filter(|item| item.done).count();
    if total == 0 {
        findings
            .error(format!("{name} has no item of a checklist"))
            .at(path)
            .line(line, None)
            .help("an item is a line such as `- [x] done` or `- [ ] to do`");
        return None;
    }
    // Whole numbers: 79.99 is less than 80.
    if (done as u64) * 100 < list.required_pct * total as u64 {
        let open: Vec<&checklist::Item> = section.items.iter().filter(|item| !item.done).collect();
        let first = open[0];
        findings
            .error(format!(
                "{done} of {total} items of {name} are done, {} % are required",
                list.required_pct
            ))
            .at(path)
            .line(Some(first.line), None)
            .help(format!(
                "the first one of {} that are open is `{}`",
                open.len(),
                first.text
            ));
    }
    Some(json!({
        "path": path, "section": list.section, "done": done, "total": total, "required_pct": list.required_pct,
    }))
}
