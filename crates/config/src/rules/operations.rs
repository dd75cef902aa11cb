//! The rules of the gates about what runs elsewhere: `infra`, `staging`, `security`.

use super::Rules;
use crate::names;

impl Rules<'_> {
    pub(super) fn operations(&mut self) {
        self.infra();
    }

    fn infra(&mut self) {
        let infra = &self.config.gates.infra;
        for (index, root) in infra.roots.iter().enumerate() {
            // The root of the repository has no other name.
            if root != "." {
                self.clean(&format!("gates.infra.roots[{index}]"), names::path(root));
            }
        }
        self.path_list("gates.infra.exclude", &infra.exclude);
        self.path_list("gates.infra.include", &infra.include);
    }
}
