//! Reads happenings that people and mains bring about.

use crate::table::Table;
use pumplab_sim::spec::HappeningSpec;
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
        "strain" => HappeningSpec::Strain {
            nurse: with.string("nurse")?,
            slips_times: with.number("slips_times")?,
        },
        _ => return None,
    })
}
