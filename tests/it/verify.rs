//! Questions about the journal and about stored data.

use crate::support::{Answer, Mock, PUBLISHER, mock, mock_of};
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::http::Options;
use soda_mock::journal::Settings;

const UPSERT: &str = "/resource/4tka-6guv.json";

async fn verify(mock: &Mock, question: Value) -> Answer {
    mock.call("POST", "/__mock/v1/verify", &[], question.to_string()).await
}

async fn busy() -> Mock {
    let mock = mock().await;
    let rows =
        json!([{ "earthquake_id": "a", "magnitude": 1.5 }, { "earthquake_id": "b", ":deleted": true }]);
    mock.write("POST", &format!("{UPSERT}?errorsAreFatal=false"), &rows).await;
    mock.get("/resource/4tka-6guv.json?$limit=5").await;
    let csv = [("authorization", PUBLISHER), ("content-type", "text/csv"), ("x-app-token", "demo-app-token")];
    mock.call("PUT", UPSERT, &csv, "earthquake_id,magnitude\nc,3\n").await;
    mock
}

#[tokio::test]
async fn a_question_is_answered_yes_with_the_requests_that_show_it() {
    let mock = busy().await;
    for (matcher, ids) in [
        (json!({}), json!([1, 2, 3])),
        (json!({ "method": "POST" }), json!([1])),
        (json!({ "method": ["POST", "put"] }), json!([1, 3])),
        (json!({ "path": "/resource/*.json" }), json!([1, 2, 3])),
        (json!({ "path": { "regex": "^/resource/[a-z0-9-]+\\.json$" } }), json!([1, 2, 3])),
        (json!({ "query": { "$limit": 5 } }), json!([2])),
        (json!({ "query": { "$limit": null, "errorsAreFatal": { "present": true } } }), json!([1])),
        (json!({ "headers": { "Content-Type": { "contains": "csv" } } }), json!([3])),
        (json!({ "headers": { "Authorization": { "present": true } } }), json!([1, 3])),
        (json!({ "headers": { "X-App-Token": "demo-app-token" } }), json!([3])),
        (json!({ "client": { "app_token": "demo-app-token" } }), json!([3])),
        (json!({ "client": "publisher@*" }), json!([1, 3])),
        (json!({ "body": { "contains": ["earthquake_id", "magnitude"] } }), json!([1, 3])),
        (json!({ "body": { "json": [{ "earthquake_id": "b" }] } }), json!([1])),
        (json!({ "body": { "json_path": { "$[0].magnitude": "1.50" } } }), json!([1])),
        (json!({ "body": { "json_path": "$[?@[':deleted'] == true]" } }), json!([1])),
        (json!({ "body": null }), json!([2])),
        (json!({ "rows": { "contains": [{ "earthquake_id": "c", "magnitude": 3.0 }] } }), json!([3])),
        (json!({ "rows": { "count": 2, "errors": 1, "created": 1 } }), json!([1])),
        (json!({ "dataset": "earthquakes", "operation": ["upsert", "replace"] }), json!([1, 3])),
        (json!({ "status": "2xx", "tls": false, "fault": false }), json!([1, 2, 3])),
        (json!({ "since": 2 }), json!([3])),
    ] {
        let answer = verify(&mock, json!({ "match": matcher })).await;
        assert_eq!(answer.status, 200, "{matcher}: {}", answer.text());
        let told = answer.json();
        assert_eq!((&told["ok"], &told["requests"]), (&json!(true), &ids), "{matcher}");
    }
}

#[tokio::test]
async fn how_often_is_counted() {
    let mock = busy().await;
    for (times, status) in [
        (json!({ "exactly": 3 }), 200),
        (json!(3), 200),
        (json!({ "exactly": 2 }), 409),
        (json!({ "min": 3, "max": 3 }), 200),
        (json!({ "max": 2 }), 409),
        (json!({ "min": 4 }), 409),
        (json!({ "exactly": 0 }), 409),
    ] {
        let answer = verify(&mock, json!({ "match": {}, "times": times })).await;
        assert_eq!(answer.status, status, "{times}: {}", answer.text());
        if status == 409 {
            assert_eq!(
                (&answer.json()["code"], &answer.json()["count"]),
                (&json!("verify_failed"), &json!(3))
            );
        }
    }
}

#[tokio::test]
async fn a_no_names_the_nearest_requests_and_how_they_differ() {
    let mock = busy().await;
    let matcher = json!({ "method": "POST", "dataset": "4tka-6guv", "rows": { "errors": 0 } });
    let answer = verify(&mock, json!({ "match": matcher })).await;
    assert_eq!(answer.status, 409);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let told = answer.json();
    assert_eq!(told["detail"], "no request matched, expected 1 or more");
    let near: Vec<&Value> = told["nearest"].as_array().unwrap().iter().map(|n| &n["id"]).collect();
    assert_eq!(near, [1, 3, 2]);
    assert_eq!(
        told["nearest"][0]["differences"],
        json!([{ "field": "rows.errors", "expected": "0", "actual": 1, "says": "rows.errors is 1, expected 0" }])
    );
    assert_eq!(told["nearest"][1]["differences"][0]["says"], "method is PUT, expected POST");
}

#[tokio::test]
async fn steps_are_found_in_their_order_with_others_in_between() {
    let mock = busy().await;
    let ask = |steps: Value| json!({ "in_order": steps });
    let fine = verify(&mock, ask(json!([{ "method": "POST" }, { "method": "PUT" }]))).await;
    assert_eq!((fine.status, &fine.json()["requests"]), (200, &json!([1, 3])));
    let wrong = verify(&mock, ask(json!([{ "method": "PUT" }, { "method": "POST" }]))).await;
    assert_eq!(wrong.status, 409);
    assert_eq!(
        wrong.json()["detail"],
        "step 2 of 2 was not found after request 3; request 1 matches it, but came too early"
    );
    let missing = verify(&mock, ask(json!([{ "method": "PUT" }, { "method": "DELETE" }]))).await;
    assert_eq!(missing.json()["detail"], "step 2 of 2 was not found after request 3");
}

#[tokio::test]
async fn a_wrong_question_is_refused_with_what_is_known() {
    let mock = mock().await;
    for (question, says) in [
        (json!({}), "neither"),
        (
            json!({ "match": { "methd": "GET" } }),
            "match.methd: unknown field `methd`, expected one of `method`, `path`",
        ),
        (json!({ "match": { "operation": "upsrt" } }), "known are query"),
        (json!({ "match": { "body": { "json_path": { "$[": 1 } } } }), "is no JSONPath"),
        (json!({ "match": { "rows": { "contains": [1] } } }), "match.rows.contains[0]: "),
        (json!({ "match": { "headers": { "authorization": "Basic abc" } } }), "does not keep credentials"),
        (json!({ "match": {}, "times": { "exactly": 1, "min": 1 } }), "only one of"),
        (json!({ "match": {}, "times": { "min": 2, "max": 1 } }), "more than max"),
        (json!({ "match": { "status": 99 } }), "is no status"),
        (json!({ "in_order": [{}, { "nth": 2 }] }), "in_order[1]: nth belongs to faults"),
    ] {
        let answer = verify(&mock, question.clone()).await;
        assert_eq!(answer.status, 400, "{question}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(says), "{question}: {detail}");
    }
}

#[tokio::test]
async fn a_verify_that_could_be_wrong_is_not_answered() {
    let journal = Settings { entries: 2, body: 10, ..Settings::default() };
    let mock =
        mock_of(Setup { options: Options { journal, ..Options::default() }, ..Setup::default() }).await;
    for _ in 0..3 {
        mock.write("POST", UPSERT, &json!([{ "earthquake_id": "a" }])).await;
    }
    let code = |answer: Answer| (answer.status, answer.json()["code"].clone());
    let incomplete = (409, json!("journal_incomplete"));
    let posts = json!({ "method": "POST" });
    assert_eq!(code(verify(&mock, json!({ "match": posts, "times": 2 })).await), incomplete);
    assert_eq!(code(verify(&mock, json!({ "match": posts, "times": { "min": 3 } })).await), incomplete);
    assert_eq!(verify(&mock, json!({ "match": posts, "times": { "min": 2 } })).await.status, 200);
    assert_eq!(verify(&mock, json!({ "match": posts, "times": 2, "since": 1 })).await.status, 200);
    assert_eq!(
        code(verify(&mock, json!({ "match": posts, "times": { "max": 1 } })).await),
        (409, json!("verify_failed"))
    );
    let body = json!({ "body": { "contains": "zzz" } });
    assert_eq!(code(verify(&mock, json!({ "match": body, "since": 1 })).await), incomplete);
    let begin = json!({ "body": { "contains": "[{" } });
    assert_eq!(verify(&mock, json!({ "match": begin, "times": 2, "since": 1 })).await.status, 200);
}

#[tokio::test]
async fn a_question_waits_until_it_is_so() {
    let mock = mock().await;
    let question = json!({ "match": { "method": "POST" }, "times": { "min": 2 }, "wait_ms": 60_000 });
    let writes = async {
        mock.write("POST", UPSERT, &json!([])).await;
        mock.write("POST", UPSERT, &json!([])).await;
    };
    let (answer, ()) = tokio::join!(verify(&mock, question), writes);
    assert_eq!((answer.status, &answer.json()["count"]), (200, &json!(2)));
    let too_many = json!({ "match": { "method": "POST" }, "times": { "exactly": 1 }, "wait_ms": 60_000 });
    assert_eq!(verify(&mock, too_many).await.status, 409, "what cannot become so is answered at once");
}
