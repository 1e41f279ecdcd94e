//! Who may know whom inside `sim`, as data.

use super::Finding;
use super::paths::Named;
use super::paths::paths;
use super::source::Source;

/// A module, what it may name below `crate::` besides itself, and whether it may hold state in bevy_ecs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer {
    pub(crate) module: &'static str,
    pub(crate) sees: &'static [&'static str],
    pub(crate) ecs: bool,
}

const fn layer(module: &'static str, sees: &'static [&'static str]) -> Layer {
    Layer {
        module,
        sees,
        ecs: false,
    }
}

const fn with_ecs(module: &'static str, sees: &'static [&'static str]) -> Layer {
    Layer {
        module,
        sees,
        ecs: true,
    }
}

/// Sees everything: what puts the lab together, runs it and tells what happened.
pub(crate) const EVERYTHING: &[&str] = &["*"];

/// From the leaves up. A module sees itself, and of the others what stands here.
pub(crate) const LAYERS: &[Layer] = &[
    layer("fingerprint", &[]),
    layer("label", &[]),
    layer("time", &["fingerprint"]),
    layer("rng", &[]),
    layer("catalog", &[]),
    with_ecs("engine", &["fingerprint", "label", "rng", "time"]),
    layer("crypto", &["fingerprint", "rng"]),
    layer("clinical", &["fingerprint", "time"]),
    layer(
        "wire",
        &["clinical", "crypto", "fingerprint", "label", "time"],
    ),
    layer("parameters", &["catalog", "time", "wire"]),
    layer(
        "spec",
        &[
            "catalog",
            "clinical",
            "fingerprint",
            "parameters",
            "time",
            "wire",
        ],
    ),
    layer(
        "proto",
        &["clinical", "crypto", "fingerprint", "rng", "time", "wire"],
    ),
    layer(
        "record",
        &[
            "clinical",
            "crypto",
            "engine::Lead",
            "engine::NodeId",
            "engine::Record",
            "fingerprint",
            "proto::wlan",
            "spec",
            "time",
            "wire",
        ],
    ),
    with_ecs(
        "event",
        &[
            "clinical",
            "crypto",
            "engine",
            "fingerprint",
            "label",
            "spec",
            "time",
            "wire",
        ],
    ),
    with_ecs(
        "net",
        &[
            "catalog", "crypto", "engine", "event", "proto", "record", "rng", "spec", "time",
            "wire",
        ],
    ),
    with_ecs(
        "device",
        &[
            "catalog", "clinical", "crypto", "engine", "event", "net", "proto", "record", "rng",
            "spec", "time", "wire",
        ],
    ),
    layer(
        "attack",
        &[
            "catalog",
            "crypto",
            "net::port",
            "parameters",
            "proto",
            "record",
            "rng",
            "spec",
            "time",
            "wire",
        ],
    ),
    with_ecs(
        "people",
        &[
            "clinical", "crypto", "device", "engine", "event", "net", "proto", "record", "rng",
            "spec", "time", "wire",
        ],
    ),
    with_ecs(
        "defend",
        &[
            "catalog", "crypto", "device", "engine", "event", "net", "record", "rng", "spec",
            "time", "wire",
        ],
    ),
    with_ecs(
        "agent",
        &[
            "attack", "device", "engine", "event", "net", "record", "wire",
        ],
    ),
    layer("control", &["catalog", "spec", "time", "wire"]),
    layer(
        "safety",
        &[
            "catalog",
            "clinical",
            "engine",
            "event",
            "parameters",
            "record",
            "spec",
            "time",
            "wire",
        ],
    ),
    layer("lab", EVERYTHING),
    layer("assemble", EVERYTHING),
    with_ecs("run", EVERYTHING),
    layer(
        "why",
        &[
            "clinical", "crypto", "engine", "event", "record", "spec", "time", "wire",
        ],
    ),
];

/// What a module should do instead of seeing more.
fn instead(module: &str) -> &'static str {
    match module {
        "attack" => "act through net::port::Hands, know what came back through it",
        "control" => "change the spec; the lab that is built from it shows the effect",
        "engine" => "the engine knows no domain: let its model decide",
        "net" | "device" => "what is above registers itself as a part, see device/part.rs",
        "proto" => "a machine gets what it needs as input and answers with output",
        "safety" => "judge records and ground truth",
        _ => "move what both need to a module below, or what needs it to assemble",
    }
}

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if source.in_sim().is_none() {
        return Vec::new();
    }
    let modules = source.modules();
    let Some(module) = modules.first() else {
        return Vec::new();
    };
    let Some(layer) = LAYERS.iter().find(|l| l.module == module) else {
        let advice = format!(
            "`{module}` has no row in LAYERS of tests/tidy/layers.rs: say there what it may know"
        );
        return vec![Finding::new(source, 1, "layer", advice)];
    };
    let mut found = Vec::new();
    for named in paths(source, "crate") {
        if !may(layer, &named) {
            let what = named.path.join("::");
            let advice = format!(
                "{module} must not use crate::{what}: {}",
                instead(layer.module)
            );
            found.push(Finding::new(source, named.line, "layer", advice));
        }
    }
    if !layer.ecs {
        for (_, token) in source.shipped().filter(|(_, t)| t.is_name("bevy_ecs")) {
            let advice = format!("{module} must not use bevy_ecs: {}", instead(layer.module));
            found.push(Finding::new(source, token.line, "layer", advice));
        }
    }
    found
}

fn may(layer: &Layer, named: &Named) -> bool {
    named.is_below(layer.module)
        || layer.sees == EVERYTHING
        || layer.sees.iter().any(|s| named.is_below(s))
}
