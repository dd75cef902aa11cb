//! Tests of the formats from outside: examples from the tools' own files, laws over generated texts and over a corpus.

#[cfg(test)]
mod cargo;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod declared;
#[cfg(test)]
mod declared_corpus;
#[cfg(test)]
mod declared_laws;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod generate_names;
#[cfg(test)]
mod large;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod npm;
#[cfg(test)]
mod python;
#[cfg(test)]
mod real;
#[cfg(test)]
mod semantics;
#[cfg(test)]
mod table;
