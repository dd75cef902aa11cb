//! Markdown changelogs: find, read, insert and check the section of one version.
//!
//! A changelog is somebody's text. So nothing is parsed into a tree and printed again: a section
//! is a range of bytes, and every byte outside of it stays as it is. The format is that of
//! Keep a Changelog 1.1.0; the block structure follows CommonMark 0.31 as far as it decides
//! whether a line is a heading.

mod blocks;
mod check;
mod date;
mod draft;
mod heading;
mod merge;
mod references;
mod rows;
mod scan;
mod subject;
#[cfg(test)]
mod tests;
mod unreleased;
mod write;

use std::collections::HashMap;

use anyhow::{Result, bail};

pub use check::{Problem, Severity, check};
use date::When;
use heading::{Doubt, Heading, Title};
pub use merge::Tally;
use scan::Line;
pub use write::{Standing, Writing, Written, published, standing, waiting, write};

/// What a new file begins with.
const HEADER: &str = "# Changelog

All notable changes to this project are documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/),
and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

";
const BOM: &str = "\u{feff}";

/// The part of a changelog that belongs to one release, or to what is not released yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section<'a> {
    /// The heading without its `#` marks: `[1.0.0-mvp] - 2026-11-22`.
    pub heading: &'a str,
    /// As written, without a leading `v`: `1.0.0-mvp`. It need not be valid: see [`check`].
    /// None for `[Unreleased]`.
    pub version: Option<&'a str>,
    /// The package whose release it is, where a name stands before the version: `parser 1.0.0`.
    pub name: Option<&'a str>,
    /// Whether this is `[Unreleased]`.
    pub unreleased: bool,
    /// Whether the heading of a version says that it is not released: `1.0.0 (Unreleased)`.
    pub pending: bool,
    /// Line of the heading, from 1.
    pub line: usize,
    /// From the heading to just before the next section, with the blank lines between.
    pub text: &'a str,
}

struct Found<'a> {
    start: usize,
    level: usize,
    section: Section<'a>,
    title: Title<'a>,
}

/// All sections in the order of the text.
///
/// A section begins at a heading of level 1 to 3, at the beginning of a line, such as
/// `## [1.0.0-mvp] - 2026-11-22`, `## 1.0.0`, `## v1.0.0 (2026-11-22)`, `# 1.0.0`, `## parser 1.0.0`,
/// `1.0.0` with a line of `=` or `-` below it, or `## [Unreleased]`, that stands neither in a fenced
/// code block nor in an HTML comment. It ends before the next section, before a heading of a higher
/// level (`# Older releases`), or before the link definitions that close the file (`[1.0.0]: …`), which
/// belong to no section. A heading of another kind on the same level (`## Upgrading`) is part of the
/// section above it.
#[must_use]
pub fn sections(text: &str) -> Vec<Section<'_>> {
    find(text).into_iter().map(|found| found.section).collect()
}

/// The first section of `version`, with or without a leading `v` on either side. Where releases have
/// names, `parser@1.0.0` is that of `parser`, and `1.0.0` the first one of any.
#[must_use]
pub fn section<'a>(text: &'a str, version: &str) -> Option<Section<'a>> {
    sections(text)
        .into_iter()
        .find(|section| is_of(section, version))
}

/// The text with the section of `version` inserted or replaced; every byte outside of it stays.
///
/// - A new section stands before the first release, hence after an `[Unreleased]` at the top and
///   above one at the bottom. A file without releases gets it after `[Unreleased]`, or at its end,
///   before closing link definitions. An empty file gets a header first. A blank line is added
///   where two parts would touch.
/// - A section that exists is kept as it is, for somebody may have edited it; with `replace` it
///   gives way to `new_section`, the blank lines after it stay.
/// - `new_section` takes the line ends of the file (CRLF or LF, whichever it has more of) and loses
///   blank lines at its beginning and white space at its end.
///
/// A second run changes nothing.
///
/// # Errors
/// `new_section` does not begin with a heading of `version`, or would not be read back as this one
/// section (a second release heading, a higher heading, an open code block, closing link
/// definitions); `text` has the section twice; `text` ends in an open code block or comment.
pub fn splice(text: &str, version: &str, new_section: &str, replace: bool) -> Result<String> {
    let body = checked(new_section, version)?.replace('\n', line_end(text));
    match section(text, version) {
        Some(_) if !replace && only(&find(text), version).is_ok() => Ok(text.to_owned()),
        _ => put(text, version, &body),
    }
}

/// The only section of `version`, if there is one.
fn only<'f, 'a>(found: &'f [Found<'a>], version: &str) -> Result<Option<&'f Found<'a>>> {
    let mut same = found.iter().filter(|found| is_of(&found.section, version));
    match (same.next(), same.next()) {
        (Some(one), Some(two)) if one.section.name == two.section.name => bail!(
            "the changelog has two sections of {version}, on lines {} and {}; merge them by hand",
            one.section.line,
            two.section.line
        ),
        (one, _) => Ok(one),
    }
}

/// The text with `body` as the section of `version`, byte for byte.
fn put(text: &str, version: &str, body: &str) -> Result<String> {
    let eol = line_end(text);
    if text.trim_start_matches(BOM).trim().is_empty() {
        let bom = if text.starts_with(BOM) { BOM } else { "" };
        return Ok(format!("{bom}{}{body}{eol}", HEADER.replace('\n', eol)));
    }
    let found = find(text);
    let spliced = match only(&found, version)? {
        Some(old) => replaced(text, old, body, eol),
        None => inserted(text, place(text, &found), body, eol),
    };
    // Link definitions at the end of the last section are those of the whole file.
    let own = tail(&scan::lines(body)).map_or(body, |end| trimmed(body.get(..end).unwrap_or(body)));
    // A file that ends in an open code block swallows what is appended to it.
    match section(&spliced, version).map(|section| trimmed(section.text)) {
        Some(back) if back == body || back == own => Ok(spliced),
        _ => bail!(
            "the section of {version} would not be read back from the changelog{}",
            match scan::open_block(text) {
                Some((line, what)) =>
                    format!(": the {what} opened on line {line} never ends; close it"),
                None => "; move its headings apart by hand".to_owned(),
            }
        ),
    }
}

fn find(text: &str) -> Vec<Found<'_>> {
    let lines = scan::lines(text);
    let end = tail(&lines).unwrap_or(text.len());
    let headings: Vec<(&Line<'_>, Heading<'_>)> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| {
            let above = at.checked_sub(1).and_then(|above| lines.get(above));
            let underlined = || line.underlined(above, lines.get(at + 1)?);
            Some((line, line.heading().or_else(underlined)?))
        })
        .collect();
    let titles = || headings.iter().filter_map(|(_, heading)| heading.release);
    let is_nameless = titles().any(|title| title.version.is_some() && title.name.is_none());
    let mut names: HashMap<&str, usize> = HashMap::new();
    titles()
        .filter_map(|title| title.name)
        .for_each(|name| *names.entry(name).or_default() += 1);
    let times = |name: Option<&str>| name.and_then(|name| names.get(name)).copied().unwrap_or(0);
    let mut all: Vec<Found<'_>> = Vec::new();
    let mut is_open = false;
    for (line, heading) in &headings {
        let release = heading.release.filter(|title| match title.doubt {
            Doubt::None => true,
            // A name that comes again is one of releases; as a subheading it may be anything.
            Doubt::Named => !is_nameless || heading.level < 3 && times(title.name) > 1,
            Doubt::OnTop => all.is_empty(),
        });
        if let Some(above) = all.last_mut().filter(|_| is_open)
            && (release.is_some() || heading.level < above.level)
        {
            above.section.text = text.get(above.start..line.start).unwrap_or_default();
            is_open = false;
        }
        if let Some(title) = release {
            let section = Section {
                heading: heading.text,
                version: title.version,
                name: title.name,
                unreleased: title.version.is_none(),
                pending: title.version.is_some() && title.when() == When::Pending,
                line: line.number,
                text: text.get(line.start..end).unwrap_or_default(),
            };
            all.push(Found {
                start: line.start,
                level: heading.level,
                section,
                title,
            });
            is_open = true;
        }
    }
    all
}

/// Where the link definitions begin that close the file, if it has some: only blank lines and
/// comments stand among and after them.
fn tail(lines: &[Line<'_>]) -> Option<usize> {
    let closing = lines.iter().rev().take_while(|line| line.may_close());
    closing
        .filter(|line| line.is_definition())
        .last()
        .map(|line| line.start)
}

fn is_of(section: &Section<'_>, version: &str) -> bool {
    let same = |version: &str| {
        section
            .version
            .is_some_and(|found| found == heading::bare(version))
    };
    let named = version
        .rsplit_once('@')
        .filter(|(name, _)| !name.is_empty());
    named.map_or_else(
        || same(version),
        |(name, version)| section.name == Some(name) && same(version),
    )
}

/// The new section with LF line ends and nothing around it, if it will be read back as one.
fn checked(new_section: &str, version: &str) -> Result<String> {
    let lf = new_section.replace("\r\n", "\n").replace('\r', "\n");
    let lf = lf.trim_start_matches(BOM).trim_start_matches('\n');
    let body = trimmed(lf);
    // A section behind it shows whether anything in it is still open at its end.
    let probe = format!("{body}\n\n## 0.0.0\n");
    let found = sections(&probe);
    let Some(first) = found.first().filter(|section| section.line == 1) else {
        bail!(
            "the new section does not begin with a heading such as `## [{version}] - 2026-11-22`"
        );
    };
    if !is_of(first, version) {
        bail!(
            "the new section has the heading `{}`, not one of {version}",
            first.heading
        );
    }
    match found.as_slice() {
        [_, last] if probe.ends_with(last.text) && first.text.len() == body.len() + 2 => {}
        [_, second, _, ..] => bail!(
            "the new section holds a second release heading, `{}`, on its line {}",
            second.heading,
            second.line
        ),
        [_, ..] if scan::open_block(body).is_some() => {
            bail!("the new section holds a code block or comment that never ends; close it")
        }
        _ => bail!("the new section holds a heading of a higher level than its own; lower it"),
    }
    if tail(&scan::lines(body)).is_some() {
        bail!(
            "the new section ends in link definitions, which belong to the whole file; write the links inline"
        );
    }
    Ok(body.to_owned())
}

fn trimmed(text: &str) -> &str {
    text.trim_end_matches([' ', '\t', '\r', '\n'])
}

fn line_end(text: &str) -> &'static str {
    let crlf = text.matches("\r\n").count();
    if crlf > text.matches('\n').count() - crlf {
        "\r\n"
    } else {
        "\n"
    }
}

fn replaced(text: &str, old: &Found<'_>, body: &str, eol: &str) -> String {
    let kept = trimmed(old.section.text);
    if kept == body {
        return text.to_owned();
    }
    let before = text.get(..old.start).unwrap_or_default();
    let after = text.get(old.start + kept.len()..).unwrap_or_default();
    let end = if after.contains('\n') {
        after.to_owned()
    } else {
        eol.to_owned()
    };
    format!("{before}{body}{end}")
}

/// Where a new section goes.
fn place(text: &str, found: &[Found<'_>]) -> usize {
    let release = found.iter().find(|found| found.section.version.is_some());
    let unreleased = || {
        found
            .first()
            .map(|found| found.start + found.section.text.len())
    };
    let end = || tail(&scan::lines(text)).unwrap_or(text.len());
    release
        .map(|found| found.start)
        .or_else(unreleased)
        .unwrap_or_else(end)
}

fn inserted(text: &str, at: usize, body: &str, eol: &str) -> String {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let glue = match before.trim_start_matches(BOM) {
        "" => String::new(),
        head if !head.ends_with('\n') => eol.repeat(2),
        head if head.ends_with("\n\n") || head.ends_with("\n\r\n") => String::new(),
        _ => eol.to_owned(),
    };
    let end = if after.is_empty() {
        eol.to_owned()
    } else {
        eol.repeat(2)
    };
    format!("{before}{glue}{body}{end}{after}")
}
