//! landfall: release
