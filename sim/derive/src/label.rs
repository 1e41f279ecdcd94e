//! `#[derive(Label)]`.

use super::fields::{Shape, bounded, shapes};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, DeriveInput, Error, Expr, ExprLit, Lit, Member, Meta};

/// What an attribute says of a label.
enum Said {
    Text(String),
    Field(Member),
}

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let this = quote!(::pumplab_sim::label::Label);
    let generics = bounded(&input.generics, &this);
    let (for_generics, of, bounds) = generics.split_for_impl();
    let default = match said(&input.attrs)? {
        Some(Said::Text(text)) => Some(text),
        _ => None,
    };
    let arms = shapes(input)?
        .iter()
        .map(|shape| arm(shape, default.as_deref(), &this))
        .collect::<syn::Result<Vec<_>>>()?;
    Ok(quote! {
        #[automatically_derived]
        impl #for_generics #this for #name #of #bounds {
            fn label(&self) -> &'static str {
                match self { #(#arms)* }
            }
        }
    })
}

fn arm(shape: &Shape<'_>, default: Option<&str>, this: &TokenStream) -> syn::Result<TokenStream> {
    let path = &shape.path;
    Ok(match (said(shape.attributes)?, shape.variant) {
        (Some(Said::Field(member)), _) => {
            if !shape.fields.iter().any(|f| f.member == member) {
                return Err(Error::new_spanned(member, "there is no such field"));
            }
            quote!(#path { #member: field, .. } => #this::label(field),)
        }
        (Some(Said::Text(text)), _) => quote!(#path { .. } => #text,),
        (None, Some(variant)) => {
            let text = default.map_or_else(|| kebab(&variant.to_string()), str::to_owned);
            quote!(#path { .. } => #text,)
        }
        (None, None) => {
            let help =
                "a struct has no variant to be called by: #[label(field)] or #[label = \"text\"]";
            return Err(Error::new_spanned(path, help));
        }
    })
}

fn said(attributes: &[Attribute]) -> syn::Result<Option<Said>> {
    let mut of_label = attributes.iter().filter(|a| a.path().is_ident("label"));
    let Some(attribute) = of_label.next() else {
        return Ok(None);
    };
    if let Some(second) = of_label.next() {
        return Err(Error::new_spanned(second, "one label is enough"));
    }
    match &attribute.meta {
        Meta::List(list) => Ok(Some(Said::Field(list.parse_args()?))),
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Ok(Some(Said::Text(text.value()))),
            other => Err(Error::new_spanned(other, "a label is a text")),
        },
        Meta::Path(path) => Err(Error::new_spanned(
            path,
            "#[label = \"text\"] or #[label(field)]",
        )),
    }
}

/// `DataClear` as `data-clear`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for (n, letter) in name.chars().enumerate() {
        if n > 0 && letter.is_uppercase() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
