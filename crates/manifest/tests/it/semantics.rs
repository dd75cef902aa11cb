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
