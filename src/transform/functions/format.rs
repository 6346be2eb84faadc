//! Formats of dates, in the letters of Rust's `chrono` (documented).

use jiff::civil::{DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;

/// Bytes of a format.
const MAX_FORMAT: usize = 1000;

/// A format that is known to be one.
#[derive(Debug)]
pub struct Format {
    /// The letters that `jiff` reads.
    spec: String,
    /// `%+` alone: ISO 8601 in all its forms.
    iso: bool,
}

/// What a text said.
pub struct Found {
    /// The date and the time; midnight when no time is said.
    pub local: DateTime,
    /// Seconds that the zone is ahead of UTC, if it was said.
    pub ahead: Option<i32>,
}

/// Letters that stand for several others.
const SHORT: [(char, &str); 7] = [
    ('D', "%m/%d/%y"),
    ('x', "%m/%d/%y"),
    ('v', "%e-%b-%Y"),
    ('X', "%H:%M:%S"),
    ('r', "%I:%M:%S %p"),
    ('c', "%a %b %e %H:%M:%S %Y"),
    ('+', "%Y-%m-%dT%H:%M:%S%.f%:z"),
];

impl Format {
    /// Reads a format.
    pub fn parse(format: &str) -> Result<Self, String> {
        if format.len() > MAX_FORMAT {
            return Err(format!("A format has at most {MAX_FORMAT} bytes"));
        }
        let mut spec = String::with_capacity(format.len());
        let mut rest = format;
        while let Some((before, behind)) = rest.split_once('%') {
            spec.push_str(before);
            let (letter, tail) = letter_of(behind).ok_or_else(|| format!("{format} ends within a letter"))?;
            match letter.strip_prefix(['-', '_', '0']).unwrap_or(letter) {
                "Z" => return Err("%Z names a zone, which no text can be read by".to_owned()),
                one if one.chars().count() == 1 && is_short(one) => spec.push_str(long_of(one)),
                known if is_known(known) => {
                    spec.push('%');
                    spec.push_str(letter);
                }
                unknown => return Err(format!("%{unknown} is no letter of a format")),
            }
            rest = tail;
        }
        spec.push_str(rest);
        Ok(Self { spec, iso: format == "%+" })
    }

    /// What a text in this format says.
    pub fn read(&self, text: &str) -> Option<Found> {
        if self.iso {
            return super::moment::read(text);
        }
        let parts = BrokenDownTime::parse(&self.spec, text).ok()?;
        if let Ok(instant) = parts.to_timestamp()
            && self.spec.contains("%s")
        {
            return Some(Found { local: jiff::tz::TimeZone::UTC.to_datetime(instant), ahead: Some(0) });
        }
        let date = parts.to_date().ok()?;
        let time = if parts.hour().is_some() || parts.minute().is_some() {
            parts.to_time().ok()?
        } else {
            Time::midnight()
        };
        Some(Found { local: date.to_datetime(time), ahead: parts.offset().map(jiff::tz::Offset::seconds) })
    }
}

fn is_short(letter: &str) -> bool {
    SHORT.iter().any(|(short, _)| letter.starts_with(*short))
}

fn long_of(letter: &str) -> &'static str {
    SHORT.iter().find(|(short, _)| letter.starts_with(*short)).map_or("", |(_, long)| long)
}

fn is_known(letter: &str) -> bool {
    const KNOWN: &str = "YCymbBhdeaAwuUWGgVjFHkIlPpMSfRTzstn%";
    match letter {
        ".f" | ".3f" | ".6f" | ".9f" | ":z" => true,
        other => other.chars().count() == 1 && KNOWN.contains(other),
    }
}

/// The letter behind a percent sign with what belongs to it, and the rest.
fn letter_of(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !matches!(c, '-' | '_' | '0'..='9' | '.' | ':'))?;
    let length = text[end..].chars().next()?.len_utf8();
    Some(text.split_at(end + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_letters_are_read() {
        for (format, text, expected) in [
            ("%m/%d/%Y %I:%M:%S%P", "4/1/2018 1:05:26AM", "2018-04-01T01:05:26"),
            ("%m/%d/%Y %I:%M:%S %p", "12/31/2018 12:05:26 pm", "2018-12-31T12:05:26"),
            ("%Y-%m-%d", "2018-04-01", "2018-04-01T00:00:00"),
            ("%d.%m.%y", "01.04.18", "2018-04-01T00:00:00"),
            ("%D", "04/01/18", "2018-04-01T00:00:00"),
            ("%v", "8-Jul-2001", "2001-07-08T00:00:00"),
            ("%a %b %e %H:%M:%S %Y", "Sun Jul  8 00:34:59 2001", "2001-07-08T00:34:59"),
            ("%B %d, %Y", "July 4, 1976", "1976-07-04T00:00:00"),
            ("%Y%m%d%H%M", "201804010105", "2018-04-01T01:05:00"),
            ("%F %T%.f", "2001-07-08 00:34:59.026490", "2001-07-08T00:34:59.02649"),
            ("%F %R", "2001-07-08 00:34", "2001-07-08T00:34:00"),
            ("%Y-%j", "2001-189", "2001-07-08T00:00:00"),
            ("%s", "994518299", "2001-07-07T15:04:59"),
            ("%+", "2017-12-13T00:24:53.436562Z", "2017-12-13T00:24:53.436562"),
        ] {
            let found = Format::parse(format).unwrap().read(text);
            assert_eq!(found.map(|f| f.local.to_string()).as_deref(), Some(expected), "{format} {text}");
        }
        let zoned = Format::parse("%F %T %z").unwrap().read("2001-07-08 00:34:59 +0930").unwrap();
        assert_eq!(zoned.ahead, Some(34_200));
        assert!(Format::parse("%Y-%m-%d").unwrap().read("2018-13-01").is_none());
        for wrong in ["%Z", "%q", "%", "%E", "%5", "%é"] {
            assert!(Format::parse(wrong).is_err(), "{wrong}");
        }
    }
}
