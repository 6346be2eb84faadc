//! Projections: proj4's definitions by `proj4rs`, and codes of EPSG by a table.

use super::Work::{Prepared as Reads, Strict};
use super::call::{Call, Prepared, failed, string, take};
use super::shapes::{broken, projection_of, read, with_projection, without_projection, written};
use super::{Class, Function, entry};
use crate::shape::guarded;
use crate::soda::Value;
use crate::transform::{Cell, DataError};
use flate2::read::GzDecoder;
use geo::{Coord, MapCoords as _};
use proj4rs::Proj;
use serde_json::json;
use std::borrow::Cow;
use std::io::Read as _;
use std::sync::LazyLock;

const fn projecting(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    overloads: &'static [(&'static str, super::Work)],
) -> Function {
    Function { class: Class::Projection, ..entry(name, doc, example, overloads) }
}

pub const TABLE: &[Function] = &[
    projecting(
        "set_projection",
        "The geometry, known to be in a projection: proj4's words or +init=epsg: and a code.",
        "reproject_to_wgs84(set_projection(to_point('POINT (30 10)'), '+init=epsg:3627'))",
        &[("g text -> g", Reads(1, prepare, set_projection))],
    ),
    projecting(
        "reproject",
        "The geometry in another projection; it is in WGS 84 unless set_projection says something else.",
        "reproject(to_point('POINT (-73.138260 40.792240)'), '+init=epsg:3627')",
        &[("g text -> g", Reads(1, prepare, reproject))],
    ),
    projecting(
        "reproject_to_wgs84",
        "The geometry in WGS 84, as maps and columns want it.",
        "reproject_to_wgs84(set_projection(to_point('POINT (372728.33 69825.25)'), '+init=epsg:3627'))",
        &[("g -> g", Strict(to_wgs84))],
    ),
];

/// A projection with the text that it was read from.
#[derive(Debug)]
pub struct Projection {
    text: String,
    definition: Proj,
}

/// Lines of a code and its definition in proj4's words, from the crate `crs-definitions` (CC0).
static EPSG: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    let table: &[u8] = include_bytes!("epsg.txt.gz");
    // The table is part of the program; a test reads it.
    let _ = GzDecoder::new(table).read_to_string(&mut text);
    text
});

const WGS84: &str = "+proj=longlat +datum=WGS84 +no_defs";

impl Projection {
    /// Reads proj4's words, `+init=epsg:N` or `EPSG:N`.
    fn parse(text: &str) -> Result<Self, String> {
        let words = text.trim();
        let lower = words.to_ascii_lowercase();
        let code = lower.strip_prefix("+init=").unwrap_or(&lower).strip_prefix("epsg:").map(str::trim);
        let words = match code {
            Some(code) => definition(code).ok_or_else(|| format!("EPSG:{code} is no known projection"))?,
            None => words,
        };
        let read = guarded(|| Proj::from_proj_string(words).map_err(|error| error.to_string()));
        match read {
            Ok(Ok(definition)) => Ok(Self { text: text.to_owned(), definition }),
            Ok(Err(why)) => Err(format!("{text} is no known projection: {why}")),
            Err(_) => Err(format!("{text} is no known projection")),
        }
    }
}

/// Whether a projection of this name, proj4's words or `EPSG:` with a code, can be read.
pub fn is_projection(text: &str) -> bool {
    Projection::parse(text).is_ok()
}

fn definition(code: &str) -> Option<&'static str> {
    let wanted: u32 = code.parse().ok()?;
    EPSG.lines().find_map(|line| {
        let (code, words) = line.split_once(' ')?;
        (code.parse() == Ok(wanted)).then_some(words)
    })
}

fn prepare(text: &str) -> Result<Prepared, String> {
    Projection::parse(text).map(|projection| Prepared::Projection(Box::new(projection)))
}

fn unusable(why: &str) -> Box<DataError> {
    failed("reprojection_error", format!("Unable to reproject: {why}"), json!({ "reason": why }))
}

enum Given<'c> {
    Known(&'c Projection),
    Read(Box<Projection>),
}

impl Given<'_> {
    fn projection(&self) -> &Projection {
        match self {
            Self::Known(projection) => projection,
            Self::Read(projection) => projection,
        }
    }
}

fn given<'c>(call: &'c Call<'_>, text: &Value<'_>) -> Result<Given<'c>, Box<DataError>> {
    match call.prepared {
        Prepared::Projection(projection) => Ok(Given::Known(projection)),
        _ => match Projection::parse(string(text)) {
            Ok(projection) => Ok(Given::Read(Box::new(projection))),
            Err(why) => Err(unusable(&why)),
        },
    }
}

fn set_projection<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let given = given(call, &arguments[1])?;
    let text = take(&mut arguments[0]);
    Ok(Value::from(with_projection(text, &given.projection().text)))
}

fn reproject<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let target = given(call, &arguments[1])?;
    let target = target.projection();
    match projected(&arguments[0], &target.definition)? {
        Value::Text(text) => Ok(Value::from(with_projection(text, &target.text))),
        other => Ok(other),
    }
}

/// Most geometries of a source are in one projection.
fn to_wgs84<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    if projection_of(string(&arguments[0])).is_none() {
        return Ok(std::mem::replace(&mut arguments[0], Value::Null));
    }
    let target = Proj::from_proj_string(WGS84).map_err(|error| unusable(&error.to_string()))?;
    projected(&arguments[0], &target)
}

fn projected<'v>(geometry: &Value<'v>, target: &Proj) -> Cell<'v> {
    let text = string(geometry);
    let source = Projection::parse(&projection_of(text).unwrap_or_else(|| WGS84.to_owned()));
    let source = source.map_err(|why| unusable(&why))?.definition;
    let shape = read(&Value::Text(without_projection(Cow::Borrowed(text))))?;
    let moved = guarded(|| {
        shape.try_map_coords(|Coord { x, y }| {
            let mut place =
                if source.is_latlong() { (x.to_radians(), y.to_radians(), 0.0) } else { (x, y, 0.0) };
            proj4rs::transform::transform(&source, target, &mut place).map_err(|error| error.to_string())?;
            let (x, y) = if target.is_latlong() {
                (place.0.to_degrees(), place.1.to_degrees())
            } else {
                (place.0, place.1)
            };
            if x.is_finite() && y.is_finite() {
                Ok(Coord { x, y })
            } else {
                Err("a position is outside".to_owned())
            }
        })
    });
    written(&moved.map_err(broken)?.map_err(|why| unusable(&why))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_codes_that_publishers_use() {
        assert!(EPSG.lines().count() > 6000);
        for code in ["4326", "4269", "3857", "2263", "2926", "26918", "32633", "3435", "2229"] {
            assert!(Projection::parse(&format!("+init=epsg:{code}")).is_ok(), "{code}");
            assert!(Projection::parse(&format!("EPSG:{code}")).is_ok(), "{code}");
        }
        for wrong in ["EPSG:1", "epsg:x", "nonsense", "+proj=nonsense", "", "+init=epsg:99999999999"] {
            assert!(Projection::parse(wrong).is_err(), "{wrong}");
        }
    }
}
