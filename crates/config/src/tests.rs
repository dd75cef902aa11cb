//! Laws over the whole crate.

mod errors;
mod laws;
mod waive;
