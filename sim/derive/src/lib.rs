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

/// `Parameters`: makes a struct what a table of a file takes: a row per field, and the reader. See `pumplab_sim::parameters`.
///
/// The type of a field says the kind of value, its comment is its documentation. At a field, `#[param(...)]` takes
///
/// - `key = "do"`, `default = 3`, `range = 1..=9`, `unit = "mL/h"`;
/// - `name = Host`: text is a name of this vocabulary (`catalog::Vocabulary`); `kind = Interval`: another kind than that of the type;
/// - `via = Days`: the file gives another type, from and into which the field is converted;
/// - `flatten` or `flatten = Type`: the keys of the field's type (of another, which is converted) stand beside the others;
/// - `skip` or `skip = EXPR`: no file gives it;
/// - `item = "token key"`: what the item is called in the provenance, after what holds it;
/// - `elsewhere`: it may come from elsewhere, such as a profile; its absence is no mistake of the file;
/// - `optional`: where it is not given, it is the default of its type, such as an empty list;
/// - `default_with = (service = "files") 21`, `default_with = (factor) 5000`: a default for a word of another parameter, or where another is given;
/// - `port_of = "target"`, `needs("drug")`, `only_with(what = "a", "b")`, `needed_with(what = "a")`: what binds it to others.
///
/// At the struct: `one_of("a", "b")` and `name = "an infusion"`, what messages call the table.
#[proc_macro_derive(Parameters, attributes(param))]
pub fn parameters(input: TokenStream) -> TokenStream {
    run(input, parameters::parameters)
}

/// `Tagged`: makes an enum kinds of thing that a file tells apart by a word, each with its parameters: the fields of its variant, which take what
/// the fields of `Parameters` take. The word is the variant's name, its comment the documentation.
#[proc_macro_derive(Tagged, attributes(param))]
pub fn tagged(input: TokenStream) -> TokenStream {
    run(input, parameters::tagged)
}

/// `Keyed`: makes an enum kinds of thing that a table of a file has by key. A variant without fields is `key = true`, one that holds a struct with
/// `Parameters`, or has fields, is a table. At a variant, `#[param(...)]` takes `key = "authority"`, `name = "a health record"` (what messages call the table), `skip`, `marker` (`key = true`, with the default
/// of what it holds), `many` (a list of tables) and `each` (a list of values of the only field).
#[proc_macro_derive(Keyed, attributes(param))]
pub fn keyed(input: TokenStream) -> TokenStream {
    run(input, parameters::keyed)
}

/// `Says`: what each variant is in a sentence, as `Display`: `#[says("{node} is switched off")]`, a format string over the fields, and arguments.
#[proc_macro_derive(Says, attributes(says))]
pub fn says(input: TokenStream) -> TokenStream {
    run(input, parameters::says)
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
