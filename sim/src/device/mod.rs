//! What stands in the lab: hosts with their roles, access points, pumps, people.

pub mod access_point;
pub mod backup;
pub mod broker;
pub mod case;
pub mod clinical_systems;
pub mod controller;
pub mod credentials;
pub mod database;
pub mod directory;
pub mod guarded;
pub mod hl7_link;
pub mod host;
pub mod image;
pub mod infrastructure;
pub mod mail;
pub mod maintenance;
pub mod panel;
pub mod part;
pub mod power_sensor;
pub mod program;
pub mod pump;
pub mod pump_delivery;
mod pump_parts;
pub mod pump_server;
pub mod radius;
pub mod scenario_events;
pub mod sensor;
pub mod services;
pub mod share;
pub mod status_list;
pub mod storage;
pub mod weakness;

use part::parts;

parts! { Device:
    /// Files of a host.
    STORAGE = "Storage" in storage::PART;
    /// Accounts and sessions of a host's services.
    SERVICES = "Services" in services::SERVICES;
    /// Remote shell service.
    TELNET = "Telnet" in services::TELNET;
    /// File transfer service.
    FTP = "Ftp" in services::FTP;
    /// Web service.
    WEB = "Web" in services::WEB;
    /// File share.
    SHARE = "Share" in share::PART;
    /// Answers whoever connects.
    ANSWERING = "Answering" in services::ANSWERING;
    /// Vulnerabilities of a host.
    WEAKNESSES = "Weaknesses" in weakness::PART;
    /// Mail server.
    MAIL = "Mail" in mail::PART;
    /// Backup server.
    BACKUP = "Backup" in backup::PART;
    /// What runs on a host.
    PROGRAMS = "Programs" in program::PART;
    /// Maintenance windows.
    MAINTENANCE = "Software" in maintenance::PART;
    /// Authentication server.
    RADIUS = "Radius" in radius::PART;
    /// Wireless controller.
    CONTROLLER = "Controller" in controller::PART;
    /// Access point.
    ACCESS_POINT = "AccessPoint" in access_point::PART;
    /// Address server.
    DHCP_SERVER = "DhcpServer" in infrastructure::DHCP;
    /// Name server.
    DNS_SERVER = "DnsServer" in infrastructure::DNS;
    /// Certificate authority.
    AUTHORITY = "Authority" in infrastructure::AUTHORITY;
    /// Health record.
    EHR = "Ehr" in clinical_systems::EHR;
    /// Alarm manager.
    ALARM_MANAGER = "AlarmManager" in clinical_systems::ALARM_MANAGER;
    /// Nurses' station.
    NURSES_STATION = "NursesStation" in clinical_systems::NURSES_STATION;
    /// Links of the clinical systems.
    CLINICAL = "Clinical" in clinical_systems::LINKS;
    /// Pump server, toward pumps and clinical systems.
    PUMP_SERVER = "PumpServer" in pump_server::PART;
    /// Pump server, toward its database, the directory and the authority.
    PUMP_SERVER_BACK = "PumpServerBack" in pump_server::back::PART;
    /// Database.
    DATABASE = "Database" in database::PART;
    /// Directory of staff.
    DIRECTORY = "Directory" in directory::PART;
    /// Broker for support by manufacturers.
    BROKER = "Broker" in broker::PART;
    /// Case of a device.
    CASE = "Case" in case::PART;
    /// Pump: communication module.
    PUMP_COMMS = "PumpComms" in pump_parts::COMMS;
    /// Pump: service that takes libraries and orders from whoever connects.
    PUMP_PUSH = "PumpPush" in pump_parts::PUSH;
    /// Pump: delivery controller.
    PUMP_DELIVERY = "PumpDelivery" as "delivery-timer" in pump_parts::DELIVERY;
    /// Sensor at a pump's power lead.
    POWER_SENSOR = "PowerSensor" in power_sensor::PART;
}
