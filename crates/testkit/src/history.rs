//! Histories made up by rule, as input of `git fast-import`: branches and merges, tags of every kind, subjects as
//! people write them. The same numbers give the same history, so that a benchmark can be run again.

use std::io::{self, Write};

/// What a history is to be like.
#[derive(Debug, Clone, Copy)]
pub struct History {
    pub commits: usize,
    /// At most so many; some on side branches, some two on one commit, annotated and not.
    pub tags: usize,
    /// Another number, another history.
    pub seed: u64,
    /// Many commits of one second, and clocks that go backwards.
    pub ties: bool,
    /// Every commit changes a file.
    pub files: bool,
}

/// The first commit, 2020-09-13.
const BEGIN_S: i64 = 1_600_000_000;

const TYPES: &[&str] = &[
    "feat", "fix", "docs", "perf", "refactor", "test", "chore", "ci", "style", "revert", "Feat",
    "build",
];
const SCOPES: &[&str] = &["", "", "(cli)", "(core)", "(api)", "(deps)", "(release)"];
const WORDS: &[&str] = &[
    "parser",
    "config",
    "cache",
    "stream",
    "the",
    "an",
    "option",
    "error",
    "path",
    "tag",
    "release",
    "walk",
    "of",
    "order",
    "speed",
    "memory",
    "é",
    "`code`",
    "<b>",
    "\"quoted\"",
];

struct Maker<'a, W> {
    out: &'a mut W,
    what: History,
    random: u64,
    mark: usize,
    time: i64,
    next_tag: usize,
}

impl History {
    /// Writes the stream. Everything is on `main`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(self, out: &mut impl Write) -> io::Result<()> {
        let mut maker = Maker {
            out,
            what: self,
            random: self.seed.wrapping_mul(2).wrapping_add(1),
            mark: 0,
            time: BEGIN_S,
            next_tag: 0,
        };
        let mut tip = maker.commit(None, None)?;
        while maker.mark < self.commits {
            tip = if maker.one_in(6) {
                maker.branch(tip)?
            } else {
                maker.commit(Some(tip), None)?
            };
            if maker.due() {
                maker.tag(tip)?;
            }
        }
        writeln!(maker.out, "done")
    }
}

impl<W: Write> Maker<'_, W> {
    fn number(&mut self, below: usize) -> usize {
        // A linear congruential generator: its high bits are random enough for this.
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap_or_default() % below.max(1)
    }

    /// Tags are spread evenly.
    fn due(&self) -> bool {
        self.mark * self.what.tags > self.next_tag * self.what.commits
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.number(many) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.number(from.len())]
    }

    /// Two lines of work, and the merge of them.
    fn branch(&mut self, from: usize) -> io::Result<usize> {
        let mut side = from;
        for _ in 0..=self.number(3) {
            side = self.commit(Some(side), None)?;
        }
        if self.due() && self.one_in(4) {
            self.tag(side)?;
        }
        let mut tip = from;
        for _ in 0..self.number(3) {
            tip = self.commit(Some(tip), None)?;
        }
        self.commit(Some(tip), Some(side))
    }

    fn commit(&mut self, parent: Option<usize>, side: Option<usize>) -> io::Result<usize> {
        self.mark += 1;
        self.time += if !self.what.ties {
            60
        } else if self.one_in(9) {
            -30
        } else {
            i64::from(self.one_in(2))
        };
        let message = match side {
            Some(side) => format!("Merge branch 'side-{side}'\n"),
            None => self.message(),
        };
        let (mark, time) = (self.mark, self.time);
        writeln!(self.out, "commit refs/heads/main\nmark :{mark}")?;
        writeln!(
            self.out,
            "author dev{} <dev@example.com> {} +0100",
            mark % 7,
            time - 5
        )?;
        writeln!(self.out, "committer dev <dev@example.com> {time} +0000")?;
        writeln!(self.out, "data {}\n{message}", message.len())?;
        if let Some(parent) = parent {
            writeln!(self.out, "from :{parent}")?;
        }
        if let Some(side) = side {
            writeln!(self.out, "merge :{side}")?;
        }
        if self.what.files {
            let folder = self.pick(&["", "src/", "docs/", "src/deep/"]);
            let text = mark.to_string();
            let name = mark % 5;
            writeln!(
                self.out,
                "M 100644 inline {folder}f{name}.txt\ndata {}\n{text}",
                text.len()
            )?;
        }
        writeln!(self.out)?;
        Ok(mark)
    }

    fn message(&mut self) -> String {
        let mut subject = String::new();
        for _ in 0..3 + self.number(5) {
            subject.push(' ');
            subject.push_str(self.pick(WORDS));
        }
        let number = self.number(9999);
        if self.one_in(8) {
            return format!("Update{subject} (#{number})\n");
        }
        let (kind, scope) = (self.pick(TYPES), self.pick(SCOPES));
        let mark = if self.one_in(15) { "!" } else { "" };
        let mut message = format!("{kind}{scope}{mark}:{subject} (#{number})\n");
        match self.number(10) {
            0 => message.push_str(
                "\nA body that says why.\n\nCloses #12\nSigned-off-by: dev <dev@example.com>\n",
            ),
            1 => message.push_str("\nBREAKING CHANGE: all is different\n"),
            2 => message
                .push_str("\n* fix: one of several\n* feat(cli): another\nsecurity matters\n"),
            _ => {}
        }
        message
    }

    fn tag(&mut self, on: usize) -> io::Result<()> {
        if self.next_tag >= self.what.tags {
            return Ok(());
        }
        self.next_tag += 1;
        let number = self.next_tag;
        let version = format!("{}.{}.{}", number / 100, number / 10 % 10, number % 10);
        let name = match self.number(5) {
            0 => format!("v{version}-rc.1"),
            _ => format!("v{version}"),
        };
        if self.one_in(2) {
            writeln!(self.out, "reset refs/tags/{name}\nfrom :{on}\n")?;
        } else {
            let message = format!("Release {version}\n\nOf good quality.\n");
            writeln!(self.out, "tag {name}\nfrom :{on}")?;
            writeln!(self.out, "tagger dev <dev@example.com> {} +0000", self.time)?;
            writeln!(self.out, "data {}\n{message}", message.len())?;
        }
        if self.one_in(10) {
            return self.tag(on);
        }
        Ok(())
    }
}

impl crate::Repo {
    /// A repository with this history, checked out on `main`.
    ///
    /// # Panics
    /// When git does not take it.
    pub fn with_history(history: History) -> Self {
        let repo = Self::empty();
        let mut git = std::process::Command::new("git")
            .args(["fast-import", "--quiet", "--done"])
            .current_dir(repo.root())
            .env_clear()
            .envs(repo.env())
            .stdin(std::process::Stdio::piped())
            .spawn()
            .expect("git runs");
        let mut pipe = io::BufWriter::new(git.stdin.take().expect("a pipe was asked for"));
        history.write(&mut pipe).expect("write a history");
        drop(pipe.into_inner().expect("write a history"));
        assert!(git.wait().expect("git ends").success());
        repo.git(&["reset", "--quiet", "--hard"]);
        repo
    }
}
