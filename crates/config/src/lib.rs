//! landfall: config
