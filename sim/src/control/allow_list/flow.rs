//! A permitted flow, and the rules that firewalls need for it.

use crate::control::address::{self, CORE};
use crate::spec::{LabSpec, PortRange, Protocol, RouterSpec, RuleSpec, Verdict};
use crate::wire::Cidr;

/// A permitted flow: who may open it to whom.
#[derive(Clone, Debug)]
pub(in crate::control) struct Flow {
    /// Short identifier, which begins with the row of the list.
    pub(in crate::control) name: String,
    from: Vec<Cidr>,
    to: Vec<Cidr>,
    protocol: Protocol,
    ports: Vec<u16>,
}

impl Flow {
    /// Streams to these ports.
    pub(super) fn tcp(
        name: impl Into<String>,
        from: Vec<Cidr>,
        to: Vec<Cidr>,
        ports: &[u16],
    ) -> Self {
        Self {
            name: name.into(),
            from,
            to,
            protocol: Protocol::Tcp,
            ports: ports.to_vec(),
        }
    }

    /// Datagrams to these ports.
    pub(super) fn udp(
        name: impl Into<String>,
        from: Vec<Cidr>,
        to: Vec<Cidr>,
        ports: &[u16],
    ) -> Self {
        Self {
            protocol: Protocol::Udp,
            ..Self::tcp(name, from, to, ports)
        }
    }

    fn rule(&self, from: Vec<Cidr>, to: Vec<Cidr>) -> RuleSpec {
        let ports = self
            .ports
            .iter()
            .map(|&p| PortRange { first: p, last: p })
            .collect();
        RuleSpec {
            name: self.name.clone(),
            from,
            to,
            protocol: self.protocol,
            ports,
            verdict: Verdict::Permit,
        }
    }

    /// The rules that a firewall needs for this flow: out of its zone, into its zone.
    pub(in crate::control) fn rules(&self, lab: &LabSpec, firewall: &RouterSpec) -> Vec<RuleSpec> {
        let legs: Vec<Cidr> = firewall
            .interfaces
            .iter()
            .filter(|i| i.segment != CORE)
            .map(|i| Cidr {
                ip: i.ip,
                len: i.prefix,
            })
            .collect();
        let inside = |c: &Cidr| legs.iter().any(|l| l.contains(c.ip));
        let segment = |c: &Cidr| address::segment_at(lab, c.ip).map(|s| &s.name);
        let crosses = |c: &Cidr, others: &[Cidr]| others.iter().any(|o| segment(o) != segment(c));
        let out: Vec<Cidr> = self
            .from
            .iter()
            .filter(|c| inside(c) && crosses(c, &self.to))
            .copied()
            .collect();
        let into: Vec<Cidr> = self
            .to
            .iter()
            .filter(|c| inside(c) && crosses(c, &self.from))
            .copied()
            .collect();
        let outside: Vec<Cidr> = self.from.iter().filter(|c| !inside(c)).copied().collect();
        let mut rules = Vec::new();
        if !out.is_empty() {
            rules.push(self.rule(out, self.to.clone()));
        }
        if !into.is_empty() && !outside.is_empty() {
            rules.push(self.rule(outside, into));
        }
        rules
    }

    /// Whether nobody could open it.
    pub(super) fn is_empty(&self) -> bool {
        self.from.is_empty() || self.to.is_empty()
    }
}
