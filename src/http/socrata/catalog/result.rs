//! The shapes of the catalogue's answers (recorded in 2025; the meaning of the members is documented).

use super::asset::Asset;
use super::filter::custom_key;
use crate::access::{Provenance, display_name};
use crate::clock::iso_millis;
use crate::soda::{Column, Dataset, Scope};
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// An answer with results of one kind.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Results<T> {
    /// The page.
    pub results: Vec<T>,
    /// How many there are without paging.
    pub result_set_size: usize,
    /// How long it took.
    pub timings: Timings,
    /// Never any here.
    pub warnings: [&'static str; 0],
}

/// Milliseconds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    service_millis: u64,
    /// Production has two searches, the first for the domains: the mock is one.
    search_millis: [u64; 2],
}

impl Timings {
    /// What a request took altogether and in its search.
    pub fn new(service: Duration, search: Duration) -> Self {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self { service_millis: millis(service), search_millis: [0, millis(search)] }
    }
}

/// One asset.
#[derive(Serialize)]
pub struct SearchResult {
    resource: Resource,
    classification: Classification,
    metadata: Metadata,
    permalink: String,
    link: String,
    owner: User,
    creator: User,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_copy: Option<PublishedCopy>,
}

#[derive(Serialize)]
struct Resource {
    name: String,
    id: String,
    resource_name: Option<String>,
    parent_fxf: Vec<String>,
    description: String,
    attribution: Option<String>,
    attribution_link: Option<String>,
    contact_email: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "updatedAt")]
    updated_at: String,
    #[serde(rename = "createdAt")]
    created_at: String,
    metadata_updated_at: String,
    data_updated_at: String,
    page_views: PageViews,
    columns_name: Vec<String>,
    columns_field_name: Vec<String>,
    columns_datatype: Vec<String>,
    columns_description: Vec<String>,
    columns_format: Vec<Value>,
    download_count: u64,
    provenance: &'static str,
    lens_view_type: String,
    lens_display_type: String,
    locked: bool,
    blob_mime_type: Option<String>,
    hide_from_data_json: bool,
    publication_date: Option<String>,
}

/// Nothing has pages here.
#[derive(Default, Serialize)]
struct PageViews {
    page_views_last_week: u64,
    page_views_last_month: u64,
    page_views_total: u64,
    page_views_last_week_log: f64,
    page_views_last_month_log: f64,
    page_views_total_log: f64,
}

#[derive(Serialize)]
struct Classification {
    /// Those that Socrata's own algorithm assigns: none here.
    categories: [String; 0],
    tags: [String; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_category: Option<String>,
    domain_tags: Vec<String>,
    domain_metadata: Vec<Pair>,
}

#[derive(Serialize)]
struct Pair {
    key: String,
    value: String,
}

#[derive(Serialize)]
struct Metadata {
    domain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    visibility: Option<Visibility>,
}

/// Why an asset is seen, for who asks with `show_visibility`.
#[derive(Serialize)]
struct Visibility {
    audience: Scope,
    is_public: bool,
    is_published: bool,
    is_hidden: bool,
    visible_to_anonymous: bool,
    visible_to_site: bool,
}

#[derive(Serialize)]
struct User {
    id: String,
    user_type: &'static str,
    display_name: String,
}

#[derive(Serialize)]
struct PublishedCopy {
    permalink: String,
    uid: String,
}

impl SearchResult {
    /// An asset of a site.
    pub fn new(asset: &Asset<'_>, site: &str, show_visibility: bool) -> Self {
        let dataset = asset.dataset;
        let user = || User {
            id: asset.owner_id.clone(),
            user_type: "interactive",
            display_name: display_name(asset.owner).to_owned(),
        };
        let copy = dataset.copy_of.as_ref();
        Self {
            resource: resource(asset),
            classification: classification(dataset),
            metadata: Metadata {
                domain: site.to_owned(),
                license: dataset.license_name().map(str::to_owned),
                visibility: show_visibility.then(|| visibility(dataset)),
            },
            permalink: permalink(site, dataset.id.as_str()),
            link: link(site, dataset),
            owner: user(),
            creator: user(),
            published_copy: copy.map(|id| PublishedCopy {
                permalink: permalink(site, id.as_str()),
                uid: id.as_str().to_owned(),
            }),
        }
    }
}

fn resource(asset: &Asset<'_>) -> Resource {
    let dataset = asset.dataset;
    let own = |member: &str| dataset.text(member).map(str::to_owned);
    let columns = |of: &dyn Fn(&Column) -> String| dataset.columns.iter().map(of).collect();
    let email = dataset.extra.get("metadata").and_then(|metadata| metadata.get("contactEmail"));
    let created = iso_millis(dataset.created_at.saturating_mul(1000));
    let published = dataset.is_published();
    Resource {
        name: dataset.name.clone(),
        id: dataset.id.as_str().to_owned(),
        resource_name: dataset.resource_name.clone(),
        parent_fxf: Vec::new(),
        description: own("description").unwrap_or_default(),
        attribution: own("attribution"),
        attribution_link: own("attributionLink"),
        contact_email: email.and_then(Value::as_str).map(str::to_owned),
        kind: dataset.asset_type(),
        updated_at: iso_millis(asset.updated_ms()),
        created_at: created.clone(),
        metadata_updated_at: iso_millis(dataset.metadata_updated_at),
        data_updated_at: iso_millis(asset.data_updated_ms),
        page_views: PageViews::default(),
        columns_name: columns(&|column| column.name.clone()),
        columns_field_name: columns(&|column| column.field_name.clone()),
        columns_datatype: columns(&|column| datatype(&column.data_type_name)),
        columns_description: columns(&|column| {
            column.extra.get("description").and_then(Value::as_str).unwrap_or("").to_owned()
        }),
        columns_format: dataset.columns.iter().map(format).collect(),
        download_count: 0,
        provenance: Provenance::name(asset.provenance),
        lens_view_type: own("viewType").unwrap_or_else(|| "tabular".to_owned()),
        lens_display_type: own("displayType").unwrap_or_else(|| "table".to_owned()),
        locked: false,
        blob_mime_type: own("blobMimeType"),
        hide_from_data_json: dataset.hidden_from_data_json(),
        publication_date: published.then_some(created),
    }
}

fn format(column: &Column) -> Value {
    let given = column.extra.get("format").filter(|format| format.is_object());
    given.cloned().unwrap_or_else(|| Value::Object(Map::new()))
}

/// A type as people read it (recorded for the first eight).
fn datatype(name: &str) -> String {
    const NAMES: [(&str, &str); 18] = [
        ("text", "Text"),
        ("number", "Number"),
        ("calendar_date", "Calendar date"),
        ("date", "Date"),
        ("checkbox", "Checkbox"),
        ("url", "URL"),
        ("point", "Point"),
        ("multiline", "MultiLine"),
        ("multipoint", "MultiPoint"),
        ("multipolygon", "MultiPolygon"),
        ("html", "Formatted Text"),
        ("drop_down_list", "Multiple Choice"),
        ("multiple_choice", "Multiple Choice"),
        ("dataset_link", "Dataset Link"),
        ("stars", "Star"),
        ("json", "JSON"),
        ("fixed_timestamp", "Date"),
        ("floating_timestamp", "Calendar date"),
    ];
    let known = NAMES.iter().find(|(own, _)| *own == name).map(|(_, shown)| (*shown).to_owned());
    known.unwrap_or_else(|| {
        let mut letters = name.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    })
}

fn classification(dataset: &Dataset) -> Classification {
    let pairs = dataset.custom_fields();
    Classification {
        categories: [],
        tags: [],
        domain_category: dataset.text("category").map(str::to_owned),
        domain_tags: dataset.tags().into_iter().map(str::to_owned).collect(),
        domain_metadata: pairs
            .map(|(set, field, value)| Pair { key: custom_key(set, field), value })
            .collect(),
    }
}

fn visibility(dataset: &Dataset) -> Visibility {
    let scope = dataset.permissions.scope;
    let published = dataset.is_published();
    let hidden = dataset.hidden_from_catalog();
    Visibility {
        audience: scope,
        is_public: scope == Scope::Public,
        is_published: published,
        is_hidden: hidden,
        visible_to_anonymous: dataset.is_open(),
        visible_to_site: scope != Scope::Private && published && !hidden,
    }
}

fn permalink(site: &str, id: &str) -> String {
    format!("https://{site}/d/{id}")
}

/// The address that people read: category and name before the id (source).
fn link(site: &str, dataset: &Dataset) -> String {
    let category = hyphenated(dataset.text("category").unwrap_or("dataset"));
    format!("https://{site}/{category}/{}/{}", hyphenated(&dataset.name), dataset.id)
}

/// Runs of what is no letter, digit or underscore become a hyphen; at most fifty characters (source).
fn hyphenated(text: &str) -> String {
    const LIMIT: usize = 50;
    let mut out = String::new();
    for c in text.chars() {
        let kept = c.is_alphanumeric() || c == '_';
        if kept || !out.ends_with('-') {
            out.push(if kept { c } else { '-' });
        }
    }
    let cut: String = out.chars().take(LIMIT).collect();
    if cut.is_empty() { "-".to_owned() } else { cut }
}

#[cfg(test)]
mod tests {
    use super::{datatype, hyphenated};

    #[test]
    fn links_are_made_of_words() {
        for (text, expected) in [
            ("Civil Service List (Active)", "Civil-Service-List-Active-"),
            ("311 -- Calls", "311-Calls"),
            ("a_b", "a_b"),
            ("Größe", "Größe"),
            ("", "-"),
        ] {
            assert_eq!(hyphenated(text), expected);
        }
        assert_eq!(hyphenated(&"x".repeat(60)).len(), 50);
    }

    #[test]
    fn types_are_named_for_people() {
        for (name, shown) in [("calendar_date", "Calendar date"), ("polygon", "Polygon"), ("url", "URL")] {
            assert_eq!(datatype(name), shown);
        }
    }
}
