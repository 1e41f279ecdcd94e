//! What a run tells: typed records of what happened, each with its cause.
//!
//! Records are ground truth. Checkers, goals, metrics and explanations are made from them; nothing in the lab reads them.

mod parts;

use crate::clinical::delivery::AlarmKind;
use crate::crypto::CertificateFault;
use crate::engine::NodeId;
use crate::fingerprint::Fingerprint;
use crate::spec::ItemId;
use crate::time::Duration;
use crate::wire::image::ImageKind;
use crate::wire::shed::Shed;
use crate::wire::tls::TlsVersion;
use crate::wire::{Ip, Mac};
pub use parts::{
    DeliveryChange, DropReason, Flow, ImageFault, JoinFault, JoinStage, LibraryFault, Login,
    Missing, NoSession, OrderOutcome,
};
use serde::Serialize;

/// A record's content.
#[derive(Clone, Debug, PartialEq, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum LabRecord {
    /// A frame or packet went no further.
    Dropped {
        /// Why.
        why: DropReason,
        /// The flow, where it was a packet.
        flow: Option<Flow>,
    },
    /// A host refused a stream: nothing listens on the port.
    Refused {
        /// The flow.
        flow: Flow,
    },
    /// A stream was opened from here.
    StreamOpened {
        /// Other end.
        peer: Ip,
        /// Its port.
        port: u16,
    },
    /// A stream from here could not be opened or broke.
    StreamLost {
        /// Other end.
        peer: Ip,
        /// Its port.
        port: u16,
        /// Whether it was refused rather than unanswered.
        refused: bool,
    },
    /// An address was leased to this host.
    AddressBound {
        /// Address.
        ip: Ip,
        /// Gateway given.
        gateway: Option<Ip>,
        /// Who gave it.
        server: Ip,
    },
    /// This host may keep the address that it was leased.
    LeaseRenewed {
        /// Address.
        ip: Ip,
        /// Who said so.
        server: Ip,
    },
    /// This host's lease is over: it has no address any more.
    LeaseLost {
        /// Address that it had.
        ip: Ip,
        /// Whether a server refused to renew it, rather than its time running out.
        refused: bool,
    },
    /// The address server gave a client an address of a pool; reservations are not told.
    LeaseGiven {
        /// Client.
        client: Mac,
        /// Address.
        ip: Ip,
    },
    /// A host begins to ask for an address.
    AddressSought,
    /// Whoever stands on the way sent a message on that says something else than it did.
    PassedAltered {
        /// The message's way.
        flow: Flow,
    },
    /// The address server has no address left for a client, or does not let it keep the one it has.
    LeaseRefused {
        /// Client.
        client: Mac,
        /// Addresses in the pool, all of them held; 0 where the client asked to keep an address that is not its own.
        pool: u32,
        /// The pool's configuration item.
        item: Option<ItemId>,
    },
    /// This host came to believe another hardware address for an address that it knew.
    NeighbourChanged {
        /// Address.
        ip: Ip,
        /// Hardware address believed before.
        from: Mac,
        /// Hardware address believed now.
        to: Mac,
    },
    /// A station looks for its network.
    JoinStarted {
        /// Network.
        ssid: String,
    },
    /// A station joined.
    Joined {
        /// Network.
        ssid: String,
        /// BSS.
        bssid: Mac,
        /// From the start of the attempt to the installed key.
        took: Duration,
    },
    /// An attempt to join ended.
    JoinFailed {
        /// Network.
        ssid: String,
        /// How far it got.
        stage: JoinStage,
        /// Why.
        why: JoinFault,
    },
    /// An authenticator or authentication server refused a station.
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
    StationAdmitted {
        /// Station.
        station: Mac,
        /// What it took.
        login: Login,
    },
    /// A station heard its network offered with another authentication than it accepts, and stayed away.
    OfferDeclined {
        /// Network.
        ssid: String,
        /// Who offered it.
        bssid: Mac,
        /// The configuration item of the network that it knows.
        item: Option<ItemId>,
    },
    /// A station lost its association.
    Disconnected {
        /// Reason code of the standard; 0 where the signal was lost.
        reason: u16,
    },
    /// A protected session was refused here.
    SessionRefused {
        /// Other end.
        peer: Ip,
        /// Why.
        fault: CertificateFault,
        /// The configuration item that decided.
        item: ItemId,
    },
    /// Somebody outside of the simulation did not keep to the rules of a port and was cut off.
    Shed {
        /// Other end.
        peer: Ip,
        /// Port here.
        port: u16,
        /// Which rule.
        why: Shed,
    },
    /// In a live run, a port cannot be listened on, or takes no connection; it is tried again.
    ListenFailed {
        /// Port here.
        port: u16,
        /// What the system said.
        why: String,
    },
    /// Such a port is listened on again.
    ListenResumed {
        /// Port here.
        port: u16,
    },
    /// The lowest version of TLS that a server takes was set.
    TlsMinimumSet {
        /// Lowest version.
        version: TlsVersion,
        /// On how many pumps it is tried; 0: for everybody.
        canary: u32,
        /// The setting's configuration item.
        item: ItemId,
    },
    /// A change that was tried on some pumps was taken back.
    ChangeTakenBack {
        /// How many of those pumps did not come back to the server.
        missing: u32,
        /// The configuration item of the way in which changes are made.
        item: ItemId,
    },
    /// A login was refused here.
    LoginRefused {
        /// Other end.
        peer: Ip,
        /// Port of the service.
        port: u16,
        /// The account's or the service's configuration item.
        item: Option<ItemId>,
    },
    /// A login stops here until the code of the user's token comes.
    CodeAsked {
        /// Other end.
        peer: Ip,
        /// Port of the service.
        port: u16,
        /// The item that asks for it.
        item: ItemId,
    },
    /// A login succeeded, or a service let somebody in without one.
    LoggedIn {
        /// Other end.
        peer: Ip,
        /// Port of the service.
        port: u16,
    },
    /// The pump has a session with what it takes for its server.
    ServerSession {
        /// Address of the other end.
        peer: Ip,
        /// Hardware address that its packets go to.
        via: Option<Mac>,
        /// Whether it is protected.
        protected: bool,
    },
    /// The pump lost its session.
    ServerSessionLost,
    /// A clinical system could not pass on what it has, for now: the next system was not to be reached.
    SystemUnreached {
        /// Name of the next system.
        system: String,
    },
    /// A pump that has no session began to look for its server.
    ServerSought,
    /// A pump that has no session tried to have one, in vain.
    ServerUnreached {
        /// What it met with.
        why: NoSession,
    },
    /// A pump server publishes a library to its pumps from now on.
    LibraryPublished {
        /// Version.
        version: u32,
        /// Whether somebody other than its author approved it.
        approved: bool,
    },
    /// Nobody listens where the pump opens its protected session, and it opens none in clear instead.
    StaysProtected {
        /// The configuration item of the session's protection.
        item: ItemId,
    },
    /// A library was offered to the pump and not stored.
    LibraryRefused {
        /// Version.
        version: u32,
        /// Who offered it.
        from: Ip,
        /// Why.
        why: LibraryFault,
        /// The check's configuration item.
        item: ItemId,
    },
    /// A library was stored for activation.
    LibraryStored {
        /// Version.
        version: u32,
        /// Digest of its content.
        digest: u64,
        /// Who offered it.
        from: Ip,
    },
    /// A library became active.
    LibraryActivated {
        /// Version.
        version: u32,
        /// Digest of its content.
        digest: u64,
    },
    /// A command or a fact crossed the bridge between communication module and delivery controller.
    Bridge {
        /// What crossed.
        what: &'static str,
        /// Whether it went toward delivery.
        to_delivery: bool,
    },
    /// Delivery changed.
    Delivery {
        /// How.
        change: DeliveryChange,
        /// Drug, by its position in the lab's newest library.
        drug: String,
        /// Care area.
        care_area: String,
        /// Infused volume so far in mL.
        infused_ml: f64,
    },
    /// An infusion that was to run stands still.
    InfusionHeld,
    /// A programme was refused by the library's hard limit or for lack of an entry.
    ProgrammeRefused {
        /// Drug.
        drug: String,
        /// Rate dialled in, in mL/h.
        rate_ml_per_h: f64,
        /// Hard limit that held, in mL/h.
        limit: Option<f64>,
    },
    /// A soft limit was overridden.
    LimitOverridden {
        /// Drug.
        drug: String,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
    },
    /// An alarm began at the pump, audible in the room.
    AlarmRaised {
        /// Alarm number of the pump.
        number: u32,
        /// Kind.
        kind: AlarmKind,
    },
    /// The pump's server has the alarm.
    AlarmTaken {
        /// Pump.
        pump: NodeId,
        /// Alarm number.
        number: u32,
    },
    /// The nurses' station shows the alarm.
    AlarmShown {
        /// Pump.
        pump: NodeId,
        /// Alarm number.
        number: u32,
    },
    /// A nurse came to the pump and answered the alarm.
    AlarmAnswered {
        /// Alarm number.
        number: u32,
        /// From the beginning of the alarm.
        after: Duration,
    },
    /// Something expected did not come in time.
    DeadlinePassed {
        /// What.
        missing: Missing,
        /// How long was waited.
        after: Duration,
    },
    /// The communication module stopped.
    CommunicationFailed {
        /// Why, in a word.
        why: &'static str,
    },
    /// A message made for a flaw found it.
    FlawUsed {
        /// The flaw.
        flaw: String,
        /// Port on which it came.
        port: u16,
        /// The flaw's configuration item.
        item: ItemId,
    },
    /// A message made for a flaw did nothing: the flaw is not there.
    CraftedIgnored {
        /// The flaw that it was made for.
        flaw: String,
        /// Port on which it came.
        port: u16,
        /// The maintenance window in which the flaw was mended during the run, if it was.
        item: Option<ItemId>,
    },
    /// A pump was offered firmware or calibration and did not store it.
    ImageRefused {
        /// Kind.
        kind: ImageKind,
        /// Version claimed.
        version: u32,
        /// Who offered it; no address means the local port.
        from: Ip,
        /// Why.
        why: ImageFault,
        /// The check's configuration item.
        item: ItemId,
    },
    /// A pump stored firmware or calibration, to install it when idle.
    ImageStored {
        /// Kind.
        kind: ImageKind,
        /// Version claimed.
        version: u32,
        /// Who offered it; no address means the local port.
        from: Ip,
    },
    /// A pump runs other firmware or calibration from now on.
    ImageInstalled {
        /// Kind.
        kind: ImageKind,
        /// Version claimed.
        version: u32,
        /// Whether its maker made it.
        genuine: bool,
    },
    /// What reaches the patient differs from what the pump displays by more than the pump's flow error may.
    FlowDiffers {
        /// Drug.
        drug: String,
        /// Care area.
        care_area: String,
        /// Displayed rate in mL/h.
        displayed_ml_per_h: f64,
        /// True rate in mL/h.
        delivered_ml_per_h: f64,
    },
    /// An alarm condition began and the pump's firmware kept it to itself.
    AlarmMuted {
        /// Alarm number of the pump.
        number: u32,
        /// Kind.
        kind: AlarmKind,
    },
    /// Somebody who is not of the staff operated a pump by hand, and the pump obeyed.
    Touched {
        /// Who.
        by: NodeId,
        /// What was done.
        what: &'static str,
    },
    /// A pump asked somebody at the bedside for an operator's code and got none.
    OperatorAsked {
        /// Who.
        by: NodeId,
        /// The code's configuration item.
        item: ItemId,
    },
    /// An operator logged in at a pump.
    OperatorLoggedIn {
        /// Who.
        by: NodeId,
    },
    /// A lock holds somebody up who wants to open the case.
    LockHolds {
        /// Who.
        by: NodeId,
        /// How long.
        longer: Duration,
        /// The lock's configuration item.
        item: ItemId,
    },
    /// The case of a device was opened.
    CaseOpened {
        /// Who.
        by: NodeId,
    },
    /// Somebody who had a case open was come upon and sent away.
    CaseInterrupted {
        /// Who was sent away.
        who: NodeId,
        /// Who came.
        by: NodeId,
        /// The item that brought it about: the tamper switch that called, or the lock that held long enough.
        item: Option<ItemId>,
    },
    /// Flash memory was written by somebody who has the device open.
    FlashWritten {
        /// Who.
        by: NodeId,
    },
    /// The passphrase behind a captured handshake stands in no list that was searched.
    PassphraseUnlisted {
        /// Network.
        ssid: String,
        /// The passphrase's configuration item.
        item: Option<ItemId>,
    },
    /// A closed local port did not take what was plugged in.
    PortClosed {
        /// Who plugged it in.
        by: NodeId,
        /// The port's configuration item.
        item: ItemId,
    },
    /// Something was plugged into a local port, and the port took it.
    Plugged {
        /// Who.
        by: NodeId,
    },
    /// A service computer was connected to a pump by cable, or taken off.
    Cabled {
        /// Pump.
        pump: NodeId,
        /// Whether the cable is in.
        on: bool,
    },
    /// Settings of a device were changed on its configuration page.
    SettingsChanged {
        /// Who changed them.
        peer: Ip,
        /// The server that it reports to from now on.
        server: String,
    },
    /// The communication module started.
    CommunicationStarted,
    /// A pump server stored a log entry.
    LogStored {
        /// Pump.
        pump: NodeId,
        /// Entry number.
        number: u32,
    },
    /// A collector has a log line of a device.
    LogCollected {
        /// Device, by address.
        from: Ip,
        /// What it reports.
        kind: crate::wire::syslog::LogKind,
        /// Whom it is about, as far as the device knows.
        about: Option<Ip>,
        /// Port concerned; 0 where none is.
        port: u16,
    },
    /// A pump server has a status message.
    StatusStored {
        /// Pump.
        pump: NodeId,
    },
    /// A nurse compared a pump with the chart, and they differ.
    OrderQuestioned {
        /// What the pump shows or runs, in mL/h.
        rate_ml_per_h: f64,
        /// What the chart says, in mL/h; none where it has no order.
        charted_ml_per_h: Option<f64>,
        /// The rule that asked for the second look.
        item: ItemId,
    },
    /// A pump was taken out of service; another does its work.
    PumpReplaced {
        /// The other.
        by: NodeId,
    },
    /// A pump server did not pass an order on.
    OrderRefused {
        /// Order number.
        order: u32,
        /// Why.
        reason: String,
    },
    /// A health record learned what became of its order, or gave up asking.
    OrderAnswered {
        /// Order number.
        order: u32,
        /// What became of it.
        outcome: OrderOutcome,
    },
    /// A health record was told what a pump does.
    ObservationStored {
        /// Pump.
        pump: NodeId,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
    },
    /// An order reached a pump.
    OrderAtPump {
        /// Order number.
        order: u32,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
    },
    /// Somebody was refused something at a portal.
    PortalDenied {
        /// What.
        what: &'static str,
        /// The configuration item that decided.
        item: ItemId,
    },
    /// A pump server took a library from its database that differs from the one it had.
    LibraryLoaded {
        /// Version.
        version: u32,
        /// Digest of its content.
        digest: u64,
    },
    /// A pump server offered its library to a pump.
    LibraryOffered {
        /// Pump.
        pump: NodeId,
        /// Version.
        version: u32,
    },
    /// A library was written to a database.
    StoreWritten {
        /// Version.
        version: u32,
        /// Digest of its content.
        digest: u64,
        /// Who wrote it.
        from: Ip,
    },
    /// A library that was written during the run was read from a database.
    StoreRead {
        /// Version.
        version: u32,
    },
    /// A broker carries a session on, and records it.
    SessionCarried {
        /// Who came.
        from: Ip,
        /// Where it is carried to.
        to: Ip,
    },
    /// A broker refused to carry a session on.
    SessionDenied {
        /// Where it was to go.
        to: Ip,
        /// The configuration item that decided.
        item: ItemId,
    },
    /// A broker noted a command of a session that it carries.
    SessionCommand {
        /// What kind of command.
        what: &'static str,
    },
    /// A broker ended a session that it carried.
    SessionKilled {
        /// Whose.
        from: Ip,
        /// The configuration item by which it knew of the session.
        item: ItemId,
    },
    /// Staff or a maker's engineer finished a piece of work, or gave it up.
    TaskEnded {
        /// What.
        task: &'static str,
        /// Whether it is done.
        success: bool,
    },
    /// A host gave out what it stores to somebody who was let in.
    ContentGiven {
        /// Path of a file, or what else it is.
        what: String,
        /// To whom.
        to: Ip,
        /// Patient records in it that can be read.
        records: u32,
        /// The configuration item that says what it holds and how it lies there; none for what was written during the run.
        item: Option<ItemId>,
    },
    /// Somebody on the way of a message could not read it: it is sealed for others.
    PassedSealed {
        /// The flow that it belongs to.
        flow: Flow,
        /// The configuration item of the session's protection.
        item: Option<ItemId>,
    },
    /// A file was written on a host from outside.
    FileWritten {
        /// Path.
        path: String,
        /// Size in bytes.
        bytes: u64,
    },
    /// Somebody who has the device in hand read its storage.
    FlashRead {
        /// Network keys found readable.
        keys: u32,
        /// Item of a file that could not be read because it is encrypted.
        sealed: Option<ItemId>,
    },
    /// This mail server took a letter.
    LetterTaken {
        /// Mailbox.
        to: String,
        /// Whether it waits until somebody asks for it.
        waiting: bool,
    },
    /// Letters that waited at this mail server were fetched.
    LettersFetched {
        /// Mailbox.
        to: String,
    },
    /// Somebody at this host has a letter with an attachment.
    Attachment {
        /// Whether it was opened.
        opened: bool,
        /// How readily this person opens attachments: the configuration item.
        item: ItemId,
    },
    /// A program began to run on this host.
    ProgramStarted {
        /// What it is known by.
        family: String,
        /// Whose it is: ground truth.
        author: String,
    },
    /// A program did not run on this host.
    ProgramBlocked {
        /// What it is known by.
        family: String,
        /// Whether a scanner knew it; otherwise it was not on the list of what may run.
        known: bool,
        /// The configuration item that decided.
        item: ItemId,
    },
    /// A file of this host was encrypted with a key that the host does not have.
    FileEncrypted {
        /// Path.
        path: String,
        /// By whom over the network; none where it was done on the host itself.
        by: Option<Ip>,
    },
    /// A file of this host was destroyed.
    FileDestroyed {
        /// Path.
        path: String,
        /// By whom over the network; none where it was done on the host itself.
        by: Option<Ip>,
    },
    /// What this host does for others stopped.
    ServiceStopped {
        /// The file that it needs and cannot read.
        path: String,
    },
    /// It works again.
    ServiceRestored,
    /// A backup server has a copy of files of a host.
    CopyStored {
        /// Whose.
        of: NodeId,
        /// Files that were new or had changed.
        files: u32,
    },
    /// A backup server gives back what it has of a host that was rebuilt.
    CopyReturned {
        /// Whose.
        of: NodeId,
    },
    /// A backup server has nothing to give back for a host that was rebuilt.
    NoCopy {
        /// Whose.
        of: NodeId,
    },
    /// Staff rebuilt this host from a clean image.
    Rebuilt,
    /// A flaw of this host was mended.
    PatchApplied {
        /// The flaw.
        flaw: String,
        /// The maintenance window's configuration item.
        item: ItemId,
    },
    /// A maintenance window found this host busy.
    WindowPostponed {
        /// The maintenance window's configuration item.
        item: ItemId,
    },
    /// Readable patient records came into the hands of this host.
    RecordsHeld {
        /// How many.
        records: u32,
        /// By which protocol.
        by: &'static str,
    },
    /// A frame was read off the air by whoever does not have its key.
    FrameRead {
        /// Its packet number.
        number: u64,
        /// Whose frame it is.
        from: Mac,
        /// Protocol of the message in it; none for a frame without one, such as a question for an address.
        holds: Option<&'static str>,
    },
    /// The authority revoked a certificate.
    CertificateRevoked {
        /// Subject.
        subject: String,
    },
    /// A server took a revocation list that says other things than the one that it had.
    RevocationListTaken {
        /// Certificates on it.
        entries: u32,
    },
    /// This host got a new certificate.
    CertificateRenewed {
        /// Subject.
        subject: String,
    },
    /// A host's clock came to differ from the calendar.
    ClockSkewed {
        /// By how many seconds; below 0 is slow.
        seconds: i64,
    },
    /// Staff added a rule to this firewall.
    RuleAdded {
        /// The rule's configuration item.
        item: ItemId,
        /// Whether it stands before all others.
        first: bool,
    },
    /// A firewall let a flow through because of a rule that staff added in the run.
    Admitted {
        /// The rule's configuration item.
        item: ItemId,
        /// Whose packet it was.
        flow: Flow,
    },
    /// A session of a station was ended by the authenticator.
    StationExpelled {
        /// Station.
        station: Mac,
        /// Whether because its certificate was revoked, rather than because its time was over.
        revoked: bool,
    },
    /// Noise began on a channel.
    NoiseBegan {
        /// Channel; none is the whole band.
        channel: Option<u8>,
        /// For how long.
        over: Duration,
    },
    /// A host was switched off.
    PoweredOff,
    /// A host was switched on.
    PoweredOn,
    /// An attacker began a step.
    StepStarted {
        /// Number of the step, from 0.
        step: u32,
        /// Technique.
        technique: &'static str,
    },
    /// An attacker's step got further.
    StageReached {
        /// Number of the step.
        step: u32,
        /// Stage, in the technique's order.
        stage: u32,
        /// Name of the stage.
        name: &'static str,
    },
    /// An attacker's step ended.
    StepEnded {
        /// Number of the step.
        step: u32,
        /// Whether it did what it was for, as far as the attacker can tell.
        success: bool,
        /// What the attacker saw.
        saw: &'static str,
    },
    /// An attacker did something in answer to what came to it unasked; the step under way stands among its causes.
    Answered {
        /// Number of the step.
        step: u32,
    },
    /// A sensor or a person raised an alert. Whether it was due to an attack is judged from outside, by its causes.
    Alert {
        /// Identifier of the sensor, as in the catalogue of sensors.
        sensor: &'static str,
        /// The configuration item that put the sensor there.
        item: ItemId,
        /// What it noticed, one line.
        about: String,
    },
    /// An attacker learned something it can use.
    Learned {
        /// What.
        what: &'static str,
    },
}

/// Steps of programs are numbered from here on, so that they differ from the steps of an attacker that holds the same host.
pub const PROGRAM_STEPS: u32 = 1000;

impl crate::engine::Record for LabRecord {
    fn bytes(&self) -> usize {
        std::mem::size_of::<Self>()
    }
}

impl LabRecord {
    /// Whether the record says that something was stopped.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Dropped { .. }
                | Self::Refused { .. }
                | Self::StationRefused { .. }
                | Self::SessionRefused { .. }
                | Self::Shed { .. }
                | Self::LoginRefused { .. }
                | Self::CodeAsked { .. }
                | Self::StaysProtected { .. }
                | Self::OfferDeclined { .. }
                | Self::PassedSealed { .. }
                | Self::ContentGiven { records: 0, .. }
                | Self::PortalDenied { .. }
                | Self::SessionDenied { .. }
                | Self::SessionKilled { .. }
                | Self::LibraryRefused { .. }
                | Self::ProgrammeRefused { .. }
                | Self::OrderQuestioned { .. }
                | Self::OrderRefused { .. }
                | Self::CraftedIgnored { .. }
                | Self::ImageRefused { .. }
                | Self::OperatorAsked { .. }
                | Self::CaseInterrupted { .. }
                | Self::PortClosed { .. }
                | Self::PassphraseUnlisted { .. }
                | Self::FlashRead { keys: 0, .. }
                | Self::ProgramBlocked { .. }
                | Self::Attachment { opened: false, .. }
        )
    }
}
