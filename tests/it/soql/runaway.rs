//! Queries that take too long, and clients that leave.

use super::ask;
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
