//! Conformance of the built lab with the notes on SP 1800-8.

mod allowed;
mod probe;
mod segmentation;
