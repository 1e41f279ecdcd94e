//! HL7 v2 over MLLP on a connection: messages of the lab as bytes, bytes as messages, and answers with the numbers that they answer.

use super::clock::Clock;
use pumplab_sim::proto::mllp::{self, Decoder};
use pumplab_sim::wire::hl7::pcd::{self, Ack, Defaults, Header, Kind, Party};
use pumplab_sim::wire::hl7::{Hl7, Message, Stamp};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Longest message that is taken, in bytes.
pub const LONGEST: usize = 64 * 1024;
/// Messages that may wait for their answer; of more, the oldest is never answered.
const WAITING: usize = 1024;

/// One end of a connection that speaks HL7.
#[derive(Debug)]
pub struct Talk {
    own: Party,
    clock: Clock,
    next: AtomicU64,
    /// Headers of what came and has not been answered, with the order that it is about.
    waiting: Mutex<VecDeque<(Header, Option<u32>)>>,
}

/// What bytes came to.
#[derive(Debug)]
pub enum Heard {
    /// A message for the host.
    Said(Box<Hl7>),
    /// A message that the lab takes no notice of; these bytes answer it, where it wants an answer.
    Noted(Option<Vec<u8>>),
    /// No message, or one with faults: these bytes say so, with the place.
    Refused(Vec<u8>),
}

impl Talk {
    /// The end of this host. Its messages have numbers that begin with `conn`.
    #[must_use]
    pub fn new(host: &str, clock: Clock, conn: u32) -> Self {
        Self {
            own: Party {
                application: "PUMPLAB".to_owned(),
                facility: host.to_owned(),
            },
            clock,
            next: AtomicU64::new(u64::from(conn) << 32),
            waiting: Mutex::default(),
        }
    }

    /// A decoder of what comes.
    #[must_use]
    pub fn decoder() -> Decoder {
        Decoder::new(LONGEST)
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<(Header, Option<u32>)>> {
        // A queue is whole after every call: whoever panicked elsewhere left it so.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn number(&self) -> String {
        self.next.fetch_add(1, Ordering::Relaxed).to_string()
    }

    fn now(&self) -> Stamp {
        let seconds = i64::try_from(self.clock.unix_now().as_secs()).ok();
        seconds
            .and_then(Stamp::from_unix)
            .or(Stamp::from_unix(0))
            .expect("the beginning of Unix time is a time")
    }

    /// A message as bytes in its frame; none for an answer to nothing, and for what has no form.
    #[must_use]
    pub fn encode(&self, message: &Hl7) -> Option<Vec<u8>> {
        let answered = match message {
            Hl7::Ack => Some(self.waiting().pop_front()?.0),
            Hl7::OrderAnswer { order, .. } => {
                let mut waiting = self.waiting();
                let place = waiting.iter().position(|(_, o)| *o == Some(*order))?;
                Some(waiting.remove(place)?.0)
            }
            _ => None,
        };
        let (header, answers) = match &answered {
            Some(asked) => (asked.answer(&self.number(), self.now()), &*asked.control_id),
            None => {
                let nobody = Party::default();
                let own = self.own.clone();
                (Header::new(own, nobody, &self.number(), self.now()), "")
            }
        };
        framed(&pcd::write(message, &header, answers).ok()?)
    }

    /// What the bytes of one frame come to.
    #[must_use]
    pub fn decode(&self, bytes: &[u8]) -> Heard {
        let message = match Message::parse(bytes) {
            Ok(message) => message,
            Err(e) => {
                let asked = pcd::read_header(bytes);
                return Heard::Refused(self.reply(&Ack::unreadable(&e), asked.as_ref()));
            }
        };
        match pcd::read_with(&message, &Defaults::default()) {
            Err(unread) => {
                let refusal = Ack::faulty(&unread.header.control_id, &unread.faults);
                Heard::Refused(self.reply(&refusal, Some(&unread.header)))
            }
            Ok((header, content)) => match content.to_hl7() {
                Some(said) => {
                    self.expect_answer(header, &said);
                    Heard::Said(Box::new(said))
                }
                None => {
                    let ack = Ack::new(pcd::AckCode::Accept, &header.control_id);
                    Heard::Noted(Some(self.reply(&ack, Some(&header))))
                }
            },
        }
    }

    fn expect_answer(&self, header: Header, said: &Hl7) {
        let order = match said {
            Hl7::Order { order, .. } => Some(order.id),
            Hl7::Ack | Hl7::OrderAnswer { .. } => return,
            _ => None,
        };
        let mut waiting = self.waiting();
        if waiting.len() == WAITING {
            waiting.pop_front();
        }
        waiting.push_back((header, order));
    }

    fn reply(&self, ack: &Ack, asked: Option<&Header>) -> Vec<u8> {
        let own = Header::new(
            self.own.clone(),
            Party::default(),
            &self.number(),
            self.now(),
        );
        let header = asked.map_or(own, |h| h.answer(&self.number(), self.now()));
        let kind = match asked.map(|h| h.kind) {
            Some(Kind::Order) => Kind::OrderAnswer,
            _ => Kind::Ack,
        };
        let written = ack.write(&header, kind).ok();
        written.and_then(|bytes| framed(&bytes)).unwrap_or_default()
    }
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
        Talk::new(host, Clock::start(1.0), 1)
    }

    fn message(frame: &[u8]) -> Vec<u8> {
        let mut decoder = Talk::decoder();
        let mut rest = frame;
        let whole = decoder.next_frame(&mut rest).expect("it is framed");
        whole.expect("it is whole").into_owned()
    }

    fn alarm(number: u32) -> Hl7 {
        Hl7::Alarm {
            pump: "pump-01".to_owned(),
            number,
            kind: AlarmKind::AirInLine,
        }
    }

    #[test]
    fn an_answer_names_the_message_that_it_answers() {
        let (server, manager) = (talk("server"), talk("manager"));
        let first = message(&server.encode(&alarm(1)).expect("it has a form"));
        let second = message(&server.encode(&alarm(2)).expect("it has a form"));
        for bytes in [&first, &second] {
            assert!(matches!(manager.decode(bytes), Heard::Said(_)));
        }
        for asked in [&first, &second] {
            let answer = message(&manager.encode(&Hl7::Ack).expect("something waits"));
            let (answer, asked) = (
                String::from_utf8_lossy(&answer),
                String::from_utf8_lossy(asked),
            );
            let number = asked.split('|').nth(9).expect("a control id");
            assert!(answer.contains(&format!("MSA|AA|{number}")), "{answer}");
        }
        assert!(
            manager.encode(&Hl7::Ack).is_none(),
            "nothing waits any more"
        );
    }

    #[test]
    fn what_is_no_message_is_refused_with_the_place() {
        let manager = talk("manager");
        for bytes in [
            &b"hello"[..],
            b"MSH|^~\\&|",
            b"",
            b"MSH|^~\\&|A|B|||20260101||ZZZ^Z01|7|P|2.6",
        ] {
            let Heard::Refused(answer) = manager.decode(bytes) else {
                panic!("{bytes:?} was taken")
            };
            let answer = String::from_utf8_lossy(&message(&answer)).into_owned();
            assert!(answer.contains("\rERR|"), "{answer}");
        }
    }
}
