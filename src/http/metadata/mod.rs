//! The metadata API, `/api/views/metadata/v1`: the same metadata as in `/api/views`, as flat pairs, read
//! and merged (documented).

mod patch;
mod shown;

use super::error::ApiError;
use super::state::AppState;
use super::visit::{Answered, Visit, answer, finish, name_of, reading};
use super::wire::{WireRoute, route};
use crate::soda::{Dataset, PublicationStage, SodaError};
use crate::store::versions::written_at;
use crate::store::{StoreError, alter, catalogue};
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::{Method, Request};
use patch::{Finding, Findings};
use serde::Serialize;
use serde_json::{Map, Value, json};
use shown::{Around, Shown};

const ONE: &[&str] = &["GET /api/views/metadata/v1/{4x4}", "PATCH /api/views/metadata/v1/{4x4}"];

/// The categories of a site that has set up none (source).
const CATEGORIES: [&str; 5] = ["Fun", "Personal", "Business", "Education", "Government"];

/// The routes.
pub fn routes() -> Vec<WireRoute> {
    let mut routes = Vec::new();
    for prefix in ["/api/views/metadata/v1", "/views/metadata/v1"] {
        routes.push(route(prefix, any(list), &["GET /api/views/metadata/v1"]));
        routes.push(route(format!("{prefix}.json"), any(list), &["GET /api/views/metadata/v1"]));
        routes.push(route(format!("{prefix}/{{id}}"), any(one), ONE));
    }
    routes
}

async fn list(state: AppState, request: Request<Body>) -> Response {
    reading(state, request, |visit| {
        if visit.parameter("method") == Some("help") || visit.parameter("help").is_some() {
            return Ok(help());
        }
        if let Some(method) = visit.parameter("method") {
            return Err(SodaError::not_emulated(&format!("metadata/v1?method={method}")).into());
        }
        all(visit)
    })
    .await
}

fn help() -> Response {
    let mut response = Response::new(Body::from(patch::help()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// All published assets that the caller may see: at once, or by pages that count from one.
fn all(visit: &Visit) -> Answered {
    let limit = number(visit, "limit")?;
    let page = number(visit, "page")?.unwrap_or(1);
    let written = visit.state.space.store().read(written_at)?;
    let catalogue = visit.state.space.store().catalogue();
    let seen = catalogue.all().into_iter().filter(|entry| {
        let dataset = &entry.dataset;
        dataset.stage == PublicationStage::Published && visit.caller.may_read(dataset).is_ok()
    });
    let (skipped, taken) = match limit {
        Some(limit) => ((page - 1).saturating_mul(limit), limit),
        None if page == 1 => (0, usize::MAX),
        None => (usize::MAX, 0),
    };
    let shown = seen
        .skip(skipped)
        .take(taken)
        .filter_map(|entry| Some(shown(visit, &entry.dataset, *written.get(&entry.dataset.number)?)));
    Ok(answer(&shown.collect::<Vec<_>>()))
}

fn number(visit: &Visit, name: &str) -> Result<Option<usize>, SodaError> {
    let Some(text) = visit.parameter(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Some).ok_or_else(|| {
        SodaError::invalid(format!("Invalid {name}: {text}"))
            .hint(format!("{name} is a whole number from 1 on."))
    })
}

fn shown(visit: &Visit, dataset: &Dataset, data_updated_ms: i64) -> Shown {
    let host = visit.parts.headers.get(HOST).and_then(|value| value.to_str().ok());
    let around = Around {
        domain: host.unwrap_or("localhost"),
        data_updated_ms,
        provenance: visit.state.space.accounts.directory().provenance(dataset),
        private: visit.caller.may_change(dataset).is_ok(),
    };
    Shown::new(dataset, around)
}

async fn one(state: AppState, Path(id): Path<String>, request: Request<Body>) -> Response {
    let id = name_of(&id);
    match Visit::new(state, request).await {
        Ok(visit) => finish(match visit.method {
            Method::GET | Method::HEAD => show(&visit, id),
            Method::PATCH => update(&visit, id).await,
            _ => Err(visit.wrong_method_on(id, "GET,HEAD,PATCH")),
        }),
        Err(error) => error.into_response(),
    }
}

fn show(visit: &Visit, id: &str) -> Answered {
    let entry = visit.entry(id)?;
    let versions = visit.versions(&entry)?;
    Ok(answer(&shown(visit, &entry.dataset, versions.rows_updated_at)))
}

/// The metadata as it would be, with what was found (ours: the names of the last two members).
#[derive(Serialize)]
struct Validated {
    #[serde(flatten)]
    metadata: Shown,
    #[serde(flatten)]
    findings: Findings,
}

/// `PATCH`: merges. `validateOnly` changes nothing; with `strict` warnings are errors.
async fn update(visit: &Visit, id: &str) -> Answered {
    let entry = visit.writable(id)?;
    let (only, strict) = (flag(visit, "validateOnly")?, flag(visit, "strict")?);
    let sent = visit.object()?;
    let versions = visit.versions(&entry)?;
    let now =
        serde_json::to_value(shown(visit, &entry.dataset, versions.rows_updated_at)).unwrap_or_default();
    let findings = check(visit, &sent, &now);
    if only {
        let dataset = as_changed(&entry.dataset, &sent, &findings);
        let metadata = shown(visit, &dataset, versions.rows_updated_at);
        return Ok(answer(&Validated { metadata, findings }));
    }
    if !findings.errors.is_empty() || (strict && !findings.warnings.is_empty()) {
        return Err(refused(&findings, strict));
    }
    let (seen, now_ms) = (entry.dataset.clone(), visit.now_ms());
    let job = move |connection: &_| -> Result<(), StoreError> {
        let mut dataset = catalogue::to_change(connection, &seen, now_ms)?;
        patch::apply(&sent, &mut dataset);
        alter::update(connection, &dataset)
    };
    visit.state.space.store().define(job).await?;
    show(visit, entry.dataset.id.as_str())
}

fn flag(visit: &Visit, name: &str) -> Result<bool, SodaError> {
    match visit.parameter(name) {
        None | Some("false") => Ok(false),
        Some("true" | "") => Ok(true),
        Some(other) => {
            Err(SodaError::invalid(format!("Invalid {name}: {other}"))
                .hint(format!("{name} is true or false.")))
        }
    }
}

/// The site knows the usual categories and those that its datasets have.
fn check(visit: &Visit, sent: &Map<String, Value>, now: &Value) -> Findings {
    let catalogue = visit.state.space.store().catalogue();
    let all = catalogue.all();
    let used = all.iter().filter_map(|entry| entry.dataset.text("category"));
    let mut categories: Vec<&str> = CATEGORIES.into_iter().chain(used).collect();
    categories.sort_unstable();
    categories.dedup();
    patch::check(sent, now, &categories)
}

/// The dataset with the members of a patch in which nothing is wrong.
fn as_changed(dataset: &Dataset, sent: &Map<String, Value>, findings: &Findings) -> Dataset {
    let mut good = sent.clone();
    good.retain(|member, _| findings.errors.iter().all(|error| error.field != *member));
    let mut changed = dataset.clone();
    patch::apply(&good, &mut changed);
    changed
}

fn refused(findings: &Findings, strict: bool) -> ApiError {
    let warnings = findings.warnings.iter().filter(|_| strict);
    let texts: Vec<String> = findings.errors.iter().chain(warnings).map(sentence).collect();
    SodaError::invalid(format!("The metadata was not changed: {}", texts.join("; ")))
        .data(json!({ "errors": findings.errors, "warnings": findings.warnings }))
        .hint("Mend the named fields; ?validateOnly=true tells what an update would find without changing anything.")
        .into()
}

fn sentence(finding: &Finding) -> String {
    format!("{} {}", finding.field, finding.message)
}
