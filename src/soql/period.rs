//! ISO periods, `P1Y2M3DT4H5M6S`.

use jiff::{Span, civil::DateTime};

/// A span of calendar and clock.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Period {
    months: i64,
    days: i64,
    seconds: i64,
    millis: i64,
}

impl Period {
    /// Reads an ISO period; each part may have a sign.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('P')?;
        let mut period = Self::default();
        let (mut clock, mut parts) = (false, 0);
        while !rest.is_empty() {
            if let Some(tail) = rest.strip_prefix('T') {
                if clock || tail.is_empty() {
                    return None;
                }
                clock = true;
                rest = tail;
                continue;
            }
            let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
            let (number, unit) = (&rest[..end], rest.as_bytes()[end]);
            period.add(number, unit, clock)?;
            rest = &rest[end + 1..];
            parts += 1;
        }
        (parts > 0).then_some(period)
    }

    fn add(&mut self, number: &str, unit: u8, clock: bool) -> Option<()> {
        if unit == b'S' && clock {
            let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
            self.seconds += i64::from(whole.parse::<i32>().ok()?);
            let digits: String = decimals.chars().chain("000".chars()).take(3).collect();
            let millis: i64 = digits.parse().ok()?;
            self.millis = if number.starts_with('-') { -millis } else { millis };
            return Some(());
        }
        let n: i64 = number.parse::<i32>().ok()?.into();
        match (unit, clock) {
            (b'Y', false) => self.months += n * 12,
            (b'M', false) => self.months += n,
            (b'W', false) => self.days += n * 7,
            (b'D', false) => self.days += n,
            (b'H', true) => self.seconds += n * 3600,
            (b'M', true) => self.seconds += n * 60,
            _ => return None,
        }
        Some(())
    }

    /// A time so much later, or earlier; days are cut to the end of a month. None out of range.
    pub fn after(&self, time: DateTime, sign: i64) -> Option<DateTime> {
        let calendar = Span::new().try_months(self.months * sign).ok()?.try_days(self.days * sign).ok()?;
        let clock =
            Span::new().try_seconds(self.seconds * sign).ok()?.try_milliseconds(self.millis * sign).ok()?;
        time.checked_add(calendar).ok()?.checked_add(clock).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_clamp_to_the_month() {
        let date = jiff::civil::date(2024, 1, 31).at(12, 0, 0, 0);
        let after = |p: &str| Period::parse(p).unwrap().after(date, 1).unwrap().to_string();
        assert_eq!(after("P1M"), "2024-02-29T12:00:00");
        assert_eq!(after("P2W"), "2024-02-14T12:00:00");
        assert_eq!(after("PT1.5S"), "2024-01-31T12:00:01.5");
        for bad in ["", "P", "P1", "1D", "PT", "P1H", "PT1D", "P1DT"] {
            assert!(Period::parse(bad).is_none(), "{bad}");
        }
    }
}
