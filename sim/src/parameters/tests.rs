use super::*;
use crate::attack::TECHNIQUES;
use crate::safety::GOALS;

#[derive(Clone, Copy, Debug, PartialEq, Words)]
enum Load {
    /// A library.
    Library,
    /// Nothing.
    NothingAtAll,
}

#[derive(Clone, Debug, PartialEq, Parameters)]
struct Inner {
    /// A port.
    port: Port,
}

#[derive(Clone, Debug, PartialEq, Parameters)]
#[param(one_of("host", "ports"))]
struct All {
    /// What it is.
    #[param(key = "do")]
    load: Load,
    /// How often.
    #[param(default = 3, range = 1..=9, unit = "per second")]
    often: u32,
    /// A drug.
    #[param(only_with(do = "library"), needed_with(do = "library"))]
    drug: Option<Drug>,
    /// How strong.
    #[param(default = "x2", needs("drug"))]
    factor: Factor,
    /// A host.
    host: Option<Host>,
    /// Ports.
    ports: Option<Ports>,
    /// More.
    inner: Option<Inner>,
    /// A pause.
    #[param(default = "5m")]
    pause: Interval,
    /// A temperature.
    #[param(default = -4.5, range = -10..=10)]
    warmth: f64,
}

fn raw(pairs: &[(&str, ParamValue)]) -> Raw {
    pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), v.clone()))
        .collect()
}

fn word(text: &str) -> ParamValue {
    ParamValue::Text(text.to_owned())
}

fn problem(pairs: &[(&str, ParamValue)]) -> (String, String) {
    let wrong = All::parse(&raw(pairs)).expect_err("it is wrong");
    (wrong.parameter.clone(), wrong.to_string())
}

#[test]
fn what_is_given_is_what_is_read_and_the_rest_is_the_default() {
    let least = All::parse(&raw(&[("do", word("nothing-at-all")), ("host", word("h"))]));
    let least = least.expect("it is right");
    assert_eq!((least.often, least.factor.0, least.warmth), (3, 2.0, -4.5));
    assert_eq!(least.pause.0, Duration::from_mins(5));
    let inner = ParamValue::Table(raw(&[("port", ParamValue::Integer(80))]));
    let all = All::parse(&raw(&[
        ("do", word("library")),
        ("often", ParamValue::Integer(9)),
        ("drug", word("heparin")),
        ("factor", word("x0.5")),
        ("ports", word("80, 443 23")),
        ("inner", inner),
        ("pause", word("1ms")),
        ("warmth", ParamValue::Integer(-10)),
    ]))
    .expect("it is right");
    assert_eq!(all.load, Load::Library);
    assert_eq!(all.ports, Some(Ports(vec![80, 443, 23])));
    assert_eq!(all.inner.expect("it is given").port, Port(80));
    assert_eq!((all.often, all.factor.0, all.warmth), (9, 0.5, -10.0));
}

#[test]
fn whatever_is_wrong_is_refused_and_says_where() {
    let base = [("do", word("nothing-at-all")), ("host", word("h"))];
    let with = |key: &'static str, value: ParamValue| {
        let mut all = base.to_vec();
        all.push((key, value));
        problem(&all)
    };
    for (key, value) in [
        ("often", ParamValue::Integer(0)),
        ("often", ParamValue::Integer(10)),
        ("often", ParamValue::Integer(-1)),
        ("often", ParamValue::Float(2.0)),
        ("pause", word("0s")),
        ("pause", word("801d")),
        ("pause", word("soon")),
        ("warmth", ParamValue::Float(f64::NAN)),
        ("warmth", ParamValue::Float(10.5)),
        ("nobody", ParamValue::Bool(true)),
        (
            "inner",
            ParamValue::Table(raw(&[("port", ParamValue::Integer(70_000))])),
        ),
        (
            "inner",
            ParamValue::Table(raw(&[("door", ParamValue::Integer(7))])),
        ),
        // These make sense only with another word, or with others.
        ("drug", word("heparin")),
        ("factor", word("x3")),
        // One too many.
        ("ports", word("80")),
    ] {
        let (parameter, text) = with(key, value);
        assert_eq!(parameter, key, "{text}");
    }
    let (parameter, text) = problem(&[("do", word("libary")), ("host", word("h"))]);
    assert_eq!(parameter, "do");
    assert!(text.contains("library, nothing-at-all"), "{text}");
    assert_eq!(problem(&[("host", word("h"))]).0, "do");
    assert_eq!(
        problem(&[("do", word("library")), ("host", word("h"))]).0,
        "drug"
    );
    assert_eq!(problem(&[("do", word("nothing-at-all"))]).0, "host");
    for ports in ["", ",", "80,0", "80,70000", "80;443"] {
        let wrong = [("do", word("nothing-at-all")), ("ports", word(ports))];
        assert_eq!(problem(&wrong).0, "ports", "{ports}");
    }
}

#[test]
fn rows_say_what_the_fields_are() {
    let row = |name: &str| All::PARAMETERS.iter().find(|p| p.name == name).expect(name);
    assert!(row("do").required && !row("often").required && !row("host").required);
    assert_eq!(row("often").kind, ParameterKind::Integer(1, 9));
    assert_eq!(row("often").unit, Some("per second"));
    assert_eq!(row("factor").default, Some(Literal::Text("x2")));
    assert_eq!(row("do").kind.to_string(), "`library`, `nothing-at-all`");
    assert_eq!(row("warmth").doc, "A temperature.");
}

/// Every default in the catalogue can be read and lies in its range; every relation speaks of parameters and words that exist.
#[test]
fn the_catalogue_agrees_with_itself() {
    let entries = TECHNIQUES.iter().map(|t| t.entry());
    for entry in entries.chain(GOALS.iter().map(|g| &g.entry)) {
        let find = |name: &str| {
            let row = entry.parameters.iter().find(|p| p.name == name);
            row.unwrap_or_else(|| panic!("{}: no `{name}`", entry.id))
        };
        for p in entry.parameters {
            assert!(!(p.required && p.default.is_some()), "{}", p.name);
            let Some(default) = p.default else { continue };
            let value = default.into();
            let read = match p.kind {
                ParameterKind::Word(words) => {
                    text(&value).map(|w| assert!(words.words.contains(&w)))
                }
                ParameterKind::Port => Port::read(&value, &p.kind).map(drop),
                ParameterKind::Ports => Ports::read(&value, &p.kind).map(drop),
                ParameterKind::Integer(..) => u32::read(&value, &p.kind).map(drop),
                ParameterKind::Number(..) => f64::read(&value, &p.kind).map(drop),
                ParameterKind::Factor(..) => Factor::read(&value, &p.kind).map(drop),
                ParameterKind::Duration => Duration::read(&value, &p.kind).map(drop),
                ParameterKind::Interval => Interval::read(&value, &p.kind).map(drop),
                _ => String::read(&value, &p.kind).map(drop),
            };
            assert_eq!(read, Ok(()), "default of {}.{}", entry.id, p.name);
        }
        for relation in entry.relations {
            match *relation {
                Relation::Needs { parameter, needs } => {
                    find(parameter);
                    needs.iter().for_each(|n| _ = find(n));
                }
                Relation::OnlyWith {
                    parameter,
                    of,
                    words,
                }
                | Relation::NeededWith {
                    parameter,
                    of,
                    words,
                } => {
                    find(parameter);
                    let ParameterKind::Word(known) = find(of).kind else {
                        panic!("{}: `{of}` takes no words", entry.id);
                    };
                    assert!(
                        words.iter().all(|w| known.words.contains(w)),
                        "{}",
                        entry.id
                    );
                }
                Relation::OneOf(keys) => keys.iter().for_each(|k| _ = find(k)),
            }
        }
    }
}
