//! Jobs of publishing, and what functions of transforms know of the world.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How long jobs of a kind take, and whether they fail. Both `polls` and `seconds` have to pass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JobCourse {
    /// Looks at the job that find it unfinished.
    pub polls: u32,
    /// Seconds of the space's clock.
    pub seconds: u32,
    /// Why the job fails at its end; null for one that succeeds.
    pub fail: Option<String>,
}

/// The courses of the jobs of a space, by kind. A kind that is left out is done with the request that begins it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JobCourses {
    /// A revision is applied.
    pub apply: JobCourse,
    /// The file of a source is read.
    pub parse: JobCourse,
    /// The rows of a schema are transformed.
    pub transform: JobCourse,
}

/// A revision as lists show it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RevisionSummary {
    /// The 4x4 of its dataset.
    pub dataset: String,
    pub revision_seq: i64,
    /// `update`, `replace` or `delete`.
    pub action: String,
    /// `open`, `applying`, `applied` or `discarded`.
    pub state: String,
    pub sources: usize,
    /// The schema whose rows are applied.
    pub output_schema_id: Option<i64>,
    /// Rows of that schema.
    pub rows: Option<u64>,
    /// Rows of them with an error, which are left out.
    pub row_errors: Option<u64>,
    pub created_at: String,
    pub created_by: String,
    pub closed_at: Option<String>,
}

/// Revisions, the newest first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RevisionList {
    pub revisions: Vec<RevisionSummary>,
}

/// The place of an address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub address: String,
    #[serde(default)]
    pub city: String,
    #[serde(default)]
    pub state: String,
    #[serde(default)]
    pub zip: String,
    pub longitude: f64,
    pub latitude: f64,
}

/// The outline of a county.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct County {
    /// Its state, by name or two letters.
    pub state: String,
    /// Its name or its FIPS code.
    pub name: String,
    /// GeoJSON of a polygon or multipolygon.
    pub outline: Value,
}

/// A region of a dataset of regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    pub id: String,
    pub label: String,
    /// GeoJSON of a polygon or multipolygon.
    pub outline: Value,
}

/// What transforms and URL sources find outside of the machine. Functions that ask for a part which is null are
/// refused by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct World {
    /// `geocode`.
    pub geocoder: Option<Vec<Place>>,
    /// `state_boundary`: outlines by the name or the two letters of a state.
    pub states: Option<BTreeMap<String, Value>>,
    /// `county_boundary`.
    pub counties: Option<Vec<County>>,
    /// `region_code`, `region_code_label`: regions by the id of their dataset.
    pub regions: Option<BTreeMap<String, Vec<Region>>>,
    /// `http_get` and URL sources: texts by URL.
    pub answers: Option<BTreeMap<String, String>>,
    /// `domain_categories`.
    pub categories: Option<Vec<String>>,
    /// `domain_licenses`.
    pub licenses: Option<Vec<String>>,
}
