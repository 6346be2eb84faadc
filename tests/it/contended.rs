//! Several requests about one thing at once: each has a clear answer, and none is an error of ours.

use crate::support::{Mock, PUBLISHER, mock, mock_of};
use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body::Frame;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use soda_mock::Setup;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

fn definition(number: usize) -> Value {
    json!({
        "name": "Wanted by many",
        "metadata": { "rowIdentifier": "k" },
        "columns": [{ "fieldName": "k", "dataTypeName": "text" }, { "fieldName": "n", "dataTypeName": "number" }],
        "rows": [{ "k": "only", "n": number }],
    })
}

async fn put(mock: Arc<Mock>, path: String, body: Value) -> (u16, String) {
    let answer = mock.call("PUT", &path, &[], body.to_string()).await;
    (answer.status, answer.text())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_dataset_that_many_make_at_once_is_that_of_one_of_them() {
    let mock = Arc::new(mock().await);
    for round in 0..5 {
        let path = format!("/__mock/v1/datasets/aaaa-222{}", round + 2);
        let puts: Vec<_> =
            (0..16).map(|n| tokio::spawn(put(Arc::clone(&mock), path.clone(), definition(n)))).collect();
        for one in puts {
            let (status, text) = one.await.unwrap();
            assert_eq!(status, 200, "{text}");
        }
        let rows = mock.get(&format!("{path}/rows")).await.json();
        assert_eq!((rows.as_array().unwrap().len(), &rows[0]["k"]), (1, &json!("only")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_resource_name_that_many_want_is_given_once() {
    let mock = Arc::new(mock().await);
    let puts = (2..10).map(|n| {
        let mut wanted = definition(n);
        wanted["resourceName"] = json!("wanted");
        tokio::spawn(put(Arc::clone(&mock), format!("/__mock/v1/datasets/aaaa-222{n}"), wanted))
    });
    let mut statuses = Vec::new();
    for one in puts.collect::<Vec<_>>() {
        let (status, text) = one.await.unwrap();
        assert!(
            status == 200 || text.contains("The resource name wanted is taken by aaaa-222"),
            "{status} {text}"
        );
        statuses.push(status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400, 400, 400, 400]);
    let other_case = json!({ "name": "x", "resourceName": "WANTED", "columns": [] });
    assert_eq!(put(Arc::clone(&mock), "/__mock/v1/datasets/aaaa-3333".into(), other_case).await.0, 400);
}

/// A dataset may be called like the id of another.
#[tokio::test]
async fn a_name_that_looks_like_an_id_takes_no_id_away() {
    let mock = mock().await;
    let called =
        |name: &str| json!({ "name": name, "columns": [{ "fieldName": "k", "dataTypeName": "text" }] });
    mock.dataset("aaaa-2222", &called("aaaa-3333")).await;
    mock.dataset("aaaa-3333", &called("aaaa-2222")).await;
}

/// A body that comes when the test wants it to.
struct Coming(mpsc::Receiver<&'static str>);

impl http_body::Body for Coming {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(cx)
            .map(|piece| piece.map(|text| Ok(Frame::data(Bytes::from_static(text.as_bytes())))))
    }
}

/// An upload that has begun: its first bytes were taken.
struct Upload {
    rest: mpsc::Sender<&'static str>,
    answer: tokio::task::JoinHandle<(u16, Value)>,
}

impl Upload {
    async fn begin(mock: &Arc<Mock>, method: &str, path: &str, first: &'static str) -> Self {
        let (rest, receiver) = mpsc::channel(1);
        let request = Request::builder().method(method).uri(path).header("authorization", PUBLISHER);
        let request = request.body(Body::new(Coming(receiver))).unwrap();
        let mock = Arc::clone(mock);
        let answer = tokio::spawn(async move {
            let response = mock.raw(request).await;
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, serde_json::from_slice(&body).unwrap())
        });
        rest.send(first).await.unwrap();
        // There is room for one piece: the second one waits until the first was taken.
        rest.send(" ").await.unwrap();
        Self { rest, answer }
    }

    async fn end(self, last: &'static str) -> (u16, Value) {
        self.rest.send(last).await.unwrap();
        drop(self.rest);
        self.answer.await.unwrap()
    }
}

const ROWS: &str = "/resource/aaaa-2222.json?$select=k&$order=k";

async fn in_a_data_file(folder: &tempfile::TempDir) -> Arc<Mock> {
    let mock = mock_of(Setup { data: Some(folder.path().join("d.db")), ..Setup::default() }).await;
    mock.dataset("aaaa-2222", &definition(1)).await;
    mock.call("PUT", "/__mock/v1/snapshots/before", &[], "").await;
    Arc::new(mock)
}

#[tokio::test]
async fn an_upload_under_way_does_not_land_in_data_that_was_put_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mock = in_a_data_file(&folder).await;
    for path in ["/__mock/v1/snapshots/before/restore", "/__mock/v1/reset"] {
        let to = if path.ends_with("reset") { "{\"to\":\"before\"}" } else { "" };
        for (method, target, first, last) in [
            ("POST", "/resource/aaaa-2222.json", "[{\"k\":\"late\"}", "]"),
            ("PUT", "/resource/aaaa-2222.json", "[{\"k\":\"late\"}", "]"),
            ("POST", "/resource/aaaa-2222/late.json", "{\"n\":1", "}"),
        ] {
            let upload = Upload::begin(&mock, method, target, first).await;
            assert_eq!(mock.call("POST", path, &[], to).await.status, 200);
            let (status, refusal) = upload.end(last).await;
            assert_eq!(
                (status, &refusal["errorCode"]),
                (409, &json!("schema-out-of-sync")),
                "{method} {path}"
            );
            assert!(refusal["message"].as_str().unwrap().contains("reset or restored"), "{refusal}");
            assert_eq!(mock.get(ROWS).await.json(), json!([{ "k": "only" }]));
        }
    }
    let next = mock.write("POST", "/resource/aaaa-2222.json", &json!([{ "k": "next" }])).await;
    assert_eq!(next.status, 200, "{}", next.text());
}

#[tokio::test]
async fn an_upload_under_way_does_not_land_in_a_dataset_that_was_put_in_its_place() {
    let mock = Arc::new(mock().await);
    mock.dataset("aaaa-2222", &definition(1)).await;
    let upload = Upload::begin(&mock, "POST", "/resource/aaaa-2222.json", "[{\"k\":\"late\"}").await;
    mock.dataset("aaaa-2222", &definition(2)).await;
    let (status, refusal) = upload.end("]").await;
    assert_eq!((status, &refusal["errorCode"]), (409, &json!("schema-out-of-sync")), "{refusal}");
    assert_eq!(mock.get(ROWS).await.json(), json!([{ "k": "only" }]));
}

/// Without a data file the upload belongs to the data that it found, which nobody sees any more.
#[tokio::test]
async fn an_upload_under_way_ends_on_the_data_that_it_found() {
    let mock = Arc::new(mock().await);
    mock.dataset("aaaa-2222", &definition(1)).await;
    mock.call("PUT", "/__mock/v1/snapshots/before", &[], "").await;
    let upload = Upload::begin(&mock, "POST", "/resource/aaaa-2222.json", "[{\"k\":\"late\"}").await;
    mock.call("POST", "/__mock/v1/snapshots/before/restore", &[], "").await;
    assert_eq!(upload.end("]").await.0, 200);
    assert_eq!(mock.get(ROWS).await.json(), json!([{ "k": "only" }]));
}
