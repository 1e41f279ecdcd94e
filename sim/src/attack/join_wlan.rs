//! Joins a wireless network with a passphrase it knows.

use super::listen_radio::{ask_networks, note};
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::crypto::{Certificate, Key, PrivateKey};
use crate::net::port::{Input, SocketEvent};
use crate::proto::station::KnownNetwork;
use crate::proto::tls::Credentials;
use crate::time::Duration;
use crate::wire::dot11::Akm;

/// Technique `join-wlan`.
#[derive(Debug)]
pub(super) struct JoinWlan;

static ENTRY: Entry = Entry {
    id: "join-wlan",
    title: "Join a wireless network",
    summary: "Joins with the passphrase it knows for the network, or as an open network without one. An attacker that has no passphrase \
              but a certificate with its key looks for a network that asks for one, and shows it. With a certificate of its own making, or \
              with none, it tries the same, and where no network asks for certificates the strongest that asks for nothing. Succeeds once the network has given it \
              an address. Gives up after a minute.",
    parameters: &[
        Parameter {
            name: "ssid",
            kind: ParameterKind::Network,
            required: false,
            doc: "network; the one that the newest known key is for, if not given",
        },
        Parameter {
            name: "by",
            kind: ParameterKind::Text,
            required: false,
            doc: "`certificate` to show a certificate even if it knows passphrases; `own-authority` to show one that an authority of its own has issued; \
                  `nothing` to show none",
        },
        Parameter {
            name: "as",
            kind: ParameterKind::Text,
            required: false,
            doc: "name in the certificate of its own authority; `pump-01` if not given",
        },
    ],
    references: &["T1669", "T0860"],
};

const LOOK: Duration = Duration::from_secs(2);
const LOOKS: u32 = 30;
const DWELL: Duration = Duration::from_millis(50);
/// From here on timers count the channels of a scan.
const TOKEN_SCAN: u32 = 1000;
const CHANNELS: u32 = 13;

const OWN_AUTHORITY: &str = "own-authority";
const NOTHING: &str = "nothing";

/// A network that is joined by this key, or by nothing.
fn network(ssid: &str, psk: Option<Key>) -> KnownNetwork {
    KnownNetwork {
        ssid: ssid.to_owned(),
        akm: if psk.is_some() { Akm::Psk } else { Akm::Open },
        psk,
        server_name: None,
        unprotected: None,
        declined: None,
    }
}

/// What is shown where a certificate is asked for: one that an authority of its own issued a moment ago, or nothing.
fn shown(step: &Step<'_, '_, '_>) -> Credentials {
    let name = match step.params.text("as") {
        "" => "pump-01",
        given => given,
    };
    let authority = PrivateKey::of(&format!("authority of {}", step.hands.own_mac()));
    let key = PrivateKey::of(&format!("key of {}", step.hands.own_mac()));
    if step.params.text("by") == NOTHING {
        return Credentials {
            key: Some(key),
            ..step.hands.without_certificate()
        };
    }
    let always = (0, u64::MAX);
    let leaf = Certificate::issue(&authority, name, key.public(), 1, always, false);
    let root = Certificate::issue(&authority, "authority", authority.public(), 0, always, true);
    Credentials {
        chain: vec![leaf, root],
        key: Some(key),
        ..step.hands.without_certificate()
    }
}

/// Looks for the strongest network that asks for certificates, and joins it with the newest that it holds.
fn scan(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
    let channel = match input {
        Input::Timer(n) => n - TOKEN_SCAN,
        _ => 1,
    };
    if channel <= CHANNELS {
        ask_networks(step, channel as u8);
        step.hands.timer(DWELL, TOKEN_SCAN + channel + 1);
        return Progress::Wait;
    }
    let strongest = |akm: Akm| {
        let networks = step.knowledge.radio.named("");
        let asking = networks.filter(|n| n.akm == akm);
        asking.max_by_key(|n| n.dbm).map(|n| n.ssid.clone())
    };
    let (asking, open) = (strongest(Akm::EapTls), strongest(Akm::Open));
    let by = step.params.text("by");
    if by == OWN_AUTHORITY || by == NOTHING {
        match (asking, open) {
            (Some(ssid), _) => {
                let shown = shown(step);
                step.hands.join_with(&ssid, shown);
            }
            (None, Some(ssid)) => step.hands.join(network(&ssid, None)),
            (None, None) => return Progress::Failed("every network asks for a passphrase"),
        }
        step.hands.timer(LOOK, 0);
        return Progress::Wait;
    }
    let Some(ssid) = asking else {
        return Progress::Failed("no network asks for a certificate");
    };
    if let Some(identity) = step.knowledge.identities.last().cloned() {
        if let Some(taught) = identity.taught {
            step.hands.uses(taught);
        }
        step.hands.join_with(&ssid, identity.value);
    }
    step.hands.timer(LOOK, 0);
    Progress::Wait
}

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
        let by_certificate = ["certificate", OWN_AUTHORITY, NOTHING]
            .contains(&step.params.text("by"))
            || step.knowledge.passphrases.is_empty() && !step.knowledge.identities.is_empty();
        match input {
            Input::Begin | Input::Timer(TOKEN_SCAN..) if by_certificate => scan(step, input),
            Input::Overheard(heard) => {
                note(step, heard);
                Progress::Wait
            }
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
                step.hands.join(network(ssid, psk));
                step.hands.timer(LOOK, 0);
                Progress::Wait
            }
            Input::Socket(SocketEvent::Up) => Progress::Done("address"),
            Input::Timer(n) if *n >= LOOKS => Progress::Failed("could not join"),
            Input::Timer(n) => {
                step.hands.timer(LOOK, n + 1);
                let joined = step.hands.joined();
                if joined == Some(ssid) || (by_certificate && joined.is_some()) {
                    Progress::Reached(1)
                } else {
                    Progress::Wait
                }
            }
            _ => Progress::Wait,
        }
    }
}
