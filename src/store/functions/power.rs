//! Powers, roots and logarithms with as many digits as PostgreSQL gives, all of them right (checked
//! against PostgreSQL 15).
//!
//! Logarithms and exponentials are worked out in fixed point: whole numbers in units of a negative power
//! of two, with some more digits than the result has.

use super::stop::is_stopped;
use super::{Ran, RuntimeError};
use crate::decimal::{DecimalError, MAX_ROUNDED, MIN_DIGITS, divided_at, rounded, ten_to};
use crate::soql::bound::{MAX_SCALE, MAX_WHOLE};
use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, One as _, Signed as _, ToPrimitive as _, Zero as _};

/// An exponent of e beyond this gives too large a number, or nought (PostgreSQL).
const MAX_EXPONENT: f64 = 6000.0;
/// Decimal digits that are worked out beyond those of the result.
const GUARD: i64 = 12;

/// `a ^ b`: exactly rounded; sixteen digits or more.
pub fn power(a: &BigDecimal, b: &BigDecimal) -> Ran<BigDecimal> {
    if a.is_zero() && b.is_negative() {
        return Err(RuntimeError::failed("zero raised to a negative power is undefined"));
    }
    if b.is_integer()
        && let Some(exponent) = b.to_i32()
    {
        return whole_power(a, exponent);
    }
    if a.is_zero() {
        return Ok(BigDecimal::new(BigInt::zero(), MIN_DIGITS));
    }
    if a.is_negative() && !b.is_integer() {
        return Err(RuntimeError::failed(
            "a negative number raised to a non-integer power yields a complex result",
        ));
    }
    let odd = a.is_negative() && b.with_scale(0).as_bigint_and_exponent().0.bit(0);
    let result = exponential_power(&a.abs(), b)?;
    Ok(if odd { -result } else { result })
}

/// By squaring, with as many digits as the result needs.
fn whole_power(base: &BigDecimal, exponent: i32) -> Ran<BigDecimal> {
    let places = MIN_DIGITS.max(base.fractional_digit_count()).min(MAX_ROUNDED);
    match exponent {
        0 => return Ok(BigDecimal::new(ten_to(places), places)),
        1 => return Ok(rounded(base, places)),
        -1 => return Ok(divided_at(&BigDecimal::one(), base, places)),
        2 => return Ok(rounded(&(base * base), places)),
        _ if base.is_zero() => return Ok(BigDecimal::new(BigInt::zero(), places)),
        _ => {}
    }
    let digits = f64::from(exponent) * decimal_logarithm(base);
    if digits > MAX_WHOLE as f64 {
        return Err(DecimalError::Overflow.into());
    }
    if digits + 1.0 < -places as f64 {
        return Ok(BigDecimal::new(BigInt::zero(), places));
    }
    let significant = 1 + places + digits.abs() as i64 + GUARD + i64::from(exponent).abs().ilog10() as i64;
    let cut = |value: BigDecimal| value.with_prec(u64::try_from(significant).unwrap_or(1));
    let (mut left, mut square) = (exponent.unsigned_abs(), cut(base.clone()));
    let mut product = BigDecimal::one();
    loop {
        if left & 1 == 1 {
            product = cut(&product * &square);
        }
        left >>= 1;
        if left == 0 {
            break;
        }
        if is_stopped() {
            return Err(RuntimeError::Stopped);
        }
        square = cut(square.square());
    }
    Ok(if exponent < 0 {
        divided_at(&BigDecimal::one(), &product, places)
    } else {
        rounded(&product, places)
    })
}

/// The logarithm to the base ten of a number's size, about.
fn decimal_logarithm(value: &BigDecimal) -> f64 {
    let leading = value.abs().with_prec(17);
    let (digits, scale) = leading.into_bigint_and_exponent();
    digits.to_f64().unwrap_or(f64::MAX).log10() - scale as f64
}

/// `e ^ (b * ln a)` of a positive number.
fn exponential_power(a: &BigDecimal, b: &BigDecimal) -> Ran<BigDecimal> {
    let size = logarithm_size(a);
    let estimate = (logarithm(a, 8 - size + GUARD) * b).to_f64().unwrap_or(f64::INFINITY);
    if estimate >= MAX_EXPONENT {
        return Err(DecimalError::Overflow.into());
    }
    if estimate <= -MAX_EXPONENT {
        return Ok(BigDecimal::new(BigInt::zero(), MAX_ROUNDED));
    }
    let whole = (estimate * std::f64::consts::LOG10_E) as i64;
    let scale = a.fractional_digit_count().max(b.fractional_digit_count());
    let places = (MIN_DIGITS - whole).max(scale).clamp(0, MAX_ROUNDED);
    let significant = (places + whole).max(0) + GUARD;
    let factor = b.digits() as i64 - b.fractional_digit_count();
    let exponent = logarithm(a, significant + factor.max(0) + GUARD) * b;
    Ok(exponential(&exponent, places))
}

/// The natural logarithm.
pub fn ln(a: &BigDecimal) -> Ran<BigDecimal> {
    if a.is_zero() {
        return Err(RuntimeError::failed("cannot take logarithm of zero"));
    }
    if a.is_negative() {
        return Err(RuntimeError::failed("cannot take logarithm of a negative number"));
    }
    let places = (MIN_DIGITS - logarithm_size(a)).max(a.fractional_digit_count()).clamp(0, MAX_ROUNDED);
    Ok(rounded(&logarithm(a, places + GUARD), places))
}

/// The place of a logarithm's highest digit, nought for units (PostgreSQL's estimate).
fn logarithm_size(a: &BigDecimal) -> i64 {
    let tenth = BigDecimal::new(1.into(), 1);
    let distance = a - BigDecimal::one();
    if distance.abs() > tenth {
        return (decimal_logarithm(a) * std::f64::consts::LN_10).abs().log10() as i64;
    }
    if distance.is_zero() { 0 } else { distance.digits() as i64 - 1 - distance.fractional_digit_count() }
}

/// The natural logarithm of a positive number, true to so many places.
fn logarithm(a: &BigDecimal, places: i64) -> BigDecimal {
    let bits = bits_of(places);
    let (digits, scale) = a.as_bigint_and_exponent();
    let (numerator, denominator) = (digits * ten_to(-scale), ten_to(scale));
    // a = m * 2 ^ shift, and m lies near one.
    let mut shift = numerator.bits() as i64 - denominator.bits() as i64;
    let one = BigInt::one() << bits;
    let mut near = scaled(numerator, bits as i64 - shift) / denominator;
    if &near * 3 > &one * 4 {
        near >>= 1;
        shift += 1;
    } else if &near * 3 < &one * 2 {
        near <<= 1;
        shift -= 1;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)).
    let ratio = ((&near - &one) << bits) / (&near + &one);
    let value = artanh(ratio, bits) * 2 + ln_2(bits) * shift;
    to_decimal(value, bits, places)
}

fn scaled(value: BigInt, bits: i64) -> BigInt {
    if bits < 0 { value >> bits.unsigned_abs() } else { value << bits.unsigned_abs() }
}

/// Binary places that hold so many decimal ones, and a machine word more.
fn bits_of(places: i64) -> u64 {
    u64::try_from(places).unwrap_or(0) * 10 / 3 + 64
}

fn to_decimal(value: BigInt, bits: u64, places: i64) -> BigDecimal {
    BigDecimal::new((value * ten_to(places)) >> bits, places.max(0))
}

/// The sum of x^n / n over odd n.
fn artanh(x: BigInt, bits: u64) -> BigInt {
    let square = (&x * &x) >> bits;
    let (mut term, mut sum, mut n) = (x.clone(), x, 1);
    while !term.is_zero() && !is_last(&term) {
        term = (term * &square) >> bits;
        n += 2;
        sum += &term / n;
    }
    sum
}

/// Shifting a negative number rounds down, so that a term ends at minus one.
fn is_last(term: &BigInt) -> bool {
    *term == BigInt::from(-1)
}

fn ln_2(bits: u64) -> BigInt {
    artanh((BigInt::one() << bits) / 3, bits) * 2
}

/// `e ^ x`, rounded to so many places.
fn exponential(x: &BigDecimal, places: i64) -> BigDecimal {
    // Halvings of the argument, which are squared away at the end; each one costs a digit at most.
    const HALVINGS: u64 = 16;
    let doublings = (x.to_f64().unwrap_or(0.0) / std::f64::consts::LN_2).floor() as i64;
    let bits = bits_of(places + GUARD) + u64::try_from(doublings).unwrap_or(0) + HALVINGS;
    let (digits, scale) = x.as_bigint_and_exponent();
    let fixed = ((digits * ten_to(-scale)) << bits) / ten_to(scale);
    // The constant is multiplied, so it has more digits.
    let rest = fixed - ((ln_2(bits + 32) * doublings) >> 32u32);
    let small = rest >> HALVINGS;
    let one = BigInt::one() << bits;
    let (mut term, mut sum, mut n) = (one.clone(), one, 0);
    while !term.is_zero() && !is_last(&term) {
        n += 1;
        term = ((term * &small) >> bits) / n;
        sum += &term;
    }
    for _ in 0..HALVINGS {
        sum = (&sum * &sum) >> bits;
    }
    let value = scaled(sum * ten_to(places) * 2, doublings);
    BigDecimal::new((value + (BigInt::one() << bits)) >> (bits + 1), places)
}

/// The square root of no negative number, rounded to so many places.
pub fn square_root(value: &BigDecimal, places: i64) -> BigDecimal {
    // One place more tells which way to round.
    let (digits, _) = value.with_scale(2 * (places.min(MAX_SCALE) + 1)).into_bigint_and_exponent();
    rounded(&BigDecimal::new(digits.sqrt(), places + 1), places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::{read, write};

    fn number(text: &str) -> BigDecimal {
        read(text).unwrap()
    }

    #[test]
    fn logarithms_have_postgresqls_digits() {
        for (source, expected) in [
            ("1", "0.0000000000000000"),
            ("2", "0.6931471805599453"),
            ("10", "2.3025850929940457"),
            ("0.5", "-0.6931471805599453"),
            ("12345.678", "9.4210613212918320"),
            ("1.00000001", "0.000000009999999950000000"),
            ("1e100", "230.25850929940457"),
            ("1e-30", "-69.077552789821370520539743640531"),
            ("1.50000", "0.4054651081081644"),
        ] {
            let expected = crate::soda::value::canonical_number(expected).unwrap();
            assert_eq!(write(ln(&number(source)).unwrap()).unwrap(), expected, "ln({source})");
        }
        assert!(ln(&number("0")).is_err() && ln(&number("-1")).is_err());
    }

    #[test]
    fn powers_have_postgresqls_digits() {
        for (a, b, expected) in [
            ("2", "10", "1024.0000000000000000"),
            ("2.5", "0.5", "1.5811388300841897"),
            ("2", "-3", "0.1250000000000000"),
            ("1.1", "100.0", "13780.6123398222701841"),
            ("10.0", "20", "100000000000000000000.0000000000000000"),
            ("0.1", "30", "0.0000000000000000"),
            ("1.00001", "100000.5", "2.7182818284816974"),
            ("0", "0", "1.0000000000000000"),
            ("0", "2.5", "0.0000000000000000"),
            ("-8.0", "3.0", "-512.0000000000000000"),
            ("0.5", "1000000", "0.0000000000000000"),
        ] {
            assert_eq!(write(power(&number(a), &number(b)).unwrap()).unwrap(), expected, "{a} ^ {b}");
        }
        let digits = power(&number("2"), &number("100000")).unwrap().with_scale(0).digits();
        assert_eq!(digits, 30_103);
        for (a, b) in [("2", "1000000"), ("10", "1e30"), ("1.5", "1e9"), ("7", "7000.5"), ("1e131071", "2")] {
            let written = power(&number(a), &number(b)).and_then(|value| Ok(write(value)?));
            assert_eq!(written, Err(DecimalError::Overflow.into()), "{a} ^ {b}");
        }
    }

    #[test]
    fn roots_are_rounded() {
        for (value, places, expected) in [("2", 16, "1.4142135623730950"), ("2", 0, "1"), ("0.25", 2, "0.50")]
        {
            assert_eq!(write(square_root(&number(value), places)).unwrap(), expected, "{value}");
        }
    }
}
