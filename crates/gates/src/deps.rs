//! The parts of the gate `deps`: lock files against manifests, and the versions that are pinned for those who read them.

pub(crate) mod cargo;
pub(crate) mod node;
pub(crate) mod pins;
pub(crate) mod pnpm;
pub(crate) mod scratch;
pub(crate) mod steps;

use crate::Cx;

/// Every lock file that a package manager of npm's registry writes, with the name of that manager.
pub(crate) const NODE_LOCKS: &[(&str, &str)] = &[
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
];

/// Those at the root.
pub(crate) fn node_locks(cx: &Cx) -> Vec<(&'static str, &'static str)> {
    NODE_LOCKS
        .iter()
        .filter(|(name, _)| cx.path(name).is_file())
        .copied()
        .collect()
}

/// Whether git tracks a file of the root.
pub(crate) fn tracked(cx: &Cx, path: &str) -> anyhow::Result<bool> {
    Ok(!cx.git().list(&["ls-files", "-z", "--", path])?.is_empty())
}

/// The line of a key in a manifest: `"lefty": …` of JSON, `lefty = …` and `lefty.workspace = …` of TOML.
pub(crate) fn line_of(text: &str, name: &str) -> Option<usize> {
    let is_it = |line: &str| {
        let line = line.trim_start().trim_start_matches(['"', '{', ' ']);
        line.strip_prefix(name).is_some_and(|rest| {
            let rest = rest.trim_start_matches(['"', ' ']);
            rest.starts_with([':', '=', '.'])
        })
    };
    text.lines().position(is_it).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::line_of;

    #[test]
    fn keys_are_found_in_both_kinds_of_manifest() {
        let json = "{\n  \"name\": \"x\",\n  \"dependencies\": {\n    \"lefty\": \"^1.0.0\"\n";
        assert_eq!(line_of(json, "lefty"), Some(4));
        assert_eq!(line_of(json, "left"), None);
        let toml = "[dependencies]\nlefty-more = \"1\"\nlefty.workspace = true\n";
        assert_eq!(line_of(toml, "lefty"), Some(3));
    }
}
