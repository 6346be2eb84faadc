//! Assertions on stored data.

use super::input::body;
use super::route::{Route, post};
use super::snapshots::image_named;
use super::{Answer, Problem};
use crate::access::Reader;
use crate::api::{
    CountDifference, Differences, ExpectFailed, ExpectHolds, Named, Plain, Row, RowsDifference,
    SchemaDifference, TypeDifference,
};
use crate::clock::Clock as _;
use crate::consumer::plan::{self, Question};
use crate::consumer::{Facts, ReadFormat, run};
use crate::http::socrata::read::{Unanswered, limited};
use crate::http::state::AppState;
use crate::journal::difference::{CompareOptions, Comparison, Identity};
use crate::journal::{Expectation, ExpectedColumn, HashComparison, Times, as_stored};
use crate::soda::{Dataset, SoqlType, SystemField};
use crate::soql::Adaptation;
use crate::store::{Entry, Image, ReadTx, SeenCatalogue, Select, Store, StoreError, versions::Versions};
use axum::Json;
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        post("/expect", "Whether stored data is as expected: 200, or 409 with the difference.", expect)
            .takes::<Expectation>()
            .answers::<ExpectHolds>(r#"{"ok": true, "dataset": "4tka-6guv", "data_version": 2}"#)
            .refuses(&[404, 409])
            .shown_by(&["expect::rows_are_compared_as_an_upsert_would_store_them"]),
    ]
}

/// `POST /expect`.
async fn expect(state: AppState, bytes: Bytes) -> Answer<ExpectHolds> {
    let asked: Expectation = body(&bytes)?;
    asked.check().map_err(Problem::bad_request)?;
    let before = match &asked.unchanged_since {
        Some(name) => Some((name.clone(), image_named(&state, name).await?)),
        None => None,
    };
    let now_ms = state.space.clock.now_ms();
    let (asked, store) = (Arc::new((asked, before)), state.space.store());
    // Kept until the last read has ended, also when nobody waits for it any more.
    let place = Arc::new(store.inspection().await?);
    let mut catalogue = SeenCatalogue::of(&store);
    loop {
        let dataset = &asked.0.dataset;
        let entry = catalogue.find(dataset).cloned();
        let entry = entry.ok_or_else(|| Problem::no_dataset(&state, dataset))?;
        let check = DatasetCheck { store: Arc::clone(&store), catalogue: catalogue.clone(), entry, now_ms };
        let (asked, place) = (Arc::clone(&asked), Arc::clone(&place));
        // Reading may take long; it must not hold up others on this thread.
        let limit = state.options.query_timeout;
        let checked = limited(limit, move || {
            let checked = check.all(&asked.0, asked.1.as_ref());
            drop(place);
            checked
        });
        let checked = checked.await;
        let checked = checked.map_err(|unanswered| match unanswered {
            Unanswered::TooLong => too_long(limit),
            Unanswered::Panicked => Problem::from(StoreError::Closed),
        })?;
        if checked.is_ok() || !catalogue.renew(&store) {
            return checked;
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

/// The check of one dataset.
struct DatasetCheck {
    store: Arc<Store>,
    catalogue: SeenCatalogue,
    entry: Arc<Entry>,
    now_ms: i64,
}

impl DatasetCheck {
    /// Everything from one read transaction: no write comes in between.
    fn all(&self, asked: &Expectation, before: Option<&(String, Arc<Image>)>) -> Answer<ExpectHolds> {
        let expected = match &asked.rows {
            Some(rows) => Some(as_stored(rows, &self.entry).map_err(Problem::bad_request)?),
            None => None,
        };
        let facts = self.facts(":*,*", asked)?;
        let count = self.facts("count(*) as count", asked)?;
        let checked =
            self.store.read(|tx| Ok(self.differences(tx, asked, [&facts, &count], expected, before)))?;
        let (data_version, difference) = checked?;
        let dataset = self.entry.dataset.id.as_str().to_owned();
        let says = difference.says().join("; ");
        if says.is_empty() {
            return Ok(Json(ExpectHolds { ok: true, dataset, data_version }));
        }
        let detail = format!("{dataset}: {says}");
        let failed = ExpectFailed { ok: false, dataset, data_version, difference };
        Err(Problem::conflict("expect_failed", detail).with(failed))
    }

    /// The query of the rows that are compared.
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
            let message = body.get("message").and_then(Value::as_str).unwrap_or("it cannot be read");
            Problem::bad_request(format!("where or order: {message}"))
        })
    }

    fn differences(
        &self,
        tx: &ReadTx<'_>,
        asked: &Expectation,
        [facts, count]: [&Facts; 2],
        expected: Option<Vec<Row>>,
        before: Option<&(String, Arc<Image>)>,
    ) -> Result<(i64, Differences), Problem> {
        let dataset = &self.entry.dataset;
        let version = Versions::of(tx, dataset)?.data_version;
        let plain = |what, wanted: Value, is: Value| {
            let says = format!("{what} is {is}, expected {wanted}");
            (wanted != is).then_some(Plain { expected: wanted, actual: is, says })
        };
        let key = || dataset.key_column().map(|column| column.field_name.clone());
        let found = Differences {
            data_version: asked
                .data_version
                .and_then(|wanted| plain("data_version", wanted.into(), version.into())),
            row_identifier: asked
                .row_identifier
                .as_ref()
                .and_then(|wanted| plain("row_identifier", wanted.clone().into(), key().into())),
            schema: asked.schema.as_ref().and_then(|wanted| schema(wanted, dataset)),
            count: match asked.count {
                Some(times) => self.count(tx, count, times)?,
                None => None,
            },
            rows: match expected {
                Some(expected) => self.rows(tx, facts, expected, asked.options())?,
                None => None,
            },
            unchanged_since: match before {
                Some((name, image)) => self.unchanged(tx, name, image)?,
                None => None,
            },
        };
        Ok((version, found))
    }

    fn count(
        &self,
        tx: &ReadTx<'_>,
        facts: &Facts,
        times: Times,
    ) -> Result<Option<CountDifference>, Problem> {
        let mut count = 0;
        rows(tx, &self.entry, facts, |row| {
            count = row.get("count").map_or(0, |n| n.to_string().trim_matches('"').parse().unwrap_or(0));
        })?;
        let expected = times.words();
        let noun = if count == 1 { "row" } else { "rows" };
        let says = format!("{count} {noun}, expected {expected}");
        Ok((!times.hold(count)).then_some(CountDifference { expected, actual: count, says }))
    }

    fn rows(
        &self,
        tx: &ReadTx<'_>,
        facts: &Facts,
        expected: Vec<Row>,
        options: CompareOptions,
    ) -> Result<Option<RowsDifference>, Problem> {
        let by_id = expected.iter().all(|row| row.contains_key(":id"));
        let identity = identity(&self.entry.dataset, by_id && !expected.is_empty());
        let mut comparison = Comparison::new(expected, identity, options).map_err(Problem::bad_request)?;
        rows(tx, &self.entry, facts, |row| comparison.row(row))?;
        Ok(comparison.finish().map(|told| with_time(told, "")))
    }

    /// Only hashes of the old rows are held; the first rows that differ are read once more to be shown.
    fn unchanged(
        &self,
        tx: &ReadTx<'_>,
        name: &str,
        image: &Image,
    ) -> Result<Option<RowsDifference>, Problem> {
        let old = image.catalogue().find(self.entry.dataset.id.as_str()).cloned();
        let Some(old) = old else {
            let says = format!("the dataset is not in snapshot {name}");
            return Ok(Some(RowsDifference { says, ..RowsDifference::default() }));
        };
        let columns =
            |d: &Dataset| d.columns.iter().map(|c| (c.field_name.clone(), c.soql_type)).collect::<Vec<_>>();
        if columns(&old.dataset) != columns(&self.entry.dataset) {
            let says = format!("the columns are not those of snapshot {name}");
            return Ok(Some(RowsDifference { says, ..RowsDifference::default() }));
        }
        let identity = identity(&self.entry.dataset, false);
        let mut comparison = HashComparison::new(identity, &self.store.memory().aggregates);
        image.read(|c| all_rows(c, &old, |row| comparison.before(&row)))?;
        all_rows(tx, &self.entry, |row| comparison.after(row))?;
        if comparison.begin_telling()? {
            image.read(|c| all_rows(c, &old, |row| comparison.told(row)))?;
        }
        Ok(comparison.finish().map(|told| with_time(told, &format!(" since snapshot {name}"))))
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

/// The sentence says since when.
fn with_time(told: RowsDifference, when: &str) -> RowsDifference {
    RowsDifference { says: format!("rows{when}: {}", told.says), ..told }
}

/// Columns that are missing, unexpected, or of another type.
fn schema(wanted: &[ExpectedColumn], dataset: &Dataset) -> Option<SchemaDifference> {
    let own: HashMap<&str, &str> =
        dataset.columns.iter().map(|c| (c.field_name.as_str(), c.data_type_name.as_str())).collect();
    let wanted_names: HashSet<&str> = wanted.iter().map(ExpectedColumn::field_name).collect();
    let names = wanted.iter().map(ExpectedColumn::field_name);
    let missing: Vec<String> = names.filter(|name| !own.contains_key(name)).map(str::to_owned).collect();
    let fields = dataset.columns.iter().map(|column| column.field_name.clone());
    let unexpected: Vec<String> = fields.filter(|name| !wanted_names.contains(name.as_str())).collect();
    let other_type = |column: &ExpectedColumn| {
        let (is, wanted) = (*own.get(column.field_name())?, column.data_type_name()?);
        let difference = TypeDifference { expected: wanted.to_owned(), actual: is.to_owned() };
        (is != wanted).then(|| (column.field_name().to_owned(), difference))
    };
    let differing: Named<TypeDifference> = wanted.iter().filter_map(other_type).collect();
    if missing.is_empty() && unexpected.is_empty() && differing.0.is_empty() {
        return None;
    }
    let says = format!(
        "columns: {} missing, {} unexpected, {} of another type",
        missing.len(),
        unexpected.len(),
        differing.0.len()
    );
    Some(SchemaDifference { missing, unexpected, differing, says })
}

/// All rows in the order of their `:id`.
fn all_rows(tx: &ReadTx<'_>, entry: &Entry, row: impl FnMut(Row)) -> Result<(), StoreError> {
    let select = Select::all(&entry.dataset, &[SystemField::Id], |column| &column.field_name);
    let facts = Facts::new(select, ReadFormat::NdJson);
    rows(tx, entry, &facts, row)
}

/// The rows of a query, one by one.
fn rows(tx: &ReadTx<'_>, entry: &Entry, facts: &Facts, mut row: impl FnMut(Row)) -> Result<(), StoreError> {
    let take = |piece: Vec<u8>| {
        // Pieces end with a whole line.
        for line in piece.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            if let Ok(read) = serde_json::from_slice(line) {
                row(read);
            }
        }
        true
    };
    run(tx, entry, facts, |_, _| true, take)
}
