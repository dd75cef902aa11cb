//! landfall: gates
