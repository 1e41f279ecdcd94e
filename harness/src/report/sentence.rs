//! One sentence per kind of record. The node and the time stand beside it, so the sentence speaks of neither.

mod device;
mod pump;
mod server;
mod software;

use super::human::counted;
use super::words::{self, Words};
use pumplab_sim::engine::NodeId;
use pumplab_sim::record::{DropReason, Flow, LabRecord, Missing, NoSession};
use pumplab_sim::spec::Removed;
use pumplab_sim::wire::shed::Shed;

/// Says what a record holds.
#[must_use]
// long: every kind of record is named once, so that a new one does not compile without words.
pub fn sentence(words: &Words, node: NodeId, what: &LabRecord) -> String {
    use LabRecord as R;
    // Every variant is named here, so that a new one does not compile until somebody gives it words.
    let text = match what {
        R::Dropped { .. }
        | R::StreamOpened { .. }
        | R::StreamLost { .. }
        | R::AddressBound { .. }
        | R::LeaseRenewed { .. }
        | R::LeaseLost { .. }
        | R::LeaseGiven { .. }
        | R::LeaseRefused { .. }
        | R::AddressSought
        | R::PassedAltered { .. }
        | R::NeighbourChanged { .. } => network(words, what),
        R::JoinStarted { .. }
        | R::Joined { .. }
        | R::JoinFailed { .. }
        | R::StationRefused { .. }
        | R::StationAdmitted { .. }
        | R::OfferDeclined { .. }
        | R::Disconnected { .. } => wireless(words, what),
        R::Refused { .. }
        | R::SessionRefused { .. }
        | R::Shed { .. }
        | R::ListenFailed { .. }
        | R::ListenResumed { .. }
        | R::TlsMinimumSet { .. }
        | R::ChangeTakenBack { .. }
        | R::LoginRefused { .. }
        | R::StaysProtected { .. }
        | R::PassedSealed { .. }
        | R::LoggedIn { .. }
        | R::ServerSession { .. }
        | R::ServerSessionLost
        | R::SystemUnreached { .. }
        | R::ServerSought
        | R::ServerUnreached { .. } => session(words, node, what),
        R::LibraryPublished { .. }
        | R::LibraryRefused { .. }
        | R::LibraryStored { .. }
        | R::LibraryActivated { .. }
        | R::Bridge { .. } => pump::library(words, what),
        R::Delivery { .. }
        | R::InfusionHeld
        | R::ProgrammeRefused { .. }
        | R::LimitOverridden { .. }
        | R::OrderQuestioned { .. }
        | R::PumpReplaced { .. }
        | R::OrderRefused { .. }
        | R::OrderAnswered { .. }
        | R::ObservationStored { .. }
        | R::OrderAtPump { .. } => pump::therapy(words, what),
        R::AlarmRaised { .. }
        | R::AlarmTaken { .. }
        | R::AlarmShown { .. }
        | R::AlarmAnswered { .. }
        | R::DeadlinePassed { .. }
        | R::LogStored { .. }
        | R::LogCollected { .. }
        | R::StatusStored { .. } => monitoring(words, what),
        R::ImageRefused { .. }
        | R::ImageStored { .. }
        | R::ImageInstalled { .. }
        | R::FlowDiffers { .. }
        | R::AlarmMuted { .. } => device::images(words, what),
        R::Touched { .. }
        | R::OperatorAsked { .. }
        | R::OperatorLoggedIn { .. }
        | R::LockHolds { .. }
        | R::CaseOpened { .. }
        | R::CaseInterrupted { .. }
        | R::FlashWritten { .. }
        | R::PortClosed { .. }
        | R::Plugged { .. }
        | R::Cabled { .. }
        | R::SettingsChanged { .. } => device::hands(words, what),
        R::CommunicationFailed { .. }
        | R::CommunicationStarted
        | R::FlawUsed { .. }
        | R::CraftedIgnored { .. }
        | R::ContentGiven { .. }
        | R::FileWritten { .. }
        | R::FlashRead { .. }
        | R::RecordsHeld { .. }
        | R::FrameRead { .. }
        | R::PassphraseUnlisted { .. }
        | R::NoiseBegan { .. }
        | R::CertificateRevoked { .. }
        | R::RevocationListTaken { .. }
        | R::CertificateRenewed { .. }
        | R::ClockSkewed { .. }
        | R::RuleAdded { .. }
        | R::Admitted { .. }
        | R::StationExpelled { .. }
        | R::PoweredOff
        | R::PoweredOn => host(words, what),
        R::PortalDenied { .. }
        | R::LibraryLoaded { .. }
        | R::LibraryOffered { .. }
        | R::StoreWritten { .. }
        | R::StoreRead { .. }
        | R::SessionCarried { .. }
        | R::SessionDenied { .. }
        | R::SessionCommand { .. }
        | R::SessionKilled { .. }
        | R::CodeAsked { .. }
        | R::TaskEnded { .. } => server::sentence(words, what),
        R::Alert {
            sensor,
            item,
            about,
        } => Some(format!(
            "alert: {about} (noticed by {sensor}, {})",
            words.item(*item)
        )),
        R::LetterTaken { .. }
        | R::LettersFetched { .. }
        | R::Attachment { .. }
        | R::ProgramStarted { .. }
        | R::ProgramBlocked { .. }
        | R::FileEncrypted { .. }
        | R::FileDestroyed { .. }
        | R::ServiceStopped { .. }
        | R::ServiceRestored
        | R::CopyStored { .. }
        | R::CopyReturned { .. }
        | R::NoCopy { .. }
        | R::Rebuilt
        | R::PatchApplied { .. }
        | R::WindowPostponed { .. } => software::software(words, what),
        R::StepStarted { .. }
        | R::Answered { .. }
        | R::StageReached { .. }
        | R::StepEnded { .. }
        | R::Learned { .. } => attacker(what),
    };
    text.unwrap_or_default()
}

// long: an arm for each record of the network
fn network(words: &Words, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::Dropped { why, flow } => dropped(words, *why, flow.as_ref()),
        LabRecord::StreamOpened { peer, port } => {
            format!("opened a stream to {} port {port}", words.ip(*peer))
        }
        LabRecord::StreamLost {
            peer,
            port,
            refused,
        } => {
            let how = if *refused {
                "was refused"
            } else {
                "got no answer from"
            };
            let by = if *refused { " by" } else { "" };
            format!("{how}{by} {} on port {port}", words.ip(*peer))
        }
        LabRecord::AddressBound {
            ip,
            gateway,
            server,
        } => {
            let gateway = gateway.map_or_else(
                || "no gateway".to_owned(),
                |g| format!("gateway {}", words.ip(g)),
            );
            format!(
                "leased {} with {gateway} from {}",
                words.ip(*ip),
                words.ip(*server)
            )
        }
        LabRecord::LeaseRenewed { ip, server } => {
            format!(
                "renewed its lease of {} with {}",
                words.ip(*ip),
                words.ip(*server)
            )
        }
        LabRecord::LeaseLost { ip, refused } => {
            let why = if *refused {
                "a server refused to renew it"
            } else {
                "its time is over"
            };
            format!("lost its lease of {}: {why}", words.ip(*ip))
        }
        LabRecord::LeaseGiven { client, ip } => {
            format!("gave {} to client {client}", words.ip(*ip))
        }
        LabRecord::LeaseRefused {
            client, pool: 0, ..
        } => {
            format!("did not let client {client} keep an address that is not its own")
        }
        LabRecord::LeaseRefused { client, pool, item } => {
            let whose = item.map_or_else(String::new, |i| format!(": {}", words.item(i)));
            format!("has no address for client {client}, all {pool} are held{whose}")
        }
        LabRecord::AddressSought => "asks for an address".to_owned(),
        LabRecord::PassedAltered { flow } => {
            format!("sent something else on in place of {}", words.flow(flow))
        }
        LabRecord::NeighbourChanged { ip, from, to } => format!(
            "now believes that {} is at {to}, no longer at {from}",
            words.ip(*ip)
        ),
        _ => return None,
    })
}

fn dropped(words: &Words, why: DropReason, flow: Option<&Flow>) -> String {
    let what = flow.map_or_else(|| "a frame".to_owned(), |f| words.flow(f));
    let item = |id| words.item(id);
    let reason = match why {
        DropReason::Rule(id) => item(id),
        DropReason::DefaultDeny(id) => format!("no rule permits it: {}", item(id)),
        DropReason::RateLimit(id) => format!("too many new flows: {}", item(id)),
        DropReason::TableFull => "no room for another flow".to_owned(),
        DropReason::NoRoute => "no route".to_owned(),
        DropReason::HopLimit => "hop limit reached".to_owned(),
        DropReason::UnknownFlow => "it belongs to no known flow".to_owned(),
        DropReason::ClientIsolation(id) => {
            format!("stations are kept from each other: {}", item(id))
        }
        DropReason::DhcpSnooping(id) => {
            format!("a DHCP answer from an untrusted port: {}", item(id))
        }
        DropReason::LeaseGuard(id) => {
            format!(
                "a request for a lease in another's name, or one client too many: {}",
                item(id)
            )
        }
        DropReason::PortBinding(id) => {
            format!(
                "a hardware address that belongs to another port: {}",
                item(id)
            )
        }
        DropReason::ArpInspection(id) => {
            format!("an ARP answer against the address plan: {}", item(id))
        }
        DropReason::Unresolved => "nobody answered address resolution".to_owned(),
        DropReason::Undecipherable => "no key fits".to_owned(),
        DropReason::UnprotectedControl(id) => {
            format!(
                "a control message outside the protected channel: {}",
                item(id)
            )
        }
        DropReason::PortAccess(id) => {
            format!(
                "a hardware address that the port does not admit: {}",
                item(id)
            )
        }
        DropReason::OtherAuthentication(id) => {
            format!(
                "another authentication than the station accepts: {}",
                words.item(id)
            )
        }
        DropReason::Noise => "drowned by noise".to_owned(),
        DropReason::Off => "what it came to was switched off".to_owned(),
        DropReason::UnprotectedManagement(id) => {
            format!(
                "a management frame without its integrity code: {}",
                item(id)
            )
        }
        DropReason::Fault => "an injected fault".to_owned(),
    };
    format!("dropped {what} ({reason})")
}

fn wireless(words: &Words, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::JoinStarted { ssid } => format!("looks for network {ssid}"),
        LabRecord::OfferDeclined { ssid, bssid, item } => {
            let by = item.map_or_else(String::new, |id| format!(" ({})", words.item(id)));
            format!(
                "did not take network {ssid} at {bssid}: it asks for another authentication{by}"
            )
        }
        LabRecord::Joined { ssid, bssid, took } => {
            format!("joined network {ssid} at {bssid} in {}", took.for_people())
        }
        LabRecord::JoinFailed { ssid, stage, why } => format!(
            "did not join network {ssid}, ended at {}: {}",
            words::stage(*stage),
            words::join_fault(*why)
        ),
        LabRecord::StationRefused {
            station,
            stage,
            why,
            item,
        } => {
            let by = item.map_or_else(String::new, |id| format!(" ({})", words.item(id)));
            format!(
                "refused station {station} at {}: {}{by}",
                words::stage(*stage),
                words::join_fault(*why)
            )
        }
        LabRecord::StationAdmitted { station, login } => {
            let how = if login.resumed {
                "by a session of before, its certificate not looked at"
            } else {
                "by its certificate"
            };
            let (rounds, up, down) = (login.rounds, login.up, login.down);
            format!(
                "let station {station} in {how}: {rounds} round trips, {up} bytes up, {down} down"
            )
        }
        LabRecord::Disconnected { reason: 0 } => "lost the signal".to_owned(),
        LabRecord::Disconnected { reason } => {
            format!("lost its association, reason code {reason}")
        }
        _ => return None,
    })
}

fn session(words: &Words, node: NodeId, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::Refused { flow } => {
            let gone = words
                .removed_by(node, &Removed::Service(flow.port))
                .map_or_else(String::new, |c| format!(", closed by {}", words.control(c)));
            format!("refused {}: nothing listens there{gone}", words.flow(flow))
        }
        LabRecord::StaysProtected { item } => format!(
            "opened no session in clear where nobody took a protected one ({})",
            words.item(*item)
        ),
        LabRecord::PassedSealed { flow, item } => {
            let by = item.map_or_else(String::new, |id| format!(" ({})", words.item(id)));
            format!(
                "could not read what passed, sealed for others: {}{by}",
                words.flow(flow)
            )
        }
        LabRecord::SessionRefused { peer, fault, item } => format!(
            "refused a protected session with {}: {} ({})",
            words.ip(*peer),
            words::certificate(*fault),
            words.item(*item)
        ),
        LabRecord::Shed { peer, port, why } => {
            let did = if *why == Shed::Faulty {
                "refused"
            } else {
                "cut off"
            };
            let (peer, why) = (words.ip(*peer), words::shed(*why));
            format!("{did} {peer} at port {port}: {why}")
        }
        LabRecord::ListenFailed { port, why } => {
            format!("could not listen on port {port}, and tries again: {why}")
        }
        LabRecord::ListenResumed { port } => format!("listens on port {port} again"),
        LabRecord::TlsMinimumSet {
            version,
            canary,
            item,
        } => {
            let whom = match canary {
                0 => "everybody".to_owned(),
                1 => "1 pump on trial".to_owned(),
                n => format!("{n} pumps on trial"),
            };
            let (word, item) = (version.word(), words.item(*item));
            format!("takes no TLS below {word} any more, for {whom} ({item})")
        }
        LabRecord::ChangeTakenBack { missing, item } => format!(
            "took a change back: {missing} of the pumps on which it was tried did not come back ({})",
            words.item(*item)
        ),
        LabRecord::LoginRefused { peer, port, item } => {
            let by = item.map_or_else(String::new, |id| format!(" ({})", words.item(id)));
            format!(
                "refused a login from {} on port {port}{by}",
                words.ip(*peer)
            )
        }
        LabRecord::LoggedIn { peer, port } => {
            format!("let {} in on port {port}", words.ip(*peer))
        }
        _ => return own_server(words, what),
    })
}

/// A pump and its server, a system and those that it depends on.
fn own_server(words: &Words, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::ServerSession {
            peer, protected, ..
        } => {
            let how = if *protected { "protected" } else { "clear" };
            format!(
                "has a {how} session with {}, which it takes for its server",
                words.ip(*peer)
            )
        }
        LabRecord::ServerSessionLost => "lost the session with its server".to_owned(),
        LabRecord::SystemUnreached { system } => {
            format!("cannot reach {system}, and keeps what it has for it")
        }
        LabRecord::ServerSought => "looks for its server".to_owned(),
        LabRecord::ServerUnreached { why } => {
            let met = match why {
                NoSession::Link => "its network went away",
                NoSession::Name => "no name server gave its address",
                NoSession::Stream => "no stream to it could be opened, or it broke",
                NoSession::Welcome => "whoever answered did not welcome it",
            };
            format!("tried in vain to reach its server: {met}")
        }
        _ => return None,
    })
}

fn monitoring(words: &Words, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::AlarmRaised { number, kind } => {
            format!("alarm {number} sounds: {}", words::plain(kind))
        }
        LabRecord::AlarmTaken { pump, number } => {
            format!("has alarm {number} of {}", words.node(*pump))
        }
        LabRecord::AlarmShown { pump, number } => {
            format!("shows alarm {number} of {}", words.node(*pump))
        }
        LabRecord::AlarmAnswered { number, after } => {
            let after = after.for_people();
            format!("a nurse answered alarm {number} after {after}")
        }
        LabRecord::DeadlinePassed { missing, after } => {
            let after = after.for_people();
            match missing {
                Missing::AlarmTaken { number } => {
                    format!("no server confirmed alarm {number} within {after}")
                }
                Missing::AlarmAnswered { number } => {
                    format!("nobody came to alarm {number} within {after}")
                }
                Missing::Therapy => format!("the infusion has stood still for {after}"),
                Missing::PumpSeen { pump } => {
                    format!("{} has not been heard from for {after}", words.node(*pump))
                }
            }
        }
        LabRecord::LogCollected {
            from,
            kind,
            about,
            port,
        } => {
            let about = about.map_or_else(String::new, |ip| format!(" about {}", words.ip(ip)));
            let port = match port {
                0 => String::new(),
                port => format!(", port {port}"),
            };
            format!(
                "collected a log line of {} on {}{about}{port}",
                words.ip(*from),
                kind.words()
            )
        }
        LabRecord::LogStored { pump, number } => {
            format!("stored log entry {number} of {}", words.node(*pump))
        }
        LabRecord::StatusStored { pump } => {
            format!("has a status message of {}", words.node(*pump))
        }
        _ => return None,
    })
}

// long: an arm per kind of record.
fn host(words: &Words, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::CommunicationFailed { why } => format!("communication module stopped: {why}"),
        LabRecord::CommunicationStarted => "communication module started".to_owned(),
        LabRecord::FlawUsed { flaw, port, item } => {
            format!(
                "a message made for the flaw {flaw} found it on port {port} ({})",
                words.item(*item)
            )
        }
        LabRecord::CraftedIgnored { flaw, port, .. } => {
            format!("a message made for the flaw {flaw} came to port {port} and did nothing")
        }
        LabRecord::ContentGiven {
            what, to, records, ..
        } => {
            let holds = match *records {
                0 => "no patient can be read in it".to_owned(),
                n => format!(
                    "{} can be read in it",
                    counted(n as usize, "patient record")
                ),
            };
            format!("gave {what} to {}: {holds}", words.ip(*to))
        }
        LabRecord::FileWritten { path, bytes } => {
            format!("{path} was written from outside ({bytes} bytes)")
        }
        LabRecord::FlashRead { keys, sealed } => {
            let sealed = sealed.map_or_else(String::new, |id| {
                format!(", one file is encrypted ({})", words.item(id))
            });
            let keys = counted(*keys as usize, "network key");
            format!("storage was read by somebody who has it in hand: {keys}{sealed}")
        }
        LabRecord::RecordsHeld { records, by } => {
            format!("holds {records} readable patient records, got by {by}")
        }
        LabRecord::FrameRead {
            number,
            from,
            holds,
        } => {
            let what = holds.map_or_else(|| "no message".to_owned(), |p| format!("a {p} message"));
            format!(
                "read a protected frame of {from} under packet number {number}, which came twice: {what} in it"
            )
        }
        LabRecord::PassphraseUnlisted { ssid, item } => {
            let item = item.map_or_else(String::new, |id| format!(" ({})", words.item(id)));
            format!("searches its lists for the passphrase of {ssid}, which none of them has{item}")
        }
        LabRecord::CertificateRevoked { subject } => {
            format!("revoked the certificate of {subject}")
        }
        LabRecord::RevocationListTaken { entries } => {
            format!("took a new revocation list, with {entries} on it")
        }
        LabRecord::CertificateRenewed { subject } => {
            format!("got a new certificate for {subject}")
        }
        LabRecord::ClockSkewed { seconds } => {
            let way = if *seconds < 0 { "slow" } else { "fast" };
            format!("its clock is now {} s {way}", seconds.unsigned_abs())
        }
        LabRecord::RuleAdded { item, first } => {
            let place = if *first { "first" } else { "last" };
            format!("staff made this its {place} rule: {}", words.item(*item))
        }
        LabRecord::Admitted { item, flow } => {
            format!("let {} through: {}", words.flow(flow), words.origin(*item))
        }
        LabRecord::StationExpelled { station, revoked } => {
            let why = if *revoked {
                "its certificate is revoked"
            } else {
                "its time is over"
            };
            format!("ended the session of {station}: {why}")
        }
        LabRecord::NoiseBegan { channel, over } => {
            let on =
                channel.map_or_else(|| "the whole band".to_owned(), |c| format!("channel {c}"));
            format!("noise begins on {on}, for {}", over.for_people())
        }
        LabRecord::PoweredOff => "switched off".to_owned(),
        LabRecord::PoweredOn => "switched on".to_owned(),
        _ => return None,
    })
}

fn attacker(what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::StepStarted { step, technique } => {
            format!("began {}: {technique}", words::step(*step))
        }
        LabRecord::StageReached { step, name, .. } => {
            format!("{} reached: {name}", words::step(*step))
        }
        LabRecord::StepEnded { step, success, saw } => {
            let how = if *success { "succeeded" } else { "failed" };
            format!("{} {how}: {saw}", words::step(*step))
        }
        LabRecord::Answered { step } => format!("answered what came, for step {}", step + 1),
        LabRecord::Learned { what } => format!("learned {what}"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
