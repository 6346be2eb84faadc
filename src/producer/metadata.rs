//! Metadata as flat pairs, as `/api/views/metadata/v1` has them: what a patch may hold, and what it does (documented;
//! the texts and what counts as a warning are ours).

use crate::soda::{Dataset, LICENSES, License, nearest};
use crate::store::{StoreError, WriteTx, alter, catalogue};
use serde::Serialize;
use serde_json::{Map, Value};

/// What a member may be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Nothing but what it is.
    ReadOnly,
    /// A text with something in it.
    Name,
    /// A text or null.
    Text,
    /// A URL or null.
    Link,
    /// The name of a license or null.
    License,
    /// A list of texts or null.
    Tags,
    /// Fieldsets or null.
    Fieldsets,
}

/// The documented members.
const MEMBERS: [(&str, Takes); 20] = [
    ("id", Takes::ReadOnly),
    ("domain", Takes::ReadOnly),
    ("dataUri", Takes::ReadOnly),
    ("webUri", Takes::ReadOnly),
    ("createdAt", Takes::ReadOnly),
    ("updatedAt", Takes::ReadOnly),
    ("dataUpdatedAt", Takes::ReadOnly),
    ("metadataUpdatedAt", Takes::ReadOnly),
    ("provenance", Takes::ReadOnly),
    ("hideFromCatalog", Takes::ReadOnly),
    ("hideFromDataJson", Takes::ReadOnly),
    ("name", Takes::Name),
    ("description", Takes::Text),
    ("category", Takes::Text),
    ("tags", Takes::Tags),
    ("license", Takes::License),
    ("attribution", Takes::Text),
    ("attributionLink", Takes::Link),
    ("externalId", Takes::Text),
    ("customFields", Takes::Fieldsets),
];

/// Something that is wrong with a member, or looks so.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct MetadataFinding {
    /// The member.
    pub field: String,
    /// A sentence.
    pub message: String,
}

/// What a check of a patch found.
#[derive(Debug, Default, Serialize)]
pub struct MetadataFindings {
    /// What would make the update fail.
    pub errors: Vec<MetadataFinding>,
    /// What would make it fail with `strict`.
    pub warnings: Vec<MetadataFinding>,
}

fn finding(field: &str, message: impl Into<String>) -> MetadataFinding {
    MetadataFinding { field: field.to_owned(), message: message.into() }
}

/// Checks a patch against the metadata that is there, as it is shown; `categories` are those that the
/// site knows.
pub fn check_metadata(patch: &Map<String, Value>, now: &Value, categories: &[&str]) -> MetadataFindings {
    let mut findings = MetadataFindings::default();
    for (member, value) in patch {
        let Some((_, takes)) = MEMBERS.iter().find(|(name, _)| name == member) else {
            findings.errors.push(unknown(member));
            continue;
        };
        if let Some(message) = error(*takes, value, now.get(member)) {
            findings.errors.push(finding(member, message));
        }
    }
    let text = |member: &str| patch.get(member).and_then(Value::as_str);
    if text("name").is_some_and(|name| name.eq_ignore_ascii_case("null")) {
        findings.warnings.push(finding("name", "the name is the word null; a name cannot be taken away"));
    }
    if let Some(category) = text("category").filter(|category| !categories.contains(category)) {
        let known = categories.join(", ");
        findings
            .warnings
            .push(finding("category", format!("{category} is no category of the site; known are {known}")));
    }
    let license = text("license").and_then(License::named);
    let attribution = patch.get("attribution").or_else(|| now.get("attribution"));
    let named = attribution.and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if let Some(license) = license.filter(|license| license.attribution_required && !named) {
        findings.warnings.push(finding("license", format!("{} asks for an attribution", license.name)));
    }
    findings
}

fn unknown(member: &str) -> MetadataFinding {
    match nearest(member, MEMBERS.iter().map(|(name, _)| *name)) {
        Some(meant) => finding(member, format!("is no field of metadata; did you mean {meant}?")),
        None => finding(member, "is no field of metadata; GET ?method=help lists them"),
    }
}

fn error(takes: Takes, value: &Value, now: Option<&Value>) -> Option<String> {
    let is_text_or_null = value.is_null() || value.is_string();
    match takes {
        // Who sends back all that was read changes nothing by it.
        Takes::ReadOnly => (now != Some(value)).then(|| "is read-only".to_owned()),
        Takes::Name => {
            let named = value.as_str().is_some_and(|name| !name.trim().is_empty());
            (!named).then(|| "must be a text with something in it".to_owned())
        }
        Takes::Text => (!is_text_or_null).then(|| "must be a text or null".to_owned()),
        Takes::Link => match value {
            Value::Null => None,
            Value::String(text) if text.is_empty() || is_link(text) => None,
            _ => Some("must be an http or https URL or null".to_owned()),
        },
        Takes::License => match value {
            Value::Null => None,
            Value::String(name) if License::named(name).is_some() => None,
            _ => {
                let known: Vec<&str> = LICENSES.iter().map(|license| license.name).collect();
                Some(format!("must be the name of a license or null; known are {}", known.join("; ")))
            }
        },
        Takes::Tags => {
            let tags = value.as_array().is_some_and(|tags| tags.iter().all(Value::is_string));
            (!value.is_null() && !tags).then(|| "must be a list of texts or null".to_owned())
        }
        Takes::Fieldsets => fieldsets_error(value),
    }
}

fn is_link(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn fieldsets_error(value: &Value) -> Option<String> {
    let form = "must be {\"Set\": {\"Field\": \"value\"}} or null";
    let Some(sets) = value.as_object() else { return (!value.is_null()).then(|| form.to_owned()) };
    sets.iter().find_map(|(set, fields)| match fields {
        Value::Null => None,
        Value::Object(fields) => {
            let bad = fields.iter().find(|(_, value)| value.is_object() || value.is_array());
            bad.map(|(field, _)| format!("{set}.{field} must be a single value or null"))
        }
        _ => Some(format!("{set}: {form}")),
    })
}

/// Changes metadata by a patch that [`check_metadata`] found nothing wrong with, and gives the dataset as it is stored
/// then. 404 or 409 when `seen` was removed or replaced since the caller looked at it.
pub fn change_metadata(
    tx: &WriteTx<'_>,
    seen: &Dataset,
    patch: &Map<String, Value>,
    now_ms: i64,
) -> Result<Dataset, StoreError> {
    let mut dataset = catalogue::to_change(tx, seen, now_ms)?;
    apply_metadata(patch, &mut dataset);
    alter::update(tx, &dataset)?;
    catalogue::current(tx, &dataset)
}

/// Does to a dataset what a checked patch says, without storing it.
pub fn apply_metadata(patch: &Map<String, Value>, to: &mut Dataset) {
    for (member, value) in patch {
        match (member.as_str(), value) {
            ("name", Value::String(name)) => name.clone_into(&mut to.name),
            ("license", value) => license(value, &mut to.extra),
            ("customFields", value) => custom_fields(value, &mut to.extra),
            (name, value) if is_writable(name) => {
                if value.is_null() {
                    to.extra.remove(name);
                } else {
                    to.extra.insert(name.to_owned(), value.clone());
                }
            }
            _ => {}
        }
    }
}

fn is_writable(member: &str) -> bool {
    MEMBERS.iter().any(|(name, takes)| *name == member && !matches!(takes, Takes::ReadOnly | Takes::Name))
}

/// A view tells a license by its id and by its name.
fn license(value: &Value, extra: &mut Map<String, Value>) {
    extra.remove("license");
    extra.remove("licenseId");
    if let Some(license) = value.as_str().and_then(License::named) {
        let mut named = Map::new();
        named.insert("name".to_owned(), license.name.into());
        extra.insert("license".to_owned(), Value::Object(named));
        extra.insert("licenseId".to_owned(), license.id.into());
    }
}

/// Merges fieldsets; null takes away all, a set, or a value (documented). A field that is private stays
/// so.
fn custom_fields(value: &Value, extra: &mut Map<String, Value>) {
    let Some(sets) = value.as_object() else {
        for member in ["metadata", "privateMetadata"] {
            if let Some(metadata) = extra.get_mut(member).and_then(Value::as_object_mut) {
                metadata.remove("custom_fields");
            }
        }
        return;
    };
    for (set, fields) in sets {
        let Some(fields) = fields.as_object() else {
            for member in ["metadata", "privateMetadata"] {
                if let Some(sets) = fieldsets(extra, member) {
                    sets.remove(set);
                }
            }
            continue;
        };
        for (field, value) in fields {
            let hidden = fieldsets(extra, "privateMetadata")
                .is_some_and(|sets| sets.get(set).is_some_and(|fields| fields.get(field).is_some()));
            set_field(extra, if hidden { "privateMetadata" } else { "metadata" }, (set, field), value);
        }
    }
}

fn fieldsets<'m>(extra: &'m mut Map<String, Value>, member: &str) -> Option<&'m mut Map<String, Value>> {
    extra.get_mut(member)?.get_mut("custom_fields")?.as_object_mut()
}

fn set_field(extra: &mut Map<String, Value>, member: &str, (set, field): (&str, &str), value: &Value) {
    let mut place = extra;
    for name in [member, "custom_fields", set] {
        let inner = place.entry(name.to_owned()).or_insert_with(|| Value::Object(Map::new()));
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        let Some(inner) = inner.as_object_mut() else { return };
        place = inner;
    }
    if value.is_null() {
        place.remove(field);
    } else {
        place.insert(field.to_owned(), value.clone());
    }
}

/// The members with whether they can be changed, for people.
pub fn metadata_help() -> String {
    let lines = MEMBERS.iter().map(|(name, takes)| {
        let access = if *takes == Takes::ReadOnly { "read-only" } else { "can be changed by PATCH" };
        format!("{name}: {access}\n")
    });
    lines.collect()
}
