//! The rules of this repository, as tests: tidy sources, fresh documents, a small dependency graph, known licences.

#[cfg(test)]
mod budget;
#[cfg(test)]
mod crates;
#[cfg(test)]
mod docs_fresh;
#[cfg(test)]
mod licences;
#[cfg(test)]
mod repository;
#[cfg(test)]
mod tidy;
