//! Entry points of the fuzz targets.

pub mod edges;
pub mod entry;
pub mod links;

use pumplab_live::pki::Signatures;
use pumplab_scenarios::Library;
use std::sync::{Arc, OnceLock};

/// Keys of the shipped ward, made once.
pub fn signatures() -> &'static Arc<Signatures> {
    static MADE: OnceLock<Arc<Signatures>> = OnceLock::new();
    MADE.get_or_init(|| {
        let library = Library::embedded();
        let defence = library.defence("sp1800-8").expect("it is shipped");
        let ward = library.resolve_lab("ward", &defence.controls, &[]);
        let lab = ward.expect("it resolves").lab;
        Arc::new(Signatures::of(&lab).expect("keys can be made"))
    })
}
