//! The shape of lab files.

use super::host_shapes::HOST;
use super::pump_shapes::PUMP;
use crate::diagnostic::WARNINGS;
use crate::shape::{Field, Kind, Shape, Vocabulary, may, need};

const AKMS: &[&str] = &["open", "psk", "eap-tls"];

/// Mebibytes, up to a terabyte.
pub(crate) const MIB: Kind = Kind::Integer(1, 1 << 20);
/// A port.
pub(crate) const PORT: Kind = Kind::Integer(1, 65_535);
/// Number of a host in its zone.
pub(crate) const NUMBER: Kind = Kind::Integer(1, 65_534);

/// Every file has a title.
pub(crate) const TITLE: Field = need("title", Kind::Text, "What it is, one line.");
/// And may say more.
pub(crate) const SUMMARY: Field = may("summary", Kind::Text, "What it is for, a paragraph.");

static WARNING_CODES: Kind = Kind::Word(WARNINGS);

/// Labs and scenarios may mean what others do by mistake.
pub(crate) const ACCEPTED: Field = may(
    "accept_warnings",
    Kind::List(&WARNING_CODES),
    "Codes of warnings about this file that are meant and not told, such as `PL0806`.",
);

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
        may(
            "known_malware",
            Kind::List(&Kind::Text),
            "Families of programs that scanners have signatures of.",
        ),
        ACCEPTED,
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
        may(
            "pool",
            Kind::Name(Vocabulary::Zone),
            "Zone whose leases are those of the flat network; by default, numbers 150 to 199 near the address server, for a day.",
        ),
    ],
    one_of: &[],
};

static LEASES: Shape = Shape {
    name: "a zone's leases",
    fields: &[
        may(
            "first",
            Kind::Integer(2, 254),
            "First number of the pool; 150 by default.",
        ),
        may(
            "last",
            Kind::Integer(2, 254),
            "Last number of the pool; 199 by default.",
        ),
        may("time", Kind::Interval, "Length of a lease; 24h by default."),
        may(
            "reserved",
            Kind::Bool,
            "Whether the zone's hosts have reservations; yes by default. Without them they take what the pool has, their former address if it is free.",
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
        may(
            "leases",
            Kind::Table(&LEASES),
            "How addresses are leased here.",
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
        may(
            "guess_rank",
            Kind::Number(1.0, 1e30),
            "How many words a search through common lists tries before the passphrase, likeliest first; without it the passphrase is in no list.",
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
        need(
            "channel",
            Kind::Integer(1, 14),
            "Channel in the 2.4 GHz band, 1 to 14: others are not simulated.",
        ),
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
        need("rounds_every", Kind::Interval, "Time between her rounds."),
        need(
            "response_median",
            Kind::Interval,
            "Median time in which she answers an alarm that she knows of.",
        ),
        need(
            "response_sigma",
            Kind::Number(0.0, 5.0),
            "Sigma of the log-normal distribution of that time.",
        ),
        may(
            "slips",
            Kind::Number(0.0, 1.0),
            "Probability of a wrong rate per programming; none by default.",
        ),
        may(
            "slip_factor",
            Kind::Number(1.01, 1000.0),
            "The rate is then wrong by this factor, up or down; 10 by default.",
        ),
        may(
            "overrides",
            Kind::Number(0.0, 1.0),
            "Probability that she overrides a soft limit alert that her own slip brought; 0.65 by default.",
        ),
        may(
            "earshot_rooms",
            Kind::Integer(0, 1000),
            "She hears the alarms of her pumps from this many rooms away; not at all by default.",
        ),
    ],
    one_of: &[],
};
