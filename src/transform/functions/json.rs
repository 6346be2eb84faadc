//! JSON and XML: parts of documents.

use super::Work::{Prepared as Reads, Strict};
use super::call::{Call, Prepared, failed, made, string, truth, unconvertible, whole};
use super::json_path::JsonPath;
use super::{Function, entry, operator, ours, xml};
use crate::soda::value::{canonical_number, compare_numbers};
use crate::soda::{SoqlType, Value};
use crate::transform::{Cell, DataError};
use serde_json::{Value as Json, json};
use std::borrow::Cow;

pub const TABLE: &[Function] = &[
    entry(
        "json_pluck",
        r#"What a path leads to: .name, .["name"], .[n], .[] for every item; ? makes null of what cannot be looked into. Of a text, the result is a text."#,
        r#"json_pluck('{"foo": {"bar": [1, {"baz": "qux"}, 3]}}'::json, '.foo.bar.[1].baz')"#,
        &[
            ("json text -> json", Reads(1, prepare, pluck)),
            ("text text -> text", Reads(1, prepare, pluck_text)),
        ],
    ),
    entry(
        "json_pluck_text",
        "What a path leads to, as a text; arrays and objects are rendered.",
        r#"json_pluck_text('{"foo": [{"bar": false}, {"bar": true}]}', '.foo.[].bar')"#,
        &[
            ("text text -> text", Reads(1, prepare, pluck_text)),
            ("json text -> text", Reads(1, prepare, pluck_text)),
        ],
    ),
    entry(
        "json_pluck_number",
        "The number that a path leads to; an error when it is none.",
        r#"json_pluck_number('{"foo": [1, 2]}', '.foo.[1]')"#,
        &[
            ("text text -> number", Reads(1, prepare, pluck_number)),
            ("json text -> number", Reads(1, prepare, pluck_number)),
        ],
    ),
    entry(
        "json_pluck_boolean",
        "The truth that a path leads to; an error when it is none.",
        r#"json_pluck_boolean('{"foo": true}', '.foo')"#,
        &[
            ("text text -> checkbox", Reads(1, prepare, pluck_boolean)),
            ("json text -> checkbox", Reads(1, prepare, pluck_boolean)),
        ],
    ),
    entry(
        "json_array_contains",
        "Whether an array has an item; an error when it is no array.",
        "json_array_contains('[1, 2, 3, 4]'::json, 2)",
        &[("json a -> checkbox", Strict(contains))],
    ),
    ours(entry(
        "json_field",
        "A member of an object as a text; written as a field, json.name.",
        "uri_parse('https://socrata.com/hello').path",
        &[(
            "json text -> text",
            Strict(|_, a| Ok(rendered(parsed(a)?.get(string(&a[1])).unwrap_or(&Json::Null)))),
        )],
    )),
    operator(
        "[]",
        "json['name'], json[0]",
        "A member of an object or an item of an array, as a text; null without it.",
        "('[\"one\", \"two\"]'::json)[1]",
        &[
            (
                "json text -> text",
                Strict(|_, a| Ok(rendered(parsed(a)?.get(string(&a[1])).unwrap_or(&Json::Null)))),
            ),
            ("json number -> text", Strict(item)),
        ],
    ),
    entry(
        "xml_pluck",
        "What a path of XPath leads to: the text, an attribute, or an element as XML. Steps, //, *, text(), @name, and conditions by place or value are known.",
        "xml_pluck('<foo><bar attr=\"cool beans\">the contents!</bar></foo>', '/foo/bar/text()')",
        &[("text text -> text", Strict(xml::pluck))],
    ),
];

/// JSON of a text, compact as columns hold it.
pub fn of_text<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let text = string(&arguments[0]);
    match serde_json::from_str::<Json>(text) {
        Ok(json) => made(json.to_string()),
        Err(_) => Err(unconvertible(text, call.type_of(0), SoqlType::Json)),
    }
}

fn parsed(arguments: &[Value<'_>]) -> Result<Json, Box<DataError>> {
    let text = string(&arguments[0]);
    serde_json::from_str(text).map_err(|_| unconvertible(text, SoqlType::Text, SoqlType::Json))
}

fn prepare(path: &str) -> Result<Prepared, String> {
    JsonPath::parse(path).map(Prepared::Path).ok_or_else(|| format!("{path} is no path in JSON"))
}

/// What a path leads to.
fn found(call: &Call<'_>, arguments: &[Value<'_>]) -> Result<Json, Box<DataError>> {
    let read;
    let path = match call.prepared {
        Prepared::Path(path) => path,
        _ => {
            let text = string(&arguments[1]);
            let bad =
                || failed("invalid_path", format!("{text} is no path in JSON"), json!({ "value": text }));
            read = JsonPath::parse(text).ok_or_else(bad)?;
            &read
        }
    };
    path.select(&parsed(arguments)?).map_err(|value| {
        failed(
            "invalid_selection",
            format!("Invalid selection from value '{value}'"),
            json!({ "value": value }),
        )
    })
}

fn pluck<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    match found(call, arguments)? {
        Json::Null => Ok(Value::Null),
        value => made(value.to_string()),
    }
}

/// JSON as a text: a text without its quotes, null as null.
fn rendered<'v>(value: &Json) -> Value<'v> {
    match value {
        Json::Null => Value::Null,
        Json::String(text) => Value::from(text.clone()),
        other => Value::from(other.to_string()),
    }
}

fn pluck_text<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    Ok(rendered(&found(call, arguments)?))
}

fn pluck_number<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    match found(call, arguments)? {
        Json::Null => Ok(Value::Null),
        Json::Number(number) => match canonical_number(&number.to_string()) {
            Some(number) => Ok(Value::from(number)),
            None => Err(wrong_type("number", "number")),
        },
        other => Err(wrong_type("number", type_name(&other))),
    }
}

fn pluck_boolean<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    match found(call, arguments)? {
        Json::Null => Ok(Value::Null),
        Json::Bool(value) => truth(value),
        other => Err(wrong_type("boolean", type_name(&other))),
    }
}

fn type_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// The sentence is documented, the names of the data are ours.
fn wrong_type(required: &str, received: &str) -> Box<DataError> {
    failed(
        "json_type_error",
        format!("Required type is {required} but received type {received}"),
        json!({ "required_type": required, "received_type": received }),
    )
}

fn contains<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let document = parsed(arguments)?;
    let Json::Array(items) = &document else { return Err(wrong_type("array", type_name(&document))) };
    let wanted = &arguments[1];
    let soql_type = call.type_of(1);
    let object: Option<Json> = match soql_type {
        SoqlType::Text | SoqlType::Number | SoqlType::Boolean => None,
        _ => serde_json::from_str(string(wanted)).ok(),
    };
    truth(items.iter().any(|item| match (soql_type, item) {
        (SoqlType::Text, Json::String(text)) => text == string(wanted),
        (SoqlType::Number, Json::Number(number)) => {
            let number = number.to_string();
            let number = canonical_number(&number).map_or(Cow::Borrowed(number.as_str()), Cow::Owned);
            compare_numbers(&number, string(wanted)).is_eq()
        }
        (SoqlType::Boolean, Json::Bool(value)) => *wanted == Value::Int(i64::from(*value)),
        (_, item) => object.as_ref() == Some(item),
    }))
}

fn item<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let document = parsed(arguments)?;
    let place = usize::try_from(whole(&arguments[1])).ok();
    Ok(rendered(place.and_then(|place| document.get(place)).unwrap_or(&Json::Null)))
}
