//! `/api/archival`: datasets whose state after each revision is kept (client evidence for the call, the answer is
//! ours).

use super::answer::{Answered, answer};
use crate::http::exchange::RequestContext;
use crate::soda::SodaError;
use crate::store::WriteTx;
use crate::store::publishing as objects;
use axum::body::Body;
use http::Method;
use serde_json::json;

/// `POST /api/archival?id=4x4&method=enroll`.
pub async fn archival(context: RequestContext, body: Body) -> Answered {
    context.enter(body).await?;
    let method = context.head.parameter("method").unwrap_or_default();
    match (&context.head.method, method) {
        (&Method::POST, "enroll") => {
            let id = context.head.parameter("id").unwrap_or_default().to_owned();
            let entry = context.writable(&id)?;
            let number = entry.dataset.number;
            let job = move |tx: &WriteTx<'_>| objects::enroll(tx, number);
            context.state.space.store().write(job).await?;
            Ok(answer(&json!({ "id": entry.dataset.id.as_str(), "enrolled": true })))
        }
        (&Method::POST | &Method::GET | &Method::PUT, method) => {
            Err(SodaError::not_emulated(&format!("archival?method={method}")).into())
        }
        _ => Err(context.wrong_method("GET,POST,PUT")),
    }
}
