//! Who put what into a lab.

use crate::catalog::{ParamValue, ParameterKind};
use crate::fingerprint::Fingerprint;
use crate::parameters::{ParameterType, Problem};
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// Names one configuration item of a resolved lab. Records of a run carry it; what it means stands in [`Provenance`].
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(transparent)]
#[derive(schemars::JsonSchema)]
pub struct ItemId(pub u32);

/// A configuration value that a control may set, with the name under which records refer to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item<T> {
    /// The item's name in records.
    pub id: ItemId,
    /// The configured value.
    pub value: T,
}

impl<T> Item<T> {
    /// An item.
    pub fn new(id: ItemId, value: T) -> Self {
        Self { id, value }
    }

    /// An item without a number: it gets one when its lab is built.
    pub fn bare(value: T) -> Self {
        Self::new(ItemId::default(), value)
    }
}

impl<T> Deref for Item<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// What has items to be named when a lab is built.
pub trait Stamped {
    /// Numbers its items and says what each is; `of` is what has them.
    fn stamp(&mut self, of: &str, provenance: &mut Provenance);
}

impl<T> Stamped for Item<T> {
    fn stamp(&mut self, of: &str, provenance: &mut Provenance) {
        self.id = provenance.item(of, ()).id;
    }
}

impl<T: Stamped> Stamped for Option<T> {
    fn stamp(&mut self, of: &str, provenance: &mut Provenance) {
        if let Some(there) = self {
            there.stamp(of, provenance);
        }
    }
}

/// An item without a number as yet: it gets one when its lab is built.
impl<T: ParameterType> ParameterType for Item<T> {
    const KIND: ParameterKind = T::KIND;
    const OPTIONAL: bool = T::OPTIONAL;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        T::read(value, kind).map(Self::bare)
    }

    fn write(&self) -> Option<ParamValue> {
        self.value.write()
    }

    fn absent() -> Option<Self> {
        T::absent().map(Self::bare)
    }
}

/// What an item is and which control put it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemOrigin {
    /// What the item is, for people: `fw-meddev rule F1`, `pump-03 library check`.
    pub what: String,
    /// Identifier of the control that set it; none for the bare lab.
    pub control: Option<String>,
    /// Whether an event of the scenario puts it there, in the run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub event: bool,
}

/// What a control took away, so that its absence can still be explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tombstone {
    /// Where it was: a host, router or network.
    pub node: String,
    /// What it was.
    pub removed: Removed,
    /// Identifier of the control that removed it.
    pub control: Option<String>,
}

/// Kinds of thing that a control takes away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Removed {
    /// A listening service on this port.
    Service(u16),
    /// A file at this path.
    File(String),
    /// A wireless network that was offered, or that a supplicant knew.
    Network(String),
    /// An account.
    Account(String),
    /// A signing key of this name.
    Key(String),
    /// A flaw in the software.
    Weakness(String),
}

impl Removed {
    /// What is not there any more, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Service(port) => format!("nothing listens on {port}"),
            Self::Network(ssid) => format!("network {ssid} is gone"),
            Self::File(path) => format!("{path} is gone"),
            Self::Account(user) => format!("account {user} is gone"),
            Self::Key(key) => format!("{key} is gone"),
            Self::Weakness(flaw) => format!("flaw {flaw} is mended"),
        }
    }
}

/// The other half of a resolved lab: names, origins and removals of its items. The simulation never sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Indexed by [`ItemId`].
    pub items: Vec<ItemOrigin>,
    /// What was taken away.
    pub tombstones: Vec<Tombstone>,
    /// Control being applied; stamps what is made meanwhile.
    #[serde(skip)]
    pub applying: Option<String>,
}

impl Provenance {
    /// Stamps a new value with the control being applied.
    pub fn item<T>(&mut self, what: impl Into<String>, value: T) -> Item<T> {
        let id = ItemId(u32::try_from(self.items.len()).expect("a lab has fewer than 2^32 items"));
        self.items.push(ItemOrigin {
            what: what.into(),
            control: self.applying.clone(),
            event: false,
        });
        Item { id, value }
    }

    /// Names what an event of the scenario brings into the lab in the run: it is no control's.
    pub fn of_event<T>(&mut self, what: impl Into<String>, item: &mut Item<T>) {
        item.id = self.item(what, ()).id;
        if let Some(origin) = self.items.get_mut(item.id.0 as usize) {
            (origin.control, origin.event) = (None, true);
        }
    }

    /// Replaces an item's value and stamps it anew.
    pub fn set<T>(&mut self, item: &mut Item<T>, value: T) {
        let what = self
            .items
            .get(item.id.0 as usize)
            .map_or_else(String::new, |o| o.what.clone());
        *item = self.item(what, value);
    }

    /// Notes that something was taken away.
    pub fn bury(&mut self, node: &str, removed: Removed) {
        self.tombstones.push(Tombstone {
            node: node.to_owned(),
            removed,
            control: self.applying.clone(),
        });
    }

    /// What an item is and where it came from.
    #[must_use]
    pub fn origin(&self, id: ItemId) -> Option<&ItemOrigin> {
        self.items.get(id.0 as usize)
    }

    /// The tombstone of something that is not there.
    #[must_use]
    pub fn tombstone(&self, node: &str, removed: &Removed) -> Option<&Tombstone> {
        self.tombstones
            .iter()
            .rev()
            .find(|t| t.node == node && t.removed == *removed)
    }
}
