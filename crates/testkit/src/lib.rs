//! Fixtures for the tests of the other crates: real git repositories in temporary folders, real bare remotes, an
//! environment that knows nothing of the person who runs the tests.
//!
//! A fixture panics when it cannot be set up; that is the failure of the test which asked for it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "fixtures are test code: they spawn and write beside the door, so that they do not depend on what is tested"
)]

mod fingerprint;
mod history;
mod moto;
mod real;
mod repo;
mod trees;

pub use fingerprint::{Fingerprint, fingerprint};
pub use history::History;
pub use moto::Moto;
pub use real::{installed_by_hand, not_covered, real_parts, real_program};
pub use repo::{Repo, programs};
