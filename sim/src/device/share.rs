//! File share of a host: whoever is let in reads and writes its files.

use super::host::Io;
use super::id;
use super::part::{Part, Sockets};
use super::services::{Services, give};
use super::storage::Storage;
use crate::engine::NodeMut;
use crate::net::port::Disk;
use crate::net::stack::{SocketEvent, StreamId};
use crate::record::{LabRecord, StorageRecord};
use crate::spec::ServiceKind;
use crate::wire::Message;
use crate::wire::file::{Content, File};
use crate::wire::share::Share;
use bevy_ecs::component::Component;
use std::collections::BTreeSet;

/// File share.
pub(super) const PART: Part = Part {
    on: |_, host| Sockets::of_services(host, &[ServiceKind::Share]),
    build: |site| {
        site.insert(Shares::default());
        Ok(())
    },
    on_socket: |io, node, event| on_share(io, node, &event),
    power_on: |_, node| power_on(node),
    ..Part::new(id::SHARE)
};

/// Who is in.
#[derive(Component, Clone, Debug, Default)]
pub struct Shares {
    entered: BTreeSet<StreamId>,
}

/// A socket of the share has something to tell.
pub fn on_share(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    match event {
        SocketEvent::Accepted { stream, port, .. } => {
            let open = node.get::<Services>().is_none_or(|s| !s.asks_login(*port));
            if let (true, Some(shares)) = (open, node.get_mut::<Shares>()) {
                shares.entered.insert(*stream);
            }
        }
        SocketEvent::Message { stream, message } => {
            if let Message::Share(share) = &**message {
                let answer = answer(io, node, *stream, share);
                io.send(*stream, Message::Share(Box::new(answer)));
            }
        }
        SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream) => {
            if let Some(shares) = node.get_mut::<Shares>() {
                shares.entered.remove(stream);
            }
        }
        _ => {}
    }
}

fn answer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, stream: StreamId, asked: &Share) -> Share {
    if let Share::Login { user, password } = asked {
        let services = node.get::<Services>();
        let accepted = services.is_some_and(|s| s.login(io, stream, user, password));
        if let (true, Some(shares)) = (accepted, node.get_mut::<Shares>()) {
            shares.entered.insert(stream);
        }
        return Share::LoginResult { accepted };
    }
    if !node
        .get::<Shares>()
        .is_some_and(|s| s.entered.contains(&stream))
    {
        return Share::Refused;
    }
    if let Share::Read { path } = asked {
        let to = io.peer(stream);
        return give(io, node, path, to).map_or(Share::Refused, Share::File);
    }
    let Some(storage) = node.get_mut::<Storage>() else {
        return Share::Refused;
    };
    match asked {
        Share::List => Share::Listing(storage.list()),
        Share::Write { file } => written(io, storage, stream, file.clone()),
        Share::Remove { path } => {
            if storage.remove(path) {
                let (path, by) = (path.clone(), Some(io.peer(stream)));
                io.cx.emit(StorageRecord::FileDestroyed { path, by });
                Share::Done
            } else {
                Share::Refused
            }
        }
        _ => Share::Refused,
    }
}

fn written(io: &mut Io<'_, '_>, storage: &mut Storage, stream: StreamId, file: File) -> Share {
    let (path, bytes, by) = (file.path.clone(), file.bytes, Some(io.peer(stream)));
    let sealed = matches!(file.content, Content::Sealed(_));
    if !Disk::write(storage, file) {
        return Share::Refused;
    }
    io.cx.emit(if sealed {
        LabRecord::Storage(StorageRecord::FileEncrypted { path, by })
    } else {
        LabRecord::Storage(StorageRecord::FileWritten { path, bytes })
    });
    Share::Done
}

/// Switched on: sessions of before are gone.
pub fn power_on(node: &mut NodeMut<'_>) {
    if let Some(shares) = node.get_mut::<Shares>() {
        shares.entered.clear();
    }
}
