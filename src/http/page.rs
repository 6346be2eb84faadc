//! The web page, `/__mock/`. Its files lie in the binary as they were written; nothing is built for it.

use super::admin;
use super::error::ApiError;
use super::wire::{WireRoute, route};
use crate::soda::{ErrorCode, SodaError};
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, HeaderValue,
    IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, StatusCode};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::sync::LazyLock;

/// Scripts and styles come from the page's own files, data from its own server, and nothing from
/// anywhere else; no text is ever read as HTML.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The first segments of the page's views; the page itself reads the rest of the address.
const VIEWS: [&str; 5] = ["start", "datasets", "requests", "query", "controls"];

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_bytes!(concat!("../page/", $name)) as &[u8])),*]
    };
}

/// The files that every view needs, by the path below `/__mock/assets/VERSION/`.
const FILES: &[(&str, &[u8])] = &files![
    "style/base.css",
    "style/grid.css",
    "style/views.css",
    "vendor/uplot.css",
    "app.js",
    "icon.svg",
    "lib/api.js",
    "lib/assertions.js",
    "lib/cell.js",
    "lib/conditions.js",
    "lib/copy.js",
    "lib/csv.js",
    "lib/diff.js",
    "lib/edit.js",
    "lib/feed.js",
    "lib/files.js",
    "lib/format.js",
    "lib/html.js",
    "lib/kept.js",
    "lib/layout.js",
    "lib/nearest.js",
    "lib/reading.js",
    "lib/route.js",
    "lib/sent.js",
    "lib/soql.js",
    "lib/stats.js",
    "lib/undo.js",
    "lib/wire.js",
    "lib/writes.js",
    "parts/account.js",
    "parts/assertion.js",
    "parts/banner.js",
    "parts/bars.js",
    "parts/basics.js",
    "parts/blocks.js",
    "parts/coast.js",
    "parts/column_panel.js",
    "parts/confirm.js",
    "parts/editor.js",
    "parts/grid/active.js",
    "parts/grid/head.js",
    "parts/grid/index.js",
    "parts/grid/measures.js",
    "parts/grid/row.js",
    "parts/grid/scroll.js",
    "parts/grid/width.js",
    "parts/language.js",
    "parts/lazy.js",
    "parts/map.js",
    "parts/menu.js",
    "parts/row_form.js",
    "parts/state_marks.js",
    "parts/timeline.js",
    "theme.js",
    "vendor/htm.js",
    "vendor/preact-hooks.js",
    "vendor/preact.js",
    "views/changes.js",
    "views/columns.js",
    "views/dataset.js",
    "views/datasets.js",
    "views/new/dropped.js",
    "views/request/actions.js",
    "views/request/compare.js",
    "views/request/fates.js",
    "views/request/index.js",
    "views/request/message.js",
    "views/request/undo.js",
    "views/requests/counts.js",
    "views/requests/filters.js",
    "views/requests/fold.js",
    "views/requests/index.js",
    "views/requests/journal.js",
    "views/requests/log.js",
    "views/row.js",
    "views/rows/cells.js",
    "views/rows/chips.js",
    "views/rows/columns.js",
    "views/rows/edit.js",
    "views/rows/index.js",
    "views/rows/reading.js",
    "views/rows/toolbar.js",
    "views/rows/value.js",
    "views/start.js",
    "views/token.js",
];

/// Modules that are loaded only with the views that need them.
const LATER: &[(&str, &[u8])] = &files![
    "lib/chart_kinds.js",
    "lib/create.js",
    "lib/faults.js",
    "lib/guess.js",
    "lib/revisions.js",
    "parts/chart.js",
    "parts/palette.js",
    "vendor/land.js",
    "vendor/uplot.js",
    "views/as_of.js",
    "views/controls/accounts.js",
    "views/controls/act.js",
    "views/controls/clock.js",
    "views/controls/diff.js",
    "views/controls/faults/form.js",
    "views/controls/faults/index.js",
    "views/controls/index.js",
    "views/controls/snapshots.js",
    "views/controls/spaces.js",
    "views/controls/throttle.js",
    "views/endpoints.js",
    "views/map.js",
    "views/new/index.js",
    "views/new/preview.js",
    "views/query/explain.js",
    "views/query/group.js",
    "views/query/index.js",
    "views/query/outcome.js",
    "views/query/run.js",
    "views/query/saved.js",
    "views/query/soql.js",
    "views/query/sql.js",
    "views/query/table.js",
    "views/revisions/index.js",
    "views/revisions/revision.js",
    "views/revisions/schema.js",
];

const INDEX: &str = include_str!("../page/index.html");

/// Every route of the page.
pub fn routes() -> Vec<WireRoute> {
    let page = |path: &str, service| route(&[path], &[""], service, &[("GET", "/__mock/")]);
    let view = |name| {
        let prefix = format!("/__mock/{name}");
        [page(&prefix, get(index)), page(&format!("{prefix}/{{*rest}}"), get(index))]
    };
    let fixed = [
        page("/", get(root)),
        page("/__mock", get(|| async { Redirect::permanent("/__mock/") })),
        page("/__mock/", get(index)),
        page("/__mock/assets/{version}/{*name}", get(asset)),
    ];
    fixed.into_iter().chain(VIEWS.into_iter().flat_map(view)).collect()
}

/// The router of the page; who may not use the admin API may not see it.
pub fn router() -> Router {
    let router = routes().into_iter().fold(Router::new(), |router, route| route.join(router));
    router.layer(from_fn(admin::guard))
}

/// Leads a browser from the root to the page; programs find nothing there.
async fn root(headers: HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    if accept.contains("text/html") {
        return Redirect::to("/__mock/").into_response();
    }
    let error = SodaError::new(ErrorCode::NotFound, "Path not found: /");
    ApiError::from(error.hint("Rows are at /resource/4x4.json; the web page is at /__mock/.")).into_response()
}

/// A file as it is sent.
struct Asset {
    plain: Bytes,
    gzip: Bytes,
    etag: String,
    content_type: &'static str,
}

impl Asset {
    fn new(name: &str, plain: Bytes) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing into memory does not fail.
        let gzip = encoder.write_all(&plain).and_then(|()| encoder.finish()).unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        plain.hash(&mut hasher);
        Self {
            gzip: gzip.into(),
            etag: format!("\"{:016x}\"", hasher.finish()),
            content_type: content_type(name),
            plain,
        }
    }

    fn answer(&self, headers: &HeaderMap, cache: &'static str) -> Response {
        let has = |name: HeaderName, wanted: &str| {
            headers.get(name).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(wanted))
        };
        let mut response = Response::new(Body::empty());
        if has(IF_NONE_MATCH, &self.etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else if has(ACCEPT_ENCODING, "gzip") {
            *response.body_mut() = Body::from(self.gzip.clone());
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        } else {
            *response.body_mut() = Body::from(self.plain.clone());
        }
        let own = response.headers_mut();
        own.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        own.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
        own.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(etag) = HeaderValue::from_str(&self.etag) {
            own.insert(ETAG, etag);
        }
        for (name, value) in [
            ("content-security-policy", POLICY),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            own.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "text/html; charset=utf-8",
    }
}

/// The version in the addresses of the files: it changes with any of them, so they may be kept for ever.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    (FILES, LATER).hash(&mut hasher);
    INDEX.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
});

/// The files, compressed when the page is first asked for.
static ASSETS: LazyLock<HashMap<&'static str, Asset>> = LazyLock::new(|| {
    let all = FILES.iter().chain(LATER);
    all.map(|(name, bytes)| (*name, Asset::new(name, Bytes::from_static(bytes)))).collect()
});

/// The page with the addresses of its files in it; the modules that every view needs are named, so that they load
/// at once.
static PAGE: LazyLock<Asset> = LazyLock::new(|| {
    let base = format!("/__mock/assets/{}", *VERSION);
    let links = |extension: &str, relation: &str| {
        let names = FILES
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| name.ends_with(extension) && *name != "theme.js");
        names.map(|name| format!("<link rel=\"{relation}\" href=\"{base}/{name}\">\n")).collect::<String>()
    };
    let html = INDEX
        .replace("<!-- styles -->\n", &links(".css", "stylesheet"))
        .replace("<!-- modules -->\n", &links(".js", "modulepreload"))
        .replace("{base}", &base);
    Asset::new("index.html", Bytes::from(html))
});

async fn index(headers: HeaderMap) -> Response {
    PAGE.answer(&headers, "no-cache")
}

async fn asset(Path((version, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    match ASSETS.get(name.as_str()) {
        Some(asset) if version == *VERSION => asset.answer(&headers, "public, max-age=31536000, immutable"),
        // A page of an older program asks; its next load names the right version.
        Some(asset) => asset.answer(&headers, "no-cache"),
        None => admin::Problem::not_found(&format!("file {name} of the page")).into_response(),
    }
}
