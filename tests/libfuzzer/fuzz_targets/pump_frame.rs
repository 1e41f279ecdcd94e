//! Frames of the pump protocol.
#![no_main]

use pumplab_fuzz::{edges, signatures};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edges::pump(bytes, signatures()));
