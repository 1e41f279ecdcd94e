//! Goes on under the hardware address of somebody else.

use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::time::Duration;
use crate::wire::Mac;

/// Technique `borrow-address`.
#[derive(Debug)]
pub(super) struct BorrowAddress;

static ENTRY: Entry = Entry {
    id: "borrow-address",
    title: "Borrow a known device's hardware address",
    summary: "Listens on its cable to whose frames come by (broadcasts, on a switch), then writes the address of one of them on its own frames and asks for a lease, one \
              after another, the one that has been silent for longest first. Succeeds when it has an address of the network: who admits by hardware address takes it for \
              the device, and an address server that keeps an address for the device gives it that. The device goes on speaking, so answers may reach it instead. \
              Its noise is one hardware address on two ports.",
    parameters: &[Parameter {
        name: "listen",
        kind: ParameterKind::Duration,
        required: false,
        doc: "how long it listens; 2m if not given",
    }],
    references: &["T1036", "T0849"],
};

const TOKEN_NEXT: u32 = 1;
/// Time in which an address must come: three tries of a DHCP client.
const TRIAL: Duration = Duration::from_secs(30);

fn listen(params: &Params) -> Duration {
    params.duration("listen").unwrap_or(Duration::from_mins(2))
}

/// Goes on as the next that it has not tried.
fn next(step: &mut Step<'_, '_, '_>) -> Progress {
    let tried = &step.knowledge.net.borrowed;
    let heard = step.hands.heard();
    let Some(mac) = heard.into_iter().find(|m: &Mac| !tried.contains(m)) else {
        return Progress::Failed("nobody that it heard is let in");
    };
    step.knowledge.net.borrowed.push(mac);
    step.hands.learned("the hardware address of a device");
    step.hands.become_another(mac);
    step.hands.timer(TRIAL, TOKEN_NEXT);
    Progress::Reached(1)
}

impl Technique for BorrowAddress {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["listen", "go on as another", "an address"]
    }

    fn patience(&self, params: &Params) -> Duration {
        listen(params) + Duration::from_hours(1)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.note_senders();
                step.hands.timer(listen(step.params), TOKEN_NEXT);
                Progress::Wait
            }
            Input::Timer(TOKEN_NEXT) => next(step),
            Input::Socket(SocketEvent::Up) if !step.knowledge.net.borrowed.is_empty() => {
                Progress::Done("has an address")
            }
            _ => Progress::Wait,
        }
    }
}
