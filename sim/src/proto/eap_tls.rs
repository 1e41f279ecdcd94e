//! EAP-TLS (RFC 5216): both ends, with fragments.

use super::resumption::{Kept, Sessions, Ticket};
use super::tls::{Client, Credentials, Server, Step};
use crate::crypto::{CertificateFault, Key, PublicKey};
use crate::rng::Stream;
use crate::time::Duration;
use crate::wire::eap::Eap;
use crate::wire::tls::{Tls, TlsVersion};

/// Longest EAP packet of the server, in bytes: its `fragment_size` is of the packet, header of 10 bytes included (FreeRADIUS 3.2 with 1,024, measured).
pub const FRAGMENT: u32 = 1024;
/// Most bytes of TLS in one EAP packet of a supplicant: its `fragment_size` is of the TLS data (wpa_supplicant 2.10 by default, measured).
pub const SUPPLICANT_FRAGMENT: u32 = 1398;
/// Length of an EAP-TLS header that tells the length of the whole flight.
const HEADER: u32 = 10;

/// Version of TLS inside EAP, at both ends: the one that was measured (`feasibility.md` 1, `tls_max_version = "1.2"`).
pub const HIGHEST: TlsVersion = TlsVersion::V12;

/// Sends a flight in fragments.
#[derive(Clone, Debug)]
struct Fragments {
    /// Most bytes of TLS in a packet.
    most: u32,
    /// Whether every packet tells the length of the whole flight; otherwise the first of several does.
    always_whole: bool,
    left: u32,
    flight: Option<Box<Tls>>,
}

impl Fragments {
    fn new(most: u32, always_whole: bool) -> Self {
        Self {
            most,
            always_whole,
            left: 0,
            flight: None,
        }
    }

    fn begin(&mut self, flight: Tls) -> Eap {
        self.left = flight.wire_len();
        self.flight = Some(Box::new(flight));
        let several = self.left > self.most;
        let mut first = self.next().expect("a flight was just put in");
        if let Eap::Tls { whole, .. } = &mut first {
            *whole |= several;
        }
        first
    }

    fn next(&mut self) -> Option<Eap> {
        self.flight.as_ref()?;
        let bytes = self.left.min(self.most);
        self.left -= bytes;
        let flight = if self.left == 0 {
            self.flight.take()
        } else {
            None
        };
        Some(Eap::Tls {
            bytes,
            whole: self.always_whole,
            flight,
        })
    }
}

/// What a supplicant does next.
#[derive(Clone, Debug)]
pub enum SupplicantStep {
    /// Send this.
    Send(Eap),
    /// Authenticated: the pairwise master key.
    Done(Key),
    /// The server was refused; send this and give up.
    ServerRefused(CertificateFault, Eap),
    /// The server refused.
    Failed(Option<CertificateFault>),
    /// Nothing.
    Ignore,
}

/// Supplicant end.
#[derive(Clone, Debug)]
pub struct Supplicant {
    identity: String,
    credentials: Credentials,
    server_name: Option<String>,
    ticket: Option<Ticket>,
    tls: Option<Client>,
    fragments: Fragments,
    refusal: Option<CertificateFault>,
    work: Duration,
    /// What it is computing: to be sent when it is done.
    computing: Option<Eap>,
}

impl Supplicant {
    /// A supplicant that will show `credentials` and expects a server of that name; none accepts any server.
    #[must_use]
    pub fn new(identity: String, credentials: Credentials, server_name: Option<String>) -> Self {
        Self {
            identity,
            credentials,
            server_name,
            ticket: None,
            tls: None,
            fragments: Fragments::new(SUPPLICANT_FRAGMENT, false),
            refusal: None,
            work: Duration::ZERO,
            computing: None,
        }
    }

    /// The same supplicant, which would go on with this session.
    #[must_use]
    pub fn resuming(self, ticket: Option<Ticket>) -> Self {
        Self { ticket, ..self }
    }

    /// The session that it may resume next time.
    #[must_use]
    pub fn ticket(&self) -> Option<Ticket> {
        self.tls.as_ref().and_then(Client::ticket)
    }

    /// Processor time, on the machine that was measured, of what it did last. Identity, acknowledgements and further fragments take none.
    #[must_use]
    pub fn work(&self) -> Duration {
        self.work
    }

    /// Keeps an answer until it is computed.
    pub fn compute(&mut self, answer: Eap) {
        self.computing = Some(answer);
    }

    /// Whether it is computing an answer.
    #[must_use]
    pub fn is_computing(&self) -> bool {
        self.computing.is_some()
    }

    /// The answer, when it is computed.
    pub fn computed(&mut self) -> Option<Eap> {
        self.computing.take()
    }

    /// A message arrived.
    pub fn handle(&mut self, luck: &mut Stream, eap: &Eap, at: u64) -> SupplicantStep {
        self.work = Duration::ZERO;
        match eap {
            Eap::IdentityRequest => SupplicantStep::Send(Eap::IdentityResponse {
                name: self.identity.clone(),
            }),
            Eap::TlsStart => {
                let (own, name) = (self.credentials.clone(), self.server_name.clone());
                let (tls, hello) = Client::start_resuming(luck, own, name, HIGHEST, self.ticket);
                self.work = tls.work();
                self.tls = Some(tls);
                SupplicantStep::Send(self.fragments.begin(hello))
            }
            Eap::Tls { flight: None, .. } => SupplicantStep::Send(Eap::TlsAck),
            Eap::Tls {
                flight: Some(flight),
                ..
            } => {
                let Some(tls) = &mut self.tls else {
                    return SupplicantStep::Ignore;
                };
                match tls.handle(flight, at) {
                    Step::Send(next) | Step::SendDone(next) => {
                        self.work = tls.work();
                        SupplicantStep::Send(self.fragments.begin(next))
                    }
                    Step::Done => SupplicantStep::Send(Eap::TlsAck),
                    Step::Refuse(fault, alert) => {
                        SupplicantStep::ServerRefused(fault, self.fragments.begin(alert))
                    }
                    Step::Refused(fault) => {
                        self.refusal = Some(fault);
                        SupplicantStep::Send(Eap::TlsAck)
                    }
                    Step::Data(_) | Step::Ignore => SupplicantStep::Ignore,
                }
            }
            Eap::TlsAck => self
                .fragments
                .next()
                .map_or(SupplicantStep::Ignore, SupplicantStep::Send),
            Eap::Success => match self.tls.as_ref().and_then(Client::key) {
                Some(key) => SupplicantStep::Done(key.derive("eap master session key", &[])),
                None => SupplicantStep::Ignore,
            },
            Eap::Failure => SupplicantStep::Failed(self.refusal),
            Eap::IdentityResponse { .. } => SupplicantStep::Ignore,
        }
    }
}

/// What an authentication server does next.
#[derive(Clone, Debug)]
pub enum ServerStep {
    /// Challenge with this.
    Challenge(Eap),
    /// Accept: the pairwise master key and the certificate's subject.
    Accept(Key, String),
    /// Reject.
    Reject(CertificateFault),
    /// The station has refused this server's certificate: its login ends.
    RefusedByStation(CertificateFault),
    /// Nothing.
    Ignore,
}

/// Server end, one per authentication.
#[derive(Clone, Debug)]
pub struct AuthenticationServer {
    tls: Server,
    fragments: Fragments,
    rejecting: Option<CertificateFault>,
}

impl AuthenticationServer {
    /// A server end that asks for a client certificate.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self {
            tls: Server::new(credentials, true).up_to_version(HIGHEST),
            fragments: Fragments::new(FRAGMENT - HEADER, true),
            rejecting: None,
        }
    }

    /// Processor time, on the machine that was measured, of the last flight that it took.
    #[must_use]
    pub fn work(&self) -> Duration {
        self.tls.work()
    }

    /// Issuer and serial number of the certificate that the supplicant proved to hold.
    #[must_use]
    pub fn serial(&self) -> Option<(PublicKey, u32)> {
        self.tls.serial()
    }

    /// Before a message is handled, at calendar second `at`: an opening may name one of the sessions that are kept. What comes of a full handshake
    /// will be kept under a number of its own.
    pub fn consult(&mut self, luck: &mut Stream, sessions: &Sessions, eap: &Eap, at: u64) {
        if let Eap::Tls {
            flight: Some(flight),
            ..
        } = eap
            && let Tls::ClientHello { ticket, .. } = &**flight
        {
            let known = ticket.and_then(|number| sessions.find(number, at));
            self.tls.offer(luck.next_u64(), known.cloned());
        }
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

    fn accept(&self) -> ServerStep {
        match (self.tls.key(), self.tls.subject()) {
            (Some(key), Some(subject)) => ServerStep::Accept(
                key.derive("eap master session key", &[]),
                subject.to_owned(),
            ),
            _ => ServerStep::Ignore,
        }
    }

    /// A message arrived.
    pub fn handle(
        &mut self,
        luck: &mut Stream,
        eap: &Eap,
        at: u64,
        revoked: &[(PublicKey, u32)],
    ) -> ServerStep {
        match eap {
            Eap::IdentityResponse { .. } => ServerStep::Challenge(Eap::TlsStart),
            Eap::Tls { flight: None, .. } => ServerStep::Challenge(Eap::TlsAck),
            Eap::Tls {
                flight: Some(flight),
                ..
            } => match self.tls.handle(luck, flight, at, revoked) {
                Step::Send(next) | Step::SendDone(next) => {
                    ServerStep::Challenge(self.fragments.begin(next))
                }
                Step::Refuse(fault, alert) => {
                    self.rejecting = Some(fault);
                    ServerStep::Challenge(self.fragments.begin(alert))
                }
                Step::Refused(fault) => ServerStep::RefusedByStation(fault),
                // The client's flight was the last one: its session goes on.
                Step::Done => self.accept(),
                Step::Data(_) | Step::Ignore => ServerStep::Ignore,
            },
            Eap::TlsAck => {
                if let Some(next) = self.fragments.next() {
                    return ServerStep::Challenge(next);
                }
                if let Some(fault) = self.rejecting {
                    return ServerStep::Reject(fault);
                }
                self.accept()
            }
            _ => ServerStep::Ignore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Certificate, PrivateKey, TrustStore};
    use crate::rng::{Luck, NodeKey, Purpose};

    const SERIAL: u32 = 7;
    const LIFETIME: u64 = 100;

    fn own(name: &str) -> Credentials {
        let (root, key) = (PrivateKey::of("root"), PrivateKey::of(name));
        Credentials {
            chain: vec![
                Certificate::issue(&root, name, key.public(), SERIAL, (0, 9999), false),
                Certificate::issue(&root, "root", root.public(), 0, (0, 9999), true),
            ],
            key: Some(key),
            trust: TrustStore {
                anchors: vec![root.public()],
            },
            ..Credentials::default()
        }
    }

    /// What came of a login: round trips with the server, whether a session was resumed, both ends' keys, and what the pump keeps.
    #[derive(Debug)]
    struct Login {
        rounds: u64,
        resumed: bool,
        ticket: Option<Ticket>,
        key: Key,
    }

    /// A login in calendar second `at`; the number tells its luck.
    fn login(
        number: u64,
        ticket: Option<Ticket>,
        sessions: &mut Sessions,
        at: u64,
        revoked: &[(PublicKey, u32)],
    ) -> Result<Login, CertificateFault> {
        let luck = |n| Luck::new(number).stream(NodeKey::of("x"), Purpose::new("eap"), n);
        let mut client = Supplicant::new("pump".into(), own("pump"), Some("radius".into()));
        client = client.resuming(ticket);
        let mut server = AuthenticationServer::new(own("radius"));
        let mut to_server = Eap::IdentityResponse {
            name: "pump".into(),
        };
        for rounds in 1..10 {
            server.consult(&mut luck(200 + rounds), sessions, &to_server, at);
            match server.handle(&mut luck(rounds), &to_server, at, revoked) {
                ServerStep::Challenge(eap) => {
                    match client.handle(&mut luck(100 + rounds), &eap, at) {
                        SupplicantStep::Send(next) => to_server = next,
                        other => panic!("{other:?}"),
                    }
                }
                ServerStep::Accept(key, subject) => {
                    assert_eq!(subject, "pump");
                    if let Some((number, kept)) = server.to_keep() {
                        sessions.keep(number, at, kept.clone());
                    }
                    let SupplicantStep::Done(own) = client.handle(&mut luck(0), &Eap::Success, at)
                    else {
                        panic!("the pump has no key")
                    };
                    let probe = crate::crypto::Sealed::seal(&key, 1u8, 1);
                    assert!(probe.open(&own).is_some(), "the ends have different keys");
                    return Ok(Login {
                        rounds,
                        resumed: server.resumed(),
                        ticket: client.ticket(),
                        key,
                    });
                }
                ServerStep::Reject(fault) | ServerStep::RefusedByStation(fault) => {
                    return Err(fault);
                }
                ServerStep::Ignore => panic!("nothing comes of {to_server:?}"),
            }
        }
        panic!("it does not end")
    }

    #[test]
    fn a_full_exchange_takes_the_round_trips_measured_with_real_software() {
        // feasibility.md 1, test target `freeradius`: TLS 1.2, P-256, fragment size 1024: five RADIUS round trips, three where a session is resumed.
        let mut sessions = Sessions::new(LIFETIME);
        let full = login(1, None, &mut sessions, 5, &[]).expect("it is valid");
        assert_eq!((full.rounds, full.resumed), (5, false));
        let again = login(2, full.ticket, &mut sessions, 6, &[]).expect("it is valid");
        assert_eq!((again.rounds, again.resumed), (3, true));
        let probe = crate::crypto::Sealed::seal(&full.key, 1u8, 1);
        assert!(
            probe.open(&again.key).is_none(),
            "each login has a key of its own"
        );
        let third = login(3, again.ticket, &mut sessions, 7, &[]).expect("it is valid");
        assert!(third.resumed, "a session is resumed more than once");
    }

    #[test]
    fn who_resumes_a_session_is_not_asked_about_until_the_session_is_over() {
        let mut sessions = Sessions::new(LIFETIME);
        let full = login(1, None, &mut sessions, 1000, &[]).expect("it is valid");
        let revoked = [(PrivateKey::of("root").public(), SERIAL)];
        let at = |at, sessions: &mut Sessions| login(2, full.ticket, sessions, at, &revoked);
        let last = 1000 + LIFETIME - 1;
        assert!(at(last, &mut sessions).expect("the session lives").resumed);
        // It was not renewed by that.
        let over = at(last + 1, &mut sessions);
        assert_eq!(over.expect_err("revoked"), CertificateFault::Revoked);
        let fresh = login(3, None, &mut sessions, 1001, &revoked);
        assert_eq!(fresh.expect_err("revoked"), CertificateFault::Revoked);
    }

    #[test]
    fn a_session_that_the_server_does_not_keep_becomes_a_full_login() {
        let mut sessions = Sessions::new(LIFETIME);
        let full = login(1, None, &mut sessions, 5, &[]).expect("it is valid");
        let mut others = Sessions::new(LIFETIME);
        let again = login(2, full.ticket, &mut others, 6, &[]).expect("it is valid");
        assert_eq!((again.rounds, again.resumed), (5, false));
        assert_ne!(
            again.ticket.map(|t| t.number),
            full.ticket.map(|t| t.number)
        );
    }

    #[test]
    fn the_number_of_a_session_without_its_key_opens_nothing() {
        let mut sessions = Sessions::new(LIFETIME);
        let full = login(1, None, &mut sessions, 5, &[]).expect("it is valid");
        let number = full.ticket.expect("it is kept").number;
        let master = crate::crypto::Passphrase::of("guess").key("guess");
        // The pump would not answer the server; whoever answers all the same has no code that the server takes.
        let mut server = AuthenticationServer::new(own("radius"));
        let luck = |n| Luck::new(9).stream(NodeKey::of("x"), Purpose::new("eap"), n);
        let (_, hello) = Client::start_resuming(
            &mut luck(1),
            own("thief"),
            None,
            HIGHEST,
            Some(Ticket { number, master }),
        );
        let eap = |flight| Eap::Tls {
            bytes: 1,
            whole: false,
            flight: Some(Box::new(flight)),
        };
        let hello = eap(hello);
        server.consult(&mut luck(2), &sessions, &hello, 6);
        let challenge = server.handle(&mut luck(3), &hello, 6, &[]);
        assert!(matches!(challenge, ServerStep::Challenge(_)) && server.resumed());
        let guess = eap(Tls::ClientFinished {
            chain: own("thief").chain,
            proof: None,
            finished: crate::crypto::Sealed::seal(&master, 1, 12),
            bytes: 51,
        });
        let answer = server.handle(&mut luck(4), &guess, 6, &[]);
        assert!(matches!(answer, ServerStep::Ignore), "{answer:?}");
        // Nor does the pump take what the server said to another opening.
        let (mut pump, _) =
            Client::start_resuming(&mut luck(5), own("pump"), None, HIGHEST, full.ticket);
        let ServerStep::Challenge(Eap::Tls {
            flight: Some(flight),
            ..
        }) = challenge
        else {
            panic!("{challenge:?}")
        };
        assert!(matches!(pump.handle(&flight, 6), Step::Ignore));
        assert!(pump.key().is_none());
    }
}
