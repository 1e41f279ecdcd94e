//! Records of the network: packets, streams, leases, rules.

use super::{DropReason, Flow, Names, Removal, Say, decided};
use crate::engine::NodeId;
use crate::fingerprint::Fingerprint;
use crate::spec::{ItemId, Removed};
use crate::wire::{Ip, Mac};
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What happened to packets, streams and addresses.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum NetworkRecord {
    /// A frame or packet went no further.
    #[record(
        refusal,
        item = why.item(),
        slight,
        says("dropped {what} ({why})", what = packet(names, flow.as_ref()))
    )]
    Dropped {
        /// Why.
        why: DropReason,
        /// The flow, where it was a packet.
        flow: Option<Flow>,
    },
    /// A host refused a stream: nothing listens on the port.
    #[record(
        refusal,
        nobody,
        removed = Removal::Named(Removed::Service(flow.port)),
        says("refused {flow}: nothing listens there{closed}", closed = closed(names, node, flow.port))
    )]
    Refused {
        /// The flow.
        flow: Flow,
    },
    /// A stream was opened from here.
    #[record(plain, passing, says("opened a stream to {peer} port {port}"))]
    StreamOpened {
        /// Other end.
        peer: Ip,
        /// Its port.
        port: u16,
    },
    /// A stream from here could not be opened or broke.
    #[record(
        stop if !*refused,
        nobody,
        says(
            "{how} {peer} on port {port}",
            how = if *refused { "was refused by" } else { "got no answer from" },
        )
    )]
    StreamLost {
        /// Other end.
        peer: Ip,
        /// Its port.
        port: u16,
        /// Whether it was refused rather than unanswered.
        refused: bool,
    },
    /// An address was leased to this host.
    #[record(
        plain,
        routine,
        says(
            "leased {ip} with {gateway} from {server}",
            gateway = match gateway {
                Some(ip) => format!("gateway {}", names.ip(*ip)),
                None => "no gateway".to_owned(),
            },
        )
    )]
    AddressBound {
        /// Address.
        ip: Ip,
        /// Gateway given.
        gateway: Option<Ip>,
        /// Who gave it.
        server: Ip,
    },
    /// This host may keep the address that it was leased.
    #[record(plain, routine, says("renewed its lease of {ip} with {server}"))]
    LeaseRenewed {
        /// Address.
        ip: Ip,
        /// Who said so.
        server: Ip,
    },
    /// This host's lease is over: it has no address any more.
    #[record(
        plain,
        says(
            "lost its lease of {ip}: {why}",
            why = if *refused { "a server refused to renew it" } else { "its time is over" },
        )
    )]
    LeaseLost {
        /// Address that it had.
        ip: Ip,
        /// Whether a server refused to renew it, rather than its time running out.
        refused: bool,
    },
    /// The address server gave a client an address of a pool; reservations are not told.
    #[record(plain, routine, says("gave {ip} to client {client}"))]
    LeaseGiven {
        /// Client.
        client: Mac,
        /// Address.
        ip: Ip,
    },
    /// The address server has no address left for a client, or does not let it keep the one it has.
    #[record(
        stop,
        item = *item,
        says("{refused}", refused = lease_refused(names, *client, *pool, *item))
    )]
    LeaseRefused {
        /// Client.
        client: Mac,
        /// Addresses in the pool, all of them held; 0 where the client asked to keep an address that is not its own.
        pool: u32,
        /// The pool's configuration item.
        item: Option<ItemId>,
    },
    /// A host begins to ask for an address.
    #[record(search, routine, says("asks for an address"))]
    AddressSought,
    /// Whoever stands on the way sent a message on that says something else than it did.
    #[record(stop, nobody, says("sent something else on in place of {flow}"))]
    PassedAltered {
        /// The message's way.
        flow: Flow,
    },
    /// Somebody on the way of a message could not read it: it is sealed for others.
    #[record(
        refusal,
        item = *item,
        says("could not read what passed, sealed for others: {flow}{by}", by = decided(names, *item))
    )]
    PassedSealed {
        /// The flow that it belongs to.
        flow: Flow,
        /// The configuration item of the session's protection.
        item: Option<ItemId>,
    },
    /// This host came to believe another hardware address for an address that it knew.
    #[record(plain, says("now believes that {ip} is at {to}, no longer at {from}"))]
    NeighbourChanged {
        /// Address.
        ip: Ip,
        /// Hardware address believed before.
        from: Mac,
        /// Hardware address believed now.
        to: Mac,
    },
    /// Staff added a rule to this firewall.
    #[record(
        plain,
        says(
            "staff made this its {place} rule: {item}",
            place = if *first { "first" } else { "last" },
        )
    )]
    RuleAdded {
        /// The rule's configuration item.
        item: ItemId,
        /// Whether it stands before all others.
        first: bool,
    },
    /// A firewall let a flow through because of a rule that staff added in the run.
    #[record(plain, says("let {flow} through: {origin}", origin = names.origin(*item)))]
    Admitted {
        /// The rule's configuration item.
        item: ItemId,
        /// Whose packet it was.
        flow: Flow,
    },
}

fn packet(names: &dyn Names, flow: Option<&Flow>) -> String {
    flow.map_or_else(|| "a frame".to_owned(), |f| f.say(names))
}

fn closed(names: &dyn Names, node: NodeId, port: u16) -> String {
    let control = names.removed_by(node, &Removed::Service(port));
    control.map_or_else(String::new, |c| format!(", closed by {c}"))
}

fn lease_refused(names: &dyn Names, client: Mac, pool: u32, item: Option<ItemId>) -> String {
    if pool == 0 {
        return format!("did not let client {client} keep an address that is not its own");
    }
    let whose = item.map_or_else(String::new, |i| format!(": {}", names.item(i)));
    format!("has no address for client {client}, all {pool} are held{whose}")
}
