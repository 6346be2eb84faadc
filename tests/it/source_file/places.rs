use super::*;
use proptest::prelude::*;

fn feature(properties: &str, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

fn point(x: f64, y: f64) -> String {
    format!(r#"{{"type":"Point","coordinates":[{x:?},{y:?}]}}"#)
}

fn geojson(text: &str) -> Read {
    read(FileKind::GeoJson, &Value::Null, text)
}

#[test]
fn members_that_are_there_become_typed_columns() {
    let text = collection(&[
        feature(
            r#"{"A_num":2,"a_float":2.50,"a_bool":false,"s":"x","o":{"b":1},"n":null}"#,
            &point(102.0, 0.5),
        ),
        feature(r#"{"s":"","mixed":1,"A_num":1e3}"#, "null"),
        feature(r#"{"mixed":"b","later":true}"#, &point(103.0, 1.5)),
    ]);
    let read = geojson(&text);
    let columns: Vec<_> =
        read.field_names.iter().map(String::as_str).zip(read.types.iter().copied()).collect();
    assert_eq!(
        columns,
        [
            ("point", "point"),
            ("a_num", "number"),
            ("a_float", "number"),
            ("a_bool", "boolean"),
            ("s", "text"),
            ("o", "text"),
            ("n", "text"),
            ("mixed", "text"),
            ("later", "boolean"),
        ]
    );
    assert_eq!(read.display_names[1], "A_num");
    let null = Value::Null;
    assert_eq!(
        read.rows[0],
        [
            json!(point(102.0, 0.5)),
            json!("2"),
            json!("2.50"),
            json!(0),
            json!("x"),
            json!("{\"b\":1}"),
            null.clone(),
            null.clone(),
            null.clone()
        ]
    );
    assert_eq!(read.rows[1][..2], [null.clone(), json!("1000")]);
    assert_eq!((&read.rows[1][4], &read.rows[1][7]), (&null, &json!("1")));
    assert_eq!((&read.rows[2][7], &read.rows[2][8]), (&json!("b"), &json!(1)));
    assert_eq!(read.guessed[4].transform, "`s`");
    assert_eq!(read.guessed[1].transform, "`a_num`");
}

#[test]
fn geometries_are_named_by_their_types() {
    let ring = "[[0,0],[1,0],[1,1],[0,0]]";
    for (geometries, column) in [
        (vec![r#"{"type":"LineString","coordinates":[[0,0],[1,1]]}"#.to_owned()], "line"),
        (vec![format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#)], "polygon"),
        // One of a kind beside several is put among them.
        (
            vec![
                format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#),
                format!(r#"{{"type":"MultiPolygon","coordinates":[[{ring}]]}}"#),
            ],
            "multipolygon",
        ),
    ] {
        let features: Vec<String> = geometries.iter().map(|g| feature("{}", g)).collect();
        let read = geojson(&collection(&features));
        assert_eq!(read.field_names, [column]);
        assert!(read.rows.windows(2).all(|pair| pair[0] == pair[1]));
    }
    // Different families have a column each.
    let line = r#"{"type":"LineString","coordinates":[[0,0],[1,1]]}"#;
    let read = geojson(&collection(&[feature(r#"{"point":"x"}"#, line), feature("null", &point(1.0, 2.0))]));
    assert_eq!(read.field_names, ["point", "line", "point_1"]);
    assert_eq!((&read.rows[0][0], &read.rows[1][1]), (&Value::Null, &Value::Null));
    // A feature may stand alone.
    assert_eq!(geojson(&feature(r#"{"a":1}"#, &point(1.0, 2.0))).rows.len(), 1);
}

#[test]
fn geojson_that_cannot_be_read_is_refused_with_its_place() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let wgs84 = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},"features":[]}"#;
    assert_eq!(geojson(wgs84).rows.len(), 0);
    for (text, key, part) in [
        ("{".to_owned(), "unparsable_file", "too early"),
        ("{}".to_owned(), "unparsable_file", "no GeoJSON"),
        ("[1]".to_owned(), "unparsable_file", "GeoJSON"),
        (collection(&[feature(&format!("{{\"a\":{deep}}}"), "null")]), "unparsable_file", "deep"),
        (collection(&["{\"type\":\"Point\"}".to_owned()]), "unparsable_file", "Feature 0"),
        (
            collection(&[feature("{}", r#"{"type":"Point","coordinates":["a",1]}"#)]),
            "unparsable_file",
            "feature 0",
        ),
        (
            collection(&[feature("{}", r#"{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}"#)]),
            "unparsable_file",
            "polygon",
        ),
        (
            collection(&[feature("{}", r#"{"type":"GeometryCollection","geometries":[]}"#)]),
            "unparsable_file",
            "GeometryCollection",
        ),
        (wgs84.replace("OGC:1.3:CRS84", "EPSG::2263"), "unsupported_projection", "2263"),
    ] {
        assert_refused(&refused(FileKind::GeoJson, &Value::Null, text), key, part);
    }
    let many: Vec<String> = (0..3000).map(|n| format!("\"m{n}\":1")).collect();
    let text = collection(&[feature(&format!("{{{}}}", many.join(",")), "null")]);
    assert_refused(&refused(FileKind::GeoJson, &Value::Null, text), "too_many_columns", "1990");
    let small = Bounds { row: 1 << 16, ..bounds() };
    let long = collection(&[feature(&format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)), "null")]);
    assert_refused(&refused_within(FileKind::GeoJson, &Value::Null, long, &small), "row_too_long", "");
}

fn kml(placemarks: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><Folder>{placemarks}</Folder></Document></kml>"
    )
}

#[test]
fn placemarks_are_rows_with_the_data_that_they_have() {
    let read = read(FileKind::Kml, &Value::Null, kml(
        "<name>folder</name><Schema name='S'><SimpleField name='Unused' type='string'/></Schema>
         <Placemark><name>A &amp; B</name><Style><LineStyle><color>ff</color></LineStyle></Style>
           <ExtendedData><SchemaData><SimpleData name='a_num'>2</SimpleData><SimpleData name='a_bool'>true</SimpleData><SimpleData name='zip'>02134</SimpleData></SchemaData></ExtendedData>
           <Point><coordinates> 102.0,0.5,7 </coordinates></Point></Placemark>
         <Placemark><description><![CDATA[<b>x</b>]]></description>
           <ExtendedData><Data name='a_num'><displayName>n</displayName><value>-2.5</value></Data></ExtendedData>
           <Point><extrude>1</extrude><coordinates>103,1.5</coordinates></Point></Placemark>",
    ));
    let columns: Vec<_> =
        read.field_names.iter().map(String::as_str).zip(read.types.iter().copied()).collect();
    assert_eq!(
        columns,
        [
            ("point", "point"),
            ("name", "text"),
            ("a_num", "number"),
            ("a_bool", "boolean"),
            ("zip", "text"),
            ("description", "text")
        ]
    );
    let null = Value::Null;
    assert_eq!(
        read.rows[0],
        [json!(point(102.0, 0.5)), json!("A & B"), json!("2"), json!(1), json!("02134"), null.clone()]
    );
    assert_eq!(
        read.rows[1],
        [json!(point(103.0, 1.5)), null.clone(), json!("-2.5"), null.clone(), null, json!("<b>x</b>")]
    );
}

#[test]
fn shapes_of_kml() {
    let ring = "<LinearRing><coordinates>0,0 1,0 1,1</coordinates></LinearRing>";
    let polygon = format!(
        "<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs><innerBoundaryIs>{ring}</innerBoundaryIs></Polygon>"
    );
    let rings = "[[[0.0,0.0],[1.0,0.0],[1.0,1.0],[0.0,0.0]],[[0.0,0.0],[1.0,0.0],[1.0,1.0],[0.0,0.0]]]";
    let line = "<LineString><coordinates>0,0 1,0</coordinates></LineString>";
    for (shape, column, coordinates) in [
        (polygon.clone(), "polygon", rings.to_owned()),
        (
            format!("<MultiGeometry>{polygon}<MultiGeometry>{polygon}</MultiGeometry></MultiGeometry>"),
            "multipolygon",
            format!("[{rings},{rings}]"),
        ),
        (line.to_owned(), "line", "[[0.0,0.0],[1.0,0.0]]".to_owned()),
        (format!("<MultiGeometry>{line}</MultiGeometry>"), "multiline", "[[[0.0,0.0],[1.0,0.0]]]".to_owned()),
    ] {
        let read = read(FileKind::Kml, &Value::Null, kml(&format!("<Placemark>{shape}</Placemark>")));
        assert_eq!(read.field_names, [column], "{shape}");
        let text = read.rows[0][0].as_str().unwrap();
        assert!(text.ends_with(&format!("\"coordinates\":{coordinates}}}")), "{text}");
    }
}

#[test]
fn kml_that_cannot_be_read_is_refused() {
    let bomb = "<?xml version='1.0'?><!DOCTYPE kml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><kml><Placemark><name>&b;</name></Placemark></kml>";
    let deep = format!("<kml>{}", "<Folder>".repeat(100_000));
    let mixed = "<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><LineString><coordinates>0,0 1,0</coordinates></LineString></MultiGeometry></Placemark>";
    for (text, part) in [
        (bomb.to_owned(), "entities"),
        (kml("<Placemark><name>&other;</name></Placemark>"), "other"),
        (deep, "256"),
        ("<kml><Placemark>".to_owned(), "cut short"),
        ("<gpx></gpx>".to_owned(), "<gpx>"),
        ("<kml><a></b></kml>".to_owned(), "XML"),
        (kml(mixed), "several types"),
        (kml("<Placemark><Point><coordinates>x,2</coordinates></Point></Placemark>"), "no numbers"),
        (kml("<Placemark><Point/></Placemark>"), "too few"),
        (kml("<Placemark><Track><when>2010</when></Track></Placemark>"), "Track"),
        (kml("<Placemark><Polygon/></Placemark>"), "outer boundary"),
    ] {
        assert_refused(&refused(FileKind::Kml, &Value::Null, text), "unparsable_file", part);
    }
    let small = Bounds { row: 1 << 16, ..bounds() };
    for long in [
        kml(&format!("<Placemark><name>{}</name></Placemark>", "x".repeat(1 << 20))),
        kml(&format!(
            "<Placemark>{}</Placemark>",
            "<ExtendedData><Data name='a'><value>1</value></Data></ExtendedData>".repeat(20_000)
        )),
        kml(&format!("<{}/>", "n".repeat(1 << 20))),
    ] {
        assert_refused(&refused_within(FileKind::Kml, &Value::Null, long, &small), "row_too_long", "65536");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(
        text in "(<kml>|<Placemark>|</Placemark>|<Point>|</Point>|<coordinates>|</coordinates>|1,2|&amp;|<name>|</name>|<!\\[CDATA\\[|\\]\\]>| ){0,20}",
        json in "(\\{|\\}|\\[|\\]|\"type\":|\"Feature\"|,|\"features\":|\"geometry\":|\"properties\":|null|1|\"a\":){0,25}",
    ) {
        let _ = read_with(FileKind::Kml, &Value::Null, text, &bounds());
        let _ = read_with(FileKind::GeoJson, &Value::Null, json, &bounds());
    }
}
