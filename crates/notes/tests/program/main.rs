//! The program as it is used: JSON in, JSON out, and what it says when it cannot.

#[cfg(test)]
mod ask;
#[cfg(test)]
mod milestone;
#[cfg(test)]
mod sections;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod wild;
