//! The pharmacy's workstation: the two people there release drug libraries at the portals of pump servers.

use super::id;
use crate::clinical::drug_library::DrugLibrary;
use crate::crypto::{Passphrase, PrivateKey};
use crate::device::credentials::password_of;
use crate::device::host::Io;
use crate::device::part::{BuildError, Part, Site, Sockets, role};
use crate::engine::NodeMut;
use crate::net::stack::{SocketEvent, StreamId};
use crate::proto::tls::Credentials;
use crate::proto::tls::session::{Session, SessionEvent};
use crate::record::{AccessRecord, Task};
use crate::rng::Purpose;
use crate::spec::{HappeningSpec, ReleaseSpec, RoleSpec};
use crate::time::Duration;
use crate::wire::portal::{Action, Approval, Portal};
use crate::wire::pump::SignedLibrary;
use crate::wire::{Ip, Message};
use bevy_ecs::component::Component;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The people of the pharmacy at their workstation.
pub(crate) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::Pharmacy(_) => Sockets::default()),
    build,
    on_socket,
    on_timer: |io, node, _| on_timer(io, node),
    power_on: |_, node| power_on(node),
    on_scenario_event: |io, node, _, what| {
        let HappeningSpec::PublishLibrary { server, version } = what else {
            return false;
        };
        let library = io.cx.shared().library(*version).cloned();
        if let (Some(pharmacy), Some(library)) = (node.get_mut::<Pharmacy>(), library) {
            pharmacy.release(io, server, library);
        }
        true
    },
    ..Part::new(id::PHARMACY)
};

/// They have what they need at each pump server that has a portal.
fn build(site: &mut Site<'_>) -> Result<(), BuildError> {
    let Some(spec) = role!(site.host, RoleSpec::Pharmacy(spec) => spec) else {
        return Ok(());
    };
    let lab = site.lab();
    let mut counters = BTreeMap::new();
    for (server, role) in lab.pump_servers() {
        let Some(portal) = role.portal.as_ref() else {
            continue;
        };
        let holder = portal.directory.as_ref().map_or(&server.name, |d| &d.value);
        let person = |user: &String| (user.clone(), password_of(&lab, holder, user));
        let card = match &portal.release.value {
            ReleaseSpec::Approved { signed_by } => signed_by.as_ref(),
            ReleaseSpec::OneStep => None,
        };
        let counter = Counter {
            port: portal.port,
            pharmacist: person(&spec.pharmacist),
            reviewer: person(&spec.reviewer),
            card: card.map(|key| PrivateKey::of(key)),
        };
        counters.insert(server.name.clone(), counter);
    }
    site.insert(Pharmacy::new(counters));
    Ok(())
}

const LUCK: Purpose = Purpose::new("pharmacy session");
/// Time that a person takes between one step of a release and the next \[A\].
const WORK: Duration = Duration::from_secs(60);
/// Time after which a release that failed is tried again \[A\].
const AGAIN: Duration = Duration::from_mins(2);
/// How often it is tried.
const TRIES: u32 = 5;

/// What the workstation's people need for one pump server.
#[derive(Clone, Debug)]
pub struct Counter {
    /// Port of the portal.
    pub port: u16,
    /// User and password of the pharmacist.
    pub pharmacist: (String, Passphrase),
    /// User and password of the reviewer.
    pub reviewer: (String, Passphrase),
    /// The key on the reviewer's card.
    pub card: Option<PrivateKey>,
}

/// What is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Draft,
    Review,
    Approve,
    Publish,
}

#[derive(Clone, Debug)]
struct Job {
    server: String,
    library: Arc<DrugLibrary>,
    step: Step,
    tries: u32,
    ip: Option<Ip>,
    stream: Option<StreamId>,
    session: Option<Session>,
}

/// The workstation.
#[derive(Component, Clone, Debug)]
pub struct Pharmacy {
    counters: BTreeMap<String, Counter>,
    jobs: VecDeque<Job>,
    exchanges: u64,
}

impl Pharmacy {
    /// A workstation for these pump servers.
    #[must_use]
    pub fn new(counters: BTreeMap<String, Counter>) -> Self {
        Self {
            counters,
            jobs: VecDeque::new(),
            exchanges: 0,
        }
    }

    /// Releases a library on a pump server, after those under way.
    pub fn release(&mut self, io: &mut Io<'_, '_>, server: &str, library: Arc<DrugLibrary>) {
        self.jobs.push_back(Job {
            server: server.to_owned(),
            library,
            step: Step::Draft,
            tries: 0,
            ip: None,
            stream: None,
            session: None,
        });
        if self.jobs.len() == 1 {
            self.begin(io);
        }
    }

    fn begin(&mut self, io: &mut Io<'_, '_>) {
        let Some(job) = self.jobs.front() else { return };
        match job.ip {
            Some(ip) => self.connect(io, ip),
            None => io.resolve(id::PHARMACY, 1, &job.server),
        }
    }

    fn connect(&mut self, io: &mut Io<'_, '_>, ip: Ip) {
        let Some(job) = self.jobs.front_mut() else {
            return;
        };
        job.ip = Some(ip);
        if let Some(counter) = self.counters.get(&job.server) {
            job.stream = Some(io.connect(id::PHARMACY, (ip, counter.port)));
        }
    }

    /// The person whose step it is logs in.
    fn log_in(&mut self, io: &mut Io<'_, '_>, stream: StreamId) {
        self.exchanges += 1;
        let mut luck = io.cx.stream(LUCK, self.exchanges);
        let Some(job) = self.jobs.front_mut() else {
            return;
        };
        let Some(counter) = self.counters.get(&job.server) else {
            return;
        };
        let (user, password) = match job.step {
            Step::Draft | Step::Publish => counter.pharmacist.clone(),
            Step::Review | Step::Approve => counter.reviewer.clone(),
        };
        let login = Message::Portal(Box::new(Portal::Login { user, password }));
        if is_outside(io, stream) {
            return io.send(stream, login);
        }
        let credentials = Credentials::with_nothing(&io.cx.shared().costs);
        let mut session = Session::start(&mut luck, credentials, None, login);
        transmit(io, stream, &mut session);
        job.session = Some(session);
    }

    fn action(&self, job: &Job, approval: bool) -> Action {
        let version = job.library.version;
        let library = SignedLibrary {
            library: job.library.clone(),
            signature: None,
        };
        match job.step {
            Step::Draft if approval => Action::Draft(library),
            Step::Draft => Action::PublishNow(library),
            Step::Review => Action::Review { version },
            Step::Approve => {
                let card = self.counters.get(&job.server).and_then(|c| c.card.as_ref());
                let signature = card.map(|key| key.sign(job.library.digest()));
                Action::Approve(Approval { version, signature })
            }
            Step::Publish => Action::Publish { version },
        }
    }

    fn said(&mut self, io: &mut Io<'_, '_>, stream: StreamId, said: Portal) {
        let Some(job) = self.jobs.front() else { return };
        match said {
            Portal::LoginResult {
                token: Some(token),
                approval,
            } => {
                let action = self.action(job, approval);
                let last = job.step == Step::Publish || (job.step == Step::Draft && !approval);
                let ask = Portal::Do { token, action };
                if let Some(job) = self.jobs.front_mut() {
                    // A portal without approval is done after this one.
                    job.step = if last { Step::Publish } else { job.step };
                    let ask = Message::Portal(Box::new(ask));
                    match &mut job.session {
                        Some(session) => {
                            session.say(ask);
                            transmit(io, stream, session);
                        }
                        None if is_outside(io, stream) => io.send(stream, ask),
                        None => {}
                    }
                }
            }
            Portal::Done => self.next(io, stream),
            _ => self.failed(io),
        }
    }

    fn next(&mut self, io: &mut Io<'_, '_>, stream: StreamId) {
        io.close(stream);
        let Some(job) = self.jobs.front_mut() else {
            return;
        };
        job.stream = None;
        job.session = None;
        job.step = match job.step {
            Step::Draft => Step::Review,
            Step::Review => Step::Approve,
            Step::Approve => Step::Publish,
            Step::Publish => return self.ended(io, true),
        };
        io.timer(id::PHARMACY, WORK, 0);
    }

    fn failed(&mut self, io: &mut Io<'_, '_>) {
        let Some(job) = self.jobs.front_mut() else {
            return;
        };
        if let Some(stream) = job.stream.take() {
            io.close(stream);
        }
        job.session = None;
        // A server that was started again has lost its drafts: from the beginning.
        job.step = Step::Draft;
        job.tries += 1;
        if job.tries == TRIES {
            return self.ended(io, false);
        }
        io.timer(id::PHARMACY, AGAIN, 0);
    }

    fn ended(&mut self, io: &mut Io<'_, '_>, success: bool) {
        let task = Task::LibraryRelease;
        io.cx.emit(AccessRecord::TaskEnded { task, success });
        self.jobs.pop_front();
        self.begin(io);
    }
}

/// Whether a stream runs outside of the simulation and is protected there.
fn is_outside(io: &Io<'_, '_>, stream: StreamId) -> bool {
    io.channel(stream).is_some_and(|c| c.protected())
}

/// A socket has something to tell.
fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: SocketEvent) {
    let Some(pharmacy) = node.get_mut::<Pharmacy>() else {
        return;
    };
    let current = pharmacy.jobs.front().and_then(|j| j.stream);
    match event {
        SocketEvent::Resolved { ip: Some(ip), .. } => pharmacy.connect(io, ip),
        SocketEvent::Resolved { ip: None, .. } => pharmacy.failed(io),
        SocketEvent::Opened(stream) if Some(stream) == current => pharmacy.log_in(io, stream),
        SocketEvent::Failed { stream, .. }
        | SocketEvent::Closed(stream)
        | SocketEvent::Untrusted {
            stream: Some(stream),
            ..
        } if Some(stream) == current => pharmacy.failed(io),
        SocketEvent::Message { stream, message } if Some(stream) == current => {
            let tls = match *message {
                Message::Tls(tls) => tls,
                Message::Portal(said) if is_outside(io, stream) => {
                    return pharmacy.said(io, stream, *said);
                }
                _ => return,
            };
            let at = io.cx.shared().calendar_at(io.cx.now());
            let job = pharmacy.jobs.front_mut();
            let Some(session) = job.and_then(|j| j.session.as_mut()) else {
                return;
            };
            session.handle_message(at, &tls);
            transmit(io, stream, session);
            match session.poll_event() {
                Some(SessionEvent::Said(Message::Portal(said))) => {
                    pharmacy.said(io, stream, *said);
                }
                Some(SessionEvent::Refused(_)) => pharmacy.failed(io),
                Some(SessionEvent::Said(_)) | None => {}
            }
        }
        _ => {}
    }
}

/// Sends what a session has to send.
fn transmit(io: &mut Io<'_, '_>, stream: StreamId, session: &mut Session) {
    while let Some(message) = session.poll_transmit() {
        io.send(stream, message);
    }
}

/// A timer is due: the next step of a release.
fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>) {
    if let Some(pharmacy) = node.get_mut::<Pharmacy>() {
        pharmacy.begin(io);
    }
}

/// Switched on: what was under way is given up.
fn power_on(node: &mut NodeMut<'_>) {
    if let Some(pharmacy) = node.get_mut::<Pharmacy>() {
        pharmacy.jobs.clear();
    }
}
