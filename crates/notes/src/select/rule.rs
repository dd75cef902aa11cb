//! The verdict on one commit.

use crate::markdown::{cut, one_line};
use crate::message::{Head, Message};
use crate::people::is_bot;
use crate::range::Fate;
use crate::request::Commit;
use crate::rules::{Bots, Group, Meaning, Rules, Table};
use crate::select::short;

const NOT_CONVENTIONAL: &str = "not a conventional commit";

/// What is decided of a commit by itself; what all of them are is decided later.
pub(super) enum Verdict<'a> {
    /// By its type, or because it breaks something. Without heads its subject is shown whole.
    Listed {
        group: Group,
        heads: Vec<(Group, &'a Head)>,
    },
    /// Fits no rule: listed only where nearly nothing does.
    Unknown {
        group: Group,
        reason: String,
    },
    LeftOut(String),
}

/// All that a verdict depends on; the slices have the same length.
pub(super) struct Judge<'a> {
    commits: &'a [Commit],
    messages: &'a [Message],
    fates: &'a [Fate],
    table: &'a Table<'a>,
    rules: &'a Rules,
    /// The merge whose title tells of a commit that does not tell of itself.
    told_by: Vec<Option<usize>>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        commits: &'a [Commit],
        messages: &'a [Message],
        fates: &'a [Fate],
        table: &'a Table<'a>,
        rules: &'a Rules,
    ) -> Self {
        let told_by = vec![None; commits.len()];
        let mut judge = Self {
            commits,
            messages,
            fates,
            table,
            rules,
            told_by,
        };
        for (at, (message, fate)) in messages.iter().zip(fates).enumerate() {
            if message.title.is_none() || judge.tells(fate) {
                continue;
            }
            for brought in &fate.brought {
                if let Some(told_by) = judge.told_by.get_mut(*brought) {
                    *told_by = Some(at);
                }
            }
        }
        judge
    }

    /// Whether anything that a merge brought follows the convention.
    fn tells(&self, merge: &Fate) -> bool {
        let mut brought = merge.brought.iter().filter_map(|at| self.messages.get(*at));
        brought.any(|message| {
            message
                .head
                .as_ref()
                .is_some_and(|head| self.is_known(head))
        })
    }

    /// A commit of the program that made all that a merge brought.
    fn program(&self, merge: &Fate) -> Option<&'a Commit> {
        let mut brought = merge.brought.iter().filter_map(|at| self.commits.get(*at));
        let is_program = |commit: &&Commit| is_bot(&commit.author.name, &commit.author.email);
        let first = brought.next().filter(is_program)?;
        brought.all(|commit| is_program(&commit)).then_some(first)
    }

    fn is_known(&self, head: &Head) -> bool {
        self.table.of(&head.kind).is_some()
    }

    pub(super) fn verdict(&self, at: usize) -> Verdict<'a> {
        let (Some(commit), Some(message), Some(fate)) = (
            self.commits.get(at),
            self.messages.get(at),
            self.fates.get(at),
        ) else {
            return Verdict::LeftOut("no such commit".to_owned());
        };
        if let Some(by) = fate.reverted_by {
            return Verdict::LeftOut(format!("reverted by {}", self.short(by)));
        }
        if let Some(twin) = fate.twin_of {
            return Verdict::LeftOut(format!("the same change as {}", self.short(twin)));
        }
        if commit.parents.len() > 1 || message.is_merge() {
            return self.merge(message, fate);
        }
        if let Some(merge) = self.told_by.get(at).copied().flatten()
            && !message.breaks()
        {
            return Verdict::LeftOut(format!("part of {}", self.short(merge)));
        }
        let is_bot = is_bot(&commit.author.name, &commit.author.email);
        if is_bot && self.rules.bots == Bots::LeaveOut && !message.breaks() {
            return Verdict::LeftOut(by_bot(commit));
        }
        if message.is_fixup() {
            return Verdict::LeftOut("meant to be folded into another commit".to_owned());
        }
        if message.is_release() && !message.breaks() {
            return Verdict::LeftOut("the commit of a release".to_owned());
        }
        if let Some(title) = &message.reverted_title
            && !self.has_own_revert_type(message)
        {
            return self.revert(message, fate, title);
        }
        match self.by_type(message) {
            // A program that gives no type has nothing to tell people.
            Verdict::Unknown { .. } if is_bot => Verdict::LeftOut(by_bot(commit)),
            verdict => verdict,
        }
    }

    fn short(&self, at: usize) -> &str {
        self.commits
            .get(at)
            .map_or("", |commit| short(&commit.id.0))
    }

    /// The repository has said itself what becomes of its reverts.
    fn has_own_revert_type(&self, message: &Message) -> bool {
        let kind = message.head.as_ref().map(|head| head.kind.as_str());
        self.rules
            .types
            .iter()
            .any(|rule| Some(rule.kind.to_lowercase().as_str()) == kind)
    }

    /// A merge is as good as what it brought: its own title counts where that has none of the
    /// convention, and where only the title announces that something breaks.
    fn merge(&self, message: &'a Message, fate: &Fate) -> Verdict<'a> {
        let left_out = || Verdict::LeftOut("merge commit".to_owned());
        let brought = || fate.brought.iter();
        let is_gone = |at: &usize| {
            self.fates
                .get(*at)
                .is_some_and(|fate| fate.reverted_by.is_some())
        };
        if fate.brought.is_empty() || brought().all(is_gone) {
            return left_out();
        }
        // A person pressed the button, a program wrote it.
        let program = self.program(fate);
        let own = message.head.as_ref().filter(|head| self.is_known(head));
        let head = own.or(message.title.as_ref().and_then(|title| title.head.as_ref()));
        let breaks = message.breaks() || head.is_some_and(|head| head.breaking);
        let is_break_told = brought()
            .filter_map(|at| self.messages.get(*at))
            .any(Message::breaks);
        if self.tells(fate) && (!breaks || is_break_told) {
            return left_out();
        }
        let meaning = head.and_then(|head| self.table.meaning(&head.kind, head.scope.as_deref()));
        let breaking_lines = self.pasted(message).filter(|(_, pasted)| pasted.breaking);
        match (meaning, head) {
            _ if program.is_some()
                && !breaks
                && (head.is_none() || self.rules.bots == Bots::LeaveOut) =>
            {
                program.map_or_else(left_out, |commit| Verdict::LeftOut(by_bot(commit)))
            }
            (Some(Meaning::Listed(group)), Some(head)) => Verdict::Listed {
                group,
                heads: std::iter::once((group, head))
                    .chain(breaking_lines)
                    .collect(),
            },
            _ if breaks => Verdict::Listed {
                group: Group::Changed,
                heads: head
                    .map(|head| (Group::Changed, head))
                    .into_iter()
                    .chain(breaking_lines)
                    .collect(),
            },
            (Some(Meaning::LeftOut), Some(head)) => {
                Verdict::LeftOut(format!("type `{}` is left out", kind(head)))
            }
            _ if message.title.is_some() => Verdict::Unknown {
                group: Group::Changed,
                reason: NOT_CONVENTIONAL.to_owned(),
            },
            _ => left_out(),
        }
    }

    /// What took back something of an earlier release is a change of this one; what was never
    /// released is not worth a word.
    fn revert(&self, message: &'a Message, fate: &Fate, title: &str) -> Verdict<'a> {
        let named = message.reverts.len().max(1);
        if fate.reverts.len() >= named && !message.breaks() {
            let restored: Vec<&str> = fate.reverts.iter().map(|at| self.short(*at)).collect();
            return Verdict::LeftOut(format!(
                "takes back {}, which is of the same release",
                restored.join(", ")
            ));
        }
        let reverted = crate::message::head(title, self.table);
        let meaning = reverted.and_then(|head| self.table.of(&head.kind));
        let group = match meaning {
            Some(Meaning::Listed(Group::Added)) => Group::Removed,
            Some(Meaning::LeftOut) if !message.breaks() => {
                return Verdict::LeftOut("takes back what would be left out itself".to_owned());
            }
            _ => Group::Changed,
        };
        Verdict::Listed {
            group,
            heads: Vec::new(),
        }
    }

    fn by_type(&self, message: &'a Message) -> Verdict<'a> {
        let head = message.head.as_ref();
        let meaning = head.and_then(|head| self.table.meaning(&head.kind, head.scope.as_deref()));
        match (meaning, head) {
            (Some(Meaning::Listed(group)), Some(head)) => {
                let mut heads = vec![(group, head)];
                if self.rules.split_squashes {
                    heads.extend(
                        self.pasted(message)
                            .filter(|(_, pasted)| pasted.description != head.description),
                    );
                } else {
                    heads.extend(self.pasted(message).filter(|(_, pasted)| {
                        pasted.breaking && pasted.description != head.description
                    }));
                }
                Verdict::Listed { group, heads }
            }
            (Some(Meaning::LeftOut), Some(head)) => {
                let pasted: Vec<_> = self
                    .pasted(message)
                    .filter(|(_, pasted)| pasted.breaking || self.rules.split_squashes)
                    .collect();
                if message.breaks() {
                    let heads = std::iter::once((Group::Changed, head))
                        .chain(pasted)
                        .collect();
                    Verdict::Listed {
                        group: Group::Changed,
                        heads,
                    }
                } else if let Some((group, _)) = pasted.first() {
                    Verdict::Listed {
                        group: *group,
                        heads: pasted,
                    }
                } else {
                    Verdict::LeftOut(format!("type `{}` is left out", kind(head)))
                }
            }
            _ => self.unknown(message),
        }
    }

    fn unknown(&self, message: &'a Message) -> Verdict<'a> {
        let pasted: Vec<_> = self.pasted(message).collect();
        if let Some((group, _)) = pasted.first() {
            return Verdict::Listed {
                group: *group,
                heads: pasted,
            };
        }
        let head = message.head.as_ref();
        if message.breaks() {
            let heads = head
                .map(|head| (Group::Changed, head))
                .into_iter()
                .collect();
            return Verdict::Listed {
                group: Group::Changed,
                heads,
            };
        }
        let reason = match head {
            Some(head) => format!("type `{}` is in no group", kind(head)),
            None => NOT_CONVENTIONAL.to_owned(),
        };
        Verdict::Unknown {
            group: Group::Changed,
            reason,
        }
    }

    /// The lines of a pasted list that are to be listed.
    fn pasted(&self, message: &'a Message) -> impl Iterator<Item = (Group, &'a Head)> {
        message.pasted.iter().filter_map(|head| {
            match self.table.meaning(&head.kind, head.scope.as_deref()) {
                Some(Meaning::Listed(group)) => Some((group, head)),
                _ if head.breaking => Some((Group::Changed, head)),
                _ => None,
            }
        })
    }
}

fn kind(head: &Head) -> String {
    cut(&one_line(&head.kind), 60)
}

fn by_bot(commit: &Commit) -> String {
    format!("by the program {}", cut(&one_line(&commit.author.name), 60))
}
