//! Ordinary load: a host that talks to a server now and then; and the person at it, who reads mail and opens attachments, or does not.

use super::id;
use crate::device::host::Io;
use crate::device::part::{Part, Sockets};
use crate::device::program;
use crate::engine::{Cause, NodeMut};
use crate::net::stack::{SocketEvent, StreamId};
use crate::record::ProgramRecord;
use crate::rng::Purpose;
use crate::spec::{ItemId, RoleSpec};
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::file::{Content, File};
use crate::wire::mail::Mail;
use bevy_ecs::component::Component;

/// Ordinary load by staff at a computer. Each role hears of the network; the last one says what is talked to.
pub(crate) const PART: Part = Part {
    on: |_, host| {
        let roles = host.roles.iter();
        let roles = roles
            .filter(|r| matches!(r, RoleSpec::Office { .. }))
            .count();
        (roles > 0).then(|| Sockets {
            hears_link: roles,
            ..Sockets::default()
        })
    },
    build: |site| {
        for role in &site.host.roles {
            let RoleSpec::Office {
                server,
                port,
                every,
                opens_attachments,
            } = role
            else {
                continue;
            };
            let office = Office::new(server.clone(), *port, *every);
            site.insert(match opens_attachments {
                Some(opens) => office.reading(site.host.name.clone(), (opens.id, opens.value)),
                None => office,
            });
        }
        Ok(())
    },
    on_socket: |io, node, event| on_socket(io, node, &event),
    on_timer,
    ..Part::new(id::OFFICE)
};

const READING: Purpose = Purpose::new("reads a letter");
const PAUSE: Purpose = Purpose::new("office pause");
const OPENS: Purpose = Purpose::new("opens an attachment");
/// Mean time until a letter is read, in seconds \[A\].
const READING_S: f64 = 120.0;
const SIZE: u32 = 900;
/// Timers from here on are of letters.
const LETTERS: u64 = 1 << 40;
const RETRY: Duration = Duration::from_secs(60);

/// A worker at a computer.
#[derive(Component, Clone, Debug)]
pub struct Office {
    server: String,
    port: u16,
    every: Duration,
    stream: Option<StreamId>,
    sent: u64,
    began: Cause,
    mail: Option<Mailbox>,
}

/// A mailbox and the person who reads what comes into it.
#[derive(Clone, Debug)]
struct Mailbox {
    name: String,
    item: ItemId,
    /// Share of the attachments that the person opens.
    opens: f64,
    letters: Vec<File>,
}

impl Office {
    /// Talks to `server` on `port` at exponential intervals of this mean.
    #[must_use]
    pub fn new(server: String, port: u16, every: Duration) -> Self {
        Self {
            server,
            port,
            every,
            stream: None,
            sent: 0,
            began: Cause::GENESIS,
            mail: None,
        }
    }

    /// The same where the server is a mail server: fetches from the mailbox of this name, and opens this share of the attachments.
    #[must_use]
    pub fn reading(mut self, name: String, (item, opens): (ItemId, f64)) -> Self {
        self.mail = Some(Mailbox {
            name,
            item,
            opens,
            letters: Vec::new(),
        });
        self
    }

    fn turn(&self) -> Message {
        match &self.mail {
            Some(mail) => Message::Mail(Box::new(Mail::Fetch {
                mailbox: mail.name.clone(),
            })),
            None => Message::Opaque { bytes: SIZE },
        }
    }

    /// Letters came: the person reads each after a while.
    fn came(&mut self, io: &mut Io<'_, '_>, files: &[File]) {
        let Some(mail) = &mut self.mail else { return };
        for file in files {
            let n = mail.letters.len() as u64;
            mail.letters.push(file.clone());
            let wait = io.cx.stream(READING, n).exponential() * READING_S;
            io.timer(id::OFFICE, Duration::from_secs_f64(wait), LETTERS + n);
        }
    }

    fn pause(&mut self, io: &mut Io<'_, '_>) {
        self.sent += 1;
        let wait = io.cx.stream(PAUSE, self.sent).exponential() * self.every.as_secs_f64();
        io.timer_caused(
            id::OFFICE,
            Duration::from_secs_f64(wait),
            self.sent,
            self.began,
        );
    }
}

/// A socket has something to tell.
fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    let Some(office) = node.get_mut::<Office>() else {
        return;
    };
    match event {
        SocketEvent::Up => io.resolve(id::OFFICE, 0, &office.server),
        SocketEvent::Resolved { ip: Some(ip), .. } => {
            office.stream = Some(io.connect(id::OFFICE, (*ip, office.port)))
        }
        SocketEvent::Opened(_) => {
            office.began = io.cx.as_cause();
            office.pause(io);
            if office.mail.is_some()
                && let Some(stream) = office.stream
            {
                io.send(stream, office.turn());
            }
        }
        SocketEvent::Message { message, .. } => {
            if let Message::Mail(mail) = &**message
                && let Mail::Letters(files) = &**mail
            {
                office.came(io, files);
            }
        }
        SocketEvent::Resolved { ip: None, .. }
        | SocketEvent::Failed { .. }
        | SocketEvent::Closed(_) => {
            office.stream = None;
            io.timer(id::OFFICE, RETRY, 0);
        }
        _ => {}
    }
}

/// A timer is due.
fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let Some(office) = node.get_mut::<Office>() else {
        return;
    };
    if token >= LETTERS {
        return read(io, node, (token - LETTERS) as usize);
    }
    match office.stream {
        None if token == 0 => io.resolve(id::OFFICE, 0, &office.server),
        Some(stream) if token == office.sent => {
            io.send(stream, office.turn());
            office.pause(io);
        }
        _ => {}
    }
}

/// The person reads a letter, and opens the attachment or does not.
fn read(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, n: usize) {
    let Some(mail) = node.get::<Office>().and_then(|o| o.mail.as_ref()) else {
        return;
    };
    let Some(file) = mail.letters.get(n).cloned() else {
        return;
    };
    let opened = io.cx.stream(OPENS, n as u64).unit_f64() < mail.opens;
    let item = mail.item;
    let record = io.cx.emit(ProgramRecord::Attachment { opened, item });
    if let (true, Content::Program(program)) = (opened, &file.content) {
        program::execute(io, node, program, &[record]);
    }
}
