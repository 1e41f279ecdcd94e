//! Maintenance services: those that the lab leaves open are listened on.

use super::Driver;
use crate::live::speech::{Service, Speech};
use crate::live::vault::Vault;
use pumplab_sim::engine::NodeId;
use pumplab_sim::spec::{LabSpec, ServiceKind};
use std::sync::Arc;

impl Driver {
    /// Lets every service that is open in the lab be listened on: a defence that closes one has taken it out of the lab.
    pub(super) fn equip_services(&mut self, lab: &LabSpec, vault: &Arc<Vault>) {
        for host in &lab.hosts {
            let Some(node) = self.live.simulation().node_named(&host.name) else {
                continue;
            };
            let Some(ip) = self.own.get(&node).copied() else {
                continue;
            };
            for service in &host.services {
                let lines = |kind| Speech::Lines(kind, vault.clone(), self.bind);
                let speech = match service.kind {
                    ServiceKind::Telnet => lines(Service::Telnet),
                    ServiceKind::Ftp => lines(Service::Ftp),
                    ServiceKind::Web => lines(Service::Web),
                    ServiceKind::PumpPush => Speech::Pump,
                    ServiceKind::Share | ServiceKind::Ssh => Speech::Unspoken,
                };
                self.servers.insert((node, service.port), None);
                self.spoken.insert((ip, service.port), speech);
            }
        }
    }

    /// Whether a port is one of maintenance.
    pub(super) fn is_maintenance(&self, host: NodeId, port: u16) -> bool {
        let ip = self.own.get(&host);
        let speech = ip.and_then(|ip| self.spoken.get(&(*ip, port)));
        speech.is_some_and(|s| !s.is_dialled())
    }
}
