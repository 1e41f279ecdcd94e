//! The commands that the start page offers are accepted.

use super::trial::Question;
use crate::pages::named;

/// The commands of the table of questions.
fn offered(page: &str) -> Vec<String> {
    let rows = page.lines().filter(|l| l.starts_with("| "));
    let commands = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    let commands = commands.filter(|c| c.starts_with("pumplab "));
    commands.map(str::to_owned).collect()
}

#[test]
fn every_command_of_the_table_of_questions_is_accepted() {
    let page = Question::page("README.md");
    let commands = offered(&named("README.md").text);
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands.iter().filter(|c| !c.starts_with("pumplab live")) {
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let code = page.code(&words);
        assert!(matches!(code, Some(0 | 1)), "{command}: {code:?}");
    }
}
