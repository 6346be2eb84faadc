//! Dates and times as people, spreadsheets and databases write them.

use super::words::in_words;
use crate::soda::SoqlType;
use jiff::civil::DateTime;
use jiff::fmt::strtime;

/// How a date was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Microseconds since 1970.
    Microseconds,
    /// Nanoseconds since 1970.
    Nanoseconds,
    /// Days since 1900, as spreadsheets count them.
    Serial,
    /// A year that is a number.
    Year,
    /// `2020-123`: the days of a year counted.
    DayOfYear,
    /// `2020-W10-3`.
    Week,
    /// A month without a day.
    Month,
    /// `January 2, 2020`.
    Words,
    /// `10/13/2014`.
    MonthFirst,
    /// `13.10.2014`.
    DayFirst,
    /// `2014/10/13`, `20141013`.
    Figures,
    /// `5:30 PM`.
    HalfDays,
    /// `2014-10-13 07:00:00`.
    Blank,
    /// With an offset or a zone where the type has none.
    Zone,
    /// With a blank before the offset.
    ZoneApart,
    /// With the name of a zone.
    ZoneName,
    /// With a time where the type has none, or the other way round.
    Both,
    /// ISO 8601 in a form that is not read.
    Other,
}

/// A zone beside a time.
#[derive(Clone, Debug, PartialEq)]
pub enum Zone {
    /// As an offset, such as `Z` or `+02:00`.
    Offset(String),
    /// A name whose offset is not known here.
    Name(String),
}

/// A date or time that was meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// How it was written.
    pub spelling: Spelling,
    /// What is meant: the reading of a clock.
    pub at: DateTime,
    /// The zone beside it.
    pub zone: Option<Zone>,
}

/// Dates, and how they are spelled. The first that fits is taken: a year of four digits is none of two, but
/// one of two would be a year of four.
const DATES: [(&str, Spelling); 37] = [
    ("%B %d, %Y", Spelling::Words),
    ("%b %d, %Y", Spelling::Words),
    ("%B %d %Y", Spelling::Words),
    ("%b %d %Y", Spelling::Words),
    ("%d %B %Y", Spelling::Words),
    ("%d %b %Y", Spelling::Words),
    ("%d. %B %Y", Spelling::Words),
    ("%d %b %y", Spelling::Words),
    ("%d %B %y", Spelling::Words),
    ("%d-%b-%y", Spelling::Words),
    ("%d-%b-%Y", Spelling::Words),
    ("%A, %B %d, %Y", Spelling::Words),
    ("%a, %d %b %Y", Spelling::Words),
    ("%a %b %d %Y", Spelling::Words),
    ("%A, %d %B %Y", Spelling::Words),
    ("%A %d %B %Y", Spelling::Words),
    ("%A %B %d %Y", Spelling::Words),
    ("%a %d %b %Y", Spelling::Words),
    ("%a, %b %d, %Y", Spelling::Words),
    ("%Y-%b-%d", Spelling::Words),
    ("%Y %b %d", Spelling::Words),
    ("%Y %B %d", Spelling::Words),
    ("%b-%d-%Y", Spelling::Words),
    ("%d/%b/%Y", Spelling::Words),
    ("%Y-%j", Spelling::DayOfYear),
    ("%G-W%V-%u", Spelling::Week),
    ("%Y-%m-%d", Spelling::Blank),
    ("%m/%d/%y", Spelling::MonthFirst),
    ("%m/%d/%Y", Spelling::MonthFirst),
    ("%d/%m/%y", Spelling::DayFirst),
    ("%d/%m/%Y", Spelling::DayFirst),
    ("%d.%m.%Y", Spelling::DayFirst),
    ("%m-%d-%Y", Spelling::MonthFirst),
    ("%d-%m-%Y", Spelling::DayFirst),
    ("%Y/%m/%d", Spelling::Figures),
    ("%Y.%m.%d", Spelling::Figures),
    ("%Y%m%d", Spelling::Figures),
];

/// Months without a day.
const MONTHS: [&str; 4] = ["%B %Y", "%b %Y", "%Y-%m", "%m/%Y"];

/// Years of dates in words or figures; others are misread figures.
const YEARS: std::ops::RangeInclusive<i16> = 1000..=9999;

/// Names of zones, as RFC 2822 (4.3) reads them.
const ZONES: [(&str, &str); 11] = [
    ("UTC", "Z"),
    ("GMT", "Z"),
    ("UT", "Z"),
    ("EST", "-05:00"),
    ("EDT", "-04:00"),
    ("CST", "-06:00"),
    ("CDT", "-05:00"),
    ("MST", "-07:00"),
    ("MDT", "-06:00"),
    ("PST", "-08:00"),
    ("PDT", "-07:00"),
];

/// What may stand behind a date.
const TIMES: [&str; 9] = [
    "",
    " %H:%M:%S%.f",
    " %H:%M",
    " %I:%M:%S %p",
    " %I:%M %p",
    "T%H:%M:%S%.f",
    "T%H:%M",
    ", %I:%M:%S %p",
    ", %I:%M %p",
];

/// Times of day.
const CLOCKS: [&str; 5] = ["%I:%M:%S %p", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"];

impl Moment {
    /// What a text means that the type refuses.
    pub fn of_text(expected: SoqlType, text: &str) -> Option<Self> {
        if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.matches('.').count() <= 1 {
            return Self::of_count(text);
        }
        let text = text.trim();
        let counted = text.strip_prefix("/Date(").and_then(|text| text.strip_suffix(")/"));
        if let Some(counted) = counted {
            return Self::of_count(counted);
        }
        // There is no second 60, though it is read by what reads formats.
        if text.contains(":60") {
            return None;
        }
        // As JavaScript writes it: 1 Jan 1970 10:00:00 GMT+0100 (CET).
        let (local, zone) = without_zone(text.split(" (").next().unwrap_or(text));
        let local = local.strip_suffix(" GMT").unwrap_or(local);
        let plain = in_words(local);
        let local = plain.as_deref().unwrap_or(local);
        if let Some(at) = iso(local) {
            let spelling = match expected {
                SoqlType::Datestamp | SoqlType::Time => Spelling::Both,
                SoqlType::FloatingTimestamp if zone.is_some() => Spelling::Zone,
                _ => spelling_of_iso(text, local),
            };
            return Some(Self { spelling, at, zone });
        }
        if expected == SoqlType::Time {
            let clock =
                CLOCKS.iter().find_map(|format| strtime::parse(format, local).ok()?.to_time().ok())?;
            let at = clock.on(1970, 1, 1);
            return Some(Self { spelling: Spelling::HalfDays, at, zone: None });
        }
        let at = strtime::parse("%a %b %d %H:%M:%S %Y", local).ok().and_then(|p| p.to_datetime().ok());
        if let Some(at) = at {
            return Some(Self { spelling: Spelling::Words, at, zone });
        }
        let first_of_month = |format| {
            let parsed = strtime::parse(format!("%d {format}"), format!("1 {local}")).ok()?;
            parsed.to_date().ok().filter(|date| YEARS.contains(&date.year()))
        };
        if let Some(date) = MONTHS.into_iter().find_map(first_of_month) {
            return Some(Self { spelling: Spelling::Month, at: date.at(0, 0, 0, 0), zone: None });
        }
        DATES.iter().find_map(|(date, spelling)| {
            let at = TIMES.iter().find_map(|time| {
                let parsed = strtime::parse(format!("{date}{time}"), local).ok()?;
                let midnight = || parsed.to_date().ok().map(|date| date.at(0, 0, 0, 0));
                let at = if time.is_empty() { midnight() } else { parsed.to_datetime().ok() };
                at.filter(|at| YEARS.contains(&at.year()))
            })?;
            // There may be no time that a blank could stand before.
            let spelling = match spelling {
                Spelling::Blank if !local.contains(':') => Spelling::Other,
                spelling => *spelling,
            };
            Some(Self { spelling, at, zone: zone.clone() })
        })
    }

    /// What a number means that stands for a time: which unit it counts follows from its size.
    pub fn of_count(text: &str) -> Option<Self> {
        const DAY: f64 = 86_400.0;
        // 1970-01-01 is this day of a spreadsheet.
        const FIRST: f64 = 25_569.0;
        // The last day of the year 9999, in seconds: "for ever" in many databases.
        const LAST_DAY: std::ops::RangeInclusive<f64> = 253_402_214_400.0..=253_402_300_799.0;
        let number: f64 = text.parse().ok()?;
        let whole = number.fract() == 0.0;
        let second = || strtime::parse("%Y%m%d%H%M%S", text).ok()?.to_datetime().ok();
        let day = || strtime::parse("%Y%m%d", text).ok()?.to_date().ok();
        let (spelling, seconds) = match number {
            n if whole && (1900.0..=2200.0).contains(&n) => {
                let at = jiff::civil::date(n as i16, 1, 1).at(0, 0, 0, 0);
                return Some(Self { spelling: Spelling::Year, at, zone: None });
            }
            n if (20_000.0..80_000.0).contains(&n) => (Spelling::Serial, ((n - FIRST) * DAY).round()),
            n if whole && (1_900_001.0..2_200_367.0).contains(&n) => {
                let at = strtime::parse("%Y%j", text).ok()?.to_date().ok()?.at(0, 0, 0, 0);
                return Some(Self { spelling: Spelling::DayOfYear, at, zone: None });
            }
            n if whole && (19_000_101.0..22_000_000.0).contains(&n) => {
                let at = day()?.at(0, 0, 0, 0);
                return Some(Self { spelling: Spelling::Figures, at, zone: None });
            }
            n if whole && text.len() == 14 && (1.9e13..2.2e13).contains(&n) && second().is_some() => {
                return Some(Self { spelling: Spelling::Figures, at: second()?, zone: None });
            }
            n if LAST_DAY.contains(&n) => (Spelling::Seconds, n),
            n if (1e8..1e11).contains(&n) => (Spelling::Seconds, n),
            n if (1e11..1e14).contains(&n) => (Spelling::Milliseconds, n / 1e3),
            n if (1e14..1e17).contains(&n) => (Spelling::Microseconds, n / 1e6),
            n if (1e17..1e20).contains(&n) => (Spelling::Nanoseconds, n / 1e9),
            _ => return None,
        };
        let since = jiff::SignedDuration::from_millis((seconds * 1e3) as i64);
        let at = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0).checked_add(since).ok()?;
        Some(Self { spelling, at, zone: None })
    }

    /// As the type takes it. A zone without a known offset is left out.
    pub fn iso(&self, expected: SoqlType) -> String {
        let at = self.at;
        let fraction =
            if at.millisecond() == 0 { String::new() } else { format!(".{:03}", at.millisecond()) };
        match expected {
            SoqlType::Datestamp => at.date().to_string(),
            SoqlType::Time => format!("{}{fraction}", at.strftime("%H:%M:%S")),
            SoqlType::FixedTimestamp => {
                let offset = match &self.zone {
                    Some(Zone::Offset(offset)) => offset,
                    Some(Zone::Name(_)) => "",
                    None => "Z",
                };
                format!("{}{fraction}{offset}", at.strftime("%Y-%m-%dT%H:%M:%S"))
            }
            _ => format!("{}{fraction}", at.strftime("%Y-%m-%dT%H:%M:%S")),
        }
    }
}

/// Whether a text has the look of a date, though there may be no such day.
pub fn looks_like_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).take(3).collect();
    let separators = text.chars().filter(|c| !c.is_ascii_digit()).take(2);
    parts.len() == 3
        && parts.iter().all(|p| (1..=4).contains(&p.len()))
        && separators.clone().count() == 2
        && separators.into_iter().all(|c| matches!(c, '-' | '/' | '.'))
}

/// An ISO date and time, also with a blank for the T. There is no year before the first.
fn iso(text: &str) -> Option<DateTime> {
    let readable = text.contains('-') && !text.starts_with('-');
    readable.then(|| text.parse().ok()).flatten()
}

/// How an ISO date and time is spelled that ends with `local` before its zone.
fn spelling_of_iso(text: &str, local: &str) -> Spelling {
    let zone = text.get(local.len()..).unwrap_or("");
    match zone.trim_start() {
        _ if local.as_bytes().get("YYYY-MM-DD".len()) == Some(&b' ') => Spelling::Blank,
        name if name.len() > 1 && name.starts_with(char::is_alphabetic) => Spelling::ZoneName,
        trimmed if trimmed.len() < zone.len() => Spelling::ZoneApart,
        _ => Spelling::Other,
    }
}

/// A text without the zone at its end, and the zone.
fn without_zone(text: &str) -> (&str, Option<Zone>) {
    let text = text.split('[').next().unwrap_or(text).trim_end();
    if let Some(local) = text.strip_suffix(['Z', 'z']) {
        return (local.trim_end(), Some(Zone::Offset("Z".to_owned())));
    }
    let Some(time) = text.find(':') else { return (text, None) };
    if let Some(sign) = text[time..].rfind(['+', '-']).map(|at| time + at) {
        let digits: String = text[sign + 1..].chars().filter(char::is_ascii_digit).collect();
        let plain = text[sign + 1..].chars().all(|c| c.is_ascii_digit() || c == ':');
        if plain && matches!(digits.len(), 2 | 4) {
            let minutes = if digits.len() == 4 { &digits[2..] } else { "00" };
            return (
                text[..sign].trim_end(),
                Some(Zone::Offset(format!("{}{}:{minutes}", &text[sign..=sign], &digits[..2]))),
            );
        }
    }
    match text.rsplit_once(' ') {
        Some((local, zone)) if is_zone_name(zone) => {
            let known = ZONES.iter().find(|(name, _)| *name == zone);
            let named = || Zone::Name(zone.to_owned());
            (local, Some(known.map_or_else(named, |(_, offset)| Zone::Offset((*offset).to_owned()))))
        }
        _ => (text, None),
    }
}

/// `EST`, `America/New_York`.
fn is_zone_name(word: &str) -> bool {
    let letters = (2..=5).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
    let place = || {
        let is_part = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase());
        word.split('/').count() > 1 && word.split('/').all(is_part)
    };
    letters && !matches!(word, "AM" | "PM") || place()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_local(text: &str, spelling: Spelling, iso: &str) {
        let local = SoqlType::FloatingTimestamp;
        let found = Moment::of_text(local, text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((found.spelling, found.iso(local).as_str()), (spelling, iso), "{text}");
    }

    #[test]
    fn the_moment_that_is_meant_in_words_and_in_other_counts() {
        use Spelling as S;
        for (text, spelling, iso) in [
            ("1st of May 2020", S::Words, "2020-05-01T00:00:00"),
            ("January 2nd, 2020", S::Words, "2020-01-02T00:00:00"),
            ("the 3rd of June 2020", S::Words, "2020-06-03T00:00:00"),
            ("Sept 5 2020", S::Words, "2020-09-05T00:00:00"),
            ("Sept. 5, 2020", S::Words, "2020-09-05T00:00:00"),
            ("2020-Mar-05", S::Words, "2020-03-05T00:00:00"),
            ("5. M\u{e4}rz 2020", S::Words, "2020-03-05T00:00:00"),
            ("12 f\u{e9}vrier 2020", S::Words, "2020-02-12T00:00:00"),
            ("1er mai 2020", S::Words, "2020-05-01T00:00:00"),
            ("Thu Jan 02 2020 10:00:00 GMT+0000 (UTC)", S::Words, "2020-01-02T10:00:00"),
            ("12 de enero de 2020", S::Words, "2020-01-12T00:00:00"),
            ("2020\u{5e74}1\u{6708}5\u{65e5}", S::Other, "2020-01-05T00:00:00"),
            ("2020.01.05", S::Figures, "2020-01-05T00:00:00"),
            ("2020-1-5", S::Other, "2020-01-05T00:00:00"),
            ("1/5/2020 1:45 p.m.", S::MonthFirst, "2020-01-05T13:45:00"),
            ("/Date(1577836800000)/", S::Milliseconds, "2020-01-01T00:00:00"),
            ("Friday, 1 May 2020", S::Words, "2020-05-01T00:00:00"),
            ("2020-123", S::DayOfYear, "2020-05-02T00:00:00"),
            ("2020123", S::DayOfYear, "2020-05-02T00:00:00"),
            ("2020-W10-3", S::Week, "2020-03-04T00:00:00"),
            ("2014-10-13 07:00:00 America/New_York", S::Zone, "2014-10-13T07:00:00"),
        ] {
            assert_local(text, spelling, iso);
        }
    }

    #[test]
    fn the_moment_that_is_meant() {
        use Spelling as S;
        for (text, spelling, iso) in [
            ("January 2, 2020", S::Words, "2020-01-02T00:00:00"),
            ("Jan 2, 2020 5:30 PM", S::Words, "2020-01-02T17:30:00"),
            ("2 January 2020", S::Words, "2020-01-02T00:00:00"),
            ("2 Jan 99", S::Words, "1999-01-02T00:00:00"),
            ("May 2020", S::Month, "2020-05-01T00:00:00"),
            ("January 2020", S::Month, "2020-01-01T00:00:00"),
            ("2020-05", S::Month, "2020-05-01T00:00:00"),
            ("20200102030405", S::Figures, "2020-01-02T03:04:05"),
            ("253402300799", S::Seconds, "9999-12-31T23:59:59"),
            ("02-Jan-20", S::Words, "2020-01-02T00:00:00"),
            ("Thu, 02 Jan 2020 10:00:00 GMT", S::Words, "2020-01-02T10:00:00"),
            ("Thu Jan  2 10:00:00 2020", S::Words, "2020-01-02T10:00:00"),
            ("10/13/2014", S::MonthFirst, "2014-10-13T00:00:00"),
            ("10/13/2014 07:00:00 AM", S::MonthFirst, "2014-10-13T07:00:00"),
            ("31/12/2020", S::DayFirst, "2020-12-31T00:00:00"),
            ("13.10.2014", S::DayFirst, "2014-10-13T00:00:00"),
            ("2014/10/13", S::Figures, "2014-10-13T00:00:00"),
            ("20141013", S::Figures, "2014-10-13T00:00:00"),
            ("2014-10-13 07:00:00", S::Blank, "2014-10-13T07:00:00"),
            ("2014-10-13 07:00", S::Blank, "2014-10-13T07:00:00"),
            ("2014-10-13T07:00:00Z", S::Zone, "2014-10-13T07:00:00"),
            ("2014-10-13T07:00:00.250-05:00", S::Zone, "2014-10-13T07:00:00.250"),
            ("2014-10-13 07:00:00+00", S::Zone, "2014-10-13T07:00:00"),
            ("2014-10-13 07:00:00 UTC", S::Zone, "2014-10-13T07:00:00"),
            ("2014-10-13 07:00:00 EST", S::Zone, "2014-10-13T07:00:00"),
            ("43832", S::Serial, "2020-01-02T00:00:00"),
            ("43832.5", S::Serial, "2020-01-02T12:00:00"),
            ("1577923200", S::Seconds, "2020-01-02T00:00:00"),
            ("1577923200000", S::Milliseconds, "2020-01-02T00:00:00"),
            ("1577923200000000000", S::Nanoseconds, "2020-01-02T00:00:00"),
            ("2020", S::Year, "2020-01-01T00:00:00"),
        ] {
            assert_local(text, spelling, iso);
        }
        for none in [
            "-0001-01-01",
            "2020-01-01T23:59:60",
            "yesterday",
            "2014-02-30",
            "13/45/2024",
            "5",
            "-",
            "12:00",
            "2014-10-13T25:00:00",
            "2020-367",
            "2020999",
            "2020-W54-1",
            "1st of the month",
        ] {
            assert_eq!(Moment::of_text(SoqlType::FloatingTimestamp, none), None, "{none}");
        }
    }

    #[test]
    fn the_moment_that_is_meant_where_the_zone_or_the_date_counts() {
        use Spelling as S;
        for (text, spelling, iso) in [
            ("2014-10-13 07:00:00 -0500", S::Blank, "2014-10-13T07:00:00-05:00"),
            ("2014-10-13T07:00:00 Z", S::ZoneApart, "2014-10-13T07:00:00Z"),
            ("2014-10-13T07:00:00 EST", S::ZoneName, "2014-10-13T07:00:00-05:00"),
            ("2014-10-13T07:00:00 CET", S::ZoneName, "2014-10-13T07:00:00"),
            ("Thu, 02 Jan 2020 05:00:00 PDT", S::Words, "2020-01-02T05:00:00-07:00"),
            ("Thu, 02 Jan 2020 05:00:00 GMT", S::Words, "2020-01-02T05:00:00Z"),
        ] {
            let found = Moment::of_text(SoqlType::FixedTimestamp, text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (found.spelling, found.iso(SoqlType::FixedTimestamp).as_str()),
                (spelling, iso),
                "{text}"
            );
        }
        let clock = Moment::of_text(SoqlType::Time, "5:30 PM").unwrap();
        assert_eq!(clock.iso(SoqlType::Time), "17:30:00");
        let date = Moment::of_text(SoqlType::Datestamp, "2014-10-13T07:00:00").unwrap();
        assert_eq!((date.spelling, date.iso(SoqlType::Datestamp).as_str()), (S::Both, "2014-10-13"));
    }

    #[test]
    fn the_look_of_a_date() {
        for text in ["2014-02-30", "13/45/2024", "2014-13-01T00:00:00", "0000-00-00", "1.13.2020"] {
            assert!(looks_like_date(text), "{text}");
        }
        for text in ["yesterday", "12:00", "5", "-5-5", "1,2,3", "2014-10"] {
            assert!(!looks_like_date(text), "{text}");
        }
    }
}
