//! HL7 v2 over MLLP on a connection: letters of the lab as bytes, bytes as letters. What is no message is answered here, with the place; whatever
//! is one is the business of the devices, which answer it and know it when it comes again.

use super::clock::Clock;
use pumplab_sim::proto::mllp::{self, Decoder};
use pumplab_sim::proto::pcd_link;
use pumplab_sim::wire::hl7::pcd::{self, Ack, AckCode, Defaults, Header, Party};
use pumplab_sim::wire::hl7::{Hl7, Letter, Message, Stamp};
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest message that is taken, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// One end of a connection that speaks HL7.
#[derive(Debug)]
pub struct Talk {
    own: Party,
    clock: Clock,
    /// By how many seconds the wall clock is ahead of the lab's calendar.
    ahead: i64,
    next: AtomicU64,
}

/// What bytes came to.
#[derive(Debug)]
pub enum Heard {
    /// A message for the host.
    Said(Box<Letter>),
    /// A message that the lab takes no notice of; these bytes answer it, where it wants an answer.
    Noted(Vec<u8>),
    /// No message, or one with faults: these bytes say so with the place, where an answer is wanted.
    Refused(Vec<u8>),
}

impl Talk {
    /// The end of this host, in a lab whose calendar the wall clock is `ahead` of by so many seconds. Answers that it makes itself have numbers
    /// that begin with `conn`.
    #[must_use]
    pub fn new(host: &str, clock: Clock, ahead: i64, conn: u32) -> Self {
        Self {
            own: Party {
                application: "PUMPLAB".to_owned(),
                facility: host.to_owned(),
            },
            clock,
            ahead,
            next: AtomicU64::new(u64::from(conn) << 32),
        }
    }

    /// A decoder of what comes.
    #[must_use]
    pub fn decoder() -> Decoder {
        Decoder::new(LONGEST)
    }

    /// A letter as bytes in its frame, by the wall clock; none for what has no form.
    #[must_use]
    pub fn encode(&self, letter: &Letter) -> Option<Vec<u8>> {
        framed(&pcd::write(&shifted(letter.clone(), self.ahead)).ok()?)
    }

    /// What the bytes of one frame come to.
    #[must_use]
    pub fn decode(&self, bytes: &[u8]) -> Heard {
        let message = match Message::parse(bytes) {
            Ok(message) => message,
            Err(e) => {
                let asked = pcd::read_header(bytes).unwrap_or_default();
                let mut ack = Ack::unreadable(&e);
                ack.answers.clone_from(&asked.control_id);
                return Heard::Refused(self.refusal(&asked, ack));
            }
        };
        match pcd::read_with(&message, &Defaults::default()) {
            Err(unread) => {
                let ack = Ack::faulty(&unread.header.control_id, &unread.faults);
                Heard::Refused(self.refusal(&unread.header, ack))
            }
            Ok((header, content)) => match content.to_hl7() {
                Some(content) => {
                    let letter = shifted(Letter { header, content }, -self.ahead);
                    Heard::Said(Box::new(letter))
                }
                None => Heard::Noted(self.noted(&header)),
            },
        }
    }

    fn refusal(&self, asked: &Header, ack: Ack) -> Vec<u8> {
        let ack = pcd_link::refusal(asked, ack);
        ack.map_or_else(Vec::new, |ack| self.reply(asked, ack))
    }

    /// The answers to a message that is in order and of no consequence here.
    fn noted(&self, asked: &Header) -> Vec<u8> {
        let wanted = [
            (AckCode::CommitAccept, asked.accept.wants(true)),
            (
                AckCode::Accept,
                asked.original_mode() || asked.application.wants(true),
            ),
        ];
        let wanted = wanted.into_iter().filter(|(_, wanted)| *wanted);
        wanted
            .flat_map(|(code, _)| self.reply(asked, Ack::new(code, &asked.control_id)))
            .collect()
    }

    fn reply(&self, asked: &Header, ack: Ack) -> Vec<u8> {
        let number = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let now = i64::try_from(self.clock.unix_now().as_secs()).ok();
        let now = now.and_then(Stamp::from_unix).unwrap_or_default();
        let letter = pcd_link::answer(asked, &self.own, (&number, now), ack);
        let written = pcd::write(&letter).ok();
        written.and_then(|bytes| framed(&bytes)).unwrap_or_default()
    }
}

/// A letter with its times moved by so many seconds; a time that would leave the calendar stays.
fn shifted(mut letter: Letter, by: i64) -> Letter {
    let moved = |t: &mut Stamp| *t = Stamp::from_unix(t.unix().saturating_add(by)).unwrap_or(*t);
    letter.header.time.iter_mut().for_each(moved);
    if let Hl7::Observation(observation) = &mut letter.content {
        observation.time.iter_mut().for_each(moved);
    }
    letter
}

fn framed(message: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(message.len() + 3);
    mllp::encode(message, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pumplab_sim::clinical::delivery::AlarmKind;

    fn talk(host: &str) -> Talk {
        Talk::new(host, Clock::start(1.0), 1_000_000, 1)
    }

    fn message(frame: &[u8]) -> Vec<u8> {
        let mut decoder = Talk::decoder();
        let mut rest = frame;
        let whole = decoder.next_frame(&mut rest).expect("it is framed");
        whole.expect("it is whole").into_owned()
    }

    #[test]
    fn a_letter_comes_back_as_it_was_and_travels_by_the_wall_clock() {
        let at = Stamp::from_unix(1_772_000_000).expect("a time");
        let (server, manager) = (talk("server"), talk("manager"));
        let header = Header::new(server.own.clone(), Party::default(), "7", at);
        let alarm = Hl7::Alarm {
            pump: "pump-01".to_owned(),
            number: 3,
            kind: AlarmKind::AirInLine,
        };
        let letter = Letter::new(header, alarm);
        let bytes = message(&server.encode(&letter).expect("it has a form"));
        let by_the_wall = Stamp::from_unix(1_773_000_000).expect("a time").to_string();
        assert!(String::from_utf8_lossy(&bytes).contains(&by_the_wall));
        let Heard::Said(heard) = manager.decode(&bytes) else {
            panic!("it was not understood")
        };
        assert_eq!(*heard, letter);
    }

    #[test]
    fn what_is_no_message_is_refused_with_the_place_and_as_its_sender_asks() {
        let manager = talk("manager");
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
            let Heard::Refused(answer) = manager.decode(bytes) else {
                panic!("{bytes:?} was taken")
            };
            let Some(said) = said else {
                assert!(answer.is_empty(), "{bytes:?}");
                continue;
            };
            let answer = String::from_utf8_lossy(&message(&answer)).into_owned();
            assert!(answer.contains(said), "{answer}");
        }
    }
}
