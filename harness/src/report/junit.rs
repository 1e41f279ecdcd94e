//! JUnit XML: a suite per scenario, a case per expectation and one for the contrast.

use super::{Report, ScenarioReport};
use crate::error::HarnessError;
use crate::verdict::{Judged, RunEnd, RunReport};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

/// The report as JUnit XML.
///
/// # Errors
/// None that is known; a fault of ours if it happens.
pub fn render(report: &Report) -> Result<String, HarnessError> {
    let mut junit = quick_junit::Report::new("pumplab");
    junit.add_test_suites(report.scenarios.iter().map(suite));
    junit
        .to_string()
        .map_err(|e| HarnessError::Report("JUnit", e.to_string()))
}

fn suite(scenario: &ScenarioReport) -> TestSuite {
    let mut suite = TestSuite::new(scenario.scenario.as_str());
    for run in scenario.runs() {
        let prefix = run.manifest.variant.name();
        suite.add_property((format!("{prefix}.seed"), run.manifest.seed.to_string()));
        suite.add_property((format!("{prefix}.defence"), run.manifest.defence.clone()));
        suite.add_property((
            format!("{prefix}.fingerprint"),
            run.manifest.fingerprint.clone(),
        ));
    }
    for run in scenario.runs() {
        for judged in &run.verdict.expectations {
            suite.add_test_case(case(run, judged));
        }
        if let RunEnd::Budget(which) = &run.manifest.end {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(format!("the budget of {which} ran out"));
            suite.add_test_case(named(run, "comes to its end", status));
        }
    }
    for fault in &scenario.faults {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(fault.as_str());
        let mut case = TestCase::new("can be run", status);
        case.set_classname(scenario.scenario.as_str());
        suite.add_test_case(case);
    }
    suite.set_time(scenario.runs().map(|r| r.wall).sum());
    suite
}

fn case(run: &RunReport, judged: &Judged) -> TestCase {
    let status = if judged.held {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(judged.seen.as_str());
        if let Some(record) = judged.record {
            status.set_description(format!(
                "why: {}",
                super::human::explain_command(run, Some(record))
            ));
        }
        status
    };
    named(run, &judged.expected, status)
}

fn named(run: &RunReport, name: &str, status: TestCaseStatus) -> TestCase {
    let manifest = &run.manifest;
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("{}.{}", manifest.scenario, manifest.variant.name()));
    case.set_time(run.wall);
    case
}
