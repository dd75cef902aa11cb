//! What of git-cliff's configuration is honoured, and what is refused, key by key.

use anyhow::{Result, bail};
use git_cliff_core::config::Config;

use super::config::has_remote;

/// Keys that do here what they do in git-cliff's program.
#[cfg(test)]
pub(crate) const HONOURED: &[&str] = &[
    "changelog.header",
    "changelog.header_marker",
    "changelog.body",
    "changelog.footer",
    "changelog.trim",
    "changelog.render_always",
    "changelog.format",
    "changelog.postprocessors.pattern",
    "changelog.postprocessors.replace",
    "git.processing_order",
    "git.conventional_commits",
    "git.require_conventional",
    "git.filter_unconventional",
    "git.split_commits",
    "git.commit_preprocessors.pattern",
    "git.commit_preprocessors.replace",
    "git.commit_parsers.sha",
    "git.commit_parsers.message",
    "git.commit_parsers.body",
    "git.commit_parsers.footer",
    "git.commit_parsers.group",
    "git.commit_parsers.default_scope",
    "git.commit_parsers.scope",
    "git.commit_parsers.skip",
    "git.commit_parsers.continue",
    "git.commit_parsers.field",
    "git.commit_parsers.pattern",
    "git.protect_breaking_commits",
    "git.link_parsers.pattern",
    "git.link_parsers.href",
    "git.link_parsers.text",
    "git.filter_commits",
    "git.fail_on_unmatched_commit",
    "git.tag_pattern",
    "git.skip_tags",
    "git.ignore_tags",
    "git.count_tags",
    "git.limit_tags",
    "git.use_branch_tags",
    "git.topo_order",
    "git.topo_order_commits",
    "git.sort_commits",
    "git.limit_commits",
    "git.include_paths",
    "git.exclude_paths",
    "remote.offline",
    "remote.*.owner",
    "remote.*.repo",
];

/// Keys that change nothing here: landfall decides what they would.
#[cfg(test)]
pub(crate) const WITHOUT_EFFECT: &[&str] = &[
    // Where the text goes is `changelog.path` in release.toml; only its ending counts, for `changelog.format`.
    "changelog.output",
    // No forge is asked.
    "remote.*.api_url",
    "remote.*.http_timeout",
    "remote.*.is_custom",
    "remote.*.native_tls",
    "remote.*.token",
    // The version is landfall's.
    "bump.features_always_bump_minor",
    "bump.breaking_always_bump_major",
    "bump.initial_tag",
    "bump.custom_major_increment_regex",
    "bump.custom_minor_increment_regex",
    "bump.no_increment_regex",
    "bump.bump_type",
];

/// Keys that are refused when they are used.
#[cfg(test)]
pub(crate) const REFUSED: &[&str] = &[
    "changelog.postprocessors.replace_command",
    "git.commit_preprocessors.replace_command",
    "git.recurse_submodules",
];

/// Functions of templates that look at what is not in the history.
const OUTSIDE: &[&str] = &["get_env", "now", "get_random"];

/// Values that hold what forges say, and so cannot be shown whole.
const WHOLE: &[&str] = &["commit", "commits", "previous", "release", "releases"];

/// What git-cliff asks forges about.
const FORGES: &[&str] = &["github", "gitlab", "gitea", "bitbucket", "azure_devops"];

/// Refuses what is not supported.
///
/// # Errors
/// The key, and what to do.
pub(crate) fn supported(name: &str, config: &Config) -> Result<()> {
    let processors = [
        ("changelog.postprocessors", &config.changelog.postprocessors),
        ("git.commit_preprocessors", &config.git.commit_preprocessors),
    ];
    for (key, list) in processors {
        for (number, one) in list.iter().enumerate() {
            if one.replace.is_none() && one.replace_command.is_some() {
                bail!(
                    "{name}: {key}[{number}].replace_command is not supported: notes are made from the history alone, and no program is run; use `replace`"
                );
            }
        }
    }
    if config.git.recurse_submodules == Some(true) {
        bail!(
            "{name}: git.recurse_submodules is not supported: submodules are not read; set it to false"
        );
    }
    statistics(name, config)?;
    templates(name, config)
}

/// Line counts of single commits need every diff of the history.
fn statistics(name: &str, config: &Config) -> Result<()> {
    if config.uses_commit_statistics()? {
        bail!(
            "{name}: `commit.statistics` is not supported: no diff is read; leave it out of the templates and of git.commit_parsers (the `statistics` of a release are there)"
        );
    }
    Ok(())
}

fn templates(name: &str, config: &Config) -> Result<()> {
    let changelog = &config.changelog;
    let asks = !config.remote.offline && has_remote(config);
    let texts = [
        ("changelog.header", changelog.header.as_deref()),
        ("changelog.body", Some(changelog.body.as_str())),
        ("changelog.footer", changelog.footer.as_deref()),
    ];
    for (key, text) in texts {
        let names = names(text.unwrap_or_default());
        whole(name, key, &names)?;
        for path in names {
            if OUTSIDE
                .iter()
                .any(|function| path == format!("{function}("))
            {
                bail!(
                    "{name}: {key} calls `{path})`, which is not supported: notes are made from the history alone, so that they are the same tomorrow and elsewhere; write the value into the template"
                );
            }
            forge(name, key, &path, asks)?;
        }
    }
    for (number, parser) in config.git.commit_parsers.iter().enumerate() {
        if let Some(field) = &parser.field {
            let path = format!("commit.{field}");
            let key = format!("git.commit_parsers[{number}].field");
            forge(name, &key, &path, asks)?;
        }
    }
    Ok(())
}

/// All of a commit at once would show the fields of forges, which are not there.
fn whole(name: &str, key: &str, names: &[String]) -> Result<()> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let encoded = names.windows(2).find_map(|pair| match pair {
        [value, filter] if filter.trim_end_matches('(') == "json_encode" => Some(last(value)),
        _ => None,
    });
    let shown = encoded
        .filter(|value| WHOLE.contains(&value.as_str()))
        .map(|value| format!("{value} | json_encode"))
        .or_else(|| names.iter().find(|path| *path == "__tera_context").cloned());
    if let Some(shown) = shown {
        bail!(
            "{name}: {key} shows `{shown}`, which is not supported: git-cliff's program has the fields of five forges in it, and no forge is asked; name the fields that are wanted"
        );
    }
    Ok(())
}

/// Data of a forge: `github.…`, `commit.github.…`, and `commit.remote.…` where git-cliff would ask for it.
fn forge(name: &str, key: &str, path: &str, asks: bool) -> Result<()> {
    let mut parts = path.split(['.', '[', '(']);
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let asked = FORGES.contains(&first)
        || (first != "remote" && second.is_some_and(|part| FORGES.contains(&part)))
        || (asks && second == Some("remote"));
    if asked {
        bail!(
            "{name}: {key} uses `{path}`, which is not supported: no forge is asked for pull requests or contributors; leave it out of the configuration{}",
            if second == Some("remote") {
                ", or set remote.offline = true"
            } else {
                ""
            }
        );
    }
    Ok(())
}

/// Every dotted name within the tags of a template, a called one with its bracket; strings are left out.
fn names(template: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(start) = [rest.find("{{"), rest.find("{%")]
        .into_iter()
        .flatten()
        .min()
    {
        let inside = rest.get(start + 2..).unwrap_or_default();
        let end = [inside.find("}}"), inside.find("%}")]
            .into_iter()
            .flatten()
            .min();
        let (tag, after) = inside.split_at(end.unwrap_or(inside.len()));
        words(tag, &mut found);
        rest = after;
    }
    found
}

fn words(tag: &str, found: &mut Vec<String>) {
    let mut word = String::new();
    let mut quote = None;
    for letter in tag.chars().chain([' ']) {
        if let Some(end) = quote {
            quote = Some(end).filter(|end| *end != letter);
        } else if letter.is_alphanumeric() || matches!(letter, '_' | '.' | ':') {
            word.push(letter);
        } else {
            if letter == '(' {
                word.push(letter);
            }
            if !word.is_empty() {
                found.push(std::mem::take(&mut word));
            }
            quote = Some(letter).filter(|letter| matches!(letter, '"' | '\'' | '`'));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use git_cliff_core::config::{CommitParser, Config, LinkParser, TextProcessor};
    use serde_json::Value;

    use super::{FORGES, HONOURED, REFUSED, WITHOUT_EFFECT, names, supported};

    fn config(text: &str) -> Config {
        let defaults = git_cliff_core::embed::EmbeddedConfig::get_config().unwrap();
        config_files::Config::builder()
            .add_source(config_files::File::from_str(
                &defaults,
                config_files::FileFormat::Toml,
            ))
            .add_source(config_files::File::from_str(
                text,
                config_files::FileFormat::Toml,
            ))
            .build()
            .unwrap()
            .try_deserialize()
            .unwrap()
    }

    fn leaves(path: &str, value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (key, value) in fields {
                    let key = if FORGES.contains(&key.as_str()) {
                        "*"
                    } else {
                        key
                    };
                    leaves(&format!("{path}.{key}"), value, found);
                }
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                items.iter().for_each(|item| leaves(path, item, found));
            }
            _ => {
                found.insert(path.trim_start_matches('.').to_owned());
            }
        }
    }

    /// A new version of git-cliff with a new key fails here, before it is silently not honoured.
    #[test]
    fn every_key_of_git_cliff_is_in_exactly_one_table() {
        let mut config = config("[git]\nlink_parsers = [{ pattern = \"x\", href = \"y\" }]");
        let processor: TextProcessor = serde_json::from_str("{\"pattern\":\"x\"}").unwrap();
        config.changelog.postprocessors = vec![processor.clone()];
        config.git.commit_preprocessors = vec![processor];
        config.git.commit_parsers = vec![CommitParser::default()];
        assert!(
            config
                .git
                .link_parsers
                .first()
                .is_some_and(|one: &LinkParser| one.text.is_none())
        );
        let mut keys = BTreeSet::new();
        leaves("", &serde_json::to_value(&config).unwrap(), &mut keys);
        // A secret is not written out.
        keys.insert("remote.*.token".to_owned());
        let tables: Vec<&str> = [HONOURED, WITHOUT_EFFECT, REFUSED].concat();
        let told: BTreeSet<String> = tables.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(told.len(), tables.len(), "a key is in two tables");
        assert_eq!(keys, told);
    }

    #[test]
    fn what_is_not_supported_is_named() {
        let refused = |text: &str| {
            supported("cliff.toml", &config(text))
                .unwrap_err()
                .to_string()
        };
        for (text, key) in [
            (
                "[changelog]\npostprocessors = [{ pattern = \"x\", replace_command = \"tr a b\" }]",
                "changelog.postprocessors[0].replace_command",
            ),
            (
                "[git]\ncommit_preprocessors = [{ pattern = \"x\", replace = \"y\" }, { pattern = \".*\", replace_command = \"typos\" }]",
                "git.commit_preprocessors[1].replace_command",
            ),
            ("[git]\nrecurse_submodules = true", "git.recurse_submodules"),
            (
                "[changelog]\nbody = \"{{ get_env(name='X') }}\"",
                "changelog.body calls `get_env()`",
            ),
            (
                "[changelog]\nheader = \"{{ now() | date }}\"",
                "changelog.header calls `now()`",
            ),
            (
                "[changelog]\nfooter = \"{% for c in github.contributors %}{% endfor %}\"",
                "changelog.footer uses `github.contributors`",
            ),
            (
                "[changelog]\nbody = \"{% for commit in commits %}{{ commit.statistics.additions }}{% endfor %}\"",
                "commit.statistics",
            ),
            (
                "[remote.github]\nowner = \"o\"\nrepo = \"r\"\n[changelog]\nbody = \"{% if commit.remote.pr_number %}{% endif %}\"",
                "remote.offline = true",
            ),
            (
                "[git]\ncommit_parsers = [{ field = \"github.pr_labels\", pattern = \"x\" }]",
                "git.commit_parsers[0].field",
            ),
        ] {
            let error = refused(text);
            assert!(
                error.starts_with("cliff.toml: ") && error.contains(key),
                "{error}"
            );
            assert!(error.contains("not supported"), "{error}");
        }
        for text in [
            "",
            "[changelog]\npostprocessors = [{ pattern = \"x\", replace = \"y\", replace_command = \"never run\" }]",
            "[changelog]\nbody = \"{{ remote.github.owner }} now() {{ commit.message | json_encode }} {{ 'get_env()' }} {{ commit.remote.pr_number }}\"",
        ] {
            supported("cliff.toml", &config(text)).unwrap();
        }
    }

    #[test]
    fn names_are_found_in_tags_alone() {
        assert_eq!(
            names("now() {% if a.b and not(c) %} i.j {{ d | e(f=\"g h\") }} {{ k"),
            ["if", "a.b", "and", "not(", "c", "d", "e(", "f", "k"]
        );
    }
}
