//! `Parameters` and its companions: what a table of a file takes, said once, in the type that its code reads.

mod attributes;
mod rows;
mod variants;
mod words;

pub(crate) use variants::{keyed, says, tagged};
pub(crate) use words::words;

use attributes::{doc, keys};
use proc_macro2::TokenStream;
use quote::quote;
use rows::Rows;
use syn::{Data, DeriveInput, Error, Ident, LitStr, Result};

/// What the attributes of a struct say.
#[derive(Default)]
struct Whole {
    /// Groups of keys of which exactly one is given.
    one_of: Vec<Vec<LitStr>>,
    /// What it is called in messages.
    name: Option<LitStr>,
}

fn whole(input: &DeriveInput) -> Result<Whole> {
    let mut whole = Whole::default();
    for attribute in input.attrs.iter().filter(|a| a.path().is_ident("param")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("one_of") {
                whole.one_of.push(keys(&meta)?);
            } else if meta.path.is_ident("name") {
                whole.name = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error("`one_of` or `name`"));
            }
            Ok(())
        })?;
    }
    Ok(whole)
}

pub(crate) fn parameters(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(input, "parameters are a struct"));
    };
    let Whole { one_of, name } = whole(input)?;
    let title = name.map_or_else(|| "a table".to_owned(), |n| n.value());
    let (ident, doc) = (&input.ident, doc(&input.attrs));
    let Rows {
        parameters,
        relations,
        names,
        reads,
        writes,
        stamps,
    } = Rows::of(&data.fields, one_of)?;
    let this = quote!(::pumplab_sim::parameters);
    let catalog = quote!(::pumplab_sim::catalog);
    let value = as_value(ident);
    Ok(quote! {
        #value

        impl #this::Parameters for #ident {
            const TABLE: &'static #catalog::Table = &#catalog::Table {
                name: #title,
                doc: #doc,
                parameters: <Self as #this::Parameters>::PARAMETERS,
                relations: <Self as #this::Parameters>::RELATIONS,
            };
            const PARAMETERS: &'static [#catalog::Parameter] = #parameters;
            const RELATIONS: &'static [#catalog::Relation] = #relations;

            fn read(
                __given: &#this::Given<'_>,
            ) -> ::core::result::Result<Self, #this::ParameterError> {
                let _ = __given;
                Ok(Self { #(#reads),* })
            }

            fn write(&self) -> #this::Raw {
                let mut __raw = #this::Raw::new();
                let _ = &mut __raw;
                let Self { #(#names),* } = self;
                #(let _ = &#names;)*
                #(#writes)*
                __raw
            }
        }

        impl ::pumplab_sim::spec::Stamped for #ident {
            fn stamp(&mut self, __of: &str, __provenance: &mut ::pumplab_sim::spec::Provenance) {
                let _ = (__of, &__provenance);
                let Self { #(#names),* } = self;
                #(let _ = &#names;)*
                #(#stamps)*
            }
        }
    })
}

/// A struct is a kind of value too: a table in a table.
fn as_value(ident: &Ident) -> TokenStream {
    let this = quote!(::pumplab_sim::parameters);
    let catalog = quote!(::pumplab_sim::catalog);
    quote! {
        impl #this::ParameterType for #ident {
            const KIND: #catalog::ParameterKind =
                #catalog::ParameterKind::Table(<Self as #this::Parameters>::TABLE);

            fn read(
                value: &::pumplab_sim::spec::ParamValue,
                _: &#catalog::ParameterKind,
            ) -> ::core::result::Result<Self, #this::Problem> {
                #this::nested(value)
            }

            fn write(&self) -> ::core::option::Option<::pumplab_sim::spec::ParamValue> {
                Some(::pumplab_sim::spec::ParamValue::Table(#this::Parameters::write(self)))
            }
        }
    }
}
