//! Dates: times are milliseconds, local ones as if they were UTC.

use crate::soql::Period;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// A time that cannot be read or is out of range, in PostgreSQL's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CalendarError(String);

type Found<T> = Result<T, CalendarError>;

fn out_of_range(_: jiff::Error) -> CalendarError {
    CalendarError("timestamp out of range".to_owned())
}

/// The date and time of milliseconds since 1970.
pub fn civil(ms: i64) -> Found<DateTime> {
    let instant = Timestamp::from_millisecond(ms).map_err(out_of_range)?;
    Ok(TimeZone::UTC.to_datetime(instant))
}

/// The milliseconds since 1970 of a date and time.
pub fn millis(time: DateTime) -> Found<i64> {
    Ok(TimeZone::UTC.to_timestamp(time).map_err(out_of_range)?.as_millisecond())
}

/// The beginning of the year, month or day.
pub fn trunc(unit: &str, ms: i64) -> Found<i64> {
    let date = civil(ms)?.date();
    let date = match unit {
        "y" => date.first_of_year(),
        "ym" => date.first_of_month(),
        _ => date,
    };
    millis(date.to_datetime(Time::midnight()))
}

/// A part of a time as a number's text.
pub fn extract(unit: &str, ms: i64) -> Found<String> {
    let time = civil(ms)?;
    let week = || time.date().iso_week_date();
    Ok(match unit {
        "y" => time.year().to_string(),
        "m" => time.month().to_string(),
        "d" => time.day().to_string(),
        "hh" => time.hour().to_string(),
        "mm" => time.minute().to_string(),
        "ss" => format!("{}.{:06}", time.second(), time.subsec_nanosecond() / 1000),
        "dow" => time.weekday().to_sunday_zero_offset().to_string(),
        "woy" => week().week().to_string(),
        _ => week().year().to_string(),
    })
}

/// Abbreviations that PostgreSQL knows beside the names of zones, as fixed offsets.
const ABBREVIATIONS: [(&str, &str); 13] = [
    ("Z", "UTC0"),
    ("PST", "PST8"),
    ("PDT", "PDT7"),
    ("MST", "MST7"),
    ("MDT", "MDT6"),
    ("CST", "CST6"),
    ("CDT", "CDT5"),
    ("EDT", "EDT4"),
    ("AKST", "AKST9"),
    ("AKDT", "AKDT8"),
    ("BST", "BST-1"),
    ("CEST", "CEST-2"),
    ("JST", "JST-9"),
];

/// A zone by its name, its abbreviation or its rule in POSIX's form.
pub fn zone(zone: &str) -> Found<TimeZone> {
    let unknown = |_| CalendarError(format!("time zone \"{zone}\" not recognized"));
    TimeZone::get(zone)
        .or_else(|_| {
            TimeZone::posix(
                ABBREVIATIONS
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(zone))
                    .map_or(zone, |(_, posix)| posix),
            )
        })
        .map_err(unknown)
}

/// The local time of an instant in a zone.
pub fn in_zone(ms: i64, name: &str) -> Found<i64> {
    let instant = Timestamp::from_millisecond(ms).map_err(out_of_range)?;
    millis(zone(name)?.to_datetime(instant))
}

/// A time so much later or earlier.
pub fn date_add(ms: i64, period: &str, sign: i64) -> Found<i64> {
    let invalid = || CalendarError(format!("invalid input syntax for type interval: \"{period}\""));
    let period = Period::parse(period).ok_or_else(invalid)?;
    let moved = period.after(civil(ms)?, sign);
    millis(moved.ok_or_else(|| CalendarError("timestamp out of range".to_owned()))?)
}

/// Weekdays from one day to the other, both counted, whichever is earlier.
pub fn business_days(a: i64, b: i64) -> Found<i64> {
    let (a, b) = (civil(a)?.date(), civil(b)?.date());
    let (from, to) = if a <= b { (a, b) } else { (b, a) };
    let days = i64::from(from.until(to).map_err(out_of_range)?.get_days()) + 1;
    let rest = days % 7;
    let is_weekday = |d: Date| !matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday);
    let extra = (0..rest).filter(|n| from.checked_add((*n).days()).is_ok_and(is_weekday)).count();
    Ok(days / 7 * 5 + extra as i64)
}

/// Seconds since 1970 with three decimals.
pub fn epoch_seconds(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", ms.unsigned_abs() / 1000, ms.unsigned_abs() % 1000)
}

/// Milliseconds of the beginning of a stored date.
pub fn day_ms(date: &str) -> Found<i64> {
    let invalid = |_| CalendarError(format!("invalid input syntax for type date: \"{date}\""));
    millis(date.parse::<Date>().map_err(invalid)?.to_datetime(Time::midnight()))
}

/// Milliseconds of a stored time of day since midnight.
pub fn clock_ms(time: &str) -> Found<i64> {
    let invalid = |_| CalendarError(format!("invalid input syntax for type time: \"{time}\""));
    let time: Time = time.parse().map_err(invalid)?;
    millis(time.on(1970, 1, 1))
}

/// A time of day so much later or earlier; it goes round at midnight.
pub fn clock_add(time: &str, period: &str, sign: i64) -> Found<String> {
    let ms = date_add(clock_ms(time)?, period, sign)?.rem_euclid(86_400_000);
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    Ok(format!("{h:02}:{m:02}:{s:02}.{:03}", ms % 1000))
}
