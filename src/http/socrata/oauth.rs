//! The OAuth 2.0 server flow: `/oauth/authorize` with its page, `/oauth/access_token` (documented).

use crate::access::{Caller, Credentials, LIFETIME, OAuthError, RedirectError};
use crate::clock::Clock as _;
use crate::http::exchange::RequestContext;
use crate::http::state::AppState;
use crate::path::query_pairs;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use axum::{Form, Json};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

type Pairs = Vec<(String, String)>;

fn value<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
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
fn check_transport(context: &RequestContext) -> Result<(), OAuthError> {
    let plain = context.head.connection.is_plain();
    if context.state.options.strict && plain { Err(OAuthError::InsecureTransport) } else { Ok(()) }
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

fn form(pairs: &[(String, String)], complaint: &str) -> Response {
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
pub async fn consent(context: RequestContext) -> Response {
    if let Err(error) = check_transport(&context) {
        return refused(&error);
    }
    if context.head.check_query().is_err() {
        return refused(&RedirectError::NotAbsolute.into());
    }
    let pairs = context.head.query();
    refusal(&context.state, pairs).unwrap_or_else(|| form(pairs, ""))
}

/// None when the application may ask.
fn refusal(state: &AppState, pairs: &[(String, String)]) -> Option<Response> {
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
pub async fn decide(context: RequestContext, Form(pairs): Form<Pairs>) -> Response {
    if let Err(error) = check_transport(&context) {
        return refused(&error);
    }
    let state = &context.state;
    if let Some(response) = refusal(state, &pairs) {
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
pub async fn access_token(context: RequestContext, body: Bytes) -> Response {
    let no_store = [(CACHE_CONTROL, "no-store")];
    let exchanged = check_transport(&context).and_then(|()| exchange(&context, &body));
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

fn exchange(context: &RequestContext, body: &[u8]) -> Result<String, OAuthError> {
    let mut pairs = context.head.query().to_vec();
    let text = String::from_utf8_lossy(body);
    pairs.extend(query_pairs(Some(&text)).unwrap_or_default());
    // RFC 6749 lets the application send its secret as Basic credentials.
    if let Credentials::Basic { name, password } = context.head.credentials()
        && value(&pairs, "client_secret").is_empty()
    {
        pairs.push(("client_id".to_owned(), name.clone()));
        pairs.push(("client_secret".to_owned(), password.clone()));
    }
    if !matches!(value(&pairs, "grant_type"), "" | "authorization_code") {
        return Err(OAuthError::UnsupportedGrantType);
    }
    let [code, client, secret, target] =
        ["code", "client_id", "client_secret", "redirect_uri"].map(|name| value(&pairs, name));
    let space = &context.state.space;
    let now = space.clock.now_ms() / 1000;
    space.accounts.exchange(code, client, secret, target, space.ids.hex32(), now)
}
