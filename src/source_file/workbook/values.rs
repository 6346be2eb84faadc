//! Values of cells as text: numbers, and what their formats show as dates and times.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

/// What a number's format shows it as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Number,
    /// A date, and perhaps a time.
    Date,
    /// A time of day or a duration.
    Time,
}

impl Shown {
    /// By the number of a format that every workbook has (ECMA-376, 18.8.30; those of East Asia included).
    pub(super) fn of_built_in(id: u32) -> Self {
        match id {
            14..=17 | 22 | 27..=31 | 34..=36 | 50..=58 => Self::Date,
            18..=21 | 32 | 33 | 45..=47 => Self::Time,
            _ => Self::Number,
        }
    }

    /// By the code of a format, such as `yyyy\-mm\-dd hh:mm`: quoted texts, colours and locales tell nothing.
    pub(super) fn of_code(code: &str) -> Self {
        let (mut date, mut time, mut month) = (false, false, false);
        let mut letters = code.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '"' => while letters.next().is_some_and(|c| c != '"') {},
                '\\' | '_' | '*' => drop(letters.next()),
                '[' => {
                    let inside: String = letters.by_ref().take_while(|c| *c != ']').collect();
                    let is_elapsed = |c: char| matches!(c, 'h' | 'H' | 'm' | 'M' | 's' | 'S');
                    time |= !inside.is_empty() && inside.chars().all(is_elapsed);
                }
                // Only the first of the forms for positive, negative and other numbers counts.
                ';' => break,
                'y' | 'Y' | 'd' | 'D' => date = true,
                'h' | 'H' | 's' | 'S' => time = true,
                // Months or minutes.
                'm' | 'M' => month = true,
                'G' | 'g' => {
                    // "General"; in Japan g is an era, which stands beside a year.
                    while letters
                        .clone()
                        .next()
                        .is_some_and(|c| c.is_ascii_alphabetic() && !"yYdDmM".contains(c))
                    {
                        letters.next();
                    }
                }
                _ => {}
            }
        }
        match (date, time, month) {
            (true, ..) | (false, false, true) => Self::Date,
            (false, true, _) => Self::Time,
            _ => Self::Number,
        }
    }
}

/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;
/// Days up to the end of the year 9999.
const LAST: f64 = 2_958_466.0;

/// The text of a number: the shortest that means the same double, or a date or a time in ISO 8601.
pub(super) fn number_text(number: f64, shown: Shown, from_1904: bool) -> String {
    let moment = match shown {
        Shown::Number => None,
        Shown::Date => date_text(number, from_1904),
        Shown::Time => time_text(number),
    };
    moment.unwrap_or_else(|| if number == 0.0 { "0".to_owned() } else { number.to_string() })
}

fn date_text(number: f64, from_1904: bool) -> Option<String> {
    if !(0.0..LAST).contains(&number) {
        return None;
    }
    let milliseconds = (number * DAY).round();
    let days = (milliseconds / DAY).floor();
    let first: Date = match (from_1904, days < 60.0) {
        (true, _) => date(1904, 1, 1),
        // The calendar of 1900 has a 29th of February, which was not.
        (false, true) => date(1899, 12, 31),
        (false, false) => date(1899, 12, 30),
    };
    let day = first.checked_add((days as i64).days()).ok()?;
    let rest = (milliseconds - days * DAY) as u64;
    if rest == 0 {
        return Some(format!("{day}"));
    }
    Some(format!("{day}T{}", clock(rest)))
}

/// Hours, which may be more than a day's, minutes and seconds.
fn time_text(number: f64) -> Option<String> {
    if !(0.0..LAST).contains(&number) {
        return None;
    }
    Some(clock((number * DAY).round() as u64))
}

fn clock(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:03}") };
    format!("{:02}:{:02}:{:02}{fraction}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_show_what_a_number_is() {
        for (code, shown) in [
            ("General", Shown::Number),
            ("0.00", Shown::Number),
            ("#,##0\\ \"days\"", Shown::Number),
            ("[Red]0;[Blue]-0", Shown::Number),
            ("0;\"yes\";d", Shown::Number),
            ("yyyy\\-mm\\-dd", Shown::Date),
            ("[$-409]mmmm", Shown::Date),
            ("m/d/yy h:mm", Shown::Date),
            ("ge.m.d", Shown::Date),
            ("h:mm AM/PM", Shown::Time),
            ("[h]:mm:ss", Shown::Time),
            ("mm:ss.0", Shown::Time),
        ] {
            assert_eq!(Shown::of_code(code), shown, "{code}");
        }
        assert_eq!(Shown::of_built_in(14), Shown::Date);
        assert_eq!(Shown::of_built_in(2), Shown::Number);
    }

    #[test]
    fn numbers_become_texts() {
        for (number, shown, text) in [
            (1.0, Shown::Number, "1"),
            (-0.0, Shown::Number, "0"),
            (0.1, Shown::Number, "0.1"),
            (1e21, Shown::Number, "1000000000000000000000"),
            (42_962.0, Shown::Date, "2017-08-15"),
            (42_962.75, Shown::Date, "2017-08-15T18:00:00"),
            (42_962.000_011_6, Shown::Date, "2017-08-15T00:00:01.002"),
            (1.0, Shown::Date, "1900-01-01"),
            (61.0, Shown::Date, "1900-03-01"),
            (0.5, Shown::Time, "12:00:00"),
            (1.5, Shown::Time, "36:00:00"),
            (-1.0, Shown::Date, "-1"),
            (1e9, Shown::Date, "1000000000"),
            (2_958_465.0, Shown::Date, "9999-12-31"),
        ] {
            assert_eq!(number_text(number, shown, false), text, "{number} {shown:?}");
        }
        assert_eq!(number_text(0.0, Shown::Date, true), "1904-01-01");
    }
}
