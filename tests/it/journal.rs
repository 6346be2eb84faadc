//! The journal: every request with its answer and what became of each row.

use crate::support::{Mock, PUBLISHER, mock, mock_of};
use axum::body::Body;
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::http::Options;
use soda_mock::journal::Settings;

const UPSERT: &str = "/resource/4tka-6guv.json";

async fn requests(mock: &Mock, query: &str) -> Value {
    let answer = mock.get(&format!("/__mock/v1/requests{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn detail(mock: &Mock, id: u64) -> Value {
    mock.get(&format!("/__mock/v1/requests/{id}")).await.json()
}

#[tokio::test]
async fn an_upsert_is_told_with_the_fate_of_each_row() {
    let mock = mock().await;
    let rows = json!([
        { "earthquake_id": "new-1", "magnitude": 1 },
        { "earthquake_id": "00388609", "magnitude": 2 },
        { "earthquake_id": "71842370", ":deleted": true },
        { "earthquake_id": "83", ":deleted": true },
        { "magnitude": 3 },
    ]);
    let answer = mock.write("POST", UPSERT, &rows).await;
    assert_eq!(answer.header("x-mock-request"), "1");
    let listed = requests(&mock, "").await;
    assert_eq!((&listed["dropped"], &listed["last"]), (&json!(0), &json!(1)));
    let entry = &listed["requests"][0];
    assert_eq!(entry["rows"], json!({ "created": 1, "updated": 1, "deleted": 1, "errors": 2 }));
    assert_eq!(entry["client"]["user"], "publisher@example.com");
    assert_eq!((&entry["operation"], &entry["dataset"]), (&json!("upsert"), &json!("4tka-6guv")));
    assert_eq!((&entry["at"], &entry["duration_us"]), (&json!("2023-11-14T22:13:20.000Z"), &json!(0)));
    let told = detail(&mock, 1).await;
    let fates = told["fates"].as_array().unwrap();
    let short: Vec<(&str, &Value)> = fates.iter().map(|f| (f["fate"].as_str().unwrap(), &f["key"])).collect();
    assert_eq!(
        short,
        [
            ("created", &json!("new-1")),
            ("updated", &json!("00388609")),
            ("deleted", &json!("71842370")),
            ("error", &json!("83")),
            ("error", &Value::Null),
        ]
    );
    assert_eq!(fates[3]["reason"], "no such row to delete: key 83");
    assert_eq!(fates[3]["code"], "no_such_row_to_delete");
    assert_eq!(fates[4]["reason"], "the row has no value for earthquake_id, which identifies rows");
    assert!(fates[0]["id"].as_str().unwrap().starts_with("row-"));
    assert_eq!(told["request"]["body"]["text"], rows.to_string());
    assert_eq!(told["answer"]["body"]["text"], answer.text());
    assert_eq!(told["data_version"], json!({ "before": 1, "after": 2 }));
}

#[tokio::test]
async fn secrets_never_reach_the_journal() {
    let mock = mock().await;
    let headers = [
        ("authorization", PUBLISHER),
        ("x-app-token", "demo-app-token"),
        ("cookie", "s=hidden"),
        ("x-api-key", "hidden"),
        ("proxy-authorization", "Basic hidden"),
        ("referer", "https://hidden@site.example/hidden?access_token=hidden#hidden"),
    ];
    mock.call("GET", "/resource/4tka-6guv.json?$$app_token=demo-app-token", &headers, Body::empty()).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let login = "user=publisher%40example.com&password=publisher&client_id=demo-app-token\
                 &redirect_uri=http%3A%2F%2Flocalhost%2Fcb&response_type=code&decision=allow";
    let allowed = mock.call("POST", "/oauth/authorize", &form, login).await;
    let code = allowed.header("location").split_once("code=").unwrap().1.to_owned();
    let exchange = format!(
        "client_id=demo-app-token&client_secret=demo-app-secret&grant_type=authorization_code\
         &redirect_uri=http%3A%2F%2Flocalhost%2Fcb&code={code}"
    );
    let token = mock.call("POST", "/oauth/access_token", &form, exchange).await;
    let token = token.json()["access_token"].as_str().unwrap().to_owned();
    let key = mock.write("POST", "/api/api_keys", &json!({ "keyName": "k" })).await.json();
    let secret = key["keySecret"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    mock.call("GET", "/resource/4tka-6guv.json", &[("authorization", &bearer)], Body::empty()).await;
    let mut all = String::new();
    for id in 1..=5 {
        all.push_str(&detail(&mock, id).await.to_string());
    }
    for hidden in [
        "demo-app-token&",
        "demo-app-token\"",
        "cHVibGlzaGVy",
        "hidden",
        "demo-app-secret",
        &code,
        &token,
        &secret,
    ] {
        let at = all.find(hidden).map(|at| &all[at.saturating_sub(200)..at + 20]);
        let known = hidden.starts_with("demo-app-token") && at.is_some_and(|t| t.contains("client_id"));
        assert!(at.is_none() || known, "{hidden}: {at:?}");
    }
    assert!(!all.contains("password=publisher"));
    assert!(all.contains("demo***"), "a masked app token tells clients apart");
}

#[tokio::test]
async fn refusals_of_every_kind_are_told_with_code_and_hint() {
    let mock = mock().await;
    mock.call("POST", UPSERT, &[], "[]").await;
    mock.get("/nowhere").await;
    let hint = mock.write("POST", UPSERT, &json!([{ "nope": 1 }])).await.header("x-mock-hint").to_owned();
    mock.get("/resource/4tka-6guv.json?$where=nope(1)").await;
    mock.call(
        "OPTIONS",
        UPSERT,
        &[("origin", "http://elsewhere"), ("access-control-request-method", "GET")],
        "",
    )
    .await;
    let listed = requests(&mock, "").await;
    let told: Vec<(Value, Value)> = listed["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["status"].clone(), e["error"]["code"].clone()))
        .collect();
    assert_eq!(
        told[..3],
        [
            (json!(403), json!("authentication_required")),
            (json!(404), json!("not_found")),
            (json!(400), json!("invalid_request")),
        ]
    );
    assert_eq!(told[3].0, 400);
    assert_eq!((told.len(), &told[4].0), (5, &json!(200)));
    assert!(hint.len() > 10);
    assert_eq!(listed["requests"][2]["hint"], hint);
}

#[tokio::test]
async fn the_admin_api_itself_is_not_told() {
    let mock = mock().await;
    assert_eq!(mock.get("/__mock/v1/live").await.header("x-mock-request"), "");
    assert_eq!(requests(&mock, "").await["requests"], json!([]));
}

#[tokio::test]
async fn a_journal_that_is_off_keeps_nothing() {
    let journal = Settings { entries: 0, ..Settings::default() };
    let mock =
        mock_of(Setup { options: Options { journal, ..Options::default() }, ..Setup::default() }).await;
    assert_eq!(mock.get(UPSERT).await.header("x-mock-request"), "");
    assert_eq!(requests(&mock, "").await["last"], 0);
}

#[tokio::test]
async fn what_is_dropped_is_counted() {
    let journal = Settings { entries: 3, ..Settings::default() };
    let mock =
        mock_of(Setup { options: Options { journal, ..Options::default() }, ..Setup::default() }).await;
    for _ in 0..5 {
        mock.get(UPSERT).await;
    }
    let listed = requests(&mock, "").await;
    assert_eq!((&listed["dropped"], &listed["last"]), (&json!(2), &json!(5)));
    assert_eq!(listed["requests"][0]["id"], 3);
}

#[tokio::test]
async fn a_gzip_body_is_shown_decoded_and_a_long_one_in_part() {
    use std::io::Write as _;
    let mock = mock().await;
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    zip.write_all(br#"[{"earthquake_id":"z"}]"#).unwrap();
    let headers = [("authorization", PUBLISHER), ("content-encoding", "gzip")];
    let answer = mock.call("POST", UPSERT, &headers, zip.finish().unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = detail(&mock, 1).await["request"]["body"].clone();
    assert_eq!((&body["text"], &body["encoding"]), (&json!(r#"[{"earthquake_id":"z"}]"#), &json!("gzip")));
    let rows: Vec<Value> = (0..5000).map(|n| json!({ "earthquake_id": format!("long-{n}") })).collect();
    mock.write("POST", UPSERT, &Value::from(rows)).await;
    let told = detail(&mock, 2).await;
    let body = &told["request"]["body"];
    assert_eq!(
        (body["truncated"].as_bool(), body["text"].as_str().map(str::len)),
        (Some(true), Some(65_536))
    );
    assert_eq!((told["fates"].as_array().unwrap().len(), &told["fates_dropped"]), (1000, &json!(4000)));
}

#[tokio::test]
async fn reset_begins_again_and_delete_goes_on() {
    let mock = mock().await;
    mock.get(UPSERT).await;
    mock.get(UPSERT).await;
    let deleted = mock.call("DELETE", "/__mock/v1/requests/1", &[], "").await.json();
    assert_eq!(deleted, json!({ "deleted": 1 }));
    assert_eq!(mock.get("/__mock/v1/requests/1").await.status, 404);
    assert_eq!(mock.call("DELETE", "/__mock/v1/requests", &[], "").await.json(), json!({ "deleted": 1 }));
    assert_eq!(mock.get(UPSERT).await.header("x-mock-request"), "3");
    mock.call("POST", "/__mock/v1/reset", &[], "").await;
    assert_eq!(mock.get(UPSERT).await.header("x-mock-request"), "1");
}

#[tokio::test]
async fn the_list_is_filtered_by_what_is_asked() {
    let mock = mock().await;
    mock.write("POST", UPSERT, &json!([])).await;
    mock.get("/resource/earthquakes.json?$limit=1").await;
    mock.call("GET", "/resource/zzzz-zzzz.json", &[("x-socrata-requestid", "mine-1")], "").await;
    for (query, ids) in [
        ("", json!([1, 2, 3])),
        ("?method=post", json!([1])),
        ("?path=/resource/*.json", json!([1, 2, 3])),
        ("?path=/resource/earthquakes.json", json!([2])),
        ("?dataset=earthquakes", json!([1, 2])),
        ("?dataset=zzzz-zzzz", json!([3])),
        ("?operation=query", json!([2, 3])),
        ("?status=4xx", json!([3])),
        ("?status=200,404", json!([1, 2, 3])),
        ("?client=publisher@example.com", json!([1])),
        ("?request_id=mine-*", json!([3])),
        ("?since=2", json!([3])),
        ("?since=2023-11-14T22:13:21Z", json!([])),
        ("?limit=1", json!([3])),
        ("?limit=0", json!([])),
        ("?fault=true", json!([])),
    ] {
        let listed = requests(&mock, query).await;
        let found: Vec<&Value> = listed["requests"].as_array().unwrap().iter().map(|e| &e["id"]).collect();
        assert_eq!(json!(found), ids, "{query}");
    }
    for (query, says) in
        [("?nope=1", "known are"), ("?status=abc", "is no status"), ("?operation=x", "known are")]
    {
        let refused = mock.get(&format!("/__mock/v1/requests{query}")).await;
        assert_eq!(refused.status, 400);
        assert!(refused.json()["detail"].as_str().unwrap().contains(says), "{}", refused.text());
    }
}

async fn ids(mock: &Mock, query: &str) -> Value {
    let listed = requests(mock, query).await;
    listed["requests"].as_array().unwrap().iter().map(|entry| entry["id"].clone()).collect()
}

#[tokio::test]
async fn all_that_is_kept_of_a_request_is_searched() {
    let mock = mock().await;
    let rows = json!([{ "earthquake_id": "q-1", "region": "Šumava" }, { "earthquake_id": "gone", ":deleted": true }]);
    mock.write("POST", UPSERT, &rows).await;
    let csv = [("authorization", PUBLISHER), ("content-type", "text/csv")];
    mock.call("POST", UPSERT, &csv, "earthquake_id,magnitude\nq-2,3\n").await;
    mock.call("POST", UPSERT, &csv, "earthquake_id,magnitude\nq-3,heavy\n").await;
    mock.get("/resource/4tka-6guv/q-1.json").await;
    mock.get("/resource/4tka-6guv.json?$where=region%20=%20%27Tonga%27").await;
    mock.call("DELETE", "/resource/4tka-6guv/q-1.json", &[("authorization", PUBLISHER)], "").await;
    mock.write("POST", UPSERT, &json!([{ "magnitude": 1 }])).await;
    let zipped = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(br#"[{"earthquake_id":"q-9","region":"packed"}]"#).unwrap();
        encoder.finish().unwrap()
    };
    let gzip =
        [("authorization", PUBLISHER), ("content-type", "application/json"), ("content-encoding", "gzip")];
    mock.call("POST", UPSERT, &gzip, zipped).await;
    for (query, expected) in [
        // The body of the request and of the answer, packed ones too, whatever the case of letters.
        ("?text=%C5%A1umava", json!([1, 4])),
        ("?text=PACKED", json!([8])),
        ("?text=Rows%20Created", json!([1, 2, 7, 8])),
        // The query as it was sent and as it is read; headers; what became of rows; who asked.
        ("?text=region%20%3D%20%27tonga", json!([5])),
        ("?text=region%2520", json!([5])),
        ("?text=content-type:%20text/csv", json!([2, 3])),
        ("?text=no%20such%20row%20to%20delete", json!([1])),
        ("?text=publisher@", json!([1, 2, 3, 6, 7, 8])),
        ("?text=nowhere", json!([])),
        // A row is named by a path, a body of any form, a fate or its :id.
        ("?key=q-1", json!([1, 4, 6])),
        ("?key=q-2", json!([2])),
        ("?key=q-3", json!([3])),
        ("?key=q-9", json!([8])),
        ("?key=gone", json!([1])),
        ("?key=q", json!([])),
        ("?row_error=true", json!([1, 7])),
        ("?row_error=no_such_*", json!([1])),
        ("?row_error=no_primary_key", json!([7])),
        ("?row_error=false&operation=upsert", json!([2, 3, 8])),
        ("?row_error=true&text=gone&key=gone", json!([1])),
    ] {
        assert_eq!(ids(&mock, query).await, expected, "{query}");
    }
    let id = detail(&mock, 1).await["fates"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ids(&mock, &format!("?key={id}")).await, json!([1]), "{id}");
    for query in ["?text=", "?fold=yes", "?before=x"] {
        assert_eq!(mock.get(&format!("/__mock/v1/requests{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_list_is_read_page_by_page_and_failures_alike_fold() {
    let mock = mock().await;
    for path in ["/resource/zzzz-zzzz.json"; 5].iter().chain(&[UPSERT; 2]) {
        mock.get(path).await;
    }
    let page = requests(&mock, "?limit=3").await;
    let facts = |list: &Value| json!([list["matched"], list["kept"], list["next"], list["last"]]);
    assert_eq!(facts(&page), json!([7, 7, 5, 7]));
    let page = requests(&mock, "?limit=3&before=5&path=/resource/z*").await;
    assert_eq!(facts(&page), json!([5, 7, 2, 7]));
    assert_eq!(ids(&mock, "?limit=3&before=2").await, json!([1]));
    assert_eq!(facts(&requests(&mock, "?limit=3&before=2").await), json!([7, 7, null, 7]));
    let folded = requests(&mock, "?fold=true&limit=3").await;
    assert_eq!(ids(&mock, "?fold=true&limit=3").await, json!([5, 6, 7]));
    assert_eq!(folded["requests"][0]["folded"], json!({ "times": 5, "first": 1 }));
    assert_eq!(folded["requests"][1].get("folded"), None);
    assert_eq!(facts(&folded), json!([7, 7, null, 7]));
    assert_eq!(requests(&mock, "?fold=true&limit=2").await["next"], 6);
    assert_eq!(requests(&mock, "?limit=0").await["next"], Value::Null);
}

#[tokio::test]
async fn a_request_is_exported_as_a_command_and_a_program() {
    let mock = mock().await;
    mock.write("POST", UPSERT, &json!([{ "earthquake_id": "it's" }])).await;
    let curl = mock.get("/__mock/v1/requests/1/curl").await;
    assert!(curl.header("content-type").starts_with("text/plain"));
    assert!(curl.text().contains("--data-raw '[{\"earthquake_id\":\"it'\\''s\"}]'"), "{}", curl.text());
    assert!(curl.text().contains("-u \"$SODA_USER:$SODA_PASSWORD\""));
    let python = mock.get("/__mock/v1/requests/1/python").await.text();
    assert!(python.contains("requests.request(\n    \"POST\","), "{python}");
    let har = mock.get("/__mock/v1/requests.har").await.json();
    let entry = &har["log"]["entries"][0];
    assert_eq!(entry["request"]["postData"]["text"], r#"[{"earthquake_id":"it's"}]"#);
    assert_eq!((&entry["response"]["status"], &entry["_mock"]["id"]), (&json!(200), &json!(1)));
    assert!(!har.to_string().contains("cHVibGlzaGVy"));
}

/// A body that never comes.
struct Stalled;

impl http_body::Body for Stalled {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_is_told() {
    let mock = mock().await;
    let request = http::Request::post(UPSERT).header("authorization", PUBLISHER);
    let request = request.body(Body::new(Stalled)).unwrap();
    // Asked once, then given up, as the server does when the client hangs up.
    assert!(tokio::time::timeout(std::time::Duration::ZERO, mock.raw(request)).await.is_err());
    let listed = requests(&mock, "?status=none").await;
    let entry = &listed["requests"][0];
    assert_eq!(
        (&entry["status"], &entry["ended"], &entry["rows"]),
        (&Value::Null, &json!("cut"), &Value::Null)
    );
    assert_eq!(entry["error"]["code"], "client_closed_request");
    assert_eq!(entry["client"]["user"], "publisher@example.com");
}

/// Frozen time and seeded ids are enough: nothing else may get into a journal.
#[tokio::test]
async fn the_same_script_gives_the_same_journal_to_the_byte() {
    async fn run() -> String {
        let mock = mock().await;
        mock.write(
            "POST",
            UPSERT,
            &json!([{ "earthquake_id": "a" }, { "earthquake_id": "none", ":deleted": true }]),
        )
        .await;
        mock.get("/resource/4tka-6guv.json?$where=magnitude%3E1").await;
        mock.write("PUT", "/resource/4tka-6guv/a.json", &json!({ "magnitude": 7 })).await;
        mock.write("POST", "/api/views", &json!({ "name": "New", "columns": [] })).await;
        mock.get("/nowhere").await;
        mock.get("/__mock/v1/requests.ndjson").await.text()
    }
    let (first, second) = (run().await, run().await);
    assert_eq!(first.lines().count(), 5);
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_request_is_replayed_as_its_user_or_another() {
    let mock = mock().await;
    mock.write("POST", UPSERT, &json!([{ "earthquake_id": "again" }])).await;
    let replay = |body: &str| mock.call("POST", "/__mock/v1/requests/1/replay", &[], body.to_owned());
    let told = replay("").await;
    assert_eq!(told.status, 200, "{}", told.text());
    let told = told.json();
    assert_eq!((&told["replayed"], &told["as"]), (&json!(1), &json!("publisher@example.com")));
    assert_eq!(told["request"]["id"], 2);
    assert_eq!(told["request"]["rows"]["updated"], 1, "{told}");
    let viewer = replay(r#"{"user":"viewer@example.com"}"#).await.json();
    assert_eq!((&viewer["request"]["id"], &viewer["request"]["status"]), (&json!(3), &json!(403)));
    let given = replay(&json!({ "authorization": PUBLISHER }).to_string()).await.json();
    assert_eq!(given["request"]["status"], 200);
    assert_eq!(replay(r#"{"user":"nobody"}"#).await.status, 404);
    let rows: Vec<Value> = (0..5000).map(|n| json!({ "earthquake_id": format!("long-{n}") })).collect();
    let long = mock.write("POST", UPSERT, &Value::from(rows)).await;
    let path = format!("/__mock/v1/requests/{}/replay", long.header("x-mock-request"));
    let refused = mock.call("POST", &path, &[], "").await;
    assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("body_not_kept")));
}

#[tokio::test]
async fn a_request_is_sent_as_an_account() {
    let mock = mock().await;
    let send = async |body: Value| mock.call("POST", "/__mock/v1/requests", &[], body.to_string()).await;
    let rows = json!([{ "earthquake_id": "sent", "magnitude": 1 }]).to_string();
    for (user, status) in
        [(json!("publisher@example.com"), 200), (json!("viewer@example.com"), 403), (Value::Null, 403)]
    {
        let answer = send(json!({ "method": "POST", "path": UPSERT, "user": user, "body": rows })).await;
        let told = answer.json();
        assert_eq!((answer.status, &told["as"], &told["status"]), (200, &user, &json!(status)), "{told}");
        let entry = detail(&mock, told["request"].as_u64().unwrap()).await;
        assert_eq!((&entry["client"]["user"], &entry["answer"]["body"]["text"]), (&user, &told["body"]));
    }
    let csv = json!({ "method": "post", "path": UPSERT, "user": "publisher@example.com", "content_type": "text/csv", "body": "earthquake_id\nsent-2\n" });
    assert!(send(csv).await.json()["body"].as_str().unwrap().contains("\"Rows Created\" : 1"));
    let read = send(json!({ "method": "GET", "path": "/resource/4tka-6guv/sent-2.json" })).await.json();
    assert!(read["body"].as_str().unwrap().contains("sent-2"), "{read}");
    // What the journal masks is told to the one who sent it.
    let key = json!({ "method": "POST", "path": "/api/api_keys", "user": "publisher@example.com", "body": "{\"keyName\": \"laptop\"}" });
    let made: Value = serde_json::from_str(send(key).await.json()["body"].as_str().unwrap()).unwrap();
    assert!(made["keySecret"].as_str().unwrap().len() > 8, "{made}");
    for (body, status) in [
        (json!({ "method": "POST", "path": "/__mock/v1/reset" }), 400),
        (json!({ "method": "POST", "path": "/__mock/v1/requests/1/undo" }), 400),
        (json!({ "method": "GE T", "path": UPSERT }), 400),
        (json!({ "method": "GET", "path": "resource" }), 400),
        (json!({ "method": "GET", "path": "/a b" }), 400),
        (json!({ "method": "GET", "path": UPSERT, "user": "nobody" }), 404),
        (json!({ "method": "GET" }), 400),
    ] {
        assert_eq!(send(body.clone()).await.status, status, "{body}");
    }
}
