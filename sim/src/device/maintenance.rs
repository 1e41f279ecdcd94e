//! Maintenance windows: vulnerabilities with a released patch are mended in them, and the host is restarted.

use super::host::Io;
use super::id;
use super::part::{Part, Sockets};
use super::program::Software;
use super::pump_delivery::PumpDelivery;
use super::weakness::Weaknesses;
use crate::engine::NodeMut;
use crate::event::{LabEvent, Vitals};
use crate::net::host::Interface;
use crate::record::HostRecord;
use crate::time::Duration;

/// A host with a maintenance window.
pub(super) const PART: Part = Part {
    on: |_, host| host.software.window.as_ref().map(|_| Sockets::default()),
    on_timer: |io, node, _| on_timer(io, node),
    power_on: |io, node| {
        let boot = node.get::<Vitals>().map_or(0, |v| v.boots);
        power_on(io, node, boot);
    },
    restarts: true,
    ..Part::new(id::MAINTENANCE)
};

/// Switched on for the time that `boot` counts: waits for its maintenance window.
fn power_on(io: &mut Io<'_, '_>, node: &NodeMut<'_>, boot: u32) {
    let window = node.get::<Software>().and_then(|s| s.window.as_ref());
    if let Some((_, window)) = window {
        let wait = window.at - io.cx.now().since_start();
        let timer = LabEvent::Timer {
            owner: id::MAINTENANCE,
            boot,
            token: 0,
        };
        let own = io.cx.node();
        io.cx.after(wait, own, timer);
    }
}

/// The maintenance window is open: flaws with a patch are mended and the host is restarted, unless it is a pump that infuses.
fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    let Some((item, window)) = node.get::<Software>().and_then(|s| s.window.clone()) else {
        return;
    };
    if node
        .get::<PumpDelivery>()
        .is_some_and(|p| p.is_infusing() || p.delivery().current_programme().is_some())
    {
        io.cx.emit(HostRecord::WindowPostponed { item });
        io.timer(id::MAINTENANCE, window.again, 0);
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
