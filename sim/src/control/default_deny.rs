//! Zone firewalls that let through what the allow list names, and nothing else.

use super::address::{self, CORE};
use super::{Effect, Mechanism, Rank, Realises, Stage, allow_list};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, Verdict};

/// Default deny between zones, with the allow list compiled to rules.
pub(super) struct DefaultDeny;

static ENTRY: Entry = Entry {
    id: "default-deny",
    title: "Default deny between zones, with an allow list",
    summary: "Compiles the allow list F1 to F16 for the hosts of the lab into rules on the firewall of the source's zone \
              and on that of the destination's zone, and sets both to deny and log everything else. A pump may talk to \
              its own maker's server only; leases, names and time come from the enterprise zone.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B section 5.2 [M-high for the flows, K for the ports]"],
};

impl Mechanism for DefaultDeny {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-02",
            rank: Rank(Stage::Rules, 10),
            needs: &["NET-01"],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        if !address::is_segmented(lab) {
            return Effect::None("there are no zone firewalls: it needs NET-01");
        }
        let edge = address::edge(lab);
        let flows = allow_list::flows(lab);
        let mut changed = false;
        for i in 0..lab.routers.len() {
            let router = &lab.routers[i];
            let between_zones =
                router.interfaces.iter().any(|l| l.segment == CORE) && edge != Some(i);
            if !between_zones || router.default.value == Verdict::Deny {
                continue;
            }
            let rules: Vec<_> = flows.iter().flat_map(|f| f.rules(lab, router)).collect();
            let router = &mut lab.routers[i];
            for rule in rules {
                let what = format!("{} rule {}", router.name, rule.name);
                router.rules.push(ink.item(what, rule));
            }
            ink.set(&mut router.default, Verdict::Deny);
            changed = true;
        }
        Effect::if_any(changed, "the zone firewalls deny by default already")
    }
}
