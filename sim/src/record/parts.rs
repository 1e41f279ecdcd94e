//! What records are made of: flows, reasons, faults and changes.

use crate::engine::NodeId;
use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use crate::wire::Ip;
use serde::Serialize;

/// A flow, by the packet that would open it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[derive(schemars::JsonSchema)]
pub struct Flow {
    /// Source address as written in the packet.
    pub src: Ip,
    /// Destination address.
    pub dst: Ip,
    /// Whether it is a stream.
    pub stream: bool,
    /// Destination port.
    pub port: u16,
}

/// What a pump met with that looks for its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum NoSession {
    /// Its network went away.
    Link,
    /// No name server told the address.
    Name,
    /// No stream could be opened, or it broke.
    Stream,
    /// Whoever answered did not welcome it, or was refused.
    Welcome,
}

/// Why a frame or packet went no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum DropReason {
    /// A firewall rule said so.
    Rule(ItemId),
    /// No rule matched and the default is to drop.
    DefaultDeny(ItemId),
    /// A rate limit was exceeded.
    RateLimit(ItemId),
    /// The router could remember no more flows.
    TableFull,
    /// The router knows no way there.
    NoRoute,
    /// The hop limit was reached.
    HopLimit,
    /// A segment of an unknown stream.
    UnknownFlow,
    /// Stations of the network are kept from each other.
    ClientIsolation(ItemId),
    /// A DHCP answer from a port that is not trusted.
    DhcpSnooping(ItemId),
    /// A request for a lease in another client's name, or from one client too many on the port.
    LeaseGuard(ItemId),
    /// A frame from a hardware address that spoke first on another port.
    PortBinding(ItemId),
    /// An ARP answer that contradicts the address plan.
    ArpInspection(ItemId),
    /// Nobody answered address resolution.
    Unresolved,
    /// No key fits.
    Undecipherable,
    /// A management frame without the integrity code that the network requires.
    UnprotectedManagement(ItemId),
    /// A control message outside the protected channel that is required.
    UnprotectedControl(ItemId),
    /// A frame from a hardware address that the port does not admit.
    PortAccess(ItemId),
    /// Noise on the channel drowned it.
    Noise,
    /// What it came to was switched off.
    Off,
    /// An injected fault (tests).
    Fault,
}

impl DropReason {
    /// The configuration item that decided; none for what was nobody's decision.
    #[must_use]
    pub const fn item(self) -> Option<ItemId> {
        match self {
            Self::Rule(id)
            | Self::DefaultDeny(id)
            | Self::RateLimit(id)
            | Self::ClientIsolation(id)
            | Self::DhcpSnooping(id)
            | Self::LeaseGuard(id)
            | Self::PortBinding(id)
            | Self::ArpInspection(id)
            | Self::UnprotectedManagement(id)
            | Self::UnprotectedControl(id)
            | Self::PortAccess(id) => Some(id),
            Self::TableFull
            | Self::NoRoute
            | Self::HopLimit
            | Self::UnknownFlow
            | Self::Unresolved
            | Self::Undecipherable
            | Self::Noise
            | Self::Off
            | Self::Fault => None,
        }
    }
}

/// Why a drug library was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum LibraryFault {
    /// No signature where one is required.
    Unsigned,
    /// A signature that does not verify.
    BadSignature,
    /// Not newer than what is active.
    NotNewer,
}

/// Why firmware or calibration was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum ImageFault {
    /// The checksum is wrong.
    Damaged,
    /// No signature where one is required.
    Unsigned,
    /// A signature that does not verify.
    BadSignature,
}

/// What was expected by a deadline and did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum Missing {
    /// Nobody confirmed an alarm to the pump: it reached no server.
    AlarmTaken {
        /// Alarm number.
        number: u32,
    },
    /// No nurse came to an alarm.
    AlarmAnswered {
        /// Alarm number.
        number: u32,
    },
    /// Infusion that was to run still stands still.
    Therapy,
    /// A pump that was infusing has not been heard from.
    PumpSeen {
        /// Pump.
        pump: NodeId,
    },
}

/// What the delivery controller of a pump did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum DeliveryChange {
    /// Infusion began at a rate in mL/h.
    Started {
        /// Rate in mL/h.
        rate_ml_per_h: f64,
    },
    /// Rate changed.
    RateChanged {
        /// Rate before in mL/h.
        from: f64,
        /// Rate after in mL/h.
        to: f64,
    },
    /// Infusion stands still though it was to run.
    Interrupted,
    /// Infusion goes on.
    Resumed,
    /// The programmed volume is in; keeping the vein open.
    Kvo,
    /// Infusion was ended by a person.
    Stopped,
    /// The bag was changed.
    NewBag,
}

/// What a health record learned of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum OrderOutcome {
    /// It waits at the pump for a nurse.
    Taken,
    /// It was refused.
    Refused {
        /// Why, in the words of the other end.
        reason: String,
    },
    /// Nobody answered: it may wait at the pump or not.
    Unknown,
}

/// What a login at the authentication server took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[derive(schemars::JsonSchema)]
pub struct Login {
    /// Whether a session of before was resumed, so that neither certificate nor revocation was looked at.
    pub resumed: bool,
    /// Round trips between authenticator and authentication server.
    pub rounds: u32,
    /// Bytes of IP packets from the authenticator; repetitions that were answered from memory are not counted.
    pub up: u32,
    /// Bytes of IP packets to the authenticator.
    pub down: u32,
}

/// Steps of programs are numbered from here on, so that they differ from the steps of an attacker that holds the same host.
pub const PROGRAM_STEPS: u32 = 1000;

/// What crosses the bridge between the communication module of a pump and its delivery controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum Crossing {
    /// A drug library.
    Library,
    /// Firmware or calibration.
    Image,
    /// An order.
    Order,
}

/// What somebody did at a pump's panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum Operation {
    /// Programmed it.
    Programme,
    /// Confirmed an order that waited.
    Confirm,
    /// Stopped it.
    Stop,
}

/// A piece of work of staff, or of a manufacturer's engineer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum Task {
    /// An engineer looked after the servers.
    SupportVisit,
    /// A pharmacist released a drug library.
    LibraryRelease,
}

impl Crossing {
    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::Image => "image",
            Self::Order => "order",
        }
    }
}

impl Operation {
    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Programme => "programme",
            Self::Confirm => "confirm",
            Self::Stop => "stop",
        }
    }
}

impl Task {
    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::SupportVisit => "support visit",
            Self::LibraryRelease => "release of a drug library",
        }
    }
}

impl NoSession {
    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Link => "its network went away",
            Self::Name => "no name server gave its address",
            Self::Stream => "no stream to it could be opened, or it broke",
            Self::Welcome => "whoever answered did not welcome it",
        }
    }
}

impl LibraryFault {
    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unsigned => "it is not signed",
            Self::BadSignature => "its signature does not verify",
            Self::NotNewer => "it is not newer than the active one",
        }
    }
}

impl ImageFault {
    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Damaged => "its checksum is wrong",
            Self::Unsigned => "it is not signed",
            Self::BadSignature => "its signature does not verify",
        }
    }
}

impl DeliveryChange {
    /// Its words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Started { rate_ml_per_h } => format!("infusion began at {rate_ml_per_h} mL/h"),
            Self::RateChanged { from, to } => format!("rate changed from {from} to {to} mL/h"),
            Self::Interrupted => "infusion was interrupted".to_owned(),
            Self::Resumed => "infusion goes on".to_owned(),
            Self::Kvo => "volume is in, keeping the vein open".to_owned(),
            Self::Stopped => "infusion was ended".to_owned(),
            Self::NewBag => "bag was changed".to_owned(),
        }
    }
}

impl Login {
    /// How a station was let in, and what it took.
    #[must_use]
    pub fn words(self) -> String {
        let how = if self.resumed {
            "by a session of before, its certificate not looked at"
        } else {
            "by its certificate"
        };
        let (rounds, up, down) = (self.rounds, self.up, self.down);
        format!("{how}: {rounds} round trips, {up} bytes up, {down} down")
    }
}
