//! landfall: testkit
