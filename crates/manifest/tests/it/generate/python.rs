//! pyproject.toml and uv.lock in random layouts.

use landfall_manifest::Version;

use crate::semantics;

use super::{Dice, dressed, toml_pair, toml_string};

const NAMES: [&str; 4] = ["alpha", "Beta_Core", "gamma", "delta"];

/// A version as a person of Python might write it.
fn spelled(dice: &mut Dice, version: &Version) -> String {
    let text = version.to_string();
    if dice.one_in(3) || !version.build.is_empty() || !semantics::is_python(version) {
        return text;
    }
    let labels = [
        ("alpha.", "a"),
        ("beta.", "b"),
        ("rc.", "rc"),
        ("dev.", ".dev"),
    ];
    let label = labels
        .iter()
        .find(|(long, _)| version.pre.starts_with(long));
    label.map_or_else(
        || text.clone(),
        |(long, short)| text.replacen(&format!("-{long}"), short, 1),
    )
}

fn specifiers(dice: &mut Dice, version: &Version) -> String {
    let Version {
        major,
        minor,
        patch,
        ..
    } = version;
    match dice.below(12) {
        0 => format!(">={major}.{minor}"),
        1 => format!("~={major}.{minor}.{patch}"),
        2 => format!("=={major}.{minor}.{patch}"),
        3 => format!("=={major}.*"),
        4 => format!(" >= {major}.{minor}.{patch}rc1 , < {}", major + 1),
        5 => ">=0.1,<0.3".to_owned(),
        6 => String::new(),
        7 => format!("~={major}.{minor}"),
        8 => "!=0.0.1".to_owned(),
        9 => "<99".to_owned(),
        10 => " (>=0.1, <2)".to_owned(),
        _ => format!(">={major}.{minor}.{patch}"),
    }
}

fn requirement(dice: &mut Dice, version: &Version) -> String {
    let name = dice.pick(&NAMES);
    let extras = dice.pick(&["", "", "[cli]", "[cli, x]", " [cli]"]);
    let specifiers = specifiers(dice, version);
    match dice.below(5) {
        0 => format!("\"{name}{extras}{specifiers} ; python_version < \\\"3.9\\\"\""),
        1 => format!("'{name}{extras}{specifiers}; sys_platform == \"win32\"'"),
        2 => format!("\"{name}{extras} @ file:../{name}\""),
        _ => format!("\"{name}{extras}{specifiers}\""),
    }
}

fn list(dice: &mut Dice, version: &Version) -> String {
    let mut items: Vec<String> = (0..dice.below(5))
        .map(|_| requirement(dice, version))
        .collect();
    if dice.one_in(3) {
        items.insert(0, "\"version>=0.0.1\"".to_owned());
    }
    match dice.below(3) {
        0 => format!("[{}]", items.join(", ")),
        1 => {
            let lines: String = items
                .iter()
                .map(|item| format!("    {item}, # >=9.9\n"))
                .collect();
            format!("[\n{lines}]")
        }
        _ => format!("[\n\t{}\n]", items.join(",\n\t")),
    }
}

fn constraint(dice: &mut Dice, version: &Version) -> String {
    let Version {
        major,
        minor,
        patch,
        ..
    } = version;
    match dice.below(9) {
        0 => format!("^{major}.{minor}"),
        1 => format!("~{major}.{minor}.{patch}"),
        2 => format!("{major}.{minor}.{patch}"),
        3 => "*".to_owned(),
        4 => ">=0.1 <0.3".to_owned(),
        5 => "^0.1 || ^0.2".to_owned(),
        6 => format!("{major}.*"),
        7 => ">= 0.1, < 77".to_owned(),
        _ => format!("^{major}.{minor}.{patch}"),
    }
}

fn poetry_table(dice: &mut Dice, table: &str, version: &Version) -> String {
    let mut text = format!("\n[tool.poetry.{table}]\npython = \"^3.9\"\n");
    for name in NAMES.iter().take(dice.below(5)) {
        let constraint = constraint(dice, version);
        let string = toml_string(dice, &constraint);
        let value = match dice.below(4) {
            0 => string,
            1 => format!("{{ version = {string}, extras = [\"version\"] }}"),
            2 => format!("{{ path = \"../{name}\", develop = true }}"),
            _ => format!("[ {{ version = {string}, python = \"<3.9\" }}, {{ git = \"x\" }} ]"),
        };
        text.push_str(&toml_pair(dice, name, &value));
    }
    text
}

pub(crate) fn pyproject(dice: &mut Dice, version: &Version) -> String {
    let own = spelled(dice, version);
    let own = toml_string(dice, &own);
    let list = |dice: &mut Dice| list(dice, version);
    let mut text =
        "# version = \"9.9.9\"\n[build-system]\nrequires = [\"alpha>=0.0.1\"]\n".to_owned();
    match dice.below(5) {
        0 | 1 => {
            text.push_str("\n[project]\nname = \"Alpha\"\n");
            text.push_str(&toml_pair(dice, "version", &own));
            let dependencies = list(dice);
            text.push_str(&toml_pair(dice, "dependencies", &dependencies));
        }
        2 => {
            let dependencies = list(dice).replace(" # >=9.9", "").replace('\n', " ");
            text = format!(
                "project = {{ version = {own}, name = 'alpha', dependencies = {dependencies} }}\n{text}"
            );
        }
        3 => {
            text = format!(
                "{}project . name = 'alpha'\n{text}",
                toml_pair(dice, "project.version", &own)
            );
        }
        _ => text.push_str("\n[project]\nname = \"alpha\"\ndynamic = [\"version\"]\n"),
    }
    if dice.one_in(2) {
        let (one, other) = (list(dice), list(dice));
        text.push_str(&format!(
            "\n[dependency-groups]\ndev = {one}\n\"l i\" = [{{ include-group = \"dev\" }}]\n[tool.uv]\noverride-dependencies = {other}\n"
        ));
    }
    if dice.one_in(3) {
        text.push_str("\n[tool.poetry]\nname = \"alpha\"\n");
        text.push_str(&toml_pair(dice, "version", &own));
        for table in ["dependencies", "group.dev.dependencies"] {
            text.push_str(&poetry_table(dice, table, version));
        }
    }
    text.push_str("\n[tool.other]\nversion = \"0.0.1\"\n");
    dressed(dice, text)
}

pub(crate) fn uv_lock(dice: &mut Dice, version: &Version) -> String {
    let mut text = "version = 1\nrevision = 3\nrequires-python = \">=3.9\"\n\n[manifest]\nmembers = [\n    \"alpha\",\n]\n".to_owned();
    for name in ["alpha", "beta-core", "gamma", "delta"] {
        let own = spelled(dice, version);
        let source = match dice.below(4) {
            0 => "{ virtual = \".\" }".to_owned(),
            1 => "{ registry = \"https://registry.example/simple\" }".to_owned(),
            2 => format!("{{ directory = \"packages/{name}\" }}"),
            _ => format!("{{ editable = \"packages/{name}\" }}"),
        };
        text.push_str(&format!("\n[[package]]\nname = \"{name}\"\n"));
        if !dice.one_in(6) {
            text.push_str(&format!("version = \"{own}\"\n"));
        }
        text.push_str(&format!(
            "source = {source}\ndependencies = [\n    {{ name = \"alpha\" }},\n    {{ name = \"left\", marker = \"x == 'version'\" }},\n]\n"
        ));
        let specifier = specifiers(dice, version);
        let specifier = specifier.trim().trim_matches(['(', ')']);
        text.push_str(&format!(
            "\n[package.metadata]\nrequires-dist = [\n    {{ name = \"beta-core\", specifier = \"{specifier}\" }},\n    {{ name = \"left\", specifier = \">=0.1\" }},\n]\n"
        ));
    }
    dressed(dice, text)
}
