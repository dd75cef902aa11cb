//! Every package that can get into a build is under a licence that goes with `MIT OR Apache-2.0`.

use serde_json::Value;

use crate::repository::cargo;

/// SPDX identifiers. All permissive, but for MPL-2.0, whose copyleft ends at the file.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether an SPDX licence expression (SPDX 2.3, annex D) can be satisfied with [`ALLOWED`]. `/` is `OR`, as older
/// packages write it. An error says what is wrong with the expression.
fn satisfied(expression: &str) -> Result<bool, String> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut words = spaced.split_whitespace().collect::<Vec<_>>();
    words.reverse();
    let verdict = any(&mut words)?;
    match words.pop() {
        None => Ok(verdict),
        Some(word) => Err(format!("unexpected `{word}`")),
    }
}

/// `OR` binds least. The words are a stack, the next one last.
fn any(words: &mut Vec<&str>) -> Result<bool, String> {
    let mut verdict = all(words)?;
    while words.pop_if(|word| *word == "OR").is_some() {
        verdict |= all(words)?;
    }
    Ok(verdict)
}

fn all(words: &mut Vec<&str>) -> Result<bool, String> {
    let mut verdict = one(words)?;
    while words.pop_if(|word| *word == "AND").is_some() {
        verdict &= one(words)?;
    }
    Ok(verdict)
}

fn one(words: &mut Vec<&str>) -> Result<bool, String> {
    match words.pop() {
        Some("(") => {
            let verdict = any(words)?;
            match words.pop() {
                Some(")") => Ok(verdict),
                _ => Err("`(` is not closed".to_owned()),
            }
        }
        Some(word @ ("OR" | "AND" | "WITH" | ")")) => Err(format!("unexpected `{word}`")),
        Some(licence) => {
            if words.pop_if(|word| *word == "WITH").is_none() {
                return Ok(ALLOWED.contains(&licence));
            }
            let exception = words.pop().ok_or("nothing follows `WITH`")?;
            Ok(ALLOWED.contains(&format!("{licence} WITH {exception}").as_str()))
        }
        None => Err("the expression ends too early".to_owned()),
    }
}

fn problem(package: &Value) -> Option<String> {
    let name = format!(
        "{} {}",
        package["name"].as_str()?,
        package["version"].as_str()?
    );
    let Some(licence) = package["license"].as_str() else {
        return Some(format!("{name}: no licence expression"));
    };
    match satisfied(licence) {
        Ok(true) => None,
        Ok(false) => Some(format!("{name}: `{licence}` is not allowed")),
        Err(error) => Some(format!("{name}: `{licence}`: {error}")),
    }
}

/// The whole graph, or where the packages of other platforms were never downloaded, the part that is built here.
fn metadata() -> String {
    let args = ["metadata", "--format-version", "1"];
    cargo(&args).unwrap_or_else(|_| {
        let line = "not covered: licences of packages for other platforms (`cargo fetch --locked` gets them)\n";
        std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
        let about = cargo(&["version", "--verbose"]).unwrap();
        let host = about
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .unwrap();
        cargo(&[&args[..], &["--filter-platform", host]].concat()).unwrap()
    })
}

#[test]
fn every_package_has_a_licence_that_is_allowed() {
    let metadata: Value = serde_json::from_str(&metadata()).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50, "only {} packages", packages.len());
    let problems: Vec<String> = packages.iter().filter_map(problem).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn expressions_are_evaluated() {
    for (expression, verdict) in [
        ("MIT", Ok(true)),
        ("GPL-3.0-only", Ok(false)),
        ("MIT/Apache-2.0", Ok(true)),
        ("GPL-3.0-only OR MIT", Ok(true)),
        ("GPL-3.0-only AND MIT", Ok(false)),
        ("GPL-3.0-only AND MIT OR Zlib", Ok(true)),
        ("GPL-3.0-only AND (MIT OR Zlib)", Ok(false)),
        ("(MIT OR GPL-2.0-only) AND (ISC)", Ok(true)),
        ("Apache-2.0 WITH LLVM-exception", Ok(true)),
        ("Apache-2.0 WITH Other-exception", Ok(false)),
        ("Apache-2.0 WITH", Err("nothing follows `WITH`")),
        ("MIT OR", Err("the expression ends too early")),
        ("", Err("the expression ends too early")),
        ("MIT Zlib", Err("unexpected `Zlib`")),
        ("(MIT", Err("`(` is not closed")),
        ("MIT)", Err("unexpected `)`")),
        ("AND MIT", Err("unexpected `AND`")),
    ] {
        assert_eq!(
            satisfied(expression),
            verdict.map_err(str::to_owned),
            "{expression}"
        );
    }
}

#[test]
fn a_package_without_or_with_another_licence_is_named() {
    let package = |licence: Value| serde_json::json!({"name": "some", "version": "1.0.0", "license": licence});
    assert_eq!(
        problem(&package(Value::Null)).as_deref(),
        Some("some 1.0.0: no licence expression")
    );
    assert_eq!(
        problem(&package("AGPL-3.0-only".into())).as_deref(),
        Some("some 1.0.0: `AGPL-3.0-only` is not allowed")
    );
    assert_eq!(problem(&package("MIT".into())), None);
}
