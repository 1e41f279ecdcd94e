//! Figures that pages quote come out of what is there.

use crate::pages::{named, root, updating};
use pumplab_scenarios::Library;
use pumplab_sim::attack::TECHNIQUES;
use pumplab_sim::control::{self, Realisation};
use pumplab_sim::engine::Budget;
use pumplab_sim::record::{LabRecord, WirelessRecord};
use pumplab_sim::run::{Outcome, RunConfig, run};
use pumplab_sim::safety::{GOALS, METRICS, PROPERTIES};

/// Fails unless the page says this.
#[track_caller]
fn says(page: &str, what: &str) {
    let text = named(page).text;
    assert!(text.contains(what), "{page} does not say: {what}");
}

/// A scenario of the library under its own defence, with its trace.
fn outcome(scenario: &str) -> Outcome {
    let library = Library::embedded();
    let scenario = library.load_scenario(scenario).expect("it is there");
    let resolved = scenario.resolve(&library, None, &[]).expect("it is right");
    let config = RunConfig {
        seed: scenario.seed,
        lab: resolved.lab,
        play: resolved.play,
        budget: Budget::default(),
        keep_trace: true,
    };
    run(&config).expect("it can be built")
}

/// Milliseconds that joins of a network took, by the trace.
fn joins(outcome: &Outcome, network: &str) -> Vec<f64> {
    let trace = outcome.trace.as_ref().expect("a trace was kept");
    let took = trace.entries.iter().filter_map(|e| match &e.what {
        LabRecord::Wireless(WirelessRecord::Joined { ssid, took, .. }) if ssid == network => {
            Some(took.as_secs_f64() * 1e3)
        }
        _ => None,
    });
    took.collect()
}

#[test]
fn joins_take_as_long_as_the_page_says() {
    let outcome = outcome("roaming-nurse-route");
    let eap = joins(&outcome, "pump-eap");
    let (full, cached): (Vec<f64>, Vec<f64>) = eap.into_iter().partition(|ms| *ms > 100.0);
    assert_eq!(
        full.len(),
        10,
        "nine at first, one after its maintenance window"
    );
    assert!(
        full.iter().all(|ms| (178.0..180.0).contains(ms)),
        "{full:?}"
    );
    assert_eq!(cached.len(), 4, "there and back by two access points");
    assert!(
        cached.iter().all(|ms| (46.0..47.0).contains(ms)),
        "{cached:?}"
    );
    let psk = joins(&outcome, "pump-psk");
    assert!(psk.iter().all(|ms| (45.5..46.5).contains(ms)), "{psk:?}");
    says("docs/models/wlan-join.md", "179 ms");
    says("docs/models/wlan-join.md", "46 ms");
    says("docs/models/wlan-join.md", "150 to 350 ms");
}

/// The rows of the shipped cost file, as the page about costs tells them.
#[test]
fn the_page_about_costs_tells_what_is_shipped() {
    let costs = Library::embedded().costs().expect("it is right");
    let page = named("docs/models/costs.md").text;
    for row in &costs.handshakes {
        let (bytes, work) = (row.bytes, row.work);
        let (up, down) = (
            bytes.client_opening + bytes.client_flight,
            bytes.server_flight + bytes.server_closing,
        );
        let us = |time: pumplab_sim::time::Duration| (time.as_nanos() as f64 / 1e3).round();
        let client = us(work.client_opening + work.client_flight);
        let server = us(work.server_flight + work.server_closing);
        let told = format!(
            "| {} | {} | {} | {client} | {server} | {up} | {down} |",
            row.version.word(),
            row.key.word(),
            row.kind.word()
        );
        assert!(
            page.contains(&told),
            "docs/models/costs.md does not say: {told}"
        );
    }
    for certificate in &costs.certificates {
        let told = format!("{} bytes ({})", certificate.bytes, certificate.key.word());
        assert!(
            page.contains(&told),
            "docs/models/costs.md does not say: {told}"
        );
    }
    let machine = costs.measured_on.split(';').next().unwrap_or_default();
    assert!(
        page.contains(machine),
        "docs/models/costs.md does not name: {machine}"
    );
    let factor = pumplab_sim::spec::PROCESSOR_FACTOR;
    assert!(
        page.contains(&format!("| `processor_factor` | - | {factor} |")),
        "{factor}"
    );
}

/// The probability that a standard normal number lies below `x`, by Simpson's rule.
fn normal_below(x: f64) -> f64 {
    let density = |t: f64| (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let (from, n) = (-10.0, 4000);
    let h = (x - from) / f64::from(n);
    let weighted = (0..=n).map(|i| {
        let weight = match i {
            0 => 1.0,
            i if i == n => 1.0,
            i if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        weight * density(from + f64::from(i) * h)
    });
    weighted.sum::<f64>() * h / 3.0
}

#[test]
fn nurses_answer_sixty_in_a_hundred_within_68_seconds() {
    let ward = Library::embedded().lab("ward").expect("the ward is there");
    assert!(!ward.spec.nurses.is_empty());
    for nurse in &ward.spec.nurses {
        let median = nurse.response_median.as_secs_f64();
        let within = normal_below((68.0 / median).ln() / nurse.response_sigma);
        assert!((within - 0.60).abs() < 0.01, "{}: {within}", nurse.name);
        let mean = median * (nurse.response_sigma.powi(2) / 2.0).exp();
        assert_eq!(mean.round(), 158.0, "{}", nurse.name);
    }
    says("docs/models/nurses.md", "within 68 s");
    says("docs/models/nurses.md", "2 min 38 s");
}

/// Fails unless the start page says this in its row about it; writes it there if pages are to be updated. What follows in the row stays.
#[track_caller]
fn counts(about: &str, what: &str) {
    let page = "docs/README.md";
    if updating() {
        let text = named(page).text;
        let as_counted = |line: &str| -> String {
            if !line.starts_with("| ") || !line.contains(about) {
                return line.to_owned();
            }
            let mut numbers = what
                .split(|c: char| !c.is_ascii_digit())
                .filter(|n| !n.is_empty());
            let same = |word: &str| match word.parse::<u32>() {
                Ok(_) => numbers.next().unwrap_or(word).to_owned(),
                Err(_) => word.to_owned(),
            };
            line.split(' ').map(same).collect::<Vec<_>>().join(" ")
        };
        let lines: Vec<String> = text.lines().map(as_counted).collect();
        std::fs::write(root().join(page), lines.join("\n") + "\n").expect("it can be written");
    }
    says(page, what);
}

#[test]
fn the_start_page_counts_what_there_is() {
    let (mut realised, mut not_simulated) = (0, 0);
    for control in control::table() {
        match control.realisation {
            Realisation::Mechanisms(_) => realised += 1,
            Realisation::NotSimulated(_) => not_simulated += 1,
        }
    }
    let all = realised + not_simulated;
    let how = format!(
        "| {all} controls in the table | {realised} realised by mechanisms, {not_simulated} not simulated"
    );
    counts(" controls in the table | ", &how);
    let scenarios = Library::embedded().scenario_names().len();
    let (techniques, goals) = (TECHNIQUES.len(), GOALS.len());
    let (properties, metrics) = (PROPERTIES.len(), METRICS.len());
    let what = format!(
        "| {scenarios} scenarios, {techniques} techniques, {goals} goals, {properties} safety properties, {metrics} metrics |"
    );
    counts(" scenarios, ", &what);
}

#[test]
fn a_radio_reaches_as_far_as_the_page_says() {
    let radio = Library::embedded().lab("ward").expect("the ward is there");
    let radio = radio.spec.radio;
    let reach = |dbm: f64| {
        let loss = radio.transmit_dbm - radio.loss_at_1m_db - dbm;
        10f64.powf(loss / (10.0 * radio.exponent))
    };
    assert_eq!(reach(radio.sensitivity_dbm).round(), 100.0);
    assert_eq!(reach(radio.roam_below_dbm).round(), 32.0);
    says("docs/models/radio.md", "100 m");
    says("docs/models/radio.md", "32 m");
}
