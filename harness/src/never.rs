//! Pumps that never had a session with their server in a run, and how far each got: what is never there cannot fail, and no figure shows it.

use pumplab_sim::engine::NodeId;
use pumplab_sim::record::{
    HostRecord, LabRecord, NetworkRecord, NoSession, SessionRecord, WirelessRecord,
};
use pumplab_sim::run::Outcome;
use pumplab_sim::spec::{LabSpec, LinkSpec, PumpSpec};
use std::collections::BTreeMap;

/// How far a pump got on its way to its server.
#[derive(Clone, Debug, Default)]
struct Way {
    on: bool,
    network: Option<String>,
    failed: Option<String>,
    joined: bool,
    address: bool,
    unreached: Option<NoSession>,
    session: bool,
    /// Somebody else was taken for the server.
    deceived: bool,
}

/// Sentences about pumps of the hospital that never had a session with their own server; none without a trace.
#[must_use]
pub fn never_online(lab: &LabSpec, outcome: &Outcome) -> Vec<String> {
    let Some(trace) = &outcome.trace else {
        return Vec::new();
    };
    let of = |name: &str| {
        trace
            .nodes
            .iter()
            .position(|n| n == name)
            .map(|i| NodeId(i as u32))
    };
    let mut ways: BTreeMap<NodeId, (&str, &PumpSpec, Way)> = BTreeMap::new();
    for (host, pump) in lab.pumps() {
        // One that has left the hospital is on no network, and need not be.
        if let Some(node) = of(&host.name).filter(|_| host.link != LinkSpec::None) {
            ways.insert(node, (&host.name, pump, Way::default()));
        }
    }
    for entry in &trace.entries {
        if let Some((_, pump, way)) = ways.get_mut(&entry.node) {
            let own = lab.host(&pump.server).and_then(|s| s.address.ip());
            match &entry.what {
                LabRecord::Session(SessionRecord::ServerSession { peer, .. })
                    if Some(*peer) == own =>
                {
                    way.session = true
                }
                LabRecord::Session(SessionRecord::ServerSession { .. }) => way.deceived = true,
                other => way.follow(other),
            }
        }
    }
    let mut same: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, pump, way) in ways.values().filter(|(_, _, way)| !way.session) {
        same.entry(way.end(&pump.server)).or_default().push(name);
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

impl Way {
    fn follow(&mut self, record: &LabRecord) {
        match record {
            LabRecord::Host(HostRecord::PoweredOn) => self.on = true,
            LabRecord::Wireless(WirelessRecord::JoinStarted { ssid }) => {
                self.on = true;
                self.network = Some(ssid.clone());
            }
            LabRecord::Wireless(WirelessRecord::JoinFailed { stage, why, .. }) => {
                self.failed = Some(format!("{} ({})", why.words(), stage.words()));
            }
            LabRecord::Wireless(WirelessRecord::Joined { ssid, .. }) => {
                self.joined = true;
                self.network = Some(ssid.clone());
            }
            LabRecord::Network(NetworkRecord::AddressBound { .. }) => self.address = true,
            LabRecord::Session(SessionRecord::ServerUnreached { why })
                if *why != NoSession::Link =>
            {
                self.unreached = Some(*why);
            }
            _ => {}
        }
    }

    /// Where the way to a server ended.
    fn end(&self, server: &str) -> String {
        let network = self.network.as_deref();
        match (network, self.joined, self.address, self.unreached) {
            _ if self.deceived => format!("another host was taken for {server}"),
            (None, ..) if !self.on => "it was never switched on".to_owned(),
            (None, ..) => "it knows no wireless network".to_owned(),
            (Some(ssid), false, ..) => match &self.failed {
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
}
