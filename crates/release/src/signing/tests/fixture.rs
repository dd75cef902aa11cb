//! A folder with keys made for the test, and a world that has no other home.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use config::{Signing, SigningMethod};
use tempfile::TempDir;
use world::{Cmd, Setup, World};

use crate::signing::{Checked, SignCx, check, method};

/// 2026-02-03T04:05:06Z.
pub(super) const TIME_S: u64 = 1_770_091_506;

pub(super) struct Fixture {
    folder: TempDir,
    pub(super) signing: Signing,
    pub(super) env: Vec<(OsString, OsString)>,
}

impl Fixture {
    /// A folder with the file `sums`; `None` where a program is missing, which is said.
    pub(super) fn new(method: SigningMethod, programs: &[&str]) -> Option<Fixture> {
        for program in programs {
            testkit::real_program(program)?;
        }
        let folder = tempfile::Builder::new().prefix("lf-").tempdir().unwrap();
        let path = std::env::join_paths(search_path()).unwrap();
        let env = vec![
            ("PATH".into(), path),
            ("HOME".into(), folder.path().into()),
            ("GNUPGHOME".into(), folder.path().join("gnupg").into()),
            ("GIT_CONFIG_GLOBAL".into(), "/dev/null".into()),
            ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
        ];
        let signing = Signing {
            method,
            key: Some("key".to_owned()),
            key_env: None,
            identity: None,
            signers: "signers".to_owned(),
            revoked: None,
            attestation_key: None,
        };
        let fixture = Fixture {
            folder,
            signing,
            env,
        };
        fixture.write("sums", "0123  a.tar.gz\n");
        Some(fixture)
    }

    /// With a key of Ed25519 that the file of signers gives to dev@example.com.
    pub(super) fn ssh() -> Option<Fixture> {
        let fixture = Fixture::new(SigningMethod::Ssh, &["ssh-keygen", "ssh-agent", "ssh-add"])?;
        fixture.sh("ssh-keygen -q -t ed25519 -N '' -C mine -f key");
        fixture.sh("echo \"dev@example.com $(cut -d' ' -f1,2 key.pub)\" > signers");
        Some(fixture)
    }

    pub(super) fn minisign() -> Option<Fixture> {
        let fixture = Fixture::new(SigningMethod::Minisign, &["minisign"])?;
        fixture.sh("minisign -G -W -p signers -s key > /dev/null");
        Some(fixture)
    }

    /// With two keys of which only the first is in the file of signers. Their agent is ended by [`Drop`].
    pub(super) fn gpg() -> Option<Fixture> {
        let mut fixture = Fixture::new(SigningMethod::Gpg, &["gpg"])?;
        fixture.sh("mkdir -m 700 gnupg");
        fixture.signing.key = Some(fixture.gpg_key("dev", "never"));
        let key = fixture.signing.key.clone().unwrap();
        fixture.sh(&format!("gpg -q --batch --armor --export {key} > signers"));
        Some(fixture)
    }

    /// Makes a key; its fingerprint.
    pub(super) fn gpg_key(&self, name: &str, expires: &str) -> String {
        let id = format!("{name} <{name}@example.com>");
        self.sh(&format!(
            "gpg -q --batch --faked-system-time 1700000000 --pinentry-mode loopback --passphrase '' --quick-gen-key '{id}' ed25519 sign {expires}"
        ));
        self.sh(&format!(
            "gpg -q --batch --with-colons --list-keys '{id}' | awk -F: '/^fpr/ {{ print $10; exit }}'"
        ))
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        #[expect(clippy::disallowed_methods, reason = "a test makes its own files")]
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(super) fn set(&mut self, key: &str, value: impl Into<OsString>) {
        self.env.push((key.into(), value.into()));
    }

    pub(super) fn world(&self) -> World {
        World::new(Setup {
            env: self.env.clone(),
            now_s: TIME_S,
            ..Setup::default()
        })
    }

    /// Standard output of a script that has to succeed.
    pub(super) fn sh(&self, script: &str) -> String {
        let script = format!("set -e\n{script}");
        let cmd = Cmd::new(self.root(), "sh").args(["-c", &script]);
        self.world().answer(&cmd).unwrap().trim_end().to_owned()
    }

    /// Calls with what a method is given to sign.
    pub(super) fn with<T>(&self, act: impl FnOnce(&SignCx<'_>) -> T) -> T {
        let world = self.world();
        act(&SignCx {
            world: &world,
            root: self.root(),
            signing: &self.signing,
            time_s: TIME_S,
            comment: "project 1.0.0 (v1.0.0)".to_owned(),
        })
    }

    /// Signs `sums` into `sig`.
    pub(super) fn sign(&self) -> Vec<u8> {
        let bytes = self
            .with(|cx| (method(&self.signing).unwrap().sign)(cx, &self.path("sums")))
            .unwrap();
        self.write("sig", &bytes);
        bytes
    }

    /// The error of a signature that cannot be made.
    pub(super) fn refused(&self) -> String {
        let error = self
            .with(|cx| (method(&self.signing).unwrap().sign)(cx, &self.path("sums")))
            .unwrap_err();
        format!("{error:#}")
    }

    pub(super) fn check(&self) -> Checked {
        self.check_file("sig", TIME_S)
    }

    pub(super) fn check_file(&self, signature: &str, time_s: u64) -> Checked {
        check(
            &self.world(),
            self.root(),
            &self.signing,
            &self.path("sums"),
            &self.path(signature),
            time_s,
        )
        .unwrap()
    }

    pub(super) fn problem(&self) -> String {
        self.check().problem().unwrap_or_else(|| "none".to_owned())
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if self.path("gnupg").is_dir() {
            // The agent of this very home, which gpg started to make a key.
            let cmd = Cmd::new(self.root(), "gpgconf").args(["--kill", "all"]);
            self.world().ask(&cmd).ok();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds the programs of the machine"
)]
fn search_path() -> Vec<PathBuf> {
    let parts = testkit::real_parts();
    let path = std::env::var_os("PATH").unwrap_or_default();
    [parts.join("bin"), parts.join("venv/bin")]
        .into_iter()
        .chain(std::env::split_paths(&path))
        .collect()
}
