//! HL7 messages as a socket of the live lab takes them.
#![no_main]

use pumplab_fuzz::{edges, signatures};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edges::clinical(bytes, signatures()));
