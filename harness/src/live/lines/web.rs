//! The web service by HTTP/1.1 (RFC 9112): files by GET, the configuration page by a form. One request a connection.

use super::{LONGEST, Manner, Reply, Wish, text_of};
use crate::live::vault::Vault;
use pumplab_sim::wire::Message;
use pumplab_sim::wire::http::Http;
use pumplab_sim::wire::shed::Shed;
use std::sync::Arc;

/// Longest form, in bytes.
const LONGEST_FORM: usize = 2 * 1024;
/// Header lines of a request at the most.
const HEADERS: usize = 64;

/// One end of a connection.
#[derive(Debug)]
pub struct Web {
    vault: Arc<Vault>,
    /// Whether the answer goes without its body.
    head: bool,
}

/// What a request's head says.
struct Head {
    method: String,
    target: String,
    body: usize,
}

impl Web {
    /// Nobody has asked for anything.
    #[must_use]
    pub fn new(vault: Arc<Vault>) -> Self {
        Self { vault, head: false }
    }

    fn wish(&mut self, head: &Head, body: &[u8]) -> Wish {
        let target = head.target.split(['?', '#']).next().unwrap_or("");
        let Some(path) = decoded(target, false).filter(|p| p.starts_with('/')) else {
            return Wish::End(answer(400, b"", false));
        };
        self.head = head.method == "HEAD";
        match &*head.method {
            "GET" | "HEAD" => ask(Http::Get { path }),
            "POST" => {
                let form = form(body);
                let field = |name: &str| {
                    let found = form.iter().find(|(n, _)| n == name);
                    found.map(|(_, value)| value.clone())
                };
                let Some(server) = field("server") else {
                    return Wish::End(answer(400, b"", false));
                };
                let account = field("user").zip(field("password"));
                ask(Http::Configure {
                    account: account.map(|(user, text)| (user, self.vault.typed(&text))),
                    server,
                })
            }
            _ => Wish::End(answer(405, b"", false)),
        }
    }
}

impl Manner for Web {
    fn take(&mut self, held: &mut Vec<u8>) -> Option<Wish> {
        let malformed = |status| Some(Wish::Cut(answer(status, b"", false), Shed::Malformed));
        let Some(end) = held.windows(4).position(|w| w == b"\r\n\r\n") else {
            let long = Wish::Cut(answer(431, b"", false), Shed::TooLong);
            return (held.len() >= LONGEST).then_some(long);
        };
        let Some(head) = head(&held[..end]) else {
            return malformed(400);
        };
        if head.body > LONGEST_FORM {
            return Some(Wish::Cut(answer(413, b"", false), Shed::TooLong));
        }
        let whole = end + 4 + head.body;
        if held.len() < whole {
            return None;
        }
        let body: Vec<u8> = held.drain(..whole).skip(end + 4).collect();
        Some(self.wish(&head, &body))
    }

    fn tell(&mut self, message: &Message) -> Reply {
        let Message::Http(said) = message else {
            return Reply::default();
        };
        let bytes = match &**said {
            Http::Response { status, file } => {
                let body = file.as_ref().map(|f| text_of(f, &self.vault));
                answer(*status, &body.unwrap_or_default(), self.head)
            }
            Http::Crl { revoked } => {
                let row = |r: &pumplab_sim::wire::http::Revoked| format!("{}\n", r.serial);
                let rows: String = revoked.iter().map(row).collect();
                answer(200, rows.as_bytes(), self.head)
            }
            _ => return Reply::default(),
        };
        Reply {
            bytes,
            ends: true,
            ..Reply::default()
        }
    }
}

fn ask(http: Http) -> Wish {
    Wish::Ask(Box::new(Message::Http(Box::new(http))))
}

fn answer(status: u16, body: &[u8], head: bool) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        _ => "Unknown",
    };
    let page = format!(
        "<html><head><title>{status} {reason}</title></head><body><h1>{status} {reason}</h1></body></html>\r\n"
    );
    // What RFC 9110 wants beside these.
    let more = match status {
        401 => "WWW-Authenticate: Form realm=\"settings\"\r\n",
        405 => "Allow: GET, HEAD, POST\r\n",
        _ => "",
    };
    let (kind, body) = match status {
        200 => ("text/plain", body),
        _ => ("text/html", page.as_bytes()),
    };
    let length = body.len();
    let mut bytes = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n"
    )
    .into_bytes();
    if !head {
        bytes.extend_from_slice(body);
    }
    bytes
}

/// Reads a request's head, without the empty line after it; none if it is malformed, or says its length in another way than by a number.
fn head(bytes: &[u8]) -> Option<Head> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let token = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_graphic());
    let spoken = ["HTTP/1.0", "HTTP/1.1"].contains(&version);
    if words.next().is_some() || !spoken || !token(method) || !token(target) {
        return None;
    }
    let mut body = None;
    for (n, line) in lines.enumerate() {
        let (name, value) = line.split_once(':')?;
        if n == HEADERS || !token(name) {
            return None;
        }
        match &*name.to_ascii_lowercase() {
            "transfer-encoding" => return None,
            // Two lengths are how requests are smuggled.
            "content-length" if body.is_some() => return None,
            "content-length" => {
                let digits = value.trim();
                let number = digits.bytes().all(|b| b.is_ascii_digit());
                body = Some(digits.parse().ok().filter(|_| number)?);
            }
            _ => {}
        }
    }
    Some(Head {
        method: method.to_owned(),
        target: target.to_owned(),
        body: body.unwrap_or(0),
    })
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
    use crate::live::vault::tests::vault;
    use pumplab_sim::crypto::Passphrase;

    fn wish(request: &str) -> Option<Wish> {
        Web::new(Arc::new(vault())).take(&mut request.as_bytes().to_vec())
    }

    fn asked(request: &str) -> Http {
        match wish(request) {
            Some(Wish::Ask(message)) => match *message {
                Message::Http(http) => *http,
                other => panic!("{other:?}"),
            },
            other => panic!("{request:?}: {other:?}"),
        }
    }

    #[test]
    fn a_page_and_a_form_are_asked_for() {
        let Http::Get { path } = asked("GET /a%20b?x=1 HTTP/1.1\r\nHost: pump\r\n\r\n") else {
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
        } = asked(&request)
        else {
            panic!("no settings")
        };
        assert_eq!((&*user, &*server), ("admin", "pumpserver-b"));
        assert!(password.matches(&Passphrase::of("pharmacy-1")));
        assert!(
            wish(&request[..request.len() - 1]).is_none(),
            "it is not whole"
        );
    }

    #[test]
    fn requests_that_could_be_read_in_two_ways_are_cut() {
        for request in [
            "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
            "GET / HTTP/1.1\r\nno header\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n",
        ] {
            let wish = wish(request);
            assert!(matches!(wish, Some(Wish::Cut(..))), "{request:?}: {wish:?}");
        }
        let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(LONGEST));
        assert!(matches!(wish(&long), Some(Wish::Cut(_, Shed::TooLong))));
    }
}
