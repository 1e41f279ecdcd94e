//! What the rules of a lab let through, read from the specification alone.

use crate::spec::{LabSpec, Protocol, RouterSpec, RuleSpec, SegmentSpec, Verdict};
use crate::wire::Ip;

/// Address of a host.
pub(super) fn ip(lab: &LabSpec, host: &str) -> Ip {
    lab.host(host)
        .and_then(|h| h.address.ip())
        .unwrap_or_else(|| panic!("{host} has no address"))
}

fn segment_of(lab: &LabSpec, ip: Ip) -> &SegmentSpec {
    let holds = lab.segments.iter().filter(|s| s.prefix.contains(ip));
    holds
        .max_by_key(|s| s.prefix.len)
        .unwrap_or_else(|| panic!("{ip} is on no segment"))
}

fn matches(rule: &RuleSpec, from: Ip, to: Ip, protocol: Protocol, port: u16) -> bool {
    rule.from.iter().any(|c| c.contains(from))
        && rule.to.iter().any(|c| c.contains(to))
        && (rule.protocol == Protocol::Any || rule.protocol == protocol)
        && (rule.ports.is_empty()
            || rule
                .ports
                .iter()
                .any(|p| (p.first..=p.last).contains(&port)))
}

fn passes(router: &RouterSpec, from: Ip, to: Ip, protocol: Protocol, port: u16) -> bool {
    let rule = router
        .rules
        .iter()
        .find(|r| matches(&r.value, from, to, protocol, port));
    rule.map_or(router.default.value, |r| r.value.verdict) == Verdict::Permit
}

/// Whether a flow between these addresses can be opened: every router on its way must let it pass.
pub(super) fn can_open(lab: &LabSpec, from: Ip, to: Ip, protocol: Protocol, port: u16) -> bool {
    let start = segment_of(lab, from);
    if start.name == segment_of(lab, to).name {
        return true;
    }
    let Some(mut hop) = start.gateway else {
        return false;
    };
    for _ in 0..8 {
        let at = |r: &&RouterSpec| r.interfaces.iter().any(|i| i.ip == hop);
        let router = lab
            .routers
            .iter()
            .find(at)
            .unwrap_or_else(|| panic!("{hop} is no router"));
        if !passes(router, from, to, protocol, port) {
            return false;
        }
        let target = segment_of(lab, to);
        if router.interfaces.iter().any(|i| i.segment == target.name) {
            return true;
        }
        let routes = router.routes.iter().filter(|r| r.to.contains(to));
        let Some(route) = routes.max_by_key(|r| r.to.len) else {
            return false;
        };
        hop = route.via;
    }
    panic!("the way from {from} to {to} goes round in circles");
}

/// Whether a host can open a stream to another.
pub(super) fn tcp(lab: &LabSpec, from: &str, to: &str, port: u16) -> bool {
    can_open(lab, ip(lab, from), ip(lab, to), Protocol::Tcp, port)
}

/// Whether a host can send a datagram to another.
pub(super) fn udp(lab: &LabSpec, from: &str, to: &str, port: u16) -> bool {
    can_open(lab, ip(lab, from), ip(lab, to), Protocol::Udp, port)
}
