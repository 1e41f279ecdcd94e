//! Protocol machines without I/O, two ends of each protocol beside each other.
//!
//! | protocol | who asks | who answers |
//! |---|---|---|
//! | [`wlan`] | supplicant | authenticator |
//! | [`eap_tls`] | peer | server |
//! | [`tls`] | client | server |
//! | [`dhcp`] | client | server |
//! | [`dns`] | resolver | server |
//! | [`pump`] | link | desk |
//! | [`pcd`] | sender | receiver |
//!
//! A machine owns no socket, timer or clock and knows no record. All of them have the same methods, as far as they need them:
//!
//! - `handle_…(now, …)`: something happened: a message arrived, a link is there, a connection is gone. What is random comes along with it.
//! - `handle_timeout(now)`: the deadline has come.
//! - `poll_event()`: the next thing that the machine tells its user, as a typed event.
//! - `poll_transmit()`: the next message to be sent.
//! - `poll_timeout()`: the next deadline; none waits for nothing. Where a driver cannot take back a timer, it comes with a number or a kind, so that the
//!   timer of a deadline that was replaced is known.
//!
//! Whoever drives a machine calls one method that changes it, then drains `poll_event` and `poll_transmit`, then looks at `poll_timeout` and sets a timer
//! if the deadline is another one. A machine has one deadline at a time. So whatever is scheduled, is scheduled in the turn of the input that it follows from, and
//! that input is its cause. Where an event is about a connection that the driver closes (a refusal), it sends what waits before it does.
//!
//! The engine drives the machines in virtual time, the live lab by the wall clock. There is no trait: nothing is written for all of them.

pub mod dhcp;
pub mod dns;
pub mod eap_tls;
pub mod mllp;
pub mod pcd;
pub mod pump;
pub mod tls;
pub mod wlan;
