//! PCD-03: an order for a pump, RGV^O15.

use super::Defaults;
use super::fault::{At, FaultKind, Reader};
use super::header::{Header, Kind};
use super::observation::term;
use super::term::{OBX, PUMP_VMD, Unit, WEIGHT};
use crate::clinical::drug_library::{AmountUnit, Concentration};
use crate::clinical::order::InfusionOrder;
use crate::wire::hl7::{BuildError, Builder, Segment, SegmentId};

const PID: SegmentId = SegmentId::known(b"PID");
const PV1: SegmentId = SegmentId::known(b"PV1");
const RXG: SegmentId = SegmentId::known(b"RXG");
const RXR: SegmentId = SegmentId::known(b"RXR");
pub(super) const ORC: SegmentId = SegmentId::known(b"ORC");

/// An order and the pump that is to carry it out.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The pump (OBX-18 of the pump's OBX).
    pub pump: String,
    /// The order.
    pub order: InfusionOrder,
}

impl Order {
    /// The message.
    ///
    /// # Errors
    /// A rate, volume or concentration that is no finite number.
    pub fn write(&self, header: &Header) -> Result<Vec<u8>, BuildError> {
        let mut b = header.write(Kind::Order);
        let order = &self.order;
        patient(&mut b, order.patient);
        b.segment(PV1).field(2, "I").field(3, &order.care_area);
        b.segment(ORC)
            .field(1, "RE")
            .field(2, &order.id.to_string());
        let amount = match order.concentration.unit {
            AmountUnit::Mg => Unit::MG,
            AmountUnit::Units => Unit::INTERNATIONAL,
        };
        b.segment(RXG)
            .field(1, "1")
            .components(4, ["", &order.drug]);
        b.number(5, order.vtbi_ml);
        coded(&mut b, 7, Unit::ML);
        b.components(9, ["", &order.concentration.text]);
        b.number(15, order.rate_ml_per_h);
        coded(&mut b, 16, Unit::ML_PER_H);
        b.number(17, order.concentration.per_ml);
        coded(&mut b, 18, amount);
        b.number(23, 1.0);
        coded(&mut b, 24, Unit::ML);
        b.segment(RXR).field(1, "IV").field(3, "IVP");
        b.segment(OBX).field(1, "1");
        term(&mut b, 3, PUMP_VMD);
        b.field(11, "X").field(18, &self.pump);
        b.finish()
    }

    pub(super) fn read(reader: &mut Reader<'_, '_>, defaults: &Defaults) -> Option<Self> {
        let patient = read_patient(reader);
        let care_area = care_area(reader, defaults);
        let orc = reader.only(ORC, "order");
        let id = orc.and_then(|orc| {
            let at = At(1, 1, "order control");
            let control = reader.text(&orc, at);
            if let Some(other) = control.filter(|c| c != "RE") {
                reader.unknown(&orc, at, &other);
            }
            reader.key(&orc, At(2, 1, "order"))
        });
        let pump = read_pump(reader);
        let rxg = reader.only(RXG, "infusion")?;
        let drug = reader.text(&rxg, At(4, 2, "drug"));
        let vtbi = reader.number(&rxg, At(5, 1, "volume to be infused"), true);
        reader.unit(&rxg, 7, "unit of the volume", &[Unit::ML]);
        let concentration = concentration(reader, &rxg);
        let rate = rate(reader, &rxg, concentration.as_ref());
        Some(Self {
            pump: pump?,
            order: InfusionOrder {
                id: id?,
                patient: patient?,
                care_area: care_area?,
                drug: drug?,
                concentration: concentration?,
                rate_ml_per_h: rate?,
                vtbi_ml: vtbi?,
                // RGV^O15 does not say whether the volume is all there is to give.
                dose: false,
            },
        })
    }
}

/// PID with the number of a patient. The name, which must not be empty, is said to be unknown.
pub(super) fn patient(b: &mut Builder, patient: u32) {
    let number = patient.to_string();
    b.segment(PID)
        .components(3, [&number, "", "", "PUMPLAB", "PI"])
        .components(5, ["", "", "", "", "", "", "U"]);
}

pub(super) fn read_patient(reader: &mut Reader<'_, '_>) -> Option<u32> {
    let pid = reader.segment(PID, "patient")?;
    reader.key(&pid, At(3, 1, "patient"))
}

/// The point of care where the patient lies.
fn care_area(reader: &mut Reader<'_, '_>, defaults: &Defaults) -> Option<String> {
    let at = At(3, 1, "care area");
    let stated = reader.message.first(PV1);
    let stated = stated.and_then(|pv1| reader.optional(&pv1, at));
    if stated.is_some() || defaults.care_area.is_some() {
        return stated.or_else(|| defaults.care_area.clone());
    }
    let pv1 = reader.segment(PV1, "care area")?;
    reader.text(&pv1, at)
}

/// The pump that the order is for: the entity of OBX-18, or its universal id where samples have that only.
fn read_pump(reader: &mut Reader<'_, '_>) -> Option<String> {
    let obx = reader.need_observed(&[PUMP_VMD], "pump")?;
    read_device(reader, &obx)
}

/// The device of an OBX (OBX-18).
pub(super) fn read_device(reader: &mut Reader<'_, '_>, obx: &Segment<'_, '_>) -> Option<String> {
    let universal = Reader::value(obx, At(18, 3, "pump"));
    if Reader::value(obx, At(18, 1, "pump")).is_empty() && !universal.is_empty() {
        return reader.text(obx, At(18, 3, "pump"));
    }
    reader.text(obx, At(18, 1, "pump"))
}

pub(super) fn coded(b: &mut Builder, field: usize, unit: Unit) {
    let parts = unit.parts();
    b.components(field, parts.iter().map(String::as_str));
}

/// Amount over volume: RXG-17 and RXG-18 over RXG-23 and RXG-24.
fn concentration(reader: &mut Reader<'_, '_>, rxg: &Segment<'_, '_>) -> Option<Concentration> {
    let amount = reader.number(rxg, At(17, 1, "amount of drug"), true);
    let unit = reader.unit(
        rxg,
        18,
        "unit of the amount",
        &[Unit::MG, Unit::INTERNATIONAL],
    );
    let volume = reader.number(rxg, At(23, 1, "volume that holds the amount"), true);
    reader.unit(rxg, 24, "unit of that volume", &[Unit::ML])?;
    let label = reader.optional(rxg, At(9, 2, "label"));
    let (amount, volume, ucum) = (amount?, volume?, unit?.ucum);
    let unit = if ucum == Unit::MG.ucum {
        AmountUnit::Mg
    } else {
        AmountUnit::Units
    };
    let per_ml = sensible(reader, rxg, At(17, 1, "amount per volume"), amount / volume)?;
    Some(Concentration {
        text: label.unwrap_or_else(|| format!("{amount} {ucum} in {volume} mL")),
        per_ml,
        unit,
    })
}

/// The rate in mL/h: stated, or worked out from a dose by weight.
fn rate(
    reader: &mut Reader<'_, '_>,
    rxg: &Segment<'_, '_>,
    concentration: Option<&Concentration>,
) -> Option<f64> {
    let rate = reader.number(rxg, At(15, 1, "rate"), true);
    let units = [Unit::ML_PER_H, Unit::UG_PER_KG_MIN];
    let unit = reader.unit(rxg, 16, "unit of the rate", &units)?;
    if unit == Unit::ML_PER_H {
        return rate;
    }
    let weight = reader.need_observed(&[WEIGHT], "weight for a dose by weight");
    let weight = weight.and_then(|obx| {
        reader.unit(&obx, 6, "unit of the weight", &[Unit::KG]);
        reader.number(&obx, At(5, 1, "weight"), true)
    })?;
    let concentration = concentration?;
    if concentration.unit != AmountUnit::Mg {
        reader.unknown(
            rxg,
            At(18, 1, "unit of the amount, for a dose in micrograms"),
            "[iU]",
        );
        return None;
    }
    // µg/kg/min x kg x 60 min/h / 1000 µg/mg / (mg/mL)
    let rate = rate? * weight * 60.0 / 1000.0 / concentration.per_ml;
    sensible(reader, rxg, At(15, 1, "rate that the dose comes to"), rate)
}

/// A number that was worked out, unless it is too large or too small to be one.
fn sensible(
    reader: &mut Reader<'_, '_>,
    rxg: &Segment<'_, '_>,
    at: At,
    number: f64,
) -> Option<f64> {
    if number.is_finite() && number > 0.0 {
        return Some(number);
    }
    let kind = FaultKind::NotANumber(number.to_string());
    reader.fault(kind, at.2, rxg.location(Some(at.0), None));
    None
}
