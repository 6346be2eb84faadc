//! Datasets: list, create, change, remove.

use crate::clock::Clock as _;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::{Answered, answer, empty};
use crate::soda::definition;
use crate::soda::{Dataset, PublicationStage, SodaError};
use crate::store::{StoreError, WriteTx, alter, catalogue};
use serde_json::{Map, Value};

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
    let mut map = context.object()?;
    if map.get("name").and_then(Value::as_str).is_none_or(|name| name.trim().is_empty()) {
        return Err(SodaError::invalid("A view needs a name")
            .hint("Send {\"name\": …, \"columns\": […]}.")
            .into());
    }
    map.insert("publicationStage".to_owned(), "unpublished".into());
    map.entry("public").or_insert(Value::Bool(false));
    let space = &context.state.space;
    let catalogue = space.store().catalogue();
    let mut id = space.ids.four_by_four();
    while catalogue.find(id.as_str()).is_some() {
        id = space.ids.four_by_four();
    }
    let mut dataset =
        definition::parse(&Value::Object(map), id.clone()).map_err(|e| SodaError::invalid(e.to_string()))?;
    let now = space.clock.now_ms();
    dataset.id_key = space.ids.bytes::<72>().to_vec();
    dataset.created_at = now / 1000;
    dataset.owner = context.caller().name().map(str::to_owned);
    for column in &mut dataset.columns {
        column.id = space.ids.column_id();
    }
    space.store().define(move |tx| catalogue::create(tx, &mut dataset, now)).await?;
    context.view(id.as_str())
}

/// `PUT /api/views/4x4` with a part of the view: what is sent replaces what is there.
pub async fn update(context: &RequestContext, id: &str) -> Answered {
    let entry = context.writable(id)?;
    let map = context.object()?;
    let (seen, now) = (entry.dataset.clone(), context.now_ms());
    let id = seen.id.clone();
    let job = move |tx: &WriteTx<'_>| -> Result<(), StoreError> {
        let old = catalogue::to_change(tx, &seen, now)?;
        let mut new = old.clone();
        apply(&mut new, &map).map_err(|e| SodaError::invalid(e.to_string()))?;
        alter::update(tx, &new)?;
        for (column, _) in new.columns.iter().zip(&old.columns).filter(|(a, b)| a != b) {
            alter::update_column(tx, &new, column)?;
        }
        if new.row_identifier == old.row_identifier {
            return Ok(());
        }
        alter::set_row_identifier(tx, &new)
    };
    context.state.space.store().define(job).await?;
    context.view(id.as_str())
}

fn apply(dataset: &mut Dataset, map: &Map<String, Value>) -> Result<(), definition::DefinitionError> {
    // The whole of it is read as a definition, so that one set of rules decides.
    let mut whole = map.clone();
    whole.remove("columns");
    if let Some(metadata) = whole.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("rowIdentifier");
    }
    whole.remove("rowIdentifierColumnId");
    let parsed = definition::parse(&Value::Object(whole), dataset.id.clone())?;
    // One client sends the whole view with null for what it does not know.
    if map.get("name").is_some_and(|name| !name.is_null()) {
        if parsed.name.trim().is_empty() {
            return Err(definition::DefinitionError("name must not be empty".to_owned()));
        }
        dataset.name = parsed.name;
    }
    if map.contains_key("resourceName") {
        dataset.resource_name = parsed.resource_name;
    }
    dataset.extra.extend(parsed.extra);
    // A null takes a member away.
    dataset.extra.retain(|_, value| !value.is_null());
    if let Some(Value::Array(columns)) = map.get("columns") {
        for sent in columns {
            change_column(dataset, sent);
        }
    }
    dataset.row_identifier = identifier(dataset, map)?;
    if let Some(sent) = map.get("metadata").and_then(|m| m.get("rowIdentifier")) {
        definition::keep_identifier(&mut dataset.extra, dataset.row_identifier, Some(sent));
    }
    Ok(())
}

/// The row identifier, which a view holds in two members. Clients read a view, change one of them and
/// send back the whole, so the one that says something new counts.
fn identifier(
    dataset: &Dataset,
    map: &Map<String, Value>,
) -> Result<Option<usize>, definition::DefinitionError> {
    let old = dataset.row_identifier;
    let in_metadata = map.get("metadata").and_then(|m| m.get("rowIdentifier"));
    let beside = map.get("rowIdentifierColumnId").or_else(|| map.get("rowIdentifier"));
    let beside = beside.filter(|v| in_metadata.is_none() || !v.is_null());
    let find = |sent| definition::find_row_identifier(sent, &dataset.columns);
    match (in_metadata, beside) {
        (None, None) => Ok(old),
        (None, beside) => find(beside),
        (metadata, None) => find(metadata),
        // A working copy has columns of its own: the id may be that of the original's column.
        (metadata, beside) => match find(metadata)? {
            same if same == old => Ok(find(beside).unwrap_or(old)),
            new => Ok(new),
        },
    }
}

/// Takes over a column's display name and description; types and field names have routes of their own.
fn change_column(dataset: &mut Dataset, sent: &Value) {
    let id = sent.get("id").and_then(Value::as_i64);
    let field = sent.get("fieldName").and_then(Value::as_str).map(crate::soda::folded);
    let found = dataset.columns.iter_mut().find(|c| {
        id == Some(c.id) || field.as_ref().is_some_and(|f| *f == crate::soda::folded(&c.field_name))
    });
    let Some(column) = found else { return };
    if let Some(name) = sent.get("name").and_then(Value::as_str) {
        column.name = name.to_owned();
    }
    for member in ["description", "width", "format"] {
        if let Some(value) = sent.get(member) {
            column.extra.insert(member.to_owned(), value.clone());
        }
    }
}

/// `DELETE /api/views/4x4`: the dataset with all its rows; 200 without a body (recorded by clients).
pub async fn remove(context: &RequestContext, id: &str) -> Answered {
    let entry = context.deletable(id)?;
    context.state.space.store().define(move |tx| catalogue::remove(tx, &entry.dataset)).await?;
    Ok(empty())
}

/// Whether rows and columns stand as working copy.
pub fn is_published(dataset: &Dataset) -> bool {
    dataset.stage == PublicationStage::Published
}
