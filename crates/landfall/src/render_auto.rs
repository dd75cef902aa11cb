//! How the next version is explained: a line for each commit, and what all of them come to.

use release::auto::{Auto, Reason};
use release::bump::Need;
use serde_json::json;

use crate::render::Ui;

/// So many commits that ask for nothing are shown; they must not bury those that do.
const SHOWN: usize = 20;

impl Ui {
    /// Why `auto` comes to its version.
    pub(crate) fn auto(&self, auto: &Auto) {
        for reason in &auto.reasons {
            self.event(json!({
                "event": "reason", "id": reason.id, "subject": reason.subject,
                "level": reason.need.word(), "why": reason.why,
            }));
        }
        self.event(json!({
            "event": "auto", "level": auto.need.word(), "since": auto.since, "after": auto.last_pre,
            "version": auto.version.as_ref().map(ToString::to_string),
        }));
        let reasons = auto.by_need();
        let (asking, silent): (Vec<&Reason>, Vec<&Reason>) = reasons
            .into_iter()
            .partition(|reason| reason.need > Need::Nothing);
        let shown = if self.verbose { silent.len() } else { SHOWN };
        for reason in asking.iter().chain(silent.iter().take(shown)) {
            let id = reason.id.get(..7).unwrap_or(&reason.id);
            self.story(&format!(
                "  {:<5} {id} {} ({})",
                reason.need.word(),
                reason.subject,
                reason.why
            ));
        }
        if silent.len() > shown {
            self.story(&format!(
                "  none  {} more (--verbose shows them)",
                silent.len() - shown
            ));
        }
        match &auto.version {
            Some(version) => self.story(&format!("{} → {version}", auto.summary())),
            None => self.story(&auto.summary()),
        }
        let untold = auto.reasons.iter().filter(|reason| reason.untold).count();
        if untold > 0 {
            self.story(&format!(
                "note: {untold} in no conventional form: what they ask for cannot be told"
            ));
        }
    }
}
