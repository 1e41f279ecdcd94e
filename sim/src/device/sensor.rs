//! What an access point's radio makes of the frames that it hears beside its own work.
//!
//! An access point never hears itself: a frame in its own name is somebody else's. It hears its own channel only.

use crate::spec::SensorSpec;
use crate::time::{Duration, Time};
use crate::wire::Mac;
use crate::wire::dot11::{Dot11, Dot11Body};
use std::collections::VecDeque;

/// How often it asks who else offers networks on the channel.
pub const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Time in which deauthentication frames are counted together.
const WITHIN: Duration = Duration::from_secs(10);
/// Time after which the same thing is told again \[A\].
const AGAIN: Duration = Duration::from_mins(5);

/// A sensor in an access point's radio.
#[derive(Clone, Debug)]
pub struct Sensor {
    spec: SensorSpec,
    /// Addresses under which the house offers networks.
    house: Vec<Mac>,
    leaving: VecDeque<Time>,
    told: Vec<(Mac, Time)>,
}

impl Sensor {
    /// A sensor that knows the addresses of the house's own access points.
    #[must_use]
    pub fn new(spec: SensorSpec, house: Vec<Mac>) -> Self {
        Self {
            spec,
            house,
            leaving: VecDeque::new(),
            told: Vec::new(),
        }
    }

    /// What is remarkable about a frame, if anything; `own` are the networks of this access point.
    pub fn look(&mut self, now: Time, frame: &Dot11, own: &[(&str, Mac)]) -> Option<String> {
        let (who, about) = match &frame.body {
            Dot11Body::Deauthentication { .. } => {
                let forged = own.iter().any(|(_, bssid)| *bssid == frame.ta);
                let to_us = own.iter().any(|(_, bssid)| *bssid == frame.ra);
                if !forged && !to_us {
                    return None;
                }
                self.leaving.push_back(now);
                while self.leaving.front().is_some_and(|t| now - *t > WITHIN) {
                    self.leaving.pop_front();
                }
                if self.leaving.len() < self.spec.deauthentications as usize {
                    return None;
                }
                let whose = if forged {
                    "in the access point's name"
                } else {
                    "from a station"
                };
                (
                    Mac(0),
                    format!("a burst of deauthentication frames {whose}"),
                )
            }
            Dot11Body::ProbeResponse { ssid, .. }
                if own.iter().any(|(s, _)| s == ssid) && !self.house.contains(&frame.ta) =>
            {
                let about = format!("network {ssid} is offered by an unknown access point");
                (frame.ta, about)
            }
            _ => return None,
        };
        self.told.retain(|(_, at)| now - *at < AGAIN);
        if self.told.iter().any(|(mac, _)| *mac == who) {
            return None;
        }
        self.told.push((who, now));
        Some(about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(ta: Mac, body: Dot11Body) -> Dot11 {
        Dot11 {
            ta,
            ra: Mac::BROADCAST,
            bssid: ta,
            body,
        }
    }

    fn leave(ta: Mac) -> Dot11 {
        frame(
            ta,
            Dot11Body::Deauthentication {
                reason: 7,
                mic: None,
            },
        )
    }

    #[test]
    fn a_burst_in_the_own_name_is_told_once_and_a_single_frame_is_not() {
        let spec = SensorSpec {
            deauthentications: 10,
        };
        let (own, other) = (Mac(1), Mac(2));
        let mut sensor = Sensor::new(spec, vec![own, other]);
        let mine = [("ward", own)];
        let at = |s| Time::ZERO + Duration::from_secs(s);
        let told = |sensor: &mut Sensor, from, every: u64| {
            (0..30)
                .filter_map(|n| sensor.look(at(from + n * every), &leave(own), &mine))
                .count()
        };
        assert_eq!(told(&mut sensor, 0, 20), 0);
        assert_eq!(told(&mut sensor, 1000, 1), 1);
        let neighbour = (0..30).filter_map(|n| sensor.look(at(2000 + n), &leave(other), &mine));
        assert_eq!(neighbour.count(), 0);
    }

    #[test]
    fn the_own_name_from_an_unknown_address_is_told() {
        let spec = SensorSpec {
            deauthentications: 10,
        };
        let mut sensor = Sensor::new(spec, vec![Mac(1), Mac(2)]);
        let offer = |ta, ssid: &str| {
            let body = Dot11Body::ProbeResponse {
                ssid: ssid.to_owned(),
                akm: crate::wire::dot11::Akm::Open,
                pmf: false,
                channel: 1,
            };
            frame(ta, body)
        };
        let mine = [("ward", Mac(1))];
        assert_eq!(sensor.look(Time::ZERO, &offer(Mac(2), "ward"), &mine), None);
        assert_eq!(sensor.look(Time::ZERO, &offer(Mac(9), "cafe"), &mine), None);
        assert!(
            sensor
                .look(Time::ZERO, &offer(Mac(9), "ward"), &mine)
                .is_some()
        );
    }
}
