//! The domains that the server stands in for as a proxy.

use super::input::parameters;
use super::route::{Route, delete, get, put};
use super::{Answer, Problem};
use crate::api::{Domain, Domains, RefusedHost};
use crate::domains::{Destination, DomainError, DomainName, Named, NamingError};
use crate::http::state::AppState;
use axum::Json;
use axum::extract::Path;
use http::Uri;
use serde::Deserialize;

/// The holder of a domain that is named without one.
const CALLER: &str = "api";

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    const NAMED: &str = r#"{"host": "data.city.gov", "holders": ["api"], "requests": 0}"#;
    const HOLDER: &str = "Who names it [default: api]; the domain stays while one holder is left.";
    vec![
        get(
            "/domains",
            "The domains that the server stands in for as a proxy, and the hosts that it refused.",
            list,
        )
        .answers::<Domains>(r#"{"domains": [], "others": "answered", "refused": []}"#)
        .shown_by(&["server::domains::domains_are_named_told_and_removed"]),
        put("/domains/{host}", "Names a domain; other hosts are refused or forwarded from now on.", name)
            .query("holder", HOLDER)
            .answers::<Domain>(NAMED)
            .refuses(&[409])
            .shown_by(&["server::domains::domains_are_named_told_and_removed"]),
        delete(
            "/domains/{host}",
            "Takes a holder of a domain away, without one all; it goes with the last.",
            remove,
        )
        .query("holder", "Whose naming is taken back.")
        .answers::<Domain>(NAMED)
        .refuses(&[404])
        .shown_by(&["server::domains::domains_are_named_told_and_removed"]),
    ]
}

impl From<DomainError> for Problem {
    fn from(error: DomainError) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<NamingError> for Problem {
    fn from(error: NamingError) -> Self {
        match error {
            NamingError::Holder => Self::bad_request(error.to_string()),
            NamingError::TooManyDomains | NamingError::TooManyHolders => {
                Self::conflict("too_many_domains", error.to_string())
            }
        }
    }
}

fn shown(named: &Named) -> Domain {
    Domain { host: named.host.as_str().to_owned(), holders: named.holders.clone(), requests: named.requests }
}

/// The parameters of these calls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    holder: Option<String>,
}

/// `GET /domains`.
async fn list(state: AppState) -> Json<Domains> {
    let domains = &state.process.domains;
    let others = match domains.others() {
        Destination::Here => "answered",
        Destination::Refused => "refused",
        Destination::Elsewhere => "forwarded",
    };
    let refused = domains.refused().into_iter().map(|(host, count)| RefusedHost { host, count });
    Json(Domains {
        domains: domains.all().iter().map(shown).collect(),
        others: others.to_owned(),
        refused: refused.collect(),
    })
}

/// `PUT /domains/{host}`.
async fn name(state: AppState, Path(host): Path<String>, uri: Uri) -> Answer<Domain> {
    let Parameters { holder } = parameters(&uri)?;
    let host = DomainName::parse(&host)?;
    let named = state.process.domains.name(host, holder.as_deref().unwrap_or(CALLER))?;
    Ok(Json(shown(&named)))
}

/// `DELETE /domains/{host}`.
async fn remove(state: AppState, Path(host): Path<String>, uri: Uri) -> Answer<Domain> {
    let Parameters { holder } = parameters(&uri)?;
    let host = DomainName::parse(&host)?;
    let left = state.process.domains.remove(&host, holder.as_deref());
    let left = left.ok_or_else(|| Problem::not_found(&format!("domain {host} with such a holder")))?;
    Ok(Json(shown(&left)))
}
