//! What holds of every transform, whatever its text and its cells.

use super::functions::{Slot, Work, all, class, overloads};
use super::{Boundaries, Column, CompileErrorKind, Geocoder, Region, Row, Surroundings, compile};
use crate::soda::value::is_stored_form;
use crate::soda::{SoqlType, Value};
use proptest::prelude::*;
use std::collections::HashMap;

/// A world in which every function that can answer does.
pub fn seeded() -> Surroundings {
    let mut geocoder = Geocoder::default();
    geocoder.insert("1600 Pennsylvania Avenue", "Washington", "DC", "20500", (-77.037458, 38.898771));
    let square = r#"{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4],[0,0]]]}"#.to_owned();
    let mut boundaries = Boundaries::default();
    boundaries.insert_state("Washington", square.clone());
    boundaries.insert_state("WA", square.clone());
    boundaries.insert_county("WA", "King", square.clone());
    boundaries.insert_county("WA", "33", square.clone());
    let region = Region { id: "7".to_owned(), label: "seven".to_owned(), outline: square };
    Surroundings {
        geocoder: Some(geocoder),
        boundaries: Some(boundaries),
        regions: Some(HashMap::from([("hehe-hehe".to_owned(), vec![region])])),
        answers: Some(HashMap::from([(
            "https://example.com/some.json".to_owned(),
            r#"{"a": 1}"#.to_owned(),
        )])),
        categories: Some(vec!["Fun".to_owned()]),
        licenses: Some(vec!["Public Domain".to_owned()]),
        ..Surroundings::default()
    }
}

/// Columns of every type that functions take, with a few cells of each.
const CELLS: [(&str, SoqlType, &[&str]); 14] = [
    (
        "t",
        SoqlType::Text,
        &[
            "",
            "a",
            "42",
            "%Y",
            "(\\d+)",
            "2017-12-13",
            "é\u{301}",
            "{\"a\":[1,null]}",
            ".a.[]",
            "UTC",
            "days",
        ],
    ),
    (
        "n",
        SoqlType::Number,
        &[
            "0",
            "-1",
            "2.5",
            "10000000000000000000000000000000000000000",
            "99999999999999999999",
            "1E-24",
            "-7",
        ],
    ),
    ("c", SoqlType::Boolean, &["0", "1"]),
    ("f", SoqlType::FloatingTimestamp, &["0", "1513124693000", "-62167219200000", "253402300799999"]),
    ("d", SoqlType::FixedTimestamp, &["0", "1513124693000", "-62167219200000", "253402300799999"]),
    ("j", SoqlType::Json, &["null", "[1,\"a\",{\"a\":2}]", "{\"a\":true}", "\"x\""]),
    ("u", SoqlType::Url, &["{\"url\":\"https://a.example/\",\"description\":\"d\"}"]),
    ("l", SoqlType::Location, &["{\"latitude\":\"1\",\"longitude\":\"2\"}", "{}"]),
    (
        "p",
        SoqlType::Point,
        &[r#"{"type":"Point","coordinates":[1.0,2.0]}"#, r#"{"type":"Point","coordinates":[1e300,-1e300]}"#],
    ),
    ("mp", SoqlType::MultiPoint, &[r#"{"type":"MultiPoint","coordinates":[]}"#]),
    (
        "li",
        SoqlType::Line,
        &[
            r#"{"type":"LineString","coordinates":[[0.0,0.0],[0.0,0.0]]}"#,
            r#"{"type":"LineString","coordinates":[[0.0,0.0],[1.0,1.0],[2.0,0.5]]}"#,
        ],
    ),
    ("ml", SoqlType::MultiLine, &[r#"{"type":"MultiLineString","coordinates":[]}"#]),
    (
        "po",
        SoqlType::Polygon,
        &[
            r#"{"type":"Polygon","coordinates":[[[0.0,0.0],[4.0,0.0],[4.0,4.0],[0.0,0.0]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[0.0,0.0],[4.0,4.0],[4.0,0.0],[0.0,4.0],[0.0,0.0]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[0.0,0.0],[0.0,0.0],[0.0,0.0],[0.0,0.0]]]}"#,
        ],
    ),
    (
        "mpo",
        SoqlType::MultiPolygon,
        &[
            r#"{"type":"MultiPolygon","coordinates":[]}"#,
            r#"{"type":"MultiPolygon","coordinates":[[[[0.0,0.0],[4.0,0.0],[4.0,4.0],[0.0,0.0]]]]}"#,
        ],
    ),
];

fn columns() -> Vec<Column<'static>> {
    CELLS.iter().map(|(name, soql_type, _)| Column { name, soql_type: *soql_type }).collect()
}

fn value(soql_type: SoqlType, text: &'static str) -> Value<'static> {
    match soql_type {
        SoqlType::Boolean | SoqlType::FloatingTimestamp | SoqlType::FixedTimestamp => {
            Value::Int(text.parse().unwrap())
        }
        _ => Value::from(text),
    }
}

/// A row: of each column one of its cells, or null.
fn row() -> impl Strategy<Value = Vec<Value<'static>>> {
    proptest::collection::vec(any::<prop::sample::Index>(), CELLS.len()).prop_map(|chosen| {
        CELLS
            .iter()
            .zip(chosen)
            .map(|((_, soql_type, cells), index)| match index.index(cells.len() + 1) {
                0 => Value::Null,
                at => value(*soql_type, cells[at - 1]),
            })
            .collect()
    })
}

/// An expression of a function: columns or literals of the types that one of its signatures wants, in each place
/// another such expression as long as there is room.
fn expression(soql_type: SoqlType, seeds: &mut impl Iterator<Item = usize>, depth: usize) -> String {
    let mut next = |count: usize| seeds.next().unwrap_or(0) % count.max(1);
    let column = CELLS.iter().find(|(_, t, _)| *t == soql_type).map_or("t", |(name, _, _)| name);
    if depth == 0 {
        return match (soql_type, next(5)) {
            (SoqlType::Text, 0) => {
                ["'a'", "'%F'", "'(a)(?<n>b)?'", "'.a'", "'EPSG:3857'", "''"][next(6)].to_owned()
            }
            (SoqlType::Number, 0) => ["0", "-3", "7.25", "1e10"][next(4)].to_owned(),
            (_, 1) => "null".to_owned(),
            _ => column.to_owned(),
        };
    }
    let fitting: Vec<(&str, Vec<Slot>, usize)> = all()
        .filter(|function| !function.name.starts_with(['#', '[']) && function.form.is_empty())
        .flat_map(|function| overloads(function.name))
        .filter(|overload| match overload.result {
            Slot::Type(result) => result == soql_type,
            Slot::Variable(variable) => class(variable).is_none_or(|types| types.contains(&soql_type)),
        })
        .filter(|overload| !matches!(overload.work, Work::Refused))
        .map(|overload| (overload.function.name, overload.parameters.clone(), 0))
        .collect();
    if fitting.is_empty() {
        return column.to_owned();
    }
    let (name, parameters, _) = &fitting[next(fitting.len())];
    let inner = next(3) == 0;
    let arguments: Vec<String> = parameters
        .iter()
        .map(|slot| {
            let wanted = match slot {
                Slot::Type(wanted) => *wanted,
                Slot::Variable(_) => soql_type,
            };
            expression(wanted, seeds, if inner { depth - 1 } else { 0 })
        })
        .collect();
    format!("{name}({})", arguments.join(", "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    /// No text makes the compiler panic.
    #[test]
    fn any_text_compiles_or_is_refused(text in "[a-z0-9`'\"().,:%+*/|=<>\\[\\]\\\\ -]{0,60}") {
        let _ = compile(&text, &columns(), &seeded());
    }

    /// What compiles is computed, and its value has the type that was told; nulls come out of nulls.
    #[test]
    fn cells_have_the_type_of_their_transform(
        wanted in 0..CELLS.len(),
        seeds in proptest::collection::vec(any::<usize>(), 1..40),
        rows in proptest::collection::vec(row(), 3),
    ) {
        let world = seeded();
        let mut seeds = seeds.into_iter();
        let text = expression(CELLS[wanted].1, &mut seeds, 3);
        let transform = match compile(&text, &columns(), &world) {
            Ok(transform) => transform,
            Err(error) => {
                let expected = [CompileErrorKind::BadArgument, CompileErrorKind::TypeMismatch];
                prop_assert!(expected.contains(&error.kind), "{}: {}", text, error);
                return Ok(());
            }
        };
        for (offset, cells) in rows.iter().enumerate() {
            let row = Row { offset: offset as u64, cells };
            if let Ok(value) = transform.evaluate(row, &world) {
                prop_assert!(is_stored_form(transform.output_type(), &value), "{}: {:?}", text, value);
            }
        }
    }
}

#[test]
fn null_in_null_out() {
    let world = seeded();
    let nulls = vec![Value::Null; CELLS.len()];
    for function in all() {
        for overload in overloads(function.name) {
            let strict = matches!(overload.work, Work::Strict(_) | Work::Prepared(..));
            let operator = function.name.starts_with(['#', '[']) || !function.form.is_empty();
            if !strict || operator || overload.parameters.is_empty() {
                continue;
            }
            let argument = |slot: &Slot| {
                let wanted = match slot {
                    Slot::Type(wanted) => *wanted,
                    Slot::Variable(variable) => class(*variable).map_or(SoqlType::Text, |types| types[0]),
                };
                CELLS.iter().find(|(_, t, _)| *t == wanted).map_or("t", |(name, _, _)| name)
            };
            let arguments: Vec<&str> = overload.parameters.iter().map(argument).collect();
            let text = format!("{}({})", function.name, arguments.join(", "));
            let transform =
                compile(&text, &columns(), &world).unwrap_or_else(|error| panic!("{text}: {error}"));
            // Errors have any type, and none of null.
            let cell = transform.evaluate(Row { offset: 0, cells: &nulls }, &world);
            assert_eq!(cell, Ok(Value::Null), "{text}");
        }
    }
}

#[test]
fn what_is_too_large_is_refused_by_name() {
    let world = Surroundings::default();
    let refused = |text: String| compile(&text, &columns(), &world).unwrap_err().kind;
    assert_eq!(refused(format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000))), CompileErrorKind::TooLarge);
    assert_eq!(refused("- ".repeat(10_000) + "1"), CompileErrorKind::TooLarge);
    assert_eq!(
        refused(format!("{}t{}", "upper(".repeat(3000), ")".repeat(3000))),
        CompileErrorKind::TooLarge
    );
    assert_eq!(refused(format!("'{}'", "a".repeat(100_001))), CompileErrorKind::TooLarge);
    assert_eq!(refused(format!("greatest({})", vec!["1"; 501].join(","))), CompileErrorKind::TooLarge);
    assert_eq!(refused(vec!["t"; 300].join(" || ")), CompileErrorKind::TooLarge);
    assert_eq!(refused("regex_replace(t, '(a{1000}){1000}', '')".to_owned()), CompileErrorKind::BadArgument);
    assert_eq!(
        refused(format!("regex_replace(t, '{}', '')", "a".repeat(10_001))),
        CompileErrorKind::BadArgument
    );
}

#[test]
fn values_are_bounded() {
    let world = Surroundings::default();
    let kind = |text: &str| {
        let transform = compile(text, &columns(), &world).unwrap();
        transform
            .evaluate(Row { offset: 0, cells: &[Value::from("x")] }, &world)
            .map(|_| ())
            .map_err(|error| error.kind)
    };
    for text in [
        "left_pad(t, 1e18, 'ab')",
        "right_pad(t, 99999999, 'ab')",
        "replace(left_pad('', 9999999, 'a'), 'a', 'bbbb')",
        "regex_replace(left_pad('', 9999999, 'a'), 'a', 'bbbb')",
        "left_pad('', 9999999, 'a') || left_pad('', 9999999, 'a')",
        "10 ^ 10000",
    ] {
        assert_eq!(kind(text), Err("value_too_large"), "{text}");
    }
    let deep = format!("to_json(left_pad('', {}, '['))", 100_000);
    assert_eq!(kind(&deep), Err("type_conversion_failed"));
}
