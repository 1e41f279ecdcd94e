//! How a host's stack drives its questions to the name server that it is configured with.

use super::{DNS_CLIENT_PORT, SocketEvent, Stack, TOKEN_DNS};
use crate::event::{Cx, PartId};
use crate::proto::dns::resolver::{Resolved, Resolver};
use crate::time::Time;
use crate::wire::Message;
use crate::wire::dns::{Dns, PORT as DNS_PORT};

/// A name asked for, and by whom.
#[derive(Clone, Debug)]
pub(super) struct Question {
    app: PartId,
    query: u32,
    resolver: Resolver,
    /// Deadline for which a timer was set.
    timed: Option<Time>,
}

impl Question {
    /// Whether this answers what was asked.
    pub(super) fn awaits(&self, answers: Option<u32>) -> bool {
        answers == Some(u32::from(self.resolver.id()))
    }
}

impl Stack {
    /// Looks a name up; the owner is told the result under `query`.
    pub fn resolve(&mut self, cx: &mut Cx<'_>, app: PartId, query: u32, name: &str) {
        if self.outside {
            return self.resolve_outside(cx, app, query, name);
        }
        let id = self.next_question;
        self.next_question = self.next_question.wrapping_add(1);
        if self.address.and_then(|a| a.dns).is_none() {
            self.inbox
                .push_back((app, SocketEvent::Resolved { query, ip: None }));
            return;
        }
        self.questions.push(Question {
            app,
            query,
            resolver: Resolver::ask(cx.now(), id, name.to_owned()),
            timed: None,
        });
        self.with_question(cx, id, |_, _| {});
    }

    /// A name server answered, or somebody in its name.
    pub(super) fn on_answer(&mut self, cx: &mut Cx<'_>, answer: &Dns) {
        if let Dns::Answer { id, .. } = answer {
            self.with_question(cx, *id, |resolver, _| resolver.handle_message(answer));
        }
    }

    /// The answer to a question may be late.
    pub(super) fn question_due(&mut self, cx: &mut Cx<'_>, id: u16) {
        let served = self.address.is_some_and(|a| a.dns.is_some());
        self.with_question(cx, id, |resolver, now| {
            if served {
                resolver.handle_timeout(now);
            } else {
                resolver.handle_unreachable();
            }
        });
    }

    /// Lets a question act, and passes on what comes of it.
    fn with_question(&mut self, cx: &mut Cx<'_>, id: u16, act: impl FnOnce(&mut Resolver, Time)) {
        let place = self.questions.iter().position(|q| q.resolver.id() == id);
        let Some(i) = place else { return };
        let question = &mut self.questions[i];
        act(&mut question.resolver, cx.now());
        if let Some(Resolved(ip)) = question.resolver.poll_event() {
            let Question { app, query, .. } = self.questions.swap_remove(i);
            self.inbox
                .push_back((app, SocketEvent::Resolved { query, ip }));
            return;
        }
        let due = question.resolver.poll_timeout();
        let set = due.filter(|_| due != question.timed);
        question.timed = due;
        while let Some(message) = self.questions[i].resolver.poll_transmit() {
            if let Some(dns) = self.address.and_then(|a| a.dns) {
                self.datagram(cx, DNS_CLIENT_PORT, (dns, DNS_PORT), Message::Dns(message));
            }
        }
        if let Some(at) = set {
            self.timer(cx, at - cx.now(), TOKEN_DNS | u64::from(id));
        }
    }
}
