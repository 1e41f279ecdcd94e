//! Records of the radio: joining a network, being refused, losing it, noise.

use super::{JoinFault, JoinStage, Login, Removal, decided};
use crate::fingerprint::Fingerprint;
use crate::spec::{ItemId, Removed};
use crate::time::Duration;
use crate::wire::Mac;
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What happened between stations and access points.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum WirelessRecord {
    /// A station looks for its network.
    #[record(search, routine, says("looks for network {ssid}"))]
    JoinStarted {
        /// Network.
        ssid: String,
    },
    /// A station joined.
    #[record(plain, routine, says("joined network {ssid} at {bssid} in {took}"))]
    Joined {
        /// Network.
        ssid: String,
        /// BSS.
        bssid: Mac,
        /// From the start of the attempt to the installed key.
        took: Duration,
    },
    /// An attempt to join ended.
    #[record(
        plain,
        removed = Removal::Named(Removed::Network(ssid.clone())),
        says("did not join network {ssid}, ended at {stage}: {why}")
    )]
    JoinFailed {
        /// Network.
        ssid: String,
        /// How far it got.
        stage: JoinStage,
        /// Why.
        why: JoinFault,
    },
    /// An authenticator or authentication server refused a station.
    #[record(
        refusal,
        item = *item,
        says("refused station {station} at {stage}: {why}{by}", by = decided(names, *item))
    )]
    StationRefused {
        /// Station.
        station: Mac,
        /// How far it got.
        stage: JoinStage,
        /// Why.
        why: JoinFault,
        /// The configuration item that decided.
        item: Option<ItemId>,
    },
    /// The authentication server let a station in.
    #[record(plain, routine, says("let station {station} in {login}"))]
    StationAdmitted {
        /// Station.
        station: Mac,
        /// What it took.
        login: Login,
    },
    /// A station heard its network offered with another authentication than it accepts, and stayed away.
    #[record(
        refusal,
        item = *item,
        says(
            "did not take network {ssid} at {bssid}: it asks for another authentication{by}",
            by = decided(names, *item),
        )
    )]
    OfferDeclined {
        /// Network.
        ssid: String,
        /// Who offered it.
        bssid: Mac,
        /// The configuration item of the network that it knows.
        item: Option<ItemId>,
    },
    /// A station lost its association.
    #[record(
        plain,
        says(
            "{lost}",
            lost = match reason {
                0 => "lost the signal".to_owned(),
                _ => format!("lost its association, reason code {reason}"),
            },
        )
    )]
    Disconnected {
        /// Reason code of the standard; 0 where the signal was lost.
        reason: u16,
    },
    /// A session of a station was ended by the authenticator.
    #[record(
        plain,
        says(
            "ended the session of {station}: {why}",
            why = if *revoked { "its certificate is revoked" } else { "its time is over" },
        )
    )]
    StationExpelled {
        /// Station.
        station: Mac,
        /// Whether because its certificate was revoked, rather than because its time was over.
        revoked: bool,
    },
    /// Noise began on a channel.
    #[record(
        plain,
        says(
            "noise begins on {band}, for {over}",
            band = match channel {
                Some(channel) => format!("channel {channel}"),
                None => "the whole band".to_owned(),
            },
        )
    )]
    NoiseBegan {
        /// Channel; none is the whole band.
        channel: Option<u8>,
        /// For how long.
        over: Duration,
    },
    /// A frame was read off the air by whoever does not have its key.
    #[record(
        plain,
        says(
            "read a protected frame of {from} under packet number {number}, which came twice: {message} in it",
            message = match holds {
                Some(protocol) => format!("a {protocol} message"),
                None => "no message".to_owned(),
            },
        )
    )]
    FrameRead {
        /// Its packet number.
        number: u64,
        /// Whose frame it is.
        from: Mac,
        /// Protocol of the message in it; none for a frame without one, such as a question for an address.
        holds: Option<&'static str>,
    },
    /// The passphrase behind a captured handshake stands in no list that was searched.
    #[record(
        refusal,
        item = *item,
        says(
            "searches its lists for the passphrase of {ssid}, which none of them has{by}",
            by = decided(names, *item),
        )
    )]
    PassphraseUnlisted {
        /// Network.
        ssid: String,
        /// The passphrase's configuration item.
        item: Option<ItemId>,
    },
}
