//! The program as it is used: two paths in, JSON out, and what it says when it cannot.

#[cfg(test)]
mod answers;
