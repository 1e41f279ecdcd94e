//! What the attributes of fields say.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::meta::ParseNestedMeta;
use syn::parse::Parse;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, Field, Ident, Lit, LitStr, Meta, Result, Token, Type};

/// What the attributes of a field say.
#[derive(Default)]
pub(super) struct Said {
    pub(super) key: Option<String>,
    pub(super) default: Option<TokenStream>,
    pub(super) range: Option<(Signed, Signed)>,
    pub(super) unit: Option<LitStr>,
    pub(super) port_of: Option<LitStr>,
    /// The vocabulary in which the text is a name.
    pub(super) name: Option<Ident>,
    /// Another kind than that of the type.
    pub(super) kind: Option<Ident>,
    /// The type that a file gives, where it is another.
    pub(super) via: Option<Type>,
    /// Whether the keys of the field's type stand beside the others, and the type that has them where it is another.
    pub(super) flatten: Option<Option<Type>>,
    /// Whether no file gives it, and what it is at first where that is not its default.
    pub(super) skip: Option<Option<Expr>>,
    /// What it is called in the provenance.
    pub(super) item: Option<LitStr>,
    /// Whether something other than the table may give it: it need not be there.
    pub(super) elsewhere: bool,
    /// Whether it need not be there; its default is that of its type.
    pub(super) optional: bool,
    /// Defaults that depend on another parameter.
    pub(super) defaults: Vec<DefaultWith>,
    pub(super) relations: Vec<Rule>,
}

/// A rule that binds a field to others.
pub(super) enum Rule {
    Needs(Vec<LitStr>),
    OnlyWith(String, Vec<LitStr>),
    NeededWith(String, Vec<LitStr>),
}

/// A number literal, perhaps below zero.
pub(super) struct Signed {
    minus: bool,
    lit: Lit,
}

impl Parse for Signed {
    fn parse(input: syn::parse::ParseStream<'_>) -> Result<Self> {
        let minus = input.parse::<Option<Token![-]>>()?.is_some();
        Ok(Self {
            minus,
            lit: input.parse()?,
        })
    }
}

impl Signed {
    pub(super) fn number(&self) -> Result<TokenStream> {
        let value = match &self.lit {
            Lit::Int(i) => i.base10_parse::<f64>()?,
            Lit::Float(f) => f.base10_parse::<f64>()?,
            other => return Err(Error::new_spanned(other, "a number is needed here")),
        };
        let value = if self.minus { -value } else { value };
        Ok(quote!(#value))
    }

    fn literal(&self) -> Result<TokenStream> {
        let path = quote!(::pumplab_sim::catalog::Literal);
        match &self.lit {
            Lit::Int(i) => {
                let value = i.base10_parse::<i64>()?;
                let value = if self.minus { -value } else { value };
                Ok(quote!(#path::Integer(#value)))
            }
            Lit::Float(_) => {
                let value = self.number()?;
                Ok(quote!(#path::Number(#value)))
            }
            Lit::Str(text) => Ok(quote!(#path::Text(#text))),
            Lit::Bool(b) => Ok(quote!(#path::Bool(#b))),
            other => Err(Error::new_spanned(other, "no default of this kind")),
        }
    }
}

/// A literal, or a constant number.
fn default(input: syn::parse::ParseStream<'_>) -> Result<TokenStream> {
    if input.peek(Token![-]) || input.peek(Lit) {
        return input.parse::<Signed>()?.literal();
    }
    let constant: Expr = input.parse()?;
    Ok(quote!(::pumplab_sim::catalog::Literal::Number(#constant)))
}

/// A default for when another parameter is given, or is a word: `(service = "files") 21`.
pub(super) struct DefaultWith {
    pub(super) of: String,
    pub(super) word: Option<LitStr>,
    pub(super) value: Expr,
}

impl Parse for DefaultWith {
    fn parse(input: syn::parse::ParseStream<'_>) -> Result<Self> {
        let inner;
        syn::parenthesized!(inner in input);
        let of = inner.call(syn::Ident::parse_any)?.unraw().to_string();
        let word = match inner.parse::<Option<Token![=]>>()? {
            Some(_) => Some(inner.parse()?),
            None => None,
        };
        Ok(Self {
            of,
            word,
            value: input.parse()?,
        })
    }
}

/// The comment on an item as one line.
pub(super) fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|a| match &a.meta {
        Meta::NameValue(named) if named.path.is_ident("doc") => match &named.value {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// `of = "word", "word"` in brackets.
fn of_words(meta: &ParseNestedMeta<'_>) -> Result<(String, Vec<LitStr>)> {
    let inner;
    syn::parenthesized!(inner in meta.input);
    let of = inner.call(syn::Ident::parse_any)?.unraw().to_string();
    inner.parse::<Token![=]>()?;
    let words = Punctuated::<LitStr, Token![,]>::parse_terminated(&inner)?;
    Ok((of, words.into_iter().collect()))
}

pub(super) fn keys(meta: &ParseNestedMeta<'_>) -> Result<Vec<LitStr>> {
    let inner;
    syn::parenthesized!(inner in meta.input);
    let keys = Punctuated::<LitStr, Token![,]>::parse_terminated(&inner)?;
    Ok(keys.into_iter().collect())
}

pub(super) fn said(field: &Field) -> Result<Said> {
    let mut said = Said::default();
    for attribute in field.attrs.iter().filter(|a| a.path().is_ident("param")) {
        attribute.parse_nested_meta(|meta| said.take(&meta))?;
    }
    Ok(said)
}

impl Said {
    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let Some(word) = meta.path.get_ident() else {
            return Err(meta.error(KNOWN));
        };
        match word.to_string().as_str() {
            "key" => self.key = Some(meta.value()?.parse::<LitStr>()?.value()),
            "default" => self.default = Some(default(meta.value()?)?),
            "range" => {
                let value = meta.value()?;
                let from = value.parse()?;
                value.parse::<Token![..=]>()?;
                self.range = Some((from, value.parse()?));
            }
            "unit" => self.unit = Some(meta.value()?.parse()?),
            "port_of" => self.port_of = Some(meta.value()?.parse()?),
            "name" => self.name = Some(meta.value()?.parse()?),
            "kind" => self.kind = Some(meta.value()?.parse()?),
            "via" => self.via = Some(meta.value()?.parse()?),
            "flatten" => self.flatten = Some(perhaps(meta)?),
            "skip" => self.skip = Some(perhaps(meta)?),
            "item" => self.item = Some(meta.value()?.parse()?),
            "elsewhere" => self.elsewhere = true,
            "optional" => self.optional = true,
            "default_with" => self.defaults.push(meta.value()?.parse()?),
            "needs" => self.relations.push(Rule::Needs(keys(meta)?)),
            "only_with" => {
                let (of, words) = of_words(meta)?;
                self.relations.push(Rule::OnlyWith(of, words));
            }
            "needed_with" => {
                let (of, words) = of_words(meta)?;
                self.relations.push(Rule::NeededWith(of, words));
            }
            _ => return Err(meta.error(KNOWN)),
        }
        Ok(())
    }
}

const KNOWN: &str = "`key`, `default`, `range`, `unit`, `port_of`, `name`, `kind`, `via`, `flatten`, `skip`, `item`, `elsewhere`, `optional`, `default_with`, `needs`, `only_with` or `needed_with`";

/// What stands behind `=`, if it is there.
fn perhaps<T: Parse>(meta: &ParseNestedMeta<'_>) -> Result<Option<T>> {
    match meta.input.peek(Token![=]) {
        true => meta.value()?.parse().map(Some),
        false => Ok(None),
    }
}
