//! Finds the address of a host by asking the name server.

use super::craft::contact::Contact;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters};

/// Technique `find-host`.
#[derive(Debug)]
pub(super) struct FindHost;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host to find.
    target: Host,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, FindHost>;

static ENTRY: Entry = Entry {
    id: "find-host",
    title: "Find a host by name",
    summary: "Asks the name server for the address of a host. Succeeds if a server answers with an address.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1018", "T0846"],
};

impl Technique for FindHost {
    type Params = Params;
    type State = Contact;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["ask", "found"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = &step.params.target;
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
