//! Queries that take too long, and clients that leave.

use super::{ask, path};
use crate::support::{mock, mock_of};
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::http::Options;
use std::time::Duration;

const ID: &str = "long-0001";
/// More pairs than anyone could count in hours.
const ENDLESS: &str =
    "select count(*) as c join @long-0001 as b on @b.a >= 0 join @long-0001 as c on @c.a >= 0";

fn definition() -> Value {
    let rows: Vec<Value> = (0..20_000).map(|i| json!({ "a": i })).collect();
    let columns = json!([{ "fieldName": "a", "name": "a", "dataTypeName": "number" }]);
    json!({ "name": "Long", "columns": columns, "rows": rows })
}

#[tokio::test]
async fn a_query_that_runs_too_long_is_stopped_with_408() {
    let options = Options { query_timeout: Duration::from_millis(100), ..Options::default() };
    let mock = mock_of(Setup { options, ..Setup::default() }).await;
    mock.dataset(ID, &definition()).await;
    for _ in 0..2 {
        let answer = ask(&mock, ID, &[("$query", ENDLESS)]).await;
        assert_eq!(answer.status, 408, "{}", answer.text());
        assert_eq!(answer.json()["errorCode"], "request-timeout");
        assert!(answer.header("x-mock-hint").contains("--query-timeout"));
    }
    assert_eq!(ask(&mock, ID, &[("$select", "count(*)")]).await.json(), json!([{"count": "20000"}]));
}

/// The runtime ends only when its blocking threads do: if the reads went on, this would not end.
#[test]
fn a_client_that_leaves_frees_its_reader() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mock = mock().await;
        mock.dataset(ID, &definition()).await;
        let asked = ask(&mock, ID, &[("$query", ENDLESS)]);
        assert!(tokio::time::timeout(Duration::from_millis(50), asked).await.is_err());
    });
}

/// A line up and down or to the left and right over a square of one degree, so many times.
fn zigzag(times: usize, upright: bool) -> Value {
    let place = |i: usize| {
        let (along, across) = (i as f64 / times as f64, (i % 2) as f64);
        if upright { json!([along, across]) } else { json!([across, along]) }
    };
    json!({ "type": "LineString", "coordinates": (0..=times).map(place).collect::<Vec<_>>() })
}

/// A line whose bends get smaller: each look for the farthest one passes all that are left.
fn shrinking(times: usize) -> Value {
    let place = |i: usize| {
        let height = (times - i) as f64 / times as f64;
        json!([i as f64 / times as f64, if i.is_multiple_of(2) { height } else { -height }])
    };
    json!({ "type": "LineString", "coordinates": (0..times).map(place).collect::<Vec<_>>() })
}

/// Work inside one function that would take minutes or hours: it ends with the time limit, in whatever
/// function it is. The runtime ends only when its blocking threads do.
#[test]
fn a_function_that_runs_too_long_is_stopped_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = Options { query_timeout: Duration::from_millis(200), ..Options::default() };
        let mock = mock_of(Setup { options, ..Setup::default() }).await;
        mock.dataset(ID, &definition()).await;
        let column = |name: &str| json!({ "fieldName": name, "name": name, "dataTypeName": "line" });
        let row = json!({ "a": zigzag(60_000, true), "b": zigzag(60_000, false), "c": shrinking(60_000) });
        let lines =
            json!({ "name": "Lines", "columns": [column("a"), column("b"), column("c")], "rows": [row] });
        mock.dataset("line-0001", &lines).await;
        let text = "left_pad('', 2000000, 'a')";
        let never = "(left_pad('', 1000000, 'a') || 'b')";
        for (dataset, select) in [
            (ID, "sum(a * 1e99990)".to_owned()),
            (ID, "avg(a * 1e99990 / 7)".to_owned()),
            (ID, "stddev_pop(a * 1e50000)".to_owned()),
            (ID, "max(1.0000001 ^ (a * 100000))".to_owned()),
            (ID, "max(ln(1 + a * 1e99990))".to_owned()),
            (ID, format!("max(length(replace({text}, {never}, 'x' || a)))")),
            (ID, format!("count({text} like '%' || {never} || a)")),
            (ID, format!("bool_or(contains({text}, {never} || a))")),
            (ID, format!("max(split_part({text}, 'a', -a - 1))")),
            ("line-0001", "intersects(a, b)".to_owned()),
            ("line-0001", "spatial_union(a, b)".to_owned()),
            ("line-0001", "simplify(c, 0)".to_owned()),
            ("line-0001", "crosses(a, b)".to_owned()),
        ] {
            let answer = ask(&mock, dataset, &[("$select", select.as_str())]).await;
            let told = !answer.header("x-mock-hint").is_empty();
            // 503: for what it would hold there is no memory.
            assert!(matches!(answer.status, 400 | 408 | 503) && told, "{select}: {}", answer.status);
        }
    });
}

/// The page's view of rows and assertions on them are queries too.
#[test]
fn a_query_of_the_admin_api_is_stopped_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = Options { query_timeout: Duration::from_millis(100), ..Options::default() };
        let mock = mock_of(Setup { options, ..Setup::default() }).await;
        mock.dataset(ID, &definition()).await;
        let slow = "contains(left_pad('', 4000000, 'a'), left_pad('', 2000000, 'a') || 'b' || a)";
        let window = mock.get(&path(&format!("/__mock/v1/datasets/{ID}/window"), &[("$where", slow)])).await;
        assert_eq!(window.status, 408, "{}", window.text());
        let expected = json!({ "dataset": ID, "where": slow, "rows": [] });
        let expect = mock.write("POST", "/__mock/v1/expect", &expected).await;
        assert_eq!(expect.status, 408, "{}", expect.text());
        assert!(expect.text().contains("--query-timeout"));
    });
}
