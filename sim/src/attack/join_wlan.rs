//! Joins a wireless network with a passphrase it knows.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::proto::station::KnownNetwork;
use crate::time::Duration;
use crate::wire::dot11::Akm;

/// Technique `join-wlan`.
#[derive(Debug)]
pub(super) struct JoinWlan;

static ENTRY: Entry = Entry {
    id: "join-wlan",
    title: "Join a wireless network",
    summary: "Joins with the passphrase it knows for the network, or as an open network without one. Succeeds once the network has given it \
              an address. Gives up after a minute.",
    parameters: &[Parameter {
        name: "ssid",
        kind: ParameterKind::Network,
        required: false,
        doc: "network; the one that the newest known key is for, if not given",
    }],
    references: &["T1669", "T0860"],
};

const LOOK: Duration = Duration::from_secs(2);
const LOOKS: u32 = 30;

impl Technique for JoinWlan {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["join", "joined", "address"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let newest = step.knowledge.passphrases.last().map(|k| k.value.0.clone());
        let ssid = match step.params.text("ssid") {
            "" => newest.unwrap_or_default(),
            given => given.to_owned(),
        };
        let ssid = ssid.as_str();
        match input {
            Input::Begin => {
                let known = step.knowledge.passphrases.iter().rev();
                let key = known
                    .clone()
                    .find(|k| k.value.0 == ssid)
                    .or_else(|| known.clone().next())
                    .cloned();
                if let Some(taught) = key.as_ref().and_then(|k| k.taught) {
                    step.hands.uses(taught);
                }
                let psk = key.map(|k| k.value.1.wlan_key(ssid));
                let akm = if psk.is_some() { Akm::Psk } else { Akm::Open };
                step.hands.join(KnownNetwork {
                    ssid: ssid.to_owned(),
                    akm,
                    psk,
                    server_name: None,
                    unprotected: None,
                });
                step.hands.timer(LOOK, 0);
                Progress::Wait
            }
            Input::Socket(SocketEvent::Up) => Progress::Done("address"),
            Input::Timer(n) if *n >= LOOKS => Progress::Failed("could not join"),
            Input::Timer(n) => {
                step.hands.timer(LOOK, n + 1);
                if step.hands.joined() == Some(ssid) {
                    Progress::Reached(1)
                } else {
                    Progress::Wait
                }
            }
            _ => Progress::Wait,
        }
    }
}
