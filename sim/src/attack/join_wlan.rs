//! Joins a wireless network with a passphrase it knows.

use super::craft::radio::{CHANNELS, DWELL};
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::crypto::{Certificate, Key, PrivateKey};
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Network, Parameters, Words};
use crate::proto::tls::Credentials;
use crate::proto::wlan::supplicant::KnownNetwork;
use crate::time::Duration;
use crate::wire::dot11::Akm;

/// Technique `join-wlan`.
#[derive(Debug)]
pub(super) struct JoinWlan;

/// What it shows where a certificate is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum By {
    /// The newest certificate that it holds, even if it knows passphrases.
    Certificate,
    /// One that an authority of its own has issued.
    OwnAuthority,
    /// None.
    Nothing,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Network; the one that the newest known key is for, if not given.
    ssid: Option<Network>,
    /// What it shows where a certificate is asked for; a passphrase that it knows, or else a certificate that it holds, if not given.
    by: Option<By>,
    /// Name in the certificate of its own authority.
    #[param(key = "as", default = "pump-01", only_with(by = "own-authority"))]
    name: String,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, JoinWlan>;

static ENTRY: Entry = Entry {
    id: "join-wlan",
    title: "Join a wireless network",
    summary: "Joins with the passphrase it knows for the network, or as an open network without one. An attacker that has no passphrase \
              but a certificate with its key looks for a network that asks for one, and shows it. With a certificate of its own making, or \
              with none, it tries the same, and where no network asks for certificates the strongest that asks for nothing. Succeeds once the network has given it \
              an address. Gives up after a minute.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1669", "T0860"],
};

const LOOK: Duration = Duration::from_secs(2);
const LOOKS: u32 = 30;
/// From here on timers count the channels of a scan.
const TOKEN_SCAN: u32 = 1000;

/// A network that is joined by this key, or by nothing.
fn network(ssid: &str, psk: Option<Key>) -> KnownNetwork {
    KnownNetwork {
        ssid: ssid.to_owned(),
        akm: if psk.is_some() { Akm::Psk } else { Akm::Open },
        psk,
        server_name: None,
        configured: None,
    }
}

/// What is shown where a certificate is asked for: one that an authority of its own issued a moment ago, or nothing.
fn shown(step: &Step<'_, '_, '_>) -> Credentials {
    let name = step.params.name.as_str();
    let authority = PrivateKey::of(&format!("authority of {}", step.hands.own_mac()));
    let key = PrivateKey::of(&format!("key of {}", step.hands.own_mac()));
    if step.params.by == Some(By::Nothing) {
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
        step.ask_networks(channel as u8);
        step.hands.timer(DWELL, TOKEN_SCAN + channel + 1);
        return Progress::Wait;
    }
    let strongest = |akm: Akm| {
        let networks = step.knowledge.radio.named("");
        let asking = networks.filter(|n| n.akm == akm);
        asking.max_by_key(|n| n.dbm).map(|n| n.ssid.clone())
    };
    let (asking, open) = (strongest(Akm::EapTls), strongest(Akm::Open));
    if matches!(step.params.by, Some(By::OwnAuthority | By::Nothing)) {
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
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["join", "joined", "address"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let newest = step.knowledge.passphrases.last().map(|k| k.value.0.clone());
        let ssid = match &step.params.ssid {
            None => newest.unwrap_or_default(),
            Some(given) => given.0.clone(),
        };
        let ssid = ssid.as_str();
        let by_certificate = step.params.by.is_some()
            || step.knowledge.passphrases.is_empty() && !step.knowledge.identities.is_empty();
        match input {
            Input::Begin | Input::Timer(TOKEN_SCAN..) if by_certificate => scan(step, input),
            Input::Overheard(heard) => {
                step.note(heard);
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
