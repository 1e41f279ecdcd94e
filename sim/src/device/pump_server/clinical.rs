//! What a pump server and the clinical systems say to each other: orders that come, infusions that it documents.

use super::{PumpServer, PumpServerConfig};
use crate::clinical::drug_library::LimitVerdict;
use crate::clinical::order::InfusionOrder;
use crate::crypto::CertificateFault;
use crate::device::guarded::{Came, Far};
use crate::device::hl7_link::{Hl7Inbox, Hl7Link};
use crate::device::host::Io;
use crate::device::id;
use crate::engine::NodeId;
use crate::net::stack::{SocketEvent, StreamId};
use crate::proto::pcd::{Ticket, Verdict};
use crate::proto::pump::desk::OrderFault;
use crate::record::TherapyRecord;
use crate::wire::Message;
use crate::wire::hl7::pcd::{AckError, Observation};
use crate::wire::hl7::{Hl7, Letter, Stamp};
use crate::wire::pump::PumpStatus;
use std::collections::{BTreeMap, BTreeSet};

/// The server's ends of clinical links, and what it keeps for them.
#[derive(Clone, Debug)]
pub(super) struct Clinical {
    /// The end of the links on which orders come.
    far: Far,
    streams: BTreeSet<StreamId>,
    inbox: Hl7Inbox,
    /// Orders that pumps have not answered, with whom to answer.
    orders: BTreeMap<u32, Ticket>,
    /// The link on which infusions are documented.
    observations: Option<Hl7Link>,
    patients: BTreeMap<NodeId, u32>,
    /// What was documented last of each pump.
    documented: BTreeMap<NodeId, (u32, bool, u64)>,
}

impl Clinical {
    pub(super) fn new(config: &PumpServerConfig) -> Self {
        let link = |to: &String| Hl7Link::new(id::PUMP_SERVER, to.clone(), config.guard.clone());
        Self {
            far: Far::new(config.guard.clone(), true),
            streams: BTreeSet::new(),
            inbox: config.inbox.clone(),
            orders: BTreeMap::new(),
            observations: config.observations.as_ref().map(link),
            patients: BTreeMap::new(),
            documented: BTreeMap::new(),
        }
    }

    pub(super) fn accepted(&mut self, stream: StreamId) {
        self.streams.insert(stream);
    }

    pub(super) fn has(&self, stream: StreamId) -> bool {
        self.streams.contains(&stream)
    }

    pub(super) fn gone(&mut self, stream: StreamId) {
        if self.streams.remove(&stream) {
            self.far.gone(stream);
            self.inbox.gone(stream);
        }
    }

    pub(super) fn on_socket(&mut self, io: &mut Io<'_, '_>, event: &SocketEvent) -> bool {
        let link = self.observations.as_mut();
        link.is_some_and(|l| l.on_socket(io, event))
    }

    pub(super) fn on_timer(&mut self, io: &mut Io<'_, '_>) {
        if let Some(link) = &mut self.observations {
            link.on_timer(io);
        }
    }

    pub(super) fn resume(&self, io: &mut Io<'_, '_>) {
        if let Some(link) = &self.observations {
            link.resume(io);
        }
    }

    /// Switched on: streams are gone, and orders that no pump has answered are news when they come again.
    pub(super) fn power_on(&mut self) {
        self.streams.clear();
        self.far.reset();
        self.orders.clear();
        self.inbox.restart();
        if let Some(link) = &mut self.observations {
            link.reset();
        }
    }

    /// A pump infuses into this patient, by its log.
    pub(super) fn patient_of(&mut self, pump: NodeId, patient: u32) {
        self.patients.insert(pump, patient);
    }

    fn flush(&mut self, io: &mut Io<'_, '_>) {
        while let Some((stream, message)) = self.inbox.poll_transmit() {
            self.far.send(io, stream, message);
        }
    }
}

impl PumpServer {
    /// Something came on a clinical link: an order counts if it comes from the health record, as far as that can be told.
    pub(super) fn at_clinical_port(
        &mut self,
        io: &mut Io<'_, '_>,
        stream: StreamId,
        message: Message,
    ) {
        let far = &mut self.clinical.far;
        match far.hear(io, stream, message, self.status.revoked()) {
            Came::Said(Message::Hl7(letter)) => {
                if far.is_from(stream, &self.config.health_record) {
                    self.clinical_said(io, stream, *letter);
                } else {
                    far.turn_away(io, stream, CertificateFault::WrongName);
                }
            }
            Came::InClear => far.turn_away(io, stream, CertificateFault::Missing),
            _ => {}
        }
    }

    fn clinical_said(&mut self, io: &mut Io<'_, '_>, stream: StreamId, letter: Letter) {
        let now = io.cx.now();
        if let Some((ticket, content)) = self.clinical.inbox.hear(now, stream, letter) {
            let verdict = match content {
                Hl7::Order { pump, order } => {
                    let number = order.id;
                    let refused = self.ordered(io, &ticket, &pump, order).err();
                    if let Some(Verdict::Refused(why)) = &refused {
                        let (order, reason) = (number, why.message.clone());
                        io.cx.emit(TherapyRecord::OrderRefused { order, reason });
                    }
                    refused
                }
                _ => Some(Verdict::NotTaken),
            };
            if let Some(verdict) = verdict {
                self.clinical.inbox.answer(now, &ticket, verdict);
            }
            self.follow(io);
        }
        self.clinical.flush(io);
    }

    /// Passes an order on to its pump, whose answer becomes the answer to it.
    fn ordered(
        &mut self,
        io: &Io<'_, '_>,
        ticket: &Ticket,
        pump: &str,
        order: InfusionOrder,
    ) -> Result<(), Verdict> {
        let number = order.id;
        let Some(node) = io.cx.shared().node(pump) else {
            let told = "no pump of this name is known here".to_owned();
            return Err(refused(["OBX", "1", "18"], UNKNOWN, told));
        };
        self.within_limits(&order)?;
        self.desk.order(node, order).map_err(|fault| match fault {
            OrderFault::NoSession => {
                let told = "the pump has no session: order again when it is online".to_owned();
                refused(["OBX", "1", "18"], INTERNAL, told)
            }
            OrderFault::TooMany => {
                let told = "too many orders wait for their pumps: order again later".to_owned();
                refused(["ORC", "1", "2"], INTERNAL, told)
            }
            OrderFault::UnderWay => {
                let told = format!("order {number} waits for its pump's answer");
                refused(["ORC", "1", "2"], DUPLICATE, told)
            }
        })?;
        self.clinical.orders.insert(number, ticket.clone());
        Ok(())
    }

    /// An order beyond a hard limit of the library that the server distributes goes to no pump: none would run it.
    fn within_limits(&self, order: &InfusionOrder) -> Result<(), Verdict> {
        let Some(distributed) = &self.library else {
            return Ok(());
        };
        let library = &distributed.library;
        let rate = order.rate_ml_per_h;
        let verdict =
            library.check_concentration(&order.care_area, &order.drug, &order.concentration, rate);
        let LimitVerdict::Hard { limit } = verdict else {
            return Ok(());
        };
        let version = library.version;
        let told =
            format!("{rate} mL/h is beyond the hard limit of {limit} mL/h (library {version})");
        Err(refused(["RXG", "1", "15"], INTERNAL, told))
    }

    /// A pump answered an order: whoever ordered is answered.
    pub(super) fn order_answered(&mut self, io: &mut Io<'_, '_>, order: u32, accepted: bool) {
        let Some(ticket) = self.clinical.orders.remove(&order) else {
            return;
        };
        let verdict = if accepted {
            Verdict::Taken
        } else {
            refused(
                ["ORC", "1", "2"],
                INTERNAL,
                "the pump refused it".to_owned(),
            )
        };
        self.clinical.inbox.answer(io.cx.now(), &ticket, verdict);
        self.clinical.flush(io);
    }

    /// Documents what a pump does, when that has changed.
    pub(super) fn document(&mut self, io: &mut Io<'_, '_>, pump: NodeId, status: &PumpStatus) {
        let patient = self.clinical.patients.get(&pump).copied();
        let (Some(link), Some(patient)) = (&mut self.clinical.observations, patient) else {
            return;
        };
        let now = (patient, status.infusing, status.rate_ml_per_h.to_bits());
        if self.clinical.documented.insert(pump, now) == Some(now) {
            return;
        }
        let at = i64::try_from(io.calendar()).ok().and_then(Stamp::from_unix);
        let name = &io.cx.shared().names[pump.index()];
        let observation = Observation::of(patient, name, status, at.unwrap_or_default());
        link.send(io, Hl7::Observation(Box::new(observation)));
    }
}

/// Codes and texts of HL7 table 0357.
const UNKNOWN: (&str, &str) = ("204", "Unknown key identifier");
const DUPLICATE: (&str, &str) = ("205", "Duplicate key identifier");
const INTERNAL: (&str, &str) = ("207", "Application internal error");

fn refused(
    [segment, sequence, field]: [&str; 3],
    (code, text): (&str, &str),
    told: String,
) -> Verdict {
    Verdict::Refused(Box::new(AckError {
        location: [segment, sequence, field, "", ""].map(str::to_owned),
        code: code.to_owned(),
        condition: text.to_owned(),
        message: told,
    }))
}
