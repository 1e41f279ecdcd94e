//! A source file as tokens: enough of Rust's grammar to find names, paths and bodies; comments are left out.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::{Item, Lit, UseTree, Visibility};

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
    /// What it passes on from elsewhere under a name of its own module: the name, and the path as written.
    pub(crate) reexports: Vec<(String, Vec<String>)>,
    /// Where it is no Rust, although its name says so: the line, and what is wrong.
    pub(crate) unreadable: Option<(usize, String)>,
}

impl Source {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let mut source = Self {
            path,
            text,
            tokens: Vec::new(),
            reexports: Vec::new(),
            unreadable: None,
        };
        if source.path.ends_with(".rs") {
            source.read();
        }
        source
    }

    fn read(&mut self) {
        let read = syn::parse_file(&self.text).and_then(|file| {
            let stream: TokenStream = self.text.parse()?;
            Ok((file, stream))
        });
        match read {
            Ok((file, stream)) => {
                flatten(stream, &mut self.tokens);
                mark_tests(&mut self.tokens, is_test_file(&self.path));
                for item in &file.items {
                    if let Item::Use(used) = item
                        && !matches!(used.vis, Visibility::Inherited)
                    {
                        leaves(&used.tree, &mut Vec::new(), &mut self.reexports);
                    }
                }
            }
            Err(wrong) => {
                self.unreadable = Some((wrong.span().start().line, wrong.to_string()));
            }
        }
    }

    /// Path below `sim/src/`, for files of the simulator.
    pub(crate) fn in_sim(&self) -> Option<&str> {
        self.path
            .strip_prefix("sim/src/")
            .filter(|p| p.ends_with(".rs"))
    }

    /// The path as modules of its crate: `sim/src/attack/open_shell.rs` is `attack`, `open_shell`.
    pub(crate) fn modules(&self) -> Vec<String> {
        let below = self
            .path
            .split_once("/src/")
            .map_or(&*self.path, |(_, b)| b);
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

/// The names at the ends of a `use`, each with its path.
fn leaves(tree: &UseTree, base: &mut Vec<String>, found: &mut Vec<(String, Vec<String>)>) {
    match tree {
        UseTree::Path(path) => {
            base.push(path.ident.unraw().to_string());
            leaves(&path.tree, base, found);
            base.pop();
        }
        UseTree::Name(name) => {
            let name = name.ident.unraw().to_string();
            let path = base.iter().chain(std::iter::once(&name));
            found.push((name.clone(), path.cloned().collect()));
        }
        UseTree::Rename(renamed) => {
            let path = base.iter().cloned();
            let path = path.chain(std::iter::once(renamed.ident.unraw().to_string()));
            found.push((renamed.rename.unraw().to_string(), path.collect()));
        }
        UseTree::Glob(_) => {}
        UseTree::Group(group) => {
            for tree in &group.items {
                leaves(tree, base, found);
            }
        }
    }
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

/// The tokens of a stream, its groups between their brackets. Documentation is left out.
fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let mut push = |kind, text: &str, line| {
            tokens.push(Token {
                kind,
                text: text.to_owned(),
                line,
                test: false,
            });
        };
        match tree {
            TokenTree::Ident(name) => push(Kind::Name, name.unraw().to_string().as_str(), line),
            TokenTree::Literal(literal) => match Lit::new(literal) {
                Lit::Str(text) => push(Kind::Text, &text.value(), line),
                Lit::Int(number) => push(Kind::Number, &number.to_string(), line),
                Lit::Float(number) => push(Kind::Number, &number.to_string(), line),
                _ => push(Kind::Text, "", line),
            },
            TokenTree::Punct(sign) => match sign.as_char() {
                // A lifetime.
                '\'' => drop(trees.next()),
                ':' if sign.spacing() == Spacing::Joint
                    && matches!(trees.peek(), Some(TokenTree::Punct(p)) if p.as_char() == ':') =>
                {
                    trees.next();
                    push(Kind::Sign, "::", line);
                }
                '#' => {
                    let inner =
                        matches!(trees.peek(), Some(TokenTree::Punct(p)) if p.as_char() == '!');
                    let bang = inner.then(|| trees.next());
                    match trees.peek() {
                        Some(TokenTree::Group(group)) if is_doc(group) => drop(trees.next()),
                        _ => {
                            push(Kind::Sign, "#", line);
                            if bang.is_some() {
                                push(Kind::Sign, "!", line);
                            }
                        }
                    }
                }
                sign => push(Kind::Sign, sign.encode_utf8(&mut [0; 4]), line),
            },
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::None => ("", ""),
                };
                push(Kind::Sign, open, group.span_open().start().line);
                flatten(group.stream(), tokens);
                let line = group.span_close().start().line;
                tokens.push(Token {
                    kind: Kind::Sign,
                    text: close.to_owned(),
                    line,
                    test: false,
                });
            }
        }
    }
}

/// Whether an attribute is a documentation comment.
fn is_doc(attribute: &Group) -> bool {
    let first = attribute.stream().into_iter().next();
    attribute.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
}
