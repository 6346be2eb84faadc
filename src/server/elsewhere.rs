//! Hosts that the server does not stand in for: refused by name, or forwarded untouched.

use axum::body::Body;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use hyper::ext::ReasonPhrase;
use hyper_util::rt::TokioIo;
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;

/// A host that lets nobody in for so long is not reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Headers between a client and its proxy, which end here (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    CONNECTION,
    http::header::PROXY_AUTHORIZATION,
    http::header::TE,
    http::header::TRAILER,
    http::header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// The answer to a client that asks for a host which is not among the domains.
pub fn refused(host: &str) -> Response<Body> {
    log_refused(host);
    gateway_error(&format!(
        "soda-mock does not stand in for {host}: add it to no_proxy, name it with --domain, or forward other hosts with --forward-others"
    ))
}

/// Tells of a host that was refused.
pub fn log_refused(host: &str) {
    tracing::warn!(%host, "refused: it is none of the domains that this server stands in for");
}

/// The sentence is the reason phrase too: most clients show that and nothing of the body.
fn gateway_error(sentence: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{sentence}\n")));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    // What follows was meant for the other host.
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    if let Ok(phrase) = ReasonPhrase::try_from(sentence.as_bytes()) {
        response.extensions_mut().insert(phrase);
    }
    response
}

/// A connection to the host itself, or the answer that it is not reached.
pub async fn reach(host: &str, port: u16) -> Result<TcpStream, Response<Body>> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let connecting = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect((bare, port)));
    let connected = connecting.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    match connected {
        Ok(stream) => {
            tracing::info!(%host, port, "forwarded");
            Ok(stream)
        }
        Err(error) => Err(gateway_error(&format!(
            "soda-mock cannot reach {host}:{port}, where it forwards to: {error}"
        ))),
    }
}

/// Sends a request of plain HTTP to its host and gives the answer.
pub async fn forward(request: Request<Body>) -> Response<Body> {
    let (host, port) = match request.uri().host() {
        Some(host) => (host.to_owned(), request.uri().port_u16().unwrap_or(80)),
        None => return gateway_error("soda-mock is asked to forward to no host"),
    };
    if request.uri().scheme_str() != Some("http") {
        return gateway_error(&format!(
            "soda-mock forwards https to {host} through CONNECT only, so that nobody on the way can read it"
        ));
    }
    let stream = match reach(&host, port).await {
        Ok(stream) => stream,
        Err(answer) => return answer,
    };
    let failed =
        |error: &dyn std::fmt::Display| gateway_error(&format!("soda-mock forwards to {host}: {error}"));
    let (mut sender, connection) = match hyper::client::conn::http1::handshake(TokioIo::new(stream)).await {
        Ok(pair) => pair,
        Err(error) => return failed(&error),
    };
    tokio::spawn(connection);
    match sender.send_request(for_origin(request)).await {
        Ok(answer) => {
            let mut answer = answer.map(Body::new);
            end_hop(answer.headers_mut());
            answer
        }
        Err(error) => failed(&error),
    }
}

/// The request as the host itself expects it: with a path, not with a whole address.
fn for_origin(mut request: Request<Body>) -> Request<Body> {
    let authority = request.uri().authority().map(|a| a.as_str().to_owned()).unwrap_or_default();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
    end_hop(request.headers_mut());
    if let Ok(host) = HeaderValue::from_str(&authority) {
        request.headers_mut().insert(HOST, host);
    }
    request
}

fn end_hop(headers: &mut HeaderMap) {
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_host_and_no_proxy_where_clients_look() {
        let response = refused("other.gov");
        assert_eq!(response.status(), 502);
        let phrase = response.extensions().get::<ReasonPhrase>().unwrap();
        let phrase = std::str::from_utf8(phrase.as_bytes()).unwrap();
        assert!(phrase.contains("other.gov") && phrase.contains("no_proxy"), "{phrase}");
    }

    #[test]
    fn a_forwarded_request_has_a_path_its_host_and_no_header_of_the_hop() {
        let request = Request::get("http://other.gov:81/a?b=1")
            .header("host", "elsewhere")
            .header("proxy-connection", "keep-alive")
            .header("proxy-authorization", "Basic x")
            .header("accept", "text/csv")
            .body(Body::empty())
            .unwrap();
        let request = for_origin(request);
        assert_eq!(request.uri(), "/a?b=1");
        assert_eq!(request.headers().len(), 2);
        assert_eq!(request.headers()["host"], "other.gov:81");
    }
}
