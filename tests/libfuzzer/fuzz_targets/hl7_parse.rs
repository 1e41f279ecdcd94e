//! HL7 v2 messages and files of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = pumplab_fuzz::entry::message(bytes);
    pumplab_fuzz::entry::file(bytes);
});
