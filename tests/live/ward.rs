//! A live ward that a test drives and looks at.

use pumplab::library::Shelf;
use pumplab_live::driver::{Driver, Elsewhere, Options};
use pumplab_live::lab;
use pumplab_live::limits::Limits;
use pumplab_sim::engine::{Entry, NodeId};
use pumplab_sim::record::{LabRecord, SessionRecord};
use pumplab_sim::spec::{EventSpec, LabSpec, PlaySpec};
use pumplab_sim::time;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// A live run, and what it told.
pub(crate) struct Ward {
    pub(crate) driver: Driver,
    pub(crate) records: Vec<Entry<LabRecord>>,
    /// Which records are kept.
    pub(crate) keep: fn(&LabRecord) -> bool,
}

/// The lab `ward` under a defence, on sockets.
pub(crate) fn lab(defence: &str, pumps: usize) -> LabSpec {
    let shelf = Shelf::open(None, false).expect("the library is embedded");
    let resolved = shelf.lab("ward", Some(defence), &[]);
    let resolved = resolved.expect("the library's labs resolve");
    lab::outside(&resolved.lab, Some(pumps)).expect("the ward has pumps and a server")
}

impl Ward {
    pub(crate) fn new(lab: &LabSpec, events: Vec<EventSpec>, speed: f64, limits: Limits) -> Self {
        Self::with(lab, events, speed, limits, Vec::new())
    }

    /// A ward at sixty times the usual speed, in which receivers of others stand in for systems of the lab.
    pub(crate) fn elsewhere(
        lab: &LabSpec,
        events: Vec<EventSpec>,
        elsewhere: Vec<Elsewhere>,
    ) -> Self {
        Self::with(lab, events, 60.0, Limits::default(), elsewhere)
    }

    fn with(
        lab: &LabSpec,
        events: Vec<EventSpec>,
        speed: f64,
        limits: Limits,
        elsewhere: Vec<Elsewhere>,
    ) -> Self {
        let play = PlaySpec {
            duration: time::Duration::from_hours(1000),
            attackers: Vec::new(),
            events,
        };
        let options = Options {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            base_port: 0,
            speed,
            seed: 1,
            keep_trace: false,
            limits,
            elsewhere,
        };
        let driver = Driver::new(lab, play, &options).expect("the ward can be put on sockets");
        Self {
            driver,
            records: Vec::new(),
            keep: |_| true,
        }
    }

    /// One turn of the driver, a short one.
    pub(crate) async fn turn(&mut self) {
        let soon = Instant::now() + Duration::from_millis(20);
        self.driver.turn(soon).await;
        self.take_fresh();
    }

    fn take_fresh(&mut self) {
        let keep = self.keep;
        let fresh = self.driver.live().fresh();
        self.records
            .extend(fresh.into_iter().filter(|e| keep(&e.what)));
    }

    /// Lets the ward run while something goes on outside of it.
    pub(crate) async fn during<T>(&mut self, outside: impl Future<Output = T>) -> T {
        tokio::pin!(outside);
        loop {
            let soon = Instant::now() + Duration::from_millis(20);
            let done = tokio::select! {
                done = &mut outside => Some(done),
                () = self.driver.turn(soon) => None,
            };
            self.take_fresh();
            if let Some(done) = done {
                return done;
            }
        }
    }

    /// Lets the ward run until a condition holds, or at most for so long. Whether it came to hold.
    pub(crate) async fn until(&mut self, most: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let end = Instant::now() + most;
        while Instant::now() < end {
            if holds(self) {
                return true;
            }
            self.during(tokio::time::sleep(Duration::from_millis(20)))
                .await;
        }
        holds(self)
    }

    pub(crate) fn node(&mut self, name: &str) -> NodeId {
        let live = self.driver.live();
        live.simulation()
            .node_named(name)
            .expect("it is in the lab")
    }

    /// Where a port is reached.
    pub(crate) fn at(&self, host: &str, tls: bool) -> SocketAddr {
        let mut endpoints = self.driver.endpoints().iter();
        let found = endpoints.find(|e| e.host == host && e.tls == tls);
        found.expect("the port is open").at
    }

    pub(crate) fn count(&self, is: impl Fn(&Entry<LabRecord>) -> bool) -> usize {
        self.records.iter().filter(|e| is(e)).count()
    }

    /// Pumps that have a session now, by the records.
    pub(crate) fn online(&self) -> usize {
        let of = |what: fn(&LabRecord) -> bool| self.count(|e| what(&e.what));
        of(|r| matches!(r, LabRecord::Session(SessionRecord::ServerSession { .. })))
            - of(|r| matches!(r, LabRecord::Session(SessionRecord::ServerSessionLost)))
    }
}
