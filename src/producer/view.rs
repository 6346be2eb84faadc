//! Views: a dataset with its columns and metadata, made and changed by what `/api/views` takes.

use super::columns::invalid;
use crate::ids::Ids;
use crate::soda::definition::{self, DefinitionError};
use crate::soda::{Dataset, FourByFour, SodaError, folded};
use crate::store::{ReadTx, StoreError, WriteTx, alter, catalogue};
use serde_json::{Map, Value};

/// Makes a view: an unpublished dataset without rows, private unless its definition says otherwise, and gives it.
/// The definition needs a `name`; `columns` and metadata may be in it. 400 when it is wrong, or the resource name
/// is taken.
pub fn create_view(
    tx: &WriteTx<'_>,
    mut definition: Map<String, Value>,
    owner: Option<String>,
    ids: &Ids,
    now_ms: i64,
) -> Result<Dataset, StoreError> {
    if definition.get("name").and_then(Value::as_str).is_none_or(|name| name.trim().is_empty()) {
        let error = SodaError::invalid("A view needs a name").hint("Send {\"name\": …, \"columns\": […]}.");
        return Err(error.into());
    }
    definition.insert("publicationStage".to_owned(), "unpublished".into());
    definition.entry("public").or_insert(Value::Bool(false));
    let mut dataset = definition::parse(&Value::Object(definition), new_id(tx, ids)?).map_err(invalid)?;
    dataset.id_key = ids.bytes::<72>().to_vec();
    dataset.created_at = now_ms / 1000;
    dataset.owner = owner;
    for column in &mut dataset.columns {
        column.id = ids.column_id();
    }
    catalogue::create(tx, &mut dataset, now_ms)?;
    catalogue::current(tx, &dataset)
}

/// Changes a view by a part of it: what is sent replaces what is there, null takes a member away. Columns that are
/// sent get other display names and descriptions. Gives the dataset as it is stored then. 400 for what is wrong,
/// for a resource name that is taken and for a row identifier whose values are not unique; 404 or 409 when `seen` was
/// removed or replaced since the caller looked at it.
pub fn update_view(
    tx: &WriteTx<'_>,
    seen: &Dataset,
    sent: &Map<String, Value>,
    now_ms: i64,
) -> Result<Dataset, StoreError> {
    let old = catalogue::to_change(tx, seen, now_ms)?;
    let mut new = old.clone();
    apply(&mut new, sent).map_err(invalid)?;
    alter::update(tx, &new)?;
    for (column, _) in new.columns.iter().zip(&old.columns).filter(|(a, b)| a != b) {
        alter::update_column(tx, &new, column)?;
    }
    if new.row_identifier != old.row_identifier {
        alter::set_row_identifier(tx, &new)?;
    }
    catalogue::current(tx, &new)
}

/// An id that no dataset has.
pub(super) fn new_id(tx: &ReadTx<'_>, ids: &Ids) -> Result<FourByFour, StoreError> {
    loop {
        let id = ids.four_by_four();
        if !catalogue::is_taken(tx, &id)? {
            return Ok(id);
        }
    }
}

fn apply(dataset: &mut Dataset, map: &Map<String, Value>) -> Result<(), DefinitionError> {
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
            return Err(DefinitionError("name must not be empty".to_owned()));
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
            rename_column(dataset, sent);
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
fn identifier(dataset: &Dataset, map: &Map<String, Value>) -> Result<Option<usize>, DefinitionError> {
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
fn rename_column(dataset: &mut Dataset, sent: &Value) {
    let id = sent.get("id").and_then(Value::as_i64);
    let field = sent.get("fieldName").and_then(Value::as_str).map(folded);
    let found = dataset
        .columns
        .iter_mut()
        .find(|c| id == Some(c.id) || field.as_ref().is_some_and(|f| *f == folded(&c.field_name)));
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
