//! Coverage reports as the tools write them: how many lines each file has, and how many of them the tests ran.
//!
//! Only counts are read. Percentages in reports are rounded, and say 80.0 of 79.99.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

/// Lines that can be run, and lines that were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) covered: u64,
    pub(crate) total: u64,
}

impl Lines {
    pub(crate) fn add(&mut self, other: Lines) {
        self.covered += other.covered;
        self.total += other.total;
    }

    pub(crate) fn missed(self) -> u64 {
        self.total.saturating_sub(self.covered)
    }

    /// Cut after the second decimal, never rounded up: 79.996 is 79.99. `None` where there is no line.
    #[expect(
        clippy::cast_precision_loss,
        reason = "at most 10,000, which an f64 holds"
    )]
    pub(crate) fn percent(self) -> Option<f64> {
        let hundredths = (u128::from(self.covered) * 10_000).checked_div(u128::from(self.total))?;
        Some(hundredths as f64 / 100.0)
    }
}

/// By path, as the report writes it.
pub(crate) type Files = BTreeMap<String, Lines>;

const FORMATS: &str = "known are cargo-llvm-cov's JSON, `coverage-summary.json` and lcov";

/// Reads a report, whatever its format.
///
/// # Errors
/// When it is none of the formats, is cut off, or contradicts itself.
pub(crate) fn read(text: &str) -> Result<Files> {
    let text = text.trim_start_matches('\u{feff}').trim();
    ensure!(!text.is_empty(), "it is empty");
    let files = if text.starts_with('{') {
        let json: Value = serde_json::from_str(text).context("it is not JSON")?;
        match json.get("type").and_then(Value::as_str) {
            Some("llvm.coverage.json.export") => llvm(json)?,
            _ => summary(&json)?,
        }
    } else if text.lines().any(|line| line.starts_with("SF:")) {
        lcov(text)?
    } else {
        bail!("its format is not known; {FORMATS}");
    };
    for (path, lines) in &files {
        ensure!(
            lines.covered <= lines.total,
            "it says that {} of {} lines of {path} were run",
            lines.covered,
            lines.total
        );
    }
    Ok(files)
}

/// A report among what a command printed: `npm run` says first what it runs.
pub(crate) fn read_printed(text: &str) -> Option<Result<Files>> {
    let text = text.trim();
    if text.starts_with('{') {
        return Some(read(text));
    }
    let lcov = text
        .match_indices("SF:")
        .find(|(at, _)| *at == 0 || text[..*at].ends_with('\n'));
    lcov.map(|(at, _)| read(&text[at..]))
}

#[derive(Deserialize)]
struct Export {
    data: Vec<Data>,
}

#[derive(Deserialize)]
struct Data {
    files: Vec<File>,
    totals: Summary,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    lines: Counts,
}

#[derive(Deserialize)]
struct Counts {
    /// llvm says `count`, istanbul says `total`.
    #[serde(alias = "total")]
    count: u64,
    covered: u64,
}

impl From<&Counts> for Lines {
    fn from(counts: &Counts) -> Lines {
        Lines {
            covered: counts.covered,
            total: counts.count,
        }
    }
}

fn llvm(json: Value) -> Result<Files> {
    let export: Export = serde_json::from_value(json).context("it is not as llvm-cov writes it")?;
    let mut files = Files::new();
    for data in &export.data {
        let mut sum = Lines::default();
        for file in &data.files {
            let lines = Lines::from(&file.summary.lines);
            sum.add(lines);
            merge(&mut files, file.filename.clone(), lines);
        }
        same(sum, Lines::from(&data.totals.lines))?;
    }
    Ok(files)
}

/// `coverage-summary.json`, as jest, vitest and c8 write it.
fn summary(json: &Value) -> Result<Files> {
    let table = json.as_object().context("it is not a JSON object")?;
    if table
        .values()
        .any(|file| file.get("statementMap").is_some())
    {
        bail!(
            "it counts statements, not lines; let the tool write `coverage-summary.json` as well (reporter \
             `json-summary`)"
        );
    }
    ensure!(
        table.contains_key("total"),
        "its format is not known; {FORMATS}"
    );
    let mut files = Files::new();
    let (mut sum, mut total) = (Lines::default(), Lines::default());
    for (path, entry) in table {
        let entry = Summary::deserialize(entry)
            .with_context(|| format!("`{path}` in it has no counts of lines"))?;
        let lines = Lines::from(&entry.lines);
        if path == "total" {
            total = lines;
        } else {
            sum.add(lines);
            merge(&mut files, path.clone(), lines);
        }
    }
    same(sum, total)?;
    Ok(files)
}

/// A report whose parts do not make its whole was cut, or edited.
fn same(sum: Lines, total: Lines) -> Result<()> {
    ensure!(
        sum == total,
        "it contradicts itself: its files have {} of {} lines covered, its total says {} of {}",
        sum.covered,
        sum.total,
        total.covered,
        total.total
    );
    Ok(())
}

/// One record of lcov: the lines one by one, or, where the tool leaves them out, their sums.
#[derive(Default)]
struct Record {
    lines: BTreeMap<u64, bool>,
    sums: Lines,
}

fn lcov(text: &str) -> Result<Files> {
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    let mut open: Option<&str> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end();
        let bad = || format!("line {} of it is no lcov: `{line}`", index + 1);
        if let Some(path) = line.strip_prefix("SF:") {
            ensure!(open.is_none() && !path.is_empty(), bad());
            open = Some(path);
            records.entry(path.to_owned()).or_default();
        } else if line == "end_of_record" {
            open = None;
        } else if let Some(record) = open.and_then(|path| records.get_mut(path)) {
            record.take(line).with_context(bad)?;
        }
    }
    if let Some(path) = open {
        bail!("it is cut off in the record of {path}");
    }
    let lines = |record: &Record| match record.lines.is_empty() {
        true => record.sums,
        false => Lines {
            covered: record.lines.values().filter(|hit| **hit).count() as u64,
            total: record.lines.len() as u64,
        },
    };
    Ok(records
        .iter()
        .map(|(path, record)| (path.clone(), lines(record)))
        .collect())
}

impl Record {
    /// `DA:12,3`: line 12 was run three times. `None`: not understood.
    fn take(&mut self, line: &str) -> Option<()> {
        if let Some(hit) = line.strip_prefix("DA:") {
            let mut parts = hit.split(',');
            let (number, count) = (parts.next()?.parse().ok()?, parts.next()?);
            // Old versions of gcov overflowed into negative numbers.
            let count: f64 = count.parse().ok()?;
            // A file that several tests name has a record for each.
            *self.lines.entry(number).or_default() |= count > 0.0;
        } else if let Some(number) = line.strip_prefix("LF:") {
            self.sums.total = self.sums.total.max(number.parse().ok()?);
        } else if let Some(number) = line.strip_prefix("LH:") {
            self.sums.covered = self.sums.covered.max(number.parse().ok()?);
        }
        Some(())
    }
}

/// A file that is in two reports: without its lines one by one the better count is the most that can be said.
pub(crate) fn merge(files: &mut Files, path: String, lines: Lines) {
    let entry = files.entry(path).or_default();
    entry.covered = entry.covered.max(lines.covered);
    entry.total = entry.total.max(lines.total);
}

#[cfg(test)]
mod tests {
    use super::{Files, Lines, read, read_printed};

    fn file(path: &str, covered: u64, total: u64) -> (String, Lines) {
        (path.to_owned(), Lines { covered, total })
    }

    fn files<const N: usize>(list: [(String, Lines); N]) -> Files {
        Files::from(list)
    }

    const LLVM: &str = r#"{"data":[{"files":[{"filename":"/r/a.rs","summary":{"lines":{"count":3,"covered":2,"percent":67}}},
        {"filename":"/r/b.rs","summary":{"lines":{"count":7,"covered":0,"percent":0}}}],
        "totals":{"lines":{"count":10,"covered":2,"percent":80}}}],"type":"llvm.coverage.json.export","version":"3.1.0"}"#;

    const SUMMARY: &str = r#"{"total":{"lines":{"total":4,"covered":3,"skipped":0,"pct":75},"statements":{}},
        "/r/a.js":{"lines":{"total":4,"covered":3,"skipped":0,"pct":99}}}"#;

    const LCOV: &str = "TN:\nSF:a.js\nFN:1,f\nDA:1,1\nDA:2,0\nDA:4,7,abc\nBRDA:1,0,0,-\nLF:3\nLH:2\nend_of_record\n\
        SF:b.js\nLF:10\nLH:4\nend_of_record\nTN:two\nSF:a.js\nDA:2,1\nDA:9,-1\nend_of_record\n";

    #[test]
    fn every_format_is_told_by_its_content_and_counted() {
        assert_eq!(
            read(LLVM).unwrap(),
            files([file("/r/a.rs", 2, 3), file("/r/b.rs", 0, 7)])
        );
        assert_eq!(read(SUMMARY).unwrap(), files([file("/r/a.js", 3, 4)]));
        let lcov = files([file("a.js", 3, 4), file("b.js", 4, 10)]);
        assert_eq!(read(LCOV).unwrap(), lcov);
        let printed = format!("\n> x@1.0.0 coverage\n> node --test # SF:\n\n{LCOV}");
        assert_eq!(read_printed(&printed).unwrap().unwrap(), lcov);
        assert!(read_printed("all 12 tests passed").is_none());
        assert_eq!(
            read(r#"{"total":{"lines":{"total":0,"covered":0,"pct":"Unknown"}}}"#).unwrap(),
            Files::new()
        );
    }

    #[test]
    fn what_is_no_report_says_why() {
        for (text, why) in [
            (String::new(), "it is empty"),
            ("lines: 80 %".to_owned(), "its format is not known"),
            ("<coverage/>".to_owned(), "its format is not known"),
            ("{}".to_owned(), "its format is not known"),
            ("[1]".to_owned(), "its format is not known"),
            (LLVM[..LLVM.len() / 2].to_owned(), "it is not JSON"),
            (LLVM.replace("totals", "sums"), "not as llvm-cov writes it"),
            (
                LLVM.replace("\"count\":10", "\"count\":9"),
                "contradicts itself",
            ),
            (
                LLVM.replace("\"covered\":2", "\"covered\":4"),
                "4 of 3 lines",
            ),
            (
                LLVM.replace("\"count\":3", "\"count\":-3"),
                "not as llvm-cov writes it",
            ),
            (SUMMARY.replace("\"covered\":3,", ""), "no counts of lines"),
            (
                SUMMARY.replacen("\"covered\":3", "\"covered\":4", 1),
                "contradicts itself",
            ),
            (
                r#"{"/a.js":{"statementMap":{}}}"#.to_owned(),
                "json-summary",
            ),
            (LCOV.replace("DA:2,0", "DA:2"), "line 5 of it is no lcov"),
            (LCOV.replace("LF:10", "LF:ten"), "line 12 of it is no lcov"),
            (
                LCOV[..LCOV.len() - 20].to_owned(),
                "cut off in the record of a.js",
            ),
            (
                LCOV.replacen("end_of_record\n", "", 1),
                "line 10 of it is no lcov",
            ),
        ] {
            let error = format!("{:#}", read(&text).expect_err(why));
            assert!(error.contains(why), "{error}, not {why}");
        }
    }

    #[test]
    fn figures_are_cut_and_not_rounded() {
        for (covered, total, percent) in [
            (79_999, 100_000, Some(79.99)),
            (4, 5, Some(80.0)),
            (2, 3, Some(66.66)),
            (0, 9, Some(0.0)),
            (0, 0, None),
        ] {
            assert_eq!(Lines { covered, total }.percent(), percent);
        }
    }
}
