//! Reads happenings that people and mains bring about.

use crate::table::Table;
use pumplab_sim::spec::{HappeningSpec, Item, ItemId, PortRange, Protocol, RuleSpec, Verdict};
use pumplab_sim::wire::tls::TlsVersion;

/// The happening of this name with these parameters.
pub(super) fn read(what: &str, with: &Table) -> Option<HappeningSpec> {
    Some(match what {
        "occlude" => HappeningSpec::Occlude {
            pump: with.string("pump")?,
        },
        "power-cut" => HappeningSpec::PowerCut {
            nodes: with.texts("nodes"),
        },
        "power-return" => HappeningSpec::PowerReturn {
            nodes: with.texts("nodes"),
        },
        "replace-pump" => HappeningSpec::ReplacePump {
            pump: with.string("pump")?,
            by: with.string("by")?,
        },
        "shift-change" => HappeningSpec::ShiftChange {
            nurse: with.string("nurse")?,
            to: with.string("to")?,
            pause: with.duration("pause")?,
        },
        "set-tls-minimum" => HappeningSpec::SetTlsMinimum {
            server: with.string("server")?,
            version: TlsVersion::of(with.text("version")?)?,
        },
        "set-session-cache" => HappeningSpec::SetSessionCache {
            server: with.string("server")?,
            lifetime: with.duration("lifetime"),
        },
        "strain" => HappeningSpec::Strain {
            nurse: with.string("nurse")?,
            slips_times: with.number("slips_times")?,
        },
        "add-rule" => HappeningSpec::AddRule {
            router: with.string("router")?,
            rule: Item::new(ItemId::default(), rule(with)?),
            first: with.bool("first").unwrap_or(true),
        },
        _ => return None,
    })
}

/// The rule that staff add.
fn rule(with: &Table) -> Option<RuleSpec> {
    let port = with.integer("port");
    Some(RuleSpec {
        name: "by staff".to_owned(),
        from: vec![with.cidr("from")?],
        to: vec![with.cidr("to")?],
        protocol: match with.text("protocol") {
            Some("tcp") => Protocol::Tcp,
            Some("udp") => Protocol::Udp,
            _ => Protocol::Any,
        },
        ports: port
            .map(|p| PortRange { first: p, last: p })
            .into_iter()
            .collect(),
        verdict: match with.text("action")? {
            "permit" => Verdict::Permit,
            _ => Verdict::Deny,
        },
    })
}
