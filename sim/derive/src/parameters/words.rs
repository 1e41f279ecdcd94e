//! `Words`: an enum without fields as the words of a parameter.

use super::attributes::doc;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Result};

/// `OwnAuthority` as `own-authority`.
pub(super) fn kebab(name: &str) -> String {
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

            fn write(&self) -> ::core::option::Option<::pumplab_sim::spec::ParamValue> {
                let word = match self {
                    #(Self::#variants => #names,)*
                };
                Some(::pumplab_sim::spec::ParamValue::Text(word.to_owned()))
            }
        }
    })
}
