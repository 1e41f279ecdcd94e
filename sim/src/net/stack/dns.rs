//! The DNS client: asks the configured name server and believes whatever answers.

use super::{App, DNS_CLIENT_PORT, SocketEvent, Stack, TOKEN_DNS};
use crate::event::Cx;
use crate::time::Duration;
use crate::wire::dns::{Dns, PORT as DNS_PORT};
use crate::wire::{Ip, Message};

/// Time to wait for a name server; the question is asked twice.
const DNS_WAIT: Duration = Duration::from_secs(2);

/// A name asked for.
#[derive(Clone, Debug)]
pub(super) struct Question {
    id: u16,
    app: App,
    query: u32,
    name: String,
    tries: u8,
}

impl Question {
    /// Whether this answers what was asked.
    pub(super) fn awaits(&self, answers: Option<u32>) -> bool {
        answers == Some(u32::from(self.id))
    }
}

impl Stack {
    /// Looks a name up; the owner is told the result under `query`.
    pub fn resolve(&mut self, cx: &mut Cx<'_>, app: App, query: u32, name: &str) {
        if self.outside {
            return self.resolve_outside(cx, app, query, name);
        }
        let id = self.next_question;
        self.next_question = self.next_question.wrapping_add(1);
        let Some(dns) = self.address.and_then(|a| a.dns) else {
            self.inbox
                .push_back((app, SocketEvent::Resolved { query, ip: None }));
            return;
        };
        self.questions.push(Question {
            id,
            app,
            query,
            name: name.to_owned(),
            tries: 1,
        });
        self.datagram(
            cx,
            DNS_CLIENT_PORT,
            (dns, DNS_PORT),
            Message::Dns(Dns::Query {
                id,
                name: name.to_owned(),
            }),
        );
        self.timer(cx, DNS_WAIT, TOKEN_DNS | u64::from(id));
    }

    /// A name server answered, or somebody in its name.
    pub(super) fn on_answer(&mut self, id: u16, ip: Option<Ip>) {
        if let Some(i) = self.questions.iter().position(|q| q.id == id) {
            let q = self.questions.swap_remove(i);
            self.inbox
                .push_back((q.app, SocketEvent::Resolved { query: q.query, ip }));
        }
    }

    pub(super) fn question_due(&mut self, cx: &mut Cx<'_>, id: u16) {
        let Some(i) = self.questions.iter().position(|q| q.id == id) else {
            return;
        };
        let dns = self.address.and_then(|a| a.dns);
        if let (Some(dns), true) = (dns, self.questions[i].tries < 2) {
            self.questions[i].tries += 1;
            let name = self.questions[i].name.clone();
            self.datagram(
                cx,
                DNS_CLIENT_PORT,
                (dns, DNS_PORT),
                Message::Dns(Dns::Query { id, name }),
            );
            self.timer(cx, DNS_WAIT, TOKEN_DNS | u64::from(id));
        } else {
            let q = self.questions.swap_remove(i);
            self.inbox.push_back((
                q.app,
                SocketEvent::Resolved {
                    query: q.query,
                    ip: None,
                },
            ));
        }
    }
}
