//! `infra`: the Terraform or OpenTofu files are formatted and valid.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;
use world::{Output, Scratch};

use crate::terraform::folders::{self, Folders};
use crate::terraform::said::{self, Diagnostic, Severity};
use crate::terraform::{self, Program};
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs};

pub(crate) const GATE: Gate = Gate {
    name: "infra",
    about: "are the Terraform files formatted and valid",
    cost: Cost::Slow,
    needs: &[],
    inputs,
    applies,
    check,
};

/// A larger file is copied only where Terraform files lie above or beside it.
const LARGE: u64 = 1 << 20;

/// A pass means that every provider was locked: the same files give the same answer. A module from elsewhere may be
/// another one tomorrow, and a file that git ignores is nobody's input.
fn inputs(cx: &Cx) -> Result<Inputs> {
    let settings = &cx.config.gates.infra;
    if !settings.include.is_empty() {
        return Ok(Inputs::Live("reads files which git ignores"));
    }
    let files = files(cx)?;
    let folders = folders::read(cx, &files)?;
    if folders
        .values()
        .any(|folder| folder.calls.iter().any(|call| !call.is_local()))
    {
        return Ok(Inputs::Live("uses modules from elsewhere"));
    }
    let inputs = Inputs::all_files().env(terraform::ENV);
    Ok(terraform::names(settings.program, &files)
        .iter()
        .fold(inputs, |inputs, name| inputs.tool(*name)))
}

fn applies(cx: &Cx) -> Result<Applies> {
    // A folder that is named has to be there.
    if !cx.config.gates.infra.roots.is_empty() {
        return Ok(Applies::Yes);
    }
    Ok(
        match files(cx)?
            .iter()
            .any(|path| folders::is_configuration(path))
        {
            true => Applies::Yes,
            false => Applies::No("no Terraform files".to_owned()),
        },
    )
}

fn files(cx: &Cx) -> Result<Vec<String>> {
    let exclude = &cx.config.gates.infra.exclude;
    let mut files = terraform::files(cx)?;
    files.retain(|path| !exclude.iter().any(|glob| fast_glob::glob_match(glob, path)));
    Ok(files)
}

/// What the parts of the check share.
struct Look<'a> {
    cx: &'a Cx,
    program: Program,
    files: Vec<String>,
    folders: Folders,
    scratch: Scratch,
    timeout: Duration,
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.infra;
    let files = files(cx)?;
    let program = Program::find(cx, terraform::names(settings.program, &files))?;
    let folders = folders::read(cx, &files)?;
    let scratch = cx.world.scratch("infra")?;
    let look = Look {
        cx,
        program,
        files,
        folders,
        scratch,
        timeout: Duration::from_secs(settings.timeout_s),
    };
    findings.evidence("program", look.program.name);
    findings.evidence("version", look.program.version.clone());
    cx.world
        .copy_files(&cx.root, &look.wanted()?, &look.scratch)?;
    let broken = look.modules(findings);
    look.format(findings)?;
    let roots = look.roots(findings);
    let mut table = Vec::new();
    for root in &roots {
        let before = findings.list.len();
        let reached = look.validate(root, &broken, findings)?;
        let errors = findings.list[before..]
            .iter()
            .filter(|finding| finding.severity == crate::Severity::Error)
            .count();
        table.push(json!({ "path": root, "validated": reached, "errors": errors }));
    }
    findings.evidence("roots", table);
    Ok(())
}

impl Look<'_> {
    /// All that a configuration may read: what lies in or below a folder with Terraform files, and small files elsewhere.
    fn wanted(&self) -> Result<Vec<String>> {
        let near = |path: &str| {
            self.folders
                .keys()
                .any(|folder| folder == "." || path.starts_with(&format!("{folder}/")))
        };
        let mut wanted: Vec<String> = self
            .files
            .iter()
            .filter(|path| {
                near(path)
                    || self
                        .cx
                        .path(path)
                        .symlink_metadata()
                        .is_ok_and(|meta| meta.len() <= LARGE)
            })
            .cloned()
            .collect();
        let include = &self.cx.config.gates.infra.include;
        if !include.is_empty() {
            let args = [
                "ls-files",
                "-z",
                "--others",
                "--ignored",
                "--exclude-standard",
            ];
            let ignored = self.cx.git().list(&args)?;
            wanted.extend(
                ignored
                    .into_iter()
                    .filter(|path| include.iter().any(|glob| fast_glob::glob_match(glob, path))),
            );
        }
        Ok(wanted)
    }

    /// A local module that is not there, said with its place: Terraform's own words do not always have one. Gives the
    /// folders that call it.
    fn modules(&self, findings: &mut Findings) -> BTreeSet<String> {
        let mut broken = BTreeSet::new();
        for call in self.folders.values().flat_map(|folder| &folder.calls) {
            if !call.is_local() {
                continue;
            }
            let flaw = match &call.folder {
                None => "leaves the repository",
                Some(folder) if self.folders.contains_key(folder) => continue,
                // Behind a link to a folder: Terraform will see.
                Some(folder)
                    if self.scratch.path().join(folder).is_dir() && self.linked(folder) =>
                {
                    continue;
                }
                Some(_) => "holds no Terraform files that git knows",
            };
            findings
                .error(format!(
                    "the source `{}` of module `{}` {flaw}",
                    call.source, call.name
                ))
                .at(&call.file)
                .line(call.line, None)
                .help("mend the path, or add the module to the repository");
            broken.insert(folders::folder_of(&call.file));
        }
        broken
    }

    fn linked(&self, folder: &str) -> bool {
        Path::new(folder)
            .ancestors()
            .any(|part| self.scratch.path().join(part).is_symlink())
    }

    /// `fmt` over the whole copy, so that each file is named once.
    fn format(&self, findings: &mut Findings) -> Result<()> {
        let count = self.files.iter().filter(|path| is_formatted(path)).count();
        findings.examined(count);
        findings.evidence("files", count);
        let ask = |more: &[&str]| {
            let cmd = self
                .program
                .cmd(self.scratch.path())
                .args(["fmt", "-no-color", "-check", "-recursive"])
                .args(more)
                .timeout(self.timeout);
            self.cx.world.ask(&cmd)
        };
        let mut output = ask(&["-diff"])?;
        let mut found = said::differences(&output.text());
        // The difference is made by a program of its own, which may not be there.
        if output.errors().contains("Failed to generate diff") {
            output = ask(&[])?;
            found = output
                .text()
                .lines()
                .filter(|line| self.files.iter().any(|path| path == line))
                .map(|line| said::Unformatted {
                    path: line.to_owned(),
                    line: None,
                })
                .collect();
        }
        let flaws = said::errors(&format!("\n{}", output.errors()));
        for file in &found {
            findings
                .error("not formatted")
                .at(&file.path)
                .line(file.line, None)
                .help(format!("run `{} fmt -recursive`", self.program.name));
        }
        for flaw in &flaws {
            self.list(".", flaw, findings);
        }
        findings.evidence("unformatted", found.len());
        let agrees = match output.code {
            Some(0) => found.is_empty() && flaws.is_empty(),
            // 3 = something is not formatted; older ones and OpenTofu may say 1 or 2.
            Some(_) => !found.is_empty() || !flaws.is_empty(),
            None => false,
        };
        if !agrees {
            findings.unknown(format!(
                "{}\nits answer and its exit status do not agree; run it by hand",
                output.error()
            ));
        }
        Ok(())
    }

    fn roots(&self, findings: &mut Findings) -> Vec<String> {
        let named = &self.cx.config.gates.infra.roots;
        if named.is_empty() {
            let roots = folders::roots(&self.folders, &self.files);
            if roots.is_empty() {
                findings.unknown("every folder with Terraform files is a module of another one, so there is none to validate; name one in gates.infra.roots");
            }
            return roots;
        }
        let (there, gone): (Vec<_>, Vec<_>) = named
            .iter()
            .cloned()
            .partition(|root| self.folders.contains_key(root));
        for root in gone {
            findings
                .error(format!("{root} holds no Terraform files"))
                .at(root)
                .help("mend gates.infra.roots in the configuration");
        }
        there
    }

    /// One folder, initialised without its backend. Whether it came to validation.
    fn validate(
        &self,
        root: &str,
        broken: &BTreeSet<String>,
        findings: &mut Findings,
    ) -> Result<bool> {
        let folder = self.scratch.path().join(root);
        findings.examined(1);
        let init = self.init(root, &folder)?;
        let cmd = self
            .program
            .cmd(&folder)
            .args(["validate", "-json", "-no-color"])
            .env("TF_DATA_DIR", ".terraform")
            .timeout(self.timeout);
        // After a failed init as well: syntax errors are then given with their columns.
        let output = self.cx.world.ask(&cmd)?;
        let diagnostics = said::validation(&output.stdout)
            .with_context(|| format!("{root}: {}", output.error()))?;
        let errors = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error);
        if output.ok() != (errors.count() == 0) {
            findings.unknown(format!(
                "{root}: {}\nits answer and its exit status do not agree",
                output.error()
            ));
        }
        let mut flaws = 0;
        for diagnostic in &diagnostics {
            // What could not be installed is missing afterwards: that is said once, in the words of `init`.
            if init.ok() || !said::could_not_look(diagnostic) {
                flaws += usize::from(self.list(root, diagnostic, findings));
            }
        }
        if init.ok() {
            self.lock(root, &folder, findings)?;
            return Ok(true);
        }
        for flaw in said::errors(&format!("\n{}", init.errors())) {
            if flaw.range.is_some() && !said::could_not_look(&flaw) && flaws == 0 {
                flaws += usize::from(self.list(root, &flaw, findings));
            }
        }
        self.missing_lock(root, findings);
        let calls_what_is_not_there = folders::with_modules(&self.folders, root)
            .iter()
            .any(|folder| broken.contains(*folder));
        if flaws == 0 && !calls_what_is_not_there {
            findings.unknown(format!(
                "{root} could not be initialised, so it is not known whether it is valid: {}\nmend what it says, or make the providers available (network, mirror, TF_PLUGIN_CACHE_DIR)",
                init.error()
            ));
        }
        Ok(false)
    }

    /// From what an earlier `init` of the working tree has installed where that will do, else from wherever the user's
    /// configuration says.
    fn init(&self, root: &str, folder: &Path) -> Result<Output> {
        let cmd = || {
            self.program
                .cmd(folder)
                .args(["init", "-backend=false", "-input=false", "-no-color"])
                .env("TF_DATA_DIR", ".terraform")
                // A workspace is the backend's.
                .env("TF_WORKSPACE", "")
                .timeout(self.timeout)
        };
        if let Some(installed) = terraform::installed(&self.cx.world, &self.cx.path(root)) {
            let there = cmd().arg(format!("-plugin-dir={}", installed.display()));
            let output = self.cx.world.ask(&there)?;
            if output.ok() {
                return Ok(output);
            }
        }
        self.cx.world.ask(&cmd())
    }

    /// Lists a diagnostic of a folder; says whether it was one about the configuration.
    fn list(&self, root: &str, diagnostic: &Diagnostic, findings: &mut Findings) -> bool {
        let range = diagnostic.range.as_ref();
        let path = range.and_then(|range| folders::resolve(root, &range.filename));
        if said::could_not_look(diagnostic) {
            findings.unknown(format!(
                "{root}: {}: {}",
                diagnostic.summary, diagnostic.detail
            ));
            return false;
        }
        if let Some(missing) = said::missing_file(diagnostic)
            && folders::resolve(root, missing).is_some_and(|path| self.cx.path(&path).exists())
        {
            findings.unknown(format!(
                "{root}: the configuration reads {missing}, which git ignores or which is large and far away, so it is not in the copy; name it in gates.infra.include"
            ));
            return false;
        }
        let line = range.map(|range| range.start.line);
        if let (Some(path), Some(line)) = (&path, line)
            && findings.list.iter().any(|known| {
                known.message == diagnostic.summary
                    && known
                        .at
                        .as_ref()
                        .is_some_and(|at| at.path == *path && at.line == Some(line))
            })
        {
            // A module of two roots, or what `fmt` has said already.
            return true;
        }
        let finding = match diagnostic.severity {
            Severity::Error => findings.error(diagnostic.summary.clone()),
            Severity::Warning => findings.warning(diagnostic.summary.clone()),
        };
        finding.at(path.unwrap_or_else(|| root.to_owned()));
        if let Some(range) = range {
            finding.line(Some(range.start.line), range.start.column);
        }
        if !diagnostic.detail.is_empty() {
            finding.help(diagnostic.detail.clone());
        }
        diagnostic.severity == Severity::Error
    }

    /// What `init` has written into the copy, against what the repository holds.
    fn lock(&self, root: &str, folder: &Path, findings: &mut Findings) -> Result<()> {
        let path = folders::lock_file(root);
        let read = |file: &Path| self.cx.world.read_if_exists(file);
        let after = locked(&read(&folder.join(".terraform.lock.hcl"))?.unwrap_or_default());
        if after.is_empty() {
            return Ok(());
        }
        if !self.files.contains(&path) {
            self.missing_lock(root, findings);
            return Ok(());
        }
        let before = locked(&read(&self.cx.path(&path))?.unwrap_or_default());
        for (provider, version) in &after {
            if before.get(provider) != Some(version) {
                findings
                    .warning(format!(
                        "the lock file does not hold {provider} {version}, which is needed"
                    ))
                    .at(&path)
                    .help(format!(
                        "run `{} init` in {root} and commit the lock file",
                        self.program.name
                    ));
            }
        }
        Ok(())
    }

    fn missing_lock(&self, root: &str, findings: &mut Findings) {
        let path = folders::lock_file(root);
        if self.files.contains(&path) || !folders::needs_provider(&self.folders, root) {
            return;
        }
        let (how, help) = match self.cx.path(&path).is_file() {
            true => (
                "is ignored by git",
                format!("take it out of .gitignore and commit {path}"),
            ),
            false => (
                "is missing",
                format!(
                    "run `{} init` in {root} and commit {path}",
                    self.program.name
                ),
            ),
        };
        findings
            .warning(format!(
                "the lock file of {root} {how}, so its providers may be others tomorrow"
            ))
            .at(path)
            .help(help);
    }
}

/// What `fmt` looks at.
fn is_formatted(path: &str) -> bool {
    let ends = [".tf", ".tofu", ".tfvars", ".tftest.hcl", ".tofutest.hcl"];
    ends.iter().any(|end| path.ends_with(end))
}

/// The providers of a lock file with their versions.
fn locked(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut provider = None;
    for line in text.lines() {
        let mut words = line.split('"');
        let (first, second) = (words.next().unwrap_or_default().trim(), words.next());
        match (first, second) {
            ("provider", Some(name)) => provider = Some(name.to_owned()),
            (first, Some(version)) if first.starts_with("version") => {
                if let Some(name) = provider.take() {
                    found.insert(name, version.to_owned());
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::locked;

    #[test]
    fn a_lock_file_names_providers_and_versions() {
        let text = "# made by `init`\n\nprovider \"registry.example/acme/x\" {\n  version     = \"1.2.3\"\n  constraints = \"~> 1.0\"\n  hashes = [\n    \"h1:abc\",\n  ]\n}\n";
        let found: Vec<_> = locked(text).into_iter().collect();
        assert_eq!(
            found,
            [("registry.example/acme/x".to_owned(), "1.2.3".to_owned())]
        );
        assert!(locked("").is_empty());
    }
}
