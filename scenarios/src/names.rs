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
        let nodes = hosts()
            .map(|h| &h.name)
            .chain(lab.access_points.iter().map(|a| &a.name))
            .chain(lab.routers.iter().map(|r| &r.name))
            .chain(lab.segments.iter().map(|s| &s.name));
        self.add(Vocabulary::Node, nodes.map(named));
        self.add(Vocabulary::Nurse, lab.nurses.iter().map(|n| named(&n.name)));
    }
}

/// The code and the noun for a name that is not known.
pub(crate) const fn unknown(vocabulary: Vocabulary) -> (Code, &'static str) {
    match vocabulary {
        Vocabulary::Lab => (Code::UnknownLab, "lab"),
        Vocabulary::Defence => (Code::UnknownDefence, "defence"),
        Vocabulary::Control => (Code::UnknownControl, "control"),
        Vocabulary::Technique => (Code::UnknownTechnique, "technique"),
        Vocabulary::Goal => (Code::UnknownGoal, "goal"),
        Vocabulary::Property => (Code::UnknownProperty, "property"),
        Vocabulary::Metric => (Code::UnknownMetric, "metric"),
        Vocabulary::Event => (Code::UnknownEvent, "event"),
        Vocabulary::Profile => (Code::UnknownProfile, "profile"),
        Vocabulary::LibraryFile => (Code::UnknownLibrary, "drug library"),
        Vocabulary::Host => (Code::UnknownHost, "host"),
        Vocabulary::Pump => (Code::UnknownPump, "pump"),
        Vocabulary::PumpServer => (Code::UnknownServer, "pump server"),
        Vocabulary::AuthenticationServer => (Code::UnknownServer, "authentication server"),
        Vocabulary::Server => (Code::UnknownServer, "server"),
        Vocabulary::Zone => (Code::UnknownZone, "zone"),
        Vocabulary::Network => (Code::UnknownNetwork, "wireless network"),
        Vocabulary::Drug => (Code::UnknownDrug, "drug"),
        Vocabulary::CareArea => (Code::UnknownCareArea, "care area"),
        Vocabulary::Node => (Code::UnknownNode, "node"),
        Vocabulary::Nurse => (Code::UnknownNode, "nurse"),
        Vocabulary::Vulnerability => (Code::UnknownVulnerability, "vulnerability"),
        Vocabulary::Program => (Code::UnknownProgram, "program"),
    }
}
