//! The files that come with pumplab. A test walks the folders and compares.

/// Path below the crate, and content.
pub(crate) static FILES: &[(&str, &str)] = &[
    ("defences/bare.toml", include_str!("../defences/bare.toml")),
    (
        "defences/legacy.toml",
        include_str!("../defences/legacy.toml"),
    ),
    (
        "defences/psk-segmented.toml",
        include_str!("../defences/psk-segmented.toml"),
    ),
    (
        "defences/sp1800-8-plus.toml",
        include_str!("../defences/sp1800-8-plus.toml"),
    ),
    (
        "defences/sp1800-8.toml",
        include_str!("../defences/sp1800-8.toml"),
    ),
    ("labs/ward.toml", include_str!("../labs/ward.toml")),
    (
        "libraries/ward-v1.toml",
        include_str!("../libraries/ward-v1.toml"),
    ),
    (
        "libraries/ward-v2.toml",
        include_str!("../libraries/ward-v2.toml"),
    ),
    (
        "profiles/legacy-psk.toml",
        include_str!("../profiles/legacy-psk.toml"),
    ),
    (
        "profiles/modern-lvp.toml",
        include_str!("../profiles/modern-lvp.toml"),
    ),
    (
        "profiles/open-maintenance.toml",
        include_str!("../profiles/open-maintenance.toml"),
    ),
    (
        "scenarios/radius-outage.toml",
        include_str!("../scenarios/radius-outage.toml"),
    ),
    (
        "scenarios/resold-pump-psk.toml",
        include_str!("../scenarios/resold-pump-psk.toml"),
    ),
    (
        "scenarios/roaming-nurse-route.toml",
        include_str!("../scenarios/roaming-nurse-route.toml"),
    ),
    (
        "scenarios/unsigned-library-push.toml",
        include_str!("../scenarios/unsigned-library-push.toml"),
    ),
    (
        "scenarios/x1-phi-by-pivot.toml",
        include_str!("../scenarios/x1-phi-by-pivot.toml"),
    ),
    (
        "scenarios/x2-communication-crash.toml",
        include_str!("../scenarios/x2-communication-crash.toml"),
    ),
];
