//! Texts in random layouts for the formats that find a version behind a name, decided by a dice as in `generate.rs`.

use landfall_manifest::Version;

use crate::generate::{Dice, NPM_NAMES, dressed, npm_range};

/// What stands around the versions of a chart: the rest of its keys.
pub(crate) fn helm_chart(dice: &mut Dice, version: &Version) -> String {
    let quote = |dice: &mut Dice, value: &str| match dice.below(3) {
        0 => value.to_owned(),
        1 => format!("\"{value}\""),
        _ => format!("'{value}'"),
    };
    let mut text = String::new();
    text.push_str(dice.pick(&["", "---\n", "# version: 9.9.9\n"]));
    text.push_str("apiVersion: v2\nname: alpha\n");
    text.push_str(dice.pick(&[
        "",
        "description: «ü» 🚀\n",
        "keywords: [version, \"1.0.0\"]\n",
    ]));
    let value = quote(dice, &version.to_string());
    let lead = dice.pick(&["version: ", "version:   ", "\"version\": ", "version: &v "]);
    text.push_str(&format!(
        "{lead}{value}{}\n",
        dice.pick(&["", " # 9.9.9", "\t# ü"])
    ));
    match dice.below(4) {
        0 => {}
        1 => text.push_str("appVersion: \"1.16.0\"\n"),
        2 => text.push_str("appVersion: 1.0\n"),
        _ => {
            let lead = dice.pick(&["", "v"]);
            let value = quote(dice, &format!("{lead}{version}"));
            text.push_str(&format!("appVersion: {value}\n"));
        }
    }
    if dice.one_in(2) {
        text.push_str("dependencies:\n");
        for name in ["alpha", "gamma", "beta-core"].iter().take(dice.below(4)) {
            let range = match dice.below(5) {
                0 => version.to_string(),
                1 => format!("^{version}"),
                2 => "~0.1".to_owned(),
                3 => ">=0.0.1, <999".to_owned(),
                _ => "*".to_owned(),
            };
            let repository = dice.pick(&["file://../x", "https://registry.example/x", "\"\""]);
            let range = format!("\"{range}\"");
            text.push_str(&match dice.below(2) {
                0 => format!("- name: {name}\n  version: {range}\n  repository: {repository}\n"),
                _ => format!("  - {{name: {name}, version: {range}}}\n").replace("  - ", "- "),
            });
        }
    }
    dressed(dice, text)
}

/// One requirement a line, as pnpm writes it; in any quotes, and of a package beside or from elsewhere.
pub(crate) fn pnpm_lock(dice: &mut Dice, version: &Version) -> String {
    let mut text = dice
        .pick(&["", "---\n", "---\nlockfileVersion: env-1\n---\n"])
        .to_owned();
    text.push_str("lockfileVersion: '9.0'\n");
    let quoted = |dice: &mut Dice| {
        let range = npm_range(dice, version);
        // Without quotes these are no texts to YAML.
        let bare = !range.is_empty() && !range.starts_with(['>', '*']) && range != "1.x";
        match dice.below(3) {
            0 if bare => range,
            1 => format!("\"{range}\""),
            _ => format!("'{range}'"),
        }
    };
    if dice.one_in(3) {
        text.push_str("overrides:\n");
        for name in NPM_NAMES.iter().take(dice.below(6)) {
            text.push_str(&format!("  '{name}': {}\n", quoted(dice)));
        }
        text.push_str("  'alpha@0.1': 0.1.0\n");
    }
    text.push_str("importers:\n");
    for folder in [".", "packages/web"] {
        text.push_str(&format!("  {folder}: # ü\n"));
        for table in ["dependencies", "devDependencies", "dependenciesMeta"] {
            if dice.one_in(2) {
                text.push_str(&format!("    {table}:\n"));
                for name in NPM_NAMES.iter().take(dice.below(6)) {
                    let range = quoted(dice);
                    let chosen = dice.pick(&["link:../a", "0.0.1", "file:a(beta-core@0.0.1)"]);
                    text.push_str(&format!(
                        "      '{name}':\n        specifier: {range}\n        version: {chosen}\n"
                    ));
                }
                text.push_str("      zeta: {specifier: ^0.0.1, version: 0.0.1}\n");
            }
        }
    }
    text.push_str("packages:\n  alpha@0.0.1:\n    resolution: {integrity: sha512-00}\n");
    dressed(dice, text)
}

/// A text of one of the formats, and where it stands.
pub(crate) struct Sample {
    pub(crate) format: &'static str,
    pub(crate) path: &'static str,
    pub(crate) names: &'static [&'static str],
    pub(crate) text: String,
    /// How many places follow.
    pub(crate) follow: usize,
}

pub(crate) type Generate = fn(&mut Dice, &Version) -> Sample;

/// One for every format, and several for the languages.
pub(crate) const ALL: [Generate; 8] = [
    action_refs,
    dockerfile,
    chart_keys,
    go,
    python,
    rust,
    script,
    terraform,
];

fn sample(
    dice: &mut Dice,
    format: &'static str,
    path: &'static str,
    names: &'static [&'static str],
    (text, follow): (String, usize),
) -> Sample {
    let text = dressed(dice, text);
    Sample {
        format,
        path,
        names,
        text,
        follow,
    }
}

/// The pieces in random order and number, and how many of them follow.
fn mixed(dice: &mut Dice, carriers: &[String], others: &[&str]) -> (String, usize) {
    let mut text = String::new();
    let mut follow = 0;
    for _ in 0..dice.below(6) {
        text.push_str(dice.pick(others));
        if dice.one_in(2) {
            text.push_str(&carriers[dice.below(carriers.len())]);
            follow += 1;
        }
    }
    text.push_str(&carriers[dice.below(carriers.len())]);
    text.push_str(dice.pick(others));
    (text, follow + 1)
}

fn action_refs(dice: &mut Dice, version: &Version) -> Sample {
    let carriers = [
        format!("- uses: acme/tool@v{version}\n"),
        format!("  - uses: \"Acme/Tool/sub@{version}\" # now\n"),
        format!("Write `uses: acme/tool@v{version}`.\n"),
        "- uses: acme/tool@v1\n".to_owned(),
        "\t- {uses: acme/tool@v1.2}\n".to_owned(),
    ];
    let others = [
        "# ü\n",
        "- uses: acme/tool@main\n",
        "- uses: acme/tools@v1\n",
        "- uses: acme/tool@41775a4da8ffae865553a738ab8ac1cd5a3c0044 # v1.2.3\n",
        "acme/tool@v9.9.9\n",
    ];
    let text = mixed(dice, &carriers, &others);
    sample(dice, "action_refs", "README.md", &["acme/tool"], text)
}

fn dockerfile(dice: &mut Dice, version: &Version) -> Sample {
    let carriers = [
        format!("LABEL org.opencontainers.image.version=\"{version}\"\n"),
        format!("LABEL a=\"ü\" \\\n  # version=9\n\n  version='v{version}' \\\n b=c\n"),
        format!("label version {version}\n"),
        format!("\tENV X=1 APP_VERSION={version} Y=\"a b\"\n"),
        format!("ARG APP_VERSION={version}\n"),
    ];
    let others = [
        "# LABEL version=9.9.9\n",
        "RUN <<EOF\nLABEL version=9.9.9\nEOF\n",
        "LABEL version=\"${V}\"\n",
        "ARG OTHER=9.9.9\n",
        "\n",
    ];
    let (text, follow) = mixed(dice, &carriers, &others);
    let names = &["org.opencontainers.image.version", "version", "APP_VERSION"];
    sample(
        dice,
        "dockerfile",
        "Dockerfile",
        names,
        (format!("FROM x\n{text}"), follow),
    )
}

fn chart_keys(dice: &mut Dice, version: &Version) -> Sample {
    let tag = dice.pick(&["tag: ", "tag: v", "\"tag\":   v", "tag: !!str "]);
    let behind = dice.pick(&["", " # 9.9.9", "  # ü"]);
    let before = dice.pick(&[
        "",
        "# ü\n",
        "other:\n  tag: 9.9.9\n",
        "text: |\n  image:\n    tag: 9\n",
    ]);
    let after = dice.pick(&["", "more: [1.0.0]\n", "  pull: always\n"]);
    let text = format!("{before}image:\n  name: x\n  {tag}{version}{behind}\n{after}");
    sample(dice, "helm_chart", "values.yaml", &["image.tag"], (text, 1))
}

fn terraform(dice: &mut Dice, version: &Version) -> Sample {
    let carriers = [
        format!("locals {{\n  version = \"{version}\"\n}}\n"),
        format!("variable \"version\" {{ default = \"v{version}\" }}\n"),
        format!(
            "variable \"version\" {{\n\ttype = string // x\n  default=\"{version}\" # 9.9.9\n}}\n"
        ),
        format!("locals {{ image = {{ a = 1, tag = \"{version}\" }} }}\n"),
    ];
    let others = [
        "# version = \"9.9.9\"\n",
        "/* version = \"9.9.9\"\n*/\n",
        "module \"ü\" {\n  version = \"9.9.9\"\n}\n",
        "locals {\n  x = <<-EOT\n    version = \"9.9.9\"\n  EOT\n}\n",
        "locals {\n  y = \"${ { version = \"9.9.9\" }.version }\"\n}\n",
    ];
    let text = mixed(dice, &carriers, &others);
    sample(
        dice,
        "terraform",
        "main.tf",
        &["version", "image.tag"],
        text,
    )
}

fn rust(dice: &mut Dice, version: &Version) -> Sample {
    let carriers = [
        format!("pub const VERSION: &str = \"{version}\";\n"),
        format!("static VERSION: &'static str =\n    r#\"v{version}\"#; // 9.9.9\n"),
    ];
    let others = [
        "// const VERSION: &str = \"9.9.9\";\n",
        "/* /* */ const VERSION: &str = \"9.9.9\"; */\n",
        "const A: &str = \"const VERSION: &str = \\\"9.9.9\\\";\";\n",
        "const Q: char = '\"'; fn f<'a>() {}\n",
        "mod t { const VERSION: &str = \"9.9.9\"; }\n",
    ];
    let text = mixed(dice, &carriers, &others);
    sample(dice, "source_constant", "src/lib.rs", &[], text)
}

fn script(dice: &mut Dice, version: &Version) -> Sample {
    let carriers = [
        format!("export const VERSION = '{version}'\n"),
        format!("export const VERSION: string = \"v{version}\" as const;\n"),
        format!("exports.VERSION =\n  `{version}`;\n"),
    ];
    let others = [
        "// var VERSION = '9.9.9';\n",
        "const a = `const VERSION = '${'9.9.9'}'`;\n",
        "const r = /['\"`/]/; const half = a / b;\n",
        "{ const VERSION = '9.9.9', other = '9.9.9'; }\n",
        "f({ VERSION: '9.9.9' }); // ü\n",
    ];
    let text = mixed(dice, &carriers, &others);
    sample(dice, "source_constant", "src/a.ts", &[], text)
}

fn python(dice: &mut Dice, version: &Version) -> Sample {
    let carriers = [
        format!("__version__ = \"{version}\"\n"),
        format!("__version__: str = r'v{version}'  # 9.9.9\n"),
        format!("VERSION = __version__ = u\"\"\"{version}\"\"\"\n"),
    ];
    let others = [
        "# __version__ = '9.9.9'\n",
        "\"\"\"\n__version__ = '9.9.9'\n\"\"\"\n",
        "f(\nVERSION='9.9.9',\n)\n",
        "x = b'' + \\\n__version__\n",
        "if x:\n\tx = 'ü'\n",
    ];
    let text = mixed(dice, &carriers, &others);
    sample(dice, "source_constant", "a/__init__.py", &[], text)
}

fn go(dice: &mut Dice, version: &Version) -> Sample {
    let carriers = [
        format!("const Version = \"{version}\"\n"),
        format!("var (\n\tx = 1 // ü\n\n\tversion string = `v{version}`\n)\n"),
        format!("const a, Version = \"9.9.9\", \"{version}\"\n"),
    ];
    let others = [
        "// const Version = \"9.9.9\"\n",
        "const t = `\nconst Version = \"9.9.9\"\n`\n",
        "const q = '\"'\n",
        "func f() { version := \"9.9.9\"; var _ = version }\n",
        "\n",
    ];
    let text = mixed(dice, &carriers, &others);
    sample(dice, "source_constant", "version.go", &[], text)
}
