//! A dataset as `/api/views` shows it (recorded: keys and values of public views of 2025).

use crate::access::{Caller, Provenance, SITE_OWNER, display_name, user_id};
use crate::soda::{AccessLevel, Column, Dataset};
use crate::store::versions::Versions;
use serde_json::{Map, Value, json};

/// The view object.
pub fn view(dataset: &Dataset, versions: Versions, caller: &Caller, provenance: Provenance) -> Value {
    let rows_updated = versions.rows_updated_at / 1000;
    let mut view = Map::new();
    let mut put = |name: &str, value: Value| view.insert(name.to_owned(), value);
    put("id", dataset.id.as_str().into());
    put("name", dataset.name.as_str().into());
    put("assetType", dataset.asset_type().into());
    put("averageRating", 0.into());
    put("createdAt", dataset.created_at.into());
    put("displayType", "table".into());
    put("downloadCount", 0.into());
    put("hideFromCatalog", false.into());
    put("hideFromDataJson", false.into());
    put("locked", false.into());
    put("newBackend", true.into());
    put("numberOfComments", 0.into());
    put("oid", dataset.number.into());
    put("provenance", provenance.name().into());
    put("publicationAppendEnabled", false.into());
    if dataset.is_published() {
        put("publicationDate", dataset.created_at.into());
    }
    put("publicationGroup", dataset.number.into());
    put("publicationStage", dataset.stage.name().into());
    if let Some(name) = &dataset.resource_name {
        put("resourceName", name.as_str().into());
    }
    if let Some(key) = dataset.key_column() {
        put("rowIdentifierColumnId", key.id.into());
    }
    put("rowsUpdatedAt", rows_updated.into());
    put("tableId", dataset.number.into());
    put("totalTimesRated", 0.into());
    put("viewCount", 0.into());
    put("viewLastModified", rows_updated.max(dataset.metadata_updated_at / 1000).into());
    put("viewType", "tabular".into());
    let columns = dataset.columns.iter().enumerate().map(|(index, c)| column(c, index)).collect();
    put("columns", Value::Array(columns));
    // A view that nobody was given has no such key (recorded; a client's suite insists on it).
    if dataset.permissions.is_public() {
        put("grants", json!([{ "inherited": false, "type": "viewer", "flags": ["public"] }]));
    }
    put("owner", user(owner(dataset)));
    // Asked for by a client that signs in (client evidence); recorded views, read without, have no such key.
    if caller.name().is_some() {
        put("permissions", json!({ "scope": dataset.permissions.scope }));
    }
    put("rights", json!(caller.level(dataset).map_or(&[][..], AccessLevel::rights)));
    put("tableAuthor", user(owner(dataset)));
    put("flags", json!(["default", "restorable", "restorePossibleForType"]));
    for (name, value) in &dataset.extra {
        put(name, value.clone());
    }
    let metadata = view.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
    if let (Some(metadata), Some(key)) = (metadata.as_object_mut(), dataset.key_column()) {
        // Both forms are recorded; a view shows the one in which it was given.
        let as_id = metadata.get("rowIdentifier").is_some_and(Value::is_number);
        let shown = if as_id { key.id.into() } else { key.field_name.as_str().into() };
        metadata.insert("rowIdentifier".to_owned(), shown);
    }
    Value::Object(view)
}

/// A column; positions count from one.
pub fn column(column: &Column, index: usize) -> Value {
    let mut map = Map::new();
    map.insert("id".to_owned(), column.id.into());
    map.insert("name".to_owned(), column.name.as_str().into());
    map.insert("dataTypeName".to_owned(), column.data_type_name.as_str().into());
    map.insert("fieldName".to_owned(), column.field_name.as_str().into());
    map.insert("position".to_owned(), (index + 1).into());
    map.insert("renderTypeName".to_owned(), column.data_type_name.as_str().into());
    map.insert("tableColumnId".to_owned(), column.id.into());
    for (name, value) in &column.extra {
        map.insert(name.clone(), value.clone());
    }
    map.entry("format").or_insert_with(|| json!({}));
    Value::Object(map)
}

/// The account that owns the dataset, or stands for the owner of seeds.
pub fn owner(dataset: &Dataset) -> &str {
    dataset.owner.as_deref().unwrap_or(SITE_OWNER)
}

/// An account as others see it; its id is a 4x4 that follows from its name.
pub fn user(name: &str) -> Value {
    json!({ "id": user_id(name), "displayName": display_name(name), "type": "interactive" })
}
