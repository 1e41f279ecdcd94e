//! A host's network as a node carries it: stack, interface, and what a part of a host may do with them.

use super::stack::{Outgoing, Stack, StreamId};
use crate::engine::{NodeId, RecordId};
use crate::event::{AirCommand, Cx, LabEvent, PartId};
use crate::net::part;
use crate::proto::wlan::supplicant::{RadioCommand, Supplicant, SupplicantConfig, SupplicantEvent};
use crate::record::{DropReason, NetworkRecord, WirelessRecord};
use crate::rng::{Purpose, Stream};
use crate::spec::ItemId;
use crate::time::{Duration, Time};
use crate::wire::syslog::{LogKind, PORT as SYSLOG_PORT, Syslog};
use crate::wire::{Ip, Message};
use bevy_ecs::component::Component;

/// Delay of a cable.
const CABLE: Duration = Duration::from_micros(5);
const STATION: Purpose = Purpose::new("802.11 station");

/// A host's interface.
#[derive(Clone, Debug)]
pub enum Interface {
    /// On a cable.
    Wired {
        /// Segment.
        segment: NodeId,
        /// Socket on it.
        socket: u16,
    },
    /// By radio.
    Radio(Box<WirelessInterface>),
    /// None.
    None,
}

/// Configuration items of a network that a station knows: what a record names when they decide.
#[derive(Clone, Copy, Debug)]
pub struct NetworkItems {
    /// Protection of management frames; none where no access point of the lab offers the network.
    pub pmf: Option<ItemId>,
    /// Authentication.
    pub akm: ItemId,
}

/// A station and what its host knows of its networks.
#[derive(Clone, Debug)]
pub struct WirelessInterface {
    /// The protocol's end.
    pub supplicant: Supplicant,
    /// Items of the configured networks.
    items: Vec<NetworkItems>,
    /// Number of the last deadline for which a timer was set.
    timed: u64,
}

impl WirelessInterface {
    /// A station that is off. `items` are those of its configured networks, by their number.
    #[must_use]
    pub fn new(config: SupplicantConfig, items: Vec<NetworkItems>) -> Self {
        Self {
            supplicant: Supplicant::new(config),
            items,
            timed: 0,
        }
    }

    fn items(&self, configured: Option<usize>) -> Option<NetworkItems> {
        self.items.get(configured?).copied()
    }
}

/// How far a communicating part that stopped has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// It works again once it is started.
    UntilStarted,
    /// It is broken: switching it off and on does not mend it.
    ForGood,
}

/// Stack and interface, taken out of the node while an event is handled.
#[derive(Clone, Debug)]
pub struct Network {
    /// Stack.
    pub stack: Stack,
    /// Interface.
    pub interface: Interface,
    /// Life of the host.
    pub boot: u32,
    /// Why the communicating part of the host does nothing, if it has stopped.
    pub down: Option<Down>,
    /// Collector of the host's logs.
    log_to: Option<Ip>,
    /// The record of why the radio hears every frame on its channel for whoever holds the host, while it does.
    pub monitoring: Option<RecordId>,
    /// By how many seconds the host's clock differs from the calendar.
    pub clock_skew: i64,
    exchanges: u64,
    /// The life in which the station began to look for a network that it is not on yet, and the record of that.
    joining: Option<(u32, RecordId)>,
}

/// The host's network as a component.
#[derive(Component, Clone, Debug)]
pub struct Host(Option<Box<Network>>);

impl Host {
    /// A host with this stack and interface.
    #[must_use]
    pub fn new(stack: Stack, interface: Interface) -> Self {
        Self(Some(Box::new(Network {
            stack,
            interface,
            boot: 0,
            down: None,
            log_to: None,
            monitoring: None,
            clock_skew: 0,
            exchanges: 0,
            joining: None,
        })))
    }

    /// The host sends its logs to this collector.
    #[must_use]
    pub fn logging_to(mut self, collector: Option<Ip>) -> Self {
        if let Some(network) = &mut self.0 {
            network.log_to = collector;
        }
        self
    }

    /// Takes the network out while an event is handled; none where it has failed or is out already.
    pub fn take(&mut self) -> Option<Box<Network>> {
        self.0.take_if(|n| n.down.is_none())
    }

    /// Puts the network back.
    pub fn put(&mut self, network: Box<Network>) {
        self.0 = Some(network);
    }

    /// Whether the communicating part has stopped.
    #[must_use]
    pub fn down(&self) -> Option<Down> {
        self.0.as_ref().and_then(|n| n.down)
    }

    /// Lets a communicating part that has stopped start again, unless it is broken.
    pub fn revive(&mut self) {
        if let Some(network) = &mut self.0
            && network.down == Some(Down::UntilStarted)
        {
            network.down = None;
        }
    }

    /// The network part, for inspection.
    #[must_use]
    pub fn network(&self) -> Option<&Network> {
        self.0.as_deref()
    }
}

/// What a part of a host sees while it handles an event: the context and the host's network.
#[derive(Debug)]
pub struct Io<'a, 'c> {
    /// Context of the event.
    pub cx: &'a mut Cx<'c>,
    /// The host's network.
    pub network: &'a mut Network,
}

impl Io<'_, '_> {
    /// Calendar second by the host's own clock.
    #[must_use]
    pub fn calendar(&self) -> u64 {
        let at = self.cx.shared().calendar_at(self.cx.now());
        at.saturating_add_signed(self.network.clock_skew)
    }

    /// How a stream is protected that runs outside of the simulation; none for the others.
    #[must_use]
    pub fn channel(&self, stream: StreamId) -> Option<crate::proto::tls::Channel> {
        self.network.stack.channel(stream)
    }

    /// Opens a stream for `app`.
    pub fn connect(&mut self, app: PartId, peer: (Ip, u16)) -> StreamId {
        self.network.stack.connect(self.cx, app, peer)
    }

    /// Sends on a stream.
    pub fn send(&mut self, stream: StreamId, message: Message) {
        self.network.stack.send(self.cx, stream, message);
    }

    /// Closes a stream.
    pub fn close(&mut self, stream: StreamId) {
        self.network.stack.close(self.cx, stream);
    }

    /// Sends a datagram.
    pub fn datagram(&mut self, sport: u16, to: (Ip, u16), message: Message) {
        self.network.stack.datagram(self.cx, sport, to, message);
    }

    /// Reports something to the log collector, if the host has one.
    pub fn log(&mut self, kind: LogKind, about: Option<Ip>, port: u16) {
        if let Some(collector) = self.network.log_to {
            let line = Message::Syslog(Syslog { kind, about, port });
            self.datagram(SYSLOG_PORT, (collector, SYSLOG_PORT), line);
        }
    }

    /// Looks a name up for `app`.
    pub fn resolve(&mut self, app: PartId, query: u32, name: &str) {
        self.network.stack.resolve(self.cx, app, query, name);
    }

    /// Sets a timer of this host.
    pub fn timer(&mut self, owner: PartId, after: Duration, token: u64) -> crate::engine::EventId {
        let boot = self.network.boot;
        self.cx.after(
            after,
            self.cx.node(),
            LabEvent::Timer { owner, boot, token },
        )
    }

    /// Sets a timer whose cause is another event than this one: what started a repetition, not its last turn.
    pub fn timer_caused(
        &mut self,
        owner: PartId,
        after: Duration,
        token: u64,
        cause: crate::engine::Cause,
    ) -> crate::engine::EventId {
        let (boot, node, at) = (self.network.boot, self.cx.node(), self.cx.now() + after);
        self.cx
            .at_caused(at, node, LabEvent::Timer { owner, boot, token }, cause)
    }

    /// The other end's address.
    #[must_use]
    pub fn peer(&self, stream: StreamId) -> Ip {
        self.network
            .stack
            .peer(stream)
            .map_or(Ip::UNSPECIFIED, |p| p.0)
    }
}

impl Network {
    /// Passes on what comes of the station: to the host, to the radio and to its timer.
    fn follow_station(&mut self, cx: &mut Cx<'_>) {
        while let Interface::Radio(wireless) = &mut self.interface
            && let Some(event) = wireless.supplicant.poll_event()
        {
            self.station_says(cx, event);
        }
        let Interface::Radio(wireless) = &mut self.interface else {
            return;
        };
        let (from, air) = (cx.node(), cx.shared().air);
        while let Some(command) = wireless.supplicant.poll_transmit() {
            let event = match command {
                RadioCommand::Send(frame) => {
                    let frame = Box::new(frame);
                    LabEvent::Transmit { from, frame }
                }
                RadioCommand::Tune(channel, watch) => {
                    let command = AirCommand::Tune { channel, watch };
                    LabEvent::Air { from, command }
                }
            };
            cx.after(Duration::ZERO, air, event);
        }
        if let Some((at, token)) = wireless.supplicant.poll_timeout()
            && token != wireless.timed
        {
            wireless.timed = token;
            let (owner, boot) = (part::STATION, self.boot);
            cx.at(at, from, LabEvent::Timer { owner, boot, token });
        }
    }

    /// Takes in what the station tells, and remembers since when it looks for a network: attempts that follow descend from the first.
    fn station_says(&mut self, cx: &mut Cx<'_>, event: SupplicantEvent) {
        let items = |configured| match &self.interface {
            Interface::Radio(wireless) => wireless.items(configured),
            _ => None,
        };
        match event {
            SupplicantEvent::JoinStarted { ssid } => {
                let id = cx.emit(WirelessRecord::JoinStarted { ssid });
                if self.joining.is_none_or(|(boot, _)| boot != self.boot) {
                    self.joining = Some((self.boot, id));
                }
            }
            SupplicantEvent::JoinFailed { ssid, stage, why } => {
                cx.emit(WirelessRecord::JoinFailed { ssid, stage, why });
            }
            SupplicantEvent::Joined { ssid, bssid, took } => {
                cx.emit(WirelessRecord::Joined { ssid, bssid, took });
                self.joining = None;
            }
            SupplicantEvent::Disconnected { reason } => {
                cx.emit(WirelessRecord::Disconnected { reason });
            }
            SupplicantEvent::OfferDeclined {
                ssid,
                bssid,
                configured,
            } => {
                let item = items(configured).map(|i| i.akm);
                cx.emit(WirelessRecord::OfferDeclined { ssid, bssid, item });
            }
            SupplicantEvent::Unprotected { configured } => {
                if let Some(item) = items(configured).and_then(|i| i.pmf) {
                    let why = DropReason::UnprotectedManagement(item);
                    cx.emit(NetworkRecord::Dropped { why, flow: None });
                }
            }
            SupplicantEvent::LinkUp { new_network } => {
                if new_network {
                    self.stack.link_down(cx, true);
                }
                self.stack.link_up(cx);
            }
            SupplicantEvent::LinkDown => self.stack.link_down(cx, false),
            SupplicantEvent::Data(frame) => self.stack.on_frame(cx, frame),
        }
    }

    /// The record of the beginning of a search for a network that has found none yet.
    #[must_use]
    pub fn network_sought(&self) -> Option<RecordId> {
        self.joining.map(|(_, id)| id)
    }

    /// Lets the station act, if the interface is one.
    pub fn with_station(
        &mut self,
        cx: &mut Cx<'_>,
        act: impl FnOnce(&mut Supplicant, Time, &mut Stream),
    ) {
        let Interface::Radio(wireless) = &mut self.interface else {
            return;
        };
        self.exchanges += 1;
        let attempt = u64::from(wireless.supplicant.attempt());
        let mut rng = cx.stream(STATION, attempt << 16 | self.exchanges & 0xFFFF);
        act(&mut wireless.supplicant, cx.now(), &mut rng);
        self.follow_station(cx);
    }

    /// Sends what the stack has to send.
    pub fn transmit(&mut self, cx: &mut Cx<'_>) {
        if !self.stack.has_frames() {
            return;
        }
        for outgoing in self.stack.drain_frames() {
            self.transmit_one(cx, outgoing);
        }
    }

    fn transmit_one(&mut self, cx: &mut Cx<'_>, outgoing: Outgoing) {
        let Outgoing { frame, because } = outgoing;
        match &mut self.interface {
            Interface::Wired { segment, socket } => {
                let (port, frame) = (*socket, Box::new(frame));
                let event = cx.after(CABLE, *segment, LabEvent::Frame { port, frame });
                cx.needed(event, because);
            }
            Interface::Radio(wireless) => {
                if let Some(frame) = wireless.supplicant.encapsulate(frame) {
                    let (from, air) = (cx.node(), cx.shared().air);
                    let frame = Box::new(frame);
                    let event = LabEvent::Transmit { from, frame };
                    let event = cx.after(Duration::ZERO, air, event);
                    cx.needed(event, because);
                }
            }
            Interface::None => {}
        }
    }

    /// Switched on for the `boot`th time.
    pub fn power_on(&mut self, cx: &mut Cx<'_>, boot: u32) {
        self.boot = boot;
        self.stack.power_on(boot);
        match self.interface {
            Interface::Wired { .. } => self.stack.link_up(cx),
            Interface::Radio(_) => self.with_station(cx, |s, now, _| s.handle_power_on(now)),
            Interface::None if self.stack.is_outside() => self.stack.link_up(cx),
            Interface::None => {}
        }
    }
}
