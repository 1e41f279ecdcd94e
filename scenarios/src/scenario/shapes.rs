//! The shape of scenario files.

use crate::common::ACCEPTED;
use crate::shape::{Kind, Owner, Shape, Vocabulary, may, need, words};
use crate::threat::Threat;

static DEFENCE: Kind = Kind::Either(&[
    Kind::Name(Vocabulary::Defence),
    Kind::List(&Kind::Name(Vocabulary::Control)),
]);

/// A bound of a metric: a number, or a duration for metrics in seconds.
static BOUND: Kind = Kind::Bound("metric");

/// A scenario file.
pub(crate) static SCENARIO: Shape = Shape {
    name: "a scenario",
    fields: &[
        need("title", Kind::Text, "What happens, one line."),
        may(
            "summary",
            Kind::Text,
            "What it shows and where it comes from, a paragraph.",
        ),
        may(
            "threat",
            Kind::Word(Threat::WORDS),
            "Kind of threat: tables group by it, and `run` and `list` select by it. It changes nothing in the run.",
        ),
        may(
            "tags",
            Kind::List(&Kind::Text),
            "Words of one's own to select by, such as `drug-library`: small letters, digits and dashes.",
        ),
        need("lab", Kind::Name(Vocabulary::Lab), "Who is there."),
        need(
            "defence",
            DEFENCE,
            "Which controls are on: the name of a defence, or a list of controls.",
        ),
        may(
            "seed",
            Kind::Integer(0, i64::MAX),
            "Seed of all luck; 1 by default.",
        ),
        need("duration", Kind::Interval, "Simulated length of the run."),
        may(
            "expiring",
            Kind::Table(&EXPIRING),
            "Hosts whose certificates were issued before the others' and run out during the run, where the lab has an authority.",
        ),
        may(
            "attacker",
            Kind::List(&Kind::Table(&ATTACKER)),
            "Attackers.",
        ),
        may(
            "event",
            Kind::List(&Kind::Table(&EVENT)),
            "What happens without malice.",
        ),
        need(
            "expect",
            Kind::List(&Kind::Table(&EXPECT)),
            "What must come out.",
        ),
        may(
            "contrast",
            Kind::Table(&CONTRAST),
            "Where the attack succeeds; needed wherever there is an attacker.",
        ),
        may(
            "shows",
            Kind::List(&Kind::Table(&SHOWS)),
            "Controls of which the scenario shows that they make a difference.",
        ),
        ACCEPTED,
        may(
            "cases",
            Kind::List(&Kind::Text),
            "Test cases that it answers to, such as `SIM-14`.",
        ),
    ],
    one_of: &[],
};

static EXPIRING: Shape = Shape {
    name: "certificates that run out",
    fields: &[
        need(
            "hosts",
            Kind::List(&Kind::Name(Vocabulary::Host)),
            "Whose they are.",
        ),
        need(
            "after",
            Kind::Interval,
            "When they run out, since the run began.",
        ),
    ],
    one_of: &[],
};

static ATTACKER: Shape = Shape {
    name: "an attacker",
    fields: &[
        need("name", Kind::Text, "Name."),
        need("at", Kind::Table(&PLACE), "Where it stands."),
        may(
            "knows",
            Kind::List(&KNOWLEDGE),
            "Inside knowledge; shown in the report.",
        ),
        need(
            "goal",
            Kind::Name(Vocabulary::Goal),
            "What counts as success, judged by ground truth.",
        ),
        may(
            "goal_with",
            Kind::With(Owner::Goal),
            "Parameters of the goal.",
        ),
        need(
            "step",
            Kind::List(&Kind::Table(&STEP)),
            "What it tries, in order.",
        ),
        may(
            "program",
            Kind::List(&Kind::Table(&PROGRAM)),
            "Programs that it has made to run on other hosts.",
        ),
    ],
    one_of: &[],
};

static PROGRAM: Shape = Shape {
    name: "a program",
    fields: &[
        need("name", Kind::Text, "What the attacker's steps call it."),
        need("family", Kind::Text, "What scanners and lists know it by."),
        need(
            "step",
            Kind::List(&Kind::Table(&STEP)),
            "What a host that runs it does, in order; times count from when it begins to run.",
        ),
    ],
    one_of: &[],
};

pub(crate) static PLACE: Shape = Shape {
    name: "a place",
    fields: &[
        may(
            "zone",
            Kind::Name(Vocabulary::Zone),
            "An own computer on a cable in this zone, with an address of the zone's segment.",
        ),
        may(
            "radio",
            Kind::Position,
            "An own radio at this position in metres: hears and sends frames, and is on no network until it joins one.",
        ),
        may(
            "host",
            Kind::Name(Vocabulary::Host),
            "Controls this host of the lab, with its address, its network and its files.",
        ),
        may(
            "internet",
            Kind::True,
            "An own computer on the internet, outside the hospital's edge.",
        ),
        may(
            "bedside",
            Kind::Name(Vocabulary::Pump),
            "Stands next to this pump: operates, opens and connects to it by hand, and is on no network.",
        ),
    ],
    one_of: &["zone", "radio", "host", "internet", "bedside"],
};

/// Words of knowledge, and what they give.
pub(crate) const KNOWLEDGE_WORDS: [(&str, &str); 2] = [
    (
        "drug-library",
        "The drug library with the highest version of the lab, to alter and to offer: unsigned, since the attacker has no key.",
    ),
    (
        "wlan-psk",
        "The passphrase of every wireless network of the lab that has one, under the defence of the run.",
    ),
];

pub(crate) static KNOWLEDGE_TABLE: Shape = Shape {
    name: "a piece of knowledge",
    fields: &[
        may(
            "passphrase",
            Kind::Name(Vocabulary::Network),
            "The passphrase of this wireless network, if it has one.",
        ),
        may(
            "address",
            Kind::Name(Vocabulary::Host),
            "The address of this host: no step has to find it first.",
        ),
        may(
            "accounts",
            Kind::Name(Vocabulary::Host),
            "Users and passwords of this host's accounts, under the defence of the run.",
        ),
        may("user", Kind::Text, "Of `accounts`, this user's only."),
        may(
            "token",
            Kind::Text,
            "The second factor of this user of a broker, in hand: it answers the broker's challenges.",
        ),
    ],
    one_of: &["passphrase", "address", "accounts", "token"],
};

static KNOWLEDGE: Kind = Kind::Either(&[
    Kind::Word(&words(&KNOWLEDGE_WORDS)),
    Kind::Table(&KNOWLEDGE_TABLE),
]);

static STEP: Shape = Shape {
    name: "a step",
    fields: &[
        may(
            "after",
            Kind::Duration,
            "Earliest time since the run began; a step also waits for the one before it.",
        ),
        need("use", Kind::Name(Vocabulary::Technique), "Technique."),
        may("with", Kind::With(Owner::Technique), "Its parameters."),
    ],
    one_of: &[],
};

static EVENT: Shape = Shape {
    name: "an event",
    fields: &[
        need("at", Kind::Duration, "When."),
        need("what", Kind::Name(Vocabulary::Event), "What."),
        may("with", Kind::With(Owner::Event), "Its parameters."),
    ],
    one_of: &[],
};

pub(super) static EXPECT: Shape = Shape {
    name: "an expectation",
    fields: &[
        may(
            "holds",
            Kind::Name(Vocabulary::Property),
            "This safety property holds.",
        ),
        may(
            "violated",
            Kind::Name(Vocabulary::Property),
            "This safety property does not hold: the scenario shows a limit of its defence.",
        ),
        may(
            "metric",
            Kind::Name(Vocabulary::Metric),
            "This metric stays within bounds.",
        ),
        may(
            "at_most",
            BOUND,
            "Upper bound of the metric; durations are seconds.",
        ),
        may(
            "at_least",
            BOUND,
            "Lower bound of the metric; durations are seconds.",
        ),
        may(
            "reaches",
            Kind::Name(Vocabulary::Goal),
            "An attacker reaches this goal.",
        ),
        may(
            "not_reaches",
            Kind::Name(Vocabulary::Goal),
            "No attacker reaches this goal.",
        ),
        may(
            "stopped",
            Kind::Name(Vocabulary::Technique),
            "Each step that uses this technique fails.",
        ),
        may(
            "detected",
            Kind::Name(Vocabulary::Technique),
            "Some alert leads back to a step that uses this technique.",
        ),
        may(
            "within",
            Kind::Duration,
            "Of `detected`: longest time from the beginning of the first such step. Of `reaches` and `not_reaches`: end of the time since the run began.",
        ),
        may(
            "undetected",
            Kind::Name(Vocabulary::Technique),
            "No alert leads back to a step that uses this technique: the scenario shows a limit of its sensors.",
        ),
        may(
            "repeats",
            Kind::True,
            "The run made again gives the same fingerprint.",
        ),
        may(
            "at",
            Kind::Duration,
            "The moment at which the metric is looked at; the end of the run by default. For metrics that have a value at any time.",
        ),
        may(
            "from",
            Kind::Duration,
            "Beginning of the time that `holds`, `violated` or `metric` is about.",
        ),
        may(
            "until",
            Kind::Duration,
            "End of that time. A metric stays within its bounds all that time.",
        ),
        may(
            "after",
            Kind::Duration,
            "The goal is reached at this time since the run began, or later.",
        ),
    ],
    one_of: &[
        "holds",
        "violated",
        "metric",
        "reaches",
        "not_reaches",
        "stopped",
        "detected",
        "undetected",
        "repeats",
    ],
};

static CONTRAST: Shape = Shape {
    name: "a contrast",
    fields: &[
        need(
            "defence",
            DEFENCE,
            "The weaker defence: a name, or a list of controls.",
        ),
        may(
            "without",
            Kind::List(&Kind::Name(Vocabulary::Control)),
            "Controls left out of it.",
        ),
        need(
            "reaches",
            Kind::Name(Vocabulary::Goal),
            "The goal that the attacker reaches there.",
        ),
    ],
    one_of: &[],
};

static SHOWS: Shape = Shape {
    name: "a shown control",
    fields: &[
        need(
            "control",
            Kind::Name(Vocabulary::Control),
            "The control that makes the difference.",
        ),
        may(
            "among",
            DEFENCE,
            "What is on while it is shown, the control included: a list of controls, or a defence; the scenario's own defence by default.",
        ),
        may(
            "by",
            Kind::List(&Kind::Text),
            "The expectations that show it, each by the property, metric, goal or technique that it is about; all by default. With the control they hold, without it at least one of them does not.",
        ),
    ],
    one_of: &[],
};
