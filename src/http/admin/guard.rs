//! Who may use the admin API: programs of this machine, not pages of other sites.

use super::Problem;
use crate::http::exchange::{Becomes, HeldBody, Unread, is_from_foreign_page, is_ours};
use crate::http::state::{AdminToken, AppState};
use crate::memory::Held;
use axum::body::Body;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderValue, ORIGIN, REFERER, USER_AGENT,
    WWW_AUTHENTICATE,
};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body::Body as _;
use http_body_util::Limited;

/// Bytes of a body that holds no dataset and no snapshot.
const BODY: u64 = 16 << 20;
/// Where the page keeps the admin token.
const TOKEN_COOKIE: &str = "soda-mock-admin";
/// Content types that a form of any site can send without asking first.
const FORMS: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
/// Calls that tell nothing worth hiding: health checks, and the certificate that browsers need first.
const OPEN: [&str; 3] = [LIVE, "/__mock/v1/ready", "/__mock/v1/ca.pem"];
/// Where several datasets are made at once.
const DATASETS: &str = "/__mock/v1/datasets";
/// Answered to any Host too: `soda-mock env --domain` sees by it whether a domain ends here.
const LIVE: &str = "/__mock/v1/live";

/// The page: no page of another site, no name that a foreign name server could point here.
pub async fn visitors(state: AppState, request: Request<Body>, next: Next) -> Response {
    match origin(&state, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// The API: the same, and the token if there is one, and bodies of a size that a call can have.
pub async fn callers(state: AppState, request: Request<Body>, next: Next) -> Response {
    let limit = limit(&request, state.options.max_body);
    let checked = origin(&state, &request)
        .and_then(|()| token(state.options.admin_token.as_ref(), &request))
        .and_then(|()| size(request.headers(), limit));
    if let Err(problem) = checked {
        let mut response = problem.into_response();
        if response.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        return response;
    }
    // Until the answer is made: what a call makes of its body is gone by then.
    let (request, _held) = match bounded(&state, request, limit).await {
        Ok(bounded) => bounded,
        Err(problem) => return problem.into_response(),
    };
    let response = next.run(request).await;
    let kind = response.headers().get(CONTENT_TYPE);
    let told = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE && !told {
        return too_large(limit).into_response();
    }
    response
}

/// The request with a body that has no more bytes than the call takes. Bodies that are no data are
/// read here, with their share of memory.
async fn bounded(
    state: &AppState,
    request: Request<Body>,
    limit: u64,
) -> Result<(Request<Body>, Option<Held>), Problem> {
    let bytes = usize::try_from(limit).unwrap_or(usize::MAX);
    if takes_data(&request) || request.body().is_end_stream() {
        return Ok((request.map(|body| Body::new(Limited::new(body, bytes))), None));
    }
    let (parts, body) = request.into_parts();
    let room = state.space.store().memory().partial.clone();
    // Definitions are taken apart as text, since rows may stand in them.
    let becomes = if parts.uri.path() == DATASETS { Becomes::Texts } else { Becomes::Values };
    match HeldBody::read(body, bytes, becomes, &room).await {
        Ok(HeldBody { bytes, held }) => Ok((Request::from_parts(parts, Body::from(bytes)), Some(held))),
        Err(Unread::TooLarge) => Err(too_large(limit)),
        Err(unread) => Err(unread.refusal(bytes, "the body").into()),
    }
}

fn forbidden(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
}

fn origin(state: &AppState, request: &Request<Body>) -> Result<(), Problem> {
    let headers = request.headers();
    let names = &state.process.names;
    if is_from_foreign_page(headers, names) {
        return Err(forbidden("The admin API answers no page of another origin"));
    }
    if request.uri().path() == LIVE {
        return Ok(());
    }
    let host = headers.get(HOST).map(|host| host.to_str().ok());
    // Through a proxy the target has an authority of its own, and a browser sends no other Host.
    let target = request.uri().authority().map(|authority| Some(authority.as_str()));
    let mut both = [host, target].into_iter().flatten();
    if let Some(foreign) = both.find(|host| !host.is_some_and(|host| is_ours(host, names))) {
        let foreign = foreign.unwrap_or("a name that is no text");
        return Err(forbidden(&format!(
            "The Host {foreign:?} is none of this server's names; use localhost or an address, or start it with --san NAME"
        )));
    }
    let acts = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_cross_site(headers, acts) {
        return Err(forbidden("The admin API takes nothing from pages of other sites"));
    }
    if acts && is_form_of_a_browser(headers) {
        return Err(forbidden("The admin API takes no forms; send Content-Type: application/json"));
    }
    Ok(())
}

/// What browsers say of where a request comes from. A link on another site may lead to the page.
fn is_cross_site(headers: &HeaderMap, acts: bool) -> bool {
    match text(headers, "sec-fetch-site") {
        Some("cross-site" | "same-site") => acts || text(headers, "sec-fetch-mode") != Some("navigate"),
        _ => false,
    }
}

/// Browsers send forms across sites without asking. Programs such as curl label any body so: they
/// are let through, since no site can make them send one.
fn is_form_of_a_browser(headers: &HeaderMap) -> bool {
    let kind = text(headers, CONTENT_TYPE).unwrap_or("").to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or("").trim();
    let browser = headers.keys().any(|name| name.as_str().starts_with("sec-fetch-"))
        || headers.contains_key(ORIGIN)
        || headers.contains_key(REFERER)
        || headers.contains_key(COOKIE)
        || text(headers, USER_AGENT).is_some_and(|agent| agent.starts_with("Mozilla/"));
    browser && FORMS.contains(&kind)
}

/// The token in `Authorization: Bearer`, or in the cookie that the page sets for itself.
fn token(wanted: Option<&AdminToken>, request: &Request<Body>) -> Result<(), Problem> {
    let Some(wanted) = wanted else { return Ok(()) };
    if OPEN.contains(&request.uri().path()) {
        return Ok(());
    }
    let headers = request.headers();
    let bearer = text(headers, AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let cookie = text(headers, COOKIE).and_then(|all| {
        all.split(';').filter_map(|one| one.trim().split_once('=')).find(|(n, _)| *n == TOKEN_COOKIE)
    });
    let given = bearer.or(cookie.map(|(_, value)| value));
    if given.is_some_and(|given| wanted.is(given)) {
        return Ok(());
    }
    let detail = match given {
        None => "The admin API asks for its token (--admin-token); send Authorization: Bearer TOKEN",
        Some(_) => "That is not the admin token (--admin-token)",
    };
    Err(Problem::new(StatusCode::UNAUTHORIZED, "admin_token_required", detail))
}

/// Datasets come with their rows and snapshots with all of them; nothing else is large.
fn takes_data(request: &Request<Body>) -> bool {
    let mut path = request.uri().path().trim_start_matches("/__mock/v1/").split('/');
    let parts = [path.next(), path.next(), path.next(), path.next()];
    matches!(
        parts,
        [Some("datasets"), Some(_), None, None] | [Some("snapshots"), Some(_), Some("file"), None]
    )
}

fn limit(request: &Request<Body>, max_body: u64) -> u64 {
    if takes_data(request) { max_body } else { BODY.min(max_body) }
}

fn size(headers: &HeaderMap, limit: u64) -> Result<(), Problem> {
    let announced = text(headers, CONTENT_LENGTH).and_then(|v| v.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit) { Err(too_large(limit)) } else { Ok(()) }
}

fn too_large(limit: u64) -> Problem {
    let detail = format!("The body is larger than the {limit} bytes that this call takes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

fn text(headers: &HeaderMap, name: impl http::header::AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter().map(|(n, v)| (n.parse().unwrap(), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn only_datasets_and_snapshots_are_large() {
        for (path, large) in [
            ("/__mock/v1/datasets/aaaa-2222", true),
            ("/__mock/v1/snapshots/a/file", true),
            ("/__mock/v1/datasets/aaaa-2222/expect", false),
            ("/__mock/v1/datasets", false),
            ("/__mock/v1/snapshots/a", false),
            ("/__mock/v1/verify", false),
        ] {
            let request = Request::put(path).body(Body::empty()).unwrap();
            assert_eq!(limit(&request, 1 << 40), if large { 1 << 40 } else { BODY }, "{path}");
            assert_eq!(limit(&request, 100), 100, "{path}");
        }
    }

    #[test]
    fn links_lead_to_the_page_and_nothing_else_crosses_sites() {
        for (list, acts, refused) in [
            (&[][..], true, false),
            (&[("sec-fetch-site", "same-origin")][..], true, false),
            (&[("sec-fetch-site", "none")][..], true, false),
            (&[("sec-fetch-site", "cross-site")][..], false, true),
            (&[("sec-fetch-site", "same-site")][..], true, true),
            (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")][..], false, false),
            (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")][..], true, true),
            (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")][..], false, true),
        ] {
            assert_eq!(is_cross_site(&headers(list), acts), refused, "{list:?} {acts}");
        }
    }

    #[test]
    fn forms_of_browsers_are_told_from_bodies_that_curl_labels_so() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        for (list, refused) in [
            (&[form][..], false),
            (&[form, ("user-agent", "curl/8.5.0")][..], false),
            (&[form, ("user-agent", "Mozilla/5.0 (X11)")][..], true),
            (&[form, ("referer", "https://evil.example/")][..], true),
            (&[("content-type", "text/plain;charset=UTF-8"), ("origin", "http://localhost")][..], true),
            (&[("content-type", "application/json"), ("user-agent", "Mozilla/5.0")][..], false),
        ] {
            assert_eq!(is_form_of_a_browser(&headers(list)), refused, "{list:?}");
        }
    }
}
