//! The shapes of lab files, pump profiles and drug libraries.

use crate::shape::{Field, Kind, Shape, Vocabulary, may, need};

const AKMS: &[&str] = &["open", "psk", "eap-tls"];
const MIB: Kind = Kind::Integer(1, 1 << 20);
const PORT: Kind = Kind::Integer(1, 65_535);
const NUMBER: Kind = Kind::Integer(1, 65_534);
const TEXTS: Kind = Kind::List(&Kind::Text);

const TITLE: Field = need("title", Kind::Text, "What it is, one line.");
const SUMMARY: Field = may("summary", Kind::Text, "What it is for, a paragraph.");

/// A lab file.
pub(crate) static LAB: Shape = Shape {
    name: "a lab",
    fields: &[
        TITLE,
        SUMMARY,
        need(
            "calendar",
            Kind::Calendar,
            "Date and time at which runs begin; certificates are judged by it.",
        ),
        need(
            "libraries",
            Kind::List(&Kind::Name(Vocabulary::LibraryFile)),
            "Drug libraries that the pharmacy has issued, oldest first.",
        ),
        need(
            "flat",
            Kind::Table(&FLAT),
            "The network as it is before any control.",
        ),
        need("radio", Kind::Table(&RADIO), "Propagation on the floor."),
        need(
            "zone",
            Kind::List(&Kind::Table(&ZONE)),
            "Zones: hosts of one kind and trust, with their addresses.",
        ),
        need(
            "wlan",
            Kind::List(&Kind::Table(&WLAN)),
            "Wireless networks.",
        ),
        need(
            "access_point",
            Kind::List(&Kind::Table(&ACCESS_POINT)),
            "Access points.",
        ),
        need(
            "host",
            Kind::List(&Kind::Table(&HOST)),
            "Everything with an address that is not a pump.",
        ),
        need("pump", Kind::List(&Kind::Table(&PUMP)), "Pumps."),
        need("nurse", Kind::List(&Kind::Table(&NURSE)), "Nurses."),
    ],
    one_of: &[],
};

static FLAT: Shape = Shape {
    name: "the flat network",
    fields: &[
        need("segment", Kind::Text, "Name of the one broadcast domain."),
        need("prefix", Kind::Cidr, "On-link prefix of all hosts."),
        need(
            "router",
            Kind::Text,
            "Name of the router to the zones with a segment of their own.",
        ),
        need(
            "switch_delay",
            Kind::Duration,
            "One-way delay of a frame through a switch.",
        ),
        need(
            "router_delay",
            Kind::Duration,
            "Delay of a packet through the router.",
        ),
        need(
            "connection_table",
            Kind::Integer(1, 100_000_000),
            "Flows that the router can remember.",
        ),
    ],
    one_of: &[],
};

static RADIO: Shape = Shape {
    name: "the radio table",
    fields: &[
        need(
            "transmit_dbm",
            Kind::Number(-30.0, 40.0),
            "Transmit power in dBm.",
        ),
        need(
            "loss_at_1m_db",
            Kind::Number(0.0, 120.0),
            "Path loss at one metre in dB.",
        ),
        need("exponent", Kind::Number(1.0, 8.0), "Path-loss exponent."),
        need(
            "sensitivity_dbm",
            Kind::Number(-120.0, 0.0),
            "Weakest signal that is decoded, in dBm.",
        ),
        need(
            "roam_below_dbm",
            Kind::Number(-120.0, 0.0),
            "Signal below which a station looks for a better access point, in dBm.",
        ),
        need(
            "rate_mbps",
            Kind::Number(0.1, 10_000.0),
            "Data rate in Mb/s.",
        ),
        need(
            "overhead",
            Kind::Duration,
            "Fixed time per frame: contention, preamble, SIFS, acknowledgement.",
        ),
    ],
    one_of: &[],
};

static ZONE: Shape = Shape {
    name: "a zone",
    fields: &[
        need("id", Kind::Text, "Identifier."),
        TITLE,
        need("subnet", Kind::Cidr, "Addresses of its hosts."),
        may(
            "own_segment",
            Kind::Bool,
            "Whether it is a segment of its own even before any control; no by default.",
        ),
    ],
    one_of: &[],
};

static WLAN: Shape = Shape {
    name: "a wireless network",
    fields: &[
        need("ssid", Kind::Text, "Network name."),
        need("akm", Kind::Word(AKMS), "Authentication."),
        may(
            "passphrase",
            Kind::Text,
            "The phrase that the house knows; needed where authentication is by pre-shared key.",
        ),
    ],
    one_of: &[],
};

static ACCESS_POINT: Shape = Shape {
    name: "an access point",
    fields: &[
        need("name", Kind::Text, "Name."),
        need(
            "zone",
            Kind::Name(Vocabulary::Zone),
            "Zone of its management address.",
        ),
        need(
            "number",
            NUMBER,
            "Number of its management address in the zone.",
        ),
        need("at", Kind::Position, "Position on the floor in metres."),
        need("channel", Kind::Integer(1, 196), "Channel."),
    ],
    one_of: &[],
};

/// A host of a lab.
static HOST: Shape = Shape {
    name: "a host",
    fields: &[
        need("name", Kind::Text, "Name; also its DNS name."),
        need("zone", Kind::Name(Vocabulary::Zone), "Zone."),
        need("number", NUMBER, "Number of its address in the zone."),
        SUMMARY,
        may(
            "at",
            Kind::Position,
            "Position in metres: the host is wireless.",
        ),
        may(
            "eap_capable",
            Kind::Bool,
            "Whether a wireless host can do EAP-TLS; yes by default.",
        ),
        may(
            "pmf_capable",
            Kind::Bool,
            "Whether a wireless host can protect management frames; yes by default.",
        ),
        may(
            "unattached",
            Kind::True,
            "The host is on no network: it is reached by hand only.",
        ),
        may(
            "lease",
            Kind::Bool,
            "Whether a wired host gets its address by DHCP; no by default.",
        ),
        may("storage_mib", MIB, "Free storage in MiB; 65536 by default."),
        may("memory_mib", MIB, "Free memory in MiB; 8192 by default."),
        may(
            "services",
            Kind::List(&Kind::Table(&SERVICE)),
            "Services besides its roles.",
        ),
        may(
            "accounts",
            Kind::List(&Kind::Table(&ACCOUNT)),
            "Accounts that its services accept.",
        ),
        may("files", Kind::List(&Kind::Table(&FILE)), "Files."),
        may(
            "pump_server",
            Kind::Table(&PUMP_SERVER),
            "It is a pump server.",
        ),
        may(
            "controller",
            Kind::Table(&CONTROLLER),
            "It is the wireless controller.",
        ),
        may(
            "radius",
            Kind::Table(&RADIUS),
            "It is the authentication server.",
        ),
        may(
            "authority",
            Kind::Table(&AUTHORITY),
            "It is the certificate authority.",
        ),
        may("dhcp", Kind::True, "It leases addresses."),
        may("dns", Kind::True, "It resolves names."),
        may("ehr", Kind::Table(&EHR), "It is the health record."),
        may(
            "alarm_manager",
            Kind::Table(&ALARM_MANAGER),
            "It passes alarms on.",
        ),
        may("nurses_station", Kind::True, "It shows alarms to nurses."),
        may(
            "office",
            Kind::List(&Kind::Table(&OFFICE)),
            "It talks to servers now and then.",
        ),
        may(
            "answers",
            Kind::List(&PORT),
            "Ports on which it takes connections and answers.",
        ),
    ],
    one_of: &[],
};

static SERVICE: Shape = Shape {
    name: "a service",
    fields: &[
        need("port", PORT, "Port."),
        need(
            "kind",
            Kind::Word(&["telnet", "ftp", "web", "pump-push"]),
            "Kind.",
        ),
        may(
            "login",
            Kind::Bool,
            "Whether it asks for an account; no by default.",
        ),
        may(
            "maintenance",
            Kind::Bool,
            "Whether it serves maintenance and is not needed for care; no by default.",
        ),
    ],
    one_of: &[],
};

static ACCOUNT: Shape = Shape {
    name: "an account",
    fields: &[
        need("user", Kind::Text, "User name."),
        need("password", Kind::Text, "Password."),
        may(
            "fixed",
            Kind::Bool,
            "Whether it is built in and cannot be changed; no by default.",
        ),
    ],
    one_of: &[],
};

static FILE: Shape = Shape {
    name: "a file",
    fields: &[
        need("path", Kind::Text, "Path."),
        need("bytes", Kind::Integer(0, 1 << 40), "Size."),
        may(
            "encrypted",
            Kind::Bool,
            "Whether it is encrypted under the host's own key; no by default.",
        ),
        may(
            "patients",
            Kind::List(&Kind::Integer(0, 0xFFFF_FFFF)),
            "It holds records of these patients.",
        ),
        may(
            "network_key",
            Kind::Name(Vocabulary::Network),
            "It holds the stored key of this network.",
        ),
    ],
    one_of: &[],
};

static PUMP_SERVER: Shape = Shape {
    name: "a pump server",
    fields: &[
        need("port", PORT, "Port on which pumps connect."),
        need(
            "library_version",
            Kind::Integer(1, 1_000_000),
            "Version of the library that it publishes at first.",
        ),
        need(
            "alarm_manager",
            Kind::Name(Vocabulary::Server),
            "Host of the alarm manager.",
        ),
        need(
            "ehr",
            Kind::Name(Vocabulary::Server),
            "Host of the health record.",
        ),
    ],
    one_of: &[],
};

static CONTROLLER: Shape = Shape {
    name: "a controller",
    fields: &[
        need(
            "radius",
            Kind::Name(Vocabulary::Server),
            "Host of the authentication server.",
        ),
        need(
            "pmk_cache",
            Kind::Duration,
            "How long a pairwise master key is cached.",
        ),
    ],
    one_of: &[],
};

static RADIUS: Shape = Shape {
    name: "an authentication server",
    fields: &[
        need("secret", Kind::Text, "Secret shared with the controller."),
        need(
            "capacity_per_second",
            Kind::Number(0.001, 1e6),
            "Full authentications per second.",
        ),
        need(
            "session_timeout",
            Kind::Duration,
            "Session-Timeout that it gives.",
        ),
    ],
    one_of: &[],
};

static AUTHORITY: Shape = Shape {
    name: "a certificate authority",
    fields: &[need("key", Kind::Text, "Name of its key.")],
    one_of: &[],
};

static EHR: Shape = Shape {
    name: "a health record",
    fields: &[need(
        "servers",
        Kind::List(&Kind::Name(Vocabulary::PumpServer)),
        "Pump servers that it sends orders to.",
    )],
    one_of: &[],
};

static ALARM_MANAGER: Shape = Shape {
    name: "an alarm manager",
    fields: &[need(
        "station",
        Kind::Name(Vocabulary::Server),
        "Host of the nurses' station.",
    )],
    one_of: &[],
};

static OFFICE: Shape = Shape {
    name: "an office load",
    fields: &[
        need("server", Kind::Name(Vocabulary::Server), "Server."),
        need("port", PORT, "Its port."),
        need("every", Kind::Duration, "Mean time between messages."),
    ],
    one_of: &[],
};

static PUMP: Shape = Shape {
    name: "a pump",
    fields: &[
        need("name", Kind::Text, "Name; also its DNS name."),
        need("zone", Kind::Name(Vocabulary::Zone), "Zone."),
        need("number", NUMBER, "Number of its address in the zone."),
        need(
            "profile",
            Kind::Name(Vocabulary::Profile),
            "Profile that it is made from.",
        ),
        need("server", Kind::Name(Vocabulary::PumpServer), "Its server."),
        need("room", Kind::Integer(0, 1_000_000), "Room it stands in."),
        need("at", Kind::Position, "Position on the floor in metres."),
        need(
            "flow_error",
            Kind::Number(-0.5, 0.5),
            "Flow error as a fraction; within 0.05 for volumetric pumps.",
        ),
        may(
            "library_version",
            Kind::Integer(1, 1_000_000),
            "Version of the library that is active at first; the first by default.",
        ),
        may(
            "battery_hours",
            Kind::Number(0.01, 1000.0),
            "Battery life in hours when off mains; on mains by default.",
        ),
        may("infusion", Kind::Table(&INFUSION), "What it infuses."),
    ],
    one_of: &[],
};

static INFUSION: Shape = Shape {
    name: "an infusion",
    fields: &[
        need("patient", Kind::Integer(0, 0xFFFF_FFFF), "Patient."),
        need("care_area", Kind::Name(Vocabulary::CareArea), "Care area."),
        need("drug", Kind::Name(Vocabulary::Drug), "Drug."),
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
        need(
            "bag_ml",
            Kind::Number(0.01, 100_000.0),
            "Volume in the bag in mL.",
        ),
        need("start", Kind::Duration, "When the nurse starts it."),
    ],
    one_of: &[],
};

static NURSE: Shape = Shape {
    name: "a nurse",
    fields: &[
        need("name", Kind::Text, "Name."),
        need(
            "station",
            Kind::Name(Vocabulary::Server),
            "The nurses' station that she watches.",
        ),
        need(
            "pumps",
            Kind::List(&Kind::Name(Vocabulary::Pump)),
            "Pumps in her care.",
        ),
        need("rounds_every", Kind::Duration, "Time between her rounds."),
        need(
            "response_median",
            Kind::Duration,
            "Median time in which she answers an alarm that she knows of.",
        ),
        need(
            "response_sigma",
            Kind::Number(0.0, 5.0),
            "Sigma of the log-normal distribution of that time.",
        ),
    ],
    one_of: &[],
};

/// A pump profile.
pub(crate) static PROFILE: Shape = Shape {
    name: "a profile",
    fields: &[
        TITLE,
        SUMMARY,
        may(
            "advisories",
            TEXTS,
            "Published advisories whose weaknesses it has.",
        ),
        need("eap_capable", Kind::Bool, "Whether it can do EAP-TLS."),
        need(
            "pmf_capable",
            Kind::Bool,
            "Whether it can protect management frames.",
        ),
        need(
            "tls_capable",
            Kind::Bool,
            "Whether it can do TLS with its server.",
        ),
        need(
            "signature_capable",
            Kind::Bool,
            "Whether it can check library signatures.",
        ),
        need("storage_mib", MIB, "Free storage in MiB."),
        need("memory_mib", MIB, "Free memory in MiB."),
        need(
            "status_infusing",
            Kind::Duration,
            "Interval of status messages while infusing.",
        ),
        need(
            "status_idle",
            Kind::Duration,
            "Interval of status messages while idle.",
        ),
        need(
            "stores_network_key",
            Kind::Bool,
            "Whether a file `/flash/wlan.conf` holds the key of its network.",
        ),
        need(
            "patient_log",
            Kind::Bool,
            "Whether a file `/log/records` holds records of its patient.",
        ),
        may(
            "services",
            Kind::List(&Kind::Table(&SERVICE)),
            "Services that it offers.",
        ),
        may(
            "accounts",
            Kind::List(&Kind::Table(&ACCOUNT)),
            "Accounts that they accept.",
        ),
    ],
    one_of: &[],
};

/// A drug library.
pub(crate) static DRUG_LIBRARY: Shape = Shape {
    name: "a drug library",
    fields: &[
        TITLE,
        SUMMARY,
        need("version", Kind::Integer(1, 1_000_000), "Version."),
        need(
            "entry",
            Kind::List(&Kind::Table(&ENTRY)),
            "One drug in one concentration in one care area.",
        ),
    ],
    one_of: &[],
};

const RATE: Kind = Kind::Number(0.0, 10_000.0);

static ENTRY: Shape = Shape {
    name: "a library entry",
    fields: &[
        need("care_area", Kind::Text, "Care area."),
        need("drug", Kind::Text, "Drug."),
        need("label", Kind::Text, "Label of the concentration."),
        need("per_ml", Kind::Number(1e-9, 1e9), "Amount per mL."),
        need("unit", Kind::Word(&["mg", "units"]), "Unit of the amount."),
        may(
            "hard_min",
            RATE,
            "Below this no programme is accepted, mL/h.",
        ),
        may(
            "soft_min",
            RATE,
            "Below this the pump asks for an override, mL/h.",
        ),
        may(
            "soft_max",
            RATE,
            "Above this the pump asks for an override, mL/h.",
        ),
        may(
            "hard_max",
            RATE,
            "Above this no programme is accepted, mL/h.",
        ),
        need(
            "kvo_ml_per_h",
            Kind::Number(0.001, 1000.0),
            "Rate that keeps the vein open, mL/h.",
        ),
        may(
            "high_alert",
            Kind::Bool,
            "Whether an error bears a heightened risk of harm; no by default.",
        ),
    ],
    one_of: &[],
};
