//! Frames of the pump protocol.
#![no_main]

use pumplab::library::Shelf;
use pumplab::live::pki::Signatures;
use std::sync::OnceLock;

fn signatures() -> &'static Signatures {
    static MADE: OnceLock<Signatures> = OnceLock::new();
    MADE.get_or_init(|| {
        let shelf = Shelf::open(None, false).expect("the library is embedded");
        let lab = shelf.lab("ward", Some("sp1800-8"), &[]).expect("it resolves");
        Signatures::of(&lab.lab).expect("keys can be made")
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pumplab_fuzz::edges::pump(bytes, signatures()));
