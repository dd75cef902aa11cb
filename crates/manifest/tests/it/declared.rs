//! Formats that are told a file and what to look for in it: examples of each, and the laws that hold for all of them.

use landfall_manifest::declared::{Reading, Wanted, declared, find, set};
use landfall_manifest::{Edited, Error, Version};

/// `path` and `names` as `release.toml` gives them.
struct Place {
    format: &'static str,
    path: &'static str,
    names: Vec<String>,
}

fn place(format: &'static str, path: &'static str, names: &[&str]) -> Place {
    Place {
        format,
        path,
        names: names.iter().map(|&name| name.to_owned()).collect(),
    }
}

impl Place {
    fn wanted(&self, min: usize) -> Wanted<'_> {
        Wanted {
            path: self.path,
            names: &self.names,
            min,
            max: None,
        }
    }

    fn find(&self, text: &str, min: usize) -> Result<Reading, Error> {
        find(text, declared(self.format).unwrap(), &self.wanted(min))
    }

    fn set(&self, text: &str, version: &str) -> Result<Edited, Error> {
        let version = Version::parse(version).unwrap();
        set(
            text,
            declared(self.format).unwrap(),
            &self.wanted(1),
            &version,
        )
    }
}

#[test]
fn a_terraform_file_is_set_where_the_names_stand() {
    let text = "# version = \"0.0.0\"\nvariable \"app_version\" {\n  default = \"1.0.0\" # here\n}\nmodule \"m\" {\n  version = \"1.0.0\"\n}\nlocals {\n  version = \"v1.0.0\"\n  image = { tag = \"1.0.0\" }\n}\n";
    let edited = place("terraform", "main.tf", &[]).set(text, "1.1.0-rc.1+b");
    let edited = edited.unwrap();
    assert_eq!(
        edited.text,
        text.replace("default = \"1.0.0\"", "default = \"1.1.0-rc.1+b\"")
            .replace("v1.0.0", "v1.1.0-rc.1+b")
    );
    let whats: Vec<(&str, usize)> = edited
        .places
        .iter()
        .map(|place| (place.what.as_str(), place.line))
        .collect();
    assert_eq!(
        whats,
        [("variable.app_version.default", 3), ("locals.version", 9)]
    );
    let edited = place("terraform", "main.tf", &["image.tag"]).set(text, "2.0.0");
    assert_eq!(
        edited.unwrap().text,
        text.replace("tag = \"1.0.0\"", "tag = \"2.0.0\"")
    );
}

#[test]
fn a_reference_to_an_action_keeps_its_precision() {
    let text = "- uses: Acme/Tool@v1\n- uses: acme/tool/sub@v1.2 # x\n- uses: \"acme/tool@1.2.3\"\n- uses: acme/tools@v1\n- uses: acme/tool@main\n- uses: acme/tool@0123456789012345678901234567890123456789 # v1.2.3\n";
    let tool = place("action_refs", "README.md", &["acme/tool"]);
    let edited = tool.set(text, "2.5.0").unwrap();
    let new = text
        .replacen("@v1\n", "@v2\n", 1)
        .replace("@v1.2 ", "@v2.5 ")
        .replace("@1.2.3", "@2.5.0");
    assert_eq!(edited.text, new);
    let reading = tool.find(&new, 3).unwrap();
    assert_eq!((reading.found.len(), reading.short.len()), (1, 2));
    let left: Vec<(&str, usize)> = reading
        .left
        .iter()
        .map(|left| (left.why.as_str(), left.line))
        .collect();
    assert_eq!(
        left,
        [
            (
                "`main` is no version: a branch, or a tag of another form",
                5
            ),
            ("it is pinned to a commit, said to be `v1.2.3`", 6)
        ]
    );
    let edited = tool.set(text, "2.0.0-rc.1").unwrap();
    assert_eq!(edited.text.matches("2.0.0-rc.1").count(), 3);
}

#[test]
fn keys_of_a_chart_are_set_by_name_where_the_file_does_not_tell() {
    let text = "# ü\nimage:\n  repository: web\n  tag: \"1.0.0\" # as released\n  pull: &p always\nother:\n  tag: 1.0.0\nalso: *p\n";
    let values = place("helm_chart", "values.yaml", &["image.tag"]);
    let edited = values.set(text, "1.1.0").unwrap();
    assert_eq!(
        edited.text,
        text.replacen("tag: \"1.0.0\"", "tag: \"1.1.0\"", 1)
    );
    // A chart with a version of its own carries ours as `appVersion`, without quotes a number until now.
    let text = "version: 0.3.0\nappVersion: 1.0\n";
    let chart = place("helm_chart", "Chart.yaml", &["appVersion"]);
    assert_eq!(chart.find(text, 1).unwrap().found[0].version, "1.0");
    let edited = chart.set(text, "1.1.0-rc.1+5").unwrap();
    assert_eq!(edited.text, "version: 0.3.0\nappVersion: 1.1.0-rc.1+5\n");
    let reasons = [
        (
            "tag: &t 1.0.0\nv: *t\n",
            "it is an alias, and its anchor stands elsewhere",
        ),
        ("v: |\n  1.0.0\n", "it is a text of several lines"),
        ("v: [1.0.0]\n", "it is a list"),
        ("v: {a: 1.0.0}\n", "it is a mapping"),
        ("v: \"1\\x2e0.0\"\n", "it is written with escapes"),
        ("v: ~\n", "it is empty"),
        ("v: ''\n", "it is empty"),
    ];
    for (text, why) in reasons {
        let error = place("helm_chart", "values.yaml", &["v"]).find(text, 1);
        let message = error.unwrap_err().message;
        assert_eq!(message, format!("v carries no version of its own: {why}"));
    }
}

#[test]
fn one_name_given_twice_is_one_place() {
    let twice = place("terraform", "x.tfvars", &["version", "version"]);
    let edited = twice.set("version = \"1.0.0\"\n", "2.0.0").unwrap();
    assert_eq!(edited.text, "version = \"2.0.0\"\n");
    assert_eq!(edited.places.len(), 1);
}

#[test]
fn what_is_not_found_is_an_error_that_says_what_was_looked_for() {
    let cases = [
        (
            place("terraform", "main.tf", &["tag"]),
            "locals {\n  tags = 1\n}\n",
            "no variable or local value of `tag` carries a version here, and at least 1 should",
        ),
        (
            place("terraform", "main.tf", &[]),
            "locals {\n  version = var.v\n}\n",
            "line 2, column 13: locals.version carries no version of its own: it is `var.v`",
        ),
        (
            place("terraform", "main.tf", &[]),
            "locals {\n  version = \"dev\"\n}\n",
            "line 2, column 14: locals.version carries no version of its own: `dev` is no version",
        ),
        (
            place("terraform", "x.tfvars", &[]),
            "version = \"1.0.0\"\nversion = \"1.0.0\"\n",
            "line 2, column 1: `version` is set here a second time",
        ),
        (
            place("action_refs", "README.md", &[]),
            "",
            "`names` does not say whose references follow",
        ),
        (
            place("action_refs", "README.md", &["acme/tool/x"]),
            "",
            "`acme/tool/x` is no repository",
        ),
    ];
    for (place, text, message) in cases {
        let error = place.find(text, 1).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(error.help.is_some(), "{message}");
        assert_eq!(place.set(text, "1.0.0"), Err(error));
    }
}
