//! A fault put before or after the n-th effect, so that tests can stop the real program at every place where it
//! could be stopped.

use anyhow::{Context as _, Result, bail};

/// `kill-before:7`, `kill-after:7`, `fail-before:7`, `fail-after:7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fuse {
    kill: bool,
    after: bool,
    at: u64,
}

impl Fuse {
    pub fn parse(text: &str) -> Result<Fuse> {
        let shape = "expected kill-before:N, kill-after:N, fail-before:N or fail-after:N";
        let (mode, at) = text
            .split_once(':')
            .with_context(|| format!("fuse `{text}`: {shape}"))?;
        let (kill, after) = match mode {
            "kill-before" => (true, false),
            "kill-after" => (true, true),
            "fail-before" => (false, false),
            "fail-after" => (false, true),
            _ => bail!("fuse `{text}`: {shape}"),
        };
        let at = at
            .parse()
            .with_context(|| format!("fuse `{text}`: {shape}"))?;
        Ok(Fuse { kill, after, at })
    }

    pub(crate) fn before(&self, n: u64) -> Result<()> {
        if self.after { Ok(()) } else { self.blow(n) }
    }

    pub(crate) fn after(&self, n: u64) -> Result<()> {
        if self.after { self.blow(n) } else { Ok(()) }
    }

    fn blow(&self, n: u64) -> Result<()> {
        if n != self.at {
            return Ok(());
        }
        if self.kill {
            rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::KILL,
            )?;
        }
        bail!(
            "the fuse blew {} effect {n}",
            if self.after { "after" } else { "before" }
        );
    }
}

#[cfg(test)]
mod tests {
    use super::Fuse;

    #[test]
    fn reads_its_four_forms_and_nothing_else() {
        assert_eq!(
            Fuse::parse("kill-after:12").unwrap(),
            Fuse {
                kill: true,
                after: true,
                at: 12
            }
        );
        for bad in ["", "kill", "kill-before:", "kill-before:x", "melt:1"] {
            assert!(Fuse::parse(bad).is_err(), "{bad}");
        }
    }
}
