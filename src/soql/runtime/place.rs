//! Places: geometry on stored GeoJSON.

use super::register::{double, shortest, string};
use super::{Ran, RuntimeError};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

type Scalar = fn(&Context<'_>) -> Ran<Value>;

/// Registers the functions about places.
pub fn register(connection: &Connection) -> Result<()> {
    for (name, arguments, function) in SCALARS {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function(*name, *arguments, flags, move |context| {
            if (0..context.len()).any(|i| context.get_raw(i) == ValueRef::Null) {
                return Ok(Value::Null);
            }
            function(context).map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))
        })?;
    }
    Ok(())
}

const SCALARS: &[(&str, i32, Scalar)] = &[
    ("soql_coordinate", 2, coordinate),
    ("soql_make_point", 2, make_point),
    ("soql_location_point", 1, location_point),
];

fn coordinate(context: &Context<'_>) -> Ran<Value> {
    let json: serde_json::Value = read(string(context, 0)?)?;
    let index = if matches!(context.get_raw(1), ValueRef::Integer(0)) { 0 } else { 1 };
    let number = json["coordinates"][index].as_f64();
    Ok(number.map_or(Value::Null, |n| Value::Text(shortest(n))))
}

fn read(text: &str) -> Ran<serde_json::Value> {
    serde_json::from_str(text).map_err(|_| RuntimeError("parse error - invalid geometry".to_owned()))
}

fn point(longitude: f64, latitude: f64) -> Value {
    let json = serde_json::json!({ "type": "Point", "coordinates": [longitude, latitude] });
    Value::Text(json.to_string())
}

fn make_point(context: &Context<'_>) -> Ran<Value> {
    Ok(point(double(context, 1)?, double(context, 0)?))
}

fn location_point(context: &Context<'_>) -> Ran<Value> {
    let json = read(string(context, 0)?)?;
    let part = |name: &str| json[name].as_str().and_then(|t| t.parse::<f64>().ok());
    Ok(part("longitude").zip(part("latitude")).map_or(Value::Null, |(x, y)| point(x, y)))
}
