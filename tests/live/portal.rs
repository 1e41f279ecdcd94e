//! Portals on sockets: who releases libraries, and who is let in, by what a defence makes of them.

use crate::refusals::Anyone;
use crate::ward::{Ward, lab};
use pumplab_live::limits::Limits;
use pumplab_sim::clinical::drug_library::DrugLibrary;
use pumplab_sim::engine::Entry;
use pumplab_sim::record::{AccessRecord, LabRecord, LibraryRecord, SessionRecord};
use pumplab_sim::spec::{EventSpec, HappeningSpec, LabSpec};
use pumplab_sim::time;
use pumplab_sim::wire::shed::Shed;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

const PUMPS: usize = 6;
const SERVER: &str = "pumpserver-a";
const PORTAL: u16 = 443;

fn start(lab: &LabSpec, events: Vec<EventSpec>) -> Ward {
    Ward::new(lab, events, 20.0, Limits::default())
}

/// Everybody is up, and those who can have sessions.
async fn settle(ward: &mut Ward) {
    let all = PUMPS - ward.driver.silent().count();
    let up = ward.until(Duration::from_secs(30), |w| w.online() == all);
    assert!(up.await, "{} of {all} pumps came online", ward.online());
}

fn portal(ward: &Ward) -> SocketAddr {
    let mut endpoints = ward.driver.endpoints().iter();
    let found = endpoints.find(|e| e.host == SERVER && e.port == PORTAL);
    let found = found.expect("the portal is open");
    assert!(found.tls, "a portal is under TLS");
    found.at
}

/// Somebody at the portal with a program of his own.
struct Visitor(TlsStream<TcpStream>);

impl Visitor {
    async fn come(at: SocketAddr) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring can do them")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone))
            .with_no_client_auth();
        let stream = TcpStream::connect(at).await.expect("somebody listens");
        let name = ServerName::try_from(SERVER).expect("a name");
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await;
        Self(stream.expect("nobody is asked for a certificate"))
    }

    /// The answer; none if the connection was cut.
    async fn ask(&mut self, message: &Value) -> Option<Value> {
        let body = message.to_string().into_bytes();
        let mut bytes = (body.len() as u32).to_be_bytes().to_vec();
        bytes.extend(body);
        self.0.write_all(&bytes).await.ok()?;
        let length = self.0.read_u32().await.ok()?;
        let mut body = vec![0; length as usize];
        self.0.read_exact(&mut body).await.ok()?;
        Some(serde_json::from_slice(&body).expect("it is JSON"))
    }

    async fn login(&mut self, user: &str, password: &str) -> Option<String> {
        let login = json!({"type": "login", "user": user, "password": password});
        let answer = self.ask(&login).await.expect("a login is answered");
        answer["token"].as_str().map(str::to_owned)
    }

    /// Whether the portal did it.
    async fn does(&mut self, token: &str, action: Value) -> bool {
        let asked = json!({"type": "do", "token": token, "action": action});
        let answer = self.ask(&asked).await.expect("it is answered");
        answer["type"] == "done"
    }
}

fn altered(lab: &LabSpec, version: u32) -> DrugLibrary {
    let library = &lab.libraries[0];
    let drug = &library.entries[0].drug;
    library.with_limit_scaled(drug, 10.0).with_version(version)
}

fn published(ward: &Ward, version: u32, by_two: bool) -> usize {
    let is = |e: &Entry<LabRecord>| matches!(e.what, LabRecord::Library(LibraryRecord::LibraryPublished { version: v, approved }) if (v, approved) == (version, by_two));
    ward.count(is)
}

fn stored(ward: &Ward, version: u32) -> usize {
    ward.count(|e| matches!(e.what, LabRecord::Library(LibraryRecord::LibraryStored { version: v, .. }) if v == version))
}

fn denied(ward: &Ward, about: &str) -> usize {
    ward.count(|e| matches!(e.what, LabRecord::Access(AccessRecord::PortalDenied { what, .. }) if what == about))
}

fn release(version: u32) -> Vec<EventSpec> {
    let server = SERVER.to_owned();
    vec![EventSpec {
        at: time::Duration::from_secs(100),
        what: HappeningSpec::PublishLibrary { server, version },
    }]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pharmacy_releases_a_library_as_the_defence_wants_it() {
    // Under the full defence two people release it with the key on a card, and pumps that check signatures take it; before, one does.
    for (defence, by_two) in [("sp1800-8", true), ("legacy", false)] {
        let lab = lab(defence, PUMPS);
        let mut ward = start(&lab, release(2));
        settle(&mut ward).await;
        let done = ward.until(Duration::from_secs(40), |w| {
            published(w, 2, by_two) == 1 && stored(w, 2) > 0
        });
        let done = done.await;
        let told = (published(&ward, 2, by_two), stored(&ward, 2));
        assert!(done, "{defence}: {told:?}");
        assert_eq!(published(&ward, 2, !by_two), 0, "{defence}");
        let refused = ward.count(|e| {
            matches!(
                e.what,
                LabRecord::Library(LibraryRecord::LibraryRefused { version: 2, .. })
            )
        });
        assert_eq!(refused, 0, "{defence}: a genuine library was refused");
        let logins = ward.count(|e| {
            matches!(
                e.what,
                LabRecord::Session(SessionRecord::LoggedIn { port: PORTAL, .. })
            )
        });
        assert_eq!(logins, if by_two { 4 } else { 1 }, "{defence}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_editor_is_not_enough_and_two_are() {
    let lab = lab("DEV-07+SRV-05", PUMPS);
    let mut ward = start(&lab, Vec::new());
    settle(&mut ward).await;
    let at = portal(&ward);
    let draft = json!({"kind": "draft", "library": altered(&lab, 7), "signature": null});
    let now = json!({"kind": "publish-now", "library": altered(&lab, 7), "signature": null});
    let version = |kind: &str| json!({"kind": kind, "version": 7});
    let approve = |signature: Value| json!({"kind": "approve", "version": 7, "library": altered(&lab, 7), "signature": signature});
    ward.during(async {
        let (mut one, mut two) = (Visitor::come(at).await, Visitor::come(at).await);
        let editor = one
            .login("pweber", "pharmacy-1")
            .await
            .expect("she is known");
        let reviewer = two
            .login("rklein", "pharmacy-2")
            .await
            .expect("he is known");
        assert!(!one.does(&editor, now).await);
        assert!(one.does(&editor, draft).await);
        assert!(!one.does(&editor, version("review")).await, "it is her own");
        assert!(!one.does(&editor, version("publish")).await);
        assert!(two.does(&reviewer, version("review")).await);
        // Without the card he cannot sign, whatever he writes there.
        for signature in [Value::Null, json!("00"), json!("3006020101020101")] {
            assert!(!two.does(&reviewer, approve(signature)).await);
        }
        assert!(!one.does(&editor, version("publish")).await);
        assert!(
            !one.does("00112233445566778899aabbccddeeff", version("publish"))
                .await
        );
    })
    .await;
    for about in [
        "a publication without approval",
        "an approval of one's own draft",
        "an approval without the release authority's signature",
    ] {
        assert!(denied(&ward, about) > 0, "{about}");
    }
    assert_eq!(published(&ward, 7, true) + published(&ward, 7, false), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_approvals_are_not_signed_two_people_are_enough() {
    let lab = lab("SRV-05", PUMPS);
    let mut ward = start(&lab, Vec::new());
    settle(&mut ward).await;
    let at = portal(&ward);
    let draft = json!({"kind": "draft", "library": altered(&lab, 7), "signature": null});
    let version = |kind: &str| json!({"kind": kind, "version": 7});
    let approve = json!({"kind": "approve", "version": 7, "library": null, "signature": null});
    ward.during(async {
        let (mut one, mut two) = (Visitor::come(at).await, Visitor::come(at).await);
        let editor = one
            .login("pweber", "pharmacy-1")
            .await
            .expect("she is known");
        let reviewer = two
            .login("rklein", "pharmacy-2")
            .await
            .expect("he is known");
        assert!(one.does(&editor, draft).await);
        assert!(two.does(&reviewer, version("review")).await);
        assert!(two.does(&reviewer, approve).await);
        assert!(one.does(&editor, version("publish")).await);
    })
    .await;
    let taken = ward.until(Duration::from_secs(5), |w| {
        published(w, 7, true) == 1 && stored(w, 7) > 0
    });
    assert!(taken.await, "{}", stored(&ward, 7));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_that_a_server_came_with_opens_it_until_a_defence_replaces_it() {
    for (defence, opens) in [("legacy", true), ("sp1800-8", false)] {
        let lab = lab(defence, PUMPS);
        let mut ward = start(&lab, Vec::new());
        settle(&mut ward).await;
        let at = portal(&ward);
        let library = altered(&lab, 9);
        let let_in = ward.during(async {
            let mut stranger = Visitor::come(at).await;
            let token = stranger.login("admin", "admin").await;
            if let Some(token) = &token {
                let push = json!({"kind": "publish-now", "library": library, "signature": null});
                assert!(stranger.does(token, push).await);
            }
            token.is_some()
        });
        assert_eq!(let_in.await, opens, "{defence}");
        let pushed = ward.until(Duration::from_secs(3), |w| stored(w, 9) > 0);
        assert_eq!(pushed.await, opens, "{defence}");
        let refused = ward.count(|e| {
            matches!(
                e.what,
                LabRecord::Session(SessionRecord::LoginRefused {
                    port: PORTAL | 636,
                    ..
                })
            )
        });
        assert_eq!(refused > 0, !opens, "{defence}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_passwords_or_talks_nonsense_is_shed_and_people_still_come_in() {
    let lab = lab("sp1800-8", PUMPS);
    let mut ward = start(&lab, release(2));
    settle(&mut ward).await;
    let at = portal(&ward);
    let wrong = json!({"type": "login", "user": "rklein", "password": "pharmacy-2"});
    ward.during(async {
        // Ten connections at once, each of which guesses until it is cut off.
        let guessers = (0..10).map(|_| {
            let wrong = wrong.clone();
            tokio::spawn(async move {
                let mut guesser = Visitor::come(at).await;
                while let Some(answer) = guesser.ask(&wrong).await {
                    assert!(answer["token"].is_null());
                }
            })
        });
        for guesser in guessers.collect::<Vec<_>>() {
            guesser.await.expect("it was cut off");
        }
        let mut other = Visitor::come(at).await;
        assert!(other.ask(&json!({"type": "hello"})).await.is_none());
    })
    .await;
    let shed = |w: &Ward, with: Shed| {
        w.count(|e| matches!(e.what, LabRecord::Session(SessionRecord::Shed { port: PORTAL, why, .. }) if why == with))
    };
    let all = ward.until(Duration::from_secs(5), |w| {
        shed(w, Shed::TooFast) == 10 && shed(w, Shed::Malformed) == 1
    });
    let all = all.await;
    let told = (shed(&ward, Shed::TooFast), shed(&ward, Shed::Malformed));
    assert!(all, "{told:?}");
    let tried = ward.count(|e| {
        matches!(
            e.what,
            LabRecord::Session(SessionRecord::LoginRefused { port: PORTAL, .. })
        )
    });
    let allowed = 20 + 15;
    assert!((1..=allowed).contains(&tried), "{tried} guesses were heard");
    let released = ward.until(Duration::from_secs(40), |w| published(w, 2, true) == 1);
    assert!(released.await, "the pharmacy was kept out");
}
