//! `/api/views` and what publishing scripts call around it; `/views` is the same.

mod columns;
mod permissions;
mod publication;
mod shape;
mod view;

use super::answer::{Answered, answer, json_name, not_found};
use super::not_emulated;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::path::split_extension;
use crate::soda::SodaError;
use crate::store::{Entry, SeenCatalogue};
use axum::body::Body;
use axum::extract::Path;
use http::Method;
use serde_json::Value;

impl RequestContext {
    /// The view of a dataset as it is now.
    fn view(&self, id: &str) -> Answered {
        let store = self.state.space.store();
        let mut catalogue = SeenCatalogue::of(&store);
        loop {
            let entry = catalogue.find(id).ok_or_else(|| not_found(id))?;
            match self.shown(entry) {
                Err(_) if catalogue.renew(&store) => {}
                shown => return Ok(answer(&shown?)),
            }
        }
    }

    fn shown(&self, entry: &Entry) -> Result<Value, ApiError> {
        let provenance = self.state.space.accounts.directory().provenance(&entry.dataset);
        Ok(shape::view(&entry.dataset, self.versions(entry)?, self.caller(), provenance))
    }
}

/// `/api/views`.
pub async fn list(context: RequestContext, body: Body) -> Answered {
    context.enter(body).await?;
    match (&context.head.method, context.head.parameter("method")) {
        (_, Some(method)) => Err(SodaError::not_emulated(&format!("/api/views?method={method}")).into()),
        (&Method::GET | &Method::HEAD, None) => view::list(&context),
        (&Method::POST, None) => view::create(&context).await,
        _ => Err(context.wrong_method("GET,HEAD,POST")),
    }
}

/// `/api/views/4x4`.
pub async fn one(context: RequestContext, Path(id): Path<String>, body: Body) -> Answered {
    context.enter(body).await?;
    let id = json_name(&id)?;
    match (&context.head.method, context.head.parameter("method")) {
        (&Method::PUT, Some("setPermission")) => permissions::set_permission(&context, id).await,
        (_, Some("setPermission")) => Err(context.wrong_method_on(id, "PUT")),
        (_, Some(method)) => Err(SodaError::not_emulated(&format!("/api/views/4x4?method={method}")).into()),
        (&Method::GET | &Method::HEAD, None) => context.entry(id).and_then(|_| context.view(id)),
        (&Method::PUT | &Method::PATCH, None) => view::update(&context, id).await,
        (&Method::DELETE, None) => view::remove(&context, id).await,
        _ => Err(context.wrong_method_on(id, "DELETE,GET,HEAD,PATCH,PUT")),
    }
}

/// `/api/views/4x4/PART`.
pub async fn part(context: RequestContext, Path((id, part)): Path<(String, String)>, body: Body) -> Answered {
    context.enter(body).await?;
    let id = json_name(&id)?;
    let (mut name, extension) = split_extension(&part);
    if name != "rows" {
        name = json_name(&part)?;
    }
    match (name, &context.head.method) {
        ("columns", &Method::GET | &Method::HEAD) => columns::list(&context, id),
        ("columns", &Method::POST) => columns::create(&context, id).await,
        ("columns", _) => Err(context.wrong_method_on(id, "GET,HEAD,POST")),
        ("publication", &Method::POST) => publication::publish(&context, id).await,
        ("publication", _) => Err(context.wrong_method_on(id, "POST")),
        ("permissions", &Method::GET | &Method::HEAD) => permissions::show(&context, id),
        ("permissions", &Method::PUT) => permissions::put(&context, id).await,
        ("permissions", _) => Err(context.wrong_method_on(id, "GET,HEAD,PUT")),
        ("replication", &Method::GET | &Method::HEAD) => publication::replication(&context, id),
        ("rows", &Method::GET | &Method::HEAD) => publication::rows(&context, id, extension).await,
        ("replication" | "rows", _) => Err(context.wrong_method_on(id, "GET,HEAD")),
        _ => Err(unknown_part(&context)),
    }
}

/// 501: nothing tells a part that Socrata has from one that nobody has.
fn unknown_part(context: &RequestContext) -> ApiError {
    let path = context.head.uri.path();
    not_emulated::find(path).map_or_else(|| not_found(path), |family| not_emulated::refusal(family, path))
}

/// `/api/views/4x4/columns/COLUMN`.
pub async fn column(
    context: RequestContext,
    Path((id, column)): Path<(String, String)>,
    body: Body,
) -> Answered {
    context.enter(body).await?;
    let (id, column) = (json_name(&id)?, json_name(&column)?);
    match context.head.method {
        Method::GET | Method::HEAD => columns::show(&context, id, column),
        Method::PUT | Method::PATCH => columns::update(&context, id, column).await,
        Method::DELETE => columns::remove(&context, id, column).await,
        _ => Err(context.wrong_method_on(id, "DELETE,GET,HEAD,PATCH,PUT")),
    }
}
