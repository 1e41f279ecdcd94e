//! Derives of the simulator. One file per derive; each writes out what a person would otherwise keep as a list beside the type.
//!
//! The generated code names `::pumplab_sim`, which the simulator is to itself as well.

mod fields;
mod fingerprint;
mod label;
mod vary;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Runs a derive; what is wrong becomes an error at its place.
fn run(
    input: TokenStream,
    derive: fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    derive(&input)
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// `Fingerprint`: feeds every field, in order, to the hasher; the variant of an enum by its name. No field can be left out.
#[proc_macro_derive(Fingerprint)]
pub fn fingerprint(input: TokenStream) -> TokenStream {
    run(input, fingerprint::expand)
}

/// `Label`: the variant's name in kebab case.
///
/// - `#[label = "text"]` at a variant: this text instead. At the type: this text for all variants that have none of their own.
/// - `#[label(field)]` at a variant or a struct: the label of this field.
#[proc_macro_derive(Label, attributes(label))]
pub fn label(input: TokenStream) -> TokenStream {
    run(input, label::expand)
}

/// `Vary`, for tests: makes values of the type, and of a value all neighbours that differ from it in one place.
#[proc_macro_derive(Vary)]
pub fn vary(input: TokenStream) -> TokenStream {
    run(input, vary::expand)
}
