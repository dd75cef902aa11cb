//! What a person or a script sees: data on standard output, the story on standard error.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use gates::{Progress, Verdict};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use release::signing::UNSIGNED;
use release::{Event, Refusal, View};
use serde_json::{Value, json};

use crate::cli::{Color, Format, Global};
use crate::exit::Exit;
use crate::surroundings::Surroundings;

pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BOLD: Style = Style::new().bold();

pub(crate) struct Ui {
    pub(crate) format: Format,
    program: &'static str,
    pub(crate) colour_out: bool,
    pub(crate) colour_err: bool,
    quiet: bool,
    pub(crate) verbose: bool,
    /// Live lines, only on a terminal.
    pub(crate) live: Option<MultiProgress>,
    /// Say of each gate why it looked or did not.
    pub(crate) explain: bool,
    pub(crate) bars: Mutex<BTreeMap<String, ProgressBar>>,
}

impl Ui {
    pub(crate) fn new(global: &Global, surroundings: &Surroundings) -> Ui {
        let plain = surroundings
            .var("NO_COLOR")
            .is_some_and(|value| !value.is_empty())
            || surroundings.var("TERM").is_some_and(|term| term == "dumb");
        let colour = |terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !plain,
        };
        let human = global.format == Format::Human;
        let live = human
            && surroundings.stderr_terminal
            && !global.quiet
            && surroundings.var("TERM").is_some_and(|term| term != "dumb");
        Ui {
            format: global.format,
            program: surroundings.program,
            colour_out: colour(surroundings.stdout_terminal),
            colour_err: colour(surroundings.stderr_terminal),
            quiet: global.quiet,
            verbose: global.verbose,
            live: live.then(MultiProgress::new),
            explain: false,
            bars: Mutex::default(),
        }
    }

    pub(crate) fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Hints are written for `cargo xtask`; whoever calls another program reads that one's name.
    pub(crate) fn hint(&self, text: &str) -> String {
        text.replace("cargo xtask", self.program)
    }

    /// A line of data.
    pub(crate) fn out(&self, line: &str) {
        self.raw(&format!("{line}\n"));
    }

    /// Bytes of data as they are.
    pub(crate) fn raw(&self, text: &str) {
        // A reader that went away is no failure of ours.
        self.suspended(|| std::io::stdout().write_all(text.as_bytes()).ok());
    }

    /// A line of the story.
    pub(crate) fn story(&self, line: &str) {
        if !self.quiet && !self.json() {
            self.suspended(|| writeln!(std::io::stderr(), "{line}").ok());
        }
    }

    /// A line for the CI service that runs us, whatever the format: it reads both streams.
    pub(crate) fn annotation(&self, line: &str) {
        self.suspended(|| writeln!(std::io::stderr(), "{line}").ok());
    }

    pub(crate) fn event(&self, mut event: Value) {
        if let Some(map) = event.as_object_mut() {
            map.insert("schema".to_owned(), json!(1));
        }
        if self.json() {
            self.out(&event.to_string());
        }
    }

    fn suspended<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.live {
            Some(live) => live.suspend(write),
            None => write(),
        }
    }

    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        paint(self.colour_out, style, text)
    }

    pub(crate) fn bold(&self, text: &str) -> String {
        self.paint(BOLD, text)
    }

    pub(crate) fn verdict(&self, verdict: Verdict) -> String {
        let word = format!("{:<8}", verdict.name());
        self.paint(style_of(verdict), &word)
    }

    /// The last words of a command that did not end well.
    pub(crate) fn error(&self, error: &anyhow::Error, exit: Exit) {
        self.clear();
        let help = error
            .downcast_ref::<Refusal>()
            .map(|refusal| self.hint(&refusal.help));
        let help = help.or_else(|| {
            (exit == Exit::Locked).then(|| "wait for it to end, then run again".to_owned())
        });
        let message = self.hint(&format!("{error:#}"));
        if self.json() {
            let place = error.downcast_ref::<crate::surroundings::ConfigErrors>();
            match place {
                Some(errors) => errors
                    .events()
                    .into_iter()
                    .for_each(|event| self.event(event)),
                None => self.event(json!({"event": "error", "message": message, "help": help})),
            }
            return;
        }
        let mut text = format!("{} {message}\n", paint(self.colour_err, RED, "error:"));
        if let Some(help) = help {
            text.push_str(&format!(
                "{} {help}\n",
                paint(self.colour_err, BOLD, "help:")
            ));
        }
        drop(std::io::stderr().write_all(text.as_bytes()));
    }

    /// What the world tells, when asked to be verbose.
    pub(crate) fn happening(&self, happening: &world::Happening) {
        if !self.verbose {
            return;
        }
        match happening {
            world::Happening::Effect { n, what } => {
                self.story(&paint(self.colour_err, DIM, &format!("  [{n}] {what}")));
            }
            world::Happening::Line { text, .. } => self.story(&format!("  | {text}")),
        }
    }

    /// What a release tells.
    pub(crate) fn release(&self, event: &Event<'_>) {
        match event {
            Event::Phase(name) => self.story(&paint(self.colour_err, BOLD, &format!("── {name}"))),
            Event::Note(text) => {
                self.event(json!({"event": "note", "message": text}));
                self.story(&format!(
                    " {} {text}",
                    paint(self.colour_err, YELLOW, "note:")
                ));
            }
            Event::Gate(progress) => self.gate(progress, true),
            Event::Gates(summary) => self.event(summary.event()),
            Event::Edits(changes) => self.edits(changes, true),
            Event::Packing { name, done, total } => self.packing(name, *done, *total),
            Event::Packed {
                name,
                read,
                size,
                took,
            } => self.packed(name, *read, *size, *took),
            Event::Candidate(candidate) => self.candidate(candidate),
            Event::Step { step, view } => self.step(step, view),
            Event::Command { step, command } => {
                self.story(&format!(" {:<8} $ {command}", step.name));
            }
        }
    }

    fn candidate(&self, candidate: &release::Candidate) {
        let digest = candidate.digest().unwrap_or_default();
        let artifacts: Vec<Value> = candidate
            .artifacts
            .iter()
            .map(|artifact| json!({"name": artifact.name, "size": artifact.size, "sha256": artifact.sha256}))
            .collect();
        let inputs = &candidate.inputs;
        self.event(json!({"event": "candidate", "digest": digest, "commit": candidate.commit, "tag": inputs.tag, "artifacts": artifacts, "signer": candidate.signer}));
        self.story(&format!(" candidate {digest}"));
        match &candidate.signer {
            Some(signer) => self.story(&format!(" signed by {signer}")),
            None => self.story(&format!(
                " {} {UNSIGNED}",
                paint(self.colour_err, YELLOW, "warning:")
            )),
        }
    }

    fn step(&self, step: &release::Step, view: &View) {
        let (commands, evidence): (Vec<String>, &str) = match view {
            View::Done { evidence } => (Vec::new(), evidence),
            View::Todo(commands) => (commands.iter().map(ToString::to_string).collect(), ""),
            View::Conflict { found, .. } => (Vec::new(), found),
        };
        self.event(json!({
            "event": "step", "name": step.name, "stage": step.stage, "view": view.word(), "reversal": step.reversal,
            "commands": commands, "evidence": evidence,
        }));
        if !matches!(view, View::Todo(_)) {
            let style = if matches!(view, View::Done { .. }) {
                GREEN
            } else {
                RED
            };
            self.story(&format!(
                " {:<8} {} {evidence}",
                step.name,
                paint(self.colour_err, style, view.word())
            ));
        }
    }

    /// The lines of a version edit, on either stream.
    pub(crate) fn edits(&self, changes: &[gates::places::Change], as_story: bool) {
        for change in changes {
            let kind = change.kind.name();
            self.event(json!({"event": "edit", "path": change.path, "kind": kind, "matches": change.places.len()}));
            if as_story && change.kind == gates::places::ChangeKind::Same {
                continue;
            }
            let mut lines = Vec::new();
            for place in &change.places {
                lines.push(format!(
                    "  {}:{}:{} {} {} → {}",
                    change.path, place.line, place.column, place.what, place.old, place.new
                ));
            }
            if lines.is_empty() {
                lines.push(format!("  {} {kind}", change.path));
            }
            for line in lines {
                if as_story {
                    self.story(&line);
                } else if !self.json() {
                    self.out(&line);
                }
            }
        }
    }

    /// Live progress and one line when a gate is finished.
    pub(crate) fn gate(&self, progress: &Progress<'_>, as_story: bool) {
        match progress {
            Progress::Started(gate, estimate) => self.start(gate.name, *estimate),
            Progress::Slow(gate, elapsed) => self.slow(gate.name, *elapsed),
            Progress::Finished(report) => {
                self.stop(&report.name);
                self.event(report.event());
                for line in self.report_lines(
                    report,
                    if as_story {
                        self.colour_err
                    } else {
                        self.colour_out
                    },
                ) {
                    if as_story {
                        self.story(&line);
                    } else if !self.json() {
                        self.out(&line);
                    }
                }
            }
        }
    }

    fn start(&self, name: &str, estimate: Option<Duration>) {
        let Some(live) = &self.live else { return };
        let bar = live.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template(" {spinner} {prefix:<12} {elapsed} {msg}") {
            bar.set_style(style);
        }
        if let Some(estimate) = estimate {
            bar.set_message(format!("of about {}", duration(estimate)));
        }
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        self.bars
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(name.to_owned(), bar);
    }

    /// On a terminal the live line says so; elsewhere a line of its own does.
    fn slow(&self, name: &str, elapsed: Duration) {
        let bars = self
            .bars
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match bars.get(name) {
            Some(bar) => bar.set_message("slower than expected"),
            None => self.story(&format!(
                "note: {name} is still running after {}",
                duration(elapsed)
            )),
        }
    }

    pub(crate) fn stop(&self, name: &str) {
        if let Some(bar) = self
            .bars
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .remove(name)
        {
            bar.finish_and_clear();
        }
    }

    /// Takes live lines off the screen.
    pub(crate) fn clear(&self) {
        for (_, bar) in std::mem::take(
            &mut *self
                .bars
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        ) {
            bar.finish_and_clear();
        }
    }
}

pub(crate) fn paint(colour: bool, style: Style, text: &str) -> String {
    if colour {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

pub(crate) fn style_of(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Pass => GREEN,
        Verdict::Warn | Verdict::Flaky => YELLOW,
        Verdict::Fail | Verdict::Unknown => RED,
        Verdict::Skipped => DIM,
    }
}

/// `0.4 s`, `12 s`, `2 min 5 s`.
pub(crate) fn duration(took: Duration) -> String {
    let seconds = took.as_secs();
    match seconds {
        0 if took.as_millis() < 100 => format!("{} ms", took.as_millis()),
        0..10 => format!("{:.1} s", took.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// `814 B`, `12.3 kB`, `4.0 MB`: decimal, as file managers show it.
pub(crate) fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let bytes_f = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes_f / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes_f / 1e6),
        _ => format!("{:.2} GB", bytes_f / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{duration, size};

    #[test]
    fn figures_for_people() {
        for (ms, shown) in [
            (3, "3 ms"),
            (400, "0.4 s"),
            (12_700, "12 s"),
            (125_000, "2 min 5 s"),
        ] {
            assert_eq!(duration(Duration::from_millis(ms)), shown);
        }
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (12_345, "12.3 kB"),
            (4_000_000, "4.0 MB"),
            (2_500_000_000, "2.50 GB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }
}
