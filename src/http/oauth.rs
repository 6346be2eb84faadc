//! The OAuth 2.0 server flow: `/oauth/authorize` with its page, `/oauth/access_token` (documented).

use super::path::query_pairs;
use super::state::{AppState, Peer};
use crate::access::{Caller, LIFETIME, OAuthError, RedirectError};
use crate::clock::Clock as _;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use axum::{Form, Json};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Extensions, HeaderMap, StatusCode, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

type Pairs = Vec<(String, String)>;

fn value<'p>(pairs: &'p Pairs, name: &str) -> &'p str {
    pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn page(status: StatusCode, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>soda-mock: sign in</title><style>body{{font:16px system-ui;max-width:26rem;margin:3rem auto;padding:0 1rem;\
         color-scheme:light dark}}label{{display:block;margin:.8rem 0}}input{{width:100%;font:inherit;padding:.3rem}}\
         button{{font:inherit;padding:.4rem 1rem;margin-right:.5rem}}code{{overflow-wrap:anywhere}}</style>{body}</html>"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// Refuses requests over plain http where `--strict` asks for https (documented: everything that is
/// authenticated goes over a secure connection).
fn check_transport(state: &AppState, extensions: &Extensions) -> Result<(), OAuthError> {
    let plain = extensions.get::<Peer>().is_some_and(|peer| !peer.tls);
    if state.options.strict && plain { Err(OAuthError::InsecureTransport) } else { Ok(()) }
}

fn status_of(error: &OAuthError) -> StatusCode {
    match error {
        OAuthError::InsecureTransport => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn refused(error: &OAuthError) -> Response {
    let hint = "Known applications: GET /__mock/v1/app-tokens. A new one: PUT /__mock/v1/app-tokens/ID with secret and callback_prefix.";
    page(
        status_of(error),
        &format!("<h1>{}</h1><p>{}</p><p>{hint}</p>", error.code(), escaped(&error.to_string())),
    )
}

fn form(pairs: &Pairs, complaint: &str) -> Response {
    let mut hidden = String::new();
    for name in ["client_id", "redirect_uri", "response_type", "state"] {
        let text = escaped(value(pairs, name));
        hidden.push_str(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{text}\">"));
    }
    let client = escaped(value(pairs, "client_id"));
    let target = escaped(value(pairs, "redirect_uri"));
    let complaint = if complaint.is_empty() {
        String::new()
    } else {
        format!("<p role=\"alert\"><b>{}</b></p>", escaped(complaint))
    };
    let body = format!(
        "<h1>Allow access?</h1><p>The application <code>{client}</code> asks to act for you. You will return to <code>{target}</code>.</p>\
         {complaint}<form method=\"post\" action=\"/oauth/authorize\">{hidden}\
         <label>E-mail <input name=\"user\" autocomplete=\"username\" value=\"publisher@example.com\" required></label>\
         <label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <button name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"deny\" formnovalidate>Deny</button></form>"
    );
    page(if complaint.is_empty() { StatusCode::OK } else { StatusCode::FORBIDDEN }, &body)
}

/// `GET /oauth/authorize?client_id=&redirect_uri=&response_type=code&state=`.
pub async fn consent(state: AppState, extensions: Extensions, uri: Uri) -> Response {
    if let Err(error) = check_transport(&state, &extensions) {
        return refused(&error);
    }
    let Ok(pairs) = query_pairs(uri.query()) else { return refused(&RedirectError::NotAbsolute.into()) };
    refusal(&state, &pairs).unwrap_or_else(|| form(&pairs, ""))
}

/// None when the application may ask.
fn refusal(state: &AppState, pairs: &Pairs) -> Option<Response> {
    let target = value(pairs, "redirect_uri");
    let accounts = &state.space.accounts;
    let checked = accounts.check_application(value(pairs, "client_id"), target, state.options.strict);
    if let Err(error) = checked {
        return Some(refused(&error));
    }
    match value(pairs, "response_type") {
        "code" => None,
        _ => Some(redirect(
            target,
            &[("error", "unsupported_response_type"), ("state", value(pairs, "state"))],
        )),
    }
}

/// The redirect URI's own query is kept.
fn redirect(target: &str, pairs: &[(&str, &str)]) -> Response {
    let mut location = target.to_owned();
    let mut separator = if target.contains('?') { '&' } else { '?' };
    for (name, value) in pairs.iter().filter(|(_, v)| !v.is_empty()) {
        location.push(separator);
        location.push_str(&format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        separator = '&';
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    match HeaderValue::from_str(&location) {
        Ok(location) => {
            response.headers_mut().insert(LOCATION, location);
            response
        }
        Err(_) => refused(&RedirectError::NotAbsolute.into()),
    }
}

/// `POST /oauth/authorize`: the decision of the page.
pub async fn decide(state: AppState, extensions: Extensions, Form(pairs): Form<Pairs>) -> Response {
    if let Err(error) = check_transport(&state, &extensions) {
        return refused(&error);
    }
    if let Some(response) = refusal(&state, &pairs) {
        return response;
    }
    let (target, flow_state) = (value(&pairs, "redirect_uri"), value(&pairs, "state"));
    if value(&pairs, "decision") == "deny" {
        return redirect(target, &[("error", "access_denied"), ("state", flow_state)]);
    }
    let accounts = &state.space.accounts;
    let now_ms = state.space.clock.now_ms();
    match accounts.login(value(&pairs, "user"), value(&pairs, "password"), now_ms) {
        Ok(Caller::User { name, .. }) => {
            let code = state.space.ids.hex32();
            accounts.grant(&code, &name, value(&pairs, "client_id"), target, now_ms / 1000);
            redirect(target, &[("code", &code), ("state", flow_state)])
        }
        Ok(Caller::Anonymous) => form(&pairs, "Sign in to go on"),
        Err(error) => form(&pairs, &error.to_string()),
    }
}

/// The answer to a code, by RFC 6749, 5.1.
#[derive(Serialize)]
struct TokenAnswer {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
}

/// The refusal of a code, by RFC 6749, 5.2.
#[derive(Serialize)]
struct TokenRefusal {
    error: &'static str,
    error_description: String,
}

/// `POST /oauth/access_token`, with a form or a query: a code becomes a token, once.
pub async fn access_token(
    state: AppState,
    extensions: Extensions,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let no_store = [(CACHE_CONTROL, "no-store")];
    let exchanged =
        check_transport(&state, &extensions).and_then(|()| exchange(&state, &headers, &uri, &body));
    match exchanged {
        Ok(access_token) => {
            let answer = TokenAnswer { access_token, token_type: "OAuth", expires_in: LIFETIME };
            (no_store, Json(answer)).into_response()
        }
        Err(error) => {
            let refusal = TokenRefusal { error: error.code(), error_description: error.to_string() };
            (status_of(&error), no_store, Json(refusal)).into_response()
        }
    }
}

fn exchange(state: &AppState, headers: &HeaderMap, uri: &Uri, body: &[u8]) -> Result<String, OAuthError> {
    let mut pairs = query_pairs(uri.query()).unwrap_or_default();
    let text = String::from_utf8_lossy(body);
    pairs.extend(query_pairs(Some(&text)).unwrap_or_default());
    // RFC 6749 lets the application send its secret as Basic credentials.
    if value(&pairs, "client_secret").is_empty() {
        pairs.extend(basic(headers));
    }
    if !matches!(value(&pairs, "grant_type"), "" | "authorization_code") {
        return Err(OAuthError::UnsupportedGrantType);
    }
    let [code, client, secret, target] =
        ["code", "client_id", "client_secret", "redirect_uri"].map(|name| value(&pairs, name));
    let space = &state.space;
    let now = space.clock.now_ms() / 1000;
    space.accounts.exchange(code, client, secret, target, space.ids.hex32(), now)
}

fn basic(headers: &HeaderMap) -> Pairs {
    use base64::Engine as _;
    let value = headers.get(http::header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or("");
    let decoded = value
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.as_deref().and_then(|text| text.split_once(':')) {
        Some((id, secret)) => {
            vec![("client_id".to_owned(), id.to_owned()), ("client_secret".to_owned(), secret.to_owned())]
        }
        None => Vec::new(),
    }
}
