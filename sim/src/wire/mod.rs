//! Typed messages: what travels between nodes.
//!
//! One file per protocol. A message here is meaning, not bytes; every type knows its length on the wire, because
//! airtime and queues depend on it, and how to feed itself into the run's fingerprint.

/// Implements [`Print`] for a struct (all fields, checked by the compiler) or for an enum (all variants).
macro_rules! print_message {
    (struct $t:ident { $($f:ident),* $(,)? }) => {
        impl $crate::wire::Print for $t {
            #[inline]
            fn print(&self, h: &mut $crate::engine::Fingerprint) {
                let Self { $($f),* } = self;
                $($crate::wire::Print::print($f, h);)*
            }
        }
    };
    (enum $t:ident { $( $v:ident $( { $($f:ident),* $(,)? } )? $( ( $($g:ident),* $(,)? ) )? ),* $(,)? }) => {
        impl $crate::wire::Print for $t {
            #[inline]
            fn print(&self, h: &mut $crate::engine::Fingerprint) {
                match self {
                    $( Self::$v $( { $($f),* } )? $( ( $($g),* ) )? => {
                        h.write_u64(const { $crate::wire::tag(stringify!($v)) });
                        $( $($crate::wire::Print::print($f, h);)* )?
                        $( $($crate::wire::Print::print($g, h);)* )?
                    } )*
                }
            }
        }
    };
}

pub(crate) use print_message;

pub mod addr;
pub mod capwap;
pub mod crafted;
pub mod dhcp;
pub mod dns;
pub mod dot11;
pub mod eap;
pub mod file;
pub mod frame;
pub mod hl7;
pub mod http;
pub mod image;
pub mod mail;
pub mod portal;
pub mod program;
pub mod pump;
pub mod query;
pub mod radius;
pub mod share;
pub mod shed;
pub mod shell;
pub mod syslog;
pub mod tls;
pub mod tls_cost;

pub use addr::{Cidr, Ip, Mac};
pub use frame::{Arp, Body, Frame, Message, Packet, Segment, Transport};

use crate::crypto::{Certificate, CertificateFault, Key, Passphrase, PublicKey, Sealed, Signature};
use crate::engine::Fingerprint;
use crate::time::{Duration, Time};

/// Feeds a value into the run's fingerprint.
pub trait Print {
    /// Writes everything that distinguishes this value.
    fn print(&self, h: &mut Fingerprint);
}

/// A stable word for a variant's name.
#[must_use]
pub const fn tag(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut h = 0xCBF2_9CE4_8422_2325u64;
    let mut i = 0;
    while i < bytes.len() {
        h = (h ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        i += 1;
    }
    h
}

macro_rules! print_words {
    ($($t:ty),*) => { $( impl Print for $t {
        #[inline]
        fn print(&self, h: &mut Fingerprint) { h.write_u64(*self as u64); }
    } )* };
}
print_words!(u8, u16, u32, u64, usize, bool);

impl Print for f64 {
    #[inline]
    fn print(&self, h: &mut Fingerprint) {
        h.write_u64(self.to_bits());
    }
}
impl Print for String {
    fn print(&self, h: &mut Fingerprint) {
        h.write_str(self);
    }
}
impl Print for &'static str {
    fn print(&self, h: &mut Fingerprint) {
        h.write_str(self);
    }
}
impl Print for Time {
    #[inline]
    fn print(&self, h: &mut Fingerprint) {
        h.write_u64(self.as_nanos());
    }
}
impl Print for Duration {
    #[inline]
    fn print(&self, h: &mut Fingerprint) {
        h.write_u64(self.as_nanos());
    }
}
impl<T: Print> Print for Option<T> {
    #[inline]
    fn print(&self, h: &mut Fingerprint) {
        match self {
            None => h.write_u64(0),
            Some(v) => {
                h.write_u64(1);
                v.print(h);
            }
        }
    }
}
impl<A: Print, B: Print> Print for (A, B) {
    #[inline]
    fn print(&self, h: &mut Fingerprint) {
        self.0.print(h);
        self.1.print(h);
    }
}
impl<T: Print> Print for Vec<T> {
    fn print(&self, h: &mut Fingerprint) {
        h.write_u64(self.len() as u64);
        for v in self {
            v.print(h);
        }
    }
}
impl<T: Print + ?Sized> Print for Box<T> {
    #[inline]
    fn print(&self, h: &mut Fingerprint) {
        (**self).print(h);
    }
}
impl<T: Print + ?Sized> Print for std::sync::Arc<T> {
    #[inline]
    fn print(&self, h: &mut Fingerprint) {
        (**self).print(h);
    }
}
impl<T: Print> Print for Sealed<T> {
    fn print(&self, h: &mut Fingerprint) {
        self.fingerprint(h, Print::print);
    }
}
impl Print for () {
    fn print(&self, _: &mut Fingerprint) {}
}
impl Print for Key {
    fn print(&self, h: &mut Fingerprint) {
        self.fingerprint(h);
    }
}
impl Print for Passphrase {
    fn print(&self, h: &mut Fingerprint) {
        self.fingerprint(h);
    }
}
impl Print for Signature {
    fn print(&self, h: &mut Fingerprint) {
        self.fingerprint(h);
    }
}
impl Print for PublicKey {
    fn print(&self, h: &mut Fingerprint) {
        h.write_u64(self.0);
    }
}
impl Print for CertificateFault {
    fn print(&self, h: &mut Fingerprint) {
        h.write_u64(*self as u64);
    }
}
impl Print for crate::crypto::PrivateKey {
    fn print(&self, h: &mut Fingerprint) {
        self.public().print(h);
    }
}

impl Print for Certificate {
    fn print(&self, h: &mut Fingerprint) {
        h.write_u64(self.content_digest());
        self.signature.fingerprint(h);
    }
}
