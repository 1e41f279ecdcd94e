//! The authentication server's end of EAP-TLS, one per authentication.

use super::fragments::Fragments;
use super::{HIGHEST, master_key};
use crate::crypto::{CertificateFault, Key, PublicKey};
use crate::proto::tls::resumption::{Kept, Sessions};
use crate::proto::tls::{self, Credentials, TlsEvent};
use crate::rng::Stream;
use crate::time::Duration;
use crate::wire::eap::Eap;
use crate::wire::tls::{NoData, Tls};
use std::collections::VecDeque;

/// What the end tells its authentication server. A message leads to one event or one message to be sent at most.
#[derive(Clone, Debug)]
pub enum ServerEvent {
    /// Accepted: the pairwise master key and the certificate's subject.
    Accepted(Key, String),
    /// Rejected, by this end.
    Rejected(CertificateFault),
    /// The station has refused this server's certificate: its login ends.
    RefusedByPeer(CertificateFault),
}

/// The authentication server's end.
#[derive(Clone, Debug)]
pub struct Server {
    tls: tls::Server<NoData>,
    fragments: Fragments,
    /// Why it will reject the peer, once that has the alert.
    rejecting: Option<CertificateFault>,
    transmit: VecDeque<Eap>,
    events: VecDeque<ServerEvent>,
}

impl Server {
    /// An end that asks for a client certificate.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self {
            tls: tls::Server::new(credentials, true).up_to_version(HIGHEST),
            fragments: Fragments::of_server(),
            rejecting: None,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Processor time, on the machine that was measured, of the last flight that it took.
    #[must_use]
    pub fn work(&self) -> Duration {
        self.tls.work()
    }

    /// Issuer and serial number of the certificate that the peer proved to hold.
    #[must_use]
    pub fn serial(&self) -> Option<(PublicKey, u32)> {
        self.tls.serial()
    }

    /// Whether a session of before goes on.
    #[must_use]
    pub fn resumed(&self) -> bool {
        self.tls.resumed()
    }

    /// What is to be kept of the session, and under which number, once the station is accepted.
    #[must_use]
    pub fn to_keep(&self) -> Option<(u64, &Kept)> {
        self.tls.to_keep()
    }

    /// Before a message is handled, at calendar second `at`: an opening may name one of the sessions that are kept. What comes of a full handshake
    /// will be kept under a number of its own.
    pub fn consult(&mut self, rng: &mut Stream, sessions: &Sessions, eap: &Eap, at: u64) {
        if let Eap::Tls {
            flight: Some(flight),
            ..
        } = eap
            && let Tls::ClientHello { ticket, .. } = &**flight
        {
            let known = ticket.and_then(|number| sessions.find(number, at));
            self.tls.offer(rng.next_u64(), known.cloned());
        }
    }

    /// A message arrived, in calendar second `at`; `revoked` is what is known to be revoked.
    pub fn handle_message(
        &mut self,
        at: u64,
        rng: &mut Stream,
        eap: &Eap,
        revoked: &[(PublicKey, u32)],
    ) {
        match eap {
            Eap::IdentityResponse { .. } => self.transmit.push_back(Eap::TlsStart),
            Eap::Tls { flight: None, .. } => self.transmit.push_back(Eap::TlsAck),
            Eap::Tls {
                flight: Some(flight),
                ..
            } => {
                self.tls.handle_message(at, rng, flight, revoked);
                self.follow();
            }
            Eap::TlsAck => match (self.fragments.next(), self.rejecting) {
                (Some(next), _) => self.transmit.push_back(next),
                (None, Some(fault)) => self.events.push_back(ServerEvent::Rejected(fault)),
                (None, None) => self.accept(),
            },
            Eap::IdentityRequest | Eap::TlsStart | Eap::Success | Eap::Failure => {}
        }
    }

    /// Next thing that the authentication server is told.
    pub fn poll_event(&mut self) -> Option<ServerEvent> {
        self.events.pop_front()
    }

    /// Next message to be sent.
    pub fn poll_transmit(&mut self) -> Option<Eap> {
        self.transmit.pop_front()
    }

    /// Answers what the TLS end made of a flight.
    fn follow(&mut self) {
        let (event, flight) = (self.tls.poll_event(), self.tls.poll_transmit());
        match event {
            Some(TlsEvent::Refused(fault)) => self.rejecting = Some(fault),
            Some(TlsEvent::RefusedByPeer(fault)) => {
                self.events.push_back(ServerEvent::RefusedByPeer(fault));
            }
            // The peer's flight was the last one: its session goes on.
            Some(TlsEvent::Open) if flight.is_none() => self.accept(),
            Some(TlsEvent::Open | TlsEvent::Data(_)) | None => {}
        }
        let next = flight.map(|f| self.fragments.begin(f));
        self.transmit.extend(next);
    }

    fn accept(&mut self) {
        if let (Some(key), Some(subject)) = (self.tls.key(), self.tls.subject()) {
            let accepted = ServerEvent::Accepted(master_key(&key), subject.to_owned());
            self.events.push_back(accepted);
        }
    }
}
