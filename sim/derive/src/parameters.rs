//! `Parameters` and `Words`: what a technique, a goal or an event takes, said once, in the type that its code reads.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::meta::ParseNestedMeta;
use syn::parse::Parse;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Field, Fields, Lit, LitStr, Meta, Result, Token,
};

/// What the attributes of a field say.
#[derive(Default)]
struct Said {
    key: Option<String>,
    default: Option<TokenStream>,
    range: Option<(Signed, Signed)>,
    unit: Option<LitStr>,
    port_of: Option<LitStr>,
    relations: Vec<Rule>,
}

/// A rule that binds a field to others.
enum Rule {
    Needs(Vec<LitStr>),
    OnlyWith(String, Vec<LitStr>),
    NeededWith(String, Vec<LitStr>),
}

/// A number literal, perhaps below zero.
struct Signed {
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
    fn number(&self) -> Result<TokenStream> {
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

/// The comment on an item as one line.
fn doc(attributes: &[Attribute]) -> String {
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

fn keys(meta: &ParseNestedMeta<'_>) -> Result<Vec<LitStr>> {
    let inner;
    syn::parenthesized!(inner in meta.input);
    let keys = Punctuated::<LitStr, Token![,]>::parse_terminated(&inner)?;
    Ok(keys.into_iter().collect())
}

fn said(field: &Field) -> Result<Said> {
    let mut said = Said::default();
    for attribute in field.attrs.iter().filter(|a| a.path().is_ident("param")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("key") {
                said.key = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.path.is_ident("default") {
                said.default = Some(meta.value()?.parse::<Signed>()?.literal()?);
            } else if meta.path.is_ident("range") {
                let value = meta.value()?;
                let from = value.parse()?;
                value.parse::<Token![..=]>()?;
                said.range = Some((from, value.parse()?));
            } else if meta.path.is_ident("unit") {
                said.unit = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("port_of") {
                said.port_of = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("needs") {
                said.relations.push(Rule::Needs(keys(&meta)?));
            } else if meta.path.is_ident("only_with") {
                let (of, words) = of_words(&meta)?;
                said.relations.push(Rule::OnlyWith(of, words));
            } else if meta.path.is_ident("needed_with") {
                let (of, words) = of_words(&meta)?;
                said.relations.push(Rule::NeededWith(of, words));
            } else {
                return Err(meta.error(
                    "`key`, `default`, `range`, `unit`, `port_of`, `needs`, `only_with` or `needed_with`",
                ));
            }
            Ok(())
        })?;
    }
    Ok(said)
}

/// Groups of keys of which exactly one is given, by the attribute on the struct.
fn one_of(input: &DeriveInput) -> Result<Vec<Vec<LitStr>>> {
    let mut groups = Vec::new();
    for attribute in input.attrs.iter().filter(|a| a.path().is_ident("param")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("one_of") {
                groups.push(keys(&meta)?);
                Ok(())
            } else {
                Err(meta.error("`one_of`"))
            }
        })?;
    }
    Ok(groups)
}

/// The row of a field in the catalogue, and its relations.
fn row(field: &Field, key: &str, said: &Said) -> Result<(TokenStream, Vec<TokenStream>)> {
    let doc = doc(&field.attrs);
    if doc.is_empty() {
        return Err(Error::new_spanned(
            field,
            "the comment of a parameter is its documentation: say what it means",
        ));
    }
    let ty = &field.ty;
    let value = quote!(<#ty as ::pumplab_sim::parameters::ParameterType>);
    let mut kind = quote!(#value::KIND);
    if let Some((from, to)) = &said.range {
        let (from, to) = (from.number()?, to.number()?);
        kind = quote!(#kind.within(#from, #to));
    }
    let (default, required) = match &said.default {
        Some(literal) => (
            quote!(::core::option::Option::Some(#literal)),
            quote!(false),
        ),
        None => (
            quote!(::core::option::Option::None),
            quote!(!#value::OPTIONAL),
        ),
    };
    let text = |text: &Option<LitStr>| match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    };
    let (unit, port_of) = (text(&said.unit), text(&said.port_of));
    let row = quote! {
        ::pumplab_sim::catalog::Parameter {
            name: #key,
            kind: #kind,
            required: #required,
            default: #default,
            unit: #unit,
            port_of: #port_of,
            doc: #doc,
        }
    };
    let relation = quote!(::pumplab_sim::catalog::Relation);
    let rules = said.relations.iter().map(|rule| match rule {
        Rule::Needs(keys) => quote!(#relation::Needs { parameter: #key, needs: &[#(#keys),*] }),
        Rule::OnlyWith(of, words) => {
            quote!(#relation::OnlyWith { parameter: #key, of: #of, words: &[#(#words),*] })
        }
        Rule::NeededWith(of, words) => {
            quote!(#relation::NeededWith { parameter: #key, of: #of, words: &[#(#words),*] })
        }
    });
    Ok((row, rules.collect()))
}

pub(crate) fn parameters(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(input, "parameters are a struct"));
    };
    let fields = match &data.fields {
        Fields::Named(named) => named.named.iter().collect(),
        Fields::Unit => Vec::new(),
        Fields::Unnamed(_) => {
            return Err(Error::new_spanned(input, "a parameter needs a name"));
        }
    };
    let name = &input.ident;
    let (mut rows, mut relations) = (Vec::new(), Vec::new());
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    for (n, field) in fields.iter().enumerate() {
        let said = said(field)?;
        let Some(ident) = &field.ident else { continue };
        let key = said
            .key
            .clone()
            .unwrap_or_else(|| ident.unraw().to_string());
        let (row, rules) = row(field, &key, &said)?;
        rows.push(row);
        relations.extend(rules);
        reads.push(quote!(#ident: given.read(&Self::PARAMETERS[#n])?));
        writes.push(quote!((#key, crate::parameters::ParameterType::write(&self.#ident))));
    }
    for keys in one_of(input)? {
        relations.push(quote!(::pumplab_sim::catalog::Relation::OneOf(&[#(#keys),*])));
    }
    let count = writes.len();
    Ok(quote! {
        impl ::pumplab_sim::parameters::Parameters for #name {
            const PARAMETERS: &'static [::pumplab_sim::catalog::Parameter] = &[#(#rows),*];
            const RELATIONS: &'static [::pumplab_sim::catalog::Relation] = &[#(#relations),*];

            fn read(
                given: &::pumplab_sim::parameters::Given<'_>,
            ) -> ::core::result::Result<Self, ::pumplab_sim::parameters::ParameterError> {
                let _ = given;
                Ok(Self { #(#reads),* })
            }

            fn write(&self) -> crate::parameters::Raw {
                let given: [(&str, ::core::option::Option<crate::spec::ParamValue>); #count] =
                    [#(#writes),*];
                let given = given.into_iter();
                given.filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
            }
        }
    })
}

/// `OwnAuthority` as `own-authority`.
fn kebab(name: &str) -> String {
    let mut word = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            word.push('-');
        }
        word.extend(c.to_lowercase());
    }
    word
}

pub(crate) fn words(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(input, "words are an enum"));
    };
    let name = &input.ident;
    let (mut names, mut docs, mut variants) = (Vec::new(), Vec::new(), Vec::new());
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(variant, "a word has no fields"));
        }
        let doc = doc(&variant.attrs);
        if doc.is_empty() {
            return Err(Error::new_spanned(
                variant,
                "the comment of a word is its documentation: say what it means",
            ));
        }
        names.push(kebab(&variant.ident.to_string()));
        docs.push(doc);
        variants.push(&variant.ident);
    }
    Ok(quote! {
        impl ::pumplab_sim::parameters::ParameterType for #name {
            const KIND: ::pumplab_sim::catalog::ParameterKind =
                ::pumplab_sim::catalog::ParameterKind::Word(&::pumplab_sim::catalog::Words {
                    words: &[#(#names),*],
                    docs: &[#(#docs),*],
                });

            fn read(
                value: &::pumplab_sim::spec::ParamValue,
                _: &::pumplab_sim::catalog::ParameterKind,
            ) -> ::core::result::Result<Self, ::pumplab_sim::parameters::Problem> {
                match ::pumplab_sim::parameters::text(value)? {
                    #(#names => Ok(Self::#variants),)*
                    other => Err(::pumplab_sim::parameters::Problem::word(other, &[#(#names),*])),
                }
            }

            fn write(&self) -> ::core::option::Option<crate::spec::ParamValue> {
                let word = match self {
                    #(Self::#variants => #names,)*
                };
                Some(crate::spec::ParamValue::Text(word.to_owned()))
            }
        }
    })
}
