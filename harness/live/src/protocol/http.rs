//! The web service by HTTP/1.1 (RFC 9112): files by GET, the configuration page by a form. One request a connection.

use super::lines::text_of;
use super::{Action, Codec, Handler, Reject, Reply};
use crate::clock::Clock;
use crate::secrets::SecretStore;
use bytes::{Bytes, BytesMut};
use pumplab_sim::wire::Message;
use pumplab_sim::wire::http::{Http, Revoked};
use pumplab_sim::wire::shed::Shed as Rejection;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio_util::codec::{Decoder, Encoder};

/// Longest head of a request, in bytes.
const LONGEST_HEAD: usize = 8 * 1024;
/// Longest form, in bytes.
const LONGEST_FORM: usize = 2 * 1024;
/// Header fields of a request at the most.
const FIELDS: usize = 64;

/// Requests, each with its body.
#[derive(Clone, Copy, Debug)]
pub struct Requests;

impl Decoder for Requests {
    type Item = Bytes;
    type Error = Reject;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, Reject> {
        let head = Head::parse(input).map_err(|status| {
            let why = match status {
                413 | 431 => Rejection::TooLong,
                _ => Rejection::Malformed,
            };
            Reject::with(why, Answer::empty(status).bytes(None))
        })?;
        let whole = head.map(|h| h.length + h.body);
        Ok(whole
            .filter(|whole| input.len() >= *whole)
            .map(|whole| input.split_to(whole).freeze()))
    }
}

impl Encoder<Bytes> for Requests {
    type Error = Reject;

    fn encode(&mut self, answer: Bytes, output: &mut BytesMut) -> Result<(), Reject> {
        output.extend_from_slice(&answer);
        Ok(())
    }
}

impl Codec for Requests {}

/// What a request's head says.
#[derive(Debug)]
struct Head {
    method: String,
    target: String,
    /// Bytes of the head.
    length: usize,
    /// Bytes of the body.
    body: usize,
}

impl Head {
    /// Reads the head at the beginning of `bytes`; none while it is not whole. A head that two readers could take for heads of requests of
    /// different lengths is refused, since that is how requests are smuggled past a proxy (RFC 9112 sections 6.3 and 11.2).
    ///
    /// # Errors
    /// The status that answers a request that is not taken.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, u16> {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        let length = match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if bytes.len() >= LONGEST_HEAD => return Err(431),
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(431),
            Err(httparse::Error::Version) => return Err(505),
            Err(_) => return Err(400),
        };
        if length > LONGEST_HEAD {
            return Err(431);
        }
        let (Some(method), Some(target)) = (request.method, request.path) else {
            return Err(400);
        };
        if !target.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(400);
        }
        let body = body_length(request.headers)?;
        if body > LONGEST_FORM {
            return Err(413);
        }
        Ok(Some(Self {
            method: method.to_owned(),
            target: target.to_owned(),
            length,
            body,
        }))
    }
}

/// The length of a body: by one number, or none.
fn body_length(fields: &[httparse::Header<'_>]) -> Result<usize, u16> {
    let named = |name: &'static str| {
        let of = move |f: &&httparse::Header<'_>| f.name.eq_ignore_ascii_case(name);
        fields.iter().filter(of)
    };
    let mut lengths = named("content-length");
    let length = lengths.next();
    if named("transfer-encoding").next().is_some() {
        // Chunks are not read here; beside a length they are an attempt.
        return Err(if length.is_some() { 400 } else { 501 });
    }
    if lengths.next().is_some() {
        return Err(400);
    }
    let Some(length) = length else {
        return Ok(0);
    };
    let digits = std::str::from_utf8(length.value).map_err(|_| 400u16)?;
    let digits = digits.trim_matches([' ', '\t']);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(400);
    }
    // A number of too many digits is a body that is too long.
    Ok(digits.parse().unwrap_or(usize::MAX))
}

/// One end of a connection.
#[derive(Debug)]
pub struct Web {
    secrets: Arc<SecretStore>,
    clock: Clock,
    /// Whether the answer goes without its body.
    head: bool,
}

impl Web {
    /// Nothing has been asked.
    #[must_use]
    pub fn new(secrets: Arc<SecretStore>, clock: Clock) -> Self {
        Self {
            secrets,
            clock,
            head: false,
        }
    }

    fn answer(&self, answer: Answer) -> Bytes {
        let now = i64::try_from(self.clock.unix_now().as_secs()).ok();
        let now = now.and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok());
        let head = self.head;
        Answer { head, ..answer }.bytes(now)
    }

    fn refuse(&self, status: u16) -> Action {
        Action::Close(self.answer(Answer::empty(status)))
    }

    fn asked(&self, head: &Head, body: &[u8]) -> Action {
        let target = head.target.split(['?', '#']).next().unwrap_or("");
        let Some(path) = decoded(target, false).filter(|p| p.starts_with('/')) else {
            return self.refuse(400);
        };
        match &*head.method {
            "GET" | "HEAD" => deliver(Http::Get { path }),
            "POST" => {
                let form = form(body);
                let field = |name: &str| {
                    let found = form.iter().find(|(n, _)| n == name);
                    found.map(|(_, value)| value.clone())
                };
                let Some(server) = field("server") else {
                    return self.refuse(400);
                };
                let account = field("user").zip(field("password"));
                deliver(Http::Configure {
                    account: account.map(|(user, text)| (user, self.secrets.typed(&text))),
                    server,
                })
            }
            _ => self.refuse(405),
        }
    }
}

impl Handler for Web {
    fn request(&mut self, request: Bytes) -> Result<Action, Reject> {
        let Ok(Some(head)) = Head::parse(&request) else {
            return Err(Reject::silent(Rejection::Malformed));
        };
        self.head = head.method == "HEAD";
        Ok(self.asked(&head, request.get(head.length..).unwrap_or_default()))
    }

    fn message(&mut self, message: &Message) -> Option<Reply> {
        let Message::Http(said) = message else {
            return None;
        };
        let answer = match &**said {
            Http::Response { status, file } => Answer {
                body: file.as_ref().map(|f| text_of(f, &self.secrets)),
                ..Answer::empty(*status)
            },
            Http::Crl { revoked } => {
                let row = |r: &Revoked| format!("{}\n", r.serial);
                Answer {
                    body: Some(revoked.iter().map(row).collect::<String>().into_bytes()),
                    ..Answer::empty(200)
                }
            }
            _ => return None,
        };
        Some(Reply {
            close: true,
            ..Reply::one(self.answer(answer))
        })
    }
}

fn deliver(http: Http) -> Action {
    Action::Deliver(Box::new(Message::Http(Box::new(http))))
}

/// An answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    /// The content of what was asked for.
    body: Option<Vec<u8>>,
    /// Whether it goes without its body.
    head: bool,
}

impl Answer {
    /// With no content of a file.
    fn empty(status: u16) -> Self {
        Self {
            status,
            body: None,
            head: false,
        }
    }

    fn reason(&self) -> &'static str {
        match self.status {
            200 => "OK",
            400 => "Bad Request",
            401 => "Unauthorized",
            404 => "Not Found",
            405 => "Method Not Allowed",
            413 => "Content Too Large",
            431 => "Request Header Fields Too Large",
            501 => "Not Implemented",
            505 => "HTTP Version Not Supported",
            _ => "Unknown",
        }
    }

    fn bytes(&self, now: Option<OffsetDateTime>) -> Bytes {
        let (status, reason) = (self.status, self.reason());
        let page = format!(
            "<html><head><title>{status} {reason}</title></head><body><h1>{status} {reason}</h1></body></html>\r\n"
        );
        let (kind, body) = match (status, &self.body) {
            (200, body) => ("text/plain", body.as_deref().unwrap_or_default()),
            _ => ("text/html", page.as_bytes()),
        };
        let date = now.map_or_else(String::new, |at| format!("Date: {}\r\n", date(at)));
        // What RFC 9110 wants beside these.
        let more = match status {
            401 => "WWW-Authenticate: Form realm=\"settings\"\r\n",
            405 => "Allow: GET, HEAD, POST\r\n",
            _ => "",
        };
        let length = body.len();
        let mut bytes = format!(
            "HTTP/1.1 {status} {reason}\r\n{date}Server: httpd\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n"
        )
        .into_bytes();
        if !self.head {
            bytes.extend_from_slice(body);
        }
        bytes.into()
    }
}

/// A date as HTTP has it (RFC 9110 section 5.6.7).
fn date(at: OffsetDateTime) -> String {
    let (day, month) = (at.weekday().to_string(), at.month().to_string());
    format!(
        "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
        &day[..3],
        at.day(),
        &month[..3],
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// The fields of a form (`application/x-www-form-urlencoded`); what is none is left out.
fn form(body: &[u8]) -> Vec<(String, String)> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Vec::new();
    };
    let field = |f: &str| {
        let (name, value) = f.split_once('=')?;
        Some((decoded(name, true)?, decoded(value, true)?))
    };
    text.split('&').filter_map(field).collect()
}

/// Text with its `%` escapes undone, and in a form a `+` for each space; none where an escape is broken or the text has control characters.
fn decoded(text: &str, plus: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || (rest.next()? as char).to_digit(16);
                (digit()? << 4 | digit()?) as u8
            }
            b'+' if plus => b' ',
            byte => byte,
        });
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::secrets;
    use pumplab_sim::crypto::Passphrase;
    use pumplab_sim::wire::file::{Content, File};

    fn web() -> Web {
        Web::new(Arc::new(secrets()), Clock::start(1.0))
    }

    /// What a request comes to; none while it is not whole.
    fn action(request: &str) -> Result<Option<Action>, Reject> {
        let whole = Requests.decode(&mut BytesMut::from(request))?;
        whole.map(|request| web().request(request)).transpose()
    }

    fn delivered(request: &str) -> Http {
        match action(request) {
            Ok(Some(Action::Deliver(message))) => match *message {
                Message::Http(http) => *http,
                other => panic!("{other:?}"),
            },
            other => panic!("{request:?}: {other:?}"),
        }
    }

    #[test]
    fn a_page_and_a_form_are_asked_for() {
        let Http::Get { path } = delivered("GET /a%20b?x=1 HTTP/1.1\r\nHost: pump\r\n\r\n") else {
            panic!("no page")
        };
        assert_eq!(path, "/a b");
        let body = "user=admin&password=pharmacy%2d1&server=pumpserver-b";
        let request = format!(
            "POST /settings HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let Http::Configure {
            account: Some((user, password)),
            server,
        } = delivered(&request)
        else {
            panic!("no settings")
        };
        assert_eq!((&*user, &*server), ("admin", "pumpserver-b"));
        assert!(password.matches(&Passphrase::of("pharmacy-1")));
        let cut = action(&request[..request.len() - 1]);
        assert!(matches!(cut, Ok(None)), "it is not whole");
    }

    #[test]
    fn requests_that_could_be_read_in_two_ways_are_cut() {
        for (request, status) in [
            (
                "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                400,
            ),
            (
                "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                400,
            ),
            ("GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\nx",
                400,
            ),
            (
                "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-ENCODING: identity\r\n\r\nx",
                400,
            ),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n",
                400,
            ),
            (
                "POST / HTTP/1.1\r\nA: b\r\n Transfer-Encoding: chunked\r\n\r\n",
                400,
            ),
            ("POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: \r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 0x5\r\n\r\n", 400),
            (
                "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                413,
            ),
            ("GET /\r\n\r\n", 400),
            ("GET / HTTP/2\r\n\r\n", 505),
            ("GET / HTTP/1.1\r\nno header\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n", 413),
        ] {
            let rejected = action(request).expect_err(request);
            let line = format!("HTTP/1.1 {status} ");
            let reply = String::from_utf8_lossy(&rejected.reply);
            assert!(reply.starts_with(&line), "{request:?}: {reply}");
        }
        let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(LONGEST_HEAD));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(FIELDS + 1));
        for request in [long, many] {
            let rejected = action(&request).expect_err("it is too long");
            assert_eq!(rejected.why, Rejection::TooLong);
        }
    }

    #[test]
    fn an_answer_reads_like_that_of_a_server() {
        let at = OffsetDateTime::from_unix_timestamp(784_111_777).expect("a date");
        assert_eq!(date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
        let mut web = web();
        let file = File {
            path: "/a".to_owned(),
            bytes: 5,
            content: Content::Data,
        };
        for (method, body) in [("GET", "....."), ("HEAD", "")] {
            let request = format!("{method} /a HTTP/1.1\r\nHost: pump\r\n\r\n");
            web.request(request.into()).expect("it is one");
            let said = Http::Response {
                status: 200,
                file: Some(file.clone()),
            };
            let reply = web.message(&Message::Http(Box::new(said)));
            let reply = reply.expect("it is answered");
            assert!(reply.close);
            let text = String::from_utf8_lossy(&reply.parts.concat()).into_owned();
            assert!(text.starts_with("HTTP/1.1 200 OK\r\nDate: "), "{text}");
            assert!(text.contains("\r\nServer: ") && text.contains("\r\nConnection: close\r\n"));
            assert!(text.contains("\r\nContent-Length: 5\r\n"), "{text}");
            let (_, found) = text.split_once("\r\n\r\n").expect("a head");
            assert_eq!(found, body);
        }
    }
}
