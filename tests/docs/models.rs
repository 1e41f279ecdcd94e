//! Pages about models have the same heads in the same order, and a grade for every parameter.

use crate::pages::{self, Page, prose};

const HEADS: [&str; 7] = [
    "Overview",
    "Scope and limitations",
    "Design",
    "Parameters",
    "Traces",
    "Validation",
    "References",
];

fn models() -> impl Iterator<Item = Page> {
    pages::all()
        .into_iter()
        .filter(|p| p.name.starts_with("docs/models/"))
}

#[test]
fn every_model_page_has_its_heads() {
    for page in models() {
        let text = prose(&page.text);
        let heads: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        assert_eq!(heads, HEADS, "{}", page.name);
    }
}

#[test]
fn every_parameter_has_a_grade() {
    for page in models() {
        let text = prose(&page.text);
        let section = text.split("## Parameters").nth(1).unwrap_or_default();
        let section = section.split("\n## ").next().unwrap_or_default();
        let rows = section.lines().filter(|l| l.starts_with('|')).skip(2);
        for row in rows {
            let grade = row.trim_end_matches('|').rsplit('|').next();
            let grade = grade.unwrap_or_default().trim();
            assert!(
                ["measured", "published", "assumed", "standard"]
                    .iter()
                    .any(|g| grade.starts_with(g)),
                "{}: {row}",
                page.name
            );
        }
    }
}
