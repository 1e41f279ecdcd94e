//! Enums whose variants are kinds of thing in a file: told apart by a word (`Tagged`), or by the key of a table (`Keyed`).

use super::attributes::doc;
use super::rows::Rows;
use super::words::kebab;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, LitStr, Result, Variant};

fn variants(input: &DeriveInput) -> Result<Vec<&Variant>> {
    match &input.data {
        Data::Enum(data) => Ok(data.variants.iter().collect()),
        _ => Err(Error::new_spanned(input, "an enum is needed here")),
    }
}

fn documented(variant: &Variant) -> Result<String> {
    let doc = doc(&variant.attrs);
    if doc.is_empty() {
        return Err(Error::new_spanned(
            variant,
            "the comment of a variant is its documentation: say what it means",
        ));
    }
    Ok(doc)
}

pub(crate) fn tagged(input: &DeriveInput) -> Result<TokenStream> {
    let this = quote!(::pumplab_sim::parameters);
    let catalog = quote!(::pumplab_sim::catalog);
    let (mut tables, mut ids, mut reads, mut writes) = (vec![], vec![], vec![], vec![]);
    for variant in variants(input)? {
        let (name, doc) = (&variant.ident, documented(variant)?);
        let id = kebab(&name.to_string());
        let Rows {
            parameters,
            relations,
            names,
            reads: read,
            writes: write,
            ..
        } = Rows::of(&variant.fields, Vec::new())?;
        tables.push(quote! {
            #catalog::Table { name: #id, doc: #doc, parameters: #parameters, relations: #relations }
        });
        ids.push(quote!(Self::#name { .. } => #id));
        reads.push(quote!(#id => Ok(Self::#name { #(#read),* })));
        writes.push(quote!(Self::#name { #(#names),* } => { #(#write)* }));
    }
    let ident = &input.ident;
    Ok(quote! {
        impl #this::Tagged for #ident {
            const TABLES: &'static [#catalog::Table] = &[#(#tables),*];

            fn id(&self) -> &'static str {
                match self { #(#ids),* }
            }

            fn read(
                id: &str,
                __given: &#this::Given<'_>,
            ) -> ::core::result::Result<Self, #this::ParameterError> {
                match id {
                    #(#reads,)*
                    _ => Err(#this::ParameterError::unknown(id)),
                }
            }

            fn write(&self) -> #this::Raw {
                let mut __raw = #this::Raw::new();
                #[allow(unused_variables)]
                match self { #(#writes)* }
                __raw
            }
        }
    })
}

/// How the key of a variant is written.
#[derive(Default)]
struct Form {
    key: Option<String>,
    /// What messages call its table.
    name: Option<LitStr>,
    /// It is no key.
    skip: bool,
    /// A list of tables, each one of them.
    many: bool,
    /// A list of values of its only field.
    each: bool,
    /// `true`; what it holds is the default.
    marker: bool,
}

fn form(variant: &Variant) -> Result<Form> {
    let mut form = Form::default();
    for attribute in variant.attrs.iter().filter(|a| a.path().is_ident("param")) {
        attribute.parse_nested_meta(|meta| {
            let word = meta.path.get_ident().map(ToString::to_string);
            match word.as_deref() {
                Some("key") => form.key = Some(meta.value()?.parse::<LitStr>()?.value()),
                Some("name") => form.name = Some(meta.value()?.parse()?),
                Some("skip") => form.skip = true,
                Some("many") => form.many = true,
                Some("each") => form.each = true,
                Some("marker") => form.marker = true,
                _ => return Err(meta.error("`key`, `name`, `skip`, `many`, `each` or `marker`")),
            }
            Ok(())
        })?;
    }
    Ok(form)
}

/// What is written out for one variant of a `Keyed` enum.
struct Key {
    row: TokenStream,
    read: TokenStream,
    stamp: TokenStream,
}

pub(crate) fn keyed(input: &DeriveInput) -> Result<TokenStream> {
    let mut all = Vec::new();
    for variant in variants(input)? {
        let form = form(variant)?;
        if !form.skip {
            all.push(key(variant, &form)?);
        }
    }
    let (rows, reads) = (all.iter().map(|k| &k.row), all.iter().map(|k| &k.read));
    let stamps = all.iter().map(|k| &k.stamp);
    let ident = &input.ident;
    let this = quote!(::pumplab_sim::parameters);
    Ok(quote! {
        impl #this::Keyed for #ident {
            const KEYS: &'static [::pumplab_sim::catalog::Parameter] = &[#(#rows),*];

            fn read(
                key: &str,
                value: &::pumplab_sim::spec::ParamValue,
            ) -> ::core::result::Result<::std::vec::Vec<Self>, #this::ParameterError> {
                match key {
                    #(#reads,)*
                    _ => Err(#this::ParameterError::unknown(key)),
                }
            }
        }

        impl ::pumplab_sim::spec::Stamped for #ident {
            fn stamp(&mut self, __of: &str, __provenance: &mut ::pumplab_sim::spec::Provenance) {
                #[allow(unused_variables, unreachable_patterns)]
                match self {
                    #(#stamps)*
                    _ => {}
                }
            }
        }
    })
}

fn key(variant: &Variant, form: &Form) -> Result<Key> {
    let this = quote!(::pumplab_sim::parameters);
    let catalog = quote!(::pumplab_sim::catalog);
    let kinds = quote!(#catalog::ParameterKind);
    let (name, doc) = (&variant.ident, documented(variant)?);
    let key = form
        .key
        .clone()
        .unwrap_or_else(|| kebab(&name.to_string()).replace('-', "_"));
    let mut stamp = quote!();
    let (kind, one) = match &variant.fields {
        Fields::Unit => (
            quote!(#kinds::Marker),
            quote!(#this::marked(key, value, Self::#name)),
        ),
        Fields::Unnamed(_) if form.marker => {
            let made = quote!(Self::#name(::core::default::Default::default()));
            (
                quote!(#kinds::Marker),
                quote!(#this::marked(key, value, #made)),
            )
        }
        Fields::Unnamed(fields) => {
            let Some(ty) = fields.unnamed.first().map(|f| &f.ty) else {
                return Err(Error::new_spanned(variant, "what does it hold?"));
            };
            stamp = quote! {
                Self::#name(held) => ::pumplab_sim::spec::Stamped::stamp(held, __of, __provenance),
            };
            let table = quote!(<#ty as #this::Parameters>::TABLE);
            (
                quote!(#kinds::Table(#table)),
                quote!(#this::table(key, value, <#ty as #this::Parameters>::parse).map(Self::#name)),
            )
        }
        Fields::Named(fields) => {
            let Rows {
                parameters,
                relations,
                names,
                reads,
                stamps,
                ..
            } = Rows::of(&variant.fields, Vec::new())?;
            stamp = quote!(Self::#name { #(#names),* } => { #(#stamps)* });
            let title = form
                .name
                .as_ref()
                .map_or_else(|| key.clone(), LitStr::value);
            let table = quote! {
                #catalog::Table {
                    name: #title,
                    doc: #doc,
                    parameters: #parameters,
                    relations: #relations,
                }
            };
            let parse = quote!(|raw| {
                const TABLE: &#catalog::Table = &#table;
                #this::checked(TABLE, raw, |__given| Ok(Self::#name { #(#reads),* }))
            });
            match (form.each, fields.named.first()) {
                (true, Some(field)) => {
                    let (ty, ident) = (&field.ty, &field.ident);
                    let value = quote!(<#ty as #this::ParameterType>);
                    (
                        quote!(#value::KIND),
                        quote!(#this::one(key, value, &#value::KIND).map(|#ident| Self::#name { #ident })),
                    )
                }
                _ => (
                    quote!(#kinds::Table(&#table)),
                    quote!(#this::table(key, value, #parse)),
                ),
            }
        }
    };
    let (kind, read) = match form.many || form.each {
        true => (
            quote!(#kinds::List(&#kind)),
            quote!(#this::list(key, value)?.iter().map(|value| #one).collect()),
        ),
        false => (kind, quote!(#one.map(|one| vec![one]))),
    };
    let row = quote! {
        #catalog::Parameter {
            name: #key,
            kind: #kind,
            required: false,
            default: ::core::option::Option::None,
            defaults: &[],
            elsewhere: false,
            unit: ::core::option::Option::None,
            port_of: ::core::option::Option::None,
            doc: #doc,
        }
    };
    Ok(Key {
        row,
        read: quote!(#key => #read),
        stamp,
    })
}

pub(crate) fn says(input: &DeriveInput) -> Result<TokenStream> {
    let mut arms = Vec::new();
    for variant in variants(input)? {
        let mut said = variant.attrs.iter().filter(|a| a.path().is_ident("says"));
        let Some(attribute) = said.next() else {
            let help = "a sentence is needed: #[says(\"FORMAT\", EXPR, ...)] over the fields";
            return Err(Error::new_spanned(variant, help));
        };
        let format: TokenStream = attribute.parse_args()?;
        let name = &variant.ident;
        let names = variant.fields.iter().filter_map(|f| f.ident.as_ref());
        arms.push(quote!(Self::#name { #(#names),* } => ::core::write!(f, #format),));
    }
    let ident = &input.ident;
    Ok(quote! {
        impl ::core::fmt::Display for #ident {
            #[allow(unused_variables)]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self { #(#arms)* }
            }
        }
    })
}
