//! Scripts of what happens at both ends of a pump's session and of a clinical link.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    pumplab_fuzz::links::session(bytes);
    pumplab_fuzz::links::clinical(bytes);
});
