//! Gates and version places on real repositories: for every gate a tree that passes, one that fails, and one where it
//! cannot look.

// As its dependents know it.
extern crate landfall_gates as gates;

#[cfg(test)]
mod audit;
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
mod infra;
mod leftovers;
#[cfg(test)]
mod links;
#[cfg(test)]
mod memory;
#[cfg(test)]
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
mod reports;
#[cfg(test)]
mod semver;
#[cfg(test)]
mod test;
#[cfg(test)]
mod tracker;
mod staging;
#[cfg(test)]
mod version;
#[cfg(test)]
mod workflows;
