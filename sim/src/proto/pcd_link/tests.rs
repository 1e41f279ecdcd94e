//! Both ends over a stream that loses, doubles and breaks.

use super::*;
use crate::clinical::delivery::AlarmKind;
use crate::time::{Duration, Time};
use crate::wire::hl7::Stamp;
use crate::wire::hl7::pcd::{AckCode, Alarm, Header, Notice, Party, Wish};
use proptest::prelude::*;

fn party(application: &str) -> Party {
    Party {
        application: application.to_owned(),
        facility: "WARD".to_owned(),
    }
}

fn epoch() -> Stamp {
    Stamp::from_unix(1_700_000_000).expect("in range")
}

fn header(control_id: &str) -> Header {
    Header::new(party("PUMPS"), party("ALARMS"), control_id, epoch())
}

fn alarm(header: &Header, number: u32) -> Vec<u8> {
    let alarm = Alarm::started("pump-1", number, Notice::Alarm(AlarmKind::BatteryLow));
    alarm.write(header).expect("no numbers")
}

/// What happens to a piece on its way.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Arrives,
    Lost,
    Twice,
    Breaks,
}

struct Pair {
    now: Time,
    sender: Sender,
    receiver: Receiver,
    taken: Vec<String>,
    told: Vec<SenderEvent>,
    heard: Vec<ReceiverEvent>,
    verdict: Verdict,
}

impl Pair {
    fn new(config: SenderConfig) -> Self {
        let mut sender = Sender::new(config);
        sender.handle_open(Time::ZERO);
        Self {
            now: Time::ZERO,
            sender,
            receiver: Receiver::new(ReceiverConfig::new(party("ALARMS"), epoch())),
            taken: Vec::new(),
            told: Vec::new(),
            heard: Vec::new(),
            verdict: Verdict::Taken,
        }
    }

    fn broken(&mut self) {
        self.sender.handle_closed();
        self.receiver.handle_closed();
        self.sender.handle_open(self.now);
        self.receiver.handle_open();
    }

    fn application(&mut self) {
        while let Some(event) = self.receiver.poll_event() {
            if let ReceiverEvent::Received { ticket, header, .. } = &event {
                self.taken.push(header.control_id.clone());
                self.receiver.answer(self.now, ticket, &self.verdict);
            }
            self.heard.push(event);
        }
        while let Some(event) = self.sender.poll_event() {
            self.told.push(event);
        }
    }

    /// Until nothing happens any more, or the step is up; fates in turn, then all arrives.
    fn drive(&mut self, fates: &[Fate]) {
        let mut fates = fates.iter().copied();
        let mut fate = || fates.next().unwrap_or(Fate::Arrives);
        for _ in 0..10_000 {
            if let Some(bytes) = self.sender.poll_transmit() {
                match fate() {
                    Fate::Arrives => self.receiver.handle_input(self.now, &bytes),
                    Fate::Lost => {}
                    Fate::Twice => {
                        self.receiver.handle_input(self.now, &bytes);
                        self.receiver.handle_input(self.now, &bytes);
                    }
                    Fate::Breaks => self.broken(),
                }
            } else if let Some(bytes) = self.receiver.poll_transmit() {
                match fate() {
                    Fate::Arrives => self.sender.handle_input(self.now, &bytes),
                    Fate::Lost => {}
                    Fate::Twice => {
                        self.sender.handle_input(self.now, &bytes);
                        self.sender.handle_input(self.now, &bytes);
                    }
                    Fate::Breaks => self.broken(),
                }
            } else if let Some(due) = self.sender.poll_timeout() {
                self.now = due;
                self.sender.handle_timeout(due);
            } else {
                self.application();
                return;
            }
            self.application();
        }
        panic!("it never ends");
    }

    fn answered(&self) -> Vec<(&str, AckCode)> {
        fn last(e: &SenderEvent) -> Option<(&str, AckCode)> {
            match e {
                SenderEvent::Answered { control_id, ack } => Some((control_id, ack.code)),
                _ => None,
            }
        }
        self.told.iter().filter_map(last).collect()
    }
}

#[test]
fn a_message_whose_answer_is_lost_is_sent_again_and_taken_once() {
    let mut pair = Pair::new(SenderConfig::default());
    pair.sender
        .send(Time::ZERO, &alarm(&header("1"), 1))
        .expect("taken");
    pair.drive(&[Fate::Arrives, Fate::Lost, Fate::Arrives, Fate::Lost]);
    assert_eq!(pair.taken, ["1"]);
    assert_eq!(pair.answered(), [("1", AckCode::Accept)]);
    assert_eq!(pair.now, Time::ZERO + Duration::from_secs(20));
    let repeated = |e: &&ReceiverEvent| matches!(e, ReceiverEvent::Repeated { .. });
    assert_eq!(pair.heard.iter().filter(repeated).count(), 2);
}

#[test]
fn messages_stay_in_order_and_wait_for_each_other() {
    let mut pair = Pair::new(SenderConfig::default());
    for n in 1..=4_u32 {
        let message = alarm(&header(&n.to_string()), n);
        pair.sender.send(Time::ZERO, &message).expect("taken");
    }
    pair.drive(&[Fate::Lost, Fate::Breaks, Fate::Arrives, Fate::Breaks]);
    assert_eq!(pair.taken, ["1", "2", "3", "4"]);
    assert_eq!(pair.sender.waiting(), 0);
}

#[test]
fn a_message_that_nobody_answers_is_given_up_and_the_next_is_sent() {
    let config = SenderConfig {
        attempts: 2,
        ..SenderConfig::default()
    };
    let mut pair = Pair::new(config);
    for n in ["1", "2"] {
        let message = alarm(&header(n), 1);
        pair.sender.send(Time::ZERO, &message).expect("taken");
    }
    pair.drive(&[Fate::Lost, Fate::Lost]);
    let given_up = SenderEvent::GaveUp {
        control_id: "1".to_owned(),
        committed: false,
    };
    assert_eq!(pair.told[0], given_up);
    assert_eq!(pair.taken, ["2"]);
}

#[test]
fn arrival_and_application_answer_apart_where_both_are_asked_for() {
    let mut pair = Pair::new(SenderConfig::default());
    pair.verdict = Verdict::Refused("no such pump".to_owned());
    let mut asked = header("1");
    (asked.accept, asked.application) = (Wish::Always, Wish::Always);
    pair.sender
        .send(Time::ZERO, &alarm(&asked, 1))
        .expect("taken");
    pair.drive(&[]);
    let committed = SenderEvent::Committed {
        control_id: "1".to_owned(),
    };
    assert_eq!(pair.told[0], committed);
    assert_eq!(pair.answered(), [("1", AckCode::Error)]);
    let SenderEvent::Answered { ack, .. } = &pair.told[1] else {
        panic!("{:?}", pair.told)
    };
    assert_eq!(ack.errors[0].message, "no such pump");
}

#[test]
fn another_message_under_an_old_number_is_refused() {
    let mut pair = Pair::new(SenderConfig::default());
    for number in [1, 2] {
        pair.sender
            .send(pair.now, &alarm(&header("1"), number))
            .expect("taken");
        pair.drive(&[]);
    }
    assert_eq!(pair.taken, ["1"]);
    assert_eq!(
        pair.answered(),
        [("1", AckCode::Accept), ("1", AckCode::Error)]
    );
}

#[test]
fn what_is_not_understood_is_answered_with_its_place() {
    let mut receiver = Receiver::new(ReceiverConfig::new(party("ALARMS"), epoch()));
    let input =
        b"\x0BMSH|^~\\&|A||||||ORU^R40|9||2.6\r\x1C\rjunk\x0BMSH|^~\\&|A||||||ACK|8||2.6\r??\x1C\r";
    receiver.handle_input(Time::ZERO, input);
    let events: Vec<ReceiverEvent> = std::iter::from_fn(|| receiver.poll_event()).collect();
    assert!(
        matches!(
            events[..],
            [
                ReceiverEvent::Faulty(_),
                ReceiverEvent::BadFrame(_),
                ReceiverEvent::Unreadable(_)
            ]
        ),
        "{events:?}"
    );
    let answers: Vec<Vec<u8>> = std::iter::from_fn(|| receiver.poll_transmit()).collect();
    let said: Vec<String> = answers
        .iter()
        .map(|a| String::from_utf8_lossy(a).into_owned())
        .collect();
    assert!(said[0].contains("\rMSA|AE|9\rERR||"), "{said:?}");
    assert!(said[1].contains("\rMSA|AR|8\rERR||"), "{said:?}");
}

#[test]
fn a_refusal_is_told_the_way_it_was_asked_for() {
    for (wishes, said) in [
        ("|", Some("MSA|AE|9")),
        ("AL|NE", Some("MSA|CE|9")),
        ("SU|ER", Some("MSA|AE|9")),
        ("NE|SU", None),
    ] {
        let mut receiver = Receiver::new(ReceiverConfig::new(party("ALARMS"), epoch()));
        let input = format!("\x0BMSH|^~\\&|A||||||ORU^R40|9||2.6|||{wishes}\r\x1C\r");
        receiver.handle_input(Time::ZERO, input.as_bytes());
        let answer = receiver.poll_transmit();
        let answer = answer.map(|a| String::from_utf8_lossy(&a).into_owned());
        let msa = answer.as_deref().and_then(|a| a.split('\r').nth(1));
        assert_eq!(msa, said, "{wishes}");
    }
}

#[test]
fn what_cannot_be_answered_or_told_apart_is_not_taken() {
    let mut sender = Sender::new(SenderConfig {
        queue: 1,
        ..SenderConfig::default()
    });
    let mut send = |message: &[u8]| sender.send(Time::ZERO, message);
    let mut silent = header("1");
    (silent.accept, silent.application) = (Wish::Never, Wish::Never);
    assert_eq!(send(&alarm(&silent, 1)), Err(SendError::NoAnswer));
    assert_eq!(send(&alarm(&header(""), 1)), Err(SendError::NoControlId));
    assert!(matches!(send(b"hello"), Err(SendError::Message(_))));
    assert_eq!(send(&alarm(&header("1"), 1)), Ok("1".to_owned()));
    assert_eq!(send(&alarm(&header("2"), 1)), Err(SendError::Full(1)));
}

#[test]
fn what_is_remembered_is_bounded() {
    let config = ReceiverConfig {
        remembered: 2,
        ..ReceiverConfig::new(party("ALARMS"), epoch())
    };
    let mut pair = Pair::new(SenderConfig::default());
    pair.receiver = Receiver::new(config);
    for n in ["1", "2", "3", "1"] {
        let message = alarm(&header(n), 1);
        pair.sender.send(pair.now, &message).expect("taken");
        pair.drive(&[]);
    }
    assert_eq!(pair.taken, ["1", "2", "3", "1"], "the first was forgotten");
}

proptest! {
    #[test]
    fn whatever_the_stream_does_each_message_is_taken_once_and_answered(
        fates in prop::collection::vec(
            prop_oneof![Just(Fate::Arrives), Just(Fate::Lost), Just(Fate::Twice), Just(Fate::Breaks)],
            0..60,
        ),
        count in 1_u32..6,
        enhanced: bool,
    ) {
        let config = SenderConfig { attempts: u32::MAX, ..SenderConfig::default() };
        let mut pair = Pair::new(config);
        let ids: Vec<String> = (1..=count).map(|n| n.to_string()).collect();
        for id in &ids {
            let mut asked = header(id);
            if enhanced {
                (asked.accept, asked.application) = (Wish::Always, Wish::OnError);
            }
            let message = alarm(&asked, 1);
            pair.sender.send(Time::ZERO, &message).expect("taken");
        }
        pair.drive(&fates);
        prop_assert_eq!(&pair.taken, &ids);
        let answered: Vec<String> = pair.answered().iter().map(|(id, _)| (*id).to_owned()).collect();
        prop_assert_eq!(answered, ids);
    }
}
