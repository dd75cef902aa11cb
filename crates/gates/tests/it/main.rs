//! Gates and version places on real repositories: for every gate a tree that passes, one that fails, and one where it
//! cannot look.

// As its dependents know it.
extern crate landfall_gates as gates;

#[cfg(test)]
mod cargo;
#[cfg(test)]
mod doc;
#[cfg(test)]
mod files;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod git;
#[cfg(test)]
mod memory;
mod links;
mod infra;
mod merge;
#[cfg(test)]
mod node;
#[cfg(test)]
mod places;
#[cfg(test)]
mod publishable;
#[cfg(test)]
mod publishable_npm;
#[cfg(test)]
mod semver;
mod tracker;
mod reports;
#[cfg(test)]
mod version;
