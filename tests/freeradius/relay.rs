//! A relay between a client and a RADIUS server that counts packets and bytes, and can hold the beginning of a login back.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Bytes of an IPv4 and a UDP header.
const HEADERS: usize = 28;
const ACCEPT: u8 = 2;
const REJECT: u8 = 3;
const STATE: u8 = 24;

/// One login as it passed: requests and answers, repetitions not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) rounds: u32,
    pub(crate) up: u32,
    pub(crate) down: u32,
    /// None while it goes on.
    pub(crate) accepted: Option<bool>,
}

#[derive(Debug, Default)]
struct Seen {
    logins: Vec<Passed>,
    /// Requests and answers as they were sent, to know a repetition.
    packets: Vec<Vec<u8>>,
    client: Option<SocketAddr>,
    /// How many logins may begin; none is any number.
    most: Option<usize>,
    held: Option<Vec<u8>>,
    ended: bool,
}

/// The relay. Its threads end with it.
#[derive(Debug)]
pub(crate) struct Relay {
    seen: Arc<Mutex<Seen>>,
    back: UdpSocket,
    port: u16,
}

impl Relay {
    /// A relay to a server's port on loopback.
    pub(crate) fn to(server: u16) -> Self {
        let open = || {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has ports");
            let pause = Some(Duration::from_millis(50));
            socket.set_read_timeout(pause).expect("it is a pause");
            socket
        };
        let (front, back) = (open(), open());
        back.connect((Ipv4Addr::LOCALHOST, server))
            .expect("loopback can be reached");
        let port = front.local_addr().expect("it is bound").port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let again = |s: &UdpSocket| s.try_clone().expect("sockets can be shared");
        let (up, down) = ((again(&front), again(&back)), (front, again(&back)));
        let (for_up, for_down) = (seen.clone(), seen.clone());
        std::thread::spawn(move || upward(&up.0, &up.1, &for_up));
        std::thread::spawn(move || downward(&down.1, &down.0, &for_down));
        Self { seen, back, port }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Logins that passed, the last one perhaps not at its end.
    pub(crate) fn logins(&self) -> Vec<Passed> {
        self.seen
            .lock()
            .expect("nobody panics with it")
            .logins
            .clone()
    }

    /// After so many logins none begins.
    pub(crate) fn hold_after(&self, logins: usize) {
        self.seen.lock().expect("nobody panics with it").most = Some(logins);
    }

    /// Waits until there is a login that is held back.
    pub(crate) fn holds(&self, most: Duration) -> bool {
        let end = Instant::now() + most;
        let held = || {
            self.seen
                .lock()
                .expect("nobody panics with it")
                .held
                .is_some()
        };
        while !held() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        held()
    }

    /// Lets logins begin, first the one that was held back.
    pub(crate) fn release(&self) {
        let mut seen = self.seen.lock().expect("nobody panics with it");
        seen.most = None;
        if let Some(packet) = seen.held.take() {
            seen.asked(&packet);
            let _ = self.back.send(&packet);
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Ok(mut seen) = self.seen.lock() {
            seen.ended = true;
        }
    }
}

impl Seen {
    fn asked(&mut self, packet: &[u8]) {
        if self.is_repeated(packet) {
            return;
        }
        if begins(packet) {
            self.logins.push(Passed::default());
        }
        if let Some(login) = self.logins.last_mut() {
            login.rounds += 1;
            login.up += (packet.len() + HEADERS) as u32;
        }
    }

    fn answered(&mut self, packet: &[u8]) {
        if self.is_repeated(packet) {
            return;
        }
        if let Some(login) = self.logins.last_mut() {
            login.down += (packet.len() + HEADERS) as u32;
            match packet.first() {
                Some(&ACCEPT) => login.accepted = Some(true),
                Some(&REJECT) => login.accepted = Some(false),
                _ => {}
            }
        }
    }

    fn is_repeated(&mut self, packet: &[u8]) -> bool {
        let repeated = self.packets.iter().any(|p| p == packet);
        if !repeated {
            self.packets.push(packet.to_vec());
        }
        repeated
    }
}

/// Whether a request begins a login: it gives no State back.
fn begins(packet: &[u8]) -> bool {
    let mut attributes = packet.get(20..).unwrap_or_default();
    while let [kind, length, ..] = *attributes {
        if kind == STATE {
            return false;
        }
        attributes = attributes
            .get(usize::from(length.max(2))..)
            .unwrap_or_default();
    }
    true
}

fn upward(front: &UdpSocket, back: &UdpSocket, seen: &Mutex<Seen>) {
    let mut buffer = [0; 65_536];
    loop {
        let came = front.recv_from(&mut buffer);
        let mut seen = seen.lock().expect("nobody panics with it");
        if seen.ended {
            return;
        }
        let Ok((length, from)) = came else { continue };
        let packet = &buffer[..length];
        seen.client = Some(from);
        let all = seen.most.is_some_and(|most| seen.logins.len() >= most);
        if all && begins(packet) && !seen.packets.iter().any(|p| p == packet) {
            seen.held = Some(packet.to_vec());
            continue;
        }
        seen.asked(packet);
        // A server that restarts is not there for a while; the client asks again.
        let _ = back.send(packet);
    }
}

fn downward(back: &UdpSocket, front: &UdpSocket, seen: &Mutex<Seen>) {
    let mut buffer = [0; 65_536];
    loop {
        let came = back.recv(&mut buffer);
        let mut seen = seen.lock().expect("nobody panics with it");
        if seen.ended {
            return;
        }
        let (Ok(length), Some(client)) = (came, seen.client) else {
            continue;
        };
        seen.answered(&buffer[..length]);
        let _ = front.send_to(&buffer[..length], client);
    }
}
