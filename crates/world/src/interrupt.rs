//! Ctrl-C and SIGTERM as a flag that every wait looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGINT, SIGTERM};

/// A flag shared by all that waits. `Default` is one that nothing raises.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Raised by the first SIGINT or SIGTERM; a second one ends the process at once.
    pub fn install() -> Result<Interrupt> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // Order matters: the conditional exit comes first, so it sees the flag of an earlier signal.
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag))
                .with_context(|| format!("handle signal {signal}"))?;
            signal_hook::flag::register(signal, Arc::clone(&flag))
                .with_context(|| format!("handle signal {signal}"))?;
        }
        Ok(Interrupt(flag))
    }

    pub fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub fn raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
