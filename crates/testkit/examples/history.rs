//! `history COMMITS TAGS [SEED] [ties] [files]`: a made-up history on standard output, for `git fast-import --done`.

use std::io::{BufWriter, Error, Write as _, stdout};

use landfall_testkit::History;

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let [commits, tags, seed @ ..] = numbers.as_slice() else {
        return Err(Error::other(
            "usage: history COMMITS TAGS [SEED] [ties] [files]",
        ));
    };
    let said = |word: &str| words.iter().any(|one| one == word);
    let history = History {
        commits: *commits,
        tags: *tags,
        seed: seed.first().map_or(1, |seed| *seed as u64),
        ties: said("ties"),
        files: said("files"),
    };
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    history.write(&mut out)?;
    out.flush()
}
