//! A dataset as the metadata API shows it: the documented members, absent ones as null.

use crate::access::Provenance;
use crate::soda::Dataset;
use serde::Serialize;
use serde_json::{Map, Value};

/// The members in the order of the document's model.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    id: String,
    name: String,
    attribution: Option<String>,
    attribution_link: Option<String>,
    category: Option<String>,
    created_at: String,
    data_updated_at: String,
    data_uri: String,
    description: Option<String>,
    domain: String,
    external_id: Option<String>,
    hide_from_catalog: bool,
    hide_from_data_json: bool,
    license: Option<String>,
    metadata_updated_at: String,
    provenance: &'static str,
    updated_at: String,
    web_uri: String,
    custom_fields: Option<Map<String, Value>>,
    tags: Option<Vec<String>>,
}

/// What is not in the dataset itself.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The host of the request.
    pub domain: &'a str,
    /// When its rows changed last; Unix milliseconds.
    pub data_updated_ms: i64,
    /// Who stands behind it.
    pub provenance: Provenance,
    /// Whether the reader may see private custom fields.
    pub private: bool,
}

impl Shown {
    /// A dataset.
    pub fn new(dataset: &Dataset, around: Around<'_>) -> Self {
        let own = |member: &str| dataset.text(member).map(str::to_owned);
        let (domain, id) = (around.domain, dataset.id.as_str());
        let tags: Vec<String> = dataset.tags().into_iter().map(str::to_owned).collect();
        Self {
            id: id.to_owned(),
            name: dataset.name.clone(),
            attribution: own("attribution"),
            attribution_link: own("attributionLink"),
            category: own("category"),
            created_at: time(dataset.created_at.saturating_mul(1000)),
            data_updated_at: time(around.data_updated_ms),
            data_uri: format!("https://{domain}/resource/{id}"),
            description: own("description"),
            domain: domain.to_owned(),
            external_id: own("externalId"),
            hide_from_catalog: dataset.hidden_from_catalog(),
            hide_from_data_json: dataset.hidden_from_data_json(),
            license: dataset.license_name().map(str::to_owned),
            metadata_updated_at: time(dataset.metadata_updated_at),
            provenance: match around.provenance {
                Provenance::Official => "OFFICIAL",
                Provenance::Community => "COMMUNITY",
            },
            updated_at: time(around.data_updated_ms.max(dataset.metadata_updated_at)),
            web_uri: format!("https://{domain}/d/{id}"),
            custom_fields: custom_fields(dataset, around.private),
            tags: (!tags.is_empty()).then_some(tags),
        }
    }
}

/// The fieldsets, with the private fields among them for who may see those.
fn custom_fields(dataset: &Dataset, private: bool) -> Option<Map<String, Value>> {
    let mut sets = dataset.custom_fieldsets(false).cloned().unwrap_or_default();
    let hidden = dataset.custom_fieldsets(true).filter(|_| private);
    for (set, fields) in hidden.into_iter().flatten() {
        let target = sets.entry(set.clone()).or_insert_with(|| Value::Object(Map::new()));
        if let (Some(target), Some(fields)) = (target.as_object_mut(), fields.as_object()) {
            target.extend(fields.clone());
        }
    }
    (!sets.is_empty()).then_some(sets)
}

/// `yyyy-MM-dd'T'HH:mm:ssZ` (documented).
fn time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string())
        .unwrap_or_default()
}
