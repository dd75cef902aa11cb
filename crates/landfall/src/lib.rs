//! landfall: landfall
