//! API keys, as their OpenAPI document describes them.

use crate::support::{Answer, Mock, PUBLISHER, VIEWER, mock, mock_of};
use base64::Engine as _;
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::http::Options;

const KEYS: &str = "/api/api_keys";

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}")))
}

async fn call(mock: &Mock, login: &str, method: &str, path: &str, body: &str) -> Answer {
    mock.call(
        method,
        path,
        &[("authorization", login), ("content-type", "application/json")],
        body.to_owned(),
    )
    .await
}

async fn made(mock: &Mock, login: &str, name: &str) -> (String, String) {
    let key = call(mock, login, "POST", KEYS, &json!({ "keyName": name }).to_string()).await;
    assert_eq!(key.status, 200, "{}", key.text());
    let text = |member: &str| key.json()[member].as_str().unwrap().to_owned();
    (text("keyId"), text("keySecret"))
}

async fn advance(mock: &Mock, seconds: i64) {
    mock.call("POST", "/__mock/v1/clock/advance", &[], json!({ "seconds": seconds }).to_string()).await;
}

/// The names of the keys that a query finds.
async fn names(mock: &Mock, query: &str) -> Vec<String> {
    let list = call(mock, VIEWER, "GET", &format!("{KEYS}?{query}"), "").await;
    assert_eq!(list.status, 200, "{query}: {}", list.text());
    let list = list.json();
    list.as_array().unwrap().iter().map(|key| key["keyName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_key_is_made_used_listed_and_deleted() {
    let mock = mock().await;
    let answer = call(&mock, PUBLISHER, "POST", "/api/api_keys.json", "{\"keyName\":\"ci\"}").await.json();
    let (id, secret) = (answer["keyId"].as_str().unwrap(), answer["keySecret"].as_str().unwrap());
    let alphabet = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    assert!(id.len() == 25 && secret.len() == 50 && alphabet(id) && alphabet(secret), "{answer}");
    let owner =
        json!({ "id": answer["owner"]["id"], "displayName": "publisher", "email": "publisher@example.com" });
    let expected = json!({ "keyName": "ci", "keyId": id, "keySecret": secret, "createdAt": 1_700_000_000,
        "createdAtTimestamp": "2023-11-14T22:13:20.000Z", "owner": owner });
    assert_eq!(answer, expected);
    let one = format!("{KEYS}/{id}");
    let mut shown = expected.clone();
    shown.as_object_mut().unwrap().remove("keySecret");
    assert_eq!(call(&mock, PUBLISHER, "GET", &one, "").await.json(), shown, "the secret is told once");
    assert!(!call(&mock, PUBLISHER, "GET", KEYS, "").await.text().contains(secret));
    // The key signs in as its owner, and others do not see it.
    let login = basic(id, secret);
    assert_eq!(call(&mock, &login, "POST", "/resource/4tka-6guv.json", "[]").await.status, 200);
    let user = call(&mock, &login, "GET", "/api/users/current.json", "").await.json();
    assert_eq!(
        (user["email"].as_str(), &user["id"]),
        (Some("publisher@example.com"), &answer["owner"]["id"])
    );
    assert_eq!(call(&mock, VIEWER, "GET", &one, "").await.json()["code"], "API_KEY.NOT_FOUND");
    assert_eq!(call(&mock, VIEWER, "DELETE", &one, "").await.status, 404);
    // A deleted key signs nobody in and is listed only when asked for.
    advance(&mock, 60).await;
    let deleted = call(&mock, PUBLISHER, "DELETE", &one, "").await;
    assert_eq!(
        (deleted.status, &deleted.json()["deletedAtTimestamp"]),
        (200, &json!("2023-11-14T22:14:20.000Z"))
    );
    let refused = call(&mock, &login, "POST", "/resource/4tka-6guv.json", "[]").await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("authentication_required")));
    assert!(refused.text().contains("was deleted"), "{}", refused.text());
    assert!(!call(&mock, PUBLISHER, "GET", KEYS, "").await.text().contains(id));
    let with_deleted = call(&mock, PUBLISHER, "GET", &format!("{KEYS}?includeDeleted=true"), "").await.text();
    assert!(
        with_deleted.contains(id) && with_deleted.contains("\"deletedAt\" : 1700000060"),
        "{with_deleted}"
    );
    for method in ["GET", "DELETE"] {
        assert_eq!(call(&mock, PUBLISHER, method, &one, "").await.json()["code"], "API_KEY.TOKEN_DELETED");
    }
    // Its name is free again.
    made(&mock, PUBLISHER, "ci").await;
}

/// Documented: used at nine on Monday, a key's last use changes again at nine on Tuesday.
#[tokio::test]
async fn the_last_use_changes_once_a_day() {
    let mock = mock().await;
    let (id, secret) = made(&mock, PUBLISHER, "daily").await;
    let (one, login) = (format!("{KEYS}/{id}"), basic(&id, &secret));
    let last = async || call(&mock, PUBLISHER, "GET", &one, "").await.json()["lastUsedAt"].clone();
    assert_eq!(last().await, Value::Null);
    for (after, expected) in [(10, 1_700_000_010), (86_399, 1_700_000_010), (1, 1_700_086_410)] {
        advance(&mock, after).await;
        assert_eq!(call(&mock, &login, "GET", "/resource/4tka-6guv.json", "").await.status, 200);
        assert_eq!(last().await, json!(expected), "{after}");
    }
}

#[tokio::test]
async fn keys_are_sorted_searched_and_paged() {
    let mock = mock().await;
    let mut ids = Vec::new();
    for name in ["Delta", "alpha", "Bravo build", "charlie"] {
        advance(&mock, 1).await;
        ids.push(made(&mock, VIEWER, name).await);
    }
    let use_key = async |index: usize| {
        advance(&mock, 1).await;
        let (id, secret): &(String, String) = &ids[index];
        call(&mock, &basic(id, secret), "GET", "/resource/4tka-6guv.json", "").await;
    };
    use_key(3).await;
    use_key(0).await;
    for index in [1, 2] {
        advance(&mock, 1).await;
        call(&mock, VIEWER, "DELETE", &format!("{KEYS}/{}", ids[index].0), "").await;
    }
    for (query, expected) in [
        ("", "Delta,charlie"),
        ("includeDeleted=true", "Delta,alpha,Bravo build,charlie"),
        ("includeDeleted=true&sortBy=created_at&sortOrder=desc", "charlie,Bravo build,alpha,Delta"),
        ("includeDeleted=true&sortBy=name", "Bravo build,Delta,alpha,charlie"),
        ("includeDeleted=true&sortBy=name&sortOrder=desc", "charlie,alpha,Delta,Bravo build"),
        ("includeDeleted=true&sortBy=last_used_at&limit=2", "charlie,Delta"),
        ("includeDeleted=true&sortBy=last_used_at&sortOrder=desc&limit=2", "Delta,charlie"),
        ("includeDeleted=true&sortBy=deleted_at&limit=2", "alpha,Bravo build"),
        ("includeDeleted=true&sortBy=deleted_at&sortOrder=desc&limit=2", "Bravo build,alpha"),
        ("includeDeleted=false", "Delta,charlie"),
        ("includeDeleted=true&nameSearch=BUILD", "Bravo build"),
        ("nameSearch=l", "Delta,charlie"),
        ("nameSearch=nothing", ""),
        ("limit=1", "Delta"),
    ] {
        assert_eq!(names(&mock, query).await.join(","), expected, "{query}");
    }
    assert_eq!(names(&mock, &format!("nameSearch={}", ids[3].0)).await, ["charlie"]);
    // Page by page, in each order; the key of the page's end may have been deleted since.
    for order in [
        "sortBy=name",
        "sortBy=created_at&sortOrder=desc",
        "sortBy=last_used_at",
        "sortBy=deleted_at&sortOrder=desc",
    ] {
        let all = names(&mock, &format!("includeDeleted=true&{order}")).await;
        let (mut seen, mut seek) = (Vec::new(), String::new());
        loop {
            let path = format!("{KEYS}?includeDeleted=true&limit=1&{order}&seek={seek}");
            let page = call(&mock, VIEWER, "GET", &path, "").await.json();
            let Some(key) = page.as_array().unwrap().first() else { break };
            seen.push(key["keyName"].as_str().unwrap().to_owned());
            key["keyId"].as_str().unwrap().clone_into(&mut seek);
        }
        assert_eq!(seen, all, "{order}");
    }
    assert_eq!(names(&mock, &format!("seek={}", ids[1].0)).await, ["charlie"], "after a deleted key");
}

#[tokio::test]
async fn each_refusal_has_its_documented_code() {
    let mock = mock().await;
    let role = json!({ "password": "secret", "role": "community" }).to_string();
    mock.call("PUT", "/__mock/v1/users/jo@example.com", &[], role).await;
    let long = json!({ "keyName": "x".repeat(256) }).to_string();
    let community = basic("jo@example.com", "secret");
    let wrong_secret = basic("demo-key-id", "guess");
    for (login, method, path, body, status, code) in [
        (PUBLISHER, "POST", KEYS, "", 400, "API_KEY.MISSING_FIELD"),
        (PUBLISHER, "POST", KEYS, "{}", 400, "API_KEY.MISSING_FIELD"),
        (PUBLISHER, "POST", KEYS, "{\"keyName\":null}", 400, "API_KEY.MISSING_FIELD"),
        (PUBLISHER, "POST", KEYS, "{\"keyName\":\" \"}", 400, "API_KEY.MISSING_FIELD"),
        (PUBLISHER, "POST", KEYS, "{\"name\":\"ci\"}", 400, "API_KEY.MISSING_FIELD"),
        (PUBLISHER, "POST", KEYS, "{\"keyName\":5}", 400, "invalid_request"),
        (PUBLISHER, "POST", KEYS, "{\"keyName\":\"demo\"}", 400, "API_KEY.API_KEY.NAME_TAKEN"),
        (PUBLISHER, "POST", KEYS, long.as_str(), 400, "API_KEY.NAME_TOO_LONG"),
        (PUBLISHER, "GET", "/api/api_keys/nope", "", 404, "API_KEY.NOT_FOUND"),
        (PUBLISHER, "DELETE", "/api/api_keys/nope", "", 404, "API_KEY.NOT_FOUND"),
        (PUBLISHER, "GET", "/api/api_keys?seek=nope", "", 404, "API_KEY.NOT_FOUND"),
        (PUBLISHER, "GET", "/api/api_keys?limit=101", "", 400, "API_KEY.INVALID_PAGE_SIZE"),
        (PUBLISHER, "GET", "/api/api_keys?limit=0", "", 400, "API_KEY.INVALID_PAGE_SIZE"),
        (PUBLISHER, "GET", "/api/api_keys?limit=many", "", 400, "API_KEY.INVALID_PAGE_SIZE"),
        (PUBLISHER, "GET", "/api/api_keys?sortBy=keyName", "", 400, "API_KEY.INVALID_SORT_COLUMN"),
        (PUBLISHER, "GET", "/api/api_keys?sortOrder=up", "", 400, "invalid_request"),
        (PUBLISHER, "GET", "/api/api_keys?includeDeleted=yes", "", 400, "invalid_request"),
        (community.as_str(), "POST", KEYS, "{\"keyName\":\"a\"}", 400, "API_KEY.INSUFFICIENT_RIGHTS"),
        (wrong_secret.as_str(), "GET", KEYS, "", 403, "API_KEY.INVALID_SECRET"),
        ("Basic bm86Ym9keQ==", "GET", KEYS, "", 403, "authentication_required"),
        (PUBLISHER, "PUT", "/api/api_keys/demo-key-id", "{}", 405, "method_not_allowed"),
    ] {
        let answer = call(&mock, login, method, path, body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (status, Some(code)),
            "{method} {path} {body}"
        );
        assert_eq!(answer.json()["error"], true);
        assert!(!answer.header("x-mock-hint").is_empty(), "{method} {path} {body}");
    }
    assert_eq!(mock.get(KEYS).await.json()["code"], "authentication_required");
    // Elsewhere a key's wrong secret is a refused login like any other.
    let elsewhere = call(&mock, &wrong_secret, "POST", "/resource/4tka-6guv.json", "[]").await;
    assert_eq!((elsewhere.status, &elsewhere.json()["code"]), (403, &json!("authentication_required")));
    let options = Options { auth_status: http::StatusCode::UNAUTHORIZED, ..Options::default() };
    let mock = mock_of(Setup { options, ..Setup::default() }).await;
    let refused = call(&mock, &wrong_secret, "GET", KEYS, "").await;
    assert_eq!((refused.status, &refused.json()["code"]), (401, &json!("API_KEY.INVALID_SECRET")));
}

/// How many deleted keys are remembered is told in `access::api_keys`.
#[tokio::test]
async fn an_account_has_a_bounded_number_of_keys() {
    let mock = mock().await;
    let mut last = String::new();
    for n in 0..100 {
        last = made(&mock, VIEWER, &format!("key {n}")).await.0;
    }
    let more = call(&mock, VIEWER, "POST", KEYS, "{\"keyName\":\"one more\"}").await;
    assert_eq!((more.status, &more.json()["code"]), (400, &json!("API_KEY.TOKEN_LIMIT_REACHED")));
    made(&mock, PUBLISHER, "of another account").await;
    let gone = call(&mock, VIEWER, "DELETE", &format!("{KEYS}/{last}"), "").await;
    assert_eq!(gone.status, 200);
    made(&mock, VIEWER, "one more").await;
}

#[tokio::test]
async fn keys_belong_to_their_space_and_go_with_a_reset() {
    let mock = mock().await;
    mock.call("POST", "/__mock/v1/spaces", &[], "{\"name\":\"other\"}").await;
    let (id, secret) = made(&mock, PUBLISHER, "here").await;
    let login = basic(&id, &secret);
    let write = async |space: &str| {
        let headers = [("authorization", login.as_str()), ("x-mock-space", space)];
        mock.call("POST", "/resource/4tka-6guv.json", &headers, "[]").await.status
    };
    assert_eq!((write("default").await, write("other").await), (200, 403));
    mock.call("POST", "/__mock/v1/reset", &[], "{\"to\":\"seed\"}").await;
    assert_eq!(write("default").await, 403);
    let left = call(&mock, PUBLISHER, "GET", KEYS, "").await.json();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["keyId"]), (1, &json!("demo-key-id")));
    assert_eq!(left[0]["createdAtTimestamp"], "2023-11-14T22:13:20.000Z", "when the space began");
}

#[tokio::test]
async fn secrets_of_keys_do_not_reach_the_journal() {
    let mock = mock().await;
    for path in ["/api/api_keys", "/api_keys.json"] {
        let answer =
            call(&mock, PUBLISHER, "POST", path, &json!({ "keyName": path }).to_string()).await.json();
        let secret = answer["keySecret"].as_str().unwrap();
        for kept in ["/__mock/v1/requests?bodies=true", "/__mock/v1/requests.har"] {
            let text = mock.get(kept).await.text();
            assert!(!text.contains(secret), "{kept}");
        }
        let id = mock.get("/__mock/v1/requests").await.json()["requests"][0]["id"].clone();
        let entry = mock.get(&format!("/__mock/v1/requests/{id}")).await.text();
        assert!(entry.contains("keySecret") && entry.contains("***") && !entry.contains(secret), "{entry}");
    }
}
