use super::*;
use pumplab_sim::clinical::delivery::AlarmKind;
use pumplab_sim::crypto::CertificateFault;
use pumplab_sim::record::{DeliveryChange, NoSession, OrderOutcome};
use pumplab_sim::record::{ImageFault, JoinFault, JoinStage, LibraryFault};
use pumplab_sim::spec::ItemId;
use pumplab_sim::time::Duration;
use pumplab_sim::wire::image::ImageKind;
use pumplab_sim::wire::tls::TlsVersion;
use pumplab_sim::wire::{Ip, Mac};

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
    .map(|why| LabRecord::Dropped { why, flow })
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
        .map(|why| LabRecord::Dropped { why, flow: None }),
    );
    let lost = |refused| LabRecord::StreamLost {
        peer: HERE,
        port: 23,
        refused,
    };
    records.extend([
        LabRecord::Refused { flow: FLOW },
        LabRecord::StreamOpened {
            peer: HERE,
            port: 23,
        },
        lost(true),
        lost(false),
        LabRecord::AddressBound {
            ip: HERE,
            gateway: Some(Ip::new(10, 0, 40, 1)),
            server: THERE,
        },
        LabRecord::NeighbourChanged {
            ip: HERE,
            from: Mac(1),
            to: Mac(2),
        },
    ]);
    records.extend(lease_records());
    records
}

fn lease_records() -> Vec<LabRecord> {
    let id = ItemId(5);
    vec![
        LabRecord::LeaseRenewed {
            ip: HERE,
            server: THERE,
        },
        LabRecord::LeaseLost {
            ip: HERE,
            refused: false,
        },
        LabRecord::LeaseLost {
            ip: HERE,
            refused: true,
        },
        LabRecord::LeaseGiven {
            client: Mac(1),
            ip: HERE,
        },
        LabRecord::AddressSought,
        LabRecord::PassedAltered { flow: FLOW },
        LabRecord::LeaseRefused {
            client: Mac(1),
            pool: 50,
            item: Some(id),
        },
        LabRecord::LeaseRefused {
            client: Mac(1),
            pool: 0,
            item: None,
        },
    ]
}

fn wireless_records() -> Vec<LabRecord> {
    let ssid = || "pump-eap".to_owned();
    let failed = |stage, why| LabRecord::JoinFailed {
        ssid: ssid(),
        stage,
        why,
    };
    vec![
        LabRecord::JoinStarted { ssid: ssid() },
        LabRecord::Joined {
            ssid: ssid(),
            bssid: Mac(1),
            took: Duration::from_millis(87),
        },
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
        LabRecord::StationRefused {
            station: Mac(1),
            stage: JoinStage::Eap,
            why: JoinFault::CertificateRefused(CertificateFault::Expired),
            item: Some(ItemId(5)),
        },
        LabRecord::StationAdmitted {
            station: Mac(1),
            login: pumplab_sim::record::Login {
                resumed: true,
                rounds: 3,
                up: 760,
                down: 530,
            },
        },
        LabRecord::Disconnected { reason: 0 },
        LabRecord::Disconnected { reason: 7 },
    ]
}

// long: a record of every kind.
fn pump_records() -> Vec<LabRecord> {
    let drug = || "heparin".to_owned();
    let delivery = |change| LabRecord::Delivery {
        change,
        drug: drug(),
        care_area: "ICU".to_owned(),
        infused_ml: 12.345,
    };
    let refused = |limit| LabRecord::ProgrammeRefused {
        drug: drug(),
        rate_ml_per_h: 120.0,
        limit,
    };
    let bridge = |what, to_delivery| LabRecord::Bridge { what, to_delivery };
    vec![
        LabRecord::ServerSession {
            via: None,
            peer: THERE,
            protected: true,
        },
        LabRecord::ServerSessionLost,
        LabRecord::ServerSought,
        LabRecord::SystemUnreached {
            system: "alarm-manager".to_owned(),
        },
        LabRecord::ServerUnreached {
            why: NoSession::Name,
        },
        LabRecord::LibraryRefused {
            version: 3,
            from: THERE,
            why: LibraryFault::Unsigned,
            item: ItemId(5),
        },
        LabRecord::LibraryStored {
            version: 3,
            digest: 0xabc,
            from: THERE,
        },
        LabRecord::LibraryActivated {
            version: 3,
            digest: 0xabc,
        },
        bridge("a library", true),
        bridge("an alarm", false),
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
        LabRecord::InfusionHeld,
        refused(Some(20.0)),
        refused(None),
        LabRecord::LimitOverridden {
            drug: drug(),
            rate_ml_per_h: 18.0,
        },
        LabRecord::OrderRefused {
            order: 4,
            reason: "the pump has no session".to_owned(),
        },
        LabRecord::OrderAnswered {
            order: 4,
            outcome: OrderOutcome::Taken,
        },
        LabRecord::OrderAnswered {
            order: 4,
            outcome: OrderOutcome::Refused {
                reason: "the pump has no session".to_owned(),
            },
        },
        LabRecord::OrderAnswered {
            order: 4,
            outcome: OrderOutcome::Unknown,
        },
        LabRecord::ObservationStored {
            pump: NodeId(1),
            rate_ml_per_h: 12.0,
        },
        LabRecord::OrderAtPump {
            order: 4,
            rate_ml_per_h: 12.0,
        },
        LabRecord::CommunicationFailed {
            why: "memory is full",
        },
        LabRecord::CommunicationStarted,
        LabRecord::FlawUsed {
            flaw: "long-name".to_owned(),
            port: 23,
            item: ItemId(5),
        },
        LabRecord::CraftedIgnored {
            flaw: "long-name".to_owned(),
            port: 23,
            item: None,
        },
        LabRecord::StaysProtected { item: ItemId(5) },
        LabRecord::PassedSealed {
            flow: FLOW,
            item: Some(ItemId(5)),
        },
        LabRecord::ContentGiven {
            what: "/log/records".to_owned(),
            to: THERE,
            records: 0,
            item: None,
        },
        LabRecord::OfferDeclined {
            ssid: "pump-eap".to_owned(),
            bssid: Mac(1),
            item: Some(ItemId(5)),
        },
    ]
}

fn monitoring_records() -> Vec<LabRecord> {
    let pump = NodeId(1);
    let after = Duration::from_secs(68);
    let missing = |missing| LabRecord::DeadlinePassed { missing, after };
    vec![
        LabRecord::AlarmRaised {
            number: 2,
            kind: AlarmKind::BagEmpty,
        },
        LabRecord::AlarmTaken { pump, number: 2 },
        LabRecord::AlarmShown { pump, number: 2 },
        LabRecord::AlarmAnswered { number: 2, after },
        missing(Missing::AlarmTaken { number: 2 }),
        missing(Missing::AlarmAnswered { number: 2 }),
        missing(Missing::Therapy),
        missing(Missing::PumpSeen { pump }),
        LabRecord::LogStored { pump, number: 9 },
        LabRecord::StatusStored { pump },
        LabRecord::OrderQuestioned {
            rate_ml_per_h: 120.0,
            charted_ml_per_h: Some(12.0),
            item: ItemId(5),
        },
        LabRecord::OrderQuestioned {
            rate_ml_per_h: 120.0,
            charted_ml_per_h: None,
            item: ItemId(5),
        },
        LabRecord::PumpReplaced { by: pump },
        LabRecord::LibraryPublished {
            version: 2,
            approved: false,
        },
    ]
}

fn device_records() -> Vec<LabRecord> {
    let (by, item) = (NodeId(1), ItemId(5));
    let kind = ImageKind::Firmware;
    vec![
        LabRecord::ImageRefused {
            kind,
            version: 9,
            from: THERE,
            why: ImageFault::Unsigned,
            item,
        },
        LabRecord::ImageStored {
            kind: ImageKind::Calibration,
            version: 9,
            from: Ip::UNSPECIFIED,
        },
        LabRecord::ImageInstalled {
            kind,
            version: 9,
            genuine: false,
        },
        LabRecord::FlowDiffers {
            drug: "heparin".to_owned(),
            care_area: "ICU".to_owned(),
            displayed_ml_per_h: 10.0,
            delivered_ml_per_h: 20.0,
        },
        LabRecord::AlarmMuted {
            number: 2,
            kind: AlarmKind::BagEmpty,
        },
        LabRecord::Touched { by, what: "stop" },
        LabRecord::OperatorAsked { by, item },
        LabRecord::OperatorLoggedIn { by },
        LabRecord::LockHolds {
            by,
            longer: Duration::from_mins(25),
            item,
        },
        LabRecord::CaseOpened { by },
        LabRecord::CaseInterrupted {
            who: by,
            by: NodeId(0),
            item: Some(item),
        },
        LabRecord::FlashWritten { by },
        LabRecord::PortClosed { by, item },
        LabRecord::Plugged { by },
        LabRecord::Cabled { pump: by, on: true },
        LabRecord::SettingsChanged {
            peer: THERE,
            server: "elsewhere".to_owned(),
        },
    ]
}

// long: a record of every kind.
fn other_records() -> Vec<LabRecord> {
    vec![
        LabRecord::SessionRefused {
            peer: THERE,
            fault: CertificateFault::Missing,
            item: ItemId(5),
        },
        LabRecord::Shed {
            peer: THERE,
            port: 4443,
            why: pumplab_sim::wire::shed::Shed::NoTls,
        },
        LabRecord::ListenFailed {
            port: 5000,
            why: "address in use".to_owned(),
        },
        LabRecord::ListenResumed { port: 5000 },
        LabRecord::TlsMinimumSet {
            version: TlsVersion::V12,
            canary: 1,
            item: ItemId(5),
        },
        LabRecord::ChangeTakenBack {
            missing: 1,
            item: ItemId(5),
        },
        LabRecord::LoginRefused {
            peer: THERE,
            port: 23,
            item: None,
        },
        LabRecord::LoggedIn {
            peer: THERE,
            port: 23,
        },
        LabRecord::FileWritten {
            path: "/tmp/bomb".to_owned(),
            bytes: 1024,
        },
        LabRecord::FlashRead {
            keys: 0,
            sealed: Some(ItemId(5)),
        },
        LabRecord::RecordsHeld {
            records: 200,
            by: "web",
        },
        LabRecord::FrameRead {
            number: 3,
            from: pumplab_sim::wire::Mac(7),
            holds: Some("dns"),
        },
        LabRecord::PassphraseUnlisted {
            ssid: "hospital".to_owned(),
            item: Some(ItemId(5)),
        },
        LabRecord::CertificateRevoked {
            subject: "pump-03".to_owned(),
        },
        LabRecord::RevocationListTaken { entries: 2 },
        LabRecord::CertificateRenewed {
            subject: "pump-03".to_owned(),
        },
        LabRecord::ClockSkewed { seconds: -60 },
        LabRecord::RuleAdded {
            item: ItemId(0),
            first: true,
        },
        LabRecord::Admitted {
            item: ItemId(0),
            flow: pumplab_sim::record::Flow {
                src: Ip(1),
                dst: Ip(2),
                stream: true,
                port: 23,
            },
        },
        LabRecord::StationExpelled {
            station: pumplab_sim::wire::Mac(7),
            revoked: true,
        },
        LabRecord::NoiseBegan {
            channel: Some(6),
            over: Duration::from_secs(5),
        },
        LabRecord::PoweredOff,
        LabRecord::PoweredOn,
        LabRecord::StepStarted {
            step: 0,
            technique: "open-shell",
        },
        LabRecord::StageReached {
            step: 0,
            stage: 1,
            name: "connect",
        },
        LabRecord::StepEnded {
            step: 0,
            success: true,
            saw: "a prompt",
        },
        LabRecord::LogCollected {
            from: HERE,
            kind: pumplab_sim::wire::syslog::LogKind::LoginRefused,
            about: Some(THERE),
            port: 23,
        },
        LabRecord::Answered { step: 0 },
        LabRecord::Alert {
            sensor: "log-review",
            item: ItemId(5),
            about: "5 refused logins from 10.0.60.66 within 60 s".to_owned(),
        },
        LabRecord::Learned { what: "an address" },
    ]
}

fn software_records() -> Vec<LabRecord> {
    let item = ItemId(5);
    let family = || "wiper-a".to_owned();
    let path = || "/data/records.db".to_owned();
    let to = || "office-1".to_owned();
    let of = NodeId(1);
    let letter = |waiting| LabRecord::LetterTaken { to: to(), waiting };
    let attachment = |opened| LabRecord::Attachment { opened, item };
    let blocked = |known| LabRecord::ProgramBlocked {
        family: family(),
        known,
        item,
    };
    let encrypted = |by| LabRecord::FileEncrypted { path: path(), by };
    let destroyed = |by| LabRecord::FileDestroyed { path: path(), by };
    vec![
        letter(false),
        letter(true),
        LabRecord::LettersFetched { to: to() },
        attachment(true),
        attachment(false),
        LabRecord::ProgramStarted {
            family: family(),
            author: "mallory".to_owned(),
        },
        blocked(true),
        blocked(false),
        encrypted(None),
        encrypted(Some(THERE)),
        destroyed(None),
        destroyed(Some(THERE)),
        LabRecord::ServiceStopped { path: path() },
        LabRecord::ServiceRestored,
        LabRecord::CopyStored { of, files: 3 },
        LabRecord::CopyReturned { of },
        LabRecord::NoCopy { of },
        LabRecord::Rebuilt,
        LabRecord::PatchApplied {
            flaw: "smb-v1-parser".to_owned(),
            item,
        },
        LabRecord::WindowPostponed { item },
        LabRecord::StepStarted {
            step: 1001,
            technique: "spread",
        },
    ]
}

#[test]
fn every_kind_of_record_has_its_sentence() {
    let words = Words::default();
    let sentences: Vec<String> = [
        network_records(),
        wireless_records(),
        pump_records(),
        monitoring_records(),
        device_records(),
        other_records(),
        software_records(),
    ]
    .concat()
    .iter()
    .map(|what| sentence(&words, NodeId(0), what))
    .collect();
    insta::assert_snapshot!(sentences.join("\n"));
}

#[test]
fn records_around_pump_servers_have_their_sentences() {
    let words = Words::default();
    let (item, from, to) = (ItemId(5), THERE, THERE);
    let records = [
        LabRecord::PortalDenied {
            what: "a publication",
            item,
        },
        LabRecord::LibraryLoaded {
            version: 2,
            digest: 7,
        },
        LabRecord::LibraryOffered {
            pump: NodeId(1),
            version: 2,
        },
        LabRecord::StoreWritten {
            version: 2,
            digest: 7,
            from,
        },
        LabRecord::StoreRead { version: 2 },
        LabRecord::SessionCarried { from, to },
        LabRecord::SessionDenied { to, item },
        LabRecord::SessionCommand {
            what: "read of a file",
        },
        LabRecord::SessionKilled { from, item },
        LabRecord::CodeAsked {
            peer: from,
            port: 443,
            item,
        },
        LabRecord::TaskEnded {
            task: "support visit",
            success: false,
        },
    ];
    for record in records {
        assert!(
            !sentence(&words, NodeId(0), &record).is_empty(),
            "{record:?}"
        );
    }
}
