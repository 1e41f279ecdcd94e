//! A mail server: takes letters and passes them on to whoever keeps a session open for the mailbox, or when somebody asks for it.

use super::host::Io;
use super::id;
use super::part::{Part, Sockets, role};
use crate::engine::{NodeMut, RecordId};
use crate::net::stack::{SocketEvent, StreamId};
use crate::record::ProgramRecord;
use crate::spec::RoleSpec;
use crate::wire::Message;
use crate::wire::file::File;
use crate::wire::mail::{Mail, PORT};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Port on which e-mail is read over the web; it is handed in on [`PORT`].
const READING_PORT: u16 = 993;

/// Mail server.
pub(super) const PART: Part = Part {
    on: |_, host| {
        let sockets = || Sockets::default().listen(PORT).listen(READING_PORT);
        role!(host, RoleSpec::Mail => sockets())
    },
    build: |site| {
        let server = &site.host.name;
        let reads = |r: &RoleSpec| matches!(r, RoleSpec::Office { server: s, opens_attachments: Some(_), .. } if s == server);
        let lab = site.lab();
        let readers = lab.hosts.iter().filter(|h| h.roles.iter().any(reads));
        site.insert(MailServer::new(readers.map(|h| h.name.clone())));
        Ok(())
    },
    on_socket: |io, node, event| on_socket(io, node, &event),
    power_on: |_, node| power_on(node),
    ..Part::new(id::MAIL)
};

#[derive(Clone, Debug, Default)]
struct Mailbox {
    /// The session in which its owner waits for letters.
    watched: Option<StreamId>,
    /// Letters that nobody was there to take, and the record of each.
    kept: Vec<(RecordId, File)>,
}

/// Mailboxes by name.
#[derive(Component, Clone, Debug)]
pub struct MailServer {
    boxes: BTreeMap<String, Mailbox>,
}

impl MailServer {
    /// A server with these mailboxes.
    #[must_use]
    pub fn new(boxes: impl Iterator<Item = String>) -> Self {
        let boxes = boxes.map(|name| (name, Mailbox::default())).collect();
        Self { boxes }
    }
}

fn say(io: &mut Io<'_, '_>, stream: StreamId, mail: Mail) {
    io.send(stream, Message::Mail(Box::new(mail)));
}

/// A socket of the server has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    let Some(server) = node.get_mut::<MailServer>() else {
        return;
    };
    match event {
        SocketEvent::Message { stream, message } => {
            if let Message::Mail(mail) = &**message {
                server.said(io, *stream, mail);
            }
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => {
            for mailbox in server.boxes.values_mut() {
                mailbox.watched.take_if(|s| s == stream);
            }
        }
        _ => {}
    }
}

impl MailServer {
    fn said(&mut self, io: &mut Io<'_, '_>, stream: StreamId, mail: &Mail) {
        match mail {
            Mail::Deliver { to, file } => {
                let mailbox = self.boxes.get_mut(to);
                let accepted = mailbox.is_some();
                say(io, stream, Mail::Delivered { accepted });
                let Some(mailbox) = mailbox else { return };
                let waiting = mailbox.watched.is_none();
                let record = io.cx.emit(ProgramRecord::LetterTaken {
                    to: to.clone(),
                    waiting,
                });
                match mailbox.watched {
                    Some(owner) => say(io, owner, Mail::Letters(vec![file.clone()])),
                    None => mailbox.kept.push((record, file.clone())),
                }
            }
            Mail::Fetch { mailbox: name } => {
                let Some(mailbox) = self.boxes.get_mut(name) else {
                    return say(io, stream, Mail::Letters(Vec::new()));
                };
                mailbox.watched = Some(stream);
                let kept = std::mem::take(&mut mailbox.kept);
                if !kept.is_empty() {
                    let because: Vec<RecordId> = kept.iter().map(|(r, _)| *r).collect();
                    let to = name.clone();
                    io.cx
                        .emit_because(ProgramRecord::LettersFetched { to }, &because);
                }
                let files = kept.into_iter().map(|(_, f)| f).collect();
                say(io, stream, Mail::Letters(files));
            }
            Mail::Delivered { .. } | Mail::Letters(_) => {}
        }
    }
}

/// Switched on: sessions of before are gone, letters stay.
pub fn power_on(node: &mut NodeMut<'_>) {
    if let Some(server) = node.get_mut::<MailServer>() {
        for mailbox in server.boxes.values_mut() {
            mailbox.watched = None;
        }
    }
}
