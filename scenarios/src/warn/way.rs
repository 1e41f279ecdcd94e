//! Whether a packet that opens a flow gets from one host to another: segments, routes and rules, as routers read them.

use pumplab_sim::spec::{HostSpec, LabSpec, LinkSpec, Protocol, RouterSpec, Verdict};
use pumplab_sim::wire::Ip;

/// Hops after which a way leads nowhere.
const HOPS: usize = 16;

/// What came of following a way.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It leads there.
    Open,
    /// It does not, for this reason.
    Shut(String),
}

/// The way from a host to a port of another; `stream` is TCP, otherwise UDP. It is open where nothing is known of it.
pub(super) fn between(
    lab: &LabSpec,
    from: &HostSpec,
    to: &HostSpec,
    (stream, port): (bool, u16),
) -> Way {
    if matches!(to.link, LinkSpec::None) {
        return Way::Shut(format!("`{}` is on no network", to.name));
    }
    let (Some(src), Some(dst)) = (from.address.ip(), to.address.ip()) else {
        return Way::Open;
    };
    let (Some(here), Some(there)) = (lab.segment_of(from), lab.segment_of(to)) else {
        return Way::Open;
    };
    if here.name == there.name {
        return Way::Open;
    }
    if here.prefix.contains(dst) {
        return Way::Shut(format!(
            "`{}` takes it for a neighbour, and it is on segment `{}`",
            from.name, there.name
        ));
    }
    let mut next = here.gateway;
    for _ in 0..HOPS {
        let router = next.and_then(|ip| {
            lab.routers
                .iter()
                .find(|r| r.interfaces.iter().any(|i| i.ip == ip))
        });
        let Some(router) = router else {
            return Way::Shut(format!("there is no route from segment `{}`", here.name));
        };
        if let Some(by) = denied(router, (src, dst), (stream, port)) {
            return Way::Shut(by);
        }
        let on_link = |ip: Ip| {
            router.interfaces.iter().any(|i| {
                let net = pumplab_sim::wire::Cidr {
                    ip: i.ip,
                    len: i.prefix,
                };
                net.contains(ip)
            })
        };
        if on_link(dst) {
            return Way::Open;
        }
        let routes = router.routes.iter().filter(|r| r.to.contains(dst));
        next = routes.max_by_key(|r| r.to.len).map(|r| r.via);
        if next.is_none() {
            return Way::Shut(format!("`{}` has no route there", router.name));
        }
    }
    Way::Shut("routers send it round in a circle".to_owned())
}

/// The rule of a router that keeps a flow from passing.
fn denied(
    router: &RouterSpec,
    (src, dst): (Ip, Ip),
    (stream, port): (bool, u16),
) -> Option<String> {
    let rule = router.rules.iter().map(|r| &r.value).find(|r| {
        let transport = match r.protocol {
            Protocol::Any => true,
            Protocol::Tcp => stream,
            Protocol::Udp => !stream,
        };
        transport
            && r.from.iter().any(|p| p.contains(src))
            && r.to.iter().any(|p| p.contains(dst))
            && (r.ports.is_empty() || r.ports.iter().any(|p| (p.first..=p.last).contains(&port)))
    });
    match rule {
        Some(r) if r.verdict == Verdict::Deny => {
            Some(format!("rule `{}` of `{}` denies it", r.name, router.name))
        }
        None if router.default.value == Verdict::Deny => {
            Some(format!("no rule of `{}` permits it", router.name))
        }
        _ => None,
    }
}
