//! The rules for the metadata of a crate (Cargo reference, "The Manifest Format" and "Publishing").
//!
//! What only the registry knows is not asked: its list of categories, and who owns a name.

use std::path::Path;

use cargo_metadata::{Dependency, DependencyKind, Package};

use super::is_url;

/// What is wrong, the keys of the manifest it is about, and what to do.
pub(super) struct Flaw {
    pub(super) message: String,
    pub(super) keys: Vec<String>,
    pub(super) help: String,
}

fn flaw(message: String, keys: &[&str], help: &str) -> Flaw {
    Flaw {
        message,
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        help: help.to_owned(),
    }
}

/// Names that no crate of the public registry may have: those of the toolchain, and of devices of Windows.
const RESERVED: &[&str] = &[
    "alloc",
    "core",
    "proc-macro",
    "std",
    "test",
    "aux",
    "con",
    "nul",
    "prn",
    "com1",
    "com2",
    "com3",
    "com4",
    "com5",
    "com6",
    "com7",
    "com8",
    "com9",
    "lpt1",
    "lpt2",
    "lpt3",
    "lpt4",
    "lpt5",
    "lpt6",
    "lpt7",
    "lpt8",
    "lpt9",
];

pub(super) fn metadata(package: &Package) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let name = package.name.as_str();
    let private = "or `publish = false`, where the package is for nobody else";
    if !is_name(name) {
        flaws.push(flaw(
            format!("`{name}` is no name for a crate of a registry"),
            &["package", "name"],
            "take a name of at most 64 letters, digits, `-` and `_` that begins with a letter, and that Rust or Windows does not use itself",
        ));
    }
    if package
        .description
        .as_ref()
        .is_none_or(|text| text.trim().is_empty())
    {
        flaws.push(flaw(
            format!("`{name}` has no description"),
            &["package", "description"],
            &format!("write `description = \"…\"` under [package], {private}"),
        ));
    }
    flaws.extend(license(package, private));
    flaws.extend(words(package));
    let readme = package.readme.as_ref().map(|path| path.as_str());
    if let Some(path) = readme.filter(|path| !exists(package, path)) {
        flaws.push(flaw(
            format!("the readme `{path}` of `{name}` is not there"),
            &["package", "readme"],
            "write it, or mend `readme` under [package]",
        ));
    }
    for (key, url) in [
        ("homepage", &package.homepage),
        ("repository", &package.repository),
        ("documentation", &package.documentation),
    ] {
        if let Some(url) = url.as_ref().filter(|url| !is_url(url)) {
            flaws.push(flaw(
                format!("`{key}` of `{name}` is no address: `{url}`"),
                &["package", key],
                "write the whole address, beginning with https://",
            ));
        }
    }
    flaws
}

fn exists(package: &Package, path: &str) -> bool {
    let folder = package.manifest_path.as_std_path().parent();
    folder.unwrap_or(Path::new(".")).join(path).is_file()
}

fn is_name(name: &str) -> bool {
    let word = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    let plain = name.to_ascii_lowercase().replace('_', "-");
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(word)
        && name.len() <= 64
        && !RESERVED.contains(&plain.as_str())
}

fn license(package: &Package, private: &str) -> Option<Flaw> {
    let name = &package.name;
    if let Some(path) = &package.license_file {
        return (!exists(package, path.as_str())).then(|| {
            flaw(
                format!("the license file `{path}` of `{name}` is not there"),
                &["package", "license-file"],
                "write it, or mend `license-file` under [package]",
            )
        });
    }
    let Some(license) = package
        .license
        .as_ref()
        .filter(|text| !text.trim().is_empty())
    else {
        return Some(flaw(
            format!("`{name}` has neither license nor license-file"),
            &["package", "license"],
            &format!("write `license = \"…\"` (an SPDX expression) under [package], {private}"),
        ));
    };
    (!is_expression(license)).then(|| {
        flaw(
            format!("the license of `{name}` is no SPDX expression: `{license}`"),
            &["package", "license"],
            "write it as `MIT OR Apache-2.0`; for terms of your own take `license-file`",
        )
    })
}

/// Whether it has the form of an SPDX license expression; whether the identifiers exist is for the gate `licenses`.
fn is_expression(text: &str) -> bool {
    // The registry still takes the old way of writing a choice.
    let text = text
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let id = |word: &str| {
        word.chars()
            .all(|char| char.is_ascii_alphanumeric() || "-.+:".contains(char))
    };
    let (mut depth, mut operand) = (0_u32, false);
    for word in text.split_whitespace() {
        match word {
            "(" if !operand => depth += 1,
            ")" if operand && depth > 0 => depth -= 1,
            "AND" | "OR" | "WITH" if operand => operand = false,
            "(" | ")" | "AND" | "OR" | "WITH" => return false,
            word if !operand && id(word) => operand = true,
            _ => return false,
        }
    }
    operand && depth == 0
}

/// Keywords and categories. Which categories there are only the registry knows.
fn words(package: &Package) -> Vec<Flaw> {
    let name = &package.name;
    let mut flaws = Vec::new();
    for (key, list) in [
        ("keywords", &package.keywords),
        ("categories", &package.categories),
    ] {
        if list.len() > 5 {
            flaws.push(flaw(
                format!("`{name}` has {} {key}: more than 5", list.len()),
                &["package", key],
                "keep the five that matter most",
            ));
        }
    }
    let good = |word: &String| {
        let inside = |char: char| char.is_ascii_alphanumeric() || "-_+".contains(char);
        word.len() <= 20
            && word.starts_with(|first: char| first.is_ascii_alphanumeric())
            && word.chars().all(inside)
    };
    for word in package.keywords.iter().filter(|word| !good(word)) {
        flaws.push(flaw(
            format!("`{word}` is no keyword for `{name}`"),
            &["package", "keywords"],
            "take at most 20 letters, digits, `-`, `_` and `+`, the first a letter or digit",
        ));
    }
    flaws
}

/// What is wrong with a dependency. `text`: the requirement as the manifest has it; `None`: it has none.
pub(super) fn dependency(
    package: &Package,
    dependency: &Dependency,
    has_requirement: bool,
    private: &[&str],
) -> Option<Flaw> {
    let (name, of) = (&dependency.name, &package.name);
    let key = dependency.rename.as_ref().unwrap_or(name);
    let git = dependency
        .source
        .as_ref()
        .is_some_and(|source| source.repr.starts_with("git+"));
    let dev = dependency.kind == DependencyKind::Development;
    let elsewhere = dependency.path.is_some() || git;
    let keys = ["dependencies", key.as_str()];
    if elsewhere && !has_requirement {
        // Cargo leaves such a one out of what it publishes, where only tests need it.
        let whence = if git { "git repository" } else { "path" };
        return (!dev).then(|| {
            flaw(
                format!("`{of}` needs `{name}` by {whence}, without a version"),
                &keys,
                "write `version = \"…\"` beside it: that is what a published package will ask for",
            )
        });
    }
    if dependency.req.to_string() == "*" {
        return Some(flaw(
            format!("`{of}` takes any version of `{name}`"),
            &keys,
            "name the version that it was tried with: registries refuse `*`",
        ));
    }
    (dependency.path.is_some() && private.contains(&name.as_str())).then(|| {
        flaw(
            format!("`{of}` needs `{name}`, which has `publish = false`"),
            &keys,
            "publish it too, or do without it; where only tests need it, leave its version out",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{is_expression, is_name};

    #[test]
    fn license_expressions() {
        for good in [
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "LicenseRef-ours",
        ] {
            assert!(is_expression(good), "{good}");
        }
        for bad in [
            "",
            "OR",
            "MIT OR",
            "MIT Apache-2.0",
            "(MIT",
            "MIT)",
            "see LICENSE",
            "MIT,BSD",
        ] {
            assert!(!is_expression(bad), "{bad}");
        }
    }

    #[test]
    fn names_of_crates() {
        assert!(is_name("a") && is_name("a-b_C9") && is_name(&"x".repeat(64)));
        let long = "x".repeat(65);
        for bad in [
            "",
            "9a",
            "-a",
            "_a",
            "a.b",
            "é",
            "std",
            "proc_macro",
            "COM1",
            long.as_str(),
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
