//! Streams of MLLP frames. The first byte says how large the pieces are.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((piece, stream)) = bytes.split_first() {
        pumplab_fuzz::entry::stream(stream, usize::from(*piece));
    }
});
