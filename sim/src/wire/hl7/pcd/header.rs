//! MSH: who says what to whom, and which answers are wanted.

use super::fault::{At, FaultKind, Reader, shown};
use crate::fingerprint::Fingerprint;
use crate::wire::hl7::{Builder, Delimiters, Stamp};

/// Longest text of a header, in bytes: that of HL7 v2.6 for MSH-3 to MSH-6; its other fields are shorter.
const LONGEST: usize = 227;

/// An application and its facility.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Party {
    /// Application (MSH-3.1, MSH-5.1).
    pub application: String,
    /// Facility (MSH-4.1, MSH-6.1).
    pub facility: String,
}

/// What kind of message it is (MSH-9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Kind {
    /// RGV^O15^RGV_O15.
    Order,
    /// RRG^O16^RRG_O16: the application's answer to an order.
    OrderAnswer,
    /// ORU^R01^ORU_R01.
    Observation,
    /// ORU^R40^ORU_R40.
    Alarm,
    /// ACK.
    #[default]
    Ack,
    /// Something else.
    Unsupported,
}

impl Kind {
    /// Message code, event and structure.
    #[must_use]
    pub const fn parts(self) -> [&'static str; 3] {
        match self {
            Self::Order => ["RGV", "O15", "RGV_O15"],
            Self::OrderAnswer => ["RRG", "O16", "RRG_O16"],
            Self::Observation => ["ORU", "R01", "ORU_R01"],
            Self::Alarm => ["ORU", "R40", "ORU_R40"],
            Self::Ack => ["ACK", "", "ACK"],
            Self::Unsupported => ["", "", ""],
        }
    }

    fn of(code: &str, event: &str) -> Self {
        match (code, event) {
            ("RGV", "O15") => Self::Order,
            ("RRG", "O16") => Self::OrderAnswer,
            ("ORU", "R01") => Self::Observation,
            ("ORU", "R40") => Self::Alarm,
            ("ACK", _) => Self::Ack,
            _ => Self::Unsupported,
        }
    }

    /// The profile that the message follows (MSH-21), from the published samples.
    const fn profile(self) -> [&'static str; 4] {
        match self {
            Self::Order | Self::OrderAnswer => ["IHE_PCD_PIV_001", "", "", ""],
            Self::Observation => [
                "IHE_PCD_001",
                "IHE PCD",
                "1.3.6.1.4.1.19376.1.6.1.1.1",
                "ISO",
            ],
            Self::Alarm => [
                "IHE_PCD_ACM_001",
                "IHE PCD",
                "1.3.6.1.4.1.19376.1.6.1.4.1",
                "ISO",
            ],
            Self::Ack | Self::Unsupported => ["", "", "", ""],
        }
    }
}

/// When the sender wants an answer (HL7 table 0155).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Wish {
    /// Nothing stands there. If that is so of both wishes, one application answer is due (the original mode).
    #[default]
    Unsaid,
    /// AL: always.
    Always,
    /// NE: never.
    Never,
    /// ER: on error.
    OnError,
    /// SU: on success.
    OnSuccess,
}

impl Wish {
    const fn code(self) -> &'static str {
        match self {
            Self::Unsaid => "",
            Self::Always => "AL",
            Self::Never => "NE",
            Self::OnError => "ER",
            Self::OnSuccess => "SU",
        }
    }

    /// Whether an answer is wanted for this outcome, where something is said.
    #[must_use]
    pub const fn wants(self, success: bool) -> bool {
        match self {
            Self::Unsaid | Self::Never => false,
            Self::Always => true,
            Self::OnError => !success,
            Self::OnSuccess => success,
        }
    }
}

/// The header of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Header {
    /// Who sends it.
    pub sender: Party,
    /// Whom it is for.
    pub receiver: Party,
    /// When it was made (MSH-7); none where nothing legible stands there.
    pub time: Option<Stamp>,
    /// What it is. Writing takes the kind of what is written instead.
    pub kind: Kind,
    /// The event that stands in MSH-9.2, for the answer to repeat.
    pub event: String,
    /// Its number (MSH-10), unique at the sender.
    pub control_id: String,
    /// Production (P), training (T) or debugging (D) (MSH-11).
    pub processing: String,
    /// Version (MSH-12).
    pub version: String,
    /// When an accept answer is wanted (MSH-15).
    pub accept: Wish,
    /// When an application answer is wanted (MSH-16).
    pub application: Wish,
}

impl Header {
    /// A header in version 2.6, in production, that asks for one application answer.
    #[must_use]
    pub fn new(sender: Party, receiver: Party, control_id: &str, time: Stamp) -> Self {
        Self {
            sender,
            receiver,
            time: Some(time),
            control_id: control_id.to_owned(),
            processing: "P".to_owned(),
            version: "2.6".to_owned(),
            ..Self::default()
        }
    }

    /// The header of an answer: the other way, with a number of its own.
    #[must_use]
    pub fn answer(&self, control_id: &str, time: Stamp) -> Self {
        Self {
            sender: self.receiver.clone(),
            receiver: self.sender.clone(),
            time: Some(time),
            kind: Kind::Ack,
            event: self.event.clone(),
            control_id: control_id.to_owned(),
            processing: self.processing.clone(),
            version: self.version.clone(),
            accept: Wish::Unsaid,
            application: Wish::Unsaid,
        }
    }

    /// Whether both wishes are unsaid: one application answer to every message.
    #[must_use]
    pub fn original_mode(&self) -> bool {
        self.accept == Wish::Unsaid && self.application == Wish::Unsaid
    }

    pub(super) fn read(reader: &mut Reader<'_, '_>) -> Self {
        let msh = reader.message.header();
        let mut get = |field: usize, part: usize, what: &'static str| {
            let text = reader.optional(&msh, At(field, part, what));
            bounded(reader, field, what, text.unwrap_or_default())
        };
        let mut party = |first: usize| Party {
            application: get(first, 1, "application"),
            facility: get(first + 1, 1, "facility"),
        };
        let (sender, receiver) = (party(3), party(5));
        let time = Stamp::parse(&get(7, 1, "time"));
        let (code, event) = (get(9, 1, "message code"), get(9, 2, "event"));
        let processing = get(11, 1, "processing id");
        let kind = Kind::of(&code, &event);
        if kind == Kind::Unsupported {
            let named = FaultKind::Message(shown(&format!("{code}^{event}")));
            reader.fault(named, "kind of message", msh.location(Some(9), None));
        }
        let control_id = reader.text(&msh, At(10, 1, "control id"));
        let control_id = bounded(reader, 10, "control id", control_id.unwrap_or_default());
        let version = reader.text(&msh, At(12, 1, "version")).unwrap_or_default();
        let version = bounded(reader, 12, "version", version);
        if !version.is_empty() && version != "2" && !version.starts_with("2.") {
            let named = FaultKind::Version(shown(&version));
            reader.fault(named, "version", msh.location(Some(12), None));
        }
        Self {
            sender,
            receiver,
            time,
            kind,
            event,
            control_id,
            processing,
            version,
            accept: wish(reader, 15),
            application: wish(reader, 16),
        }
    }

    /// A message that begins with this header.
    pub(super) fn write(&self, kind: Kind) -> Builder {
        let mut b = Builder::new(Delimiters::STANDARD);
        b.field(3, &self.sender.application)
            .field(4, &self.sender.facility)
            .field(5, &self.receiver.application)
            .field(6, &self.receiver.facility);
        if let Some(time) = self.time {
            b.field(7, &time.to_string());
        }
        let [code, event, structure] = kind.parts();
        let event = if kind == Kind::Ack {
            &self.event
        } else {
            event
        };
        b.components(9, [code, event, structure])
            .field(10, &self.control_id)
            .field(11, &self.processing)
            .field(12, &self.version)
            .field(15, self.accept.code())
            .field(16, self.application.code())
            .field(18, "UNICODE UTF-8")
            .components(21, kind.profile());
        b
    }
}

/// A text of the header, which is remembered and repeated in answers; empty, and a fault, where it is longer than the standard allows.
fn bounded(reader: &mut Reader<'_, '_>, field: usize, what: &'static str, text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let at = reader.message.header().location(Some(field), None);
    reader.fault(FaultKind::TooLong(LONGEST), what, at);
    String::new()
}

fn wish(reader: &mut Reader<'_, '_>, field: usize) -> Wish {
    let msh = reader.message.header();
    let at = At(field, 1, "wish for an answer");
    match reader.optional(&msh, at).as_deref() {
        None => Wish::Unsaid,
        Some("AL") => Wish::Always,
        Some("NE") => Wish::Never,
        Some("ER") => Wish::OnError,
        Some("SU") => Wish::OnSuccess,
        Some(other) => {
            reader.unknown(&msh, at, other);
            Wish::Unsaid
        }
    }
}
