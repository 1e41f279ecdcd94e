//! Finds the address of a host by asking the name server.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};

/// Technique `find-host`.
#[derive(Debug)]
pub(super) struct FindHost;

static ENTRY: Entry = Entry {
    id: "find-host",
    title: "Find a host by name",
    summary: "Asks the name server for the address of a host. Succeeds if a server answers with an address.",
    parameters: &[Parameter {
        name: "target",
        kind: ParameterKind::Host,
        required: true,
        doc: "host to find",
    }],
    references: &["T1018", "T0846"],
};

impl Technique for FindHost {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["ask", "found"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = step.params.text("target");
        match input {
            Input::Begin if step.find(name).is_some() => Progress::Done("address known"),
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                step.found(name, *ip);
                Progress::Done("address")
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            _ => Progress::Wait,
        }
    }
}
