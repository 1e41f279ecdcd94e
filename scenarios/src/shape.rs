//! The shapes of files as data: one table per kind of table. The checker reads files by them and the JSON Schema is
//! written from them, so neither can know a key that the other does not.

use pumplab_sim::catalog::{Entry, Literal, Parameter, ParameterKind};

/// The shape of a TOML table.
#[derive(Debug)]
pub(crate) struct Shape {
    /// What it is, for messages: "an attacker".
    pub(crate) name: &'static str,
    /// Keys.
    pub(crate) fields: &'static [Field],
    /// Keys of which exactly one must be there.
    pub(crate) one_of: &'static [&'static str],
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    /// What stands for it where it is not given; only parameters say so in their rows.
    pub(crate) default: Option<Literal>,
    pub(crate) doc: &'static str,
}

/// A key that must be there.
pub(crate) const fn need(key: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field {
        key,
        kind,
        required: true,
        default: None,
        doc,
    }
}

/// A key that may be there.
pub(crate) const fn may(key: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field {
        key,
        kind,
        required: false,
        default: None,
        doc,
    }
}

/// The words alone, of words with their meaning.
pub(crate) const fn words<const N: usize>(
    all: &[(&'static str, &'static str); N],
) -> [&'static str; N] {
    let mut words = [""; N];
    let mut i = 0;
    while i < N {
        words[i] = all[i].0;
        i += 1;
    }
    words
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Any text that is not empty.
    Text,
    /// The name of something.
    Name(Vocabulary),
    /// One of a few words.
    Word(&'static [&'static str]),
    /// Whole number in a range.
    Integer(i64, i64),
    /// Number in a range.
    Number(f64, f64),
    /// Yes or no.
    Bool,
    /// Only yes: a marker.
    True,
    /// Text such as `90s`, shorter than the longest run.
    Duration,
    /// The same, and at least a millisecond: what repeats without a pause would never end.
    Interval,
    /// Text such as `x10`, in a range.
    Factor(f64, f64),
    /// Text that the simulator reads: an account, addresses, ports.
    Written(ParameterKind),
    /// `[x, y]` in metres.
    Position,
    /// Text such as `10.0.20.0/24`.
    Cidr,
    /// A TOML date and time with offset.
    Calendar,
    /// A list.
    List(&'static Kind),
    /// A table.
    Table(&'static Shape),
    /// A bound of the metric that another key of the same table names: a number in its unit, or a time where it is one.
    Bound(&'static str),
    /// Whichever of these fits the TOML type.
    Either(&'static [Kind]),
    /// Parameters of what another key of the same table names.
    With(Owner),
    /// Nested parameters.
    Parameters(&'static [Parameter]),
    /// A table with any of these words as keys and text as values.
    Notes(Vocabulary),
}

/// Who owns a table of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The technique named by `use`.
    Technique,
    /// The event named by `what`.
    Event,
    /// The goal named by `goal`.
    Goal,
}

impl Owner {
    /// The key that names the owner.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Technique => "use",
            Self::Event => "what",
            Self::Goal => "goal",
        }
    }

    /// What it is called in messages.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Technique => "technique",
            Self::Event => "event",
            Self::Goal => "goal",
        }
    }
}

/// Where a name must be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Vocabulary {
    Lab,
    Defence,
    Control,
    Technique,
    Goal,
    Property,
    Metric,
    Event,
    Profile,
    LibraryFile,
    Host,
    Pump,
    PumpServer,
    AuthenticationServer,
    Server,
    Zone,
    Network,
    Drug,
    CareArea,
    Node,
    Nurse,
    Vulnerability,
    Program,
}

impl Vocabulary {
    /// The kind under which `pumplab list` prints the names, where they do not depend on a lab.
    pub(crate) const fn listed(self) -> Option<&'static str> {
        Some(match self {
            Self::Lab => "labs",
            Self::Defence => "defences",
            Self::Control => "controls",
            Self::Technique => "techniques",
            Self::Goal => "goals",
            Self::Property => "properties",
            Self::Metric => "metrics",
            Self::Profile => "devices",
            _ => return None,
        })
    }

    /// The words that may stand in a schema: those that do not depend on a lab.
    pub(crate) const fn is_fixed(self) -> bool {
        matches!(
            self,
            Self::Control
                | Self::Technique
                | Self::Goal
                | Self::Property
                | Self::Metric
                | Self::Event
        )
    }
}

static NODES: Kind = Kind::List(&Kind::Name(Vocabulary::Node));

/// What may happen in a lab without malice.
pub(crate) static EVENTS: &[(&str, &str, &[Field])] = &[
    (
        "power-off",
        "A node loses power, or its service is stopped.",
        &[need(
            "node",
            Kind::Name(Vocabulary::Node),
            "Host, access point, router or segment.",
        )],
    ),
    (
        "power-on",
        "It comes back.",
        &[need(
            "node",
            Kind::Name(Vocabulary::Node),
            "Host, access point, router or segment.",
        )],
    ),
    (
        "move",
        "A wireless host is moved in a straight line.",
        &[
            need("host", Kind::Name(Vocabulary::Host), "Who is moved."),
            need("to", Kind::Position, "Where to, in metres."),
            need("over", Kind::Interval, "How long it takes."),
        ],
    ),
    (
        "programme",
        "A nurse programmes a pump by hand and starts it if the pump lets her.",
        &[
            need("pump", Kind::Name(Vocabulary::Pump), "Pump."),
            need(
                "care_area",
                Kind::Name(Vocabulary::CareArea),
                "Care area selected at the pump.",
            ),
            need(
                "drug",
                Kind::Name(Vocabulary::Drug),
                "Drug selected at the pump.",
            ),
            need(
                "rate_ml_per_h",
                Kind::Number(0.01, 10_000.0),
                "Rate as dialled in, in mL/h: a slip is a wrong rate here.",
            ),
            may(
                "intended_ml_per_h",
                Kind::Number(0.01, 10_000.0),
                "Rate that was meant, in mL/h, where it is another: what ran is judged against it.",
            ),
            need(
                "vtbi_ml",
                Kind::Number(0.01, 100_000.0),
                "Volume to be infused in mL.",
            ),
            may(
                "dose",
                Kind::Bool,
                "Whether it is an intermittent dose, of which the volume is all there is to give; no by default: it goes on until somebody ends it.",
            ),
            may(
                "override_soft",
                Kind::Bool,
                "Whether she overrides a soft limit alert; no by default.",
            ),
        ],
    ),
    (
        "order",
        "The health record sends an order for a pump; a nurse confirms it at the pump.",
        &[
            need("pump", Kind::Name(Vocabulary::Pump), "Pump."),
            need(
                "care_area",
                Kind::Name(Vocabulary::CareArea),
                "Care area of the order.",
            ),
            need("drug", Kind::Name(Vocabulary::Drug), "Drug ordered."),
            need(
                "rate_ml_per_h",
                Kind::Number(0.01, 10_000.0),
                "Rate in mL/h.",
            ),
            need(
                "vtbi_ml",
                Kind::Number(0.01, 100_000.0),
                "Volume to be infused in mL.",
            ),
            may(
                "dose",
                Kind::Bool,
                "Whether it is an intermittent dose, of which the volume is all there is to give; no by default: it goes on until somebody ends it.",
            ),
        ],
    ),
    (
        "restore",
        "Staff rebuild a host whose files are encrypted or gone; what a backup server has of its files comes back afterwards.",
        &[
            need("host", Kind::Name(Vocabulary::Host), "Host."),
            need("takes", Kind::Interval, "How long rebuilding takes."),
        ],
    ),
    (
        "vendor-visit",
        "A maker's support engineer looks after its pump server.",
        &[need(
            "host",
            Kind::Name(Vocabulary::Server),
            "The engineer's computer.",
        )],
    ),
    (
        "approve-vendor",
        "The house approves visits of a maker at the broker for a time.",
        &[
            need("broker", Kind::Name(Vocabulary::Server), "Broker."),
            need("user", Kind::Text, "The maker's user there."),
            need(
                "lasts",
                Kind::Interval,
                "How long the approval is in force.",
            ),
        ],
    ),
    (
        "kill-sessions",
        "The house ends every session that the broker carries.",
        &[need("broker", Kind::Name(Vocabulary::Server), "Broker.")],
    ),
    (
        "service-visit",
        "A biomedical engineer connects a service computer to a pump by cable for some time.",
        &[
            need("laptop", Kind::Name(Vocabulary::Host), "Service computer."),
            need("pump", Kind::Name(Vocabulary::Pump), "Pump."),
            need("lasts", Kind::Interval, "How long the cable is plugged in."),
        ],
    ),
    (
        "revoke-certificate",
        "The certificate authority revokes the certificate of a host, if it has one.",
        &[need(
            "host",
            Kind::Name(Vocabulary::Host),
            "Whose certificate it is.",
        )],
    ),
    (
        "renew-certificate",
        "Biomedical engineering gives a host a new certificate, valid for two years, if it has one.",
        &[need(
            "host",
            Kind::Name(Vocabulary::Host),
            "Whose certificate it is.",
        )],
    ),
    (
        "clock-skew",
        "A host's clock comes to differ from the calendar: it judges certificates by it.",
        &[
            need("host", Kind::Name(Vocabulary::Host), "Host."),
            need(
                "days",
                Kind::Number(-100_000.0, 100_000.0),
                "By how many days; below 0 is slow.",
            ),
        ],
    ),
    (
        "add-rule",
        "Staff change a firewall: a rule comes among those that it has. Flows that are open stay as they are.",
        &[
            need(
                "router",
                Kind::Name(Vocabulary::Node),
                "Firewall, also one that a control puts there, such as `fw-meddev`.",
            ),
            need("from", Kind::Cidr, "Sources, such as `10.0.60.0/24`."),
            need("to", Kind::Cidr, "Destinations."),
            may(
                "protocol",
                Kind::Word(&["any", "tcp", "udp"]),
                "Transport; any by default.",
            ),
            may(
                "port",
                Kind::Integer(1, 65_535),
                "Destination port; all of them by default.",
            ),
            need(
                "action",
                Kind::Word(&["permit", "deny"]),
                "What happens to what the rule speaks of.",
            ),
            may(
                "first",
                Kind::Bool,
                "Whether the rule stands before all others, and so decides before them; yes by default.",
            ),
        ],
    ),
    (
        "publish-library",
        "The pharmacy releases a library on a pump server: at its workstation if the lab has one, by the procedure of the server's portal.",
        &[
            need("server", Kind::Name(Vocabulary::PumpServer), "Pump server."),
            need(
                "version",
                Kind::Integer(1, 1_000_000),
                "Version among the lab's libraries.",
            ),
        ],
    ),
    (
        "occlude",
        "A line is kinked: nothing flows, and the pump notices when the pressure has risen.",
        &[need("pump", Kind::Name(Vocabulary::Pump), "Pump.")],
    ),
    (
        "power-cut",
        "Mains fail: pumps go on by battery, everything else that is named is off.",
        &[need(
            "nodes",
            NODES,
            "Hosts, access points, routers and segments.",
        )],
    ),
    (
        "power-return",
        "Mains come back.",
        &[need(
            "nodes",
            NODES,
            "Hosts, access points, routers and segments.",
        )],
    ),
    (
        "replace-pump",
        "A nurse takes a pump out of service and programmes another for its patient.",
        &[
            need("pump", Kind::Name(Vocabulary::Pump), "Pump."),
            need("by", Kind::Name(Vocabulary::Pump), "The other."),
        ],
    ),
    (
        "set-session-cache",
        "Staff set for how long the authentication server keeps sessions, which stations resume without their certificates being looked at. Those that it keeps are thrown away.",
        &[
            need(
                "server",
                Kind::Name(Vocabulary::AuthenticationServer),
                "Authentication server.",
            ),
            may(
                "lifetime",
                Kind::Interval,
                "For how long, counted from the full authentication; none are kept where it is not given.",
            ),
        ],
    ),
    (
        "set-tls-minimum",
        "Staff set the lowest version of TLS that a pump server takes.",
        &[
            need("server", Kind::Name(Vocabulary::PumpServer), "Pump server."),
            need(
                "version",
                Kind::Word(pumplab_sim::wire::tls::TlsVersion::WORDS),
                "Lowest version.",
            ),
        ],
    ),
    (
        "shift-change",
        "A nurse hands over to another and goes.",
        &[
            need("nurse", Kind::Name(Vocabulary::Nurse), "Who goes."),
            need("to", Kind::Name(Vocabulary::Nurse), "Who takes over."),
            need(
                "pause",
                Kind::Interval,
                "How long it takes; calls wait meanwhile.",
            ),
        ],
    ),
    (
        "strain",
        "A nurse has more to do than she can: slips become more frequent.",
        &[
            need("nurse", Kind::Name(Vocabulary::Nurse), "Nurse."),
            need(
                "slips_times",
                Kind::Number(1.0, 1000.0),
                "How many times more frequent.",
            ),
        ],
    ),
];

/// What a parameter of a catalogue entry takes.
pub(crate) const fn kind_of(kind: ParameterKind) -> Kind {
    match kind {
        ParameterKind::Host => Kind::Name(Vocabulary::Host),
        ParameterKind::Pump => Kind::Name(Vocabulary::Pump),
        ParameterKind::Network => Kind::Name(Vocabulary::Network),
        ParameterKind::Drug => Kind::Name(Vocabulary::Drug),
        ParameterKind::CareArea => Kind::Name(Vocabulary::CareArea),
        ParameterKind::Vulnerability => Kind::Name(Vocabulary::Vulnerability),
        ParameterKind::Program => Kind::Name(Vocabulary::Program),
        ParameterKind::Text => Kind::Text,
        ParameterKind::Port => Kind::Integer(1, 65_535),
        ParameterKind::Word(words) => Kind::Word(words.words),
        ParameterKind::Integer(from, to) => Kind::Integer(from, to),
        ParameterKind::Number(from, to) => Kind::Number(from, to),
        ParameterKind::Factor(from, to) => Kind::Factor(from, to),
        ParameterKind::Duration => Kind::Duration,
        ParameterKind::Interval => Kind::Interval,
        ParameterKind::Table(nested) => Kind::Parameters(nested),
        ParameterKind::Account
        | ParameterKind::Address
        | ParameterKind::Addresses
        | ParameterKind::Prefix
        | ParameterKind::Prefixes
        | ParameterKind::Ports => Kind::Written(kind),
    }
}

/// The parameters of an entry as keys.
pub(crate) fn fields_of(parameters: &'static [Parameter]) -> Vec<Field> {
    parameters
        .iter()
        .map(|p| Field {
            key: p.name,
            kind: kind_of(p.kind),
            required: p.required,
            default: p.default,
            doc: p.doc,
        })
        .collect()
}

/// The entry of this id.
pub(crate) fn entry<'a>(entries: &'a [&'static Entry], id: &str) -> Option<&'a &'static Entry> {
    entries.iter().find(|e| e.id == id)
}
