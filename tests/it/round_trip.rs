//! What a dataset answers can be sent back as it is: it stores the same values, in each format.

use crate::support::{Mock, PUBLISHER, mock};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const ID: &str = "trip-2222";

/// A column of each type.
const TYPES: [&str; 24] = [
    "text",
    "number",
    "money",
    "percent",
    "stars",
    "double",
    "checkbox",
    "calendar_date",
    "date",
    "datestamp",
    "time",
    "point",
    "multipoint",
    "line",
    "multiline",
    "polygon",
    "multipolygon",
    "location",
    "url",
    "document",
    "photo",
    "blob",
    "json",
    "phone",
];

fn definition() -> Value {
    let columns = TYPES.iter().map(|kind| json!({ "fieldName": format!("c_{kind}"), "dataTypeName": kind }));
    let key = json!({ "fieldName": "k", "dataTypeName": "text" });
    let columns: Vec<Value> = std::iter::once(key).chain(columns).collect();
    json!({ "name": "Trip", "metadata": { "rowIdentifier": "k" }, "columns": columns })
}

/// A text that is none of CSV's empty cells, which mean null (documented).
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 ,.'\"()\\\\;:/?&=+%{}\n\r\t-]{1,16}",
        "\\PC{1,12}",
        Just("1 Main St\nSeattle, WA 98104\n(47.6, -122.3)".to_owned()),
        Just("{\"a\":1}".to_owned()),
    ]
}

fn degrees(most: i32) -> impl Strategy<Value = Value> {
    (-most * 1000..=most * 1000).prop_map(|n| json!(f64::from(n) / 1000.0))
}

fn position() -> impl Strategy<Value = Value> {
    (degrees(180), degrees(90)).prop_map(|(x, y)| json!([x, y]))
}

fn positions(least: usize) -> impl Strategy<Value = Value> {
    proptest::collection::vec(position(), least..4).prop_map(Value::from)
}

fn ring() -> impl Strategy<Value = Value> {
    proptest::collection::vec(position(), 3..5).prop_map(|mut ring| {
        ring.push(ring[0].clone());
        Value::from(ring)
    })
}

fn geometry(kind: &'static str, coordinates: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    coordinates.prop_map(move |c| json!({ "type": kind, "coordinates": c })).boxed()
}

/// An object with some of these members.
fn some_of(names: &'static [&'static str]) -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::vec(proptest::option::of(prop_oneof![text(), Just(String::new())]), names.len())
        .prop_map(move |parts| {
            let members = names.iter().zip(parts);
            members.filter_map(|(name, part)| Some(((*name).to_owned(), part?.into()))).collect()
        })
}

fn location() -> BoxedStrategy<Value> {
    let number = |most: i32| proptest::option::of(degrees(most));
    (number(90), number(180), proptest::option::of(some_of(&["address", "city", "state", "zip"])))
        .prop_map(|(latitude, longitude, address)| {
            let mut map = Map::new();
            for (name, part) in [("latitude", latitude), ("longitude", longitude)] {
                map.extend(part.map(|part| (name.to_owned(), part)));
            }
            map.extend(address.map(|address| ("human_address".to_owned(), Value::Object(address))));
            Value::Object(map)
        })
        .boxed()
}

/// Any value of a type.
fn value(kind: &str) -> BoxedStrategy<Value> {
    let list = |item: BoxedStrategy<Value>| proptest::collection::vec(item, 1..3).prop_map(Value::from);
    match kind {
        "text" | "photo" | "blob" => text().prop_map(Value::from).boxed(),
        "number" | "money" | "percent" | "stars" | "double" => {
            "-?[0-9]{1,30}(\\.[0-9]{1,24})?(e-?[0-9])?".prop_map(Value::from).boxed()
        }
        "checkbox" => any::<bool>().prop_map(Value::from).boxed(),
        "calendar_date" => "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?".prop_map(Value::from).boxed(),
        "date" => "[1-9][0-9]{3}-(0[2-9]|1[0-1])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])".prop_map(Value::from).boxed(),
        "datestamp" => "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])".prop_map(Value::from).boxed(),
        "time" => "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{3})?)?".prop_map(Value::from).boxed(),
        "point" => geometry("Point", position()),
        "multipoint" => geometry("MultiPoint", positions(0)),
        "line" => geometry("LineString", positions(2)),
        "multiline" => geometry("MultiLineString", list(positions(2).boxed())),
        "polygon" => geometry("Polygon", list(ring().boxed())),
        "multipolygon" => geometry("MultiPolygon", list(list(ring().boxed()).boxed())),
        "location" => location(),
        "url" => some_of(&["url", "description"]).prop_map(Value::Object).boxed(),
        "phone" => some_of(&["phone_number", "phone_type"]).prop_map(Value::Object).boxed(),
        "document" => (text(), some_of(&["content_type", "filename"]))
            .prop_map(|(id, mut map)| {
                map.insert("file_id".to_owned(), id.into());
                Value::Object(map)
            })
            .boxed(),
        _ => prop_oneof![Just(json!(null)), any::<i32>().prop_map(Value::from), text().prop_map(Value::from), Just(json!([1, { "a": null }]))]
            .prop_map(|inner| json!({ "json": inner }))
            .boxed(),
    }
}

/// A row with a value, or null, in some columns.
fn row() -> impl Strategy<Value = Map<String, Value>> {
    let columns: Vec<_> = TYPES
        .iter()
        .map(|kind| proptest::option::weighted(0.6, prop_oneof![9 => value(kind), 1 => Just(Value::Null)]))
        .collect();
    columns.prop_map(|values| {
        let cells = TYPES.iter().zip(values);
        cells.filter_map(|(kind, value)| Some((format!("c_{kind}"), value?))).collect()
    })
}

async fn stored(mock: &Mock) -> String {
    mock.get(&format!("/resource/{ID}.json?$order=k")).await.text()
}

/// Replaces the dataset by what it answers in a format, and by the download of its rows.
async fn stays(mock: &Mock, before: &str) {
    for (path, content_type) in [
        (format!("/resource/{ID}.json"), "application/json"),
        (format!("/resource/{ID}.csv"), "text/csv"),
        (format!("/resource/{ID}.tsv"), "text/tab-separated-values"),
        (format!("/resource/{ID}.geojson"), "application/vnd.geo+json"),
        (format!("/api/views/{ID}/rows.csv"), "text/csv"),
    ] {
        let body = mock.get(&path).await;
        assert_eq!(body.status, 200, "{}", body.text());
        let headers = [("authorization", PUBLISHER), ("content-type", content_type)];
        let shown = body.text();
        let answer = mock.call("PUT", &format!("/resource/{ID}"), &headers, body.body).await;
        assert_eq!(answer.status, 200, "{path}: {} {}\n{shown}", answer.text(), answer.header("x-mock-hint"));
        assert_eq!(stored(mock).await, before, "{path}\n{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_answered_is_stored_again_as_it_was(rows in proptest::collection::vec(row(), 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mock = mock().await;
            mock.dataset(ID, &definition()).await;
            let keyed = |(n, mut row): (usize, Map<String, Value>)| {
                row.insert("k".to_owned(), format!("row {n}").into());
                Value::Object(row)
            };
            let rows: Vec<Value> = rows.into_iter().enumerate().map(keyed).collect();
            let answer = mock.write("PUT", &format!("/resource/{ID}"), &Value::from(rows)).await;
            assert_eq!(answer.status, 200, "{} {}", answer.text(), answer.header("x-mock-hint"));
            let before = stored(&mock).await;
            stays(&mock, &before).await;
        });
    }
}

/// What production prints of a value that it would not read back (source), and what the mock does.
#[tokio::test]
async fn a_cell_is_plain_where_it_is_read_back_and_an_object_where_not() {
    let address =
        |a: &str, c: &str, s: &str, z: &str| json!({ "address": a, "city": c, "state": s, "zip": z });
    for (kind, sent, cell) in [
        ("location", json!({ "latitude": "47.6", "longitude": "-122.3" }), "(47.6, -122.3)"),
        (
            "location",
            json!({ "latitude": "1", "longitude": "2", "human_address": address("1 Main St", "Seattle", "WA", "98104") }),
            "1 Main St\nSeattle, WA 98104\n(1, 2)",
        ),
        (
            "location",
            json!({ "human_address": address("1 Main St", "Seattle", "WA", "98104") }),
            "1 Main St\nSeattle, WA 98104",
        ),
        ("location", json!({ "human_address": address("1 Main St", "", "", "") }), "1 Main St\n,  "),
        ("location", json!({ "human_address": address("", "Seattle", "WA", "") }), "\nSeattle, WA "),
        ("location", json!({ "latitude": "1" }), r#"{"latitude":"1"}"#),
        ("location", json!({}), "{}"),
        ("url", json!({ "url": "http://a", "description": "A" }), "A (http://a)"),
        ("url", json!({ "url": "http://a" }), "http://a"),
        ("url", json!({ "description": "A" }), r#"{"description":"A"}"#),
        ("url", json!({ "url": "a (b)" }), r#"{"url":"a (b)"}"#),
        ("phone", json!({ "phone_number": "555 1234", "phone_type": "Home" }), "Home: 555 1234"),
        ("phone", json!({ "phone_type": "Home" }), r#"{"phone_type":"Home"}"#),
        (
            "document",
            json!({ "file_id": "f", "filename": "a & b.pdf", "content_type": "text/x" }),
            "f?filename=a+%26+b.pdf&content_type=text%2Fx",
        ),
    ] {
        let mock = mock().await;
        let columns = json!([{ "fieldName": "v", "dataTypeName": kind }]);
        mock.dataset("trip-3333", &json!({ "name": "V", "columns": columns, "rows": [{ "v": sent }] })).await;
        let before = mock.get("/resource/trip-3333.json").await.text();
        let body = mock.get("/resource/trip-3333.csv").await.text();
        assert_eq!(body, format!("\"v\"\n\"{}\"\n", cell.replace('"', "\"\"")), "{sent}");
        let headers = [("authorization", PUBLISHER), ("content-type", "text/csv")];
        let answer = mock.call("PUT", "/resource/trip-3333", &headers, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(mock.get("/resource/trip-3333.json").await.text(), before, "{sent}");
    }
}
