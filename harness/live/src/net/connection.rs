//! The loop: everything that is read from a socket or written to one goes through here, whatever is spoken on it.
//!
//! A protocol brings a codec and a handler ([`crate::protocol`]). The limits on the other end are here and in [`crate::limits`], once for all:
//! when a message must be there, how many come in a time, who may try to log in, and how long an answer may lie unread.

use super::places::Place;
use super::table::{Direction, Entry};
use super::{Life, Outgoing, Shared};
use crate::limits::{Bucket, Deadlines, Due, Logins};
use crate::protocol::{Action, Body, Reject, Session, is_login};
use bytes::{Buf, Bytes, BytesMut};
use pumplab_sim::engine::Cause;
use pumplab_sim::event::outside::{Arrival, Conn};
use pumplab_sim::wire::shed::Shed as Rejection;
use pumplab_sim::wire::{Ip, Message};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Bytes that are read ahead of the request that is under way, and that a connection keeps room for between requests.
const ROOM: usize = 8 * 1024;
/// Room that is made before reading.
const CHUNK: usize = 1024;
/// Bytes of unsent answers with which no more requests are taken.
const UNSENT: usize = 64 * 1024;

/// One end of a connection.
pub(super) struct Connection {
    pub(super) shared: Shared,
    pub(super) life: Life,
    pub(super) conn: Conn,
    /// Its entry in the table, if both ends are of the run.
    pub(super) entry: Option<Arc<Entry>>,
    /// The other end's address and the port here, for whoever reads the log.
    pub(super) peer: (Ip, u16),
    /// The directions in which this end reads and writes.
    pub(super) directions: (Direction, Direction),
    /// Where logins from the other end are counted, and its address.
    pub(super) logins: Option<(Arc<Logins>, IpAddr)>,
    /// Whether limits on rate and silence are in force: the other end chose to come, or is no host of the run.
    pub(super) limited: bool,
}

/// How a connection ended.
enum End {
    /// Its owner closed it.
    Ours,
    /// The other end closed it, or the protocol came to its end.
    Closed,
    /// It broke.
    Broken,
    /// The other end was cut off.
    Rejected(Rejection),
}

impl Connection {
    /// Reads and writes until one end has had enough; tells the driver that the connection is gone, if its owner does not know. What the other
    /// end did wrong, if it was cut off.
    pub(super) async fn carry<S: AsyncRead + AsyncWrite>(
        self,
        stream: S,
        outgoing: mpsc::Receiver<Outgoing>,
        session: Session,
        half_open: Option<Place>,
    ) -> Option<Rejection> {
        let (shared, life, conn) = (self.shared.clone(), self.life, self.conn);
        let exchange = Exchange::new(self, session, half_open);
        let (closed, why) = match exchange.run(stream, outgoing).await {
            End::Ours => return None,
            End::Closed => (true, None),
            End::Broken => (false, None),
            End::Rejected(why) => (false, Some(why)),
        };
        let gone = Arrival::Gone {
            stream: conn,
            closed,
            refused: !closed,
        };
        shared.tell(life, Some(conn), gone, None).await;
        why
    }
}

impl Connection {
    async fn tell(&self, arrival: Arrival, cause: Option<Cause>) {
        let conn = Some(self.conn);
        self.shared.tell(self.life, conn, arrival, cause).await;
    }
}

/// A file on its way over a data connection, and what is then said of it.
type Transfer = Pin<Box<dyn Future<Output = Bytes> + Send>>;

/// The state of the loop.
struct Exchange {
    of: Connection,
    session: Session,
    /// Held until the client has said what it must say first.
    half_open: Option<Place>,
    input: BytesMut,
    output: BytesMut,
    /// Whether all that was to be sent was, as far as the system goes.
    flushed: bool,
    deadlines: Deadlines,
    bucket: Bucket,
    data_port: Option<TcpListener>,
    transfer: Option<Transfer>,
    /// Nothing more comes.
    ended: bool,
    /// How the connection ends once all is sent.
    closing: Option<End>,
}

impl Exchange {
    fn new(of: Connection, session: Session, half_open: Option<Place>) -> Self {
        let now = Instant::now();
        Self {
            bucket: Bucket::new(&of.shared.limits, now),
            of,
            session,
            half_open,
            input: BytesMut::new(),
            output: BytesMut::new(),
            flushed: true,
            deadlines: Deadlines::new(now),
            data_port: None,
            transfer: None,
            ended: false,
            closing: None,
        }
    }

    async fn run<S: AsyncRead + AsyncWrite>(
        mut self,
        stream: S,
        mut outgoing: mpsc::Receiver<Outgoing>,
    ) -> End {
        let (mut reader, mut writer) = tokio::io::split(stream);
        if let Some(greeting) = self.session.handler.greeting() {
            self.send(greeting, Cause::GENESIS);
        }
        loop {
            if let Err(reject) = self.requests().await {
                if reject.reply.is_empty() {
                    return End::Rejected(reject.why);
                }
                self.send(reject.reply, Cause::GENESIS);
                self.closing = Some(End::Rejected(reject.why));
            }
            let is_over = self.closing.is_some() || (self.ended && !self.is_busy());
            if is_over && self.flushed {
                let limit = self.of.shared.limits.transfer;
                let _ = timeout(limit, writer.shutdown()).await;
                return self.closing.unwrap_or(End::Closed);
            }
            let due = self.due();
            let (reads, takes) = (self.has_room(), self.takes_messages());
            tokio::select! {
                // What cannot be sent is dropped: reading tells how the connection ended.
                _ = send_all(&mut writer, &mut self.output), if !self.flushed => self.sent(),
                message = outgoing.recv(), if takes => match message {
                    Some(Outgoing::Message(message, cause)) => self.message(&message, cause),
                    // The owner closes by dropping its end of the queue.
                    None => self.closing = Some(End::Ours),
                },
                read = read_some(&mut reader, &mut self.input), if reads => match read {
                    Ok(0) => self.ended = true,
                    Ok(_) => {}
                    Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => self.ended = true,
                    Err(_) => return End::Broken,
                },
                said = finished(&mut self.transfer), if self.transfer.is_some() => {
                    self.transfer = None;
                    self.send(said, Cause::GENESIS);
                }
                () = sleep_until(due.map(|(at, _)| at)), if due.is_some() => {
                    if let Some(end) = due.and_then(|(_, due)| self.expired(due)) {
                        return end;
                    }
                }
            }
        }
    }

    /// Whether a request is under way that has to be answered before the next.
    fn is_busy(&self) -> bool {
        self.deadlines.is_asked() || self.transfer.is_some()
    }

    /// Whether requests are taken now.
    fn takes_requests(&self) -> bool {
        self.closing.is_none() && !self.is_busy() && self.output.len() < UNSENT
    }

    fn takes_messages(&self) -> bool {
        self.closing.is_none() && self.transfer.is_none() && self.flushed
    }

    fn has_room(&self) -> bool {
        let takes = self.takes_requests() || self.input.len() < ROOM;
        self.closing.is_none() && !self.ended && takes
    }

    fn due(&self) -> Option<(Instant, Due)> {
        let how = (
            self.half_open.is_some(),
            self.of.limited,
            self.takes_requests() && !self.ended,
        );
        self.deadlines.due(&self.of.shared.limits, how)
    }

    /// Something was not there in time. How the connection ends, if it does.
    fn expired(&mut self, due: Due) -> Option<End> {
        Some(End::Rejected(match due {
            Due::Taken => Rejection::DoesNotRead,
            Due::Whole => Rejection::TooSlow,
            Due::Begun => Rejection::Idle,
            Due::Answered => {
                // The device has nothing to say: on to the next request.
                self.deadlines.answered(Instant::now());
                return None;
            }
        }))
    }

    /// Takes all requests that are there and may be taken.
    async fn requests(&mut self) -> Result<(), Reject> {
        while self.takes_requests() {
            let request = self.session.codec.decode(&mut self.input)?;
            let now = Instant::now();
            let Some(request) = request else {
                let time = self.session.rules.request_time(&self.of.shared.limits);
                let begun = self.session.codec.is_begun(&self.input);
                self.deadlines.waiting(begun, now, time);
                if !begun && self.input.capacity() > ROOM {
                    self.input = BytesMut::new();
                }
                break;
            };
            self.deadlines.whole(now);
            let (entry, direction) = (&self.of.entry, self.of.directions.0);
            let cause = entry.as_ref().and_then(|e| e.read(direction));
            if self.of.limited && !self.bucket.take(now) {
                return Err(Reject::silent(Rejection::TooFast));
            }
            let action = self.session.handler.request(request)?;
            self.act(action, cause).await?;
        }
        Ok(())
    }

    async fn act(&mut self, action: Action, cause: Option<Cause>) -> Result<(), Reject> {
        let now = Instant::now();
        match action {
            Action::Deliver(message) => {
                let logins = self.of.logins.as_ref().filter(|_| is_login(&message));
                if logins.is_some_and(|(logins, peer)| !logins.may_try(*peer, now)) {
                    return Err(Reject::silent(Rejection::TooFast));
                }
                self.half_open = None;
                if self.session.rules.in_turn {
                    self.deadlines.asked(now, &self.of.shared.limits);
                }
                let stream = self.of.conn;
                let arrival = Arrival::Message { stream, message };
                self.of.tell(arrival, cause).await;
            }
            Action::Reply(parts) => self.send_each(parts),
            Action::Refuse(parts) => {
                let (peer, port) = self.of.peer;
                let why = Rejection::Faulty;
                let arrival = Arrival::Shed { peer, port, why };
                self.of.tell(arrival, cause).await;
                self.send_each(parts);
            }
            Action::Close(last) => {
                self.send(last, Cause::GENESIS);
                self.closing = Some(End::Closed);
            }
            Action::OpenDataPort => {
                self.data_port = match self.session.rules.data_address {
                    Some(ip) => TcpListener::bind(SocketAddr::new(ip, 0)).await.ok(),
                    None => None,
                };
                let at = self.data_port.as_ref();
                let at = at.and_then(|port| port.local_addr().ok());
                let said = self.session.handler.data_port(at);
                self.send(said, Cause::GENESIS);
            }
        }
        Ok(())
    }

    /// The device says something.
    fn message(&mut self, message: &Message, cause: Cause) {
        if self.session.rules.in_turn {
            self.deadlines.answered(Instant::now());
        }
        let Some(reply) = self.session.handler.message(message) else {
            return;
        };
        for part in reply.parts {
            self.send(part, cause);
        }
        if let Some(body) = reply.data {
            self.transfer = Some(self.hand_over(body));
        }
        if reply.close {
            self.closing = Some(End::Closed);
        }
    }

    /// Sends a file over the data connection that the client opens.
    fn hand_over(&mut self, body: Body) -> Transfer {
        let (port, limit) = (self.data_port.take(), self.of.shared.limits.transfer);
        Box::pin(async move {
            let handed = timeout(limit, async {
                let (mut stream, _) = port.ok_or(io::ErrorKind::NotConnected)?.accept().await?;
                stream.write_all(&body.bytes).await?;
                stream.shutdown().await
            });
            let is_sent = matches!(handed.await, Ok(Ok(())));
            Bytes::from(if is_sent { body.sent } else { body.failed })
        })
    }

    fn send_each(&mut self, parts: Vec<Bytes>) {
        for part in parts {
            self.send(part, Cause::GENESIS);
        }
    }

    /// Puts a part among what is to be sent. Both ends count parts, to know what brought about which.
    fn send(&mut self, part: Bytes, cause: Cause) {
        // What has no form in a frame is not sent.
        if self.session.codec.encode(part, &mut self.output).is_err() {
            return;
        }
        if let Some(entry) = &self.of.entry {
            entry.sent(self.of.directions.1, cause);
        }
        self.flushed = false;
        let now = Instant::now();
        self.deadlines.sending(now, &self.of.shared.limits);
    }

    /// Nothing is left to be sent.
    fn sent(&mut self) {
        self.output.clear();
        if self.output.capacity() > ROOM {
            self.output = BytesMut::new();
        }
        self.flushed = true;
        self.deadlines.sent();
    }
}

/// Writes all of it. It may be given up at any time: what was written is no longer there.
async fn send_all<W: AsyncWrite + Unpin>(writer: &mut W, output: &mut BytesMut) -> io::Result<()> {
    while output.has_remaining() {
        writer.write_buf(output).await?;
    }
    writer.flush().await
}

/// Reads what there is. Room is made as bytes come, not as they are announced.
async fn read_some<R: AsyncRead + Unpin>(
    reader: &mut R,
    input: &mut BytesMut,
) -> io::Result<usize> {
    if input.capacity() - input.len() < CHUNK / 2 {
        input.reserve(CHUNK);
    }
    reader.read_buf(input).await
}

async fn finished(transfer: &mut Option<Transfer>) -> Bytes {
    match transfer {
        Some(transfer) => transfer.await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
