use super::*;
use syn::parse_quote;

/// What the derive makes of a family with one variant.
fn family(variant: TokenStream) -> Result<String, String> {
    let input: DeriveInput = parse_quote! { enum NetworkRecord { #variant } };
    expand(&input)
        .map(|t| t.to_string())
        .map_err(|e| e.to_string())
}

fn refused(variant: TokenStream) -> String {
    family(variant).expect_err("it is refused")
}

#[test]
fn a_variant_with_all_that_it_needs_is_taken() {
    let made = family(quote! {
        /// A host refused a stream.
        #[record(refusal if *port != 0, item = *item, says("refused {port} {item}{why}", why = names.item(*item)))]
        Refused {
            /// Port.
            port: u16,
            /// Item.
            item: ItemId,
        }
    });
    let made = made.expect("it is taken");
    assert!(made.contains("Say :: say (port , names)"), "{made}");
    assert!(made.contains("if * port != 0"), "{made}");
}

#[test]
fn no_class_is_the_default() {
    let of = refused(quote! {
        /// Says something.
        Plain
    });
    assert!(of.contains("its class being"), "{of}");
    let of = refused(quote! {
        /// Says something.
        #[record(says("something"))]
        Plain
    });
    assert!(of.contains("the class comes first"), "{of}");
}

#[test]
fn what_stops_says_who_decided() {
    let of = refused(quote! {
        /// Says something.
        #[record(refusal, says("something"))]
        Refused
    });
    assert!(of.contains("who decided"), "{of}");
}

#[test]
fn a_sentence_and_documentation_are_asked_for() {
    let of = refused(quote! {
        /// Says something.
        #[record(plain)]
        Plain
    });
    assert!(of.contains("has a sentence"), "{of}");
    let of = refused(quote! {
        /// Says something.
        #[record(plain, says(" "))]
        Plain
    });
    assert!(of.contains("has words"), "{of}");
    let of = refused(quote! {
        #[record(plain, says("something"))]
        Plain
    });
    assert!(of.contains("documentation"), "{of}");
    let of = refused(quote! {
        /// Says something.
        #[record(plain, says("something"))]
        Plain { port: u16 }
    });
    assert!(of.contains("a field says"), "{of}");
}

#[test]
fn a_sentence_names_only_what_there_is() {
    let of = refused(quote! {
        /// Says something.
        #[record(plain, says("came to {port}"))]
        Plain
    });
    assert!(of.contains("`port` is no field"), "{of}");
    let of = refused(quote! {
        /// Says something.
        #[record(plain, says("came", port = 1))]
        Plain
    });
    assert!(of.contains("does not name it"), "{of}");
}

#[test]
fn a_number_has_its_unit() {
    let of = refused(quote! {
        /// Says something.
        #[record(plain, says("ran at {rate}"))]
        Ran {
            /// Rate.
            rate: Option<f64>,
        }
    });
    assert!(of.contains("has a unit"), "{of}");
    for (field, unit) in [("rate_ml_per_h", "mL/h"), ("infused_ml", "mL")] {
        let field = quote::format_ident!("{field}");
        let made = family(quote! {
            /// Says something.
            #[record(plain, says("ran"))]
            Ran {
                /// Rate.
                #field: f64,
            }
        });
        assert!(
            made.expect("it is taken")
                .contains(&format!("Some (\"{unit}\")"))
        );
    }
}

#[test]
fn names_are_those_of_serde() {
    assert_eq!(kebab("StreamOpened"), "stream-opened");
    assert_eq!(family_name(&parse_quote!(NetworkRecord)), "network");
}
