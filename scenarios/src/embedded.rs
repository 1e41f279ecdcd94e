//! The files that come with pumplab. A test walks the folders and compares.

macro_rules! embed {
    ($($path:literal,)*) => { &[$(($path, include_str!(concat!("../", $path))),)*] };
}

/// Path below the crate, and content.
pub(crate) static FILES: &[(&str, &str)] = embed![
    "defences/bare.toml",
    "defences/legacy.toml",
    "defences/psk-segmented.toml",
    "defences/sp1800-8-plus.toml",
    "defences/sp1800-8.toml",
    "labs/mixed.toml",
    "labs/ward.toml",
    "libraries/ward-v1.toml",
    "libraries/ward-v2.toml",
    "profiles/battery-module.toml",
    "profiles/default-accounts.toml",
    "profiles/gateway-docked.toml",
    "profiles/legacy-psk.toml",
    "profiles/modern-lvp.toml",
    "profiles/module-with-web-api.toml",
    "profiles/open-maintenance.toml",
    "profiles/syringe-auto-join.toml",
    "scenarios/calibration-altered.toml",
    "scenarios/communication-module-flood.toml",
    "scenarios/crafted-name-answer.toml",
    "scenarios/deauthentication-flood.toml",
    "scenarios/default-credential-portal.toml",
    "scenarios/default-credential-pump.toml",
    "scenarios/dormant-account-at-the-portal.toml",
    "scenarios/evil-twin.toml",
    "scenarios/false-name-server-by-lease.toml",
    "scenarios/false-server-without-certificate.toml",
    "scenarios/firmware-tampered.toml",
    "scenarios/flash-noticed-by-power.toml",
    "scenarios/guest-scan.toml",
    "scenarios/infected-service-laptop.toml",
    "scenarios/insider-at-the-bedside.toml",
    "scenarios/insider-before-the-logoff.toml",
    "scenarios/internet-scan.toml",
    "scenarios/jamming.toml",
    "scenarios/known-program-quarantined.toml",
    "scenarios/library-altered-in-database.toml",
    "scenarios/library-altered-in-transit.toml",
    "scenarios/library-edit-noticed.toml",
    "scenarios/lying-name-server.toml",
    "scenarios/malicious-vendor-session.toml",
    "scenarios/module-flaw-to-calibration.toml",
    "scenarios/one-editor-is-not-enough.toml",
    "scenarios/order-altered-from-the-office.toml",
    "scenarios/order-altered-in-transit.toml",
    "scenarios/patch-in-time.toml",
    "scenarios/password-in-a-file.toml",
    "scenarios/pump-opened-on-the-ward.toml",
    "scenarios/radius-outage.toml",
    "scenarios/ransomware-from-business.toml",
    "scenarios/records-from-the-database.toml",
    "scenarios/records-read-at-the-bedside.toml",
    "scenarios/replayed-order.toml",
    "scenarios/resold-pump-psk.toml",
    "scenarios/restore-after-ransom.toml",
    "scenarios/resold-pump-residual-data.toml",
    "scenarios/roaming-nurse-route.toml",
    "scenarios/rogue-dhcp.toml",
    "scenarios/scan-of-the-device-network.toml",
    "scenarios/server-name-changed.toml",
    "scenarios/stolen-vendor-password.toml",
    "scenarios/unlisted-program.toml",
    "scenarios/unsigned-library-push.toml",
    "scenarios/vendor-session-killed.toml",
    "scenarios/workstation-calls-home.toml",
    "scenarios/worm-through-the-house.toml",
    "scenarios/x1-phi-by-pivot.toml",
    "scenarios/x2-communication-crash.toml",
];

/// Files to begin with, by kind. `NAME` stands for the name.
pub(crate) static TEMPLATES: &[(&str, &str)] = embed![
    "templates/defence.toml",
    "templates/lab.toml",
    "templates/profile.toml",
    "templates/scenario.toml",
];

/// Further collections of scenarios, by name; each lies in the folder of its name and stands in place of `scenarios`.
pub(crate) static COLLECTIONS: &[(&str, &[(&str, &str)])] = &[("conformance", CONFORMANCE)];

static CONFORMANCE: &[(&str, &str)] = embed![
    "conformance/sim-22-determinism.toml",
    "conformance/wip-7-basic-functions.toml",
];
