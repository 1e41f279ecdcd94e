//! The pumplab harness as a library.
