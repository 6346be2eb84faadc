//! Exact decimals with PostgreSQL's scales (checked against PostgreSQL 15: division and averages).

use super::{Ran, RuntimeError};
use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, FromPrimitive as _, RoundingMode, Signed as _, ToPrimitive as _, Zero as _};
use std::str::FromStr as _;

/// Digits behind the point that a result may have, and digits that a power may have before it.
const MAX_SCALE: i64 = 1000;
const MAX_DIGITS: u64 = 131_072;

/// Reads a stored number.
pub fn read(text: &str) -> Ran<BigDecimal> {
    BigDecimal::from_str(text)
        .map_err(|_| RuntimeError::new(format!("invalid input syntax for type numeric: \"{text}\"")))
}

/// Writes a number as it is stored.
pub fn write(value: &BigDecimal) -> Ran<String> {
    if value.digits() > MAX_DIGITS {
        return Err(RuntimeError::new("value overflows numeric format"));
    }
    let (digits, scale) = value.as_bigint_and_exponent();
    let plain = if scale < 0 { value.with_scale(0).to_plain_string() } else { value.to_plain_string() };
    if digits.is_zero() {
        let decimals = usize::try_from(scale.max(0)).unwrap_or(0);
        return Ok(if decimals == 0 { "0".to_owned() } else { format!("0.{}", "0".repeat(decimals)) });
    }
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

fn rounded(value: &BigDecimal, scale: i64) -> BigDecimal {
    value.with_scale_round(scale, RoundingMode::HalfUp)
}

/// `a / b`, half away from zero at PostgreSQL's scale.
pub fn divide(a: &BigDecimal, b: &BigDecimal) -> Ran<BigDecimal> {
    if b.is_zero() {
        return Err(RuntimeError::new("division by zero"));
    }
    let ((wa, da), (wb, db)) = (weight(a), weight(b));
    let quotient = wa - wb - i64::from(da <= db);
    let scale = (16 - 4 * quotient).max(scale(a)).max(scale(b)).clamp(0, MAX_SCALE);
    Ok(divided_at(a, b, scale))
}

/// Integer division of the scaled numbers, so that no digit is guessed.
fn divided_at(a: &BigDecimal, b: &BigDecimal, scale: i64) -> BigDecimal {
    let (da, sa) = a.as_bigint_and_exponent();
    let (db, sb) = b.as_bigint_and_exponent();
    let shift = scale - sa + sb;
    let power = |n: i64| BigInt::from(10).pow(u32::try_from(n).unwrap_or(0));
    let (numerator, denominator) =
        if shift >= 0 { (da * power(shift), db) } else { (da, db * power(-shift)) };
    let negative = numerator.is_negative() != denominator.is_negative();
    let (numerator, denominator) = (numerator.abs(), denominator.abs());
    let doubled: BigInt = numerator * 2 + &denominator;
    let quotient: BigInt = doubled / (denominator * 2);
    BigDecimal::new(if negative { -quotient } else { quotient }, scale)
}

/// `a % b`, with the sign of `a`.
pub fn modulo(a: &BigDecimal, b: &BigDecimal) -> Ran<BigDecimal> {
    if b.is_zero() {
        return Err(RuntimeError::new("division by zero"));
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

/// See `add`.
pub fn multiply(a: &BigDecimal, b: &BigDecimal) -> BigDecimal {
    (a * b).with_scale((scale(a) + scale(b)).min(MAX_SCALE * 4))
}

/// `a ^ b`: exact for whole exponents, sixteen digits or more behind the point.
pub fn power(a: &BigDecimal, b: &BigDecimal) -> Ran<BigDecimal> {
    if a.is_zero() && b.is_negative() {
        return Err(RuntimeError::failed("zero raised to a negative power is undefined"));
    }
    if a.is_negative() && !b.is_integer() {
        return Err(RuntimeError::failed(
            "a negative number raised to a non-integer power yields a complex result",
        ));
    }
    let approximate = a.to_f64().unwrap_or(f64::MAX).powf(b.to_f64().unwrap_or(f64::MAX));
    if approximate.abs() > 1e300 {
        return Err(RuntimeError::new("value overflows numeric format"));
    }
    let digits = if approximate == 0.0 { 0.0 } else { approximate.abs().log10() };
    let places = (16 - digits as i64).max(16).max(scale(a)).max(scale(b)).min(MAX_SCALE);
    if b.is_integer() {
        let exponent = b.abs().to_u32().filter(|n| *n <= 10_000);
        let Some(exponent) = exponent else { return from_double(approximate, places) };
        let mut value = BigDecimal::from(1);
        for _ in 0..exponent {
            value = (value * a).with_prec(400);
        }
        let value = if b.is_negative() { divided_at(&BigDecimal::from(1), &value, places) } else { value };
        return Ok(rounded(&value, places));
    }
    from_double(approximate, places)
}

/// A double at a scale.
pub fn from_double(value: f64, places: i64) -> Ran<BigDecimal> {
    let number =
        BigDecimal::from_f64(value).ok_or_else(|| RuntimeError::new("value overflows numeric format"))?;
    Ok(rounded(&number, places.max(0)))
}

/// The natural logarithm.
pub fn ln(a: &BigDecimal) -> Ran<BigDecimal> {
    if a.is_zero() {
        return Err(RuntimeError::failed("cannot take logarithm of zero"));
    }
    if a.is_negative() {
        return Err(RuntimeError::failed("cannot take logarithm of a negative number"));
    }
    from_double(a.to_f64().unwrap_or(f64::MAX).ln(), 16)
}

/// `round(a, places)`, half away from zero; negative places round before the point.
pub fn round(a: &BigDecimal, places: &BigDecimal) -> BigDecimal {
    let places = places.to_i64().unwrap_or(0).clamp(-2000, 2000);
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
) -> Ran<BigDecimal> {
    if !count.is_positive() {
        return Err(RuntimeError::failed("count must be greater than zero"));
    }
    if low == high {
        return Err(RuntimeError::failed("lower bound cannot equal upper bound"));
    }
    let up = low < high;
    if (up && value < low) || (!up && value > low) {
        return Ok(BigDecimal::zero());
    }
    if (up && value >= high) || (!up && value <= high) {
        return Ok(count.with_scale(0) + BigDecimal::from(1));
    }
    Ok(floor(&divided_at(&((value - low) * count), &(high - low), 30)) + BigDecimal::from(1))
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
pub fn signed_magnitude_linear(value: &BigDecimal, step: &BigDecimal) -> Ran<BigDecimal> {
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
            assert_eq!(write(&divide(&number(a), &number(b)).unwrap()).unwrap(), expected, "{a}/{b}");
        }
        assert!(divide(&number("1"), &number("0.00")).is_err());
    }

    #[test]
    fn sums_and_products_keep_scales() {
        assert_eq!(write(&add(&number("1.10"), &number("2.2"))).unwrap(), "3.30");
        assert_eq!(write(&multiply(&number("1.10"), &number("2.20"))).unwrap(), "2.4200");
        assert_eq!(write(&modulo(&number("-7"), &number("3.0")).unwrap()).unwrap(), "-1.0");
        assert_eq!(write(&power(&number("2"), &number("10")).unwrap()).unwrap(), "1024.0000000000000000");
        assert_eq!(write(&round(&number("-2.5"), &number("0"))).unwrap(), "-3");
        assert_eq!(write(&round(&number("1250"), &number("-2"))).unwrap(), "1300");
        assert_eq!(write(&number("0.00")).unwrap(), "0.00");
    }
}
