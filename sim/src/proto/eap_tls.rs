//! EAP-TLS (RFC 5216): both ends, with fragments.

use super::tls::{Client, Credentials, Server, Step};
use crate::crypto::{CertificateFault, Key, PublicKey};
use crate::rng::Stream;
use crate::wire::eap::Eap;
use crate::wire::tls::Tls;

/// Longest EAP packet of the server, in bytes: its `fragment_size` is of the packet, header of 10 bytes included (FreeRADIUS 3.2 with 1,024, measured).
pub const FRAGMENT: u32 = 1024;
/// Most bytes of TLS in one EAP packet of a supplicant: its `fragment_size` is of the TLS data (wpa_supplicant 2.10 by default, measured).
pub const SUPPLICANT_FRAGMENT: u32 = 1398;
/// Length of an EAP-TLS header that tells the length of the whole flight.
const HEADER: u32 = 10;

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
    tls: Option<Client>,
    fragments: Fragments,
    refusal: Option<CertificateFault>,
}

impl Supplicant {
    /// A supplicant that will show `credentials` and expects a server of that name; none accepts any server.
    #[must_use]
    pub fn new(identity: String, credentials: Credentials, server_name: Option<String>) -> Self {
        Self {
            identity,
            credentials,
            server_name,
            tls: None,
            fragments: Fragments::new(SUPPLICANT_FRAGMENT, false),
            refusal: None,
        }
    }

    /// A message arrived.
    pub fn handle(&mut self, luck: &mut Stream, eap: &Eap, at: u64) -> SupplicantStep {
        match eap {
            Eap::IdentityRequest => SupplicantStep::Send(Eap::IdentityResponse {
                name: self.identity.clone(),
            }),
            Eap::TlsStart => {
                let (tls, hello) =
                    Client::start(luck, self.credentials.clone(), self.server_name.clone());
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
            tls: Server::new(credentials, true),
            fragments: Fragments::new(FRAGMENT - HEADER, true),
            rejecting: None,
        }
    }

    /// Issuer and serial number of the certificate that the supplicant proved to hold.
    #[must_use]
    pub fn serial(&self) -> Option<(PublicKey, u32)> {
        self.tls.serial()
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
                Step::Refused(fault) => ServerStep::Reject(fault),
                Step::Done | Step::Data(_) | Step::Ignore => ServerStep::Ignore,
            },
            Eap::TlsAck => {
                if let Some(next) = self.fragments.next() {
                    return ServerStep::Challenge(next);
                }
                if let Some(fault) = self.rejecting {
                    return ServerStep::Reject(fault);
                }
                match (self.tls.key(), self.tls.subject()) {
                    (Some(key), Some(subject)) => ServerStep::Accept(
                        key.derive("eap master session key", &[]),
                        subject.to_owned(),
                    ),
                    _ => ServerStep::Ignore,
                }
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

    #[test]
    fn a_full_exchange_takes_the_round_trips_measured_with_real_software() {
        let root = PrivateKey::of("root");
        let own = |name: &str| {
            let key = PrivateKey::of(name);
            Credentials {
                chain: vec![
                    Certificate::issue(&root, name, key.public(), 1, (0, 9), false),
                    Certificate::issue(&root, "root", root.public(), 0, (0, 9), true),
                ],
                key: Some(key),
                trust: TrustStore {
                    anchors: vec![root.public()],
                },
            }
        };
        let luck = |n| Luck::new(1).stream(NodeKey::of("x"), Purpose::new("eap"), n);
        let mut client = Supplicant::new("pump".into(), own("pump"), Some("radius".into()));
        let mut server = AuthenticationServer::new(own("radius"));
        let mut to_server = Eap::IdentityResponse {
            name: "pump".into(),
        };
        let mut rounds = 0;
        loop {
            rounds += 1;
            match server.handle(&mut luck(rounds), &to_server, 5, &[]) {
                ServerStep::Challenge(eap) => match client.handle(&mut luck(100 + rounds), &eap, 5)
                {
                    SupplicantStep::Send(next) => to_server = next,
                    other => panic!("{other:?}"),
                },
                ServerStep::Accept(_, subject) => {
                    assert_eq!(subject, "pump");
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        // feasibility.md 1: TLS 1.2, P-256, fragment size 1024: five RADIUS round trips.
        assert_eq!(rounds, 5);
        assert!(matches!(
            client.handle(&mut luck(0), &Eap::Success, 5),
            SupplicantStep::Done(_)
        ));
    }
}
