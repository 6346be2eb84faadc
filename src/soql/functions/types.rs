//! The types of SoQL in their order of preference, and the classes that signatures name.

use crate::soda::SoqlType;
use SoqlType::{
    Blob, Boolean, Datestamp, Document, Double, FixedTimestamp, FloatingTimestamp, Interval, Json, Line,
    Location, MultiLine, MultiPoint, MultiPolygon, Number, Phone, Photo, Point, Polygon, RowIdentifier,
    RowVersion, Text, Time, Url,
};

/// All types in the order of preference among overloads.
pub const PREFERENCE: [SoqlType; 24] = [
    Text,
    Number,
    Double,
    Boolean,
    FixedTimestamp,
    FloatingTimestamp,
    Datestamp,
    Time,
    Interval,
    Point,
    MultiPoint,
    Line,
    MultiLine,
    Polygon,
    MultiPolygon,
    Location,
    Url,
    RowIdentifier,
    RowVersion,
    Json,
    Document,
    Photo,
    Blob,
    Phone,
];
/// Types that have an order.
pub const ORDERED: &[SoqlType] = &[
    Text,
    Number,
    Double,
    Boolean,
    FixedTimestamp,
    FloatingTimestamp,
    Datestamp,
    Time,
    Url,
    RowIdentifier,
    RowVersion,
];
/// Types that can be told equal, and so grouped by.
pub const EQUATABLE: &[SoqlType] = &[
    Text,
    Number,
    Double,
    Boolean,
    FixedTimestamp,
    FloatingTimestamp,
    Datestamp,
    Time,
    Point,
    MultiPoint,
    Line,
    MultiLine,
    Polygon,
    MultiPolygon,
    Location,
    Url,
    RowIdentifier,
    RowVersion,
    Json,
    Photo,
    Blob,
    Phone,
];
const NUMERIC: &[SoqlType] = &[Number, Double];
const TIMESTAMP: &[SoqlType] = &[FixedTimestamp, FloatingTimestamp];
const GEOMETRY: &[SoqlType] = &[Point, MultiPoint, Line, MultiLine, Polygon, MultiPolygon];
const NOT_POLYGON: &[SoqlType] = &[Point, MultiPoint, Line, MultiLine, MultiPolygon];
const GEOMETRY_OR_LOCATION: &[SoqlType] =
    &[Point, MultiPoint, Line, MultiLine, Polygon, MultiPolygon, Location];
const POINTS: &[SoqlType] = &[Point, MultiPoint];
const LINES: &[SoqlType] = &[Line, MultiLine];
const POLYGONS: &[SoqlType] = &[Polygon, MultiPolygon];
const MINMAX: &[SoqlType] = &[
    Text,
    Number,
    Double,
    FixedTimestamp,
    FloatingTimestamp,
    Datestamp,
    Time,
    Url,
    RowIdentifier,
    RowVersion,
];
const PRINTABLE: &[SoqlType] = &[
    Text,
    Number,
    Double,
    Boolean,
    FixedTimestamp,
    FloatingTimestamp,
    Datestamp,
    Time,
    Interval,
    Point,
    MultiPoint,
    Line,
    MultiLine,
    Polygon,
    MultiPolygon,
    Location,
    Url,
    Json,
    Document,
    Photo,
    Blob,
    Phone,
];

/// A class as it stands in a signature, the words for people, and its types.
pub const CLASSES: [(&str, &str, &[SoqlType]); 14] = [
    ("A", "any", &PREFERENCE),
    ("O", "ordered", ORDERED),
    ("E", "equatable", EQUATABLE),
    ("N", "number|double", NUMERIC),
    ("T", "fixed_timestamp|floating_timestamp", TIMESTAMP),
    ("G", "geometry", GEOMETRY),
    ("H", "geometry", NOT_POLYGON),
    ("L", "geometry|location", GEOMETRY_OR_LOCATION),
    ("PT", "point|multipoint", POINTS),
    ("LN", "line|multiline", LINES),
    ("PG", "polygon|multipolygon", POLYGONS),
    ("M", "ordered, not boolean", MINMAX),
    ("P", "printable", PRINTABLE),
    ("B", "boolean", &[Boolean]),
];

/// The types of a class.
pub fn class(word: &str) -> Option<&'static [SoqlType]> {
    CLASSES.iter().find(|(letter, _, _)| *letter == word).map(|(_, _, types)| *types)
}
