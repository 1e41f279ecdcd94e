//! The client's end of TLS.

use super::resumption::Ticket;
use super::{Credentials, TlsEvent, kind, resumed_key};
use crate::crypto::{AgreementSecret, Certificate, CertificateFault, Key, Sealed, Signature};
use crate::rng::Stream;
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::tls::{Tls, TlsVersion, transcript};
use crate::wire::tls_cost::Handshake;
use std::collections::VecDeque;

/// What a client is configured with.
#[derive(Clone, Debug, Default)]
pub struct ClientConfig {
    /// What it shows and checks.
    pub credentials: Credentials,
    /// Name that the server's certificate must carry; none accepts any server.
    pub expect: Option<String>,
    /// Highest version that it can do.
    pub highest: TlsVersion,
    /// Session that it would resume.
    pub ticket: Option<Ticket>,
}

/// How far the handshake is, with what the next message is checked by.
#[derive(Clone, Debug)]
enum State {
    AwaitServerHello {
        random: u64,
        secret: AgreementSecret,
        /// The session that it would resume.
        ticket: Option<Ticket>,
    },
    AwaitServerFinished {
        key: Key,
        digest: u64,
    },
    Open {
        key: Key,
        /// The session that can be resumed after this one.
        ticket: Option<Ticket>,
    },
    /// One end refused the other.
    Closed,
}

/// The client's end. `D` is what application data is.
#[derive(Clone, Debug)]
pub struct Client<D = Message> {
    credentials: Credentials,
    expect: Option<String>,
    state: State,
    work: Duration,
    transmit: VecDeque<Tls<D>>,
    events: VecDeque<TlsEvent<D>>,
}

/// What a server shows to be believed.
struct Shown<'a> {
    chain: &'a [Certificate],
    proof: Option<Signature>,
    digest: u64,
}

impl<D: Clone> Client<D> {
    /// A client whose opening waits to be sent.
    #[must_use]
    pub fn start(rng: &mut Stream, config: ClientConfig) -> Self {
        let ClientConfig {
            credentials,
            expect,
            highest,
            ticket,
        } = config;
        let secret = AgreementSecret::generate(rng);
        let random = rng.next_u64();
        let kind = match ticket {
            Some(_) => Handshake::Resumed,
            None => Handshake::Mutual,
        };
        let cost = credentials.costs.of(highest, kind);
        let hello = Tls::ClientHello {
            highest,
            random,
            share: secret.share(),
            name: expect.clone(),
            ticket: ticket.map(|t| t.number),
            bytes: cost.bytes.client_opening,
        };
        Self {
            work: cost.work.client_opening,
            credentials,
            expect,
            state: State::AwaitServerHello {
                random,
                secret,
                ticket,
            },
            transmit: VecDeque::from([hello]),
            events: VecDeque::new(),
        }
    }

    /// The session that it may resume later, once the handshake is done.
    #[must_use]
    pub fn ticket(&self) -> Option<Ticket> {
        match self.state {
            State::Open { ticket, .. } => ticket,
            _ => None,
        }
    }

    /// Processor time, on the machine that was measured, of what it did last. A refusal costs none.
    #[must_use]
    pub fn work(&self) -> Duration {
        self.work
    }

    /// The session key, once the handshake is done.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        match self.state {
            State::Open { key, .. } => Some(key),
            _ => None,
        }
    }

    /// A message arrived at calendar second `at`.
    pub fn handle_message(&mut self, at: u64, message: &Tls<D>) {
        self.work = Duration::ZERO;
        match message {
            Tls::Alert { fault } => self.alert(*fault),
            Tls::ServerHello { .. } => self.hello(at, message),
            Tls::ServerFinished {
                finished, ticket, ..
            } => self.finished(finished, *ticket),
            Tls::Data(sealed) => {
                if let State::Open { key, .. } = &self.state {
                    let data = sealed.open(key).cloned();
                    self.events.extend(data.map(TlsEvent::Data));
                }
            }
            Tls::ClientHello { .. } | Tls::ClientFinished { .. } => {}
        }
    }

    /// Next thing that the user is told.
    pub fn poll_event(&mut self) -> Option<TlsEvent<D>> {
        self.events.pop_front()
    }

    /// Next message to be sent.
    pub fn poll_transmit(&mut self) -> Option<Tls<D>> {
        self.transmit.pop_front()
    }

    /// The server refused this end.
    fn alert(&mut self, fault: CertificateFault) {
        if !matches!(self.state, State::Closed) {
            self.state = State::Closed;
            self.events.push_back(TlsEvent::RefusedByPeer(fault));
        }
    }

    /// The server's flight came.
    fn hello(&mut self, at: u64, flight: &Tls<D>) {
        let (
            State::AwaitServerHello {
                random: own,
                secret,
                ticket,
            },
            Tls::ServerHello {
                version,
                random,
                share,
                chain,
                proof,
                ask_client,
                resumed,
                ..
            },
        ) = (&self.state, flight)
        else {
            return;
        };
        let digest = transcript(*own, *random, secret.share(), *share);
        if let Some(finished) = resumed {
            let ticket = *ticket;
            return self.resume(*version, ticket, digest, finished);
        }
        let key = secret.agree(*share).derive("tls session", &[digest]);
        let shown = Shown {
            chain,
            proof: *proof,
            digest,
        };
        match self.fault(at, &shown) {
            Some(fault) => self.refuse(fault),
            None => self.answer(*version, *ask_client, (key, digest)),
        }
    }

    /// The server's end of the handshake came.
    fn finished(&mut self, finished: &Sealed<u64>, ticket: Option<u64>) {
        if let State::AwaitServerFinished { key, digest } = &self.state
            && finished.open(key) == Some(digest)
        {
            let master = *key;
            let ticket = ticket.map(|number| Ticket { number, master });
            self.open(master, ticket);
        }
    }

    /// What is wrong with what the server shows.
    fn fault(&self, at: u64, shown: &Shown<'_>) -> Option<CertificateFault> {
        let name = self.expect.as_ref()?;
        let unproven = || {
            let proof = shown.proof.zip(shown.chain.first());
            let proven = proof.is_some_and(|(p, leaf)| p.verifies(leaf.key, shown.digest));
            (!proven).then_some(CertificateFault::NoPossession)
        };
        let trusted = self
            .credentials
            .trust
            .check(shown.chain, at, Some(name), &[]);
        trusted.err().or_else(unproven)
    }

    fn open(&mut self, key: Key, ticket: Option<Ticket>) {
        self.state = State::Open { key, ticket };
        self.events.push_back(TlsEvent::Open);
    }

    fn refuse(&mut self, fault: CertificateFault) {
        self.state = State::Closed;
        self.events.push_back(TlsEvent::Refused(fault));
        self.transmit.push_back(Tls::Alert { fault });
    }

    /// The server says that the session goes on, and proves that it has its key.
    fn resume(
        &mut self,
        version: TlsVersion,
        ticket: Option<Ticket>,
        digest: u64,
        finished: &Sealed<u64>,
    ) {
        let Some(ticket) = ticket else { return };
        let key = resumed_key(&ticket.master, digest);
        if finished.open(&key) != Some(&digest) {
            return;
        }
        let cost = self.credentials.costs.of(version, Handshake::Resumed);
        self.work = cost.work.client_flight;
        self.transmit.push_back(Tls::ClientFinished {
            chain: Vec::new(),
            proof: None,
            finished: Sealed::seal(&key, digest, 12),
            bytes: cost.bytes.client_flight,
        });
        self.open(key, Some(ticket));
    }

    /// Goes on with a server that is accepted.
    fn answer(&mut self, version: TlsVersion, ask_client: bool, (key, digest): (Key, u64)) {
        let (chain, proof) = if ask_client {
            let proof = self.credentials.key.map(|k| k.sign(digest));
            (self.credentials.chain.clone(), proof)
        } else {
            (Vec::new(), None)
        };
        let handshake = kind(!chain.is_empty());
        let cost = self.credentials.costs.of(version, handshake);
        self.work = cost.work.client_flight;
        let bytes = cost.bytes.client_flight;
        let bytes = match handshake {
            Handshake::Mutual => self.credentials.costs.with_chain(bytes, chain.len()),
            Handshake::ServerOnly | Handshake::Resumed => bytes,
        };
        self.transmit.push_back(Tls::ClientFinished {
            chain,
            proof,
            finished: Sealed::seal(&key, digest, 12),
            bytes,
        });
        self.state = State::AwaitServerFinished { key, digest };
    }
}
