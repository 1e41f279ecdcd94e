//! Parts of a host that the network itself knows: its own, and those that hold the attacker's port.

/// The network of a host.
mod network {
    use crate::event::part_ids;

    part_ids! { Network:
        /// Network stack. What it waits for is why it sends again: the answer to what was sent, not something of its own.
        STACK = "Stack" as "network-timer";
        /// 802.11 station.
        STATION = "Station";
        /// The host as a whole: its communicating part starts again.
        HOST = "Host";
    }
}

/// Those who act through the attacker's port.
mod attacker {
    use crate::event::part_ids;

    part_ids! { Attacker:
        /// Attacker at a host.
        ATTACKER = "Attacker";
        /// Program that an attacker runs on a host.
        IMPLANT = "Implant";
    }
}

pub(crate) use attacker::{ATTACKER, IMPLANT};
pub(crate) use network::{HOST, STACK, STATION};
