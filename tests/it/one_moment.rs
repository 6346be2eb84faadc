//! A reader sees the catalogue and the data of one moment, whatever is changed meanwhile, and a change of
//! metadata is made to what is there when it is written.

use crate::support::{Mock, PUBLISHER, mock_of};
use axum::body::Body;
use serde_json::{Value, json};
use soda_mock::Setup;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const ID: &str = "aaaa-2222";

/// A dataset in one of two states, which differ in their columns, their key and the number of their rows.
fn state(second: bool) -> Value {
    let (column, rows) = if second { ("m", 3) } else { ("n", 2) };
    let rows: Vec<Value> = (0..rows).map(|row| json!({ "k": format!("key-{row}"), column: row })).collect();
    json!({
        "name": "Two states",
        "resourceName": "two_states",
        "metadata": { "rowIdentifier": "k" },
        "columns": [{ "fieldName": "k", "dataTypeName": "text" }, { "fieldName": column, "dataTypeName": "number" }],
        "rows": rows,
    })
}

/// Every way to read the dataset: each answers 200 in both states.
const READS: [(&str, &str, &str); 12] = [
    ("GET", "/resource/aaaa-2222.json", ""),
    ("GET", "/resource/aaaa-2222.csv?$select=count(*)", ""),
    ("GET", "/resource/two_states.json?$order=k&$q=key", ""),
    ("GET", "/resource/aaaa-2222/key-0.json", ""),
    ("GET", "/resource/aaaa-2222/key-1.json?$select=k", ""),
    ("GET", "/api/views/aaaa-2222.json", ""),
    ("GET", "/api/views/aaaa-2222/rows.json", ""),
    ("GET", "/api/catalog/v1", ""),
    ("GET", "/__mock/v1/datasets", ""),
    ("GET", "/__mock/v1/datasets/aaaa-2222/rows", ""),
    ("POST", "/api/v3/views/aaaa-2222/query.json", r#"{"query":"SELECT *"}"#),
    ("POST", "/__mock/v1/expect", r#"{"dataset":"aaaa-2222","where":"k = 'key-0'","count":1}"#),
];

async fn read(mock: &Mock, index: usize) {
    let (method, path, body) = READS[index % READS.len()];
    let answer = mock.call(method, path, &[], body).await;
    assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
}

/// Readers go on while `change` is made so many times.
async fn readers_see_nothing_of<F, Fut>(mock: &Arc<Mock>, times: usize, change: F)
where
    F: Fn(Arc<Mock>, usize) -> Fut,
    Fut: Future<Output = ()>,
{
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|reader| {
            let (mock, done) = (Arc::clone(mock), Arc::clone(&done));
            tokio::spawn(async move {
                let mut index = reader;
                while !done.load(Ordering::Relaxed) {
                    read(&mock, index).await;
                    index += 1;
                }
            })
        })
        .collect();
    for time in 0..times {
        change(Arc::clone(mock), time).await;
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}

async fn put(mock: Arc<Mock>, second: bool) {
    let path = format!("/__mock/v1/datasets/{ID}");
    let answer = mock.call("PUT", &path, &[], state(second).to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dataset_that_is_replaced_is_never_missing_or_half_there() {
    let folder = tempfile::tempdir().unwrap();
    for data in [None, Some(folder.path().join("data.db"))] {
        let mock = Arc::new(mock_of(Setup { data, ..Setup::default() }).await);
        put(Arc::clone(&mock), false).await;
        readers_see_nothing_of(&mock, 60, |mock, time| put(mock, time.is_multiple_of(2))).await;
    }
}

/// The dataset is there before and after; an upsert is stored, or told that it met the replacement.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_upsert_that_meets_a_replacement_is_never_told_that_there_is_no_dataset() {
    let mock = Arc::new(mock_of(Setup::default()).await);
    put(Arc::clone(&mock), false).await;
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..3)
        .map(|_| {
            let (mock, done) = (Arc::clone(&mock), Arc::clone(&done));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let answer =
                        mock.write("POST", &format!("/resource/{ID}.json"), &json!([{ "k": "mine" }])).await;
                    assert!([200, 409].contains(&answer.status), "{} {}", answer.status, answer.text());
                }
            })
        })
        .collect();
    for time in 0..60 {
        put(Arc::clone(&mock), time % 2 == 0).await;
    }
    done.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn columns_that_come_and_go_are_seen_with_their_values_or_not_at_all() {
    let mock = Arc::new(mock_of(Setup::default()).await);
    put(Arc::clone(&mock), false).await;
    let change = |mock: Arc<Mock>, time: usize| async move {
        let columns = format!("/api/views/{ID}/columns");
        let added = json!({ "name": format!("Added {time}"), "dataTypeName": "text" });
        let answer = mock.write("POST", &columns, &added).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let added = answer.json()["id"].to_string();
        let answer = mock.write("DELETE", &format!("{columns}/{added}"), &Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    readers_see_nothing_of(&mock, 30, change).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_restore_is_seen_whole_in_a_data_file_too() {
    let folder = tempfile::tempdir().unwrap();
    for data in [None, Some(folder.path().join("data.db"))] {
        let mock = Arc::new(mock_of(Setup { data, ..Setup::default() }).await);
        for (second, name) in [(false, "first"), (true, "second")] {
            put(Arc::clone(&mock), second).await;
            let answer = mock.call("PUT", &format!("/__mock/v1/snapshots/{name}"), &[], Body::empty()).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        let restore = |mock: Arc<Mock>, time: usize| async move {
            let name = if time.is_multiple_of(2) { "first" } else { "second" };
            let path = format!("/__mock/v1/snapshots/{name}/restore");
            let answer = mock.call("POST", &path, &[], Body::empty()).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        };
        readers_see_nothing_of(&mock, 40, restore).await;
    }
}

/// Every change of metadata, against removals and replacements of its dataset.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_of_metadata_that_meets_a_removal_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.db");
    let start = || mock_of(Setup { data: Some(data.clone()), ..Setup::default() });
    let mock = Arc::new(start().await);
    put(Arc::clone(&mock), false).await;
    let changes = [
        ("PATCH", "", json!({ "name": "Renamed" })),
        ("PUT", "", json!({ "metadata": { "rowIdentifier": null } })),
        ("POST", "/columns", json!({ "name": "More", "dataTypeName": "text" })),
        ("PUT", "/columns/k", json!({ "description": "The key" })),
        ("DELETE", "/columns/n", Value::Null),
        ("POST", "/publication.json?method=copy", Value::Null),
        ("PUT", "?method=setPermission&value=private", Value::Null),
    ];
    for round in 0..20 {
        let changing = changes.clone().map(|(method, path, body)| {
            let mock = Arc::clone(&mock);
            tokio::spawn(async move {
                let path = format!("/api/views/{ID}{path}");
                let answer = mock.write(method, &path, &body).await;
                let known = [200, 400, 404, 409];
                assert!(
                    known.contains(&answer.status),
                    "{method} {path}: {} {}",
                    answer.status,
                    answer.text()
                );
            })
        });
        let removing = {
            let mock = Arc::clone(&mock);
            tokio::spawn(async move {
                let headers = [("authorization", PUBLISHER)];
                mock.call("DELETE", &format!("/api/views/{ID}.json"), &headers, Body::empty()).await;
                put(mock, round % 2 == 0).await;
            })
        };
        for change in changing {
            change.await.unwrap();
        }
        removing.await.unwrap();
        put(Arc::clone(&mock), false).await;
        let rows = mock.get(&format!("/__mock/v1/datasets/{ID}/rows")).await;
        assert_eq!(rows.json().as_array().map(Vec::len), Some(2), "round {round}");
    }
    drop(mock);
    let mock = start().await;
    assert_eq!(
        mock.get(&format!("/resource/{ID}.json?$select=count(*)")).await.text(),
        "[{\"count\":\"2\"}]\n"
    );
}

/// Two changes at once each keep what the other has set.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_changes_of_metadata_do_not_undo_each_other() {
    let mock = Arc::new(mock_of(Setup::default()).await);
    put(Arc::clone(&mock), false).await;
    for round in 0..20 {
        let change = |member: &'static str| {
            let mock = Arc::clone(&mock);
            tokio::spawn(async move {
                let body = json!({ member: format!("{member} {round}") });
                assert_eq!(mock.write("PATCH", &format!("/api/views/{ID}.json"), &body).await.status, 200);
            })
        };
        for one in ["name", "description", "attribution", "category"].map(change) {
            one.await.unwrap();
        }
        let view = mock.write("GET", &format!("/api/views/{ID}.json"), &Value::Null).await.json();
        for member in ["name", "description", "attribution", "category"] {
            assert_eq!(view[member], json!(format!("{member} {round}")), "{view}");
        }
    }
}

/// What an older version left in a file is removed when the file is opened, and the rest works.
#[tokio::test]
async fn a_data_file_with_leftovers_is_repaired_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.db");
    let start = || mock_of(Setup { data: Some(data.clone()), ..Setup::default() });
    drop(start().await);
    let leftovers = [
        "CREATE VIEW \"aaaa-2222\" AS SELECT sid AS \":sid\" FROM d900 NOT INDEXED",
        "CREATE TABLE d901(sid INTEGER PRIMARY KEY)",
        "CREATE VIEW \"aaaa-3333\" AS SELECT sid AS \":sid\" FROM d901 NOT INDEXED",
        "CREATE VIEW \"By name\" AS SELECT * FROM \"aaaa-3333\" AS d901",
        "CREATE VIEW \"Of a person\" AS SELECT * FROM \"4tka-6guv\"",
        "INSERT INTO columns VALUES (902, 1, 0, 1, 'k', 'k', 'text', '{}')",
        "INSERT INTO datasets(number, id, name, stage, created_at, rows_updated_at, data_version, schema_version, next_number, id_key, extra)
         SELECT 903, 'aaaa-4444', 'Without a table', 'published', 0, 0, 0, 0, 0, id_key, '{}' FROM datasets LIMIT 1",
    ];
    let file = rusqlite::Connection::open(&data).unwrap();
    file.execute_batch("PRAGMA foreign_keys=OFF").unwrap();
    for leftover in leftovers {
        file.execute_batch(leftover).unwrap();
    }
    drop(file);
    let mock = start().await;
    for id in ["aaaa-2222", "aaaa-3333", "aaaa-4444"] {
        assert_eq!(mock.get(&format!("/resource/{id}.json")).await.status, 404, "{id}");
        mock.dataset(id, &json!({ "name": id, "columns": [{ "fieldName": "k", "dataTypeName": "text" }] }))
            .await;
    }
    assert_eq!(mock.get("/resource/4tka-6guv.json").await.status, 200);
    let view = |name: &str| json!({ "sql": format!("SELECT 1 FROM \"{name}\" LIMIT 1") });
    assert_eq!(mock.write("POST", "/__mock/v1/sql", &view("By name")).await.status, 400);
    assert_eq!(mock.write("POST", "/__mock/v1/sql", &view("Of a person")).await.status, 200);
}

/// Lists of datasets and views tell versions that are kept beside the catalogue: a read of rows may hold all memory
/// that SQLite has. They are those of the data after whatever was done.
async fn versions_are_those_of_the_data(mock: &Mock, what: &str) {
    let sql =
        json!({ "sql": "SELECT id, data_version, rows_updated_at FROM datasets ORDER BY id" }).to_string();
    let stored = mock.call("POST", "/__mock/v1/sql", &[], sql).await.json()["rows"].clone();
    let rows = stored.as_array().unwrap();
    let times: Vec<Value> = rows.iter().map(|row| json!([row[0], row[2].as_i64().unwrap() / 1000])).collect();
    let views = mock.call("GET", "/api/views.json", &[("authorization", PUBLISHER)], "").await.json();
    let mut told: Vec<Value> =
        views.as_array().unwrap().iter().map(|view| json!([view["id"], view["rowsUpdatedAt"]])).collect();
    told.sort_by_key(ToString::to_string);
    assert_eq!(told, times, "{what}");
    for row in rows {
        let path = format!("/api/views/{}/replication.json", row[0].as_str().unwrap());
        let told = mock.call("GET", &path, &[("authorization", PUBLISHER)], "").await.json();
        assert_eq!((&told["truthVersion"], &told["truthDate"]), (&row[1], &row[2]), "{what}");
    }
}

#[tokio::test]
async fn versions_in_memory_follow_every_write() {
    let folder = tempfile::tempdir().unwrap();
    for data in [None, Some(folder.path().join("versions.db"))] {
        let mock = mock_of(Setup { data, ..Setup::default() }).await;
        mock.dataset(ID, &state(false)).await;
        versions_are_those_of_the_data(&mock, "made").await;
        let publisher = [("authorization", PUBLISHER)];
        for (method, path, body, status) in [
            ("POST", "/resource/aaaa-2222.json", r#"[{"k":"new","n":7}]"#, 200),
            ("POST", "/resource/aaaa-2222.json", r#"[{"k":"x","n":8},{"k":"y","n":"no number"}]"#, 400),
            ("PUT", "/__mock/v1/snapshots/kept", "", 200),
            ("PUT", "/resource/aaaa-2222.json", r#"[{"k":"only","n":1}]"#, 200),
            ("PUT", "/__mock/v1/clock", r#"{"mode":"frozen","now":"2031-05-06T07:08:09Z"}"#, 200),
            ("DELETE", "/resource/aaaa-2222/only", "", 200),
            ("POST", "/api/views/aaaa-2222/columns", r#"{"name":"More","dataTypeName":"text"}"#, 200),
            ("POST", "/resource/aaaa-2222.json", r#"[{"k":"new","more":"text"}]"#, 200),
            ("POST", "/api/views/aaaa-2222/publication?method=copy", "", 200),
            ("POST", "/__mock/v1/snapshots/kept/restore", "", 200),
            ("POST", "/resource/aaaa-2222.json", r#"[{"k":"again","n":3}]"#, 200),
            ("DELETE", "/api/views/aaaa-2222", "", 200),
            ("POST", "/__mock/v1/reset", "", 200),
        ] {
            let answer =
                mock.call(method, path, &[publisher[0], ("content-type", "application/json")], body).await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
            versions_are_those_of_the_data(&mock, &format!("{method} {path}")).await;
        }
    }
}
