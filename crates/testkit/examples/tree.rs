//! `tree FOLDER MEGABYTES FILES [SEED]`: a made-up tree of files on the disk, the same on every machine.
//!
//! For measuring archives, so its bytes compress as those of a repository with its build products do: sources, minified
//! scripts and data that repeat themselves, tables of a binary, and a tenth that is compressed already.

use std::io::{BufWriter, Error, Write as _};
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let number = |at: usize| -> Option<u64> { words.get(at)?.to_str()?.parse().ok() };
    let (Some(folder), Some(megabytes), Some(files)) = (words.first(), number(1), number(2)) else {
        return Err(Error::other("usage: tree FOLDER MEGABYTES FILES [SEED]"));
    };
    write_tree(
        folder,
        megabytes * 1_000_000,
        files.max(1),
        number(3).unwrap_or(1),
    )
}

fn write_tree(folder: &Path, bytes: u64, files: u64, seed: u64) -> std::io::Result<()> {
    let mut random = Random(seed);
    let lines = lines(&mut random);
    // Half of the files are small, a few hold most of the bytes, as everywhere.
    let weights: Vec<u64> = (0..files)
        .map(|_| 64 << random.below(6) << random.below(6))
        .collect();
    let sum: u64 = weights.iter().sum();
    for (at, weight) in weights.iter().enumerate() {
        let size = usize::try_from(weight * bytes / sum).unwrap_or(usize::MAX);
        let (ending, data) = match random.below(20) {
            0..=9 => ("rs", text(&mut random, &lines, size, b'\n')),
            10..=13 => ("js", text(&mut random, &lines, size, b';')),
            14..=15 => ("json", rows(&mut random, size)),
            16..=17 => ("o", table(&mut random, size)),
            _ => ("png", noise(&mut random, size)),
        };
        let place = folder
            .join(format!("part-{:02}", at % 37))
            .join(format!("module_{:03}", at / 37 % 101));
        make(
            &place,
            &format!("{}_{at:05}.{ending}", word(at as u64)),
            &data,
        )?;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "an example of a crate for tests: the folder is its own"
)]
fn make(folder: &Path, name: &str, data: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut out = BufWriter::new(std::fs::File::create(folder.join(name))?);
    out.write_all(data)?;
    out.flush()
}

/// A linear congruential generator (the constants of Knuth's MMIX).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 16
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Small numbers often, large ones seldom: as words of a language.
    fn skewed(&mut self, limit: u64) -> u64 {
        let bits = self.below(64 - u64::from(limit.leading_zeros())) + 1;
        self.below(1 << bits).min(limit - 1)
    }
}

fn word(at: u64) -> String {
    const PARTS: [&str; 16] = [
        "re", "lease", "con", "fig", "is", "state", "un", "der", "map", "er", "val", "ue", "in",
        "put", "no", "de",
    ];
    let mut text = String::new();
    let mut rest = at + 1;
    while rest > 0 {
        text.push_str(PARTS[(rest % 16) as usize]);
        rest /= 16;
    }
    text
}

/// The lines that the sources are made of; two parts in three come again and again.
fn lines(random: &mut Random) -> Vec<String> {
    (0..20_000)
        .map(|_| {
            let mut line = "    ".repeat(random.below(4) as usize);
            for _ in 0..2 + random.below(8) {
                line.push_str(&word(random.skewed(4096)));
                line.push_str(
                    [
                        " ", ".", "(", ") ", " = ", ", ", "::", " if ", " return ", " { ",
                    ][random.below(10) as usize],
                );
            }
            line
        })
        .collect()
}

fn text(random: &mut Random, lines: &[String], size: usize, end: u8) -> Vec<u8> {
    let mut data = Vec::with_capacity(size + 128);
    while data.len() < size {
        // Several lines together: what people write comes in idioms.
        let from = random.skewed(lines.len() as u64) as usize;
        for line in lines.iter().skip(from).take(1 + random.below(12) as usize) {
            data.extend_from_slice(line.trim_end().as_bytes());
            if random.below(8) == 0 {
                data.extend_from_slice(word(random.below(1 << 20)).as_bytes());
            }
            data.push(end);
        }
    }
    data.truncate(size);
    data
}

fn rows(random: &mut Random, size: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(size + 128);
    while data.len() < size {
        let row = format!(
            "{{\"id\":{},\"name\":\"{}\",\"at\":{},\"tags\":[\"{}\"]}},\n",
            data.len(),
            word(random.skewed(4096)),
            random.below(100_000),
            word(random.skewed(64)),
        );
        data.extend_from_slice(row.as_bytes());
    }
    data.truncate(size);
    data
}

/// Addresses and small numbers, as in the tables of a binary.
fn table(random: &mut Random, size: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(size + 16);
    let mut address = random.below(1 << 30);
    while data.len() < size {
        address += random.skewed(4096) * 8;
        data.extend_from_slice(&address.to_le_bytes());
        data.extend_from_slice(&(random.skewed(256) as u32).to_le_bytes());
        data.extend_from_slice(&[0; 4]);
    }
    data.truncate(size);
    data
}

fn noise(random: &mut Random, size: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(size + 8);
    while data.len() < size {
        data.extend_from_slice(&random.next().to_le_bytes()[..6]);
    }
    data.truncate(size);
    data
}
