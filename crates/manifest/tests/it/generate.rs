//! Texts of every format in random layouts. A dice (bytes that proptest makes and shrinks) decides on each turn, so a
//! generator reads like a writer with moods.

mod python;

use std::collections::BTreeSet;

use landfall_manifest::Version;
use proptest::prelude::{Strategy, any};

pub(crate) use python::{pyproject, uv_lock};

/// Gives choices until it runs out, then always the first one.
pub(crate) struct Dice(std::vec::IntoIter<u8>);

impl Dice {
    pub(crate) fn new(bytes: Vec<u8>) -> Dice {
        Dice(bytes.into_iter())
    }

    pub(crate) fn below(&mut self, sides: usize) -> usize {
        usize::from(self.0.next().unwrap_or_default()) % sides
    }

    pub(crate) fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 1
    }

    pub(crate) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

pub(crate) fn dice() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..160)
}

/// Any legal SemVer; half of the pre-releases are of the common labels.
pub(crate) fn version() -> impl Strategy<Value = Version> {
    let identifier = "(0|[1-9][0-9]{0,3}|[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,4})";
    let pre = format!("(((alpha|beta|rc|dev)\\.?[0-9])|mvp|{identifier}(\\.{identifier}){{0,2}})");
    let pre = proptest::string::string_regex(&pre).unwrap();
    let pre = proptest::option::of(pre);
    let build = proptest::option::weighted(0.2, "[0-9A-Za-z-]{1,4}(\\.[0-9A-Za-z-]{1,3}){0,2}");
    (0..12_u64, 0..12_u64, 0..12_u64, pre, build).prop_map(|(major, minor, patch, pre, build)| {
        let pre = pre.map(|pre| format!("-{pre}")).unwrap_or_default();
        let build = build.map(|build| format!("+{build}")).unwrap_or_default();
        Version::parse(&format!("{major}.{minor}.{patch}{pre}{build}")).unwrap()
    })
}

/// The packages that carry the version; `gamma` and `delta` never do.
pub(crate) fn packages() -> BTreeSet<String> {
    ["alpha", "beta-core", "@acme/web"]
        .map(str::to_owned)
        .into()
}

const NAMES: [&str; 4] = ["alpha", "beta-core", "gamma", "delta"];
pub(crate) const NPM_NAMES: [&str; 5] = ["alpha", "@acme/web", "beta-core", "gamma", "@acme/other"];

/// The whole file in another dress: line ends, byte order mark, final newline.
pub(crate) fn dressed(dice: &mut Dice, mut text: String) -> String {
    if dice.one_in(3) {
        text.truncate(text.trim_end().len());
    }
    if dice.one_in(3) {
        text = text.replace('\n', "\r\n");
    }
    if dice.one_in(4) {
        text.insert(0, '\u{feff}');
    }
    text
}

pub(crate) fn version_file(dice: &mut Dice, version: &Version) -> String {
    let text = format!(
        "{}{version}{}",
        dice.pick(&["", "\n", "  "]),
        dice.pick(&["\n", "", " \n\n", "\t"])
    );
    dressed(dice, text)
}

/// A requirement of some precision, on this version or another.
fn requirement(dice: &mut Dice, version: &Version) -> String {
    let Version {
        major,
        minor,
        patch,
        ..
    } = version;
    match dice.below(12) {
        0 => format!("{major}.{minor}.{patch}"),
        1 => format!("{major}.{minor}"),
        2 => format!("^{major}"),
        3 => format!("={version}"),
        4 => format!("~{version}"),
        5 => "*".to_owned(),
        6 => format!(">={major}.{minor}, <99"),
        7 => format!("{major}.*"),
        8 => "<0.0.1".to_owned(),
        9 => ">= 0.3".to_owned(),
        10 => format!("^ {version}"),
        _ => version.to_string(),
    }
}

fn toml_string(dice: &mut Dice, content: &str) -> String {
    match dice.below(6) {
        1 => format!("'{content}'"),
        2 => format!("\"\"\"{content}\"\"\""),
        3 => format!("'''\n{content}'''"),
        4 => format!(
            "\"\\u{:04x}{}\"",
            u32::from(content.as_bytes()[0]),
            &content[1..]
        ),
        _ => format!("\"{content}\""),
    }
}

fn toml_pair(dice: &mut Dice, key: &str, value: &str) -> String {
    let indent = dice.pick(&["", "", "  ", "\t"]);
    let equals = dice.pick(&[" = ", "=", "   =\t"]);
    let comment = dice.pick(&["", "", " # version = \"0.0.0\"", "\t# ü"]);
    format!("{indent}{key}{equals}{value}{comment}\n")
}

/// The details of one dependency, as key and TOML value.
fn details(dice: &mut Dice, key: &str, version: &Version) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    if !dice.one_in(4) {
        details.push(("path", format!("\"../{key}\"")));
    }
    if !dice.one_in(5) {
        let text = requirement(dice, version);
        details.push(("version", toml_string(dice, &text)));
    }
    if dice.one_in(3) {
        let name = dice.pick(&NAMES);
        details.push(("package", toml_string(dice, name)));
    }
    if dice.one_in(3) {
        details.insert(0, ("features", "[ \"version\", 'x' ]".to_owned()));
    }
    if details.is_empty() {
        details.push(("workspace", "true".to_owned()));
    }
    details
}

fn inline(details: &[(&str, String)]) -> String {
    let pairs: Vec<String> = details
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// One dependency table in one of the forms of TOML: (what must stand before any header, the rest).
fn dependency_table(dice: &mut Dice, table: &str, version: &Version) -> (String, String) {
    let (mut front, mut plain, mut subtables) = (String::new(), String::new(), String::new());
    let style = dice.below(4);
    let mut pairs = Vec::new();
    for key in NAMES.iter().take(dice.below(5)) {
        let details = details(dice, key, version);
        match style {
            1 => details.iter().for_each(|(name, value)| {
                front.push_str(&toml_pair(dice, &format!("{table}.{key}.{name}"), value));
            }),
            2 => pairs.push(format!("{key} = {}", inline(&details))),
            _ => match dice.below(4) {
                0 => plain.push_str(&toml_pair(dice, key, &inline(&details))),
                1 => details.iter().for_each(|(name, value)| {
                    plain.push_str(&toml_pair(dice, &format!("{key}.{name}"), value));
                }),
                2 => {
                    let text = requirement(dice, version);
                    let text = toml_string(dice, &text);
                    plain.push_str(&toml_pair(dice, key, &text));
                }
                _ => {
                    subtables.push_str(&format!("\n[{table}.\"{key}\"]\n"));
                    details.iter().for_each(|(name, value)| {
                        subtables.push_str(&toml_pair(dice, name, value));
                    });
                }
            },
        }
    }
    if !pairs.is_empty() {
        front.push_str(&format!("{table} = {{ {} }}\n", pairs.join(" , ")));
    }
    if !plain.is_empty() {
        plain.insert_str(0, &format!("\n[ {table} ] # dependencies\n"));
    }
    (front, plain + &subtables)
}

pub(crate) fn cargo_toml(dice: &mut Dice, version: &Version) -> String {
    let (mut front, mut rest) = (String::new(), String::new());
    let own = toml_string(dice, &version.to_string());
    match dice.below(6) {
        0 | 1 => {
            rest = format!(
                "[package]\nname = \"alpha\"\n{}",
                toml_pair(dice, "version", &own)
            );
        }
        2 => {
            front =
                format!("package = {{ name = \"alpha\", version = {own}, edition = \"2024\" }}\n");
        }
        3 => {
            front = format!(
                "{}package . name = 'alpha'\n",
                toml_pair(dice, "package.version", &own)
            );
        }
        4 => rest = "[package]\nversion.workspace = true\nname = \"alpha\"\n".to_owned(),
        _ => {}
    }
    if dice.one_in(2) {
        let own = toml_string(dice, &version.to_string());
        rest.push_str(&format!(
            "\n[workspace.package]\n{}",
            toml_pair(dice, "version", &own)
        ));
    }
    for table in [
        "dependencies",
        "dev-dependencies",
        "build-dependencies",
        "target.'cfg(unix)'.dependencies",
        "workspace.dependencies",
    ] {
        if dice.one_in(2) {
            // A table that was begun by a header cannot be continued in the front.
            let (before, after) = dependency_table(dice, table, version);
            if table.contains('.') && !before.is_empty() {
                let (head, leaf) = table.rsplit_once('.').unwrap();
                rest.push_str(&format!(
                    "\n[{head}]\n{}",
                    before
                        .replace(&format!("{head}."), "")
                        .replace(&format!("{leaf}."), &format!("{leaf} .\t"))
                ));
            } else {
                front.push_str(&before);
            }
            rest.push_str(&after);
        }
    }
    if dice.one_in(3) {
        rest.push_str(
            "\n[patch.published]\nalpha = { path = \"../alpha\", version = \"0.0.1\" }\n",
        );
    }
    dressed(
        dice,
        format!("# a comment: version = \"9.9.9\"\n{front}{rest}"),
    )
}

pub(crate) fn cargo_lock(dice: &mut Dice, version: &Version) -> String {
    let mut text = "# This file is automatically @generated by Cargo.\nversion = 4\n".to_owned();
    let published = dice.one_in(2);
    for name in NAMES {
        let of_name = if name == "gamma" {
            "0.1.0".to_owned()
        } else {
            version.to_string()
        };
        text.push_str(&format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"{of_name}\"\n"
        ));
        if dice.one_in(2) {
            let alpha = if published {
                format!("alpha {version}")
            } else {
                "alpha".to_owned()
            };
            text.push_str(&format!(
                "dependencies = [\n \"{alpha}\",\n \"gamma\",\n]\n"
            ));
        }
    }
    if published {
        text.push_str("\n[[package]]\nname = \"alpha\"\nversion = \"77.0.0\"\nsource = \"registry+index\"\nchecksum = \"00\"\n");
        text.push_str("\n[[package]]\nname = \"user\"\nversion = \"1.0.0\"\nsource = \"registry+index\"\ndependencies = [\n \"alpha 77.0.0\",\n]\n");
    }
    dressed(dice, text)
}

/// A JSON string, perhaps with an escape in front.
fn json_string(dice: &mut Dice, content: &str) -> String {
    match content.chars().next() {
        Some(first) if dice.one_in(5) => format!(
            "\"\\u{:04X}{}\"",
            u32::from(first),
            &content[first.len_utf8()..]
        ),
        _ => format!("\"{content}\""),
    }
}

fn json_object(dice: &mut Dice, depth: usize, members: &[(String, String)]) -> String {
    let (outer, inner) = match dice.below(4) {
        0 => (
            format!("\n{}", "  ".repeat(depth)),
            format!("\n{}", "  ".repeat(depth + 1)),
        ),
        1 => (
            format!("\n{}", "\t".repeat(depth)),
            format!("\n{}", "\t".repeat(depth + 1)),
        ),
        2 => (String::new(), String::new()),
        _ => (" ".to_owned(), " ".to_owned()),
    };
    let colon = dice.pick(&[": ", ":", " :\t"]);
    let members: Vec<String> = members
        .iter()
        .map(|(key, value)| format!("{inner}{}{colon}{value}", json_string(dice, key)))
        .collect();
    format!("{{{}{outer}}}", members.join(","))
}

pub(crate) fn npm_range(dice: &mut Dice, version: &Version) -> String {
    match dice.below(14) {
        0 => "workspace:*".to_owned(),
        1 => format!("workspace:^{version}"),
        2 => "workspace:~".to_owned(),
        3 => format!("{version}"),
        4 => "file:../alpha".to_owned(),
        5 => format!("^{}.{} || ^0.1.0", version.major, version.minor),
        6 => ">=0.1.0 <3".to_owned(),
        7 => "latest".to_owned(),
        8 => format!("~{version}"),
        9 => "0.1.0 - 0.2".to_owned(),
        10 => String::new(),
        11 => format!("{}.x", version.major),
        12 => format!("npm:alpha@{version}"),
        _ => format!("^{version}"),
    }
}

/// The dependency tables of a package, with things around them that are none.
fn npm_members(dice: &mut Dice, depth: usize, version: &Version) -> Vec<(String, String)> {
    let mut members = Vec::new();
    for table in [
        "dependencies",
        "devDependencies",
        "peerDependencies",
        "optionalDependencies",
        "config",
        "engines",
    ] {
        if dice.one_in(2) {
            let mut entries = vec![("version".to_owned(), "\"0.0.7\"".to_owned())];
            for name in NPM_NAMES.iter().take(dice.below(6)) {
                let range = npm_range(dice, version);
                entries.push(((*name).to_owned(), json_string(dice, &range)));
            }
            members.push((table.to_owned(), json_object(dice, depth, &entries)));
        }
    }
    members
}

pub(crate) fn package_json(dice: &mut Dice, version: &Version) -> String {
    let mut members = npm_members(dice, 1, version);
    for table in ["overrides", "resolutions"] {
        if dice.one_in(3) {
            let entries: Vec<_> = NPM_NAMES
                .iter()
                .take(dice.below(6))
                .map(|name| {
                    (
                        (*name).to_owned(),
                        format!("\"{}\"", npm_range(dice, version)),
                    )
                })
                .collect();
            members.push((table.to_owned(), json_object(dice, 1, &entries)));
        }
    }
    members.push((
        "files".to_owned(),
        "[ \"version\", {\"version\":\"0.0.1\"}, -1.5e3, \"\\\"version\\\": \\\"9.9.9\\\"\", [] ]"
            .to_owned(),
    ));
    let at = dice.below(members.len() + 1);
    members.insert(
        at,
        (
            "version".to_owned(),
            json_string(dice, &version.to_string()),
        ),
    );
    members.insert(0, ("name".to_owned(), json_string(dice, "alpha")));
    let text = json_object(dice, 0, &members) + "\n";
    dressed(dice, text)
}

pub(crate) fn package_lock(dice: &mut Dice, version: &Version) -> String {
    let own = (
        "version".to_owned(),
        json_string(dice, &version.to_string()),
    );
    let mut entries = Vec::new();
    for (key, name) in [
        ("", Some("root")),
        ("packages/alpha", None),
        ("packages/w", Some("@acme/web")),
        ("@acme/other", None),
    ] {
        let mut members = npm_members(dice, 3, version);
        members.insert(0, own.clone());
        if let Some(name) = name {
            members.push(("name".to_owned(), json_string(dice, name)));
        }
        entries.push((key.to_owned(), json_object(dice, 2, &members)));
    }
    entries.push((
        "node_modules/alpha".to_owned(),
        "{\"resolved\": \"packages/alpha\", \"link\": true}".to_owned(),
    ));
    entries.push((
        "packages/w/node_modules/alpha".to_owned(),
        "{\"version\": \"0.0.3\"}".to_owned(),
    ));
    entries.push((
        "node_modules/beta-core".to_owned(),
        "{\"version\": \"0.0.2\", \"dependencies\": {\"alpha\": \"^0.0.3\"}}".to_owned(),
    ));
    let packages = json_object(dice, 1, &entries);
    let mut members = vec![
        ("name".to_owned(), "\"root\"".to_owned()),
        own,
        ("lockfileVersion".to_owned(), "2".to_owned()),
        ("packages".to_owned(), packages),
    ];
    if dice.one_in(2) {
        let requires = format!(
            "{{\"alpha\": {{\"version\": \"file:packages/alpha\", \"requires\": {{\"@acme/web\": \"^{version}\"}}}}, \"left\": {{\"version\": \"1.0.0\", \"requires\": {{\"alpha\": \"^0.0.1\"}}}}}}"
        );
        members.push(("dependencies".to_owned(), requires));
    }
    let text = json_object(dice, 0, &members) + "\n";
    dressed(dice, text)
}
