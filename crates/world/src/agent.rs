//! A client of ssh-agent, and a private agent for a key that must not lie on the disk.
//!
//! The protocol is that of `draft-miller-ssh-agent`: a length, a type, fields. Two requests of it are enough here: which
//! keys are held, and a signature. The agent signs the bytes as they are, which `ssh-keygen -Y` never does.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::{Cmd, World, process};

const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
/// RSA with SHA-512, not with SHA-1.
pub const RSA_SHA2_512: u32 = 4;

/// Somebody may have to touch a token.
const PATIENCE: Duration = Duration::from_secs(60);
/// No honest answer is longer.
const LONGEST: u32 = 1 << 20;
/// A private agent forgets its keys after so many seconds, whatever becomes of us.
const LIFE_S: &str = "600";
/// The longest path of a socket (`sun_path`, less its NUL) where it is shortest, on BSD.
const LONGEST_SOCKET: usize = 103;

/// The keys that the agent at `socket` holds: each as its public key blob (RFC 4253, section 6.6), with its comment.
pub fn identities(socket: &Path) -> Result<Vec<(Vec<u8>, String)>> {
    let answer = exchange(socket, &[REQUEST_IDENTITIES], IDENTITIES_ANSWER)?;
    let mut fields = Fields(&answer);
    let count = fields.number()?;
    let mut keys = Vec::new();
    for _ in 0..count {
        let blob = fields.string()?.to_vec();
        let comment = String::from_utf8_lossy(fields.string()?).into_owned();
        keys.push((blob, comment));
    }
    Ok(keys)
}

/// The signature of a held key over `data`, in the wire format: the name of the algorithm, then what it gives.
pub fn sign(socket: &Path, key: &[u8], data: &[u8], flags: u32) -> Result<Vec<u8>> {
    let mut request = vec![SIGN_REQUEST];
    for field in [key, data] {
        request.extend(u32::try_from(field.len())?.to_be_bytes());
        request.extend(field);
    }
    request.extend(flags.to_be_bytes());
    let answer = exchange(socket, &request, SIGN_RESPONSE)?;
    Ok(Fields(&answer).string()?.to_vec())
}

fn exchange(socket: &Path, request: &[u8], expected: u8) -> Result<Vec<u8>> {
    let asked = || format!("ask the ssh-agent at {}", socket.display());
    let mut stream = UnixStream::connect(socket).with_context(asked)?;
    stream
        .set_read_timeout(Some(PATIENCE))
        .with_context(asked)?;
    stream
        .set_write_timeout(Some(PATIENCE))
        .with_context(asked)?;
    let mut message = u32::try_from(request.len())?.to_be_bytes().to_vec();
    message.extend(request);
    stream.write_all(&message).with_context(asked)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length).with_context(asked)?;
    let length = u32::from_be_bytes(length);
    if length == 0 || length > LONGEST {
        bail!(
            "the ssh-agent at {} answered with {length} bytes, which is no answer",
            socket.display()
        );
    }
    let mut answer = vec![0; usize::try_from(length)?];
    stream.read_exact(&mut answer).with_context(asked)?;
    if answer.first() != Some(&expected) {
        bail!(
            "the ssh-agent at {} refused: it is locked, does not hold the key, or was not confirmed",
            socket.display()
        );
    }
    answer.remove(0);
    Ok(answer)
}

/// Reads the fields of the wire format (RFC 4251, section 5), front to back.
pub struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    /// A `uint32`.
    pub fn number(&mut self) -> Result<u32> {
        let (head, rest) = self
            .0
            .split_first_chunk::<4>()
            .context("a number of the ssh wire format is cut off")?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*head))
    }

    /// A `string`.
    pub fn string(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.number()?)?;
        let (head, rest) = self
            .0
            .split_at_checked(length)
            .context("a field of the ssh wire format is cut off")?;
        self.0 = rest;
        Ok(head)
    }
}

/// An agent that serves us alone; it ends when this is dropped, and when this process ends in whatever way.
pub struct PrivateAgent {
    child: Child,
    // Held for its drop: after the agent has ended.
    _folder: tempfile::TempDir,
    socket: PathBuf,
}

impl PrivateAgent {
    /// What `SSH_AUTH_SOCK` is to be.
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

/// The agent is a child of a shell that ends it when its standard input does. That input is a pipe of ours, so that a kill
/// of this process, which runs nothing more of it, closes the pipe and thereby ends the agent.
const KEEPER: &str = r#"ssh-agent -D -a "$1" -t "$2" >/dev/null & agent=$!; read -r _; kill "$agent"; wait "$agent""#;

impl World {
    /// Starts an agent without any key. Its socket is in a folder that nobody else can enter.
    pub fn private_agent(&self) -> Result<PrivateAgent> {
        self.effect("start a private ssh-agent", || {
            if self.which(Path::new("/"), "ssh-agent").is_none() {
                bail!("program not found: `ssh-agent`");
            }
            let folder = self.socket_folder()?;
            let socket = folder.path().join("agent");
            let cmd = Cmd::new(folder.path(), "sh").args(["-c", KEEPER, "sh"]);
            let mut command = self.command(&cmd.arg(&socket).arg(LIFE_S), false)?;
            command.stdin(std::process::Stdio::piped());
            command.stdout(std::process::Stdio::null());
            command.stderr(std::process::Stdio::null());
            let child = command.spawn().context("start a private ssh-agent")?;
            let agent = PrivateAgent {
                child,
                _folder: folder,
                socket,
            };
            self.wait_for(&agent)?;
            Ok(agent)
        })
    }

    /// In `TMPDIR`, or where that is too long for the path of a socket, in `/tmp`.
    fn socket_folder(&self) -> Result<tempfile::TempDir> {
        let base = self.env("TMPDIR").map_or("/tmp".into(), PathBuf::from);
        let short = base.as_os_str().len() + "/landfall-XXXXXX/agent".len() <= LONGEST_SOCKET;
        let base = if short { base } else { "/tmp".into() };
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        tempfile::Builder::new()
            .prefix("landfall-")
            .permissions(mode)
            .tempdir_in(&base)
            .with_context(|| format!("make a folder in {}", base.display()))
    }

    fn wait_for(&self, agent: &PrivateAgent) -> Result<()> {
        let watch = self.stopwatch();
        while watch.elapsed() < Duration::from_secs(10) {
            if identities(&agent.socket).is_ok() {
                return Ok(());
            }
            self.check_interrupt()?;
            std::thread::sleep(Duration::from_millis(2));
        }
        bail!(
            "a private ssh-agent did not answer at {} within 10 s",
            agent.socket.display()
        )
    }
}

impl Drop for PrivateAgent {
    fn drop(&mut self) {
        // End of input: the shell ends the agent and waits for it.
        drop(self.child.stdin.take());
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        process::end_group(&mut self.child);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Fields, identities, sign};
    use crate::{Cmd, Setup, World};

    fn world() -> Option<World> {
        let world = World::new(Setup {
            env: vec![("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into())],
            ..Setup::default()
        });
        if world.which(Path::new("/"), "ssh-agent").is_none() {
            println!("not covered: ssh-agent");
            return None;
        }
        Some(world)
    }

    #[test]
    fn a_private_agent_signs_and_is_gone_afterwards() {
        let Some(world) = world() else { return };
        let agent = world.private_agent().unwrap();
        let socket = agent.socket().to_owned();
        let folder = socket.parent().unwrap().to_owned();
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&folder.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(identities(&socket).unwrap(), []);
        let key = folder.join("key");
        let sh = |script: &str| {
            let cmd = Cmd::new(&folder, "sh")
                .args(["-c", script])
                .env("SSH_AUTH_SOCK", socket.to_string_lossy());
            world.answer(&cmd).unwrap()
        };
        sh("ssh-keygen -q -t ed25519 -N '' -C mine -f key && ssh-add -q key && rm key key.pub");
        assert!(!key.exists());
        let keys = identities(&socket).unwrap();
        assert_eq!((keys.len(), keys[0].1.as_str()), (1, "mine"));
        let signature = sign(&socket, &keys[0].0, b"bytes", 0).unwrap();
        let mut fields = Fields(&signature);
        assert_eq!(fields.string().unwrap(), b"ssh-ed25519");
        assert_eq!(fields.string().unwrap().len(), 64);
        assert_eq!(sign(&socket, &keys[0].0, b"bytes", 0).unwrap(), signature);
        let error = sign(&socket, b"no such key", b"bytes", 0).unwrap_err();
        assert!(error.to_string().contains("refused"), "{error}");
        drop(agent);
        assert!(identities(&socket).is_err() && !folder.exists());
    }

    #[test]
    fn an_agent_whose_owner_is_killed_ends() {
        let Some(world) = world() else { return };
        let mut agent = world.private_agent().unwrap();
        // As a kill of this process would: the pipe is closed and nothing else is done.
        drop(agent.child.stdin.take());
        assert!(agent.child.wait().is_ok());
        assert!(identities(agent.socket()).is_err());
    }

    #[test]
    fn fields_that_are_cut_off_are_errors() {
        for bytes in [&b""[..], b"\0\0\0", b"\0\0\0\x02a", b"\xff\xff\xff\xff"] {
            assert!(Fields(bytes).string().is_err());
        }
        let mut fields = Fields(b"\0\0\0\x01a\0\0\0\x07");
        assert_eq!(
            (fields.string().unwrap(), fields.number().unwrap()),
            (&b"a"[..], 7)
        );
    }
}
