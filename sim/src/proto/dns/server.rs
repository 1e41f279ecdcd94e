//! The server's end of DNS: answers each question as its zone has it.

use crate::wire::Ip;
use crate::wire::dns::Dns;
use std::collections::VecDeque;

/// The server's end. It keeps nothing between two questions.
#[derive(Clone, Debug, Default)]
pub struct Server {
    transmit: VecDeque<((Ip, u16), Dns)>,
}

impl Server {
    /// A message arrived. `zone` gives the address of a name.
    pub fn handle_message(
        &mut self,
        from: (Ip, u16),
        message: &Dns,
        zone: impl FnOnce(&str) -> Option<Ip>,
    ) {
        if let Dns::Query { id, name } = message {
            let ip = zone(name);
            let (id, name) = (*id, name.clone());
            let answer = Dns::Answer { id, name, ip };
            self.transmit.push_back((from, answer));
        }
    }

    /// Next message to be sent, and where to.
    pub fn poll_transmit(&mut self) -> Option<((Ip, u16), Dns)> {
        self.transmit.pop_front()
    }
}
