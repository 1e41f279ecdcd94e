//! What an attacker can do with a radio of its own.

use super::Hands;
use crate::crypto::{Passphrase, Sealed};
use crate::engine::RecordId;
use crate::event::{AirCommand, Cx, Equipment, LabEvent, Offer};
use crate::net::host::{Interface, Network};
use crate::net::stack::Address;
use crate::proto::tls::Credentials;
use crate::proto::wlan::pairwise_key;
use crate::proto::wlan::supplicant::KnownNetwork;
use crate::record::{StorageRecord, WirelessRecord};
use crate::time::Duration;
use crate::wire::dot11::{Akm, Dot11, Dot11Body};
use crate::wire::pump::{LogEntry, PumpLogEvent, PumpMessage};
use crate::wire::{Body, Cidr, Frame, Ip, Mac, Message, Transport};

/// A frame that a listening radio heard.
#[derive(Clone, Debug)]
pub struct Overheard {
    /// The frame.
    pub frame: Dot11,
    /// Signal in dBm.
    pub dbm: i8,
    /// Channel.
    pub channel: u8,
}

/// Half a four-way handshake, as it went by on the air: enough to try passphrases on.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// Network name.
    pub ssid: String,
    /// Access point.
    pub bssid: Mac,
    /// Station.
    pub station: Mac,
    /// The access point's nonce.
    pub anonce: u64,
    /// The station's nonce.
    pub snonce: u64,
    /// Replay counter that the integrity code covers.
    pub replay: u32,
    /// Integrity code of message 2.
    pub mic: Sealed<u64>,
}

impl Handshake {
    /// Whether this passphrase gives the key under which message 2 was proven.
    #[must_use]
    pub fn fits(&self, passphrase: &Passphrase) -> bool {
        let pmk = passphrase.wlan_key(&self.ssid);
        let key = pairwise_key(&pmk, self.anonce, self.snonce, self.bssid, self.station);
        self.mic.open(&key) == Some(&u64::from(self.replay))
    }
}

/// Readable patient records in a frame, and the protocol that carried them.
fn readable(frame: &Frame) -> Option<(u32, &'static str)> {
    let message = message(frame)?;
    let records = records(message);
    (records > 0).then(|| (records, message.protocol()))
}

/// Readable patient records in a message, a pump's log entries that name a patient among them.
#[must_use]
pub fn records(message: &Message) -> u32 {
    let Message::Pump(pump) = message else {
        return message.readable_records();
    };
    let PumpMessage::Log { entries } = &**pump else {
        return message.readable_records();
    };
    let names =
        |e: &&LogEntry| matches!(e.event, PumpLogEvent::Started { patient, .. } if patient > 0);
    entries.iter().filter(names).count() as u32
}

/// The application message that a frame carries, if it carries a whole one.
#[must_use]
pub fn message(frame: &Frame) -> Option<&Message> {
    let Body::Ip(packet) = &frame.body else {
        return None;
    };
    match &packet.transport {
        Transport::Datagram { message, .. } => Some(message),
        Transport::Stream { segment, .. } => segment.message(),
    }
}

/// A radio that listens because of this record heard a frame: readable records in it are now in its owner's hands.
pub fn overhear(cx: &mut Cx<'_>, frame: &Dot11, why: RecordId) {
    if let Dot11Body::Clear(f) = &frame.body {
        held(cx, f, &[why]);
    }
}

fn held(cx: &mut Cx<'_>, frame: &Frame, because: &[RecordId]) {
    if let Some((records, by)) = readable(frame) {
        cx.emit_because(StorageRecord::RecordsHeld { records, by }, because);
    }
}

impl Hands<'_, '_> {
    fn radio(&mut self, command: AirCommand) {
        let (from, air) = (self.cx.node(), self.cx.shared().air);
        self.cx
            .after(Duration::ZERO, air, LabEvent::Air { from, command });
    }

    /// Address of the own radio.
    #[must_use]
    pub fn own_mac(&self) -> Mac {
        self.network.stack.mac()
    }

    /// Tunes the own radio to a channel and hears every frame there; each comes as [`Input::Overheard`](super::Input::Overheard).
    pub fn monitor(&mut self, channel: u8) {
        self.did(|| format!("monitor channel {channel}"));
        self.network.monitoring = self.began;
        self.radio(AirCommand::Monitor(true));
        self.radio(AirCommand::Tune {
            channel,
            watch: None,
        });
    }

    /// Stops hearing every frame.
    pub fn stop_monitoring(&mut self) {
        self.did(|| "stop monitoring".to_owned());
        self.network.monitoring = None;
        self.radio(AirCommand::Monitor(false));
    }

    /// Sends a frame with the own radio, whatever it says of its sender.
    pub fn inject(&mut self, frame: Dot11) {
        self.did(|| format!("inject {frame:?}"));
        let (from, air) = (self.cx.node(), self.cx.shared().air);
        let frame = Box::new(frame);
        self.cx
            .after(Duration::ZERO, air, LabEvent::Transmit { from, frame });
    }

    /// Joins the network of this name that asks for certificates, with one that it holds; whoever answers there is believed.
    pub fn join_with(&mut self, ssid: &str, credentials: Credentials) {
        self.did(|| format!("join {ssid} with a certificate"));
        self.network.monitoring = None;
        self.radio(AirCommand::Monitor(false));
        let network = KnownNetwork {
            ssid: ssid.to_owned(),
            akm: Akm::EapTls,
            psk: None,
            server_name: None,
            configured: None,
        };
        self.network.with_station(self.cx, |station, now, _| {
            station.enrol(credentials);
            station.know(network);
            station.handle_power_on(now);
        });
    }

    /// Sends noise from where the own radio stands, on a channel or on the whole band.
    pub fn noise(&mut self, channel: Option<u8>, over: Duration) {
        self.did(|| format!("noise on {channel:?} for {over}"));
        self.radio(AirCommand::Noise { channel, over });
    }

    /// Offers a wireless network with the own radio, in place of whatever it was joined to. The own host stands on that network and answers
    /// for every address that is asked for.
    pub fn offer(&mut self, ssid: &str, channel: u8, passphrase: Option<&Passphrase>) {
        self.did(|| format!("offer {ssid} on channel {channel}"));
        let offer = Offer {
            ssid: ssid.to_owned(),
            bssid: Mac::of(&format!("offered by {}", self.own_mac())),
            channel,
            akm: if passphrase.is_some() {
                Akm::Psk
            } else {
                Akm::Open
            },
            psk: passphrase.map(|p| p.wlan_key(ssid)),
        };
        self.radio(AirCommand::Address(offer.bssid));
        self.radio(AirCommand::Tune {
            channel,
            watch: None,
        });
        let node = self.cx.node();
        let event = LabEvent::Equipment(Box::new(Equipment::Offer(offer)));
        self.cx.after(Duration::ZERO, node, event);
    }

    /// Tries the words of the common lists on a handshake, likeliest first, `rate_per_second` at a time; `words` is how many the lists hold. What
    /// fits comes as [`Input::Guessed`](super::Input::Guessed) when the search has got to it, and nothing comes of it before.
    ///
    /// Where a passphrase stands in such lists is a property of the passphrase, stated in the lab: the search takes as long as
    /// the words before it take. No die is thrown, and the answer is what the handshake's integrity code confirms.
    pub fn guess(&mut self, handshake: &Handshake, rate_per_second: f64, words: f64) {
        self.did(|| format!("guess the passphrase of {}", handshake.ssid));
        let rate = rate_per_second.max(f64::MIN_POSITIVE);
        let list = &self.cx.shared().lab.word_list;
        let hit = list
            .iter()
            .filter(|w| w.rank <= words)
            .filter(|w| handshake.fits(&Passphrase::of(&w.word)))
            .min_by(|a, b| a.rank.total_cmp(&b.rank));
        let tried = hit.map_or(words, |w| w.rank);
        let passphrase = hit.map(|w| Passphrase::of(&w.word));
        // Beyond a month nobody waits; a time that long would also leave the clock's range.
        let seconds = (tried / rate).min(30.0 * 86_400.0);
        let passphrase = passphrase.filter(|_| seconds < 30.0 * 86_400.0);
        let guessed = Equipment::Guessed {
            step: self.step,
            passphrase,
            unlisted: hit.is_none().then(|| handshake.ssid.clone()),
        };
        let node = self.cx.node();
        self.cx.after(
            Duration::from_secs_f64(seconds),
            node,
            LabEvent::Equipment(Box::new(guessed)),
        );
    }

    /// Reads a frame by another one that went out under the same key and packet number, if there is such a pair: two texts under one
    /// keystream give each other away. The same text twice gives nothing away. Whether it was read.
    pub fn read_by_reuse(&mut self, frame: &Dot11, other: &Dot11) -> bool {
        let (
            Dot11Body::Pairwise {
                number: a,
                frame: one,
            },
            Dot11Body::Pairwise {
                number: b,
                frame: two,
            },
        ) = (&frame.body, &other.body)
        else {
            return false;
        };
        let (Some(read), Some(beside)) = (one.betrayed_by(two), two.betrayed_by(one)) else {
            return false;
        };
        if a != b || format!("{read:?}") == format!("{beside:?}") {
            return false;
        }
        self.cx.emit(WirelessRecord::FrameRead {
            number: *a,
            from: frame.ta,
            holds: message(read).map(Message::protocol),
        });
        held(self.cx, read, self.began.as_slice());
        true
    }
}

/// A search for the passphrase of a network went through all lists and none holds it.
pub fn searched_in_vain(cx: &mut Cx<'_>, ssid: String) {
    let wlan = cx.shared().lab.wlan(&ssid);
    let item = wlan.and_then(|w| w.passphrase.as_ref()).map(|p| p.id);
    cx.emit(WirelessRecord::PassphraseUnlisted { ssid, item });
}

/// An attacker's radio begins to offer a network: its host stands on it with an address of its own.
pub fn stand_on_offer(cx: &mut Cx<'_>, network: &mut Network) {
    let segment = cx.node();
    network.interface = Interface::Wired { segment, socket: 1 };
    // Everything is on the link: whoever comes keeps the address that it had.
    let net = Cidr {
        ip: Ip(0x0A42_0001),
        len: 0,
    };
    let address = Address {
        net,
        gateway: None,
        dns: None,
    };
    network.stack.stand_in_for_all(cx, address);
}
