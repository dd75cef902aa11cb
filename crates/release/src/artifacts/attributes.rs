//! Attributes of git that would make other bytes of the same commit in another clone, or leave something out unsaid.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use world::Cmd;
use world::git::Git;

use super::Job;
use super::kinds::refused;
use crate::Event;

/// Attributes that `git archive` obeys.
const OBEYED: &[&str] = &[
    "export-ignore",
    "export-subst",
    "text",
    "eol",
    "crlf",
    "ident",
    "filter",
    "working-tree-encoding",
    "binary",
];

/// Settings for `git archive` of the release commit. Says what it leaves out.
///
/// # Errors
/// A refusal with the place where an attribute makes the bytes depend on the clone; a required path that is not archived.
pub(super) fn look(job: &Job<'_>) -> Result<Vec<String>> {
    let build = job.build;
    let git = Git::new(&build.cx.world, &build.tree);
    local(&git)?;
    let mut files = Vec::new();
    let mut modules = Vec::new();
    for record in git.list(&["ls-tree", "-r", "-z", build.commit])? {
        match record.split_once('\t') {
            Some((head, path)) if head.starts_with("160000 ") => modules.push(path.to_owned()),
            Some((_, path)) => files.push(path.to_owned()),
            None => {}
        }
    }
    if !modules.is_empty() {
        build.cx.tell(&Event::Note(format!(
            "the source archive holds no submodules, so not what is in {}",
            modules.join(", ")
        )));
    }
    let mut settings = Vec::new();
    let mut filters = BTreeSet::new();
    let mut stored_elsewhere = 0;
    let mut substituted = Vec::new();
    for (path, attribute, value) in attributes(&git, &files, &["filter", "export-subst"])? {
        match (attribute.as_str(), value.as_str()) {
            (_, "unspecified" | "unset") => {}
            ("filter", filter) => {
                stored_elsewhere += usize::from(filter == "lfs");
                filters.insert(filter.to_owned());
            }
            _ => substituted.push(path),
        }
    }
    if stored_elsewhere > 0 {
        build.cx.tell(&Event::Note(format!(
            "{stored_elsewhere} files are stored by Git LFS: the source archive holds the pointers that the commit holds, on every machine"
        )));
    }
    for filter in filters {
        // One machine has the program of the filter and another has not.
        settings.push(format!("filter.{filter}.smudge="));
        settings.push(format!("filter.{filter}.process="));
        settings.push(format!("filter.{filter}.required=false"));
    }
    if !substituted.is_empty() {
        // Git takes as many digits as this clone needs.
        settings.push("core.abbrev=12".to_owned());
        settings.push("mailmap.file=/dev/null".to_owned());
        settings.push("mailmap.blob=".to_owned());
    }
    for path in substituted {
        let text = git.text(&["show", &format!("{}:{path}", build.commit)])?;
        if let Some((line, column, word)) = unstable(&text) {
            return Err(refused(
                format!(
                    "{path}:{line}:{column}: `{word}` of `export-subst` gives another text in another clone, or at another time"
                ),
                "write what the commit alone decides, for example `$Format:%H$` or `$Format:%cI$`, or leave the file out by `export-ignore`",
            ));
        }
    }
    required(job, &git, &files)?;
    Ok(settings)
}

/// Attributes of this clone alone.
fn local(git: &Git) -> Result<()> {
    let path = git.text(&["rev-parse", "--git-path", "info/attributes"])?;
    let path = git.dir.join(path);
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Ok(());
    };
    for (index, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace();
        if line.trim_start().starts_with('#') || words.next().is_none() {
            continue;
        }
        let name = |word: &str| {
            let word = word.trim_start_matches(['-', '!']);
            word.split('=').next().unwrap_or(word).to_owned()
        };
        if let Some(word) = words.find(|word| OBEYED.contains(&name(word).as_str())) {
            return Err(refused(
                format!(
                    "{}:{}: `{word}` changes what git archives, and stands in this clone alone",
                    path.display(),
                    index + 1
                ),
                "move the line to .gitattributes and commit it, or remove it",
            ));
        }
    }
    Ok(())
}

/// Path, attribute and value of each.
fn attributes(
    git: &Git,
    paths: &[String],
    names: &[&str],
) -> Result<Vec<(String, String, String)>> {
    let mut input = paths.join("\0").into_bytes();
    input.push(0);
    let cmd = Cmd::new(&git.dir, "git")
        .args(["-c", "core.attributesFile=/dev/null"])
        .args(["check-attr", "-z", "--stdin"])
        .args(names)
        .env("GIT_ATTR_NOSYSTEM", "1")
        .stdin_bytes(input);
    let output = git.world.ask(&cmd)?.success()?;
    let text = String::from_utf8(output.stdout).context("the names of files are not UTF-8")?;
    let mut words = text.split_terminator('\0').map(str::to_owned);
    let mut found = Vec::new();
    while let (Some(path), Some(name), Some(value)) = (words.next(), words.next(), words.next()) {
        found.push((path, name, value));
    }
    Ok(found)
}

/// Required files are of the commit, and not left out by `export-ignore` of themselves or of a folder above.
fn required(job: &Job<'_>, git: &Git, files: &[String]) -> Result<()> {
    let help = "mend `required` in release.toml, or .gitattributes";
    for required in &job.declared.required {
        let below = format!("{required}/");
        if !files
            .iter()
            .any(|file| file == required || file.starts_with(&below))
        {
            let message = format!("{required} is required and is not in the commit");
            return Err(refused(message, help));
        }
        let mut above: Vec<String> = required
            .match_indices('/')
            .filter_map(|(at, _)| required.get(..at).map(str::to_owned))
            .collect();
        above.push(required.clone());
        for (path, _, value) in attributes(git, &above, &["export-ignore"])? {
            if value == "set" {
                let message = format!("{required} is required, and {path} is `export-ignore`");
                return Err(refused(message, help));
            }
        }
    }
    Ok(())
}

/// The first placeholder of a `$Format:…$` that the commit alone does not decide: line, column and itself.
fn unstable(text: &str) -> Option<(usize, usize, String)> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find("$Format:") {
        let start = from + at + "$Format:".len();
        let end = start + text.get(start..)?.find('$')?;
        if let Some((offset, word)) = unstable_in(text.get(start..end)?) {
            let before = text.get(..start + offset)?;
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            return Some((line, column, word));
        }
        from = end + 1;
    }
    None
}

/// By the manual page of `git log`, "PRETTY FORMATS".
fn unstable_in(format: &str) -> Option<(usize, String)> {
    let mut at = 0;
    while let Some(found) = format.get(at..)?.find('%') {
        at += found;
        let rest = format.get(at + 1..)?;
        let mut chars = rest.chars();
        let second = |allowed: &str| rest.chars().nth(1).is_some_and(|c| allowed.contains(c));
        let length = match chars.next() {
            Some('H' | 'T' | 'P' | 'h' | 't' | 'p' | 'e' | 's' | 'f' | 'b' | 'B' | 'n' | '%') => 1,
            // Not `r` and `h`, which count from now.
            Some('a' | 'c') if second("nNeElLdDiIst") => 2,
            Some('x') => 3,
            _ if rest.starts_with("(trailers") => 1,
            Some('(') => {
                let end = rest.find([')', ':', '=']).unwrap_or(rest.len());
                return Some((at, format!("%{}", rest.get(..end)?.to_owned() + ")")));
            }
            first => {
                let word: String = ['%'].into_iter().chain(first).chain(chars.next()).collect();
                let length = if matches!(first, Some('a' | 'c' | 'G' | 'g')) {
                    3
                } else {
                    2
                };
                return Some((at, word.chars().take(length).collect()));
            }
        };
        at += 1 + length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::unstable;

    #[test]
    fn placeholders_of_the_commit_alone_are_taken() {
        for good in [
            "$Format:%H %T %P %h%n$",
            "$Format:%an <%ae> %aI %cd %ct %%d$",
            "%d without a format, $Format of nothing",
            "$Format:%(trailers:key=Reviewed-by)$",
            "$Format:%x41$ and %ar",
            "$Format:never ended %d",
        ] {
            assert_eq!(unstable(good), None, "{good}");
        }
    }

    #[test]
    fn others_are_named_with_their_place() {
        for (bad, line, column, word) in [
            ("$Format:%d$", 1, 9, "%d"),
            ("a\nb = \"$Format:%H%D$\"", 2, 16, "%D"),
            ("$Format:%H$\n$Format:%ar$", 2, 9, "%ar"),
            ("$Format:%(describe:tags=true)$", 1, 9, "%(describe)"),
            ("$Format:%(decorate)$", 1, 9, "%(decorate)"),
            ("$Format:%N$", 1, 9, "%N"),
            ("$Format:%G?$", 1, 9, "%G?"),
            ("$Format:%ch$", 1, 9, "%ch"),
            ("$Format:%$", 1, 9, "%"),
            ("ä $Format:%S$", 1, 11, "%S"),
        ] {
            assert_eq!(
                unstable(bad),
                Some((line, column, word.to_owned())),
                "{bad}"
            );
        }
    }
}
