//! Arithmetic: exact, but for powers with a fraction.

use super::Work::Strict;
use super::call::{Call, decimal, double, failed, of_double, string, too_large};
use super::{Function, entry, operator};
use crate::decimal::{self as exact, divided_at, rounded};
use crate::soda::Value;
use crate::soda::value::{POWERS, canonical_number, small_number, small_text};
use crate::soql::bound::{MAX_SCALE, MAX_WHOLE};
use crate::transform::{Cell, DataError};
use bigdecimal::{BigDecimal, Signed as _, ToPrimitive as _, Zero as _};
use serde_json::json;

/// Digits of a quotient that does not end before.
const SIGNIFICANT: i64 = 28;
/// The largest exponent that is worked out exactly.
const MAX_EXPONENT: i64 = 10_000;

pub const TABLE: &[Function] = &[
    operator(
        "+",
        "a + b, +a",
        "The sum; of one number, the number itself.",
        "2.5 + 3",
        &[
            ("number number -> number", Strict(add)),
            ("number -> number", Strict(|_, a| Ok(std::mem::replace(&mut a[0], Value::Null)))),
        ],
    ),
    operator(
        "-",
        "a - b, -a",
        "The difference; of one number, its negative.",
        "4 - 2",
        &[("number number -> number", Strict(subtract)), ("number -> number", Strict(negative))],
    ),
    operator("*", "a * b", "The product.", "3 * 5", &[("number number -> number", Strict(multiply))]),
    operator(
        "/",
        "a / b",
        "The quotient, exact when it ends, else with 28 digits; an error when the second is 0.",
        "4 / 2",
        &[("number number -> number", Strict(divide))],
    ),
    operator(
        "%",
        "a % b",
        "The remainder, with the sign of the first; an error when the second is 0.",
        "5 % 2",
        &[("number number -> number", Strict(modulo))],
    ),
    operator(
        "^",
        "a ^ b",
        "The power; exact for whole exponents.",
        "2 ^ 10",
        &[("number number -> number", Strict(power))],
    ),
    entry("abs", "The number without its sign.", "abs(-5)", &[("number -> number", Strict(absolute))]),
    entry(
        "round",
        "Rounded to so many decimals, half away from zero; a negative count rounds before the point.",
        "round(513.02, -1)",
        &[("number number -> number", Strict(round))],
    ),
];

fn written<'v>(value: BigDecimal) -> Cell<'v> {
    exact::write(value).map(Value::from).map_err(|_| too_large("The number"))
}

/// Short numbers at one scale, without the arithmetic of any length.
fn short<'v>(arguments: &[Value<'_>], f: fn(i128, i128) -> i128) -> Option<Cell<'v>> {
    let (a, sa) = small_number(string(&arguments[0]))?;
    let (b, sb) = small_number(string(&arguments[1]))?;
    let scale = sa.max(sb);
    let result = f(i128::from(a) * POWERS[scale - sa], i128::from(b) * POWERS[scale - sb]);
    Some(Ok(Value::from(small_text(result, scale))))
}

fn both(arguments: &[Value<'_>]) -> Result<(BigDecimal, BigDecimal), Box<DataError>> {
    Ok((decimal(&arguments[0])?, decimal(&arguments[1])?))
}

fn add<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    if let Some(sum) = short(arguments, |a, b| a + b) {
        return sum;
    }
    let (a, b) = both(arguments)?;
    written(exact::add(&a, &b))
}

fn subtract<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    if let Some(difference) = short(arguments, |a, b| a - b) {
        return difference;
    }
    let (a, b) = both(arguments)?;
    written(exact::subtract(&a, &b))
}

fn multiply<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let small = || Some((small_number(string(&arguments[0]))?, small_number(string(&arguments[1]))?));
    if let Some(((a, sa), (b, sb))) = small()
        && sa + sb <= 20
    {
        return Ok(Value::from(small_text(i128::from(a) * i128::from(b), sa + sb)));
    }
    let (a, b) = both(arguments)?;
    written(exact::multiply(&a, &b))
}

fn by_zero() -> Box<DataError> {
    failed("division_by_zero", "Division by zero", json!({}))
}

fn divide<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let small = || Some((small_number(string(&arguments[0]))?, small_number(string(&arguments[1]))?));
    if let Some((a, b)) = small()
        && let Some(quotient) = short_quotient(a, b)
    {
        return Ok(Value::from(quotient));
    }
    let (a, b) = both(arguments)?;
    quotient(&a, &b)
}

/// The quotient of short numbers by long division, digit by digit.
fn short_quotient((a, sa): (i64, usize), (b, sb): (i64, usize)) -> Option<String> {
    let scaled = |value: i64, scale: usize| u128::from(value.unsigned_abs()) * POWERS[scale].unsigned_abs();
    let (dividend, divisor) = (scaled(a, sb.saturating_sub(sa)), scaled(b, sa.saturating_sub(sb)));
    let mut digits = dividend.checked_div(divisor)?.to_string();
    let whole = digits.len();
    let mut significant = if digits == "0" { 0 } else { whole };
    let mut rest = dividend % divisor;
    while rest > 0 && (significant as i64) < SIGNIFICANT {
        rest *= 10;
        digits.push(char::from(b'0' + (rest / divisor) as u8));
        significant += usize::from(significant > 0 || rest >= divisor);
        rest %= divisor;
    }
    // What would have to be rounded is left to the arithmetic of any length.
    if rest > 0 && rest * 10 / divisor >= 5 || significant as i64 > SIGNIFICANT {
        return None;
    }
    if digits.len() > whole {
        digits.insert(whole, '.');
        digits.truncate(digits.trim_end_matches('0').trim_end_matches('.').len());
    }
    if (a < 0) != (b < 0) && a != 0 {
        digits.insert(0, '-');
    }
    canonical_number(&digits)
}

fn quotient<'v>(a: &BigDecimal, b: &BigDecimal) -> Cell<'v> {
    if b.is_zero() {
        return Err(by_zero());
    }
    // Digits before the point, or one less.
    let before =
        (a.digits() as i64 - a.fractional_digit_count()) - (b.digits() as i64 - b.fractional_digit_count());
    let scale = (SIGNIFICANT - before).clamp(0, MAX_SCALE);
    let mut value = divided_at(a, b, scale);
    if value.digits() as i64 > SIGNIFICANT && scale > 0 {
        value = divided_at(a, b, scale - 1);
    }
    let value = value.normalized();
    written(if value.fractional_digit_count() < 0 { value.with_scale(0) } else { value })
}

fn modulo<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let (a, b) = both(arguments)?;
    if b.is_zero() {
        return Err(by_zero());
    }
    written(exact::modulo(&a, &b).map_err(|_| too_large("The number"))?)
}

fn power<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let (base, exponent) = both(arguments)?;
    let whole = exponent.is_integer().then(|| exponent.to_i64()).flatten();
    let Some(whole) = whole.filter(|whole| whole.abs() <= MAX_EXPONENT) else {
        return of_double(double(&arguments[0]).powf(double(&arguments[1])));
    };
    let digits = (base.digits() as i64).max(base.fractional_digit_count()).saturating_mul(whole.abs());
    if digits > MAX_WHOLE.min(MAX_SCALE) {
        return Err(too_large("The number"));
    }
    let value = base.powi(whole.abs());
    if whole < 0 { quotient(&BigDecimal::from(1), &value) } else { written(value) }
}

fn negative<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    written(-decimal(&arguments[0])?)
}

fn absolute<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    written(decimal(&arguments[0])?.abs())
}

/// A fraction in the number of decimals is cut off (documented).
fn round<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let (value, places) = both(arguments)?;
    let whole = places.with_scale(0);
    if whole.is_negative() {
        return written(exact::round(&value, &whole));
    }
    let places = whole.to_i64().unwrap_or(MAX_SCALE).min(MAX_SCALE);
    // No zeros are added.
    written(if places < value.fractional_digit_count() { rounded(&value, places) } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Short numbers have the quotients of long ones.
        #[test]
        fn short_quotients_are_those_of_any_length(a in "-?[0-9]{1,7}([.][0-9]{1,9})?", b in "-?[0-9]{1,5}([.][0-9]{1,9})?") {
            let (Some(small_a), Some(small_b)) = (small_number(&a), small_number(&b)) else { return Ok(()) };
            let long = quotient(&exact::read(&a).unwrap(), &exact::read(&b).unwrap());
            match short_quotient(small_a, small_b) {
                Some(short) => prop_assert_eq!(long, Ok(Value::from(short))),
                None => prop_assert!(small_b.0 == 0 || long.is_ok_and(|text| string(&text).len() > 20)),
            }
        }
    }
}
