//! What the answer of a gate depends on: what a pass may be reused for.

use serde_json::Value;

/// What an answer depends on. Two runs with the same inputs would give the same answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inputs {
    /// Asked anew each time, and why: the answer depends on the network, on credentials, on the clock or on refs.
    Live(&'static str),
    /// A pass holds until one of these changes.
    Same(Same),
}

/// Everything an answer depends on, besides the program itself and the settings `[gates.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Same {
    /// Globs over the paths of files as git names them, tracked and untracked; ignored files never count.
    pub files: Vec<String>,
    /// Programs: a pass holds for the very file that the search path gives, and for rustc for its version.
    pub tools: Vec<String>,
    /// Names of environment variables.
    pub env: Vec<String>,
    /// Settings that stand outside of `[gates.NAME]`.
    pub settings: Vec<Value>,
}

impl Inputs {
    /// Files that one of the globs names: `**/*.md`, `Cargo.lock`.
    pub fn files<S: AsRef<str>>(globs: impl IntoIterator<Item = S>) -> Inputs {
        Inputs::Same(Same {
            files: globs
                .into_iter()
                .map(|glob| glob.as_ref().to_owned())
                .collect(),
            ..Same::default()
        })
    }

    /// Every file of the repository.
    pub fn all_files() -> Inputs {
        Inputs::files(["**"])
    }

    #[must_use]
    pub fn tool(self, program: impl Into<String>) -> Inputs {
        self.with(|same| same.tools.push(program.into()))
    }

    #[must_use]
    pub fn env(self, names: &[&str]) -> Inputs {
        self.with(|same| same.env.extend(names.iter().map(|name| (*name).to_owned())))
    }

    #[must_use]
    pub fn setting(self, value: impl Into<Value>) -> Inputs {
        self.with(|same| same.settings.push(value.into()))
    }

    fn with(self, change: impl FnOnce(&mut Same)) -> Inputs {
        match self {
            Inputs::Same(mut same) => {
                change(&mut same);
                Inputs::Same(same)
            }
            live @ Inputs::Live(_) => live,
        }
    }
}
