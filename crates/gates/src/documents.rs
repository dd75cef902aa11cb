//! Markdown documents of the repository, for whoever prints or links to them: titles, where links lead, and the text of
//! one document as part of another.

mod inline;
mod lead;

#[cfg(test)]
mod tests;

pub use crate::links::tree::relative;
pub use inline::{Flaw, Write, inline};
pub use lead::{Documents, Follow, Lead};
