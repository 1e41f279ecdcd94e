//! What stands around pump servers in a lab file: portals, databases, the directory, the pharmacy, the vendors' way in.

use super::Builder;
use super::hosts::numbers;
use crate::diagnostic::Code;
use crate::table::Table;
use pumplab_sim::spec::{
    BrokerSpec, DatabaseSpec, DirectorySpec, PharmacySpec, PortalSpec, ReleaseSpec, RoleSpec,
    StaffRole, StoreSpec, VendorSpec, shipped_rights,
};

/// The role of this word.
pub(super) fn staff_role(word: &str) -> Option<StaffRole> {
    Some(match word {
        "pharmacist" => StaffRole::Pharmacist,
        "reviewer" => StaffRole::Reviewer,
        "nurse" => StaffRole::Nurse,
        "biomed" => StaffRole::Biomed,
        "administrator" => StaffRole::Administrator,
        _ => return None,
    })
}

impl Builder<'_> {
    pub(super) fn portal(&mut self, table: &Table, name: &str) -> Option<PortalSpec> {
        let port = table.integer("port")?;
        let item = |what: &str| format!("{name} portal {what}");
        Some(PortalSpec {
            port,
            rights: self.ink.item(item("rights"), shipped_rights()),
            directory: None,
            release: self.ink.item(item("release"), ReleaseSpec::OneStep),
            trusts_client: self.ink.item(
                item("check of passwords by the client"),
                table.bool("trusts_client").unwrap_or(false),
            ),
            token_key: table
                .string("token_key")
                .map(|key| self.ink.item(item("token key"), key)),
        })
    }

    pub(super) fn store(&mut self, table: &Table, name: &str) -> Option<StoreSpec> {
        let item = |what: &str| format!("{name} store {what}");
        for key in ["user", "password"] {
            if !table.has(key) {
                let message = format!("a store needs the key `{key}`");
                self.tell(Code::MissingKey, table.span.clone(), message)
                    .label = format!("`{key}` is missing, and no profile gives it");
            }
        }
        Some(StoreSpec {
            host: table.string("host")?,
            port: table.integer("port")?,
            user: table.string("user")?,
            password: self.ink.item(item("password"), table.string("password")?),
            patients: numbers(table, "patients"),
            identified: self.ink.item(item("identity of patients"), true),
            encrypted: self.ink.item(item("encryption of records"), false),
            refresh: table.duration("refresh")?,
            monitor: None,
        })
    }

    /// Roles of hosts that pump servers, their staff and their makers use.
    pub(super) fn around_servers(&mut self, table: &Table, name: &str) -> Vec<RoleSpec> {
        let port = |key: &str| table.table(key).and_then(|t| t.integer("port"));
        let mut roles = Vec::new();
        roles.extend(port("database").map(|port| RoleSpec::Database(DatabaseSpec { port })));
        roles.extend(port("directory").map(|port| RoleSpec::Directory(DirectorySpec { port })));
        let pharmacy = table.table("pharmacy").and_then(|t| {
            Some(PharmacySpec {
                pharmacist: t.string("pharmacist")?,
                reviewer: t.string("reviewer")?,
            })
        });
        roles.extend(pharmacy.map(RoleSpec::Pharmacy));
        roles.extend(port("broker").map(|port| {
            let ink = &mut self.ink;
            RoleSpec::Broker(BrokerSpec {
                port,
                brokered: ink.item(format!("{name} brokered sessions"), false),
                approval: ink.item(format!("{name} approval of sessions"), false),
            })
        }));
        let vendor = table.table("vendor").and_then(|t| {
            Some(VendorSpec {
                server: t.string("server")?,
                port: t.integer("port")?,
                user: t.string("user")?,
                through: self.ink.item(format!("{name} way to the server"), None),
            })
        });
        roles.extend(vendor.map(RoleSpec::Vendor));
        roles
    }
}
