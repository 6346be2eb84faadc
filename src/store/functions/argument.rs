//! Arguments and results of SQL functions.

use super::held::with_memory;
use super::{Ran, RuntimeError, failure, stop};
use crate::decimal;
use crate::memory::Room;
use crate::soda::value::plain_number;
use crate::soql::bound::{Bound, MAX_TEXT};
use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::Sign;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

/// A function's name, the number of its arguments (-1: any), and what it computes.
pub type Scalar = (&'static str, i32, fn(&Context<'_>) -> Ran<Value>);

/// Characters of a number that an error shows.
const SHOWN: usize = 1000;

/// Which calls may hold memory of the share of all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// Each: of a short text, much can be made.
    Always,
    /// Those of long texts, and those of [`GROWING`].
    Large,
}

/// Functions that make long texts of short ones.
const GROWING: [&str; 3] = ["soql_replace", "soql_left_pad", "soql_right_pad"];
/// Texts of so many bytes are no long ones.
const FREE: usize = 64 * 1024;

/// Registers functions of one row. Null in, null out, but for those that have an answer for null. None
/// begins, and the result of none counts, once the read is stopped; no text that they make is longer than
/// [`MAX_TEXT`].
pub fn scalars(
    connection: &Connection,
    functions: &'static [Scalar],
    null_aware: &[&str],
    room: &Room,
    charge: Charge,
) -> Result<()> {
    for (name, arguments, function) in functions {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        let takes_null = null_aware.contains(name);
        let grows = charge == Charge::Always || GROWING.contains(name);
        let room = room.clone();
        connection.create_scalar_function(*name, *arguments, flags, move |context| {
            if !takes_null && (0..context.len()).any(|i| context.get_raw(i) == ValueRef::Null) {
                return Ok(Value::Null);
            }
            if stop::is_stopped() {
                return Err(RuntimeError::Stopped.into());
            }
            let value = if grows || texts(context) > FREE {
                with_memory(&room, || function(context))
            } else {
                function(context)
            };
            let value = value.and_then(|value| match value {
                Value::Text(text) if text.len() > MAX_TEXT => Err(RuntimeError::Bound(Bound::Text)),
                value => Ok(value),
            });
            let value = failure::keep(value.map_err(Into::into))?;
            if stop::is_stopped() { Err(RuntimeError::Stopped.into()) } else { Ok(value) }
        })?;
    }
    Ok(())
}

/// Bytes of the arguments that are texts.
fn texts(context: &Context<'_>) -> usize {
    let length = |index| match context.get_raw(index) {
        ValueRef::Text(text) => text.len(),
        _ => 0,
    };
    (0..context.len()).map(length).sum()
}

/// A text argument.
pub fn string<'a>(context: &'a Context<'_>, index: usize) -> Ran<&'a str> {
    match context.get_raw(index) {
        ValueRef::Text(bytes) => {
            std::str::from_utf8(bytes).map_err(|_| RuntimeError::new("invalid byte sequence"))
        }
        _ => Err(RuntimeError::new("a text was expected")),
    }
}

/// A number argument.
pub fn number(context: &Context<'_>, index: usize) -> Ran<BigDecimal> {
    Ok(decimal::read(string(context, index)?)?)
}

/// A number argument as a double.
pub fn double(context: &Context<'_>, index: usize) -> Ran<f64> {
    match context.get_raw(index) {
        ValueRef::Real(v) => Ok(v),
        _ => double_of(string(context, index)?),
    }
}

/// A number's text as a double.
pub fn double_of(text: &str) -> Ran<f64> {
    // What is no number, or a longer one than numbers may be, is told as for numbers.
    let number = decimal::read(text)?;
    let value: f64 = text.parse().unwrap_or(f64::NAN);
    if value.is_finite() && (value != 0.0 || number.sign() == Sign::NoSign) {
        return Ok(value);
    }
    let shown: String = plain_number(text).chars().take(SHOWN).collect();
    Err(RuntimeError::new(format!("\"{shown}\" is out of range for type double precision")))
}

/// A double as PostgreSQL casts it to a numeric: 15 significant digits.
pub fn digits15(value: f64) -> String {
    let text = format!("{value:.14e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa =
        if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    crate::soda::value::canonical_number(&format!("{mantissa}e{exponent}")).unwrap_or_else(|| shortest(value))
}

/// A decimal as a stored number.
pub fn decimal_value(value: BigDecimal) -> Ran<Value> {
    Ok(Value::Text(decimal::write(value)?))
}

/// A double as the shortest plain decimal.
pub fn shortest(value: f64) -> String {
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format(value);
    let text = text.strip_suffix(".0").unwrap_or(text);
    crate::soda::value::canonical_number(text).unwrap_or_else(|| text.to_owned())
}

/// The JSON text of an address as production prints it; none when all parts are null.
pub fn human_address(context: &Context<'_>, from: usize) -> Ran<Option<String>> {
    let mut parts = Vec::new();
    let mut any = false;
    for (index, name) in ["address", "city", "state", "zip"].iter().enumerate() {
        let null = context.get_raw(from + index) == ValueRef::Null;
        any |= !null;
        let value = if null { "" } else { string(context, from + index)? };
        parts.push(format!("\"{name}\": {}", serde_json::Value::from(value)));
    }
    Ok(any.then(|| format!("{{{}}}", parts.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::double_of;

    #[test]
    fn a_number_beyond_a_double_is_refused_as_postgresql_does() {
        for (text, value) in [
            ("0", 0.0),
            ("-0.00", 0.0),
            ("1.5", 1.5),
            ("1E-300", 1e-300),
            ("4.9406564584124654E-324", 5e-324),
            ("179769313486231570000", 179_769_313_486_231_570_000.0),
        ] {
            assert_eq!(double_of(text), Ok(value), "{text}");
        }
        let long = format!("1{}", "0".repeat(400));
        for text in [long.as_str(), "-1E400", "1E-400"] {
            let told = double_of(text).unwrap_err().to_string();
            assert!(told.ends_with("is out of range for type double precision"), "{told}");
        }
        assert!(
            double_of("1E400").unwrap_err().to_string().starts_with(&format!("\"{long}\"")),
            "in plain digits"
        );
    }
}
