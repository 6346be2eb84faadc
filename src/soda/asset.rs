//! What a dataset says of itself beyond its columns: the members of its view that the catalogue and
//! the metadata API tell too.

use super::{Dataset, License};
use serde_json::{Map, Value};

/// A value of the custom metadata: the fieldset, the field and its text.
pub type CustomField<'d> = (&'d str, &'d str, String);

impl Dataset {
    /// A member of the view that is a text with something in it.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.extra.get(member).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Its tags.
    pub fn tags(&self) -> Vec<&str> {
        let tags = self.extra.get("tags").and_then(Value::as_array);
        tags.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The name of its license, which a view tells by an object, by its id, or by both.
    pub fn license_name(&self) -> Option<&str> {
        let license = self.extra.get("license");
        let named = license.and_then(|license| license.get("name").unwrap_or(license).as_str());
        named.or_else(|| {
            self.text("licenseId").map(|id| License::of_id(id).map_or(id, |license| license.name))
        })
    }

    /// Whether it was left out of the site's public catalogue.
    pub fn hidden_from_catalog(&self) -> bool {
        self.flag("hideFromCatalog")
    }

    /// Whether it was left out of the site's `data.json`.
    pub fn hidden_from_data_json(&self) -> bool {
        self.flag("hideFromDataJson")
    }

    fn flag(&self, member: &str) -> bool {
        self.extra.get(member).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether anyone finds it in the catalogue.
    pub fn is_open(&self) -> bool {
        self.permissions.is_public() && self.is_published() && !self.hidden_from_catalog()
    }

    /// The fieldsets of its custom metadata; `private` are those that only its editors see.
    pub fn custom_fieldsets(&self, private: bool) -> Option<&Map<String, Value>> {
        let member = if private { "privateMetadata" } else { "metadata" };
        self.extra.get(member)?.get("custom_fields")?.as_object()
    }

    /// The fields of its public custom metadata.
    pub fn custom_fields(&self) -> impl Iterator<Item = CustomField<'_>> {
        let sets = self.custom_fieldsets(false).into_iter().flatten();
        sets.flat_map(|(set, fields)| {
            let fields = fields.as_object().into_iter().flatten();
            fields.filter_map(move |(field, value)| Some((set.as_str(), field.as_str(), plain(value)?)))
        })
    }

    /// What it is to the catalogue: told by how it is displayed (recorded for tables and stories;
    /// the names are documented).
    pub fn asset_type(&self) -> &'static str {
        let display = self.text("displayType").unwrap_or("table").to_ascii_lowercase();
        let view = self.text("viewType").unwrap_or("tabular").to_ascii_lowercase();
        match (view.as_str(), display.as_str()) {
            ("href", _) => "href",
            ("blobby", _) | (_, "blob") => "file",
            ("story", _) | (_, "story") => "story",
            ("geo", _) | (_, "map") => "map",
            (_, "measure") => "measure",
            (_, "chart") => "chart",
            (_, "calendar") => "calendar",
            (_, "form") => "form",
            (_, "data_lens") => "datalens",
            (_, "visualization") => "visualization",
            _ => "dataset",
        }
    }
}

/// A value of custom metadata as a text; objects, lists and nothing are none.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
