//! Where people meet their servers: portals, the directory behind them, and the pharmacy's way to them.

use super::Driver;
use crate::live::LiveError;
use crate::live::lists::Side;
use crate::live::speech::Speech;
use crate::live::tls;
use crate::live::vault::Vault;
use pumplab_sim::spec::{HostSpec, LabSpec, RoleSpec};
use std::sync::Arc;

impl Driver {
    /// Opens the portals, the directory behind them, and the pharmacy's way to them.
    pub(super) fn equip_staff(
        &mut self,
        lab: &LabSpec,
        vault: &Arc<Vault>,
    ) -> Result<(), LiveError> {
        let (live, own) = (&self.live, &self.own);
        let known = |name: &str| {
            let node = live.simulation().node_named(name)?;
            Some((node, *own.get(&node)?))
        };
        for host in &lab.hosts {
            let Some((node, ip)) = known(&host.name) else {
                continue;
            };
            for role in &host.roles {
                match role {
                    RoleSpec::PumpServer(server) => {
                        let Some(portal) = &server.portal else {
                            continue;
                        };
                        let acceptor = self.lists.port(&self.live, host, Side::Portal)?;
                        self.servers.insert((node, portal.port), acceptor);
                        let speech = Speech::Portal(vault.clone());
                        self.spoken.insert((ip, portal.port), speech);
                    }
                    RoleSpec::Directory(directory) => {
                        self.servers.insert((node, directory.port), None);
                        let speech = Speech::Directory(vault.clone());
                        self.spoken.insert((ip, directory.port), speech);
                    }
                    RoleSpec::Pharmacy(_) => {
                        let serves = |h: &&HostSpec| tls::pump_server_of(h).is_some();
                        for server in lab.hosts.iter().filter(serves) {
                            if let Some((_, to)) = known(&server.name) {
                                let end =
                                    tls::visitor(self.lists.pki(), host, &server.name, self.clock)?;
                                self.links.insert((node, to), end);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
