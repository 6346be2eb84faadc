//! Aggregates that SQLite lacks or does not compute exactly; all of them work over windows too.

use super::collation::compare_texts;
use super::scales::Scales;
use super::{Ran, RuntimeError, decimal, failure::keep, nodes, place, power, shape, stop};
use crate::soda::SoqlType;
use crate::soda::value::{POWERS, small_number};
use bigdecimal::{BigDecimal, ToPrimitive as _, Zero as _};
use geo::{BoundingRect as _, Geometry, Rect};
use rusqlite::functions::{Aggregate, Context, FunctionFlags, WindowAggregate};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};
use std::collections::VecDeque;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// What an aggregate remembers of its rows.
trait Fold: Default + Send + UnwindSafe + RefUnwindSafe + 'static {
    /// Takes a row in.
    fn add(&mut self, arguments: &Context<'_>) -> Result<()>;
    /// Takes a row out of a window.
    fn remove(&mut self, arguments: &Context<'_>) -> Result<()>;
    /// The result so far.
    fn value(&mut self) -> Ran<Option<Value>>;
}

struct Folding<F>(PhantomData<fn() -> F>);

/// The switch is looked at for each row: a row may be long.
fn go_on() -> Result<()> {
    if stop::is_stopped() { Err(RuntimeError::Stopped.into()) } else { Ok(()) }
}

impl<F: Fold> Aggregate<F, Option<Value>> for Folding<F> {
    fn init(&self, _: &mut Context<'_>) -> Result<F> {
        Ok(F::default())
    }

    fn step(&self, arguments: &mut Context<'_>, fold: &mut F) -> Result<()> {
        go_on()?;
        keep(fold.add(arguments))
    }

    fn finalize(&self, _: &mut Context<'_>, fold: Option<F>) -> Result<Option<Value>> {
        fold.map_or(Ok(None), |mut f| keep(f.value().map_err(Into::into)))
    }
}

impl<F: Fold> WindowAggregate<F, Option<Value>> for Folding<F> {
    fn value(&self, fold: Option<&mut F>) -> Result<Option<Value>> {
        fold.map_or(Ok(None), |f| keep(f.value().map_err(Into::into)))
    }

    fn inverse(&self, arguments: &mut Context<'_>, fold: &mut F) -> Result<()> {
        go_on()?;
        keep(fold.remove(arguments))
    }
}

/// Registers the aggregates.
pub fn register(connection: &Connection) -> Result<()> {
    fn one<F: Fold>(connection: &Connection, name: &str, arguments: i32) -> Result<()> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_window_function(name, arguments, flags, Folding::<F>(PhantomData))
    }
    one::<Sum>(connection, "soql_sum", 1)?;
    one::<Average>(connection, "soql_avg", 1)?;
    one::<Deviation<false>>(connection, "soql_stddev_pop", 1)?;
    one::<Deviation<true>>(connection, "soql_stddev_samp", 1)?;
    one::<Regression<SLOPE>>(connection, "soql_regr_slope", 2)?;
    one::<Regression<INTERCEPT>>(connection, "soql_regr_intercept", 2)?;
    one::<Regression<R2>>(connection, "soql_regr_r2", 2)?;
    one::<DoubleDeviation<false>>(connection, "soql_double_stddev_pop", 1)?;
    one::<DoubleDeviation<true>>(connection, "soql_double_stddev_samp", 1)?;
    one::<Extent>(connection, "soql_extent", 1)?;
    one::<Union<Points>>(connection, "soql_union_points", 1)?;
    one::<Union<Lines>>(connection, "soql_union_lines", 1)?;
    one::<Union<Polygons>>(connection, "soql_union_polygons", 1)?;
    one::<Median>(connection, "soql_median", 2)
}

fn number(arguments: &Context<'_>, index: usize) -> Result<Option<BigDecimal>> {
    let text: Option<String> = arguments.get(index)?;
    Ok(text.map(|t| decimal::read(&t)).transpose()?)
}

fn text(value: BigDecimal) -> Ran<Option<Value>> {
    Ok(Some(Value::Text(decimal::write(value)?)))
}

/// A sum: of short numbers in fixed point, of others exactly all the same.
#[derive(Default)]
struct Sum {
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

    fn value(&mut self) -> Ran<Option<Value>> {
        if self.count == 0 { Ok(None) } else { text(self.sum()) }
    }
}

#[derive(Default)]
struct Average(Sum);

impl Fold for Average {
    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.0.change(arguments, 1)
    }

    fn remove(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.0.change(arguments, -1)
    }

    fn value(&mut self) -> Ran<Option<Value>> {
        if self.0.count == 0 { Ok(None) } else { text(decimal::divide(&self.0.sum(), &self.0.count.into())?) }
    }
}

#[derive(Default)]
struct Deviation<const SAMPLE: bool> {
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

    fn value(&mut self) -> Ran<Option<Value>> {
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
}

const SLOPE: u8 = 0;
const INTERCEPT: u8 = 1;
const R2: u8 = 2;

/// Least squares of `y` over `x`; the sums are exact, the result is a double.
#[derive(Default)]
struct Regression<const WHAT: u8> {
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

    fn value(&mut self) -> Ran<Option<Value>> {
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
        Ok(Some(Value::Text(super::register::shortest(value))))
    }
}

/// The middle value: of numbers interpolated, as a double is; of other values the lower one.
///
/// Values are sorted when the result is asked for, so that a large group is sorted once.
#[derive(Default)]
struct Median {
    soql_type: Option<SoqlType>,
    state: Sorted,
}

#[derive(Default)]
struct Sorted {
    sorted: Vec<Value>,
    /// Values that came since.
    new: Vec<Value>,
}

impl Sorted {
    fn settle(&mut self, soql_type: SoqlType) {
        match self.new.len() {
            0 => {}
            // A window moves by one row at a time.
            1 => {
                for value in self.new.drain(..) {
                    let at = self.sorted.partition_point(|v| order(soql_type, v, &value).is_le());
                    self.sorted.insert(at, value);
                }
            }
            _ => {
                self.sorted.append(&mut self.new);
                self.sorted.sort_by(|a, b| order(soql_type, a, b));
            }
        }
    }
}

fn order(soql_type: SoqlType, a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => compare_texts(soql_type, a, b),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Real(a), Value::Real(b)) => a.total_cmp(b),
        _ => std::cmp::Ordering::Equal,
    }
}

impl Median {
    fn soql_type(&self) -> SoqlType {
        self.soql_type.unwrap_or(SoqlType::Text)
    }
}

impl Fold for Median {
    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        let value: Value = arguments.get(1)?;
        if value != Value::Null {
            if self.soql_type.is_none() {
                self.soql_type = arguments.get_raw(0).as_str().ok().and_then(SoqlType::of_soql_name);
            }
            self.state.new.push(value);
        }
        Ok(())
    }

    fn remove(&mut self, arguments: &Context<'_>) -> Result<()> {
        let value: Value = arguments.get(1)?;
        let (soql_type, state) = (self.soql_type(), &mut self.state);
        state.settle(soql_type);
        let at = state.sorted.partition_point(|v| order(soql_type, v, &value).is_lt());
        if value != Value::Null && at < state.sorted.len() {
            state.sorted.remove(at);
        }
        Ok(())
    }

    fn value(&mut self) -> Ran<Option<Value>> {
        let soql_type = self.soql_type();
        self.state.settle(soql_type);
        let state = &self.state;
        let Some(last) = state.sorted.len().checked_sub(1) else { return Ok(None) };
        let (low, high) = (&state.sorted[last / 2], &state.sorted[last.div_ceil(2)]);
        Ok(Some(match (low, high) {
            (Value::Text(a), Value::Text(b)) if soql_type == SoqlType::Number => {
                let double = |t: &str| t.parse::<f64>().unwrap_or(f64::NAN);
                let (a, b) = (double(a), double(b));
                Value::Text(super::register::digits15(if last % 2 == 1 { a + (b - a) / 2.0 } else { a }))
            }
            (Value::Real(a), Value::Real(b)) if last % 2 == 1 => Value::Real(a + (b - a) / 2.0),
            _ => low.clone(),
        }))
    }
}

/// The standard deviation of doubles.
#[derive(Default)]
struct DoubleDeviation<const SAMPLE: bool> {
    count: i64,
    sum: f64,
    squares: f64,
}

impl<const SAMPLE: bool> DoubleDeviation<SAMPLE> {
    fn change(&mut self, arguments: &Context<'_>, sign: i64) -> Result<()> {
        if let Some(n) = arguments.get::<Option<f64>>(0)? {
            self.count += sign;
            self.sum += n * sign as f64;
            self.squares += n * n * sign as f64;
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

    fn value(&mut self) -> Ran<Option<Value>> {
        let divisor = self.count - i64::from(SAMPLE);
        if self.count == 0 || divisor == 0 {
            return Ok(None);
        }
        let count = self.count as f64;
        let variance = (count * self.squares - self.sum * self.sum) / (count * divisor as f64);
        Ok(Some(Value::Real(variance.max(0.0).sqrt())))
    }
}

/// The bounding box of all shapes. Boxes leave a window in the order in which they came.
#[derive(Default)]
struct Extent(VecDeque<Option<Rect>>);

impl Fold for Extent {
    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.0.push_back(shape_of(arguments)?.and_then(|g| g.bounding_rect()));
        Ok(())
    }

    fn remove(&mut self, _: &Context<'_>) -> Result<()> {
        self.0.pop_front();
        Ok(())
    }

    fn value(&mut self) -> Ran<Option<Value>> {
        let mut boxes = self.0.iter().flatten();
        let Some(first) = boxes.next() else { return Ok(None) };
        let (mut min, mut max) = (first.min(), first.max());
        for next in boxes {
            (min.x, min.y) = (min.x.min(next.min().x), min.y.min(next.min().y));
            (max.x, max.y) = (max.x.max(next.max().x), max.y.max(next.max().y));
        }
        Ok(Some(Value::Text(shape::write(&place::box_polygon(min, max)))))
    }
}

fn shape_of(arguments: &Context<'_>) -> Result<Option<Geometry>> {
    match arguments.get_raw(0) {
        ValueRef::Text(t) => Ok(Some(shape::read(std::str::from_utf8(t).unwrap_or(""))?)),
        _ => Ok(None),
    }
}

/// What kind of shapes a union is of.
trait Uniting: Send + UnwindSafe + RefUnwindSafe + 'static {
    fn unite(shapes: Vec<Geometry>) -> Ran<Geometry>;
}

struct Points;
struct Lines;
struct Polygons;

impl Uniting for Points {
    fn unite(shapes: Vec<Geometry>) -> Ran<Geometry> {
        Ok(place::union_of_points(&shapes))
    }
}

impl Uniting for Lines {
    fn unite(shapes: Vec<Geometry>) -> Ran<Geometry> {
        nodes::union_of_lines(&shapes)
    }
}

impl Uniting for Polygons {
    fn unite(shapes: Vec<Geometry>) -> Ran<Geometry> {
        place::union_of_polygons(shapes)
    }
}

/// The union of a group's shapes. They leave a window in the order in which they came.
struct Union<U>(VecDeque<Option<Geometry>>, PhantomData<fn() -> U>);

impl<U> Default for Union<U> {
    fn default() -> Self {
        Self(VecDeque::new(), PhantomData)
    }
}

impl<U: Uniting> Fold for Union<U> {
    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        self.0.push_back(shape_of(arguments)?);
        Ok(())
    }

    fn remove(&mut self, _: &Context<'_>) -> Result<()> {
        self.0.pop_front();
        Ok(())
    }

    fn value(&mut self) -> Ran<Option<Value>> {
        let shapes: Vec<Geometry> = self.0.iter().flatten().cloned().collect();
        if shapes.is_empty() { Ok(None) } else { Ok(Some(Value::Text(shape::write(&U::unite(shapes)?)))) }
    }
}
