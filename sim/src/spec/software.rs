//! Programs on hosts: which may run, who looks at them first, what is copied away, and when flaws are mended.

use super::Item;
use crate::parameters::Parameters;
use crate::time::Duration;
use serde::{Deserialize, Serialize};

/// What a host has against programs that do not belong on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftwareSpec {
    /// Families of the programs that may run besides what the host came with; every program may where there is no list.
    #[serde(default)]
    pub allow_list: Option<Item<Vec<String>>>,
    /// Families that a scanner knows: they are quarantined before they run.
    #[serde(default)]
    pub anti_malware: Option<Item<Vec<String>>>,
    /// When staff mend flaws of the host during the run.
    #[serde(default)]
    pub window: Option<Item<WindowSpec>>,
}

/// A maintenance window: the host is restarted with released patches in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowSpec {
    /// When it opens, since the run began.
    pub at: Duration,
    /// Time after which it is tried again where the host is busy: a pump that infuses is left alone.
    pub again: Duration,
    /// How long the host is down.
    pub down: Duration,
}

/// A backup server: pulls copies of the files that other hosts share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a backup server")]
pub struct BackupSpec {
    /// Hosts whose shared files it copies.
    #[param(name = Host)]
    pub of: Vec<String>,
    /// How often it copies them.
    #[param(kind = Interval)]
    pub every: Duration,
    /// Whether it runs.
    #[param(skip = Item::bare(false), item = "backup")]
    pub on: Item<bool>,
}

/// A program that an attacker has made, and the plan that it carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramSpec {
    /// What the attacker calls it.
    pub name: String,
    /// What scanners and lists know it by.
    pub family: String,
    /// Its steps; their times count from when it begins to run.
    pub steps: Vec<super::StepSpec>,
}
