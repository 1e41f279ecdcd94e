//! Calling home: the author's computer on the internet, or a host that the step names.

use super::contact::Contact;
use crate::attack::{Progress, Step, Technique};
use crate::net::port::Input;

impl<T: Technique> Step<'_, '_, '_, T>
where
    T::State: AsMut<Contact>,
{
    /// Connects to a host that the step names, or to the computer of the program's author.
    pub(in crate::attack) fn call(&mut self, to: Option<&str>, port: u16) -> Progress {
        if let Some(to) = to {
            return self
                .reach(&Input::Begin, to, port)
                .unwrap_or(Progress::Wait);
        }
        let Some(home) = self.program(None).and_then(|p| p.home) else {
            return Progress::Failed("knows nobody to call");
        };
        self.connect(home, port)
    }
}
