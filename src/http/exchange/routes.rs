//! The router, behind all stages.

use super::context::RequestContext;
use crate::store::{SeenCatalogue, Store};
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use tower::ServiceExt as _;

/// The routes.
#[derive(Clone)]
pub(super) struct Routes(Router);

impl Routes {
    pub(super) fn new(router: Router) -> Self {
        Self(router)
    }

    /// The answer of a route.
    pub(super) async fn answer(&self, context: &RequestContext, request: Request<Body>) -> Response {
        if is_read_again(context) {
            return self.read_again(&context.state.space.store(), request).await;
        }
        let Ok(response) = self.0.clone().oneshot(request).await;
        response
    }

    /// Answers a read whose catalogue and data are of one moment: a failure says nothing when the catalogue was
    /// exchanged while the request was answered.
    async fn read_again(&self, store: &Store, request: Request<Body>) -> Response {
        let (parts, body) = request.into_parts();
        let mut body = Some(body);
        let mut seen = SeenCatalogue::of(store);
        loop {
            let request = Request::from_parts(parts.clone(), body.take().unwrap_or_default());
            let Ok(response) = self.0.clone().oneshot(request).await;
            let failed = [StatusCode::NOT_FOUND, StatusCode::CONFLICT, StatusCode::INTERNAL_SERVER_ERROR];
            if !failed.contains(&response.status()) || !seen.renew(store) {
                return response;
            }
        }
    }
}

/// Whether a read that fails is answered once more when the catalogue was exchanged meanwhile. Reads of rows see to
/// it themselves, without a copy of the request.
fn is_read_again(context: &RequestContext) -> bool {
    let path = context.head.uri.path();
    context.head.reads() && !path.starts_with("/resource/") && !path.starts_with("/id/")
}
