//! Where in the order of application a mechanism has its place.

/// What a mechanism realises, and when it is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Realises {
    /// Identifier of the control in `controls.csv`.
    pub control: &'static str,
    /// Its place in the order.
    pub rank: Rank,
    /// Controls without which it changes nothing.
    pub needs: &'static [&'static str],
}

/// A place in the order: a stage, and a number within it. Numbers leave room for more between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(pub Stage, pub u16);

/// Stages of the order. Each reads what the stages before it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Where hosts stand: segments, networks of guests.
    Placement,
    /// Who they are: certificates.
    Identities,
    /// How they join: wireless networks, ports of switches.
    Joining,
    /// What hosts run and send: pumps, accounts, servers.
    Hosts,
    /// What people do, what leaves the hospital, what is noticed.
    Operations,
    /// The rules, compiled from all of the above.
    Rules,
}
