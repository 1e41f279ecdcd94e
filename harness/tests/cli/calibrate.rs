//! `calibrate`: what it writes is what `--costs` takes.

use crate::bench::{Scratch, pumplab};

const PUSH: &str = "unsigned-library-push";

#[test]
fn one_round_writes_a_file_that_the_simulator_takes() {
    let scratch = Scratch::new("calibrate-once");
    let file = scratch.text("costs.toml");
    let said = pumplab(&["calibrate", "--rounds", "1", "--out", &file]).ended(0);
    assert!(said.out.contains("1.3  p256      mutual"), "{}", said.out);
    assert!(said.out.contains(&format!("wrote {file}")), "{}", said.out);
    pumplab(&["check", &file]).ended(0);
    let shipped = pumplab(&["run", PUSH, "--format", "json"]).ended(0).json();
    let own = pumplab(&["run", PUSH, "--format", "json", "--costs", &file])
        .ended(0)
        .json();
    let print = |report: &serde_json::Value| {
        report["scenarios"][0]["run"]["manifest"]["fingerprint"].clone()
    };
    let hash =
        |r: &serde_json::Value| r["scenarios"][0]["run"]["manifest"]["scenario_hash"].clone();
    assert_ne!(print(&shipped), print(&own), "another machine, other times");
    assert_ne!(
        hash(&shipped),
        hash(&own),
        "and it says that it is another lab"
    );
}

#[test]
fn the_command_that_is_printed_takes_the_same_costs() {
    let scratch = Scratch::new("calibrate-printed");
    let file = scratch.text("costs.toml");
    pumplab(&["calibrate", "--rounds", "1", "--out", &file]).ended(0);
    let said = pumplab(&["run", PUSH, "--without", "DEV-07", "--costs", &file]).ended(1);
    assert!(
        said.out.contains(&format!("--costs {file}")),
        "{}",
        said.out
    );
}

#[test]
fn what_cannot_be_written_or_read_is_told_with_its_place() {
    let scratch = Scratch::new("calibrate-refused");
    let nowhere = scratch.text("not/there/costs.toml");
    let said = pumplab(&["calibrate", "--rounds", "1", "--out", &nowhere]).ended(2);
    assert!(
        said.err.contains(&format!("cannot write {nowhere}")),
        "{}",
        said.err
    );
    let broken = "title = \"x\"\n[[handshake]]\nversion = \"1.4\"\n";
    let broken = scratch.write("broken.toml", broken);
    let said = pumplab(&["run", PUSH, "--costs", &broken]).ended(2);
    assert!(said.err.contains(&format!("{broken}:3:11")), "{}", said.err);
    let said = pumplab(&["run", PUSH, "--costs", &nowhere]).ended(2);
    assert!(said.err.contains("cannot read"), "{}", said.err);
}
