//! What an answer looks like: formats, headers, conditions.

use super::sample::{ID, sample};
use super::{ask, path};
use serde_json::json;

#[tokio::test]
async fn rows_come_in_every_format() {
    let mock = sample().await;
    let get = |extension: &'static str, select: &'static str| {
        let parameters = [("$select", select), ("$where", "k in ('1','4')"), ("$order", "k")];
        let path = path(&format!("/resource/{ID}.{extension}"), &parameters);
        let mock = &mock;
        async move { mock.get(&path).await }
    };
    let answer = get("json", "k, n, site").await;
    assert_eq!(
        answer.text(),
        "[{\"k\":\"1\",\"n\":\"5.50\",\"site\":{\"url\":\"https://example.com/a\",\"description\":\"Alder\"}}\n,{\"k\":\"4\"}]\n"
    );
    let answer = get("csv", "k, n, flag, p, loc").await;
    assert_eq!(
        answer.text(),
        "\"k\",\"n\",\"flag\",\"p\",\"loc\"\n\"1\",\"5.50\",\"true\",\"POINT (-122.33 47.61)\",\"1 Main St\nSeattle, WA 98104\n(47.61, -122.33)\"\n\"4\",,,,\n"
    );
    let answer = get("tsv", "k, n").await;
    assert_eq!(answer.text(), "\"k\"\t\"n\"\n\"1\"\t\"5.50\"\n\"4\"\t\n");
    let answer = get("geojson", "k, p, n").await;
    assert_eq!(answer.header("content-type"), "application/vnd.geo+json; charset=UTF-8");
    assert_eq!(answer.header("x-soda2-fields"), "");
    assert_eq!(
        answer.json()["features"][1],
        json!({"type": "Feature", "geometry": null, "properties": {"k": "4", "n": null}})
    );
    let answer = get("cjson", "k, flag").await;
    assert_eq!(answer.header("content-type"), "application/json+x-socrata-cjson; charset=UTF-8");
    assert_eq!(
        answer.text(),
        "[{\"locale\":\"en_US\"\n ,\"pk\":\"k\"\n ,\"schema\":[{\"c\":\"flag\",\"t\":\"boolean\"},{\"c\":\"k\",\"t\":\"text\"}]\n }\n,[true,\"1\"]\n,[null,\"4\"]\n]\n"
    );
    let answer = get("xml", "k, name || ' & <b>' as c, site").await;
    assert_eq!(answer.header("content-type"), "text/xml;charset=utf-8");
    assert_eq!(
        answer.text(),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response><row><row><k>1</k><c>Alder Creek &amp; &lt;b&gt;</c><site url=\"https://example.com/a\" description=\"Alder\"/></row><row><k>4</k><c>100% Pure_Spring &amp; &lt;b&gt;</c></row></row></response>\n"
    );
    assert_eq!(get("rdf", "k").await.status, 501);
}

#[tokio::test]
async fn the_format_is_told_by_extension_then_by_accept() {
    let mock = sample().await;
    for (path, accept, status, content_type) in [
        ("", "text/csv", 200, "text/csv; charset=UTF-8"),
        (".json", "text/csv", 200, "application/json;charset=utf-8"),
        ("", "text/html, */*;q=0.1", 200, "application/json;charset=utf-8"),
        ("", "application/xml", 200, "text/xml;charset=utf-8"),
        ("", "text/html", 406, "application/json; charset=utf-8"),
    ] {
        let answer = mock.call("GET", &format!("/resource/{ID}{path}"), &[("accept", accept)], "").await;
        assert_eq!((answer.status, answer.header("content-type")), (status, content_type), "{path} {accept}");
        assert_eq!(answer.status == 406, answer.body.is_empty());
    }
}

#[tokio::test]
async fn jsonp_and_the_byte_order_mark_are_given_when_asked_for() {
    let mock = sample().await;
    let answer = ask(&mock, ID, &[("$select", "k"), ("$limit", "1"), ("$jsonp", "show.it")]).await;
    assert_eq!(answer.text(), "show.it([{\"k\":\"1\"}]);\n");
    assert_eq!(answer.header("content-type"), "application/javascript; charset=utf-8");
    assert_eq!(ask(&mock, ID, &[("$jsonp", "alert(1)//")]).await.status, 400);
    let csv = mock
        .get(&path(&format!("/resource/{ID}.csv"), &[("$select", "k"), ("$$bom", "true"), ("$limit", "0")]))
        .await;
    assert_eq!(csv.text(), "\u{feff}\"k\"\n");
}

#[tokio::test]
async fn conditions_spare_the_answer_or_refuse_it() {
    let mock = sample().await;
    let url = format!("/resource/{ID}.json");
    let first = mock.get(&url).await;
    let (tag, modified) = (first.header("etag").to_owned(), first.header("last-modified").to_owned());
    assert!(!tag.is_empty() && !modified.is_empty());
    for (name, value, status) in [
        ("if-none-match", tag.as_str(), 304),
        ("if-none-match", "\"other\"", 200),
        ("if-modified-since", modified.as_str(), 304),
        ("if-match", tag.as_str(), 200),
        ("if-match", "\"other\"", 412),
    ] {
        let answer = mock.call("GET", &url, &[(name, value)], "").await;
        assert_eq!(answer.status, status, "{name}: {value}");
        match status {
            304 => assert_eq!((answer.header("etag"), answer.body.len()), (tag.as_str(), 0)),
            412 => assert_eq!(
                answer.json(),
                json!({"message": "Precondition failed", "errorCode": "precondition-failed", "data": {}})
            ),
            _ => {}
        }
    }
    mock.write("POST", &url, &json!([{"k": "5"}])).await;
    assert_eq!(mock.call("GET", &url, &[("if-none-match", &tag)], "").await.status, 200);
    let other = mock.get(&format!("{url}?$limit=1")).await;
    assert_ne!(other.header("etag"), mock.get(&url).await.header("etag"));
}

#[tokio::test]
async fn field_headers_are_dropped_when_they_grow_too_long() {
    let mock = sample().await;
    let short = ask(&mock, ID, &[("$select", "k, n, flag, t, x, p, count(*) over () as é")]).await;
    assert_eq!(
        short.header("x-soda2-types"),
        r#"["text","number","boolean","floating_timestamp","fixed_timestamp","point","number"]"#
    );
    assert_eq!(short.header("x-soda2-fields"), r#"["k","n","flag","t","x","p","\u00e9"]"#);
    let long: Vec<String> = (0..300).map(|i| format!("n as a_rather_long_name_{i}")).collect();
    let answer = ask(&mock, ID, &[("$select", &long.join(", ")), ("$limit", "1")]).await;
    assert_eq!(
        (answer.status, answer.header("x-soda2-fields"), answer.header("x-soda2-types")),
        (200, "", "")
    );
    assert_eq!(short.header("x-soda2-data-out-of-date"), "false");
}
