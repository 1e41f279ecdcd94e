//! Leases, names and time from the known servers only.

use super::allow_list::{self, Flow};
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{HostSpec, LabSpec, Provenance, RoleSpec};
use crate::wire::Cidr;

/// Narrows the rules for infrastructure services to the servers that offer them.
pub(super) struct KnownInfrastructure;

static ENTRY: Entry = Entry {
    id: "known-infrastructure",
    title: "Infrastructure services limited to known servers",
    summary: "Replaces the firewall rules that permit leases, names and time from the whole enterprise zone by rules \
              that name the servers; a service without a server gets no rule.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SC-20, SC-21, AU-8"],
};

impl Mechanism for KnownInfrastructure {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-09",
            rank: Rank(Stage::Rules, 20),
            needs: &["NET-02"],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let servers = |is: fn(&RoleSpec) -> bool| {
            hosts(lab, |h| h.zone == "enterprise" && h.roles.iter().any(is))
        };
        let dhcp = servers(|r| matches!(r, RoleSpec::Dhcp));
        let dns = servers(|r| matches!(r, RoleSpec::Dns));
        let ntp = servers(|r| matches!(r, RoleSpec::Answering { port: 123 }));
        let flows = allow_list::infrastructure(lab, &dhcp, &dns, &ntp);
        let mut changed = false;
        for i in 0..lab.routers.len() {
            changed |= narrow(lab, ink, i, &flows);
        }
        Effect::if_any(
            changed,
            "no rule permits infrastructure services too widely: it needs NET-02",
        )
    }
}

fn hosts(lab: &LabSpec, is: impl Fn(&HostSpec) -> bool) -> Vec<Cidr> {
    lab.hosts
        .iter()
        .filter(|h| is(h))
        .filter_map(|h| h.address.ip())
        .map(Cidr::host)
        .collect()
}

fn narrow(lab: &mut LabSpec, ink: &mut Provenance, i: usize, flows: &[Flow]) -> bool {
    let router = &lab.routers[i];
    let wide = |name: &str| name.starts_with("F6");
    let Some(at) = router.rules.iter().position(|r| wide(&r.value.name)) else {
        return false;
    };
    let new: Vec<_> = flows.iter().flat_map(|f| f.rules(lab, router)).collect();
    let old = router
        .rules
        .iter()
        .filter(|r| wide(&r.value.name))
        .map(|r| &r.value);
    if old.eq(new.iter()) {
        return false;
    }
    let name = router.name.clone();
    let new: Vec<_> = new
        .into_iter()
        .map(|r| ink.item(format!("{name} rule {}", r.name), r))
        .collect();
    let rules = &mut lab.routers[i].rules;
    rules.retain(|r| !wide(&r.value.name));
    rules.splice(at..at, new);
    true
}
