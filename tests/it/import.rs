//! Uploaded snapshot files: what comes back is what was stored, and nothing else gets in.

use crate::support::{Mock, PUBLISHER, mock_of};
use proptest::prelude::*;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::soda::value::compare_numbers;

const DATASET: &str = "/resource/aaaa-2222.json";

async fn empty() -> Mock {
    mock_of(Setup { demo: false, ..Setup::default() }).await
}

async fn download(mock: &Mock, name: &str) -> Vec<u8> {
    let file = mock.get(&format!("/__mock/v1/snapshots/{name}/file")).await;
    assert_eq!(file.status, 200, "{}", file.text());
    file.body
}

async fn upload(mock: &Mock, file: Vec<u8>) -> (u16, Value) {
    let answer = mock.call("PUT", "/__mock/v1/snapshots/arrived/file", &[], file).await;
    (answer.status, answer.json())
}

/// Opens a file of ours with what its indexes compare by.
fn open(path: &std::path::Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.create_collation("SOQLNUM", compare_numbers).unwrap();
    connection.execute_batch("PRAGMA foreign_keys=OFF").unwrap();
    connection
}

/// The file after these statements.
fn altered(file: &[u8], sql: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("altered.db");
    std::fs::write(&path, file).unwrap();
    open(&path).execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    std::fs::read(&path).unwrap()
}

/// All rows of a query.
fn cells(file: &[u8], sql: &str) -> Vec<Vec<Cell>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("read.db");
    std::fs::write(&path, file).unwrap();
    let connection = open(&path);
    let mut statement = connection.prepare(sql).unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|index| row.get(index)).collect());
    rows.unwrap().map(Result::unwrap).collect()
}

/// A dataset with a column of each kind; its columns are c1 and so on, its table is d1.
async fn prepared() -> (Mock, Vec<u8>) {
    let mock = empty().await;
    let columns = ["text", "number", "checkbox", "calendar_date", "point", "location", "url", "json"];
    let columns: Vec<Value> = columns
        .iter()
        .map(|kind| json!({ "fieldName": format!("a_{kind}"), "dataTypeName": kind }))
        .collect();
    let row = |key: &str| {
        json!({
            "a_text": key, "a_number": "1.50", "a_checkbox": true, "a_calendar_date": "2024-01-31T10:00:00",
            "a_point": { "type": "Point", "coordinates": [1, 2] }, "a_location": { "latitude": "1", "longitude": "2" },
            "a_url": { "url": "http://x" }, "a_json": { "json": [1, { "a": null }] },
        })
    };
    let definition = json!({
        "name": "All kinds", "resourceName": "kinds", "metadata": { "rowIdentifier": "a_text" },
        "columns": columns, "rows": [row("a"), row("b")],
    });
    mock.dataset("aaaa-2222", &definition).await;
    let file = download(&mock, "current").await;
    (mock, file)
}

async fn refused(mock: &Mock, case: &str, file: Vec<u8>, parts: &[&str]) {
    let (status, problem) = upload(mock, file).await;
    assert_eq!((status, &problem["code"]), (400, &json!("not_a_snapshot")), "{case}: {problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(parts.iter().all(|part| detail.contains(part)), "{case}: {detail}");
    assert_eq!(mock.get("/__mock/v1/snapshots/arrived").await.status, 404, "{case}");
}

#[tokio::test]
async fn a_definition_that_nobody_could_have_made_is_refused_by_its_place() {
    let (mock, file) = prepared().await;
    let in_text = "UPDATE columns SET";
    for (sql, parts) in [
        ("UPDATE datasets SET id='../../x'", ["../../x", "4x4"]),
        ("UPDATE datasets SET id='AAAA-2222'", ["AAAA-2222", "4x4"]),
        ("UPDATE datasets SET id=x'00'", ["id", "BLOB"]),
        ("UPDATE datasets SET resource_name='../x'", ["dataset aaaa-2222, resource_name", "../x"]),
        ("UPDATE datasets SET scope='all'", ["dataset aaaa-2222, scope", "private"]),
        ("UPDATE datasets SET shares='{}'", ["dataset aaaa-2222, shares", "array"]),
        ("UPDATE datasets SET stage='draft'", ["dataset aaaa-2222, stage", "draft"]),
        ("UPDATE datasets SET created_at='yesterday'", ["created_at", "yesterday"]),
        ("UPDATE datasets SET rows_updated_at=1<<62", ["rows_updated_at", "INTEGER"]),
        ("UPDATE datasets SET data_version=-1", ["data_version", "-1"]),
        ("UPDATE datasets SET schema_version=9223372036854775807", ["schema_version", "9223372036854775807"]),
        ("UPDATE datasets SET next_number=2.5", ["next_number", "REAL 2.5"]),
        ("UPDATE datasets SET id_key=x'00'", ["id_key", "72 bytes"]),
        ("UPDATE datasets SET row_identifier=99", ["dataset aaaa-2222", "no column"]),
        ("UPDATE datasets SET row_identifier=5", ["dataset aaaa-2222", "cannot identify rows"]),
        ("UPDATE datasets SET extra='[]'", ["extra", "JSON object"]),
        ("UPDATE datasets SET number=0", ["number", "INTEGER 0"]),
        (&format!("{in_text} field_name='a b' WHERE number=1"), ["column a b", "cannot be a field name"]),
        (&format!("{in_text} field_name='A-NUMBER' WHERE number=1"), ["dataset aaaa-2222", "two columns"]),
        (&format!("{in_text} data_type_name='txt' WHERE number=1"), ["column a_text, data_type_name", "txt"]),
        (&format!("{in_text} data_type_name='interval' WHERE number=1"), ["column a_text", "interval"]),
        (&format!("{in_text} number=0 WHERE number=1"), ["column a_text, number", "INTEGER 0"]),
        (&format!("{in_text} number=9 WHERE number=1"), ["dataset aaaa-2222", "row_identifier 1"]),
        (&format!("{in_text} number=9 WHERE number=2"), ["dataset aaaa-2222", "no column c9"]),
        (&format!("{in_text} position=3 WHERE number<3"), ["dataset aaaa-2222", "position"]),
        (&format!("{in_text} id='x' WHERE number=1"), ["column a_text, id", "TEXT \"x\""]),
        (&format!("{in_text} extra='{{' WHERE number=1"), ["column a_text, extra", "JSON object"]),
        (
            "INSERT INTO datasets SELECT 7,'bbbb-2222','KINDS',name,stage,copy_of,owner,created_at,rows_updated_at,data_version,
               schema_version,next_number,id_key,NULL,extra,scope,shares,metadata_updated_at FROM datasets",
            ["dataset", "resource name"],
        ),
        (
            "WITH RECURSIVE n(i) AS (VALUES(100) UNION ALL SELECT i+1 FROM n WHERE i<2082)
             INSERT INTO columns(dataset,number,position,id,field_name,name,data_type_name,extra)
             SELECT (SELECT number FROM datasets), i, i, i, 'f'||i, 'f'||i, 'text', '{}' FROM n",
            ["dataset aaaa-2222", "at most 1990 columns here, not 1991"],
        ),
    ] {
        refused(&mock, sql, altered(&file, sql), &parts).await;
    }
}

#[tokio::test]
async fn a_schema_that_is_not_ours_is_refused_by_name() {
    let (mock, file) = prepared().await;
    let bare = r#"DROP VIEW "aaaa-2222"; DROP VIEW "All kinds";"#;
    let deep = format!("CREATE VIEW deep AS SELECT {}1", "1+".repeat(200));
    for (sql, part) in [
        ("CREATE TABLE evil(x)", "table evil"),
        ("CREATE TABLE d9(x)", "table d9"),
        (
            "PRAGMA writable_schema=ON;
             INSERT INTO sqlite_schema VALUES('table', 'd9', 'd9', 0, 'CREATE VIRTUAL TABLE d9 USING rtree(a, b, c)')",
            "table d9",
        ),
        ("CREATE TRIGGER t AFTER INSERT ON d1 BEGIN SELECT 1; END", "trigger t"),
        ("ALTER TABLE d1 ADD COLUMN c99 INT AS (1)", "c99 of table d1 is computed"),
        ("ALTER TABLE d1 ADD COLUMN c99 INT", "c99"),
        (&format!("{bare} ALTER TABLE d1 DROP COLUMN c2"), "no column c2"),
        (&format!("{bare} DROP TABLE d1; CREATE VIEW d1 AS SELECT 1 AS sid"), "no table d1"),
        ("DROP TABLE columns; CREATE VIEW columns AS SELECT 1 AS dataset", "no table columns"),
        ("ALTER TABLE datasets RENAME COLUMN name TO title", "no column name"),
        (&deep, "malformed database schema"),
    ] {
        refused(&mock, sql, altered(&file, sql), &[part]).await;
    }
}

#[tokio::test]
async fn a_cell_that_nobody_could_have_stored_is_refused_by_dataset_row_and_column() {
    let (mock, file) = prepared().await;
    for (sql, column, found) in [
        ("c1=char(97,0,98)", "a_text", "U+0000"),
        ("c1=x'61'", "a_text", "BLOB of 1 bytes"),
        ("c1=CAST(x'61ff' AS TEXT)", "a_text", "not UTF-8"),
        ("c1=NULL", "a_text", "identifies rows"),
        ("c1=printf('%.*c', 17000000, 'x')", "a_text", "at most 16777216 bytes"),
        ("c2='1,5'", "a_number", "TEXT \"1,5\""),
        ("c2='1e3'", "a_number", "plain decimal digits"),
        ("c2='007'", "a_number", "TEXT \"007\""),
        ("c3=7", "a_checkbox", "INTEGER 7"),
        ("c3='yes'", "a_checkbox", "TEXT \"yes\""),
        ("c4='2024-01-31'", "a_calendar_date", "milliseconds"),
        ("c4=9000000000000000000", "a_calendar_date", "years 0 to 9999"),
        ("c4=1.5", "a_calendar_date", "REAL 1.5"),
        ("c5='{}'", "a_point", "GeoJSON"),
        (r#"c5='{"type":"Polygon","coordinates":[]}'"#, "a_point", "GeoJSON"),
        (r#"c6='{"latitude":1}'"#, "a_location", "latitude"),
        (r#"c7='{"url":["x"]}'"#, "a_url", "description"),
        ("c8='{'", "a_json", "JSON"),
        ("sid=-1", "sid", "INTEGER -1"),
        ("version=1000", "version", "next_number"),
        ("version='x'", "version", "TEXT \"x\""),
        ("created_at=1<<62", "created_at", "milliseconds since 1970"),
        ("updated_at=0.5", "updated_at", "REAL 0.5"),
    ] {
        let sql = format!("UPDATE d1 SET {sql} WHERE sid=0");
        let place = if column == "sid" { "row with sid -1" } else { "row with sid 0" };
        let parts = ["dataset aaaa-2222", place, &format!("column {column}: "), found];
        refused(&mock, &sql, altered(&file, &sql), &parts).await;
    }
    let back = altered(&file, "UPDATE datasets SET next_number=2");
    refused(&mock, "a counter that goes back", back, &["row with sid 2", "column sid", "next_number 2"])
        .await;
    let twice = altered(&file, "DROP INDEX d1_key; UPDATE d1 SET c1='a'");
    refused(&mock, "a key twice", twice, &["row with sid 2", "column a_text", "another row"]).await;
    let copied = r#"DROP VIEW "aaaa-2222"; DROP VIEW "All kinds"; CREATE TABLE t AS SELECT * FROM d1;
        INSERT INTO t SELECT * FROM d1; DROP TABLE d1; ALTER TABLE t RENAME TO d1"#;
    refused(&mock, "a row twice", altered(&file, copied), &["column sid", "another row"]).await;
    let long = altered(&file, "UPDATE d1 SET c1=printf('%.*c', 70000000, 'x') WHERE sid=0");
    refused(&mock, "a row that is too long", long, &["row of more than 64 MiB"]).await;
}

/// What SQLite reads from an index could differ from what lies in the table.
#[tokio::test]
async fn only_values_are_taken_not_what_else_is_in_the_file() {
    let (mock, file) = prepared().await;
    let sql = "CREATE VIEW evil AS SELECT id_key FROM datasets; CREATE INDEX evil_index ON d1(c2, c3);
        UPDATE datasets SET copy_of='bbbb-2222'; UPDATE settings SET value=4000000000 WHERE name='last_dataset';
        INSERT INTO settings VALUES('evil', 'x'); INSERT INTO columns VALUES(77,1,0,1,'x','x','text','{}'); ANALYZE;
        PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql=replace(sql, 'c3 INTEGER', 'c3 INTEGER CHECK(c3 > 5)');";
    let (status, kept) = upload(&mock, altered(&file, sql)).await;
    assert_eq!((status, &kept["rows"]), (200, &json!(2)), "{kept}");
    let rebuilt = download(&mock, "arrived").await;
    let schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name";
    assert_eq!(cells(&rebuilt, schema), cells(&file, schema));
    let number = |sql| cells(&rebuilt, sql)[0][0].clone();
    assert_eq!(
        number("SELECT group_concat(name || value) FROM settings"),
        Cell::Text("last_dataset1".into())
    );
    assert_eq!(number("SELECT count(*) FROM columns WHERE dataset=77"), Cell::Integer(0));
    assert_eq!(number("SELECT copy_of FROM datasets"), Cell::Null);
}

#[tokio::test]
async fn a_working_copy_stays_that_of_its_dataset() {
    let (mock, _) = prepared().await;
    let made = mock.write("POST", "/api/views/aaaa-2222/publication?method=copySchema", &Value::Null).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let file = download(&mock, "current").await;
    assert_eq!(upload(&mock, file.clone()).await.0, 200);
    let originals = "SELECT id, copy_of, stage FROM datasets ORDER BY id";
    let rebuilt = download(&mock, "arrived").await;
    assert_eq!(cells(&rebuilt, originals), cells(&file, originals));
    let copy = "SELECT count(*) FROM datasets WHERE copy_of='aaaa-2222'";
    assert_eq!(cells(&rebuilt, copy), [[Cell::Integer(1)]]);
}

/// A file that was in use, and one of the first format, which had no mark.
#[tokio::test]
async fn files_of_other_modes_and_formats_are_taken() {
    let (mock, file) = prepared().await;
    let mut logged = file.clone();
    logged[18..20].fill(2);
    let first = "ALTER TABLE datasets ADD COLUMN public INTEGER NOT NULL DEFAULT 0; UPDATE datasets SET public=scope='public';
        ALTER TABLE datasets DROP COLUMN scope; ALTER TABLE datasets DROP COLUMN shares;
        ALTER TABLE datasets DROP COLUMN metadata_updated_at; PRAGMA user_version=1; PRAGMA application_id=0;";
    let rows = "SELECT * FROM d1";
    let who = "SELECT id, scope, shares, name, data_version, next_number, id_key FROM datasets";
    for (case, sent) in [("log", logged), ("first format", altered(&file, first))] {
        let (status, kept) = upload(&mock, sent).await;
        assert_eq!(status, 200, "{case} {kept}");
        let rebuilt = download(&mock, "arrived").await;
        assert_eq!(cells(&rebuilt, rows), cells(&file, rows), "{case}");
        assert_eq!(cells(&rebuilt, who), cells(&file, who), "{case}");
        assert_eq!(rebuilt[18..20], [1, 1], "{case}");
    }
    let unknown = altered(&file, "PRAGMA user_version=0");
    refused(&empty().await, "no format", unknown, &["format 0"]).await;
}

/// A value for a column of each kind.
fn value(kind: &'static str) -> BoxedStrategy<Value> {
    let position = || {
        (-180i32..180, -90i32..90, 0u32..100_000)
            .prop_map(|(x, y, f)| json!([f64::from(x) + f64::from(f) / 1e5, y]))
    };
    let line = || prop::collection::vec(position(), 2..5);
    let ring = || (-170i32..170, 1i32..9).prop_map(|(x, d)| json!([[x, 0], [x + d, 0], [x + d, d], [x, 0]]));
    let geometry =
        |name: &'static str| move |coordinates: Value| json!({ "type": name, "coordinates": coordinates });
    let list = |items: Vec<Value>| Value::Array(items);
    let text = || "[^\0]{0,20}".prop_map(Value::from);
    match kind {
        "number" | "money" | "percent" | "double" => "-?(0|[1-9][0-9]{0,30})([.][0-9]{1,25})?".prop_map(Value::from).boxed(),
        "checkbox" => any::<bool>().prop_map(Value::from).boxed(),
        "calendar_date" => "[0-9]{4}-0[13-9]-[12][0-9]T1[0-9]:[0-5][0-9]:[0-5][0-9]([.][0-9]{3})?".prop_map(Value::from).boxed(),
        "date" => "[0-9]{4}-0[13-9]-[12][0-9]T1[0-9]:[0-5][0-9]:00(Z|[-+]0[0-9]:30)".prop_map(Value::from).boxed(),
        "datestamp" => "[0-9]{4}-0[13-9]-[12][0-9]".prop_map(Value::from).boxed(),
        "time" => "1[0-9]:[0-5][0-9](:[0-5][0-9]([.][0-9]{1,3})?)?".prop_map(Value::from).boxed(),
        "point" => position().prop_map(geometry("Point")).boxed(),
        "multipoint" => line().prop_map(list).prop_map(geometry("MultiPoint")).boxed(),
        "line" => line().prop_map(list).prop_map(geometry("LineString")).boxed(),
        "multiline" => prop::collection::vec(line().prop_map(list), 1..3).prop_map(list).prop_map(geometry("MultiLineString")).boxed(),
        "polygon" => ring().prop_map(|r| json!([r])).prop_map(geometry("Polygon")).boxed(),
        "multipolygon" => ring().prop_map(|r| json!([[r]])).prop_map(geometry("MultiPolygon")).boxed(),
        "location" => ("[1-8][0-9][.][0-9]{1,9}", "[^\0]{0,9}")
            .prop_map(|(n, t)| json!({ "latitude": n, "longitude": "1", "human_address": { "address": t, "zip": "1" } }))
            .boxed(),
        "url" => (text(), text()).prop_map(|(a, b)| json!({ "url": a, "description": b })).boxed(),
        "document" => (text(), text()).prop_map(|(a, b)| json!({ "file_id": a, "filename": b })).boxed(),
        "phone" => (text(), text()).prop_map(|(a, b)| json!({ "phone_number": a, "phone_type": b })).boxed(),
        "json" => (text(), any::<i64>(), any::<f32>().prop_filter("JSON has no such numbers", |x| x.is_finite()))
            .prop_map(|(a, b, c)| json!({ "json": [a, b, c, { "": null }] }))
            .boxed(),
        _ => text().boxed(),
    }
}

const KINDS: [&str; 24] = [
    "text",
    "number",
    "money",
    "percent",
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
    "html",
];

/// A row with a value, or none, for each kind.
fn row() -> impl Strategy<Value = Value> {
    let cells: Vec<_> = KINDS.iter().map(|kind| prop::option::weighted(0.8, value(kind))).collect();
    cells.prop_map(|values| {
        let named = KINDS.iter().zip(values);
        named
            .filter_map(|(kind, value)| Some((format!("a_{kind}"), value?)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    })
}

/// What clients see of a dataset, and what the next write of it gives.
async fn seen(mock: &Mock, next: &Value) -> Vec<String> {
    let mut seen = Vec::new();
    for path in [
        "/__mock/v1/datasets/aaaa-2222/rows",
        "/api/views/aaaa-2222.json",
        "/resource/aaaa-2222.csv?$order=:id",
    ] {
        let answer = mock.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        seen.push(answer.text());
    }
    let headers = [("authorization", PUBLISHER), ("x-mock-report", "rows")];
    let written = mock.call("POST", DATASET, &headers, json!([next]).to_string()).await;
    seen.extend([written.text(), written.header("x-soda2-truth-version").to_owned()]);
    seen
}

async fn travels(key: Option<&str>, rows: Vec<Value>, more: Vec<Value>, next: Value) {
    let mock = empty().await;
    let columns: Vec<Value> = KINDS
        .iter()
        .map(|kind| json!({ "fieldName": format!("a_{kind}"), "dataTypeName": kind, "description": kind }))
        .collect();
    let definition = json!({
        "name": "Travels", "resourceName": "travels", "tags": ["a"], "columns": columns,
        "metadata": { "rowIdentifier": key },
    });
    mock.dataset("aaaa-2222", &definition).await;
    for rows in [rows, more] {
        let stored = mock.write("POST", DATASET, &Value::Array(rows)).await;
        assert_eq!(stored.status, 200, "{}", stored.text());
    }
    let file = download(&mock, "current").await;
    let other = empty().await;
    let (status, kept) = upload(&other, file.clone()).await;
    assert_eq!(status, 200, "{kept}");
    let rebuilt = download(&other, "arrived").await;
    for sql in
        ["SELECT * FROM datasets", "SELECT * FROM columns", "SELECT * FROM d1", "SELECT * FROM settings"]
    {
        assert_eq!(cells(&rebuilt, sql), cells(&file, sql), "{sql}");
    }
    assert_eq!(other.call("POST", "/__mock/v1/snapshots/arrived/restore", &[], "").await.status, 200);
    assert_eq!(seen(&other, &next).await, seen(&mock, &next).await);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_dataset_of_every_type_comes_back_with_its_rows_versions_and_counters(
        key in prop::sample::select(vec![None, Some("a_text"), Some("a_number"), Some("a_date")]),
        rows in prop::collection::vec(row(), 0..6),
        more in prop::collection::vec(row(), 0..3),
        next in row(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(travels(key, rows, more, next));
    }
}
