//! The verdict on one commit.

use crate::markdown::{cut, one_line};
use crate::message::{Head, Message};
use crate::people::is_bot;
use crate::range::Fate;
use crate::request::Commit;
use crate::rules::{Bots, Group, Meaning, Rules, Table};
use crate::select::short;

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
    pub(super) commits: &'a [Commit],
    pub(super) messages: &'a [Message],
    pub(super) fates: &'a [Fate],
    pub(super) table: &'a Table<'a>,
    pub(super) rules: &'a Rules,
}

impl<'a> Judge<'a> {
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
        const MERGE: &str = "merge commit";
        let known = |head: &&Head| self.table.of(&head.kind).is_some();
        let title = message
            .head
            .as_ref()
            .filter(known)
            .or(message.title.as_ref());
        let Some(title) = title else {
            return if message.breaking.is_empty() {
                Verdict::LeftOut(MERGE.to_owned())
            } else {
                Verdict::Listed {
                    group: Group::Changed,
                    heads: Vec::new(),
                }
            };
        };
        let brought = || fate.brought.iter().filter_map(|at| self.messages.get(*at));
        let told = brought().any(|message| message.head.as_ref().is_some_and(|head| known(&head)));
        let break_told = brought().any(Message::breaks);
        let breaks = message.breaks() || title.breaking;
        let all_reverted = !fate.brought.is_empty()
            && fate.brought.iter().all(|at| {
                self.fates
                    .get(*at)
                    .is_some_and(|fate| fate.reverted_by.is_some())
            });
        if fate.brought.is_empty() || all_reverted || (told && (!breaks || break_told)) {
            return Verdict::LeftOut(MERGE.to_owned());
        }
        match self.table.meaning(&title.kind, title.scope.as_deref()) {
            Some(Meaning::Listed(group)) => Verdict::Listed {
                group,
                heads: vec![(group, title)],
            },
            _ if breaks => Verdict::Listed {
                group: Group::Changed,
                heads: vec![(Group::Changed, title)],
            },
            _ => Verdict::LeftOut(format!(
                "merge commit, and type `{}` is left out",
                one_line(&title.kind)
            )),
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
            None => "not a conventional commit".to_owned(),
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
