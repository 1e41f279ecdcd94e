//! What to do about each kind of mistake.

use crate::diagnostic::Code;

impl Code {
    /// What to do, one sentence.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Syntax => {
                "Repair the place that is pointed at; a mistake often begins on the line before."
            }
            Self::UnknownKey | Self::UnknownParameter => {
                "Take the key that the hint names, or remove it."
            }
            Self::MissingKey | Self::MissingParameter => {
                "Add the key; the hint says what it means."
            }
            Self::WrongType => "Write the value in the form that the message names.",
            Self::Duration => "Write a number and a unit in quotes, such as `\"10m\"`.",
            Self::Range => "Choose a value within the bounds that the message names.",
            Self::BoundUnit => "Write the bound as the message says.",
            Self::Word => "Take one of the words that the hint names.",
            Self::Choice => "Keep one of the keys, or write a second table for the other.",
            Self::Duplicate => "Give one of the two another name, number or address.",
            Self::Address => {
                "Write four numbers from 0 to 255 with dots between, and `/` with the length for a prefix."
            }
            Self::Factor => "Write `x` and a positive number.",
            Self::Written => "Write the text in the form that the message names.",
            Self::Together => "Add what is missing, or remove what does not belong there.",
            Self::UnknownVulnerability => {
                "Take the name that the hint gives; `weaknesses` of the lab's hosts and profiles have them."
            }
            Self::UnknownProgram => "Take the name of a `[[attacker.program]]`.",
            Self::File => "Look at the path and its rights; save the file as UTF-8.",
            Self::UnknownLab
            | Self::UnknownDefence
            | Self::UnknownControl
            | Self::UnknownTechnique
            | Self::UnknownGoal
            | Self::UnknownProperty
            | Self::UnknownMetric
            | Self::UnknownScenario
            | Self::UnknownProfile => {
                "Take the name that the hint gives, or one that `pumplab list` prints; files of your own need `--library DIR`."
            }
            Self::UnknownLibrary => {
                "Take one of the versions that the hint names, or add a drug library to the lab."
            }
            Self::UnknownEvent => "Take one of the words that the hint names.",
            Self::UnknownCollection => "Write `./NAME` for a folder, or the name of a collection.",
            Self::UnknownHost
            | Self::UnknownPump
            | Self::UnknownZone
            | Self::UnknownNetwork
            | Self::UnknownNode
            | Self::UnknownServer => {
                "Take the name that the hint gives; `pumplab show lab:NAME` prints all of them."
            }
            Self::UnknownDrug | Self::UnknownCareArea => {
                "Take a name that a drug library of the lab has."
            }
            _ => self.remedy_of_meaning(),
        }
    }

    /// The same for mistakes of meaning, where each word is right by itself. A test holds that no code is left out.
    const fn remedy_of_meaning(self) -> &'static str {
        match self {
            Self::NoContrast => {
                "Add `[contrast]` with a weaker `defence` and the goal that is reached there."
            }
            Self::IdleContrast => "Remove `[contrast]`, or add the attacker.",
            Self::ForeignGoal => "Name a goal that an attacker of this file has.",
            Self::AfterEnd => "Make the run longer or the time earlier.",
            Self::UnusedTechnique => "Name a technique that a step uses.",
            Self::Repeated => "Remove one of the two.",
            Self::NoExpectation => "Add an `[[expect]]`.",
            Self::DrugLibrary => {
                "Put the limits in order, and each drug once in a care area and concentration."
            }
            Self::NoBound => "Add `at_most`, `at_least` or both.",
            Self::NotInLibrary => {
                "Choose a drug, a care area and a rate that the library allows together."
            }
            Self::Outside => "Choose a smaller number or a larger subnet.",
            Self::Bound => "Remove the key, or move it to an expectation that it belongs to.",
            Self::OutOfOrder => "Put the times in order.",
            Self::NotShown => "Add the control to `among`, or show another.",
            Self::UnknownExpectation => {
                "Name what one of the expectations is about, or leave `by` out."
            }
            Self::NoNetwork => "Put the host into a zone that its network leads to.",
            Self::SameContrast => "Name a weaker defence, or leave controls out with `without`.",
            Self::NoService => {
                "Name a port on which the host listens, or give the host a service there."
            }
            Self::NotVulnerable => {
                "Choose a target that has the vulnerability, or give it to the host or its profile."
            }
            Self::TwoServices => "Give one of them another port.",
            Self::WrongKind => {
                "Move the file to the folder of its kind, or say its kind with `--kind`."
            }
            Self::Costs => "Write the file anew with `pumplab calibrate --out FILE`.",
            Self::NoEffect => {
                "Take the control out of the list, or add what the message says that it needs."
            }
            Self::Impossible => {
                "Add to the lab what the message names, or take the event or attacker out."
            }
            _ if self.is_warning() => {
                "Do what the hint says; where it is meant, list the code in `accept_warnings` of the file."
            }
            Self::Assertion => "Report it with the file; it is not your mistake.",
            _ => "",
        }
    }
}
