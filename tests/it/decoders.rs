//! Every decoder gives the same rows, or the same refusal, however the body is cut, and never
//! panics; and random writes leave what a map says.

use crate::support::{PUBLISHER, mock};
use axum::body::Body;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};
use soda_mock::codec::{BodyFormat, Decoder, RowLayout, Rows, TopLevel};
use soda_mock::memory::Room;
use soda_mock::soda::value::RowIdCipher;
use soda_mock::soda::{FourByFour, SodaError, definition};
use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::sync::Arc;

fn layout() -> Arc<RowLayout> {
    let types = [
        ("k", "text"),
        ("n", "number"),
        ("t", "text"),
        ("p", "point"),
        ("b", "checkbox"),
        ("d", "calendar_date"),
    ];
    let columns: Vec<Value> =
        types.iter().map(|(name, kind)| json!({ "fieldName": name, "dataTypeName": kind })).collect();
    let written = json!({ "name": "x", "metadata": { "rowIdentifier": "k" }, "columns": columns });
    let dataset = definition::parse(&written, FourByFour::parse("aaaa-2222").unwrap()).unwrap();
    Arc::new(RowLayout::new(&dataset, Arc::new(RowIdCipher::new(&[7; 72])), false))
}

/// Rows as bytes, or the refusal.
fn decoded(format: BodyFormat, pieces: &[&[u8]]) -> Result<(Vec<u8>, u64), SodaError> {
    let mut rows = Rows::new(layout());
    let mut decoder = Decoder::new(format, TopLevel::ArrayOrObject, 1 << 16, &Room::new(u64::MAX));
    for piece in pieces {
        decoder.feed(piece, &mut rows)?;
    }
    decoder.finish(&mut rows)?;
    let count = rows.count();
    Ok((rows.take().as_bytes().0.to_vec(), count))
}

fn cut<'b>(body: &'b [u8], places: &[usize]) -> Vec<&'b [u8]> {
    let mut places: Vec<usize> = places.iter().map(|p| p % (body.len() + 1)).collect();
    places.sort_unstable();
    let mut from = 0;
    let mut pieces = Vec::new();
    for place in places {
        pieces.push(&body[from..place]);
        from = place;
    }
    pieces.push(&body[from..]);
    pieces
}

fn same_however_cut(format: BodyFormat, body: &[u8], places: &[usize]) {
    let whole = decoded(format, &[body]);
    assert_eq!(decoded(format, &cut(body, places)), whole, "{format:?} {:?}", String::from_utf8_lossy(body));
    if body.len() < 200 {
        let bytes: Vec<&[u8]> = body.chunks(1).collect();
        assert_eq!(decoded(format, &bytes), whole, "byte by byte {:?}", String::from_utf8_lossy(body));
    }
}

/// JSON-like text: mostly right, sometimes broken in the middle.
fn json_row() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        "\"[a-zé日\\\\u0000\"]{0,6}\"",
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1e5".to_owned()),
        Just("{\"type\":\"Point\",\"coordinates\":[1.5,2]}".to_owned()),
        Just("\"2024-05-06\"".to_owned()),
        "[ -~]{0,5}",
    ];
    let key = prop_oneof![
        Just("k"),
        Just("n"),
        Just("t"),
        Just("p"),
        Just("b"),
        Just("d"),
        Just("K"),
        Just(":deleted"),
        Just("nope")
    ];
    proptest::collection::vec((key, value), 0..5).prop_map(|pairs| {
        format!("{{{}}}", pairs.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect::<Vec<_>>().join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_is_the_same_however_it_is_cut(rows in proptest::collection::vec(json_row(), 0..6), places in proptest::collection::vec(any::<usize>(), 0..6)) {
        same_however_cut(BodyFormat::Json, format!("[{}]", rows.join(" ,\n")).as_bytes(), &places);
        let features: Vec<String> = rows.iter().map(|r| format!("{{\"type\":\"Feature\",\"properties\":{r},\"geometry\":null}}")).collect();
        let collection = format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","));
        same_however_cut(BodyFormat::GeoJson, collection.as_bytes(), &places);
    }

    #[test]
    fn csv_is_the_same_however_it_is_cut(cells in proptest::collection::vec("[a-z0-9é\"\n\r, ]{0,6}", 0..12), quoted in any::<bool>(), places in proptest::collection::vec(any::<usize>(), 0..6)) {
        let mut body = String::from("k,t\n");
        for pair in cells.chunks(2) {
            let cells: Vec<String> = pair.iter().map(|c| if quoted { format!("\"{}\"", c.replace('"', "\"\"")) } else { c.clone() }).collect();
            body.push_str(&cells.join(","));
            body.push('\n');
        }
        same_however_cut(BodyFormat::Csv, body.as_bytes(), &places);
        same_however_cut(BodyFormat::Tsv, body.replace(',', "\t").as_bytes(), &places);
    }

    #[test]
    fn nothing_makes_a_decoder_panic(body in proptest::collection::vec(any::<u8>(), 0..300), places in proptest::collection::vec(any::<usize>(), 0..4)) {
        for format in [BodyFormat::Json, BodyFormat::Csv, BodyFormat::Tsv, BodyFormat::GeoJson, BodyFormat::Form] {
            same_however_cut(format, &body, &places);
        }
    }

    #[test]
    fn brackets_and_quotes_make_no_decoder_panic(body in "[\\[\\]{}\",:ktn0-9\\\\.eE +-]{0,120}", places in proptest::collection::vec(any::<usize>(), 0..4)) {
        for format in [BodyFormat::Json, BodyFormat::GeoJson, BodyFormat::Form] {
            same_however_cut(format, body.as_bytes(), &places);
        }
    }
}

/// Pieces of a body.
struct Pieces(VecDeque<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.pop_front().map(|piece| Ok(http_body::Frame::data(piece))))
    }
}

/// A body that comes in these pieces, as it is stored.
async fn stored_from(pieces: Vec<Bytes>, labelled: bool) -> Value {
    let mock = mock().await;
    let label = if labelled { &[("content-encoding", "gzip")][..] } else { &[] };
    let headers = [&[("authorization", PUBLISHER)][..], label].concat();
    let body = Body::new(Pieces(pieces.into()));
    let answer = mock.call("PUT", "/resource/4tka-6guv.json", &headers, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    mock.get("/resource/4tka-6guv.json?$select=earthquake_id,region&$order=earthquake_id").await.json()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any rows, in any number of gzip members, cut anywhere, labelled or not, are those of the plain
    /// body.
    #[test]
    fn gzip_is_the_same_however_it_is_cut(
        regions in proptest::collection::vec("\\PC{1,60}", 1..40),
        members in proptest::collection::vec(any::<usize>(), 0..3),
        places in proptest::collection::vec(any::<usize>(), 0..40),
        level in 0u32..10,
        labelled in any::<bool>(),
    ) {
        let rows: Vec<Value> = regions
            .iter()
            .enumerate()
            .map(|(n, region)| json!({ "earthquake_id": format!("g{n:03}"), "region": region }))
            .collect();
        let text = json!(rows).to_string();
        let mut zipped = Vec::new();
        for member in cut(text.as_bytes(), &members) {
            let mut zip = GzEncoder::new(Vec::new(), Compression::new(level));
            zip.write_all(member).unwrap();
            zipped.extend(zip.finish().unwrap());
        }
        let pieces = cut(&zipped, &places).into_iter().map(Bytes::copy_from_slice).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let plain = runtime.block_on(stored_from(vec![Bytes::from(text)], false));
        prop_assert_eq!(plain.as_array().map(Vec::len), Some(rows.len()));
        prop_assert_eq!(runtime.block_on(stored_from(pieces, labelled)), plain);
    }

    /// A body whose end is missing is refused as a whole, wherever it breaks off.
    #[test]
    fn gzip_that_breaks_off_stores_nothing(at in any::<usize>()) {
        let rows: Vec<Value> = (0..50).map(|n| json!({ "earthquake_id": format!("g{n}") })).collect();
        let mut zip = GzEncoder::new(Vec::new(), Compression::default());
        zip.write_all(json!(rows).to_string().as_bytes()).unwrap();
        let zipped = zip.finish().unwrap();
        // Two bytes are needed to tell that it is gzip.
        let kept = 2 + at % (zipped.len() - 2);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mock = mock().await;
            let before = mock.get("/resource/4tka-6guv.json?$order=:id").await.text();
            let headers = [("authorization", PUBLISHER)];
            let answer = mock.call("PUT", "/resource/4tka-6guv.json", &headers, zipped[..kept].to_vec()).await;
            assert_eq!(answer.status, 400, "{kept} of {}: {}", zipped.len(), answer.text());
            assert_eq!(mock.get("/resource/4tka-6guv.json?$order=:id").await.text(), before);
        });
    }
}

/// One step of the model: what is sent, and what the map does.
#[derive(Clone, Debug)]
enum Step {
    Upsert(u8, Option<i64>),
    Delete(u8),
    Replace(Vec<u8>),
    PutRow(u8, i64),
    Refused,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..6, proptest::option::of(any::<i64>())).prop_map(|(k, n)| Step::Upsert(k, n)),
        2 => (0u8..6).prop_map(Step::Delete),
        1 => proptest::collection::vec(0u8..6, 0..4).prop_map(Step::Replace),
        1 => (0u8..6, any::<i64>()).prop_map(|(k, n)| Step::PutRow(k, n)),
        1 => Just(Step::Refused),
    ]
}

type Model = BTreeMap<String, Option<i64>>;

async fn apply(mock: &crate::support::Mock, model: &mut Model, step: &Step) {
    let path = "/resource/aaaa-2222.json";
    match step {
        Step::Upsert(k, n) => {
            let answer = mock.write("POST", path, &json!([{ "k": k.to_string(), "n": n }])).await.json();
            let existed = model.insert(k.to_string(), *n).is_some();
            assert_eq!(answer[if existed { "Rows Updated" } else { "Rows Created" }], 1);
        }
        Step::Delete(k) => {
            let answer = mock.write("POST", path, &json!([[k.to_string()]])).await.json();
            let existed = model.remove(&k.to_string()).is_some();
            assert_eq!(answer[if existed { "Rows Deleted" } else { "Errors" }], 1);
        }
        Step::Replace(keys) => {
            let rows: Vec<Value> = keys.iter().map(|k| json!({ "k": k.to_string() })).collect();
            assert_eq!(mock.write("PUT", path, &json!(rows)).await.status, 200);
            *model = keys.iter().map(|k| (k.to_string(), None)).collect();
        }
        Step::PutRow(k, n) => {
            let row = format!("/resource/aaaa-2222/{k}.json");
            assert_eq!(mock.write("PUT", &row, &json!({ "n": n })).await.status, 200);
            model.insert(k.to_string(), Some(*n));
        }
        Step::Refused => {
            let body = json!([{ "k": "0", "n": 1 }, { "k": "1", "n": "many" }]);
            assert_eq!(mock.write("POST", path, &body).await.status, 400);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_writes_leave_what_a_map_says(steps in proptest::collection::vec(step(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mock = mock().await;
            let columns = json!([{ "fieldName": "k", "dataTypeName": "text" }, { "fieldName": "n", "dataTypeName": "number" }]);
            let written = json!({ "name": "Model", "metadata": { "rowIdentifier": "k" }, "columns": columns });
            mock.dataset("aaaa-2222", &written).await;
            let mut model = Model::new();
            for step in &steps {
                apply(&mock, &mut model, step).await;
                let rows = mock.get("/resource/aaaa-2222.json?$order=k").await.json();
                let expected: Vec<Value> = model
                    .iter()
                    .map(|(k, n)| n.map_or_else(|| json!({ "k": k }), |n| json!({ "k": k, "n": n.to_string() })))
                    .collect();
                assert_eq!(rows, Value::from(expected), "after {step:?}");
            }
        });
    }
}
