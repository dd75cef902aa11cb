//! One commit message read: what its subject says it is, and what its body announces.
//!
//! The convention is git-conventional's to read. Here is what people write instead of it and mean
//! it all the same: odd spacing, emoji and issue keys in front, lists pasted by a squash.

use crate::rules::Table;

mod body;
mod front;

pub(crate) use body::plain_title;
pub(crate) use front::head;

/// `type(scope)!: description`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// In lower case.
    pub(crate) kind: String,
    pub(crate) scope: Option<String>,
    pub(crate) breaking: bool,
    pub(crate) description: String,
}

/// The title of a pull request.
#[derive(Debug)]
pub(crate) struct Title {
    /// With the number of the pull request.
    pub(crate) text: String,
    /// Of a known type.
    pub(crate) head: Option<Head>,
}

/// A message, read.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// The first line.
    pub(crate) subject: String,
    pub(crate) head: Option<Head>,
    /// What breaks, one text an announcement; a text may be empty.
    pub(crate) breaking: Vec<String>,
    /// Conventional lines of a pasted list.
    pub(crate) pasted: Vec<Head>,
    /// What a forge wrote into the body of a merge.
    pub(crate) title: Option<Title>,
    /// Ids, some of them short, of what is taken back.
    pub(crate) reverts: Vec<String>,
    /// The subject says that this is a revert, and of which subject.
    pub(crate) reverted_title: Option<String>,
    /// Ids of what this is a copy of.
    pub(crate) picked: Vec<String>,
}

/// Reads a message; any text is one.
pub(crate) fn read(text: &str, table: &Table<'_>) -> Message {
    let text = text.replace("\r\n", "\n").replace(['\r', '\0'], "\n");
    let text = text.trim();
    let (subject, body) = text.split_once('\n').unwrap_or((text, ""));
    let subject = subject.trim_end();
    let head = head(subject, table);
    let reverted_title = body::reverted_title(subject, head.as_ref());
    let mut breaking = body::breaking(body);
    if let Some(text) = front::bare_breaking(subject) {
        breaking.insert(0, text.to_owned());
    }
    Message {
        breaking,
        pasted: body::pasted(subject, body, table),
        title: body::merged_title(subject, body, table),
        reverts: body::reverts(body, reverted_title.is_some()),
        reverted_title,
        picked: body::picked(body),
        subject: subject.to_owned(),
        head,
    }
}

impl Message {
    /// What stands for the commit in a line: the title where it is a merge that has one.
    pub(crate) fn shown(&self) -> &str {
        self.title
            .as_ref()
            .map_or(self.subject.as_str(), |title| title.text.as_str())
    }

    /// Git's and the forges' own subjects of merges.
    pub(crate) fn is_merge(&self) -> bool {
        front::is_merge(&self.subject)
    }

    /// The release's own commit: it says nothing of what changed.
    pub(crate) fn is_release(&self) -> bool {
        front::is_release(&self.subject, self.head.as_ref())
    }

    /// Meant to be folded into another commit by `git rebase --autosquash`.
    pub(crate) fn is_fixup(&self) -> bool {
        ["fixup! ", "squash! ", "amend! "]
            .iter()
            .any(|mark| self.subject.starts_with(mark))
    }

    /// Whether anything in it announces that something breaks.
    pub(crate) fn breaks(&self) -> bool {
        !self.breaking.is_empty()
            || self
                .head
                .iter()
                .chain(&self.pasted)
                .any(|head| head.breaking)
    }
}
