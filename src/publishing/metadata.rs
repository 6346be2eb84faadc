//! The metadata of a revision: read from a request, copied from a dataset, put over a dataset's own.

use super::{invalid, limits};
use crate::soda::{Dataset, License, SodaError};
use serde_json::{Map, Value};

/// What a revision says of a dataset (documented), beside its name.
pub const MEMBERS: [&str; 8] = [
    "description",
    "category",
    "tags",
    "licenseId",
    "license",
    "attribution",
    "attributionLink",
    "privateMetadata",
];

/// What makes a view of a query over another dataset (client evidence).
const DERIVED: [&str; 2] = ["originalViewId", "queryString"];

/// Refuses metadata that a dataset cannot have.
///
/// # Errors
/// 422 for a member of another type, 501 for a derived view.
pub fn check(metadata: &Map<String, Value>) -> Result<(), SodaError> {
    if let Some(member) =
        DERIVED.into_iter().find(|member| metadata.get(*member).is_some_and(|v| !v.is_null()))
    {
        return Err(SodaError::not_emulated(&format!(
            "views of a query over another dataset (metadata.{member})"
        )));
    }
    let texts = ["name", "description", "category", "licenseId", "attribution", "attributionLink"];
    for member in texts {
        if metadata.get(member).is_some_and(|v| !v.is_null() && !v.is_string()) {
            return Err(invalid(member, "must be a text"));
        }
    }
    if metadata.get("name").and_then(Value::as_str).is_some_and(|name| name.trim().is_empty()) {
        return Err(invalid("name", "must not be empty"));
    }
    for member in ["metadata", "privateMetadata", "license"] {
        if metadata.get(member).is_some_and(|v| !v.is_null() && !v.is_object()) {
            return Err(invalid(member, "must be an object"));
        }
    }
    if let Some(tags) = metadata.get("tags").filter(|v| !v.is_null()) {
        let texts = tags.as_array().is_some_and(|tags| tags.iter().all(Value::is_string));
        if !texts {
            return Err(invalid("tags", "must be a list of texts"));
        }
    }
    if metadata.get("isParent").is_some_and(|v| !v.is_null() && !v.is_boolean()) {
        return Err(invalid("isParent", "must be true or false"));
    }
    let bytes = serde_json::to_string(metadata).map_or(0, |text| text.len());
    if bytes > limits::METADATA {
        return Err(invalid("metadata", &format!("must have at most {} bytes", limits::METADATA)));
    }
    Ok(())
}

/// Refuses a license that needs an attribution without one (client evidence).
pub fn check_license(metadata: &Map<String, Value>) -> Result<(), SodaError> {
    let license = metadata.get("licenseId").and_then(Value::as_str).and_then(License::of_id);
    let attribution = metadata.get("attribution").and_then(Value::as_str).unwrap_or_default();
    if license.is_some_and(|license| license.attribution_required) && attribution.trim().is_empty() {
        return Err(invalid("attribution", "is required by the license"));
    }
    Ok(())
}

/// What a revision of a dataset begins with (ours): the dataset's own metadata.
pub fn of_dataset(dataset: &Dataset) -> Map<String, Value> {
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), dataset.name.as_str().into());
    for member in MEMBERS.into_iter().chain(["metadata"]) {
        if let Some(value) = dataset.extra.get(member) {
            metadata.insert(member.to_owned(), value.clone());
        }
    }
    metadata
}

/// Puts the members of a revision over those of the dataset: each as a whole, but for `metadata`, whose
/// members are put over one by one, as other routes keep theirs in it. Null takes one away.
pub fn put_over(dataset: &mut Dataset, metadata: &Map<String, Value>) {
    if let Some(name) = metadata.get("name").and_then(Value::as_str) {
        dataset.name = name.to_owned();
    }
    for member in MEMBERS {
        match metadata.get(member) {
            None => {}
            Some(Value::Null) => drop(dataset.extra.remove(member)),
            Some(value) => drop(dataset.extra.insert(member.to_owned(), value.clone())),
        }
    }
    let Some(Value::Object(sent)) = metadata.get("metadata") else { return };
    let kept = dataset.extra.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(kept) = kept else { return };
    for (member, value) in sent.iter().filter(|(member, _)| *member != "rowIdentifier") {
        kept.insert(member.clone(), value.clone());
    }
    kept.retain(|_, value| !value.is_null());
}
