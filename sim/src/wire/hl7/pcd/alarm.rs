//! PCD-04: an alarm of a pump, or about one, ORU^R40.

use super::fault::{At, Reader};
use super::header::{Header, Kind};
use super::observation::{OBR, Rows, term};
use super::order::read_device;
use super::term::{
    ALARM, ALARM_STATE, ALERT_SOURCE, EVENT_PHASE, INACTIVATION_STATE, PUMP_MDS, SILENT, Term,
    of_alarm,
};
use crate::clinical::delivery::AlarmKind;
use crate::wire::hl7::{BuildError, Hl7};

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An alarm that the pump raised.
    Alarm(AlarmKind),
    /// The server has not heard from a pump that infused.
    Silent,
}

/// Whether it starts, goes on or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It starts.
    Start,
    /// It goes on.
    Continue,
    /// It ends.
    End,
}

/// An alarm message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The pump.
    pub pump: String,
    /// Number of the alarm at the pump; 0 for what the pump itself did not raise.
    pub number: u32,
    /// What it is about.
    pub notice: Notice,
    /// Whether it starts, goes on or ends.
    pub phase: Phase,
    /// Whether it is active.
    pub active: bool,
}

impl Notice {
    const fn term(self) -> Term {
        match self {
            Self::Alarm(kind) => of_alarm(kind),
            Self::Silent => SILENT,
        }
    }
}

impl Phase {
    const fn code(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Continue => "continue",
            Self::End => "end",
        }
    }
}

impl Alarm {
    /// An alarm that starts and is active.
    #[must_use]
    pub fn started(pump: &str, number: u32, notice: Notice) -> Self {
        Self {
            pump: pump.to_owned(),
            number,
            notice,
            phase: Phase::Start,
            active: true,
        }
    }

    pub(super) fn to_hl7(&self) -> Option<Hl7> {
        let pump = self.pump.clone();
        match (self.notice, self.phase) {
            (Notice::Alarm(kind), Phase::Start) => Some(Hl7::Alarm {
                pump,
                number: self.number,
                kind,
            }),
            (Notice::Silent, Phase::Start) => Some(Hl7::Silence { pump }),
            (Notice::Silent, Phase::End) => Some(Hl7::SeenAgain { pump }),
            _ => None,
        }
    }

    /// The message.
    ///
    /// # Errors
    /// None that the alarm itself can cause.
    pub fn write(&self, header: &Header) -> Result<Vec<u8>, BuildError> {
        let mut b = header.write(Kind::Alarm);
        let time = header.time.map(|t| t.to_string()).unwrap_or_default();
        let instance = format!("{}_{}", self.pump, self.number);
        b.segment(OBR)
            .field(1, "1")
            .field(2, &header.control_id)
            .field(3, &instance);
        term(&mut b, 4, ALARM);
        b.field(7, &time);
        let mut obx = Rows { b, row: 0 };
        obx.row("CWE", ALARM, "1.0.0.0.1");
        term(&mut obx.b, 5, self.notice.term());
        obx.b.field(11, "F").field(14, &time).field(18, &self.pump);
        obx.row("CWE", ALERT_SOURCE, "1.0.0.0.2");
        term(&mut obx.b, 5, PUMP_MDS);
        obx.b.field(11, "F");
        let active = if self.active { "active" } else { "inactive" };
        for (what, place, value) in [
            (EVENT_PHASE, "1.0.0.0.3", self.phase.code()),
            (ALARM_STATE, "1.0.0.0.4", active),
            (INACTIVATION_STATE, "1.0.0.0.5", "enabled"),
        ] {
            obx.row("ST", what, place);
            obx.b.field(5, value).field(11, "F");
        }
        obx.b.finish()
    }

    pub(super) fn read(reader: &mut Reader<'_, '_>) -> Option<Self> {
        let obr = reader.segment(OBR, "alarm");
        let instance = obr.and_then(|obr| reader.text(&obr, At(3, 1, "alarm instance")));
        let number = instance.and_then(|text| {
            let digits = text.rsplit('_').next().unwrap_or_default();
            let number = digits.parse().ok();
            if let (None, Some(obr)) = (number, &obr) {
                reader.unknown(
                    obr,
                    At(3, 1, "number after the last _ of the alarm instance"),
                    &text,
                );
            }
            number
        });
        let event = reader.need_observed(&[ALARM], "alarm");
        let notice = event.and_then(|obx| {
            let value = obx.field(5);
            let of = |n: &Notice| n.term().is(&value);
            let alarms = AlarmKind::ALL.map(Notice::Alarm);
            let found = alarms.into_iter().chain([Notice::Silent]).find(of);
            if found.is_none() {
                let at = At(5, 2, "kind of alarm");
                let text = reader.text(&obx, at)?;
                reader.unknown(&obx, at, &text);
            }
            found
        });
        let pump = event.and_then(|obx| read_device(reader, &obx));
        let phase = word(
            reader,
            EVENT_PHASE,
            "phase of the alarm",
            |text| match text {
                "start" => Some(Phase::Start),
                "continue" => Some(Phase::Continue),
                "end" => Some(Phase::End),
                _ => None,
            },
        );
        let active = word(
            reader,
            ALARM_STATE,
            "state of the alarm",
            |text| match text {
                "active" => Some(true),
                "inactive" => Some(false),
                _ => None,
            },
        );
        Some(Self {
            pump: pump?,
            number: number?,
            notice: notice?,
            phase: phase?,
            active: active?,
        })
    }
}

/// OBX-5 of the OBX with a term, as one of the words that are known.
fn word<T>(
    reader: &mut Reader<'_, '_>,
    what: Term,
    name: &'static str,
    of: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let obx = reader.need_observed(&[what], name)?;
    let at = At(5, 1, name);
    let text = reader.text(&obx, at)?;
    let found = of(&text);
    if found.is_none() {
        reader.unknown(&obx, at, &text);
    }
    found
}
