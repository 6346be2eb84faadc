//! Exact decimals with PostgreSQL's scales (checked against PostgreSQL 15: division and averages).

use crate::soql::bound::{MAX_SCALE, MAX_WHOLE};
use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, Signed as _, ToPrimitive as _, Zero as _};
use std::str::FromStr as _;

/// Digits behind the point that a rounded result is given at most (PostgreSQL).
pub const MAX_ROUNDED: i64 = 1000;
/// Digits that a rounded result is given at least, those before the point included (PostgreSQL).
pub const MIN_DIGITS: i64 = 16;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// It would have more digits than a number may have.
    #[error("value overflows numeric format")]
    Overflow,
    /// The text is no number.
    #[error("invalid input syntax for type numeric: \"{0}\"")]
    NotANumber(String),
    /// A divisor is zero.
    #[error("division by zero")]
    DivisionByZero,
    /// There are no such buckets.
    #[error("{0}")]
    Buckets(&'static str),
}

type Computed<T> = Result<T, DecimalError>;

/// Reads a stored number. Its text may be short and its digits many: it is refused before any are made.
pub fn read(text: &str) -> Computed<BigDecimal> {
    // Sign, point and exponent.
    const MARKS: i64 = 16;
    if text.len() as i64 > MAX_WHOLE + MAX_SCALE + MARKS {
        return Err(DecimalError::Overflow);
    }
    let value = BigDecimal::from_str(text).map_err(|_| DecimalError::NotANumber(text.to_owned()))?;
    bounded(value)
}

/// The number with a scale of nought or more, if it is not too long.
fn bounded(value: BigDecimal) -> Computed<BigDecimal> {
    let scale = value.fractional_digit_count();
    if scale > MAX_SCALE || (!value.is_zero() && value.digits() as i64 - scale > MAX_WHOLE) {
        return Err(DecimalError::Overflow);
    }
    Ok(if scale < 0 { value.with_scale(0) } else { value })
}

/// Writes a number as it is stored.
pub fn write(value: BigDecimal) -> Computed<String> {
    let value = bounded(value)?;
    let scale = value.fractional_digit_count();
    if value.is_zero() {
        let decimals = usize::try_from(scale).unwrap_or(0);
        return Ok(if decimals == 0 { "0".to_owned() } else { format!("0.{}", "0".repeat(decimals)) });
    }
    let plain = value.to_plain_string();
    // More than 20 decimals are printed as Java does (source).
    Ok(if scale > 20 { crate::soda::value::canonical_number(&plain).unwrap_or(plain) } else { plain })
}

fn scale(value: &BigDecimal) -> i64 {
    value.fractional_digit_count().max(0)
}

/// The exponent of the highest digit in base 10,000, and that digit.
fn weight(value: &BigDecimal) -> (i64, u32) {
    let digits = value.as_bigint_and_exponent().0.abs().to_string();
    if digits == "0" {
        return (0, 0);
    }
    // The place of the highest decimal digit, 0 for units.
    let place = digits.len() as i64 - 1 - value.fractional_digit_count();
    let exponent = place.div_euclid(4);
    let width = (place.rem_euclid(4) + 1) as usize;
    let mut head: String = digits.chars().take(width).collect();
    while head.len() < width {
        head.push('0');
    }
    (exponent, head.parse().unwrap_or(0))
}

/// Half away from zero.
pub fn rounded(value: &BigDecimal, scale: i64) -> BigDecimal {
    value.with_scale_round(scale, RoundingMode::HalfUp)
}

/// The scale of a quotient (PostgreSQL).
pub fn quotient_scale(a: &BigDecimal, b: &BigDecimal) -> i64 {
    let ((wa, da), (wb, db)) = (weight(a), weight(b));
    let quotient = wa - wb - i64::from(da <= db);
    (MIN_DIGITS - 4 * quotient).max(scale(a)).max(scale(b)).clamp(0, MAX_ROUNDED)
}

/// `a / b`, half away from zero at PostgreSQL's scale.
pub fn divide(a: &BigDecimal, b: &BigDecimal) -> Computed<BigDecimal> {
    if b.is_zero() {
        return Err(DecimalError::DivisionByZero);
    }
    Ok(divided_at(a, b, quotient_scale(a, b)))
}

/// A power of ten; of no negative exponent.
pub fn ten_to(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(0))
}

/// Integer division of the scaled numbers, so that no digit is guessed.
pub fn divided_at(a: &BigDecimal, b: &BigDecimal, scale: i64) -> BigDecimal {
    let (da, sa) = a.as_bigint_and_exponent();
    let (db, sb) = b.as_bigint_and_exponent();
    let shift = scale - sa + sb;
    let (numerator, denominator) =
        if shift >= 0 { (da * ten_to(shift), db) } else { (da, db * ten_to(-shift)) };
    let negative = numerator.is_negative() != denominator.is_negative();
    let (numerator, denominator) = (numerator.abs(), denominator.abs());
    let doubled: BigInt = numerator * 2 + &denominator;
    let quotient: BigInt = doubled / (denominator * 2);
    BigDecimal::new(if negative { -quotient } else { quotient }, scale)
}

/// `a % b`, with the sign of `a`.
pub fn modulo(a: &BigDecimal, b: &BigDecimal) -> Computed<BigDecimal> {
    if b.is_zero() {
        return Err(DecimalError::DivisionByZero);
    }
    let scale = scale(a).max(scale(b));
    Ok((a % b).with_scale(scale))
}

/// `a + b`, `a - b`, `a * b`.
pub fn add(a: &BigDecimal, b: &BigDecimal) -> BigDecimal {
    (a + b).with_scale(scale(a).max(scale(b)))
}

/// See `add`.
pub fn subtract(a: &BigDecimal, b: &BigDecimal) -> BigDecimal {
    (a - b).with_scale(scale(a).max(scale(b)))
}

/// See `add`. A product with too many decimals is rounded (PostgreSQL).
pub fn multiply(a: &BigDecimal, b: &BigDecimal) -> BigDecimal {
    let product = a * b;
    if product.fractional_digit_count() > MAX_SCALE { rounded(&product, MAX_SCALE) } else { product }
}

/// `round(a, places)`, half away from zero; negative places round before the point.
pub fn round(a: &BigDecimal, places: &BigDecimal) -> BigDecimal {
    let sign = if places.is_negative() { i64::MIN } else { i64::MAX };
    // One more than there can be, so that a number just below is rounded up to its power of ten.
    let places = rounded(places, 0).to_i64().unwrap_or(sign).clamp(-MAX_WHOLE - 1, MAX_SCALE);
    let value = rounded(a, places);
    if places < 0 { value.with_scale(0) } else { value }
}

/// Towards plus infinity.
pub fn ceil(a: &BigDecimal) -> BigDecimal {
    a.with_scale_round(0, RoundingMode::Ceiling)
}

/// Towards minus infinity.
pub fn floor(a: &BigDecimal) -> BigDecimal {
    a.with_scale_round(0, RoundingMode::Floor)
}

/// The bucket of `value` among `count` between two bounds (PostgreSQL).
pub fn width_bucket(
    value: &BigDecimal,
    low: &BigDecimal,
    high: &BigDecimal,
    count: &BigDecimal,
) -> Computed<BigDecimal> {
    if !count.is_positive() {
        return Err(DecimalError::Buckets("count must be greater than zero"));
    }
    if low == high {
        return Err(DecimalError::Buckets("lower bound cannot equal upper bound"));
    }
    let up = low < high;
    if (up && value < low) || (!up && value > low) {
        return Ok(BigDecimal::zero());
    }
    if (up && value >= high) || (!up && value <= high) {
        return Ok(count.with_scale(0) + BigDecimal::from(1));
    }
    let (numerator, denominator) = ((value - low) * rounded(count, 0), high - low);
    let scale = numerator.fractional_digit_count().max(denominator.fractional_digit_count());
    let whole = |n: &BigDecimal| n.with_scale(scale).into_bigint_and_exponent().0;
    // Both have the same sign, so that integer division rounds down.
    Ok(BigDecimal::from(whole(&numerator) / whole(&denominator) + 1))
}

/// Sign times the number of digits before the point.
pub fn signed_magnitude_10(value: &BigDecimal) -> BigDecimal {
    let whole = floor(&value.abs()).with_scale(0);
    if value.is_zero() {
        return BigDecimal::zero();
    }
    let digits = whole.to_plain_string().len() as i64;
    BigDecimal::from(if value.is_negative() { -digits } else { digits })
}

/// Sign times the number of the step of this size.
pub fn signed_magnitude_linear(value: &BigDecimal, step: &BigDecimal) -> Computed<BigDecimal> {
    let one = BigDecimal::from(1);
    if *step == one {
        return Ok(floor(value));
    }
    if value.is_zero() {
        return Ok(BigDecimal::zero());
    }
    let steps = floor(&(divide(&value.abs(), step)? + one));
    Ok(if value.is_negative() { -steps } else { steps })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> BigDecimal {
        read(text).unwrap()
    }

    #[test]
    fn quotients_have_postgresqls_scale() {
        for (a, b, expected) in [
            ("12", "4", "3.0000000000000000"),
            ("1", "3", "0.33333333333333333333"),
            ("1234567.89", "88", "14029.180568181818"),
            ("-1", "3", "-0.33333333333333333333"),
            ("0", "7", "0.00000000000000000000"),
        ] {
            assert_eq!(write(divide(&number(a), &number(b)).unwrap()).unwrap(), expected, "{a}/{b}");
        }
        assert!(divide(&number("1"), &number("0.00")).is_err());
    }

    #[test]
    fn sums_and_products_keep_scales() {
        assert_eq!(write(add(&number("1.10"), &number("2.2"))).unwrap(), "3.30");
        assert_eq!(write(multiply(&number("1.10"), &number("2.20"))).unwrap(), "2.4200");
        assert_eq!(write(modulo(&number("-7"), &number("3.0")).unwrap()).unwrap(), "-1.0");
        assert_eq!(write(round(&number("-2.5"), &number("0"))).unwrap(), "-3");
        assert_eq!(write(round(&number("1250"), &number("-2"))).unwrap(), "1300");
        assert_eq!(write(round(&number("1250"), &number("-9e99"))).unwrap(), "0");
        assert_eq!(write(number("0.00")).unwrap(), "0.00");
    }

    #[test]
    fn numbers_beyond_postgresqls_digits_are_refused_before_they_are_written_out() {
        assert!(read("1e131071").is_ok() && read("1e-16383").is_ok());
        for text in ["1e131072", "1e-16384", "1e99999999", "-1e-99999999", "12e131071"] {
            assert_eq!(read(text), Err(DecimalError::Overflow), "{text}");
        }
        assert_eq!(read(&"9".repeat(200_000)), Err(DecimalError::Overflow));
        let (largest, smallest) = (number("1e131071"), number("1e-16383"));
        assert_eq!(write(multiply(&largest, &number("10"))), Err(DecimalError::Overflow));
        assert_eq!(multiply(&smallest, &smallest).fractional_digit_count(), MAX_SCALE);
        assert!(write(add(&largest, &smallest)).is_ok());
        assert!(write(modulo(&largest, &smallest).unwrap()).is_ok());
    }

    #[test]
    fn buckets_are_told_exactly() {
        let bucket = |value: &str, low: &str, high: &str, count: &str| {
            let found = width_bucket(&number(value), &number(low), &number(high), &number(count));
            write(found.unwrap()).unwrap()
        };
        assert_eq!(bucket("5.5", "0", "10", "5"), "3");
        assert_eq!(bucket("5.5", "10", "0", "5"), "3");
        assert_eq!(bucket("3", "0", "9", "3"), "2");
        assert_eq!(bucket("2.9999999999999999999999999999999999", "0", "9", "3"), "1");
        assert_eq!(bucket("99", "0", "9", "3"), "4");
    }
}
