//! The data types of SoQL and their two sets of names.

/// A SoQL data type. Names and set: `SoQLType.scala` of the published reference (source).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SoqlType {
    /// Unicode text.
    Text,
    /// Exact decimal of any size; keeps its scale.
    Number,
    /// IEEE double; reached only by a cast in queries.
    Double,
    /// `true` or `false`; `checkbox` in metadata.
    Boolean,
    /// An instant, printed in UTC; `date` in metadata.
    FixedTimestamp,
    /// Local date and time without a zone; `calendar_date` in metadata.
    FloatingTimestamp,
    /// A date alone.
    Datestamp,
    /// A time of day alone.
    Time,
    /// An ISO period; never a column.
    Interval,
    /// A position, longitude first.
    Point,
    /// Several positions.
    MultiPoint,
    /// A line string.
    Line,
    /// Several line strings.
    MultiLine,
    /// A polygon with holes.
    Polygon,
    /// Several polygons.
    MultiPolygon,
    /// Latitude, longitude and a postal address; an object of strings.
    Location,
    /// A link with a description.
    Url,
    /// A reference to an uploaded file.
    Document,
    /// A reference to an uploaded picture.
    Photo,
    /// An opaque text.
    Blob,
    /// Any JSON, wrapped as `{"json": …}`.
    Json,
    /// A telephone number with its kind (old back end).
    Phone,
    /// `:id`.
    RowIdentifier,
    /// `:version`.
    RowVersion,
}

/// Every type with its SoQL name.
const NAMES: [(SoqlType, &str); 24] = [
    (SoqlType::Text, "text"),
    (SoqlType::Number, "number"),
    (SoqlType::Double, "double"),
    (SoqlType::Boolean, "boolean"),
    (SoqlType::FixedTimestamp, "fixed_timestamp"),
    (SoqlType::FloatingTimestamp, "floating_timestamp"),
    (SoqlType::Datestamp, "datestamp"),
    (SoqlType::Time, "time"),
    (SoqlType::Interval, "interval"),
    (SoqlType::Point, "point"),
    (SoqlType::MultiPoint, "multipoint"),
    (SoqlType::Line, "line"),
    (SoqlType::MultiLine, "multiline"),
    (SoqlType::Polygon, "polygon"),
    (SoqlType::MultiPolygon, "multipolygon"),
    (SoqlType::Location, "location"),
    (SoqlType::Url, "url"),
    (SoqlType::Document, "document"),
    (SoqlType::Photo, "photo"),
    (SoqlType::Blob, "blob"),
    (SoqlType::Json, "json"),
    (SoqlType::Phone, "phone"),
    (SoqlType::RowIdentifier, "row_identifier"),
    (SoqlType::RowVersion, "row_version"),
];

/// Names in metadata (`dataTypeName`) that differ from the SoQL name, and the type they mean.
/// Recorded for money, percent, stars, calendar_date, date, checkbox, email, flag and phone (a
/// public view that holds every column type); `double` is stored as a number (wire contract).
const METADATA_NAMES: [(&str, SoqlType); 14] = [
    ("calendar_date", SoqlType::FloatingTimestamp),
    ("date", SoqlType::FixedTimestamp),
    ("checkbox", SoqlType::Boolean),
    ("money", SoqlType::Number),
    ("percent", SoqlType::Number),
    ("stars", SoqlType::Number),
    ("double", SoqlType::Number),
    ("email", SoqlType::Text),
    ("flag", SoqlType::Text),
    ("html", SoqlType::Text),
    ("drop_down_list", SoqlType::Text),
    ("multiple_choice", SoqlType::Text),
    ("dataset_link", SoqlType::Text),
    ("meta_data", SoqlType::Text),
];

impl SoqlType {
    /// The SoQL name, as in `X-SODA2-Types` and in error messages.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(t, _)| *t == self).map_or("text", |(_, n)| n)
    }

    /// The type that a column's `dataTypeName` means, in lower case. SoQL names are accepted too.
    pub fn of_data_type_name(name: &str) -> Option<Self> {
        let metadata = METADATA_NAMES.iter().find(|(n, _)| *n == name).map(|(_, t)| *t);
        metadata.or_else(|| Self::of_soql_name(name))
    }

    /// The names that a definition's `dataTypeName` may have, without SoQL's synonyms for them.
    pub fn data_type_names() -> Vec<&'static str> {
        let synonyms = [Self::Boolean, Self::FloatingTimestamp, Self::FixedTimestamp];
        let internal = [Self::RowIdentifier, Self::RowVersion, Self::Interval, Self::Double];
        let soql =
            NAMES.iter().filter(|(t, _)| !synonyms.contains(t) && !internal.contains(t)).map(|(_, n)| *n);
        soql.chain(METADATA_NAMES.iter().map(|(n, _)| *n)).filter(|n| *n != "meta_data").collect()
    }

    /// The type with this SoQL name.
    pub fn of_soql_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, n)| *n == name).map(|(t, _)| *t)
    }

    /// The metadata name of a plain column of this type.
    pub fn data_type_name(self) -> &'static str {
        match self {
            Self::FloatingTimestamp => "calendar_date",
            Self::FixedTimestamp => "date",
            Self::Boolean => "checkbox",
            other => other.name(),
        }
    }

    /// Whether values are GeoJSON geometries. `location` is not one.
    pub fn is_geometry(self) -> bool {
        matches!(
            self,
            Self::Point
                | Self::MultiPoint
                | Self::Line
                | Self::MultiLine
                | Self::Polygon
                | Self::MultiPolygon
        )
    }
}
