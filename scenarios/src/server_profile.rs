//! Server profiles: what a kind of server comes with and what is weak in it. Vendor-neutral.

use crate::check::{self, not_taken};
use crate::diagnostic::{Diagnostics, Source};
use crate::kind;
use crate::lab::tables::FileTable;
use crate::library::Library;
use crate::shape::{Field, Kind, Shape, fields, may, row, shape};
use crate::table::{Node, Table, Value};
use pumplab_sim::catalog::{Parameter, joined};
use pumplab_sim::parameters::{Parameters, Words};
use pumplab_sim::spec::{AccountSpec, PortalSpec, ServiceSpec, StoreSpec, WeaknessTable};
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A profile of a server.
#[derive(Clone, Debug)]
pub struct ServerProfile {
    /// Name: the file's name without ending.
    pub name: String,
    /// What it says.
    pub says: ServerProfileTable,
    /// The checked file.
    pub(crate) table: Table,
}

/// Lists of a profile, to which a host adds its own.
const LISTS: [&str; 4] = ["services", "accounts", "files", "weaknesses"];
/// Tables of a profile that fill up those of the host's pump server.
const TABLES: [&str; 2] = ["portal", "store"];

/// What of a portal a profile gives.
static PORTAL: Shape = shape!("the portal of a profile"; &OF_PORTAL);

const OF_PORTAL: [Parameter; 2] = [
    row(PortalSpec::PARAMETERS, "trusts_client", false),
    row(PortalSpec::PARAMETERS, "token_key", false),
];

/// What of a store a profile gives.
static STORE: Shape = shape!("the store of a profile"; &OF_STORE);

const OF_STORE: [Parameter; 2] = [
    row(StoreSpec::PARAMETERS, "user", true),
    row(StoreSpec::PARAMETERS, "password", true),
];

/// What a profile says to be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
pub enum ServerProduct {
    /// A server.
    Server,
}

/// What a server profile says.
#[derive(Clone, Debug, Parameters)]
#[param(name = "a server profile")]
pub struct ServerProfileTable {
    /// `server`: the file is about a server; without the key it is about a pump.
    pub product: ServerProduct,
    /// What it is, one line.
    pub title: String,
    /// What it is for, a paragraph.
    #[param(optional)]
    pub summary: String,
    /// Published advisories whose vulnerabilities it has.
    #[param(optional)]
    pub advisories: Vec<String>,
    /// Services that it offers; a host adds its own.
    #[param(optional)]
    services: Vec<ServiceSpec>,
    /// Accounts that it comes with; a host adds its own.
    #[param(optional)]
    accounts: Vec<AccountSpec>,
    /// Files on it; a host adds its own.
    #[param(optional)]
    files: Vec<FileTable>,
    /// Vulnerabilities of its software; a host adds its own.
    #[param(optional)]
    weaknesses: Vec<WeaknessTable>,
}

/// A server profile.
pub(crate) static SERVER_PROFILE: Shape = Shape {
    name: "a server profile",
    fields: &joined::<_, { ServerProfileTable::PARAMETERS.len() + 2 }>(
        PARTS[0],
        &[
            &fields::<{ ServerProfileTable::PARAMETERS.len() }>(&[ServerProfileTable::PARAMETERS]),
            &PARTS,
        ],
    ),
    one_of: &[],
};

const PARTS: [Field; 2] = [
    may(
        "portal",
        Kind::Table(&PORTAL),
        "What is weak in its portal, where the host has one.",
    ),
    may(
        "store",
        Kind::Table(&STORE),
        "With what it logs in to its database, where the host does not say.",
    ),
];

/// Whether a file in the folder of profiles is about a server.
pub(crate) fn is_server(source: &Arc<Source>) -> bool {
    let (raw, _) = check::parse(source);
    let product = raw.get_ref().get("product");
    product.and_then(|p| p.get_ref().as_str()) == Some("server")
}

impl Library {
    /// Reads all profiles of servers.
    ///
    /// # Errors
    /// Where a file is wrong.
    pub fn server_profiles(&self) -> Result<Vec<ServerProfile>, Diagnostics> {
        self.all_profiles(true, parse)
    }

    /// Reads all profiles that are about servers, or all that are not.
    pub(crate) fn all_profiles<T>(
        &self,
        of_servers: bool,
        parse: impl Fn(&Self, &str, &Arc<Source>) -> Result<T, Diagnostics>,
    ) -> Result<Vec<T>, Diagnostics> {
        let mut found = Diagnostics::default();
        let mut profiles = Vec::new();
        for name in self.names(kind::Kind::Profile) {
            let Some(source) = self.source(kind::Kind::Profile, &name) else {
                continue;
            };
            if is_server(&source) == of_servers {
                match parse(self, &name, &source) {
                    Ok(profile) => profiles.push(profile),
                    Err(wrong) => found.extend(wrong),
                }
            }
        }
        if found.is_empty() {
            Ok(profiles)
        } else {
            Err(found)
        }
    }
}

/// Reads a server profile.
pub(crate) fn parse(
    library: &Library,
    name: &str,
    source: &Arc<Source>,
) -> Result<ServerProfile, Diagnostics> {
    let names = library.file_names();
    let (table, mut found) = check::read(source, &names, library.catalogue(), &SERVER_PROFILE);
    // What has been told already may be why something is missing.
    let says = match table.read::<ServerProfileTable>() {
        Ok(says) => Some(says),
        Err(wrong) => {
            if found.is_empty() {
                found.push(not_taken(source, &table, &wrong));
            }
            None
        }
    };
    let profile = says.map(|says| ServerProfile {
        name: name.to_owned(),
        says,
        table: table.clone(),
    });
    found.finish(profile, source)
}

impl Deref for ServerProfile {
    type Target = ServerProfileTable;
    fn deref(&self) -> &ServerProfileTable {
        &self.says
    }
}

impl ServerProfile {
    /// A host's table with what the profile gives to it. Whatever is told about it is told where the host names the profile.
    pub(crate) fn lay_under(&self, host: &Table) -> Table {
        let mut merged = host.clone();
        let at = host.span_of("profile");
        for key in LISTS {
            let given = self.table.list(key).iter().map(|n| moved(n, &at));
            let list: Vec<Node> = given.chain(host.list(key).iter().cloned()).collect();
            if !list.is_empty() {
                let (span, value) = (host.span_of(key), Value::List(list));
                merged.entries.insert(key.to_owned(), Node { span, value });
            }
        }
        let Some(Node {
            value: Value::Table(server),
            ..
        }) = merged.entries.get_mut("pump_server")
        else {
            return merged;
        };
        for key in TABLES {
            let Some(Node {
                value: Value::Table(own),
                ..
            }) = server.entries.get_mut(key)
            else {
                continue;
            };
            for (key, node) in self.table.table(key).into_iter().flat_map(|t| &t.entries) {
                let entry = own.entries.entry(key.clone());
                entry.or_insert_with(|| moved(node, &at));
            }
        }
        merged
    }
}

/// A value of a profile as if it stood at this place of the lab's file.
fn moved(node: &Node, at: &Range<usize>) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(|n| moved(n, at)).collect()),
        Value::Table(table) => {
            let entries = table.entries.iter();
            Value::Table(Table {
                span: at.clone(),
                entries: entries.map(|(k, n)| (k.clone(), moved(n, at))).collect(),
                ..table.clone()
            })
        }
        value => value.clone(),
    };
    Node {
        span: at.clone(),
        value,
    }
}

#[cfg(test)]
mod tests {
    use crate::Library;
    use pumplab_sim::spec::RoleSpec;

    #[test]
    fn a_host_has_what_its_profile_gives_and_what_is_its_own() {
        let mixed = Library::embedded().resolve_lab("mixed", &[], &[]);
        let mixed = mixed.expect("the lab is right").lab;
        let server = mixed.host("pumpserver-a").expect("it is there");
        let has = |user: &str| server.accounts.iter().any(|a| a.user == user);
        assert!(has("admin") && has("pweber"));
        assert_eq!(server.services.len(), 2);
        let role = server.roles.iter().find_map(|r| match r {
            RoleSpec::PumpServer(s) => Some(s),
            _ => None,
        });
        let role = role.expect("it is a pump server");
        let portal = role.portal.as_ref().expect("it has a portal");
        assert!(portal.trusts_client.value && portal.token_key.is_some());
        let store = role.store.as_ref().expect("it has a store");
        assert_eq!(store.password.value, "built-in");
        let archive = mixed.host("dose-archive").expect("it is there");
        assert!(archive.accounts.iter().any(|a| a.fixed));
    }
}
