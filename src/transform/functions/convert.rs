//! Conversions: functions, and the casts of `::`.

use super::Work::{self, Prepared as Reads, Refused, Strict};
use super::call::{
    Call, Prepared, failed, integer, is_true, plain_text, rules, string, take, truth, unconvertible,
};
use super::format::Format;
use super::shapes::to_geometry;
use super::text::stripped;
use super::{Function, entry, json, moment, operator, time, web};
use crate::calendar;
use crate::soda::value::{canonical_number, from_csv};
use crate::soda::{SoqlType, Value};
use crate::transform::{Cell, DataError};
use jiff::Timestamp;
use serde_json::json;
use std::borrow::Cow;

type Overloads = &'static [(&'static str, Work)];

const SAME: Work = Strict(|_, a| Ok(std::mem::replace(&mut a[0], Value::Null)));

const TO_TEXT: Overloads =
    &[("a -> text", Strict(|c, a| Ok(Value::Text(plain_text(c.type_of(0), &mut a[0])))))];
const TO_NUMBER: Overloads = &[
    ("text -> number", Strict(number)),
    ("checkbox -> number", Strict(|_, a| Ok(Value::from(if is_true(&a[0]) { "1" } else { "0" })))),
    ("number -> number", SAME),
];
const TO_CHECKBOX: Overloads = &[
    ("text -> checkbox", Strict(checkbox)),
    ("checkbox -> checkbox", SAME),
    ("number -> checkbox", Strict(checkbox)),
];
const TO_FLOATING: Overloads = &[
    ("text -> calendar_date", Strict(|c, a| dated(c, a, moment::floating))),
    ("calendar_date -> calendar_date", SAME),
];
const TO_FIXED: Overloads =
    &[("text -> date", Strict(|c, a| dated(c, a, moment::fixed))), ("date -> date", SAME)];
const TO_JSON: Overloads = &[("text -> json", Strict(json::of_text)), ("json -> json", SAME)];
const TO_URL: Overloads = &[("text -> url", Strict(web::url)), ("url -> url", SAME)];

const NUMBER: Overloads = &[TO_NUMBER[0], ("text text -> number", Refused), TO_NUMBER[1], TO_NUMBER[2]];
const FLOATING: Overloads = &[
    TO_FLOATING[0],
    ("text text -> calendar_date", Reads(1, prepare, formatted)),
    TO_FLOATING[1],
    ("date text -> calendar_date", Reads(1, time::prepare_zone, local)),
];
const FIXED: Overloads = &[
    TO_FIXED[0],
    ("text text -> date", Reads(1, prepare, formatted)),
    TO_FIXED[1],
    ("calendar_date text -> date", Reads(1, time::prepare_zone, instant)),
];

/// A cast, as `::` or by its name.
const fn cast(
    name: &'static str,
    form: &'static str,
    example: &'static str,
    overloads: Overloads,
) -> Function {
    operator(name, form, "The value as another type; an error when it cannot be one.", example, overloads)
}

pub const TABLE: &[Function] = &[
    entry("to_text", "The value as a text.", "to_text(42)", TO_TEXT),
    entry(
        "to_number",
        "The number that a text spells. A text with nothing but blanks is null.",
        "to_number('42')",
        NUMBER,
    ),
    entry(
        "to_boolean",
        "The truth that a text spells: true or 1, false or 0, yes or no.",
        "to_boolean('true')",
        TO_CHECKBOX,
    ),
    entry("to_checkbox", "The same as to_boolean.", "to_checkbox('0')", TO_CHECKBOX),
    entry(
        "to_floating_timestamp",
        "The local date and time that a text spells, in ISO 8601 or in a format of chrono's letters; or that of an instant in a zone.",
        "to_floating_timestamp('4/1/2018 1:05:26AM', '%m/%d/%Y %I:%M:%S%P')",
        FLOATING,
    ),
    entry(
        "to_fixed_timestamp",
        "The instant that a text spells, in ISO 8601 or in a format of chrono's letters, in UTC unless it says a zone; or that of a local time in a zone.",
        "to_fixed_timestamp('2017-12-13T00:24:53.436562Z', '%+')",
        FIXED,
    ),
    entry("to_json", "The JSON of a text.", r#"to_json('{"hello": "world"}')"#, TO_JSON),
    entry("to_url", "A link of a text.", "to_url('https://www.example.com/')", TO_URL),
    cast("cast_to_text", "a::text", "42::text", TO_TEXT),
    cast("cast_to_number", "a::number", "'42'::number", TO_NUMBER),
    cast("cast_to_checkbox", "a::checkbox", "'true'::checkbox", TO_CHECKBOX),
    cast(
        "cast_to_calendar_date",
        "a::calendar_date",
        "'2017-12-13T00:24:53'::floating_timestamp",
        TO_FLOATING,
    ),
    cast("cast_to_date", "a::date", "'2017-12-13T00:24:53Z'::fixed_timestamp", TO_FIXED),
    cast("cast_to_json", "a::json", "'[1, 2]'::json", TO_JSON),
    cast("cast_to_url", "a::url", "'https://www.example.com/'::url", TO_URL),
    cast(
        "cast_to_point",
        "a::point",
        "'POINT (2 2)'::point",
        &[("text -> point", Strict(to_geometry)), ("point -> point", SAME)],
    ),
    cast(
        "cast_to_multipoint",
        "a::multipoint",
        "'MULTIPOINT ((10 40), (40 30))'::multipoint",
        &[("text -> multipoint", Strict(to_geometry)), ("multipoint -> multipoint", SAME)],
    ),
    cast(
        "cast_to_line",
        "a::line",
        "'LINESTRING (30 10, 10 30)'::line",
        &[("text -> line", Strict(to_geometry)), ("line -> line", SAME)],
    ),
    cast(
        "cast_to_multiline",
        "a::multiline",
        "'MULTILINESTRING ((10 10, 20 20))'::multiline",
        &[("text -> multiline", Strict(to_geometry)), ("multiline -> multiline", SAME)],
    ),
    cast(
        "cast_to_polygon",
        "a::polygon",
        "'POLYGON ((30 10, 40 40, 20 40, 30 10))'::polygon",
        &[("text -> polygon", Strict(to_geometry)), ("polygon -> polygon", SAME)],
    ),
    cast(
        "cast_to_multipolygon",
        "a::multipolygon",
        "'MULTIPOLYGON (((30 10, 40 40, 20 40, 30 10)))'::multipolygon",
        &[("text -> multipolygon", Strict(to_geometry)), ("multipolygon -> multipolygon", SAME)],
    ),
    cast(
        "cast_to_location",
        "a::location",
        "make_location('1 Main St', 'Vancouver', 'WA', '98818')::location",
        &[("location -> location", SAME)],
    ),
];

/// A text of blanks is what an empty cell has: no value, and no error (ours).
fn word<'v>(value: &mut Value<'v>) -> Option<Cow<'v, str>> {
    let text = stripped(take(value));
    (!text.is_empty()).then_some(text)
}

fn number<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let Some(text) = word(&mut arguments[0]) else { return Ok(Value::Null) };
    // Most numbers are written as they are stored.
    match canonical(text) {
        Ok(number) => Ok(Value::Text(number)),
        Err(text) => Err(unconvertible(&text, call.type_of(0), call.result)),
    }
}

fn canonical(text: Cow<'_, str>) -> Result<Cow<'_, str>, Cow<'_, str>> {
    match text {
        Cow::Borrowed(text) => from_csv(SoqlType::Number, text, &rules())
            .map(|read| take(&mut { read.stored }))
            .map_err(|_| Cow::Borrowed(text)),
        Cow::Owned(text) => canonical_number(&text).map(Cow::Owned).ok_or(Cow::Owned(text)),
    }
}

fn checkbox<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let Some(text) = word(&mut arguments[0]) else { return Ok(Value::Null) };
    let is = |words: [&str; 5]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match () {
        () if is(["true", "1", "t", "yes", "y"]) => truth(true),
        () if is(["false", "0", "f", "no", "n"]) => truth(false),
        () => Err(unconvertible(&text, call.type_of(0), call.result)),
    }
}

fn dated<'v>(call: &Call<'_>, arguments: &mut [Value<'v>], read: fn(&str) -> Option<i64>) -> Cell<'v> {
    let Some(text) = word(&mut arguments[0]) else { return Ok(Value::Null) };
    match read(&text) {
        Some(ms) => time::dated(call.result, ms),
        None => Err(unconvertible(&text, call.type_of(0), call.result)),
    }
}

fn prepare(format: &str) -> Result<Prepared, String> {
    Format::parse(format).map(Prepared::Format)
}

fn formatted<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let Some(text) = word(&mut arguments[0]) else { return Ok(Value::Null) };
    let found = match call.prepared {
        Prepared::Format(format) => format.read(&text),
        _ => Format::parse(string(&arguments[1]))
            .map_err(|why| bad_format(&why, string(&arguments[1])))?
            .read(&text),
    };
    let ms = found.and_then(|found| {
        let ahead = if call.result == SoqlType::FixedTimestamp { found.ahead.unwrap_or(0) } else { 0 };
        Some(calendar::millis(found.local).ok()? - i64::from(ahead) * 1000)
    });
    match ms {
        Some(ms) => time::dated(call.result, ms),
        None => Err(unconvertible(&text, SoqlType::Text, call.result)),
    }
}

fn bad_format(why: &str, format: &str) -> Box<DataError> {
    failed("invalid_format", why, json!({ "value": format }))
}

fn local<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let zone = time::zone(call, &arguments[1])?;
    let instant = Timestamp::from_millisecond(integer(&arguments[0])).ok();
    let ms = instant.map(|instant| calendar::millis(zone.to_datetime(instant)));
    match ms {
        Some(ms) => time::dated(call.result, ms.map_err(|error| time::out_of_range(&error))?),
        None => Ok(Value::Null),
    }
}

/// A local time that a zone leaves out is as long after the change as it says, one that occurs twice the first.
fn instant<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let zone = time::zone(call, &arguments[1])?;
    let time = calendar::civil(integer(&arguments[0])).map_err(|error| time::out_of_range(&error))?;
    let instant = zone.to_ambiguous_timestamp(time).compatible();
    time::dated(call.result, instant.map_or(i64::MAX, Timestamp::as_millisecond))
}
