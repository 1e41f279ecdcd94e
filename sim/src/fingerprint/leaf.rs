//! What the derive ends in: numbers, texts and the containers of the standard library.

use super::{Fingerprint, FingerprintHasher, tag};
use std::collections::BTreeMap;
use std::sync::Arc;

macro_rules! numbers {
    ($($t:ty),*) => { $( impl Fingerprint for $t {
        #[inline]
        fn fingerprint(&self, hasher: &mut FingerprintHasher) {
            hasher.write_u64(*self as u64);
        }
    } )* };
}
numbers!(bool, u8, u16, u32, u64, usize, i8, i64);

impl Fingerprint for f64 {
    #[inline]
    fn fingerprint(&self, hasher: &mut FingerprintHasher) {
        hasher.write_u64(self.to_bits());
    }
}

impl Fingerprint for str {
    #[inline]
    fn fingerprint(&self, hasher: &mut FingerprintHasher) {
        hasher.write_str(self);
    }
}

impl Fingerprint for String {
    #[inline]
    fn fingerprint(&self, hasher: &mut FingerprintHasher) {
        hasher.write_str(self);
    }
}

macro_rules! pointers {
    ($($t:ty),*) => { $( impl<T: Fingerprint + ?Sized> Fingerprint for $t {
        #[inline]
        fn fingerprint(&self, hasher: &mut FingerprintHasher) {
            (**self).fingerprint(hasher);
        }
    } )* };
}
pointers!(&T, Box<T>, Arc<T>);

impl<T: Fingerprint> Fingerprint for Option<T> {
    #[inline]
    fn fingerprint(&self, hasher: &mut FingerprintHasher) {
        match self {
            None => hasher.write_tag(const { tag("None") }),
            Some(value) => {
                hasher.write_tag(const { tag("Some") });
                value.fingerprint(hasher);
            }
        }
    }
}

impl<T: Fingerprint> Fingerprint for Vec<T> {
    fn fingerprint(&self, hasher: &mut FingerprintHasher) {
        hasher.write_u64(self.len() as u64);
        self.iter().for_each(|value| value.fingerprint(hasher));
    }
}

/// Its length is in its type.
impl<T: Fingerprint, const N: usize> Fingerprint for [T; N] {
    fn fingerprint(&self, hasher: &mut FingerprintHasher) {
        self.iter().for_each(|value| value.fingerprint(hasher));
    }
}

impl<K: Fingerprint, V: Fingerprint> Fingerprint for BTreeMap<K, V> {
    fn fingerprint(&self, hasher: &mut FingerprintHasher) {
        hasher.write_u64(self.len() as u64);
        for (key, value) in self {
            key.fingerprint(hasher);
            value.fingerprint(hasher);
        }
    }
}

macro_rules! tuples {
    ($($t:ident.$n:tt)*) => {
        impl<$($t: Fingerprint),*> Fingerprint for ($($t,)*) {
            #[inline]
            fn fingerprint(&self, hasher: &mut FingerprintHasher) {
                $(self.$n.fingerprint(hasher);)*
            }
        }
    };
}
tuples!(A.0 B.1);
tuples!(A.0 B.1 C.2);
