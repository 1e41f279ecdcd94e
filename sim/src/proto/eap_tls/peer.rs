//! The station's end of EAP-TLS.

use super::fragments::Fragments;
use super::{HIGHEST, master_key};
use crate::crypto::{CertificateFault, Key};
use crate::proto::tls::resumption::Ticket;
use crate::proto::tls::{Client, ClientConfig, Credentials, TlsEvent};
use crate::rng::Stream;
use crate::time::{Duration, Time};
use crate::wire::eap::Eap;
use crate::wire::tls::{NoData, Tls};
use std::collections::VecDeque;

/// What a peer is configured with.
#[derive(Clone, Debug)]
pub struct PeerConfig {
    /// Outer identity.
    pub identity: String,
    /// What it shows and checks.
    pub credentials: Credentials,
    /// Name that the server must prove; none accepts any server.
    pub server_name: Option<String>,
    /// Session that it would resume.
    pub ticket: Option<Ticket>,
    /// How many times longer its processor takes than the one that was measured.
    pub processor_factor: f64,
}

/// What a peer tells its station.
#[derive(Clone, Debug)]
pub enum PeerEvent {
    /// Authenticated: the pairwise master key.
    Authenticated(Key),
    /// The peer refuses the server. An alert waits to be sent; then it gives up.
    ServerRefused(CertificateFault),
    /// The server refused the peer, with the reason if it gave one.
    Failed(Option<CertificateFault>),
}

/// The station's end.
#[derive(Clone, Debug)]
pub struct Peer {
    config: PeerConfig,
    tls: Option<Client<NoData>>,
    fragments: Fragments,
    /// Why the server refuses it.
    refused: Option<CertificateFault>,
    /// What it is computing, and until when.
    computing: Option<(Time, Eap)>,
    transmit: VecDeque<Eap>,
    events: VecDeque<PeerEvent>,
}

impl Peer {
    /// A peer that waits for the server to ask.
    #[must_use]
    pub fn new(config: PeerConfig) -> Self {
        Self {
            config,
            tls: None,
            fragments: Fragments::of_peer(),
            refused: None,
            computing: None,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// The session that it may resume next time.
    #[must_use]
    pub fn ticket(&self) -> Option<Ticket> {
        self.tls.as_ref().and_then(Client::ticket)
    }

    /// A message arrived, in calendar second `at`.
    pub fn handle_message(&mut self, now: Time, at: u64, rng: &mut Stream, eap: &Eap) {
        // Who computes an answer has heard the question: another is a repetition. A refusal is not.
        if self.computing.is_some() && !matches!(eap, Eap::Failure) {
            return;
        }
        match eap {
            Eap::IdentityRequest => {
                let name = self.config.identity.clone();
                self.transmit.push_back(Eap::IdentityResponse { name });
            }
            Eap::TlsStart => {
                let config = ClientConfig {
                    credentials: self.config.credentials.clone(),
                    expect: self.config.server_name.clone(),
                    highest: HIGHEST,
                    ticket: self.config.ticket,
                };
                self.tls = Some(Client::start(rng, config));
                self.follow(now);
            }
            Eap::Tls { flight: None, .. } => self.transmit.push_back(Eap::TlsAck),
            Eap::Tls {
                flight: Some(flight),
                ..
            } => {
                if let Some(tls) = &mut self.tls {
                    tls.handle_message(at, flight);
                    self.follow(now);
                }
            }
            Eap::TlsAck => self.transmit.extend(self.fragments.next()),
            Eap::Success => {
                let key = self.tls.as_ref().and_then(Client::key);
                let key = key.map(|k| PeerEvent::Authenticated(master_key(&k)));
                self.events.extend(key);
            }
            Eap::Failure => self.events.push_back(PeerEvent::Failed(self.refused)),
            Eap::IdentityResponse { .. } => {}
        }
    }

    /// An answer may be computed by now.
    pub fn handle_timeout(&mut self, now: Time) {
        let done = self.computing.take_if(|(at, _)| *at <= now);
        self.transmit.extend(done.map(|(_, answer)| answer));
    }

    /// Next thing that the station is told.
    pub fn poll_event(&mut self) -> Option<PeerEvent> {
        self.events.pop_front()
    }

    /// Next message to be sent.
    pub fn poll_transmit(&mut self) -> Option<Eap> {
        self.transmit.pop_front()
    }

    /// When to call [`Peer::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        self.computing.as_ref().map(|(at, _)| *at)
    }

    /// Answers what the TLS end made of a flight.
    fn follow(&mut self, now: Time) {
        let Some(tls) = &mut self.tls else { return };
        let (event, flight) = (tls.poll_event(), tls.poll_transmit());
        match event {
            Some(TlsEvent::Refused(fault)) => {
                self.events.push_back(PeerEvent::ServerRefused(fault));
            }
            Some(TlsEvent::RefusedByPeer(fault)) => self.refused = Some(fault),
            Some(TlsEvent::Open) | None => {}
            Some(TlsEvent::Data(_)) => return,
        }
        let work = tls.work().scaled(self.config.processor_factor);
        match (event, flight) {
            (_, Some(flight)) => self.answer(now, work, flight),
            (Some(_), None) => self.transmit.push_back(Eap::TlsAck),
            (None, None) => {}
        }
    }

    /// Sends a flight when it is computed.
    fn answer(&mut self, now: Time, work: Duration, flight: Tls<NoData>) {
        let answer = self.fragments.begin(flight);
        if work.is_zero() {
            self.transmit.push_back(answer);
        } else {
            self.computing = Some((now + work, answer));
        }
    }
}
