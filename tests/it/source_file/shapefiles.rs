use super::archives::{packed, zip};
use super::*;
use proptest::prelude::*;

const WGS84: &str =
    r#"GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0]]"#;
const NAD83: &str = r#"GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137,298.257222101]]]"#;

fn doubles(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn ints(numbers: &[i32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// A file of shapes of this type; each is the body of a record behind its type, or none.
fn shp(shape: i32, bodies: &[Option<Vec<u8>>]) -> Vec<u8> {
    let mut out = 9994i32.to_be_bytes().to_vec();
    out.resize(28, 0);
    out.extend(ints(&[1000, shape]));
    out.extend(doubles(&[-10.0, -10.0, 10.0, 10.0]));
    out.resize(100, 0);
    for (number, body) in bodies.iter().enumerate() {
        let record = match body {
            Some(body) => [ints(&[shape]), body.clone()].concat(),
            None => ints(&[0]),
        };
        out.extend((number as u32 + 1).to_be_bytes());
        out.extend((record.len() as u32 / 2).to_be_bytes());
        out.extend(record);
    }
    out
}

/// The body of a line or a polygon of these parts.
fn parts(parts: &[&[[f64; 2]]]) -> Option<Vec<u8>> {
    let mut starts = Vec::new();
    let mut total = 0;
    for part in parts {
        starts.push(total);
        total += part.len() as i32;
    }
    let positions: Vec<f64> = parts.iter().flat_map(|part| part.iter().flatten().copied()).collect();
    let head = [doubles(&[0.0; 4]), ints(&[parts.len() as i32, total]), ints(&starts)].concat();
    Some([head, doubles(&positions)].concat())
}

/// A file of attributes: name, type and length of each field, and records with their flag in front.
fn dbf(fields: &[(&str, u8, u8)], records: &[&str]) -> Vec<u8> {
    let mut out = vec![3, 117, 1, 1];
    let length: usize = fields.iter().map(|(_, _, length)| usize::from(*length)).sum();
    out.extend((records.len() as u32).to_le_bytes());
    out.extend((fields.len() as u16 * 32 + 33).to_le_bytes());
    out.extend((length as u16 + 1).to_le_bytes());
    out.resize(32, 0);
    for (name, letter, length) in fields {
        let mut field = name.as_bytes().to_vec();
        field.resize(11, 0);
        field.extend([*letter, 0, 0, 0, 0, *length]);
        field.resize(32, 0);
        out.extend(field);
    }
    out.push(0x0D);
    for record in records {
        assert_eq!(record.chars().count(), length + 1, "{record:?}");
        out.extend(record.chars().map(|c| c as u8));
    }
    out.push(0x1A);
    out
}

fn points() -> Vec<u8> {
    shp(1, &[Some(doubles(&[-1.5, 2.0])), None, Some(doubles(&[3.0, 4.0]))])
}

fn attributes() -> Vec<u8> {
    dbf(
        &[("NAME", b'C', 6), ("Num", b'N', 5), ("WHEN", b'D', 8), ("ok", b'L', 1)],
        &[" caf\u{e9}   1.5020030527T", "       *****        ?", "*gone      920030527F"],
    )
}

fn shapefile(shapes: Vec<u8>, attributes: Vec<u8>, projection: &str) -> Vec<u8> {
    zip(&[
        packed("a/b.shp", shapes),
        packed("a/B.DBF", attributes),
        packed("a/b.prj", projection),
        packed("__MACOSX/a/._b.shp", "x"),
    ])
}

#[test]
fn attributes_stand_beside_the_geometry() {
    for projection in [WGS84, NAD83] {
        let read = read(FileKind::Shapefile, &Value::Null, shapefile(points(), attributes(), projection));
        let columns: Vec<_> =
            read.field_names.iter().map(String::as_str).zip(read.types.iter().copied()).collect();
        assert_eq!(
            columns,
            [
                ("the_geom", "point"),
                ("name", "text"),
                ("num", "number"),
                ("when", "floating_timestamp"),
                ("ok", "boolean")
            ]
        );
        // The third record was deleted.
        let null = Value::Null;
        assert_eq!(
            read.rows,
            [
                vec![
                    json!(r#"{"type":"Point","coordinates":[-1.5,2.0]}"#),
                    json!("café"),
                    json!("1.50"),
                    json!(1_053_993_600_000i64),
                    json!(1)
                ],
                vec![null.clone(), null.clone(), null.clone(), null.clone(), null],
            ]
        );
        assert_eq!(read.guessed[1].transform, "`name`");
    }
}

#[test]
fn lines_and_polygons_are_several() {
    let outer = [[0.0, 0.0], [0.0, 5.0], [5.0, 5.0], [5.0, 0.0], [0.0, 0.0]];
    let hole = [[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 1.0]];
    let other = [[7.0, 0.0], [7.0, 1.0], [8.0, 1.0], [7.0, 0.0]];
    let one = dbf(&[("A", b'C', 1)], &[" x"]);
    let read_shape = |shape, body| {
        let read =
            read(FileKind::Shapefile, &Value::Null, shapefile(shp(shape, &[body]), one.clone(), WGS84));
        let text = read.rows[0][0].as_str().unwrap().to_owned();
        (read.types[0], serde_json::from_str::<Value>(&text).unwrap()["coordinates"].clone())
    };
    let (soql_type, coordinates) = read_shape(5, parts(&[&outer, &other, &hole]));
    assert_eq!(soql_type, "multipolygon");
    assert_eq!(coordinates, json!([[outer, hole], [other]]));
    let (soql_type, coordinates) = read_shape(3, parts(&[&outer[..2], &hole[..3]]));
    assert_eq!((soql_type, coordinates), ("multiline", json!([&outer[..2], &hole[..3]])));
    // With heights, which follow and are not read.
    let (soql_type, _) = read_shape(15, parts(&[&outer]).map(|body| [body, doubles(&[0.0; 7])].concat()));
    assert_eq!(soql_type, "multipolygon");
    let several = [doubles(&[0.0; 4]), ints(&[2]), doubles(&[1.0, 2.0, 3.0, 4.0])].concat();
    assert_eq!(read_shape(8, Some(several)), ("multipoint", json!([[1.0, 2.0], [3.0, 4.0]])));
}

#[test]
fn a_shapefile_that_is_not_whole_or_contradicts_itself_is_refused() {
    let outer = [[0.0, 0.0], [0.0, 5.0], [5.0, 5.0], [0.0, 0.0]];
    let one = || dbf(&[("A", b'C', 1)], &[" x"]);
    let polygon = |body| shapefile(shp(5, &[body]), one(), WGS84);
    let mut long = parts(&[&outer]).unwrap();
    long[36..40].copy_from_slice(&i32::MAX.to_le_bytes());
    let mut negative = parts(&[&outer]).unwrap();
    negative[32..36].copy_from_slice(&(-1i32).to_le_bytes());
    let projected = r#"PROJCS["NAD83 / New York Long Island (ftUS)",GEOGCS["NAD83"]]"#;
    for (bytes, key, part) in [
        (zip(&[packed("b.shp", points())]), "incomplete_archive", ".dbf"),
        (zip(&[packed("b.dbf", one())]), "incomplete_archive", ".shp"),
        (
            zip(&[packed("a.shp", points()), packed("b.shp", points())]),
            "unparsable_file",
            "Multilayer shapefiles are not supported.",
        ),
        (shapefile(points(), attributes(), projected), "unsupported_projection", "New York Long Island"),
        (shapefile(points(), one(), WGS84), "corrupt_shapefile", "more shapes"),
        (shapefile(shp(1, &[]), one(), WGS84), "corrupt_shapefile", "more attributes"),
        (shapefile(b"x".repeat(200), one(), WGS84), "corrupt_shapefile", ".shp"),
        (shapefile(points()[..90].to_vec(), one(), WGS84), "corrupt_shapefile", "ends too early"),
        (shapefile(points()[..110].to_vec(), one(), WGS84), "corrupt_shapefile", "ends too early"),
        (shapefile(points(), attributes()[..150].to_vec(), WGS84), "corrupt_shapefile", "ends too early"),
        (shapefile(shp(31, &[]), one(), WGS84), "unparsable_file", "31"),
        (polygon(Some(long)), "corrupt_shapefile", "shorter"),
        (polygon(Some(negative)), "corrupt_shapefile", "shorter"),
        (polygon(parts(&[&outer[..2]])), "corrupt_shapefile", "multipolygon"),
        (shapefile(shp(1, &[Some(doubles(&[f64::NAN, 1.0]))]), one(), WGS84), "corrupt_shapefile", "point"),
        (shapefile(shp(1, &[None]), dbf(&[("A", b'N', 2)], &[" zz"]), WGS84), "corrupt_shapefile", "zz"),
        (
            shapefile(shp(1, &[None]), dbf(&[("A", b'M', 10)], &["           "]), WGS84),
            "unparsable_file",
            "'M'",
        ),
    ] {
        assert_refused(&refused(FileKind::Shapefile, &Value::Null, bytes), key, part);
    }
    // Without a projection the coordinates have to be degrees.
    let plain = |shapes| zip(&[packed("b.shp", shapes), packed("b.dbf", attributes())]);
    assert_eq!(read(FileKind::Shapefile, &Value::Null, plain(points())).rows.len(), 2);
    let mut far = points();
    far[36..44].copy_from_slice(&900_000f64.to_le_bytes());
    far[52..60].copy_from_slice(&910_000f64.to_le_bytes());
    assert_refused(&refused(FileKind::Shapefile, &Value::Null, plain(far)), "unsupported_projection", ".prj");
}

#[test]
fn another_projection_is_told_and_the_guessed_transform_leaves_it() {
    let projection = format!(
        r#"PROJCS["NAD83 / New York Long Island",{NAD83},PROJECTION["Lambert_Conformal_Conic_2SP"],PARAMETER["standard_parallel_1",41.03333333333333],PARAMETER["standard_parallel_2",40.66666666666666],PARAMETER["latitude_of_origin",40.16666666666666],PARAMETER["central_meridian",-74],PARAMETER["false_easting",300000],PARAMETER["false_northing",0],UNIT["metre",1]]"#
    );
    let coded = projection.replace("UNIT[\"metre\",1]]", "UNIT[\"metre\",1],AUTHORITY[\"EPSG\",\"32118\"]]");
    for (projection, words) in [(projection, "+proj=lcc"), (coded, "EPSG:32118")] {
        let shapes = shp(1, &[Some(doubles(&[372_728.33, 69_825.25])), None]);
        let attributes = dbf(&[("A", b'C', 1)], &[" x", " y"]);
        let read = read(FileKind::Shapefile, &Value::Null, shapefile(shapes, attributes, &projection));
        assert_eq!(read.guessed[0].transform, "reproject_to_wgs84(`the_geom`)");
        let source: Value = serde_json::from_str(read.rows[0][0].as_str().unwrap()).unwrap();
        assert!(source["crs"].as_str().unwrap().starts_with(words), "{source}");
        let degrees: Value = serde_json::from_str(read.transformed[0][0].as_str().unwrap()).unwrap();
        let [longitude, latitude] = [0, 1].map(|axis| degrees["coordinates"][axis].as_f64().unwrap());
        // The documented example of that projection.
        assert!((longitude + 73.13826).abs() < 1e-5 && (latitude - 40.79224).abs() < 1e-5, "{degrees}");
        assert_eq!(read.transformed[1][0], Value::Null);
    }
}

#[test]
fn the_encoding_of_attributes_is_named_or_shown() {
    let shapes = || shp(1, &[None]);
    let named = |records: &str, cpg: &str| {
        zip(&[
            packed("b.shp", shapes()),
            packed("b.dbf", dbf(&[("A", b'C', 2)], &[records])),
            packed("b.cpg", cpg),
        ])
    };
    // The two bytes are é in UTF-8.
    let text = " \u{C3}\u{A9}";
    for (cpg, expected) in [("UTF-8", "é"), ("1252", "Ã©"), ("88591", "Ã©")] {
        assert_eq!(
            read(FileKind::Shapefile, &Value::Null, named(text, cpg)).rows[0][1],
            json!(expected),
            "{cpg}"
        );
    }
    assert_eq!(
        read(FileKind::Shapefile, &Value::Null, shapefile(shapes(), dbf(&[("A", b'C', 2)], &[text]), WGS84))
            .rows[0][1],
        json!("é")
    );
    assert_refused(
        &refused(FileKind::Shapefile, &Value::Null, named(text, "klingon")),
        "invalid_encoding",
        "klingon",
    );
}

proptest! {
    /// Bytes that were changed anywhere are read or refused.
    #[test]
    fn damaged_shapes_are_read_or_refused(at in 0..400usize, byte in any::<u8>(), in_shapes in any::<bool>()) {
        let (mut shapes, mut attributes) = (points(), attributes());
        let damaged = if in_shapes { &mut shapes } else { &mut attributes };
        let length = damaged.len();
        damaged[at % length] = byte;
        let _ = read_with(FileKind::Shapefile, &Value::Null, shapefile(shapes, attributes, WGS84), &bounds());
    }
}
