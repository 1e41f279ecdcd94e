//! Entry points of the fuzz targets.

pub mod edges;
pub mod entry;
pub mod links;
