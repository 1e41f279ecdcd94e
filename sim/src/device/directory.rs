//! A directory of staff: says what somebody with the right password is.

use super::host::Io;
use super::id;
use super::part::{Part, Sockets, role};
use super::pump_server::portal::LocalAccount;
use crate::engine::NodeMut;
use crate::net::stack::SocketEvent;
use crate::record::SessionRecord;
use crate::spec::RoleSpec;
use crate::wire::Message;
use crate::wire::portal::Directory as Said;
use bevy_ecs::component::Component;

/// Directory of staff.
pub(super) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::Directory(d) => Sockets::default().listen(d.port)),
    build: |site| {
        if let Some(port) = role!(site.host, RoleSpec::Directory(d) => d.port) {
            site.insert(Directory::new(LocalAccount::of_staff(site.host), port));
        }
        Ok(())
    },
    on_socket,
    ..Part::new(id::DIRECTORY)
};

/// The directory.
#[derive(Component, Clone, Debug)]
pub struct Directory {
    accounts: Vec<LocalAccount>,
    port: u16,
}

impl Directory {
    /// A directory of these people.
    #[must_use]
    pub fn new(accounts: Vec<LocalAccount>, port: u16) -> Self {
        Self { accounts, port }
    }
}

/// A socket of the directory has something to tell.
pub fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let (Some(directory), SocketEvent::Message { stream, message }) =
        (node.get_mut::<Directory>(), event)
    else {
        return;
    };
    let Message::Directory(said) = *message else {
        return;
    };
    let Said::Bind {
        number,
        user,
        password,
    } = *said
    else {
        return;
    };
    let account = directory.accounts.iter().find(|a| a.user == user);
    let known = account.filter(|a| a.password.matches(&password));
    if known.is_none() {
        let (peer, port, item) = (io.peer(stream), directory.port, account.map(|a| a.item));
        io.cx.emit(SessionRecord::LoginRefused { peer, port, item });
    }
    let role = known.map(|a| a.role);
    io.send(
        stream,
        Message::Directory(Box::new(Said::Bound { number, role })),
    );
}
