//! Server profiles: what a kind of server comes with and what is weak in it. Vendor-neutral.

use crate::check;
use crate::diagnostic::{Diagnostics, Source};
use crate::lab::host_shapes::{ACCOUNT, FILE, SERVICE, WEAKNESS};
use crate::lab::shapes::{SUMMARY, TITLE};
use crate::library::Library;
use crate::shape::{Kind, Shape, may, need};
use crate::table::{Node, Table, Value};
use std::ops::Range;
use std::sync::Arc;

/// A profile of a server.
#[derive(Clone, Debug)]
pub struct ServerProfile {
    /// Name: the file's name without ending.
    pub name: String,
    /// What it is, one line.
    pub title: String,
    /// What it stands for.
    pub summary: String,
    /// Published advisories whose weaknesses it has.
    pub advisories: Vec<String>,
    /// The checked file.
    pub(crate) table: Table,
}

/// Lists of a profile, to which a host adds its own.
const LISTS: [&str; 4] = ["services", "accounts", "files", "weaknesses"];
/// Tables of a profile that fill up those of the host's pump server.
const TABLES: [&str; 2] = ["portal", "store"];

static PORTAL: Shape = Shape {
    name: "the portal of a profile",
    fields: &[
        may(
            "trusts_client",
            Kind::Bool,
            "Whether the check of passwords is left to the client; no by default.",
        ),
        may(
            "token_key",
            Kind::Text,
            "Key of session tokens, where the maker ships one to everybody.",
        ),
    ],
    one_of: &[],
};

static STORE: Shape = Shape {
    name: "the store of a profile",
    fields: &[
        need("user", Kind::Text, "User that the product comes with."),
        need(
            "password",
            Kind::Text,
            "Password that the product comes with.",
        ),
    ],
    one_of: &[],
};

/// A server profile.
pub(crate) static SERVER_PROFILE: Shape = Shape {
    name: "a server profile",
    fields: &[
        need(
            "product",
            Kind::Word(&["server"]),
            "`server`: the file is about a server; without the key it is about a pump.",
        ),
        TITLE,
        SUMMARY,
        may(
            "advisories",
            Kind::List(&Kind::Text),
            "Published advisories whose weaknesses it has.",
        ),
        may(
            "services",
            Kind::List(&Kind::Table(&SERVICE)),
            "Services that it offers; a host adds its own.",
        ),
        may(
            "accounts",
            Kind::List(&Kind::Table(&ACCOUNT)),
            "Accounts that it comes with; a host adds its own.",
        ),
        may(
            "files",
            Kind::List(&Kind::Table(&FILE)),
            "Files on it; a host adds its own.",
        ),
        may(
            "weaknesses",
            Kind::List(&Kind::Table(&WEAKNESS)),
            "Flaws in its software; a host adds its own.",
        ),
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
    ],
    one_of: &[],
};

/// Whether a file in the folder of profiles is about a server.
pub(crate) fn is_server(source: &Arc<Source>) -> bool {
    let (raw, _) = check::parse(source);
    let product = raw.get_ref().get("product");
    product.and_then(|p| p.get_ref().as_str()) == Some("server")
}

/// Reads a server profile.
pub(crate) fn parse(
    library: &Library,
    name: &str,
    source: &Arc<Source>,
) -> Result<ServerProfile, Diagnostics> {
    let names = library.file_names();
    let (table, found) = check::read(source, &names, library.catalogue(), &SERVER_PROFILE);
    let profile = || {
        Some(ServerProfile {
            name: name.to_owned(),
            title: table.string("title")?,
            summary: table.string("summary").unwrap_or_default(),
            advisories: table.texts("advisories"),
            table: table.clone(),
        })
    };
    found.finish(profile(), source)
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
