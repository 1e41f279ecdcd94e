//! Offers altered firmware to a pump that takes updates from the network.

use super::craft::contact::Contact;
use super::craft::payload::{Alarms, Firmware};
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::Input;
use crate::parameters::{Factor, Parameters, Port, Pump};

/// Technique `push-firmware`.
#[derive(Debug)]
pub(super) struct PushFirmware;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Pump.
    target: Pump,
    /// Port.
    #[param(default = 5000, port_of = "target")]
    port: Port,
    /// Delivered rate per displayed rate.
    #[param(default = "x1")]
    factor: Factor,
    /// What the firmware does with alarms; nothing unusual if not given.
    alarms: Option<Alarms>,
    /// Port on which the firmware opens a shell; none if not given.
    backdoor: Option<Port>,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, PushFirmware>;

static ENTRY: Entry = Entry {
    id: "push-firmware",
    title: "Push altered firmware to a pump",
    summary: "Connects to the port on which a pump takes what its server sends, and offers firmware that the attacker made: it delivers another rate \
              than the pump displays, keeps alarms to itself, or opens a shell. It is well formed and carries no maker's signature. A pump that checks nothing or \
              the checksum only stores it, and runs it once it is idle. A sensor sees a connection to the port and a transfer of about a mebibyte.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T0857", "T0839", "T1542.001", "T0831"],
};

impl Technique for PushFirmware {
    type Params = Params;
    type State = Contact;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "offer", "accepted"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let params = step.params;
        let firmware = Firmware {
            factor: params.factor,
            alarms: params.alarms,
            backdoor: params.backdoor,
        };
        let to = (&*params.target, params.port.0);
        step.offer_image(input, to, || firmware.image())
    }
}
