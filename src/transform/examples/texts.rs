//! Texts, documents and addresses.

use super::{cell, check};
use crate::transform::Surroundings;
use serde_json::{Value as Json, json};

/// `match_not_found` as it is documented.
fn missing(message: &str, position: Json, name: Json, wanted: &str) -> Json {
    json!({
        "type": "match_not_found",
        "english": format!("{message}, attempted to retrieve {wanted}"),
        "data": {"position": position, "name": name, "message": message, "hint": null},
    })
}

#[test]
fn texts() {
    check(&[
        ("upper('SOMETHINg')", json!("SOMETHING")),
        ("lower(text_column)", json!("text column datum")),
        ("title_case('department of transportation')", json!("Department of Transportation")),
        ("title_case('a very interesting story')", json!("A Very Interesting Story")),
        ("title_case('First name, last name')", json!("First Name, Last Name")),
        ("trim('    SOMETHING    ', ' ')", json!("SOMETHING")),
        ("trim(',a,b,c,d,', ',')", json!("a,b,c,d")),
        ("trim('    SOMETHING    ', 'nope')", json!("    SOMETHING    ")),
        ("trim_leading(',a,b,c,d,', ',')", json!("a,b,c,d,")),
        ("trim_trailing(',a,b,c,d,', ',')", json!(",a,b,c,d")),
        ("left_pad('hello', 10, 'x')", json!("xxxxxhello")),
        ("left_pad('hello', 10, 'xy')", json!("xyxyxhello")),
        ("right_pad('hello', 10, 'xy')", json!("helloxyxyx")),
        ("length('hello')", json!("5")),
        (r#"length("\u00e1")"#, json!("1")),
        (r#"length("a\u0301")"#, json!("2")),
        (r#"grapheme_length("a\u0301")"#, json!("1")),
        ("slice('foobar', 0, 2)", json!("fo")),
        ("slice('foobar', -3, 3)", json!("bar")),
        ("slice('foobar', -10, 1300)", json!("")),
        (
            "slice('foobar', 0, -2)",
            json!({"type":"invalid_length","english":"Invalid length -2. Slice length must be a nonnegative integer.","data":{"length":-2}}),
        ),
        ("replace('some-text-literal', '-', '_')", json!("some_text_literal")),
        ("replace(text_column, 'datum', 'data')", json!("text column data")),
        ("replace_first('some-text-text', 'text', '')", json!("some--text")),
        ("contains('foobar', 'oba')", json!(true)),
        ("starts_with('foobar', 'bar')", json!(false)),
        ("is_empty(null)", json!(true)),
        ("is_empty('  ')", json!(true)),
        ("is_empty('x')", json!(false)),
        ("split_select('first,second', ',', 0)", json!("first")),
        ("split_select('first,second', ',', 1)", json!("second")),
        (
            "split_select('first,second', ',', 7)",
            missing("No token found at that position", json!(7), json!(null), "position 7"),
        ),
    ]);
}

#[test]
fn patterns() {
    check(&[
        (r"regex_capture('hello 42 world', '42 (\w+)', 1)", json!("world")),
        (r"regex_capture('hello 42 world', '42 (\w+)', 0)", json!("42 world")),
        (
            r"regex_capture('hello', '(\d+)', 1)",
            missing("No matches found", json!(1), json!(null), "position 1"),
        ),
        (
            r"regex_named_capture('P Sherman 42 Wallaby Way, Sydney', '(?<city>\w+)$', 'city')",
            json!("Sydney"),
        ),
        (
            r"regex_named_capture('P', '(?<city>\w+)$', 'town')",
            missing("No matches found", json!(null), json!("town"), "name town"),
        ),
        (r"regex_replace('hello 42 (world)', '\(.*\)', '')", json!("hello 42 ")),
        (r"regex_replace('a1b22', '\d+', '#')", json!("a#b#")),
        (r"regex_replace('a1b22', '([a-z])(?<n>\d+)', '${n}$1')", json!("1a22b")),
        ("regex_replace('aXbX', '(?i)x$', '')", json!("aXb")),
        ("regex_replace('abc', '', '-')", json!("-a-b-c-")),
    ]);
}

#[test]
fn links_and_hashes() {
    check(&[
        ("hash('test', 'sha256')", json!("9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08")),
        ("hash('test', 'md5')", json!("098F6BCD4621D373CADE4E832627B4F6")),
        ("url_encode('ftp://s-ite.tld/?value=put it+й')", json!("ftp://s-ite.tld/?value=put%20it+%D0%B9")),
        ("url_decode('https://socrata.com/some%20page')", json!("https://socrata.com/some page")),
        ("uri_parse('https://socrata.com/hello').scheme", json!("https")),
        ("uri_parse('https://socrata.com/hello').host", json!("socrata.com")),
        ("uri_parse('https://socrata.com/hello').path", json!("/hello")),
        ("uri_parse('https://socrata.com/hello').tld", json!("COM")),
        ("uri_parse('https://socrata.com/hello?foo=bar').query", json!("foo=bar")),
        ("uri_parse('not a url').scheme", json!(null)),
        ("uri_parse('not a url').path", json!("not a url")),
        ("uri_parse('not a url').tld", json!(null)),
        ("email_parse('jane@mail.example.org').tld", json!("ORG")),
        ("email_parse('jane').name", json!(null)),
    ]);
}

#[test]
fn documents() {
    let document = r#"'{"foo": {"bar": [1, {"baz": "qux"}, 3]}}'"#;
    for (suffix, expected) in [("", json!("qux")), ("::json", json!({"json": "qux"}))] {
        check(&[(format!("json_pluck({document}{suffix}, '.foo.bar.[1].baz')").as_str(), expected)]);
    }
    let wrong = |required: &str, received: &str| {
        json!({
            "type": "json_type_error",
            "english": format!("Required type is {required} but received type {received}"),
            "data": {"required_type": required, "received_type": received},
        })
    };
    check(&[
        (r#"json_pluck_text('{"foo-bar": {"baz": "qux"}}', '.["foo-bar"].baz')"#, json!("qux")),
        (
            r#"json_pluck_text('{"foo": [{"bar": false}, {"bar": true}]}', '.foo.[].bar')"#,
            json!("[false,true]"),
        ),
        (
            r#"json_pluck_text('{"foo":[{"bar":1},{"bar":2},"not-an-object"]}', '.foo.[].bar?')"#,
            json!("[1,2,null]"),
        ),
        (
            r#"json_pluck_text('[{"intptlat": "32"}, {"intptlat": "33"}]', '.[intptlat]')"#,
            json!({
                "type": "invalid_selection",
                "english": r#"Invalid selection from value '[{"intptlat":"32"},{"intptlat":"33"}]'"#,
                "data": {"value": [{"intptlat": "32"}, {"intptlat": "33"}]},
            }),
        ),
        (r#"json_pluck_number('{"a": 1.5}', '.a')"#, json!("1.5")),
        (r#"json_pluck_number('{"a": "x"}', '.a')"#, wrong("number", "string")),
        (r#"json_pluck_boolean('{"a": true}', '.a')"#, json!(true)),
        ("json_array_contains('[1, 2, 3, 4]'::json, 2)", json!(true)),
        ("json_array_contains('[1, 2, 3, 4]'::json, 5)", json!(false)),
        ("json_array_contains('[\"one\", \"two\"]'::json, \"one\")", json!(true)),
        ("json_array_contains('[true, false]'::json, false)", json!(true)),
        ("json_array_contains('[1, 2, null, 4]'::json, \"null\"::json)", json!(true)),
        ("json_array_contains('[1, 2, 3]'::json, \"null\"::json)", json!(false)),
        ("json_array_contains('[1, 2, null, 4]'::json, null::json)", json!(null)),
        ("json_array_contains('[1, 2, null, 4]'::json, null)", json!(null)),
        ("json_array_contains('\"x\"'::json, 1)", wrong("array", "string")),
        ("('[\"one\", \"two\"]'::json)[1]", json!("two")),
        ("('{\"a\": {\"b\": 1}}'::json)['a']", json!("{\"b\":1}")),
        (
            "xml_pluck('<foo>\n<bar attr=\"cool beans\">the contents!</bar>\n</foo>', '/foo/bar/text()')",
            json!("the contents!"),
        ),
        ("xml_pluck('<a><b/></a>', '/a/b')", json!("<b/>")),
    ]);
    assert_eq!(cell("xml_pluck('<a>', '/a')", &Surroundings::default())["type"], "xml_parse_error");
}

#[test]
fn addresses() {
    let none = json!({"type": "address_parse_failed", "english": "Unable to parse an address from \"Not an address\"", "data": {"value": "Not an address"}});
    let location = "make_location('3331 39th Ave', 'Vancouver', 'WA', '98818', to_point('POINT (42 42)'))";
    check(&[
        (r#"parse_address("123 Main St\nSometown, NY 12345")"#, json!("123 Main St")),
        (r#"parse_city("123 Main St\nSometown, NY 12345")"#, json!("Sometown")),
        (r#"parse_state("123 Main St\nSometown, NY 12345")"#, json!("NY")),
        (r#"parse_zip("350 5th Ave, New York, NY 10118-0110")"#, json!("10118-0110")),
        ("parse_city('Not an address')", none.clone()),
        (
            r#"parse_point("123 Main St.\nSometown, NY 12345\n(42.826, -75.545)")"#,
            json!({"type": "Point", "coordinates": [-75.545, 42.826]}),
        ),
        (r#"parse_address("123 Main St.\nSometown, NY 12345\n(42.826, -75.545)")"#, json!("123 Main St.")),
        ("parse_point('(47.610, -122.333)')", json!({"type": "Point", "coordinates": [-122.333, 47.61]})),
        ("parse_point('Not an address')", none),
        (format!("{location}.city").as_str(), json!("Vancouver")),
        (format!("{location}.point").as_str(), json!({"type": "Point", "coordinates": [42, 42]})),
        (
            format!("location_to_point({location})").as_str(),
            json!({"type": "Point", "coordinates": [42, 42]}),
        ),
        ("to_location('350 5th Ave, New York, NY 10118').zip", json!("10118")),
        (
            "make_location('1 Main St', 'Vancouver', 'WA', '98818')",
            json!({"human_address": "{\"address\": \"1 Main St\", \"city\": \"Vancouver\", \"state\": \"WA\", \"zip\": \"98818\"}"}),
        ),
    ]);
}
