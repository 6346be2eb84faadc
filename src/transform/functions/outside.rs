//! Functions that ask the world. They answer from what a seed provides, and are refused by name without it.

use super::Work::{self, Open, Refused, Strict};
use super::address::{location, parts_of};
use super::call::{Call, failed, made, string};
use super::geometry::position;
use super::shapes::{broken, read, written};
use super::{Class, Function, entry};
use crate::shape::{self, guarded};
use crate::soda::value::canonical_number;
use crate::soda::{SoqlType, Value};
use crate::transform::limits::MAX_TEXT;
use crate::transform::{Cell, DataError, Region, Surroundings};
use geo::Point;
use geo::coordinate_position::{CoordPos, CoordinatePosition as _};
use serde_json::{Value as Json, json};

const fn outside(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    overloads: &'static [(&'static str, Work)],
    needs: fn(&Surroundings) -> bool,
) -> Function {
    Function { class: Class::Outside, needs: Some(needs), ..entry(name, doc, example, overloads) }
}

pub const TABLE: &[Function] = &[
    outside(
        "geocode",
        "The place of an address: street, city, state, ZIP code, and a country if it is not the United States.",
        "geocode('1600 Pennsylvania Avenue', 'Washington', 'DC', '20500')",
        &[
            ("location -> location", Strict(geocode_location)),
            ("text text text text -> point", Open(geocode)),
            ("text text text text text -> point", Open(geocode)),
        ],
        |world| world.geocoder.is_some(),
    ),
    outside(
        "geocode_esri",
        "The place of an address as an ArcGIS server knows it.",
        "geocode_esri('1600 Pennsylvania Avenue', 'Washington', 'DC', '20500', 'https://example.com/')",
        &[
            ("text text text text text -> point", Refused),
            ("text text text text text number -> point", Refused),
            ("text text text text text text -> point", Refused),
            ("text text text text text text number -> point", Refused),
        ],
        |_| false,
    ),
    outside(
        "state_boundary",
        "The outline of a state, by its name or its two letters.",
        "state_boundary('WA')",
        &[("text -> multipolygon", Strict(state_boundary))],
        |world| world.boundaries.is_some(),
    ),
    outside(
        "county_boundary",
        "The outline of a county, by its state and its name or FIPS code; or by a FIPS code that names both.",
        "county_boundary('WA', 'King')",
        &[
            ("text -> multipolygon", Strict(|c, a| county(c, "", string(&a[0])))),
            ("text text -> multipolygon", Strict(|c, a| county(c, string(&a[0]), string(&a[1])))),
            ("text number -> multipolygon", Strict(|c, a| county(c, string(&a[0]), string(&a[1])))),
        ],
        |world| world.boundaries.is_some(),
    ),
    outside(
        "region_code",
        "The id of the region of a dataset that a point lies in.",
        "region_code(make_point(2, 3), 'hehe-hehe')",
        &[("point text -> number", Strict(region_code)), ("point text text -> number", Strict(region_code))],
        |world| world.regions.is_some(),
    ),
    outside(
        "region_code_label",
        "The label of the region of a dataset that a point lies in.",
        "region_code_label(make_point(2, 3), 'hehe-hehe', 'columnName')",
        &[("point text text -> text", Strict(|c, a| Ok(Value::from(region(c, a)?.label.clone()))))],
        |world| world.regions.is_some(),
    ),
    outside(
        "http_get",
        "What a server answers, up to 1 MB.",
        "http_get('https://example.com/some.json')",
        &[("text -> text", Strict(http_get))],
        |world| world.answers.is_some(),
    ),
    outside(
        "domain_categories",
        "The categories of the site.",
        "domain_categories()",
        &[("-> json", Open(|c, _| list(c.surroundings.categories.as_deref())))],
        |world| world.categories.is_some(),
    ),
    outside(
        "domain_licenses",
        "The licences of the site.",
        "domain_licenses()",
        &[("-> json", Open(|c, _| list(c.surroundings.licenses.as_deref())))],
        |world| world.licenses.is_some(),
    ),
];

fn list<'v>(names: Option<&[String]>) -> Cell<'v> {
    made(json!(names.unwrap_or(&[])).to_string())
}

/// The longitude and latitude of an address; the words of the error are ours.
fn place(call: &Call<'_>, parts: [&str; 4]) -> Result<Point, Box<DataError>> {
    let [address, city, state, zip] = parts;
    let found = call.surroundings.geocoder.as_ref().and_then(|table| table.place(address, city, state, zip));
    found.map(|(longitude, latitude)| Point::new(longitude, latitude)).ok_or_else(|| {
        let value = parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ");
        failed("geocode_failed", format!("Unable to geocode \"{value}\""), json!({ "value": value }))
    })
}

/// Null of nothing; a part that is null is empty.
fn geocode<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let [address, city, state, zip, country @ ..] = &*arguments else { return Ok(Value::Null) };
    if [address, city, state, zip].iter().all(|part| part.is_null()) {
        return Ok(Value::Null);
    }
    let home = ["", "us", "usa", "united states"];
    if let Some(country) = country.first().map(string).filter(|c| !home.contains(&c.to_lowercase().as_str()))
    {
        let message = format!("Unable to geocode in {country}");
        return Err(failed("geocode_failed", message, json!({ "value": country })));
    }
    written(&place(call, [address, city, state, zip].map(string))?.into())
}

fn geocode_location<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let parts = parts_of(&arguments[0]);
    let part = |name: &str| parts.get(name).and_then(Json::as_str).unwrap_or("");
    let found = place(call, [part("address"), part("city"), part("state"), part("zip")])?;
    location(&parts, Some(found))
}

fn outline<'v>(found: Option<&str>, name: &str) -> Cell<'v> {
    let missing =
        || failed("boundary_not_found", format!("There is no boundary of {name}"), json!({ "value": name }));
    let shape = shape::read(found.ok_or_else(missing)?).map_err(broken)?;
    written(&shape::multi(shape))
}

fn state_boundary<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let name = string(&arguments[0]);
    outline(call.surroundings.boundaries.as_ref().and_then(|table| table.state(name)), name)
}

fn county<'v>(call: &Call<'_>, state: &str, name: &str) -> Cell<'v> {
    outline(call.surroundings.boundaries.as_ref().and_then(|table| table.county(state, name)), name)
}

fn region<'c>(call: &'c Call<'_>, arguments: &[Value<'_>]) -> Result<&'c Region, Box<DataError>> {
    let dataset = string(&arguments[1]);
    let regions =
        call.surroundings.regions.as_ref().and_then(|regions| regions.get(dataset)).ok_or_else(|| {
            let message = format!("There are no regions of {dataset}");
            failed(
                "region_coding_error",
                format!("Failed to Region Code that value; {message}"),
                json!({ "message": message }),
            )
        })?;
    let place = position(arguments)?;
    for region in regions {
        let outline = read(&Value::from(region.outline.as_str()))?;
        if guarded(|| outline.coordinate_position(&place) != CoordPos::Outside).map_err(broken)? {
            return Ok(region);
        }
    }
    let message = "Region Coder said that point does not fall within any region";
    Err(failed("empty_region_code", message, json!({})))
}

fn region_code<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let id = &region(call, arguments)?.id;
    match canonical_number(id) {
        Some(number) => Ok(Value::from(number)),
        None => Err(super::call::unconvertible(id, SoqlType::Text, SoqlType::Number)),
    }
}

fn http_get<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let url = string(&arguments[0]);
    let answer = call.surroundings.answers.as_ref().and_then(|answers| answers.get(url));
    let bad = |why: &str| failed("http_error", format!("{why}: {url}"), json!({ "value": url }));
    let answer = answer.ok_or_else(|| bad("The server did not answer 200"))?;
    if answer.len() > MAX_TEXT.min(1024 * 1024) {
        return Err(bad("The response is larger than 1 MB"));
    }
    made(answer.clone())
}
