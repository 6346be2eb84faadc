//! Timestamps as milliseconds since 1970. Accepted: ISO 8601 as Joda's parsers read it (source),
//! and the US forms of the documented CSV examples. Fractions beyond milliseconds are cut (ours).

use super::Refused;

const DAY: i64 = 86_400_000;

/// The first and the last day, 0000-01-01 and 9999-12-31, since 1970.
const DAYS: std::ops::RangeInclusive<i64> = -719_528..=2_932_896;

/// Days from 1970-01-01 of a proleptic Gregorian date (Howard Hinnant's algorithm).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

fn valid_date(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    ((0..=9999).contains(&year) && (1..=last).contains(&day)).then(|| days(year, month, day))
}

/// A reader of fixed-width parts.
struct Parts<'a>(&'a [u8]);

impl Parts<'_> {
    fn digits(&mut self, width: usize) -> Option<i64> {
        let (head, rest) = self.0.split_at_checked(width)?;
        let value =
            head.iter().try_fold(0, |v, b| b.is_ascii_digit().then(|| v * 10 + i64::from(b - b'0')))?;
        self.0 = rest;
        Some(value)
    }

    /// One or two digits.
    fn short(&mut self) -> Option<i64> {
        let width = self.0.iter().take(2).take_while(|b| b.is_ascii_digit()).count();
        if width == 0 { None } else { self.digits(width) }
    }

    fn eat(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }
}

/// Days of an ISO date: `yyyy`, `yyyy-MM`, `yyyy-MM-dd`, `yyyy-DDD`, `yyyy-Www[-D]`.
fn iso_date(parts: &mut Parts<'_>) -> Option<i64> {
    let year = parts.digits(4)?;
    if !parts.eat(b'-') {
        return valid_date(year, 1, 1);
    }
    if parts.eat(b'W') {
        let week = parts.digits(2)?;
        let day = if parts.eat(b'-') { parts.digits(1)? } else { 1 };
        return week_date(year, week, day);
    }
    let width = parts.0.iter().take_while(|b| b.is_ascii_digit()).count();
    if width == 3 {
        let day = parts.digits(3)?;
        let first = valid_date(year, 1, 1)?;
        let last = valid_date(year, 12, 31)?;
        return (day >= 1 && first + day - 1 <= last).then_some(first + day - 1);
    }
    let month = parts.short()?;
    let day = if parts.eat(b'-') { parts.short()? } else { 1 };
    valid_date(year, month, day)
}

fn week_date(year: i64, week: i64, day: i64) -> Option<i64> {
    let january_4 = valid_date(year, 1, 4)?;
    // 1970-01-01 was a Thursday, the fourth day of its week.
    let monday = january_4 - (january_4 + 3).rem_euclid(7);
    let found = monday + (week - 1) * 7 + day - 1;
    // The last week of the year 9999 reaches into the next.
    ((1..=53).contains(&week) && (1..=7).contains(&day) && DAYS.contains(&found)).then_some(found)
}

/// Whether a local date and time of these milliseconds can be read.
pub(super) fn is_floating(ms: i64) -> bool {
    DAYS.contains(&ms.div_euclid(DAY))
}

/// The same for an instant: its zone may be up to a day away.
pub(super) fn is_fixed(ms: i64) -> bool {
    [-DAY, 0, DAY].iter().any(|ahead| ms.checked_add(*ahead).is_some_and(is_floating))
}

/// Milliseconds of an ISO time of day: `HH[:mm[:ss[.fff]]]`, with a fraction on the last part.
fn iso_time(parts: &mut Parts<'_>) -> Option<i64> {
    let hour = parts.digits(2).filter(|h| *h < 24)?;
    let mut ms = hour * 3_600_000;
    let mut unit = 3_600_000;
    if parts.eat(b':') {
        ms += parts.digits(2).filter(|m| *m < 60)? * 60_000;
        unit = 60_000;
        if parts.eat(b':') {
            ms += parts.digits(2).filter(|s| *s < 60)? * 1000;
            unit = 1000;
        }
    }
    if parts.eat(b'.') || parts.eat(b',') {
        let width = parts.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if width == 0 {
            return None;
        }
        let (fraction, rest) = parts.0.split_at(width);
        parts.0 = rest;
        let (value, scale) =
            fraction.iter().take(9).fold((0i64, 1i64), |(v, s), b| (v * 10 + i64::from(b - b'0'), s * 10));
        ms += value * unit / scale;
    }
    Some(ms)
}

/// Milliseconds that a zone is ahead of UTC: `Z`, `+hh`, `+hhmm`, `+hh:mm`, `+hh:mm:ss`.
fn offset(parts: &mut Parts<'_>) -> Option<i64> {
    if parts.eat(b'Z') || parts.eat(b'z') {
        return Some(0);
    }
    let sign = if parts.eat(b'+') {
        1
    } else if parts.eat(b'-') {
        -1
    } else {
        return Some(0);
    };
    let hours = parts.digits(2).filter(|h| *h < 24)?;
    let colon = parts.eat(b':');
    let minutes = if colon || !parts.0.is_empty() { parts.digits(2).filter(|m| *m < 60)? } else { 0 };
    Some(sign * (hours * 60 + minutes) * 60_000)
}

/// A local date and time without a zone.
pub(super) fn floating(source: &str) -> Result<i64, Refused> {
    let mut parts = Parts(source.as_bytes());
    let day = iso_date(&mut parts).ok_or(Refused)?;
    let time = if parts.eat(b'T') && !parts.0.is_empty() { iso_time(&mut parts).ok_or(Refused)? } else { 0 };
    if parts.0.is_empty() { Ok(day * DAY + time) } else { Err(Refused) }
}

/// An instant; without a zone it is UTC.
pub(super) fn fixed(source: &str) -> Result<i64, Refused> {
    let mut parts = Parts(source.as_bytes());
    let day = iso_date(&mut parts).ok_or(Refused)?;
    let (time, ahead) = if parts.eat(b'T') {
        let bare = matches!(parts.0.first(), None | Some(b'Z' | b'z' | b'+' | b'-'));
        let time = if bare { 0 } else { iso_time(&mut parts).ok_or(Refused)? };
        (time, offset(&mut parts).ok_or(Refused)?)
    } else {
        (0, 0)
    };
    if parts.0.is_empty() { Ok(day * DAY + time - ahead) } else { Err(Refused) }
}

/// `MM/dd/yyyy`, `MM/dd/yy`, with an optional ` hh:mm[:ss] AM|PM` (documented for CSV).
pub(super) fn us(source: &str) -> Option<i64> {
    let mut parts = Parts(source.as_bytes());
    let month = parts.short()?;
    let day = parts.eat(b'/').then(|| parts.short()).flatten()?;
    if !parts.eat(b'/') {
        return None;
    }
    let width = parts.0.iter().take_while(|b| b.is_ascii_digit()).count();
    let year = match width {
        4 => parts.digits(4)?,
        // Two digits mean the years 1970 to 2069 (ours).
        2 => parts.digits(2).map(|y| if y < 70 { 2000 + y } else { 1900 + y })?,
        _ => return None,
    };
    let date = valid_date(year, month, day)? * DAY;
    if parts.0.is_empty() {
        return Some(date);
    }
    if !parts.eat(b' ') {
        return None;
    }
    let hour = parts.short()?;
    let minute = parts.eat(b':').then(|| parts.digits(2)).flatten().filter(|m| *m < 60)?;
    let second = if parts.eat(b':') { parts.digits(2).filter(|s| *s < 60)? } else { 0 };
    let half = if parts.eat(b' ') { parts.0.to_ascii_uppercase() } else { Vec::new() };
    let hour = match half.as_slice() {
        b"AM" if (1..=12).contains(&hour) => hour % 12,
        b"PM" if (1..=12).contains(&hour) => hour % 12 + 12,
        b"" if hour < 24 && parts.0.is_empty() => hour,
        _ => return None,
    };
    Some(date + ((hour * 60 + minute) * 60 + second) * 1000)
}

/// A date alone, as `yyyy-MM-dd`.
pub(super) fn date(source: &str) -> Result<String, Refused> {
    let mut parts = Parts(source.as_bytes());
    let day = iso_date(&mut parts).filter(|_| parts.0.is_empty()).ok_or(Refused)?;
    let (year, month, day) = civil(day);
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

/// A time of day, as `HH:mm:ss.SSS`.
pub(super) fn time_of_day(source: &str) -> Result<String, Refused> {
    let mut parts = Parts(source.strip_prefix('T').unwrap_or(source).as_bytes());
    let ms = iso_time(&mut parts).filter(|_| parts.0.is_empty()).ok_or(Refused)?;
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    Ok(format!("{h:02}:{m:02}:{s:02}.{:03}", ms % 1000))
}

/// Appends `yyyy-MM-ddTHH:mm:ss.SSS`.
pub(super) fn write(ms: i64, out: &mut Vec<u8>) {
    let (year, month, day) = civil(ms.div_euclid(DAY));
    let time = ms.rem_euclid(DAY);
    let mut text = *b"0000-00-00T00:00:00.000";
    let mut put = |at: usize, width: usize, mut value: i64| {
        for place in (at..at + width).rev() {
            text[place] = b'0' + (value % 10) as u8;
            value /= 10;
        }
    };
    put(0, 4, year.clamp(0, 9999));
    put(5, 2, month);
    put(8, 2, day);
    put(11, 2, time / 3_600_000);
    put(14, 2, time / 60_000 % 60);
    put(17, 2, time / 1000 % 60);
    put(20, 3, time % 1000);
    out.extend_from_slice(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(ms: i64) -> String {
        let mut out = Vec::new();
        write(ms, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn floating_forms() {
        for (source, read) in [
            ("2014-10-13", "2014-10-13T00:00:00.000"),
            ("2014-10-13T10:20", "2014-10-13T10:20:00.000"),
            ("2014-10-13T10:20:30.5", "2014-10-13T10:20:30.500"),
            ("2014-10-13T10:20:30.123456", "2014-10-13T10:20:30.123"),
            ("2016-02-29", "2016-02-29T00:00:00.000"),
            ("2014", "2014-01-01T00:00:00.000"),
            ("1969-12-31T23:59:59.999", "1969-12-31T23:59:59.999"),
            ("2020-W01-1", "2019-12-30T00:00:00.000"),
            ("2020-366", "2020-12-31T00:00:00.000"),
        ] {
            assert_eq!(shown(floating(source).unwrap()), read, "{source}");
        }
        for bad in [
            "2014-10-13T00:00:00Z",
            "2014-10-13T00:00:00+02:00",
            "2014-10-13 00:00",
            "2015-02-29",
            "2014-13-01",
            "",
            "yesterday",
            "1413158400",
            "10/13/2014",
        ] {
            assert!(floating(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn fixed_forms() {
        for (source, read) in [
            ("2014-10-14T07:00:00.000Z", "2014-10-14T07:00:00.000"),
            ("2014-10-14T07:00:00-07:00", "2014-10-14T14:00:00.000"),
            ("2014-10-14T07:00:00+0530", "2014-10-14T01:30:00.000"),
            ("2014-10-14", "2014-10-14T00:00:00.000"),
            ("2014-10-14T07:00", "2014-10-14T07:00:00.000"),
        ] {
            assert_eq!(shown(fixed(source).unwrap()), read, "{source}");
        }
        assert!(fixed("2014-10-14 07:00:00Z").is_err());
    }

    #[test]
    fn us_forms() {
        for (source, read) in [
            ("03/26/2014 10:38:01 PM", "2014-03-26T22:38:01.000"),
            ("11/05/2012 05:00 AM", "2012-11-05T05:00:00.000"),
            ("12/31/99", "1999-12-31T00:00:00.000"),
            ("01/02/2015 12:00:00 AM", "2015-01-02T00:00:00.000"),
            ("1/2/2015", "2015-01-02T00:00:00.000"),
        ] {
            assert_eq!(us(source).map(shown).as_deref(), Some(read), "{source}");
        }
        assert_eq!(us("13/01/2014"), None);
    }
}
