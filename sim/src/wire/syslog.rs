//! Log lines as devices send them to a collector: datagrams in clear, unconfirmed and unauthenticated, as RFC 3164 has them.

use super::Ip;
use crate::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};

/// Port of log collectors.
pub const PORT: u16 = 514;

/// What kind of thing a log line reports.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
#[derive(schemars::JsonSchema)]
pub enum LogKind {
    /// A firewall dropped a packet by rule or default.
    Denied,
    /// A firewall dropped a packet by a rate or size limit.
    Limited,
    /// A login was refused.
    LoginRefused,
    /// A login succeeded.
    LoggedIn,
    /// A protected session was refused for its certificate.
    SessionRefused,
    /// A drug library was refused.
    LibraryRefused,
    /// A station was refused by the authentication server.
    StationRefused,
    /// Software of the device crashed and started again, or something took it apart.
    Tampered,
    /// An address server had no address left.
    PoolEmpty,
}

impl LogKind {
    /// What such lines report, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Denied => "packets dropped by a firewall",
            Self::Limited => "packets over a limit",
            Self::LoginRefused => "refused logins",
            Self::LoggedIn => "logins",
            Self::SessionRefused => "refused sessions",
            Self::LibraryRefused => "refused drug libraries",
            Self::StationRefused => "refused stations",
            Self::Tampered => "signs of tampering",
            Self::PoolEmpty => "an empty pool of addresses",
        }
    }
}

/// A log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Syslog {
    /// What it reports.
    pub kind: LogKind,
    /// Whom it is about, by address, as far as the device knows.
    pub about: Option<Ip>,
    /// Port concerned; 0 where none is.
    pub port: u16,
}
