//! Kinds of name: a name in a file must be one of its vocabulary.

/// Where a name must be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vocabulary {
    /// Labs of the library.
    Lab,
    /// Defences of the library.
    Defence,
    /// Controls.
    Control,
    /// Techniques.
    Technique,
    /// Goals.
    Goal,
    /// Safety properties.
    Property,
    /// Metrics.
    Metric,
    /// Scenario events.
    Event,
    /// Profiles of pumps and servers.
    Profile,
    /// Drug libraries.
    LibraryFile,
    /// Hosts and pumps of the lab.
    Host,
    /// Pumps of the lab.
    Pump,
    /// Hosts of the lab that are pump servers.
    PumpServer,
    /// Hosts of the lab that are authentication servers.
    AuthenticationServer,
    /// Hosts of the lab that are no pumps.
    Server,
    /// Zones of the lab.
    Zone,
    /// Wireless networks of the lab.
    Network,
    /// Drugs in the libraries of the lab.
    Drug,
    /// Care areas in the libraries of the lab.
    CareArea,
    /// Hosts, access points, routers and segments of the lab.
    Node,
    /// Nurses of the lab.
    Nurse,
    /// Vulnerabilities of hosts and profiles.
    Vulnerability,
    /// Programs of the attacker.
    Program,
}

impl Vocabulary {
    /// The name of the kind, for programs that read lists.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Lab => "lab",
            Self::Defence => "defence",
            Self::Control => "control",
            Self::Technique => "technique",
            Self::Goal => "goal",
            Self::Property => "property",
            Self::Metric => "metric",
            Self::Event => "event",
            Self::Profile => "profile",
            Self::LibraryFile => "drug-library",
            Self::Host => "host",
            Self::Pump => "pump",
            Self::PumpServer => "pump-server",
            Self::AuthenticationServer => "authentication-server",
            Self::Server => "server",
            Self::Zone => "zone",
            Self::Network => "network",
            Self::Drug => "drug",
            Self::CareArea => "care-area",
            Self::Node => "node",
            Self::Nurse => "nurse",
            Self::Vulnerability => "vulnerability",
            Self::Program => "program",
        }
    }

    /// What one of them is called in a sentence.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::LibraryFile => "drug library",
            Self::PumpServer => "pump server",
            Self::AuthenticationServer => "authentication server",
            Self::Network => "wireless network",
            Self::CareArea => "care area",
            other => other.id(),
        }
    }

    /// What a key takes that names one of them.
    #[must_use]
    pub const fn takes(self) -> &'static str {
        match self {
            Self::Lab => "name of a lab",
            Self::Defence => "name of a defence",
            Self::Control => "name of a control",
            Self::Technique => "name of a technique",
            Self::Goal => "name of a goal",
            Self::Property => "name of a property",
            Self::Metric => "name of a metric",
            Self::Event => "name of an event",
            Self::Profile => "name of a profile",
            Self::LibraryFile => "name of a drug library",
            Self::Host => "name of a host",
            Self::Pump => "name of a pump",
            Self::PumpServer => "name of a pump server",
            Self::AuthenticationServer => "name of an authentication server",
            Self::Server => "name of a server",
            Self::Zone => "name of a zone",
            Self::Network => "name of a wireless network",
            Self::Drug => "name of a drug",
            Self::CareArea => "name of a care area",
            Self::Node => "name of a node",
            Self::Nurse => "name of a nurse",
            Self::Vulnerability => "name of a vulnerability",
            Self::Program => "name of a program of the attacker",
        }
    }
}
