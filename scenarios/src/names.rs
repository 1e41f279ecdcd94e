//! The names that a file may use.

use crate::diagnostic::Code;
use crate::shape::Vocabulary;
use pumplab_sim::spec::{HostSpec, LabSpec, RoleSpec};
use std::collections::BTreeMap;

/// Known names per vocabulary. A vocabulary that is not here is not checked: why it is unknown has been told already.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(BTreeMap<Vocabulary, Vec<String>>);

impl Names {
    pub(crate) fn set(&mut self, vocabulary: Vocabulary, names: Vec<String>) {
        self.0.insert(vocabulary, names);
    }

    pub(crate) fn add(&mut self, vocabulary: Vocabulary, names: impl IntoIterator<Item = String>) {
        let known = self.0.entry(vocabulary).or_default();
        for name in names {
            if !known.contains(&name) {
                known.push(name);
            }
        }
    }

    pub(crate) fn known(&self, vocabulary: Vocabulary) -> Option<&[String]> {
        self.0.get(&vocabulary).map(Vec::as_slice)
    }

    /// Adds everything that a lab has.
    pub(crate) fn add_lab(&mut self, lab: &LabSpec) {
        let hosts = || lab.hosts.iter();
        let named = |n: &String| n.clone();
        self.add(Vocabulary::Host, hosts().map(|h| named(&h.name)));
        self.add(Vocabulary::Pump, lab.pumps().map(|(h, _)| named(&h.name)));
        let pump_servers =
            hosts().filter(|h| h.roles.iter().any(|r| matches!(r, RoleSpec::PumpServer(_))));
        self.add(Vocabulary::PumpServer, pump_servers.map(|h| named(&h.name)));
        let authenticates =
            |h: &&HostSpec| h.roles.iter().any(|r| matches!(r, RoleSpec::Radius(_)));
        let authenticators = hosts().filter(authenticates);
        self.add(
            Vocabulary::AuthenticationServer,
            authenticators.map(|h| named(&h.name)),
        );
        self.add(Vocabulary::Server, hosts().map(|h| named(&h.name)));
        self.add(Vocabulary::Zone, lab.zones.iter().map(|z| named(&z.id)));
        self.add(
            Vocabulary::Network,
            lab.wlans.iter().map(|w| named(&w.ssid)),
        );
        let entries = || lab.libraries.iter().flat_map(|l| &l.entries);
        self.add(Vocabulary::Drug, entries().map(|e| named(&e.drug)));
        self.add(Vocabulary::CareArea, entries().map(|e| named(&e.care_area)));
        self.add(Vocabulary::Node, node_names(lab).map(str::to_owned));
        self.add(Vocabulary::Nurse, lab.nurses.iter().map(|n| named(&n.name)));
    }
}

/// Hosts, access points, routers and segments of a lab.
pub(crate) fn node_names(lab: &LabSpec) -> impl Iterator<Item = &str> {
    let all = lab.hosts.iter().map(|h| &h.name);
    let all = all
        .chain(lab.access_points.iter().map(|a| &a.name))
        .chain(lab.routers.iter().map(|r| &r.name))
        .chain(lab.segments.iter().map(|s| &s.name));
    all.map(String::as_str)
}

/// The kind under which `pumplab list` prints the names, where they do not depend on a lab.
pub(crate) const fn listed(vocabulary: Vocabulary) -> Option<&'static str> {
    Some(match vocabulary {
        Vocabulary::Lab => "labs",
        Vocabulary::Defence => "defences",
        Vocabulary::Control => "controls",
        Vocabulary::Technique => "techniques",
        Vocabulary::Goal => "goals",
        Vocabulary::Property => "properties",
        Vocabulary::Metric => "metrics",
        Vocabulary::Profile => "devices",
        _ => return None,
    })
}

/// The code for a name that is not known.
pub(crate) const fn unknown(vocabulary: Vocabulary) -> Code {
    match vocabulary {
        Vocabulary::Lab => Code::UnknownLab,
        Vocabulary::Defence => Code::UnknownDefence,
        Vocabulary::Control => Code::UnknownControl,
        Vocabulary::Technique => Code::UnknownTechnique,
        Vocabulary::Goal => Code::UnknownGoal,
        Vocabulary::Property => Code::UnknownProperty,
        Vocabulary::Metric => Code::UnknownMetric,
        Vocabulary::Event => Code::UnknownEvent,
        Vocabulary::Profile => Code::UnknownProfile,
        Vocabulary::LibraryFile => Code::UnknownLibrary,
        Vocabulary::Host => Code::UnknownHost,
        Vocabulary::Pump => Code::UnknownPump,
        Vocabulary::PumpServer | Vocabulary::AuthenticationServer | Vocabulary::Server => {
            Code::UnknownServer
        }
        Vocabulary::Zone => Code::UnknownZone,
        Vocabulary::Network => Code::UnknownNetwork,
        Vocabulary::Drug => Code::UnknownDrug,
        Vocabulary::CareArea => Code::UnknownCareArea,
        Vocabulary::Node | Vocabulary::Nurse => Code::UnknownNode,
        Vocabulary::Vulnerability => Code::UnknownVulnerability,
        Vocabulary::Program => Code::UnknownProgram,
    }
}
