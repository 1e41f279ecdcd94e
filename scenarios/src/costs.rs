//! Cost files: what `pumplab calibrate` measured on a machine.

use crate::check;
use crate::common::{SUMMARY, TITLE};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::kind;
use crate::library::Library;
use crate::shape::{Kind, Shape, may, need};
use crate::table::Table;
use pumplab_sim::spec::{CertificateCostSpec, CostFault, Costs, HandshakeSpec, LONGEST_FLIGHT};
use pumplab_sim::time::Duration;
use pumplab_sim::wire::tls::TlsVersion;
use pumplab_sim::wire::tls_cost::{Flights, Handshake, KeyType};
use std::path::Path;
use std::sync::Arc;

const BYTES: Kind = Kind::Integer(1, LONGEST_FLIGHT as i64);
const BYTES_OR_NONE: Kind = Kind::Integer(0, LONGEST_FLIGHT as i64);
/// Microseconds: at least a nanosecond, up to ten seconds.
const MICROSECONDS: Kind = Kind::Number(0.001, 1e7);
const MICROSECONDS_OR_NONE: Kind = Kind::Number(0.0, 1e7);

/// A cost file.
pub(crate) static COSTS: Shape = Shape {
    name: "a cost file",
    fields: &[
        TITLE,
        SUMMARY,
        need(
            "measured",
            Kind::Table(&MEASURED),
            "The machine that was measured, and when.",
        ),
        need(
            "certificate",
            Kind::List(&Kind::Table(&CERTIFICATE)),
            "Length of a leaf certificate with each kind of key.",
        ),
        need(
            "handshake",
            Kind::List(&Kind::Table(&HANDSHAKE)),
            "What a handshake costs: each version, kind of key and kind of handshake once.",
        ),
    ],
    one_of: &[],
};

static MEASURED: Shape = Shape {
    name: "a measured machine",
    fields: &[
        need(
            "processor",
            Kind::Text,
            "Its processor, as the system calls it.",
        ),
        need("cores", Kind::Integer(1, 100_000), "Number of its cores."),
        need(
            "date",
            Kind::Text,
            "Day of the measurement, as in `2026-11-22`.",
        ),
        need(
            "build",
            Kind::Word(&["release", "debug"]),
            "How pumplab was built: figures of a debug build are too high.",
        ),
        need("rustc", Kind::Text, "Version of the compiler."),
        need("rustls", Kind::Text, "Version of rustls."),
        need("ring", Kind::Text, "Version of ring."),
        need(
            "rounds",
            Kind::Integer(1, 10_000_000),
            "Handshakes of each kind that were measured.",
        ),
    ],
    one_of: &[],
};

static CERTIFICATE: Shape = Shape {
    name: "a length of certificates",
    fields: &[
        need("key", Kind::Word(KeyType::WORDS), "Kind of its key."),
        need("bytes", BYTES, "Length of its DER in bytes."),
    ],
    one_of: &[],
};

static HANDSHAKE: Shape = Shape {
    name: "a measured handshake",
    fields: &[
        need("version", Kind::Word(&["1.2", "1.3"]), "Version of TLS."),
        need(
            "key",
            Kind::Word(KeyType::WORDS),
            "Kind of the keys of both ends.",
        ),
        need(
            "kind",
            Kind::Word(Handshake::WORDS),
            "How much of a handshake takes place.",
        ),
        need(
            "client_opening_bytes",
            BYTES,
            "Length of the client's opening in bytes.",
        ),
        need(
            "server_flight_bytes",
            BYTES,
            "Length of the server's flight in bytes.",
        ),
        need(
            "client_flight_bytes",
            BYTES,
            "Length of the client's flight in bytes.",
        ),
        need(
            "server_closing_bytes",
            BYTES_OR_NONE,
            "Length of what the server closes with, in bytes; 0: nothing.",
        ),
        need(
            "client_opening_us",
            MICROSECONDS,
            "Processor time to the client's opening in microseconds.",
        ),
        need(
            "server_flight_us",
            MICROSECONDS,
            "Processor time from there to the server's flight in microseconds.",
        ),
        need(
            "client_flight_us",
            MICROSECONDS,
            "Processor time from there to the client's flight, and for what the server closes with, in microseconds.",
        ),
        need(
            "server_closing_us",
            MICROSECONDS_OR_NONE,
            "Processor time from there until the server is done, in microseconds.",
        ),
        may(
            "client_spread_us",
            MICROSECONDS_OR_NONE,
            "For people: from the first to the third quartile of the client's time, in microseconds.",
        ),
        may(
            "server_spread_us",
            MICROSECONDS_OR_NONE,
            "For people: the same of the server's time.",
        ),
    ],
    one_of: &[],
};

/// Name of the cost file that labs are made with.
const DEFAULT: &str = "default";

impl Library {
    /// What handshakes cost: the file `costs/default`.
    ///
    /// # Errors
    /// Where the file is wrong.
    pub fn costs(&self) -> Result<Costs, Diagnostics> {
        match self.source(kind::Kind::Costs, DEFAULT) {
            Some(source) => parse(self, &source),
            None => Ok(Costs::default()),
        }
    }

    /// The library with the costs of a file in place of its own. The file's own problems are told where labs are read.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn with_costs(self, path: &Path) -> Result<Self, Diagnostics> {
        let text = Self::read(path)?;
        let source = Source::new(&path.display().to_string(), &text);
        parse(&self, &source)?;
        Ok(self.with_source(kind::Kind::Costs, DEFAULT, source))
    }
}

/// Reads a cost file.
pub(crate) fn parse(library: &Library, source: &Arc<Source>) -> Result<Costs, Diagnostics> {
    let names = library.file_names();
    let (table, mut found) = check::read(source, &names, library.catalogue(), &COSTS);
    let rows: Vec<_> = table
        .tables("handshake")
        .map(|t| (t, handshake(t)))
        .collect();
    let lengths: Vec<_> = table
        .tables("certificate")
        .map(|t| (t, certificate(t)))
        .collect();
    // Where a row could not be read, that has been told: that it is missing would be told beside it.
    let whole = rows.iter().all(|(_, row)| row.is_some())
        && lengths.iter().all(|(_, length)| length.is_some());
    let costs = Costs {
        measured_on: table.table("measured").and_then(words).unwrap_or_default(),
        certificates: lengths.iter().filter_map(|(_, l)| l.clone()).collect(),
        handshakes: rows.iter().filter_map(|(_, r)| r.clone()).collect(),
    };
    if whole && found.is_empty() {
        for fault in costs.faults() {
            let place = match &fault {
                CostFault::Twice(n) | CostFault::Version(n) | CostFault::Figure(n, _) => {
                    rows.get(*n).map(|(t, _)| t.span.clone())
                }
                CostFault::Certificate(key) => lengths
                    .iter()
                    .rfind(|(_, l)| l.as_ref().is_some_and(|l| l.key == *key))
                    .map(|(t, _)| t.span.clone()),
                CostFault::Missing(..) => None,
            };
            let label = if place.is_some() {
                "here"
            } else {
                "in this file"
            };
            let message = format!("the costs are not whole: {fault}");
            let d = Diagnostic::at(Code::Costs, source, place.unwrap_or(0..0), message);
            found.push(
                d.label(label)
                    .hint("`pumplab calibrate --out FILE` writes a whole one"),
            );
        }
    }
    found.finish(Some(costs), source)
}

/// The machine that was measured, in words.
fn words(table: &Table) -> Option<String> {
    let build = match table.text("build")? {
        "debug" => ", debug build",
        _ => "",
    };
    Some(format!(
        "{}, {} cores, {}; rustc {}, rustls {}, ring {}{build}",
        table.text("processor")?,
        table.integer::<u32>("cores")?,
        table.text("date")?,
        table.text("rustc")?,
        table.text("rustls")?,
        table.text("ring")?,
    ))
}

fn certificate(table: &Table) -> Option<CertificateCostSpec> {
    Some(CertificateCostSpec {
        key: KeyType::of(table.text("key")?)?,
        bytes: table.integer("bytes")?,
    })
}

fn handshake(table: &Table) -> Option<HandshakeSpec> {
    let work = |key: &str| Some(Duration::from_secs_f64(table.number(key)? / 1e6));
    Some(HandshakeSpec {
        version: TlsVersion::of(table.text("version")?)?,
        key: KeyType::of(table.text("key")?)?,
        kind: Handshake::of(table.text("kind")?)?,
        bytes: Flights {
            client_opening: table.integer("client_opening_bytes")?,
            server_flight: table.integer("server_flight_bytes")?,
            client_flight: table.integer("client_flight_bytes")?,
            server_closing: table.integer("server_closing_bytes")?,
        },
        work: Flights {
            client_opening: work("client_opening_us")?,
            server_flight: work("server_flight_us")?,
            client_flight: work("client_flight_us")?,
            server_closing: work("server_closing_us")?,
        },
    })
}
