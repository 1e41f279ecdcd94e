//! An 802.11 station: scan, authenticate, associate, 802.1X, four-way handshake, roaming.
//!
//! The station tries the networks it knows in their order and takes the strongest access point that offers one with the authentication that the
//! entry names. Every frame of a join is sent and can be lost, forged or answered by somebody else.

mod choice;

use super::eap_tls::{Supplicant, SupplicantStep};
use super::resumption::Ticket;
use super::tls::Credentials;
use crate::crypto::{Key, Sealed};
use crate::record::{DropReason, JoinFault, JoinStage, LabRecord, NetworkRecord, WirelessRecord};
use crate::rng::Stream;
use crate::time::{Duration, Time};
use crate::wire::dot11::{Akm, Dot11, Dot11Body};
use crate::wire::eap::{Eap, EapolKey};
use crate::wire::{Frame, Mac};

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
    /// What a record says of a management frame that lacks its integrity code; whether one is needed is what the access point says.
    pub unprotected: Option<DropReason>,
    /// What a record says of an offer of this network with another authentication.
    pub declined: Option<DropReason>,
}

/// Configuration of a station.
#[derive(Clone, Debug)]
pub struct StationConfig {
    /// Own hardware address.
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

/// What the station wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send a frame.
    Transmit(Dot11),
    /// Tune to a channel; watch this BSS's signal.
    Tune(u8, Option<Mac>),
    /// Call `handle_timeout` with this token after a while.
    Timer(Duration, u64),
    /// Tell this.
    Record(LabRecord),
    /// The link is there; whether it is another network than before.
    LinkUp {
        /// Whether the address of before is of no use.
        new_network: bool,
    },
    /// The link is gone.
    LinkDown,
    /// A data frame for the host.
    Deliver(Frame),
}

#[derive(Clone, Debug)]
struct Candidate {
    bssid: Mac,
    network: usize,
    channel: u8,
    dbm: i8,
    pmf: bool,
}

/// An association with keys.
#[derive(Clone, Debug)]
struct Link {
    bssid: Mac,
    channel: u8,
    network: usize,
    dbm: i8,
    pairwise: Option<Key>,
    group: Option<Key>,
    pmf: bool,
    /// Packet numbers: last sent, last taken.
    sent: u64,
    taken: u64,
    /// Replay counter of the last handshake message that was taken.
    replay: u32,
}

#[derive(Clone, Debug)]
enum Phase {
    Idle,
    Scanning {
        next: usize,
        found: Vec<Candidate>,
    },
    Authenticating(Candidate),
    Associating(Candidate),
    Eap(Candidate, Box<Supplicant>),
    /// Waiting for message 1 or 3 of the four-way handshake under this master key.
    FourWay {
        candidate: Candidate,
        pmk: Key,
        pairwise: Option<Key>,
        snonce: u64,
    },
}

/// The station.
#[derive(Clone, Debug)]
pub struct Station {
    config: StationConfig,
    phase: Phase,
    link: Option<Link>,
    /// Cached master keys by network.
    cache: Vec<(usize, Key)>,
    /// Sessions with authentication servers that may be resumed, by network. They are in memory that a switch clears.
    tickets: Vec<(usize, Ticket)>,
    last_network: Option<usize>,
    attempt: u32,
    failures: u32,
    started: Time,
    epoch: u64,
    tries: u8,
    resend: Option<Dot11>,
}

impl Station {
    /// A station that is off.
    #[must_use]
    pub fn new(config: StationConfig) -> Self {
        Self {
            config,
            phase: Phase::Idle,
            link: None,
            cache: Vec::new(),
            tickets: Vec::new(),
            last_network: None,
            attempt: 0,
            failures: 0,
            started: Time::ZERO,
            epoch: 0,
            tries: 0,
            resend: None,
        }
    }

    /// Own hardware address.
    #[must_use]
    pub fn mac(&self) -> Mac {
        self.config.mac
    }

    /// Number of the current attempt to join: the counter of its luck.
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

    /// Gives it the maker's patch: a key is installed once. Whether it lacked it.
    pub fn mend(&mut self) -> bool {
        std::mem::take(&mut self.config.reinstalls_keys)
    }

    /// Adds a network, preferred to all others.
    pub fn know(&mut self, network: KnownNetwork) {
        self.config.networks.insert(0, network);
        self.cache.clear();
        self.tickets.clear();
    }

    /// Switched on: forgets all state and looks for a network.
    pub fn power_on(&mut self, now: Time, out: &mut Vec<Output>) {
        self.link = None;
        self.cache.clear();
        self.tickets.clear();
        self.last_network = None;
        self.failures = 0;
        self.join(now, out);
    }

    /// Looks for a network now.
    pub fn join(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.config.networks.is_empty() {
            return;
        }
        self.attempt += 1;
        self.started = now;
        out.push(Output::Record(LabRecord::Wireless(
            WirelessRecord::JoinStarted {
                ssid: self.config.networks[0].ssid.clone(),
            },
        )));
        self.scan(out);
    }

    fn scan(&mut self, out: &mut Vec<Output>) {
        self.phase = Phase::Scanning {
            next: 0,
            found: Vec::new(),
        };
        self.scan_next(out);
    }

    fn scan_next(&mut self, out: &mut Vec<Output>) {
        let Phase::Scanning { next, .. } = &mut self.phase else {
            return;
        };
        let Some(&channel) = self.config.channels.get(*next) else {
            return self.choose(out);
        };
        *next += 1;
        out.push(Output::Tune(channel, self.link.as_ref().map(|l| l.bssid)));
        out.push(Output::Transmit(
            self.frame(Mac::BROADCAST, Dot11Body::ProbeRequest { ssid: None }),
        ));
        self.timer(DWELL, out);
    }

    fn timer(&mut self, after: Duration, out: &mut Vec<Output>) {
        self.epoch += 1;
        out.push(Output::Timer(after, self.epoch));
    }

    fn frame(&self, to: Mac, body: Dot11Body) -> Dot11 {
        Dot11 {
            ta: self.config.mac,
            ra: to,
            bssid: to,
            body,
        }
    }

    /// Sends a frame of the join and waits for its answer.
    fn exchange(&mut self, to: Mac, body: Dot11Body, wait: Duration, out: &mut Vec<Output>) {
        let frame = self.frame(to, body);
        self.tries = 1;
        self.resend = Some(frame.clone());
        out.push(Output::Transmit(frame));
        self.timer(wait, out);
    }

    fn authenticate(&mut self, candidate: Candidate, out: &mut Vec<Output>) {
        out.push(Output::Tune(candidate.channel, Some(candidate.bssid)));
        let to = candidate.bssid;
        self.phase = Phase::Authenticating(candidate);
        self.exchange(
            to,
            Dot11Body::Authentication {
                sequence: 1,
                status: 0,
            },
            WAIT,
            out,
        );
    }

    fn fail(&mut self, stage: JoinStage, why: JoinFault, network: usize, out: &mut Vec<Output>) {
        let ssid = self
            .config
            .networks
            .get(network)
            .map_or_else(String::new, |n| n.ssid.clone());
        out.push(Output::Record(LabRecord::Wireless(
            WirelessRecord::JoinFailed { ssid, stage, why },
        )));
        self.cache.retain(|(n, _)| *n != network);
        if stage == JoinStage::Eap && why != JoinFault::Timeout {
            // A supplicant begins anew after an authentication that was refused; one that nobody answered leaves what it keeps alone.
            self.tickets.retain(|(n, _)| *n != network);
        }
        self.drop_link(out);
        self.phase = Phase::Idle;
        self.failures += 1;
        let long = PAUSES.iter().find(|(from, _)| self.failures >= *from);
        let pause = Duration::from_secs(1) * (1u64 << self.failures.min(6));
        self.timer(long.map_or(pause, |(_, pause)| *pause), out);
    }

    fn drop_link(&mut self, out: &mut Vec<Output>) {
        if self.link.take().is_some() {
            out.push(Output::LinkDown);
        }
    }

    /// A timer with this token is due.
    pub fn handle_timeout(&mut self, now: Time, token: u64, out: &mut Vec<Output>) {
        if token != self.epoch {
            return;
        }
        if let Phase::Eap(c, supplicant) = &mut self.phase
            && let Some(answer) = supplicant.computed()
        {
            let to = c.bssid;
            return self.exchange(to, Dot11Body::Eapol(answer), WAIT_EAP, out);
        }
        let (stage, network) = match &self.phase {
            Phase::Scanning { .. } => return self.scan_next(out),
            Phase::Idle if self.link.is_some() => {
                self.started = now;
                return self.scan(out);
            }
            Phase::Idle => return self.join(now, out),
            Phase::Authenticating(c) => (JoinStage::Authentication, c.network),
            Phase::Associating(c) => (JoinStage::Association, c.network),
            Phase::Eap(c, _) => (JoinStage::Eap, c.network),
            Phase::FourWay { candidate, .. } => (JoinStage::FourWay, candidate.network),
        };
        match self.resend.clone() {
            Some(frame) if self.tries < TRIES => {
                self.tries += 1;
                out.push(Output::Transmit(frame));
                let wait = if stage == JoinStage::Eap {
                    WAIT_EAP
                } else {
                    WAIT
                };
                self.timer(wait, out);
            }
            _ => self.fail(stage, JoinFault::Timeout, network, out),
        }
    }

    /// The signal of the access point faded.
    pub fn handle_signal(&mut self, now: Time, dbm: i8, lost: bool, out: &mut Vec<Output>) {
        let Some(link) = &mut self.link else { return };
        link.dbm = dbm;
        self.started = now;
        if lost {
            out.push(Output::Record(LabRecord::Wireless(
                WirelessRecord::Disconnected { reason: 0 },
            )));
            self.drop_link(out);
            self.attempt += 1;
            self.scan(out);
        } else if matches!(self.phase, Phase::Idle) {
            self.attempt += 1;
            self.scan(out);
        }
    }

    /// A frame was heard, at a simulated time and a calendar second.
    pub fn handle_frame(
        &mut self,
        luck: &mut Stream,
        (now, at): (Time, u64),
        heard: Heard,
        out: &mut Vec<Output>,
    ) {
        let Heard {
            frame,
            dbm,
            channel,
        } = heard;
        match frame.body {
            Dot11Body::ProbeResponse { ssid, akm, pmf, .. } => {
                self.offered(frame.ta, &ssid, (akm, pmf), (dbm, channel), out)
            }
            Dot11Body::Authentication {
                sequence: 2,
                status,
            } => self.authenticated(frame.ta, status, out),
            Dot11Body::AssociationResponse { status, cached } => {
                self.associated(luck, now, frame.ta, status, cached, out)
            }
            Dot11Body::Eapol(eap) => self.eap(luck, at, frame.ta, &eap, out),
            Dot11Body::EapolKey(key) => self.key(now, frame.ta, key, out),
            Dot11Body::Deauthentication { reason, mic } => {
                self.deauthenticated(now, frame.ta, reason, mic.as_ref(), out)
            }
            Dot11Body::Clear(f)
                if self
                    .link
                    .as_ref()
                    .is_some_and(|l| l.bssid == frame.ta && l.pairwise.is_none()) =>
            {
                out.push(Output::Deliver(*f));
            }
            Dot11Body::Pairwise {
                number,
                frame: sealed,
            } => {
                let Some(link) = self.link.as_mut().filter(|l| l.bssid == frame.ta) else {
                    return;
                };
                link.dbm = dbm;
                let key = link.pairwise.filter(|_| number > link.taken);
                if let Some(Ok(f)) = key.map(|k| sealed.into_opened(&k.packet(number))) {
                    link.taken = number;
                    out.push(Output::Deliver(f));
                }
            }
            Dot11Body::Group(sealed) => {
                let Some(link) = self.link.as_ref().filter(|l| l.bssid == frame.ta) else {
                    return;
                };
                if let Some(Ok(f)) = link.group.map(|k| sealed.into_opened(&k)) {
                    out.push(Output::Deliver(f));
                }
            }
            _ => {}
        }
    }

    fn authenticated(&mut self, from: Mac, status: u16, out: &mut Vec<Output>) {
        let Phase::Authenticating(c) = &self.phase else {
            return;
        };
        if c.bssid != from {
            return;
        }
        let c = c.clone();
        if status != 0 {
            return self.fail(
                JoinStage::Authentication,
                JoinFault::Refused(status),
                c.network,
                out,
            );
        }
        let network = &self.config.networks[c.network];
        let pmkid = self
            .cache
            .iter()
            .find(|(n, _)| *n == c.network)
            .map(|(_, k)| k.identifier("pmkid"));
        let body = Dot11Body::AssociationRequest {
            ssid: network.ssid.clone(),
            akm: network.akm,
            pmf: self.config.pmf_capable,
            pmkid: pmkid.filter(|_| network.akm == Akm::EapTls),
            reassociation: self.link.is_some(),
        };
        self.phase = Phase::Associating(c);
        self.exchange(from, body, WAIT, out);
    }

    fn associated(
        &mut self,
        luck: &mut Stream,
        now: Time,
        from: Mac,
        status: u16,
        cached: bool,
        out: &mut Vec<Output>,
    ) {
        let Phase::Associating(c) = &self.phase else {
            return;
        };
        if c.bssid != from {
            return;
        }
        let c = c.clone();
        if status != 0 {
            return self.fail(
                JoinStage::Association,
                JoinFault::Refused(status),
                c.network,
                out,
            );
        }
        // Association with the new access point ends the one with the old.
        let network = self.config.networks[c.network].clone();
        let known = self
            .cache
            .iter()
            .find(|(n, _)| *n == c.network)
            .map(|(_, k)| *k);
        self.resend = None;
        match (network.akm, network.psk, known.filter(|_| cached)) {
            (Akm::Open, _, _) => self.up(now, &c, (None, None), 0, out),
            (Akm::Psk, Some(pmk), _) | (Akm::EapTls, _, Some(pmk)) => {
                let snonce = luck.next_u64();
                self.phase = Phase::FourWay {
                    candidate: c,
                    pmk,
                    pairwise: None,
                    snonce,
                };
                self.timer(WAIT * u64::from(TRIES) + WAIT_EAP, out);
            }
            (Akm::EapTls, _, None) => {
                let supplicant = Supplicant::new(
                    self.config.identity.clone(),
                    self.config.credentials.clone(),
                    network.server_name,
                );
                let kept = self.tickets.iter().find(|(n, _)| *n == c.network);
                let supplicant = supplicant.resuming(kept.map(|(_, ticket)| *ticket));
                self.phase = Phase::Eap(c, Box::new(supplicant));
                self.exchange(from, Dot11Body::EapolStart, WAIT_EAP, out);
            }
            (Akm::Psk, None, _) => {
                self.fail(JoinStage::FourWay, JoinFault::WrongKey, c.network, out)
            }
        }
    }

    fn eap(&mut self, luck: &mut Stream, at: u64, from: Mac, eap: &Eap, out: &mut Vec<Output>) {
        let Phase::Eap(c, supplicant) = &mut self.phase else {
            return;
        };
        // Who computes an answer has heard the question: another is a repetition. A refusal is not.
        let repeated = supplicant.is_computing() && !matches!(eap, Eap::Failure);
        if c.bssid != from || repeated {
            return;
        }
        let c = c.clone();
        match supplicant.handle(luck, eap, at) {
            SupplicantStep::Send(next) => {
                let work = supplicant.work().scaled(self.config.processor_factor);
                if work.is_zero() {
                    return self.exchange(from, Dot11Body::Eapol(next), WAIT_EAP, out);
                }
                supplicant.compute(next);
                self.resend = None;
                self.timer(work, out);
            }
            SupplicantStep::Done(pmk) => {
                let ticket = supplicant.ticket();
                self.tickets.retain(|(n, _)| *n != c.network);
                self.tickets.extend(ticket.map(|t| (c.network, t)));
                self.cache.retain(|(n, _)| *n != c.network);
                self.cache.push((c.network, pmk));
                let snonce = luck.next_u64();
                self.resend = None;
                self.phase = Phase::FourWay {
                    candidate: c,
                    pmk,
                    pairwise: None,
                    snonce,
                };
                self.timer(WAIT * u64::from(TRIES) + WAIT_EAP, out);
            }
            SupplicantStep::ServerRefused(fault, alert) => {
                out.push(Output::Transmit(self.frame(from, Dot11Body::Eapol(alert))));
                self.fail(
                    JoinStage::Eap,
                    JoinFault::ServerRefused(fault),
                    c.network,
                    out,
                );
            }
            SupplicantStep::Failed(fault) => {
                let why = fault.map_or(JoinFault::Refused(0), JoinFault::CertificateRefused);
                self.fail(JoinStage::Eap, why, c.network, out);
            }
            SupplicantStep::Ignore => {}
        }
    }

    fn key(&mut self, now: Time, from: Mac, key: EapolKey, out: &mut Vec<Output>) {
        if let Phase::Eap(c, _) = &self.phase {
            // The success message was lost; the handshake shows that the server accepted, but without it there is no key.
            let network = c.network;
            if c.bssid == from {
                self.fail(JoinStage::Eap, JoinFault::Timeout, network, out);
            }
            return;
        }
        if matches!(self.phase, Phase::Idle) {
            return self.handshake_repeated(from, &key, out);
        }
        let mac = self.config.mac;
        let Phase::FourWay {
            candidate,
            pmk,
            pairwise,
            snonce,
        } = &mut self.phase
        else {
            return;
        };
        if candidate.bssid != from {
            return;
        }
        match key {
            EapolKey::M1 { anonce, replay } => {
                let ptk = pairwise_key(pmk, anonce, *snonce, from, mac);
                *pairwise = Some(ptk);
                let m2 = EapolKey::M2 {
                    snonce: *snonce,
                    replay,
                    mic: Sealed::seal(&ptk, u64::from(replay), 16),
                };
                out.push(Output::Transmit(self.frame(from, Dot11Body::EapolKey(m2))));
            }
            EapolKey::M3 { replay, group, .. } => {
                let Some(ptk) = *pairwise else { return };
                let Some(group) = group.open(&ptk).copied() else {
                    let network = candidate.network;
                    return self.fail(JoinStage::FourWay, JoinFault::WrongKey, network, out);
                };
                let m4 = EapolKey::M4 {
                    replay,
                    mic: Sealed::seal(&ptk, u64::from(replay), 16),
                };
                let candidate = candidate.clone();
                out.push(Output::Transmit(self.frame(from, Dot11Body::EapolKey(m4))));
                self.up(now, &candidate, (Some(ptk), Some(group)), replay, out);
            }
            _ => {}
        }
    }

    /// Message 3 comes again, because message 4 was lost: it is confirmed again. A station with the flaw also installs the
    /// key again: it numbers its packets from one a second time and takes old ones from the other end.
    fn handshake_repeated(&mut self, from: Mac, key: &EapolKey, out: &mut Vec<Output>) {
        let (EapolKey::M3 { replay, group, .. }, Some(link)) = (key, &mut self.link) else {
            return;
        };
        let fresh = link.bssid == from && *replay > link.replay;
        let Some(ptk) = link.pairwise.filter(|k| fresh && group.open(k).is_some()) else {
            return;
        };
        link.replay = *replay;
        if self.config.reinstalls_keys {
            (link.sent, link.taken) = (0, 0);
        }
        let mic = Sealed::seal(&ptk, u64::from(*replay), 16);
        let m4 = EapolKey::M4 {
            replay: *replay,
            mic,
        };
        out.push(Output::Transmit(self.frame(from, Dot11Body::EapolKey(m4))));
    }

    fn up(
        &mut self,
        now: Time,
        c: &Candidate,
        (pairwise, group): (Option<Key>, Option<Key>),
        replay: u32,
        out: &mut Vec<Output>,
    ) {
        let new_network = self.last_network != Some(c.network);
        self.last_network = Some(c.network);
        let roamed = self.link.is_some();
        self.link = Some(Link {
            bssid: c.bssid,
            channel: c.channel,
            network: c.network,
            dbm: c.dbm,
            pairwise,
            group,
            pmf: c.pmf,
            sent: 0,
            taken: 0,
            replay,
        });
        self.phase = Phase::Idle;
        self.failures = 0;
        self.epoch += 1;
        let ssid = self.config.networks[c.network].ssid.clone();
        out.push(Output::Record(LabRecord::Wireless(
            WirelessRecord::Joined {
                ssid,
                bssid: c.bssid,
                took: now - self.started,
            },
        )));
        out.push(Output::Tune(c.channel, Some(c.bssid)));
        if !roamed || new_network {
            out.push(Output::LinkUp { new_network });
        }
    }

    fn deauthenticated(
        &mut self,
        now: Time,
        from: Mac,
        reason: u16,
        mic: Option<&Sealed<u64>>,
        out: &mut Vec<Output>,
    ) {
        let Some(link) = self.link.as_ref().filter(|l| l.bssid == from) else {
            return self.join_refused(from, reason, out);
        };
        if link.pmf {
            let proven = link
                .pairwise
                .is_some_and(|k| mic.is_some_and(|m| m.open(&k) == Some(&u64::from(reason))));
            if !proven {
                if let Some(why) = self.config.networks[link.network].unprotected {
                    out.push(Output::Record(LabRecord::Network(NetworkRecord::Dropped {
                        why,
                        flow: None,
                    })));
                }
                return;
            }
        }
        out.push(Output::Record(LabRecord::Wireless(
            WirelessRecord::Disconnected { reason },
        )));
        self.drop_link(out);
        self.phase = Phase::Idle;
        self.attempt += 1;
        self.started = now;
        self.scan(out);
    }

    /// The access point ends a join that is under way.
    fn join_refused(&mut self, from: Mac, reason: u16, out: &mut Vec<Output>) {
        let (stage, c) = match &self.phase {
            Phase::Authenticating(c) => (JoinStage::Authentication, c),
            Phase::Associating(c) => (JoinStage::Association, c),
            Phase::Eap(c, _) => (JoinStage::Eap, c),
            Phase::FourWay { candidate, .. } => (JoinStage::FourWay, candidate),
            Phase::Idle | Phase::Scanning { .. } => return,
        };
        if c.bssid != from {
            return;
        }
        let network = c.network;
        let why = if stage == JoinStage::FourWay {
            JoinFault::WrongKey
        } else {
            JoinFault::Refused(reason)
        };
        self.fail(stage, why, network, out);
    }

    /// A data frame of the host, as it goes on the air; none while there is no link.
    #[must_use]
    pub fn encapsulate(&mut self, frame: Frame) -> Option<Dot11> {
        let link = self.link.as_mut()?;
        let body = match link.pairwise {
            Some(key) => sealed_data(&key, &mut link.sent, frame),
            None => Dot11Body::Clear(Box::new(frame)),
        };
        let to = link.bssid;
        Some(self.frame(to, body))
    }
}

/// A data frame under the pairwise key, with the next packet number.
#[must_use]
pub fn sealed_data(key: &Key, sent: &mut u64, frame: Frame) -> Dot11Body {
    *sent += 1;
    let len = frame.wire_len();
    Dot11Body::Pairwise {
        number: *sent,
        frame: Box::new(Sealed::seal(&key.packet(*sent), frame, len)),
    }
}

/// The pairwise transient key of a four-way handshake.
#[must_use]
pub fn pairwise_key(
    pmk: &Key,
    anonce: u64,
    snonce: u64,
    authenticator: Mac,
    supplicant: Mac,
) -> Key {
    pmk.derive("pairwise", &[anonce, snonce, authenticator.0, supplicant.0])
}

#[cfg(test)]
mod tests;
