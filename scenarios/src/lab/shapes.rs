//! The shape of lab files: of each table the keys that its struct has.

use super::tables::{AccessPointTable, FlatTable, HostTable, PumpTable, WlanTable, ZoneTable};
use crate::common::{ACCEPTED, SUMMARY, TITLE};
use crate::shape::{Kind, Shape, Vocabulary, may, need, shape};
use pumplab_sim::parameters::{Keyed, Parameters};
use pumplab_sim::spec::{NurseSpec, RadioSpec, RoleSpec};

/// A lab file.
pub(crate) static LAB: Shape = Shape {
    name: "a lab",
    fields: &[
        TITLE,
        SUMMARY,
        need(
            "calendar",
            Kind::Calendar,
            "Date and time at which runs begin; certificates are judged by it.",
        ),
        need(
            "libraries",
            Kind::List(&Kind::Name(Vocabulary::LibraryFile)),
            "Drug libraries that the pharmacy has issued, oldest first.",
        ),
        need(
            "flat",
            Kind::Parameters(FlatTable::TABLE),
            "The network as it is before any control.",
        ),
        need(
            "radio",
            Kind::Parameters(RadioSpec::TABLE),
            "Propagation on the floor.",
        ),
        need(
            "zone",
            Kind::List(&Kind::Parameters(ZoneTable::TABLE)),
            "Zones: hosts of one kind and trust, with their addresses.",
        ),
        need(
            "wlan",
            Kind::List(&Kind::Parameters(WlanTable::TABLE)),
            "Wireless networks.",
        ),
        need(
            "access_point",
            Kind::List(&Kind::Parameters(AccessPointTable::TABLE)),
            "Access points.",
        ),
        need(
            "host",
            Kind::List(&Kind::Table(&HOST)),
            "Everything with an address that is not a pump.",
        ),
        may(
            "known_malware",
            Kind::List(&Kind::Text),
            "Families of programs that scanners have signatures of.",
        ),
        ACCEPTED,
        need(
            "pump",
            Kind::List(&Kind::Parameters(PumpTable::TABLE)),
            "Pumps.",
        ),
        need(
            "nurse",
            Kind::List(&Kind::Parameters(NurseSpec::TABLE)),
            "Nurses.",
        ),
    ],
    one_of: &[],
};

/// A host: its own keys, and one for each role.
static HOST: Shape = shape!("a host"; HostTable::PARAMETERS, <RoleSpec as Keyed>::KEYS);
