//! The files that come with pumplab, as the build script found them: `FILES` of the library, `TEMPLATES` for new files, and `COLLECTIONS` of
//! scenarios that stand in place of the library's own. Each is a table of the path below the crate and the content.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
