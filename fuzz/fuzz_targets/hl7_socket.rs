//! HL7 messages as a socket of the live lab takes them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pumplab_fuzz::edges::clinical(bytes));
