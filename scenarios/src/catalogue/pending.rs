//! Stands in for the lists of `pumplab-sim` until they are there; then this file goes.

use pumplab_sim::catalog::{Entry, Parameter, ParameterKind};

const fn p(
    name: &'static str,
    kind: ParameterKind,
    required: bool,
    doc: &'static str,
) -> Parameter {
    Parameter {
        name,
        kind,
        required,
        doc,
    }
}

const fn e(id: &'static str, title: &'static str, parameters: &'static [Parameter]) -> Entry {
    Entry {
        id,
        title,
        summary: title,
        parameters,
        references: &[],
    }
}

use ParameterKind::{Factor, Host, Integer, Network, Text};

pub(super) static TECHNIQUES: &[Entry] = &[
    e(
        "find-host",
        "Look up the address of a host",
        &[p("target", Host, true, "Host looked for.")],
    ),
    e(
        "open-shell",
        "Open a remote shell",
        &[
            p("target", Host, true, "Host."),
            p("via", Text, false, "Service."),
        ],
    ),
    e(
        "pivot-shell",
        "Go on from the shell held",
        &[p("target", Host, true, "Next host.")],
    ),
    e(
        "copy-file",
        "Copy a file from the onward shell to the shell's host",
        &[
            p("path", Text, true, "File there."),
            p("to", Text, false, "Path here."),
        ],
    ),
    e(
        "publish-file",
        "Move a file to where the web service serves it",
        &[
            p("path", Text, true, "File."),
            p("at", Text, true, "Path below /www."),
        ],
    ),
    e(
        "fetch-web",
        "Fetch a file over the web",
        &[
            p("target", Host, true, "Host."),
            p("path", Text, true, "Path."),
        ],
    ),
    e(
        "upload-archive",
        "Upload an archive by anonymous file transfer",
        &[
            p("target", Host, true, "Host."),
            p("path", Text, true, "Path there."),
            p(
                "expands_to_mib",
                Integer,
                true,
                "Size when expanded in MiB.",
            ),
        ],
    ),
    e(
        "expand-archive",
        "Expand an archive in the shell held",
        &[p("path", Text, true, "Archive.")],
    ),
    e(
        "push-drug-library",
        "Push a drug library to a pump",
        &[
            p("target", Host, true, "Pump."),
            p("drug", Text, true, "Drug whose limits are changed."),
            p("factor", Factor, true, "Factor on the upper limits."),
            p("version", Integer, false, "Version claimed."),
        ],
    ),
    e(
        "read-flash",
        "Read the memory of a device in hand",
        &[p("device", Host, true, "Device.")],
    ),
    e(
        "join-wlan",
        "Join a wireless network with a key that is known",
        &[p(
            "ssid",
            Network,
            false,
            "Network; whichever a key is known for by default.",
        )],
    ),
    e(
        "spoof-server",
        "Answer as the pump server's address",
        &[
            p("server", Host, true, "Pump server."),
            p("victims", Text, false, "Whom to deceive."),
        ],
    ),
    e(
        "offer-library",
        "Offer a library to the pumps that came",
        &[
            p("drug", Text, true, "Drug."),
            p("factor", Factor, true, "Factor on the upper limits."),
        ],
    ),
];

pub(super) static GOALS: &[Entry] = &[
    e("exfiltrate-phi", "Patient records reach the attacker", &[]),
    e(
        "silence-alarm",
        "An alarm of a pump reaches nobody",
        &[p("pump", Host, false, "Pump; any by default.")],
    ),
    e(
        "alter-limits",
        "A pump stores a library that the pharmacy did not issue",
        &[],
    ),
    e(
        "impersonate-server",
        "A pump takes the attacker for its server",
        &[],
    ),
];

pub(super) static PROPERTIES: &[Entry] = &[
    e(
        "dose-limits",
        "No dose beyond the hard limits of the pharmacy's library",
        &[],
    ),
    e(
        "library-integrity",
        "Active libraries are the pharmacy's",
        &[],
    ),
    e("alarm-delivery", "Alarms reach a nurse in time", &[]),
    e(
        "therapy-continuity",
        "No infusion stands still longer than it may",
        &[],
    ),
    e(
        "phi-confinement",
        "Patient records stay where they belong",
        &[],
    ),
];

pub(super) static METRICS: &[Entry] = &[
    e(
        "alarm-delivery-p99",
        "99th percentile of the time from alarm to nurse in s",
        &[],
    ),
    e("alarms-undelivered", "Alarms that reached nobody", &[]),
    e("therapy-gap-max", "Longest gap of an infusion in s", &[]),
    e(
        "records-exposed",
        "Patient records outside the hospital's systems",
        &[],
    ),
    e(
        "join-time-p99",
        "99th percentile of the time to join in s",
        &[],
    ),
    e(
        "log-entries-lost",
        "Log entries of pumps that were lost",
        &[],
    ),
    e("log-duplicates", "Log entries that arrived twice", &[]),
    e("events", "Events dispatched", &[]),
];
