//! Records of sessions: certificates, logins, a pump and its server.

use super::{NoSession, decided};
use crate::crypto::CertificateFault;
use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use crate::wire::shed::Shed;
use crate::wire::tls::TlsVersion;
use crate::wire::{Ip, Mac};
use pumplab_derive::RecordFamily;
use schemars::JsonSchema;
use serde::Serialize;

/// What became of sessions and logins, and of what they rest on.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint, JsonSchema, RecordFamily)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum SessionRecord {
    /// A protected session was refused here.
    #[record(
        refusal,
        item = Some(*item),
        says("refused a protected session with {peer}: {fault} ({item})")
    )]
    SessionRefused {
        /// Other end.
        peer: Ip,
        /// Why.
        fault: CertificateFault,
        /// The configuration item that decided.
        item: ItemId,
    },
    /// Somebody outside of the simulation did not keep to the rules of a port and was cut off.
    #[record(
        refusal,
        nobody,
        says(
            "{did} {peer} at port {port}: {why}",
            did = if *why == Shed::Faulty { "refused" } else { "cut off" },
        )
    )]
    Shed {
        /// Other end.
        peer: Ip,
        /// Port here.
        port: u16,
        /// Which rule.
        why: Shed,
    },
    /// In a live run, a port cannot be listened on, or takes no connection; it is tried again.
    #[record(plain, says("could not listen on port {port}, and tries again: {why}"))]
    ListenFailed {
        /// Port here.
        port: u16,
        /// What the system said.
        why: String,
    },
    /// Such a port is listened on again.
    #[record(plain, says("listens on port {port} again"))]
    ListenResumed {
        /// Port here.
        port: u16,
    },
    /// The lowest version of TLS that a server takes was set.
    #[record(
        plain,
        says(
            "takes no TLS below {version} any more, for {whom} ({item})",
            whom = match canary {
                0 => "everybody".to_owned(),
                1 => "1 pump on trial".to_owned(),
                n => format!("{n} pumps on trial"),
            },
        )
    )]
    TlsMinimumSet {
        /// Lowest version.
        version: TlsVersion,
        /// On how many pumps it is tried; 0: for everybody.
        canary: u32,
        /// The setting's configuration item.
        item: ItemId,
    },
    /// A change that was tried on some pumps was taken back.
    #[record(
        plain,
        says(
            "took a change back: {missing} of the pumps on which it was tried did not come back ({item})"
        )
    )]
    ChangeTakenBack {
        /// How many of those pumps did not come back to the server.
        missing: u32,
        /// The configuration item of the way in which changes are made.
        item: ItemId,
    },
    /// A login was refused here.
    #[record(
        refusal,
        item = *item,
        says("refused a login from {peer} on port {port}{by}", by = decided(names, *item))
    )]
    LoginRefused {
        /// Other end.
        peer: Ip,
        /// Port of the service.
        port: u16,
        /// The account's or the service's configuration item.
        item: Option<ItemId>,
    },
    /// A login stops here until the code of the user's token comes.
    #[record(
        refusal,
        item = Some(*item),
        says("asked {peer} on port {port} for the code of a token ({item})")
    )]
    CodeAsked {
        /// Other end.
        peer: Ip,
        /// Port of the service.
        port: u16,
        /// The item that asks for it.
        item: ItemId,
    },
    /// A login succeeded, or a service let somebody in without one.
    #[record(plain, slight, says("let {peer} in on port {port}"))]
    LoggedIn {
        /// Other end.
        peer: Ip,
        /// Port of the service.
        port: u16,
    },
    /// The pump has a session with what it takes for its server.
    #[record(
        plain,
        routine,
        says(
            "has a {how} session with {peer}, which it takes for its server",
            how = if *protected { "protected" } else { "clear" },
        )
    )]
    ServerSession {
        /// Address of the other end.
        peer: Ip,
        /// Hardware address that its packets go to.
        via: Option<Mac>,
        /// Whether it is protected.
        protected: bool,
    },
    /// The pump lost its session.
    #[record(plain, says("lost the session with its server"))]
    ServerSessionLost,
    /// A clinical system could not pass on what it has, for now: the next system was not to be reached.
    #[record(
        stop,
        nobody,
        says("cannot reach {system}, and keeps what it has for it")
    )]
    SystemUnreached {
        /// Name of the next system.
        system: String,
    },
    /// A pump that has no session began to look for its server.
    #[record(search, routine, says("looks for its server"))]
    ServerSought,
    /// A pump that has no session tried to have one, in vain.
    #[record(stop if *why != NoSession::Link, nobody, says("tried in vain to reach its server: {why}"))]
    ServerUnreached {
        /// What it met with.
        why: NoSession,
    },
    /// Nobody listens where the pump opens its protected session, and it opens none in clear instead.
    #[record(
        refusal,
        item = Some(*item),
        says("opened no session in clear where nobody took a protected one ({item})")
    )]
    StaysProtected {
        /// The configuration item of the session's protection.
        item: ItemId,
    },
    /// The authority revoked a certificate.
    #[record(plain, says("revoked the certificate of {subject}"))]
    CertificateRevoked {
        /// Subject.
        subject: String,
    },
    /// A server took a revocation list that says other things than the one that it had.
    #[record(
        plain,
        routine,
        says("took a new revocation list, with {entries} on it")
    )]
    RevocationListTaken {
        /// Certificates on it.
        entries: u32,
    },
    /// This host got a new certificate.
    #[record(plain, says("got a new certificate for {subject}"))]
    CertificateRenewed {
        /// Subject.
        subject: String,
    },
}
