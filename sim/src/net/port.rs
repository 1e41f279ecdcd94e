//! The attacker's hands: the only way from attack code into the world.
//!
//! [`Hands`] lets it use the sockets of the host it holds, the radio it owns and the doors it stands at, and hands back only what came in through
//! them. The world itself is private to this module.

mod path;
mod radio;

use super::host::{Interface, Network};
use super::stack::Listener;
pub use super::stack::{SocketEvent, StreamId};
use crate::crypto::Passphrase;
use crate::engine::{NodeId, RecordId};
use crate::event::{CaseStage, CaseWork, Cx, LabEvent, PartId};
pub use crate::event::{Shown, Touch};
use crate::net::part;
use crate::proto::tls::Credentials;
use crate::proto::tls::session::{Session, SessionEvent};
use crate::proto::wlan::supplicant::KnownNetwork;
use crate::record::{AttackRecord, LabRecord, StorageRecord};
use crate::rng::{Purpose, Stream};
use crate::time::{Duration, Time};
use crate::wire::file::{Content, File, FileInfo};
use crate::wire::image::{Image, Load};
use crate::wire::tls::Tls;
use crate::wire::{Arp, Body, Frame, Ip, Mac, Message};
use bevy_ecs::component::Component;
pub use radio::{
    Handshake, Overheard, message, overhear, records, searched_in_vain, stand_on_offer,
};

/// Time to dial in a programme \[A\].
const DIALLING: Duration = Duration::from_secs(30);
/// Time to press a key or two \[A\].
const PRESSING: Duration = Duration::from_secs(3);
/// Time to plug in a stick, or to begin a transfer by cable \[A\].
const PLUGGING: Duration = Duration::from_secs(10);

/// A door that an attacker stands at: a device that it has in hand, stands next to, or is connected to by cable.
#[derive(Clone, Debug)]
pub struct Door {
    /// The device's name.
    pub device: String,
    node: NodeId,
    way: Way,
}

/// How an attacker is at a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Has it in hand, far from where it belongs.
    InHand,
    /// Stands next to it.
    Bedside,
    /// Has a cable to its local port.
    Cable,
}

/// Cables from this host to the local ports of pumps: doors for whoever holds the host.
#[derive(Component, Clone, Debug, Default)]
pub struct Cables(Vec<Door>);

impl Cables {
    /// The doors that cables make.
    #[must_use]
    pub fn doors(&self) -> &[Door] {
        &self.0
    }

    /// A cable to this pump is plugged in or taken out.
    pub fn plug(&mut self, pump: String, node: NodeId, on: bool) {
        self.0.retain(|d| d.node != node);
        if on {
            self.0.push(Door {
                device: pump,
                node,
                way: Way::Cable,
            });
        }
    }
}

/// A reminder of how something was learned: what is done with it later points back to it.
#[derive(Clone, Copy, Debug)]
pub struct Taught(RecordId);

/// What came in through the attacker's hands.
#[derive(Clone, Debug)]
pub enum Input {
    /// The step begins.
    Begin,
    /// A socket has something to tell.
    Socket(SocketEvent),
    /// An opened device's storage.
    Contents(Vec<File>),
    /// What a pump shows.
    Shown(Shown),
    /// A cable leads to a pump from now on.
    Cabled,
    /// A timer of the step is due.
    Timer(u32),
    /// The listening radio heard a frame.
    Overheard(Box<Overheard>),
    /// A search for a passphrase ended: with what fits, or with nothing.
    Guessed(Option<Passphrase>),
}

/// The files of a host, as whoever runs a program on it finds them.
pub trait Disk: std::fmt::Debug {
    /// What there is.
    fn list(&self) -> Vec<FileInfo>;
    /// A file.
    fn read(&self, path: &str) -> Option<File>;
    /// Writes a file; whether there was room.
    fn write(&mut self, file: File) -> bool;
    /// Removes a file; whether it was there.
    fn remove(&mut self, path: &str) -> bool;
}

/// What an attacker can do.
#[derive(Debug)]
pub struct Hands<'a, 'c> {
    cx: &'a mut Cx<'c>,
    network: &'a mut Network,
    doors: &'a [Door],
    disk: Option<&'a mut (dyn Disk + 'static)>,
    app: PartId,
    because: Vec<RecordId>,
    /// The record of the beginning of the step under way.
    began: Option<RecordId>,
    /// Whether somebody else's doing brought what is handled now.
    unasked: bool,
    acted: bool,
    step: u32,
    journal: Option<&'a mut Vec<String>>,
}

impl Input {
    /// Whether somebody else's doing brought it, rather than the attacker's own.
    #[must_use]
    pub fn is_unasked(&self) -> bool {
        match self {
            Self::Socket(event) => matches!(
                event,
                SocketEvent::Accepted { .. }
                    | SocketEvent::Message { .. }
                    | SocketEvent::Datagram { .. }
                    | SocketEvent::Passing(_)
            ),
            Self::Cabled | Self::Overheard(_) => true,
            Self::Begin
            | Self::Contents(_)
            | Self::Shown(_)
            | Self::Timer(_)
            | Self::Guessed(_) => false,
        }
    }
}

impl Door {
    /// A door at this device.
    #[must_use]
    pub fn new(device: String, node: NodeId) -> Self {
        Self {
            device,
            node,
            way: Way::InHand,
        }
    }

    /// The door of somebody who stands next to this device.
    #[must_use]
    pub fn at_bedside(device: String, node: NodeId) -> Self {
        Self {
            device,
            node,
            way: Way::Bedside,
        }
    }
}

impl<'a, 'c> Hands<'a, 'c> {
    /// Hands of the attacker that holds this host; `step` is the number of the step under way.
    pub(crate) fn new(
        cx: &'a mut Cx<'c>,
        network: &'a mut Network,
        doors: &'a [Door],
        step: u32,
        journal: Option<&'a mut Vec<String>>,
    ) -> Self {
        Self {
            cx,
            network,
            doors,
            disk: None,
            app: part::ATTACKER,
            because: Vec::new(),
            began: None,
            unasked: false,
            acted: false,
            step,
            journal,
        }
    }

    /// The same with the files of the held host.
    pub(crate) fn with_disk(mut self, disk: Option<&'a mut (dyn Disk + 'static)>) -> Self {
        self.disk = disk;
        self
    }

    /// The same as a program on the held host, with sockets and timers of its own.
    pub(crate) fn of_program(mut self) -> Self {
        self.app = part::IMPLANT;
        self
    }

    /// Writes down what the attacker does, where a journal is kept.
    fn did(&mut self, what: impl FnOnce() -> String) {
        self.acted = true;
        if let Some(journal) = &mut self.journal {
            journal.push(format!("did: {}", what()));
        }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.cx.now()
    }

    /// Own luck for a purpose.
    #[must_use]
    pub fn luck(&self, purpose: Purpose, counter: u64) -> Stream {
        self.cx.stream(purpose, counter)
    }

    /// Own address, once there is one.
    #[must_use]
    pub fn ip(&self) -> Option<Ip> {
        self.network.stack.ip()
    }

    /// Own gateway.
    #[must_use]
    pub fn gateway(&self) -> Option<Ip> {
        self.network.stack.address().and_then(|a| a.gateway)
    }

    /// Whether an address is on the own segment, by the own configuration.
    #[must_use]
    pub fn on_link(&self, ip: Ip) -> bool {
        self.network
            .stack
            .address()
            .is_some_and(|a| a.net.contains(ip))
    }

    /// Network that the own radio is joined to.
    #[must_use]
    pub fn joined(&self) -> Option<&str> {
        match &self.network.interface {
            Interface::Radio(w) => w.supplicant.joined(),
            _ => None,
        }
    }

    /// Looks a name up.
    pub fn resolve(&mut self, query: u32, name: &str) {
        self.did(|| format!("ask for {name}"));
        self.network.stack.resolve(self.cx, self.app, query, name);
    }

    /// Opens a stream.
    pub fn connect(&mut self, ip: Ip, port: u16) -> StreamId {
        self.did(|| format!("connect to {ip} port {port}"));
        self.network.stack.connect(self.cx, self.app, (ip, port))
    }

    /// Sends on a stream.
    pub fn send(&mut self, stream: StreamId, message: Message) {
        self.did(|| format!("send {message:?}"));
        self.network.stack.send(self.cx, stream, message);
    }

    /// Nothing to show and nothing to check in a TLS handshake; flights have the lengths that software gives them here.
    #[must_use]
    pub fn without_certificate(&self) -> Credentials {
        Credentials::with_nothing(&self.cx.shared().costs)
    }

    /// Opens what came on a protected session of the own. What is read in it is noted, as it is where messages come in clear.
    pub fn unwrap(
        &mut self,
        session: &mut Session,
        message: &Tls<Message>,
    ) -> Option<SessionEvent> {
        let at = self.cx.shared().calendar_at(self.cx.now());
        session.handle_message(at, message);
        let event = session.poll_event();
        if let Some(SessionEvent::Said(said)) = &event {
            let (records, by) = (said.readable_records(), said.protocol());
            if records > 0 {
                self.cx.emit(StorageRecord::RecordsHeld { records, by });
            }
            if let Some(journal) = &mut self.journal {
                journal.push(format!("saw: {said:?}"));
            }
        }
        event
    }

    /// Closes a stream.
    pub fn close(&mut self, stream: StreamId) {
        self.did(|| "close".to_owned());
        self.network.stack.close(self.cx, stream);
    }

    /// Listens on a port.
    pub fn listen(&mut self, port: u16) {
        self.did(|| format!("listen on {port}"));
        let because = self.began;
        let listener = Listener::of_role(port, self.app);
        let listener = Listener {
            because,
            ..listener
        };
        self.network.stack.listen(self.cx, listener);
    }

    /// Takes datagrams to a port.
    pub fn bind(&mut self, port: u16) {
        self.did(|| format!("take datagrams to {port}"));
        self.network.stack.bind(port, self.app);
    }

    /// Sends a datagram that claims to come from this address and port.
    pub fn datagram_as(&mut self, from: (Ip, u16), to: (Ip, u16), message: Message) {
        self.did(|| format!("send as {} port {} {message:?}", from.0, from.1));
        self.network.stack.datagram_as(self.cx, from, to, message);
    }

    /// The name server that the own lease names.
    #[must_use]
    pub fn dns(&self) -> Option<Ip> {
        self.network.stack.address().and_then(|a| a.dns)
    }

    /// Answers for an address that is somebody else's, and says so to everybody on the segment.
    pub fn impersonate(&mut self, ip: Ip) {
        self.did(|| format!("claim {ip}"));
        self.network.stack.claim(ip);
        self.announce(ip);
    }

    /// Says to everybody on the segment that an address is here, without accepting traffic for it.
    pub fn announce(&mut self, ip: Ip) {
        self.did(|| format!("announce {ip}"));
        let mac = self.network.stack.mac();
        let arp = Arp {
            reply: true,
            sender_mac: mac,
            sender_ip: ip,
            target_ip: ip,
        };
        self.network.stack.send_frame(Frame {
            src: mac,
            dst: Mac::BROADCAST,
            body: Body::Arp(arp),
        });
    }

    /// Joins a wireless network with the own radio.
    pub fn join(&mut self, network: KnownNetwork) {
        self.did(|| format!("join {} as {:?}", network.ssid, network.akm));
        self.network.with_station(self.cx, |station, now, _| {
            station.know(network);
            station.handle_power_on(now);
        });
    }

    /// Opens a device that is in hand. Whether it is; its contents come as [`Input::Contents`].
    pub fn open_case(&mut self, device: &str) -> bool {
        self.did(|| format!("open {device}"));
        self.work_at(device, CaseWork::Read)
    }

    /// Opens a device and writes its flash memory. Whether it is within reach; that it is done comes as [`Input::Shown`].
    pub fn write_flash(&mut self, device: &str, image: Image) -> bool {
        self.did(|| format!("write the flash of {device}"));
        self.work_at(device, CaseWork::Flash(image))
    }

    fn work_at(&mut self, device: &str, work: CaseWork) -> bool {
        let Some(node) = self.door(device, &[Way::InHand, Way::Bedside]) else {
            return false;
        };
        let (by, stage, work) = (self.cx.node(), CaseStage::Begin, Box::new(work));
        let event = LabEvent::Case { by, stage, work };
        self.cx.after(Duration::ZERO, node, event);
        true
    }

    fn door(&self, device: &str, ways: &[Way]) -> Option<NodeId> {
        let fits = |d: &&Door| d.device == device && ways.contains(&d.way);
        self.doors.iter().find(fits).map(|d| d.node)
    }

    /// Lays a hand on a pump that it stands next to. Whether it does; what the pump shows comes as [`Input::Shown`].
    pub fn touch(&mut self, device: &str, touch: Touch) -> bool {
        self.did(|| format!("touch {device}: {touch:?}"));
        let Some(node) = self.door(device, &[Way::Bedside]) else {
            return false;
        };
        let takes = match touch {
            Touch::Programme { .. } | Touch::Dial { .. } => DIALLING,
            _ => PRESSING,
        };
        let (by, touch) = (self.cx.node(), Box::new(touch));
        self.cx.after(takes, node, LabEvent::Touch { by, touch });
        true
    }

    /// Brings something to the local port of a pump that it stands next to or has a cable to. Whether it can; what became of it comes as
    /// [`Input::Shown`].
    pub fn plug(&mut self, device: &str, load: Load) -> bool {
        self.did(|| format!("plug into {device}: {load:?}"));
        let Some(node) = self.door(device, &[Way::Bedside, Way::Cable]) else {
            return false;
        };
        let (by, load) = (self.cx.node(), Box::new(load));
        self.cx.after(PLUGGING, node, LabEvent::Plug { by, load });
        true
    }

    /// The files of the held host.
    #[must_use]
    pub fn files(&self) -> Vec<FileInfo> {
        self.disk.as_ref().map_or_else(Vec::new, |d| d.list())
    }

    /// Reads a file of the held host.
    pub fn read_file(&mut self, path: &str) -> Option<File> {
        self.did(|| format!("read {path}"));
        self.disk.as_ref().and_then(|d| d.read(path))
    }

    /// Writes a file on the held host; whether there was room.
    pub fn write_file(&mut self, file: File) -> bool {
        self.did(|| format!("write {}", file.path));
        let (path, sealed) = (
            file.path.clone(),
            matches!(file.content, Content::Sealed(_)),
        );
        let written = self.disk.as_mut().is_some_and(|d| d.write(file));
        if written && sealed {
            self.tell(StorageRecord::FileEncrypted { path, by: None });
        }
        written
    }

    /// Destroys a file of the held host; whether it was there.
    pub fn destroy_file(&mut self, path: &str) -> bool {
        self.did(|| format!("destroy {path}"));
        let gone = self.disk.as_mut().is_some_and(|d| d.remove(path));
        if gone {
            let path = path.to_owned();
            self.tell(StorageRecord::FileDestroyed { path, by: None });
        }
        gone
    }

    /// Own address with the length of the own segment's prefix.
    #[must_use]
    pub fn own_net(&self) -> Option<crate::wire::Cidr> {
        self.network.stack.address().map(|a| a.net)
    }

    /// Sets a timer of the step.
    pub fn timer(&mut self, after: Duration, token: u32) {
        self.did(|| format!("wait {after}"));
        let boot = self.network.boot;
        let owner = self.app;
        let token = u64::from(self.step) << 32 | u64::from(token);
        self.cx.after(
            after,
            self.cx.node(),
            LabEvent::Timer { owner, boot, token },
        );
    }

    /// Sets the timer with which another step begins.
    pub(crate) fn begin_next(&mut self, after: Duration, step: u32, token: u32) {
        self.step = step;
        self.timer(after, token);
    }

    /// The step that this began is under way; `unasked` is whether what comes in now has its cause elsewhere, so that without the step nothing
    /// would come of it.
    pub(crate) fn during(&mut self, began: Option<Taught>, unasked: bool) {
        self.began = began.map(|t| t.0);
        self.unasked = unasked;
    }

    /// What is noted next needed this: what was used, and for what came unasked the step that waited for it.
    fn needed(&mut self) -> Vec<RecordId> {
        let mut because = std::mem::take(&mut self.because);
        because.extend(self.began.filter(|_| self.unasked));
        because
    }

    /// Notes that something was learned.
    pub fn learned(&mut self, what: &'static str) -> Taught {
        let because = self.needed();
        Taught(
            self.cx
                .emit_because(AttackRecord::Learned { what }, &because),
        )
    }

    /// Notes that what comes next uses something learned before.
    pub fn uses(&mut self, taught: Taught) {
        self.because.push(taught.0);
    }

    /// Notes that a step begins.
    pub(crate) fn began(&mut self, step: u32, technique: &'static str) -> Taught {
        let record = self.cx.emit(AttackRecord::StepStarted { step, technique });
        self.began = Some(record);
        Taught(record)
    }

    /// Notes that the step was why something that came unasked was answered, if it was.
    pub(crate) fn answered(&mut self, step: u32, began: Taught) {
        if self.acted {
            self.cx
                .emit_because(AttackRecord::Answered { step }, &[began.0]);
        }
    }

    pub(crate) fn tell(&mut self, record: impl Into<LabRecord>) {
        let because = self.needed();
        self.cx.emit_because(record, &because);
    }
}
