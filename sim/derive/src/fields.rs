//! Structs and variants seen alike: a path to construct or match, and its fields.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Error, Fields, Generics, Member, Type, parse_quote};

/// A struct, or a variant of an enum.
pub(crate) struct Shape<'a> {
    /// `Self` or `Self::Variant`.
    pub(crate) path: TokenStream,
    /// The variant's name; none for a struct.
    pub(crate) variant: Option<&'a Ident>,
    pub(crate) attributes: &'a [syn::Attribute],
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field with the name that it is bound to.
pub(crate) struct Field<'a> {
    pub(crate) member: Member,
    pub(crate) binding: Ident,
    pub(crate) ty: &'a Type,
}

impl<'a> Shape<'a> {
    fn new(
        path: TokenStream,
        variant: Option<&'a Ident>,
        attributes: &'a [syn::Attribute],
        fields: &'a Fields,
    ) -> Self {
        let fields = fields.members().zip(fields).enumerate();
        let fields = fields.map(|(n, (member, field))| Field {
            member,
            binding: format_ident!("field_{n}"),
            ty: &field.ty,
        });
        Self {
            path,
            variant,
            attributes,
            fields: fields.collect(),
        }
    }

    /// A pattern that binds every field. The form with braces fits tuples and units too.
    pub(crate) fn pattern(&self) -> TokenStream {
        let path = &self.path;
        let fields = self.fields.iter().map(
            |Field {
                 member, binding, ..
             }| quote!(#member: #binding),
        );
        quote!(#path { #(#fields),* })
    }

    /// An expression that constructs it, each field by what `value` says.
    pub(crate) fn construct(
        &self,
        value: impl Fn(usize, &Field<'_>) -> TokenStream,
    ) -> TokenStream {
        let path = &self.path;
        let fields = self.fields.iter().enumerate().map(|(n, field)| {
            let (member, value) = (&field.member, value(n, field));
            quote!(#member: #value)
        });
        quote!(#path { #(#fields),* })
    }
}

/// The one shape of a struct, or those of an enum's variants.
pub(crate) fn shapes(input: &DeriveInput) -> syn::Result<Vec<Shape<'_>>> {
    match &input.data {
        Data::Struct(data) => Ok(vec![Shape::new(
            quote!(Self),
            None,
            &input.attrs,
            &data.fields,
        )]),
        Data::Enum(data) => Ok(data
            .variants
            .iter()
            .map(|v| {
                let name = &v.ident;
                Shape::new(quote!(Self::#name), Some(name), &v.attrs, &v.fields)
            })
            .collect()),
        Data::Union(data) => Err(Error::new(
            data.union_token.span,
            "a union does not say which of its fields is meant: use an enum",
        )),
    }
}

/// The generics of the type, each type parameter bound by a trait.
pub(crate) fn bounded(generics: &Generics, bound: &TokenStream) -> Generics {
    let mut generics = generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#bound));
    }
    generics
}
