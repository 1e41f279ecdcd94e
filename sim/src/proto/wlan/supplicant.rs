//! The station's end of a wireless network: scan, authentication, association, 802.1X, four-way handshake, roaming.
//!
//! The station tries the networks it knows in their order and takes the strongest access point that offers one with the authentication that the
//! entry names. Every frame of a join is sent and can be lost, forged or answered by somebody else.

mod choice;
mod handshake;

use super::{JoinFault, JoinStage, PairwiseKeys};
use crate::crypto::{Key, Sealed};
use crate::proto::eap_tls::{Peer, PeerConfig, PeerEvent};
use crate::proto::tls::Credentials;
use crate::proto::tls::resumption::Ticket;
use crate::rng::Stream;
use crate::time::{Duration, Time};
use crate::wire::dot11::{Akm, Dot11, Dot11Body};
use crate::wire::eap::Eap;
use crate::wire::{Frame, Mac};
use std::collections::VecDeque;

/// Time on each channel of a scan (active scanning dwells 10 to 20 ms \[M\]).
const DWELL: Duration = Duration::from_millis(15);
/// Time to wait for the next frame of a join before it is sent again.
const WAIT: Duration = Duration::from_millis(200);
/// Time to wait for 802.1X as a whole message; the authentication server may be far or slow.
const WAIT_EAP: Duration = Duration::from_secs(3);
/// Times that a frame of a join is sent.
const TRIES: u8 = 3;
/// Pauses after so many failed attempts to join, the first that fits; below them it doubles from 2 s on. The long ones are those for which
/// `wpa_supplicant` disables a network after repeated failures.
const PAUSES: [(u32, Duration); 3] = [
    (51, Duration::from_secs(300)),
    (11, Duration::from_secs(120)),
    (6, Duration::from_secs(60)),
];
/// Advantage in dB that another access point must have for a roam.
const ROAM_GAIN: i8 = 6;
/// Pause before a fading signal is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// A network that the station knows.
#[derive(Clone, Debug)]
pub struct KnownNetwork {
    /// Network name.
    pub ssid: String,
    /// Authentication it accepts.
    pub akm: Akm,
    /// Pairwise master key of a pre-shared key.
    pub psk: Option<Key>,
    /// Name that the authentication server must prove; none accepts any.
    pub server_name: Option<String>,
    /// Which network of the host's configuration this is: events give it back. None for one that was added later.
    pub configured: Option<usize>,
}

/// Configuration of a station.
#[derive(Clone, Debug)]
pub struct SupplicantConfig {
    /// Own MAC address.
    pub mac: Mac,
    /// Outer identity for 802.1X.
    pub identity: String,
    /// Networks, preferred first.
    pub networks: Vec<KnownNetwork>,
    /// Certificate, key and trust for EAP-TLS.
    pub credentials: Credentials,
    /// Whether it can do EAP-TLS.
    pub eap_capable: bool,
    /// Whether it can protect management frames.
    pub pmf_capable: bool,
    /// Whether a repeated message 3 of the handshake makes it install the key again, which sets its packet numbers back.
    pub reinstalls_keys: bool,
    /// Channels to scan.
    pub channels: Vec<u8>,
    /// How many times longer its processor takes than the one that was measured.
    pub processor_factor: f64,
}

/// A frame as a radio hears it.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Frame.
    pub frame: Dot11,
    /// Signal in dBm.
    pub dbm: i8,
    /// Channel.
    pub channel: u8,
}

/// What the radio is to do, in this order.
#[derive(Clone, Debug)]
pub enum RadioCommand {
    /// Tune to a channel, and watch the signal of this BSS.
    Tune(u8, Option<Mac>),
    /// Send a frame.
    Send(Dot11),
}

/// What the host of a station learns.
#[derive(Clone, Debug)]
pub enum SupplicantEvent {
    /// It begins to look for a network.
    JoinStarted {
        /// Network that it prefers.
        ssid: String,
    },
    /// It got no further.
    JoinFailed {
        /// Network.
        ssid: String,
        /// How far it was.
        stage: JoinStage,
        /// Why.
        why: JoinFault,
    },
    /// It has joined.
    Joined {
        /// Network.
        ssid: String,
        /// Address of the BSS.
        bssid: Mac,
        /// Time that it took.
        took: Duration,
    },
    /// Its association has ended; reason 0 is a signal that is lost.
    Disconnected {
        /// Reason code.
        reason: u16,
    },
    /// An access point offers a network that it knows with another authentication.
    OfferDeclined {
        /// Network.
        ssid: String,
        /// Address of the BSS.
        bssid: Mac,
        /// Its entry in the configuration.
        configured: Option<usize>,
    },
    /// A management frame without the integrity code that it needs.
    Unprotected {
        /// The network's entry in the configuration.
        configured: Option<usize>,
    },
    /// The link is there.
    LinkUp {
        /// Whether the address of before is of no use: it is another network.
        new_network: bool,
    },
    /// The link is gone.
    LinkDown,
    /// A data frame.
    Data(Frame),
}

/// An access point that a scan found.
#[derive(Clone, Debug)]
struct Candidate {
    bssid: Mac,
    network: usize,
    channel: u8,
    dbm: i8,
    pmf: bool,
}

/// An association.
#[derive(Clone, Debug)]
struct Link {
    bssid: Mac,
    channel: u8,
    network: usize,
    dbm: i8,
    keys: Option<PairwiseKeys>,
    group: Option<Key>,
    pmf: bool,
    /// Replay counter of the last handshake message that was taken.
    replay: u32,
}

/// A frame of a join that waits for its answer.
#[derive(Clone, Debug)]
struct Request {
    frame: Dot11,
    tries: u8,
}

/// What a join is at. The association of before, if there is one, lasts until another takes its place.
#[derive(Clone, Debug)]
enum State {
    /// No join is under way: it is associated, or waits for its next attempt.
    Idle,
    /// Looks for access points, channel after channel.
    Scanning { next: usize, found: Vec<Candidate> },
    /// Asked for authentication.
    Authenticating { to: Candidate, request: Request },
    /// Asked for association.
    Associating { to: Candidate, request: Request },
    /// 802.1X; the request is none while the peer computes its next one.
    Eap {
        to: Candidate,
        peer: Box<Peer>,
        request: Option<Request>,
    },
    /// Has a master key, waits for message 1 of the four-way handshake.
    AwaitMessage1 {
        to: Candidate,
        pmk: Key,
        snonce: u64,
    },
    /// Has answered message 1, waits for message 3.
    AwaitMessage3 {
        to: Candidate,
        pmk: Key,
        snonce: u64,
        pairwise: Key,
    },
}

/// The station's end.
#[derive(Clone, Debug)]
pub struct Supplicant {
    config: SupplicantConfig,
    state: State,
    link: Option<Link>,
    /// Cached master keys by network.
    cache: Vec<(usize, Key)>,
    /// Sessions with authentication servers that may be resumed, by network. They are in memory that a switch clears.
    tickets: Vec<(usize, Ticket)>,
    last_network: Option<usize>,
    attempt: u32,
    failures: u32,
    started: Time,
    /// The deadline, and how many there were: each has a number of its own.
    due: Option<Time>,
    deadlines: u64,
    transmit: VecDeque<RadioCommand>,
    events: VecDeque<SupplicantEvent>,
}

impl Supplicant {
    /// A station that is off.
    #[must_use]
    pub fn new(config: SupplicantConfig) -> Self {
        Self {
            config,
            state: State::Idle,
            link: None,
            cache: Vec::new(),
            tickets: Vec::new(),
            last_network: None,
            attempt: 0,
            failures: 0,
            started: Time::ZERO,
            due: None,
            deadlines: 0,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Own MAC address.
    #[must_use]
    pub fn mac(&self) -> Mac {
        self.config.mac
    }

    /// Number of the current attempt to join: the counter of its random stream.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Network that the station is joined to.
    #[must_use]
    pub fn joined(&self) -> Option<&str> {
        self.link
            .as_ref()
            .map(|l| self.config.networks[l.network].ssid.as_str())
    }

    /// Whether it joins by certificate.
    #[must_use]
    pub fn is_enrolled(&self) -> bool {
        self.config.eap_capable && self.config.credentials.key.is_some()
    }

    /// Gives it a certificate and its key.
    pub fn enrol(&mut self, credentials: Credentials) {
        self.tickets.clear();
        self.config.credentials = credentials;
        self.config.eap_capable = true;
    }

    /// Gives it the manufacturer's patch: a key is installed once. Whether it lacked it.
    pub fn mend(&mut self) -> bool {
        std::mem::take(&mut self.config.reinstalls_keys)
    }

    /// Adds a network, preferred to all others.
    pub fn know(&mut self, network: KnownNetwork) {
        self.config.networks.insert(0, network);
        self.cache.clear();
        self.tickets.clear();
    }

    // ---- what goes in ---------------------------------------------------------------------------------------------

    /// Switched on: forgets all state and looks for a network.
    pub fn handle_power_on(&mut self, now: Time) {
        self.link = None;
        self.cache.clear();
        self.tickets.clear();
        self.last_network = None;
        self.failures = 0;
        self.join(now);
    }

    /// The deadline has come.
    pub fn handle_timeout(&mut self, now: Time) {
        if self.due.take_if(|due| *due <= now).is_none() {
            return;
        }
        let (stage, network, request) = match &mut self.state {
            State::Scanning { .. } => return self.scan_next(now),
            State::Idle if self.link.is_some() => {
                self.started = now;
                return self.scan(now);
            }
            State::Idle => return self.join(now),
            State::Eap { peer, .. } if peer.poll_timeout().is_some() => {
                peer.handle_timeout(now);
                return self.follow_peer(now);
            }
            State::Authenticating { to, request } => {
                (JoinStage::Authentication, to.network, Some(request))
            }
            State::Associating { to, request } => {
                (JoinStage::Association, to.network, Some(request))
            }
            State::Eap { to, request, .. } => (JoinStage::Eap, to.network, request.as_mut()),
            State::AwaitMessage1 { to, .. } | State::AwaitMessage3 { to, .. } => {
                (JoinStage::FourWay, to.network, None)
            }
        };
        match request.filter(|r| r.tries < TRIES) {
            Some(request) => {
                request.tries += 1;
                let frame = request.frame.clone();
                self.transmit.push_back(RadioCommand::Send(frame));
                let eap = stage == JoinStage::Eap;
                self.wait(now, if eap { WAIT_EAP } else { WAIT });
            }
            None => self.fail(now, stage, JoinFault::Timeout, network),
        }
    }

    /// The signal of the access point faded.
    pub fn handle_signal(&mut self, now: Time, dbm: i8, lost: bool) {
        let Some(link) = &mut self.link else { return };
        link.dbm = dbm;
        self.started = now;
        if lost {
            self.events
                .push_back(SupplicantEvent::Disconnected { reason: 0 });
            self.drop_link();
            self.attempt += 1;
            self.scan(now);
        } else if matches!(self.state, State::Idle) {
            self.attempt += 1;
            self.scan(now);
        }
    }

    /// A frame was heard, in calendar second `at`.
    pub fn handle_frame(&mut self, now: Time, at: u64, rng: &mut Stream, heard: Heard) {
        let Heard {
            frame,
            dbm,
            channel,
        } = heard;
        let from = frame.ta;
        match frame.body {
            Dot11Body::ProbeResponse { ssid, akm, pmf, .. } => {
                self.offered(from, &ssid, (akm, pmf), (dbm, channel));
            }
            Dot11Body::Authentication {
                sequence: 2,
                status,
            } => self.authenticated(now, from, status),
            Dot11Body::AssociationResponse { status, cached } => {
                self.associated(now, rng, from, (status, cached));
            }
            Dot11Body::Eapol(eap) => self.eap(now, at, rng, from, &eap),
            Dot11Body::EapolKey(key) => self.key(now, from, &key),
            Dot11Body::Deauthentication { reason, mic } => {
                self.deauthenticated(now, from, reason, mic.as_ref());
            }
            Dot11Body::Clear(_) | Dot11Body::Pairwise { .. } | Dot11Body::Group(_) => {
                self.data(from, dbm, frame.body);
            }
            _ => {}
        }
    }

    // ---- what comes of it -----------------------------------------------------------------------------------------

    /// Next thing that the host is told.
    pub fn poll_event(&mut self) -> Option<SupplicantEvent> {
        self.events.pop_front()
    }

    /// Next thing that the radio is to do.
    pub fn poll_transmit(&mut self) -> Option<RadioCommand> {
        self.transmit.pop_front()
    }

    /// When to call [`Supplicant::handle_timeout`], and the deadline's number.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Time, u64)> {
        self.due.map(|due| (due, self.deadlines))
    }

    /// A data frame of the host, as it goes on the air; none while there is no link.
    #[must_use]
    pub fn encapsulate(&mut self, frame: Frame) -> Option<Dot11> {
        let link = self.link.as_mut()?;
        let body = match &mut link.keys {
            Some(keys) => keys.seal(frame),
            None => Dot11Body::Clear(Box::new(frame)),
        };
        let to = link.bssid;
        Some(self.frame(to, body))
    }

    // ---- joining --------------------------------------------------------------------------------------------------

    fn join(&mut self, now: Time) {
        let Some(preferred) = self.config.networks.first() else {
            return;
        };
        let ssid = preferred.ssid.clone();
        self.attempt += 1;
        self.started = now;
        self.events.push_back(SupplicantEvent::JoinStarted { ssid });
        self.scan(now);
    }

    fn wait(&mut self, now: Time, time: Duration) {
        self.due = Some(now + time);
        self.deadlines += 1;
    }

    fn frame(&self, to: Mac, body: Dot11Body) -> Dot11 {
        Dot11 {
            ta: self.config.mac,
            ra: to,
            bssid: to,
            body,
        }
    }

    fn send(&mut self, to: Mac, body: Dot11Body) {
        let frame = self.frame(to, body);
        self.transmit.push_back(RadioCommand::Send(frame));
    }

    /// Sends a frame of the join and waits for its answer.
    fn request(&mut self, now: Time, to: Mac, body: Dot11Body, wait: Duration) -> Request {
        let frame = self.frame(to, body);
        self.transmit.push_back(RadioCommand::Send(frame.clone()));
        self.wait(now, wait);
        Request { frame, tries: 1 }
    }

    fn authenticate(&mut self, now: Time, to: Candidate) {
        let tune = RadioCommand::Tune(to.channel, Some(to.bssid));
        self.transmit.push_back(tune);
        let body = Dot11Body::Authentication {
            sequence: 1,
            status: 0,
        };
        let request = self.request(now, to.bssid, body, WAIT);
        self.state = State::Authenticating { to, request };
    }

    fn authenticated(&mut self, now: Time, from: Mac, status: u16) {
        let State::Authenticating { to, .. } = &self.state else {
            return;
        };
        if to.bssid != from {
            return;
        }
        let to = to.clone();
        if status != 0 {
            let (stage, why) = (JoinStage::Authentication, JoinFault::Refused(status));
            return self.fail(now, stage, why, to.network);
        }
        let network = &self.config.networks[to.network];
        let cached = self.cached(to.network).map(|k| k.identifier("pmkid"));
        let body = Dot11Body::AssociationRequest {
            ssid: network.ssid.clone(),
            akm: network.akm,
            pmf: self.config.pmf_capable,
            pmkid: cached.filter(|_| network.akm == Akm::EapTls),
            reassociation: self.link.is_some(),
        };
        let request = self.request(now, from, body, WAIT);
        self.state = State::Associating { to, request };
    }

    fn cached(&self, network: usize) -> Option<Key> {
        let cached = self.cache.iter().find(|(n, _)| *n == network);
        cached.map(|(_, key)| *key)
    }

    fn associated(
        &mut self,
        now: Time,
        rng: &mut Stream,
        from: Mac,
        (status, cached): (u16, bool),
    ) {
        let State::Associating { to, .. } = &self.state else {
            return;
        };
        if to.bssid != from {
            return;
        }
        let to = to.clone();
        if status != 0 {
            let (stage, why) = (JoinStage::Association, JoinFault::Refused(status));
            return self.fail(now, stage, why, to.network);
        }
        // Association with the new access point ends the one with the old.
        let network = &self.config.networks[to.network];
        let known = self.cached(to.network).filter(|_| cached);
        match (network.akm, network.psk, known) {
            (Akm::Open, _, _) => self.up(now, &to, None, 0),
            (Akm::Psk, Some(pmk), _) | (Akm::EapTls, _, Some(pmk)) => {
                self.await_message_1(now, rng, to, pmk);
            }
            (Akm::EapTls, _, None) => {
                let kept = self.tickets.iter().find(|(n, _)| *n == to.network);
                let config = PeerConfig {
                    identity: self.config.identity.clone(),
                    credentials: self.config.credentials.clone(),
                    server_name: network.server_name.clone(),
                    ticket: kept.map(|(_, ticket)| *ticket),
                    processor_factor: self.config.processor_factor,
                };
                let request = self.request(now, from, Dot11Body::EapolStart, WAIT_EAP);
                self.state = State::Eap {
                    to,
                    peer: Box::new(Peer::new(config)),
                    request: Some(request),
                };
            }
            (Akm::Psk, None, _) => {
                self.fail(now, JoinStage::FourWay, JoinFault::WrongKey, to.network);
            }
        }
    }

    fn eap(&mut self, now: Time, at: u64, rng: &mut Stream, from: Mac, eap: &Eap) {
        let State::Eap { to, peer, .. } = &mut self.state else {
            return;
        };
        if to.bssid != from {
            return;
        }
        peer.handle_message(now, at, rng, eap);
        match peer.poll_event() {
            None => self.follow_peer(now),
            Some(PeerEvent::Authenticated(pmk)) => {
                let (to, ticket) = (to.clone(), peer.ticket());
                self.tickets.retain(|(n, _)| *n != to.network);
                self.tickets.extend(ticket.map(|t| (to.network, t)));
                self.cache.retain(|(n, _)| *n != to.network);
                self.cache.push((to.network, pmk));
                self.await_message_1(now, rng, to, pmk);
            }
            Some(PeerEvent::ServerRefused(fault)) => {
                let (network, alert) = (to.network, peer.poll_transmit());
                if let Some(alert) = alert {
                    self.send(from, Dot11Body::Eapol(alert));
                }
                let why = JoinFault::ServerRefused(fault);
                self.fail(now, JoinStage::Eap, why, network);
            }
            Some(PeerEvent::Failed(fault)) => {
                let network = to.network;
                let why = fault.map_or(JoinFault::Refused(0), JoinFault::CertificateRefused);
                self.fail(now, JoinStage::Eap, why, network);
            }
        }
    }

    /// Sends what the peer has to send, or waits until it has computed that.
    fn follow_peer(&mut self, now: Time) {
        let State::Eap { to, peer, .. } = &mut self.state else {
            return;
        };
        let (bssid, message, computed) = (to.bssid, peer.poll_transmit(), peer.poll_timeout());
        let next = match (message, computed) {
            (Some(eap), _) => Some(self.request(now, bssid, Dot11Body::Eapol(eap), WAIT_EAP)),
            // It computes already, and what came is a repetition.
            (None, Some(at)) if self.due == Some(at) => return,
            (None, Some(at)) => {
                self.wait(now, at - now);
                None
            }
            (None, None) => return,
        };
        if let State::Eap { request, .. } = &mut self.state {
            *request = next;
        }
    }

    fn fail(&mut self, now: Time, stage: JoinStage, why: JoinFault, network: usize) {
        let known = self.config.networks.get(network);
        let ssid = known.map_or_else(String::new, |n| n.ssid.clone());
        self.events
            .push_back(SupplicantEvent::JoinFailed { ssid, stage, why });
        self.cache.retain(|(n, _)| *n != network);
        if stage == JoinStage::Eap && why != JoinFault::Timeout {
            // A supplicant begins anew after an authentication that was refused; one that nobody answered leaves what it keeps alone.
            self.tickets.retain(|(n, _)| *n != network);
        }
        self.drop_link();
        self.state = State::Idle;
        self.failures += 1;
        let long = PAUSES.iter().find(|(from, _)| self.failures >= *from);
        let pause = Duration::from_secs(1) * (1u64 << self.failures.min(6));
        self.wait(now, long.map_or(pause, |(_, pause)| *pause));
    }

    fn drop_link(&mut self) {
        if self.link.take().is_some() {
            self.events.push_back(SupplicantEvent::LinkDown);
        }
    }

    fn deauthenticated(&mut self, now: Time, from: Mac, reason: u16, mic: Option<&Sealed<u64>>) {
        let Some(link) = self.link.as_ref().filter(|l| l.bssid == from) else {
            return self.join_refused(now, from, reason);
        };
        let proven = link.keys.is_some_and(|k| k.proves(mic, u64::from(reason)));
        if link.pmf && !proven {
            let configured = self.config.networks[link.network].configured;
            let event = SupplicantEvent::Unprotected { configured };
            return self.events.push_back(event);
        }
        self.events
            .push_back(SupplicantEvent::Disconnected { reason });
        self.drop_link();
        self.attempt += 1;
        self.started = now;
        self.scan(now);
    }

    /// The access point ends a join that is under way.
    fn join_refused(&mut self, now: Time, from: Mac, reason: u16) {
        let refused = JoinFault::Refused(reason);
        let (stage, why, to) = match &self.state {
            State::Authenticating { to, .. } => (JoinStage::Authentication, refused, to),
            State::Associating { to, .. } => (JoinStage::Association, refused, to),
            State::Eap { to, .. } => (JoinStage::Eap, refused, to),
            State::AwaitMessage1 { to, .. } | State::AwaitMessage3 { to, .. } => {
                (JoinStage::FourWay, JoinFault::WrongKey, to)
            }
            State::Idle | State::Scanning { .. } => return,
        };
        if to.bssid == from {
            let network = to.network;
            self.fail(now, stage, why, network);
        }
    }

    /// A data frame of the access point: in clear only where the network has no keys, under a key only with a packet number that is new.
    fn data(&mut self, from: Mac, dbm: i8, body: Dot11Body) {
        let Some(link) = self.link.as_mut().filter(|l| l.bssid == from) else {
            return;
        };
        let frame = match body {
            Dot11Body::Clear(frame) if link.keys.is_none() => Some(*frame),
            Dot11Body::Pairwise { number, frame } => {
                link.dbm = dbm;
                link.keys.as_mut().and_then(|k| k.open(number, *frame))
            }
            Dot11Body::Group(frame) => link.group.and_then(|k| frame.into_opened(&k).ok()),
            _ => None,
        };
        self.events.extend(frame.map(SupplicantEvent::Data));
    }
}

#[cfg(test)]
mod tests;
