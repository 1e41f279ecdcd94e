//! What hosts have at their ports and how they open connections: taken from the lab's configuration.

use super::{Driver, Elsewhere, LiveHost, Service, Taken};
use crate::LiveError;
use crate::lab;
use crate::pki::revocation::{Acceptor, Side};
use crate::pki::tls::{self, Session};
use crate::protocol::Protocol;
use crate::secrets::SecretStore;
use pumplab_sim::engine::NodeId;
use pumplab_sim::spec::{HostSpec, LabSpec, PumpServerSpec, RoleSpec, ServiceKind};
use pumplab_sim::wire::Ip;
use pumplab_sim::wire::hl7::PORT as HL7_PORT;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Driver {
    /// Gives every host its address, its ports and its keys.
    pub(super) fn equip(
        &mut self,
        lab: &LabSpec,
        secrets: &Arc<SecretStore>,
    ) -> Result<(), LiveError> {
        for host in lab.hosts.iter().filter(|h| lab::is_live(h)) {
            let node = self.live.simulation().node_named(&host.name);
            if let (Some(node), Some(address)) = (node, host.address.ip()) {
                let known = LiveHost {
                    address,
                    life: 0,
                    session: None,
                    links: BTreeMap::new(),
                };
                self.hosts.insert(node, known);
            }
        }
        for host in &lab.hosts {
            let node = self.live.simulation().node_named(&host.name);
            let node = node.filter(|node| self.hosts.contains_key(node));
            let Some((node, ip)) = node.zip(host.address.ip()) else {
                continue;
            };
            for role in &host.roles {
                self.equip_role(lab, (node, ip), (host, role), secrets)?;
            }
            self.equip_services(ip, host, secrets);
        }
        Ok(())
    }

    fn equip_role(
        &mut self,
        lab: &LabSpec,
        (node, ip): (NodeId, Ip),
        (host, role): (&HostSpec, &RoleSpec),
        secrets: &Arc<SecretStore>,
    ) -> Result<(), LiveError> {
        match role {
            RoleSpec::Pump(pump) => {
                let session = tls::client(self.lists.pki(), host, pump, self.clock)?;
                if let Some(known) = self.hosts.get_mut(&node) {
                    known.session = Some(session);
                }
            }
            RoleSpec::PumpServer(server) => {
                self.equip_server((node, ip), (lab, host, server), secrets)?;
            }
            RoleSpec::Ehr { servers } => {
                let acceptor = self.lists.port(&self.live, host, Side::Clinical)?;
                self.serve((ip, HL7_PORT), Protocol::Hl7, acceptor);
                for to in servers {
                    let link = tls::link(self.lists.pki(), host, to, self.clock)?;
                    self.link(node, lab, to, link);
                }
            }
            RoleSpec::AlarmManager { .. } | RoleSpec::NursesStation => {
                self.serve((ip, HL7_PORT), Protocol::Hl7, None);
            }
            RoleSpec::Directory(directory) => {
                let protocol = Protocol::Directory(secrets.clone());
                self.serve((ip, directory.port), protocol, None);
            }
            RoleSpec::Pharmacy(_) => {
                let serves = |h: &&HostSpec| tls::pump_server_of(h).is_some();
                for server in lab.hosts.iter().filter(serves) {
                    let link = tls::visitor(self.lists.pki(), host, &server.name, self.clock)?;
                    self.link(node, lab, &server.name, link);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The ports of a pump server and its way to the health record.
    fn equip_server(
        &mut self,
        (node, ip): (NodeId, Ip),
        (lab, host, server): (&LabSpec, &HostSpec, &PumpServerSpec),
        secrets: &Arc<SecretStore>,
    ) -> Result<(), LiveError> {
        let acceptor = self.lists.port(&self.live, host, Side::Pumps)?;
        self.serve((ip, server.port), Protocol::Pump, acceptor);
        if let Some(port) = &server.clear_port {
            self.serve((ip, port.value), Protocol::Pump, None);
        }
        let acceptor = self.lists.port(&self.live, host, Side::Clinical)?;
        self.serve((ip, HL7_PORT), Protocol::Hl7, acceptor);
        if let Some(record) = &server.observations {
            let link = tls::link(self.lists.pki(), host, record, self.clock)?;
            self.link(node, lab, record, link);
        }
        if let Some(portal) = &server.portal {
            let acceptor = self.lists.port(&self.live, host, Side::Portal)?;
            let protocol = Protocol::Portal(secrets.clone());
            self.serve((ip, portal.port), protocol, acceptor);
        }
        Ok(())
    }

    /// Every service that is open in the lab is listened on: a defence that closes one has taken it out of the lab.
    fn equip_services(&mut self, ip: Ip, host: &HostSpec, secrets: &Arc<SecretStore>) {
        for service in &host.services {
            let protocol = match service.kind {
                ServiceKind::Telnet => Protocol::Telnet(secrets.clone()),
                ServiceKind::Ftp => Protocol::Ftp(secrets.clone(), self.bind),
                ServiceKind::Web => Protocol::Http(secrets.clone()),
                ServiceKind::PumpPush => Protocol::Pump,
                ServiceKind::Share | ServiceKind::Ssh => Protocol::Unsupported,
            };
            self.serve((ip, service.port), protocol, None);
        }
    }

    /// Lets a receiver that is no host of the run take what was for systems of the lab.
    pub(super) fn replace(&mut self, lab: &LabSpec, receiver: &Elsewhere) -> Result<(), LiveError> {
        for host in &lab.hosts {
            let (Some(server), Some(node)) = (
                tls::pump_server_of(host),
                self.live.simulation().node_named(&host.name),
            ) else {
                continue;
            };
            let name = match receiver.what {
                Taken::Alarms { .. } => Some(&server.alarm_manager),
                Taken::Observations => server.observations.as_ref(),
            };
            let Some((name, ip)) = name.and_then(|n| Some((n, address(lab, n)?))) else {
                continue;
            };
            let external = Service {
                protocol: Protocol::Hl7,
                tls: None,
                at: Some(receiver.at),
                external: true,
            };
            self.services.insert((ip, HL7_PORT), external);
            if let Taken::Alarms { tls: true } = receiver.what {
                let link = tls::link_by_tls(self.lists.pki(), host, name, self.clock)?;
                self.link(node, lab, name, link);
            }
        }
        Ok(())
    }

    fn serve(&mut self, at: (Ip, u16), protocol: Protocol, tls: Option<Acceptor>) {
        let service = Service {
            protocol,
            tls,
            at: None,
            external: false,
        };
        self.services.insert(at, service);
    }

    /// From now on this host opens connections to the host of that name so.
    fn link(&mut self, from: NodeId, lab: &LabSpec, to: &str, session: Session) {
        if let (Some(host), Some(to)) = (self.hosts.get_mut(&from), address(lab, to)) {
            host.links.insert(to, session);
        }
    }
}

/// The address that stands for a host of the lab.
fn address(lab: &LabSpec, host: &str) -> Option<Ip> {
    lab.host(host)?.address.ip()
}
