//! What an attacker has heard on the air.

use super::Known;
use crate::net::port::{Handshake, Overheard, message, records};
use crate::wire::Mac;
use crate::wire::dot11::{Akm, Dot11Body};
use crate::wire::eap::EapolKey;

/// A wireless network at one access point, by what it says of itself.
#[derive(Clone, Debug)]
pub struct SeenNetwork {
    /// Name.
    pub ssid: String,
    /// Address of the access point for this network.
    pub bssid: Mac,
    /// Channel.
    pub channel: u8,
    /// Authentication.
    pub akm: Akm,
    /// Strongest signal that it was heard with, in dBm.
    pub dbm: i8,
}

/// What a frame told that was not known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// A network.
    Network,
    /// A handshake to guess a passphrase on.
    Handshake,
    /// Readable patient records.
    Records,
}

/// Notes from listening.
#[derive(Clone, Debug, Default)]
pub struct RadioNotes {
    /// Networks.
    pub networks: Vec<SeenNetwork>,
    /// Handshakes.
    pub handshakes: Vec<Known<Handshake>>,
    /// Message 1 of handshakes under way: station, access point, its nonce.
    begun: Vec<(Mac, Mac, u64)>,
    half: Option<Handshake>,
}

impl RadioNotes {
    /// Networks of this name, or all.
    pub fn named<'s>(&'s self, ssid: &'s str) -> impl Iterator<Item = &'s SeenNetwork> {
        self.networks
            .iter()
            .filter(move |n| ssid.is_empty() || n.ssid == ssid)
    }

    /// The handshake that was heard last and not noted yet.
    pub fn take_half(&mut self) -> Option<Handshake> {
        self.half.take()
    }

    /// Takes in what was heard.
    pub fn hear(&mut self, heard: &Overheard) -> Option<News> {
        let frame = &heard.frame;
        match &frame.body {
            Dot11Body::ProbeResponse {
                ssid, akm, channel, ..
            } => {
                if let Some(n) = self.networks.iter_mut().find(|n| n.bssid == frame.ta) {
                    n.dbm = n.dbm.max(heard.dbm);
                    return None;
                }
                self.networks.push(SeenNetwork {
                    ssid: ssid.clone(),
                    bssid: frame.ta,
                    channel: *channel,
                    akm: *akm,
                    dbm: heard.dbm,
                });
                Some(News::Network)
            }
            Dot11Body::EapolKey(EapolKey::M1 { anonce, .. }) => {
                self.begun.retain(|b| b.0 != frame.ra);
                self.begun.push((frame.ra, frame.ta, *anonce));
                None
            }
            Dot11Body::EapolKey(EapolKey::M2 {
                snonce,
                replay,
                mic,
            }) => {
                let of = |b: &&(Mac, Mac, u64)| b.0 == frame.ta && b.1 == frame.ra;
                let anonce = self.begun.iter().find(of)?.2;
                let network = self.networks.iter().find(|n| n.bssid == frame.ra)?;
                // Only a key that comes from a passphrase can be guessed.
                if network.akm != Akm::Psk {
                    return None;
                }
                // One handshake of a network is enough to guess on.
                if self.handshakes.iter().any(|h| h.value.ssid == network.ssid) {
                    return None;
                }
                self.half = Some(Handshake {
                    ssid: network.ssid.clone(),
                    bssid: frame.ra,
                    station: frame.ta,
                    anonce,
                    snonce: *snonce,
                    replay: *replay,
                    mic: mic.clone(),
                });
                Some(News::Handshake)
            }
            Dot11Body::Clear(f) => {
                let found = message(f).map_or(0, records);
                (found > 0).then_some(News::Records)
            }
            _ => None,
        }
    }
}
