//! Scenario events that are about a host: those about the host as a whole, and the way to the part that another is for.

use super::credentials::credentials;
use super::host::Io;
use super::part::parts_of;
use super::program::Software;
use super::storage::Storage;
use crate::engine::NodeMut;
use crate::event::LabEvent;
use crate::net::host::Interface;
use crate::record::{HostRecord, SessionRecord};
use crate::spec::{HappeningSpec, HostSpec};
use crate::time::Duration;

/// The scenario event of this number is about the host.
pub(super) fn on_event(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, n: u32) {
    let shared = io.cx.shared();
    let Some(event) = shared.play.events.get(n as usize) else {
        return;
    };
    match &event.what {
        HappeningSpec::RenewCertificate { host } => {
            if let Some(host) = shared.lab.host(host) {
                renew(io, node, host.clone());
            }
        }
        HappeningSpec::ClockSkew { seconds, .. } => {
            io.network.clock_skew = *seconds;
            io.cx.emit(HostRecord::ClockSkewed { seconds: *seconds });
        }
        HappeningSpec::Restore { host, takes } if shared.names[io.cx.node().index()] == *host => {
            rebuild(io, node, *takes);
        }
        what => {
            for part in parts_of(io.cx) {
                if (part.on_scenario_event)(io, node, n, what) {
                    return;
                }
            }
        }
    }
}

/// Staff rebuild a host whose files are encrypted or gone; its copies are given back when it runs again.
fn rebuild(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, takes: Duration) {
    let stopped = node.get::<Software>().is_some_and(|s| s.stopped);
    let sealed = node.get::<Storage>().is_some_and(Storage::has_sealed);
    if !stopped && !sealed {
        return;
    }
    io.cx.emit(HostRecord::Rebuilt);
    for part in parts_of(io.cx) {
        (part.wipe)(node);
    }
    let own = io.cx.node();
    io.cx.after(Duration::ZERO, own, LabEvent::Power(false));
    io.cx.after(takes, own, LabEvent::Power(true));
}

/// A new certificate for the same key, valid for two years from now.
fn renew(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, mut host: HostSpec) {
    const SECONDS: u64 = 730 * 86_400;
    /// Added to the serial number that the lab gave: what is revoked there is not revoked here.
    const SERIALS: u32 = 100_000;
    let now = io.calendar();
    let Some(certificate) = &mut host.certificate else {
        return;
    };
    let value = &mut certificate.value;
    (value.not_before, value.not_after) = (now, now + SECONDS);
    value.serial += SERIALS;
    let subject = value.subject.clone();
    let credentials = credentials(&host, &io.cx.shared().costs);
    if let Interface::Radio(wireless) = &mut io.network.interface
        && wireless.supplicant.is_enrolled()
    {
        wireless.supplicant.enrol(credentials.clone());
    }
    for part in parts_of(io.cx) {
        (part.renew)(node, &credentials);
    }
    io.cx.emit(SessionRecord::CertificateRenewed { subject });
}
