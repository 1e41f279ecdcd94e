//! Staged changes: some pumps first.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{ChangePolicySpec, LabSpec, Provenance, RoleSpec};
use crate::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

/// How long the group is watched \[A\].
const WATCH: Duration = Duration::from_mins(5);

/// A canary group for changes at pump servers.
pub(super) struct CanaryGroup;

static ENTRY: Entry = Entry {
    id: "canary-group",
    title: "Changes are tried on a canary group",
    summary: "A pump server applies a change of its settings to one pump of each make first, by the address that the pump has its session from, and watches for 5 min. If one of \
              them does not come back, the change is taken back; otherwise it goes on to the others. The pumps of the group bear the risk: they are without a server for the watch \
              and some minutes more. Libraries are not staged; releases have a workflow of their own (SRV-05).",
    parameters: &[],
    relations: &[],
    references: &["controls.csv OPS-12 [K]", "SP 800-53 CM-3, CM-4"],
};

impl Mechanism for CanaryGroup {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "OPS-12",
            rank: Rank(Stage::Operations, 60),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut known: BTreeSet<(String, String)> = BTreeSet::new();
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (host, pump) in lab.pumps() {
            if known.insert((pump.server.clone(), pump.profile.clone())) {
                let group = groups.entry(pump.server.clone()).or_default();
                group.push(host.name.clone());
            }
        }
        let mut changed = false;
        for host in &mut lab.hosts {
            let Some(canary) = groups.remove(&host.name) else {
                continue;
            };
            for role in &mut host.roles {
                if let RoleSpec::PumpServer(server) = role
                    && server.change_policy.is_none()
                {
                    let policy = ChangePolicySpec {
                        canary: canary.clone(),
                        watch: WATCH,
                    };
                    let item = ink.item(format!("{} canary group", host.name), policy);
                    server.change_policy = Some(item);
                    changed = true;
                }
            }
        }
        Effect::if_any(changed, "no pump server with pumps lacks one")
    }
}
