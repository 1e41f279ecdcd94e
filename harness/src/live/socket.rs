//! Connections: bytes in, messages out, and the limits on whoever connects.

mod lines;

use super::clock::Clock;
use super::frame::{self, FrameError, HEAD};
use super::limits::{Bucket, Limits, Logins, Share, Shares};
use super::lists::Acceptor;
use super::pki::Signatures;
use super::speech::{self, Speech};
use super::talk::{Heard, Talk};
use super::tls::{self, ClientEnd, HandshakeFault};
use super::tracks::{Track, Tracks, Way};
use pumplab_sim::engine::{EventId, NodeId};
use pumplab_sim::event::outside::{Arrival, Conn, Protection};
use pumplab_sim::proto::mllp;
use pumplab_sim::wire::shed::Shed;
use pumplab_sim::wire::{Ip, Message};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Bytes that are read at a time, and that a connection keeps room for between messages.
const CHUNK: usize = 8192;
/// Answers that a connection gives by itself and that wait to be written, at the most.
const ANSWERS: usize = 16;

/// What a connection's owner wants written.
#[derive(Debug)]
pub enum Outgoing {
    /// A message, and the event that sent it.
    Message(Box<Message>, EventId),
}

/// A host between coming up and going down. What was under way for an earlier life is not for a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The host.
    pub host: NodeId,
    /// Which of its lives.
    pub number: u32,
}

/// What a connection tells the driver.
#[derive(Debug)]
pub struct Incoming {
    /// The host.
    pub life: Life,
    /// The connection.
    pub conn: Option<Conn>,
    /// What came.
    pub arrival: Arrival,
    /// The event that sent it, where that is of the run.
    pub cause: Option<EventId>,
    /// The way back, when a connection is new.
    pub writer: Option<mpsc::Sender<Outgoing>>,
}

/// What all connections of a live run share.
#[derive(Clone, Debug)]
pub struct Common {
    /// To the driver. Bounded: whoever writes faster than the lab reads waits.
    pub driver: mpsc::Sender<Incoming>,
    /// Connections between hosts of the run.
    pub tracks: Arc<Tracks>,
    /// Real signatures.
    pub signatures: Arc<Signatures>,
    /// Limits.
    pub limits: Limits,
    /// Clock of the run.
    pub clock: Clock,
    /// By how many seconds the wall clock is ahead of the lab's calendar.
    pub ahead: i64,
    accepted: Arc<AtomicU32>,
}

impl Common {
    /// Nothing is connected yet.
    #[must_use]
    pub fn new(
        driver: mpsc::Sender<Incoming>,
        signatures: Arc<Signatures>,
        limits: Limits,
        (clock, ahead): (Clock, i64),
    ) -> Self {
        Self {
            driver,
            tracks: Arc::default(),
            signatures,
            limits,
            clock,
            ahead,
            accepted: Arc::default(),
        }
    }

    fn talk(&self, speech: &Speech, conn: Conn) -> Option<Arc<Talk>> {
        match speech {
            Speech::Clinical(host) => {
                Some(Arc::new(Talk::new(host, self.clock, self.ahead, conn.0)))
            }
            _ => None,
        }
    }

    async fn tell(&self, life: Life, conn: Option<Conn>, arrival: Arrival, cause: Option<EventId>) {
        let incoming = Incoming {
            life,
            conn,
            arrival,
            cause,
            writer: None,
        };
        // The driver ends before its connections do: then nobody is left to tell.
        let _ = self.driver.send(incoming).await;
    }
}

/// A port of a host of the lab.
#[derive(Clone, Debug)]
pub struct Port {
    /// The host.
    pub life: Life,
    /// Its port, by the lab's numbers.
    pub port: u16,
    /// How it speaks TLS; none: in clear.
    pub tls: Option<Acceptor>,
    /// What is spoken there.
    pub speech: Speech,
    /// Who tries to log in there.
    pub logins: Arc<Logins>,
}

/// Takes connections until the listener's task is ended; those that it has taken end with it.
pub async fn listen(common: Common, port: Port, listener: TcpListener) {
    let limits = common.limits;
    let all = (
        Places::new(port.speech.connections(&limits), limits.share),
        Places::new(limits.half_open, limits.share),
    );
    let mut open = JoinSet::new();
    let mut pause = Pause::default();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // One that ended in a panic is like one that broke: the driver looks who is gone.
            Some(_) = open.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(e) if is_exhaustion(&e) => {
                let first = pause.is_over();
                if first {
                    let problem = Some(format!("a connection cannot be taken: {e}"));
                    listening(&common, &port, problem).await;
                }
                // Those who are there may leave in the meantime.
                tokio::time::sleep(pause.longer()).await;
                continue;
            }
            Err(_) => continue,
        };
        if !pause.is_over() {
            pause = Pause::default();
            listening(&common, &port, None).await;
        }
        let own = common.tracks.of(peer).is_some();
        let places = (all.0.take(peer, own), all.1.take(peer, own));
        let (Some(place), Some(half_open)) = places else {
            drop(stream);
            // Awaited, so that everybody who is shed stands in the log: a flood waits in the system's queue.
            let shed = shed(&port, peer, Shed::TooManyConnections);
            common.tell(port.life, None, shed, None).await;
            continue;
        };
        let (common, port) = (common.clone(), port.clone());
        open.spawn(async move {
            accepted_one(common, port, stream, peer, half_open).await;
            drop(place);
        });
    }
}

/// Tells whether connections can be taken at a port.
async fn listening(common: &Common, port: &Port, problem: Option<String>) {
    let arrival = Arrival::Listening {
        port: port.port,
        problem,
    };
    common.tell(port.life, None, arrival, None).await;
}

/// How long to wait before the next try, each time twice as long.
#[derive(Default)]
struct Pause(Duration);

impl Pause {
    const FIRST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(2);

    fn is_over(&self) -> bool {
        self.0.is_zero()
    }

    fn longer(&mut self) -> Duration {
        self.0 = (self.0 * 2).clamp(Self::FIRST, Self::LONGEST);
        self.0
    }
}

/// The places of a port, for all and for each address.
struct Places {
    all: Arc<Semaphore>,
    shares: Shares,
    each: usize,
}

/// A place at a port; given up when it is dropped.
struct Place {
    _of_all: tokio::sync::OwnedSemaphorePermit,
    _share: Option<Share>,
}

impl Places {
    fn new(all: usize, parts: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            shares: Shares::default(),
            each: all / parts.max(1),
        }
    }

    /// A place, if there is one. Hosts of the run share an address with whoever comes by loopback: they have no share to use up.
    fn take(&self, peer: SocketAddr, own: bool) -> Option<Place> {
        let share = if own {
            None
        } else {
            Some(self.shares.take(peer.ip(), self.each)?)
        };
        Some(Place {
            _of_all: self.all.clone().try_acquire_owned().ok()?,
            _share: share,
        })
    }
}

/// Whether a connection could not be taken because this process or the system has no more to give, rather than because the other end was gone already.
fn is_exhaustion(e: &io::Error) -> bool {
    use io::ErrorKind as K;
    !matches!(
        e.kind(),
        K::ConnectionAborted | K::ConnectionReset | K::Interrupted | K::TimedOut
    )
}

fn shed(port: &Port, peer: SocketAddr, why: Shed) -> Arrival {
    Arrival::Shed {
        peer: ip(peer),
        port: port.port,
        why,
    }
}

/// The address of a stranger; one by IPv6 is told as unspecified.
fn ip(peer: SocketAddr) -> Ip {
    match peer.ip().to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            Ip::new(a, b, c, d)
        }
        IpAddr::V6(_) => Ip::UNSPECIFIED,
    }
}

async fn accepted_one(
    common: Common,
    port: Port,
    stream: TcpStream,
    peer: SocketAddr,
    half_open: Place,
) {
    let _ = stream.set_nodelay(true);
    // Looked up before the handshake: whoever fails in it may be gone when it ends.
    let track = common.tracks.of(peer);
    let config = port.tls.as_ref().map(|now| now.borrow().clone());
    let Some(config) = config else {
        return serve(common, port, stream, (peer, track), None, half_open).await;
    };
    let acceptor = TlsAcceptor::from(config);
    match timeout(common.limits.opening, acceptor.accept(stream)).await {
        Err(_) => {
            let why = shed(&port, peer, Shed::TooSlow);
            common.tell(port.life, None, why, None).await;
        }
        Ok(Err(e)) => {
            let from = track.as_ref().map_or_else(|| ip(peer), |t| t.from().0);
            let arrival = match tls::fault(&e) {
                HandshakeFault::Refused(fault) => Arrival::Untrusted {
                    stream: None,
                    peer: from,
                    fault,
                },
                HandshakeFault::NoTls => shed(&port, peer, Shed::NoTls),
                HandshakeFault::RefusedByPeer | HandshakeFault::Broken => return,
            };
            let cause = track.map(|t| t.opened());
            common.tell(port.life, None, arrival, cause).await;
        }
        Ok(Ok(stream)) => {
            let shown = stream.get_ref().1.peer_certificates();
            let subject = shown.and_then(|c| c.first()).and_then(tls::subject);
            let protection = Some(Protection { subject });
            serve(common, port, stream, (peer, track), protection, half_open).await;
        }
    }
}

/// Carries messages on a connection that was accepted.
async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    common: Common,
    port: Port,
    stream: S,
    (peer, track): (SocketAddr, Option<Arc<Track>>),
    protection: Option<Protection>,
    half_open: Place,
) {
    if let Speech::Unspoken = port.speech {
        let why = shed(&port, peer, Shed::NotSpoken);
        return common.tell(port.life, None, why, None).await;
    }
    let conn = Conn::of_driver(common.accepted.fetch_add(1, Ordering::Relaxed));
    let from = track
        .as_ref()
        .map_or_else(|| (ip(peer), peer.port()), |t| t.from());
    let (writer, outgoing) = mpsc::channel(common.limits.backlog);
    let incoming = Incoming {
        life: port.life,
        conn: Some(conn),
        arrival: Arrival::Accepted {
            stream: conn,
            port: port.port,
            peer: from,
            protection,
        },
        cause: track.as_ref().map(|t| t.opened()),
        writer: Some(writer),
    };
    if common.driver.send(incoming).await.is_err() {
        return;
    }
    // Hosts of the run share an address with whoever comes by loopback, and are known by their track.
    let guesser = track.is_none().then(|| (port.logins.clone(), peer.ip()));
    let carrier = Carrier {
        common: common.clone(),
        life: port.life,
        conn,
        track,
        guesser,
        peer: (from.0, port.port),
        ways: (Way::Out, Way::Back),
        longest: port.speech.longest(),
        speech: port.speech.clone(),
        talk: common.talk(&port.speech, conn),
        stranger: true,
    };
    let why = carrier.carry(stream, outgoing, Some(half_open)).await;
    if let Some(why) = why {
        common
            .tell(port.life, None, shed(&port, peer, why), None)
            .await;
    }
}

/// A connection that a host asks for.
#[derive(Debug)]
pub struct Dial {
    /// The host.
    pub life: Life,
    /// Its number for the connection.
    pub conn: Conn,
    /// Its address, by the lab's numbers.
    pub from: (Ip, u16),
    /// The other end, by the lab's numbers.
    pub peer: Ip,
    /// Where that is.
    pub to: SocketAddr,
    /// Whether it is not of the run: somebody else's receiver.
    pub elsewhere: bool,
    /// How it is protected; none: in clear.
    pub tls: Option<ClientEnd>,
    /// What is spoken on it.
    pub speech: Speech,
    /// The event that asked for it.
    pub cause: EventId,
}

/// Opens a connection and carries messages on it.
pub async fn dial(common: Common, dial: Dial, outgoing: mpsc::Receiver<Outgoing>) {
    let (life, conn) = (dial.life, dial.conn);
    let gone = |refused| Arrival::Gone {
        stream: conn,
        closed: false,
        refused,
    };
    let (stream, begun) = match connect(&common, &dial).await {
        Ok(connected) => connected,
        Err(e) => {
            let refused = e.kind() == io::ErrorKind::ConnectionRefused;
            return common
                .tell(life, Some(conn), gone(refused), Some(dial.cause))
                .await;
        }
    };
    let carrier = Carrier {
        common: common.clone(),
        life,
        conn,
        track: begun.as_ref().and_then(|b| common.tracks.of(b.local)),
        peer: (dial.peer, 0),
        ways: (Way::Back, Way::Out),
        guesser: None,
        longest: frame::LONGEST_TO_PUMP,
        speech: dial.speech.clone(),
        talk: common.talk(&dial.speech, conn),
        stranger: dial.elsewhere,
    };
    match &dial.tls {
        None => carrier.opened(stream, None, &dial, outgoing).await,
        Some(end) => {
            let connector = TlsConnector::from(end.config.clone());
            let shaken = timeout(
                common.limits.opening,
                connector.connect(end.name.clone(), stream),
            );
            match shaken.await {
                Ok(Ok(stream)) => {
                    let subject = Some(end.name.to_str().into_owned());
                    carrier
                        .opened(stream, Some(Protection { subject }), &dial, outgoing)
                        .await;
                }
                Ok(Err(e)) => {
                    let arrival = match tls::fault(&e) {
                        HandshakeFault::Refused(fault) => Arrival::Untrusted {
                            stream: Some(conn),
                            peer: dial.peer,
                            fault,
                        },
                        other => gone(other != HandshakeFault::Broken),
                    };
                    common
                        .tell(life, Some(conn), arrival, Some(dial.cause))
                        .await;
                }
                Err(_) => {
                    common
                        .tell(life, Some(conn), gone(false), Some(dial.cause))
                        .await;
                }
            }
        }
    }
}

/// A connection's place among the tracks, given up however its task ends: a stranger may have the same socket address later.
struct Begun {
    tracks: Arc<Tracks>,
    local: SocketAddr,
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.tracks.end(self.local);
    }
}

async fn connect(common: &Common, dial: &Dial) -> io::Result<(TcpStream, Option<Begun>)> {
    let socket = if dial.to.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    let begun = if dial.elsewhere {
        None
    } else {
        // Bound before it connects, so that the other end finds the track however soon it accepts.
        socket.bind(SocketAddr::new(dial.to.ip(), 0))?;
        let local = socket.local_addr()?;
        common.tracks.begin(local, dial.from, dial.cause);
        Some(Begun {
            tracks: common.tracks.clone(),
            local,
        })
    };
    let connecting = timeout(common.limits.opening, socket.connect(dial.to)).await;
    let stream = connecting.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    let _ = stream.set_nodelay(true);
    Ok((stream, begun))
}

/// Carries messages between one connection and the driver.
struct Carrier {
    common: Common,
    life: Life,
    conn: Conn,
    track: Option<Arc<Track>>,
    /// The other end's address and the port here, for whoever reads the log.
    peer: (Ip, u16),
    /// Which way this end reads and writes.
    ways: (Way, Way),
    longest: usize,
    speech: Speech,
    /// Whose logins are counted, and where.
    guesser: Option<(Arc<Logins>, IpAddr)>,
    /// The end of a connection that speaks HL7; none: something framed is spoken.
    talk: Option<Arc<Talk>>,
    /// Whether the other end chose to come, and limits on whoever does so are in force.
    stranger: bool,
}

impl Carrier {
    async fn opened<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        self,
        stream: S,
        protection: Option<Protection>,
        dial: &Dial,
        outgoing: mpsc::Receiver<Outgoing>,
    ) {
        let opened = Arrival::Opened {
            stream: self.conn,
            protection,
        };
        self.common
            .tell(self.life, Some(self.conn), opened, Some(dial.cause))
            .await;
        self.carry(stream, outgoing, None).await;
    }

    /// Reads and writes until one end has had enough; tells the driver that the connection is gone. What the other end did wrong, if
    /// it was cut off.
    async fn carry<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        self,
        stream: S,
        outgoing: mpsc::Receiver<Outgoing>,
        half_open: Option<Place>,
    ) -> Option<Shed> {
        let (life, conn, common) = (self.life, self.conn, self.common.clone());
        if let Some(manner) = self.speech.manner() {
            // Who comes to a shell may have nothing to say.
            drop(half_open);
            let end = self.converse(stream, outgoing, manner).await;
            return over(&common, (life, conn), end).await;
        }
        let (reader, writer) = tokio::io::split(stream);
        let (answers, own) = mpsc::channel(ANSWERS);
        let mut writing = tokio::spawn(write(
            writer,
            (outgoing, own),
            self.common.clone(),
            self.track.clone().map(|t| (t, self.ways.1)),
            (self.speech.clone(), self.talk.clone()),
        ));
        // The owner closes by dropping its end of the queue: then the writer ends by itself, after what was to be sent.
        let end = tokio::select! {
            end = self.hear(reader, half_open, answers) => {
                writing.abort();
                end
            }
            wrote = &mut writing => match wrote {
                Ok(Ok(())) => End::Ours,
                Ok(Err(Shed::DoesNotRead)) => End::Shed(Shed::DoesNotRead),
                _ => End::Broken,
            },
        };
        over(&common, (life, conn), end).await
    }

    async fn hear<R: AsyncRead + Unpin>(
        self,
        reader: R,
        half_open: Option<Place>,
        answers: mpsc::Sender<Vec<u8>>,
    ) -> End {
        match self.talk.clone() {
            None => self.read(reader, half_open).await,
            Some(talk) => {
                // A clinical system may connect and have nothing to say: it is no longer shaking hands.
                drop(half_open);
                self.read_clinical(reader, &talk, &answers).await
            }
        }
    }

    async fn read_clinical<R: AsyncRead + Unpin>(
        self,
        mut reader: R,
        talk: &Talk,
        answers: &mpsc::Sender<Vec<u8>>,
    ) -> End {
        let limits = self.common.limits;
        let mut bucket = Bucket::new(&limits, Instant::now());
        let mut decoder = Talk::decoder();
        let mut chunk = vec![0; CHUNK];
        // When the message began that is being read: all of it must be there in time, however often a byte of it comes.
        let mut began: Option<Instant> = None;
        loop {
            let begun = decoder.is_begun();
            began = began.filter(|_| begun).or(begun.then(Instant::now));
            let left = began.map(|at| limits.transfer.saturating_sub(at.elapsed()));
            let wait = left.unwrap_or(limits.idle);
            let read = match timeout(wait, reader.read(&mut chunk)).await {
                Err(_) if begun => return End::Shed(Shed::TooSlow),
                Err(_) if self.stranger => return End::Shed(Shed::Idle),
                Err(_) => continue,
                Ok(Err(e)) => return End::of(&e),
                Ok(Ok(0)) => return End::Closed,
                Ok(Ok(read)) => read,
            };
            let mut rest = &chunk[..read];
            loop {
                let frame = match decoder.next_frame(&mut rest) {
                    Ok(Some(frame)) => {
                        began = None;
                        frame
                    }
                    Ok(None) => break,
                    Err(mllp::FrameError::TooLong { .. }) => return End::Shed(Shed::TooLong),
                    Err(_) => return End::Shed(Shed::Malformed),
                };
                if self.stranger && !bucket.take(Instant::now()) {
                    return End::Shed(Shed::TooFast);
                }
                let heard = talk.decode(&frame);
                if self.take(heard, answers).await.is_err() {
                    return End::Broken;
                }
            }
        }
    }

    /// Passes on what was heard, or answers it.
    async fn take(
        &self,
        heard: Heard,
        answers: &mpsc::Sender<Vec<u8>>,
    ) -> Result<(), mpsc::error::SendError<Vec<u8>>> {
        let cause = self.track.as_ref().and_then(|t| t.read(self.ways.0));
        let (arrival, answer) = match heard {
            Heard::Said(said) => (
                Some(Arrival::Message {
                    stream: self.conn,
                    message: Box::new(Message::Hl7(said)),
                }),
                None,
            ),
            Heard::Noted(answer) => (None, Some(answer)),
            Heard::Refused(answer) => {
                let (peer, port) = self.peer;
                let why = Shed::Faulty;
                (Some(Arrival::Shed { peer, port, why }), Some(answer))
            }
        };
        if let Some(arrival) = arrival {
            self.common
                .tell(self.life, Some(self.conn), arrival, cause)
                .await;
        }
        match answer.filter(|a| !a.is_empty()) {
            Some(answer) => answers.send(answer).await,
            None => Ok(()),
        }
    }

    async fn read<R: AsyncRead + Unpin>(self, mut reader: R, half_open: Option<Place>) -> End {
        let limits = self.common.limits;
        let mut half_open = half_open;
        let mut bucket = Bucket::new(&limits, Instant::now());
        let mut bytes = Vec::new();
        loop {
            let first = half_open.is_some();
            let wait = if first { limits.opening } else { limits.idle };
            let mut head = [0; HEAD];
            match timeout(wait, reader.read_exact(&mut head[..1])).await {
                Err(_) if !self.stranger => continue,
                Err(_) => return End::Shed(if first { Shed::TooSlow } else { Shed::Idle }),
                Ok(Err(e)) => return End::of(&e),
                Ok(Ok(_)) => {}
            }
            let rest = async {
                reader.read_exact(&mut head[1..]).await?;
                let length = match frame::length(head, self.longest) {
                    Ok(length) => length,
                    Err(e) => return Ok(Err(e)),
                };
                bytes.clear();
                // Room is made as bytes come, not as they are announced.
                while bytes.len() < length {
                    let held = bytes.len();
                    bytes.resize(length.min(held + CHUNK), 0);
                    reader.read_exact(&mut bytes[held..]).await?;
                }
                Ok(Ok(()))
            };
            match timeout(limits.transfer, rest).await {
                Err(_) => return End::Shed(Shed::TooSlow),
                Ok(Err(e)) => return End::of(&e),
                Ok(Ok(Err(FrameError::Length { .. }))) => return End::Shed(Shed::TooLong),
                Ok(Ok(Err(_))) => return End::Shed(Shed::Malformed),
                Ok(Ok(Ok(()))) => {}
            }
            if self.stranger && !bucket.take(Instant::now()) {
                return End::Shed(Shed::TooFast);
            }
            let Ok(message) = self.speech.decode(&bytes, &self.common.signatures) else {
                return End::Shed(Shed::Malformed);
            };
            if bytes.capacity() > CHUNK {
                bytes = Vec::new();
            }
            if speech::is_login(&message) && !self.may_try() {
                return End::Shed(Shed::TooFast);
            }
            half_open = None;
            let arrival = Arrival::Message {
                stream: self.conn,
                message: Box::new(message),
            };
            let cause = self.track.as_ref().and_then(|t| t.read(self.ways.0));
            self.common
                .tell(self.life, Some(self.conn), arrival, cause)
                .await;
        }
    }
}

impl Carrier {
    /// Whether the other end may try to log in once more now.
    fn may_try(&self) -> bool {
        let guesser = self.guesser.as_ref();
        guesser.is_none_or(|(logins, peer)| logins.may_try(*peer, Instant::now()))
    }
}

/// Tells the driver that a connection is gone, if its owner does not know. What the other end did wrong, if it was cut off.
async fn over(common: &Common, (life, conn): (Life, Conn), end: End) -> Option<Shed> {
    let (closed, why) = match end {
        End::Ours => return None,
        End::Closed => (true, None),
        End::Broken => (false, None),
        End::Shed(why) => (false, Some(why)),
    };
    let gone = Arrival::Gone {
        stream: conn,
        closed,
        refused: !closed,
    };
    common.tell(life, Some(conn), gone, None).await;
    why
}

/// How a connection ended.
enum End {
    /// Its owner closed it.
    Ours,
    /// The other end closed it between two messages.
    Closed,
    /// It broke.
    Broken,
    /// The other end was cut off.
    Shed(Shed),
}

impl End {
    fn of(e: &io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::UnexpectedEof => Self::Closed,
            _ => Self::Broken,
        }
    }
}

async fn write<W: AsyncWrite + Unpin>(
    mut writer: W,
    (mut outgoing, mut answers): (mpsc::Receiver<Outgoing>, mpsc::Receiver<Vec<u8>>),
    common: Common,
    track: Option<(Arc<Track>, Way)>,
    (speech, talk): (Speech, Option<Arc<Talk>>),
) -> Result<(), Shed> {
    loop {
        let (bytes, cause) = tokio::select! {
            said = outgoing.recv() => match said {
                None => break,
                Some(Outgoing::Message(message, cause)) => {
                    let Some(bytes) = bytes_of(&message, &common, (&speech, talk.as_deref())) else {
                        continue;
                    };
                    (bytes, cause)
                }
            },
            Some(answer) = answers.recv() => (answer, EventId::GENESIS),
        };
        if let Some((track, way)) = &track {
            track.sent(*way, cause);
        }
        let written = timeout(common.limits.transfer, async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        });
        match written.await {
            Err(_) => return Err(Shed::DoesNotRead),
            // The reading half tells how it ended.
            Ok(Err(_)) => std::future::pending().await,
            Ok(Ok(())) => {}
        }
    }
    let _ = timeout(common.limits.transfer, writer.shutdown()).await;
    Ok(())
}

/// A message as bytes; none for one that has no form on this connection.
fn bytes_of(
    message: &Message,
    common: &Common,
    (speech, talk): (&Speech, Option<&Talk>),
) -> Option<Vec<u8>> {
    match (message, talk) {
        (Message::Hl7(message), Some(talk)) => talk.encode(message),
        (_, Some(_)) => None,
        (_, None) => speech.encode(message, &common.signatures).ok(),
    }
}
