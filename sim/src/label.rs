//! What a value is called in few words, for people.

pub use pumplab_derive::Label;

/// A value with a short name: the kind of an event as `explain` and traces show it.
pub trait Label {
    /// The name, in kebab case.
    fn label(&self) -> &'static str;
}

impl<T: Label + ?Sized> Label for Box<T> {
    fn label(&self) -> &'static str {
        (**self).label()
    }
}
