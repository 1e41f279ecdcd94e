//! HL7 v2 over MLLP: messages of the lab as bytes and back. What is no message is answered here, with the place of the fault; everything else is the
//! business of the devices, which answer it and recognise it when it comes again.

use super::{Action, Context, Handler, Reject, Reply};
use crate::clock::Clock;
use bytes::Bytes;
use pumplab_sim::proto;
use pumplab_sim::wire::Message as Carried;
use pumplab_sim::wire::hl7::pcd::{self, Ack, AckCode, Defaults, Header, Party};
use pumplab_sim::wire::hl7::{Hl7, Letter, Message, Stamp};

/// Longest message that is taken, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// One end of a connection that speaks HL7.
#[derive(Debug)]
pub struct Hl7Link {
    own: Party,
    clock: Clock,
    /// By how many seconds the wall clock is ahead of the lab's calendar.
    ahead: i64,
    /// Control ID of its next answer.
    next: u64,
}

/// What the bytes of a message came to.
#[derive(Debug)]
pub enum Read {
    /// A message for the host.
    Message(Box<Letter>),
    /// A message that the lab takes no notice of; these answer it, where it wants an answer.
    Ignored(Vec<Bytes>),
    /// No message, or one with faults: these say so with the place, where an answer is wanted.
    Faulty(Vec<Bytes>),
}

impl Hl7Link {
    /// The end of a connection. Answers that it makes itself have control IDs of their own.
    #[must_use]
    pub fn new(of: &Context) -> Self {
        Self {
            own: Party {
                application: "PUMPLAB".to_owned(),
                facility: of.host.clone(),
            },
            clock: of.clock,
            ahead: of.ahead,
            next: u64::from(of.conn.0) << 32,
        }
    }

    /// A message of the lab as bytes, by the wall clock; none for what has no form.
    #[must_use]
    pub fn write(&self, letter: &Letter) -> Option<Bytes> {
        let written = pcd::write(&shifted(letter.clone(), self.ahead));
        written.ok().map(Bytes::from)
    }

    /// What the bytes of one message come to.
    #[must_use]
    pub fn read(&mut self, bytes: &[u8]) -> Read {
        let message = match Message::parse(bytes) {
            Ok(message) => message,
            Err(e) => {
                let asked = pcd::read_header(bytes).unwrap_or_default();
                let mut ack = Ack::unreadable(&e);
                ack.answers.clone_from(&asked.control_id);
                return Read::Faulty(self.refusal(&asked, ack));
            }
        };
        match pcd::read_with(&message, &Defaults::default()) {
            Err(unread) => {
                let ack = Ack::faulty(&unread.header.control_id, &unread.faults);
                Read::Faulty(self.refusal(&unread.header, ack))
            }
            Ok((header, content)) => match content.to_hl7() {
                Some(content) => {
                    let letter = shifted(Letter { header, content }, -self.ahead);
                    Read::Message(Box::new(letter))
                }
                None => Read::Ignored(self.acknowledgements(&header)),
            },
        }
    }

    fn refusal(&mut self, asked: &Header, ack: Ack) -> Vec<Bytes> {
        let ack = proto::pcd::refusal(asked, ack);
        ack.and_then(|ack| self.answer(asked, ack))
            .into_iter()
            .collect()
    }

    /// The answers to a message that is in order and of no consequence here.
    fn acknowledgements(&mut self, asked: &Header) -> Vec<Bytes> {
        let wanted = [
            (AckCode::CommitAccept, asked.accept.wants(true)),
            (
                AckCode::Accept,
                asked.original_mode() || asked.application.wants(true),
            ),
        ];
        let wanted = wanted.into_iter().filter(|(_, wanted)| *wanted);
        wanted
            .filter_map(|(code, _)| self.answer(asked, Ack::new(code, &asked.control_id)))
            .collect()
    }

    fn answer(&mut self, asked: &Header, ack: Ack) -> Option<Bytes> {
        let number = self.next.to_string();
        self.next += 1;
        let now = i64::try_from(self.clock.unix_now().as_secs()).ok();
        let now = now.and_then(Stamp::from_unix).unwrap_or_default();
        let letter = proto::pcd::answer(asked, &self.own, (&number, now), ack);
        pcd::write(&letter).ok().map(Bytes::from)
    }
}

impl Handler for Hl7Link {
    fn request(&mut self, request: Bytes) -> Result<Action, Reject> {
        Ok(match self.read(&request) {
            Read::Message(message) => Action::Deliver(Box::new(Carried::Hl7(message))),
            Read::Ignored(answers) => Action::Reply(answers),
            Read::Faulty(answers) => Action::Refuse(answers),
        })
    }

    fn message(&mut self, message: &Carried) -> Option<Reply> {
        let Carried::Hl7(message) = message else {
            return None;
        };
        self.write(message).map(Reply::one)
    }
}

/// A message with its times moved by so many seconds; a time that would leave the calendar stays.
fn shifted(mut letter: Letter, by: i64) -> Letter {
    let moved = |t: &mut Stamp| *t = Stamp::from_unix(t.unix().saturating_add(by)).unwrap_or(*t);
    letter.header.time.iter_mut().for_each(moved);
    if let Hl7::Observation(observation) = &mut letter.content {
        observation.time.iter_mut().for_each(moved);
    }
    letter
}

#[cfg(test)]
mod tests {
    use super::*;
    use pumplab_sim::clinical::delivery::AlarmKind;

    fn link(host: &str) -> Hl7Link {
        Hl7Link {
            own: Party {
                application: "PUMPLAB".to_owned(),
                facility: host.to_owned(),
            },
            clock: Clock::start(1.0),
            ahead: 1_000_000,
            next: 1,
        }
    }

    #[test]
    fn a_message_comes_back_as_it_was_and_travels_by_the_wall_clock() {
        let at = Stamp::from_unix(1_772_000_000).expect("a time");
        let (server, mut manager) = (link("server"), link("manager"));
        let header = Header::new(server.own.clone(), Party::default(), "7", at);
        let alarm = Hl7::Alarm {
            pump: "pump-01".to_owned(),
            number: 3,
            kind: AlarmKind::AirInLine,
        };
        let letter = Letter::new(header, alarm);
        let bytes = server.write(&letter).expect("it has a form");
        let by_the_wall = Stamp::from_unix(1_773_000_000).expect("a time").to_string();
        assert!(String::from_utf8_lossy(&bytes).contains(&by_the_wall));
        let Read::Message(heard) = manager.read(&bytes) else {
            panic!("it was not understood")
        };
        assert_eq!(*heard, letter);
    }

    #[test]
    fn what_is_no_message_is_refused_with_the_place_and_as_its_sender_asks() {
        let mut manager = link("manager");
        let long = format!(
            "MSH|^~\\&|A|B|||20260101||ACK|{}|P|2.6\rMSA|AA|1",
            "7".repeat(300)
        );
        for (bytes, said) in [
            (&b"hello"[..], Some("\rMSA|AR\rERR|")),
            (b"MSH|^~\\&|", Some("\rERR|")),
            (b"", Some("\rERR|")),
            (
                b"MSH|^~\\&|A|B|||20260101||ZZZ^Z01|7|P|2.6",
                Some("\rMSA|AR|7\rERR|"),
            ),
            (long.as_bytes(), Some("MSH^1^10")),
            (
                b"MSH|^~\\&|A||||||ORU^R40|9||2.6||||",
                Some("\rMSA|AE|9\rERR|"),
            ),
            (
                b"MSH|^~\\&|A||||||ORU^R40|9||2.6|||AL|NE",
                Some("\rMSA|CE|9\rERR|"),
            ),
            (b"MSH|^~\\&|A||||||ORU^R40|9||2.6|||NE|SU", None),
        ] {
            let Read::Faulty(answer) = manager.read(bytes) else {
                panic!("{bytes:?} was taken")
            };
            let Some(said) = said else {
                assert!(answer.is_empty(), "{bytes:?}");
                continue;
            };
            let answer = String::from_utf8_lossy(&answer[0]).into_owned();
            assert!(answer.contains(said), "{answer}");
        }
    }
}
