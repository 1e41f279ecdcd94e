//! What firewalls should do with a packet, worked out hop by hop from the plan of the lab.

use crate::firewalls_lab::{End, Kind, Lab, Packet, Router};

/// Where a packet came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It was handed to this host, with these ends.
    Arrived(String, End, End),
    /// It was dropped here, for this reason.
    Dropped(String, String),
}

#[derive(Clone, Debug)]
struct Moving {
    src: End,
    dst: End,
    stream: bool,
    opens: bool,
    resets: bool,
    ttl: u8,
}

impl Moving {
    /// Both ends, the same for a packet and for its answer.
    fn ends(&self) -> (End, End) {
        if self.src <= self.dst {
            (self.src, self.dst)
        } else {
            (self.dst, self.src)
        }
    }
}

#[derive(Clone, Debug)]
struct Known {
    ends: (End, End),
    stream: bool,
    until_ms: u64,
    /// Whether it came in from the side toward which sources are translated: its answers go out as they are.
    entered: bool,
}

#[derive(Clone, Debug, Default)]
struct State {
    flows: Vec<Known>,
    translations: Vec<(End, u16)>,
}

/// The oracle with what its firewalls remember.
pub(crate) struct Oracle<'a> {
    lab: &'a Lab,
    state: Vec<State>,
    /// Whether two times were compared that are too close to call.
    pub(crate) too_close: bool,
    /// Packets that passed by state.
    pub(crate) by_state: u32,
    /// Packets whose destination was translated back.
    pub(crate) translated_back: u32,
}

impl<'a> Oracle<'a> {
    pub(crate) fn of(lab: &'a Lab) -> Self {
        Self {
            lab,
            state: vec![State::default(); lab.routers.len()],
            too_close: false,
            by_state: 0,
            translated_back: 0,
        }
    }

    /// What becomes of a packet and of what it draws.
    pub(crate) fn send(&mut self, packet: &Packet) -> Vec<Told> {
        let (src, dst) = self.lab.ends(packet);
        let moving = Moving {
            src,
            dst,
            stream: packet.kind != Kind::Datagram,
            opens: packet.kind == Kind::Syn,
            resets: false,
            ttl: 64,
        };
        let from = self.lab.host(packet.from);
        let gateway = self.lab.gateway(from.segment);
        let mut told = Vec::new();
        self.at_router(gateway, from.segment, moving, packet.at_ms, &mut told);
        told
    }

    fn at_router(
        &mut self,
        r: usize,
        came_by: usize,
        mut p: Moving,
        now: u64,
        told: &mut Vec<Told>,
    ) {
        let router = &self.lab.routers[r];
        let mut drop = |why: &str| told.push(Told::Dropped(router.name.clone(), why.to_owned()));
        if p.ttl <= 1 {
            return drop("HopLimit");
        }
        p.ttl -= 1;
        let outer = router
            .translates
            .map(|segment| (segment, router.leg(segment)));
        let enters = outer.is_some_and(|(side, ip)| side == came_by && ip != p.dst.0);
        if outer == Some((came_by, p.dst.0)) {
            let inside = self.state[r]
                .translations
                .iter()
                .find(|(_, port)| *port == p.dst.1);
            if let Some((inside, _)) = inside {
                p.dst = *inside;
                self.translated_back += 1;
            }
        }
        if router.legs.iter().any(|(_, ip)| *ip == p.dst.0) {
            return;
        }
        let Some((segment, hop)) = self.way(router, p.dst.0) else {
            return drop("NoRoute");
        };
        if let Err(why) = self.admit(r, &p, now) {
            return told.push(Told::Dropped(router.name.clone(), why));
        }
        let ends = p.ends();
        let mut flows = self.state[r].flows.iter_mut();
        let flow = flows.find(|f| f.ends == ends && f.stream == p.stream);
        let flow = flow.expect("a packet that passes belongs to a flow");
        flow.entered |= enters;
        if let Some((outside, ip)) = outer
            && outside == segment
            && !flow.entered
        {
            let known = &mut self.state[r].translations;
            let port = known
                .iter()
                .find(|(inside, _)| *inside == p.src)
                .map(|(_, port)| *port);
            let port = port.unwrap_or_else(|| {
                let port = 20_000 + known.len() as u16;
                known.push((p.src, port));
                port
            });
            p.src = (ip, port);
        }
        let name = router.name.clone();
        self.hand_over(segment, hop, p, now, &name, told);
    }

    /// The segment that a packet goes out to, and the address that it is handed to there.
    fn way(&self, router: &Router, dst: u32) -> Option<(usize, u32)> {
        let direct = router
            .legs
            .iter()
            .find(|(s, _)| self.lab.on_segment(*s, dst));
        if let Some((segment, _)) = direct {
            return Some((*segment, dst));
        }
        let fitting = router.routes.iter().filter(|r| within(dst, r.0, r.1));
        let (_, _, via) = fitting.max_by_key(|r| r.1)?;
        let (segment, _) = router
            .legs
            .iter()
            .find(|(s, _)| self.lab.on_segment(*s, *via))?;
        Some((*segment, *via))
    }

    fn admit(&mut self, r: usize, p: &Moving, now: u64) -> Result<(), String> {
        let idle_ms = if p.stream { 3_600_000 } else { 120_000 };
        let ends = p.ends();
        let router = &self.lab.routers[r];
        let flows = &mut self.state[r].flows;
        self.too_close |= flows.iter().any(|f| f.until_ms.abs_diff(now) < 500);
        flows.retain(|f| f.until_ms > now);
        if let Some(known) = flows
            .iter_mut()
            .find(|f| f.ends == ends && f.stream == p.stream)
        {
            known.until_ms = now + idle_ms;
            self.by_state += 1;
            return Ok(());
        }
        if p.stream && !p.opens {
            return Err("UnknownFlow".to_owned());
        }
        let speaks = |rule: &&crate::firewalls_lab::Rule| {
            let from = rule.from.iter().any(|(ip, len)| within(p.src.0, *ip, *len));
            let to = rule.to.iter().any(|(ip, len)| within(p.dst.0, *ip, *len));
            let by = rule.stream.is_none_or(|stream| stream == p.stream);
            let ports = &rule.ports;
            let port =
                ports.is_empty() || ports.iter().any(|(a, b)| *a <= p.dst.1 && p.dst.1 <= *b);
            from && to && by && port
        };
        match router.rules.iter().find(speaks) {
            Some(rule) if !rule.permits => return Err(format!("rule {}", rule.item)),
            None if !router.default_permits => {
                return Err(format!("default {}", router.default_item));
            }
            _ => {}
        }
        if flows.len() >= router.table {
            return Err("TableFull".to_owned());
        }
        flows.push(Known {
            ends,
            stream: p.stream,
            until_ms: now + idle_ms,
            entered: false,
        });
        Ok(())
    }

    /// A packet on a segment, for the holder of an address there; `by` put it there.
    fn hand_over(
        &mut self,
        segment: usize,
        hop: u32,
        p: Moving,
        now: u64,
        by: &str,
        told: &mut Vec<Told>,
    ) {
        let router = self
            .lab
            .routers
            .iter()
            .position(|r| r.legs.contains(&(segment, hop)) && r.name != by);
        if let Some(r) = router {
            return self.at_router(r, segment, p, now, told);
        }
        let host = self
            .lab
            .hosts
            .iter()
            .find(|h| h.segment == segment && h.ip == hop && h.name != by);
        let Some(host) = host.cloned() else {
            return told.push(Told::Dropped(by.to_owned(), "Unresolved".to_owned()));
        };
        told.push(Told::Arrived(host.name.clone(), p.src, p.dst));
        // Nothing listens: a stream is refused, and what belongs to none is reset.
        if p.dst.0 != host.ip || !p.stream || p.resets {
            return;
        }
        let answer = Moving {
            src: p.dst,
            dst: p.src,
            stream: true,
            opens: false,
            resets: true,
            ttl: 64,
        };
        let hop = if self.lab.on_segment(segment, answer.dst.0) {
            answer.dst.0
        } else {
            self.lab.gateway_ip(segment)
        };
        self.hand_over(segment, hop, answer, now, &host.name, told);
    }
}

/// Whether an address lies in a prefix, bit by bit.
pub(crate) fn within(ip: u32, prefix: u32, len: u8) -> bool {
    (0..len).all(|bit| ip >> (31 - bit) & 1 == prefix >> (31 - bit) & 1)
}
