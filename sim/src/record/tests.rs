use super::*;
use crate::clinical::delivery::AlarmKind;
use crate::crypto::CertificateFault;
use crate::spec::Removed;
use crate::time::Duration;
use crate::wire::image::ImageKind;
use crate::wire::shed::Shed;
use crate::wire::syslog::LogKind;
use crate::wire::tls::TlsVersion;
use crate::wire::{Ip, Mac};
use std::collections::BTreeSet;

const HERE: Ip = Ip::new(10, 0, 40, 13);
const THERE: Ip = Ip::new(10, 0, 60, 66);
const FLOW: Flow = Flow {
    src: THERE,
    dst: HERE,
    stream: true,
    port: 23,
};

fn network_records() -> Vec<LabRecord> {
    let id = ItemId(5);
    let flow = Some(FLOW);
    let mut records: Vec<LabRecord> = [
        DropReason::Rule(id),
        DropReason::DefaultDeny(id),
        DropReason::RateLimit(id),
        DropReason::TableFull,
        DropReason::NoRoute,
        DropReason::HopLimit,
        DropReason::UnknownFlow,
    ]
    .map(|why| LabRecord::Network(NetworkRecord::Dropped { why, flow }))
    .to_vec();
    records.extend(
        [
            DropReason::ClientIsolation(id),
            DropReason::DhcpSnooping(id),
            DropReason::LeaseGuard(id),
            DropReason::PortBinding(id),
            DropReason::ArpInspection(id),
            DropReason::Unresolved,
            DropReason::Undecipherable,
            DropReason::UnprotectedManagement(id),
            DropReason::UnprotectedControl(id),
            DropReason::PortAccess(id),
            DropReason::Noise,
            DropReason::Off,
            DropReason::Fault,
        ]
        .map(|why| LabRecord::Network(NetworkRecord::Dropped { why, flow: None })),
    );
    let lost = |refused| {
        LabRecord::Network(NetworkRecord::StreamLost {
            peer: HERE,
            port: 23,
            refused,
        })
    };
    records.extend([
        LabRecord::Network(NetworkRecord::Refused { flow: FLOW }),
        LabRecord::Network(NetworkRecord::StreamOpened {
            peer: HERE,
            port: 23,
        }),
        lost(true),
        lost(false),
        LabRecord::Network(NetworkRecord::AddressBound {
            ip: HERE,
            gateway: Some(Ip::new(10, 0, 40, 1)),
            server: THERE,
        }),
        LabRecord::Network(NetworkRecord::NeighbourChanged {
            ip: HERE,
            from: Mac(1),
            to: Mac(2),
        }),
    ]);
    records.extend(lease_records());
    records
}

fn lease_records() -> Vec<LabRecord> {
    let id = ItemId(5);
    vec![
        LabRecord::Network(NetworkRecord::LeaseRenewed {
            ip: HERE,
            server: THERE,
        }),
        LabRecord::Network(NetworkRecord::LeaseLost {
            ip: HERE,
            refused: false,
        }),
        LabRecord::Network(NetworkRecord::LeaseLost {
            ip: HERE,
            refused: true,
        }),
        LabRecord::Network(NetworkRecord::LeaseGiven {
            client: Mac(1),
            ip: HERE,
        }),
        LabRecord::Network(NetworkRecord::AddressSought),
        LabRecord::Network(NetworkRecord::PassedAltered { flow: FLOW }),
        LabRecord::Network(NetworkRecord::LeaseRefused {
            client: Mac(1),
            pool: 50,
            item: Some(id),
        }),
        LabRecord::Network(NetworkRecord::LeaseRefused {
            client: Mac(1),
            pool: 0,
            item: None,
        }),
    ]
}

fn wireless_records() -> Vec<LabRecord> {
    let ssid = || "pump-eap".to_owned();
    let failed = |stage, why| {
        LabRecord::Wireless(WirelessRecord::JoinFailed {
            ssid: ssid(),
            stage,
            why,
        })
    };
    vec![
        LabRecord::Wireless(WirelessRecord::JoinStarted { ssid: ssid() }),
        LabRecord::Wireless(WirelessRecord::Joined {
            ssid: ssid(),
            bssid: Mac(1),
            took: Duration::from_millis(87),
        }),
        failed(JoinStage::Scan, JoinFault::NotFound),
        failed(JoinStage::Authentication, JoinFault::Timeout),
        failed(JoinStage::Association, JoinFault::Refused(17)),
        failed(JoinStage::FourWay, JoinFault::WrongKey),
        failed(
            JoinStage::Eap,
            JoinFault::CertificateRefused(CertificateFault::Revoked),
        ),
        failed(
            JoinStage::Eap,
            JoinFault::ServerRefused(CertificateFault::UnknownIssuer),
        ),
        failed(JoinStage::Address, JoinFault::Timeout),
        LabRecord::Wireless(WirelessRecord::StationRefused {
            station: Mac(1),
            stage: JoinStage::Eap,
            why: JoinFault::CertificateRefused(CertificateFault::Expired),
            item: Some(ItemId(5)),
        }),
        LabRecord::Wireless(WirelessRecord::StationAdmitted {
            station: Mac(1),
            login: Login {
                resumed: true,
                rounds: 3,
                up: 760,
                down: 530,
            },
        }),
        LabRecord::Wireless(WirelessRecord::Disconnected { reason: 0 }),
        LabRecord::Wireless(WirelessRecord::Disconnected { reason: 7 }),
    ]
}

// long: a record of every kind.
fn pump_records() -> Vec<LabRecord> {
    let drug = || "heparin".to_owned();
    let delivery = |change| {
        LabRecord::Therapy(TherapyRecord::Delivery {
            change,
            drug: drug().into(),
            care_area: "ICU".into(),
            infused_ml: 12.345,
        })
    };
    let refused = |limit| {
        LabRecord::Therapy(TherapyRecord::ProgrammeRefused {
            drug: drug(),
            rate_ml_per_h: 120.0,
            limit,
        })
    };
    let bridge =
        |what, to_delivery| LabRecord::Therapy(TherapyRecord::Bridge { what, to_delivery });
    vec![
        LabRecord::Session(SessionRecord::ServerSession {
            via: None,
            peer: THERE,
            protected: true,
        }),
        LabRecord::Session(SessionRecord::ServerSessionLost),
        LabRecord::Session(SessionRecord::ServerSought),
        LabRecord::Session(SessionRecord::SystemUnreached {
            system: "alarm-manager".to_owned(),
        }),
        LabRecord::Session(SessionRecord::ServerUnreached {
            why: NoSession::Name,
        }),
        LabRecord::Library(LibraryRecord::LibraryRefused {
            version: 3,
            from: THERE,
            why: LibraryFault::Unsigned,
            item: ItemId(5),
        }),
        LabRecord::Library(LibraryRecord::LibraryStored {
            version: 3,
            digest: 0xabc,
            from: THERE,
        }),
        LabRecord::Library(LibraryRecord::LibraryActivated {
            version: 3,
            digest: 0xabc,
        }),
        bridge(Crossing::Library, true),
        bridge(Crossing::Order, false),
        delivery(DeliveryChange::Started {
            rate_ml_per_h: 12.0,
        }),
        delivery(DeliveryChange::RateChanged {
            from: 12.0,
            to: 120.0,
        }),
        delivery(DeliveryChange::Interrupted),
        delivery(DeliveryChange::Resumed),
        delivery(DeliveryChange::Kvo),
        delivery(DeliveryChange::Stopped),
        delivery(DeliveryChange::NewBag),
        LabRecord::Therapy(TherapyRecord::InfusionHeld),
        refused(Some(20.0)),
        refused(None),
        LabRecord::Therapy(TherapyRecord::LimitOverridden {
            drug: drug(),
            rate_ml_per_h: 18.0,
        }),
        LabRecord::Therapy(TherapyRecord::OrderRefused {
            order: 4,
            reason: "the pump has no session".to_owned(),
        }),
        LabRecord::Therapy(TherapyRecord::OrderAnswered {
            order: 4,
            outcome: OrderOutcome::Taken,
        }),
        LabRecord::Therapy(TherapyRecord::OrderAnswered {
            order: 4,
            outcome: OrderOutcome::Refused {
                reason: "the pump has no session".to_owned(),
            },
        }),
        LabRecord::Therapy(TherapyRecord::OrderAnswered {
            order: 4,
            outcome: OrderOutcome::Unknown,
        }),
        LabRecord::Therapy(TherapyRecord::ObservationStored {
            pump: NodeId(1),
            rate_ml_per_h: 12.0,
        }),
        LabRecord::Therapy(TherapyRecord::OrderAtPump {
            order: 4,
            rate_ml_per_h: 12.0,
        }),
        LabRecord::Host(HostRecord::CommunicationFailed {
            why: "memory is full",
        }),
        LabRecord::Host(HostRecord::CommunicationStarted),
        LabRecord::Host(HostRecord::FlawUsed {
            flaw: "long-name".to_owned(),
            port: 23,
            item: ItemId(5),
        }),
        LabRecord::Host(HostRecord::CraftedIgnored {
            flaw: "long-name".to_owned(),
            port: 23,
            item: None,
        }),
        LabRecord::Session(SessionRecord::StaysProtected { item: ItemId(5) }),
        LabRecord::Network(NetworkRecord::PassedSealed {
            flow: FLOW,
            item: Some(ItemId(5)),
        }),
        LabRecord::Storage(StorageRecord::ContentGiven {
            what: "/log/records".to_owned(),
            to: THERE,
            records: 0,
            item: None,
        }),
        LabRecord::Wireless(WirelessRecord::OfferDeclined {
            ssid: "pump-eap".to_owned(),
            bssid: Mac(1),
            item: Some(ItemId(5)),
        }),
    ]
}

fn monitoring_records() -> Vec<LabRecord> {
    let pump = NodeId(1);
    let after = Duration::from_secs(68);
    let missing = |missing| LabRecord::Alarm(AlarmRecord::DeadlinePassed { missing, after });
    vec![
        LabRecord::Alarm(AlarmRecord::AlarmRaised {
            number: 2,
            kind: AlarmKind::BagEmpty,
        }),
        LabRecord::Alarm(AlarmRecord::AlarmTaken { pump, number: 2 }),
        LabRecord::Alarm(AlarmRecord::AlarmShown { pump, number: 2 }),
        LabRecord::Alarm(AlarmRecord::AlarmAnswered { number: 2, after }),
        missing(Missing::AlarmTaken { number: 2 }),
        missing(Missing::AlarmAnswered { number: 2 }),
        missing(Missing::Therapy),
        missing(Missing::PumpSeen { pump }),
        LabRecord::Monitoring(MonitoringRecord::LogStored { pump, number: 9 }),
        LabRecord::Monitoring(MonitoringRecord::StatusStored { pump }),
        LabRecord::Therapy(TherapyRecord::OrderQuestioned {
            rate_ml_per_h: 120.0,
            charted_ml_per_h: Some(12.0),
            item: ItemId(5),
        }),
        LabRecord::Therapy(TherapyRecord::OrderQuestioned {
            rate_ml_per_h: 120.0,
            charted_ml_per_h: None,
            item: ItemId(5),
        }),
        LabRecord::Therapy(TherapyRecord::PumpReplaced { by: pump }),
        LabRecord::Library(LibraryRecord::LibraryPublished {
            version: 2,
            approved: false,
        }),
    ]
}

fn device_records() -> Vec<LabRecord> {
    let (by, item) = (NodeId(1), ItemId(5));
    let kind = ImageKind::Firmware;
    vec![
        LabRecord::Image(ImageRecord::ImageRefused {
            kind,
            version: 9,
            from: THERE,
            why: ImageFault::Unsigned,
            item,
        }),
        LabRecord::Image(ImageRecord::ImageStored {
            kind: ImageKind::Calibration,
            version: 9,
            from: Ip::UNSPECIFIED,
        }),
        LabRecord::Image(ImageRecord::ImageInstalled {
            kind,
            version: 9,
            genuine: false,
        }),
        LabRecord::Therapy(TherapyRecord::FlowDiffers {
            drug: "heparin".into(),
            care_area: "ICU".into(),
            displayed_ml_per_h: 10.0,
            delivered_ml_per_h: 20.0,
        }),
        LabRecord::Alarm(AlarmRecord::AlarmMuted {
            number: 2,
            kind: AlarmKind::BagEmpty,
        }),
        LabRecord::Bedside(BedsideRecord::Touched {
            by,
            what: Operation::Stop,
        }),
        LabRecord::Bedside(BedsideRecord::OperatorAsked { by, item }),
        LabRecord::Bedside(BedsideRecord::OperatorLoggedIn { by }),
        LabRecord::Bedside(BedsideRecord::LockHolds {
            by,
            longer: Duration::from_mins(25),
            item,
        }),
        LabRecord::Bedside(BedsideRecord::CaseOpened { by }),
        LabRecord::Bedside(BedsideRecord::CaseInterrupted {
            who: by,
            by: NodeId(0),
            item: Some(item),
        }),
        LabRecord::Bedside(BedsideRecord::FlashWritten { by }),
        LabRecord::Bedside(BedsideRecord::PortClosed { by, item }),
        LabRecord::Bedside(BedsideRecord::Plugged { by }),
        LabRecord::Bedside(BedsideRecord::Cabled { pump: by, on: true }),
        LabRecord::Host(HostRecord::SettingsChanged {
            peer: THERE,
            server: "elsewhere".to_owned(),
        }),
    ]
}

// long: a record of every kind.
fn other_records() -> Vec<LabRecord> {
    vec![
        LabRecord::Session(SessionRecord::SessionRefused {
            peer: THERE,
            fault: CertificateFault::Missing,
            item: ItemId(5),
        }),
        LabRecord::Session(SessionRecord::Shed {
            peer: THERE,
            port: 4443,
            why: Shed::NoTls,
        }),
        LabRecord::Session(SessionRecord::ListenFailed {
            port: 5000,
            why: "address in use".to_owned(),
        }),
        LabRecord::Session(SessionRecord::ListenResumed { port: 5000 }),
        LabRecord::Session(SessionRecord::TlsMinimumSet {
            version: TlsVersion::V12,
            canary: 1,
            item: ItemId(5),
        }),
        LabRecord::Session(SessionRecord::ChangeTakenBack {
            missing: 1,
            item: ItemId(5),
        }),
        LabRecord::Session(SessionRecord::LoginRefused {
            peer: THERE,
            port: 23,
            item: None,
        }),
        LabRecord::Session(SessionRecord::LoggedIn {
            peer: THERE,
            port: 23,
        }),
        LabRecord::Storage(StorageRecord::FileWritten {
            path: "/tmp/bomb".to_owned(),
            bytes: 1024,
        }),
        LabRecord::Bedside(BedsideRecord::FlashRead {
            keys: 0,
            sealed: Some(ItemId(5)),
        }),
        LabRecord::Storage(StorageRecord::RecordsHeld {
            records: 200,
            by: "web",
        }),
        LabRecord::Wireless(WirelessRecord::FrameRead {
            number: 3,
            from: Mac(7),
            holds: Some("dns"),
        }),
        LabRecord::Wireless(WirelessRecord::PassphraseUnlisted {
            ssid: "hospital".to_owned(),
            item: Some(ItemId(5)),
        }),
        LabRecord::Session(SessionRecord::CertificateRevoked {
            subject: "pump-03".to_owned(),
        }),
        LabRecord::Session(SessionRecord::RevocationListTaken { entries: 2 }),
        LabRecord::Session(SessionRecord::CertificateRenewed {
            subject: "pump-03".to_owned(),
        }),
        LabRecord::Host(HostRecord::ClockSkewed { seconds: -60 }),
        LabRecord::Network(NetworkRecord::RuleAdded {
            item: ItemId(0),
            first: true,
        }),
        LabRecord::Network(NetworkRecord::Admitted {
            item: ItemId(0),
            flow: Flow {
                src: Ip(1),
                dst: Ip(2),
                stream: true,
                port: 23,
            },
        }),
        LabRecord::Wireless(WirelessRecord::StationExpelled {
            station: Mac(7),
            revoked: true,
        }),
        LabRecord::Wireless(WirelessRecord::NoiseBegan {
            channel: Some(6),
            over: Duration::from_secs(5),
        }),
        LabRecord::Host(HostRecord::PoweredOff),
        LabRecord::Host(HostRecord::PoweredOn),
        LabRecord::Attack(AttackRecord::StepStarted {
            step: 0,
            technique: "open-shell",
        }),
        LabRecord::Attack(AttackRecord::StageReached {
            step: 0,
            stage: 1,
            name: "connect",
        }),
        LabRecord::Attack(AttackRecord::StepEnded {
            step: 0,
            success: true,
            saw: "a prompt",
        }),
        LabRecord::Monitoring(MonitoringRecord::LogCollected {
            from: HERE,
            kind: LogKind::LoginRefused,
            about: Some(THERE),
            port: 23,
        }),
        LabRecord::Attack(AttackRecord::Answered { step: 0 }),
        LabRecord::Monitoring(MonitoringRecord::Alert {
            sensor: "log-review",
            item: ItemId(5),
            about: "5 refused logins from 10.0.60.66 within 60 s".to_owned(),
        }),
        LabRecord::Attack(AttackRecord::Learned { what: "an address" }),
    ]
}

fn software_records() -> Vec<LabRecord> {
    let item = ItemId(5);
    let family = || "wiper-a".to_owned();
    let path = || "/data/records.db".to_owned();
    let to = || "office-1".to_owned();
    let of = NodeId(1);
    let letter = |waiting| LabRecord::Program(ProgramRecord::LetterTaken { to: to(), waiting });
    let attachment = |opened| LabRecord::Program(ProgramRecord::Attachment { opened, item });
    let blocked = |known| {
        LabRecord::Program(ProgramRecord::ProgramBlocked {
            family: family(),
            known,
            item,
        })
    };
    let encrypted = |by| LabRecord::Storage(StorageRecord::FileEncrypted { path: path(), by });
    let destroyed = |by| LabRecord::Storage(StorageRecord::FileDestroyed { path: path(), by });
    vec![
        letter(false),
        letter(true),
        LabRecord::Program(ProgramRecord::LettersFetched { to: to() }),
        attachment(true),
        attachment(false),
        LabRecord::Program(ProgramRecord::ProgramStarted {
            family: family(),
            author: "mallory".to_owned(),
        }),
        blocked(true),
        blocked(false),
        encrypted(None),
        encrypted(Some(THERE)),
        destroyed(None),
        destroyed(Some(THERE)),
        LabRecord::Storage(StorageRecord::ServiceStopped { path: path() }),
        LabRecord::Storage(StorageRecord::ServiceRestored),
        LabRecord::Storage(StorageRecord::CopyStored { of, files: 3 }),
        LabRecord::Storage(StorageRecord::CopyReturned { of }),
        LabRecord::Storage(StorageRecord::NoCopy { of }),
        LabRecord::Host(HostRecord::Rebuilt),
        LabRecord::Host(HostRecord::PatchApplied {
            flaw: "smb-v1-parser".to_owned(),
            item,
        }),
        LabRecord::Host(HostRecord::WindowPostponed { item }),
        LabRecord::Attack(AttackRecord::StepStarted {
            step: 1001,
            technique: "spread",
        }),
    ]
}

fn server_records() -> Vec<LabRecord> {
    let (item, from, to) = (ItemId(5), THERE, THERE);
    vec![
        LabRecord::Access(AccessRecord::PortalDenied {
            what: "a publication",
            item,
        }),
        LabRecord::Library(LibraryRecord::LibraryLoaded {
            version: 2,
            digest: 7,
        }),
        LabRecord::Library(LibraryRecord::LibraryOffered {
            pump: NodeId(1),
            version: 2,
        }),
        LabRecord::Library(LibraryRecord::StoreWritten {
            version: 2,
            digest: 7,
            from,
        }),
        LabRecord::Library(LibraryRecord::StoreRead { version: 2 }),
        LabRecord::Access(AccessRecord::SessionCarried { from, to }),
        LabRecord::Access(AccessRecord::SessionDenied { to, item }),
        LabRecord::Access(AccessRecord::SessionCommand {
            what: "read of a file",
        }),
        LabRecord::Access(AccessRecord::SessionKilled { from, item }),
        LabRecord::Session(SessionRecord::CodeAsked {
            peer: from,
            port: 443,
            item,
        }),
        LabRecord::Access(AccessRecord::TaskEnded {
            task: Task::SupportVisit,
            success: false,
        }),
    ]
}

fn all() -> Vec<LabRecord> {
    [
        network_records(),
        wireless_records(),
        pump_records(),
        monitoring_records(),
        device_records(),
        other_records(),
        software_records(),
        server_records(),
    ]
    .concat()
}

/// Names where nothing has any.
struct Nameless;

impl Names for Nameless {
    fn node(&self, _: NodeId) -> String {
        "?".to_owned()
    }

    fn ip(&self, ip: Ip) -> String {
        ip.to_string()
    }

    fn item(&self, id: ItemId) -> String {
        format!("item {}", id.0)
    }

    fn origin(&self, id: ItemId) -> String {
        format!("{}, part of the bare lab", self.item(id))
    }

    fn removed_by(&self, _: NodeId, _: &Removed) -> Option<String> {
        None
    }
}

#[test]
fn every_kind_of_record_has_its_sentence() {
    let all = all();
    for kind in LabRecord::kinds() {
        let shown = all.iter().any(|r| r.kind() == kind);
        assert!(shown, "no {} stands in the examples", kind.name);
    }
    let sentences: Vec<String> = all.iter().map(|r| r.says(&Nameless, NodeId(0))).collect();
    assert!(sentences.iter().all(|s| !s.trim().is_empty()));
    insta::assert_snapshot!(sentences.join("\n"));
}

#[test]
fn what_is_known_of_kinds_is_whole() {
    let mut names = BTreeSet::new();
    for kind in LabRecord::kinds() {
        assert!(names.insert(kind.name), "{} stands twice", kind.name);
        assert!(
            !kind.meaning.is_empty() && !kind.says.is_empty(),
            "{kind:?}"
        );
        assert!(
            kind.fields.iter().all(|f| !f.meaning.is_empty()),
            "{kind:?}"
        );
    }
    assert!(names.len() > 100, "the table is not whole");
}

#[test]
fn a_class_that_depends_on_fields_does() {
    let class = |what: LabRecord| what.class();
    let given = |records| StorageRecord::ContentGiven {
        what: "/log/records".to_owned(),
        to: THERE,
        records,
        item: Some(ItemId(5)),
    };
    assert_eq!(class(given(0).into()), Class::Refusal);
    assert_eq!(class(given(1).into()), Class::Plain);
    // What was given out as it is was nobody's decision.
    assert_eq!(LabRecord::from(given(0)).item(), Some(ItemId(5)));
    assert_eq!(LabRecord::from(given(1)).item(), None);
    let read = |keys| BedsideRecord::FlashRead { keys, sealed: None };
    assert_eq!(class(read(0).into()), Class::Refusal);
    assert_eq!(class(read(1).into()), Class::Plain);
    let any = LabRecord::from(read(0)).removal();
    assert_eq!(any, Some(Removal::AnyFile));
    assert_eq!(LabRecord::from(read(1)).removal(), None);
    let unreached = |why| SessionRecord::ServerUnreached { why };
    assert_eq!(class(unreached(NoSession::Name).into()), Class::Stop);
    assert_eq!(class(unreached(NoSession::Link).into()), Class::Plain);
}
