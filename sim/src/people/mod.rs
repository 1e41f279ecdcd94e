//! People of the lab: nurses, and those who sit at computers or bring devices with them. A person acts by hand, by eye and by a computer;
//! what they use is below, in `device`.

pub mod nurse;
pub mod office;
pub mod pharmacy;
pub mod vendor;
pub mod visitors;

use crate::device::part::parts;

parts! { People:
    /// A nurse.
    NURSE = "Nurse" in nurse::PART;
    /// Ordinary load by staff.
    OFFICE = "Office" in office::PART;
    /// Devices that people carry with them.
    VISITORS = "Crowd" in visitors::PART;
    /// Workstation of the pharmacy.
    PHARMACY = "Pharmacy" in pharmacy::PART;
    /// Support engineer of a manufacturer.
    VENDOR = "Vendor" in vendor::PART;
}
