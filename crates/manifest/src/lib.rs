//! landfall: manifest
pub mod changelog;
