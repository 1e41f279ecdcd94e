//! Derives of the simulator. One file per derive; each writes out what a person would otherwise keep as a list beside the type.
//!
//! The generated code names `::pumplab_sim`, which the simulator is to itself as well.

mod fields;
mod fingerprint;
mod label;
mod map;
mod parameters;
mod record;
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

/// `TryMap`: makes a generic type's `try_map`, which turns what it is generic over into something else, one conversion per parameter, and leaves the rest
/// as it is. A parameter stands in a field by itself, in an `Option` or in a `Vec`.
#[proc_macro_derive(TryMap)]
pub fn try_map(input: TokenStream) -> TokenStream {
    run(input, map::expand)
}

/// `Vary`, for tests: makes values of the type, and of a value all neighbours that differ from it in one place.
#[proc_macro_derive(Vary)]
pub fn vary(input: TokenStream) -> TokenStream {
    run(input, vary::expand)
}

/// `Parameters`: makes a struct the parameters of a technique or goal: a row per field, and the reader. See `pumplab_sim::parameters`.
#[proc_macro_derive(Parameters, attributes(param))]
pub fn parameters(input: TokenStream) -> TokenStream {
    run(input, parameters::parameters)
}

/// `Words`: makes an enum without fields the words that a parameter takes; the comment of a variant is what its word means.
#[proc_macro_derive(Words)]
pub fn words(input: TokenStream) -> TokenStream {
    run(input, parameters::words)
}

/// `RecordFamily`: makes an enum a family of records: class, deciding item, sentence and documentation of each variant, from what is written at the variant.
///
/// ```text
/// /// A host refused a stream: nothing listens on the port.
/// #[record(refusal, nobody, says("refused {flow}"))]
/// Refused { flow: Flow },
/// ```
///
/// - The class comes first and has no default: `refusal`, `stop`, `absence`, `search`, `note` or `plain`. With `if`, an expression over the
///   fields, the class holds under that condition, and the record is plain otherwise.
/// - `item = EXPR`, an `Option<ItemId>`: the configuration item that decided. A refusal or a stop says `item` or `nobody`.
/// - `removed = EXPR`, a `Removal`: what may have been taken away by a control, where no item decided.
/// - `routine`, `passing` or `slight`: what a short explanation may leave out. A record is a fact otherwise, and stays.
/// - `says("FORMAT", NAME = EXPR, ...)`: the sentence. A placeholder names a field, which is put into words by `Say`, or one of the expressions;
///   with a format specification (`{volume:.2}`) a field is formatted as it is. Expressions see the fields by reference, `names` and `node`.
#[proc_macro_derive(RecordFamily, attributes(record))]
pub fn record_family(input: TokenStream) -> TokenStream {
    run(input, record::expand)
}
