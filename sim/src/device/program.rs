//! Programs on a host: whether one may run, what the host does for others while its files cannot be read, and the mending of its flaws.

use super::host::Io;
use super::part::{Part, Sockets, parts_of};
use super::storage::Storage;
use crate::catalog::Entry;
use crate::crypto::{Key, Passphrase};
use crate::device::id;
use crate::engine::{NodeMut, RecordId};
use crate::event::LabEvent;
use crate::record::{MonitoringRecord, ProgramRecord, StorageRecord};
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

/// Every host runs programs.
pub(super) const PART: Part = Part {
    on: |_, _| Some(Sockets::default()),
    build: |site| {
        let host = site.host;
        let listed = |item: &Option<crate::spec::Item<Vec<String>>>| {
            item.as_ref().map(|i| (i.id, i.value.clone()))
        };
        let needed = host.files.iter().filter(|f| f.needed);
        let window = host.software.window.as_ref();
        site.insert(Software {
            allow_list: listed(&host.software.allow_list),
            known: listed(&host.software.anti_malware),
            needed: needed.map(|f| f.path.clone()).collect(),
            own: Passphrase::of(&host.name).key("storage"),
            running: None,
            stopped: false,
            window: window.map(|w| (w.id, w.value.clone())),
        });
        Ok(())
    },
    wipe: |node| {
        if let Some(software) = node.get_mut::<Software>() {
            software.running = None;
        }
    },
    ..Part::new(id::PROGRAMS)
};

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
    /// The host's own key for files at rest.
    pub own: Key,
    /// Family of the program that runs on the host and does not belong there.
    pub running: Option<String>,
    /// Whether the host's services have stopped for want of a file.
    pub stopped: bool,
    /// When staff mend its flaws; none once it is done.
    pub window: Option<(ItemId, WindowSpec)>,
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
            for part in parts_of(io.cx).filter(|p| p.needs_files) {
                io.network.stack.suspend(io.cx, part.id);
            }
            false
        }
        None if software.stopped => {
            software.stopped = false;
            io.cx.emit(StorageRecord::ServiceRestored);
            for part in parts_of(io.cx).filter(|p| p.needs_files) {
                io.network.stack.resume(io.cx, part.id);
            }
            true
        }
        _ => false,
    }
}
