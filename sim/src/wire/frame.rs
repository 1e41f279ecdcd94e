//! Link and network layer: frames, ARP, packets, stream segments and datagrams.

use super::capwap::Capwap;
use super::crafted::Crafted;
use super::dhcp::Dhcp;
use super::dns::Dns;
use super::hl7::Letter;
use super::http::Http;
use super::mail::Mail;
use super::portal::{Directory, Portal};
use super::pump::PumpMessage;
use super::query::Query;
use super::radius::Radius;
use super::share::Share;
use super::shell::{Ftp, Shell};
use super::syslog::Syslog;
use super::tls::Tls;
use super::{Ip, Mac};
use crate::crypto::{Key, Sealed};
use crate::fingerprint::Fingerprint;

/// A frame on a wired segment, or inside a protected radio frame.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Frame {
    /// Sender's hardware address, as the sender wrote it.
    pub src: Mac,
    /// Receiver's hardware address.
    pub dst: Mac,
    /// What it carries.
    pub body: Body,
}

impl Frame {
    /// Length on the wire in bytes, Ethernet header and check sequence included.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        18 + match &self.body {
            Body::Arp(_) => 28,
            Body::Ip(p) => p.wire_len(),
        }
    }
}

/// What a frame carries.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Body {
    /// Address resolution.
    Arp(Arp),
    /// An IPv4 packet.
    Ip(Packet),
}

/// Address resolution, request or reply; whoever hears a reply believes it, as ARP has no proof of ownership.
#[derive(Clone, Copy, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Arp {
    /// Whether this answers (true) or asks (false).
    pub reply: bool,
    /// The sender's hardware address.
    pub sender_mac: Mac,
    /// The sender's claimed network address.
    pub sender_ip: Ip,
    /// The address that is asked for, or whom the reply is for.
    pub target_ip: Ip,
}

/// An IPv4 packet.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Packet {
    /// Source address, as the sender wrote it.
    pub src: Ip,
    /// Destination address.
    pub dst: Ip,
    /// Hops left.
    pub ttl: u8,
    /// Transport and payload.
    pub transport: Transport,
}

impl Packet {
    /// Length in bytes, IPv4 header included.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        20 + match &self.transport {
            Transport::Datagram { message, .. } => 8 + message.wire_len(),
            Transport::Stream { segment, .. } => {
                20 + segment.message().map_or(0, Message::wire_len)
            }
        }
    }

    /// The message that it carries.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match &self.transport {
            Transport::Datagram { message, .. } => Some(message),
            Transport::Stream { segment, .. } => segment.message(),
        }
    }

    /// Source and destination port.
    #[must_use]
    pub fn ports(&self) -> (u16, u16) {
        match &self.transport {
            Transport::Datagram { sport, dport, .. } | Transport::Stream { sport, dport, .. } => {
                (*sport, *dport)
            }
        }
    }

    /// Whether the transport is a stream.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        matches!(self.transport, Transport::Stream { .. })
    }
}

/// Streams carry whole messages in order; there is no byte-level TCP.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Transport {
    /// An unconfirmed message.
    Datagram {
        /// Source port.
        sport: u16,
        /// Destination port.
        dport: u16,
        /// Payload.
        message: Box<Message>,
    },
    /// A segment of a stream.
    Stream {
        /// Source port.
        sport: u16,
        /// Destination port.
        dport: u16,
        /// What the segment does.
        segment: Segment,
    },
}

/// A stream segment. Data is numbered by message; an acknowledgement names the next message expected.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Segment {
    /// Asks to open.
    Syn,
    /// Agrees to open.
    SynAck,
    /// One message, with an acknowledgement of the other direction.
    Data {
        /// Number of this message, from 0.
        seq: u32,
        /// Next message expected from the other end.
        ack: u32,
        /// Payload.
        message: Box<Message>,
    },
    /// Acknowledges without data.
    Ack {
        /// Next message expected from the other end.
        ack: u32,
    },
    /// Closes in order.
    Fin {
        /// Number that the next message would have had.
        seq: u32,
    },
    /// Refuses or aborts.
    Rst,
}

impl Segment {
    /// The message that the segment carries.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::Data { message, .. } => Some(message),
            _ => None,
        }
    }
}

/// An application message.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Message {
    /// Controller and access points.
    Capwap(Box<Capwap>),
    /// An exploit: a message of whatever protocol, made for a flaw.
    Crafted(Box<Crafted>),
    /// Address leases.
    Dhcp(Dhcp),
    /// Directory of staff.
    Directory(Box<Directory>),
    /// Names.
    Dns(Dns),
    /// File transfer.
    Ftp(Box<Ftp>),
    /// Orders, observations, alarms between clinical systems.
    Hl7(Box<Letter>),
    /// Web.
    Http(Box<Http>),
    /// Mail.
    Mail(Box<Mail>),
    /// Load without meaning, of a size.
    Opaque {
        /// Payload length in bytes.
        bytes: u32,
    },
    /// Portal of a pump server.
    Portal(Box<Portal>),
    /// Pump and pump server.
    Pump(Box<PumpMessage>),
    /// Database.
    Query(Box<Query>),
    /// Authentication service.
    Radius(Box<Radius>),
    /// File shares.
    Share(Box<Share>),
    /// Remote shell.
    Shell(Box<Shell>),
    /// A log line on its way to a collector.
    Syslog(Syslog),
    /// Handshake or sealed application data.
    Tls(Box<Tls<Message>>),
}

impl Message {
    /// The message as a TLS record under this key.
    #[must_use]
    pub fn under_tls(self, key: &Key) -> Self {
        let len = self.wire_len();
        Self::Tls(Box::new(Tls::Data(Sealed::seal(key, self, len))))
    }

    /// Length in bytes. Sizes of protocols without a published encoding are round figures of the right order \[A\].
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Capwap(m) => m.wire_len(),
            Self::Crafted(m) => m.wire_len(),
            Self::Dhcp(_) => 300,
            Self::Directory(_) => 180,
            Self::Dns(m) => m.wire_len(),
            Self::Ftp(m) => m.wire_len(),
            Self::Hl7(m) => m.content.wire_len(),
            Self::Http(m) => m.wire_len(),
            Self::Mail(m) => m.wire_len(),
            Self::Opaque { bytes } => *bytes,
            Self::Portal(m) => m.wire_len(),
            Self::Pump(m) => m.wire_len(),
            Self::Query(m) => m.wire_len(),
            Self::Radius(m) => m.wire_len(),
            Self::Share(m) => m.wire_len(),
            Self::Shell(m) => m.wire_len(),
            Self::Syslog(_) => 160,
            Self::Tls(m) => m.wire_len(),
        }
    }

    /// Number of patient records that can be read in the message as it is.
    #[must_use]
    pub fn readable_records(&self) -> u32 {
        let of_file = |f: &super::file::File| f.readable_records().len() as u32;
        match self {
            Self::Portal(m) => m.readable_records(),
            Self::Query(m) => m.readable_records(),
            Self::Shell(m) => m.readable_records(),
            Self::Ftp(m) => match &**m {
                super::shell::Ftp::Store { file } | super::shell::Ftp::File(file) => of_file(file),
                _ => 0,
            },
            Self::Http(m) => match &**m {
                Http::Response {
                    file: Some(file), ..
                }
                | Http::Post { file } => of_file(file),
                _ => 0,
            },
            Self::Share(m) => m.file().map_or(0, of_file),
            _ => 0,
        }
    }

    /// The protocol's name, for people.
    #[must_use]
    pub fn protocol(&self) -> &'static str {
        match self {
            Self::Capwap(_) => "capwap",
            Self::Crafted(_) => "exploit",
            Self::Dhcp(_) => "dhcp",
            Self::Directory(_) => "directory",
            Self::Dns(_) => "dns",
            Self::Ftp(_) => "ftp",
            Self::Hl7(_) => "hl7",
            Self::Http(_) => "http",
            Self::Mail(_) => "mail",
            Self::Opaque { .. } => "data",
            Self::Portal(_) => "portal",
            Self::Pump(_) => "pump",
            Self::Query(_) => "query",
            Self::Radius(_) => "radius",
            Self::Share(_) => "file-share",
            Self::Shell(_) => "telnet",
            Self::Syslog(_) => "syslog",
            Self::Tls(_) => "tls",
        }
    }
}
