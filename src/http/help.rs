//! `/__mock/help/`: the guide as pages. An answer with a hint names the page of its error code.

use super::admin::{self, Problem};
use super::wire::{WireRoute, route};
use crate::guide;
use axum::Router;
use axum::extract::Path;
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use http::HeaderName;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

/// Only the style that stands in the page itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Every route of the guide.
pub fn routes() -> Vec<WireRoute> {
    let page = |path: &str, service| route(&[path], &[""], service, &[("GET", "/__mock/help/{topic}")]);
    vec![
        page("/__mock/help", get(|| async { Redirect::permanent("/__mock/help/") })),
        page("/__mock/help/", get(contents)),
        page("/__mock/help/{topic}", get(topic)),
        page("/__mock/help/errors/{code}", get(error_code)),
    ]
}

/// The router of the guide; who may not use the admin API may not see it.
pub fn router() -> Router {
    let router = routes().into_iter().fold(Router::new(), |router, route| route.join(router));
    router.layer(from_fn(admin::guard))
}

async fn contents() -> Response {
    html(guide::contents_as_html())
}

/// A page; with `.md` at the end its CommonMark.
async fn topic(Path(topic): Path<String>) -> Response {
    if topic == "soql" {
        return Redirect::permanent("/__mock/soql").into_response();
    }
    if let Some(page) = topic.strip_suffix(".md").and_then(guide::find) {
        return ([(CONTENT_TYPE, "text/markdown; charset=utf-8")], page.text).into_response();
    }
    match guide::find(&topic) {
        Some(page) => html(guide::page_as_html(page.title(), page.text)),
        None => Problem::not_found(&format!("help on {topic}; GET /__mock/help/ lists the topics"))
            .into_response(),
    }
}

async fn error_code(Path(code): Path<String>) -> Response {
    match guide::error_code(&code) {
        Some(text) => html(guide::page_as_html(&code, text)),
        None => {
            Problem::not_found(&format!("help on the error code {code}; GET /__mock/help/errors lists them"))
                .into_response()
        }
    }
}

fn html(text: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("content-security-policy"), POLICY),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
        (HeaderName::from_static("referrer-policy"), "no-referrer"),
    ];
    (headers, text).into_response()
}
