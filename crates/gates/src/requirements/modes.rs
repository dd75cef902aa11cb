//! The modes of files as a commit really holds them. Git's own listings round them to the two it knows; other programs
//! that unpack the history, and archives made by other implementations, may not.

use anyhow::{Context as _, Result, bail};

use crate::Cx;

/// Set-user-id, set-group-id, and writable for everybody.
const BAD: u32 = 0o6002;

/// Files of the last commit with such a mode: path and mode, and how many were looked at.
pub(crate) fn bad(cx: &Cx) -> Result<(Vec<(String, String)>, usize)> {
    let git = cx.git();
    let Some(root) = git.resolve("HEAD^{tree}")? else {
        return Ok((Vec::new(), 0));
    };
    let mut trees = vec![(String::new(), root.clone())];
    for entry in git.list(&["ls-tree", "-r", "-d", "-z", &root])? {
        // `040000 tree OBJECT\tPATH`; a submodule has `commit`.
        let Some((head, path)) = entry.split_once('\t') else {
            bail!("git lists a tree in an unknown form: `{entry}`");
        };
        if let ["040000", "tree", object] = head.split(' ').collect::<Vec<_>>()[..] {
            trees.push((format!("{path}/"), object.to_owned()));
        }
    }
    let asked: String = trees
        .iter()
        .map(|(_, object)| format!("{object}\n"))
        .collect();
    let cmd = git
        .cmd(["cat-file", "--batch"])
        .stdin_bytes(asked.into_bytes());
    let output = cx.world.ask(&cmd)?.success()?;
    if output.truncated {
        bail!("the trees of the last commit are too large to be read at once");
    }
    let (mut found, mut count) = (Vec::new(), 0);
    let mut rest = output.stdout.as_slice();
    for (folder, object) in &trees {
        let tree = next(&mut rest, object)?;
        for (mode, name) in entries(tree, object.len() / 2)? {
            // Folders and submodules have no such bits.
            let number = u32::from_str_radix(&mode, 8)
                .with_context(|| format!("read the mode of {folder}{name}"))?;
            if number & 0o170_000 != 0o100_000 {
                continue;
            }
            count += 1;
            if number & BAD != 0 {
                found.push((format!("{folder}{name}"), mode));
            }
        }
    }
    Ok((found, count))
}

/// `OBJECT tree SIZE\n`, so many bytes, `\n`.
fn next<'b>(rest: &mut &'b [u8], object: &str) -> Result<&'b [u8]> {
    let parse = |rest: &'b [u8]| {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let head = std::str::from_utf8(&rest[..end]).ok()?;
        let size: usize = head
            .strip_prefix(object)?
            .strip_prefix(" tree ")?
            .parse()
            .ok()?;
        let start = end + 1;
        let body = rest.get(start..start.checked_add(size)?)?;
        Some((body, rest.get(start + size + 1..)?))
    };
    let (body, after) =
        parse(rest).with_context(|| format!("read the tree {object} as git gives it"))?;
    *rest = after;
    Ok(body)
}

/// `MODE NAME\0`, then the bytes of the object's name.
fn entries(tree: &[u8], id: usize) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = tree;
    while !rest.is_empty() {
        let parse = |rest: &[u8]| {
            let end = rest.iter().position(|byte| *byte == 0)?;
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            let (mode, name) = head.split_once(' ')?;
            let after = end
                .checked_add(1 + id)
                .filter(|after| *after <= rest.len())?;
            Some((mode.to_owned(), name.to_owned(), after))
        };
        let (mode, name, after) = parse(rest).context("a tree of the last commit is broken")?;
        found.push((mode, name));
        rest = &rest[after..];
    }
    Ok(found)
}
