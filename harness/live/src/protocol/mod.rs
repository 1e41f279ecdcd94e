//! What is spoken on a connection: a codec that cuts bytes into requests and frames answers, and a handler that knows what they mean.
//!
//! Neither of them has a socket, a clock that waits or a limit on a peer: those are the business of the one loop in
//! [`crate::net`]. A protocol is added by a file here, a variant of [`Protocol`] and a line in [`Protocol::session`].

pub mod codec;
pub mod ftp;
pub mod hl7;
pub mod http;
pub mod lines;
pub mod portal;
pub mod pump;
pub mod telnet;

use crate::clock::Clock;
use crate::limits::Limits;
use crate::pki::Signatures;
use crate::secrets::SecretStore;
use bytes::{Bytes, BytesMut};
use pumplab_sim::event::outside::Conn;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::http::Http;
use pumplab_sim::wire::portal::{Directory, Portal};
use pumplab_sim::wire::shed::Shed as Rejection;
use pumplab_sim::wire::shell::{Ftp, Shell};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::codec::{Decoder, Encoder};

/// What is spoken at a port.
#[derive(Clone, Debug)]
pub enum Protocol {
    /// The pump protocol.
    Pump,
    /// HL7 over MLLP.
    Hl7,
    /// The portal of a pump server.
    Portal(Arc<SecretStore>),
    /// The directory of staff.
    Directory(Arc<SecretStore>),
    /// Remote shell.
    Telnet(Arc<SecretStore>),
    /// File transfer, with the address at which it listens for data connections.
    Ftp(Arc<SecretStore>, IpAddr),
    /// Web.
    Http(Arc<SecretStore>),
    /// A service whose protocol has no form in bytes: its port is open, and every connection is rejected.
    Unsupported,
}

/// One end of a connection, for those protocols that say who they are or what time it is.
#[derive(Clone, Debug)]
pub struct Context {
    /// The host of the lab.
    pub host: String,
    /// The connection.
    pub conn: Conn,
    /// Whether this end opened it.
    pub dialled: bool,
    /// Clock of the run.
    pub clock: Clock,
    /// By how many seconds the wall clock is ahead of the lab's calendar.
    pub ahead: i64,
    /// Real signatures.
    pub signatures: Arc<Signatures>,
}

/// Connections to a port of a portal or a maintenance service at a time, at the most.
const FEW: usize = 64;

impl Protocol {
    /// Connections to a port at a time, at the most.
    #[must_use]
    pub fn connections(&self, limits: &Limits) -> usize {
        match self {
            Self::Pump | Self::Hl7 => limits.connections,
            _ => limits.connections.min(FEW),
        }
    }

    /// Whether this is a maintenance service.
    #[must_use]
    pub fn is_maintenance(&self) -> bool {
        !self.is_dialled()
    }

    /// Whether hosts of the run can connect there: maintenance services are for clients from outside only.
    #[must_use]
    pub fn is_dialled(&self) -> bool {
        matches!(
            self,
            Self::Pump | Self::Hl7 | Self::Portal(_) | Self::Directory(_)
        )
    }

    /// The codec and the handler of a new connection; none for a protocol that has no form in bytes.
    #[must_use]
    pub fn session(&self, context: Context) -> Option<Session> {
        // What a host of the run has asked for may be longer than what a client from outside may send.
        let prefixed = |listening| {
            let longest = [listening, pump::LONGEST_TO_PUMP];
            Box::new(codec::Prefixed::new(longest[usize::from(context.dialled)]))
        };
        let signatures = || context.signatures.clone();
        let (codec, handler, rules): (Box<dyn Codec>, Box<dyn Handler>, Rules) = match self {
            Self::Pump => (
                prefixed(pump::LONGEST_TO_SERVER),
                Box::new(pump::Pump::new(signatures())),
                Rules::DEVICES,
            ),
            Self::Portal(secrets) => (
                prefixed(portal::LONGEST_TO_PORTAL),
                Box::new(portal::PortalLink::new(secrets.clone(), signatures())),
                Rules::DEVICES,
            ),
            Self::Directory(secrets) => (
                prefixed(portal::LONGEST_TO_DIRECTORY),
                Box::new(portal::DirectoryLink::new(secrets.clone(), signatures())),
                Rules::DEVICES,
            ),
            Self::Hl7 => (
                Box::new(codec::Mllp::new(hl7::LONGEST)),
                Box::new(hl7::Hl7Link::new(&context)),
                Rules {
                    // A clinical system may connect and have nothing to say.
                    client_first: false,
                    ..Rules::DEVICES
                },
            ),
            Self::Telnet(secrets) => (
                Box::new(telnet::TelnetCodec::default()),
                Box::new(telnet::Telnet::new(secrets.clone())),
                Rules {
                    typed: true,
                    ..Rules::SERVICES
                },
            ),
            Self::Ftp(secrets, bind) => (
                Box::new(lines::Lines::new(ftp::TOO_LONG)),
                Box::new(ftp::Ftp::new(secrets.clone())),
                Rules {
                    data_address: Some(*bind),
                    ..Rules::SERVICES
                },
            ),
            Self::Http(secrets) => (
                Box::new(http::Requests),
                Box::new(http::Web::new(secrets.clone(), context.clock)),
                Rules::SERVICES,
            ),
            Self::Unsupported => return None,
        };
        Some(Session {
            codec,
            handler,
            rules,
        })
    }
}

/// A protocol on one connection.
pub struct Session {
    /// Cuts what comes, and frames what goes.
    pub codec: Box<dyn Codec>,
    /// Knows what it means.
    pub handler: Box<dyn Handler>,
    /// What the loop has to know of it.
    pub rules: Rules,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// How the loop treats a protocol.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Whether the client must send a valid message before it counts as connected.
    pub client_first: bool,
    /// Whether there is one request at a time, and its answer.
    pub in_turn: bool,
    /// Whether a person may type the requests.
    pub typed: bool,
    /// Where data connections are listened for, if the protocol has any.
    pub data_address: Option<IpAddr>,
}

impl Rules {
    /// Messages either way at any time, from programs.
    const DEVICES: Self = Self {
        client_first: true,
        in_turn: false,
        typed: false,
        data_address: None,
    };
    /// Requests and their answers.
    const SERVICES: Self = Self {
        client_first: false,
        in_turn: true,
        typed: false,
        data_address: None,
    };

    /// How long a request may take from its first byte to its last.
    #[must_use]
    pub fn request_time(&self, limits: &Limits) -> Duration {
        if self.typed {
            limits.typing
        } else {
            limits.transfer
        }
    }
}

/// The codec of a protocol: bytes of a stream to requests, and answers to bytes of a stream. It holds no more than its longest request.
pub trait Codec:
    Decoder<Item = Bytes, Error = Reject> + Encoder<Bytes, Error = Reject> + Send
{
    /// Whether a request has begun and is not whole: in `input`, or in the codec.
    fn is_begun(&self, input: &BytesMut) -> bool {
        !input.is_empty()
    }
}

/// What the requests of a connection mean, and how the device's messages go out.
pub trait Handler: Send {
    /// Sent before anything has come.
    fn greeting(&self) -> Option<Bytes> {
        None
    }

    /// What to do about a request.
    ///
    /// # Errors
    /// When it is none of this protocol.
    fn request(&mut self, request: Bytes) -> Result<Action, Reject>;

    /// How a message of the device goes out; none for one that has no form in this protocol.
    fn message(&mut self, message: &Message) -> Option<Reply>;

    /// What is said of the data port that listens at this address; none: there is no such port.
    fn data_port(&mut self, _at: Option<SocketAddr>) -> Bytes {
        Bytes::new()
    }
}

/// What to do about a request.
#[derive(Debug)]
pub enum Action {
    /// The device gets this message, and may answer.
    Deliver(Box<Message>),
    /// It is answered here: each of these is framed by itself.
    Reply(Vec<Bytes>),
    /// It is a message at fault. That is recorded, it is answered as before, and the connection goes on.
    Refuse(Vec<Bytes>),
    /// It is answered here, and the connection ends.
    Close(Bytes),
    /// A data port is opened: [`Handler::data_port`] has the answer.
    OpenDataPort,
}

/// How a message of the device goes out.
#[derive(Debug, Default)]
pub struct Reply {
    /// Each of these is framed by itself.
    pub parts: Vec<Bytes>,
    /// What goes over the data connection.
    pub data: Option<Body>,
    /// Whether the connection ends.
    pub close: bool,
}

impl Reply {
    /// One part, and the connection goes on.
    pub fn one(part: impl Into<Bytes>) -> Self {
        Self {
            parts: vec![part.into()],
            ..Self::default()
        }
    }
}

/// A file for a data connection.
#[derive(Debug)]
pub struct Body {
    /// Its content.
    pub bytes: Bytes,
    /// Said when it was sent.
    pub sent: &'static str,
    /// Said when nobody took it.
    pub failed: &'static str,
}

/// Why a connection is cut, and what the other end is told first.
#[derive(Debug)]
pub struct Reject {
    /// As it is recorded.
    pub why: Rejection,
    /// Said before the connection is closed; empty: nothing.
    pub reply: Bytes,
}

impl Reject {
    /// Without a word.
    #[must_use]
    pub fn silent(why: Rejection) -> Self {
        Self {
            why,
            reply: Bytes::new(),
        }
    }

    /// With an answer.
    pub fn with(why: Rejection, reply: impl Into<Bytes>) -> Self {
        Self {
            why,
            reply: reply.into(),
        }
    }
}

impl From<io::Error> for Reject {
    /// Codecs of tokio-util must have it; those here read no streams and never make one.
    fn from(_: io::Error) -> Self {
        Self::silent(Rejection::Malformed)
    }
}

/// Whether a message asks to be let in.
#[must_use]
pub fn is_login(message: &Message) -> bool {
    match message {
        Message::Portal(m) => matches!(**m, Portal::Login { .. } | Portal::Claim { .. }),
        Message::Directory(m) => matches!(**m, Directory::Bind { .. }),
        Message::Shell(m) => matches!(**m, Shell::Login { .. }),
        Message::Ftp(m) => matches!(**m, Ftp::Login { .. }),
        Message::Http(m) => matches!(**m, Http::Configure { .. }),
        _ => false,
    }
}

#[cfg(test)]
pub(crate) mod tests;

#[cfg(test)]
mod forms;
