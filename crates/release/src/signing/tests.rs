//! The methods against the programs themselves: every way to be wrong, and every bit of a signature.

mod bits;
mod fixture;
mod methods;
mod raw;
mod tags;
