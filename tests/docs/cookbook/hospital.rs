//! The page that describes a hospital: its lab works under every defence, its look at the sessions notices a pump that has none, and the loop writes the rest.

use super::trial::Question;
use pumplab_scenarios::Library;

const PAGE: &str = "docs/how-to/describe-your-hospital.md";
const QUIET: &str = "own/scenarios/quiet-hour.toml";
const LAB: &str = "own/labs/hospital.toml";

#[test]
fn the_hospital_of_the_page_works_and_a_pump_out_of_range_is_seen() {
    let page = Question::page(PAGE);
    for defence in Library::embedded().defence_names() {
        let said = page.pumplab(&["run", QUIET, "--library", "own", "--defence", &defence]);
        assert!(said.held(), "{defence}");
        assert_eq!(said.metric("sessions"), Some(4.0), "{defence}");
    }
    page.change(LAB, "at = [22.0, 8.0]", "at = [2200.0, 8.0]");
    let said = page.pumplab(&["run", QUIET, "--library", "own"]);
    assert!(!said.held() && !said.expectation(1, "essions"));
}

#[test]
fn the_loop_of_the_page_writes_forty_pumps() {
    let page = Question::page(PAGE);
    page.shell();
    page.change(QUIET, "at_least = 4\n", "at_least = 40\n");
    for defence in Library::embedded().defence_names() {
        let said = page.pumplab(&["run", QUIET, "--library", "own", "--defence", &defence]);
        assert!(said.held(), "{defence}");
        assert_eq!(said.metric("sessions"), Some(40.0), "{defence}");
    }
}
