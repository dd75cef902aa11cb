//! The differential check: another parser reads both texts, an edit of its own is made to the parsed values, and the
//! two agree.

use landfall_manifest::Version;
use serde_json::Value;

use crate::generate;

fn requirement_takes(requirement: &str, version: &Version) -> bool {
    semver::VersionReq::parse(requirement).is_ok_and(|requirement| requirement.matches(version))
}

/// The requirements that should follow are checked to take the version, then the new one is put where the old one stood.
fn cargo_tables(before: &mut toml::Table, after: &toml::Table, version: &Version) {
    let packages = generate::packages();
    for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(entries) = before.get_mut(table).and_then(toml::Value::as_table_mut) else {
            continue;
        };
        for (key, entry) in entries.iter_mut() {
            let Some(entry) = entry.as_table_mut() else {
                continue;
            };
            let name = entry
                .get("package")
                .and_then(toml::Value::as_str)
                .unwrap_or(key);
            if !packages.contains(name)
                || !entry.contains_key("path")
                || !entry.contains_key("version")
            {
                continue;
            }
            let new = after[table][key]["version"].as_str().unwrap();
            assert!(
                requirement_takes(new, version),
                "{new} does not take {version}"
            );
            entry.insert("version".to_owned(), new.into());
        }
    }
}

fn table<'a>(value: &'a mut toml::Table, key: &str) -> Option<&'a mut toml::Table> {
    value.get_mut(key).and_then(toml::Value::as_table_mut)
}

fn own_version(value: Option<&mut toml::Table>, version: &Version) {
    if let Some(value) = value.filter(|value| value.get("version").is_some_and(toml::Value::is_str))
    {
        value.insert("version".to_owned(), version.to_string().into());
    }
}

pub(crate) fn toml(name: &str, before: &str, after: &str, version: &Version) {
    let mut before: toml::Table = toml::from_str(before.trim_start_matches('\u{feff}')).unwrap();
    let after: toml::Table = toml::from_str(after.trim_start_matches('\u{feff}')).unwrap();
    if name == "cargo_lock" {
        cargo_lock(&mut before, version);
    } else {
        own_version(table(&mut before, "package"), version);
        cargo_tables(&mut before, &after, version);
        if let Some(unix) =
            table(&mut before, "target").and_then(|target| table(target, "cfg(unix)"))
        {
            cargo_tables(
                unix,
                after["target"]["cfg(unix)"].as_table().unwrap(),
                version,
            );
        }
        if let Some(workspace) = table(&mut before, "workspace") {
            own_version(table(workspace, "package"), version);
            cargo_tables(workspace, after["workspace"].as_table().unwrap(), version);
        }
    }
    assert_eq!(before, after);
}

fn cargo_lock(lock: &mut toml::Table, version: &Version) {
    let packages = generate::packages();
    for package in lock["package"].as_array_mut().unwrap() {
        let package = package.as_table_mut().unwrap();
        let local = !package.contains_key("source");
        if local && packages.contains(package["name"].as_str().unwrap()) {
            package.insert("version".to_owned(), version.to_string().into());
        }
        for dependency in package
            .get_mut("dependencies")
            .and_then(toml::Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            if dependency
                .as_str()
                .is_some_and(|text| text.starts_with("alpha ") && text != "alpha 77.0.0")
            {
                *dependency = format!("alpha {version}").into();
            }
        }
    }
}

/// Ranges that changed stood in a dependency table of a package of ours, were ranges, and name the new numbers;
/// the new one is then put where the old one stood.
fn npm_tables(before: &mut Value, after: &Value, tables: &[&str], version: &Version) {
    let packages = generate::packages();
    for table in tables {
        let Some(entries) = before.get_mut(table).and_then(Value::as_object_mut) else {
            continue;
        };
        for (name, old) in entries
            .iter_mut()
            .filter(|(name, _)| packages.contains(*name))
        {
            let new = &after[table][name];
            let stays =
                ["workspace:*", "workspace:~", "file:../alpha", "latest", ""].map(Value::from);
            if new != old && !stays.contains(old) && !old.as_str().unwrap().starts_with("npm:") {
                let text = new
                    .as_str()
                    .unwrap()
                    .trim_start_matches("workspace:")
                    .trim_start_matches(['^', '~']);
                let full = version.to_string();
                let full = full.split('+').next().unwrap();
                let part = version.pre.is_empty() && text == format!("{}.x", version.major);
                assert!(text == full || part, "{old} became {new} for {version}");
                *old = new.clone();
            }
        }
    }
}

/// Line by line: what changed is a requirement on a package of ours that lies beside, in the quotes it had, and it names the
/// new version; what did not change although it is one of those takes the version, or is no range.
pub(crate) fn pnpm_lock(before: &str, after: &str, version: &Version) {
    let packages = generate::packages();
    let value = |line: &str| {
        let (_, value) = line.trim().split_once(": ").unwrap();
        value.trim_matches(['\'', '"']).to_owned()
    };
    let (mut table, mut name) = (String::new(), String::new());
    let lines: Vec<&str> = before.lines().collect();
    assert_eq!(lines.len(), after.lines().count());
    for (index, (old, new)) in before.lines().zip(after.lines()).enumerate() {
        let depth = old.len() - old.trim_start().len();
        let word = old.trim().split(": ").next().unwrap();
        let word = word.trim_end_matches(':').trim_matches(['\'', '"']);
        if matches!(depth, 0 | 4) {
            word.clone_into(&mut table);
        } else if depth == 6 || depth == 2 && table == "overrides" {
            word.clone_into(&mut name);
        }
        let repeated = depth == 8
            && word == "specifier"
            && table != "dependenciesMeta"
            && !value(lines[index + 1]).starts_with("0.0.1");
        let may = packages.contains(&name) && (repeated || table == "overrides" && depth == 2);
        if old == new {
            let range = if may { value(old) } else { String::new() };
            let exact = range
                .trim_start_matches("workspace:")
                .trim_start_matches(['^', '~']);
            if let Ok(exact) = Version::parse(exact)
                && !range.contains("npm:")
            {
                let req = semver::VersionReq::parse(&format!("^{exact}")).unwrap();
                assert!(req.matches(version), "{old} stays for {version}");
            }
            continue;
        }
        assert!(may, "{old} became {new} below {table} {name}");
        let lead = old.find(&value(old)).unwrap();
        assert_eq!(old[..lead], new[..lead]);
        assert_eq!(old.ends_with('\''), new.ends_with('\''));
        let text = value(new);
        let text = text
            .trim_start_matches("workspace:")
            .trim_start_matches(['^', '~']);
        let full = version.to_string();
        let full = full.split('+').next().unwrap();
        let part = version.pre.is_empty() && text == format!("{}.x", version.major);
        assert!(text == full || part, "{old} became {new} for {version}");
    }
}

pub(crate) fn json(name: &str, before: &str, after: &str, version: &Version) {
    let tables = [
        "dependencies",
        "devDependencies",
        "peerDependencies",
        "optionalDependencies",
    ];
    let mut before: Value = serde_json::from_str(before.trim_start_matches('\u{feff}')).unwrap();
    let after: Value = serde_json::from_str(after.trim_start_matches('\u{feff}')).unwrap();
    before["version"] = version.to_string().into();
    if name == "package_json" {
        npm_tables(&mut before, &after, &tables, version);
        npm_tables(&mut before, &after, &["overrides", "resolutions"], version);
    } else {
        for key in ["", "packages/alpha", "packages/w", "@acme/other"] {
            let entry = &mut before["packages"][key];
            if key != "@acme/other" {
                entry["version"] = version.to_string().into();
            }
            npm_tables(entry, &after["packages"][key], &tables, version);
        }
        if let Some(alpha) = before
            .get_mut("dependencies")
            .map(|tree| &mut tree["alpha"])
        {
            npm_tables(
                alpha,
                &after["dependencies"]["alpha"],
                &["requires"],
                version,
            );
        }
    }
    assert_eq!(before, after);
}

/// The version in the eyes of another implementation of PEP 440, where that puts it before its release as SemVer does.
fn python_version(version: &Version) -> Option<pep440_rs::Version> {
    let python: pep440_rs::Version = version.to_string().parse().ok()?;
    let moved = python.is_post() || (python.is_pre() && python.is_dev());
    (!moved).then_some(python)
}

pub(crate) fn is_python(version: &Version) -> bool {
    python_version(version).is_some()
}

/// Walks both documents: strings differ only where a version or a requirement stands, and say the new version there.
pub(crate) fn python(before: &str, after: &str, version: &Version) {
    let parse = |text: &str| -> toml::Table {
        toml::from_str(text.trim_start_matches('\u{feff}')).unwrap()
    };
    let (before, after) = (parse(before).into(), parse(after).into());
    walk("", &before, &after, version);
}

fn walk(path: &str, before: &toml::Value, after: &toml::Value, version: &Version) {
    match (before, after) {
        (toml::Value::Table(before), toml::Value::Table(after)) => {
            assert!(before.keys().eq(after.keys()), "{path}");
            for (key, value) in before {
                walk(&format!("{path}.{key}"), value, &after[key], version);
            }
        }
        (toml::Value::Array(before), toml::Value::Array(after)) => {
            assert_eq!(before.len(), after.len(), "{path}");
            for (before, after) in before.iter().zip(after) {
                walk(path, before, after, version);
            }
        }
        (toml::Value::String(before), toml::Value::String(after)) => {
            python_text(path, before, after, version);
        }
        _ => assert_eq!(before, after, "{path}"),
    }
}

fn python_text(path: &str, before: &str, after: &str, version: &Version) {
    let is_list = path.ends_with("dependencies") || path.starts_with(".dependency-groups");
    if is_list && !after.contains('@') && !path.contains("poetry") {
        let name = |text: &str| {
            text[..text
                .find([' ', '[', '>', '<', '=', '~', '!', '(', ';'])
                .unwrap_or(text.len())]
                .to_owned()
        };
        let marker = |text: &str| text.split_once(';').map(|(_, marker)| marker.to_owned());
        assert_eq!((name(before), marker(before)), (name(after), marker(after)));
        let normal = name(after).to_lowercase().replace('_', "-");
        if generate::packages().contains(&normal) {
            let head = after.split(';').next().unwrap();
            takes(
                head.trim_start_matches(|one: char| !"<>=~!".contains(one)),
                version,
            );
            return;
        }
    } else if path.ends_with(".specifier") || path.contains("poetry.") && before != after {
        // Poetry's own constraints have no second reader here; they are compared as texts in the unit tests.
        if before != after && path.ends_with(".specifier") {
            takes(after, version);
        }
        return;
    } else if before != after {
        assert!(
            path.ends_with(".version") && path != ".tool.other.version",
            "{path}"
        );
        assert_eq!(after.parse().ok(), python_version(version), "{path}");
        return;
    }
    assert_eq!(before, after, "{path}");
}

/// Specifiers take a pre-release only where they name one.
fn takes(specifiers: &str, version: &Version) {
    let Ok(wanted) = version.to_string().parse::<pep440_rs::Version>() else {
        return;
    };
    let specifiers = specifiers.trim().trim_end_matches(')');
    let parsed: pep440_rs::VersionSpecifiers = specifiers.parse().unwrap();
    assert!(
        parsed.contains(&wanted),
        "{specifiers} does not take {version}"
    );
    let named = parsed.iter().any(|one| one.any_prerelease());
    assert!(
        parsed.is_empty() || !wanted.any_prerelease() || named,
        "{specifiers} {version}"
    );
}
