//! The shape of pumps in lab files.

use super::shapes::NUMBER;
use crate::shape::{Kind, Shape, Vocabulary, may, need};

pub(crate) static PUMP: Shape = Shape {
    name: "a pump",
    fields: &[
        need("name", Kind::Text, "Name; also its DNS name."),
        need("zone", Kind::Name(Vocabulary::Zone), "Zone."),
        need("number", NUMBER, "Number of its address in the zone."),
        need(
            "profile",
            Kind::Name(Vocabulary::Profile),
            "Profile that it is made from.",
        ),
        need("server", Kind::Name(Vocabulary::PumpServer), "Its server."),
        need("room", Kind::Integer(0, 1_000_000), "Room it stands in."),
        need("at", Kind::Position, "Position on the floor in metres."),
        need(
            "flow_error",
            Kind::Number(-0.05, 0.05),
            "Flow error as a fraction; volumetric pumps stay within 0.05 (IEC 60601-2-24).",
        ),
        may(
            "library_version",
            Kind::Integer(1, 1_000_000),
            "Version of the library that is active at first; the first by default.",
        ),
        may(
            "battery_hours",
            Kind::Number(0.01, 1000.0),
            "Battery life in hours when off mains; on mains by default.",
        ),
        may("infusion", Kind::Table(&INFUSION), "What it infuses."),
    ],
    one_of: &[],
};

static INFUSION: Shape = Shape {
    name: "an infusion",
    fields: &[
        need("patient", Kind::Integer(0, 0xFFFF_FFFF), "Patient."),
        need("care_area", Kind::Name(Vocabulary::CareArea), "Care area."),
        need("drug", Kind::Name(Vocabulary::Drug), "Drug."),
        need(
            "rate_ml_per_h",
            Kind::Number(0.01, 10_000.0),
            "Rate in mL/h.",
        ),
        need(
            "vtbi_ml",
            Kind::Number(0.01, 100_000.0),
            "Volume to be infused in mL.",
        ),
        may(
            "dose",
            Kind::Bool,
            "Whether it is an intermittent dose, of which the volume is all there is to give; no by default: it goes on until somebody ends it.",
        ),
        need(
            "bag_ml",
            Kind::Number(0.01, 100_000.0),
            "Volume in the bag in mL.",
        ),
        need("start", Kind::Duration, "When the nurse starts it."),
    ],
    one_of: &[],
};
