//! Location columns: what is read, what is lost, and that a loss is told.

use crate::support::{Answer, Mock, PUBLISHER, mock};
use serde_json::{Value, json};

const PATH: &str = "/resource/loca-2222";

async fn dataset() -> Mock {
    let mock = mock().await;
    let columns = json!([
        { "fieldName": "k", "dataTypeName": "text" },
        { "fieldName": "v", "dataTypeName": "location" },
        { "fieldName": "p", "dataTypeName": "point" },
        { "fieldName": "u", "dataTypeName": "url" },
    ]);
    mock.dataset(
        "loca-2222",
        &json!({ "name": "L", "metadata": { "rowIdentifier": "k" }, "columns": columns }),
    )
    .await;
    mock
}

async fn csv(mock: &Mock, body: String) -> Answer {
    mock.call("POST", PATH, &[("authorization", PUBLISHER), ("content-type", "text/csv")], body).await
}

/// A location as it is read back: latitude and longitude, and the parts of the address.
fn shown(location: &Value) -> (Option<&str>, Option<&str>, Option<Value>) {
    let text = |name: &str| location.get(name).and_then(Value::as_str);
    let address = text("human_address").map(|text| serde_json::from_str(text).unwrap());
    (text("latitude"), text("longitude"), address)
}

fn address(parts: [&str; 4]) -> Option<Value> {
    Some(json!({ "address": parts[0], "city": parts[1], "state": parts[2], "zip": parts[3] }))
}

const NONE: Option<Value> = None;

/// Documented: a pair, an address and a pair; one text that is to be geocoded. JSON takes what a cell
/// takes.
#[tokio::test]
async fn a_text_is_read_in_json_as_in_a_cell() {
    let whole = ["1 Main St", "Seattle", "WA", "98104"];
    for (text, latitude, longitude, parts, warning) in [
        ("(47.59815, -122.334540)", Some("47.59815"), Some("-122.334540"), NONE, ""),
        (" (1,2) ", Some("1"), Some("2"), NONE, ""),
        ("1 Main St (47.6, -122.3)", Some("47.6"), Some("-122.3"), address(["1 Main St", "", "", ""]), ""),
        ("1 Main St\nSeattle, WA 98104\n(47.6, -122.3)", Some("47.6"), Some("-122.3"), address(whole), ""),
        (
            "1 Main St\r\nSeattle, WA 98104\r\n(47.6, -122.3)",
            Some("47.6"),
            Some("-122.3"),
            address(whole),
            "",
        ),
        ("1 Main St\nSeattle, WA 98104", None, None, address(whole), "not geocoded"),
        ("1 Main St\nSeattle, WA 98104 ", None, None, address(whole), "not geocoded"),
        (
            "1 Main St\nSt. Paul,New York 10001",
            None,
            None,
            address(["1 Main St", "St. Paul", "New York", "10001"]),
            "not geocoded",
        ),
        (
            "Suite 5\n1 Main St\nSeattle, WA 98104",
            None,
            None,
            address(["Suite 5\n1 Main St", "Seattle", "WA", "98104"]),
            "not geocoded",
        ),
        (
            "1 Main St, Seattle, WA 98104",
            None,
            None,
            address(["1 Main St, Seattle, WA 98104", "", "", ""]),
            "not geocoded",
        ),
        ("somewhere (x, y", None, None, address(["somewhere (x, y", "", "", ""]), "not geocoded"),
        (
            "POINT (-122.3 47.6)",
            None,
            None,
            address(["POINT (-122.3 47.6)", "", "", ""]),
            "not geocoded: WKT",
        ),
        (
            "47.6, -122.3",
            None,
            None,
            address(["47.6, -122.3", "", "", ""]),
            "not geocoded: a pair without brackets",
        ),
        (r#"{"latitude":"1","longitude":2.50}"#, Some("1"), Some("2.50"), NONE, ""),
    ] {
        let mock = dataset().await;
        let by_json = mock.write("POST", PATH, &json!([{ "k": "a", "v": text }])).await;
        let cell = text.replace('"', "\"\"");
        let by_csv = csv(&mock, format!("k,v\nb,\"{cell}\"\n")).await;
        for answer in [&by_json, &by_csv] {
            assert_eq!(answer.status, 200, "{text}: {}", answer.text());
            let told = answer.header("x-mock-warning");
            assert!(told.contains(warning) && told.is_empty() == warning.is_empty(), "{text}: {told}");
            assert!(told.is_empty() || told.starts_with("v: "), "{told}");
        }
        assert!(warning.is_empty() || by_csv.header("x-mock-warning").contains("write (47.6, -122.3)"));
        let rows = mock.get(&format!("{PATH}.json?$order=k&$select=v")).await.json();
        assert_eq!(rows[0], rows[1], "{text}");
        assert_eq!(shown(&rows[0]["v"]), (latitude, longitude, parts), "{text}");
    }
}

#[tokio::test]
async fn an_empty_text_is_null_and_told() {
    let mock = dataset().await;
    for text in ["", "  "] {
        let answer = mock.write("POST", PATH, &json!([{ "k": "a", "v": text }])).await;
        assert!(answer.header("x-mock-warning").contains("send null"), "{}", answer.header("x-mock-warning"));
        assert_eq!(mock.get(&format!("{PATH}/a.json")).await.json(), json!({ "k": "a" }));
    }
    let blank = csv(&mock, "k,v\na,\"  \"\n".to_owned()).await;
    assert!(blank.header("x-mock-warning").contains("leave the cell empty"), "{}", blank.text());
    assert_eq!(csv(&mock, "k,v\na,\n".to_owned()).await.header("x-mock-warning"), "");
}

/// Source: what cannot be read becomes null. It is told whenever anything was lost.
#[tokio::test]
async fn whatever_is_lost_of_an_object_is_told() {
    let all = "no part of the location could be read";
    let part = "a part of the location could not be read";
    for (sent, stored, warning) in [
        (json!({}), json!({}), ""),
        (json!({ "latitude": null }), json!({}), ""),
        (
            json!({ "latitude": "1", "longitude": "2", "other": 3 }),
            json!({ "latitude": "1", "longitude": "2" }),
            "",
        ),
        (json!({ "lat": 1, "lng": 2 }), json!({}), all),
        (json!({ "x": 1, "y": 2 }), json!({}), all),
        (json!({ "latitude": "north", "longitude": [] }), json!({}), all),
        (json!({ "human_address": "1 Main St" }), json!({}), all),
        (json!({ "type": "Point", "coordinates": [1, 2] }), json!({}), "a location is no GeoJSON"),
        (
            json!({ "type": "Feature", "geometry": { "type": "Point" } }),
            json!({}),
            "a location is no GeoJSON",
        ),
        (json!({ "latitude": "north", "longitude": 2 }), json!({ "longitude": "2" }), part),
        (
            json!({ "human_address": { "address": "1 Main St", "zip": 98104 } }),
            json!({ "human_address": r#"{"address": "1 Main St", "city": "", "state": "", "zip": "98104"}"# }),
            "",
        ),
        (
            json!({ "human_address": { "street": "1 Main St" } }),
            json!({ "human_address": r#"{"address": "", "city": "", "state": "", "zip": ""}"# }),
            part,
        ),
        (
            json!({ "lat": 1, "human_address": { "city": "Seattle" } }),
            json!({ "human_address": r#"{"address": "", "city": "Seattle", "state": "", "zip": ""}"# }),
            part,
        ),
    ] {
        let mock = dataset().await;
        let answer = mock.write("POST", PATH, &json!([{ "k": "a", "v": sent }])).await;
        assert_eq!(answer.status, 200, "{sent}: {}", answer.text());
        let told = answer.header("x-mock-warning");
        assert!(told.contains(warning) && told.is_empty() == warning.is_empty(), "{sent}: {told}");
        assert_eq!(mock.get(&format!("{PATH}/a.json")).await.json()["v"], stored, "{sent}");
    }
}

/// Its sister: a link whose members have other names.
#[tokio::test]
async fn a_link_that_loses_every_part_is_told() {
    let mock = dataset().await;
    for (sent, warning) in [
        (json!({ "href": "http://a" }), "its members are the texts url and description"),
        (json!({ "url": 5 }), "its members are the texts url and description"),
        (json!({}), ""),
        (json!({ "url": null }), ""),
    ] {
        let answer = mock.write("POST", PATH, &json!([{ "k": "a", "u": sent }])).await;
        let told = answer.header("x-mock-warning");
        assert!(told.contains(warning) && told.is_empty() == warning.is_empty(), "{sent}: {told}");
    }
}

/// Production stores any numbers; latitude and longitude that cannot be are told.
#[tokio::test]
async fn degrees_that_there_are_not_are_told() {
    let swapped = "latitude and longitude seem swapped";
    let beyond = "there are no such degrees";
    for (latitude, longitude, warning) in [
        ("47.6", "-122.3", ""),
        ("90", "180", ""),
        ("-122.3", "47.6", swapped),
        ("547000.5", "1273000", beyond),
        ("10", "181", beyond),
        ("91", "10", swapped),
        ("91", "100", beyond),
    ] {
        let point = format!(r#"{{"type":"Point","coordinates":[{longitude},{latitude}]}}"#);
        for (content_type, body) in [
            (
                "application/json",
                format!(r#"[{{"k":"a","v":{{"latitude":{latitude},"longitude":{longitude}}}}}]"#),
            ),
            ("application/json", format!(r#"[{{"k":"a","v":"({latitude}, {longitude})"}}]"#)),
            ("application/json", format!(r#"[{{"k":"a","p":{point}}}]"#)),
            ("application/json", format!(r#"[{{"k":"a","p":"POINT ({longitude} {latitude})"}}]"#)),
            ("text/csv", format!("k,v\na,\"({latitude}, {longitude})\"\n")),
            ("text/csv", format!("k,p\na,\"({latitude}, {longitude})\"\n")),
            ("text/csv", format!("k,p\na,POINT ({longitude} {latitude})\n")),
        ] {
            let mock = dataset().await;
            let headers = [("authorization", PUBLISHER), ("content-type", content_type)];
            let answer = mock.call("POST", PATH, &headers, body.clone()).await;
            assert_eq!(answer.status, 200, "{body}: {}", answer.text());
            let told = answer.header("x-mock-warning");
            assert!(told.contains(warning) && told.is_empty() == warning.is_empty(), "{body}: {told}");
        }
    }
}

/// Documented nowhere: it is an address for production too, but none that anybody means.
#[tokio::test]
async fn a_word_for_a_missing_value_is_an_address_with_a_warning() {
    for word in ["N/A", " null ", "-"] {
        let mock = dataset().await;
        let by_json = mock.write("POST", PATH, &json!([{ "k": "a", "v": word }])).await;
        let warning = by_json.header("x-mock-warning");
        assert!(
            warning.contains("a word for a missing value") && warning.contains("send null"),
            "{word}: {warning}"
        );
        let headers = [("authorization", PUBLISHER), ("content-type", "text/csv")];
        let by_csv = mock.call("POST", PATH, &headers, format!("k,v\nb,{word}\n")).await;
        let warning = by_csv.header("x-mock-warning");
        assert!(warning.contains("leave it empty"), "{word}: {warning}");
    }
}

/// WKT has a blank between its numbers: with a comma they are latitude and longitude, behind the address POINT.
#[tokio::test]
async fn wkt_with_a_comma_is_a_pair_with_a_warning() {
    let mock = dataset().await;
    let by_json = mock.write("POST", PATH, &json!([{ "k": "a", "v": "POINT(-122.3, 47.6)" }])).await;
    let by_csv = csv(&mock, "k,v\nb,\"POINT(-122.3, 47.6)\"\n".to_owned()).await;
    for (answer, verb) in [(by_json, "send {"), (by_csv, "write (47.6, -122.3)")] {
        let warning = answer.header("x-mock-warning");
        assert!(answer.status == 200 && warning.starts_with("v: the numbers of WKT"), "{warning}");
        assert!(warning.contains(verb), "{warning}");
    }
    let row = mock.get(&format!("{PATH}.json?$select=v")).await.json()[0]["v"].clone();
    assert_eq!((&row["latitude"], &row["longitude"]), (&json!("-122.3"), &json!("47.6")));
}
