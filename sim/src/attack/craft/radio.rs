//! Forged frames, and listening for networks.

use crate::attack::radio_notes::News;
use crate::attack::{Known, Step, Technique};
use crate::net::port::Overheard;
use crate::parameters::Network;
use crate::time::Duration;
use crate::wire::Mac;
use crate::wire::dot11::{Dot11, Dot11Body};

/// Time on a channel while it looks for networks.
pub(in crate::attack) const DWELL: Duration = Duration::from_millis(50);
/// Channels of the 2.4 GHz band that are in use.
pub(in crate::attack) const CHANNELS: u32 = 13;
/// Class 3 frame from a station that is not associated.
const REASON: u16 = 7;

/// The name of a network to look for; of none in particular, the empty one.
pub(in crate::attack) fn ssid(network: Option<&Network>) -> &str {
    network.map_or("", |n| n)
}

/// A frame that tells everybody to leave this access point.
pub(in crate::attack) fn forged(bssid: Mac) -> Dot11 {
    Dot11 {
        ta: bssid,
        ra: Mac::BROADCAST,
        bssid,
        body: Dot11Body::Deauthentication {
            reason: REASON,
            mic: None,
        },
    }
}

/// Channels that an attempt has looked at, before it begins.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::attack) struct Scan(u32);

impl Scan {
    /// One that has seen every channel.
    pub(in crate::attack) const OVER: Self = Self(CHANNELS);

    /// The next channel; none when all were looked at.
    pub(in crate::attack) fn next(&mut self) -> Option<u8> {
        self.0 += 1;
        u8::try_from(self.0).ok().filter(|_| self.0 <= CHANNELS)
    }
}

impl<T: Technique> Step<'_, '_, '_, T> {
    /// Asks on a channel which networks there are; stands for hearing their beacons.
    pub(in crate::attack) fn ask_networks(&mut self, channel: u8) {
        self.hands.monitor(channel);
        let frame = Dot11 {
            ta: self.hands.own_mac(),
            ra: Mac::BROADCAST,
            bssid: Mac::BROADCAST,
            body: Dot11Body::ProbeRequest { ssid: None },
        };
        self.hands.inject(frame);
    }

    /// Notes what was heard, and what is new in it.
    pub(in crate::attack) fn note(&mut self, heard: &Overheard) -> Option<News> {
        let news = self.knowledge.radio.hear(heard)?;
        match news {
            News::Handshake => {
                let value = self.knowledge.radio.take_half()?;
                let taught = Some(self.hands.learned("a handshake on the air"));
                let handshakes = &mut self.knowledge.radio.handshakes;
                handshakes.push(Known { value, taught });
            }
            News::Records => {
                self.hands.learned("patient records on the air");
            }
            News::Network => {}
        }
        Some(news)
    }
}
