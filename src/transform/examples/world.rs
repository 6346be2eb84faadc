//! The world outside, and the examples of the table.

use super::{alike, cell};
use crate::soda::Value;
use crate::transform::functions::{Class, all};
use crate::transform::properties::seeded;
use crate::transform::{CompileErrorKind, Row, Surroundings, compile};
use serde_json::json;

#[test]
fn every_function_has_an_example_that_compiles_and_has_its_type() {
    let world = seeded();
    for function in all() {
        let transform = match compile(function.example, &[], &world) {
            Ok(transform) => transform,
            Err(error) => {
                assert_eq!(error.kind, CompileErrorKind::NotEmulated, "{}: {error}", function.name);
                assert_eq!(function.class, Class::Outside, "{}", function.name);
                continue;
            }
        };
        let value = transform.evaluate(Row { offset: 0, cells: &[] }, &world);
        let value = value.unwrap_or_else(|error| panic!("{}: {error}", function.example));
        assert!(crate::soda::value::is_stored_form(transform.output_type(), &value), "{}", function.example);
    }
}

#[test]
fn functions_of_the_world_are_refused_by_name_without_data() {
    for function in all().filter(|function| function.class == Class::Outside) {
        let error = compile(function.example, &[], &Surroundings::default()).unwrap_err();
        assert_eq!(error.kind, CompileErrorKind::NotEmulated, "{}", function.name);
        assert!(error.message.contains(function.name), "{}", error.message);
    }
}

#[test]
fn functions_of_the_world_answer_from_the_seed() {
    let world = seeded();
    for (expr, expected) in [
        (
            "geocode('1600 pennsylvania avenue ', 'Washington', 'DC', '20500')",
            json!({"type": "Point", "coordinates": [-77.037458, 38.898771]}),
        ),
        (
            "geocode('1600 Pennsylvania Avenue', 'Washington', 'DC', '20500', 'US').latitude",
            json!("38.898771"),
        ),
        ("geocode(nothing, nothing, nothing, nothing)", json!(null)),
        ("is_within(make_point(1, 1), state_boundary('washington'))", json!(true)),
        ("is_within(make_point(9, 1), county_boundary('WA', 33))", json!(false)),
        ("region_code(make_point(2, 3), 'hehe-hehe')", json!("7")),
        ("region_code_label(make_point(2, 3), 'hehe-hehe', 'columnName')", json!("seven")),
        (
            "region_code(make_point(20, 3), 'hehe-hehe')",
            json!({"type":"empty_region_code","english":"Region Coder said that point does not fall within any region","data":{}}),
        ),
        ("json_pluck(http_get('https://example.com/some.json'), '.a')", json!("1")),
        ("domain_categories()", json!({"json": ["Fun"]})),
    ] {
        let found = cell(expr, &world);
        assert!(alike(&found, &expected), "{expr}: {found}");
    }
    for (expr, kind) in [
        ("geocode('nowhere', '', '', '')", "geocode_failed"),
        ("geocode('x', 'y', 'z', '1', 'FR')", "geocode_failed"),
        ("state_boundary('Atlantis')", "boundary_not_found"),
        ("region_code(make_point(2, 3), 'forbidden-view')", "region_coding_error"),
        ("http_get('https://example.com/other')", "http_error"),
    ] {
        assert_eq!(cell(expr, &world)["type"], kind, "{expr}");
    }
}

#[test]
fn random_numbers_are_those_of_the_row() {
    let world = Surroundings::default();
    let transform =
        compile("random_number_between(5, 6) + random_number_between(5, 6)", &[], &world).unwrap();
    let of = |offset| transform.evaluate(Row { offset, cells: &[] }, &world).unwrap();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
    let single = compile("random_number_between(5, 6)", &[], &world).unwrap();
    for offset in 0..100 {
        let Value::Text(number) = single.evaluate(Row { offset, cells: &[] }, &world).unwrap() else {
            panic!()
        };
        assert!((5.0..6.0).contains(&number.parse::<f64>().unwrap()));
    }
    let mean = compile("random_number_normal(10, 4)", &[], &world).unwrap();
    let sum: f64 = (0..2000)
        .map(|offset| match mean.evaluate(Row { offset, cells: &[] }, &world) {
            Ok(Value::Text(number)) => number.parse::<f64>().unwrap(),
            other => panic!("{other:?}"),
        })
        .sum();
    assert!((sum / 2000.0 - 10.0).abs() < 0.3, "{sum}");
}
