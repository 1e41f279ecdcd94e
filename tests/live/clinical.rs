//! HL7 on real sockets: orders are carried out once whatever breaks, and what is wrong is refused with the place.

use crate::ward::{Ward, lab};
use pumplab_live::driver::{Elsewhere, Taken};
use pumplab_live::limits::Limits;
use pumplab_sim::clinical::drug_library::{AmountUnit, Concentration};
use pumplab_sim::clinical::order::InfusionOrder;
use pumplab_sim::proto::mllp::{self, Decoder};
use pumplab_sim::record::{LabRecord, OrderOutcome, SessionRecord, TherapyRecord};
use pumplab_sim::spec::{EventSpec, HappeningSpec, LabSpec};
use pumplab_sim::time;
use pumplab_sim::wire::hl7::pcd::{self, AckCode, Header, Party};
use pumplab_sim::wire::hl7::{Hl7, Letter, Message, Stamp};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PUMPS: usize = 12;
const PUMP: &str = "pump-03";

async fn start(lab: &LabSpec, events: Vec<EventSpec>) -> Ward {
    let mut ward = Ward::new(lab, events, 10.0, Limits::default());
    let pump = ward.node(PUMP);
    let up = ward.until(Duration::from_secs(30), |w| {
        w.count(|e| {
            e.node == pump
                && matches!(
                    e.what,
                    LabRecord::Session(SessionRecord::ServerSession { .. })
                )
        }) > 0
    });
    assert!(up.await, "{PUMP} came to no session");
    ward
}

fn infusion(lab: &LabSpec) -> pumplab_sim::spec::InfusionSpec {
    let mut pumps = lab.pumps();
    let (_, pump) = pumps.find(|(h, _)| h.name == PUMP).expect("it is there");
    pump.infusion.clone().expect("it infuses")
}

/// Who has the pump's server.
fn server(lab: &LabSpec) -> String {
    let mut pumps = lab.pumps();
    let (_, pump) = pumps.find(|(h, _)| h.name == PUMP).expect("it is there");
    pump.server.clone()
}

/// An order of a stranger that calls itself the health record.
fn order(lab: &LabSpec, number: &str, factor: f64) -> Letter {
    let infusion = infusion(lab);
    let party = |facility: &str| Party {
        application: "ORDERS".to_owned(),
        facility: facility.to_owned(),
    };
    let at = Stamp::from_unix(1_772_000_000).expect("a time");
    let order = InfusionOrder {
        id: 4711,
        patient: infusion.patient,
        care_area: infusion.care_area,
        drug: infusion.drug,
        concentration: Concentration {
            text: "as hung".to_owned(),
            per_ml: 1.0,
            unit: AmountUnit::Mg,
        },
        rate_ml_per_h: infusion.rate_ml_per_h * factor,
        vtbi_ml: infusion.vtbi_ml,
        dose: false,
    };
    let pump = PUMP.to_owned();
    let header = Header::new(party("STRANGER"), party("WARD"), number, at);
    Letter::new(header, Hl7::Order { pump, order })
}

fn bytes(letter: &Letter) -> Vec<u8> {
    let mut framed = Vec::new();
    let message = pcd::write(letter).expect("its numbers are finite");
    mllp::encode(&message, &mut framed).expect("it can be framed");
    framed
}

/// The next message on a stream; none where it ends.
async fn hear(stream: &mut TcpStream) -> Option<Letter> {
    let frame = frame(stream).await?;
    let message = Message::parse(&frame).expect("it is a message");
    let (header, content) = pcd::read(&message).expect("it is understood");
    let content = content.to_hl7().expect("it has a meaning");
    Some(Letter { header, content })
}

async fn frame(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut decoder = Decoder::new(65_536);
    let mut byte = [0];
    loop {
        if stream.read(&mut byte).await.ok()? == 0 {
            return None;
        }
        if let Some(frame) = decoder.next_frame(&mut &byte[..]).expect("it is framed") {
            return Some(frame.into_owned());
        }
    }
}

/// Says something on a stream of its own and hears the answer to it.
async fn ask(at: SocketAddr, said: &[u8]) -> String {
    let mut stream = TcpStream::connect(at).await.expect("somebody listens");
    stream.write_all(said).await.expect("it is taken");
    let frame = frame(&mut stream).await.expect("it is answered");
    String::from_utf8_lossy(&frame).into_owned()
}

fn clinical_port(ward: &Ward, host: &str) -> SocketAddr {
    let mut endpoints = ward.driver.endpoints().iter();
    let found = endpoints.find(|e| e.host == host && e.port == pumplab_sim::wire::hl7::PORT);
    found.expect("the port is open").at
}

fn reached(ward: &Ward) -> usize {
    ward.count(|e| {
        matches!(
            e.what,
            LabRecord::Therapy(TherapyRecord::OrderAtPump { .. })
        )
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_order_is_shown_once_however_often_it_comes_and_faults_are_located() {
    let lab = lab("legacy", PUMPS);
    let mut ward = start(&lab, Vec::new()).await;
    let at = clinical_port(&ward, &server(&lab));
    let said = bytes(&order(&lab, "X1", 1.1));
    // The connection is cut between the message and its answer.
    let cut = async {
        let mut stream = TcpStream::connect(at).await.expect("somebody listens");
        stream.write_all(&said).await.expect("it is taken");
        stream.set_zero_linger().expect("it can be reset");
    };
    ward.during(cut).await;
    for _ in 0..3 {
        let answer = ward.during(ask(at, &said)).await;
        assert!(answer.contains("RRG^O16"), "{answer}");
        assert!(answer.contains("\rMSA|AA|X1\r"), "{answer}");
        assert!(answer.contains("\rORC|OK|4711"), "{answer}");
    }
    assert_eq!(reached(&ward), 1, "it is shown once");
    let mut unknown = order(&lab, "X3", 1.1);
    if let Hl7::Order { pump, .. } = &mut unknown.content {
        "nobody".clone_into(pump);
    }
    let text = String::from_utf8(bytes(&order(&lab, "X4", 1.1))).expect("text");
    let rate = "|265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^mL/h^UCUM";
    let rateless = text.replace(rate, "|1^FURLONGS^MDC");
    for (said, answered) in [
        (
            bytes(&order(&lab, "X1", 1.2)),
            "\rMSA|AE|X1\rERR||MSH^1^10|205",
        ),
        (bytes(&unknown), "\rMSA|AE|X3\rERR||OBX^1^18|204"),
        (rateless.into_bytes(), "\rMSA|AE|X4\rERR||RXG^1^16"),
        (b"\x0Bhello\x1C\r".to_vec(), "\rMSA|AR\rERR|"),
    ] {
        let answer = ward.during(ask(at, &said)).await;
        assert!(answer.contains(answered), "{answered:?} in {answer:?}");
    }
    assert_eq!(reached(&ward), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_the_health_record_arrive_once_and_it_learns_of_each_while_its_links_are_cut() {
    const ORDERS: usize = 30;
    let lab = lab("sp1800-8", PUMPS);
    let infusion = infusion(&lab);
    let event = |n: usize| EventSpec {
        at: time::Duration::from_secs(40 + 4 * n as u64),
        what: HappeningSpec::Order {
            pump: PUMP.to_owned(),
            care_area: infusion.care_area.clone(),
            drug: infusion.drug.clone(),
            rate_ml_per_h: infusion.rate_ml_per_h * (1.0 + 0.001 * n as f64),
            vtbi_ml: infusion.vtbi_ml,
            dose: false,
        },
    };
    let mut ward = start(&lab, (0..ORDERS).map(event).collect()).await;
    let ehr = ward.node("ehr");
    let learned = |w: &Ward, is: fn(&OrderOutcome) -> bool| {
        w.count(|e| matches!(&e.what, LabRecord::Therapy(TherapyRecord::OrderAnswered { outcome, .. }) if is(outcome)))
    };
    let mut cuts = 0;
    for n in 0..1200_u32 {
        ward.during(tokio::time::sleep(Duration::from_millis(u64::from(
            n * 7 % 29,
        ))))
        .await;
        // As soon as an order is at the pump, its answer is on the way back.
        if reached(&ward) > learned(&ward, |_| true) || n % 40 == 0 {
            cuts += ward.driver.cut(|h| h == ehr);
        }
        if learned(&ward, |_| true) == ORDERS {
            break;
        }
    }
    assert!(cuts > 5, "{cuts} cuts are few");
    let all = ward.until(Duration::from_secs(30), |w| learned(w, |_| true) == ORDERS);
    assert!(all.await, "{} of {ORDERS}", learned(&ward, |_| true));
    let taken = learned(&ward, |o| *o == OrderOutcome::Taken);
    assert_eq!((taken, reached(&ward)), (ORDERS, ORDERS));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_repeated_under_its_number_until_somebody_elses_receiver_answers() {
    let lab = lab("legacy", PUMPS);
    let receiver = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let elsewhere = vec![Elsewhere {
        what: Taken::Alarms { tls: false },
        at: receiver.local_addr().expect("it is bound"),
    }];
    let mut ward = Ward::elsewhere(&lab, occluded(&lab), elsewhere);
    let told = async {
        let (mut first, _) = receiver.accept().await.expect("the server comes");
        let once = hear(&mut first).await.expect("it has something to say");
        // Taken, and cut off before it is answered.
        drop(first);
        let (mut second, _) = receiver.accept().await.expect("the server comes again");
        let again = hear(&mut second).await.expect("it says it again");
        let ack = pcd::Ack::new(AckCode::Accept, &again.header.control_id);
        let own = Party::default();
        let at = Stamp::from_unix(1_772_000_000).expect("a time");
        let answer = pumplab_sim::proto::pcd::answer(&again.header, &own, ("1", at), ack);
        second
            .write_all(&bytes(&answer))
            .await
            .expect("it is taken");
        let next = tokio::time::timeout(Duration::from_secs(5), hear(&mut second)).await;
        (once, again, next.ok().flatten())
    };
    let told = ward.during(tokio::time::timeout(Duration::from_secs(60), told));
    let (once, again, next) = told.await.expect("it is said within a minute");
    assert_eq!(once, again, "the same under the same number");
    assert!(matches!(once.content, Hl7::Alarm { .. }), "{once:?}");
    let repeated = next.is_some_and(|n| n.header.control_id == once.header.control_id);
    assert!(!repeated, "it was answered");
}

/// All lines are kinked: the pumps notice when the pressure has risen.
fn occluded(lab: &LabSpec) -> Vec<EventSpec> {
    let occluded = |pump: String| EventSpec {
        at: time::Duration::from_secs(200),
        what: HappeningSpec::Occlude { pump },
    };
    let pumps = lab.pumps().map(|(h, _)| h.name.clone());
    pumps.map(occluded).collect()
}
