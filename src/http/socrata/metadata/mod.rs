//! The metadata API, `/api/views/metadata/v1`: the same metadata as in `/api/views`, as flat pairs, read
//! and merged (documented).

mod shown;

use super::answer::{Answered, answer, json_name, reading};
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::producer::{
    MetadataFinding, MetadataFindings, apply_metadata, change_metadata, check_metadata, metadata_help,
};
use crate::soda::{Dataset, SodaError};
use crate::store::WriteTx;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use serde_json::{Map, Value, json};
use shown::{Around, Shown};

/// The categories of a site that has set up none (source).
const CATEGORIES: [&str; 5] = ["Fun", "Personal", "Business", "Education", "Government"];

/// `/api/views/metadata/v1`.
pub async fn list(context: RequestContext, body: Body) -> Answered {
    reading(context, body, |context| {
        if context.head.parameter("method") == Some("help") || context.head.parameter("help").is_some() {
            return Ok(help());
        }
        if let Some(method) = context.head.parameter("method") {
            return Err(SodaError::not_emulated(&format!("metadata/v1?method={method}")).into());
        }
        all(context)
    })
    .await
}

fn help() -> Response {
    let mut response = Response::new(Body::from(metadata_help()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// All published assets that the caller may see: at once, or by pages that count from one.
fn all(context: &RequestContext) -> Answered {
    let limit = number(context, "limit")?;
    let page = number(context, "page")?.unwrap_or(1);
    let (catalogue, versions) = context.state.space.store().listed();
    let seen = catalogue.all().into_iter().filter(|entry| {
        let dataset = &entry.dataset;
        dataset.is_published() && context.caller().may_read(dataset).is_ok()
    });
    let (skipped, taken) = match limit {
        Some(limit) => ((page - 1).saturating_mul(limit), limit),
        None if page == 1 => (0, usize::MAX),
        None => (usize::MAX, 0),
    };
    let shown = seen.skip(skipped).take(taken).filter_map(|entry| {
        Some(shown(context, &entry.dataset, versions.get(&entry.dataset.number)?.rows_updated_at))
    });
    Ok(answer(&shown.collect::<Vec<_>>()))
}

fn number(context: &RequestContext, name: &str) -> Result<Option<usize>, SodaError> {
    let Some(text) = context.head.parameter(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Some).ok_or_else(|| {
        SodaError::invalid(format!("Invalid {name}: {text}"))
            .hint(format!("{name} is a whole number from 1 on."))
    })
}

fn shown(context: &RequestContext, dataset: &Dataset, data_updated_ms: i64) -> Shown {
    let around = Around {
        domain: context.head.header("host").unwrap_or("localhost"),
        data_updated_ms,
        provenance: context.state.space.accounts.directory().provenance(dataset),
        private: context.caller().may_change(dataset).is_ok(),
    };
    Shown::new(dataset, around)
}

/// `/api/views/metadata/v1/4x4`.
pub async fn one(context: RequestContext, Path(id): Path<String>, body: Body) -> Answered {
    context.enter(body).await?;
    let id = json_name(&id)?;
    match context.head.method {
        Method::GET | Method::HEAD => show(&context, id),
        Method::PATCH => update(&context, id).await,
        _ => Err(context.wrong_method_on(id, "GET,HEAD,PATCH")),
    }
}

fn show(context: &RequestContext, id: &str) -> Answered {
    let entry = context.entry(id)?;
    let versions = context.versions(&entry)?;
    Ok(answer(&shown(context, &entry.dataset, versions.rows_updated_at)))
}

/// The metadata as it would be, with what was found (ours: the names of the last two members).
#[derive(Serialize)]
struct Validated {
    #[serde(flatten)]
    metadata: Shown,
    #[serde(flatten)]
    findings: MetadataFindings,
}

/// `PATCH`: merges. `validateOnly` changes nothing; with `strict` warnings are errors.
async fn update(context: &RequestContext, id: &str) -> Answered {
    let entry = context.writable(id)?;
    let (only, strict) = (flag(context, "validateOnly")?, flag(context, "strict")?);
    let sent = context.object()?;
    let versions = context.versions(&entry)?;
    let now =
        serde_json::to_value(shown(context, &entry.dataset, versions.rows_updated_at)).unwrap_or_default();
    let findings = check(context, &sent, &now);
    if only {
        let dataset = as_changed(&entry.dataset, &sent, &findings);
        let metadata = shown(context, &dataset, versions.rows_updated_at);
        return Ok(answer(&Validated { metadata, findings }));
    }
    if !findings.errors.is_empty() || (strict && !findings.warnings.is_empty()) {
        return Err(refused(&findings, strict));
    }
    let now_ms = context.now_ms();
    let job = move |tx: &WriteTx<'_>| change_metadata(tx, &entry.dataset, &sent, now_ms);
    let changed = context.state.space.store().define(job).await?;
    show(context, changed.id.as_str())
}

fn flag(context: &RequestContext, name: &str) -> Result<bool, SodaError> {
    match context.head.parameter(name) {
        None | Some("false") => Ok(false),
        Some("true" | "") => Ok(true),
        Some(other) => {
            Err(SodaError::invalid(format!("Invalid {name}: {other}"))
                .hint(format!("{name} is true or false.")))
        }
    }
}

/// The site knows the usual categories and those that its datasets have.
fn check(context: &RequestContext, sent: &Map<String, Value>, now: &Value) -> MetadataFindings {
    let catalogue = context.state.space.store().catalogue();
    let all = catalogue.all();
    let used = all.iter().filter_map(|entry| entry.dataset.text("category"));
    let mut categories: Vec<&str> = CATEGORIES.into_iter().chain(used).collect();
    categories.sort_unstable();
    categories.dedup();
    check_metadata(sent, now, &categories)
}

/// The dataset with the members of a patch in which nothing is wrong.
fn as_changed(dataset: &Dataset, sent: &Map<String, Value>, findings: &MetadataFindings) -> Dataset {
    let mut good = sent.clone();
    good.retain(|member, _| findings.errors.iter().all(|error| error.field != *member));
    let mut changed = dataset.clone();
    apply_metadata(&good, &mut changed);
    changed
}

fn refused(findings: &MetadataFindings, strict: bool) -> ApiError {
    let warnings = findings.warnings.iter().filter(|_| strict);
    let texts: Vec<String> = findings.errors.iter().chain(warnings).map(sentence).collect();
    SodaError::invalid(format!("The metadata was not changed: {}", texts.join("; ")))
        .data(json!({ "errors": findings.errors, "warnings": findings.warnings }))
        .hint("Mend the named fields; ?validateOnly=true tells what an update would find without changing anything.")
        .into()
}

fn sentence(finding: &MetadataFinding) -> String {
    format!("{} {}", finding.field, finding.message)
}
