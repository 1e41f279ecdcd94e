//! Maintenance services on sockets: open where the lab leaves them open, closed where a defence closes them.

use crate::ward::{Ward, lab};
use pumplab_live::limits::Limits;
use pumplab_sim::engine::Entry;
use pumplab_sim::record::{HostRecord, LabRecord, SessionRecord, StorageRecord};
use pumplab_sim::wire::shed::Shed;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PUMPS: usize = 12;
const SERVER: &str = "pumpserver-b";
/// A pump with open maintenance services.
const PUMP: &str = "pump-10";

fn open_at(ward: &Ward, host: &str, port: u16) -> Option<SocketAddr> {
    let mut endpoints = ward.driver.endpoints().iter();
    let found = endpoints.find(|e| e.host == host && e.port == port);
    found.map(|e| e.at)
}

async fn start(defence: &str) -> Ward {
    let lab = lab(defence, PUMPS);
    let mut ward = Ward::new(&lab, Vec::new(), 10.0, Limits::default());
    let all = PUMPS - ward.driver.silent().count();
    let up = ward.until(Duration::from_secs(30), |w| w.online() == all);
    assert!(up.await, "{} of {all} pumps came online", ward.online());
    // Pumps that stay offline are switched on as well.
    ward.during(tokio::time::sleep(Duration::from_millis(500)))
        .await;
    ward
}

/// A program that says lines and reads what comes.
struct Client {
    stream: TcpStream,
    heard: String,
}

impl Client {
    async fn come(at: SocketAddr) -> Self {
        let stream = TcpStream::connect(at).await.expect("somebody listens");
        Self {
            stream,
            heard: String::new(),
        }
    }

    /// Reads until the last of what came ends like this; whether it did before the connection ended.
    async fn until(&mut self, end: &str) -> bool {
        let mut chunk = [0; 512];
        while !self.heard.ends_with(end) {
            match self.stream.read(&mut chunk).await {
                Ok(read) if read > 0 => {
                    self.heard
                        .push_str(&String::from_utf8_lossy(&chunk[..read]));
                }
                _ => return false,
            }
        }
        true
    }

    async fn say(&mut self, line: &str, end: &str) -> String {
        self.heard.clear();
        let _ = self
            .stream
            .write_all(format!("{line}\r\n").as_bytes())
            .await;
        let ended = self.until(end).await;
        assert!(ended, "{line:?}: {:?}", self.heard);
        std::mem::take(&mut self.heard)
    }
}

/// The answer to one request.
async fn http(at: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(at).await.expect("somebody listens");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it is taken");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

fn at_port(ward: &mut Ward, host: &str, is: impl Fn(&LabRecord) -> bool) -> usize {
    let node = ward.node(host);
    ward.count(|e: &Entry<LabRecord>| e.node == node && is(&e.what))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_is_open_under_legacy_to_the_password_that_it_came_with() {
    let mut ward = start("legacy").await;
    let telnet = open_at(&ward, SERVER, 23).expect("the shell is open");
    let told = ward
        .during(async {
            let mut client = Client::come(telnet).await;
            assert!(client.until("login: ").await);
            client.say("admin", "Password: ").await;
            let refused = client.say("guess", "login: ").await;
            assert!(refused.contains("incorrect"), "{refused}");
            client.say("admin", "Password: ").await;
            client.say("admin", "# ").await;
            let listing = client.say("ls", "# ").await;
            let content = client.say("cat /data/records.db", "# ").await;
            (listing, content)
        })
        .await;
    assert!(told.0.contains("/data/records.db"), "{}", told.0);
    assert!(told.1.contains("patient 1007"), "{}", told.1);
    let telnet = |r: &LabRecord| {
        matches!(
            r,
            LabRecord::Session(SessionRecord::LoggedIn { port: 23, .. })
        )
    };
    assert_eq!(at_port(&mut ward, SERVER, telnet), 1);
    let refused = |r: &LabRecord| {
        matches!(
            r,
            LabRecord::Session(SessionRecord::LoginRefused { port: 23, .. })
        )
    };
    assert_eq!(at_port(&mut ward, SERVER, refused), 1);
    let given = |r: &LabRecord| {
        matches!(
            r,
            LabRecord::Storage(StorageRecord::ContentGiven { records: 6, .. })
        )
    };
    assert_eq!(at_port(&mut ward, SERVER, given), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_of_a_pump_are_open_under_legacy_and_do_what_the_pump_does() {
    let mut ward = start("legacy").await;
    let [ftp, shell, web] = [21, 23, 80].map(|p| open_at(&ward, PUMP, p).expect("it is open"));
    ward.during(async {
        let mut client = Client::come(shell).await;
        assert!(client.until("# ").await, "a shell without a login");
        client.say("write /tmp/x 100", "# ").await;
        assert!(client.say("ls", "# ").await.contains("/tmp/x"));
        let mut client = Client::come(ftp).await;
        assert!(client.until("\r\n").await);
        client.say("USER anonymous", "\r\n").await;
        assert!(
            client
                .say("PASS nobody@example.org", "\r\n")
                .await
                .starts_with("230 Login successful.")
        );
        let passive = client.say("EPSV", "\r\n").await;
        let port = passive.split('|').nth(3).and_then(|p| p.parse().ok());
        let mut data = Client::come(SocketAddr::new(ftp.ip(), port.expect("a port"))).await;
        client
            .say("RETR /tmp/x", "226 Transfer complete.\r\n")
            .await;
        assert!(!data.until("never").await);
        assert_eq!(data.heard.len(), 100);
        let page = http(web, "GET /nothing HTTP/1.1\r\nHost: pump\r\n\r\n").await;
        assert!(page.starts_with("HTTP/1.1 404"), "{page}");
        let body = "server=elsewhere";
        let length = body.len();
        let form = format!("POST /settings HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}");
        let changed = http(web, &form).await;
        assert!(changed.starts_with("HTTP/1.1 200"), "{changed}");
    })
    .await;
    let changed = |r: &LabRecord| matches!(r, LabRecord::Host(HostRecord::SettingsChanged { server, .. }) if server == "elsewhere");
    assert_eq!(at_port(&mut ward, PUMP, changed), 1);
    let share = open_at(&ward, SERVER, 445).expect("the share is open");
    ward.during(async { Client::come(share).await.until("never").await })
        .await;
    let unspoken = |e: &Entry<LabRecord>| {
        matches!(
            e.what,
            LabRecord::Session(SessionRecord::Shed {
                port: 445,
                why: Shed::NotSpoken,
                ..
            })
        )
    };
    let logged = ward.until(Duration::from_secs(5), |w| w.count(unspoken) == 1);
    assert!(logged.await);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_a_defence_closes_are_not_listened_on() {
    let ward = start("sp1800-8").await;
    for (host, port) in [(SERVER, 23), (PUMP, 21), (PUMP, 23), (PUMP, 80)] {
        assert_eq!(open_at(&ward, host, port), None, "{host} {port}");
    }
    let maintenance = [21, 23, 80];
    let endpoints = ward.driver.endpoints().iter();
    let open: Vec<_> = endpoints
        .filter(|e| maintenance.contains(&e.port))
        .collect();
    assert!(open.is_empty(), "{open:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_at_a_shell_or_sends_noise_is_slowed_down_and_the_ward_goes_on() {
    let mut ward = start("legacy").await;
    let (online, shell) = (
        ward.online(),
        open_at(&ward, SERVER, 23).expect("it is open"),
    );
    let [ftp, web] = [21, 80].map(|p| open_at(&ward, PUMP, p).expect("it is open"));
    ward.during(async {
        let guessers = (0..8).map(|_| {
            tokio::spawn(async move {
                let mut client = Client::come(shell).await;
                let flood = "admin\r\nguess\r\n".repeat(400);
                let _ = client.stream.write_all(flood.as_bytes()).await;
                assert!(!client.until("# ").await, "somebody was let in");
            })
        });
        for guesser in guessers.collect::<Vec<_>>() {
            guesser.await.expect("it was cut off");
        }
        for n in 0..200u32 {
            for at in [shell, ftp, web] {
                let mut client = Client::come(at).await;
                let noise: Vec<u8> = (0..2000u32)
                    .map(|i| (i.wrapping_mul(2_654_435_761).wrapping_add(n * 97) >> 13) as u8)
                    .collect();
                let _ = client.stream.write_all(&noise).await;
            }
        }
    })
    .await;
    let tried = |r: &LabRecord| {
        matches!(
            r,
            LabRecord::Session(SessionRecord::LoginRefused { port: 23, .. })
        )
    };
    let tried = at_port(&mut ward, SERVER, tried);
    assert!((1..=60).contains(&tried), "{tried} guesses were heard");
    let fast = |e: &Entry<LabRecord>| {
        matches!(
            e.what,
            LabRecord::Session(SessionRecord::Shed {
                port: 23,
                why: Shed::TooFast,
                ..
            })
        )
    };
    assert!(ward.count(fast) >= 8, "{}", ward.count(fast));
    let lost =
        ward.count(|e| matches!(e.what, LabRecord::Session(SessionRecord::ServerSessionLost)));
    assert_eq!((lost, ward.online()), (0, online));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_comes_byte_by_byte_is_cut_off_and_one_that_is_whole_is_answered_to_the_end()
{
    let lab = lab("legacy", PUMPS);
    let limits = Limits {
        transfer: Duration::from_secs(1),
        typing: Duration::from_secs(2),
        ..Limits::default()
    };
    let mut ward = Ward::new(&lab, Vec::new(), 10.0, limits);
    let up = ward.until(Duration::from_secs(30), |w| open_at(w, PUMP, 80).is_some());
    assert!(up.await, "no web service is open");
    for (port, time) in [(21, 1), (23, 2), (80, 1)] {
        let at = open_at(&ward, PUMP, port).expect("it is open");
        let began = Instant::now();
        let drip = async {
            let (mut reader, mut writer) = Client::come(at).await.stream.into_split();
            let drip = tokio::spawn(async move {
                while writer.write_all(b"A").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            });
            let mut said = Vec::new();
            let _ = reader.read_to_end(&mut said).await;
            drip.abort();
        };
        let within = tokio::time::timeout(Duration::from_secs(20), drip);
        ward.during(within).await.expect("it is cut off");
        assert!(began.elapsed() >= Duration::from_secs(time), "port {port}");
        let slow = move |e: &Entry<LabRecord>| {
            let LabRecord::Session(SessionRecord::Shed { port: at, why, .. }) = &e.what else {
                return false;
            };
            (*at, *why) == (port, Shed::TooSlow)
        };
        let logged = ward.until(Duration::from_secs(5), |w| w.count(slow) == 1);
        assert!(logged.await, "port {port}");
    }
    let web = open_at(&ward, PUMP, 80).expect("it is open");
    let answer = ward
        .during(async {
            let mut stream = TcpStream::connect(web).await.expect("somebody listens");
            let request = b"GET /nothing HTTP/1.1\r\nHost: pump\r\n\r\n";
            stream.write_all(request).await.expect("it is taken");
            // Nothing more is to come, and the answer is still wanted.
            stream.shutdown().await.expect("it is open");
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer).await;
            answer
        })
        .await;
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    assert!(answer.contains("\r\nServer: "), "{answer}");
}
