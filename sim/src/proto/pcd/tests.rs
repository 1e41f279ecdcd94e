//! Both ends over a stream that loses, doubles and breaks.

use super::*;
use crate::clinical::delivery::AlarmKind;
use crate::time::{Duration, Time};
use crate::wire::hl7::pcd::{AckCode, AckError, Header, Party, Wish};
use crate::wire::hl7::{Hl7, Letter, Stamp};
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

fn alarm(header: &Header, number: u32) -> Letter {
    let pump = "pump-1".to_owned();
    let kind = AlarmKind::BatteryLow;
    Letter::new(header.clone(), Hl7::Alarm { pump, number, kind })
}

/// What happens to a message on its way.
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
    receiver: Receiver<u32>,
    /// Streams that broke; names the one that is open.
    stream: u32,
    taken: Vec<u32>,
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
            stream: 0,
            taken: Vec::new(),
            told: Vec::new(),
            heard: Vec::new(),
            verdict: Verdict::Taken,
        }
    }

    fn broken(&mut self) {
        self.sender.handle_closed();
        self.receiver.handle_gone(self.stream);
        self.stream += 1;
        self.sender.handle_open(self.now);
    }

    fn application(&mut self) {
        while let Some(event) = self.receiver.poll_event() {
            if let ReceiverEvent::Received { ticket, content } = &event {
                let Hl7::Alarm { number, .. } = content else {
                    panic!("nothing else is sent")
                };
                self.taken.push(*number);
                self.receiver.answer(self.now, ticket, self.verdict.clone());
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
            if let Some(letter) = self.sender.poll_transmit() {
                match fate() {
                    Fate::Arrives => {
                        self.receiver
                            .handle_message(self.now, self.stream, letter.clone())
                    }
                    Fate::Lost => {}
                    Fate::Twice => {
                        self.receiver
                            .handle_message(self.now, self.stream, letter.clone());
                        self.receiver
                            .handle_message(self.now, self.stream, letter.clone());
                    }
                    Fate::Breaks => self.broken(),
                }
            } else if let Some((stream, letter)) = self.receiver.poll_transmit() {
                assert_eq!(stream, self.stream, "answered where nobody listens");
                match fate() {
                    Fate::Arrives => self.sender.handle_message(self.now, letter.clone()),
                    Fate::Lost => {}
                    Fate::Twice => {
                        self.sender.handle_message(self.now, letter.clone());
                        self.sender.handle_message(self.now, letter.clone());
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
                SenderEvent::Answered { letter, ack } => {
                    Some((&letter.header.control_id, ack.code))
                }
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
        .send(Time::ZERO, alarm(&header("1"), 1))
        .expect("taken");
    pair.drive(&[Fate::Arrives, Fate::Lost, Fate::Arrives, Fate::Lost]);
    assert_eq!(pair.taken, [1]);
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
        pair.sender.send(Time::ZERO, message).expect("taken");
    }
    pair.drive(&[Fate::Lost, Fate::Breaks, Fate::Arrives, Fate::Breaks]);
    assert_eq!(pair.taken, [1, 2, 3, 4]);
    assert_eq!(pair.sender.waiting(), 0);
}

#[test]
fn a_message_that_nobody_answers_is_given_up_and_the_next_is_sent() {
    let config = SenderConfig {
        attempts: 2,
        ..SenderConfig::default()
    };
    let mut pair = Pair::new(config);
    for n in [1, 2_u32] {
        let message = alarm(&header(&n.to_string()), n);
        pair.sender.send(Time::ZERO, message).expect("taken");
    }
    pair.drive(&[Fate::Lost, Fate::Lost]);
    let given_up = SenderEvent::GaveUp {
        letter: Box::new(alarm(&header("1"), 1)),
        committed: false,
    };
    assert_eq!(pair.told[0], given_up);
    assert_eq!(pair.taken, [2]);
}

#[test]
fn arrival_and_application_answer_apart_where_both_are_asked_for() {
    let mut pair = Pair::new(SenderConfig::default());
    pair.verdict = Verdict::Refused(Box::new(AckError {
        message: "no such pump".to_owned(),
        ..AckError::default()
    }));
    let mut asked = header("1");
    (asked.accept, asked.application) = (Wish::Always, Wish::Always);
    pair.sender
        .send(Time::ZERO, alarm(&asked, 1))
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
            .send(pair.now, alarm(&header("1"), number))
            .expect("taken");
        pair.drive(&[]);
    }
    assert_eq!(pair.taken, [1]);
    assert_eq!(
        pair.answered(),
        [("1", AckCode::Accept), ("1", AckCode::Error)]
    );
}

#[test]
fn what_the_application_does_not_take_is_rejected_the_way_its_sender_asks() {
    for (accept, application, said) in [
        (Wish::Unsaid, Wish::Unsaid, &[AckCode::Reject][..]),
        (Wish::Always, Wish::Never, &[AckCode::CommitAccept]),
        (Wish::Never, Wish::OnError, &[AckCode::Reject]),
        (Wish::Never, Wish::OnSuccess, &[]),
    ] {
        let mut pair = Pair::new(SenderConfig::default());
        pair.verdict = Verdict::NotTaken;
        let asked = Header {
            accept,
            application,
            ..header("1")
        };
        pair.receiver
            .handle_message(Time::ZERO, 0, alarm(&asked, 1));
        pair.application();
        let answers = std::iter::from_fn(|| pair.receiver.poll_transmit());
        let codes: Vec<AckCode> = answers
            .filter_map(|(_, l)| match l.content {
                Hl7::Answer(ack) => Some(ack.code),
                _ => None,
            })
            .collect();
        assert_eq!(codes, said, "{accept:?} {application:?}");
    }
}

#[test]
fn an_answer_that_comes_late_goes_where_the_message_was_repeated() {
    let mut receiver = Receiver::new(ReceiverConfig::new(party("ALARMS"), epoch()));
    receiver.handle_message(Time::ZERO, 1, alarm(&header("1"), 1));
    let Some(ReceiverEvent::Received { ticket, .. }) = receiver.poll_event() else {
        panic!("it is news")
    };
    receiver.handle_gone(1);
    receiver.handle_message(Time::ZERO, 2, alarm(&header("1"), 1));
    assert!(receiver.poll_transmit().is_none(), "nothing is decided yet");
    receiver.answer(Time::ZERO, &ticket, Verdict::Taken);
    let stream = receiver.poll_transmit().map(|(stream, _)| stream);
    assert_eq!((stream, receiver.poll_transmit()), (Some(2), None));
}

#[test]
fn after_a_restart_what_was_not_answered_is_news_and_what_was_is_not() {
    let mut pair = Pair::new(SenderConfig::default());
    pair.sender
        .send(Time::ZERO, alarm(&header("1"), 1))
        .expect("taken");
    pair.drive(&[]);
    pair.receiver
        .handle_message(Time::ZERO, 0, alarm(&header("2"), 2));
    pair.receiver.restart();
    for n in [1, 2_u32] {
        let letter = alarm(&header(&n.to_string()), n);
        pair.receiver.handle_message(Time::ZERO, 0, letter);
    }
    pair.application();
    assert_eq!(pair.taken, [1, 2]);
}

#[test]
fn what_cannot_be_answered_or_told_apart_is_not_taken() {
    let mut sender = Sender::new(SenderConfig {
        queue: 1,
        ..SenderConfig::default()
    });
    let mut send = |letter: Letter| sender.send(Time::ZERO, letter);
    let mut silent = header("1");
    (silent.accept, silent.application) = (Wish::Never, Wish::Never);
    assert_eq!(send(alarm(&silent, 1)), Err(SendError::NoAnswer));
    assert_eq!(send(alarm(&header(""), 1)), Err(SendError::NoControlId));
    assert_eq!(send(alarm(&header("1"), 1)), Ok(()));
    assert_eq!(send(alarm(&header("2"), 1)), Err(SendError::Full(1)));
}

#[test]
fn what_is_remembered_is_bounded() {
    let config = ReceiverConfig {
        remembered: 2,
        ..ReceiverConfig::new(party("ALARMS"), epoch())
    };
    let mut pair = Pair::new(SenderConfig::default());
    pair.receiver = Receiver::new(config);
    for n in [1, 2, 3, 1_u32] {
        let message = alarm(&header(&n.to_string()), n);
        pair.sender.send(pair.now, message).expect("taken");
        pair.drive(&[]);
    }
    assert_eq!(pair.taken, [1, 2, 3, 1], "the first was forgotten");
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
        let all: Vec<u32> = (1..=count).collect();
        for n in &all {
            let mut asked = header(&n.to_string());
            if enhanced {
                (asked.accept, asked.application) = (Wish::Always, Wish::OnError);
            }
            let message = alarm(&asked, *n);
            pair.sender.send(Time::ZERO, message).expect("taken");
        }
        pair.drive(&fates);
        prop_assert_eq!(&pair.taken, &all);
        let answered: Vec<String> = pair.answered().iter().map(|(id, _)| (*id).to_owned()).collect();
        let ids: Vec<String> = all.iter().map(u32::to_string).collect();
        prop_assert_eq!(answered, ids);
    }
}
