//! Named states of the data, and the ways back to them.

use crate::support::{Mock, PUBLISHER, mock, mock_of};
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::space::Bounds;

const DATASET: &str = "/resource/aaaa-2222.json";
const ROWS: &str = "/__mock/v1/datasets/aaaa-2222/rows";

async fn prepared(mock: &Mock) {
    let definition = json!({
        "name": "Readings",
        "metadata": { "rowIdentifier": "k" },
        "columns": [
            { "fieldName": "k", "name": "The Key", "dataTypeName": "text" },
            { "fieldName": "n", "name": "N", "dataTypeName": "number" },
        ],
        "rows": [{ "k": "a", "n": "1.10" }, { "k": "b", "n": 2 }],
    });
    mock.dataset("aaaa-2222", &definition).await;
}

async fn admin(mock: &Mock, method: &str, path: &str, body: &str) -> Value {
    let answer = mock.call(method, &format!("/__mock/v1{path}"), &[], body.to_owned()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn upsert(mock: &Mock, rows: Value) -> (String, Vec<Value>) {
    let headers = [("authorization", PUBLISHER), ("x-mock-report", "rows")];
    let answer = mock.call("POST", DATASET, &headers, rows.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    (answer.header("x-soda2-truth-version").to_owned(), answer.json().as_array().unwrap().clone())
}

async fn gives_rows_versions_and_counters_back(mock: &Mock) {
    prepared(mock).await;
    upsert(mock, json!([{ "k": "c" }])).await;
    let before = mock.get(ROWS).await.text();
    let taken = admin(mock, "PUT", "/snapshots/before", "").await;
    // Those of the demo dataset are there too.
    assert_eq!(
        (&taken["name"], &taken["datasets"], &taken["rows"]),
        (&json!("before"), &json!(2), &json!(15))
    );
    assert_eq!(admin(mock, "GET", "/snapshots", "").await["snapshots"], json!([taken]));
    assert_eq!(admin(mock, "GET", "/snapshots/before", "").await, taken);
    let first = upsert(mock, json!([{ "k": "d" }, { "k": "a", ":deleted": true }])).await;
    assert_ne!(mock.get(ROWS).await.text(), before);
    admin(mock, "POST", "/snapshots/before/restore", "").await;
    assert_eq!(mock.get(ROWS).await.text(), before);
    // The same write gets the same versions and row ids as it got before.
    let again = upsert(mock, json!([{ "k": "d" }, { "k": "a", ":deleted": true }])).await;
    assert_eq!(again, first);
    admin(mock, "POST", "/reset", "{\"to\":\"before\"}").await;
    assert_eq!(mock.get(ROWS).await.text(), before);
    assert_eq!(admin(mock, "DELETE", "/snapshots/before", "").await, json!({ "deleted": "before" }));
    for (method, path) in
        [("GET", "before"), ("DELETE", "before"), ("POST", "before/restore"), ("GET", "before/file")]
    {
        let gone = mock.call(method, &format!("/__mock/v1/snapshots/{path}"), &[], "").await;
        assert_eq!((gone.status, &gone.json()["code"]), (404, &json!("not_found")), "{path}");
    }
}

#[tokio::test]
async fn a_snapshot_gives_rows_versions_and_counters_back() {
    gives_rows_versions_and_counters_back(&mock().await).await;
}

/// A data file cannot be exchanged for another; its content is, in one transaction.
#[tokio::test]
async fn a_data_file_is_restored_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.db");
    let setup = || Setup { data: Some(path.clone()), ..Setup::default() };
    let mock = mock_of(setup()).await;
    gives_rows_versions_and_counters_back(&mock).await;
    let rows = mock.get(ROWS).await.text();
    drop(mock);
    let mock = mock_of(setup()).await;
    assert_eq!(mock.get(ROWS).await.text(), rows);
    let reset = admin(&mock, "POST", "/reset", "{\"to\":\"empty\"}").await;
    assert_eq!(reset["reset"], json!({ "datasets_removed": 2, "datasets_loaded": 0 }));
    assert_eq!(mock.get(ROWS).await.status, 404);
    // What else is made in the process is ephemeral.
    let space = mock.call("POST", "/__mock/v1/spaces", &[], "").await.json();
    assert_eq!((&space["ephemeral"], &space["datasets"]), (&json!(true), &json!(1)));
}

#[tokio::test]
async fn a_snapshot_does_not_change_with_the_data() {
    let mock = mock().await;
    prepared(&mock).await;
    let before = mock.get(ROWS).await.text();
    admin(&mock, "PUT", "/snapshots/one", "").await;
    admin(&mock, "POST", "/snapshots/one/restore", "").await;
    upsert(&mock, json!([{ "k": "x" }])).await;
    admin(&mock, "PUT", "/snapshots/two", "").await;
    upsert(&mock, json!([{ "k": "y" }])).await;
    admin(&mock, "POST", "/snapshots/one/restore", "").await;
    assert_eq!(mock.get(ROWS).await.text(), before);
    admin(&mock, "POST", "/snapshots/two/restore", "").await;
    let keys = mock.get(&format!("{DATASET}?$select=k&$order=k")).await.json();
    assert_eq!(keys, json!([{ "k": "a" }, { "k": "b" }, { "k": "x" }]));
}

#[tokio::test]
async fn a_reset_can_keep_what_it_takes_away() {
    let mock = mock().await;
    prepared(&mock).await;
    let before = mock.get(ROWS).await.text();
    let reset = admin(&mock, "POST", "/reset", "{\"to\":\"seed\",\"keep\":\"undo\"}").await;
    assert_eq!(reset["kept"], "undo");
    assert_eq!(mock.get(ROWS).await.status, 404);
    admin(&mock, "POST", "/snapshots/undo/restore", "").await;
    assert_eq!(mock.get(ROWS).await.text(), before);
}

#[tokio::test]
async fn a_reset_tells_what_it_cleared() {
    let mock = mock().await;
    admin(&mock, "PUT", "/users/new", "{\"password\":\"p\"}").await;
    admin(&mock, "PUT", "/clock", "{\"mode\":\"frozen\",\"now\":\"2001-02-03T04:05:06Z\"}").await;
    let reset = admin(&mock, "POST", "/reset", "").await;
    assert_eq!((&reset["counts"]["accounts"], &reset["counts"]["clock"]), (&json!(1), &json!(1)));
    let cleared = reset["cleared"].as_array().unwrap();
    for name in ["data", "accounts", "clock", "ids"] {
        assert!(cleared.contains(&json!(name)), "{name}");
    }
    assert_eq!(admin(&mock, "GET", "/clock", "").await["now_ms"], 1_700_000_000_000_i64);
    assert_eq!(mock.get("/__mock/v1/users/new").await.status, 404);
}

#[tokio::test]
async fn snapshots_have_plain_names() {
    let mock = mock().await;
    for name in ["seed", "empty", "current", "a%20b", "a%2Fb", "..", &"x".repeat(65)] {
        let refused = mock.call("PUT", &format!("/__mock/v1/snapshots/{name}"), &[], "").await;
        assert_eq!(refused.status, 400, "{name}");
    }
    let refused = mock.call("POST", "/__mock/v1/reset", &[], "{\"to\":\"nowhere\"}").await;
    assert_eq!(refused.status, 404);
    let refused = mock.call("POST", "/__mock/v1/reset", &[], "{\"keep\":\"seed\"}").await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn snapshots_belong_to_their_space_and_a_space_can_begin_as_one() {
    let mock = mock().await;
    prepared(&mock).await;
    admin(&mock, "PUT", "/snapshots/here", "").await;
    let made = mock.call("POST", "/__mock/v1/spaces", &[], "{\"name\":\"a\",\"from\":\"here\"}").await;
    assert_eq!((made.status, &made.json()["datasets"]), (201, &json!(2)));
    let rows = mock.get(&format!("{ROWS}?space=a")).await;
    assert_eq!(rows.text(), mock.get(ROWS).await.text());
    assert_eq!(admin(&mock, "GET", "/snapshots?space=a", "").await, json!({ "snapshots": [] }));
}

async fn diff(mock: &Mock, path: &str) -> Value {
    admin(mock, "GET", &format!("/snapshots/{path}"), "").await
}

#[tokio::test]
async fn a_diff_tells_rows_fields_and_columns() {
    let mock = mock().await;
    prepared(&mock).await;
    admin(&mock, "PUT", "/snapshots/before", "").await;
    let none = diff(&mock, "before/diff/current").await;
    assert_eq!((&none["same"], &none["datasets"][1]["rows"]["same"]), (&json!(true), &json!(2)));
    // Another value, a value that is only spelled otherwise, the same again, new, gone.
    upsert(&mock, json!([{ "k": "c", "n": 1 }, { "k": "d", "n": 2 }, { "k": "e", "n": 3 }])).await;
    admin(&mock, "PUT", "/snapshots/before", "").await;
    let rows = json!([
        { "k": "a", "n": "1.1" }, { "k": "b", "n": 2 }, { "k": "c", ":deleted": true },
        { "k": "d", "n": null }, { "k": "f", "n": 6 },
    ]);
    upsert(&mock, rows).await;
    let all = diff(&mock, "before/diff/current").await;
    assert_eq!(
        (&all["before"], &all["after"], &all["same"]),
        (&json!("before"), &json!("current"), &json!(false))
    );
    assert_eq!(all["datasets"][0]["kind"], "same");
    let one = &all["datasets"][1];
    assert_eq!((&one["id"], &one["kind"], &one["by"]), (&json!("aaaa-2222"), &json!("changed"), &json!("k")));
    assert_eq!(one["versions"], json!({ "before": 2, "after": 3 }));
    let counts = json!({ "added": 1, "removed": 1, "changed": 2, "rewritten": 1, "same": 1 });
    assert_eq!((&one["rows"], &one["left_out"], &one["next_offset"]), (&counts, &json!(0), &json!(null)));
    let told: Vec<_> = one["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            (
                c["kind"].clone(),
                c["key"].clone(),
                c["fields"].clone(),
                c["before"].clone(),
                c["after"].clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                json!("changed"),
                json!("a"),
                json!({ "n": { "before": "1.10", "after": "1.1" } }),
                json!({ "k": "a", "n": "1.10" }),
                json!({ "k": "a", "n": "1.1" })
            ),
            (json!("removed"), json!("c"), json!({}), json!({ "k": "c", "n": "1" }), json!(null)),
            (
                json!("changed"),
                json!("d"),
                json!({ "n": { "before": "2", "after": null } }),
                json!({ "k": "d", "n": "2" }),
                json!({ "k": "d" })
            ),
            (json!("added"), json!("f"), json!({}), json!(null), json!({ "k": "f", "n": "6" })),
        ]
    );
    // The other way round, what was added is removed.
    let back = diff(&mock, "current/diff/before?dataset=aaaa-2222").await;
    assert_eq!(back["datasets"].as_array().unwrap().len(), 1);
    assert_eq!(back["datasets"][0]["rows"], counts);
}

#[tokio::test]
async fn a_diff_lists_a_page_and_counts_all() {
    let mock = mock().await;
    prepared(&mock).await;
    admin(&mock, "PUT", "/snapshots/before", "").await;
    let rows: Vec<Value> = (0..25).map(|n| json!({ "k": format!("n{n:02}") })).collect();
    upsert(&mock, Value::Array(rows)).await;
    let (mut keys, mut offset) = (Vec::new(), 0);
    loop {
        let path = format!("before/diff/current?dataset=aaaa-2222&limit=10&offset={offset}");
        let page = diff(&mock, &path).await["datasets"][0].clone();
        assert_eq!(page["rows"]["added"], 25);
        let listed = page["changes"].as_array().unwrap();
        assert_eq!(page["left_out"], 25 - listed.len());
        keys.extend(listed.iter().map(|c| c["key"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_offset"].as_u64() else { break };
        offset = next;
    }
    assert_eq!(keys, (0..25).map(|n| format!("n{n:02}")).collect::<Vec<_>>());
    for wrong in ["?limit=x", "?limit=10001", "?nope=1"] {
        let refused = mock.get(&format!("/__mock/v1/snapshots/before/diff/current{wrong}")).await;
        assert_eq!(refused.status, 400, "{wrong}");
    }
    assert_eq!(mock.get("/__mock/v1/snapshots/nowhere/diff/current").await.status, 404);
}

#[tokio::test]
async fn a_diff_tells_datasets_and_columns_that_came_and_went() {
    let mock = mock().await;
    prepared(&mock).await;
    let all = diff(&mock, "seed/diff/current").await;
    assert_eq!(
        (&all["datasets"][1]["kind"], &all["datasets"][1]["rows"]["added"]),
        (&json!("added"), &json!(2))
    );
    let all = diff(&mock, "current/diff/empty").await;
    let kinds: Vec<_> = all["datasets"].as_array().unwrap().iter().map(|d| d["kind"].clone()).collect();
    assert_eq!(kinds, ["removed", "removed"]);
    admin(&mock, "PUT", "/snapshots/before", "").await;
    let column = json!({ "name": "Extra", "dataTypeName": "text" });
    mock.write("POST", "/api/views/aaaa-2222/columns.json", &column).await;
    upsert(&mock, json!([{ "k": "b", "extra": "new" }])).await;
    let one = diff(&mock, "before/diff/current?dataset=aaaa-2222").await["datasets"][0].clone();
    assert_eq!(
        one["schema"],
        json!([{
            "what": "column extra",
            "before": null,
            "after": { "fieldName": "extra", "name": "Extra", "dataTypeName": "text" },
        }])
    );
    assert_eq!(one["rows"]["changed"], 1);
    assert_eq!(one["changes"][0]["fields"], json!({ "extra": { "before": null, "after": "new" } }));
}

#[tokio::test]
async fn number_keys_are_matched_by_value() {
    let mock = mock().await;
    let definition = |rows: Value| {
        json!({
            "name": "Numbers",
            "metadata": { "rowIdentifier": "n" },
            "columns": [{ "fieldName": "n", "name": "N", "dataTypeName": "number" }],
            "rows": rows,
        })
    };
    mock.dataset("aaaa-2222", &definition(json!([{ "n": 10 }, { "n": 9 }, { "n": -1 }]))).await;
    admin(&mock, "PUT", "/snapshots/before", "").await;
    mock.dataset("aaaa-2222", &definition(json!([{ "n": "9.0" }, { "n": 100 }, { "n": -1 }]))).await;
    let one = diff(&mock, "before/diff/current?dataset=aaaa-2222").await["datasets"][0].clone();
    let keys: Vec<_> =
        one["changes"].as_array().unwrap().iter().map(|c| (c["kind"].clone(), c["key"].clone())).collect();
    let expected = [("changed", "9.0"), ("removed", "10"), ("added", "100")];
    assert_eq!(keys, expected.map(|(kind, key)| (json!(kind), json!(key))));
}

#[tokio::test]
async fn a_snapshot_travels_as_a_sqlite_file() {
    let mock = mock().await;
    prepared(&mock).await;
    upsert(&mock, json!([{ "k": "c", "n": 3 }])).await;
    let rows = mock.get(ROWS).await.text();
    let file = mock.get("/__mock/v1/snapshots/current/file").await;
    assert_eq!((file.status, file.header("content-type")), (200, "application/vnd.sqlite3"));
    assert_eq!(file.header("content-length"), file.body.len().to_string());
    assert!(file.body.starts_with(b"SQLite format 3\0"));
    // Version bytes of 2 would ask for a write-ahead log beside the file.
    assert_eq!(file.body[18..20], [1, 1]);
    let other = crate::support::mock().await;
    let path = "/__mock/v1/snapshots/arrived/file";
    let kept = other.call("PUT", path, &[], file.body.clone()).await;
    assert_eq!((kept.status, &kept.json()["rows"]), (200, &json!(15)), "{}", kept.text());
    admin(&other, "POST", "/snapshots/arrived/restore", "").await;
    assert_eq!(other.get(ROWS).await.text(), rows);
    let sent = upsert(&other, json!([{ "k": "d" }])).await;
    assert_eq!(sent, upsert(&mock, json!([{ "k": "d" }])).await);
    // The file can be served as a data file, too.
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.db");
    std::fs::write(&data, &file.body).unwrap();
    let served = mock_of(Setup { data: Some(data), ..Setup::default() }).await;
    assert_eq!(served.get(ROWS).await.text(), rows);
}

#[tokio::test]
async fn a_file_that_is_damaged_or_of_another_program_is_refused() {
    let mock = mock().await;
    let whole = mock.get("/__mock/v1/snapshots/current/file").await.body;
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 4096].fill(0xff);
    let mut foreign = whole.clone();
    foreign[68..72].copy_from_slice(b"NOPE");
    let mut newer = whole.clone();
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    let cases: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("text", b"hello".to_vec()),
        ("cut", whole[..whole.len() - 4096].to_vec()),
        ("damaged", damaged),
        ("foreign", foreign),
        ("newer", newer),
    ];
    for (case, bytes) in cases {
        let refused = mock.call("PUT", "/__mock/v1/snapshots/bad/file", &[], bytes).await;
        assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("not_a_snapshot")), "{case}");
    }
    assert_eq!(mock.get("/__mock/v1/snapshots/bad").await.status, 404);
}

/// A data file that belongs to another program is left alone.
#[tokio::test]
async fn a_data_file_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let whole = mock().await.get("/__mock/v1/snapshots/empty/file").await.body;
    let mut foreign = whole;
    foreign[68..72].copy_from_slice(b"NOPE");
    std::fs::write(&path, &foreign).unwrap();
    let refused = Setup { data: Some(path.clone()), ..Setup::default() }.router().await;
    assert!(refused.unwrap_err().to_string().contains("no soda-mock database"));
    assert_eq!(std::fs::read(&path).unwrap()[68..72], *b"NOPE");
}

#[tokio::test]
async fn a_space_has_as_many_snapshots_as_may_be() {
    let bounds = Bounds { snapshots: 2, ..Bounds::default() };
    let mock = mock_of(Setup { bounds, ..Setup::default() }).await;
    for name in ["one", "two", "one"] {
        admin(&mock, "PUT", &format!("/snapshots/{name}"), "").await;
    }
    let file = mock.get("/__mock/v1/snapshots/one/file").await.body;
    for (method, path, body) in [
        ("PUT", "/snapshots/three", Vec::new()),
        ("PUT", "/snapshots/three/file", file.clone()),
        ("POST", "/reset", b"{\"keep\":\"three\"}".to_vec()),
    ] {
        let refused = mock.call(method, &format!("/__mock/v1{path}"), &[], body).await;
        assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("too_many_snapshots")), "{path}");
        assert!(refused.text().contains("--max-snapshots"), "{}", refused.text());
    }
    assert_eq!(mock.call("PUT", "/__mock/v1/snapshots/two/file", &[], file).await.status, 200, "replaced");
    admin(&mock, "DELETE", "/snapshots/one", "").await;
    admin(&mock, "PUT", "/snapshots/three", "").await;
    // Each space has its own.
    mock.call("POST", "/__mock/v1/spaces", &[], "{\"name\":\"a\"}").await;
    admin(&mock, "PUT", "/snapshots/one?space=a", "").await;
}
