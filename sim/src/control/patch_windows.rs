//! Maintenance windows in which biomedical engineering mends devices.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, LinkSpec, Provenance, RoleSpec, WindowSpec};
use crate::time::Duration;

/// When the first window opens, since the run began \[A\].
const FIRST: Duration = Duration::from_mins(30);
/// Time between one device and the next: engineers go from room to room \[A\].
const APART: Duration = Duration::from_mins(2);
/// Time after which a device that was busy is tried again \[A\].
const AGAIN: Duration = Duration::from_mins(10);
/// How long a device is down for it \[A\].
const DOWN: Duration = Duration::from_mins(3);

/// Maintenance windows for devices.
pub(super) struct PatchWindows;

static ENTRY: Entry = Entry {
    id: "patch-windows",
    title: "Patches of devices in maintenance windows",
    summary: "Gives every pump with a flaw of which the maker has released a patch, a radio that installs its key again among them, a maintenance window during the run: the first 30 min after its \
              beginning, the others two minutes apart. In its window an idle pump is restarted with the patch, which takes three minutes; a pump with a \
              programme is left alone and tried again after ten. Until then the flaw is open.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B section 6.2 [M-high]", "SP 800-53 MA-2, SI-2"],
};

impl Mechanism for PatchWindows {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "OPS-05",
            rank: Rank(Stage::Operations, 10),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let pump = |r: &RoleSpec| matches!(r, RoleSpec::Pump(_));
        let mut at = FIRST;
        let mut changed = false;
        for host in lab.hosts.iter_mut().filter(|h| h.roles.iter().any(pump)) {
            // Makers mended the flaw of radios that install keys again in 2017 and 2018 (ICSMA-18-114-01).
            let radio = matches!(&host.link, LinkSpec::Radio { supplicant, .. } if supplicant.reinstalls_keys);
            let mendable = radio || host.weaknesses.iter().any(|w| w.patch);
            if host.software.window.is_some() || !mendable {
                continue;
            }
            let window = WindowSpec {
                at,
                again: AGAIN,
                down: DOWN,
            };
            let what = format!("{} maintenance window", host.name);
            host.software.window = Some(ink.item(what, window));
            at += APART;
            changed = true;
        }
        Effect::if_any(
            changed,
            "no pump has a flaw that a released patch would mend",
        )
    }
}
