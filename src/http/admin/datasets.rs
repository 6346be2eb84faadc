//! Datasets by the admin API: create or replace from the short form, list, show, remove.

use super::input::body;
use super::route::{Route, delete, get, post, put};
use super::rows;
use super::{Answer, Problem};
use crate::api::{Column, DatasetDetail, DatasetMade, DatasetSummary, Deleted, Row};
use crate::clock::{Clock as _, iso};
use crate::codec::{BodyFormat, DefinitionDecoder, RowsText};
use crate::http::state::AppState;
use crate::seed::{Defined, NewDataset, RowsToRead, define_all};
use crate::soda::{FourByFour, SodaError};
use crate::store::{Entry, Stash, Store, StoreError, catalogue, versions::Versions};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        get("/datasets", "The datasets with row counts and versions.", list)
            .answers::<Vec<DatasetSummary>>(r#"[{"id": "4tka-6guv", "name": "USGS Earthquakes", "resourceName": "earthquakes", "rows": 8, "schema_version": 1, "rows_updated_at": "2023-11-14T22:13:20Z", "columns_count": 10, "data_version": 1, "row_identifier": "earthquake_id", "public": true, "stage": "published"}]"#)
            .shown_by(&["coverage::every_example_of_an_answer_has_the_members_of_the_real_one"]),
        post("/datasets", "Creates or replaces several datasets: all or none.", put_all)
            .takes::<Seeds>()
            .answers::<Vec<DatasetMade>>(r#"[{"id": "4tka-6guv", "rows": 8, "data_version": 1}]"#)
            .shown_by(&["admin::several_datasets_are_made_at_once_or_not_at_all"]),
        get("/datasets/{dataset}", "One dataset with its schema.", show)
            .answers::<DatasetDetail>(r#"{"id": "4tka-6guv", "name": "USGS Earthquakes", "resourceName": "earthquakes", "rows": 8, "schema_version": 1, "rows_updated_at": "2023-11-14T22:13:20Z", "columns_count": 10, "data_version": 1, "row_identifier": "earthquake_id", "public": true, "stage": "published", "columns": [{"fieldName": "earthquake_id", "name": "Earthquake ID", "dataTypeName": "text", "soqlType": "text", "description": null}]}"#)
            .shown_by(&["admin::a_dataset_is_described_and_removed"]),
        put("/datasets/{dataset}", "Creates or replaces a dataset from the short form, rows included.", put_dataset)
            .takes::<ShortForm>()
            .answers::<DatasetMade>(r#"{"id": "4tka-6guv", "rows": 8, "data_version": 1}"#)
            .shown_by(&["publish::upsert_counts_what_became_of_each_row"]),
        delete("/datasets/{dataset}", "Removes a dataset.", remove)
            .answers::<Deleted<String>>(r#"{"deleted": "4tka-6guv"}"#)
            .shown_by(&["admin::a_dataset_is_described_and_removed"]),
        get("/datasets/{dataset}/rows", "Stored rows with their system fields, without the limits of SODA.", rows::rows)
            .query("limit", "At most so many rows; all without it.")
            .query("after", "The :id of the last row seen.")
            .query("format", "json, ndjson or csv.")
            .query("as_of", "A data version: the rows as they were then, as far as the history goes back.")
            .answers::<Vec<Row>>(r#"[{":id": "row-….….…", ":version": "rv-….….…", ":created_at": "2023-11-14T22:13:20.000Z", ":updated_at": "2023-11-14T22:13:20.000Z"}]"#)
            .also_answers(&["application/x-ndjson", "text/csv"])
            .refuses(&[404, 409])
            .shown_by(&["admin::stored_rows_are_paged_by_their_id", "undo::rows_as_of_a_version_have_limits_formats_and_reasons"]),
    ]
}

/// The short form of a dataset, or Socrata's own metadata. Only described here: `soda::definition`
/// reads it.
#[derive(JsonSchema)]
#[allow(dead_code)]
struct ShortForm {
    /// The display name.
    name: String,
    /// An alias in paths.
    #[serde(rename = "resourceName")]
    resource_name: Option<String>,
    /// Whether everyone may read it; true without it.
    public: Option<bool>,
    /// Whether it is published; true without it.
    published: Option<bool>,
    /// `rowIdentifier`: the field name of the key; without it rows are keyed by `:id`.
    metadata: Option<serde_json::Map<String, Value>>,
    /// The columns.
    columns: Vec<ColumnForm>,
    /// The rows.
    rows: Option<Vec<serde_json::Map<String, Value>>>,
}

/// A column of the short form.
#[derive(JsonSchema)]
#[allow(dead_code)]
struct ColumnForm {
    /// Its name in rows and queries; made from `name` without it.
    #[serde(rename = "fieldName")]
    field_name: Option<String>,
    /// The display name.
    name: Option<String>,
    /// Its type, such as text, number, checkbox, calendar_date, point.
    #[serde(rename = "dataTypeName")]
    data_type_name: String,
}

/// `PUT /datasets/{4x4}`: the short form, rows included.
async fn put_dataset(state: AppState, Path(id): Path<String>, request: Request) -> Answer<DatasetMade> {
    let id = FourByFour::parse(&id).ok_or_else(|| Problem::bad_request(format!("{id} is not a 4x4 id")))?;
    let (definition, rows) = read_definition(&state.space.store(), request.into_body()).await?;
    let (space, now) = (&state.space, state.space.clock.now_ms());
    let rows = rows.map(rows_to_read);
    let new = vec![NewDataset { id, definition, rows }];
    let made = define_all(&space.store(), &space.ids, now, new).await;
    let made = made.map_err(|(_, error)| Problem::from(error))?;
    let made = made.first().ok_or_else(|| Problem::bad_request("nothing was made"))?;
    Ok(Json(shown(made)))
}

fn shown(made: &Defined) -> DatasetMade {
    DatasetMade { id: made.id.as_str().to_owned(), rows: made.rows, data_version: made.data_version }
}

/// A definition, and its rows put aside: they are typed when all of the definition is known, in
/// whatever order its members come.
async fn read_definition(store: &Store, mut body: Body) -> Result<(Value, Option<Stash>), Problem> {
    let mut parts = Parts::new(store);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(Problem::broken_body)?;
        if let Ok(data) = frame.into_data() {
            parts.take(&data)?;
        }
    }
    parts.finish()
}

/// The same of a text.
fn split(store: &Store, definition: &RawValue) -> Result<(Value, Option<Stash>), Problem> {
    const PIECE: usize = 64 * 1024;
    let mut parts = Parts::new(store);
    for piece in definition.get().as_bytes().chunks(PIECE) {
        parts.take(piece)?;
    }
    parts.finish()
}

/// A definition and its rows while they are told apart.
struct Parts {
    decoder: DefinitionDecoder,
    text: RowsText,
    rows: Stash,
}

impl Parts {
    fn new(store: &Store) -> Self {
        let decoder = DefinitionDecoder::new(&store.memory().partial);
        Self { decoder, text: RowsText::default(), rows: store.stash() }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), Problem> {
        self.decoder.feed(piece, &mut self.text)?;
        Ok(self.rows.push(&self.text.take())?)
    }

    fn finish(mut self) -> Result<(Value, Option<Stash>), Problem> {
        let (definition, has_rows) = self.decoder.finish(&mut self.text)?;
        self.rows.push(&self.text.take())?;
        let definition = serde_json::from_slice(&definition)
            .map_err(|e| Problem::bad_request(format!("The definition cannot be read: {e}")))?;
        Ok((definition, has_rows.then_some(self.rows)))
    }
}

fn rows_to_read(stash: Stash) -> RowsToRead {
    RowsToRead::from(BodyFormat::Json, "the rows", stash.read())
}

/// Several datasets.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Seeds {
    datasets: Vec<Seed>,
}

/// A dataset as a seed has it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Seed {
    /// The 4x4 id; that of the definition without it.
    id: Option<String>,
    /// The short form, or Socrata's own metadata.
    #[schemars(with = "Value")]
    definition: Box<RawValue>,
    /// Rows in place of the definition's own.
    rows: Option<SeedRows>,
}

/// Rows as text.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SeedRows {
    format: SeedFormat,
    text: String,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SeedFormat {
    Json,
    Csv,
    Tsv,
    GeoJson,
}

impl From<SeedFormat> for BodyFormat {
    fn from(format: SeedFormat) -> Self {
        match format {
            SeedFormat::Json => Self::Json,
            SeedFormat::Csv => Self::Csv,
            SeedFormat::Tsv => Self::Tsv,
            SeedFormat::GeoJson => Self::GeoJson,
        }
    }
}

/// `POST /datasets`: in one transaction.
async fn put_all(state: AppState, bytes: Bytes) -> Answer<Vec<DatasetMade>> {
    let request: Seeds = body(&bytes)?;
    let mut all = Vec::with_capacity(request.datasets.len());
    let store = state.space.store();
    for (index, seed) in request.datasets.into_iter().enumerate() {
        let (definition, own) = split(&store, &seed.definition)?;
        let named = seed.id.as_deref().or_else(|| definition.get("id").and_then(Value::as_str));
        let id = named
            .and_then(FourByFour::parse)
            .ok_or_else(|| Problem::bad_request(format!("Dataset {index} has no 4x4 id; give \"id\"")))?;
        let rows = seed.rows.map(|rows| RowsToRead::text(rows.format.into(), rows.text));
        all.push(NewDataset { id, definition, rows: rows.or(own.map(rows_to_read)) });
    }
    let ids: Vec<FourByFour> = all.iter().map(|new| new.id.clone()).collect();
    let (space, now) = (&state.space, state.space.clock.now_ms());
    let made = define_all(&store, &space.ids, now, all).await.map_err(|(index, error)| {
        let about = ids.get(index).map(|id| format!("{id}: ")).unwrap_or_default();
        Problem::from(error).about(&about)
    })?;
    Ok(Json(made.iter().map(shown).collect()))
}

/// `GET /datasets`.
async fn list(state: AppState) -> Answer<Vec<DatasetSummary>> {
    let catalogue = state.space.store().catalogue();
    let all = catalogue.all().into_iter().map(|entry| describe(&state, entry));
    Ok(Json(all.collect::<Result<_, StoreError>>()?))
}

/// `GET /datasets/{4x4}`.
async fn show(state: AppState, Path(id): Path<String>) -> Answer<DatasetDetail> {
    let catalogue = state.space.store().catalogue();
    let entry = catalogue.find(&id).ok_or_else(|| Problem::no_dataset(&state, &id))?;
    let columns = entry.dataset.columns.iter().map(|column| Column {
        field_name: column.field_name.clone(),
        name: column.name.clone(),
        data_type_name: column.data_type_name.clone(),
        soql_type: column.soql_type.name().to_owned(),
        description: column.extra.get("description").cloned(),
    });
    Ok(Json(DatasetDetail { summary: describe(&state, entry)?, columns: columns.collect() }))
}

fn describe(state: &AppState, entry: &Entry) -> Result<DatasetSummary, StoreError> {
    let dataset = &entry.dataset;
    let (rows, versions) = state
        .space
        .store()
        .read(|tx| Ok::<_, StoreError>((tx.row_count(dataset)?, Versions::of(tx, dataset)?)))?;
    Ok(DatasetSummary {
        id: dataset.id.as_str().to_owned(),
        name: dataset.name.clone(),
        resource_name: dataset.resource_name.clone(),
        rows: i64::try_from(rows).unwrap_or(i64::MAX),
        data_version: versions.data_version,
        rows_updated_at: iso(versions.rows_updated_at),
        columns_count: dataset.columns.len(),
        schema_version: dataset.schema_version,
        row_identifier: dataset.key_column().map(|column| column.field_name.clone()),
        public: dataset.permissions.is_public(),
        scope: dataset.permissions.scope.name().to_owned(),
        stage: dataset.stage.name().to_owned(),
    })
}

/// `DELETE /datasets/{4x4}`.
async fn remove(state: AppState, Path(id): Path<String>) -> Answer<Deleted<String>> {
    let entry = state.space.store().catalogue().find(&id).cloned();
    let entry = entry.ok_or_else(|| Problem::no_dataset(&state, &id))?;
    let removed = state.space.store().define(move |tx| catalogue::remove(tx, &entry.dataset)).await?;
    if !removed {
        return Err(SodaError::dataset_missing(&id).into());
    }
    Ok(Json(Deleted { deleted: id }))
}
