//! Assertions on stored data.

use super::Problem;
use super::input::body;
use super::route::{Route, post};
use super::snapshots::image_named;
use crate::access::Reader;
use crate::clock::Clock as _;
use crate::consumer::plan::{self, Question};
use crate::consumer::{Facts, Form, ReadFormat, run};
use crate::http::read::{Unanswered, limited};
use crate::http::state::AppState;
use crate::journal::difference::{Comparison, Identity, Row, Way};
use crate::journal::{Expectation, ExpectedColumn, Times, as_stored};
use crate::soda::{Dataset, SoqlType};
use crate::soql::Adaptation;
use crate::store::{Connection, Entry, Image, SeenCatalogue, Store, StoreError, versions::Versions};
use axum::Json;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        post("/expect", "Whether stored data is as expected: 200, or 409 with the difference.", expect)
            .takes::<Expectation>()
            .answers(r#"{"ok": true, "dataset": "4tka-6guv", "data_version": 2}"#)
            .refuses(&[404, 409])
            .shown_by(&["expect::rows_are_compared_as_an_upsert_would_store_them"]),
    ]
}

/// `POST /expect`.
async fn expect(state: AppState, bytes: Bytes) -> Result<Json<Value>, Problem> {
    let asked: Expectation = body(&bytes)?;
    asked.check().map_err(Problem::bad_request)?;
    let before = match &asked.unchanged_since {
        Some(name) => Some((name.clone(), image_named(&state, name).await?)),
        None => None,
    };
    let now_ms = state.space.clock.now_ms();
    let (asked, store) = (Arc::new((asked, before)), state.space.store());
    let mut catalogue = SeenCatalogue::of(&store);
    loop {
        let dataset = &asked.0.dataset;
        let entry = catalogue.find(dataset).cloned();
        let entry = entry.ok_or_else(|| Problem::not_found(&format!("dataset {dataset}")))?;
        let look = Look { store: Arc::clone(&store), catalogue: catalogue.clone(), entry, now_ms };
        let asked = Arc::clone(&asked);
        // Reading may take long; it must not hold up others on this thread.
        let limit = state.options.query_timeout;
        let looked = limited(limit, move || look.all(&asked.0, asked.1.as_ref())).await;
        let looked = looked.map_err(|unanswered| match unanswered {
            Unanswered::TooLong => too_long(limit),
            Unanswered::Panicked => Problem::from(StoreError::Closed),
        })?;
        if looked.is_ok() || !catalogue.renew(&store) {
            return looked;
        }
    }
}

fn too_long(limit: Duration) -> Problem {
    let detail = format!(
        "the rows were read for longer than {} s: narrow where, or raise --query-timeout",
        limit.as_secs()
    );
    Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", detail)
}

/// One look at a dataset.
struct Look {
    store: Arc<Store>,
    catalogue: SeenCatalogue,
    entry: Arc<Entry>,
    now_ms: i64,
}

impl Look {
    /// Everything from one read transaction: no write comes in between.
    fn all(
        &self,
        asked: &Expectation,
        before: Option<&(String, Arc<Image>)>,
    ) -> Result<Json<Value>, Problem> {
        let expected = match &asked.rows {
            Some(rows) => Some(as_stored(rows, &self.entry).map_err(Problem::bad_request)?),
            None => None,
        };
        let facts = self.facts(":*,*", asked)?;
        let count = self.facts("count(*) as count", asked)?;
        let looked = self
            .store
            .read(|connection| Ok(self.differences(connection, asked, [&facts, &count], expected, before)))?;
        let (version, differences) = looked?;
        let id = self.entry.dataset.id.as_str();
        if differences.is_empty() {
            return Ok(Json(json!({ "ok": true, "dataset": id, "data_version": version })));
        }
        let says: Vec<&str> = differences.iter().filter_map(|(_, d)| d["says"].as_str()).collect();
        Err(Problem::conflict("expect_failed", format!("{id}: {}", says.join("; ")))
            .with("ok", false)
            .with("dataset", id)
            .with("data_version", version)
            .with("difference", Value::Object(differences)))
    }

    /// The query of the rows that are looked at.
    fn facts(&self, select: &str, asked: &Expectation) -> Result<Facts, Problem> {
        // More than any dataset has.
        let mut query =
            vec![("$select".to_owned(), select.to_owned()), ("$limit".to_owned(), i64::MAX.to_string())];
        let order = asked.order.as_ref().filter(|_| !select.starts_with("count"));
        for (name, value) in [("$where", asked.filter.as_ref()), ("$order", order)] {
            query.extend(value.map(|value| (name.to_owned(), value.clone())));
        }
        let question = Question {
            entry: &self.entry,
            catalogue: &self.catalogue,
            reader: &Reader::Unrestricted,
            query: &query,
            text: None,
            adaptation: Adaptation::default(),
            format: ReadFormat::NdJson,
            now_ms: self.now_ms,
        };
        plan::rows(&question).map_err(|error| {
            let body: Value = serde_json::from_slice(&error.body("dataset")).unwrap_or_default();
            let message = body["message"].as_str().unwrap_or("it cannot be read").to_owned();
            Problem::bad_request(format!("where or order: {message}"))
        })
    }

    fn differences(
        &self,
        connection: &Connection,
        asked: &Expectation,
        [facts, count]: [&Facts; 2],
        expected: Option<Vec<Row>>,
        before: Option<&(String, Arc<Image>)>,
    ) -> Result<(i64, Map<String, Value>), Problem> {
        let dataset = &self.entry.dataset;
        let version = Versions::of(connection, dataset)?.data_version;
        let mut found = Map::new();
        let mut add = |name: &str, difference: Option<Value>| {
            found.extend(difference.map(|d| (name.to_owned(), d)));
        };
        if let Some(wanted) = asked.data_version {
            add("data_version", plain("data_version", wanted.into(), version.into()));
        }
        if let Some(wanted) = &asked.row_identifier {
            let own = dataset.key_column().map(|c| c.field_name.clone());
            add("row_identifier", plain("row_identifier", wanted.clone().into(), own.into()));
        }
        if let Some(wanted) = &asked.schema {
            add("schema", schema(wanted, dataset));
        }
        if let Some(times) = asked.count {
            add("count", self.count(connection, count, times)?);
        }
        if let Some(expected) = expected {
            add("rows", self.rows(connection, facts, expected, asked.way())?);
        }
        if let Some((name, image)) = before {
            add("unchanged_since", self.unchanged(connection, name, image)?);
        }
        Ok((version, found))
    }

    fn count(&self, connection: &Connection, facts: &Facts, times: Times) -> Result<Option<Value>, Problem> {
        let mut count = 0;
        rows(connection, &self.entry, facts, |row| {
            count = row.get("count").map_or(0, |n| n.to_string().trim_matches('"').parse().unwrap_or(0));
        })?;
        Ok((!times.hold(count)).then(|| {
            json!({
                "expected": times.words(),
                "actual": count,
                "says": format!("{count} {}, expected {}", if count == 1 { "row" } else { "rows" }, times.words()),
            })
        }))
    }

    fn rows(
        &self,
        connection: &Connection,
        facts: &Facts,
        expected: Vec<Row>,
        way: Way,
    ) -> Result<Option<Value>, Problem> {
        let by_id = expected.iter().all(|row| row.contains_key(":id"));
        let identity = identity(&self.entry.dataset, by_id && !expected.is_empty());
        let mut comparison = Comparison::new(expected, identity, way).map_err(Problem::bad_request)?;
        rows(connection, &self.entry, facts, |row| comparison.row(row))?;
        Ok(comparison.finish().map(|told| with_sentence(told, "")))
    }

    /// Only hashes of the old rows are held; rows that differ are read once more to be shown.
    fn unchanged(
        &self,
        connection: &Connection,
        name: &str,
        image: &Image,
    ) -> Result<Option<Value>, Problem> {
        let old = image.catalogue().find(self.entry.dataset.id.as_str()).cloned();
        let Some(old) = old else {
            let says = format!("the dataset is not in snapshot {name}");
            return Ok(Some(json!({ "says": says })));
        };
        let columns =
            |d: &Dataset| d.columns.iter().map(|c| (c.field_name.clone(), c.soql_type)).collect::<Vec<_>>();
        if columns(&old.dataset) != columns(&self.entry.dataset) {
            let says = format!("the columns are not those of snapshot {name}");
            return Ok(Some(json!({ "says": says })));
        }
        let identity = identity(&self.entry.dataset, false);
        let mut before: HashMap<String, Vec<u64>> = HashMap::new();
        image.read(|c| {
            all_rows(c, &old, |row| {
                before.entry(identity.name(&row).unwrap_or_default()).or_default().push(content(&row))
            })
        })?;
        let mut changed: HashSet<String> = HashSet::new();
        all_rows(connection, &self.entry, |row| {
            let name = identity.name(&row).unwrap_or_default();
            let hash = content(&row);
            let same = before
                .get_mut(&name)
                .and_then(|old| old.iter().position(|h| *h == hash).map(|at| old.swap_remove(at)));
            if same.is_none() {
                changed.insert(name);
            }
        })?;
        changed.extend(before.into_iter().filter(|(_, left)| !left.is_empty()).map(|(name, _)| name));
        if changed.is_empty() {
            return Ok(None);
        }
        let mut expected = Vec::new();
        let of_interest = |row: &Row| changed.contains(&identity.name(row).unwrap_or_default());
        image.read(|c| {
            all_rows(c, &old, |row| {
                if of_interest(&row) {
                    expected.push(without_system(row));
                }
            })
        })?;
        let mut comparison =
            Comparison::new(expected, identity.clone(), Way::default()).map_err(Problem::bad_request)?;
        all_rows(connection, &self.entry, |row| {
            if of_interest(&row) {
                comparison.row(without_system(row));
            }
        })?;
        Ok(comparison.finish().map(|told| with_sentence(told, &format!(" since snapshot {name}"))))
    }
}

fn identity(dataset: &Dataset, by_id: bool) -> Identity {
    let key = dataset.key_column().map(|c| c.field_name.clone());
    let numeric =
        dataset.columns.iter().filter(|c| matches!(c.soql_type, SoqlType::Number | SoqlType::Double));
    Identity {
        key: key.or_else(|| by_id.then(|| ":id".to_owned())),
        numeric: numeric.map(|c| c.field_name.clone()).collect(),
    }
}

fn without_system(mut row: Row) -> Row {
    row.retain(|name, _| !name.starts_with(':'));
    row
}

fn content(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (name, value) in row.iter().filter(|(name, _)| !name.starts_with(':')) {
        (name, value.to_string()).hash(&mut hasher);
    }
    hasher.finish()
}

fn plain(what: &str, expected: Value, actual: Value) -> Option<Value> {
    (expected != actual).then(|| {
        let says = format!("{what} is {actual}, expected {expected}");
        json!({ "expected": expected, "actual": actual, "says": says })
    })
}

fn with_sentence(mut told: Value, when: &str) -> Value {
    let count = |name: &str| told["counts"][name].as_u64().unwrap_or(0);
    let parts: Vec<String> = ["missing", "unexpected", "differing"]
        .into_iter()
        .filter(|name| count(name) > 0)
        .map(|name| format!("{} {name}", count(name)))
        .collect();
    told["says"] = format!("rows{when}: {}", parts.join(", ")).into();
    told
}

/// Columns that are missing, unexpected, or of another type.
fn schema(wanted: &[ExpectedColumn], dataset: &Dataset) -> Option<Value> {
    let own: HashMap<&str, &str> =
        dataset.columns.iter().map(|c| (c.field_name.as_str(), c.data_type_name.as_str())).collect();
    let missing: Vec<&str> =
        wanted.iter().map(ExpectedColumn::field_name).filter(|name| !own.contains_key(name)).collect();
    let unexpected: Vec<&str> = dataset
        .columns
        .iter()
        .map(|c| c.field_name.as_str())
        .filter(|name| wanted.iter().all(|column| column.field_name() != *name))
        .collect();
    let differing: Map<String, Value> = wanted
        .iter()
        .filter_map(|column| {
            let (is, wanted) = (own.get(column.field_name())?, column.data_type_name()?);
            (*is != wanted)
                .then(|| (column.field_name().to_owned(), json!({ "expected": wanted, "actual": is })))
        })
        .collect();
    if missing.is_empty() && unexpected.is_empty() && differing.is_empty() {
        return None;
    }
    let says = format!(
        "columns: {} missing, {} unexpected, {} of another type",
        missing.len(),
        unexpected.len(),
        differing.len()
    );
    Some(json!({ "missing": missing, "unexpected": unexpected, "differing": differing, "says": says }))
}

/// All rows in the order of their `:id`.
fn all_rows(connection: &Connection, entry: &Entry, row: impl FnMut(Row)) -> Result<(), StoreError> {
    let dataset = &entry.dataset;
    let mut columns = vec![(":id".to_owned(), SoqlType::RowIdentifier)];
    let mut list = "sid".to_owned();
    for column in &dataset.columns {
        columns.push((column.field_name.clone(), column.soql_type));
        list.push_str(&format!(",{}", column.sql()));
    }
    let sql = format!("SELECT {list} FROM {} ORDER BY sid", dataset.table());
    let facts = Facts {
        sql: sql.into(),
        params: Vec::new(),
        columns: Arc::new(columns.into()),
        format: ReadFormat::NdJson,
        form: Form::default(),
        single: false,
    };
    rows(connection, entry, &facts, row)
}

/// The rows of a query, one by one.
fn rows(
    connection: &Connection,
    entry: &Entry,
    facts: &Facts,
    mut row: impl FnMut(Row),
) -> Result<(), StoreError> {
    let take = |piece: Vec<u8>| {
        // Pieces end with a whole line.
        for line in piece.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            if let Ok(read) = serde_json::from_slice(line) {
                row(read);
            }
        }
        true
    };
    run(connection, entry, facts, |_, _| true, take)
}
