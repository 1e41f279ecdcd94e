//! Pictures of the documentation show what the command prints now.

#[path = "../../examples/terminal_picture/svg.rs"]
mod svg;

use std::path::Path;

#[test]
fn pictures_of_terminal_sessions_are_up_to_date() {
    let program = Path::new(env!("CARGO_BIN_EXE_pumplab"));
    for picture in &svg::PICTURES {
        let now = svg::session(
            program,
            &[],
            picture.columns,
            picture.title,
            picture.commands,
        );
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(picture.file);
        let kept = std::fs::read_to_string(&file).expect("the picture is there");
        let again = "cargo run --release -p pumplab --example terminal_picture";
        assert!(now == kept, "{} is out of date: {again}", picture.file);
    }
}
