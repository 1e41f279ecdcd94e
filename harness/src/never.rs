//! Pumps that never had a session with their server in a run, and how far each got: what is never there cannot fail, and no figure shows it.

use pumplab_sim::engine::NodeId;
use pumplab_sim::record::{JoinFault, JoinStage, NoSession};
use pumplab_sim::run::Outcome;
use pumplab_sim::spec::LabSpec;
use pumplab_sim::why::reach::Way;
use std::collections::BTreeMap;

/// Sentences about pumps of the hospital that never had a session with their own server.
#[must_use]
pub fn never_online(lab: &LabSpec, outcome: &Outcome) -> Vec<String> {
    let of = |name: &str| {
        let node = outcome.nodes.iter().position(|n| n == name)?;
        outcome.ways.of(NodeId(node as u32))
    };
    let pumps = lab.pumps();
    let ways = pumps.filter_map(|(host, pump)| Some((host, pump, of(&host.name)?)));
    let mut same: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (host, pump, way) in ways.filter(|(.., way)| !way.session) {
        same.entry(end(way, &pump.server))
            .or_default()
            .push(&host.name);
    }
    let sentence = |(why, pumps): (String, Vec<&str>)| {
        format!(
            "{} never had a session with {} server: {why}",
            few(&pumps),
            their(&pumps)
        )
    };
    same.into_iter().map(sentence).collect()
}

fn their(pumps: &[&str]) -> &'static str {
    if pumps.len() == 1 { "its" } else { "their" }
}

/// Names in a row: the first three, and how many there are besides.
fn few(names: &[&str]) -> String {
    match names {
        [one] => (*one).to_owned(),
        [all @ .., last] if names.len() <= 3 => format!("{} and {last}", all.join(", ")),
        _ => format!("{} and {} more", names[..3].join(", "), names.len() - 3),
    }
}

/// Where the way to a server ended.
fn end(way: &Way, server: &str) -> String {
    let failed =
        |(why, stage): (JoinFault, JoinStage)| format!("{} ({})", why.words(), stage.words());
    let network = way.network.as_deref();
    match (network, way.joined, way.address, way.unreached) {
        _ if way.deceived => format!("another host was taken for {server}"),
        (None, ..) if !way.on => "it was never switched on".to_owned(),
        (None, ..) => "it knows no wireless network".to_owned(),
        (Some(ssid), false, ..) => match way.failed.map(failed) {
            Some(why) => format!("it looked for network {ssid} and did not join: {why}"),
            None => format!("it looked for network {ssid} and did not join"),
        },
        (Some(ssid), true, false, _) => {
            format!("it joined network {ssid} and got no address by DHCP")
        }
        (_, true, true, Some(NoSession::Name)) => {
            format!("no name server told it the address of {server}")
        }
        (_, true, true, Some(NoSession::Stream)) => format!("it could not connect to {server}"),
        (_, true, true, Some(_)) => {
            format!("{server}, or what answered for it, did not welcome it or was refused")
        }
        (_, true, true, None) => format!("it was still looking for {server} at the end"),
    }
}
