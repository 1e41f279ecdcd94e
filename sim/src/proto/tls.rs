//! TLS with symbolic keys: client and server ends of one handshake, full or mutual.

use super::resumption::{Kept, Ticket};
use crate::crypto::{
    AgreementSecret, Certificate, CertificateFault, Key, PrivateKey, PublicKey, Sealed, Signature,
    TrustStore,
};
use crate::rng::Stream;
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::tls::{Tls, TlsVersion, record, transcript};
use crate::wire::tls_cost::{Handshake, KeyCosts, TlsCosts};
use std::sync::Arc;

/// What an end has to show and to check.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Own chain, leaf first.
    pub chain: Vec<Certificate>,
    /// Own private key.
    pub key: Option<PrivateKey>,
    /// What it trusts.
    pub trust: TrustStore,
    /// What its handshakes cost.
    pub costs: KeyCosts,
}

impl Credentials {
    /// Nothing to show and nothing to check, where handshakes cost what this table says.
    #[must_use]
    pub fn with_nothing(costs: &Arc<TlsCosts>) -> Self {
        let costs = KeyCosts {
            table: costs.clone(),
            ..KeyCosts::default()
        };
        Self {
            costs,
            ..Self::default()
        }
    }
}

/// What came of a message.
#[derive(Clone, Debug)]
pub enum Step {
    /// Send this; the handshake goes on.
    Send(Tls),
    /// Send this; the handshake is done on this side.
    SendDone(Tls),
    /// The handshake is done.
    Done,
    /// Application data.
    Data(Message),
    /// This end refuses; tell the other.
    Refuse(CertificateFault, Tls),
    /// The other end refused.
    Refused(CertificateFault),
    /// Nothing to do: not for this state, or not readable.
    Ignore,
}

/// Client end.
#[derive(Clone, Debug)]
pub struct Client {
    credentials: Credentials,
    /// Name that the server must prove; none checks nothing.
    expect: Option<String>,
    random: u64,
    secret: AgreementSecret,
    session: Option<(Key, u64)>,
    done: bool,
    /// The session that it would resume, and then the one that can be resumed after this.
    ticket: Option<Ticket>,
    work: Duration,
}

impl Client {
    /// A client that can do every version, and its opening. `expect` is the name that the server's certificate must carry; none accepts any server.
    pub fn start(
        luck: &mut Stream,
        credentials: Credentials,
        expect: Option<String>,
    ) -> (Self, Tls) {
        Self::start_up_to(luck, credentials, expect, TlsVersion::default())
    }

    /// As [`Client::start`], for a client that can do no version above `highest`.
    pub fn start_up_to(
        luck: &mut Stream,
        credentials: Credentials,
        expect: Option<String>,
        highest: TlsVersion,
    ) -> (Self, Tls) {
        let secret = AgreementSecret::generate(luck);
        let random = luck.next_u64();
        let cost = credentials.costs.of(highest, Handshake::Mutual);
        let work = cost.work.client_opening;
        let hello = Tls::ClientHello {
            highest,
            random,
            share: secret.share(),
            name: expect.clone(),
            ticket: None,
            bytes: cost.bytes.client_opening,
        };
        (
            Self {
                credentials,
                expect,
                random,
                secret,
                session: None,
                done: false,
                ticket: None,
                work,
            },
            hello,
        )
    }

    /// As [`Client::start_up_to`], for a client that would resume a session, if it keeps one.
    pub fn start_resuming(
        luck: &mut Stream,
        credentials: Credentials,
        expect: Option<String>,
        highest: TlsVersion,
        ticket: Option<Ticket>,
    ) -> (Self, Tls) {
        let (mut client, mut hello) = Self::start_up_to(luck, credentials, expect, highest);
        client.ticket = ticket;
        if let (Some(known), Tls::ClientHello { ticket, bytes, .. }) = (ticket, &mut hello) {
            let cost = client.credentials.costs.of(highest, Handshake::Resumed);
            (*ticket, *bytes) = (Some(known.number), cost.bytes.client_opening);
            client.work = cost.work.client_opening;
        }
        (client, hello)
    }

    /// The session that it may resume later, once the handshake is done.
    #[must_use]
    pub fn ticket(&self) -> Option<Ticket> {
        self.ticket.filter(|_| self.done)
    }

    /// The server says that the session goes on, and proves that it has its key.
    fn resume(&mut self, version: TlsVersion, digest: u64, proof: &Sealed<u64>) -> Step {
        let Some(ticket) = self.ticket else {
            return Step::Ignore;
        };
        let key = resumed_key(&ticket.master, digest);
        if proof.open(&key) != Some(&digest) {
            return Step::Ignore;
        }
        self.session = Some((key, digest));
        self.done = true;
        let cost = self.credentials.costs.of(version, Handshake::Resumed);
        self.work = cost.work.client_flight;
        Step::SendDone(Tls::ClientFinished {
            chain: Vec::new(),
            proof: None,
            finished: Sealed::seal(&key, digest, 12),
            bytes: cost.bytes.client_flight,
        })
    }

    /// Processor time, on the machine that was measured, of what it did last. A refusal costs none.
    #[must_use]
    pub fn work(&self) -> Duration {
        self.work
    }

    /// The session key, once the handshake is done.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        self.session.filter(|_| self.done).map(|(k, _)| k)
    }

    /// Goes on with a server that is accepted, by its key share and the transcript.
    fn answer(
        &mut self,
        version: TlsVersion,
        ask_client: bool,
        (share, digest): (u64, u64),
    ) -> Step {
        let key = self.secret.agree(share).derive("tls session", &[digest]);
        self.session = Some((key, digest));
        let (chain, proof) = if ask_client {
            (
                self.credentials.chain.clone(),
                self.credentials.key.map(|k| k.sign(digest)),
            )
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
        Step::Send(Tls::ClientFinished {
            chain,
            proof,
            finished: Sealed::seal(&key, digest, 12),
            bytes,
        })
    }

    /// A message arrived at calendar second `at`.
    pub fn handle(&mut self, message: &Tls, at: u64) -> Step {
        self.work = Duration::ZERO;
        match message {
            Tls::ServerHello {
                version,
                random,
                share,
                chain,
                proof,
                ask_client,
                resumed,
                ..
            } if self.session.is_none() => {
                let digest = transcript(self.random, *random, self.secret.share(), *share);
                if let Some(proof) = resumed {
                    return self.resume(*version, digest, proof);
                }
                self.ticket = None;
                if let Some(name) = &self.expect {
                    let fault = self
                        .credentials
                        .trust
                        .check(chain, at, Some(name), &[])
                        .err()
                        .or_else(|| {
                            let proven = proof
                                .zip(chain.first())
                                .is_some_and(|(p, leaf)| p.verifies(leaf.key, digest));
                            (!proven).then_some(CertificateFault::NoPossession)
                        });
                    if let Some(fault) = fault {
                        return refuse(fault);
                    }
                }
                self.answer(*version, *ask_client, (*share, digest))
            }
            Tls::ServerFinished {
                finished, ticket, ..
            } if !self.done => match &self.session {
                Some((key, digest)) if finished.open(key) == Some(digest) => {
                    self.done = true;
                    let master = *key;
                    self.ticket = ticket.map(|number| Ticket { number, master });
                    Step::Done
                }
                _ => Step::Ignore,
            },
            Tls::Alert { fault } => Step::Refused(*fault),
            Tls::Data(sealed) => self
                .key()
                .and_then(|k| sealed.open(&k).cloned())
                .map_or(Step::Ignore, Step::Data),
            _ => Step::Ignore,
        }
    }
}

/// The key of a session that goes on, for this handshake.
fn resumed_key(master: &Key, digest: u64) -> Key {
    master.derive("tls session resumed", &[digest])
}

/// How much of a handshake takes place in which both ends show what they are asked for.
fn kind(client_shows: bool) -> Handshake {
    if client_shows {
        Handshake::Mutual
    } else {
        Handshake::ServerOnly
    }
}

/// Refuses, and tells the other end.
fn refuse(fault: CertificateFault) -> Step {
    Step::Refuse(fault, Tls::Alert { fault })
}

/// Server end.
#[derive(Clone, Debug)]
pub struct Server {
    credentials: Credentials,
    ask_client: bool,
    lowest: TlsVersion,
    highest: TlsVersion,
    /// Version that was chosen.
    version: TlsVersion,
    session: Option<(Key, u64)>,
    done: bool,
    work: Duration,
    subject: Option<String>,
    serial: Option<(crate::crypto::PublicKey, u32)>,
    /// Number under which the session will be kept; none is not kept.
    number: Option<u64>,
    /// What it keeps of the session that the client names.
    known: Option<Kept>,
    resumed: bool,
    /// What is to be kept of the session.
    kept: Option<Kept>,
}

impl Server {
    /// A server end that waits for a client's opening.
    #[must_use]
    pub fn new(credentials: Credentials, ask_client: bool) -> Self {
        Self {
            credentials,
            ask_client,
            lowest: TlsVersion::V10,
            highest: TlsVersion::V13,
            version: TlsVersion::V13,
            session: None,
            done: false,
            work: Duration::ZERO,
            subject: None,
            serial: None,
            number: None,
            known: None,
            resumed: false,
            kept: None,
        }
    }

    /// Before the client's opening is handled: the number under which a full handshake's session will be kept, and what is kept of the session
    /// that the client names.
    pub fn offer(&mut self, number: u64, known: Option<Kept>) {
        (self.number, self.known) = (Some(number), known);
    }

    /// Whether a session of before goes on.
    #[must_use]
    pub fn resumed(&self) -> bool {
        self.resumed
    }

    /// What is to be kept of the session, and under which number: after a full handshake with a client's certificate.
    #[must_use]
    pub fn to_keep(&self) -> Option<(u64, &Kept)> {
        self.number.zip(self.kept.as_ref().filter(|_| self.done))
    }

    /// Goes on with a session: nothing is shown, and nothing is checked but that the client has its key.
    fn resume(&mut self, luck: &mut Stream, (random, share): (u64, u64), known: Kept) -> Step {
        let secret = AgreementSecret::generate(luck);
        let own = luck.next_u64();
        let digest = transcript(random, own, share, secret.share());
        let key = resumed_key(&known.master, digest);
        self.session = Some((key, digest));
        self.resumed = true;
        self.subject = Some(known.subject);
        self.serial = Some(known.serial);
        let cost = self.credentials.costs.of(self.version, Handshake::Resumed);
        self.work = cost.work.server_flight;
        Step::Send(Tls::ServerHello {
            version: self.version,
            random: own,
            share: secret.share(),
            chain: Vec::new(),
            proof: None,
            ask_client: false,
            resumed: Some(Sealed::seal(&key, digest, 12)),
            bytes: cost.bytes.server_flight,
        })
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

    /// Processor time, on the machine that was measured, of what it did last. A refusal costs none.
    #[must_use]
    pub fn work(&self) -> Duration {
        self.work
    }

    /// The session key, once the handshake is done.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        self.session.filter(|_| self.done).map(|(k, _)| k)
    }

    /// Issuer and serial number of the certificate that the client proved to hold.
    #[must_use]
    pub fn serial(&self) -> Option<(crate::crypto::PublicKey, u32)> {
        self.serial
    }

    /// The subject that the client proved to be.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Begins a full handshake.
    fn open(&mut self, luck: &mut Stream, (random, share): (u64, u64)) -> Step {
        let secret = AgreementSecret::generate(luck);
        let own = luck.next_u64();
        let digest = transcript(random, own, share, secret.share());
        let key = secret.agree(share).derive("tls session", &[digest]);
        self.session = Some((key, digest));
        let chain = self.credentials.chain.clone();
        let cost = self
            .credentials
            .costs
            .of(self.version, kind(self.ask_client));
        self.work = cost.work.server_flight;
        let bytes = cost.bytes.server_flight;
        let bytes = self.credentials.costs.with_chain(bytes, chain.len());
        Step::Send(Tls::ServerHello {
            version: self.version,
            random: own,
            share: secret.share(),
            chain,
            proof: self.credentials.key.map(|k| k.sign(digest)),
            ask_client: self.ask_client,
            resumed: None,
            bytes,
        })
    }

    /// What is wrong with what the client shows; if nothing is, who it is.
    fn refuses(
        &mut self,
        chain: &[Certificate],
        proof: Option<Signature>,
        (key, digest): (Key, u64),
        (at, revoked): (u64, &[(PublicKey, u32)]),
    ) -> Option<CertificateFault> {
        let unproven = || {
            let proven = proof
                .zip(chain.first())
                .is_some_and(|(p, leaf)| p.verifies(leaf.key, digest));
            (!proven).then_some(CertificateFault::NoPossession)
        };
        let trusted = self.credentials.trust.check(chain, at, None, revoked);
        let fault = trusted.err().or_else(unproven);
        if fault.is_none() {
            self.subject = chain.first().map(|c| c.subject.clone());
            self.serial = chain.first().map(|c| (c.issuer, c.serial));
            self.kept = chain.first().map(|c| Kept {
                master: key,
                subject: c.subject.clone(),
                serial: (c.issuer, c.serial),
                expires: c.not_after,
            });
        }
        fault
    }

    /// A message arrived at calendar second `at`; `revoked` is what is known to be revoked.
    pub fn handle(
        &mut self,
        luck: &mut Stream,
        message: &Tls,
        at: u64,
        revoked: &[(crate::crypto::PublicKey, u32)],
    ) -> Step {
        self.work = Duration::ZERO;
        match message {
            // One suite stands for all versions: what is negotiated is the highest that both ends can do, if this end takes it.
            Tls::ClientHello { highest, .. } if *highest < self.lowest => {
                refuse(CertificateFault::VersionTooLow)
            }
            Tls::ClientHello {
                highest,
                random,
                share,
                ..
            } if self.session.is_none() => {
                self.version = self.highest.min(*highest);
                if let Some(known) = self.known.take() {
                    return self.resume(luck, (*random, *share), known);
                }
                self.open(luck, (*random, *share))
            }
            Tls::ClientFinished {
                chain,
                proof,
                finished,
                ..
            } if !self.done => {
                let Some((key, digest)) = self.session else {
                    return Step::Ignore;
                };
                if finished.open(&key) != Some(&digest) {
                    return Step::Ignore;
                }
                if self.resumed {
                    let cost = self.credentials.costs.of(self.version, Handshake::Resumed);
                    self.work = cost.work.server_closing;
                    self.done = true;
                    return Step::Done;
                }
                if self.ask_client
                    && let Some(fault) = self.refuses(chain, *proof, (key, digest), (at, revoked))
                {
                    return refuse(fault);
                }
                self.done = true;
                let cost = self
                    .credentials
                    .costs
                    .of(self.version, kind(!chain.is_empty()));
                self.work = cost.work.server_closing;
                Step::SendDone(Tls::ServerFinished {
                    finished: Sealed::seal(&key, digest, 12),
                    ticket: self.number.filter(|_| self.kept.is_some()),
                    bytes: cost.bytes.server_closing,
                })
            }
            Tls::Alert { fault } => Step::Refused(*fault),
            Tls::Data(sealed) => self
                .key()
                .and_then(|k| sealed.open(&k).cloned())
                .map_or(Step::Ignore, Step::Data),
            _ => Step::Ignore,
        }
    }
}

/// One end of a session that may be in clear: wraps and unwraps application messages.
#[derive(Clone, Debug)]
pub enum Channel {
    /// Without protection.
    Clear,
    /// TLS, client end.
    Client(Box<Client>),
    /// TLS, server end.
    Server(Box<Server>),
    /// Protected below, outside of the simulation.
    Outside {
        /// Subject of the certificate that the other end proved to hold; none where it was not asked for one.
        subject: Option<String>,
    },
}

impl Channel {
    /// Whether application messages may be sent.
    #[must_use]
    pub fn ready(&self) -> bool {
        match self {
            Self::Clear | Self::Outside { .. } => true,
            Self::Client(c) => c.key().is_some(),
            Self::Server(s) => s.key().is_some(),
        }
    }

    /// Whether messages are protected.
    #[must_use]
    pub fn protected(&self) -> bool {
        !matches!(self, Self::Clear)
    }

    /// An application message as it travels.
    #[must_use]
    pub fn wrap(&self, message: Message) -> Message {
        let key = match self {
            Self::Clear | Self::Outside { .. } => return message,
            Self::Client(c) => c.key(),
            Self::Server(s) => s.key(),
        };
        key.map_or(Message::Opaque { bytes: 0 }, |k| {
            Message::Tls(Box::new(record(&k, message)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Luck, NodeKey, Purpose};
    use crate::wire::tls_cost::{Flights, HandshakeCost};

    fn luck(n: u64) -> Stream {
        Luck::new(1).stream(NodeKey::of("x"), Purpose::new("tls"), n)
    }

    fn credentials(name: &str, root: &PrivateKey) -> Credentials {
        let key = PrivateKey::of(name);
        Credentials {
            chain: vec![Certificate::issue(
                root,
                name,
                key.public(),
                1,
                (0, 100),
                false,
            )],
            key: Some(key),
            trust: TrustStore {
                anchors: vec![PrivateKey::of("root").public()],
            },
            ..Credentials::default()
        }
    }

    fn handshake(
        client: Credentials,
        server: Credentials,
        expect: Option<&str>,
    ) -> (Client, Server, Option<CertificateFault>) {
        let (mut c, hello) = Client::start(&mut luck(1), client, expect.map(str::to_owned));
        let mut s = Server::new(server, true);
        let Step::Send(flight) = s.handle(&mut luck(2), &hello, 50, &[]) else {
            panic!("no flight")
        };
        let finished = match c.handle(&flight, 50) {
            Step::Send(m) => m,
            Step::Refuse(fault, _) => return (c, s, Some(fault)),
            other => panic!("{other:?}"),
        };
        match s.handle(&mut luck(3), &finished, 50, &[]) {
            Step::SendDone(m) => assert!(matches!(c.handle(&m, 50), Step::Done)),
            Step::Refuse(fault, _) => return (c, s, Some(fault)),
            other => panic!("{other:?}"),
        }
        (c, s, None)
    }

    #[test]
    fn both_ends_arrive_at_one_key_and_read_each_other() {
        let root = PrivateKey::of("root");
        let (mut c, s, fault) = handshake(
            credentials("pump", &root),
            credentials("server", &root),
            Some("server"),
        );
        assert_eq!(fault, None);
        assert_eq!(s.subject(), Some("pump"));
        let sent = Channel::Server(Box::new(s)).wrap(Message::Opaque { bytes: 9 });
        let Message::Tls(tls) = sent else {
            panic!("in clear")
        };
        assert!(matches!(
            c.handle(&tls, 50),
            Step::Data(Message::Opaque { bytes: 9 })
        ));
    }

    /// Marks each version: 100 bytes and microseconds for TLS 1.2, 200 for 1.3; kinds of handshake add ten each.
    fn marked() -> KeyCosts {
        let cost = |v: TlsVersion, _, h: Handshake| {
            let mark = if v == TlsVersion::V13 { 200 } else { 100 } + 10 * h as u32;
            let bytes = Flights {
                client_opening: mark,
                server_flight: mark + 1,
                client_flight: mark + 2,
                server_closing: mark + 3,
            };
            let work = |bytes: u32| Duration::from_micros(bytes.into());
            HandshakeCost {
                bytes,
                work: Flights {
                    client_opening: work(bytes.client_opening),
                    server_flight: work(bytes.server_flight),
                    client_flight: work(bytes.client_flight),
                    server_closing: work(bytes.server_closing),
                },
            }
        };
        KeyCosts {
            table: Arc::new(TlsCosts::new(cost, |_| 1000)),
            ..KeyCosts::default()
        }
    }

    /// Lengths and times of the four flights between a client and a server that can do up to these versions.
    fn flights(client: TlsVersion, server: TlsVersion, ask: bool) -> [(u32, Duration); 4] {
        let root = PrivateKey::of("root");
        let own = |name| Credentials {
            costs: marked(),
            ..credentials(name, &root)
        };
        let (mut c, hello) = Client::start_up_to(&mut luck(1), own("pump"), None, client);
        let opening = (hello.wire_len(), c.work());
        let mut s = Server::new(own("server"), ask).up_to_version(server);
        let Step::Send(flight) = s.handle(&mut luck(2), &hello, 50, &[]) else {
            panic!("no flight")
        };
        let second = (flight.wire_len(), s.work());
        let Step::Send(flight) = c.handle(&flight, 50) else {
            panic!("no answer")
        };
        let third = (flight.wire_len(), c.work());
        let Step::SendDone(flight) = s.handle(&mut luck(3), &flight, 50, &[]) else {
            panic!("no end")
        };
        [opening, second, third, (flight.wire_len(), s.work())]
    }

    #[test]
    fn flights_cost_what_the_table_says_of_the_version_that_both_can_do() {
        let told = |marks: [u32; 4]| marks.map(|m| (m, Duration::from_micros(m.into())));
        let (old, new) = (TlsVersion::V12, TlsVersion::V13);
        assert_eq!(flights(new, new, true), told([200, 201, 202, 203]));
        assert_eq!(flights(old, new, true), told([100, 101, 102, 103]));
        assert_eq!(flights(new, old, true), told([200, 101, 102, 103]));
        // Nobody knows yet who will be asked when the client opens.
        assert_eq!(flights(new, new, false), told([200, 211, 212, 213]));
    }

    #[test]
    fn a_server_takes_no_version_below_its_lowest_and_says_so() {
        let root = PrivateKey::of("root");
        for (highest, lowest, taken) in [
            (TlsVersion::V10, TlsVersion::V10, true),
            (TlsVersion::V10, TlsVersion::V12, false),
            (TlsVersion::V12, TlsVersion::V12, true),
            (TlsVersion::V12, TlsVersion::V13, false),
            (TlsVersion::V13, TlsVersion::V12, true),
        ] {
            let own = credentials("pump", &root);
            let (mut client, hello) = Client::start_up_to(&mut luck(1), own, None, highest);
            let mut server = Server::new(credentials("server", &root), true).from_version(lowest);
            match server.handle(&mut luck(2), &hello, 50, &[]) {
                Step::Send(_) => assert!(taken, "{highest:?} at {lowest:?}"),
                Step::Refuse(CertificateFault::VersionTooLow, alert) => {
                    assert!(!taken, "{highest:?} at {lowest:?}");
                    assert!(matches!(client.handle(&alert, 50), Step::Refused(_)));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn strangers_are_refused_by_whoever_checks() {
        let (root, other) = (PrivateKey::of("root"), PrivateKey::of("other"));
        let refused = handshake(
            credentials("pump", &root),
            credentials("server", &other),
            Some("server"),
        )
        .2;
        assert_eq!(refused, Some(CertificateFault::UnknownIssuer));
        let wrong = handshake(
            credentials("pump", &root),
            credentials("rogue", &root),
            Some("server"),
        )
        .2;
        assert_eq!(wrong, Some(CertificateFault::WrongName));
        let stolen = Credentials {
            key: Some(PrivateKey::of("thief")),
            ..credentials("server", &root)
        };
        assert_eq!(
            handshake(credentials("pump", &root), stolen, Some("server")).2,
            Some(CertificateFault::NoPossession)
        );
        let client = handshake(
            credentials("pump", &other),
            credentials("server", &root),
            Some("server"),
        )
        .2;
        assert_eq!(client, Some(CertificateFault::UnknownIssuer));
        assert_eq!(
            handshake(
                credentials("pump", &root),
                credentials("rogue", &other),
                None
            )
            .2,
            None,
            "who does not check accepts"
        );
    }
}
