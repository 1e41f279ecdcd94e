//! Programs on a host: whether one may run, what the host does for others while its files cannot be read, and the mending of its flaws.

use super::host::Io;
use super::pump_delivery::PumpDelivery;
use super::services::Storage;
use super::weakness::Weaknesses;
use crate::catalog::Entry;
use crate::crypto::Key;
use crate::engine::{NodeMut, RecordId};
use crate::event::{LabEvent, Owner};
use crate::net::host::Interface;
use crate::net::stack::App;
use crate::record::{HostRecord, MonitoringRecord, ProgramRecord, StorageRecord};
use crate::spec::{ItemId, WindowSpec};
use crate::time::Duration;
use crate::wire::file::Content;
use crate::wire::program::Program;
use bevy_ecs::component::Component;

/// What is said of the sensor.
pub static ALLOW_LIST: Entry = Entry::plain(
    "allow-list",
    "List of what may run",
    "Part of the host's own system: sees every program that is about to run on its host, stops what is not listed, and says so at once. Judges by \
         the list alone; what is listed runs, whoever wrote it.",
);

/// What is said of the sensor.
pub static ANTI_MALWARE: Entry = Entry::plain(
    "anti-malware",
    "Scanner on the host",
    "Sees every program that is about to run on its host, quarantines those of families that it has signatures of, and says so at once. \
         A family that nobody has seen before passes.",
);

/// Time from the double click to the first instruction \[A\].
const LOADING: Duration = Duration::from_secs(1);

/// What may run on a host, and what it must be able to read to serve others.
#[derive(Component, Clone, Debug)]
pub struct Software {
    /// Families that may run besides what the host came with, and the item of the list; every program may where there is none.
    pub allow_list: Option<(ItemId, Vec<String>)>,
    /// Families that the scanner knows, and its item.
    pub known: Option<(ItemId, Vec<String>)>,
    /// Paths of the files that the host's services need.
    pub needed: Vec<String>,
    /// Parts of the host that need them.
    pub apps: Vec<App>,
    /// The host's own key for files at rest.
    pub own: Key,
    /// Family of the program that runs on the host and does not belong there.
    pub running: Option<String>,
    /// Whether the host's services have stopped for want of a file.
    pub stopped: bool,
    /// When staff mend its flaws; none once it is done.
    pub window: Option<(ItemId, WindowSpec)>,
}

/// Switched on for the time that `boot` counts: waits for its maintenance window.
pub fn power_on(io: &mut Io<'_, '_>, node: &NodeMut<'_>, boot: u32) {
    let window = node.get::<Software>().and_then(|s| s.window.as_ref());
    if let Some((_, window)) = window {
        let wait = window.at - io.cx.now().since_start();
        let timer = LabEvent::Timer {
            owner: Owner::Software,
            boot,
            token: 0,
        };
        let own = io.cx.node();
        io.cx.after(wait, own, timer);
    }
}

/// The maintenance window is open: flaws with a patch are mended and the host is restarted, unless it is a pump that infuses.
pub fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    let Some((item, window)) = node.get::<Software>().and_then(|s| s.window.clone()) else {
        return;
    };
    if node
        .get::<PumpDelivery>()
        .is_some_and(|p| p.is_infusing() || p.delivery().current_programme().is_some())
    {
        io.cx.emit(HostRecord::WindowPostponed { item });
        io.timer(Owner::Software, window.again, 0);
        return;
    }
    if let Some(software) = node.get_mut::<Software>() {
        software.window = None;
    }
    let mended = node.get_mut::<Weaknesses>().map(Weaknesses::mend);
    let mut mended = mended.unwrap_or_default();
    if let Interface::Radio(wireless) = &mut io.network.interface
        && wireless.supplicant.mend()
    {
        mended.push("key-reinstallation".to_owned());
    }
    if mended.is_empty() {
        return;
    }
    for flaw in mended {
        let name = flaw.clone();
        let record = io.cx.emit(HostRecord::PatchApplied { flaw, item });
        if let Some(weaknesses) = node.get_mut::<Weaknesses>() {
            weaknesses.remember(name, item, record);
        }
    }
    let own = io.cx.node();
    io.cx.after(Duration::ZERO, own, LabEvent::Power(false));
    io.cx.after(window.down, own, LabEvent::Power(true));
}

/// A host is to run a program. Whether it does; `because` names the records that led to it.
pub fn execute(
    io: &mut Io<'_, '_>,
    node: &mut NodeMut<'_>,
    program: &Program,
    because: &[RecordId],
) -> bool {
    let Some(software) = node.get_mut::<Software>() else {
        return false;
    };
    // A second copy sees that the first one runs, and ends.
    if software.running.is_some() {
        return false;
    }
    let family = program.family.clone();
    let unlisted =
        |(item, list): &(ItemId, Vec<String>)| (!list.contains(&family)).then_some(*item);
    let known = |(item, list): &(ItemId, Vec<String>)| list.contains(&family).then_some(*item);
    let by_scanner = software.known.as_ref().and_then(known);
    let by_list = software.allow_list.as_ref().and_then(unlisted);
    if let Some(item) = by_scanner.or(by_list) {
        let known = by_scanner.is_some();
        let blocked = ProgramRecord::ProgramBlocked {
            family: family.clone(),
            known,
            item,
        };
        let record = io.cx.emit_because(blocked, because);
        let (sensor, how) = if known {
            (ANTI_MALWARE.id, "quarantined a known program")
        } else {
            (ALLOW_LIST.id, "kept an unlisted program from running")
        };
        let about = format!("{how}: {family}");
        io.cx.emit_because(
            MonitoringRecord::Alert {
                sensor,
                item,
                about,
            },
            &[record],
        );
        return false;
    }
    software.running = Some(family.clone());
    let author = program.author.clone();
    io.cx
        .emit_because(ProgramRecord::ProgramStarted { family, author }, because);
    let node = io.cx.node();
    io.cx
        .after(LOADING, node, LabEvent::Launch(Box::new(program.clone())));
    true
}

/// Looks whether the host can still read what its services need: stops them where it cannot, starts them again where it can.
/// Whether they are to be started afresh.
pub fn settle(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) -> bool {
    let Some((software, storage)) = node.pair_mut::<Software, Storage>() else {
        return false;
    };
    if !storage.take_touched() || software.needed.is_empty() {
        return false;
    }
    let readable = |path: &&String| match storage.file(path).map(|f| &f.content) {
        None => false,
        Some(Content::Sealed(sealed)) => sealed.open(&software.own).is_some(),
        Some(_) => true,
    };
    let lost = software.needed.iter().find(|p| !readable(p)).cloned();
    match lost {
        Some(path) if !software.stopped => {
            software.stopped = true;
            io.cx.emit(StorageRecord::ServiceStopped { path });
            for app in software.apps.clone() {
                io.network.stack.suspend(io.cx, app);
            }
            false
        }
        None if software.stopped => {
            software.stopped = false;
            io.cx.emit(StorageRecord::ServiceRestored);
            for app in software.apps.clone() {
                io.network.stack.resume(io.cx, app);
            }
            true
        }
        _ => false,
    }
}
