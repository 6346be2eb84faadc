//! Geometries on their way through a transform: the GeoJSON of columns, with two liberties. Lines may be too short
//! and rings open until the end, as `repair_geometry` mends them; and a member `crs` behind the coordinates holds
//! the projection that they are in, when it is not WGS 84.

use super::call::{Call, failed, made, string, take, unconvertible};
use crate::shape::{self, ShapeError};
use crate::soda::value::{geometry_fault, read_unchecked_wkt};
use crate::soda::{SoqlType, Value};
use crate::transform::limits::MAX_POSITIONS;
use crate::transform::{Cell, DataError};
use geo::{CoordsIter as _, Geometry};
use serde_json::{Value as Json, json};
use std::borrow::Cow;

const CRS: &str = ",\"crs\":";

/// WKT of a text, as a geometry of the result's type.
pub fn to_geometry<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let text = string(&arguments[0]);
    match read_unchecked_wkt(call.result, text) {
        Some(read) => made(read),
        None => Err(unconvertible(text, SoqlType::Text, call.result)),
    }
}

/// The shape of a geometry.
pub fn read(value: &Value<'_>) -> Result<Geometry, Box<DataError>> {
    let geometry = shape::read(string(value)).map_err(broken)?;
    if geometry.coords_count() > MAX_POSITIONS {
        let message = format!("A geometry has at most {MAX_POSITIONS} vertices");
        return Err(failed("invalid_geometry", message, json!({})));
    }
    Ok(geometry)
}

/// What a geometry library refuses.
pub fn broken(error: ShapeError) -> Box<DataError> {
    failed(
        "invalid_geometry",
        format!("Geometry invariant violation: {error}"),
        json!({ "reason": error.to_string() }),
    )
}

/// A shape as a value.
pub fn written<'v>(geometry: &Geometry) -> Cell<'v> {
    made(shape::write(geometry))
}

/// The projection of a geometry, unless it is WGS 84.
pub fn projection_of(text: &str) -> Option<String> {
    let at = text.find(CRS)?;
    serde_json::from_str(text[at + CRS.len()..].strip_suffix('}')?).ok()
}

/// A geometry without its projection.
pub fn without_projection(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.find(CRS) {
        Some(at) => {
            let mut text = text.into_owned();
            text.truncate(at);
            text.push('}');
            Cow::Owned(text)
        }
        None => text,
    }
}

/// A geometry in a projection.
pub fn with_projection(text: Cow<'_, str>, projection: &str) -> String {
    let mut text = without_projection(text).into_owned();
    text.pop();
    text.push_str(CRS);
    text.push_str(&Json::from(projection).to_string());
    text.push('}');
    text
}

/// The same value, if it can be stored in a column.
pub fn checked<'v>(soql_type: SoqlType, text: Cow<'v, str>) -> Cell<'v> {
    match geometry_fault(soql_type, &text) {
        None => Ok(Value::Text(text)),
        Some(reason) => {
            let value: Json = serde_json::from_str(&without_projection(text)).unwrap_or(Json::Null);
            let message = format!("Geometry invariant violation: {reason}");
            Err(failed("invalid_geometry", message, json!({ "value": value, "reason": reason })))
        }
    }
}

/// A geometry at the end of its transform. Points cannot be wrong.
pub fn finished<'v>(soql_type: SoqlType, text: Cow<'v, str>) -> Cell<'v> {
    if matches!(soql_type, SoqlType::Point | SoqlType::MultiPoint) {
        return Ok(Value::Text(without_projection(text)));
    }
    match checked(soql_type, text)? {
        Value::Text(text) => Ok(Value::Text(without_projection(text))),
        other => Ok(other),
    }
}

/// A line or a polygon as the only part of its multiple.
pub fn to_multiple<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let text = take(&mut arguments[0]);
    let projection = projection_of(&text);
    let text = without_projection(text);
    let Some((_, coordinates)) = text.split_once("\"coordinates\":") else {
        return Err(broken(ShapeError::Malformed));
    };
    let coordinates = coordinates.strip_suffix('}').unwrap_or(coordinates);
    let name = crate::soda::value::geometry_name(call.result);
    let multiple = format!("{{\"type\":\"{name}\",\"coordinates\":[{coordinates}]}}");
    made(projection.map_or_else(|| multiple.clone(), |crs| with_projection(Cow::Borrowed(&multiple), &crs)))
}
