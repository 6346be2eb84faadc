//! One connection that speaks HTTP: each of its requests is answered, or the connection ended.

use super::course::{Course, Turn};
use super::elsewhere;
use super::refusal::Refusal;
use super::tunnel::{ConnectionKind, End, Tunnel, refusal};
use crate::domains::{Destination, Domains};
use crate::http::{App, Arrival, Connection, HangUp, HungUp, Outcome, TunnelSpace};
use axum::body::Body;
use http::header::{CONNECTION, HOST, HeaderValue};
use http::{Extensions, Method, Request, Response};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// What every connection is served with.
pub(super) struct Serving {
    pub(super) app: App,
    pub(super) domains: Arc<Domains>,
    /// The case of answer headers' names.
    pub(super) header_case: Extensions,
}

/// One connection that speaks HTTP.
pub(super) struct ServedConnection {
    serving: Arc<Serving>,
    connection: Connection,
    way: ConnectionKind,
    course: Arc<Course>,
    tunnel: Tunnel,
}

impl ServedConnection {
    pub(super) fn new(
        serving: Arc<Serving>,
        connection: Connection,
        way: ConnectionKind,
        course: Arc<Course>,
    ) -> Self {
        Self { serving, connection, way, course, tunnel: Tunnel::default() }
    }

    /// The tunnel that the last request has opened, if it did.
    pub(super) fn take_tunnel(&self) -> Option<(OnUpgrade, End)> {
        self.tunnel.take()
    }

    /// Carries out what becomes of a request.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, HungUp> {
        match self.outcome(request).await {
            Outcome::Answer(mut response) => {
                response.extensions_mut().extend(self.serving.header_case.clone());
                Ok(response)
            }
            Outcome::HangUp(how) => {
                self.connection.hang_up(how);
                Err(HungUp)
            }
        }
    }

    async fn outcome(&self, request: Request<Incoming>) -> Outcome {
        match self.course.turn() {
            Turn::Request if request.method() == Method::CONNECT => self.connect(request).await,
            Turn::Request => self.routed(request).await,
            Turn::Refused { why, understood } => self.refused(request, why, understood).await,
            Turn::Astray => {
                tracing::error!(peer = ?self.connection.peer, "a request began where none was seen");
                Outcome::HangUp(HangUp::Close)
            }
        }
    }

    async fn routed(&self, request: Request<Incoming>) -> Outcome {
        let (request, arrival) = Arrival::watch(request, self.serving.app.stall_timeout());
        let mut outcome = self.answered(request, arrival.clone()).await;
        if let (Outcome::Answer(response), Some(arrival)) = (&mut outcome, arrival) {
            arrival.answered(response.headers_mut());
        }
        outcome
    }

    /// The answer to a head that was refused; what was not understood of it is in no journal.
    async fn refused(&self, request: Request<Incoming>, why: Refusal, understood: bool) -> Outcome {
        let app = &self.serving.app;
        if understood {
            app.refuse(request.map(|_| Body::empty()), self.connection.clone(), why).await
        } else {
            Outcome::Answer(app.refuse_unread(request.headers(), why))
        }
    }

    /// The answer of the routes. A whole address, as a client of a proxy sends it, may name another host.
    async fn answered(&self, request: Request<Body>, arrival: Option<Arc<Arrival>>) -> Outcome {
        let domains = &self.serving.domains;
        if let Some(host) = request.uri().host() {
            match domains.destination(host) {
                Destination::Here => {}
                Destination::Refused => return Outcome::Answer(elsewhere::refused(host)),
                Destination::Elsewhere => return Outcome::Answer(elsewhere::forward(request).await),
            }
        }
        domains.count(host_of(&request));
        self.serving.app.answer(request, self.connection.clone(), arrival).await
    }

    /// The answer to `CONNECT`; once it has left, the connection is the tunnel's.
    async fn connect(&self, mut request: Request<Incoming>) -> Outcome {
        if let Some(refusal) = refusal(request.uri(), self.way) {
            let request = request.map(|_| Body::empty());
            let mut outcome = self.serving.app.refuse(request, self.connection.clone(), refusal).await;
            if let Outcome::Answer(response) = &mut outcome {
                // What follows was meant for the tunnel.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            return outcome;
        }
        let host = request.uri().host().unwrap_or_default();
        let end = match self.serving.domains.destination(host) {
            Destination::Here => End::Here(TunnelSpace::named_by(request.headers())),
            Destination::Refused => return Outcome::Answer(elsewhere::refused(host)),
            Destination::Elsewhere => {
                match elsewhere::reach(host, request.uri().port_u16().unwrap_or(443)).await {
                    Ok(stream) => End::Elsewhere(stream),
                    Err(answer) => return Outcome::Answer(answer),
                }
            }
        };
        self.tunnel.open(hyper::upgrade::on(&mut request), end);
        Outcome::Answer(Response::new(Body::empty()))
    }
}

/// The host that a request is sent to, without its port.
fn host_of(request: &Request<Body>) -> &str {
    let header = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    let authority = request.uri().authority().map(|a| a.as_str()).or(header).unwrap_or_default();
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
}

/// What comes through a connection, unless it fails, takes longer or the server stops before it is there.
pub(super) async fn in_time<T>(
    connection: &Connection,
    limit: Duration,
    coming: impl Future<Output = io::Result<T>>,
) -> Option<T> {
    tokio::select! {
        biased;
        come = tokio::time::timeout(limit, coming) => come.ok()?.ok(),
        () = connection.stopped() => None,
    }
}
