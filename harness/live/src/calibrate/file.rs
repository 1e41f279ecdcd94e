//! A calibration as a cost file.

use super::{Calibration, Flight, Measured};
use std::fmt::Write as _;
use std::time::Duration;

/// Keys of the four flights.
const FLIGHTS: [&str; 4] = [
    "client_opening",
    "server_flight",
    "client_flight",
    "server_closing",
];

impl Calibration {
    /// The file that `--costs` takes.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::from(
            "# Written by `pumplab calibrate`. `--costs FILE` takes it; docs/models/costs.md says what it decides.\n",
        );
        let machine = &self.machine;
        let build = if machine.optimised {
            "release"
        } else {
            "debug"
        };
        let lines = [
            ("title", quoted("What TLS handshakes cost on one machine")),
            ("\n[measured]\nprocessor", quoted(&machine.processor)),
            ("cores", machine.cores.to_string()),
            ("date", quoted(&machine.date)),
            ("build", quoted(build)),
            ("rustc", quoted(env!("PUMPLAB_RUSTC"))),
            ("rustls", quoted(env!("PUMPLAB_RUSTLS"))),
            ("ring", quoted(env!("PUMPLAB_RING"))),
            ("rounds", self.rounds.to_string()),
        ];
        for (key, value) in lines {
            line(&mut text, key, &value);
        }
        for (key, bytes) in self.certificates {
            line(&mut text, "\n[[certificate]]\nkey", &quoted(key.word()));
            line(&mut text, "bytes", &bytes.to_string());
        }
        for measured in &self.handshakes {
            handshake(&mut text, measured);
        }
        text
    }

    /// A table for people.
    #[must_use]
    pub fn to_table(&self) -> String {
        let mut text = String::from(
            "TLS  keys      kind         client us (spread)  server us (spread)  c->s B  s->c B\n",
        );
        for m in &self.handshakes {
            let (up, down) = m.bytes();
            let time = |(median, spread)| format!("{:.0} ({:.0})", us(median), us(spread));
            let _ = writeln!(
                text,
                "{:<4} {:<9} {:<12} {:>18}  {:>18}  {up:>6}  {down:>6}",
                m.version.word(),
                m.key.word(),
                m.kind.word(),
                time(m.client),
                time(m.server),
            );
        }
        text
    }
}

fn handshake(text: &mut String, m: &Measured) {
    line(text, "\n[[handshake]]\nversion", &quoted(m.version.word()));
    line(text, "key", &quoted(m.key.word()));
    line(text, "kind", &quoted(m.kind.word()));
    for (key, Flight { bytes, .. }) in FLIGHTS.into_iter().zip(m.flights) {
        line(text, &format!("{key}_bytes"), &bytes.to_string());
    }
    for (n, (key, flight)) in FLIGHTS.into_iter().zip(m.flights).enumerate() {
        // No flight takes no time, but the last may not be there.
        let least = if n < 3 { 0.1 } else { 0.0 };
        line(
            text,
            &format!("{key}_us"),
            &format!("{:.1}", us(flight.took).max(least)),
        );
    }
    line(text, "client_spread_us", &format!("{:.1}", us(m.client.1)));
    line(text, "server_spread_us", &format!("{:.1}", us(m.server.1)));
}

fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn line(text: &mut String, key: &str, value: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{key} = {value}");
}

/// A TOML string. What a system says of itself may hold anything.
fn quoted(value: &str) -> String {
    let plain: String = value.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use crate::calibrate::{Machine, measure};
    use pumplab_scenarios::{Kind, Library};
    use pumplab_sim::wire::tls_cost::KeyCosts;
    use std::sync::Arc;

    /// One round is a whole file, which the simulator takes, with the figures that were measured.
    #[test]
    fn a_file_of_one_round_is_read_back_as_what_was_measured() {
        let mut calibration = measure(1, |_| {}).expect("handshakes take place");
        calibration.machine = Machine {
            processor: "a \"strange\" \\ processor\n".to_owned(),
            ..calibration.machine
        };
        let text = calibration.to_toml();
        let library = Library::embedded().with_file(Kind::Costs, "default", &text);
        let costs = library
            .costs()
            .unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
        assert!(
            costs
                .measured_on
                .starts_with("a \"strange\" \\ processor, ")
        );
        let table = Arc::new(costs.table().expect("it is whole"));
        for m in &calibration.handshakes {
            let end = KeyCosts {
                table: table.clone(),
                key: m.key,
            };
            let cost = end.of(m.version, m.kind);
            let [opening, server, client, closing] = m.flights;
            assert_eq!(cost.bytes.client_opening, opening.bytes);
            assert_eq!(cost.bytes.server_flight, server.bytes);
            assert_eq!(cost.bytes.client_flight, client.bytes);
            assert_eq!(cost.bytes.server_closing, closing.bytes);
            let told = cost.work.client_flight.as_secs_f64();
            assert!((told - client.took.as_secs_f64()).abs() <= 0.1e-6);
        }
        let lab = library.lab("ward").expect("the ward is right");
        assert_eq!(lab.spec.costs, costs);
    }
}
