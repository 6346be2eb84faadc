//! Which coordinates are longitudes and latitudes as they are.

use super::super::super::error::{FileError, FileErrorKey};

/// Datums whose degrees are those of WGS 84, or taken for them: NAD 83 differs by two metres at most (ours).
const READ_AS_WGS84: [&str; 8] = [
    "wgs1984",
    "wgs84",
    "northamerican1983",
    "northamericandatum1983",
    "nad83",
    "nad1983",
    "etrs1989",
    "etrs89",
];

/// Refuses coordinates of other systems than geographic ones of these datums, by name. Without a `.prj` file the
/// coordinates themselves, whose extent is given, have to be degrees.
pub(super) fn check(projection: Option<&str>, extent: [f64; 4]) -> Result<(), FileError> {
    let Some(text) = projection.map(str::trim).filter(|text| !text.is_empty()) else {
        let [west, south, east, north] = extent;
        let is_degrees = west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
        // An extent of a file without shapes is no number.
        if is_degrees || extent.iter().any(|ordinate| ordinate.is_nan()) {
            return Ok(());
        }
        return Err(refused("The shapefile has no .prj file, and its coordinates are no degrees".to_owned()));
    };
    let keyword = text.split(['[', '(']).next().unwrap_or("").trim().to_ascii_uppercase();
    let name = text.split('"').nth(1).unwrap_or(text).chars().take(100).collect::<String>();
    if !matches!(keyword.as_str(), "GEOGCS" | "GEOGCRS" | "GEODCRS") {
        return Err(refused(format!(
            "The shapefile's coordinates are those of {name}, not longitudes and latitudes"
        )));
    }
    let datum = text.split_once("DATUM").and_then(|(_, rest)| rest.split('"').nth(1)).unwrap_or("");
    let plain: String =
        datum.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let plain = plain.strip_prefix('d').filter(|rest| READ_AS_WGS84.contains(rest)).unwrap_or(&plain);
    if READ_AS_WGS84.contains(&plain) || plain == "worldgeodeticsystem1984" {
        return Ok(());
    }
    Err(refused(format!(
        "The shapefile's coordinates are those of {name} (datum {datum:?}), not of WGS 84 or NAD 83"
    )))
}

fn refused(message: String) -> FileError {
    FileError::new(
        FileErrorKey::UnsupportedProjection,
        message,
        "Make the shapefile anew in WGS 84 (EPSG:4326), with its .prj file.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: [f64; 4] = [-180.0, -90.0, 180.0, 90.0];

    #[test]
    fn degrees_of_wgs84_and_nad83_are_read() {
        for text in [
            r#"GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0]]"#,
            r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]]]"#,
            r#"GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137,298.257222101]]]"#,
            r#"GEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563]]]"#,
            " ",
        ] {
            assert_eq!(check(Some(text), WORLD), Ok(()), "{text}");
        }
        assert_eq!(check(None, WORLD), Ok(()));
        assert_eq!(check(None, [f64::NAN; 4]), Ok(()));
    }

    #[test]
    fn others_are_refused_by_name() {
        for (text, name) in [
            (r#"PROJCS["NAD83 / New York Long Island (ftUS)",GEOGCS["NAD83"]]"#, "NAD83 / New York"),
            (r#"GEOGCS["NAD27",DATUM["North_American_Datum_1927",SPHEROID["Clarke 1866"]]]"#, "NAD27"),
            (r#"LOCAL_CS["here"]"#, "here"),
            ("nonsense", "nonsense"),
        ] {
            let error = check(Some(text), WORLD).unwrap_err();
            assert_eq!(error.key, FileErrorKey::UnsupportedProjection, "{text}");
            assert!(error.message.contains(name), "{}", error.message);
        }
        assert!(check(None, [0.0, 0.0, 900_000.0, 10.0]).is_err());
    }
}
