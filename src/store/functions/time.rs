//! Dates: times are milliseconds, local ones as if they were UTC.

use super::{Ran, RuntimeError};
use crate::soql::Period;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

fn civil(ms: i64) -> Ran<DateTime> {
    let instant = Timestamp::from_millisecond(ms).map_err(|_| RuntimeError::new("timestamp out of range"))?;
    Ok(TimeZone::UTC.to_datetime(instant))
}

fn millis(time: DateTime) -> Ran<i64> {
    let out_of_range = |_| RuntimeError::new("timestamp out of range");
    Ok(TimeZone::UTC.to_timestamp(time).map_err(out_of_range)?.as_millisecond())
}

/// The beginning of the year, month or day.
pub fn trunc(unit: &str, ms: i64) -> Ran<i64> {
    let date = civil(ms)?.date();
    let date = match unit {
        "y" => date.first_of_year(),
        "ym" => date.first_of_month(),
        _ => date,
    };
    millis(date.to_datetime(Time::midnight()))
}

/// A part of a time as a number's text.
pub fn extract(unit: &str, ms: i64) -> Ran<String> {
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

/// The local time of an instant in a zone.
pub fn in_zone(ms: i64, zone: &str) -> Ran<i64> {
    let unknown = |_| RuntimeError::new(format!("time zone \"{zone}\" not recognized"));
    let zone = TimeZone::get(zone)
        .or_else(|_| {
            TimeZone::posix(
                ABBREVIATIONS
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(zone))
                    .map_or(zone, |(_, posix)| posix),
            )
        })
        .map_err(unknown)?;
    let instant = Timestamp::from_millisecond(ms).map_err(|_| RuntimeError::new("timestamp out of range"))?;
    millis(zone.to_datetime(instant))
}

/// A time so much later or earlier.
pub fn date_add(ms: i64, period: &str, sign: i64) -> Ran<i64> {
    let invalid = || RuntimeError::new(format!("invalid input syntax for type interval: \"{period}\""));
    let period = Period::parse(period).ok_or_else(invalid)?;
    let moved = period.after(civil(ms)?, sign);
    millis(moved.ok_or_else(|| RuntimeError::new("timestamp out of range"))?)
}

/// Weekdays from one day to the other, both counted, whichever is earlier.
pub fn business_days(a: i64, b: i64) -> Ran<i64> {
    let (a, b) = (civil(a)?.date(), civil(b)?.date());
    let (from, to) = if a <= b { (a, b) } else { (b, a) };
    let days =
        i64::from(from.until(to).map_err(|_| RuntimeError::new("timestamp out of range"))?.get_days()) + 1;
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
pub fn day_ms(date: &str) -> Ran<i64> {
    let invalid = |_| RuntimeError::new(format!("invalid input syntax for type date: \"{date}\""));
    millis(date.parse::<Date>().map_err(invalid)?.to_datetime(Time::midnight()))
}

/// Milliseconds of a stored time of day since midnight.
pub fn clock_ms(time: &str) -> Ran<i64> {
    let invalid = |_| RuntimeError::new(format!("invalid input syntax for type time: \"{time}\""));
    let time: Time = time.parse().map_err(invalid)?;
    millis(time.on(1970, 1, 1))
}

/// A time of day so much later or earlier; it goes round at midnight.
pub fn clock_add(time: &str, period: &str, sign: i64) -> Ran<String> {
    let ms = date_add(clock_ms(time)?, period, sign)?.rem_euclid(86_400_000);
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    Ok(format!("{h:02}:{m:02}:{s:02}.{:03}", ms % 1000))
}
