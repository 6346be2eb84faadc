//! Tokens, the OAuth flow, throttling, strictness, through the router.

use crate::support::{PUBLISHER, mock, mock_of};
use serde_json::json;
use soda_mock::Setup;
use soda_mock::access::Limits;
use soda_mock::http::{Connection, Options, Peer};

#[tokio::test]
async fn a_minted_token_writes_until_it_expires() {
    let mock = mock().await;
    let body = json!({ "user": "publisher@example.com", "expires_in": 60 });
    let token = mock.call("POST", "/__mock/v1/tokens", &[], body.to_string()).await.json();
    let header = format!("OAuth {}", token["token"].as_str().unwrap());
    let write = |value: String| {
        let mock = &mock;
        async move {
            mock.call("POST", "/resource/4tka-6guv", &[("authorization", value.as_str())], "[]").await.status
        }
    };
    assert_eq!(write(header.clone()).await, 200);
    assert_eq!(write(header.replace("OAuth", "Bearer")).await, 200);
    assert_eq!(write(format!("{header}x")).await, 403);
    mock.call("POST", "/__mock/v1/clock/advance", &[], "{\"seconds\":60}").await;
    assert_eq!(write(header).await, 403);
}

/// Documented: code, token, `state` and the redirect's query kept; ours: a code works once.
#[tokio::test]
async fn the_oauth_flow_gives_a_token_once() {
    let mock = mock().await;
    let target = "https%3A%2F%2Fapp.example%2Fback%3Fa%3D1";
    let ask = format!(
        "/oauth/authorize?client_id=demo-app-token&response_type=code&redirect_uri={target}&state=s1"
    );
    let page = mock.get(&ask).await;
    assert!(page.status == 200 && page.text().contains("name=\"password\""));
    let form = format!(
        "client_id=demo-app-token&response_type=code&redirect_uri={target}&state=s1&user=publisher%40example.com&password=publisher&decision=allow"
    );
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let sent = mock.call("POST", "/oauth/authorize", &headers, form).await;
    assert_eq!(sent.status, 302);
    let location = sent.header("location").to_owned();
    assert!(
        location.starts_with("https://app.example/back?a=1&code=") && location.ends_with("&state=s1"),
        "{location}"
    );
    let code = location.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let exchange = format!(
        "client_id=demo-app-token&client_secret=demo-app-secret&grant_type=authorization_code&redirect_uri={target}&code={code}"
    );
    let token = mock.call("POST", "/oauth/access_token", &headers, exchange.clone()).await;
    let header = format!("OAuth {}", token.json()["access_token"].as_str().unwrap());
    let user = mock.call("GET", "/api/users/current.json", &[("authorization", header.as_str())], "").await;
    assert_eq!(user.json()["email"], "publisher@example.com");
    assert_eq!(mock.call("POST", "/oauth/access_token", &headers, exchange).await.status, 400);
}

/// Decided: the prefix is compared by origin and path segments, never as text. The rules for single
/// spellings are in a table of `access::redirect`.
#[tokio::test]
async fn a_redirect_outside_the_callback_prefix_is_refused() {
    let mock = mock().await;
    let put = async |prefix: &str| {
        let body = json!({ "secret": "s", "callback_prefix": prefix });
        mock.call("PUT", "/__mock/v1/app-tokens/t1", &[], body.to_string()).await
    };
    assert_eq!(put("https://good.com").await.json()["callback_prefix"], "https://good.com");
    for (target, status, told) in [
        ("https%3A%2F%2Fgood.com%2Fcb", 200, "https://good.com/cb"),
        ("https%3A%2F%2Fgood.com.evil.com", 400, "is outside the application"),
        ("https%3A%2F%2Fgood.com%40evil.com", 400, "has a user name"),
        ("https%3A%2F%2Fgood.com%23%40evil.com", 400, "has a fragment"),
        ("%2Fcb", 400, "is no absolute URI"),
        ("", 400, "is no absolute URI"),
    ] {
        let ask = format!("client_id=t1&response_type=code&redirect_uri={target}");
        let page = mock.get(&format!("/oauth/authorize?{ask}")).await;
        assert_eq!(page.status, status, "{target}");
        assert!(page.text().contains(told), "{target}: {}", page.text());
        let form = format!("{ask}&user=publisher%40example.com&password=publisher&decision=allow");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let sent = mock.call("POST", "/oauth/authorize", &headers, form).await;
        let location = (status == 200).then_some("https://good.com/cb?code=");
        assert_eq!(sent.status, if status == 200 { 302 } else { 400 }, "{target}");
        assert!(sent.header("location").starts_with(location.unwrap_or("")), "{target}");
        assert_eq!(sent.header("location").is_empty(), location.is_none(), "{target}");
    }
    let refused = put("good.com").await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("write https://host/path"), "{}", refused.text());
}

/// A request as a socket would bring it.
fn over(tls: bool, method: &str, path: &str, body: &'static str) -> http::Request<axum::body::Body> {
    let peer = Peer { address: ([127, 0, 0, 1], 1).into(), tls };
    let request = http::Request::builder().method(method).uri(path).extension(Connection::from(peer));
    request.header("content-type", "application/x-www-form-urlencoded").body(body.into()).unwrap()
}

/// Decided: with `--strict` sign-in, consent and token exchange are https only, and so is the redirect.
#[tokio::test]
async fn strict_wants_https_for_the_whole_oauth_flow() {
    let options = Options { strict: true, ..Options::default() };
    let strict = mock_of(Setup { options, ..Setup::default() }).await;
    let lenient = mock().await;
    let ask = |target: &str| {
        format!("/oauth/authorize?client_id=demo-app-token&response_type=code&redirect_uri={target}")
    };
    let consent = "client_id=demo-app-token&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2F\
                   &user=publisher%40example.com&password=publisher&decision=allow";
    let code = "client_id=demo-app-token&client_secret=demo-app-secret&code=x&redirect_uri=https%3A%2F%2Fapp.example%2F";
    for (method, path, body, secure) in [
        ("GET", ask("https%3A%2F%2Fapp.example%2F"), "", 200),
        ("POST", "/oauth/authorize".to_owned(), consent, 302),
        ("POST", "/oauth/access_token".to_owned(), code, 400),
    ] {
        let plain = strict.send(over(false, method, &path, body)).await;
        assert_eq!(plain.status, 403, "{method} {path}");
        assert!(plain.text().contains("https only"), "{}", plain.text());
        assert_eq!(strict.send(over(true, method, &path, body)).await.status, secure, "{method} {path}");
        assert_eq!(lenient.send(over(false, method, &path, body)).await.status, secure, "{method} {path}");
    }
    let local = ask("http%3A%2F%2Flocalhost%3A3000%2Fcb");
    let refused = strict.send(over(true, "GET", &local, "")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("is not https"), "{}", refused.text());
    assert_eq!(lenient.get(&local).await.status, 200);
    assert_eq!(lenient.get(&ask("http%3A%2F%2Fapp.example%2Fcb")).await.status, 400);
}

/// Documented: a script element of any page can send such a request, so its credentials count for nothing.
#[tokio::test]
async fn credentials_of_a_jsonp_request_are_not_used() {
    let mock = mock().await;
    let definition =
        json!({ "name": "P", "public": false, "columns": [{ "fieldName": "k" }], "rows": [{ "k": "a" }] });
    mock.dataset("priv-2222", &definition).await;
    let read = async |path: &str, login: &str| mock.call("GET", path, &[("authorization", login)], "").await;
    assert_eq!(read("/resource/priv-2222.json", PUBLISHER).await.status, 200);
    for name in ["$jsonp", "%24jsonp", "$JSONP"] {
        let refused = read(&format!("/resource/priv-2222.json?{name}=f"), PUBLISHER).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (403, &json!("authentication_required")),
            "{name}"
        );
        assert!(refused.header("x-mock-hint").contains("$jsonp"), "{}", refused.header("x-mock-hint"));
        assert_eq!(read("/resource/priv-2222/row-aaaa.json?$jsonp=f", PUBLISHER).await.status, 403);
    }
    // Credentials that are wrong are not looked at either.
    let public =
        read("/resource/4tka-6guv.json?$jsonp=f&$select=region&$limit=1", "Basic bm86Ym9keQ==").await;
    assert!(public.status == 200 && public.text().starts_with("f("), "{}", public.text());
    let written = mock.write("POST", "/resource/priv-2222.json?$jsonp=f", &json!([{ "k": "b" }])).await;
    assert_eq!(written.status, 200, "writes are none of a script element");
    for (path, told) in [
        ("/api/views.json?$jsonp=f", true),
        ("/api/views/4tka-6guv.json?%24jsonp=f", true),
        ("/api/views/4tka-6guv/rows.json?$JSONP=f", true),
        ("/resource/4tka-6guv.csv?$jsonp=f&$limit=1", true),
        ("/resource/4tka-6guv.json?$jsonp=f&$limit=1", false),
        ("/api/views.json", false),
    ] {
        let answer = read(path, PUBLISHER).await;
        let warning = answer.header("x-mock-warning");
        assert_eq!((answer.status, warning.contains("$jsonp was ignored")), (200, told), "{path}: {warning}");
    }
}

#[tokio::test]
async fn an_empty_pool_says_when_to_come_back() {
    let limits = Limits::default().parse("anonymous=2/10s").unwrap();
    let mock = mock_of(Setup { limits, ..Setup::default() }).await;
    for _ in 0..2 {
        assert_eq!(mock.get("/resource/4tka-6guv").await.status, 200);
    }
    let refused = mock.get("/resource/4tka-6guv").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "5"));
    let with_token = mock.call("GET", "/resource/4tka-6guv", &[("x-app-token", "demo-app-token")], "").await;
    assert_eq!(with_token.status, 200);
    mock.call("POST", "/__mock/v1/clock/advance", &[], "{\"seconds\":5}").await;
    assert_eq!(mock.get("/resource/4tka-6guv").await.status, 200);
}

#[tokio::test]
async fn the_admin_api_answers_this_machine_only() {
    let mock = mock().await;
    assert_eq!(mock.call("GET", "/__mock/v1/info", &[("host", "evil.example")], "").await.status, 403);
    assert_eq!(
        mock.call("GET", "/__mock/v1/info", &[("origin", "https://evil.example")], "").await.status,
        403
    );
    assert_eq!(mock.call("GET", "/__mock/v1/info", &[("host", "localhost:7632")], "").await.status, 200);
    // By it `soda-mock env --domain` sees whether a domain ends here; it tells nothing else.
    assert_eq!(mock.call("GET", "/__mock/v1/live", &[("host", "data.city.gov")], "").await.status, 200);
    let page = [("host", "data.city.gov"), ("origin", "https://evil.example")];
    assert_eq!(mock.call("GET", "/__mock/v1/live", &page, "").await.status, 403);
}

#[tokio::test]
async fn a_publishers_set_up_sequence_works() {
    let mock = mock().await;
    let definition = json!({
        "name": "Made here",
        "metadata": { "rowIdentifier": "k" },
        "columns": [{ "name": "K", "fieldName": "k", "dataTypeName": "text" }],
    });
    let made = mock.write("POST", "/api/views.json", &definition).await.json();
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["publicationStage"], "unpublished");
    let column = json!({ "name": "Some Number", "dataTypeName": "number" });
    let added = mock.write("POST", &format!("/api/views/{id}/columns.json"), &column).await.json();
    assert_eq!(added["fieldName"], "some_number");
    let published = mock.write("POST", &format!("/api/views/{id}/publication.json"), &json!({})).await.json();
    assert_eq!(published["publicationStage"], "published");
    assert_eq!(mock.get(&format!("/resource/{id}.json")).await.status, 403);
    let path = format!("/views/{id}?method=setPermission&value=public.read");
    assert_eq!(mock.call("PUT", &path, &[("authorization", PUBLISHER)], "").await.status, 200);
    mock.write("POST", &format!("/resource/{id}.json"), &json!([{ "k": "a", "some_number": 1 }])).await;
    assert_eq!(
        mock.get(&format!("/resource/{id}.json")).await.json(),
        json!([{ "k": "a", "some_number": "1" }])
    );
    let copy = mock
        .write("POST", &format!("/api/views/{id}/publication.json?method=copy"), &json!(null))
        .await
        .json();
    let copy_id = copy["id"].as_str().unwrap();
    mock.write("POST", &format!("/resource/{copy_id}"), &json!([{ "k": "b" }])).await;
    let shown = mock.write("POST", &format!("/api/views/{copy_id}/publication"), &json!({})).await.json();
    assert_eq!(shown["id"], id.as_str());
    assert_eq!(
        mock.get(&format!("/resource/{id}.json?$select=k&$order=k")).await.json(),
        json!([{ "k": "a" }, { "k": "b" }])
    );
    let gone =
        mock.call("DELETE", &format!("/api/views/{id}.json"), &[("authorization", PUBLISHER)], "").await;
    assert_eq!(gone.status, 200);
    assert_eq!(mock.get(&format!("/api/views/{id}.json")).await.header("x-error-code"), "not_found");
}
