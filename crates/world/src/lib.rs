//! landfall: world
