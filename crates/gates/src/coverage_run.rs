//! `cargo llvm-cov`: finding its parts, and running it in a build folder of its own.
//!
//! Measuring builds the workspace once more, with instruments. The build folder is kept, so that later runs build what
//! changed; profiles never are, for lines that a test of yesterday ran would count today.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use world::{Cmd, CmdError, Failure, Output};

use crate::coverage_report::{self, Files};
use crate::test_nextest::runs_nextest;
use crate::{Cx, cargo, runner};

/// What changes which programs a build makes; the flags of the compiler among them.
const BUILD_ENV: &[&str] = &[
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "RUSTUP_TOOLCHAIN",
];

/// Lines are counted by maps of their own: what debuggers need only makes the build longer.
const PROFILE: &[(&str, &str)] = &[
    ("CARGO_PROFILE_DEV_DEBUG", "0"),
    ("CARGO_PROFILE_TEST_DEBUG", "0"),
];

/// A program that says no version within this time does not work.
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures the workspace. An error is the reason why it could not be measured.
pub(crate) fn measure(cx: &Cx, timeout: Duration) -> Result<Files> {
    present(cx)?;
    let compiler = ask(cx, "rustc", &["-vV"])?;
    let tools = llvm_tools(cx, &compiler)?;
    let target = match &cx.target_dir {
        Some(folder) => folder.clone(),
        None => cargo::metadata(cx, &["--no-deps"])?
            .target_directory
            .into_std_path_buf(),
    };
    let folder = target.join("landfall-coverage");
    cx.world.private_dir(&folder)?;
    let (report, stamp) = (folder.join("report.json"), folder.join("built-for"));
    let built_for = fingerprint(cx, &compiler)?;
    let command = |args: &[&str]| -> Result<Cmd> {
        let mut cmd = cargo::cmd(cx, timeout, &[&["llvm-cov"], args].concat())?
            .env("CARGO_TARGET_DIR", folder.to_string_lossy())
            // It would install what it misses, and take our silence for a yes.
            .env("CARGO_LLVM_COV_SETUP", "no");
        for (name, program) in &tools {
            cmd = cmd.env(name, program);
        }
        for (name, value) in PROFILE {
            cmd = cmd.env(name, *value);
        }
        Ok(cmd)
    };
    let same_programs = cx
        .world
        .read_if_exists(&stamp)?
        .is_some_and(|text| text == built_for);
    let shown = report.to_string_lossy();
    // The tests by the runner that the gate `test` takes: some hold in a process of their own only.
    let mut args = match runs_nextest(cx)? {
        true => vec!["nextest"],
        false => Vec::new(),
    };
    args.extend([
        "--workspace",
        "--json",
        "--summary-only",
        "--output-path",
        &shown,
    ]);
    if same_programs {
        // Without it the whole workspace is built anew each time.
        args.push("--no-clean");
        let cleaning = Cmd::new(&cx.root, "cargo")
            .args(["llvm-cov", "clean", "--workspace", "--profraw-only"])
            .env("CARGO_TARGET_DIR", folder.to_string_lossy())
            .timeout(timeout);
        cx.world.run(&cleaning)?.success()?;
    }
    cx.world.remove_file(&report)?;
    cx.world.remove_file(&stamp)?;
    let before = strays(cx)?;
    let output = cx.world.run(&command(&args)?.stream())?;
    // A program that a test starts without our environment writes its profile where it stands.
    for stray in strays(cx)?.difference(&before) {
        cx.world.remove_file(&cx.path(stray))?;
    }
    if !output.ok() {
        bail!(why(&output));
    }
    let text = cx.world.read_if_exists(&report)?.with_context(|| {
        format!(
            "`{}` ended well and wrote no report\n{}",
            output.command,
            runner::tail(&output)
        )
    })?;
    let files = coverage_report::read(&text)
        .with_context(|| format!("the report of `{}` cannot be used", output.command))?;
    cx.world.write_file(&stamp, built_for.as_bytes())?;
    Ok(files)
}

fn present(cx: &Cx) -> Result<()> {
    let cmd = Cmd::new(&cx.root, "cargo")
        .args(["llvm-cov", "--version"])
        .timeout(PATIENCE);
    let output = cx.world.ask(&cmd)?;
    if output.ok() && output.text().starts_with("cargo-llvm-cov ") {
        return Ok(());
    }
    if output.errors().contains("no such command") {
        bail!(
            "nothing here measures coverage: there is no cargo-llvm-cov; run `cargo install --locked cargo-llvm-cov`, \
             or set gates.coverage.command"
        );
    }
    bail!(
        "`cargo llvm-cov --version` gives no version: {}",
        runner::tail(&output)
    )
}

fn ask(cx: &Cx, program: &str, args: &[&str]) -> Result<String> {
    let cmd = Cmd::new(&cx.root, program).args(args).timeout(PATIENCE);
    Ok(cx.world.ask(&cmd)?.success()?.text())
}

/// The variables that tell cargo-llvm-cov where LLVM's tools are; none where it finds them by itself. A profile can be
/// read by tools of the compiler's own LLVM version only.
fn llvm_tools(cx: &Cx, compiler: &str) -> Result<Vec<(&'static str, String)>> {
    const TOOLS: [(&str, &str); 2] = [("LLVM_COV", "llvm-cov"), ("LLVM_PROFDATA", "llvm-profdata")];
    if TOOLS.iter().all(|(name, _)| cx.world.env(name).is_some()) {
        return Ok(Vec::new());
    }
    let libraries = ask(cx, "rustc", &["--print", "target-libdir"])?;
    let own = Path::new(&libraries).with_file_name("bin");
    if TOOLS.iter().all(|(_, tool)| own.join(tool).is_file()) {
        return Ok(Vec::new());
    }
    let major = compiler
        .lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))
        .and_then(|version| version.split('.').next())
        .context("`rustc -vV` does not say which version of LLVM it uses")?;
    let mut found = Vec::new();
    for (name, tool) in TOOLS {
        let versioned = format!("{tool}-{major}");
        let mut program = None;
        for candidate in [versioned.as_str(), tool] {
            if program.is_none() && is_version(cx, candidate, major)? {
                program = Some(candidate.to_owned());
            }
        }
        let program = program.with_context(|| {
            format!(
                "cargo-llvm-cov needs LLVM's tools of version {major}, as the compiler has it: there is neither \
                 `{versioned}` nor a fitting `{tool}` on the search path; run `rustup component add llvm-tools`, \
                 or install llvm-{major}, or set LLVM_COV and LLVM_PROFDATA"
            )
        })?;
        found.push((name, program));
    }
    Ok(found)
}

/// Whether there is such a program, and `--version` says `LLVM version 22.1.8`.
fn is_version(cx: &Cx, program: &str, major: &str) -> Result<bool> {
    let cmd = Cmd::new(&cx.root, program)
        .arg("--version")
        .timeout(PATIENCE);
    match cx.world.ask(&cmd) {
        Ok(output) => Ok(output.text().contains(&format!("LLVM version {major}."))),
        Err(error) => match error.downcast_ref::<CmdError>().map(|error| &error.failure) {
            Some(Failure::Interrupted) => Err(error),
            _ => Ok(false),
        },
    }
}

/// Everything that decides which programs a build leaves behind. The report counts all programs that lie in the build
/// folder: those of a target that is gone, or of another compiler, would count as well.
fn fingerprint(cx: &Cx, compiler: &str) -> Result<String> {
    let mut text = format!("{}\n{compiler}\n{PROFILE:?}\n", cx.root.display());
    for name in BUILD_ENV {
        let value = cx.world.env(name).map(|value| value.to_string_lossy());
        text.push_str(&format!("{name}={}\n", value.unwrap_or_default()));
    }
    let sources = ["*.rs", "*.toml", "Cargo.lock", "rust-toolchain"];
    let list = [
        &[
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
        ],
        &sources[..],
    ];
    for path in cx.git().list(&list.concat())? {
        text.push_str(&path);
        text.push('\n');
        if !path.ends_with(".rs") {
            text.push_str(
                &cx.world
                    .read_if_exists(&cx.path(&path))?
                    .unwrap_or_default(),
            );
        }
    }
    Ok(text)
}

/// Profiles in the working tree that git does not ignore.
fn strays(cx: &Cx) -> Result<BTreeSet<String>> {
    let list = cx.git().list(&[
        "ls-files",
        "-z",
        "--others",
        "--exclude-standard",
        "--",
        ":(glob)**/default_*.profraw",
    ])?;
    Ok(list.into_iter().collect())
}

/// A failed test is the gate `test`'s to tell; here it means that nothing was measured.
fn why(output: &Output) -> String {
    let said = runner::plain(&output.errors());
    let what = if said.contains("could not compile") {
        "the workspace does not build under the coverage tool: see gate `build`"
    } else if said.contains("error: test failed") || said.contains("error: test run failed") {
        "the tests failed under the coverage tool, so nothing was measured: see gate `test`"
    } else {
        "the coverage tool failed"
    };
    format!("{what}\n{}", output.error())
}
