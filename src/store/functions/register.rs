//! The names under which SQL calls the functions.

use super::argument::{Charge, Scalar, decimal_value, human_address, number, scalars, string};
use super::collation::{self, compare_texts};
use super::held::hold;
use super::{Ran, RuntimeError, aggregate, doubles, failure, power, search, text, unaccent};
use crate::memory::Room;
use crate::soda::value::{POWERS, RowIdCipher, plain_number, small_number, small_text, write_text};
use crate::soda::{self, SoqlType};
use crate::{calendar, decimal};
use bigdecimal::{BigDecimal, ToPrimitive as _};
use rusqlite::functions::Context;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

/// Registers all functions on a connection, and the collation of links. Aggregates take their memory from
/// `room`.
pub fn register(connection: &Connection, room: &Room) -> Result<()> {
    scalars(connection, SCALARS, &NULL_AWARE, room, Charge::Large)?;
    scalars(connection, doubles::SCALARS, &[], room, Charge::Large)?;
    super::place::register(connection, room)?;
    collation::register(connection)?;
    aggregate::register(connection, room)
}

/// Functions with an answer for null.
const NULL_AWARE: [&str; 6] =
    ["soql_greatest", "soql_least", "soql_url", "soql_phone", "soql_human_address", "soql_parts"];

/// A text of which one of about the same length is made, which holds memory.
fn made_of<'a>(context: &'a Context<'_>) -> Ran<&'a str> {
    let text = string(context, 0)?;
    hold(text.len())?;
    Ok(text)
}

fn integer(context: &Context<'_>, index: usize) -> Ran<i64> {
    match context.get_raw(index) {
        ValueRef::Integer(v) => Ok(v),
        // PostgreSQL rounds a numeric that stands for an integer.
        _ => decimal::round(&number(context, index)?, &BigDecimal::from(0))
            .to_i64()
            .ok_or_else(|| RuntimeError::new("integer out of range")),
    }
}

fn truth(value: bool) -> Value {
    Value::Integer(i64::from(value))
}

fn pair(context: &Context<'_>, f: fn(&BigDecimal, &BigDecimal) -> BigDecimal) -> Ran<Value> {
    decimal_value(f(&number(context, 0)?, &number(context, 1)?))
}

/// The same for short numbers, without the arithmetic of any length: at one scale.
fn short(context: &Context<'_>, f: fn(i128, i128) -> Option<i128>) -> Option<Value> {
    let (a, sa) = small_number(string(context, 0).ok()?)?;
    let (b, sb) = small_number(string(context, 1).ok()?)?;
    let scale = sa.max(sb);
    let result = f(i128::from(a) * POWERS[scale - sa], i128::from(b) * POWERS[scale - sb])?;
    Some(Value::Text(small_text(result, scale)))
}

fn short_product(context: &Context<'_>) -> Option<Value> {
    let (a, sa) = small_number(string(context, 0).ok()?)?;
    let (b, sb) = small_number(string(context, 1).ok()?)?;
    // More than 20 decimals are printed in another way.
    if sa + sb > 20 {
        return None;
    }
    Some(Value::Text(small_text(i128::from(a) * i128::from(b), sa + sb)))
}

fn try_pair<E: Into<RuntimeError>>(
    context: &Context<'_>,
    f: fn(&BigDecimal, &BigDecimal) -> std::result::Result<BigDecimal, E>,
) -> Ran<Value> {
    decimal_value(f(&number(context, 0)?, &number(context, 1)?).map_err(Into::into)?)
}

const SCALARS: &[Scalar] = &[
    ("soql_add", 2, |c| short(c, |a, b| a.checked_add(b)).map_or_else(|| pair(c, decimal::add), Ok)),
    ("soql_subtract", 2, |c| {
        short(c, |a, b| a.checked_sub(b)).map_or_else(|| pair(c, decimal::subtract), Ok)
    }),
    ("soql_multiply", 2, |c| short_product(c).map_or_else(|| pair(c, decimal::multiply), Ok)),
    ("soql_divide", 2, |c| try_pair(c, decimal::divide)),
    ("soql_modulo", 2, |c| try_pair(c, decimal::modulo)),
    ("soql_power", 2, |c| try_pair(c, power::power)),
    ("soql_round", 2, |c| pair(c, decimal::round)),
    ("soql_negate", 1, |c| decimal_value(-number(c, 0)?)),
    ("soql_abs", 1, |c| decimal_value(number(c, 0)?.abs())),
    ("soql_ceil", 1, |c| decimal_value(decimal::ceil(&number(c, 0)?))),
    ("soql_floor", 1, |c| decimal_value(decimal::floor(&number(c, 0)?))),
    ("soql_ln", 1, |c| decimal_value(power::ln(&number(c, 0)?)?)),
    ("soql_signed_magnitude_10", 1, |c| decimal_value(decimal::signed_magnitude_10(&number(c, 0)?))),
    ("soql_signed_magnitude_linear", 2, |c| try_pair(c, decimal::signed_magnitude_linear)),
    ("soql_width_bucket", 4, |c| {
        decimal_value(decimal::width_bucket(&number(c, 0)?, &number(c, 1)?, &number(c, 2)?, &number(c, 3)?)?)
    }),
    ("soql_greatest", -1, |c| extreme(c, true)),
    ("soql_least", -1, |c| extreme(c, false)),
    ("soql_concat", 2, |c| Ok(Value::Text(text::concat(string(c, 0)?, string(c, 1)?)?))),
    ("soql_like", 2, |c| Ok(truth(text::like(string(c, 0)?, string(c, 1)?)?))),
    ("soql_upper", 1, |c| Ok(Value::Text(text::upper(made_of(c)?)))),
    ("soql_lower", 1, |c| Ok(Value::Text(text::lower(made_of(c)?)))),
    ("soql_unaccent", 1, |c| Ok(Value::Text(unaccent::unaccent(made_of(c)?)?))),
    ("soql_contains", 2, |c| Ok(truth(string(c, 0)?.contains(string(c, 1)?)))),
    ("soql_replace", 3, |c| Ok(Value::Text(text::replace(string(c, 0)?, string(c, 1)?, string(c, 2)?)?))),
    ("soql_starts_with", 2, |c| Ok(truth(string(c, 0)?.starts_with(string(c, 1)?)))),
    ("soql_substring", 2, |c| Ok(Value::Text(text::substring(string(c, 0)?, integer(c, 1)?, None)?))),
    ("soql_substring", 3, |c| {
        Ok(Value::Text(text::substring(string(c, 0)?, integer(c, 1)?, Some(integer(c, 2)?))?))
    }),
    ("soql_split_part", 3, |c| {
        Ok(Value::Text(text::split_part(string(c, 0)?, string(c, 1)?, integer(c, 2)?)?))
    }),
    ("soql_left_pad", 3, |c| Ok(Value::Text(text::pad(string(c, 0)?, integer(c, 1)?, string(c, 2)?, true)?))),
    ("soql_right_pad", 3, |c| {
        Ok(Value::Text(text::pad(string(c, 0)?, integer(c, 1)?, string(c, 2)?, false)?))
    }),
    ("soql_chr", 1, |c| Ok(Value::Text(text::chr(integer(c, 0)?)?))),
    ("soql_search", 2, |c| Ok(truth(search::search(string(c, 0)?, string(c, 1)?)))),
    ("soql_trunc", 2, |c| Ok(Value::Integer(calendar::trunc(string(c, 0)?, integer(c, 1)?)?))),
    ("soql_extract", 2, |c| Ok(Value::Text(calendar::extract(string(c, 0)?, integer(c, 1)?)?))),
    ("soql_in_zone", 2, |c| Ok(Value::Integer(calendar::in_zone(integer(c, 0)?, string(c, 1)?)?))),
    ("soql_date_add", 3, |c| {
        Ok(Value::Integer(calendar::date_add(integer(c, 0)?, string(c, 1)?, integer(c, 2)?)?))
    }),
    ("soql_business_days", 2, |c| {
        Ok(Value::Text(calendar::business_days(integer(c, 0)?, integer(c, 1)?)?.to_string()))
    }),
    ("soql_epoch_seconds", 1, |c| Ok(Value::Text(calendar::epoch_seconds(integer(c, 0)?)))),
    ("soql_text", 2, as_text),
    ("soql_cast", 2, cast),
    ("soql_url", 2, |c| object(c, &["url", "description"])),
    ("soql_phone", 2, |c| object(c, &["phone_number", "phone_type"])),
    ("soql_human_address", 4, |c| Ok(human_address(c, 0)?.map_or(Value::Null, Value::Text))),
    ("soql_parts", 1, parts),
    ("soql_integer", 1, |c| Ok(Value::Integer(integer(c, 0)?))),
    ("soql_day_ms", 1, |c| Ok(Value::Integer(calendar::day_ms(string(c, 0)?)?))),
    ("soql_clock_ms", 1, |c| Ok(Value::Integer(calendar::clock_ms(string(c, 0)?)?))),
    ("soql_clock_add", 3, |c| {
        Ok(Value::Text(calendar::clock_add(string(c, 0)?, string(c, 1)?, integer(c, 2)?)?))
    }),
    ("soql_json_member", 2, json_member),
];

/// The number of parts of `ntile`. SQLite refuses one below 1 where it uses it, which is not for each row.
fn parts(context: &Context<'_>) -> Ran<Value> {
    let count = match context.get_raw(0) {
        ValueRef::Null => 0,
        _ => integer(context, 0)?,
    };
    if count < 1 {
        failure::expect(RuntimeError::failed("argument of ntile must be a positive integer"));
    }
    Ok(Value::Integer(count))
}

fn soql_type(context: &Context<'_>) -> Ran<SoqlType> {
    SoqlType::of_soql_name(string(context, 0)?).ok_or_else(|| RuntimeError::new("unknown type"))
}

/// The greatest or the least of the arguments behind the type's name; nulls do not count.
fn extreme(context: &Context<'_>, greatest: bool) -> Ran<Value> {
    let soql_type = soql_type(context)?;
    let mut best: Option<ValueRef<'_>> = None;
    for index in 1..context.len() {
        let value = context.get_raw(index);
        let Some(old) = best.filter(|_| value != ValueRef::Null) else {
            best = best.or(Some(value).filter(|v| *v != ValueRef::Null));
            continue;
        };
        let order = match (value, old) {
            (ValueRef::Text(a), ValueRef::Text(b)) => {
                let text = |bytes| std::str::from_utf8(bytes).unwrap_or("");
                compare_texts(soql_type, text(a), text(b))
            }
            (ValueRef::Integer(a), ValueRef::Integer(b)) => a.cmp(&b),
            (ValueRef::Real(a), ValueRef::Real(b)) => a.total_cmp(&b),
            _ => std::cmp::Ordering::Equal,
        };
        if order == if greatest { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less } {
            best = Some(value);
        }
    }
    Ok(best.map_or(Value::Null, Value::from_ref))
}

trait FromRef {
    fn from_ref(value: ValueRef<'_>) -> Self;
}

impl FromRef for Value {
    fn from_ref(value: ValueRef<'_>) -> Self {
        Self::try_from(value).unwrap_or(Self::Null)
    }
}

fn as_text(context: &Context<'_>) -> Ran<Value> {
    let stored = soda::Value::from(context.get_raw(1));
    thread_local!(static CIPHER: RowIdCipher = super::cast::no_cipher());
    let soql_type = soql_type(context)?;
    if let (SoqlType::Number, soda::Value::Text(number)) = (soql_type, &stored) {
        return Ok(Value::Text(plain_number(number).into_owned()));
    }
    if let soda::Value::Text(text) = &stored {
        hold(text.len())?;
    }
    let mut out = String::new();
    CIPHER.with(|cipher| write_text(soql_type, &stored, cipher, &mut out));
    Ok(Value::Text(out))
}

fn cast(context: &Context<'_>) -> Ran<Value> {
    Ok(super::cast::cast(soql_type(context)?, string(context, 1)?)?.into())
}

/// A JSON object of the arguments that are there; null when there is none.
fn object(context: &Context<'_>, names: &[&str]) -> Ran<Value> {
    let mut map = serde_json::Map::new();
    for (index, name) in names.iter().enumerate() {
        if context.get_raw(index) != ValueRef::Null {
            map.insert((*name).to_owned(), string(context, index)?.into());
        }
    }
    if map.is_empty() { Ok(Value::Null) } else { Ok(Value::Text(serde_json::Value::Object(map).to_string())) }
}

fn json_member(context: &Context<'_>) -> Ran<Value> {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(string(context, 0)?) else {
        return Ok(Value::Null);
    };
    let key = string(context, 1)?;
    let found = match &json {
        serde_json::Value::Array(items) => key.parse::<usize>().ok().and_then(|i| items.get(i)),
        serde_json::Value::Object(map) => map.get(key),
        _ => None,
    };
    Ok(found.map_or(Value::Null, |v| Value::Text(v.to_string())))
}
