//! The real program on real repositories: what it answers, what it changed, and what it must not have changed.
#![expect(
    clippy::disallowed_methods,
    reason = "tests start the program and damage files beside the door, which is what is tested"
)]

#[cfg(test)]
mod approval;
#[cfg(test)]
mod artifacts;
#[cfg(test)]
mod attest;
#[cfg(test)]
mod auto;
#[cfg(test)]
mod cliff;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod curated;
#[cfg(test)]
mod happy;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod local;
#[cfg(test)]
mod milestone;
#[cfg(test)]
mod odd;
#[cfg(test)]
mod output;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod preflight;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod real;
#[cfg(test)]
mod rehearse;
#[cfg(test)]
mod remote;
#[cfg(test)]
mod reproducible;
#[cfg(test)]
mod run;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod signing;
#[cfg(test)]
mod stranger;
#[cfg(test)]
mod verify;
#[cfg(test)]
mod version;
#[cfg(test)]
mod waive;
