//! Dates and times without a format: ISO 8601 with one digit where two belong, a blank in place of the `T`, and
//! the forms of cells in CSV.

use super::call::rules;
use super::format::Found;
use crate::calendar::millis;
use crate::soda::value::from_csv;
use crate::soda::{SoqlType, Value};
use jiff::civil::DateTime;

/// Milliseconds of a local date and time; a zone behind it does not count (documented).
pub fn floating(text: &str) -> Option<i64> {
    of_cell(SoqlType::FloatingTimestamp, text).or_else(|| millis(read(text)?.local).ok())
}

/// Milliseconds of an instant; without a zone it is UTC.
pub fn fixed(text: &str) -> Option<i64> {
    of_cell(SoqlType::FixedTimestamp, text).or_else(|| {
        let Found { local, ahead } = read(text)?;
        Some(millis(local).ok()? - i64::from(ahead.unwrap_or(0)) * 1000)
    })
}

fn of_cell(soql_type: SoqlType, text: &str) -> Option<i64> {
    match from_csv(soql_type, text, &rules()).ok()?.stored {
        Value::Int(ms) => Some(ms),
        _ => None,
    }
}

struct Reader<'t>(&'t str);

impl<'t> Reader<'t> {
    fn eat(&mut self, letters: &[char]) -> bool {
        let rest = self.0.strip_prefix(letters);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// So many digits, or fewer.
    fn digits(&mut self, most: usize) -> Option<&'t str> {
        let length = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        (length > 0).then_some(digits)
    }

    fn number<N: std::str::FromStr>(&mut self, most: usize) -> Option<N> {
        self.digits(most)?.parse().ok()
    }
}

/// A date, perhaps with a time, perhaps with a zone.
pub fn read(text: &str) -> Option<Found> {
    let mut reader = Reader(text);
    let year = reader.digits(4).filter(|digits| digits.len() == 4)?.parse().ok()?;
    let month = reader.eat(&['-']).then(|| reader.number(2))??;
    let day = reader.eat(&['-']).then(|| reader.number(2))??;
    let (mut hour, mut minute, mut second, mut nanos) = (0, 0, 0, 0);
    if reader.eat(&['T', 't', ' ']) {
        hour = reader.number(2)?;
        minute = reader.eat(&[':']).then(|| reader.number(2))??;
        if reader.eat(&[':']) {
            second = reader.number(2)?;
            if reader.eat(&['.', ',']) {
                let digits = reader.digits(usize::MAX)?;
                nanos = format!("{:0<9.9}", digits).parse().ok()?;
            }
        }
    }
    let ahead = zone(&mut reader)?;
    let local = DateTime::new(year, month, day, hour, minute, second, nanos).ok()?;
    reader.0.is_empty().then_some(Found { local, ahead })
}

/// `Z`, `+hh`, `+hhmm` or `+hh:mm`, or nothing.
fn zone(reader: &mut Reader<'_>) -> Option<Option<i32>> {
    let mark = reader.0;
    reader.eat(&[' ']);
    if reader.eat(&['Z', 'z']) {
        return Some(Some(0));
    }
    let sign = if reader.eat(&['+']) {
        1
    } else if reader.eat(&['-']) {
        -1
    } else {
        reader.0 = mark;
        return Some(None);
    };
    let hours: i32 = reader.digits(2).filter(|digits| digits.len() == 2)?.parse().ok()?;
    reader.eat(&[':']);
    let minutes: i32 = reader.number(2).unwrap_or(0);
    (hours < 24 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60)))
}
