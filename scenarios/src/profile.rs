//! Pump profiles: what a make of pump can do and what is weak in it. Vendor-neutral.

use crate::check::{self, not_taken};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::lab::tables::FileTable;
use crate::library::Library;
use crate::shape::{Shape, shape};
use crate::suggest::listening;
use crate::table::Table;
use pumplab_sim::parameters::{Parameters, Words};
use pumplab_sim::spec::{AccountSpec, DeviceSpec, PROCESSOR_FACTOR, ServiceSpec, WeaknessTable};
use pumplab_sim::time::Duration;
use pumplab_sim::wire::tls::TlsVersion;
use std::ops::Deref;
use std::sync::Arc;

/// A profile.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Name: the file's name without ending.
    pub name: String,
    /// What it says.
    pub says: ProfileTable,
    /// The checked file, for services and accounts.
    pub(crate) table: Table,
}

impl Deref for Profile {
    type Target = ProfileTable;
    fn deref(&self) -> &ProfileTable {
        &self.says
    }
}

impl ProfileTable {
    /// What its radio can do: EAP-TLS, protected management frames, and installing a key again that it has.
    pub(crate) fn radio(&self) -> (bool, bool, bool) {
        (self.eap_capable, self.pmf_capable, self.reinstalls_keys)
    }
}

/// What a profile says to be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
pub enum PumpProduct {
    /// A pump.
    Pump,
}

/// What a pump profile says.
#[derive(Clone, Debug, Parameters)]
#[param(name = "a profile")]
pub struct ProfileTable {
    /// What it is, one line.
    pub title: String,
    /// What it is for, a paragraph.
    #[param(optional)]
    pub summary: String,
    /// `pump`, also without the key; a profile with `server` takes other keys.
    pub product: Option<PumpProduct>,
    /// Published advisories whose vulnerabilities it has.
    #[param(optional)]
    pub advisories: Vec<String>,
    /// Whether it can do EAP-TLS.
    pub eap_capable: bool,
    /// Whether it can protect management frames.
    pub pmf_capable: bool,
    /// Whether a repeated message 3 of the four-way handshake makes it install its key again.
    #[param(default = false)]
    pub reinstalls_keys: bool,
    /// Whether it can do TLS with its server.
    pub tls_capable: bool,
    /// Highest version of TLS that it can do.
    #[param(default = "1.3")]
    pub tls_max: TlsVersion,
    /// How many times longer its communication processor takes to compute a handshake than the machine of the cost file.
    #[param(default = PROCESSOR_FACTOR, range = 0.001..=100_000)]
    pub processor_factor: f64,
    /// Whether it can check library signatures.
    pub signature_capable: bool,
    /// Free storage.
    #[param(range = 1..=1_048_576, unit = "MiB")]
    pub storage_mib: u64,
    /// Free memory.
    #[param(range = 1..=1_048_576, unit = "MiB")]
    pub memory_mib: u64,
    /// Interval of status messages while infusing.
    #[param(kind = Interval)]
    pub status_infusing: Duration,
    /// Interval of status messages while idle.
    #[param(kind = Interval)]
    pub status_idle: Duration,
    /// Whether a file `/flash/wlan.conf` holds the key of its network.
    pub stores_network_key: bool,
    /// Whether a file `/log/records` holds records of its patient.
    pub patient_log: bool,
    /// The pump as a thing: firmware, local port, case, operator's code.
    #[param(optional)]
    pub device: DeviceSpec,
    /// Services that it offers.
    #[param(optional)]
    services: Vec<ServiceSpec>,
    /// Accounts that they accept.
    #[param(optional)]
    accounts: Vec<AccountSpec>,
    /// Files on it, besides those that the other keys name.
    #[param(optional)]
    files: Vec<FileTable>,
    /// Vulnerabilities of its software.
    #[param(optional)]
    weaknesses: Vec<WeaknessTable>,
}

/// A pump profile.
pub(crate) static PROFILE: Shape = shape!("a profile"; ProfileTable::PARAMETERS);

impl Library {
    /// Reads all profiles of pumps.
    ///
    /// # Errors
    /// Where a file is wrong.
    pub fn profiles(&self) -> Result<Vec<Profile>, Diagnostics> {
        self.all_profiles(false, parse)
    }
}

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
    // What has been told already may be why something is missing.
    let says = match table.read::<ProfileTable>() {
        Ok(says) => Some(says),
        Err(wrong) => {
            if found.is_empty() {
                found.push(not_taken(source, &table, &wrong));
            }
            None
        }
    };
    let profile = says.map(|says| Profile {
        name: name.to_owned(),
        says,
        table: table.clone(),
    });
    found.finish(profile, source)
}
