//! PCD-01: what a pump does, ORU^R01.

use super::fault::{At, Reader};
use super::header::{Header, Kind};
use super::order::{coded, patient, read_device, read_patient};
use super::term::{
    CHANNEL, FLOW, FLOW_CURRENT, INFUSING_STATUS, LIBRARY_VERSION, LVP_MDS, LVP_VMD, OBX, PUMP_MDS,
    PUMP_STATUS, PUMP_VMD, Term, Unit, VOLUME_DELIVERED,
};
use crate::fingerprint::Fingerprint;
use crate::wire::hl7::{BuildError, Builder, SegmentId, Stamp};
use crate::wire::pump::PumpStatus;

pub(super) const OBR: SegmentId = SegmentId::known(b"OBR");
const INFUSING: &str = "pump-status-infusing";
const NOT_INFUSING: &str = "pump-status-not-infusing";

/// What a pump does for a patient at a moment.
#[derive(Clone, Debug, PartialEq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Observation {
    /// The patient.
    pub patient: u32,
    /// The pump; none where the message documents an infusion without naming it.
    pub pump: Option<String>,
    /// When (OBR-7); none where nothing legible stands there.
    pub time: Option<Stamp>,
    /// Whether it infuses.
    pub infusing: bool,
    /// Rate, mL/h.
    pub rate_ml_per_h: f64,
    /// Volume infused, mL.
    pub infused_ml: Option<f64>,
    /// Version of the active drug library.
    pub library_version: Option<u32>,
}

impl Observation {
    /// What a pump says about itself.
    #[must_use]
    pub fn of(patient: u32, pump: &str, status: &PumpStatus, time: Stamp) -> Self {
        Self {
            patient,
            pump: Some(pump.to_owned()),
            time: Some(time),
            infusing: status.infusing,
            rate_ml_per_h: status.rate_ml_per_h,
            infused_ml: Some(status.infused_ml),
            library_version: Some(status.library_version),
        }
    }

    /// As a pump's status, if all of it is there.
    #[must_use]
    pub fn status(&self) -> Option<PumpStatus> {
        Some(PumpStatus {
            infusing: self.infusing,
            rate_ml_per_h: self.rate_ml_per_h,
            infused_ml: self.infused_ml?,
            library_version: self.library_version?,
        })
    }

    /// The message.
    ///
    /// # Errors
    /// A rate or volume that is no finite number.
    pub fn write(&self, header: &Header) -> Result<Vec<u8>, BuildError> {
        let mut b = header.write(Kind::Observation);
        patient(&mut b, self.patient);
        b.segment(OBR).field(1, "1").field(3, &header.control_id);
        term(&mut b, 4, PUMP_MDS);
        b.field(7, &self.time.map(|t| t.to_string()).unwrap_or_default());
        let mut obx = Rows { b, row: 0 };
        for (what, place) in [
            (PUMP_MDS, "1.0.0.0"),
            (PUMP_VMD, "1.1.0.0"),
            (CHANNEL, "1.1.1.0"),
        ] {
            obx.row("", what, place);
            obx.b.field(11, "X");
            if let Some(pump) = &self.pump {
                obx.b.field(18, pump);
            }
        }
        let infusing = if self.infusing {
            INFUSING
        } else {
            NOT_INFUSING
        };
        obx.row("CWE", INFUSING_STATUS, "1.1.1.1");
        obx.b.components(5, ["", infusing]).field(11, "R");
        obx.number(FLOW, "1.1.1.2", self.rate_ml_per_h, Unit::ML_PER_H);
        if let Some(infused) = self.infused_ml {
            obx.number(VOLUME_DELIVERED, "1.1.1.3", infused, Unit::ML);
        }
        if let Some(version) = self.library_version {
            obx.row("ST", LIBRARY_VERSION, "1.0.0.1");
            obx.b.field(5, &version.to_string()).field(11, "R");
        }
        obx.b.finish()
    }

    pub(super) fn read(reader: &mut Reader<'_, '_>) -> Option<Self> {
        let patient = read_patient(reader);
        let device = reader.need_observed(&[PUMP_VMD, LVP_VMD, PUMP_MDS, LVP_MDS], "pump");
        let named = device.is_some_and(|obx| !obx.field(18).is_empty());
        let pump = device
            .filter(|_| named)
            .and_then(|obx| read_device(reader, &obx));
        let obr = reader.message.first(OBR);
        let time = obr.and_then(|obr| reader.optional(&obr, At(7, 1, "time")));
        let status = reader.need_observed(&[INFUSING_STATUS, PUMP_STATUS], "status of the pump");
        let infusing = status.and_then(|obx| {
            let at = At(5, 2, "status of the pump");
            let text = reader.text(&obx, at)?;
            if !text.starts_with("pump-status-") {
                reader.unknown(&obx, at, &text);
            }
            Some(text == INFUSING)
        });
        let rate = reader.observed(&[FLOW_CURRENT]);
        let rate = rate.or_else(|| reader.need_observed(&[FLOW], "rate"));
        let rate = rate.and_then(|obx| {
            reader.unit(&obx, 6, "unit of the rate", &[Unit::ML_PER_H]);
            reader.number(&obx, At(5, 1, "rate"), false)
        });
        let infused = reader.observed(&[VOLUME_DELIVERED]).and_then(|obx| {
            reader.unit(&obx, 6, "unit of the volume", &[Unit::ML]);
            reader.number(&obx, At(5, 1, "volume"), false)
        });
        let library = reader.observed(&[LIBRARY_VERSION]);
        let library = library.and_then(|obx| reader.key(&obx, At(5, 1, "drug library")));
        Some(Self {
            patient: patient?,
            pump,
            time: time.and_then(|t| Stamp::parse(&t)),
            infusing: infusing?,
            rate_ml_per_h: rate?,
            infused_ml: infused,
            library_version: library,
        })
    }
}

pub(super) fn term(b: &mut Builder, field: usize, term: Term) {
    let parts = term.parts();
    b.components(field, parts.iter().map(String::as_str));
}

/// OBX after OBX.
pub(super) struct Rows {
    pub(super) b: Builder,
    pub(super) row: usize,
}

impl Rows {
    /// OBX-1 to OBX-4.
    pub(super) fn row(&mut self, kind: &str, what: Term, place: &str) {
        self.row += 1;
        self.b.segment(OBX).field(1, &self.row.to_string());
        self.b.field(2, kind);
        term(&mut self.b, 3, what);
        self.b.field(4, place);
    }

    fn number(&mut self, what: Term, place: &str, value: f64, unit: Unit) {
        self.row("NM", what, place);
        self.b.number(5, value);
        coded(&mut self.b, 6, unit);
        self.b.field(11, "R");
    }
}
