//! Golden bytes beside semantic checks: a hash alone would also freeze a mistake.

mod faults;
pub(crate) mod fixtures;
mod formats;
mod judges;
mod laws;
mod opinions;
mod ready;
mod recipe;
mod refusals;
mod sbom;
mod sums;
mod tar;
mod threads;
mod zip;
