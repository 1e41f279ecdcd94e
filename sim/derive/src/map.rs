//! `TryMap`: a generic message in another form.

use super::fields::{Field, Shape, shapes};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Error, GenericArgument, Ident, PathArguments, Result, Type};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let from: Vec<&Ident> = input.generics.type_params().map(|p| &p.ident).collect();
    if from.is_empty() {
        let help = "a type without parameters has one form only";
        return Err(Error::new_spanned(name, help));
    }
    let to: Vec<Ident> = from.iter().map(|p| format_ident!("{p}To")).collect();
    let with: Vec<Ident> = from.iter().map(|p| closure(p)).collect();
    let arms = shapes(input)?
        .iter()
        .map(|shape| arm(name, shape, &from))
        .collect::<Result<Vec<_>>>()?;
    let (for_generics, of, bounds) = input.generics.split_for_impl();
    let doc = format!("The same `{name}` with what it is generic over turned into something else.");
    Ok(quote! {
        #[automatically_derived]
        impl #for_generics #name #of #bounds {
            #[doc = #doc]
            ///
            /// # Errors
            /// The first that a conversion gives.
            pub fn try_map<#(#to,)* TryMapError>(
                self,
                #(mut #with: impl ::core::ops::FnMut(#from) -> ::core::result::Result<#to, TryMapError>,)*
            ) -> ::core::result::Result<#name<#(#to),*>, TryMapError> {
                ::core::result::Result::Ok(match self { #(#arms)* })
            }
        }
    })
}

/// What the conversion of a parameter is called.
fn closure(parameter: &Ident) -> Ident {
    format_ident!("of_{}", parameter.to_string().to_lowercase())
}

fn arm(name: &Ident, shape: &Shape<'_>, parameters: &[&Ident]) -> Result<TokenStream> {
    let pattern = shape.pattern();
    let fields = shape.fields.iter().map(|field| {
        let (member, value) = (&field.member, value(field, parameters)?);
        Ok(quote!(#member: #value))
    });
    let fields = fields.collect::<Result<Vec<_>>>()?;
    let path = match shape.variant {
        Some(variant) => quote!(#name::#variant),
        None => quote!(#name),
    };
    Ok(quote!(#pattern => #path { #(#fields),* },))
}

/// A field in the other form: a parameter itself, an `Option` or a `Vec` of one, or something else that has none in it.
fn value(field: &Field<'_>, parameters: &[&Ident]) -> Result<TokenStream> {
    let binding = &field.binding;
    let is = |ty: &Type| {
        let Type::Path(path) = ty else { return None };
        let ident = path.path.get_ident()?;
        parameters.iter().find(|p| **p == ident).map(|p| closure(p))
    };
    if let Some(with) = is(field.ty) {
        return Ok(quote!(#with(#binding)?));
    }
    if let Some((outer, inner)) = one_argument(field.ty)
        && let Some(with) = is(inner)
    {
        match outer.to_string().as_str() {
            "Option" => return Ok(quote!(#binding.map(&mut #with).transpose()?)),
            "Vec" => {
                let all = quote!(#binding.into_iter().map(&mut #with));
                return Ok(quote!(#all.collect::<::core::result::Result<_, _>>()?));
            }
            _ => {}
        }
    }
    let text = field.ty;
    if mentions(quote!(#text), parameters) {
        let help =
            "only a parameter, or an Option or a Vec of one, can be turned into another form";
        return Err(Error::new_spanned(field.ty, help));
    }
    Ok(quote!(#binding))
}

/// `Outer<Inner>` taken apart.
fn one_argument(ty: &Type) -> Option<(&Ident, &Type)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => {
            Some((&last.ident, inner))
        }
        _ => None,
    }
}

fn mentions(tokens: TokenStream, parameters: &[&Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => parameters.iter().any(|p| **p == ident),
        proc_macro2::TokenTree::Group(group) => mentions(group.stream(), parameters),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::expand;

    fn refused(code: &str) -> String {
        let input = syn::parse_str(code).expect("it is a type");
        expand(&input).expect_err("it is refused").to_string()
    }

    #[test]
    fn what_has_no_other_form_is_refused() {
        let none = refused("enum Message { Hello }");
        assert!(none.contains("one form only"), "{none}");
        for field in ["Box<L>", "Other<L>", "(L, u8)", "Option<Vec<L>>", "[L; 2]"] {
            let inside = refused(&format!("enum Message<L> {{ Offer({field}) }}"));
            assert!(inside.contains("only a parameter"), "{field}: {inside}");
        }
        for field in ["L", "Option<L>", "Vec<L>", "u8", "Vec<u8>", "Option<Long>"] {
            let code = format!("enum Message<L> {{ Offer({field}), Whole(L) }}");
            let input = syn::parse_str(&code).expect("it is a type");
            assert!(expand(&input).is_ok(), "{field}");
        }
    }
}
