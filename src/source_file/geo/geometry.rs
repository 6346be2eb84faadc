//! Geometries of a file: their families, and their stored form.

use crate::soda::SoqlType;
use crate::soda::value::{geometry_name, read_geometry};
use std::borrow::Cow;

/// A geometry: its type and its coordinates as JSON.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Geometry {
    pub(super) soql_type: SoqlType,
    pub(super) coordinates: String,
}

/// Types that go into one column: one of a kind, and several.
pub(super) const FAMILIES: [(SoqlType, SoqlType); 3] = [
    (SoqlType::Point, SoqlType::MultiPoint),
    (SoqlType::Line, SoqlType::MultiLine),
    (SoqlType::Polygon, SoqlType::MultiPolygon),
];

/// The family of a type.
pub(super) fn family(soql_type: SoqlType) -> Option<usize> {
    FAMILIES.iter().position(|(one, several)| [*one, *several].contains(&soql_type))
}

/// The type that GeoJSON gives this name.
pub(super) fn named(name: &str) -> Option<SoqlType> {
    let all = FAMILIES.iter().flat_map(|(one, several)| [*one, *several]);
    all.into_iter().find(|soql_type| geometry_name(*soql_type) == name)
}

impl Geometry {
    /// The stored form in a column of this type, which is its own or that for several; none if it is no valid geometry.
    pub(super) fn stored(&self, soql_type: SoqlType) -> Option<String> {
        let coordinates: Cow<'_, str> = if soql_type == self.soql_type {
            self.coordinates.as_str().into()
        } else {
            format!("[{}]", self.coordinates).into()
        };
        let name = geometry_name(soql_type);
        read_geometry(soql_type, &format!("{{\"type\":\"{name}\",\"coordinates\":{coordinates}}}"))
    }
}
