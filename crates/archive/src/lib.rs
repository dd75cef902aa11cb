//! landfall: archive
