//! Tests of the formats from outside: examples from the tools' own files, and laws over generated texts.

#[cfg(test)]
mod cargo;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod large;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod npm;
#[cfg(test)]
mod table;
