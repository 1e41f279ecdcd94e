//! The sentence of a record as an expression.

use super::attribute::Attribute;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Error, Variant};

/// A placeholder of a format string.
struct Placeholder {
    name: String,
    /// Whether a format specification follows.
    formatted: bool,
}

/// The expression that makes the sentence.
pub(super) fn text(attribute: &Attribute, variant: &Variant) -> Result<TokenStream, Error> {
    let says = &attribute.says;
    let format = &says.format;
    let problem = |text: String| Error::new_spanned(format, text);
    let placeholders = placeholders(&format.value()).map_err(&problem)?;
    let mut arguments = Vec::new();
    for (name, expression) in &says.named {
        if !placeholders.iter().any(|p| *name == p.name) {
            return Err(Error::new_spanned(name, "the sentence does not name it"));
        }
        arguments.push(quote! { #name = #expression });
    }
    let mut seen: Vec<(&str, bool)> = Vec::new();
    for Placeholder { name, formatted } in &placeholders {
        if says.named.iter().any(|(n, _)| n == name) {
            continue;
        }
        let field = super::field_names(variant).find(|f| f == name);
        let Some(field) = field else {
            return Err(problem(format!(
                "`{name}` is no field and no expression that follows"
            )));
        };
        match seen.iter().find(|(n, _)| n == name) {
            Some((_, before)) if before != formatted => {
                let text = format!("`{name}` stands both with and without a format specification");
                return Err(problem(text));
            }
            Some(_) => continue,
            None => seen.push((name, *formatted)),
        }
        let argument = format_ident!("{}", name);
        arguments.push(if *formatted {
            quote! { #argument = #field }
        } else {
            quote! { #argument = ::pumplab_sim::record::Say::say(#field, names) }
        });
    }
    if placeholders.is_empty() {
        return Ok(quote! { ::std::format!(#format) });
    }
    Ok(quote! { ::std::format!(#format, #(#arguments),*) })
}

fn placeholders(format: &str) -> Result<Vec<Placeholder>, String> {
    let mut found = Vec::new();
    let mut rest = format.replace("{{", "").replace("}}", "");
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else {
            return Err("a placeholder that does not end".to_owned());
        };
        let inside = rest[open + 1..open + length].to_owned();
        let (name, specification) = match inside.split_once(':') {
            Some((name, specification)) => (name, Some(specification)),
            None => (inside.as_str(), None),
        };
        if syn::parse_str::<syn::Ident>(name).is_err() {
            return Err(format!("`{{{inside}}}`: a placeholder has a name"));
        }
        found.push(Placeholder {
            name: name.to_owned(),
            formatted: specification.is_some(),
        });
        rest = rest[open + length + 1..].to_owned();
    }
    Ok(found)
}
