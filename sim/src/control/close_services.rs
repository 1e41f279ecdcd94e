//! Services that pumps do not need for care, closed.

use super::{Effect, Mechanism, Rank, Realises, Stage, address};
use crate::catalog::Entry;
use crate::spec::{HostSpec, LabSpec, Provenance, Removed};

/// Closed maintenance services on pumps.
pub(super) struct CloseServices;

static ENTRY: Entry = Entry {
    id: "close-services",
    title: "Unneeded services on pumps closed",
    summary: "Closes every service of a pump that serves diagnosis and maintenance and is not needed for care.",
    parameters: &[],
    relations: &[],
    references: &["CVE-2015-3954", "SP 1800-8B appendix B [M-med]"],
};

impl Mechanism for CloseServices {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "DEV-01",
            rank: Rank(Stage::Hosts, 10),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for pump in lab.hosts.iter_mut().filter(|h| address::is_pump(h)) {
            changed |= close(pump, ink);
        }
        Effect::if_any(changed, "no pump has a service open that it does not need")
    }
}

/// Closes a host's maintenance services, with tombstones. Whether there was one.
pub(super) fn close(host: &mut HostSpec, ink: &mut Provenance) -> bool {
    let HostSpec { name, services, .. } = host;
    let before = services.len();
    services.retain(|s| {
        if s.value.maintenance {
            ink.bury(name, Removed::Service(s.value.port));
        }
        !s.value.maintenance
    });
    services.len() < before
}
