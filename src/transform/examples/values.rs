//! Comparison, numbers, conversions and times.

use super::{cell, check};
use crate::transform::Surroundings;
use serde_json::json;

#[test]
fn comparison_and_choices() {
    check(&[
        ("1 = 1", json!(true)),
        ("1 == 2", json!(false)),
        ("'a' == 'b'", json!(false)),
        ("1 == 1.00", json!(true)),
        ("1 <> 1", json!(false)),
        ("'a' != 'b'", json!(true)),
        ("3 >= 2", json!(true)),
        ("'a' >= 'b'", json!(false)),
        ("1 < 1", json!(false)),
        ("10 < 9", json!(false)),
        ("1 <= 1", json!(true)),
        ("not true", json!(false)),
        ("true and null", json!(null)),
        ("false and null", json!(false)),
        ("true or error('x') == 'x'", json!(true)),
        ("1 BETWEEN 0 and 2", json!(true)),
        ("2 BETWEEN 0 and 1", json!(false)),
        ("2 BETWEEN 0 and 2", json!(true)),
        ("'b' BETWEEN 'a' and 'c'", json!(true)),
        ("2 NOT BETWEEN 0 and 1", json!(true)),
        ("'b' NOT BETWEEN 'a' and 'c'", json!(false)),
        ("1 in (1, 2, 3)", json!(true)),
        ("4 not in (1, 2, 3)", json!(true)),
        ("4 in (1, null)", json!(null)),
        (r#""foo" LIKE "foo""#, json!(true)),
        (r#""foo%" LIKE "bazfoo""#, json!(false)),
        (r#""%foo%" LIKE "bazfoobar""#, json!(true)),
        (r#""%foo%" NOT LIKE "bazfoobar""#, json!(false)),
        ("'bazfoobar' LIKE 'baz%'", json!(true)),
        ("'bazfoobar' LIKE '%baz'", json!(false)),
        ("null is null", json!(true)),
        ("'foo' is null", json!(false)),
        ("'foo' is not null", json!(true)),
        (
            "case(1 == 2, 'This will never be returned', true, 'This will always be returned')",
            json!("This will always be returned"),
        ),
        ("case(1 == 2, 'a', null, 'b')", json!(null)),
        ("CASE WHEN 1 = 2 THEN 'a' ELSE 'b' END", json!("b")),
        ("coalesce(null, null, \"some_value\")", json!("some_value")),
        ("coalesce(text_column, error('behind'))", json!("text column datum")),
        ("greatest(5, 4, 3, 2, 1)", json!("5")),
        ("greatest(4, 1, null, 3, 6)", json!("6")),
        ("greatest(null, null, null)", json!(null)),
        ("least(10, 9)", json!("9")),
        ("forgive(error('hello'), 'no errors here')", json!("no errors here")),
        ("forgive('not an error', 'hello')", json!("not an error")),
        ("forgive(error('hello'))", json!(null)),
        ("forgive(to_number('not a number'))", json!(null)),
        ("case(number_column == 5, 'five', true, error('no'))", json!("five")),
        (
            "error('The value was incorrect!')",
            json!({"type": "error", "english": "The value was incorrect!", "data": {"message": "The value was incorrect!"}}),
        ),
        ("upper(error('x'))", json!({"type": "error", "english": "x", "data": {"message": "x"}})),
    ]);
}

#[test]
fn numbers() {
    check(&[
        ("2 + 2", json!("4")),
        ("2.5 + 3", json!("5.5")),
        ("4 - 2", json!("2")),
        ("0 - 2", json!("-2")),
        ("-(-2)", json!("2")),
        ("-(2)", json!("-2")),
        ("3 * 5", json!("15")),
        ("4 / 2", json!("2")),
        ("20 / 5", json!("4")),
        ("1 / 8", json!("0.125")),
        ("100 / 1", json!("100")),
        ("1 / 3", json!("0.3333333333333333333333333333")),
        ("2000 / 3", json!("666.6666666666666666666666667")),
        ("4 / 0", json!({"type": "division_by_zero", "english": "Division by zero", "data": {}})),
        ("4 % 0", json!({"type": "division_by_zero", "english": "Division by zero", "data": {}})),
        ("5 % 2", json!("1")),
        ("4 % 2", json!("0")),
        ("2 ^ 10", json!("1024")),
        ("2 ^ -1", json!("0.5")),
        ("4 ^ 0.5", json!("2.0")),
        ("abs(-5)", json!("5")),
        ("round(513.02, -1)", json!("510")),
        ("round(3.1415, 2.2)", json!("3.14")),
        ("round(5, 2)", json!("5")),
        ("123456789012345678901234567890 + 1", json!("123456789012345678901234567891")),
        ("number_column + null", json!(null)),
        ("number_column + 7", json!("12")),
    ]);
    for large in ["9 ^ 9 ^ 9", "1e99999 * 1e99999"] {
        assert!(
            ["value_too_large", "arithmetic_error"]
                .contains(&cell(large, &Surroundings::default())["type"].as_str().unwrap())
        );
    }
}

#[test]
fn conversions() {
    let no = |value: &str, target: &str| {
        json!({
            "type": "type_conversion_failed",
            "english": format!("Unable to convert \"{value}\" from text to {target}"),
            "data": {"value": value, "target_type": target, "source_type": "text"},
        })
    };
    check(&[
        ("to_text(42)", json!("42")),
        ("to_text(true)", json!("true")),
        ("to_text(make_point(1, 2))", json!("POINT (2 1)")),
        ("to_number('42')", json!("42")),
        ("to_number(text_number_column)", json!("42")),
        ("to_number(true)", json!("1")),
        ("to_number('b')", no("b", "number")),
        ("to_number('')", json!(null)),
        ("to_number(nothing)", json!(null)),
        ("'12.50'::number", json!("12.50")),
        ("to_boolean('true')", json!(true)),
        ("to_boolean('1')", json!(true)),
        ("to_boolean('0')", json!(false)),
        ("to_boolean(1)", json!(true)),
        ("to_checkbox('maybe')", no("maybe", "checkbox")),
        ("to_floating_timestamp('4/1/2018 1:05:26AM', '%m/%d/%Y %I:%M:%S%P')", json!("2018-04-01T01:05:26")),
        ("to_floating_timestamp('2017-12-13T00:24:53Z')", json!("2017-12-13T00:24:53")),
        ("to_floating_timestamp('2017-12-13T8:24:53')", json!("2017-12-13T08:24:53")),
        ("to_floating_timestamp('2017-12-13 8:24')", json!("2017-12-13T08:24:00")),
        ("to_floating_timestamp('01/02/2015 12:00:00 AM')", json!("2015-01-02T00:00:00")),
        ("to_floating_timestamp('yesterday')", no("yesterday", "calendar_date")),
        ("to_floating_timestamp('2018-13-01', '%Y-%m-%d')", no("2018-13-01", "calendar_date")),
        (
            "to_floating_timestamp(to_fixed_timestamp('2017-12-13T00:24:53Z'), 'America/Los_Angeles')",
            json!("2017-12-12T16:24:53"),
        ),
        ("to_fixed_timestamp('2017-12-13T00:24:53.436562Z', '%+')", json!("2017-12-13T00:24:53.436Z")),
        ("to_fixed_timestamp('2017-12-13T00:24:53+0930')", json!("2017-12-12T14:54:53Z")),
        (
            "to_fixed_timestamp(to_floating_timestamp('2017-12-13T00:24:53'), 'America/Los_Angeles')",
            json!("2017-12-13T08:24:53Z"),
        ),
        ("to_text(to_floating_timestamp('2017-12-13'))", json!("2017-12-13T00:00:00")),
        ("to_json('{\"hello\": \"world\"}')", json!({"json": {"hello": "world"}})),
        ("to_json('{')", no("{", "json")),
        ("make_url('https://www.example.com/', 'a link').url", json!("https://www.example.com/")),
        ("make_url('https://e.com/', 'x').description", json!("x")),
        ("to_url('https://e.com/')", json!({"url": "https://e.com/"})),
        ("'foo' || 'bar'", json!("foobar")),
        ("'is ' || 5 || true", json!("is 5true")),
        ("'foo' || null", json!(null)),
    ]);
}

#[test]
fn times() {
    let diff = |to: &str, unit: &str| {
        format!(
            "datetime_diff(to_fixed_timestamp('2017-12-13T00:24:53Z'), to_fixed_timestamp('{to}'), 'UTC', '{unit}')"
        )
    };
    for (to, unit, expected) in [
        ("2017-12-13T00:24:55Z", "seconds", "2"),
        ("2017-12-13T00:36:55Z", "minutes", "12"),
        ("2017-12-13T12:24:55Z", "hours", "12"),
        ("2018-02-15T00:24:55Z", "days", "64"),
        ("2017-12-25T00:24:55Z", "business days", "9"),
        ("2018-02-25T00:24:55Z", "weeks", "10"),
        ("2018-02-25T00:24:55Z", "months", "2"),
        ("2019-12-25T00:24:55Z", "years", "2"),
    ] {
        check(&[(diff(to, unit).as_str(), json!(expected))]);
    }
    assert_eq!(
        cell(&diff("2018-02-25T00:24:55Z", "moons"), &Surroundings::default())["type"],
        "invalid_unit"
    );
    check(&[
        ("date_extract_d(to_fixed_timestamp('2017-12-13T00:24:53+0930'))", json!("12")),
        ("date_extract_y(to_fixed_timestamp('2017-12-31T23:24:53-0930'))", json!("2018")),
        ("date_extract_m(to_fixed_timestamp('2017-12-1T00:24:53+0930'))", json!("11")),
        ("date_extract_hh(to_fixed_timestamp('2017-12-13T00:24:53+0930'))", json!("14")),
        ("date_extract_mm(to_floating_timestamp('2017-12-13T00:24:53'))", json!("24")),
        ("date_extract_ss(to_floating_timestamp('2017-12-13T00:24:53'))", json!("53")),
        ("date_extract_dow(to_floating_timestamp('2017-12-17T00:24:53'))", json!("0")),
        ("date_extract_woy(to_floating_timestamp('2017-12-13T00:24:53'))", json!("50")),
        ("date_trunc_y(to_floating_timestamp('2017-12-13T00:24:53Z'))", json!("2017-01-01T00:00:00")),
        ("date_trunc_ym(to_fixed_timestamp('2017-12-13T00:24:53Z'))", json!("2017-12-01T00:00:00Z")),
        ("date_trunc_ym(to_floating_timestamp('2017-12-13T00:24:53Z'))", json!("2017-12-01T00:00:00")),
        ("date_trunc_ymd(to_fixed_timestamp('2017-11-30T23:24:53-0930'))", json!("2017-12-01T00:00:00Z")),
        ("to_floating_timestamp('2017-12-13T12:34:55').hour", json!("12")),
        ("to_floating_timestamp('2017-12-13T12:34:55').day", json!("13")),
        ("to_floating_timestamp('2017-12-13T12:34:55').second", json!("55")),
        ("datetime_add_d(to_floating_timestamp('2020-01-01T11:00:00'), 5)", json!("2020-01-06T11:00:00")),
        ("datetime_add_mm(to_floating_timestamp('2020-01-01T11:05:00'), -5)", json!("2020-01-01T11:00:00")),
        ("datetime_add_ss(to_floating_timestamp('2020-01-01T11:00:00'), 5)", json!("2020-01-01T11:00:05")),
        ("source_created_at()", json!("1970-01-01T00:00:00Z")),
    ]);
}
