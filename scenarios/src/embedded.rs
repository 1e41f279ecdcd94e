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
    "labs/ward.toml",
    "libraries/ward-v1.toml",
    "libraries/ward-v2.toml",
    "profiles/legacy-psk.toml",
    "profiles/modern-lvp.toml",
    "profiles/open-maintenance.toml",
    "scenarios/log-through-an-outage.toml",
    "scenarios/mass-recall.toml",
    "scenarios/mis-programming.toml",
    "scenarios/power-cut-of-a-ward.toml",
    "scenarios/deauthentication-flood.toml",
    "scenarios/default-credential-portal.toml",
    "scenarios/dormant-account-at-the-portal.toml",
    "scenarios/evil-twin.toml",
    "scenarios/jamming.toml",
    "scenarios/library-altered-in-database.toml",
    "scenarios/library-edit-noticed.toml",
    "scenarios/malicious-vendor-session.toml",
    "scenarios/one-editor-is-not-enough.toml",
    "scenarios/radius-outage.toml",
    "scenarios/records-from-the-database.toml",
    "scenarios/resold-pump-psk.toml",
    "scenarios/restart-in-roll-out.toml",
    "scenarios/roaming-nurse-route.toml",
    "scenarios/second-look.toml",
    "scenarios/shift-change.toml",
    "scenarios/silent-pumps.toml",
    "scenarios/tired-shift.toml",
    "scenarios/unsigned-library-push.toml",
    "scenarios/usability-budget.toml",
    "scenarios/stolen-vendor-password.toml",
    "scenarios/unsigned-library-push.toml",
    "scenarios/vendor-session-killed.toml",
    "scenarios/x1-phi-by-pivot.toml",
    "scenarios/x2-communication-crash.toml",
];

/// Further collections of scenarios, by name; each lies in the folder of its name and stands in place of `scenarios`.
pub(crate) static COLLECTIONS: &[(&str, &[(&str, &str)])] = &[("conformance", CONFORMANCE)];

static CONFORMANCE: &[(&str, &str)] = embed![
    "conformance/sim-22-determinism.toml",
    "conformance/wip-7-basic-functions.toml",
];
