//! Everything that can be wrong with a file, each with a stable code, a place and a hint.

use crate::render;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Name for people: a path, or `labs/ward.toml` for an embedded file.
    pub name: String,
    /// Content.
    pub text: String,
}

impl Source {
    /// A source that can be shared by many diagnostics.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            text: text.to_owned(),
        })
    }
}

macro_rules! codes {
    ($( $name:ident = $id:literal, $title:literal, $doc:literal; )*) => {
        /// What kind of mistake it is. Codes are stable: a code is never used for something else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $( #[doc = $doc] $name, )*
        }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Self] = &[ $( Self::$name, )* ];

            /// The code as it is printed.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $( Self::$name => $id, )* }
            }

            /// What is wrong, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $( Self::$name => $title, )* }
            }

            /// What it means and what to do.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $( Self::$name => $doc, )* }
            }
        }
    };
}

codes! {
    Syntax = "PL0101", "not TOML", "The file cannot be read as TOML. Text needs quotes, times too: `after = \"10m\"`.";
    UnknownKey = "PL0102", "unknown key", "The table has no such key. A misspelt key is never ignored, since the file would then mean less than it says.";
    MissingKey = "PL0103", "missing key", "The table lacks a key that it must have.";
    WrongType = "PL0104", "wrong type", "The value is of another type than the key takes.";
    Duration = "PL0105", "not a time", "A time is text with units from long to short: `90s`, `10m`, `1h30m`.";
    Range = "PL0106", "out of range", "The value lies outside what the model is made for.";
    Word = "PL0107", "unknown word", "The key takes one of a few words.";
    Choice = "PL0108", "needs one of several keys", "The table takes exactly one of these keys, since each means something different.";
    Duplicate = "PL0110", "named twice", "Two things have the same name, number or address.";
    Address = "PL0111", "not an address", "An address is written `10.0.20.10`, a prefix `10.0.20.0/24`.";
    Factor = "PL0112", "not a factor", "A factor is written `x10` or `x0.5`; it must be positive.";
    File = "PL0113", "cannot be read", "The file or folder is not there, or may not be read.";
    BoundUnit = "PL0114", "not a value of the metric", "A bound of a metric is a number in the metric's unit: a share lies between 0 and 1, and a metric in seconds takes a time such as `10s` as well.";
    Written = "PL0115", "written otherwise", "The text is not written in the form that the parameter takes: an account, addresses, subnets or ports.";
    UnknownLab = "PL0201", "unknown lab", "No lab has this name.";
    UnknownDefence = "PL0202", "unknown defence", "No defence has this name. A list of control identifiers is possible as well.";
    UnknownControl = "PL0203", "unknown control", "No control has this identifier; `pumplab list controls` prints them.";
    UnknownTechnique = "PL0204", "unknown technique", "No technique has this identifier; `pumplab list techniques` prints them.";
    UnknownParameter = "PL0205", "unknown parameter", "The technique or event does not take this parameter.";
    MissingParameter = "PL0206", "missing parameter", "The technique, event or goal needs a parameter that is not given.";
    UnknownGoal = "PL0207", "unknown goal", "No goal has this identifier; `pumplab list goals` prints them.";
    UnknownProperty = "PL0208", "unknown property", "No safety property has this identifier; `pumplab list properties` prints them.";
    UnknownMetric = "PL0209", "unknown metric", "No metric has this identifier; `pumplab list metrics` prints them.";
    UnknownScenario = "PL0210", "unknown scenario", "No scenario has this name.";
    UnknownProfile = "PL0211", "unknown profile", "No profile of this kind of product has this name.";
    UnknownLibrary = "PL0212", "unknown drug library", "No drug library has this name or version.";
    UnknownEvent = "PL0213", "unknown event", "Nothing of this kind can happen.";
    UnknownCollection = "PL0214", "unknown collection", "`--library` takes a folder of one's own, or the name of a built-in collection of scenarios.";
    Together = "PL0215", "parameters that do not go together", "Some parameters are needed together, some make sense only with a word of another, and of some exactly one is given.";
    UnknownHost = "PL0301", "unknown host", "The lab has no host of this name.";
    UnknownPump = "PL0302", "unknown pump", "The lab has no pump of this name.";
    UnknownZone = "PL0303", "unknown zone", "The lab has no zone of this name.";
    UnknownNetwork = "PL0304", "unknown wireless network", "The lab has no wireless network of this name, with or without the defence.";
    UnknownDrug = "PL0305", "unknown drug", "No drug library of the lab holds this drug.";
    UnknownCareArea = "PL0306", "unknown care area", "No drug library of the lab holds this care area.";
    UnknownNode = "PL0307", "unknown node", "The lab has no host, access point, router or segment of this name, with or without the defence.";
    UnknownServer = "PL0308", "unknown server", "The lab has no host of this name with the role that is needed here.";
    UnknownVulnerability = "PL0309", "unknown vulnerability", "No host of the lab and no lab or profile of the library has a vulnerability of this name.";
    UnknownProgram = "PL0310", "unknown program", "The attacker has made no program of this name. A program carries no other program.";
    NoContrast = "PL0401", "attacker without contrast", "An attack that is stopped proves something only if it succeeds somewhere else: name a weaker defence under which the goal is reached.";
    IdleContrast = "PL0402", "contrast without attacker", "A contrast shows where an attack succeeds; there is no attack here.";
    ForeignGoal = "PL0403", "no attacker has this goal", "The expectation or the contrast speaks of a goal that no attacker of the scenario has.";
    AfterEnd = "PL0404", "after the end", "The run ends before this happens.";
    UnusedTechnique = "PL0405", "no step uses it", "The expectation speaks of a technique that no step uses.";
    Repeated = "PL0406", "listed twice", "The same item stands in the list twice.";
    NoExpectation = "PL0407", "nothing expected", "A scenario without an expectation always holds: say what must hold.";
    DrugLibrary = "PL0408", "drug library makes no sense", "The drug library contradicts itself.";
    NoBound = "PL0409", "metric without bound", "An expectation about a metric needs `at_most`, `at_least` or both.";
    NotInLibrary = "PL0410", "no such entry in the drug library", "The pump would refuse the programme: the library holds no such drug in this care area, or its hard limits exclude the rate.";
    Outside = "PL0411", "outside the subnet", "The number does not fit into the zone's address space.";
    Bound = "PL0412", "bound that belongs elsewhere", "`at_most`, `at_least` and `at` belong to an expectation about a metric, `from` and `until` to one about a metric or a property, `within` to one about detection or a goal, `after` to one about a goal that is reached. Some metrics, such as percentiles, have a value at the end of the run only.";
    OutOfOrder = "PL0413", "times out of order", "A step waits for the one before it; its time must not be earlier. A time that an expectation is about begins before it ends.";
    NotShown = "PL0414", "cannot be shown", "A control that is shown must be among the controls that are on, and must be simulated: otherwise leaving it out changes nothing.";
    UnknownExpectation = "PL0415", "no such expectation", "`by` names expectations by the property, metric, goal or technique that they are about.";
    NoNetwork = "PL0416", "on no network", "A control divides the network by zones, and none of the networks that result is the host's.";
    SameContrast = "PL0417", "contrast is the defence", "The contrast has the same controls as the defence: the same run cannot both stop an attack and let it through.";
    TwoServices = "PL0418", "two services on a port", "A host has one service on a port.";
    WrongKind = "PL0419", "another kind of file", "The file is what another folder is for.";
    Costs = "PL0420", "costs are not whole", "A cost file has figures for each version, kind of key and kind of handshake, once.";
    Impossible = "PL0421", "cannot happen in this lab", "The event or the attacker needs a host, a nurse or a network that the lab does not have under any defence.";
    NoService = "PL0422", "nothing listens on the port", "A step of an attacker names a port on which the host does not listen, neither bare nor under a defence of the scenario; or a weakness stands on such a port. Nobody can reach anything there.";
    NoEffect = "PL0801", "control without effect", "A warning: the file is right. A control that the scenario lists leaves its lab as it is, or is not simulated, so that nothing depends on it.";
    NoLease = "PL0802", "no address to lease", "A warning. The host gets its address by DHCP, and no DHCP server reaches it: none is in the lab, or none and no relay on its segment. Without an address nothing is sent or received.";
    SmallPool = "PL0803", "pool of addresses too small", "A warning. More hosts share a pool of addresses than it has: some of them never have one.";
    OutOfRange = "PL0804", "out of range", "A warning. By the lab's path loss, transmit power and sensitivity, the wireless host hears no access point from where it stands: it never joins.";
    NoCarrier = "PL0805", "no network to join", "A warning. No access point offers a wireless network that the host knows and can join, as it stands or under the defence that is named.";
    Unattended = "PL0806", "pump that no nurse attends", "A warning. No nurse has the pump in care: nobody answers its alarms, confirms an order at it or changes its bag.";
    NoStation = "PL0807", "no nurses' station", "A warning. Alarms are sent to, or watched at, a host that is no nurses' station: nobody sees them there.";
    Unwatched = "PL0808", "nurses' station that nobody watches", "A warning. No nurse names the nurses' station: an alarm that is shown there calls nobody.";
    NoNameServer = "PL0809", "no name server", "A warning. Pumps look up their server by its name, and the lab has no name server: they never have a session.";
    Unreachable = "PL0810", "server out of reach", "A warning. No flow gets to a server that is needed: nothing listens on the port, routes or firewall rules keep it away, or the two have no version of TLS in common.";
    NoRole = "PL0811", "host without the role that it is named for", "A warning. A pump server names a host for its alarms, orders or records that does nothing of the kind.";
    CertificateEnds = "PL0812", "certificate not valid all through the run", "A warning. The certificate of a host is not valid yet, or runs out within the run, and the scenario does not renew it: from then on the host is refused wherever it is asked for.";
    AttackerOutOfRange = "PL0813", "attacker out of range", "A warning. The attacker's radio hears no access point and no wireless host: what it tries fails under every defence, and says nothing about any.";
    IdleEvent = "PL0814", "event that changes nothing", "A warning. The event is about a host that has not what the event needs.";
    LateInfusion = "PL0815", "infusion after the end", "A warning. An infusion of the lab begins after the run has ended: its pump is idle all the time.";
    NotJudged = "PL0816", "cannot be judged in this lab", "A warning. A run of this lab can say nothing about what is expected: it would hold, or fail, whatever happened.";
    NotVulnerable = "PL0817", "vulnerability that the target does not have", "A warning. The target has no vulnerability of this name at the place, neither under the scenario's defence nor in its contrast: the step fails everywhere, and says nothing about any control.";
    Assertion = "PL0901", "fault of pumplab", "The file was checked and still could not be resolved. Please report it with the file.";
}

/// Codes of warnings, as `accept_warnings` lists them.
pub(crate) const WARNINGS: &[&str] = &WARNING_IDS;

const WARNING_IDS: [&str; Code::Assertion as usize - Code::NoEffect as usize] = {
    let mut ids = [""; Code::Assertion as usize - Code::NoEffect as usize];
    let mut i = 0;
    while i < ids.len() {
        ids[i] = Code::ALL[Code::NoEffect as usize + i].id();
        i += 1;
    }
    ids
};

impl Code {
    /// Whether it is a warning: the file can be used as it is.
    #[must_use]
    pub const fn is_warning(self) -> bool {
        // Codes are in order: warnings are those from PL0801 up to the faults of ours.
        self as u8 >= Self::NoEffect as u8 && (self as u8) < Self::Assertion as u8
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A second place that helps to understand the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Bytes of the same source.
    pub span: Range<usize>,
    /// What is there.
    pub label: String,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Kind of mistake.
    pub code: Code,
    /// What is wrong, a lowercase fragment.
    pub message: String,
    /// The file; none where a command line is at fault.
    pub source: Option<Arc<Source>>,
    /// Bytes of the source that are at fault.
    pub span: Range<usize>,
    /// What to say at the place; may be empty.
    pub label: String,
    /// A second place.
    pub related: Option<Related>,
    /// What to do.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// A mistake in a file.
    #[must_use]
    pub fn at(code: Code, source: &Arc<Source>, span: Range<usize>, message: String) -> Self {
        Self {
            code,
            message,
            source: Some(Arc::clone(source)),
            span,
            label: String::new(),
            related: None,
            hints: Vec::new(),
        }
    }

    /// A mistake outside any file.
    #[must_use]
    pub fn bare(code: Code, message: String) -> Self {
        Self {
            code,
            message,
            source: None,
            span: 0..0,
            label: String::new(),
            related: None,
            hints: Vec::new(),
        }
    }

    /// With a text at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// With a hint, if there is one.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hints.extend(hint);
        self
    }

    /// With a second place.
    #[must_use]
    pub fn related(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.related = Some(Related {
            span,
            label: label.into(),
        });
        self
    }

    /// By which diagnostics are put in order.
    fn place(&self) -> impl Ord + '_ {
        let name = self.source.as_ref().map(|s| s.name.as_str());
        (name, self.span.start, self.code, &self.message)
    }

    /// Line and column of the place, from 1; none without a file.
    #[must_use]
    pub fn line_column(&self) -> Option<(usize, usize)> {
        let source = self.source.as_ref()?;
        let before = source.text.get(..self.span.start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next()?.chars().count() + 1;
        Some((line, column))
    }
}

/// All mistakes found at once, in the order of their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    /// The mistakes.
    pub items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Adds a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.items.push(diagnostic);
    }

    /// Adds all of another list.
    pub fn extend(&mut self, other: Self) {
        self.items.extend(other.items);
    }

    /// In the order of files and places; the same mistake is told once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.items.sort_by(|a, b| a.place().cmp(&b.place()));
        self.items.dedup();
        self
    }

    /// `value` if nothing is wrong, otherwise the mistakes. A value that is missing without a mistake is a fault of ours.
    ///
    /// # Errors
    /// Where anything is wrong.
    pub fn finish<T>(mut self, value: Option<T>, source: &Arc<Source>) -> Result<T, Self> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            None if self.is_empty() => {
                self.push(Diagnostic::at(
                    Code::Assertion,
                    source,
                    0..0,
                    "the file was checked and still could not be read".to_owned(),
                ));
                Err(self)
            }
            _ => Err(self.sorted()),
        }
    }

    /// All mistakes as text for people, with the lines they are about.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        render::render(self, color)
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            items: vec![diagnostic],
        }
    }
}
