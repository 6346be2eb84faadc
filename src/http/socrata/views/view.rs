//! Datasets: list, create, change, remove.

use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::{Answered, answer, empty};
use crate::producer::{create_view, update_view};
use crate::store::{WriteTx, catalogue};
use serde_json::Value;
use std::sync::Arc;

/// Datasets on one page of the list.
const PAGE: usize = 200;

/// `GET /api/views`; `page` counts from one, `limit` is the page's size.
pub fn list(context: &RequestContext) -> Answered {
    let catalogue = context.state.space.store().catalogue();
    let seen = catalogue.all().into_iter().filter(|e| context.caller().may_read(&e.dataset).is_ok());
    let number = |name: &str, default: usize| {
        context.head.parameter(name).and_then(|v| v.parse().ok()).unwrap_or(default)
    };
    let (page, limit) = (number("page", 1).max(1), number("limit", PAGE).min(PAGE));
    let views = seen.skip((page - 1).saturating_mul(limit)).take(limit);
    let views: Result<Vec<Value>, ApiError> = views.map(|e| context.shown(e)).collect();
    Ok(answer(&Value::Array(views?)))
}

/// `POST /api/views`: a working copy without rows.
pub async fn create(context: &RequestContext) -> Answered {
    context.allowed(context.caller().may_create())?;
    let (definition, now) = (context.object()?, context.now_ms());
    let (ids, owner) = (Arc::clone(&context.state.space.ids), context.caller().name().map(str::to_owned));
    let job = move |tx: &WriteTx<'_>| create_view(tx, definition, owner, &ids, now);
    let made = context.state.space.store().define(job).await?;
    context.view(made.id.as_str())
}

/// `PUT /api/views/4x4` with a part of the view.
pub async fn update(context: &RequestContext, id: &str) -> Answered {
    let entry = context.writable(id)?;
    let (sent, now) = (context.object()?, context.now_ms());
    let job = move |tx: &WriteTx<'_>| update_view(tx, &entry.dataset, &sent, now);
    let changed = context.state.space.store().define(job).await?;
    context.view(changed.id.as_str())
}

/// `DELETE /api/views/4x4`: the dataset with all its rows; 200 without a body (recorded by clients).
pub async fn remove(context: &RequestContext, id: &str) -> Answered {
    let entry = context.deletable(id)?;
    context.state.space.store().define(move |tx| catalogue::remove(tx, &entry.dataset)).await?;
    Ok(empty())
}
