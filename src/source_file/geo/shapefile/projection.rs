//! The coordinates of a shapefile: longitudes and latitudes as they are, or another projection, which transforms read
//! from the `crs` of a geometry in proj4's words.

use super::super::super::error::{FileError, FileErrorKey};
use super::wkt::{self, Node};
use crate::transform::is_projection;

/// Datums whose degrees are those of WGS 84, or taken for them: NAD 83 differs by two metres at most (ours).
const READ_AS_WGS84: [&str; 9] = [
    "wgs1984",
    "wgs84",
    "worldgeodeticsystem1984",
    "northamerican1983",
    "northamericandatum1983",
    "nad83",
    "nad1983",
    "etrs1989",
    "etrs89",
];

/// Names of projections in a `.prj` file, and proj4's; then its parameters: names in the file, and proj4's.
const PROJECTIONS: [(&str, &str); 9] = [
    ("transversemercator", "tmerc"),
    ("gausskruger", "tmerc"),
    ("lambertconformalconic", "lcc"),
    ("lambertconformalconic1sp", "lcc"),
    ("lambertconformalconic2sp", "lcc"),
    ("albers", "aea"),
    ("albersconicequalarea", "aea"),
    ("mercator", "merc"),
    ("mercatorauxiliarysphere", "merc"),
];
const PARAMETERS: [(&str, &str); 11] = [
    ("latitude_of_origin", "lat_0"),
    ("latitude_of_center", "lat_0"),
    ("central_meridian", "lon_0"),
    ("longitude_of_center", "lon_0"),
    ("longitude_of_origin", "lon_0"),
    ("standard_parallel_1", "lat_1"),
    ("standard_parallel_2", "lat_2"),
    ("scale_factor", "k_0"),
    ("false_easting", "x_0"),
    ("false_northing", "y_0"),
    ("auxiliary_sphere_type", ""),
];

/// The projection of coordinates; none for longitudes and latitudes of WGS 84. Without a `.prj` file they have to be
/// degrees, which their extent shows.
///
/// # Errors
/// Other datums and projections are refused by name.
pub(super) fn read(text: Option<&str>, extent: [f64; 4]) -> Result<Option<String>, FileError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        let [west, south, east, north] = extent;
        let is_degrees = west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
        // An extent of a file without shapes is no number.
        if is_degrees || extent.iter().any(|ordinate| ordinate.is_nan()) {
            return Ok(None);
        }
        return Err(refused("The shapefile has no .prj file, and its coordinates are no degrees".to_owned()));
    };
    let system = wkt::read(text).ok_or_else(|| {
        let shown: String = text.chars().take(100).collect();
        refused(format!("The .prj file names no projection: {shown}"))
    })?;
    let name = system.text(0).unwrap_or("a system without a name");
    let datum = system.find("DATUM").and_then(|datum| datum.text(0)).unwrap_or("");
    let is_wgs84 = READ_AS_WGS84.contains(&plain(datum).as_str());
    match system.keyword.as_str() {
        "GEOGCS" | "GEOGCRS" | "GEODCRS" if is_wgs84 => Ok(None),
        "PROJCS" if is_wgs84 => {
            let words = code(&system).or_else(|| proj4(&system)).filter(|words| is_projection(words));
            words.map(Some).ok_or_else(|| refused(format!("The shapefile's projection {name} is not known")))
        }
        _ => Err(refused(format!(
            "The shapefile's coordinates are those of {name} (datum {datum:?}), not of WGS 84 or NAD 83"
        ))),
    }
}

/// Letters and digits of a name without ESRI's `D_` in front.
fn plain(name: &str) -> String {
    let name = name.strip_prefix("D_").unwrap_or(name);
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The code of EPSG that the system itself has.
fn code(system: &Node) -> Option<String> {
    let authority = system.child("AUTHORITY").filter(|node| node.text(0) == Some("EPSG"))?;
    let code: u32 = authority.text(1)?.parse().ok()?;
    let words = format!("EPSG:{code}");
    is_projection(&words).then_some(words)
}

/// The system in proj4's words, if its projection and all parameters are known.
fn proj4(system: &Node) -> Option<String> {
    let name = plain(system.child("PROJECTION")?.text(0)?);
    let (_, projection) = PROJECTIONS.iter().find(|(known, _)| *known == name)?;
    // Lengths are in the unit of the system.
    let metres = system.child("UNIT")?.number(1).filter(|metres| metres.is_finite() && *metres > 0.0)?;
    let mut words = format!("+proj={projection}");
    let mut has_parallel = false;
    for parameter in system.children("PARAMETER") {
        let (name, value) = (parameter.text(0)?.to_ascii_lowercase(), parameter.number(1)?);
        let (_, word) = PARAMETERS.iter().find(|(known, _)| *known == name)?;
        let (word, value) = match *word {
            "" => continue,
            "x_0" | "y_0" => (*word, value * metres),
            // Mercator's parallel is that of true scale.
            "lat_1" if *projection == "merc" => ("lat_ts", value),
            word => (word, value),
        };
        has_parallel |= word == "lat_1";
        words.push_str(&format!(" +{word}={value}"));
    }
    if *projection == "lcc" && !has_parallel {
        let latitude = words.split("+lat_0=").nth(1)?.split(' ').next()?.to_owned();
        words.push_str(&format!(" +lat_1={latitude}"));
    }
    let ellipsoid = match name.as_str() {
        // Web maps take the earth for a sphere.
        "mercatorauxiliarysphere" => "+a=6378137 +b=6378137",
        _ => "+ellps=GRS80",
    };
    words.push_str(&format!(" {ellipsoid} +towgs84=0,0,0 +to_meter={metres} +no_defs"));
    Some(words)
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
    const NAD83: &str = r#"GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;

    #[test]
    fn degrees_of_wgs84_and_nad83_are_read_as_they_are() {
        for text in [
            r#"GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0]]"#,
            r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]]]"#,
            NAD83,
            r#"GEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563]]]"#,
            " ",
        ] {
            assert_eq!(read(Some(text), WORLD), Ok(None), "{text}");
        }
        assert_eq!(read(None, WORLD), Ok(None));
        assert_eq!(read(None, [f64::NAN; 4]), Ok(None));
    }

    #[test]
    fn projections_are_told_in_the_words_of_proj4() {
        let long_island = format!(
            r#"PROJCS["NAD_1983_StatePlane_New_York_Long_Island_FIPS_3104_Feet",{NAD83},PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",984250.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-74.0],PARAMETER["Standard_Parallel_1",40.66666666666666],PARAMETER["Standard_Parallel_2",41.03333333333333],PARAMETER["Latitude_Of_Origin",40.16666666666666],UNIT["Foot_US",0.3048006096012192]]"#
        );
        let words = read(Some(&long_island), WORLD).unwrap().unwrap();
        assert!(words.starts_with("+proj=lcc +x_0=300000"), "{words}");
        assert!(
            words.contains("+lat_2=41.03333333333333") && words.contains("+to_meter=0.3048006096012192"),
            "{words}"
        );
        // A code of EPSG says all.
        let coded =
            long_island.replace("0.3048006096012192]", r#"0.3048006096012192],AUTHORITY["EPSG","2263"]"#);
        assert_eq!(read(Some(&coded), WORLD), Ok(Some("EPSG:2263".to_owned())));
        let unknown =
            long_island.replace("0.3048006096012192]", r#"0.3048006096012192],AUTHORITY["EPSG","999999"]"#);
        assert_eq!(read(Some(&unknown), WORLD), Ok(Some(words)));
        let utm = format!(
            r#"PROJCS["UTM",{NAD83},PROJECTION["Transverse_Mercator"],PARAMETER["scale_factor",0.9996],PARAMETER["central_meridian",-75],UNIT["metre",1]]"#
        );
        assert!(read(Some(&utm), WORLD).unwrap().unwrap().starts_with("+proj=tmerc +k_0=0.9996 +lon_0=-75"));
    }

    #[test]
    fn others_are_refused_by_name() {
        let odd = |projection: &str, rest: &str| {
            format!(r#"PROJCS["Odd one",{NAD83},PROJECTION["{projection}"],{rest}UNIT["metre",1]]"#)
        };
        for (text, name) in [
            (odd("Krovak", ""), "Odd one"),
            (odd("Transverse_Mercator", r#"PARAMETER["azimuth",3],"#), "Odd one"),
            (r#"PROJCS["NAD27 / UTM",GEOGCS["NAD27",DATUM["North_American_Datum_1927",SPHEROID["Clarke 1866",1,2]]]]"#.to_owned(), "NAD27"),
            (r#"GEOGCS["NAD27",DATUM["North_American_Datum_1927",SPHEROID["Clarke 1866",1,2]]]"#.to_owned(), "NAD27"),
            (r#"LOCAL_CS["here"]"#.to_owned(), "here"),
            ("nonsense".to_owned(), "nonsense"),
            ("PROJCS[".repeat(10_000), "PROJCS"),
        ] {
            let error = read(Some(&text), WORLD).unwrap_err();
            assert_eq!(error.key, FileErrorKey::UnsupportedProjection, "{text}");
            assert!(error.message.contains(name), "{}", error.message);
        }
        assert!(read(None, [0.0, 0.0, 900_000.0, 10.0]).is_err());
    }
}
