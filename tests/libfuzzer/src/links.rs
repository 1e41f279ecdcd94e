//! What a fuzzer, and the tests beside it, do with the machines of sessions and links: whatever is said to them and whenever, they neither panic nor
//! hold more than they may.

use pumplab_sim::clinical::delivery::AlarmKind;
use pumplab_sim::clinical::drug_library::{AmountUnit, Concentration};
use pumplab_sim::clinical::order::InfusionOrder;
use pumplab_sim::proto::pcd::{
    Receiver, ReceiverConfig, ReceiverEvent, Sender, SenderConfig, Verdict,
};
use pumplab_sim::proto::pump::desk::PumpDesk;
use pumplab_sim::proto::pump::link::{LinkConfig, PumpLink};
use pumplab_sim::time::{Duration, Time};
use pumplab_sim::wire::hl7::pcd::{Ack, AckCode, Header, Party, Wish};
use pumplab_sim::wire::hl7::{Hl7, Letter, Stamp};
use pumplab_sim::wire::pump::{LogEntry, PumpLogEvent, PumpMessage, PumpStatus};

/// Bytes as a script: a step and what it is about.
struct Script<'a>(std::slice::Iter<'a, u8>);

impl Script<'_> {
    fn byte(&mut self) -> Option<u8> {
        self.0.next().copied()
    }

    fn number(&mut self) -> u32 {
        u32::from(self.byte().unwrap_or(0)) << 8 | u32::from(self.byte().unwrap_or(0))
    }
}

fn order(id: u32) -> InfusionOrder {
    InfusionOrder {
        id,
        patient: 1,
        care_area: "ICU".to_owned(),
        drug: "heparin".to_owned(),
        concentration: Concentration {
            text: "1 mg in 1 mL".to_owned(),
            per_ml: 1.0,
            unit: AmountUnit::Mg,
        },
        rate_ml_per_h: f64::from(id),
        vtbi_ml: 1.0,
        dose: false,
    }
}

fn message(script: &mut Script<'_>) -> PumpMessage {
    let kind = AlarmKind::AirInLine;
    match script.byte().unwrap_or(0) % 9 {
        0 => PumpMessage::Hello {
            pump: "pump".to_owned(),
            library_version: script.number(),
            log_from: script.number(),
        },
        1 => PumpMessage::Welcome {
            server: "server".to_owned(),
        },
        2 => PumpMessage::Status(PumpStatus {
            infusing: script.number().is_multiple_of(2),
            rate_ml_per_h: f64::from(script.number()),
            infused_ml: 0.0,
            library_version: script.number(),
        }),
        3 => PumpMessage::Alarm {
            number: script.number(),
            kind,
        },
        4 => PumpMessage::AlarmTaken {
            number: script.number(),
        },
        5 => {
            let entry = |number| LogEntry {
                number,
                event: PumpLogEvent::Stopped,
            };
            let entries = vec![entry(script.number()), entry(script.number())];
            PumpMessage::Log { entries }
        }
        6 => PumpMessage::LogTaken {
            through: script.number(),
        },
        7 => PumpMessage::Order(order(script.number())),
        _ => PumpMessage::OrderAnswer {
            order: script.number(),
            accepted: script.number().is_multiple_of(2),
        },
    }
}

/// Takes bytes for what happens at a pump's end of its session and at a server's.
pub fn session(bytes: &[u8]) {
    let mut script = Script(bytes.iter());
    let config = LinkConfig {
        name: "pump".to_owned(),
        status: (Duration::from_secs(10), Duration::from_secs(60)),
        buffered: true,
    };
    let mut link = PumpLink::new(config, 1);
    let mut desk: PumpDesk<u8, u8> = PumpDesk::new("server".to_owned(), None);
    let mut now = Time::ZERO;
    let mut logged = 0;
    while let Some(step) = script.byte() {
        now += Duration::from_secs(u64::from(step) / 16);
        let who = step % 4;
        match step % 11 {
            0 => link.handle_up(now),
            1 => link.handle_open(),
            2 => link.handle_gone(now, 0.5),
            3 => link.handle_down(),
            4 => link.handle_timeout(now, 0.5),
            5 | 6 => link.handle_message(now, message(&mut script)),
            7 => desk.admit(now, who, who, script.number()),
            8 => desk.handle_gone(who),
            9 => drop(desk.order(who, order(script.number()))),
            _ => desk.handle_message(now, who, who, message(&mut script)),
        }
        if step == 255 {
            link.log(PumpLogEvent::Stopped);
            logged += 1;
        }
        let mut said = 0;
        while link.poll_transmit().is_some() || desk.poll_transmit().is_some() {
            said += 1;
        }
        while link.poll_event().is_some() || desk.poll_event().is_some() {
            said += 1;
        }
        assert!(said <= 4096 + 4 * logged, "{said} answers to one message");
        assert!(link.unconfirmed() <= logged, "it confirms nothing twice");
    }
}

fn letter(script: &mut Script<'_>) -> Letter {
    let number = script.number() % 32;
    let wish = [Wish::Unsaid, Wish::Always, Wish::Never, Wish::OnError];
    let what = script.byte().unwrap_or(0);
    let party = Party {
        application: "X".to_owned(),
        facility: (what % 2).to_string(),
    };
    let mut header = Header::new(
        party,
        Party::default(),
        &number.to_string(),
        Stamp::default(),
    );
    header.accept = wish[usize::from(what >> 2 & 3)];
    header.application = wish[usize::from(what >> 4 & 3)];
    let content = match what % 3 {
        0 => Hl7::Silence {
            pump: script.number().to_string(),
        },
        _ => {
            let codes = [AckCode::Accept, AckCode::Error, AckCode::CommitAccept];
            let code = codes[usize::from(what % 7 % 3)];
            Hl7::Answer(Box::new(Ack::new(code, &number.to_string())))
        }
    };
    Letter::new(header, content)
}

/// Takes bytes for what happens at both ends of a clinical link.
pub fn clinical(bytes: &[u8]) {
    const REMEMBERED: usize = 8;
    let mut script = Script(bytes.iter());
    let mut sender = Sender::new(SenderConfig {
        queue: 8,
        ..SenderConfig::default()
    });
    let mut config = ReceiverConfig::new(Party::default(), Stamp::default());
    config.remembered = REMEMBERED;
    let mut receiver: Receiver<u8> = Receiver::new(config);
    let (mut now, mut tickets) = (Time::ZERO, Vec::new());
    while let Some(step) = script.byte() {
        now += Duration::from_secs(u64::from(step) / 16);
        match step % 9 {
            0 => drop(sender.send(now, letter(&mut script))),
            1 => sender.handle_open(now),
            2 => sender.handle_closed(),
            3 => sender.handle_timeout(now),
            4 => sender.handle_message(now, letter(&mut script)),
            5 => receiver.handle_gone(step % 4),
            6 if step > 200 => receiver.restart(),
            7 => {
                if let Some(ticket) = tickets.pop() {
                    let verdicts = [Verdict::Taken, Verdict::NotTaken];
                    let refused = Verdict::Refused(Box::default());
                    let verdict = verdicts.get(usize::from(step % 3)).cloned();
                    receiver.answer(now, &ticket, verdict.unwrap_or(refused));
                }
            }
            _ => receiver.handle_message(now, step % 4, letter(&mut script)),
        }
        let mut said = 0;
        while sender.poll_transmit().is_some() || receiver.poll_transmit().is_some() {
            said += 1;
        }
        while sender.poll_event().is_some() {
            said += 1;
        }
        while let Some(event) = receiver.poll_event() {
            if let ReceiverEvent::Received { ticket, .. } = event {
                tickets.push(ticket);
            }
        }
        tickets.truncate(REMEMBERED);
        assert!(said <= 8, "{said} answers to one message");
        assert!(sender.waiting() <= 8);
    }
}
