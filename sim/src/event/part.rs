//! Which part of a node a socket or a timer belongs to.
//!
//! A part is a program, a service or a device on a node: the mail server of a host, the delivery controller of a pump. Events and
//! networks carry its id and know no more of it. Each layer declares the ids of its parts with [`part_ids!`]; what a part does is found by
//! the id's place in the table of its layer, so that handing an event to a part is an index into an array.

use crate::fingerprint::{Fingerprint, FingerprintHasher, tag};
use crate::label::Label;
use std::cmp::Ordering;
use std::fmt;

/// The layer that declares a part. Where several parts of a node react to something, they do so in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum PartLayer {
    /// The network of a host.
    Network,
    /// People at their computers.
    People,
    /// Devices and services.
    Device,
    /// Sensors and log collectors.
    Monitoring,
    /// Attackers and their programs.
    Attacker,
}

/// What is known of a part without knowing it.
#[derive(Debug)]
pub struct PartName {
    layer: PartLayer,
    place: u8,
    name: &'static str,
    label: &'static str,
    tag: u64,
}

impl PartName {
    /// The part at this place of its layer's table. `label` is what its timers are called.
    #[must_use]
    pub const fn new(
        layer: PartLayer,
        place: u8,
        name: &'static str,
        label: Option<&'static str>,
    ) -> Self {
        let tag = tag(name);
        let label = match label {
            Some(label) => label,
            None => "timer",
        };
        Self {
            layer,
            place,
            name,
            label,
            tag,
        }
    }
}

/// A part. It is compared by its place and fingerprinted by its name: adding a part changes no fingerprint of the others.
#[derive(Clone, Copy)]
pub struct PartId(&'static PartName);

impl PartId {
    /// The part of this name.
    #[must_use]
    pub const fn new(name: &'static PartName) -> Self {
        Self(name)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The number of its layer, and its place there.
    #[must_use]
    #[inline]
    pub const fn place(self) -> (usize, usize) {
        (self.0.layer as usize, self.0.place as usize)
    }
}

impl PartialEq for PartId {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for PartId {}

impl PartialOrd for PartId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PartId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl fmt::Debug for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl Fingerprint for PartId {
    #[inline]
    fn fingerprint(&self, hasher: &mut FingerprintHasher) {
        hasher.write_tag(self.0.tag);
    }
}

impl Label for PartId {
    fn label(&self) -> &'static str {
        self.0.label
    }
}

/// The place of a name in a list, worked out while compiling. A list is far shorter than 256.
pub(crate) const fn place_of(names: &[&str], name: &str) -> u8 {
    let mut place = 0;
    while place < names.len() && tag(names[place]) != tag(name) {
        place += 1;
    }
    place as u8
}

/// Declares the ids of a layer's parts: `MAIL = "Mail";` or, with what its timers are called, `STACK = "Stack" as "network-timer";`.
macro_rules! part_ids {
    ($layer:ident: $($(#[$doc:meta])* $id:ident = $name:literal $(as $label:literal)?;)*) => {
        const NAMES: &[&str] = &[$($name),*];
        $(
            $(#[$doc])*
            pub(crate) const $id: $crate::event::PartId = {
                const LABEL: &[&str] = &[$($label)?];
                const NAME: &$crate::event::PartName = &$crate::event::PartName::new(
                    $crate::event::PartLayer::$layer,
                    $crate::event::place_of(NAMES, $name),
                    $name,
                    LABEL.first().copied(),
                );
                $crate::event::PartId::new(NAME)
            };
        )*
    };
}
pub(crate) use part_ids;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::vary::{Source, Vary};

    part_ids! { Network:
        ONE = "One";
        TWO = "Two" as "two-timer";
        THREE = "Three";
    }

    const ALL: [PartId; 3] = [ONE, TWO, THREE];

    impl Vary for PartId {
        fn sample(source: &mut Source) -> Self {
            ALL[source.below(ALL.len())]
        }

        fn cover(_: &mut Source) -> Vec<Self> {
            ALL.to_vec()
        }

        fn variations(&self, _: &mut Source) -> Vec<(String, Self)> {
            let others = ALL.into_iter().filter(|other| other != self);
            others.map(|other| (String::new(), other)).collect()
        }
    }

    #[test]
    fn a_part_is_hashed_by_its_name_and_not_by_its_place() {
        const ELSEWHERE: PartId = PartId::new(&PartName::new(PartLayer::Device, 200, "Two", None));
        let hash = |part: PartId| {
            let mut hasher = FingerprintHasher::new();
            part.fingerprint(&mut hasher);
            hasher.value()
        };
        assert_eq!(hash(TWO), hash(ELSEWHERE));
        assert_ne!(hash(ONE), hash(TWO));
        assert_ne!(TWO, ELSEWHERE);
        assert_eq!([ONE.label(), TWO.label()], ["timer", "two-timer"]);
    }
}
