//! Who may use the admin API: programs of this machine, not pages of other sites.

use super::Problem;
use crate::http::layers::is_foreign;
use crate::http::state::AppState;
use axum::body::Body;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{Request, StatusCode};
use std::net::IpAddr;

/// Refuses a foreign `Origin`, and a `Host` that a foreign name server could point here.
pub async fn check(state: AppState, request: Request<Body>, next: Next) -> Response {
    let refuse = |detail: &str| Problem::new(StatusCode::FORBIDDEN, "forbidden", detail).into_response();
    if is_foreign(request.headers()) {
        return refuse("The admin API answers no page of another origin");
    }
    let header = request.headers().get(http::header::HOST).and_then(|v| v.to_str().ok());
    let host = header.or_else(|| request.uri().authority().map(|a| a.as_str())).unwrap_or("localhost");
    if !is_ours(host, &state.process.names) {
        return refuse("The Host is not this machine; use localhost or an address, or name it with --san");
    }
    next.run(request).await
}

/// Loopback names, addresses, names without a dot (a container's service name) and `--san` names:
/// no public name server can make those point to another machine's page.
fn is_ours(authority: &str, names: &[String]) -> bool {
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inner, _)) => inner,
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host.parse::<IpAddr>().is_ok()
        || !host.contains('.')
        || host.ends_with(".localhost")
        || host == "host.docker.internal"
        || names.iter().any(|name| name.eq_ignore_ascii_case(&host))
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_names_of_this_machine_are_ours() {
        for host in [
            "localhost:7632",
            "127.0.0.1:1",
            "[::1]:7632",
            "::1",
            "soda-mock:7632",
            "a.localhost",
            "CI.Example.org",
        ] {
            assert!(is_ours(host, &["ci.example.org".to_owned()]), "{host}");
        }
        for host in ["evil.example", "evil.example:7632", "localhost.evil.example"] {
            assert!(!is_ours(host, &[]), "{host}");
        }
    }
}
