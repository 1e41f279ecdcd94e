//! Answers: MSA says whether, ERR says where and why not.

use super::fault::{At, Fault, MAX_FAULTS, Reader};
use super::header::{Header, Kind};
use super::order::ORC;
use crate::fingerprint::Fingerprint;
use crate::wire::hl7::{BuildError, Location, ParseError, SegmentId};

const MSA: SegmentId = SegmentId::known(b"MSA");
const ERR: SegmentId = SegmentId::known(b"ERR");

/// What an answer says (HL7 table 0008).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum AckCode {
    /// AA: the application took it.
    Accept,
    /// AE: the application found an error in it.
    Error,
    /// AR: the application does not take such messages.
    Reject,
    /// CA: it has arrived and is safe here.
    CommitAccept,
    /// CE: it has arrived and cannot be kept.
    CommitError,
    /// CR: it has arrived and such messages are not taken.
    CommitReject,
}

impl AckCode {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Accept, "AA"),
        (Self::Error, "AE"),
        (Self::Reject, "AR"),
        (Self::CommitAccept, "CA"),
        (Self::CommitError, "CE"),
        (Self::CommitReject, "CR"),
    ];

    /// The two letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        let found = Self::ALL.iter().find(|(c, _)| *c == self);
        found.map_or("", |(_, code)| code)
    }

    /// Whether the message was taken.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        matches!(self, Self::Accept | Self::CommitAccept)
    }

    /// The same said of arrival: CA for AA, CE for AE, CR for AR.
    #[must_use]
    pub const fn of_arrival(self) -> Self {
        match self {
            Self::Accept | Self::CommitAccept => Self::CommitAccept,
            Self::Error | Self::CommitError => Self::CommitError,
            Self::Reject | Self::CommitReject => Self::CommitReject,
        }
    }

    /// Whether it speaks for the application, rather than for arrival.
    #[must_use]
    pub const fn is_application(self) -> bool {
        matches!(self, Self::Accept | Self::Error | Self::Reject)
    }
}

/// One ERR segment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct AckError {
    /// Where: segment, sequence, field, repetition, component (ERR-2).
    pub location: [String; 5],
    /// Code of table 0357 (ERR-3.1).
    pub code: String,
    /// Its text (ERR-3.2).
    pub condition: String,
    /// What a person is told (ERR-8).
    pub message: String,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Ack {
    /// What it says.
    pub code: AckCode,
    /// Control id of the message that it answers (MSA-2); empty where that could not be read.
    pub answers: String,
    /// The order that it answers (ORC-2 of an RRG), if it names one.
    pub order: Option<String>,
    /// What is wrong.
    pub errors: Vec<AckError>,
}

impl Ack {
    /// An answer without errors to the message of this control id.
    #[must_use]
    pub fn new(code: AckCode, answers: &str) -> Self {
        Self {
            code,
            answers: answers.to_owned(),
            order: None,
            errors: Vec::new(),
        }
    }

    /// The answer to a message that could not be read: AR if such messages are not read at all, AE otherwise.
    #[must_use]
    pub fn faulty(answers: &str, faults: &[Fault]) -> Self {
        let code = if faults.iter().any(Fault::rejects) {
            AckCode::Reject
        } else {
            AckCode::Error
        };
        let error = |fault: &Fault| {
            let (number, condition) = fault.condition();
            AckError {
                location: fault.at.erl(),
                code: number.to_string(),
                condition: condition.to_owned(),
                message: fault.to_string(),
            }
        };
        Self {
            errors: faults.iter().map(error).collect(),
            ..Self::new(code, answers)
        }
    }

    /// The answer to bytes that are no message: AR, with the place. The control id is not known then.
    #[must_use]
    pub fn unreadable(error: &ParseError) -> Self {
        let error = AckError {
            location: error.at.erl(),
            code: "100".to_owned(),
            condition: "Segment sequence error".to_owned(),
            message: error.to_string(),
        };
        Self {
            errors: vec![error],
            ..Self::new(AckCode::Reject, "")
        }
    }

    /// The message, as an ACK or as the answer to an order.
    ///
    /// # Errors
    /// None that the answer itself can cause.
    pub fn write(&self, header: &Header, kind: Kind) -> Result<Vec<u8>, BuildError> {
        let mut b = header.write(kind);
        b.segment(MSA)
            .field(1, self.code.code())
            .field(2, &self.answers);
        for error in self.errors.iter().take(MAX_FAULTS) {
            b.segment(ERR)
                .components(2, error.location.iter().map(String::as_str))
                .components(3, [error.code.as_str(), &error.condition, "HL70357"])
                .field(4, "E")
                .field(8, &error.message);
        }
        if let Some(order) = &self.order {
            b.segment(ORC).field(1, "OK").field(2, order);
        }
        b.finish()
    }

    pub(super) fn read(reader: &mut Reader<'_, '_>) -> Option<Self> {
        let msa = reader.segment(MSA, "answer")?;
        let at = At(1, 1, "answer");
        let text = reader.text(&msa, at)?;
        let code = AckCode::ALL.iter().find(|(_, c)| *c == text);
        if code.is_none() {
            reader.unknown(&msa, at, &text);
        }
        let answers = reader.text(&msa, At(2, 1, "control id that is answered"));
        let orc = reader.message.first(ORC);
        let order = orc.and_then(|orc| reader.optional(&orc, At(2, 1, "order")));
        let errors = reader.message.named(ERR).take(MAX_FAULTS);
        let errors = errors
            .map(|err| {
                let part =
                    |field: usize, n: usize| err.field(field).component(n).text().trim().to_owned();
                AckError {
                    location: [1, 2, 3, 4, 5].map(|n| part(2, n)),
                    code: part(3, 1),
                    condition: part(3, 2),
                    message: match part(8, 1) {
                        said if said.is_empty() => part(5, 2),
                        said => said,
                    },
                }
            })
            .collect();
        Some(Self {
            code: code?.0,
            answers: answers?,
            order,
            errors,
        })
    }
}

impl AckError {
    /// Where it says the fault is, as a place of the message that was answered: without an offset.
    #[must_use]
    pub fn place(&self) -> Location {
        let number = |n: usize| self.location[n].parse().ok();
        let name = self.location[0].as_bytes().try_into().ok();
        Location {
            name: name.and_then(SegmentId::new),
            occurrence: number(1),
            field: number(2),
            component: number(4),
            ..Location::default()
        }
    }
}
