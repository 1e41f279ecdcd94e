//! How far each pump of the hospital got on its way to its own server: what never had a session cannot lose it, and no figure shows it.

use crate::engine::{Entry, NodeId};
use crate::event::Shared;
use crate::record::{
    HostRecord, JoinFault, JoinStage, LabRecord, NetworkRecord, NoSession, SessionRecord,
    WirelessRecord,
};
use crate::spec::LinkSpec;
use crate::wire::Ip;
use std::collections::BTreeMap;

/// How far a pump got.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// Its server's address, by the plan.
    server: Option<Ip>,
    /// It was switched on.
    pub on: bool,
    /// The network that it looked for last.
    pub network: Option<String>,
    /// How its last attempt to join failed.
    pub failed: Option<(JoinFault, JoinStage)>,
    /// It joined.
    pub joined: bool,
    /// It got an address.
    pub address: bool,
    /// What it met with in search of its server.
    pub unreached: Option<NoSession>,
    /// It had a session with its server.
    pub session: bool,
    /// Somebody else was taken for the server.
    pub deceived: bool,
}

/// The ways of all pumps.
#[derive(Clone, Debug, Default)]
pub struct Ways(BTreeMap<NodeId, Way>);

impl Ways {
    /// Of a lab that has not begun. A pump that has left the hospital is on no network, and need not be.
    #[must_use]
    pub fn new(shared: &Shared) -> Self {
        let here = shared.lab.pumps().filter(|(h, _)| h.link != LinkSpec::None);
        let way = here.filter_map(|(host, pump)| {
            let server = shared.lab.host(&pump.server).and_then(|s| s.address.ip());
            let way = Way {
                server,
                ..Way::default()
            };
            Some((shared.node(&host.name)?, way))
        });
        Self(way.collect())
    }

    /// Takes a record in.
    pub fn observe(&mut self, e: &Entry<LabRecord>) {
        if let Some(way) = self.0.get_mut(&e.node).filter(|way| !way.session) {
            way.follow(&e.what);
        }
    }

    /// The way of a pump.
    #[must_use]
    pub fn of(&self, pump: NodeId) -> Option<&Way> {
        self.0.get(&pump)
    }
}

impl Way {
    fn follow(&mut self, record: &LabRecord) {
        match record {
            LabRecord::Session(SessionRecord::ServerSession { peer, .. })
                if Some(*peer) == self.server =>
            {
                self.session = true;
            }
            LabRecord::Session(SessionRecord::ServerSession { .. }) => self.deceived = true,
            LabRecord::Host(HostRecord::PoweredOn) => self.on = true,
            LabRecord::Wireless(WirelessRecord::JoinStarted { ssid }) => {
                self.on = true;
                self.network = Some(ssid.clone());
            }
            LabRecord::Wireless(WirelessRecord::JoinFailed { stage, why, .. }) => {
                self.failed = Some((*why, *stage))
            }
            LabRecord::Wireless(WirelessRecord::Joined { ssid, .. }) => {
                self.joined = true;
                self.network = Some(ssid.clone());
            }
            LabRecord::Network(NetworkRecord::AddressBound { .. }) => self.address = true,
            LabRecord::Session(SessionRecord::ServerUnreached { why })
                if *why != NoSession::Link =>
            {
                self.unreached = Some(*why);
            }
            _ => {}
        }
    }
}
