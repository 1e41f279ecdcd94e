//! A source file as tokens: enough of Rust's grammar to find names, paths and bodies; comments are left out.

use std::iter::Peekable;
use std::str::CharIndices;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Name,
    Number,
    Text,
    Sign,
}

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) line: usize,
    /// Whether it stands in code that is compiled for tests only.
    pub(crate) test: bool,
}

impl Token {
    pub(crate) fn is_name(&self, name: &str) -> bool {
        self.kind == Kind::Name && self.text == name
    }

    pub(crate) fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }
}

/// A source file.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Path from the root of the workspace, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
}

impl Source {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let mut tokens = Vec::new();
        if path.ends_with(".rs") {
            tokens = scan(&text);
            mark_tests(&mut tokens, is_test_file(&path));
        }
        Self { path, text, tokens }
    }

    /// Path below `sim/src/`, for files of the simulator.
    pub(crate) fn in_sim(&self) -> Option<&str> {
        self.path
            .strip_prefix("sim/src/")
            .filter(|p| p.ends_with(".rs"))
    }

    /// The path as modules: `sim/src/attack/open_shell.rs` is `attack`, `open_shell`.
    pub(crate) fn modules(&self) -> Vec<String> {
        let below = self.in_sim().unwrap_or(&self.path);
        let mut parts: Vec<String> = below
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect();
        if parts.last().is_some_and(|p| p == "mod" || p == "lib") {
            parts.pop();
        }
        parts
    }

    /// Tokens of what is shipped.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = (usize, &Token)> {
        self.tokens.iter().enumerate().filter(|(_, t)| !t.test)
    }

    pub(crate) fn is_test(&self) -> bool {
        is_test_file(&self.path)
    }
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.split('/').any(|p| p == "tests")
        || path.split('/').any(|p| p == "benches")
}

/// Marks what stands under `#[cfg(test)]`.
fn mark_tests(tokens: &mut [Token], all: bool) {
    if all {
        tokens.iter_mut().for_each(|t| t.test = true);
        return;
    }
    let signature = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut at = 0;
    while at + signature.len() <= tokens.len() {
        let here = &tokens[at..at + signature.len()];
        if here.iter().map(|t| t.text.as_str()).ne(signature) {
            at += 1;
            continue;
        }
        let end = item_end(tokens, at + signature.len());
        tokens[at..=end].iter_mut().for_each(|t| t.test = true);
        at = end + 1;
    }
}

/// Index of the last token of the item that begins at `from`: its closing brace, or the semicolon where it has no body.
pub(crate) fn item_end(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        if token.kind != Kind::Sign {
            continue;
        }
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.text == "}" {
                    return at;
                }
            }
            ";" if depth == 0 => return at,
            _ => {}
        }
    }
    tokens.len().saturating_sub(1)
}

struct Scanner<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    line: usize,
    tokens: Vec<Token>,
}

fn scan(text: &str) -> Vec<Token> {
    let mut scanner = Scanner {
        text,
        chars: text.char_indices().peekable(),
        line: 1,
        tokens: Vec::new(),
    };
    while let Some((at, c)) = scanner.next() {
        scanner.token(at, c);
    }
    scanner.tokens
}

impl Scanner<'_> {
    fn next(&mut self) -> Option<(usize, char)> {
        let next = self.chars.next();
        if let Some((_, '\n')) = next {
            self.line += 1;
        }
        next
    }

    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|(_, c)| *c)
    }

    fn here(&mut self) -> usize {
        self.chars.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn push(&mut self, kind: Kind, text: &str, line: usize) {
        self.tokens.push(Token {
            kind,
            text: text.to_owned(),
            line,
            test: false,
        });
    }

    fn while_(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.next();
        }
    }

    fn token(&mut self, at: usize, c: char) {
        let line = self.line;
        match c {
            '/' if self.peek() == Some('/') => self.while_(|c| c != '\n'),
            '/' if self.peek() == Some('*') => self.block_comment(),
            '"' => self.string(line),
            '\'' => self.quote(line),
            c if c.is_alphabetic() || c == '_' => {
                self.while_(|c| c.is_alphanumeric() || c == '_');
                let end = self.here();
                let word = &self.text[at..end];
                match (word, self.peek()) {
                    ("b" | "c", Some('"')) => {
                        self.next();
                        self.string(line);
                    }
                    ("b", Some('\'')) => {
                        self.next();
                        self.quote(line);
                    }
                    ("r" | "br" | "cr", Some('"' | '#')) => self.raw_string(line),
                    _ => self.push(Kind::Name, word, line),
                }
            }
            c if c.is_ascii_digit() => {
                self.while_(|c| c.is_alphanumeric() || c == '_');
                let end = self.here();
                self.push(Kind::Number, &self.text[at..end], line);
            }
            ':' if self.peek() == Some(':') => {
                self.next();
                self.push(Kind::Sign, "::", line);
            }
            c if c.is_whitespace() => {}
            c => self.push(Kind::Sign, c.encode_utf8(&mut [0; 4]), line),
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0usize;
        let mut before = '/';
        while let Some((_, c)) = self.next() {
            match (before, c) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    before = c;
                    continue;
                }
            }
            if depth == 0 {
                return;
            }
            before = ' ';
        }
    }

    fn string(&mut self, line: usize) {
        let from = self.here();
        let mut end = from;
        while let Some((at, c)) = self.next() {
            end = at;
            match c {
                '\\' => drop(self.next()),
                '"' => break,
                _ => {}
            }
        }
        self.push(Kind::Text, &self.text[from..end], line);
    }

    /// A raw string, or a raw name such as `r#type`.
    fn raw_string(&mut self, line: usize) {
        let hashes = self.here();
        self.while_(|c| c == '#');
        let hashes = &self.text[hashes..self.here()];
        if self.peek() != Some('"') {
            return;
        }
        self.next();
        let from = self.here();
        let close = format!("\"{hashes}");
        let length = self.text[from..]
            .find(&close)
            .unwrap_or(self.text.len() - from);
        while self.here() < (from + length + close.len()).min(self.text.len()) {
            self.next();
        }
        self.push(Kind::Text, &self.text[from..from + length], line);
    }

    /// A character, or a lifetime.
    fn quote(&mut self, line: usize) {
        let from = self.here();
        match self.next() {
            Some((_, '\\')) => {
                self.next();
                self.while_(|c| c != '\'');
                self.next();
                self.push(Kind::Text, "", line);
            }
            Some(_) if self.peek() == Some('\'') => {
                let end = self.here();
                self.next();
                self.push(Kind::Text, &self.text[from..end], line);
            }
            _ => self.while_(|c| c.is_alphanumeric() || c == '_'),
        }
    }
}
