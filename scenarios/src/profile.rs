//! Pump profiles: what a make of pump can do and what is weak in it. Vendor-neutral.

use crate::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::lab::host_shapes::{ACCOUNT, FILE, SERVICE, WEAKNESS};
use crate::lab::listening;
use crate::lab::pump_device::DEVICE;
use crate::lab::shapes::{MIB, SUMMARY, TITLE};
use crate::library::Library;
use crate::shape::{Kind, Shape, may, need};
use crate::table::Table;
use pumplab_sim::spec::processor_factor;
use pumplab_sim::time::Duration;
use pumplab_sim::wire::tls::TlsVersion;
use std::sync::Arc;

/// A profile.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Name: the file's name without ending.
    pub name: String,
    /// What it is, one line.
    pub title: String,
    /// What it stands for.
    pub summary: String,
    /// Published advisories whose weaknesses it has.
    pub advisories: Vec<String>,
    /// Whether it can do EAP-TLS.
    pub eap_capable: bool,
    /// Whether it can protect management frames.
    pub pmf_capable: bool,
    /// Whether a repeated message 3 of the four-way handshake makes it install its key again.
    pub reinstalls_keys: bool,
    /// Whether it can do TLS with its server.
    pub tls_capable: bool,
    /// Highest version of TLS that it can do.
    pub tls_max: TlsVersion,
    /// How many times longer its communication processor takes than the machine that was measured.
    pub processor_factor: f64,
    /// Whether it can check library signatures.
    pub signature_capable: bool,
    /// Free storage in MiB.
    pub storage_mib: u64,
    /// Free memory in MiB.
    pub memory_mib: u64,
    /// Interval of status messages while infusing.
    pub status_infusing: Duration,
    /// Interval of status messages while idle.
    pub status_idle: Duration,
    /// Whether the key of its network lies in its flash memory.
    pub stores_network_key: bool,
    /// Whether it keeps records of its patient.
    pub patient_log: bool,
    /// The checked file, for services and accounts.
    pub(crate) table: Table,
}

/// A pump profile.
pub(crate) static PROFILE: Shape = Shape {
    name: "a profile",
    fields: &[
        TITLE,
        SUMMARY,
        may(
            "product",
            Kind::Word(&["pump"]),
            "`pump`, also without the key; a profile with `server` takes other keys.",
        ),
        may(
            "advisories",
            Kind::List(&Kind::Text),
            "Published advisories whose weaknesses it has.",
        ),
        need("eap_capable", Kind::Bool, "Whether it can do EAP-TLS."),
        need(
            "pmf_capable",
            Kind::Bool,
            "Whether it can protect management frames.",
        ),
        may(
            "reinstalls_keys",
            Kind::Bool,
            "Whether a repeated message 3 of the four-way handshake makes it install its key again; no by default.",
        ),
        need(
            "tls_capable",
            Kind::Bool,
            "Whether it can do TLS with its server.",
        ),
        may(
            "tls_max",
            Kind::Word(TlsVersion::WORDS),
            "Highest version of TLS that it can do; 1.3 by default.",
        ),
        may(
            "processor_factor",
            Kind::Number(0.001, 100_000.0),
            "How many times longer its communication processor takes to compute a handshake than the machine of the cost file; 600 by default.",
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
            Kind::Interval,
            "Interval of status messages while infusing.",
        ),
        need(
            "status_idle",
            Kind::Interval,
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
        DEVICE,
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
        may(
            "files",
            Kind::List(&Kind::Table(&FILE)),
            "Files on it, besides those that the other keys name.",
        ),
        may(
            "weaknesses",
            Kind::List(&Kind::Table(&WEAKNESS)),
            "Flaws in its software.",
        ),
    ],
    one_of: &[],
};

/// Reads a profile.
pub(crate) fn parse(
    library: &Library,
    name: &str,
    source: &Arc<Source>,
) -> Result<Profile, Diagnostics> {
    let names = library.file_names();
    let (table, mut found) = check::read(source, &names, library.catalogue(), &PROFILE);
    let listens: Vec<u16> = table
        .tables("services")
        .filter_map(|s| s.integer("port"))
        .collect();
    for weakness in table.tables("weaknesses") {
        let port = weakness.integer("port").filter(|p| !listens.contains(p));
        if let (Some(port), Some(flaw)) = (port, weakness.text("flaw")) {
            let message =
                format!("nothing on the pump listens on port {port}, where `{flaw}` is reached");
            let d = Diagnostic::at(Code::NoService, source, weakness.span_of("port"), message);
            found.push(
                d.label("nothing there")
                    .hint(listening("the pump", &listens)),
            );
        }
    }
    let profile = profile(name, &table);
    found.finish(profile, source)
}

fn profile(name: &str, table: &Table) -> Option<Profile> {
    Some(Profile {
        name: name.to_owned(),
        title: table.string("title")?,
        summary: table.string("summary").unwrap_or_default(),
        advisories: table.texts("advisories"),
        eap_capable: table.bool("eap_capable")?,
        pmf_capable: table.bool("pmf_capable")?,
        reinstalls_keys: table.bool("reinstalls_keys").unwrap_or(false),
        tls_capable: table.bool("tls_capable")?,
        tls_max: table
            .text("tls_max")
            .and_then(TlsVersion::of)
            .unwrap_or_default(),
        processor_factor: table
            .number("processor_factor")
            .unwrap_or_else(processor_factor),
        signature_capable: table.bool("signature_capable")?,
        storage_mib: table.integer("storage_mib")?,
        memory_mib: table.integer("memory_mib")?,
        status_infusing: table.duration("status_infusing")?,
        status_idle: table.duration("status_idle")?,
        stores_network_key: table.bool("stores_network_key")?,
        patient_log: table.bool("patient_log")?,
        table: table.clone(),
    })
}
