//! Pump profiles: what a make of pump can do and what is weak in it. Vendor-neutral.

use crate::check;
use crate::diagnostic::{Diagnostics, Source};
use crate::lab::shapes;
use crate::library::Library;
use crate::table::Table;
use pumplab_sim::time::Duration;
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
    /// Whether it can do TLS with its server.
    pub tls_capable: bool,
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

/// Reads a profile.
pub(crate) fn parse(
    library: &Library,
    name: &str,
    source: &Arc<Source>,
) -> Result<Profile, Diagnostics> {
    let names = library.file_names();
    let (table, found) = check::read(source, &names, library.catalogue(), &shapes::PROFILE);
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
        tls_capable: table.bool("tls_capable")?,
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
