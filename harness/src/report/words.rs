//! Words for what records hold: addresses with the names that they have, items with who put them there, faults and reasons.

use pumplab_sim::engine::NodeId;
use pumplab_sim::record::Names;
use pumplab_sim::spec::{ItemId, KnowledgeSpec, LabSpec, Provenance, Removed};
use pumplab_sim::why::reason::{Ground, Reason, Reasons};
use pumplab_sim::wire::Ip;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is needed to put records into words: names of nodes, addresses and items.
#[derive(Clone, Debug, Default)]
pub struct Words {
    nodes: Vec<String>,
    hosts: BTreeMap<Ip, String>,
    provenance: Provenance,
    controls: BTreeMap<String, String>,
}

impl Words {
    /// The words of a run: its nodes, its lab, what is known of the lab's items, and the titles of controls by identifier.
    #[must_use]
    pub fn new(
        nodes: Vec<String>,
        lab: &LabSpec,
        provenance: Provenance,
        controls: BTreeMap<String, String>,
    ) -> Self {
        let mut hosts = BTreeMap::new();
        for router in &lab.routers {
            for leg in &router.interfaces {
                hosts.insert(leg.ip, router.name.clone());
            }
        }
        for host in &lab.hosts {
            if let Some(ip) = host.address.ip() {
                hosts.insert(ip, host.name.clone());
            }
        }
        Self {
            nodes,
            hosts,
            provenance,
            controls,
        }
    }

    /// Name of a node.
    #[must_use]
    pub fn node(&self, node: NodeId) -> &str {
        self.nodes.get(node.index()).map_or("?", String::as_str)
    }

    /// An address, with the name of the host that the lab gives it to.
    #[must_use]
    pub fn ip(&self, ip: Ip) -> String {
        match self.hosts.get(&ip) {
            Some(name) => format!("{ip} ({name})"),
            None => ip.to_string(),
        }
    }

    /// What an item is: `fw-meddev rule F1`.
    #[must_use]
    pub fn item(&self, id: ItemId) -> String {
        match self.provenance.origin(id) {
            Some(origin) if !origin.what.is_empty() => origin.what.clone(),
            _ => format!("item {}", id.0),
        }
    }

    /// The control that put an item there; none for what the bare lab has.
    #[must_use]
    pub fn control_of(&self, id: ItemId) -> Option<&str> {
        self.provenance.origin(id)?.control.as_deref()
    }

    /// A control with its title: `NET-02 Default-deny inter-zone policy`.
    #[must_use]
    pub fn control(&self, id: &str) -> String {
        match self.controls.get(id) {
            Some(title) => format!("{id} {title}"),
            None => id.to_owned(),
        }
    }

    /// What an item is and who put it there.
    #[must_use]
    pub fn origin(&self, id: ItemId) -> String {
        let what = self.item(id);
        match self.control_of(id) {
            Some(control) => format!("{what}, configured by {}", self.control(control)),
            None if self.provenance.origin(id).is_some_and(|o| o.event) => {
                format!("{what}, configured by an event of the scenario")
            }
            None => format!("{what}, part of the bare lab"),
        }
    }

    /// Finds what refusals rest on.
    #[must_use]
    pub fn reasons(&self) -> Reasons<'_> {
        Reasons::new(&self.provenance, &self.nodes)
    }

    /// What a refusal rests on, in a few words.
    #[must_use]
    pub fn ground(&self, ground: &Ground) -> String {
        match ground {
            Ground::Item(id) => self.item(*id),
            Ground::Removed(removed) => removed.words(),
        }
    }

    /// What a refusal rests on and who configured it.
    #[must_use]
    pub fn reason(&self, reason: &Reason) -> String {
        match (&reason.ground, &reason.control) {
            (Ground::Item(id), _) => self.origin(*id),
            (Ground::Removed(removed), Some(control)) => {
                let what = removed.words();
                format!("{what}: taken away by {}", self.control(control))
            }
            (Ground::Removed(removed), None) => removed.words(),
        }
    }

    /// The control that took something away from a node, if one did.
    #[must_use]
    pub fn removed_by(&self, node: NodeId, removed: &Removed) -> Option<&str> {
        self.provenance
            .tombstone(self.node(node), removed)?
            .control
            .as_deref()
    }
}

impl Names for Words {
    fn node(&self, node: NodeId) -> String {
        self.node(node).to_owned()
    }

    fn ip(&self, ip: Ip) -> String {
        self.ip(ip)
    }

    fn item(&self, id: ItemId) -> String {
        self.item(id)
    }

    fn origin(&self, id: ItemId) -> String {
        self.origin(id)
    }

    fn removed_by(&self, node: NodeId, removed: &Removed) -> Option<String> {
        self.removed_by(node, removed).map(|id| self.control(id))
    }
}

/// A unit variant in words: its name with spaces.
pub(crate) fn plain<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name.replace(['-', '_'], " "),
        _ => "something unnamed".to_owned(),
    }
}

/// Inside knowledge in words; secrets themselves stay out of reports.
pub(crate) fn knowledge(attacker: &str, knowledge: &KnowledgeSpec) -> String {
    match knowledge {
        KnowledgeSpec::Passphrase { ssid, .. } => {
            format!("{attacker} knows the passphrase of {ssid}")
        }
        KnowledgeSpec::Account { user, .. } => format!("{attacker} knows the account {user}"),
        KnowledgeSpec::Token { user } => format!("{attacker} holds the token of {user}"),
        KnowledgeSpec::Library { version } => {
            format!("{attacker} has drug library {version}")
        }
        KnowledgeSpec::Address { host, ip } => {
            format!("{attacker} knows the address of {host} ({ip})")
        }
    }
}
