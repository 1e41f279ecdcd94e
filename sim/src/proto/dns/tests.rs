use super::resolver::{Resolved, Resolver};
use super::server::Server;
use crate::time::{Duration, Time};
use crate::wire::Ip;
use crate::wire::dns::Dns;

const PUMP_SERVER: Ip = Ip::new(10, 0, 10, 20);
const HOST: (Ip, u16) = (Ip::new(10, 0, 40, 5), 49_151);

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

fn zone(name: &str) -> Option<Ip> {
    (name == "pump-server").then_some(PUMP_SERVER)
}

fn ask(name: &str) -> (Resolver, Dns) {
    let mut resolver = Resolver::ask(at(0), 7, name.to_owned());
    let query = resolver.poll_transmit().expect("it asks at once");
    (resolver, query)
}

fn answer(query: &Dns) -> Dns {
    let mut server = Server::default();
    server.handle_message(HOST, query, zone);
    let (to, answer) = server.poll_transmit().expect("a question is answered");
    assert_eq!(to, HOST);
    answer
}

#[test]
fn a_name_is_resolved_and_one_that_does_not_exist_is_known_not_to() {
    for (name, ip) in [("pump-server", Some(PUMP_SERVER)), ("nobody", None)] {
        let (mut resolver, query) = ask(name);
        resolver.handle_message(&answer(&query));
        assert_eq!(resolver.poll_event(), Some(Resolved(ip)));
        resolver.handle_message(&answer(&query));
        assert_eq!(resolver.poll_event(), None, "it is told once");
        assert_eq!(resolver.poll_timeout(), None);
    }
}

#[test]
fn a_question_without_an_answer_is_asked_twice_and_then_given_up() {
    let (mut resolver, _) = ask("pump-server");
    assert_eq!(resolver.poll_timeout(), Some(at(2)));
    resolver.handle_timeout(at(1));
    assert!(resolver.poll_transmit().is_none(), "there is time left");
    resolver.handle_timeout(at(2));
    let again = resolver.poll_transmit();
    assert!(matches!(again, Some(Dns::Query { id: 7, .. })), "{again:?}");
    assert_eq!(resolver.poll_event(), None);
    assert_eq!(resolver.poll_timeout(), Some(at(4)));
    resolver.handle_timeout(at(4));
    assert_eq!(resolver.poll_event(), Some(Resolved(None)));
    assert!(resolver.poll_transmit().is_none() && resolver.poll_timeout().is_none());
}

#[test]
fn an_answer_to_another_question_is_not_believed_and_one_to_this_is_whoever_sends_it() {
    let (mut resolver, _) = ask("pump-server");
    let forged = |id| Dns::Answer {
        id,
        name: "pump-server".to_owned(),
        ip: Some(HOST.0),
    };
    resolver.handle_message(&forged(8));
    assert_eq!(resolver.poll_event(), None);
    resolver.handle_message(&forged(7));
    assert_eq!(resolver.poll_event(), Some(Resolved(Some(HOST.0))));
}

#[test]
fn a_server_answers_questions_only() {
    let mut server = Server::default();
    let (_, query) = ask("pump-server");
    server.handle_message(HOST, &answer(&query), zone);
    assert!(server.poll_transmit().is_none());
}
