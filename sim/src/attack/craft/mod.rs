//! What techniques share: reaching a host, trying accounts, sessions, forged frames, altered payloads.

pub(super) mod accounts;
pub(super) mod calls;
pub(super) mod contact;
pub(super) mod conversation;
pub(super) mod greeting;
pub(super) mod offer;
pub(super) mod payload;
pub(super) mod radio;

/// Says that a state has a part that shared code works with.
macro_rules! part {
    ($state:ident.$field:ident: $part:ty) => {
        impl AsMut<$part> for $state {
            fn as_mut(&mut self) -> &mut $part {
                &mut self.$field
            }
        }
    };
}
pub(super) use part;
