//! What stands in the lab: hosts with their roles, access points, pumps, people.

pub mod access_point;
pub mod backup;
pub mod broker;
pub mod case;
pub mod clinical_systems;
pub mod controller;
pub mod database;
pub mod directory;
pub mod host;
pub mod image;
pub mod infrastructure;
pub mod mail;
pub mod nurse;
pub mod office;
pub mod panel;
pub mod pharmacy;
pub mod power_sensor;
pub mod pump;
pub mod pump_delivery;
pub mod pump_server;
pub mod radius;
pub mod services;
pub mod share;
pub mod software;
pub mod vendor;
pub mod weakness;
