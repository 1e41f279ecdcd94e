//! The paths that a file names, with groups taken apart and `super` resolved.

use super::source::{Kind, Source, Token};

/// A path as written from its root: `crate`, `std`, or another crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

impl Named {
    /// Whether the path begins with these parts.
    pub(crate) fn is_below(&self, prefix: &str) -> bool {
        let prefix: Vec<&str> = prefix.split("::").collect();
        self.path.len() >= prefix.len() && prefix.iter().zip(&self.path).all(|(a, b)| a == b)
    }
}

/// Every path in shipped code that begins with `root`; for `crate` also those that leave their module by `super`.
pub(crate) fn paths(source: &Source, root: &str) -> Vec<Named> {
    let tokens = &source.tokens;
    let mut modules = source.modules();
    let (mut depth, mut opened) = (0usize, Vec::new());
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            _ if token.kind == Kind::Text => {}
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if opened.last() == Some(&depth) {
                    opened.pop();
                    modules.pop();
                }
            }
            "mod" if tokens.get(at + 2).is_some_and(|t| t.is_sign("{")) => {
                opened.push(depth);
                modules.push(tokens[at + 1].text.clone());
            }
            "super" if root == "crate" && !token.test && starts_path(tokens, at) => {
                let mut base = modules.clone();
                while tokens.get(at).is_some_and(|t| t.is_name("super")) {
                    base.pop();
                    at += 2;
                }
                tree(tokens, &mut at, base, &mut found);
                continue;
            }
            word if word == root && !token.test && starts_path(tokens, at) => {
                at += 2;
                tree(tokens, &mut at, Vec::new(), &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn starts_path(tokens: &[Token], at: usize) -> bool {
    let after = tokens.get(at + 1).is_some_and(|t| t.is_sign("::"))
        || tokens.get(at + 1).is_some_and(|t| t.is_name("as"));
    // A leading `::` is no part before it, but `a::crate_name` is another thing.
    let inside = at >= 2
        && tokens[at - 1].is_sign("::")
        && matches!(tokens[at - 2].kind, Kind::Name)
        && tokens[at - 2].text != "use";
    after && !inside
}

/// Reads a path or a use tree at `at` below `base`, and leaves `at` behind it.
fn tree(tokens: &[Token], at: &mut usize, mut base: Vec<String>, found: &mut Vec<Named>) {
    while let Some(token) = tokens.get(*at) {
        let line = token.line;
        if token.is_sign("{") {
            *at += 1;
            while tokens.get(*at).is_some_and(|t| !t.is_sign("}")) {
                let before = *at;
                tree(tokens, at, base.clone(), found);
                while tokens
                    .get(*at)
                    .is_some_and(|t| !t.is_sign(",") && !t.is_sign("}"))
                {
                    *at += 1;
                }
                if tokens.get(*at).is_some_and(|t| t.is_sign(",")) || *at == before {
                    *at += 1;
                }
            }
            *at += 1;
            return;
        }
        match token.kind {
            Kind::Name if token.text == "self" => {}
            Kind::Name => base.push(token.text.clone()),
            Kind::Sign if token.text == "*" => {}
            _ => {
                found.push(Named { path: base, line });
                return;
            }
        }
        *at += 1;
        if tokens.get(*at).is_some_and(|t| t.is_sign("::")) {
            *at += 1;
        } else {
            found.push(Named { path: base, line });
            return;
        }
    }
    found.push(Named {
        path: base,
        line: tokens.last().map_or(1, |t| t.line),
    });
}
