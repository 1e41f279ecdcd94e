//! The one event type of the lab, and what all nodes of a run share.
//!
//! Every event is for one node and touches that node only. What crosses between nodes crosses here: frames on cables and on
//! the air, touches at the bedside, sounds and displays that people perceive.

pub mod outside;
mod part;

use crate::clinical::delivery::AlarmKind;
use crate::clinical::drug_library::DrugLibrary;
use crate::clinical::order::{InfusionOrder, Programme};
use crate::crypto::{Key, Passphrase};
use crate::engine::{NodeId, RecordId};
use crate::fingerprint::Fingerprint;
use crate::label::Label;
use crate::spec::{ItemId, LabSpec, Position};
use crate::time::{Duration, Time};
use crate::wire::dot11::{Akm, Dot11};
use crate::wire::image::{Image, Load};
use crate::wire::pump::SignedLibrary;
use crate::wire::tls_cost::TlsCosts;
use crate::wire::{Frame, Ip, Mac};
use bevy_ecs::component::Component;
use outside::{Arrival, Departure};
pub use part::{PartId, PartLayer, PartName};
pub(crate) use part::{part_ids, place_of};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The lab as a model of the engine; its handlers stand in [`lab`](crate::lab).
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
    /// Keeps what leaves the simulation.
    Edge,
}

/// Hot state of every node.
#[derive(Component, Clone, Copy, Debug)]
pub struct Vitals {
    /// Whether the node has power; without it every event but power is lost.
    pub powered: bool,
    /// How often it was switched on; timers of an earlier life are void.
    pub boots: u32,
    /// The record of its being switched off, once it was.
    pub off: Option<RecordId>,
}

/// A command or fact on the bridge between the two machines of a pump.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum BridgeMessage {
    /// Communication offers a stored library for activation when idle.
    ActivateLibrary(SignedLibrary),
    /// Communication hands firmware or calibration on, to be installed when idle.
    Install(Image),
    /// Delivery runs an image that wants a shell on this port.
    Installed {
        /// Port.
        backdoor: u16,
    },
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

/// A hand at a pump.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Touch {
    /// Programmes and starts it.
    Programme {
        /// What is dialled in.
        programme: Programme,
        /// Whether a soft limit alert is overridden.
        override_soft: bool,
    },
    /// Picks from the pump's own menu, dials in and starts it.
    Dial {
        /// Care area.
        care_area: String,
        /// Drug.
        drug: String,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
        /// Volume to be infused in mL.
        vtbi_ml: f64,
    },
    /// Confirms the order that the pump shows and starts it.
    ConfirmOrder,
    /// Types an operator's code.
    Code(Passphrase),
    /// Ends the programme.
    Stop,
    /// Silences the alarms.
    Silence,
    /// Comes to an alarm or on a round: silences, frees the line, resumes, and at the end of a volume does what the chart says.
    Attend {
        /// Volume of the bag at hand in mL.
        bag_ml: f64,
        /// Whether what was ordered goes on after its volume; if not, the end of the volume is the end of it.
        goes_on: bool,
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

impl Touch {
    /// Whether a pump that asks for an operator asks before it does this. Whoever stands there may stop it and silence it.
    #[must_use]
    pub fn needs_operator(&self) -> bool {
        match self {
            Self::Programme { .. } | Self::Slip { .. } | Self::Dial { .. } | Self::ConfirmOrder => {
                true
            }
            Self::Compared { then, .. } => then.needs_operator(),
            _ => false,
        }
    }
}

/// What somebody does in an opened case.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum CaseWork {
    /// Reads the storage.
    Read,
    /// Writes the flash memory.
    Flash(Image),
}

/// How far somebody at a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum CaseStage {
    /// Begins to open it.
    Begin,
    /// Has it open.
    Open,
    /// Has done what was to be done.
    Done,
}

/// What somebody who is not of the staff sees at a pump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Shown {
    /// It does what was asked.
    Obeys,
    /// It refuses.
    Refuses,
    /// It asks for an operator's code.
    AsksForCode,
    /// The local port took what was plugged in.
    Took,
    /// The local port took nothing.
    TookNothing,
    /// The flash memory is written.
    Written,
    /// Somebody came and sent them away.
    SentAway,
}

/// What a nurse is asked to dial in.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
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
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct HandOver {
    /// Pumps, each with the volume of the bag that is hung there in mL, and its room.
    pub pumps: Vec<(NodeId, f64, u32)>,
    /// The charts.
    pub charts: BTreeMap<NodeId, InfusionOrder>,
    /// How long it takes; calls wait meanwhile.
    pub pause: Duration,
}

/// What a person perceives.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
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
    /// The dose that she came for is given, and she has ended the programme.
    DoseGiven {
        /// The patient's pump.
        pump: NodeId,
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
    /// She stands at a pump, and looks before she acts.
    AtPump {
        /// Pump.
        pump: NodeId,
        /// What she came for.
        then: Box<Touch>,
    },
    /// Another nurse hands over to her.
    TakesOver(Box<HandOver>),
}

/// What a node asks of the air, besides to carry a frame.
#[derive(Clone, Copy, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
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
    /// A radio sends noise.
    Noise {
        /// Channel; none is the whole band.
        channel: Option<u8>,
        /// For how long.
        over: Duration,
    },
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

/// A wireless network that somebody's own radio offers.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Offer {
    /// Network name.
    pub ssid: String,
    /// Address under which it is offered.
    pub bssid: Mac,
    /// Channel.
    pub channel: u8,
    /// Authentication.
    pub akm: Akm,
    /// Pairwise master key of a pre-shared key.
    pub psk: Option<Key>,
}

/// What the equipment of whoever owns a host does for it, besides being a host.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Equipment {
    /// The radio becomes an access point.
    Offer(Offer),
    /// A search for a passphrase ends.
    Guessed {
        /// Number of the step that began it.
        step: u32,
        /// What fits; none if the list was searched through.
        passphrase: Option<Passphrase>,
        /// The network, if no word of the list fits.
        unlisted: Option<String>,
    },
}

/// An event.
#[derive(Clone, Debug, Fingerprint, Label)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum LabEvent {
    /// A frame arrives on a wired port.
    Frame {
        /// Port of the receiving node.
        port: u16,
        /// Frame.
        frame: Box<Frame>,
    },
    /// A copy of a frame arrives by a mirror port (at the sensor's host).
    Mirrored(Box<Frame>),
    /// A radio sends a frame (at the air).
    #[label(frame)]
    Transmit {
        /// Sending node.
        from: NodeId,
        /// Frame.
        frame: Box<Dot11>,
    },
    /// A radio hears a frame.
    #[label(frame)]
    Heard {
        /// Frame.
        frame: Box<Dot11>,
        /// Signal in dBm, rounded down.
        dbm: i8,
        /// Channel.
        channel: u8,
    },
    /// A node asks something of the air (at the air).
    #[label = "radio"]
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
    #[label(owner)]
    Timer {
        /// Whose.
        owner: PartId,
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
    /// Somebody is at a device's case (at the device).
    Case {
        /// Who.
        by: NodeId,
        /// How far.
        stage: CaseStage,
        /// What for.
        work: Box<CaseWork>,
    },
    /// A stick or a cable brings something to a local port (at the pump).
    Plug {
        /// Whose hand.
        by: NodeId,
        /// What.
        load: Box<Load>,
    },
    /// A cable to a pump is plugged in or taken out (at the service computer).
    Cable {
        /// Pump.
        pump: NodeId,
        /// Whether it is in.
        on: bool,
    },
    /// What a pump shows (at whoever stands there).
    Shown(Shown),
    /// What the storage of an opened device holds (at whoever opened it).
    Contents(Vec<crate::wire::file::File>),
    /// A program begins to run.
    Launch(Box<crate::wire::program::Program>),
    /// A person perceives something.
    Perceived(Percept),
    /// Power comes or goes.
    Power(bool),
    /// A happening of the play, by its number.
    Happening(u32),
    /// Something that a host's own equipment does (at the host).
    Equipment(Box<Equipment>),
    /// A host asks something of the outside (at the edge).
    Departure {
        /// The host.
        from: NodeId,
        /// What.
        what: Box<Departure>,
    },
    /// The outside brings something (at the host).
    Arrival(Box<Arrival>),
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
    /// Whether the address is kept for the host. One that is not was the host's before, and may be given to others.
    pub reserved: bool,
}

/// Immutable facts of a run.
#[derive(Debug)]
pub struct Shared {
    /// The air.
    pub air: NodeId,
    /// What keeps what leaves the simulation, where hosts have a link outside.
    pub edge: Option<NodeId>,
    /// Kind of each node.
    pub kinds: Vec<NodeKind>,
    /// Name of each node.
    pub names: Vec<String>,
    /// Parts of each node, in the order in which they react.
    pub parts: Vec<Vec<PartId>>,
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
    /// What handshakes cost.
    pub costs: Arc<TlsCosts>,
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

    /// The parts of a node.
    #[must_use]
    #[inline]
    pub fn parts_of(&self, node: NodeId) -> &[PartId] {
        self.parts.get(node.index()).map_or(&[], Vec::as_slice)
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
