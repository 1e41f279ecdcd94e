//! Enums whose variants are kinds of thing in a file: told apart by a word (`Tagged`), or by the key of a table (`Keyed`).

use super::attributes::doc;
use super::rows::Rows;
use super::words::kebab;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Ident, LitStr, Result, Type, Variant};

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
        writes.push(quote!(Self::#name { #(#names),* } => { #(let _ = &#names;)* #(#write)* }));
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
    let (mut all, mut skipped) = (Vec::new(), Vec::new());
    for variant in variants(input)? {
        let form = form(variant)?;
        if form.skip {
            let name = &variant.ident;
            skipped.push(quote!(Self::#name { .. } => {}));
        } else {
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
                let _ = (__of, &__provenance);
                match self { #(#stamps)* #(#skipped)* }
            }
        }
    })
}

/// The kind of a variant's value, what reads one, and what names its items.
struct One {
    kind: TokenStream,
    read: TokenStream,
    stamp: TokenStream,
}

/// A variant that is `key = true`.
fn marker(made: &TokenStream, name: &Ident) -> One {
    One {
        kind: quote!(::pumplab_sim::catalog::ParameterKind::Marker),
        read: quote!(::pumplab_sim::parameters::marked(key, value, #made)),
        stamp: quote!(Self::#name { .. } => {}),
    }
}

/// A variant that holds a struct.
fn holder(name: &Ident, ty: &Type) -> One {
    let this = quote!(::pumplab_sim::parameters);
    let table = quote!(<#ty as #this::Parameters>::TABLE);
    One {
        kind: quote!(::pumplab_sim::catalog::ParameterKind::Table(#table)),
        read: quote!(#this::table(key, value, <#ty as #this::Parameters>::parse).map(Self::#name)),
        stamp: quote! {
            Self::#name(held) => ::pumplab_sim::spec::Stamped::stamp(held, __of, __provenance),
        },
    }
}

/// A variant with fields; `title` is what messages call its table.
fn fielded(variant: &Variant, form: &Form, title: &str, doc: &str) -> Result<One> {
    let this = quote!(::pumplab_sim::parameters);
    let catalog = quote!(::pumplab_sim::catalog);
    let name = &variant.ident;
    let Rows {
        parameters,
        relations,
        names,
        reads,
        stamps,
        ..
    } = Rows::of(&variant.fields, Vec::new())?;
    let stamp = quote!(Self::#name { #(#names),* } => { #(let _ = &#names;)* #(#stamps)* });
    if let (true, Some(field)) = (form.each, variant.fields.iter().next()) {
        let (ty, ident) = (&field.ty, &field.ident);
        let value = quote!(<#ty as #this::ParameterType>);
        return Ok(One {
            kind: quote!(#value::KIND),
            read: quote!(#this::one(key, value, &#value::KIND).map(|#ident| Self::#name { #ident })),
            stamp,
        });
    }
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
    Ok(One {
        kind: quote!(#catalog::ParameterKind::Table(&#table)),
        read: quote!(#this::table(key, value, #parse)),
        stamp,
    })
}

fn key(variant: &Variant, form: &Form) -> Result<Key> {
    let catalog = quote!(::pumplab_sim::catalog);
    let (name, doc) = (&variant.ident, documented(variant)?);
    let key = form
        .key
        .clone()
        .unwrap_or_else(|| kebab(&name.to_string()).replace('-', "_"));
    let One { kind, read, stamp } = match &variant.fields {
        Fields::Unit => marker(&quote!(Self::#name), name),
        Fields::Unnamed(_) if form.marker => {
            let made = quote!(Self::#name(::core::default::Default::default()));
            marker(&made, name)
        }
        Fields::Unnamed(fields) => match fields.unnamed.first() {
            Some(field) => holder(name, &field.ty),
            None => return Err(Error::new_spanned(variant, "what does it hold?")),
        },
        Fields::Named(_) => {
            let title = form
                .name
                .as_ref()
                .map_or_else(|| key.clone(), LitStr::value);
            fielded(variant, form, &title, &doc)?
        }
    };
    let (kind, read) = match form.many || form.each {
        true => (
            quote!(#catalog::ParameterKind::List(&#kind)),
            quote! {
                ::pumplab_sim::parameters::list(key, value)?
                    .iter()
                    .map(|value| #read)
                    .collect()
            },
        ),
        false => (kind, quote!(#read.map(|one| vec![one]))),
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
        let names: Vec<_> = names.collect();
        arms.push(quote! {
            Self::#name { #(#names),* } => { #(let _ = &#names;)* ::core::write!(f, #format) }
        });
    }
    let ident = &input.ident;
    Ok(quote! {
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self { #(#arms)* }
            }
        }
    })
}
