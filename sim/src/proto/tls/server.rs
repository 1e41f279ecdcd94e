//! The server's end of TLS.

use super::resumption::Kept;
use super::{Credentials, TlsEvent, kind, resumed_key};
use crate::crypto::{
    AgreementSecret, Certificate, CertificateFault, Key, PublicKey, Sealed, Signature,
};
use crate::rng::Stream;
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::tls::{Tls, TlsVersion, transcript};
use crate::wire::tls_cost::Handshake;
use std::collections::VecDeque;

/// Issuer and serial number of a certificate.
type Serial = (PublicKey, u32);

/// What a handshake comes to when the client's flight is accepted.
#[derive(Clone, Debug)]
enum Outcome {
    /// A new session, kept under this number; none is not kept.
    New(Option<u64>),
    /// A session of before goes on.
    Resumed(Kept),
}

/// How far the handshake is, with what the next message is checked by.
#[derive(Clone, Debug)]
enum State {
    AwaitClientHello {
        /// Number under which a new session will be kept; none is not kept.
        number: Option<u64>,
        /// What it keeps of the session that the client names.
        known: Option<Kept>,
    },
    AwaitClientFinished {
        version: TlsVersion,
        key: Key,
        digest: u64,
        outcome: Outcome,
    },
    Open {
        key: Key,
        /// Subject and certificate that the client proved to hold.
        client: Option<(String, Serial)>,
        resumed: bool,
        /// What is to be kept of the session, and under which number.
        keep: Option<(u64, Kept)>,
    },
    /// One end refused the other.
    Closed,
}

/// What a client shows in its flight.
struct Shown<'a> {
    chain: &'a [Certificate],
    proof: Option<Signature>,
}

/// The server's end. `D` is what application data is.
#[derive(Clone, Debug)]
pub struct Server<D = Message> {
    credentials: Credentials,
    ask_client: bool,
    lowest: TlsVersion,
    highest: TlsVersion,
    state: State,
    work: Duration,
    transmit: VecDeque<Tls<D>>,
    events: VecDeque<TlsEvent<D>>,
}

impl<D: Clone> Server<D> {
    /// A server end that waits for a client's opening.
    #[must_use]
    pub fn new(credentials: Credentials, ask_client: bool) -> Self {
        Self {
            credentials,
            ask_client,
            lowest: TlsVersion::V10,
            highest: TlsVersion::V13,
            state: State::AwaitClientHello {
                number: None,
                known: None,
            },
            work: Duration::ZERO,
            transmit: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// The same end, which takes no version below `lowest`.
    #[must_use]
    pub fn from_version(self, lowest: TlsVersion) -> Self {
        Self { lowest, ..self }
    }

    /// The same end, which can do no version above `highest`.
    #[must_use]
    pub fn up_to_version(self, highest: TlsVersion) -> Self {
        Self { highest, ..self }
    }

    /// Before the client's opening is handled: the number under which a full handshake's session will be kept, and what is kept of the session
    /// that the client names.
    pub fn offer(&mut self, number: u64, known: Option<Kept>) {
        if let State::AwaitClientHello { .. } = self.state {
            let number = Some(number);
            self.state = State::AwaitClientHello { number, known };
        }
    }

    /// Whether a session of before goes on.
    #[must_use]
    pub fn resumed(&self) -> bool {
        match &self.state {
            State::AwaitClientFinished { outcome, .. } => matches!(outcome, Outcome::Resumed(_)),
            State::Open { resumed, .. } => *resumed,
            State::AwaitClientHello { .. } | State::Closed => false,
        }
    }

    /// What is to be kept of the session, and under which number: after a full handshake with a client's certificate.
    #[must_use]
    pub fn to_keep(&self) -> Option<(u64, &Kept)> {
        match &self.state {
            State::Open { keep, .. } => keep.as_ref().map(|(number, kept)| (*number, kept)),
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

    fn client(&self) -> Option<&(String, Serial)> {
        match &self.state {
            State::Open { client, .. } => client.as_ref(),
            _ => None,
        }
    }

    /// Issuer and serial number of the certificate that the client proved to hold, once the handshake is done.
    #[must_use]
    pub fn serial(&self) -> Option<(PublicKey, u32)> {
        self.client().map(|(_, serial)| *serial)
    }

    /// The subject that the client proved to be, once the handshake is done.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.client().map(|(subject, _)| subject.as_str())
    }

    /// A message arrived at calendar second `at`; `revoked` is what is known to be revoked.
    pub fn handle_message(
        &mut self,
        at: u64,
        rng: &mut Stream,
        message: &Tls<D>,
        revoked: &[(PublicKey, u32)],
    ) {
        self.work = Duration::ZERO;
        match message {
            Tls::Alert { fault } => self.alert(*fault),
            Tls::ClientHello {
                highest,
                random,
                share,
                ..
            } => self.opening(rng, *highest, (*random, *share)),
            Tls::ClientFinished {
                chain,
                proof,
                finished,
                ..
            } => {
                let proof = *proof;
                self.flight(at, &Shown { chain, proof }, finished, revoked);
            }
            Tls::Data(sealed) => {
                if let State::Open { key, .. } = &self.state {
                    let data = sealed.open(key).cloned();
                    self.events.extend(data.map(TlsEvent::Data));
                }
            }
            Tls::ServerHello { .. } | Tls::ServerFinished { .. } => {}
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

    /// The client refused this end.
    fn alert(&mut self, fault: CertificateFault) {
        if !matches!(self.state, State::Closed) {
            self.state = State::Closed;
            self.events.push_back(TlsEvent::RefusedByPeer(fault));
        }
    }

    /// The client opens.
    fn opening(&mut self, rng: &mut Stream, highest: TlsVersion, client: (u64, u64)) {
        let State::AwaitClientHello { number, known } = &mut self.state else {
            return;
        };
        if highest < self.lowest {
            return self.refuse(CertificateFault::VersionTooLow);
        }
        let outcome = match known.take() {
            Some(known) => Outcome::Resumed(known),
            None => Outcome::New(*number),
        };
        // One suite stands for all versions: what is negotiated is the highest that both ends can do, if this end takes it.
        self.hello(rng, self.highest.min(highest), client, outcome);
    }

    /// The client's flight came.
    fn flight(
        &mut self,
        at: u64,
        shown: &Shown<'_>,
        finished: &Sealed<u64>,
        revoked: &[(PublicKey, u32)],
    ) {
        let State::AwaitClientFinished {
            version,
            key,
            digest,
            outcome,
        } = &self.state
        else {
            return;
        };
        if finished.open(key) != Some(digest) {
            return;
        }
        let (version, key, digest) = (*version, *key, *digest);
        match outcome.clone() {
            Outcome::Resumed(known) => self.go_on(version, key, known),
            Outcome::New(number) if self.ask_client => {
                match self.fault(at, digest, shown, revoked) {
                    Some(fault) => self.refuse(fault),
                    None => self.finish(version, (key, digest), number, shown.chain.first()),
                }
            }
            Outcome::New(number) => self.finish(version, (key, digest), number, None),
        }
    }

    /// What is wrong with what the client shows.
    fn fault(
        &self,
        at: u64,
        digest: u64,
        shown: &Shown<'_>,
        revoked: &[(PublicKey, u32)],
    ) -> Option<CertificateFault> {
        let unproven = || {
            let proof = shown.proof.zip(shown.chain.first());
            let proven = proof.is_some_and(|(p, leaf)| p.verifies(leaf.key, digest));
            (!proven).then_some(CertificateFault::NoPossession)
        };
        let trusted = self.credentials.trust.check(shown.chain, at, None, revoked);
        trusted.err().or_else(unproven)
    }

    fn refuse(&mut self, fault: CertificateFault) {
        self.state = State::Closed;
        self.events.push_back(TlsEvent::Refused(fault));
        self.transmit.push_back(Tls::Alert { fault });
    }

    /// Answers the client's opening. Where a session goes on nothing is shown, and nothing is checked but that the client has its key.
    fn hello(
        &mut self,
        rng: &mut Stream,
        version: TlsVersion,
        (random, share): (u64, u64),
        outcome: Outcome,
    ) {
        let secret = AgreementSecret::generate(rng);
        let own = rng.next_u64();
        let digest = transcript(random, own, share, secret.share());
        let costs = &self.credentials.costs;
        let hello = |chain, proof, ask_client, resumed, bytes| Tls::ServerHello {
            version,
            random: own,
            share: secret.share(),
            chain,
            proof,
            ask_client,
            resumed,
            bytes,
        };
        let (key, message) = match &outcome {
            Outcome::Resumed(known) => {
                let key = resumed_key(&known.master, digest);
                let cost = costs.of(version, Handshake::Resumed);
                self.work = cost.work.server_flight;
                let finished = Some(Sealed::seal(&key, digest, 12));
                let bytes = cost.bytes.server_flight;
                (key, hello(Vec::new(), None, false, finished, bytes))
            }
            Outcome::New(_) => {
                let key = secret.agree(share).derive("tls session", &[digest]);
                let chain = self.credentials.chain.clone();
                let cost = costs.of(version, kind(self.ask_client));
                self.work = cost.work.server_flight;
                let bytes = costs.with_chain(cost.bytes.server_flight, chain.len());
                let proof = self.credentials.key.map(|k| k.sign(digest));
                (key, hello(chain, proof, self.ask_client, None, bytes))
            }
        };
        self.transmit.push_back(message);
        self.state = State::AwaitClientFinished {
            version,
            key,
            digest,
            outcome,
        };
    }

    /// The client has the key of the session that it resumes.
    fn go_on(&mut self, version: TlsVersion, key: Key, known: Kept) {
        let cost = self.credentials.costs.of(version, Handshake::Resumed);
        self.work = cost.work.server_closing;
        self.state = State::Open {
            key,
            client: Some((known.subject, known.serial)),
            resumed: true,
            keep: None,
        };
        self.events.push_back(TlsEvent::Open);
    }

    /// Ends a full handshake with a client whose certificate is this one, if it was asked for any.
    fn finish(
        &mut self,
        version: TlsVersion,
        (key, digest): (Key, u64),
        number: Option<u64>,
        leaf: Option<&Certificate>,
    ) {
        let keep = number.zip(leaf.map(|c| Kept {
            master: key,
            subject: c.subject.clone(),
            serial: (c.issuer, c.serial),
            expires: c.not_after,
        }));
        let cost = self.credentials.costs.of(version, kind(leaf.is_some()));
        self.work = cost.work.server_closing;
        self.transmit.push_back(Tls::ServerFinished {
            finished: Sealed::seal(&key, digest, 12),
            ticket: keep.as_ref().map(|(number, _)| *number),
            bytes: cost.bytes.server_closing,
        });
        self.state = State::Open {
            key,
            client: leaf.map(|c| (c.subject.clone(), (c.issuer, c.serial))),
            resumed: false,
            keep,
        };
        self.events.push_back(TlsEvent::Open);
    }
}
