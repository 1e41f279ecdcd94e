//! `#[derive(Fingerprint)]`.

use super::fields::{Shape, bounded, shapes};
use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let this = quote!(::pumplab_sim::fingerprint);
    let generics = bounded(&input.generics, &quote!(#this::Fingerprint));
    let (for_generics, of, bounds) = generics.split_for_impl();
    let arms = shapes(input)?;
    let body = if arms.is_empty() {
        quote!(match *self {})
    } else {
        let arms = arms.iter().map(|shape| arm(shape, &this));
        quote!(match self { #(#arms)* })
    };
    Ok(quote! {
        #[automatically_derived]
        impl #for_generics #this::Fingerprint for #name #of #bounds {
            #[inline]
            fn fingerprint(&self, hasher: &mut #this::FingerprintHasher) {
                #body
            }
        }
    })
}

fn arm(shape: &Shape<'_>, this: &TokenStream) -> TokenStream {
    let pattern = shape.pattern();
    let tag = shape.variant.map(|name| {
        let name = name.to_string();
        quote!(hasher.write_tag(const { #this::tag(#name) });)
    });
    let fields = shape.fields.iter().map(|field| {
        let binding = &field.binding;
        quote!(#this::Fingerprint::fingerprint(#binding, hasher);)
    });
    quote!(#pattern => { #tag #(#fields)* })
}
