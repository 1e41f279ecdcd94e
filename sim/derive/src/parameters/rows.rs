//! The fields of a struct or of a variant as rows of the catalogue, with what reads and writes them.

use super::attributes::{Rule, Said, doc, said};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{Error, Expr, Field, Fields, Ident, LitStr, Result, Type};

/// Rows and code for some fields.
pub(super) struct Rows {
    /// `&'static [Parameter]`.
    pub(super) parameters: TokenStream,
    /// `&'static [Relation]`.
    pub(super) relations: TokenStream,
    /// Names of the fields.
    pub(super) names: Vec<Ident>,
    /// `field: value` for each, from `__given`.
    pub(super) reads: Vec<TokenStream>,
    /// Statements that put each into `__raw`; fields are references of their names.
    pub(super) writes: Vec<TokenStream>,
    /// Statements that name the items of `__of` to `__provenance`; fields are mutable references of their names.
    pub(super) stamps: Vec<TokenStream>,
}

/// Some rows in a line, or the rows of another type.
enum Part {
    Own(Vec<TokenStream>),
    Of(Box<Type>),
}

#[derive(Default)]
struct Collected {
    parts: Vec<Part>,
    relations: Vec<TokenStream>,
    /// Types whose relations hold too.
    related: Vec<Type>,
    reads: Vec<TokenStream>,
    writes: Vec<TokenStream>,
    stamps: Vec<TokenStream>,
    names: Vec<Ident>,
}

impl Rows {
    /// Of named fields or none; `one_of` are groups of keys of which exactly one is given.
    pub(super) fn of(fields: &Fields, one_of: Vec<Vec<LitStr>>) -> Result<Self> {
        let fields: Vec<&Field> = match fields {
            Fields::Named(named) => named.named.iter().collect(),
            Fields::Unit => Vec::new(),
            Fields::Unnamed(_) => {
                return Err(Error::new_spanned(fields, "a parameter needs a name"));
            }
        };
        let mut all = Collected::default();
        for field in fields {
            all.field(field)?;
        }
        for keys in one_of {
            all.relations
                .push(quote!(::pumplab_sim::catalog::Relation::OneOf(&[#(#keys),*])));
        }
        Ok(all.finish())
    }
}

impl Collected {
    fn field(&mut self, field: &Field) -> Result<()> {
        let Some(ident) = &field.ident else {
            return Ok(());
        };
        let said = said(field)?;
        self.names.push(ident.clone());
        if let Some(item) = &said.item {
            self.stamps.push(quote! {
                ::pumplab_sim::spec::Stamped::stamp(#ident, &format!("{__of} {}", #item), __provenance);
            });
        }
        let parameters = quote!(::pumplab_sim::parameters::Parameters);
        if let Some(first) = &said.skip {
            self.reads.push(skipped(ident, first.as_ref()));
            return Ok(());
        }
        if let Some(other) = &said.flatten {
            let ty = other.as_ref().unwrap_or(&field.ty).clone();
            let read = quote!(<#ty as #parameters>::read(__given)?);
            self.reads.push(match other {
                Some(_) => quote!(#ident: ::core::convert::From::from(#read)),
                None => quote!(#ident: #read),
            });
            let from = other
                .as_ref()
                .map(|ty| quote!(let #ident = &<#ty>::from(#ident);));
            self.writes
                .push(quote!({ #from __raw.extend(#parameters::write(#ident)); }));
            self.parts.push(Part::Of(Box::new(ty.clone())));
            self.related.push(ty);
            return Ok(());
        }
        self.row(field, ident, &said)
    }

    fn row(&mut self, field: &Field, ident: &Ident, said: &Said) -> Result<()> {
        let key = said
            .key
            .clone()
            .unwrap_or_else(|| ident.unraw().to_string());
        let (row, rules) = row(field, &key, said)?;
        match self.parts.last_mut() {
            Some(Part::Own(rows)) => rows.push(row.clone()),
            _ => self.parts.push(Part::Own(vec![row.clone()])),
        }
        self.relations.extend(rules);
        let how = match said.optional {
            true => quote!(read_or_default),
            false => quote!(read),
        };
        let read = quote!({
            const ROW: ::pumplab_sim::catalog::Parameter = #row;
            __given.#how(&ROW)?
        });
        let value = quote!(::pumplab_sim::parameters::ParameterType);
        self.reads.push(match &said.via {
            Some(via) => {
                quote!(#ident: { let read: #via = #read; ::core::convert::From::from(read) })
            }
            None => quote!(#ident: #read),
        });
        let from = said
            .via
            .as_ref()
            .map(|via| quote!(let #ident = &<#via>::from(*#ident);));
        self.writes.push(quote!({
            #from
            if let ::core::option::Option::Some(value) = #value::write(#ident) {
                __raw.insert(::std::string::String::from(#key), value);
            }
        }));
        Ok(())
    }

    fn finish(self) -> Rows {
        let catalog = quote!(::pumplab_sim::catalog);
        let parameters = quote!(::pumplab_sim::parameters::Parameters);
        let of_parts = match self.parts.as_slice() {
            [] => quote!(&[]),
            [Part::Own(rows)] => quote!(&[#(#rows),*]),
            parts => {
                let lists = parts.iter().map(|part| match part {
                    Part::Own(rows) => quote!(&[#(#rows),*]),
                    Part::Of(ty) => quote!(<#ty as #parameters>::PARAMETERS),
                });
                let lengths = parts.iter().map(|part| match part {
                    Part::Own(rows) => {
                        let length = rows.len();
                        quote!(#length)
                    }
                    Part::Of(ty) => quote!(<#ty as #parameters>::PARAMETERS.len()),
                });
                quote! {
                    &#catalog::joined::<_, { #(#lengths)+* }>(#catalog::Parameter::NONE, &[#(#lists),*])
                }
            }
        };
        let (own, related) = (&self.relations, &self.related);
        let relations = if related.is_empty() {
            quote!(&[#(#own),*])
        } else {
            let length = own.len();
            quote! {
                &#catalog::joined::<_, { #length #(+ <#related as #parameters>::RELATIONS.len())* }>(
                    #catalog::Relation::NONE,
                    &[&[#(#own),*] #(, <#related as #parameters>::RELATIONS)*]
                )
            }
        };
        Rows {
            parameters: of_parts,
            relations,
            names: self.names,
            reads: self.reads,
            writes: self.writes,
            stamps: self.stamps,
        }
    }
}

/// What no file gives.
fn skipped(ident: &Ident, first: Option<&Expr>) -> TokenStream {
    match first {
        Some(first) => quote!(#ident: #first),
        None => quote!(#ident: ::core::default::Default::default()),
    }
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
    let ty = said.via.as_ref().unwrap_or(&field.ty);
    let value = quote!(<#ty as ::pumplab_sim::parameters::ParameterType>);
    let kinds = quote!(::pumplab_sim::catalog::ParameterKind);
    let mut kind = quote!(#value::KIND);
    if let Some(name) = &said.name {
        kind = quote!(#kind.of(&#kinds::Name(::pumplab_sim::catalog::Vocabulary::#name)));
    }
    if let Some(other) = &said.kind {
        kind = quote!(#kind.of(&#kinds::#other));
    }
    if let Some((from, to)) = &said.range {
        let (from, to) = (from.number()?, to.number()?);
        kind = quote!(#kind.within(#from, #to));
    }
    let some = |value: &TokenStream| quote!(::core::option::Option::Some(#value));
    let none = quote!(::core::option::Option::None);
    let (default, required) = match &said.default {
        Some(literal) => (some(literal), quote!(false)),
        None if said.elsewhere || said.optional || !said.defaults.is_empty() => {
            (none.clone(), quote!(false))
        }
        None => (none.clone(), quote!(!#value::OPTIONAL)),
    };
    let text = |text: &Option<LitStr>| match text {
        Some(text) => some(&quote!(#text)),
        None => none.clone(),
    };
    let (unit, port_of) = (text(&said.unit), text(&said.port_of));
    let elsewhere = said.elsewhere;
    let defaults = said.defaults.iter().map(|d| {
        let (of, word, value) = (&d.of, text(&d.word), &d.value);
        quote! {
            ::pumplab_sim::catalog::DefaultWith {
                of: #of,
                word: #word,
                value: ::pumplab_sim::catalog::Literal::Integer(#value as i64),
            }
        }
    });
    let row = quote! {
        ::pumplab_sim::catalog::Parameter {
            name: #key,
            kind: #kind,
            required: #required,
            default: #default,
            defaults: &[#(#defaults),*],
            elsewhere: #elsewhere,
            unit: #unit,
            port_of: #port_of,
            doc: #doc,
        }
    };
    Ok((row, rules(key, said)))
}

/// What binds a field to others.
fn rules(key: &str, said: &Said) -> Vec<TokenStream> {
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
    rules.collect()
}
