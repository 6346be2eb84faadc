//! Floating-point numbers as PostgreSQL computes them: what overflows is an error, never an infinity.

use super::argument::{Scalar, double, double_of, string};
use super::fold::Fold;
use super::{Ran, RuntimeError};
use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::Value;

/// PostgreSQL's sentences (state 22003, which is passed on).
const OVERFLOW: &str = "value out of range: overflow";
const UNDERFLOW: &str = "value out of range: underflow";

/// The functions.
pub const SCALARS: &[Scalar] = &[
    ("soql_double", 1, |c| Ok(Value::Real(double_of(string(c, 0)?)?))),
    ("soql_double_add", 2, |c| pair(c, |a, b| a + b)),
    ("soql_double_subtract", 2, |c| pair(c, |a, b| a - b)),
    ("soql_double_multiply", 2, |c| {
        let (a, b) = (double(c, 0)?, double(c, 1)?);
        scaled(a * b, a != 0.0 && b != 0.0, &[a, b])
    }),
    ("soql_double_divide", 2, |c| {
        let (a, b) = (double(c, 0)?, nonzero(double(c, 1)?)?);
        scaled(a / b, a != 0.0 && b.is_finite(), &[a, b])
    }),
    ("soql_double_modulo", 2, |c| {
        let divisor = nonzero(double(c, 1)?)?;
        Ok(Value::Real(double(c, 0)? % divisor))
    }),
    ("soql_double_power", 2, |c| power(double(c, 0)?, double(c, 1)?)),
    ("soql_double_ln", 1, |c| Ok(Value::Real(ln(double(c, 0)?)?))),
    ("soql_double_ceil", 1, |c| Ok(Value::Real(double(c, 0)?.ceil()))),
    ("soql_double_floor", 1, |c| Ok(Value::Real(double(c, 0)?.floor()))),
];

/// The result of a computation with these values, which must not be infinite unless one of them is.
fn checked(result: f64, from: &[f64]) -> Ran<Value> {
    if result.is_finite() || from.iter().any(|value| !value.is_finite()) {
        return Ok(Value::Real(result));
    }
    Err(RuntimeError::new(OVERFLOW))
}

/// The same of one that must not become nought either where that is not its `exact` result.
fn scaled(result: f64, is_nonzero: bool, from: &[f64]) -> Ran<Value> {
    if result == 0.0 && is_nonzero {
        return Err(RuntimeError::new(UNDERFLOW));
    }
    checked(result, from)
}

fn pair(context: &Context<'_>, f: fn(f64, f64) -> f64) -> Ran<Value> {
    let (a, b) = (double(context, 0)?, double(context, 1)?);
    checked(f(a, b), &[a, b])
}

fn nonzero(value: f64) -> Ran<f64> {
    if value == 0.0 { Err(RuntimeError::new("division by zero")) } else { Ok(value) }
}

fn power(a: f64, b: f64) -> Ran<Value> {
    if a == 0.0 && b < 0.0 {
        return Err(RuntimeError::failed("zero raised to a negative power is undefined"));
    }
    if a < 0.0 && b.fract() != 0.0 {
        return Err(RuntimeError::failed(
            "a negative number raised to a non-integer power yields a complex result",
        ));
    }
    scaled(a.powf(b), a != 0.0, &[a, b])
}

fn ln(value: f64) -> Ran<f64> {
    match value {
        0.0 => Err(RuntimeError::failed("cannot take logarithm of zero")),
        v if v < 0.0 => Err(RuntimeError::failed("cannot take logarithm of a negative number")),
        v => Ok(v.ln()),
    }
}

/// The sum of doubles, or their average, with what rounding takes from the sum kept beside it.
#[derive(Default)]
pub struct DoubleSum<const AVERAGE: bool> {
    count: i64,
    /// Rows that are no finite number themselves.
    infinite: i64,
    sum: f64,
    lost: f64,
}

impl<const AVERAGE: bool> DoubleSum<AVERAGE> {
    fn change(&mut self, arguments: &Context<'_>, sign: i64) -> Result<()> {
        let Some(value) = arguments.get::<Option<f64>>(0)? else { return Ok(()) };
        self.count += sign;
        self.infinite += if value.is_finite() { 0 } else { sign };
        let value = value * sign as f64;
        let sum = self.sum + value;
        self.lost +=
            if self.sum.abs() > value.abs() { (self.sum - sum) + value } else { (value - sum) + self.sum };
        self.sum = sum;
        if self.infinite == 0 && !sum.is_finite() {
            return Err(RuntimeError::new(OVERFLOW).into());
        }
        Ok(())
    }
}

impl<const AVERAGE: bool> Fold for DoubleSum<AVERAGE> {
    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.change(arguments, 1)
    }

    fn remove(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.change(arguments, -1)
    }

    fn value(&mut self) -> Result<Option<Value>> {
        if self.count == 0 {
            return Ok(None);
        }
        let sum = if self.sum.is_finite() { self.sum + self.lost } else { self.sum };
        let value = if AVERAGE { sum / self.count as f64 } else { sum };
        Ok(Some(Value::Real(value)))
    }

    fn bytes(&self) -> usize {
        0
    }
}

/// The standard deviation of doubles, from the squares of distances to the average of the rows so far.
#[derive(Default)]
pub struct DoubleDeviation<const SAMPLE: bool> {
    count: i64,
    average: f64,
    squares: f64,
}

impl<const SAMPLE: bool> DoubleDeviation<SAMPLE> {
    fn change(&mut self, arguments: &Context<'_>, sign: i64) -> Result<()> {
        let Some(value) = arguments.get::<Option<f64>>(0)? else { return Ok(()) };
        self.count += sign;
        if self.count == 0 {
            *self = Self::default();
            return Ok(());
        }
        let distance = value - self.average;
        self.average += distance / self.count as f64 * sign as f64;
        self.squares += distance * (value - self.average) * sign as f64;
        if value.is_finite() && !self.squares.is_finite() {
            return Err(RuntimeError::new(OVERFLOW).into());
        }
        Ok(())
    }
}

impl<const SAMPLE: bool> Fold for DoubleDeviation<SAMPLE> {
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
        Ok(Some(Value::Real((self.squares.max(0.0) / divisor as f64).sqrt())))
    }

    fn bytes(&self) -> usize {
        0
    }
}
