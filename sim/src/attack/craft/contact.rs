//! Reaching a host: its address by its name, and a stream to a port.

use crate::attack::{Known, Progress, Step, Technique};
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::wire::Ip;

/// The host that an attempt has to do with.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::attack) struct Contact {
    /// Its address.
    pub(in crate::attack) target: Option<Ip>,
    /// The stream to it.
    pub(in crate::attack) stream: Option<StreamId>,
}

impl AsMut<Self> for Contact {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

impl<T: Technique> Step<'_, '_, '_, T>
where
    T::State: AsMut<Contact>,
{
    /// Finds the address of a host by its name: known, or asked of the name server under query 1. The address, if it is there already.
    pub(in crate::attack) fn find(&mut self, name: &str) -> Option<Ip> {
        if let Some(known) = self.knowledge.addresses.get(name) {
            if let Some(taught) = known.taught {
                self.hands.uses(taught);
            }
            self.state.as_mut().target = Some(known.value);
            return Some(known.value);
        }
        self.hands.resolve(1, name);
        None
    }

    /// Keeps an address that a name server gave.
    pub(in crate::attack) fn found(&mut self, name: &str, ip: Ip) {
        self.note_address(name, ip);
        self.state.as_mut().target = Some(ip);
    }

    /// Opens the stream of the attempt.
    pub(in crate::attack) fn connect(&mut self, ip: Ip, port: u16) -> Progress {
        self.state.as_mut().stream = Some(self.hands.connect(ip, port));
        Progress::Reached(1)
    }

    /// Finds a host by its name and opens a stream to its port. What came of the input, unless it is the technique's own business.
    pub(in crate::attack) fn reach(
        &mut self,
        input: &Input,
        name: &str,
        port: u16,
    ) -> Option<Progress> {
        match input {
            Input::Begin => match self.find(name) {
                Some(ip) => Some(self.connect(ip, port)),
                None => Some(Progress::Wait),
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                self.found(name, *ip);
                Some(self.connect(*ip, port))
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Some(Progress::Failed("no such name, or no name server"))
            }
            // A stream of an earlier step that breaks now is no matter.
            Input::Socket(SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream))
                if self.state.as_mut().stream != Some(*stream) =>
            {
                Some(Progress::Wait)
            }
            Input::Socket(SocketEvent::Failed { refused: true, .. }) => {
                Some(Progress::Failed("connection refused"))
            }
            Input::Socket(SocketEvent::Failed { refused: false, .. }) => {
                Some(Progress::Failed("no answer"))
            }
            Input::Socket(SocketEvent::Closed(_)) => Some(Progress::Failed("lost the connection")),
            _ => None,
        }
    }
}

impl<T: Technique> Step<'_, '_, '_, T> {
    /// Keeps an address that a name server gave.
    pub(in crate::attack) fn note_address(&mut self, name: &str, ip: Ip) {
        let taught = Some(self.hands.learned("address of a host"));
        let known = Known { value: ip, taught };
        self.knowledge.addresses.insert(name.to_owned(), known);
    }
}
