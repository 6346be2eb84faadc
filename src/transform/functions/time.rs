//! Parts of dates, and computing with them. Milliseconds are the finest that there is, as in columns.

use super::Work::{self, Open, Prepared as Reads, Strict};
use super::call::{Call, Prepared, failed, integer, of_integer, string, whole};
use super::{Function, entry};
use crate::calendar;
use crate::soda::value::is_stored_form;
use crate::soda::{SoqlType, Value};
use crate::transform::{Cell, DataError};
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit, ZonedDateTime, ZonedDateTimeDifference};
use serde_json::json;
use std::borrow::Cow;

/// Functions of a part: the name, what it gives, an example.
const fn extract(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    overloads: Overloads,
) -> Function {
    entry(name, doc, example, overloads)
}

type Overloads = &'static [(&'static str, Work)];

pub const TABLE: &[Function] = &[
    extract(
        "date_extract_y",
        "The year.",
        "date_extract_y(to_fixed_timestamp('2017-12-31T23:24:53-0930'))",
        &[("d -> number", Strict(|_, a| of(a, "y")))],
    ),
    extract(
        "date_extract_m",
        "The month.",
        "date_extract_m(to_floating_timestamp('2017-12-13T8:24:53'))",
        &[("d -> number", Strict(|_, a| of(a, "m")))],
    ),
    extract(
        "date_extract_d",
        "The day of the month.",
        "date_extract_d(to_fixed_timestamp('2017-12-13T00:24:53+0930'))",
        &[("d -> number", Strict(|_, a| of(a, "d")))],
    ),
    extract(
        "date_extract_hh",
        "The hour; of a fixed timestamp that in UTC.",
        "date_extract_hh(to_fixed_timestamp('2017-12-13T00:24:53+0930'))",
        &[("d -> number", Strict(|_, a| of(a, "hh")))],
    ),
    extract(
        "date_extract_mm",
        "The minute.",
        "date_extract_mm(to_fixed_timestamp('2017-12-13T00:24:53Z'))",
        &[("d -> number", Strict(|_, a| of(a, "mm")))],
    ),
    extract(
        "date_extract_ss",
        "The second.",
        "date_extract_ss(to_fixed_timestamp('2017-12-13T00:24:53Z'))",
        &[("d -> number", Strict(|_, a| second(a)))],
    ),
    extract(
        "date_extract_dow",
        "The day of the week, 0 for Sunday.",
        "date_extract_dow(to_floating_timestamp('2017-12-13T00:24:53'))",
        &[("d -> number", Strict(|_, a| of(a, "dow")))],
    ),
    extract(
        "date_extract_woy",
        "The week of the year, as ISO 8601 counts it.",
        "date_extract_woy(to_floating_timestamp('2017-12-13T00:24:53'))",
        &[("d -> number", Strict(|_, a| of(a, "woy")))],
    ),
    entry(
        "date_trunc_y",
        "The beginning of the year.",
        "date_trunc_y(to_fixed_timestamp('2017-12-13T00:24:53Z'))",
        &[("d -> d", Strict(|_, a| trunc(a, "y")))],
    ),
    entry(
        "date_trunc_ym",
        "The beginning of the month.",
        "date_trunc_ym(to_fixed_timestamp('2017-11-30T23:24:53-0930'))",
        &[("d -> d", Strict(|_, a| trunc(a, "ym")))],
    ),
    entry(
        "date_trunc_ymd",
        "The beginning of the day.",
        "date_trunc_ymd(to_fixed_timestamp('2017-11-30T23:24:53-0930'))",
        &[("d -> d", Strict(|_, a| trunc(a, "ymd")))],
    ),
    extract(
        "floating_timestamp_year",
        "The year; written as a field, date.year.",
        "to_floating_timestamp('2017-12-13T12:34:55').year",
        &[("calendar_date -> number", Strict(|_, a| of(a, "y")))],
    ),
    extract(
        "floating_timestamp_month",
        "The month; written as a field, date.month.",
        "to_floating_timestamp('2017-12-13T12:34:55').month",
        &[("calendar_date -> number", Strict(|_, a| of(a, "m")))],
    ),
    extract(
        "floating_timestamp_day",
        "The day of the month; written as a field, date.day.",
        "to_floating_timestamp('2017-12-13T12:34:55').day",
        &[("calendar_date -> number", Strict(|_, a| of(a, "d")))],
    ),
    extract(
        "floating_timestamp_hour",
        "The hour; written as a field, date.hour.",
        "to_floating_timestamp('2017-12-13T12:34:55').hour",
        &[("calendar_date -> number", Strict(|_, a| of(a, "hh")))],
    ),
    extract(
        "floating_timestamp_minute",
        "The minute; written as a field, date.minute.",
        "to_floating_timestamp('2017-12-13T12:34:55').minute",
        &[("calendar_date -> number", Strict(|_, a| of(a, "mm")))],
    ),
    extract(
        "floating_timestamp_second",
        "The second; written as a field, date.second.",
        "to_floating_timestamp('2017-12-13T12:34:55').second",
        &[("calendar_date -> number", Strict(|_, a| second(a)))],
    ),
    extract(
        "floating_timestamp_day_of_week",
        "The day of the week, 0 for Sunday; written as a field, date.day_of_week.",
        "to_floating_timestamp('2017-12-13T12:34:55').day_of_week",
        &[("calendar_date -> number", Strict(|_, a| of(a, "dow")))],
    ),
    extract(
        "floating_timestamp_week_of_year",
        "The week of the year; written as a field, date.week_of_year.",
        "to_floating_timestamp('2017-12-13T12:34:55').week_of_year",
        &[("calendar_date -> number", Strict(|_, a| of(a, "woy")))],
    ),
    entry(
        "datetime_add_d",
        "So many days later, or earlier.",
        "datetime_add_d(to_floating_timestamp('2020-01-01T11:00:00'), 5)",
        &[("d number -> d", Strict(|c, a| add(c, a, 86_400_000)))],
    ),
    entry(
        "datetime_add_hh",
        "So many hours later, or earlier.",
        "datetime_add_hh(to_floating_timestamp('2020-01-01T11:00:00'), 5)",
        &[("d number -> d", Strict(|c, a| add(c, a, 3_600_000)))],
    ),
    entry(
        "datetime_add_mm",
        "So many minutes later, or earlier.",
        "datetime_add_mm(to_floating_timestamp('2020-01-01T11:05:00'), -5)",
        &[("d number -> d", Strict(|c, a| add(c, a, 60_000)))],
    ),
    entry(
        "datetime_add_ss",
        "So many seconds later, or earlier.",
        "datetime_add_ss(to_floating_timestamp('2020-01-01T11:00:05'), -5)",
        &[("d number -> d", Strict(|c, a| add(c, a, 1000)))],
    ),
    entry(
        "datetime_diff",
        "Whole seconds, minutes, hours, days, business days (the first and the last count), weeks, calendar weeks, months or years from one instant to another, in a zone.",
        "datetime_diff(to_fixed_timestamp('2017-12-13T00:24:53Z'), to_fixed_timestamp('2017-12-25T00:24:55Z'), 'UTC', 'business days')",
        &[("date date text text -> number", Reads(2, prepare_zone, difference))],
    ),
    entry(
        "source_created_at",
        "When the source was created.",
        "source_created_at()",
        &[("-> date", Open(|c, _| Ok(Value::Int(c.surroundings.source_created_at))))],
    ),
];

/// A date that is out of the calendar's range.
pub fn out_of_range(error: &calendar::CalendarError) -> Box<DataError> {
    failed("datetime_out_of_range", error.to_string(), json!({}))
}

/// A date of the result's type, if columns can hold it.
pub fn dated<'v>(soql_type: SoqlType, ms: i64) -> Cell<'v> {
    if is_stored_form(soql_type, &Value::Int(ms)) {
        return Ok(Value::Int(ms));
    }
    Err(failed("datetime_out_of_range", "timestamp out of range", json!({})))
}

/// The text of a date: without a fraction when there is none, with a `Z` for an instant.
pub fn printed(soql_type: SoqlType, ms: i64) -> String {
    let mut text = calendar::civil(ms).map_or_else(|_| String::new(), |time| time.to_string());
    if soql_type == SoqlType::FixedTimestamp {
        text.push('Z');
    }
    text
}

fn of<'v>(arguments: &[Value<'v>], unit: &str) -> Cell<'v> {
    calendar::extract(unit, integer(&arguments[0])).map(Value::from).map_err(|error| out_of_range(&error))
}

fn second<'v>(arguments: &[Value<'v>]) -> Cell<'v> {
    of_integer(integer(&arguments[0]).div_euclid(1000).rem_euclid(60))
}

fn trunc<'v>(arguments: &[Value<'v>], unit: &str) -> Cell<'v> {
    calendar::trunc(unit, integer(&arguments[0])).map(Value::Int).map_err(|error| out_of_range(&error))
}

fn add<'v>(call: &Call<'_>, arguments: &[Value<'v>], unit: i64) -> Cell<'v> {
    let moved = whole(&arguments[1]).checked_mul(unit).and_then(|by| integer(&arguments[0]).checked_add(by));
    dated(call.result, moved.unwrap_or(i64::MAX))
}

/// A zone that is read once.
pub fn prepare_zone(name: &str) -> Result<Prepared, String> {
    calendar::zone(name).map(Prepared::Zone).map_err(|error| error.to_string())
}

/// The zone of an argument.
pub fn zone<'c>(call: &'c Call<'_>, name: &Value<'_>) -> Result<Cow<'c, TimeZone>, Box<DataError>> {
    match call.prepared {
        Prepared::Zone(zone) => Ok(Cow::Borrowed(zone)),
        _ => calendar::zone(string(name))
            .map(Cow::Owned)
            .map_err(|error| failed("invalid_timezone", error.to_string(), json!({ "value": string(name) }))),
    }
}

/// The day that begins the week of a date: the Sunday before.
fn week_of(time: DateTime) -> i64 {
    let days = calendar::millis(time).unwrap_or(0).div_euclid(86_400_000);
    days - i64::from(Weekday::to_sunday_zero_offset(time.weekday()))
}

fn difference<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let zone = zone(call, &arguments[2])?;
    let instant = |at: usize| {
        let instant = Timestamp::from_millisecond(integer(&arguments[at]));
        instant
            .map(|instant| instant.to_zoned_datetime(zone.as_ref().clone()))
            .map_err(|_| uncountable("this time"))
    };
    let (from, to) = (instant(0)?, instant(1)?);
    let unit = string(&arguments[3]);
    let singular = unit.strip_suffix('s').unwrap_or(unit).to_lowercase();
    let local =
        |zoned: &ZonedDateTime| calendar::millis(zoned.datetime()).map_err(|error| out_of_range(&error));
    match singular.as_str() {
        "second" => of_integer((integer(&arguments[1]) - integer(&arguments[0])) / 1000),
        "minute" => of_integer((integer(&arguments[1]) - integer(&arguments[0])) / 60_000),
        "hour" => of_integer((integer(&arguments[1]) - integer(&arguments[0])) / 3_600_000),
        "day" => whole_units(&from, &to, Unit::Day),
        "week" => whole_units(&from, &to, Unit::Week),
        "month" => whole_units(&from, &to, Unit::Month),
        "year" => whole_units(&from, &to, Unit::Year),
        "business day" => {
            let days = calendar::business_days(local(&from)?, local(&to)?);
            of_integer(days.map_err(|error| out_of_range(&error))?)
        }
        "calendar week" => of_integer((week_of(to.datetime()) - week_of(from.datetime())) / 7),
        _ => Err(uncountable(unit)),
    }
}

fn uncountable(unit: &str) -> Box<DataError> {
    failed("invalid_unit", format!("Unable to count in {unit}"), json!({ "value": unit }))
}

/// Units that are full, counted by the calendar.
fn whole_units<'v>(from: &ZonedDateTime, to: &ZonedDateTime, unit: Unit) -> Cell<'v> {
    let span =
        from.until(ZonedDateTimeDifference::new(to).largest(unit)).map_err(|_| uncountable("this time"))?;
    of_integer(match unit {
        Unit::Year => i64::from(span.get_years()),
        Unit::Month => i64::from(span.get_months()),
        Unit::Week => i64::from(span.get_weeks()),
        _ => i64::from(span.get_days()),
    })
}
