//! Sums, averages, deviations and lines of best fit. Their sums are exact, and so as long as their numbers.

use super::fold::Fold;
use super::scales::Scales;
use super::{RuntimeError, power};
use crate::decimal;
use crate::soda::value::{POWERS, small_number};
use bigdecimal::{BigDecimal, ToPrimitive as _, Zero as _};
use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::{Value, ValueRef};

/// Bytes of the digits of a number.
fn bytes_of(number: &BigDecimal) -> usize {
    usize::try_from(number.as_bigint_and_scale().0.bits() / 8).unwrap_or(usize::MAX)
}

fn number(arguments: &Context<'_>, index: usize) -> Result<Option<BigDecimal>> {
    let text: Option<String> = arguments.get(index)?;
    Ok(text.map(|t| decimal::read(&t)).transpose()?)
}

fn text(value: BigDecimal) -> Result<Option<Value>> {
    Ok(Some(Value::Text(decimal::write(value)?)))
}

/// A sum: of short numbers in fixed point, of others exactly all the same.
#[derive(Default)]
pub struct Sum {
    count: i64,
    /// In units of the last of `scale` decimals.
    small: i128,
    scale: usize,
    /// Once there is a number, or a sum, that does not fit.
    large: Option<BigDecimal>,
    /// The decimals of the rows that are in the sum.
    scales: Scales,
}

impl Sum {
    fn change(&mut self, arguments: &Context<'_>, sign: i64) -> Result<()> {
        let ValueRef::Text(bytes) = arguments.get_raw(0) else { return Ok(()) };
        let text = std::str::from_utf8(bytes).unwrap_or("");
        self.count += sign;
        if self.large.is_none()
            && let Some((value, scale)) = small_number(text)
            && self.change_small(i128::from(value) * i128::from(sign), scale).is_some()
        {
            self.scales.change(scale, sign);
            return Ok(());
        }
        let number = decimal::read(text)?;
        self.scales.change(usize::try_from(number.fractional_digit_count()).unwrap_or(0), sign);
        let sum = self.large.take().unwrap_or_else(|| self.small_sum());
        let sum = if sign > 0 { decimal::add(&sum, &number) } else { decimal::subtract(&sum, &number) };
        self.large = Some(sum);
        Ok(())
    }

    /// None when the sum grows too large; then nothing is changed.
    fn change_small(&mut self, value: i128, scale: usize) -> Option<()> {
        let common = scale.max(self.scale);
        let sum = self.small.checked_mul(POWERS[common - self.scale])?;
        self.small = sum.checked_add(value * POWERS[common - scale])?;
        self.scale = common;
        Some(())
    }

    fn small_sum(&self) -> BigDecimal {
        BigDecimal::new(self.small.into(), i64::try_from(self.scale).unwrap_or(0))
    }

    /// At the scale of the rows that are in it, not of those that have left a window.
    fn sum(&self) -> BigDecimal {
        self.large.clone().unwrap_or_else(|| self.small_sum()).with_scale(self.scales.largest())
    }
}

impl Fold for Sum {
    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.change(arguments, 1)
    }

    fn remove(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.change(arguments, -1)
    }

    fn value(&mut self) -> Result<Option<Value>> {
        if self.count == 0 { Ok(None) } else { text(self.sum()) }
    }

    fn bytes(&self) -> usize {
        self.large.as_ref().map_or(0, bytes_of) + self.scales.bytes()
    }
}

/// The exact sum, divided with PostgreSQL's scale.
#[derive(Default)]
pub struct Average(Sum);

impl Fold for Average {
    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.0.change(arguments, 1)
    }

    fn remove(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.0.change(arguments, -1)
    }

    fn value(&mut self) -> Result<Option<Value>> {
        if self.0.count == 0 { Ok(None) } else { text(decimal::divide(&self.0.sum(), &self.0.count.into())?) }
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// The standard deviation of numbers, of all or of a sample.
#[derive(Default)]
pub struct Deviation<const SAMPLE: bool> {
    count: i64,
    sum: BigDecimal,
    squares: BigDecimal,
    scales: Scales,
}

impl<const SAMPLE: bool> Deviation<SAMPLE> {
    fn change(&mut self, arguments: &Context<'_>, sign: i64) -> Result<()> {
        if let Some(n) = number(arguments, 0)? {
            self.count += sign;
            self.sum += &n * sign;
            self.squares += &n * &n * sign;
            self.scales.change(usize::try_from(n.fractional_digit_count()).unwrap_or(0), sign);
        }
        Ok(())
    }
}

impl<const SAMPLE: bool> Fold for Deviation<SAMPLE> {
    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.change(arguments, 1)
    }

    fn remove(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.change(arguments, -1)
    }

    fn value(&mut self) -> Result<Option<Value>> {
        let divisor = self.count - i64::from(SAMPLE);
        if self.count == 0 || divisor == 0 {
            return Ok(None);
        }
        let count = BigDecimal::from(self.count);
        let numerator =
            (&count * &self.squares - &self.sum * &self.sum).with_scale(2 * self.scales.largest());
        if numerator.is_zero() {
            return Ok(Some(Value::Text("0".to_owned())));
        }
        let variance = decimal::divide(&numerator, &(count * divisor))?;
        text(power::square_root(&variance, variance.fractional_digit_count()))
    }

    fn bytes(&self) -> usize {
        bytes_of(&self.sum) + bytes_of(&self.squares) + self.scales.bytes()
    }
}

/// The slope of the line.
pub const SLOPE: u8 = 0;
/// The value at nought.
pub const INTERCEPT: u8 = 1;
/// The square of the correlation.
pub const R2: u8 = 2;

/// Least squares of `y` over `x`; the sums are exact, the result is a double.
#[derive(Default)]
pub struct Regression<const WHAT: u8> {
    count: i64,
    x: BigDecimal,
    y: BigDecimal,
    xx: BigDecimal,
    xy: BigDecimal,
    yy: BigDecimal,
}

impl<const WHAT: u8> Regression<WHAT> {
    fn change(&mut self, arguments: &Context<'_>, sign: i64) -> Result<()> {
        if let (Some(y), Some(x)) = (number(arguments, 0)?, number(arguments, 1)?) {
            self.count += sign;
            self.xx += &x * &x * sign;
            self.xy += &x * &y * sign;
            self.yy += &y * &y * sign;
            self.x += x * sign;
            self.y += y * sign;
        }
        Ok(())
    }
}

impl<const WHAT: u8> Fold for Regression<WHAT> {
    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.change(arguments, 1)
    }

    fn remove(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.change(arguments, -1)
    }

    fn value(&mut self) -> Result<Option<Value>> {
        let n = BigDecimal::from(self.count);
        let double = |d: BigDecimal| d.to_f64().unwrap_or(f64::NAN);
        let sxx = double(&n * &self.xx - &self.x * &self.x);
        let sxy = double(&n * &self.xy - &self.x * &self.y);
        let syy = double(&n * &self.yy - &self.y * &self.y);
        if self.count == 0 || sxx == 0.0 {
            return Ok(None);
        }
        let slope = sxy / sxx;
        let value = match WHAT {
            SLOPE => slope,
            INTERCEPT => {
                let (x, y) = (double(self.x.clone()), double(self.y.clone()));
                (y - slope * x) / self.count as f64
            }
            _ if syy == 0.0 => 1.0,
            _ => sxy * sxy / (sxx * syy),
        };
        if !value.is_finite() {
            return Err(RuntimeError::new("value out of range: overflow").into());
        }
        Ok(Some(Value::Text(super::argument::shortest(value))))
    }

    fn bytes(&self) -> usize {
        [&self.x, &self.y, &self.xx, &self.xy, &self.yy].into_iter().map(bytes_of).sum()
    }
}
