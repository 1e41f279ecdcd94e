//! The access point's end of one station's association: authentication, association, 802.1X by way of a controller, four-way handshake.
//!
//! It mirrors the station's end. Frames of the station go in with [`Authenticator::handle_frame`], what the controller decides with
//! `handle_eap`, `handle_master_key`, `handle_not_cached` and `handle_rejected`.

use super::{JoinFault, JoinStage, PairwiseKeys, pairwise_key};
use crate::crypto::{Key, Sealed};
use crate::rng::Stream;
use crate::time::{Duration, Time};
use crate::wire::dot11::{Akm, Dot11, Dot11Body};
use crate::wire::eap::{Eap, EapolKey};
use crate::wire::{Frame, Mac};
use std::collections::VecDeque;

/// Time to wait for a message of the four-way handshake before it is sent again.
const HANDSHAKE_WAIT: Duration = Duration::from_millis(400);
/// Times that a message of the handshake is sent (`domain.md` 3.1: up to 3, then deauthentication with reason 15).
const HANDSHAKE_TRIES: u8 = 3;
/// Reason: the four-way handshake failed or took too long.
const REASON_HANDSHAKE: u16 = 15;
/// Reason: 802.1X refused the station.
const REASON_REFUSED: u16 = 23;
/// Status: the station cannot protect management frames, and the network requires it.
pub const STATUS_PMF: u16 = 31;
/// Status: the network has another authentication.
pub const STATUS_AKM: u16 = 43;

/// What an authenticator is configured with: its network and whom it serves.
#[derive(Clone, Debug)]
pub struct AuthenticatorConfig {
    /// Address of the BSS.
    pub bssid: Mac,
    /// The station.
    pub station: Mac,
    /// Authentication of the network.
    pub akm: Akm,
    /// Pairwise master key of a pre-shared key.
    pub psk: Option<Key>,
    /// Group key of the BSS.
    pub group: Key,
    /// Whether management frames must be protected.
    pub pmf: bool,
}

/// What the access point learns of a station.
#[derive(Clone, Debug)]
pub enum AuthenticatorEvent {
    /// The station is refused.
    Refused {
        /// How far it was.
        stage: JoinStage,
        /// Why.
        why: JoinFault,
    },
    /// A four-way handshake begins: the random stream of its nonce is used up.
    HandshakeBegun,
    /// The station offers a cached master key by its identifier: answer with `handle_master_key` or `handle_not_cached`.
    CachedKeyOffered(u64),
    /// An EAP message for the authentication server; none starts 802.1X.
    Eap(Option<Eap>),
    /// The station is associated, with keys if the network has any: its port is open.
    Up,
    /// A data frame of the station.
    Data(Frame),
    /// A data frame that does not open: another key, or a packet number that was taken before.
    Undecipherable,
    /// A management frame without the integrity code that it needs.
    Unprotected,
    /// The association is over.
    Closed,
}

/// The message of the handshake that was sent last.
#[derive(Clone, Copy, Debug)]
struct Sent {
    /// Its replay counter.
    replay: u32,
    /// How often it was sent.
    tries: u8,
}

/// How far the station is. Whoever is in the handshake has what the next message of it needs.
#[derive(Clone, Debug)]
enum State {
    /// Nothing was heard yet.
    Unauthenticated,
    /// Open-system authentication is through.
    Authenticated,
    /// Associated; 802.1X takes place here.
    Associated,
    /// Message 1 was sent.
    AwaitMessage2 { pmk: Key, anonce: u64, sent: Sent },
    /// Message 3 was sent.
    AwaitMessage4 {
        pairwise: Key,
        anonce: u64,
        sent: Sent,
    },
    /// The port is open.
    Up,
    /// Over.
    Closed,
}

/// The access point's end.
#[derive(Clone, Debug)]
pub struct Authenticator {
    config: AuthenticatorConfig,
    state: State,
    /// Keys of the association. A station that associates anew keeps those of before until it has others.
    keys: Option<PairwiseKeys>,
    /// Whether a handshake was begun since the station authenticated: it is given one master key by 802.1X.
    keyed: bool,
    /// The deadline, and how many there were: each has a number of its own.
    due: Option<Time>,
    deadlines: u32,
    transmit: VecDeque<Dot11>,
    events: VecDeque<AuthenticatorEvent>,
}

impl Authenticator {
    /// An end that has heard nothing yet.
    #[must_use]
    pub fn new(config: AuthenticatorConfig) -> Self {
        Self {
            config,
            state: State::Unauthenticated,
            keys: None,
            keyed: false,
            due: None,
            deadlines: 0,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Whether the station's port is open.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Up)
    }

    // ---- what the station sends -----------------------------------------------------------------------------------

    /// A frame of the station was heard. `rng` is the random stream of the next handshake's nonce.
    pub fn handle_frame(&mut self, now: Time, rng: &mut Stream, body: Dot11Body) {
        if matches!(self.state, State::Closed) {
            return;
        }
        match body {
            Dot11Body::Authentication { sequence: 1, .. } => self.authenticate(),
            Dot11Body::AssociationRequest {
                akm, pmf, pmkid, ..
            } => self.associate(now, rng, (akm, pmf), pmkid),
            Dot11Body::EapolStart => self.relay(None),
            Dot11Body::Eapol(eap) => self.relay(Some(eap)),
            Dot11Body::EapolKey(key) => self.key(now, &key),
            Dot11Body::Deauthentication { reason, mic } => {
                self.deauthenticated(reason, mic.as_ref());
            }
            Dot11Body::Clear(frame) => self.data(*frame),
            Dot11Body::Pairwise { number, frame } => {
                match self.keys.as_mut().and_then(|k| k.open(number, *frame)) {
                    Some(frame) => self.data(frame),
                    None => self.events.push_back(AuthenticatorEvent::Undecipherable),
                }
            }
            _ => {}
        }
    }

    /// The next message of the handshake has not come in time: the last one is sent again, or the station is given up. Whoever drives this end knows its
    /// deadlines by their numbers: the time is not looked at.
    pub fn handle_timeout(&mut self, now: Time) {
        if self.due.take().is_some() {
            self.send_message(now);
        }
    }

    // ---- what the controller decides ------------------------------------------------------------------------------

    /// The authentication server has an EAP message for the station.
    pub fn handle_eap(&mut self, eap: Eap) {
        self.send(Dot11Body::Eapol(eap));
    }

    /// The station is authenticated, and this is its master key.
    pub fn handle_master_key(&mut self, now: Time, rng: &mut Stream, pmk: Key) {
        if matches!(self.state, State::Associated) && !self.keyed {
            // Where the key was cached, the association response is still owed; where it came from 802.1X, the station ignores a second one.
            self.send(Dot11Body::AssociationResponse {
                status: 0,
                cached: true,
            });
            self.begin_handshake(now, rng, pmk);
        }
    }

    /// Nobody has the key that the station offered: it authenticates in full.
    pub fn handle_not_cached(&mut self) {
        self.send(Dot11Body::AssociationResponse {
            status: 0,
            cached: false,
        });
    }

    /// The authentication server refuses the station.
    pub fn handle_rejected(&mut self) {
        let reason = REASON_REFUSED;
        let keys = self.keys.filter(|_| self.config.pmf);
        let mic = keys.map(|k| k.mic(u64::from(reason)));
        self.close(Some(Dot11Body::Deauthentication { reason, mic }));
    }

    // ---- what comes of it -----------------------------------------------------------------------------------------

    /// Next frame to be sent.
    pub fn poll_transmit(&mut self) -> Option<Dot11> {
        self.transmit.pop_front()
    }

    /// Next thing that the access point is told.
    pub fn poll_event(&mut self) -> Option<AuthenticatorEvent> {
        self.events.pop_front()
    }

    /// When to call [`Authenticator::handle_timeout`], and the deadline's number.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Time, u32)> {
        self.due.map(|due| (due, self.deadlines))
    }

    /// A data frame for the station, as it goes on the air; none while its port is closed.
    #[must_use]
    pub fn encapsulate(&mut self, frame: Frame) -> Option<Dot11> {
        if !self.is_up() {
            return None;
        }
        let body = match &mut self.keys {
            Some(keys) => keys.seal(frame),
            None => Dot11Body::Clear(Box::new(frame)),
        };
        Some(self.frame(body))
    }

    fn frame(&self, body: Dot11Body) -> Dot11 {
        Dot11 {
            ta: self.config.bssid,
            ra: self.config.station,
            bssid: self.config.bssid,
            body,
        }
    }

    fn send(&mut self, body: Dot11Body) {
        let frame = self.frame(body);
        self.transmit.push_back(frame);
    }

    fn close(&mut self, last: Option<Dot11Body>) {
        if let Some(body) = last {
            self.send(body);
        }
        self.state = State::Closed;
        self.due = None;
        self.events.push_back(AuthenticatorEvent::Closed);
    }

    fn refuse(&mut self, stage: JoinStage, why: JoinFault) {
        self.events
            .push_back(AuthenticatorEvent::Refused { stage, why });
    }

    /// A station that authenticates begins anew, whatever was before.
    fn authenticate(&mut self) {
        self.state = State::Authenticated;
        (self.keys, self.keyed, self.due) = (None, false, None);
        self.send(Dot11Body::Authentication {
            sequence: 2,
            status: 0,
        });
    }

    fn associate(
        &mut self,
        now: Time,
        rng: &mut Stream,
        (akm, pmf): (Akm, bool),
        pmkid: Option<u64>,
    ) {
        if matches!(self.state, State::Unauthenticated) {
            return;
        }
        let refused = if akm != self.config.akm {
            Some(STATUS_AKM)
        } else {
            (self.config.pmf && !pmf).then_some(STATUS_PMF)
        };
        let response = |status| Dot11Body::AssociationResponse {
            status,
            cached: false,
        };
        if let Some(status) = refused {
            self.refuse(JoinStage::Association, JoinFault::Refused(status));
            return self.send(response(status));
        }
        self.state = State::Associated;
        self.due = None;
        match (akm, pmkid) {
            (Akm::EapTls, Some(offered)) => {
                let event = AuthenticatorEvent::CachedKeyOffered(offered);
                self.events.push_back(event);
            }
            (Akm::Open, _) => {
                self.send(response(0));
                self.up(None);
            }
            (Akm::Psk, _) => {
                self.send(response(0));
                if let Some(pmk) = self.config.psk {
                    self.begin_handshake(now, rng, pmk);
                }
            }
            (Akm::EapTls, None) => self.send(response(0)),
        }
    }

    /// An EAP message goes on to the authentication server as long as the station has no keys.
    fn relay(&mut self, eap: Option<Eap>) {
        if self.config.akm == Akm::EapTls && matches!(self.state, State::Associated) {
            self.events.push_back(AuthenticatorEvent::Eap(eap));
        }
    }

    fn begin_handshake(&mut self, now: Time, rng: &mut Stream, pmk: Key) {
        self.keyed = true;
        self.events.push_back(AuthenticatorEvent::HandshakeBegun);
        self.state = State::AwaitMessage2 {
            pmk,
            anonce: rng.next_u64(),
            sent: Sent {
                replay: 1,
                tries: 0,
            },
        };
        self.send_message(now);
    }

    /// Sends the message of the handshake that is due, or gives up.
    fn send_message(&mut self, now: Time) {
        let (State::AwaitMessage2 { sent, .. } | State::AwaitMessage4 { sent, .. }) =
            &mut self.state
        else {
            return;
        };
        if sent.tries == HANDSHAKE_TRIES {
            return self.close(Some(Dot11Body::Deauthentication {
                reason: REASON_HANDSHAKE,
                mic: None,
            }));
        }
        // Every message of the handshake has a counter of its own, a repeated one too.
        if sent.tries > 0 {
            sent.replay += 1;
        }
        sent.tries += 1;
        let replay = sent.replay;
        let message = match &self.state {
            State::AwaitMessage4 {
                pairwise, anonce, ..
            } => EapolKey::M3 {
                anonce: *anonce,
                replay,
                group: Sealed::seal(pairwise, self.config.group, 56),
            },
            State::AwaitMessage2 { anonce, .. } => EapolKey::M1 {
                anonce: *anonce,
                replay,
            },
            _ => return,
        };
        self.send(Dot11Body::EapolKey(message));
        self.due = Some(now + HANDSHAKE_WAIT);
        self.deadlines += 1;
    }

    fn key(&mut self, now: Time, key: &EapolKey) {
        match (&self.state, key) {
            (
                State::AwaitMessage2 { pmk, anonce, sent },
                EapolKey::M2 {
                    snonce,
                    replay,
                    mic,
                },
            ) if *replay == sent.replay => {
                let (bssid, station) = (self.config.bssid, self.config.station);
                let pairwise = pairwise_key(pmk, *anonce, *snonce, bssid, station);
                if mic.open(&pairwise) != Some(&u64::from(*replay)) {
                    self.refuse(JoinStage::FourWay, JoinFault::WrongKey);
                    return self.close(Some(Dot11Body::Deauthentication {
                        reason: REASON_HANDSHAKE,
                        mic: None,
                    }));
                }
                self.state = State::AwaitMessage4 {
                    pairwise,
                    anonce: *anonce,
                    sent: Sent {
                        replay: replay + 1,
                        tries: 0,
                    },
                };
                self.send_message(now);
            }
            (State::AwaitMessage4 { pairwise, sent, .. }, EapolKey::M4 { replay, mic })
                if *replay == sent.replay && mic.open(pairwise) == Some(&u64::from(*replay)) =>
            {
                let pairwise = *pairwise;
                self.up(Some(pairwise));
            }
            _ => {}
        }
    }

    fn up(&mut self, pairwise: Option<Key>) {
        self.state = State::Up;
        self.keys = pairwise.map(PairwiseKeys::install);
        // Whatever deadline there was is over, which has a number too.
        self.due = None;
        self.deadlines += 1;
        self.events.push_back(AuthenticatorEvent::Up);
    }

    fn deauthenticated(&mut self, reason: u16, mic: Option<&Sealed<u64>>) {
        let keys = self.keys.filter(|_| self.config.pmf);
        if keys.is_some_and(|k| !k.proves(mic, u64::from(reason))) {
            return self.events.push_back(AuthenticatorEvent::Unprotected);
        }
        self.close(None);
    }

    fn data(&mut self, frame: Frame) {
        if self.is_up() {
            self.events.push_back(AuthenticatorEvent::Data(frame));
        }
    }
}
