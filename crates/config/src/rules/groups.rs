//! Rules of `[[group]]`: names and tags by which a group is told from the others, and files that are its own.

use semver::Version;

use super::{Rules, SAMPLE};
use crate::error::visible;
use crate::{names, template};

impl Rules<'_> {
    pub(super) fn groups(&mut self) {
        let config = self.config;
        let mut tags = vec![("the repository".to_owned(), config.release.tag.clone())];
        let mut files: Vec<(&str, String)> = vec![
            (&config.changelog.path, "the changelog".to_owned()),
            (&config.version.file, "the version file".to_owned()),
        ];
        for (index, group) in config.groups.iter().enumerate() {
            let path = format!("group[{index}]");
            let shown = visible(&group.name);
            if group.name.contains(char::is_control) || group.name.contains(char::is_whitespace) {
                let message = "a name is one word: it is typed behind `--group`";
                self.report(&format!("{path}.name"), message);
            }
            if config.groups[..index]
                .iter()
                .any(|other| other.name == group.name)
            {
                let message = format!("another group is called `{shown}` already");
                self.report(&format!("{path}.name"), &message);
                continue;
            }
            self.path_list(
                &format!("{path}.packages"),
                &group
                    .packages
                    .iter()
                    .map(|name| name.trim_start_matches('@').to_owned())
                    .collect::<Vec<_>>(),
            );
            let tag = group.tag_template(&config.release.tag);
            self.group_tag(&path, &tag, &tags);
            tags.push((format!("the group `{shown}`"), tag));
            for (key, file) in [
                ("changelog", &group.changelog),
                ("version_file", &group.version_file),
            ] {
                let Some(file) = file else { continue };
                let path = format!("{path}.{key}");
                self.clean(&path, names::path(file));
                if let Some((_, whose)) = files.iter().find(|(taken, _)| taken == file) {
                    let message = format!("`{}` is {whose} already", visible(file));
                    self.report(&path, &message);
                }
                files.push((file, format!("of the group `{shown}`")));
            }
        }
    }

    /// A tag has to say whose release it is, whatever the version is.
    fn group_tag(&mut self, path: &str, own: &str, others: &[(String, String)]) {
        let path = format!("{path}.tag");
        let Some(tag) = self.fill(&path, own, &[("version", SAMPLE), ("group", "")]) else {
            return;
        };
        if !own.contains("{version}") {
            let help = "write for example `{group}-v{version}`";
            return self.advise(&path, "no `{version}` in it", help);
        }
        if !self.clean(&path, names::reference(&tag)) {
            return;
        }
        for (whose, other) in others {
            if mistaken(own, other, self.project) || mistaken(other, own, self.project) {
                let message = format!(
                    "`{}` could be a tag of {whose}, `{}`, too",
                    visible(&tag),
                    visible(other)
                );
                return self.advise(&path, &message, "write for example `{group}-v{version}`");
            }
        }
    }
}

/// Whether a tag of the one template could be read as one of the other.
fn mistaken(own: &str, other: &str, project: &str) -> bool {
    let fill = |text: &str, version: &str| {
        template::fill(text, &[("version", version), ("project", project)])
    };
    let Ok(other) = fill(other, "\n") else {
        return false;
    };
    let Some((before, after)) = other.split_once('\n') else {
        return false;
    };
    ["1.0.0", SAMPLE].into_iter().any(|version| {
        fill(own, version)
            .ok()
            .and_then(|tag| {
                let rest = tag.strip_prefix(before)?.strip_suffix(after)?;
                Version::parse(rest).ok()
            })
            .is_some()
    })
}
