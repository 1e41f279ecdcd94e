//! The table beside the published one, where that is at hand: `PUMPLAB_ADVISORIES` names its file.

use crate::all;
use std::collections::BTreeMap;

const FILE: &str = "PUMPLAB_ADVISORIES";

#[test]
fn the_table_is_that_of_the_file() {
    let Ok(path) = std::env::var(FILE) else {
        println!("{FILE} names no file: the table is not compared");
        return;
    };
    let text = std::fs::read_to_string(&path).expect("the file is read");
    let published = rows(&text);
    for row in all() {
        let published = &published[&row.row.to_string()];
        let name = row.name();
        assert_eq!(published["can_alter_delivery"], row.class, "{name}");
        let first = row.first.join(";");
        assert_eq!(published["first_control_ids"], first, "{name}");
    }
}

#[test]
fn quoted_fields_keep_their_commas() {
    let rows = rows("row,a,b\n7,\"x, \"\"y\"\"\",z\n");
    assert_eq!(rows["7"]["a"], "x, \"y\"");
    assert_eq!(rows["7"]["b"], "z");
}

/// Rows by their number, fields by the name of their column.
fn rows(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut lines = text.lines();
    let columns = fields(lines.next().unwrap_or_default());
    let row =
        |line| -> BTreeMap<String, String> { columns.iter().cloned().zip(fields(line)).collect() };
    lines.map(row).map(|r| (r["row"].clone(), r)).collect()
}

/// Fields of a line; a quote within quotes is doubled.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut signs = line.chars().peekable();
    while let Some(sign) = signs.next() {
        let last = fields.last_mut().expect("there is one from the beginning");
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => last.extend(signs.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => last.push(sign),
        }
    }
    fields
}
