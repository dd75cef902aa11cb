//! Gates and version places on real repositories: for every gate a tree that passes, one that fails, and one where it
//! cannot look.

// As its dependents know it.
extern crate landfall_gates as gates;

#[cfg(test)]
mod audit;
#[cfg(test)]
mod benchmarks;
#[cfg(test)]
mod cargo;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod coverage_real;
#[cfg(test)]
mod deps;
#[cfg(test)]
mod doc;
#[cfg(test)]
mod files;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod git;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod groups_laws;
#[cfg(test)]
mod infra;
#[cfg(test)]
mod leftovers;
#[cfg(test)]
mod licenses;
#[cfg(test)]
mod links;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod merge;
#[cfg(test)]
mod msrv;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod node;
#[cfg(test)]
mod places;
#[cfg(test)]
mod publishable;
#[cfg(test)]
mod publishable_npm;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod security;
#[cfg(test)]
mod semver;
#[cfg(test)]
mod staging;
#[cfg(test)]
mod test;
#[cfg(test)]
mod tracker;
#[cfg(test)]
mod version;
#[cfg(test)]
mod workflows;
