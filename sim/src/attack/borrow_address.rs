//! Goes on under the hardware address of somebody else.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::Parameters;
use crate::time::Duration;
use crate::wire::Mac;

/// Technique `borrow-address`.
#[derive(Debug)]
pub(super) struct BorrowAddress;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// How long it listens.
    #[param(default = "2m")]
    listen: Duration,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// MAC addresses that it went on under.
    borrowed: Vec<Mac>,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, BorrowAddress>;

static ENTRY: Entry = Entry {
    id: "borrow-address",
    title: "Borrow a known device's hardware address",
    summary: "Listens on its cable to whose frames come by (broadcasts, on a switch), then writes the address of one of them on its own frames and asks for a lease, one \
              after another, the one that has been silent for longest first. Succeeds when it has an address of the network: who admits by hardware address takes it for \
              the device, and an address server that keeps an address for the device gives it that. The device goes on speaking, so answers may reach it instead. \
              Its noise is one hardware address on two ports.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1036", "T0849"],
};

const TOKEN_NEXT: u32 = 1;
/// Time in which an address must come: three tries of a DHCP client.
const TRIAL: Duration = Duration::from_secs(30);

/// Goes on as the next that it has not tried.
fn next(step: &mut Step<'_, '_, '_>) -> Progress {
    let tried = &step.state.borrowed;
    let heard = step.hands.heard();
    let Some(mac) = heard.into_iter().find(|m: &Mac| !tried.contains(m)) else {
        return Progress::Failed("nobody that it heard is let in");
    };
    step.state.borrowed.push(mac);
    step.hands.learned("the hardware address of a device");
    step.hands.become_another(mac);
    step.hands.timer(TRIAL, TOKEN_NEXT);
    Progress::Reached(1)
}

impl Technique for BorrowAddress {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["listen", "go on as another", "an address"];

    fn patience(params: &Params) -> Duration {
        params.listen + Duration::from_hours(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.note_senders();
                step.hands.timer(step.params.listen, TOKEN_NEXT);
                Progress::Wait
            }
            Input::Timer(TOKEN_NEXT) => next(step),
            Input::Socket(SocketEvent::Up) if !step.state.borrowed.is_empty() => {
                Progress::Done("has an address")
            }
            _ => Progress::Wait,
        }
    }
}
