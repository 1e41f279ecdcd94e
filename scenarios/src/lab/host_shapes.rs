//! The shape of hosts in lab files.

use super::shapes::{MIB, NUMBER, PORT, SUMMARY};
use crate::shape::{Kind, Shape, Vocabulary, may, need, words};

/// A host.
pub(crate) static HOST: Shape = Shape {
    name: "a host",
    fields: &[
        need("name", Kind::Text, "Name; also its DNS name."),
        need("zone", Kind::Name(Vocabulary::Zone), "Zone."),
        need("number", NUMBER, "Number of its address in the zone."),
        SUMMARY,
        may(
            "profile",
            Kind::Name(Vocabulary::Profile),
            "Profile of a server that it is made from.",
        ),
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
            "weaknesses",
            Kind::List(&Kind::Table(&WEAKNESS)),
            "Flaws in its software.",
        ),
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
        may(
            "mail",
            Kind::True,
            "It is a mail server, with a mailbox for everybody who reads mail there.",
        ),
        may(
            "backup",
            Kind::Table(&BACKUP),
            "It is a backup server; it runs once the control for it is on.",
        ),
        may("dhcp", Kind::True, "It leases addresses."),
        may(
            "crowd",
            Kind::Table(&CROWD),
            "It is the port or access point by which devices that people carry come in.",
        ),
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
            "database",
            Kind::Table(&PORT_ONLY),
            "It is a database of pump servers.",
        ),
        may(
            "directory",
            Kind::Table(&PORT_ONLY),
            "It is the directory of staff.",
        ),
        may(
            "pharmacy",
            Kind::Table(&PHARMACY),
            "It is the pharmacy's workstation.",
        ),
        may(
            "broker",
            Kind::Table(&PORT_ONLY),
            "Makers' support lands on it.",
        ),
        may(
            "vendor",
            Kind::Table(&VENDOR),
            "A maker's support engineer works at it.",
        ),
        may(
            "log_collector",
            Kind::True,
            "It collects logs, once a control sends some.",
        ),
        may(
            "traffic_sensor",
            Kind::True,
            "It looks at mirrored traffic, once a control sends some.",
        ),
        may(
            "answers",
            Kind::List(&PORT),
            "Ports on which it takes connections and answers.",
        ),
    ],
    one_of: &[],
};

pub(crate) static SERVICE: Shape = Shape {
    name: "a service",
    fields: &[
        need("port", PORT, "Port."),
        need(
            "kind",
            Kind::Word(&["telnet", "ftp", "web", "share", "pump-push", "ssh"]),
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

pub(crate) static ACCOUNT: Shape = Shape {
    name: "an account",
    fields: &[
        need("user", Kind::Text, "User name."),
        need("password", Kind::Text, "Password."),
        may(
            "fixed",
            Kind::Bool,
            "Whether it is built in and cannot be changed; no by default.",
        ),
        may(
            "role",
            Kind::Word(&["pharmacist", "reviewer", "nurse", "biomed", "administrator"]),
            "What its holder is at a portal; not a portal's account by default.",
        ),
        may(
            "dormant",
            Kind::Bool,
            "Whether its holder has left the house; no by default.",
        ),
        may(
            "server",
            Kind::Name(Vocabulary::PumpServer),
            "At a broker: the server that the account is for.",
        ),
    ],
    one_of: &[],
};

/// Clients whose answers reach a flaw, and what reaching it takes.
pub(crate) const CLIENTS: [(&str, &str); 2] = [
    (
        "dhcp",
        "By whoever answers the host's address client: a lease that it asked for, from wherever an answer comes.",
    ),
    (
        "dns",
        "By whoever answers the host's name client: its name server, or whoever answers in its place.",
    ),
];

/// Effects of flaws, and what they mean.
pub(crate) const EFFECTS: [(&str, &str); 5] = [
    (
        "stop",
        "The communicating part stops. A pump goes on infusing: only what it says and hears ends. It starts again by itself after `restart`; without one, somebody has to switch the host off and on.",
    ),
    (
        "execute",
        "What the message carries runs with the rights of the service: no account is asked for, and whoever sent it holds the host.",
    ),
    ("read-files", "Files are read without an account."),
    ("write-files", "Files are written without an account."),
    (
        "exhaust",
        "Requests use it up: more than `per_second` within a second, from all sources together, stop the communicating part, as `stop` does.",
    ),
];

pub(crate) static WEAKNESS: Shape = Shape {
    name: "a weakness",
    fields: &[
        need(
            "flaw",
            Kind::Text,
            "The flaw, in a word of your own; an exploit names the same word.",
        ),
        may("port", PORT, "Port on which it is reached."),
        may(
            "client",
            Kind::Word(&words(&CLIENTS)),
            "Client of the host whose answers reach it.",
        ),
        need(
            "effect",
            Kind::Word(&words(&EFFECTS)),
            "What follows when something made for it arrives.",
        ),
        may(
            "restart",
            Kind::Interval,
            "With `stop` and `exhaust`: time after which the communicating part starts again; without it, it stays down until it is switched off and on.",
        ),
        may(
            "per_second",
            Kind::Number(0.001, 1e6),
            "With `exhaust`: requests per second that it bears, from all sources together; 10 by default.",
        ),
        may(
            "patch",
            Kind::Bool,
            "Whether its maker has released a patch; no by default.",
        ),
    ],
    one_of: &["port", "client"],
};

pub(crate) static FILE: Shape = Shape {
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
            "account",
            Kind::Text,
            "It holds the password of this account of the same host.",
        ),
        may(
            "network_key",
            Kind::Name(Vocabulary::Network),
            "It holds the stored key of this network.",
        ),
        may(
            "needed",
            Kind::Bool,
            "Whether what the host does for others needs it: it stops serving when it cannot read the file; no by default.",
        ),
    ],
    one_of: &[],
};

static BACKUP: Shape = Shape {
    name: "a backup server",
    fields: &[
        need(
            "of",
            Kind::List(&Kind::Name(Vocabulary::Host)),
            "Hosts whose shared files it copies.",
        ),
        need("every", Kind::Interval, "How often it copies them."),
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
        may(
            "observations",
            Kind::Name(Vocabulary::Server),
            "Health record that it documents infusions to (PCD-01); it documents none by default.",
        ),
        may(
            "portal",
            Kind::Table(&PORTAL),
            "Its web application for staff; the host's accounts with a role can log in.",
        ),
        may("store", Kind::Table(&STORE), "Its database."),
    ],
    one_of: &[],
};

static PORTAL: Shape = Shape {
    name: "a portal",
    fields: &[
        need("port", PORT, "Port."),
        may(
            "trusts_client",
            Kind::Bool,
            "Whether the check of passwords is left to the client; no by default.",
        ),
        may(
            "token_key",
            Kind::Text,
            "Key of session tokens, where the maker ships one to everybody; the server's own by default.",
        ),
    ],
    one_of: &[],
};

static STORE: Shape = Shape {
    name: "a store",
    fields: &[
        need(
            "host",
            Kind::Name(Vocabulary::Server),
            "Host of the database.",
        ),
        need("port", PORT, "Its port."),
        may(
            "user",
            Kind::Text,
            "User; needed unless the host's profile gives it.",
        ),
        may(
            "password",
            Kind::Text,
            "Password; needed unless the host's profile gives it.",
        ),
        need(
            "refresh",
            Kind::Interval,
            "How often the stored library is read.",
        ),
        may(
            "patients",
            Kind::List(&Kind::Integer(0, 0xFFFF_FFFF)),
            "Patients whose infusion history is there at first.",
        ),
    ],
    one_of: &[],
};

static PORT_ONLY: Shape = Shape {
    name: "a port",
    fields: &[need("port", PORT, "Port.")],
    one_of: &[],
};

static PHARMACY: Shape = Shape {
    name: "a pharmacy",
    fields: &[
        need(
            "pharmacist",
            Kind::Text,
            "User who prepares and publishes libraries.",
        ),
        need(
            "reviewer",
            Kind::Text,
            "User who reviews and approves them.",
        ),
    ],
    one_of: &[],
};

static VENDOR: Shape = Shape {
    name: "a support engineer",
    fields: &[
        need(
            "server",
            Kind::Name(Vocabulary::PumpServer),
            "Server that is looked after.",
        ),
        need("port", PORT, "Port of its shell."),
        need("user", Kind::Text, "User."),
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
            Kind::Interval,
            "How long a pairwise master key is cached.",
        ),
    ],
    one_of: &[],
};

static RADIUS: Shape = Shape {
    name: "an authentication server",
    fields: &[
        need("secret", Kind::Text, "Secret shared with the controller."),
        may(
            "capacity_per_second",
            Kind::Number(0.001, 1e6),
            "Authentications per second, whatever the processor; as many as the measured handshakes allow by default.",
        ),
        need(
            "session_timeout",
            Kind::Interval,
            "Session-Timeout that it gives.",
        ),
        may(
            "session_cache",
            Kind::Interval,
            "How long sessions are kept that stations resume without their certificates being looked at; none by default.",
        ),
        may(
            "list_refresh",
            Kind::Interval,
            "How often a revocation list is fetched, where revocation is checked; 1h by default.",
        ),
        may(
            "list_valid",
            Kind::Interval,
            "How long a revocation list is good after it was fetched; 168h by default.",
        ),
        may(
            "hard_fail",
            Kind::Bool,
            "Whether stations are refused while there is no revocation list that is good; no by default.",
        ),
        may(
            "disconnect_revoked",
            Kind::Bool,
            "Whether a station that is on is thrown off when its certificate turns out to be revoked; no by default.",
        ),
    ],
    one_of: &[],
};

static AUTHORITY: Shape = Shape {
    name: "a certificate authority",
    fields: &[
        need("key", Kind::Text, "Name of its key."),
        may(
            "expiring",
            Kind::List(&Kind::Name(Vocabulary::Host)),
            "Hosts whose certificates run out early.",
        ),
        may(
            "expiring_after",
            Kind::Interval,
            "When those run out, since the run began.",
        ),
        may(
            "key_type",
            Kind::Word(pumplab_sim::wire::tls_cost::KeyType::WORDS),
            "Kind of the keys in the certificates that it issues; p256 by default.",
        ),
    ],
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

static CROWD: Shape = Shape {
    name: "a crowd's devices",
    fields: &[
        need(
            "devices",
            Kind::Integer(1, 10_000),
            "Devices of one group of people, such as a shift.",
        ),
        need("first", Kind::Duration, "When the first group comes."),
        need(
            "over",
            Kind::Duration,
            "Time within which a group has come.",
        ),
        need(
            "stays",
            Kind::Interval,
            "How long each stays; it goes without telling the address server.",
        ),
        may(
            "every",
            Kind::Interval,
            "Time from one group to the next; only one comes by default.",
        ),
    ],
    one_of: &[],
};

static OFFICE: Shape = Shape {
    name: "an office load",
    fields: &[
        need("server", Kind::Name(Vocabulary::Server), "Server."),
        need("port", PORT, "Its port."),
        need("every", Kind::Interval, "Mean time between messages."),
        may(
            "opens_attachments",
            Kind::Number(0.0, 1.0),
            "Where the server is a mail server: share of the attachments that the person opens. Without it nobody reads mail.",
        ),
    ],
    one_of: &[],
};
