//! What a child is given between fork and exec: a session and a mask of its own.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::fs::Mode;

/// A session of its own: no terminal to wait on for a passphrase, and one group to end.
pub(crate) fn own(command: &mut Command, umask: Option<u32>) {
    let umask = umask.map(Mode::from_raw_mode);
    #[expect(
        unsafe_code,
        reason = "setsid and umask are async-signal-safe and touch no memory of ours"
    )]
    // SAFETY: the closure only makes two system calls.
    unsafe {
        command.pre_exec(move || {
            if let Some(umask) = umask {
                rustix::process::umask(umask);
            }
            rustix::process::setsid().map(|_| ()).map_err(Into::into)
        });
    }
}
