//! The formats of uploads.

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// An array of rows, or one object.
    Json,
    /// Comma-separated values with a header line.
    Csv,
    /// Tab-separated values with a header line.
    Tsv,
    /// A FeatureCollection.
    GeoJson,
    /// One row as `application/x-www-form-urlencoded`.
    Form,
}

impl BodyFormat {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::GeoJson => "GeoJSON",
            Self::Form => "form",
        }
    }

    /// The Content-Type that says so.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Tsv => "text/tab-separated-values",
            Self::GeoJson => "application/vnd.geo+json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }

    /// Whether it has lines of cells under a header.
    pub fn has_cells(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }

    /// Whether values are JSON values.
    pub fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::GeoJson)
    }
}
