//! How large a query and a dataset may be: up to each bound they work, beyond it the client is told which.

use super::path;
use crate::support::{Answer, Mock, mock};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ID: &str = "larg-0001";

async fn small() -> Mock {
    let mock = mock().await;
    let column = |name: &str, t: &str| json!({ "fieldName": name, "name": name, "dataTypeName": t });
    let columns = json!([column("k", "text"), column("s", "text"), column("n", "number")]);
    let rows = json!([{ "k": "1", "s": "a", "n": "1.5" }, { "k": "2", "s": "b", "n": "2" }, { "k": "3" }]);
    let definition =
        json!({ "name": "Small", "metadata": { "rowIdentifier": "k" }, "columns": columns, "rows": rows });
    mock.dataset(ID, &definition).await;
    mock
}

/// The answer to a query that would be too long for a URL.
async fn ask(mock: &Mock, dataset: &str, query: &str) -> Answer {
    let url = format!("/api/v3/views/{dataset}/query.json");
    let headers = [("content-type", "application/json")];
    mock.call("POST", &url, &headers, json!({ "query": query }).to_string()).await
}

fn repeated(count: usize, separator: &str, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(separator)
}

fn joins(count: usize) -> String {
    let on = |i| format!("join @{ID} as j{i} on @j{i}.k = k");
    format!("select k {}", repeated(count, " ", on))
}

fn terms(count: usize) -> String {
    repeated(count, ", ", |i| format!("n + {i}"))
}

fn windows(count: usize) -> String {
    repeated(count, ", ", |i| format!("row_number() over (order by n + {i}) as r{i}"))
}

/// What a bound is on, the query of a size, a size that works, one that does not, and what the refusal says.
type Bounded = (&'static str, fn(usize) -> String, usize, usize, &'static str);

fn lists() -> Vec<Bounded> {
    vec![
        ("joins", joins, 63, 64, "64 tables"),
        (
            "joins of joined queries",
            |n| format!("select k join ({}) as q on @q.k = k join ({}) as r on @r.k = k", joins(n), joins(n)),
            30,
            31,
            "64 tables",
        ),
        (
            "columns",
            |n| format!("select {}", repeated(n, ",", |i| format!("{i} as a{i}"))),
            1998,
            1999,
            "1998",
        ),
        ("groups", |n| format!("select count(*) group by {}", terms(n)), 1990, 2001, "2000"),
        ("orders", |n| format!("select k order by {}", terms(n)), 1990, 2001, "2000"),
        (
            "partitions",
            |n| format!("select count(*) over (partition by {}) as c", terms(n)),
            1990,
            2001,
            "2000",
        ),
        ("distinct on", |n| format!("select distinct on ({}) k", terms(n)), 1990, 2001, "2000"),
        ("coalesce", |n| format!("select coalesce({})", repeated(n, ",", |_| "s".into())), 999, 1000, "999"),
        ("greatest", |n| format!("select greatest({})", repeated(n, ",", |_| "n".into())), 999, 1000, "999"),
    ]
}

fn nested() -> Vec<Bounded> {
    vec![
        (
            "members",
            |n| format!("select k where s in ({})", repeated(n, ",", |i| format!("'m{i}'"))),
            19_990,
            40_000,
            "20000 expressions",
        ),
        (
            "branches",
            |n| format!("select case({}) as c", repeated(n, ",", |i| format!("n > {i}, '{i}'"))),
            3000,
            5000,
            "20000 expressions",
        ),
        ("windows", |n| format!("select {}", windows(n)), 120, 130, "500 levels"),
        (
            "steps with windows",
            |n| format!("select n{}", " |> select n + 1 as n, count(*) over (order by n) as c".repeat(n)),
            50,
            90,
            "500 levels",
        ),
        ("steps", |n| format!("select n{}", " |> select n + 1 as n".repeat(n)), 150, 190, "500 levels"),
        (
            "steps that double",
            |n| format!("select s as t{}", " |> select t || t as t".repeat(n)),
            12,
            60,
            "20000 expressions",
        ),
    ]
}

#[tokio::test]
async fn each_bound_is_reached_and_told() {
    let mock = small().await;
    for (name, shape, good, bad, said) in lists().into_iter().chain(nested()) {
        let answer = ask(&mock, ID, &shape(good)).await;
        assert_eq!(answer.status, 200, "{name} {good}: {}", answer.text());
        let answer = ask(&mock, ID, &shape(bad)).await;
        assert_eq!(answer.status, 400, "{name} {bad}: {}", answer.text());
        assert_eq!(answer.json()["errorCode"], "query.soql.bad-parse", "{name}");
        let (message, hint) =
            (answer.json()["message"].as_str().unwrap().to_owned(), answer.header("x-mock-hint"));
        assert!(message.contains(said) && hint.contains(said), "{name}: {message} {hint}");
    }
    let union = repeated(150, " union ", |_| "select n".into());
    assert_eq!(ask(&mock, ID, &union).await.status, 200);
    let literals = repeated(3, " union ", |j| {
        format!("select s where s in ({})", repeated(15_000, ",", |i| format!("'{j}x{i}'")))
    });
    let answer = ask(&mock, ID, &literals).await;
    assert!(answer.status == 400 && answer.header("x-mock-hint").contains("32766"), "{}", answer.text());
    let words = format!("select {}", repeated(100_001, ",", |_| "k".into()));
    let answer = ask(&mock, ID, &words).await;
    assert!(answer.status == 400 && answer.header("x-mock-hint").contains("200000"), "{}", answer.status);
}

/// Deep and long steps, in any order: an answer or a refusal in words, never a failure of ours, nor the
/// end of the process.
#[test]
fn any_stack_of_steps_is_answered_or_refused() {
    let chain = |operator: &'static str| move |n: usize| format!("n{}", format!(" {operator} 1").repeat(n));
    let nested = |open: &'static str, close: &'static str, inner: &'static str| {
        move |n: usize| format!("{}{inner}{}", open.repeat(n), close.repeat(n))
    };
    let number = prop_oneof![
        (0usize..150).prop_map(chain("+")),
        (0usize..50).prop_map(nested("nullif(", ", 7)", "n")),
        (0usize..50).prop_map(nested("case(n > 1, ", ", true, n)", "n")),
        (0usize..50).prop_map(nested("length(chr(", "))", "65")),
        (0usize..50).prop_map(nested("coalesce(n, ", ")", "1")),
        (0usize..40).prop_map(nested(
            "date_diff_d('2020-01-01'::floating_timestamp + ('P' || ",
            " || 'D')::interval, '2020-01-01')",
            "1"
        )),
    ];
    let step = (number, 0usize..8, 0usize..6).prop_map(|(expr, kind, windows)| match kind {
        0 => format!("select distinct {expr} as n"),
        1 => format!("select {expr} as n, count(*) as c group by n"),
        2 => format!("select {expr} as n where {expr} is not null limit 5"),
        3 => format!("select {expr} as n, {} order by n", self::windows(windows + 1)),
        4 => format!("select n |> select {expr} as n union all select {expr} as n from @this as t"),
        5 => format!("select distinct on (n + 1) {expr} as n order by n + 1"),
        6 => format!("select n, {expr} as m |> select m as n order by n search 'a'"),
        _ => format!("select {expr} as n"),
    });
    let steps = proptest::collection::vec(step, 1..12);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mock = runtime.block_on(small());
    let mut runner = TestRunner::new(Config { cases: 120, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&steps, |steps| {
        let query = format!("select n |> {}", steps.join(" |> "));
        let answer = runtime.block_on(ask(&mock, ID, &query));
        let told = !answer.header("x-mock-hint").is_empty() || answer.text().contains("nested too deeply");
        prop_assert!(
            answer.status == 200 || (answer.status == 400 && told),
            "{query}: {} {}",
            answer.status,
            answer.text()
        );
        Ok(())
    });
    checked.unwrap();
}

/// A dataset with so many columns, most of them text.
fn wide(count: usize) -> Value {
    let column = |i: usize| {
        let kind = if i == 0 || !i.is_multiple_of(20) { "text" } else { "number" };
        json!({ "fieldName": format!("c{i}"), "name": format!("c{i}"), "dataTypeName": kind })
    };
    let columns: Vec<Value> = (0..count).map(column).collect();
    json!({ "name": "Wide", "metadata": { "rowIdentifier": "c0" }, "columns": columns })
}

#[tokio::test]
async fn a_dataset_with_all_columns_that_there_may_be_works_everywhere() {
    const WIDE: usize = 1990;
    let mock = mock().await;
    mock.dataset("wide-0001", &wide(WIDE)).await;
    let row = |key: &str, text: &str| {
        let mut row = json!({ "c0": key });
        for i in 1..WIDE {
            row[format!("c{i}")] = if i % 20 == 0 { json!(i) } else { json!(format!("{text} {i}")) };
        }
        row
    };
    let sent = json!([row("a", "word"), row("b", "other")]);
    assert_eq!(mock.write("POST", "/resource/wide-0001.json", &sent).await.json()["Rows Created"], 2);
    let again = mock.write("POST", "/resource/wide-0001.json", &json!([row("a", "changed")])).await;
    assert_eq!(again.json()["Rows Updated"], 1, "{}", again.text());
    assert_eq!(mock.write("PUT", "/resource/wide-0001.json", &sent).await.json()["Rows Created"], 2);
    let all =
        async |parameters: &[(&str, &str)]| mock.get(&path("/resource/wide-0001.json", parameters)).await;
    for (parameters, rows) in [
        (vec![], 2),
        (vec![("$select", ":*, *")], 2),
        (vec![("$q", "word 1989")], 1),
        (vec![("$q", "60")], 2),
        (vec![("$q", "nowhere")], 0),
        (vec![("$select", "distinct *")], 2),
        (vec![("$query", "select distinct on (c1) * order by c1")], 2),
        (vec![("$query", "select * minus all select * where c0 = 'a'")], 1),
        (vec![("$query", "select * union select *")], 2),
        (vec![("$query", "select *, row_number() over (order by c1) as r |> select * (except r)")], 2),
        (vec![("$select", "*"), ("$order", "c1"), ("$where", "c20 = 20")], 2),
    ] {
        let answer = all(&parameters).await;
        let found = answer.json().as_array().map(Vec::len);
        assert_eq!((answer.status, found), (200, Some(rows)), "{parameters:?}: {}", answer.text());
    }
    for url in [
        "/resource/wide-0001/a.json",
        "/resource/wide-0001/a.json?$select=:*,*",
        "/resource/wide-0001.csv",
        "/resource/wide-0001.geojson",
        "/api/views/wide-0001/rows.json",
        "/api/v3/views/wide-0001/export.csv",
        "/__mock/v1/datasets/wide-0001/rows",
    ] {
        let answer = mock.get(url).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.text());
    }
    let changed = mock.write("POST", "/resource/wide-0001/a.json", &json!({ "c5": "x" })).await;
    assert_eq!((changed.status, &changed.json()["c5"]), (200, &json!("x")));
    assert_eq!(mock.write("DELETE", "/resource/wide-0001/b.json", &Value::Null).await.status, 200);
    let full = mock
        .write(
            "POST",
            "/api/views/wide-0001/columns.json",
            &json!({ "name": "more", "dataTypeName": "text" }),
        )
        .await;
    assert!(full.status == 400 && full.text().contains("at most 1990 columns"), "{}", full.text());
}

#[tokio::test]
async fn more_columns_than_there_may_be_are_refused_by_number() {
    let mock = mock().await;
    let definition = wide(1991);
    let put = mock.write("PUT", "/__mock/v1/datasets/wide-0002", &definition).await;
    assert!(put.status == 400 && put.text().contains("at most 1990 columns"), "{}", put.text());
    let post = mock.write("POST", "/api/views.json", &definition).await;
    assert!(post.status == 400 && post.text().contains("at most 1990 columns"), "{}", post.text());
    let far_more = mock.write("PUT", "/__mock/v1/datasets/wide-0002", &wide(40_000)).await;
    assert!(far_more.text().contains("at most 1990 columns here, not 40000"), "{}", far_more.text());
}

/// Each free name is found without a look at all the others for every try.
#[tokio::test]
async fn columns_of_one_name_get_field_names_of_their_own() {
    let mock = mock().await;
    let columns = vec![json!({ "name": "N", "dataTypeName": "text" }); 1990];
    mock.dataset("wide-0003", &json!({ "name": "One name", "columns": columns })).await;
    let shown = mock.get("/api/views/wide-0003/columns.json").await.json();
    let names: BTreeSet<&str> =
        shown.as_array().unwrap().iter().filter_map(|column| column["fieldName"].as_str()).collect();
    assert!(names.len() == 1990 && names.contains("n") && names.contains("n_1989"), "{}", names.len());
}
