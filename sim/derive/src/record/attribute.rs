//! What stands in `#[record(...)]`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Fields, Ident, LitStr, Token, Type, Variant, parenthesized, token};

/// What a record says about something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Refusal,
    Stop,
    Absence,
    Search,
    Note,
    Plain,
}

const CLASSES: &str = "refusal, stop, absence, search, note or plain";

impl Class {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "refusal" => Self::Refusal,
            "stop" => Self::Stop,
            "absence" => Self::Absence,
            "search" => Self::Search,
            "note" => Self::Note,
            "plain" => Self::Plain,
            _ => return None,
        })
    }

    /// The variant of the simulator's enum.
    pub(super) fn variant(self) -> &'static str {
        match self {
            Self::Refusal => "Refusal",
            Self::Stop => "Stop",
            Self::Absence => "Absence",
            Self::Search => "Search",
            Self::Note => "Note",
            Self::Plain => "Plain",
        }
    }
}

/// How much a record tells in a short explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    Routine,
    Passing,
    Slight,
    Fact,
}

impl Telling {
    /// The variant of the simulator's enum.
    pub(super) fn variant(self) -> &'static str {
        match self {
            Self::Routine => "Routine",
            Self::Passing => "Passing",
            Self::Slight => "Slight",
            Self::Fact => "Fact",
        }
    }
}

/// The sentence: a format string and what it names besides fields.
pub(super) struct Says {
    pub(super) format: LitStr,
    pub(super) named: Vec<(Ident, TokenStream)>,
}

/// The attribute of a variant.
pub(super) struct Attribute {
    pub(super) class: Class,
    pub(super) when: Option<TokenStream>,
    pub(super) item: Option<TokenStream>,
    pub(super) nobody: bool,
    pub(super) telling: Telling,
    pub(super) removed: Option<TokenStream>,
    pub(super) says: Says,
}

impl Attribute {
    /// The one attribute of a variant.
    pub(super) fn of(variant: &Variant) -> Result<Self, Error> {
        let mut found = variant.attrs.iter().filter(|a| a.path().is_ident("record"));
        let missing = || {
            let text = format!("a record needs #[record(CLASS, ...)], its class being {CLASSES}");
            Error::new_spanned(&variant.ident, text)
        };
        let attr = found.next().ok_or_else(missing)?;
        match found.next() {
            Some(second) => Err(Error::new_spanned(second, "one #[record(...)] per variant")),
            None => attr.parse_args(),
        }
    }

    /// Refuses what does not fit the variant.
    pub(super) fn checked(self, variant: &Variant) -> Result<Self, Error> {
        if matches!(variant.fields, Fields::Unnamed(_)) {
            return Err(Error::new_spanned(variant, "fields of records have names"));
        }
        if super::docs(&variant.attrs).is_empty() {
            return Err(Error::new_spanned(
                variant,
                "a record says in its documentation what it means",
            ));
        }
        for field in &variant.fields {
            if super::docs(&field.attrs).is_empty() {
                return Err(Error::new_spanned(
                    field,
                    "a field says in its documentation what it means",
                ));
            }
        }
        for field in variant.fields.iter().filter(|f| is_real(&f.ty)) {
            if super::unit(field)?.is_none() {
                let text = "a number that is not whole has a unit: its name ends with it, as in `_ml_per_h`, or #[record(unit = \"...\")]";
                return Err(Error::new_spanned(field, text));
            }
        }
        let stops = matches!(self.class, Class::Refusal | Class::Stop);
        match (&self.item, self.nobody) {
            (Some(item), true) => {
                let text = "either `item` decided or `nobody`";
                Err(Error::new_spanned(item, text))
            }
            (None, false) if stops => {
                let text = "what stops something says who decided: `item = EXPR`, or `nobody`";
                Err(Error::new_spanned(&variant.ident, text))
            }
            _ => Ok(self),
        }
    }
}

/// Whether a field's type is, or may be, a number that is not whole.
fn is_real(ty: &Type) -> bool {
    ty.to_token_stream().to_string().contains("f64")
}

impl Parse for Attribute {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let word = Ident::parse_any(input)?;
        let class = Class::of(&word.to_string()).ok_or_else(|| {
            Error::new_spanned(&word, format!("the class comes first: {CLASSES}"))
        })?;
        let when = if input.peek(Token![if]) {
            input.parse::<Token![if]>()?;
            Some(expression(input)?)
        } else {
            None
        };
        let (mut item, mut nobody, mut removed, mut says) = (None, false, None, None);
        let mut telling = None;
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let key = Ident::parse_any(input)?;
            let twice = match key.to_string().as_str() {
                "item" => item.replace(assigned(input)?).is_some(),
                "removed" => removed.replace(assigned(input)?).is_some(),
                "routine" => telling.replace(Telling::Routine).is_some(),
                "passing" => telling.replace(Telling::Passing).is_some(),
                "slight" => telling.replace(Telling::Slight).is_some(),
                "nobody" => std::mem::replace(&mut nobody, true),
                "says" => says.replace(sentence(input)?).is_some(),
                _ => {
                    return Err(Error::new_spanned(
                        &key,
                        "one of item, nobody, removed, routine, passing, slight, says",
                    ));
                }
            };
            if twice {
                return Err(Error::new_spanned(&key, format!("`{key}` stands twice")));
            }
        }
        let says = says
            .ok_or_else(|| Error::new_spanned(&word, "a record has a sentence: says(\"...\")"))?;
        Ok(Self {
            class,
            when,
            item,
            nobody,
            telling: telling.unwrap_or(Telling::Fact),
            removed,
            says,
        })
    }
}

fn assigned(input: ParseStream<'_>) -> Result<TokenStream, Error> {
    input.parse::<Token![=]>()?;
    expression(input)
}

/// The tokens up to the next comma.
fn expression(input: ParseStream<'_>) -> Result<TokenStream, Error> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        input
            .parse::<proc_macro2::TokenTree>()?
            .to_tokens(&mut tokens);
    }
    if tokens.is_empty() {
        return Err(input.error("an expression"));
    }
    Ok(tokens)
}

fn sentence(input: ParseStream<'_>) -> Result<Says, Error> {
    if !input.peek(token::Paren) {
        return Err(input.error("says(\"...\")"));
    }
    let inside;
    parenthesized!(inside in input);
    let format: LitStr = inside.parse()?;
    if format.value().trim().is_empty() {
        return Err(Error::new_spanned(&format, "a sentence has words"));
    }
    let mut named = Vec::new();
    while !inside.is_empty() {
        inside.parse::<Token![,]>()?;
        if inside.is_empty() {
            break;
        }
        let name = Ident::parse_any(&inside)?;
        named.push((name, assigned(&inside)?));
    }
    Ok(Says { format, named })
}
