//! landfall: manifest
