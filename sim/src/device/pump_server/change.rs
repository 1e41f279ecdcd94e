//! A change of a setting while pumps are connected: at once, or tried on a canary group first.
//!
//! A setting comes into force for a pump when its session is opened anew; the server closes the sessions that the change
//! is for. A canary pump is told by the address that it had its session from: before the handshake there is nothing else.

use super::PumpServer;
use crate::crypto::CertificateFault;
use crate::device::host::Io;
use crate::device::id;
use crate::engine::{NodeId, RecordId};
use crate::record::SessionRecord;
use crate::spec::ItemId;
use crate::time::Duration;
use crate::wire::Ip;
use crate::wire::syslog::LogKind;
use crate::wire::tls::TlsVersion;
use std::collections::BTreeMap;

/// Timers from here on end the watch over a canary group; below are numbers of pumps.
pub(super) const TOKEN_WATCHED: u64 = 1 << 41;

/// A change is tried on some pumps first.
#[derive(Clone, Debug)]
pub struct ChangePolicy {
    /// Item.
    pub item: ItemId,
    /// Names of the pumps on which a change is tried.
    pub canary: Vec<String>,
    /// How long they are watched.
    pub watch: Duration,
}

/// The lowest version of TLS that is taken, and the one that is being tried.
#[derive(Clone, Debug)]
pub(super) struct Minimum {
    in_force: TlsVersion,
    set: Option<RecordId>,
    trial: Option<Trial>,
    trials: u64,
}

#[derive(Clone, Debug)]
struct Trial {
    version: TlsVersion,
    /// Where the canary pumps were when it began.
    canary: BTreeMap<NodeId, Ip>,
    began: RecordId,
    /// What the server saw of it since.
    refused: Vec<RecordId>,
}

impl Trial {
    fn is_for(&self, peer: Ip) -> bool {
        self.canary.values().any(|ip| *ip == peer)
    }
}

impl Minimum {
    pub(super) fn new(in_force: TlsVersion) -> Self {
        Self {
            in_force,
            set: None,
            trial: None,
            trials: 0,
        }
    }

    /// The lowest version for a peer.
    pub(super) fn at(&self, peer: Ip) -> TlsVersion {
        let trial = self.trial.as_ref().filter(|t| t.is_for(peer));
        trial.map_or(self.in_force, |t| t.version)
    }

    /// Started anew: what was only tried is not in the stored settings.
    pub(super) fn power_on(&mut self) {
        self.trial = None;
    }
}

/// Whether a change goes on to the others: every pump of the group that had a session has one again. A group of which
/// nobody had a session has shown nothing.
fn passes(canary: usize, missing: usize) -> bool {
    canary > 0 && missing == 0
}

impl PumpServer {
    /// Staff set the lowest version of TLS. Lowering it shuts nobody out and is not tried first.
    pub fn set_tls_minimum(&mut self, io: &mut Io<'_, '_>, version: TlsVersion) {
        self.minimum.trial = None;
        match self.config.change_policy.clone() {
            Some(policy) if version > self.minimum.in_force => self.try_first(io, version, &policy),
            _ => self.set_for_all(io, version, &[]),
        }
    }

    fn set_for_all(&mut self, io: &mut Io<'_, '_>, version: TlsVersion, because: &[RecordId]) {
        let item = self.config.tls_min.0;
        let set = SessionRecord::TlsMinimumSet {
            version,
            canary: 0,
            item,
        };
        self.minimum.set = Some(io.cx.emit_because(set, because));
        let raised = version > self.minimum.in_force;
        self.minimum.in_force = version;
        if raised {
            let connected = self.connected(io, |_| true);
            self.open_anew(io, connected.into_keys());
        }
    }

    fn try_first(&mut self, io: &mut Io<'_, '_>, version: TlsVersion, policy: &ChangePolicy) {
        let canary = self.connected(io, |name| policy.canary.iter().any(|c| c == name));
        let item = self.config.tls_min.0;
        let pumps: Vec<NodeId> = canary.keys().copied().collect();
        if canary.is_empty() {
            let item = policy.item;
            io.cx
                .emit(SessionRecord::ChangeTakenBack { missing: 0, item });
            return;
        }
        let began = io.cx.emit(SessionRecord::TlsMinimumSet {
            version,
            canary: canary.len() as u32,
            item,
        });
        self.minimum.trials += 1;
        self.minimum.trial = Some(Trial {
            version,
            canary,
            began,
            refused: Vec::new(),
        });
        let token = TOKEN_WATCHED | self.minimum.trials;
        io.timer(id::PUMP_SERVER, policy.watch, token);
        self.open_anew(io, pumps.into_iter());
    }

    /// The watch is over: the change goes on, or is taken back.
    pub(super) fn watched(&mut self, io: &mut Io<'_, '_>, token: u64) {
        if token & !TOKEN_WATCHED != self.minimum.trials {
            return;
        }
        let (Some(trial), Some(policy)) = (self.minimum.trial.take(), &self.config.change_policy)
        else {
            return;
        };
        let back = |pump: &NodeId| self.desk.conn(*pump).is_some();
        let missing = trial.canary.keys().filter(|p| !back(p)).count();
        let mut because = vec![trial.began];
        because.extend(trial.refused.last());
        if passes(trial.canary.len(), missing) {
            self.set_for_all(io, trial.version, &because);
            return;
        }
        let taken_back = SessionRecord::ChangeTakenBack {
            missing: missing as u32,
            item: policy.item,
        };
        io.cx.emit_because(taken_back, &because);
    }

    /// A handshake is refused here.
    pub(super) fn refused(&mut self, io: &mut Io<'_, '_>, peer: Ip, fault: CertificateFault) {
        let mut because = None;
        let mut item = self.config.session_item;
        let trial = self.minimum.trial.as_mut().filter(|t| t.is_for(peer));
        if fault == CertificateFault::VersionTooLow {
            item = self.config.tls_min.0;
            because = trial.as_ref().map(|t| t.began).or(self.minimum.set);
        }
        if let Some(checking) = self.status.item().filter(|_| of_status(fault)) {
            item = checking;
            because = self
                .status
                .taken()
                .filter(|_| fault == CertificateFault::Revoked);
        }
        let refused = SessionRecord::SessionRefused { peer, fault, item };
        let record = io.cx.emit_because(refused, because.as_slice());
        if let Some(trial) = trial {
            trial.refused.push(record);
        }
        io.log(LogKind::SessionRefused, Some(peer), 0);
    }

    /// Pumps with a protected session, and where they are.
    fn connected(&self, io: &Io<'_, '_>, wanted: impl Fn(&str) -> bool) -> BTreeMap<NodeId, Ip> {
        let names = &io.cx.shared().names;
        let mut pumps = BTreeMap::new();
        for (pump, stream) in self.desk.pumps() {
            let session = stream.and_then(|s| self.sessions.get(&s));
            let protected = session.is_some_and(|s| s.channel.protected());
            let address = self.addresses.get(&pump).copied();
            if let Some(ip) = address.filter(|_| protected && wanted(&names[pump.index()])) {
                pumps.insert(pump, ip);
            }
        }
        pumps
    }

    /// Closes the sessions of these pumps, so that they open them under the setting as it is now.
    fn open_anew(&mut self, io: &mut Io<'_, '_>, pumps: impl Iterator<Item = NodeId>) {
        for pump in pumps {
            let stream = self.desk.dismiss(pump);
            if let Some(stream) = stream {
                self.sessions.remove(&stream);
                io.close(stream);
            }
        }
    }
}

/// Whether it is a refusal by the revocation list.
fn of_status(fault: CertificateFault) -> bool {
    matches!(
        fault,
        CertificateFault::Revoked | CertificateFault::StatusUnknown
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_goes_on_only_if_every_canary_came_back() {
        assert!(passes(2, 0));
        assert!(!passes(2, 1));
        assert!(!passes(0, 0), "nobody tried it");
    }

    #[test]
    fn a_trial_is_for_its_canaries_only_and_does_not_outlive_a_restart() {
        let (canary, other) = (Ip::new(10, 0, 40, 20), Ip::new(10, 0, 40, 21));
        let mut minimum = Minimum::new(TlsVersion::V10);
        minimum.trial = Some(Trial {
            version: TlsVersion::V12,
            canary: BTreeMap::from([(NodeId(1), canary)]),
            began: RecordId::default(),
            refused: Vec::new(),
        });
        assert_eq!(minimum.at(canary), TlsVersion::V12);
        assert_eq!(minimum.at(other), TlsVersion::V10);
        minimum.power_on();
        assert_eq!(minimum.at(canary), TlsVersion::V10);
    }
}
