//! Bodies that are not what they say.

use super::{PATH, Victim};
use crate::support::{PUBLISHER, mock_of};
use axum::body::Body;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use soda_mock::Setup;
use soda_mock::http::Options;
use std::io::Write as _;

const MALFORMED: (u16, &str) = (400, "req.body.malformed-json");
const INVALID: (u16, &str) = (400, "invalid_request");

#[tokio::test]
async fn malformed_json_is_placed_by_line_and_character() {
    let victim = Victim::new().await;
    let good = r#"{"k":"x"},"#;
    for (tail, row, column) in [
        ("", 1, 12),
        ("{", 1, 13),
        (r#"{"k":"y"}"#, 1, 21),
        (r#"{"k" "y"}]"#, 1, 17),
        (r#"{"k":}]"#, 1, 17),
        (r#"{"k":"y",}]"#, 1, 21),
        (r#"{k:"y"}]"#, 1, 13),
        (r#"{'k':"y"}]"#, 1, 13),
        (r#"{"k":01}]"#, 1, 18),
        (r#"{"k":1.}]"#, 1, 19),
        (r#"{"k":+1}]"#, 1, 17),
        (r#"{"k":NaN}]"#, 1, 17),
        (r#"{"k":truth}]"#, 1, 20),
        ("{\"k\":\"a\tb\"}]", 1, 19),
        (r#"{"k":"\x"}]"#, 1, 18),
        (r#"{"k":"\ud800"}]"#, 1, 18),
        ("\n\n{\"k\":\"y\"}x]", 3, 10),
        (r#"{"k":"y"}] x"#, 1, 23),
        (r#"{"k":"y"} // why"#, 1, 22),
    ] {
        let answer = victim.refuses_json(format!("[{good}{tail}"), MALFORMED).await;
        let data = &answer.json()["data"];
        assert_eq!((&data["row"], &data["column"]), (&json!(row), &json!(column)), "{tail}");
    }
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn other_top_levels_are_refused() {
    let victim = Victim::new().await;
    for body in ["1", "\"x\"", "true", "null"] {
        victim.refuses_json(body, (400, "req.content.json.invalid")).await;
        victim.refuses(("PUT", PATH), "application/json", body, (400, "req.content.json.invalid")).await;
    }
    victim.refuses(("PUT", PATH), "application/json", "{}", (400, "req.content.json.invalid")).await;
    for body in ["", " ", "\u{feff}"] {
        victim.refuses_json(body, MALFORMED).await;
    }
    for row in ["1", "\"x\"", "null", "[]", "[1,2]"] {
        let body = format!("[{{\"k\":\"x\"}},{row}]");
        victim.refuses_json(body, (400, "soda.row.upsert-row-not-an-object")).await;
    }
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn text_that_is_not_utf8_is_refused() {
    let victim = Victim::new().await;
    for bad in [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\xaf"] {
        let json = [b"[{\"k\":\"a\"},{\"k\":\"", bad, b"\"}]"].concat();
        victim.refuses_json(json, MALFORMED).await;
        let csv = [b"k,number\na,1\n", bad, b",2\n"].concat();
        victim.refuses_csv(csv, INVALID).await;
        let header = [b"k,", bad, b"\na,1\n"].concat();
        victim.refuses_csv(header, INVALID).await;
    }
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn deep_nesting_is_refused_without_recursion() {
    let victim = Victim::new().await;
    for depth in [129, 100_000] {
        let value = "[".repeat(depth) + &"]".repeat(depth);
        victim.refuses_json(format!("[{{\"k\":\"x\",\"json\":{value}}}]"), MALFORMED).await;
        let objects = "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
        victim.refuses_json(format!("[{{\"k\":\"x\",\"json\":{objects}}}]"), MALFORMED).await;
        victim.refuses_json(format!("[{value}]"), MALFORMED).await;
        let geojson = "application/vnd.geo+json";
        victim.refuses(("POST", PATH), geojson, format!("{{\"x\":{value}}}"), MALFORMED).await;
    }
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn csv_is_refused_with_its_line() {
    let victim = Victim::new().await;
    for (body, told) in [
        ("", "empty"),
        ("k,number\na\n", "line 2 has 1 cells, but the header has 2"),
        ("k,number\na,1\nb,2,3\n", "line 3 has 3 cells, but the header has 2"),
        ("k,number\n\"a\nb\",1\nc\n", "line 4 has 1 cells"),
        ("k,number\n\"a,1\n", "never closed"),
        ("k,k\na,b\n", "names the column k twice"),
        ("K,k\na,b\n", "names the column k twice"),
        ("k,nope\na,1\n", "Illegal field name sent: nope"),
        ("k,\na,1\n", "Illegal field name sent: "),
    ] {
        let answer = victim.refuses_csv(body, INVALID).await;
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(told), "{body:?}: {message}");
    }
    let wrong = victim.refuses_csv("k,number\n\na,many\n", (400, "soda.column.maltyped")).await;
    assert_eq!(wrong.json()["data"]["line"], 3);
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn unknown_columns_are_named_and_the_last_of_duplicates_counts() {
    let victim = Victim::new().await;
    for body in [r#"[{"k":"x"},{"k":"y","nope":1}]"#, r#"{"k":"y","nope":null}"#, r#"[{"k":"y",":nope":1}]"#]
    {
        let answer = victim.refuses_json(body, INVALID).await;
        assert!(answer.json()["message"].as_str().unwrap().starts_with("Illegal field name sent: "));
        assert!(!answer.header("x-mock-hint").is_empty());
    }
    // Refused although a later value of the same name would do.
    victim.refuses_json(r#"[{"k":"y","number":"many","number":1}]"#, (400, "soda.column.maltyped")).await;
    let form = "k=y&nope=1";
    victim.refuses(("POST", PATH), "application/x-www-form-urlencoded", form, INVALID).await;
    victim.refuses(("POST", PATH), "application/x-www-form-urlencoded", "k=%ff", INVALID).await;
    victim.refuses(("POST", PATH), "application/x-www-form-urlencoded", "", INVALID).await;
    let media = (415, "unsupported_media_type");
    victim.refuses(("POST", PATH), "application/x-ndjson", "{}", media).await;
    victim.refuses(("POST", PATH), "multipart/form-data; boundary=x", "--x--", media).await;
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn geojson_is_refused_as_strictly() {
    let victim = Victim::new().await;
    let geojson = "application/vnd.geo+json";
    let invalid = (400, "req.content.json.invalid");
    for (body, refusal) in [
        ("[]", invalid),
        ("{}", invalid),
        (r#"{"type":"FeatureCollection"}"#, invalid),
        (r#"{"type":"FeatureCollection","features":{}}"#, invalid),
        (r#"{"type":"Nonsense","features":[]}"#, invalid),
        (r#"{"features":[{"type":"Feature","properties":{"k":"x"}}]}"#, invalid),
        (r#"{"type":"FeatureCollection","features":[1]}"#, (400, "soda.row.upsert-row-not-an-object")),
        (
            r#"{"type":"FeatureCollection","features":[{"type":"Point"}]}"#,
            (400, "soda.row.upsert-row-not-an-object"),
        ),
        (r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"nope":1}}]}"#, INVALID),
        (
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"k":"x"},"geometry":{"type":"Point","coordinates":["a",1]}}]}"#,
            (400, "soda.column.maltyped"),
        ),
        (r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"k":"x"}}"#, MALFORMED),
        (r#"{"type":"FeatureCollection","features":[]}]"#, MALFORMED),
        (r#"{"type":"FeatureCollection" "features":[]}"#, MALFORMED),
    ] {
        victim.refuses(("POST", PATH), geojson, body, refusal).await;
    }
    victim.stays_unharmed().await;
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    zip.write_all(text).unwrap();
    zip.finish().unwrap()
}

#[tokio::test]
async fn broken_gzip_is_refused() {
    let victim = Victim::new().await;
    let whole = gzip(br#"[{"k":"x"},{"k":"y"}]"#);
    for cut in 2..whole.len() {
        victim.refuses_json(whole[..cut].to_vec(), MALFORMED).await;
    }
    let mut flipped = whole.clone();
    let last = flipped.len() - 6;
    flipped[last] ^= 0xff;
    victim.refuses_json(flipped, MALFORMED).await;
    victim.refuses_json(&b"\x1f\x8bnot gzip at all"[..], MALFORMED).await;
    victim.refuses_json(gzip(br#"[{"k":"x"},"#), MALFORMED).await;
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn a_row_over_its_limit_is_413_in_every_format() {
    let options = Options { max_row: 1 << 20, ..Options::default() };
    let mock = mock_of(Setup { options, ..Setup::default() }).await;
    mock.dataset(super::ID, &super::definition()).await;
    let long = "x".repeat((1 << 20) + 1);
    let headers = |kind| [("authorization", PUBLISHER), ("content-type", kind)];
    for (kind, body) in [
        ("application/json", format!("[{{\"k\":\"{long}\"}}]")),
        ("text/csv", format!("k\n{long}\n")),
        ("text/csv", format!("k\n\"{long}\"\n")),
        ("text/csv", format!("{long}\na\n")),
        ("application/x-www-form-urlencoded", format!("k={long}")),
        (
            "application/vnd.geo+json",
            format!(
                r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"k":"{long}"}}}}]}}"#
            ),
        ),
    ] {
        let answer = mock.call("POST", PATH, &headers(kind), body).await;
        super::expect_refusal(&answer, 413, "req.body.too-large");
        let hint = answer.header("x-mock-hint");
        assert!(hint.starts_with("The limit holds for one ") && !hint.contains("--"), "{hint}");
    }
}

#[tokio::test]
async fn a_body_over_its_limit_is_413_even_when_it_is_compressed() {
    let options = Options { max_body: 1 << 20, ..Options::default() };
    let mock = mock_of(Setup { options, ..Setup::default() }).await;
    mock.dataset(super::ID, &super::definition()).await;
    let rows = "{\"k\":\"x\"},".repeat(200_000);
    let body = format!("[{}{{\"k\":\"x\"}}]", rows);
    let headers = [("authorization", PUBLISHER)];
    let plain = mock.call("POST", PATH, &headers, body.clone()).await;
    super::expect_refusal(&plain, 413, "req.body.too-large");
    let zipped = gzip(body.as_bytes());
    assert!(zipped.len() < 1 << 20);
    let bomb = mock.call("POST", PATH, &headers, zipped).await;
    super::expect_refusal(&bomb, 413, "req.body.too-large");
    assert_eq!(mock.get("/resource/aaaa-2222.json?$select=count(*)").await.text(), "[{\"count\":\"2\"}]\n");
}

/// One line of 200 MB, in pieces of 1 MB: it is refused after the first 16 of them.
#[tokio::test]
async fn a_line_of_200_megabytes_is_refused_early() {
    let victim = Victim::new().await;
    for (kind, head) in [("application/json", "[{\"k\":\""), ("text/csv", "k\n")] {
        let piece = Bytes::from(vec![b'x'; 1 << 20]);
        let pieces =
            std::iter::once(Bytes::from_static(head.as_bytes())).chain((0..200).map(move |_| piece.clone()));
        let body = Body::new(Pieces(pieces));
        victim.refuses(("POST", PATH), kind, body, (413, "req.body.too-large")).await;
    }
    victim.stays_unharmed().await;
}

/// Pieces of a body that are always there.
struct Pieces<I>(I);

impl<I: Iterator<Item = Bytes> + Unpin> http_body::Body for Pieces<I> {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.next().map(|piece| Ok(http_body::Frame::data(piece))))
    }
}
