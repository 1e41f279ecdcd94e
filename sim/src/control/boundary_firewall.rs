//! The edge firewall: nothing comes in but the vendors' way, and sources are translated on the way out.

use super::address::{self, EXTERNAL};
use super::{Effect, Mechanism, Rank, Realises, Stage, allow_list};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Protocol, Provenance, RuleSpec, Verdict};
use crate::wire::Cidr;

/// Inbound deny and address translation at the edge.
pub(super) struct BoundaryFirewall;

static ENTRY: Entry = Entry {
    id: "boundary-firewall",
    title: "Boundary firewall and address translation",
    summary: "At the edge router: permits makers to reach the vendor network (F11), permits the authentication server, and \
              pump servers that check revocation, to fetch revocation lists (F5), denies every other flow that comes from the internet, and translates \
              sources on the way out. What else may go out is for the zone firewalls to say.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B section 5.3 [M-med]"],
};

impl Mechanism for BoundaryFirewall {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-04",
            rank: Rank(Stage::Rules, 30),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let Some(edge) = address::edge(lab) else {
            return Effect::None("the lab has no router at its edge");
        };
        let Some(outside) = lab.zone(EXTERNAL).map(|z| z.subnet) else {
            return Effect::None("the lab has no internet");
        };
        let router = &lab.routers[edge];
        if router.rules.iter().any(|r| r.value.name == "inbound") {
            return Effect::None("the boundary denies what comes in already");
        }
        let mut rules = Vec::new();
        let revocation = allow_list::revocation(lab);
        for flow in [allow_list::vendor_path(lab)].into_iter().chain(revocation) {
            rules.extend(
                flow.rules(lab, router)
                    .into_iter()
                    .filter(|r| !r.from.is_empty()),
            );
        }
        rules.push(RuleSpec {
            name: "inbound".to_owned(),
            from: vec![outside],
            to: vec![Cidr::ANY],
            protocol: Protocol::Any,
            ports: Vec::new(),
            verdict: Verdict::Deny,
        });
        let router = &mut lab.routers[edge];
        let name = router.name.clone();
        router.rules.extend(
            rules
                .into_iter()
                .map(|r| ink.item(format!("{name} rule {}", r.name), r)),
        );
        if router.translate_toward.is_none() {
            router.translate_toward =
                Some(ink.item(format!("{name} address translation"), EXTERNAL.to_owned()));
        }
        Effect::Applied
    }
}
