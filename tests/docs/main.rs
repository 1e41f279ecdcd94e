//! The documentation says what is: examples run, links lead somewhere, tables list everything, quoted figures come out.
//!
//! `PUMPLAB_UPDATE_DOCS=1 cargo test -p pumplab --test docs` writes generated tables and the outputs of examples anew.

mod block;
mod cookbook;
mod examples;
mod figures;
mod links;
mod listings;
mod models;
mod names;
mod nurses;
mod pages;
mod pictures;
mod records;
mod tables;
