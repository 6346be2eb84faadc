//! Kinds of files, and how an upload says which it is.

/// A kind of file whose rows can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// Text with commas, or with the separator of the parse options.
    Csv,
    /// Text with tabs.
    Tsv,
    /// A workbook of Excel since 2007.
    Xlsx,
    /// A workbook of Excel before.
    Xls,
    /// A FeatureCollection or a Feature.
    GeoJson,
    /// Placemarks.
    Kml,
    /// Zipped KML.
    Kmz,
    /// Zipped `.shp`, `.dbf` and `.prj`.
    Shapefile,
}

/// Content types (what socrata-py and the PowerShell client send, and the registered names) and kinds.
const CONTENT_TYPES: [(&str, FileKind); 11] = [
    ("text/csv", FileKind::Csv),
    ("text/tab-separated-values", FileKind::Tsv),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", FileKind::Xlsx),
    ("application/vnd.ms-excel", FileKind::Xls),
    ("application/vnd.geo+json", FileKind::GeoJson),
    ("application/geo+json", FileKind::GeoJson),
    ("application/vnd.google-earth.kml+xml", FileKind::Kml),
    ("application/vnd.google-earth.kmz", FileKind::Kmz),
    ("application/zip", FileKind::Shapefile),
    ("application/x-zip-compressed", FileKind::Shapefile),
    ("application/json", FileKind::GeoJson),
];

/// Ends of file names and kinds.
const EXTENSIONS: [(&str, FileKind); 10] = [
    ("csv", FileKind::Csv),
    ("tsv", FileKind::Tsv),
    ("tab", FileKind::Tsv),
    ("xlsx", FileKind::Xlsx),
    ("xls", FileKind::Xls),
    ("geojson", FileKind::GeoJson),
    ("json", FileKind::GeoJson),
    ("kml", FileKind::Kml),
    ("kmz", FileKind::Kmz),
    ("zip", FileKind::Shapefile),
];

impl FileKind {
    /// The kind that a content type says, whatever its parameters are; if it says none, as
    /// `application/octet-stream`, the kind of the file name's extension (ours). None for a file that can only be
    /// kept as a blob.
    pub fn of(content_type: Option<&str>, file_name: Option<&str>) -> Option<Self> {
        let find = |table: &[(&str, Self)], name: &str| {
            table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind)
        };
        let media_type = content_type.and_then(|text| text.split(';').next()).map(str::trim);
        let by_type = media_type.and_then(|name| find(&CONTENT_TYPES, name));
        by_type.or_else(|| find(&EXTENSIONS, file_name?.rsplit_once('.')?.1))
    }

    /// Its usual content type.
    pub fn content_type(self) -> &'static str {
        CONTENT_TYPES
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("application/octet-stream", |(name, _)| name)
    }

    /// Its name in sentences.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Xlsx => "XLSX",
            Self::Xls => "XLS",
            Self::GeoJson => "GeoJSON",
            Self::Kml => "KML",
            Self::Kmz => "KMZ",
            Self::Shapefile => "shapefile",
        }
    }

    /// Whether the parse options hold for it; files of places have none.
    pub fn has_parse_options(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Xlsx | Self::Xls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_decides_and_then_the_name() {
        for (content_type, name, kind) in [
            (Some("text/csv; charset=utf-8"), Some("a.tsv"), Some(FileKind::Csv)),
            (Some("TEXT/CSV"), None, Some(FileKind::Csv)),
            (Some("application/octet-stream"), Some("a.KML"), Some(FileKind::Kml)),
            (None, Some("b.c.zip"), Some(FileKind::Shapefile)),
            (None, Some("csv"), None),
            (Some("image/png"), Some("a.png"), None),
            (None, None, None),
        ] {
            assert_eq!(FileKind::of(content_type, name), kind, "{content_type:?} {name:?}");
        }
    }
}
