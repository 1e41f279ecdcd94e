//! Streams of a host whose link is outside: what its parts ask leaves by the edge, and what comes back is told as any stream tells it.

use super::{SocketEvent, Stack, StreamId};
use crate::event::outside::{Arrival, Departure, Protection};
use crate::event::{Cx, NO_ITEM, PartId};
use crate::net::outside::depart;
use crate::net::stream::{Phase, Stream};
use crate::proto::tls::Channel;
use crate::record::{LabRecord, NetworkRecord, SessionRecord};
use crate::wire::{Ip, Message};

impl Stack {
    /// Lets its streams run outside.
    pub fn lead_outside(&mut self) {
        self.outside = true;
    }

    /// Whether its streams run outside.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        self.outside
    }

    /// How a stream outside is protected, for the part of the host that owns it; none for a stream of the simulation.
    #[must_use]
    pub fn channel(&self, id: StreamId) -> Option<Channel> {
        let stream = self.streams.get(id).filter(|_| self.outside)?;
        Some(match &stream.protection {
            Some(Protection { subject }) => Channel::Outside {
                subject: subject.clone(),
            },
            None => Channel::Clear,
        })
    }

    /// Ports on which somebody listens, also where that part of the host has stopped.
    pub fn ports(&self) -> impl Iterator<Item = u16> {
        self.listeners.iter().map(|l| l.port)
    }

    /// Says on which ports the host listens now. One without a link says so when it gets it.
    pub(super) fn listen_outside(&self, cx: &mut Cx<'_>) {
        if self.outside && self.link {
            let open = self.listeners.iter().filter(|l| !self.is_suspended(l.app));
            let ports = open.map(|l| l.port).collect();
            depart(cx, Departure::Up { ports });
        }
    }

    pub(super) fn connect_outside(&mut self, cx: &mut Cx<'_>, stream: Stream) -> StreamId {
        let (id, peer) = (stream.id, stream.peer);
        self.streams.push(stream);
        let stream = id.into();
        depart(cx, Departure::Connect { stream, peer });
        id
    }

    pub(super) fn send_outside(&self, cx: &mut Cx<'_>, stream: StreamId, message: Message) {
        let (stream, message) = (stream.into(), Box::new(message));
        depart(cx, Departure::Send { stream, message });
    }

    pub(super) fn close_outside(&mut self, cx: &mut Cx<'_>, i: usize) {
        let stream = self.streams.swap_remove(i).id.into();
        depart(cx, Departure::Close { stream });
    }

    /// A name is known at once: the driver resolves names when it connects.
    pub(super) fn resolve_outside(&mut self, cx: &Cx<'_>, app: PartId, query: u32, name: &str) {
        let plan = &cx.shared().plan;
        let ip = plan.iter().find(|b| b.name == name).map(|b| b.ip);
        self.inbox
            .push_back((app, SocketEvent::Resolved { query, ip }));
    }

    /// The outside brought something.
    pub fn on_arrival(&mut self, cx: &mut Cx<'_>, arrival: Arrival) {
        match arrival {
            Arrival::Opened { stream, protection } => {
                self.opened_outside(cx, stream.into(), protection);
            }
            Arrival::Accepted {
                stream,
                port,
                peer,
                protection,
            } => self.accepted_outside(cx, (stream.into(), port, peer), protection),
            Arrival::Message { stream, message } => {
                let stream = stream.into();
                if let Some(app) = self.owner(stream) {
                    self.inbox
                        .push_back((app, SocketEvent::Message { stream, message }));
                }
            }
            Arrival::Gone {
                stream,
                closed,
                refused,
            } => self.gone_outside(cx, stream.into(), closed, refused),
            Arrival::Untrusted {
                stream,
                peer,
                fault,
            } => {
                let stream = stream.map(StreamId::from);
                let owner = match stream {
                    Some(stream) => self.owner(stream),
                    // TLS is spoken at the ports of a role, and not at those of maintenance.
                    None => {
                        let mut of_role = self.listeners.iter().filter(|l| l.item == NO_ITEM);
                        of_role.next().map(|l| l.app)
                    }
                };
                if let Some(app) = owner {
                    let event = SocketEvent::Untrusted {
                        stream,
                        peer,
                        fault,
                    };
                    self.inbox.push_back((app, event));
                }
            }
            Arrival::Shed { peer, port, why } => {
                cx.emit(SessionRecord::Shed { peer, port, why });
            }
            Arrival::Listening { port, problem } => {
                cx.emit(match problem {
                    Some(why) => LabRecord::Session(SessionRecord::ListenFailed { port, why }),
                    None => LabRecord::Session(SessionRecord::ListenResumed { port }),
                });
            }
        }
    }

    fn owner(&self, id: StreamId) -> Option<PartId> {
        self.streams.get(id).map(|s| s.app)
    }

    fn opened_outside(&mut self, cx: &mut Cx<'_>, id: StreamId, by: Option<Protection>) {
        let Some(s) = self.streams.get_mut(id) else {
            // It was given up meanwhile.
            depart(cx, Departure::Close { stream: id.into() });
            return;
        };
        s.phase = Phase::Open;
        s.protection = by;
        let (peer, port) = s.peer;
        let app = s.app;
        cx.emit(NetworkRecord::StreamOpened { peer, port });
        self.inbox.push_back((app, SocketEvent::Opened(id)));
    }

    fn accepted_outside(
        &mut self,
        cx: &mut Cx<'_>,
        (id, port, peer): (StreamId, u16, (Ip, u16)),
        by: Option<Protection>,
    ) {
        let listener = self.listeners.iter().find(|l| l.port == port).copied();
        let (Some(listener), Some(ip)) = (listener, self.ip()) else {
            depart(cx, Departure::Close { stream: id.into() });
            return;
        };
        if self.is_suspended(listener.app) {
            depart(cx, Departure::Close { stream: id.into() });
            return;
        }
        let mut stream = Stream::new(id, listener.app, (ip, port), peer, Phase::Open);
        stream.protection = by;
        self.streams.push(stream);
        let event = SocketEvent::Accepted {
            stream: id,
            port,
            peer: peer.0,
        };
        self.inbox.push_back((listener.app, event));
    }

    fn gone_outside(&mut self, cx: &mut Cx<'_>, id: StreamId, closed: bool, refused: bool) {
        let Some(i) = self.streams.position(id) else {
            return;
        };
        let s = self.streams.swap_remove(i);
        let event = if closed {
            SocketEvent::Closed(id)
        } else {
            let (peer, port) = s.peer;
            cx.emit(NetworkRecord::StreamLost {
                peer,
                port,
                refused,
            });
            SocketEvent::Failed {
                stream: id,
                refused,
            }
        };
        self.inbox.push_back((s.app, event));
    }
}
