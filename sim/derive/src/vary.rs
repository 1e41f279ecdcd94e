//! `#[derive(Vary)]`, for tests.

use super::fields::{Shape, bounded, shapes};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{DeriveInput, Error};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let this = quote!(::pumplab_sim::fingerprint::vary);
    let bound = quote!(#this::Vary);
    let generics = bounded(&input.generics, &bound);
    let (for_generics, of, bounds) = generics.split_for_impl();
    let shapes = shapes(input)?;
    if shapes.is_empty() {
        return Err(Error::new_spanned(name, "there is no value of this type"));
    }
    let count = shapes.len();
    let samples = shapes.iter().enumerate().map(|(n, shape)| {
        let value = shape.construct(|_, _| quote!(#bound::sample(source)));
        quote!(#n => #value,)
    });
    let covers = shapes.iter().map(|shape| cover(shape, &bound));
    let arms = shapes.iter().map(|shape| neighbours(shape, &bound));
    let variants = shapes.iter().map(|shape| {
        let path = &shape.path;
        let value = shape.construct(|_, _| quote!(#bound::sample(source)));
        let to = shape.variant.map(|name| format!("={name}"));
        // A struct has no other variant.
        to.map(|to| {
            quote! {
                if !matches!(self, #path { .. }) { found.push((#to.to_owned(), #value)); }
            }
        })
    });
    Ok(quote! {
        #[automatically_derived]
        impl #for_generics #bound for #name #of #bounds {
            fn sample(source: &mut #this::Source) -> Self {
                match source.below(#count) { #(#samples)* _ => unreachable!() }
            }

            fn cover(source: &mut #this::Source) -> Vec<Self> {
                if !source.is_new::<Self>() {
                    return vec![#bound::sample(source)];
                }
                let mut found = Vec::new();
                #(#covers)*
                found
            }

            fn variations(&self, source: &mut #this::Source) -> Vec<(String, Self)> {
                let mut found = Vec::new();
                match self { #(#arms)* }
                #(#variants)*
                found
            }
        }
    })
}

/// Values of one shape in which every value that covers one of its fields appears.
fn cover(shape: &Shape<'_>, bound: &TokenStream) -> TokenStream {
    if shape.fields.is_empty() {
        let value = shape.construct(|_, _| TokenStream::new());
        return quote!(found.push(#value););
    }
    let fields = shape.fields.iter().enumerate().map(|(at, field)| {
        let ty = field.ty;
        let value = shape.construct(|n, _| {
            if n == at {
                quote!(covering)
            } else {
                quote!(#bound::sample(source))
            }
        });
        quote! {
            for covering in <#ty as #bound>::cover(source) {
                found.push(#value);
            }
        }
    });
    quote!(#(#fields)*)
}

/// The values of the same shape that differ in one field.
fn neighbours(shape: &Shape<'_>, bound: &TokenStream) -> TokenStream {
    let pattern = shape.pattern();
    let fields = shape.fields.iter().enumerate().map(|(at, field)| {
        let binding = &field.binding;
        let value = shape.construct(|n, other| {
            let other = &other.binding;
            if n == at {
                quote!(varied)
            } else {
                quote!(::core::clone::Clone::clone(#other))
            }
        });
        let variant = shape.variant.map(|v| format!("{v}.")).unwrap_or_default();
        let place = format!("{variant}{}", field.member.to_token_stream());
        quote! {
            for (below, varied) in #bound::variations(#binding, source) {
                found.push((format!("{}.{below}", #place), #value));
            }
        }
    });
    quote!(#pattern => { #(#fields)* })
}
