//! The commits as git prints them, kept as they came: one buffer, and where in it each commit stands.
//!
//! A record is ten fields, each ended by NUL: id, parents, name, mail and time of author and of committer, encoding,
//! message.
//! With `--raw` the changed files follow: a line feed, then for each `:MODES OBJECTS STATUS`, NUL, path, NUL.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::Read;
use std::ops::Range;

use anyhow::{Context, Result, anyhow, bail};
use git_cliff_core::commit::{Commit, Signature};

/// All commits of a stream, in its order: the first is the tip.
pub(crate) struct Commits {
    text: Vec<u8>,
    records: Vec<Record>,
    parents: Vec<u32>,
    places: HashMap<Id, u32, BuildHasherDefault<Prefix>>,
}

struct Record {
    start: usize,
    /// Just behind the message.
    end: usize,
    /// Just behind the files.
    files_end: usize,
    time: i64,
    parents: Range<u32>,
    is_root: bool,
    is_merge: bool,
}

/// An object id of either kind, in binary.
type Id = [u8; 32];

/// Ids are as good as random: their first bytes are hash enough.
#[derive(Default)]
struct Prefix(u64);

impl Hasher for Prefix {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 ^= u64::from_ne_bytes(*first);
        }
    }
    fn write_usize(&mut self, _: usize) {}
}

/// Fields of a record, in order.
const FIELDS: usize = 10;

/// Reads a stream to its end.
///
/// # Errors
/// When it cannot be read or is of another shape.
pub(crate) fn read(mut stream: impl Read, raw: bool) -> Result<Commits> {
    let mut text = Vec::with_capacity(1 << 20);
    stream
        .read_to_end(&mut text)
        .context("could not read the commits from stdin")?;
    let mut records = Vec::new();
    let mut places = HashMap::default();
    let mut at = 0;
    while at < text.len() {
        let record = record(&text, at, raw).with_context(|| {
            format!(
                "the stream of commits is broken at byte {at}, after {} commits",
                records.len()
            )
        })?;
        let id = text.get(at..).and_then(|rest| binary(until_nul(rest)));
        let id =
            id.ok_or_else(|| anyhow!("the stream of commits has no object id at byte {at}"))?;
        let place = u32::try_from(records.len()).context("there are too many commits")?;
        places.insert(id, place);
        at = record.files_end;
        records.push(record);
    }
    let mut commits = Commits {
        text,
        records,
        parents: Vec::new(),
        places,
    };
    commits.link()?;
    Ok(commits)
}

fn record(text: &[u8], start: usize, raw: bool) -> Result<Record> {
    let rest = text.get(start..).unwrap_or_default();
    let mut ends = memchr::memchr_iter(0, rest);
    let mut field = || ends.next().context("it ends within a commit");
    let id = field()?;
    let parents = field()?;
    let skip = [field()?, field()?, field()?, field()?, field()?];
    let time = field()?;
    field()?;
    let message = field()?;
    let list = rest.get(id + 1..parents).unwrap_or_default();
    let seconds = rest.get(skip[4] + 1..time).unwrap_or_default();
    let end = start + message;
    Ok(Record {
        start,
        end,
        files_end: if raw { files(text, end + 1)? } else { end + 1 },
        time: number(seconds),
        parents: 0..0,
        is_root: list.is_empty(),
        is_merge: list.contains(&b' '),
    })
}

/// The end of the files that begin here, where there are any.
fn files(text: &[u8], start: usize) -> Result<usize> {
    if text.get(start) != Some(&b'\n') {
        return Ok(start);
    }
    let mut at = start + 1;
    while text.get(at) == Some(&b':') {
        for _ in 0..2 {
            let rest = text.get(at..).unwrap_or_default();
            at += memchr::memchr(0, rest).context("it ends within the files of a commit")? + 1;
        }
    }
    Ok(at)
}

fn number(digits: &[u8]) -> i64 {
    std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

fn until_nul(text: &[u8]) -> &[u8] {
    memchr::memchr(0, text)
        .and_then(|end| text.get(..end))
        .unwrap_or(text)
}

fn binary(hex: &[u8]) -> Option<Id> {
    if !matches!(hex.len(), 40 | 64) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut id = [0; 32];
    for (byte, pair) in id.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = match pair {
            [high, low] => digit(*high)? << 4 | digit(*low)?,
            _ => return None,
        };
    }
    Some(id)
}

impl Commits {
    /// Puts numbers in the place of the ids of parents; one that is not in the stream is left out.
    fn link(&mut self) -> Result<()> {
        for at in 0..self.records.len() {
            let Some(record) = self.records.get(at) else {
                bail!("a commit was lost");
            };
            let first = u32::try_from(self.parents.len()).context("there are too many parents")?;
            let mut fields = self
                .text
                .get(record.start..record.end)
                .unwrap_or_default()
                .split(|byte| *byte == 0);
            let list = fields.nth(1).unwrap_or_default();
            for parent in list.split(|byte| *byte == b' ').filter_map(binary) {
                self.parents.extend(self.places.get(&parent).copied());
            }
            let last = u32::try_from(self.parents.len()).context("there are too many parents")?;
            if let Some(record) = self.records.get_mut(at) {
                record.parents = first..last;
            }
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// The commit that all others are ancestors of.
    pub(crate) fn tip(&self) -> u32 {
        0
    }

    /// Seconds since 1970, of the committer.
    pub(crate) fn time(&self, at: u32) -> i64 {
        self.records
            .get(at as usize)
            .map_or(0, |record| record.time)
    }

    pub(crate) fn parents(&self, at: u32) -> &[u32] {
        self.records
            .get(at as usize)
            .and_then(|record| {
                self.parents
                    .get(record.parents.start as usize..record.parents.end as usize)
            })
            .unwrap_or_default()
    }

    /// Where a commit stands.
    pub(crate) fn place(&self, id: &str) -> Option<u32> {
        self.places.get(&binary(id.as_bytes())?).copied()
    }

    fn fields(&self, at: u32) -> [&[u8]; FIELDS] {
        let mut fields = [&[] as &[u8]; FIELDS];
        let record = self.records.get(at as usize);
        let text = record.and_then(|record| self.text.get(record.start..record.end));
        for (field, part) in fields
            .iter_mut()
            .zip(text.unwrap_or_default().split(|byte| *byte == 0))
        {
            *field = part;
        }
        fields
    }

    /// The object id as hex.
    pub(crate) fn id(&self, at: u32) -> String {
        let [id, ..] = self.fields(at);
        String::from_utf8_lossy(id).into_owned()
    }

    /// The commit as git-cliff takes it from libgit2: what is not UTF-8 is no message and no name.
    pub(crate) fn commit(&self, at: u32) -> Commit<'static> {
        let fields = self.fields(at);
        let [
            id,
            _,
            name,
            mail,
            time,
            their_name,
            their_mail,
            their_time,
            encoding,
            message,
        ] = fields;
        let message = untranslated(encoding, message);
        let leading = message.iter().take_while(|byte| **byte == b'\n').count();
        let message = message.get(leading..).unwrap_or_default();
        Commit {
            id: String::from_utf8_lossy(id).into_owned(),
            message: std::str::from_utf8(message)
                .unwrap_or_default()
                .trim_end()
                .to_owned(),
            author: signature(encoding, name, mail, time),
            committer: signature(encoding, their_name, their_mail, their_time),
            merge_commit: self
                .records
                .get(at as usize)
                .is_some_and(|record| record.is_merge),
            ..Commit::default()
        }
    }

    /// The changed files, written as git-cliff writes them: those of a first commit with a slash more.
    pub(crate) fn files(&self, at: u32) -> Vec<String> {
        let Some(record) = self.records.get(at as usize) else {
            return Vec::new();
        };
        let text = self
            .text
            .get(record.end + 1..record.files_end)
            .unwrap_or_default();
        let mut parts = text
            .strip_prefix(b"\n")
            .unwrap_or(text)
            .split(|byte| *byte == 0);
        let mut files = Vec::new();
        while let (Some(about), Some(path)) = (parts.next(), parts.next()) {
            let path = String::from_utf8_lossy(path);
            if !record.is_root {
                files.push(path.into_owned());
            } else if !about.windows(8).any(|window| window == b" 160000 ") {
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
                let slash = if folder.is_empty() { "" } else { "/" };
                files.push(format!("{folder}{slash}/{name}"));
            }
        }
        files
    }
}

/// The bytes in the commit. Git has translated them to UTF-8 where the commit says that they are something else, and
/// libgit2 does not: it takes what is not UTF-8 for nothing.
fn untranslated<'a>(encoding: &[u8], text: &'a [u8]) -> Cow<'a, [u8]> {
    if encoding.is_empty() || encoding.eq_ignore_ascii_case(b"utf-8") || text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let latin = [b"iso-8859-1" as &[u8], b"iso8859-1", b"latin1", b"latin-1"]
        .iter()
        .any(|name| encoding.eq_ignore_ascii_case(name));
    let bytes = std::str::from_utf8(text).ok().filter(|_| latin);
    let bytes: Option<Vec<u8>> = bytes.and_then(|text| {
        text.chars()
            .map(|letter| u8::try_from(u32::from(letter)).ok())
            .collect()
    });
    // What is written in another encoding is as good as never UTF-8.
    Cow::Owned(bytes.unwrap_or_else(|| vec![0xff]))
}

fn signature(encoding: &[u8], name: &[u8], mail: &[u8], time: &[u8]) -> Signature {
    let text = |bytes: &[u8]| {
        std::str::from_utf8(trimmed(&untranslated(encoding, bytes)))
            .ok()
            .map(str::to_owned)
    };
    Signature {
        name: text(name),
        email: text(mail),
        timestamp: number(time),
    }
}

/// Without what libgit2 takes off both ends of a name.
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    let crud = |byte: &u8| *byte <= 32 || b",:;<>\"\\'".contains(byte);
    while let [first, rest @ ..] = bytes
        && crud(first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && crud(last)
    {
        bytes = rest;
    }
    bytes
}
