//! `#[derive(RecordFamily)]`.

mod attribute;
mod sentence;
#[cfg(test)]
mod tests;

use attribute::Attribute;
use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::{
    Data, DataEnum, DeriveInput, Error, Expr, ExprLit, Field, Fields, Ident, Lit, Meta,
    MetaNameValue, Variant,
};

/// Units that the names of fields end with.
const UNITS: [(&str, &str); 4] = [
    ("_ml_per_h", "mL/h"),
    ("_ml", "mL"),
    ("bytes", "bytes"),
    ("seconds", "s"),
];

/// A variant with what is said about it.
struct Kind<'a> {
    variant: &'a Variant,
    attribute: Attribute,
}

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Enum(DataEnum { variants, .. }) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "a family is an enum"));
    };
    let mut problems: Option<Error> = None;
    let mut kinds = Vec::new();
    for variant in variants {
        match Attribute::of(variant).and_then(|a| a.checked(variant)) {
            Ok(attribute) => kinds.push(Kind { variant, attribute }),
            Err(e) => match &mut problems {
                Some(all) => all.combine(e),
                None => problems = Some(e),
            },
        }
    }
    if let Some(all) = problems {
        return Err(all);
    }
    let family = &input.ident;
    let says = kinds
        .iter()
        .map(Kind::says)
        .collect::<Result<Vec<_>, _>>()?;
    let class = kinds.iter().map(Kind::class);
    let item = kinds.iter().map(Kind::item);
    let removed = kinds.iter().map(Kind::removed);
    let place = kinds.iter().enumerate().map(|(n, k)| k.place(n));
    let table = kinds
        .iter()
        .map(Kind::table)
        .collect::<Result<Vec<_>, _>>()?;
    let name = family_name(family);
    let meaning = docs(&input.attrs);
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_variables, reason = "an expression may name a field that it does not read")]
        impl ::pumplab_sim::record::Family for #family {
            const NAME: &'static str = #name;
            const MEANING: &'static str = #meaning;
            const KINDS: &'static [::pumplab_sim::record::Kind] = &[#(#table),*];
            fn kind(&self) -> &'static ::pumplab_sim::record::Kind {
                &Self::KINDS[match self { #(#place)* }]
            }
            fn class(&self) -> ::pumplab_sim::record::Class {
                match self { #(#class)* }
            }
            fn item(&self) -> ::core::option::Option<::pumplab_sim::spec::ItemId> {
                match self { #(#item)* }
            }
            fn removal(&self) -> ::core::option::Option<::pumplab_sim::record::Removal> {
                match self { #(#removed)* }
            }
            fn says(
                &self,
                names: &dyn ::pumplab_sim::record::Names,
                node: ::pumplab_sim::engine::NodeId,
            ) -> ::std::string::String {
                match self { #(#says)* }
            }
        }
    })
}

/// `NetworkRecord` is the family `network`.
fn family_name(ident: &Ident) -> String {
    let name = ident.to_string();
    kebab(name.strip_suffix("Record").unwrap_or(&name))
}

/// The name that serde gives a variant under `rename_all = "kebab-case"`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(c.to_lowercase());
    }
    text
}

impl Kind<'_> {
    /// The pattern that binds those fields that the tokens name.
    fn pattern(&self, used: &TokenStream) -> TokenStream {
        let ident = &self.variant.ident;
        let mut names = Vec::new();
        idents(used, &mut names);
        let bound = field_names(self.variant).filter(|f| names.contains(f));
        quote! { Self::#ident { #(#bound,)* .. } }
    }

    fn class(&self) -> TokenStream {
        let class = format_ident!("{}", self.attribute.class.variant());
        let class = quote! { ::pumplab_sim::record::Class::#class };
        match &self.attribute.when {
            Some(when) => {
                let pattern = self.pattern(when);
                quote! { #pattern => if #when { #class } else { ::pumplab_sim::record::Class::Plain }, }
            }
            None => {
                let pattern = self.pattern(&TokenStream::new());
                quote! { #pattern => #class, }
            }
        }
    }

    fn item(&self) -> TokenStream {
        let none = quote! { ::core::option::Option::None };
        let item = self.attribute.item.as_ref().unwrap_or(&none);
        let pattern = self.pattern(item);
        quote! { #pattern => #item, }
    }

    fn removed(&self) -> TokenStream {
        match &self.attribute.removed {
            Some(removed) => {
                let pattern = self.pattern(removed);
                quote! { #pattern => ::core::convert::Into::into(#removed), }
            }
            None => {
                let pattern = self.pattern(&TokenStream::new());
                quote! { #pattern => ::core::option::Option::None, }
            }
        }
    }

    fn says(&self) -> Result<TokenStream, Error> {
        let says = sentence::text(&self.attribute, self.variant)?;
        let pattern = self.pattern(&says);
        Ok(quote! { #pattern => #says, })
    }

    fn place(&self, n: usize) -> TokenStream {
        let pattern = self.pattern(&TokenStream::new());
        quote! { #pattern => #n, }
    }

    /// The row of the table of kinds.
    fn table(&self) -> Result<TokenStream, Error> {
        let name = kebab(&self.variant.ident.to_string());
        let meaning = docs(&self.variant.attrs);
        let class = format_ident!("{}", self.attribute.class.variant());
        let telling = format_ident!("{}", self.attribute.telling.variant());
        let when = option(self.attribute.when.as_ref().map(spaced));
        let says = self.attribute.says.format.value();
        let fields = self.variant.fields.iter().map(|field| {
            let name = field
                .ident
                .as_ref()
                .map_or_else(String::new, Ident::to_string);
            let ty = &field.ty;
            let ty = spaced(&quote! { #ty });
            let meaning = docs(&field.attrs);
            let unit = option(unit(field)?);
            Ok(quote! { ::pumplab_sim::record::KindField { name: #name, ty: #ty, unit: #unit, meaning: #meaning } })
        });
        let fields = fields.collect::<Result<Vec<_>, Error>>()?;
        Ok(quote! {
            ::pumplab_sim::record::Kind {
                family: <Self as ::pumplab_sim::record::Family>::NAME,
                name: #name,
                meaning: #meaning,
                class: ::pumplab_sim::record::Class::#class,
                when: #when,
                telling: ::pumplab_sim::record::Telling::#telling,
                says: #says,
                fields: &[#(#fields),*],
            }
        })
    }
}

fn field_names(variant: &Variant) -> impl Iterator<Item = Ident> + '_ {
    let named = match &variant.fields {
        Fields::Named(named) => Some(&named.named),
        Fields::Unnamed(_) | Fields::Unit => None,
    };
    named
        .into_iter()
        .flatten()
        .filter_map(|f: &Field| f.ident.clone())
}

/// All identifiers in a stream.
fn idents(tokens: &TokenStream, found: &mut Vec<Ident>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) => found.push(ident),
            TokenTree::Group(group) => idents(&group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The unit of a field: what `#[record(unit = "...")]` says, or what its name ends with.
fn unit(field: &Field) -> Result<Option<String>, Error> {
    if let Some(attr) = field.attrs.iter().find(|a| a.path().is_ident("record")) {
        let pair: MetaNameValue = attr.parse_args()?;
        return match (&pair.value, pair.path.is_ident("unit")) {
            (
                Expr::Lit(ExprLit {
                    lit: Lit::Str(unit),
                    ..
                }),
                true,
            ) => Ok(Some(unit.value())),
            _ => Err(Error::new_spanned(&pair, "unit = \"...\"")),
        };
    }
    let name = field.ident.as_ref().map(ToString::to_string);
    let ends = |end: &str| name.as_ref().is_some_and(|n| n.ends_with(end));
    let unit = UNITS.iter().find(|(end, _)| ends(end));
    Ok(unit.map(|(_, unit)| (*unit).to_owned()))
}

/// An optional text as an expression.
fn option(text: Option<impl quote::ToTokens>) -> TokenStream {
    match text {
        Some(text) => quote! { ::core::option::Option::Some(#text) },
        None => quote! { ::core::option::Option::None },
    }
}

/// Documentation comments as one line.
fn docs(attrs: &[syn::Attribute]) -> String {
    let mut lines = Vec::new();
    for attr in attrs {
        if let Meta::NameValue(pair) = &attr.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(lit) = &pair.value
            && let Lit::Str(text) = &lit.lit
        {
            lines.push(text.value().trim().to_owned());
        }
    }
    lines.join(" ").trim().to_owned()
}

/// Tokens as people write them.
fn spaced(tokens: &TokenStream) -> String {
    let text = tokens.to_string();
    let mut text = text
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace("& '", "&'");
    for tight in [" ::", ":: "] {
        text = text.replace(tight, "::");
    }
    text
}
