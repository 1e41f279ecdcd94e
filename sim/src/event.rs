//! The one event type of the lab, and what all nodes of a run share.
//!
//! Every event is for one node and touches that node only. What crosses between nodes crosses here: frames on cables and on
//! the air, touches at the bedside, sounds and displays that people perceive.

use crate::clinical::delivery::AlarmKind;
use crate::clinical::drug_library::DrugLibrary;
use crate::clinical::order::{InfusionOrder, Programme};
use crate::engine::{Fingerprint, NodeId};
use crate::spec::{ItemId, LabSpec, Position};
use crate::time::{Duration, Time};
use crate::wire::dot11::Dot11;
use crate::wire::pump::SignedLibrary;
use crate::wire::{Frame, Ip, Mac, Print, print_message};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The lab as a model of the engine; its handlers stand in `assemble`.
#[derive(Debug)]
pub struct Lab;

/// What kind of node a node is: decides which handler sees its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// The radio medium.
    Air,
    /// A broadcast domain.
    Segment,
    /// A router with its firewall.
    Router,
    /// An access point.
    AccessPoint,
    /// A host.
    Host,
    /// A nurse.
    Nurse,
}

/// Hot state of every node.
#[derive(Component, Clone, Copy, Debug)]
pub struct Vitals {
    /// Whether the node has power; without it every event but power is lost.
    pub powered: bool,
    /// How often it was switched on; timers of an earlier life are void.
    pub boots: u32,
}

/// Which part of a node a timer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Owner {
    /// Network stack.
    Stack,
    /// 802.11 station.
    Station,
    /// Access point.
    AccessPoint,
    /// Wireless controller.
    Controller,
    /// Authentication server.
    Radius,
    /// Pump: communication module.
    PumpComms,
    /// Pump: delivery controller.
    PumpDelivery,
    /// Pump server.
    PumpServer,
    /// Clinical systems.
    Clinical,
    /// Ordinary load.
    Office,
    /// Nurse.
    Nurse,
    /// Attacker.
    Attacker,
    /// The host as a whole: its communicating part starts again.
    Host,
}

/// A command or fact on the bridge between the two machines of a pump.
#[derive(Clone, Debug)]
pub enum BridgeMessage {
    /// Communication offers a stored library for activation when idle.
    ActivateLibrary(SignedLibrary),
    /// Communication passes on an order to be confirmed at the pump.
    PresentOrder(InfusionOrder),
    /// Communication has the server's confirmation of an alarm.
    AlarmTaken {
        /// Alarm number.
        number: u32,
    },
    /// Delivery says that it infuses or not, at a rate, with a volume.
    Progress {
        /// Whether it infuses.
        infusing: bool,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
        /// Infused volume in mL.
        infused_ml: f64,
    },
    /// Delivery reports something to be logged.
    Log(crate::wire::pump::PumpLogEvent),
    /// Delivery began an alarm.
    Alarm {
        /// Number.
        number: u32,
        /// Kind.
        kind: AlarmKind,
    },
    /// Delivery made a library active.
    LibraryActive {
        /// Version.
        version: u32,
    },
}
print_message!(enum BridgeMessage {
    ActivateLibrary(l), PresentOrder(o), AlarmTaken { number }, Progress { infusing, rate_ml_per_h, infused_ml }, Log(e), Alarm { number, kind }, LibraryActive { version },
});

/// A hand at a pump.
#[derive(Clone, Debug)]
pub enum Touch {
    /// Programmes and starts it.
    Programme {
        /// What is dialled in.
        programme: Programme,
        /// Whether a soft limit alert is overridden.
        override_soft: bool,
    },
    /// Confirms the order that the pump shows and starts it.
    ConfirmOrder,
    /// Comes to an alarm or on a round: silences, hangs a new bag if it is empty, frees the line, resumes.
    Attend {
        /// Volume of the bag at hand in mL.
        bag_ml: f64,
    },
    /// Programmes it with a slip of the finger; does what was meant if the pump refuses.
    Slip {
        /// What is dialled in.
        dialled: Programme,
        /// What was meant.
        meant: Programme,
        /// Whether a soft limit alert is overridden.
        override_soft: bool,
    },
    /// Compares what the pump shows or is to run with the order in the chart, and does `then` only where they agree.
    Compared {
        /// The order in the chart; none where the chart has none for this patient.
        chart: Option<Box<InfusionOrder>>,
        /// The rule that asks for the second look.
        item: ItemId,
        /// What is to be done.
        then: Box<Touch>,
    },
    /// Ends the programme and takes the pump out of service; another does its work.
    Retire {
        /// The other pump.
        replaced_by: NodeId,
    },
    /// The line is kinked or lain upon: nothing flows behind it.
    Kink,
    /// Mains fail or come back at the pump's socket.
    Mains(bool),
}

impl Print for Touch {
    fn print(&self, h: &mut Fingerprint) {
        match self {
            Self::Programme {
                programme,
                override_soft,
            } => {
                h.write_u64(1);
                programme.drug.print(h);
                programme.care_area.print(h);
                programme.rate_ml_per_h.print(h);
                programme.vtbi_ml.print(h);
                override_soft.print(h);
            }
            Self::ConfirmOrder => h.write_u64(2),
            Self::Attend { bag_ml } => {
                h.write_u64(3);
                bag_ml.print(h);
            }
            Self::Slip {
                dialled,
                meant,
                override_soft,
            } => {
                h.write_u64(4);
                dialled.drug.print(h);
                dialled.rate_ml_per_h.print(h);
                meant.rate_ml_per_h.print(h);
                override_soft.print(h);
            }
            Self::Compared { chart, then, .. } => {
                h.write_u64(5);
                chart.print(h);
                then.print(h);
            }
            Self::Retire { replaced_by } => {
                h.write_u64(6);
                h.write_u32(replaced_by.0);
            }
            Self::Kink => h.write_u64(7),
            Self::Mains(on) => {
                h.write_u64(8);
                on.print(h);
            }
        }
    }
}

/// What a nurse is asked to dial in.
#[derive(Clone, Debug)]
pub struct Task {
    /// The pump.
    pub pump: NodeId,
    /// What is meant.
    pub order: InfusionOrder,
    /// What she dials in instead, in mL/h, where the play says so.
    pub slip_ml_per_h: Option<f64>,
    /// Whether she overrides a soft limit alert.
    pub override_soft: bool,
}

/// What one nurse hands over to another.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// Pumps, each with the volume of the bag that is hung there in mL, and its room.
    pub pumps: Vec<(NodeId, f64, u32)>,
    /// The charts.
    pub charts: BTreeMap<NodeId, InfusionOrder>,
    /// How long it takes; calls wait meanwhile.
    pub pause: Duration,
}

/// What a person perceives.
#[derive(Clone, Debug)]
pub enum Percept {
    /// The nurses' station shows an alarm.
    Display {
        /// Pump.
        pump: NodeId,
        /// Alarm number.
        number: u32,
    },
    /// The nurses' station shows that a pump has not been heard from.
    Silence {
        /// Pump.
        pump: NodeId,
    },
    /// A pump shows an order to be confirmed.
    OrderShown {
        /// Pump.
        pump: NodeId,
    },
    /// A pump sounds an alarm in its room.
    Sound {
        /// Pump.
        pump: NodeId,
        /// Alarm number.
        number: u32,
    },
    /// The nurses' station shows that a pump that was silent has been heard from.
    SeenAgain {
        /// Pump.
        pump: NodeId,
    },
    /// The chart has a new order for a patient.
    Charted {
        /// The patient's pump.
        pump: NodeId,
        /// The order.
        order: Box<InfusionOrder>,
    },
    /// She is asked to programme a pump.
    Asked(Box<Task>),
    /// She is asked to take a pump out of service and let another do its work.
    Recall {
        /// The pump.
        pump: NodeId,
        /// The other.
        by: NodeId,
    },
    /// Another nurse hands over to her.
    TakesOver(Box<HandOver>),
}

impl Print for Percept {
    fn print(&self, h: &mut Fingerprint) {
        let (kind, pump, extra) = match self {
            Self::Display { pump, number } => (1, *pump, *number),
            Self::Silence { pump } => (2, *pump, 0),
            Self::OrderShown { pump } => (4, *pump, 0),
            Self::Sound { pump, number } => (5, *pump, *number),
            Self::SeenAgain { pump } => (6, *pump, 0),
            Self::Charted { pump, order } => {
                order.print(h);
                (7, *pump, 0)
            }
            Self::Asked(task) => {
                task.order.print(h);
                (8, task.pump, 0)
            }
            Self::Recall { pump, by } => (9, *pump, by.0),
            Self::TakesOver(over) => (10, NodeId(over.pumps.len() as u32), 0),
        };
        h.write_u64(kind);
        h.write_u32(pump.0);
        h.write_u32(extra);
    }
}

/// What a node asks of the air, besides to carry a frame.
#[derive(Clone, Copy, Debug)]
pub enum AirCommand {
    /// A radio tunes to a channel.
    Tune {
        /// Channel.
        channel: u8,
        /// BSS whose signal it wants to be told about when it fades.
        watch: Option<Mac>,
    },
    /// A radio listens to every frame on its channel.
    Monitor(bool),
    /// A radio is switched off; who watched it notices the missing beacons.
    Off,
    /// A radio takes a further address.
    Address(Mac),
    /// A node begins to move.
    Move {
        /// Where to.
        to: Position,
        /// How long it takes.
        over: Duration,
    },
}

impl Print for AirCommand {
    fn print(&self, h: &mut Fingerprint) {
        match *self {
            Self::Tune { channel, watch } => {
                h.write_u64(1);
                channel.print(h);
                watch.print(h);
            }
            Self::Monitor(on) => {
                h.write_u64(2);
                on.print(h);
            }
            Self::Address(mac) => {
                h.write_u64(3);
                mac.print(h);
            }
            Self::Off => h.write_u64(5),
            Self::Move { to, over } => {
                h.write_u64(4);
                to.x.print(h);
                to.y.print(h);
                over.print(h);
            }
        }
    }
}

/// An event.
#[derive(Clone, Debug)]
pub enum LabEvent {
    /// A frame arrives on a wired port.
    Frame {
        /// Port of the receiving node.
        port: u16,
        /// Frame.
        frame: Box<Frame>,
    },
    /// A radio sends a frame (at the air).
    Transmit {
        /// Sending node.
        from: NodeId,
        /// Frame.
        frame: Box<Dot11>,
    },
    /// A radio hears a frame.
    Heard {
        /// Frame.
        frame: Box<Dot11>,
        /// Signal in dBm, rounded down.
        dbm: i8,
        /// Channel.
        channel: u8,
    },
    /// A node asks something of the air (at the air).
    Air {
        /// Asking node.
        from: NodeId,
        /// What.
        command: AirCommand,
    },
    /// The watched signal faded (at the radio's node).
    Signal {
        /// Signal in dBm, rounded down.
        dbm: i8,
        /// Whether it can no longer be decoded.
        lost: bool,
    },
    /// A timer.
    Timer {
        /// Whose.
        owner: Owner,
        /// Life of the node that set it.
        boot: u32,
        /// What for; meaning is the owner's.
        token: u64,
    },
    /// A message on a pump's bridge.
    Bridge(Box<BridgeMessage>),
    /// A hand at a pump.
    Touch {
        /// Whose hand.
        by: NodeId,
        /// What it does.
        touch: Box<Touch>,
    },
    /// Somebody who has a device in hand opens it and reads its storage (at the device).
    OpenCase {
        /// Whose hand.
        by: NodeId,
    },
    /// What the storage of an opened device holds (at whoever opened it).
    Contents(Vec<crate::wire::file::File>),
    /// A person perceives something.
    Perceived(Percept),
    /// Power comes or goes.
    Power(bool),
    /// A happening of the play, by its number.
    Happening(u32),
}

impl crate::engine::Event for LabEvent {
    fn kind(&self) -> u16 {
        match self {
            Self::Frame { .. } => 1,
            Self::Transmit { .. } => 2,
            Self::Heard { .. } => 3,
            Self::Air { .. } => 4,
            Self::Signal { .. } => 5,
            Self::Timer { .. } => 6,
            Self::Bridge(_) => 7,
            Self::Touch { .. } => 8,
            Self::OpenCase { .. } => 9,
            Self::Contents(_) => 13,
            Self::Perceived(_) => 10,
            Self::Power(_) => 11,
            Self::Happening(_) => 12,
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::Frame { .. } => "frame",
            Self::Transmit { frame, .. } | Self::Heard { frame, .. } => frame.label(),
            Self::Air { .. } => "radio",
            Self::Signal { .. } => "signal",
            Self::Timer { owner, .. } => match owner {
                Owner::PumpDelivery => "delivery-timer",
                _ => "timer",
            },
            Self::Bridge(_) => "bridge",
            Self::Touch { .. } => "touch",
            Self::OpenCase { .. } => "open-case",
            Self::Contents(_) => "contents",
            Self::Perceived(_) => "perceived",
            Self::Power(_) => "power",
            Self::Happening(_) => "happening",
        }
    }

    fn fingerprint(&self, h: &mut Fingerprint) {
        match self {
            Self::Frame { port, frame } => {
                port.print(h);
                frame.print(h);
            }
            Self::Transmit { from, frame } => {
                h.write_u32(from.0);
                frame.print(h);
            }
            Self::Heard {
                frame,
                dbm,
                channel,
            } => {
                h.write_u64(*dbm as u64);
                channel.print(h);
                frame.print(h);
            }
            Self::Air { from, command } => {
                h.write_u32(from.0);
                command.print(h);
            }
            Self::Signal { dbm, lost } => {
                h.write_u64(*dbm as u64);
                lost.print(h);
            }
            Self::Timer { owner, boot, token } => {
                h.write_u64(u64::from(*owner as u8) << 32 | u64::from(*boot));
                h.write_u64(*token);
            }
            Self::Bridge(m) => m.print(h),
            Self::Touch { by, touch } => {
                h.write_u32(by.0);
                touch.print(h);
            }
            Self::OpenCase { by } => h.write_u32(by.0),
            Self::Contents(files) => files.print(h),
            Self::Perceived(p) => p.print(h),
            Self::Power(on) => on.print(h),
            Self::Happening(n) => n.print(h),
        }
    }
}

/// An address that the plan binds to a hardware address.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Node.
    pub node: NodeId,
    /// Host name.
    pub name: String,
    /// Hardware address.
    pub mac: Mac,
    /// Network address.
    pub ip: Ip,
    /// On-link prefix length, gateway and name server that go with it.
    pub prefix: u8,
    /// Gateway.
    pub gateway: Option<Ip>,
    /// Name server.
    pub dns: Option<Ip>,
}

/// Immutable facts of a run.
#[derive(Debug)]
pub struct Shared {
    /// The air.
    pub air: NodeId,
    /// Kind of each node.
    pub kinds: Vec<NodeKind>,
    /// Name of each node.
    pub names: Vec<String>,
    /// Nodes by name.
    pub by_name: BTreeMap<String, NodeId>,
    /// Calendar second at time zero.
    pub calendar: u64,
    /// The address plan: what DHCP reserves, DNS answers and ARP inspection checks.
    pub plan: Vec<Binding>,
    /// Libraries that the pharmacy has issued.
    pub libraries: Vec<Arc<DrugLibrary>>,
    /// Nurse in charge of each pump.
    pub nurse_of: BTreeMap<NodeId, NodeId>,
    /// The lab, for configuration that is read rarely.
    pub lab: Arc<LabSpec>,
    /// What happens.
    pub play: crate::spec::PlaySpec,
}

impl Shared {
    /// Calendar second at a simulated time.
    #[must_use]
    pub fn calendar_at(&self, now: Time) -> u64 {
        self.calendar + now.as_nanos() / 1_000_000_000
    }

    /// The node of this name.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<NodeId> {
        self.by_name.get(name).copied()
    }

    /// The issued library of this version.
    #[must_use]
    pub fn library(&self, version: u32) -> Option<&Arc<DrugLibrary>> {
        self.libraries.iter().find(|l| l.version == version)
    }
}

/// Context of the lab's handlers.
pub type Cx<'a> = crate::engine::Context<'a, Lab>;

/// No configuration item.
pub const NO_ITEM: ItemId = ItemId(u32::MAX);
