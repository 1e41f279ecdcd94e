//! Labs: who is there, before any control.

mod hosts;
mod network;
mod pumps;
pub(crate) mod shapes;
pub(crate) mod tables;

use tables::{FlatTable, ZoneTable};

use crate::check::{self, not_taken};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::drug_library;
use crate::kind::Kind;
use crate::library::Library;
use crate::names::Names;
use crate::profile::Profile;
use crate::server_profile::ServerProfile;
use crate::shape::Vocabulary;
use crate::suggest::listening;
use crate::table::Table;
use pumplab_sim::clinical::drug_library::DrugLibrary;
use pumplab_sim::device::part::ports;
use pumplab_sim::parameters::{ParameterError, Parameters};
use pumplab_sim::spec::{Costs, LabSpec, Provenance, ReachSpec, ZoneSpec};
use pumplab_sim::wire::{Cidr, Ip};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// A lab as its file says: without any control.
#[derive(Clone, Debug, PartialEq)]
pub struct Lab {
    /// Name: the file's name without ending.
    pub name: String,
    /// What it is, one line.
    pub title: String,
    /// What it is for.
    pub summary: String,
    /// The bare lab.
    pub spec: LabSpec,
    /// What its items are. None is a control's.
    pub provenance: Provenance,
}

impl Library {
    /// Reads a lab.
    ///
    /// # Errors
    /// Where there is no such lab, or its file is wrong.
    pub fn lab(&self, name: &str) -> Result<Lab, Diagnostics> {
        let source = self.named(Kind::Lab, Vocabulary::Lab, name)?;
        parse(self, name, &source)
    }
}

/// Reads a lab.
pub(crate) fn parse(
    library: &Library,
    name: &str,
    source: &Arc<Source>,
) -> Result<Lab, Diagnostics> {
    let mut found = Diagnostics::default();
    let mut names = library.file_names();
    let profiles = or_default(library.profiles(), &mut found);
    let servers = or_default(library.server_profiles(), &mut found);
    let costs = or_default(library.costs(), &mut found);
    let Issued {
        libraries,
        whole,
        wrong,
    } = {
        let (raw, _) = check::parse(source);
        own_names(raw.get_ref(), &mut names);
        issued(library, raw.get_ref())
    };
    found.extend(wrong);
    // What a library that could not be read may hold is not asked for: that it could not be read is told.
    if whole {
        let entries = || libraries.iter().flat_map(|l| &l.entries);
        names.add(Vocabulary::Drug, entries().map(|e| e.drug.clone()));
        names.add(Vocabulary::CareArea, entries().map(|e| e.care_area.clone()));
    }
    let (table, wrong) = check::read(source, &names, library.catalogue(), &shapes::LAB);
    found.extend(wrong);
    let mut builder = Builder {
        source,
        table: &table,
        profiles: profiles.into_iter().map(|p| (p.name.clone(), p)).collect(),
        servers: servers.into_iter().map(|p| (p.name.clone(), p)).collect(),
        libraries,
        whole,
        costs,
        ink: Provenance::default(),
        found,
        taken: BTreeMap::new(),
        zones: Vec::new(),
        zone_tables: Vec::new(),
        flat: None,
        orphans: BTreeSet::new(),
    };
    let spec = builder.lab(name);
    // What has been told already may be why something is missing.
    if let Some(spec) = spec.as_ref().filter(|_| builder.found.is_empty()) {
        builder.unreachable(spec);
    }
    let Builder { ink, found, .. } = builder;
    let lab = spec.and_then(|spec| {
        Some(Lab {
            name: name.to_owned(),
            title: table.string("title")?,
            summary: table.string("summary").unwrap_or_default(),
            spec,
            provenance: ink,
        })
    });
    found.finish(lab, source)
}

/// What could be read; of what could not, it is noted what is wrong.
fn or_default<T: Default>(read: Result<T, Diagnostics>, found: &mut Diagnostics) -> T {
    read.unwrap_or_else(|wrong| {
        found.extend(wrong);
        T::default()
    })
}

/// Names that a lab gives, before it is known whether the rest is right.
fn own_names(raw: &DeTable<'_>, names: &mut Names) {
    let given = |list: &str, key: &str, only: Option<&str>| -> Vec<String> {
        let Some(items) = raw.get(list).and_then(|v| v.get_ref().as_array()) else {
            return Vec::new();
        };
        let tables = items.iter().filter_map(|i| i.get_ref().as_table());
        tables
            .filter(|t| only.is_none_or(|o| t.contains_key(o)))
            .filter_map(|t| t.get(key)?.get_ref().as_str().map(str::to_owned))
            .collect()
    };
    let (hosts, pumps) = (given("host", "name", None), given("pump", "name", None));
    names.set(Vocabulary::Zone, given("zone", "id", None));
    names.set(Vocabulary::Network, given("wlan", "ssid", None));
    names.set(
        Vocabulary::PumpServer,
        given("host", "name", Some("pump_server")),
    );
    names.set(Vocabulary::Server, hosts.clone());
    names.set(
        Vocabulary::Host,
        hosts.into_iter().chain(pumps.iter().cloned()).collect(),
    );
    names.set(Vocabulary::Pump, pumps);
}

/// The drug libraries that a lab names, as far as they can be read.
struct Issued {
    libraries: Vec<DrugLibrary>,
    /// Whether every one of them could be read.
    whole: bool,
    wrong: Diagnostics,
}

fn issued(library: &Library, raw: &DeTable<'_>) -> Issued {
    let mut wrong = Diagnostics::default();
    let mut libraries = Vec::new();
    let mut whole = false;
    if let Some(DeValue::Array(items)) = raw.get("libraries").map(toml::Spanned::get_ref) {
        for name in items.iter().filter_map(|i| i.get_ref().as_str()) {
            match drug_library::load(library, name) {
                Ok(Some(read)) => libraries.push(read),
                Ok(None) => {}
                Err(found) => wrong.extend(found),
            }
        }
        whole = libraries.len() == items.len();
    }
    Issued {
        libraries,
        whole,
        wrong,
    }
}

/// A lab being built from its checked file.
pub(crate) struct Builder<'a> {
    source: &'a Arc<Source>,
    table: &'a Table,
    profiles: BTreeMap<String, Profile>,
    servers: BTreeMap<String, ServerProfile>,
    libraries: Vec<DrugLibrary>,
    /// Whether these are all that the lab names.
    whole: bool,
    costs: Costs,
    ink: Provenance,
    found: Diagnostics,
    /// Names and addresses in use, with their places.
    taken: BTreeMap<String, Range<usize>>,
    zones: Vec<ZoneSpec>,
    /// The same as the file says it.
    zone_tables: Vec<ZoneTable>,
    /// The network before any control.
    flat: Option<FlatTable>,
    /// Roles that no host has and somebody needs, told once.
    orphans: BTreeSet<&'static str>,
}

impl Builder<'_> {
    /// Tells of weaknesses on ports on which their host does not listen.
    fn unreachable(&mut self, spec: &LabSpec) {
        for table in self.table.tables("host") {
            let Some(host) = table.text("name").and_then(|n| spec.host(n)) else {
                continue;
            };
            let listens = ports(spec, host);
            let own: Vec<&Table> = table.tables("weaknesses").collect();
            let of_profile = host.weaknesses.len().saturating_sub(own.len());
            for (i, weakness) in host.weaknesses.iter().enumerate() {
                let ReachSpec::Port(port) = weakness.reach else {
                    continue;
                };
                if listens.contains(&port) {
                    continue;
                }
                let own = i.checked_sub(of_profile).and_then(|i| own.get(i));
                let at = own.map_or_else(|| table.span_of("profile"), |t| t.span_of("port"));
                let d = self.tell(
                    Code::NoService,
                    at,
                    format!(
                        "nothing on `{}` listens on port {port}, where `{}` is reached",
                        host.name, weakness.flaw
                    ),
                );
                d.label = "nothing there".to_owned();
                d.hints
                    .push(listening(&format!("`{}`", host.name), &listens));
            }
        }
    }

    /// Reads a table. What the checks have let pass and cannot be read is told here.
    fn read<P: Parameters>(&mut self, table: &Table) -> Option<P> {
        match table.read() {
            Ok(read) => Some(read),
            Err(wrong) => {
                // What has been told already may be why something is missing here.
                if self.found.is_empty() {
                    self.found.push(not_taken(self.source, table, &wrong));
                }
                None
            }
        }
    }

    /// Tells what a reader does not take, unless something has been told that may be why.
    fn refused(&mut self, wrong: &ParameterError, at: Range<usize>) {
        if self.found.is_empty() {
            self.tell(Code::Together, at, wrong.to_string()).label = "not taken".to_owned();
        }
    }

    fn tell(&mut self, code: Code, span: Range<usize>, message: String) -> &mut Diagnostic {
        let diagnostic = Diagnostic::at(code, self.source, span, message);
        self.found.push(diagnostic);
        let last = self.found.items.len() - 1;
        &mut self.found.items[last]
    }

    /// Notes that a name or address is in use; tells if it was already.
    fn take(&mut self, what: &str, span: Range<usize>) {
        if let Some(first) = self.taken.get(what).cloned() {
            let d = Diagnostic::at(
                Code::Duplicate,
                self.source,
                span,
                format!("{what} is used twice"),
            )
            .label("used again here")
            .related(first, "first used here");
            self.found.push(d);
        } else {
            self.taken.insert(what.to_owned(), span);
        }
    }

    /// The address of the host with this number in a zone.
    fn address(&mut self, table: &Table) -> Option<Ip> {
        let subnet = self.subnet(table.text("zone")?)?;
        let number: u32 = table.integer("number")?;
        let last = u32::MAX.checked_shr(u32::from(subnet.len)).unwrap_or(0);
        if number >= last {
            self.tell(
                Code::Outside,
                table.span_of("number"),
                format!("number {number} does not fit into {subnet}"),
            )
            .label = format!("must be below {last}");
            return None;
        }
        let ip = subnet.nth(number);
        self.take(&format!("address {ip}"), table.span_of("number"));
        Some(ip)
    }

    fn subnet(&self, zone: &str) -> Option<Cidr> {
        self.zones.iter().find(|z| z.id == zone).map(|z| z.subnet)
    }
}
