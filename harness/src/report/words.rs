//! Words for what records hold: addresses with the names that they have, items with who put them there, faults and reasons.

use pumplab_sim::crypto::CertificateFault;
use pumplab_sim::engine::NodeId;
use pumplab_sim::record::{Flow, JoinFault, JoinStage, LibraryFault, PROGRAM_STEPS};
use pumplab_sim::spec::{ItemId, LabSpec, Provenance, Removed};
use pumplab_sim::wire::Ip;
use pumplab_sim::wire::shed::Shed;
use serde::Serialize;
use std::collections::BTreeMap;

/// Why somebody was cut off at a real socket, in words.
#[must_use]
pub fn shed(why: Shed) -> &'static str {
    match why {
        Shed::TooManyConnections => "there are too many connections",
        Shed::TooSlow => "a handshake or a message took too long",
        Shed::Idle => "nothing came for too long",
        Shed::TooFast => "messages came too fast",
        Shed::TooLong => "a message is longer than is taken",
        Shed::Malformed => "what came is no message of the protocol",
        Shed::NoTls => "what came is no TLS that is spoken here",
        Shed::Faulty => "a message is at fault, and was answered so",
        Shed::DoesNotRead => "it does not read what it is sent",
        Shed::NotSpoken => "the service is open, and its protocol has no form on sockets",
    }
}

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

    /// A flow: from whom to whom, and on which port.
    #[must_use]
    pub fn flow(&self, flow: &Flow) -> String {
        let transport = if flow.stream { "tcp" } else { "udp" };
        format!(
            "{} -> {} {transport}/{}",
            self.ip(flow.src),
            self.ip(flow.dst),
            flow.port
        )
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

    /// A file that a control took away from a node, with that control.
    #[must_use]
    pub fn removed_file(&self, node: NodeId) -> Option<(&str, &str)> {
        let name = self.node(node);
        let mut stones = self.provenance.tombstones.iter().filter(|t| t.node == name);
        stones.find_map(|stone| match &stone.removed {
            Removed::File(path) => Some((path.as_str(), stone.control.as_deref()?)),
            _ => None,
        })
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

/// A unit variant in words: its name with spaces.
pub(crate) fn plain<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name.replace(['-', '_'], " "),
        _ => "something unnamed".to_owned(),
    }
}

/// A stage of joining in the words of the standards.
pub(crate) fn stage(stage: JoinStage) -> &'static str {
    match stage {
        JoinStage::Scan => "scanning",
        JoinStage::Authentication => "802.11 authentication",
        JoinStage::Association => "association",
        JoinStage::Eap => "802.1X",
        JoinStage::FourWay => "the four-way handshake",
        JoinStage::Address => "the address lease",
    }
}

/// A certificate's fault.
pub(crate) fn certificate(fault: CertificateFault) -> &'static str {
    match fault {
        CertificateFault::Missing => "no certificate was shown",
        CertificateFault::UnknownIssuer => "the certificate's issuer is not trusted",
        CertificateFault::BadSignature => "a signature on the certificate's path does not verify",
        CertificateFault::NotYetValid => "the certificate is not valid yet",
        CertificateFault::Expired => "the certificate has expired",
        CertificateFault::Revoked => "the certificate is revoked",
        CertificateFault::WrongName => "the certificate names somebody else",
        CertificateFault::NoPossession => "possession of the private key was not proven",
        CertificateFault::StatusUnknown => "the certificate's revocation status could not be had",
        CertificateFault::VersionTooLow => "no version of TLS that the client can do is accepted",
    }
}

/// Why a join did not get further.
pub(crate) fn join_fault(fault: JoinFault) -> String {
    match fault {
        JoinFault::NotFound => {
            "no access point in range offers it in a way the station accepts".to_owned()
        }
        JoinFault::Timeout => "no answer in time".to_owned(),
        JoinFault::Refused(status) => format!("refused with status {status}"),
        JoinFault::WrongKey => "the passphrase is not the network's".to_owned(),
        JoinFault::CertificateRefused(fault) => {
            format!(
                "the authentication server refused the station: {}",
                certificate(fault)
            )
        }
        JoinFault::ServerRefused(fault) => {
            format!(
                "the station refused the authentication server: {}",
                certificate(fault)
            )
        }
    }
}

/// Why a library was not stored.
pub(crate) fn library_fault(fault: LibraryFault) -> &'static str {
    match fault {
        LibraryFault::Unsigned => "it is not signed",
        LibraryFault::BadSignature => "its signature does not verify",
        LibraryFault::NotNewer => "it is not newer than the active one",
    }
}

/// The number of a step, from 1; steps of programs are counted by themselves.
#[must_use]
pub fn step(number: u32) -> String {
    match number.checked_sub(PROGRAM_STEPS) {
        Some(n) => format!("step {} of the program", n + 1),
        None => format!("step {}", number + 1),
    }
}
