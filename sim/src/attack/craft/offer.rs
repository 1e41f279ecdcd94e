//! Offering an image to a pump over the network.

use super::contact::Contact;
use crate::attack::{Progress, Step, Technique};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::image::Image;
use crate::wire::pump::PumpMessage;

/// Port on which a pump takes what its server sends.
pub(in crate::attack) const PORT: u16 = 5000;

impl<T: Technique> Step<'_, '_, '_, T>
where
    T::State: AsMut<Contact>,
{
    /// The course of an offer of an image over the network, for every technique that makes one.
    pub(in crate::attack) fn offer_image(
        &mut self,
        input: &Input,
        (name, port): (&str, u16),
        image: impl FnOnce() -> Image,
    ) -> Progress {
        match input {
            Input::Begin => match self.find(name) {
                Some(ip) => {
                    self.hands.connect(ip, port);
                    Progress::Reached(1)
                }
                None => Progress::Wait,
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                self.found(name, *ip);
                self.hands.connect(*ip, port);
                Progress::Reached(1)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            Input::Socket(SocketEvent::Failed { refused: true, .. }) => {
                Progress::Failed("connection refused")
            }
            Input::Socket(SocketEvent::Failed { refused: false, .. }) => {
                Progress::Failed("no answer")
            }
            Input::Socket(SocketEvent::Opened(stream)) => {
                let offer = PumpMessage::ImageOffer(image());
                self.hands.send(*stream, Message::Pump(Box::new(offer)));
                Progress::Reached(2)
            }
            Input::Socket(SocketEvent::Message { message, .. }) => match &**message {
                Message::Pump(m) => match **m {
                    PumpMessage::ImageAnswer { accepted: true } => Progress::Done("accepted"),
                    PumpMessage::ImageAnswer { accepted: false } => Progress::Failed("refused"),
                    _ => Progress::Wait,
                },
                _ => Progress::Wait,
            },
            _ => Progress::Wait,
        }
    }
}
