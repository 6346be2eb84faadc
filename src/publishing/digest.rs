//! A source whose bytes are complete is read: its input schema, and the output schema that is made of it at first.

use super::jobs::{JobKind, Jobs};
use super::rows::{self, RowsError};
use super::schema::{self, Checked, Counted};
use super::{Asker, config, guess};
use crate::soda::{Dataset, SodaError};
use crate::store::publishing::{
    self as objects, ActionKind, Archive, Failure, ImportConfig, InputSchema, OutputSchema, Revision, Source,
    SourceType, Stage,
};
use crate::store::{Store, StoreError, WriteTx};
use crate::transform::Surroundings;
use std::sync::Arc;

/// What surrounds a source.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The dataset that it is for, as it is now.
    pub dataset: Option<Dataset>,
    /// What is to be done with the rows.
    pub kind: ActionKind,
    /// The recipe that it follows.
    pub config: Option<ImportConfig>,
}

/// What was found, not yet stored.
pub struct Digested {
    input: InputSchema,
    checked: Checked,
    counted: Option<Counted>,
}

/// What functions may ask around a source.
pub fn surroundings(source: &Source, world: &Surroundings) -> Surroundings {
    Surroundings {
        source_created_at: source.created_at,
        random_seed: source.id.unsigned_abs(),
        ..world.clone()
    }
}

/// Reads a file.
///
/// # Errors
/// What is wrong with the file, or with the columns of the import config for it.
pub fn file(
    store: &Arc<Store>,
    source: &Source,
    place: &Place,
    surroundings: &Surroundings,
) -> Result<Digested, RowsError> {
    let inspected = rows::inspect(store, source)?;
    let input = InputSchema {
        columns: guess::input_columns(&inspected),
        total_rows: Some(inspected.total_rows),
        num_row_errors: inspected.num_row_errors,
        ..empty(source)
    };
    let recipe = place.config.as_ref().map(config::wanted).transpose()?.flatten();
    let plain = guess::wanted(&inspected, None, place.kind);
    let wanted = match recipe {
        Some(wanted) => wanted,
        None => guess::wanted(&inspected, place.dataset.as_ref(), place.kind),
    };
    // All rows fit what was guessed of them.
    let fits = wanted.iter().zip(&plain).all(|(wanted, plain)| wanted.expr == plain.expr)
        && wanted.len() == plain.len();
    let checked = schema::check(wanted, Vec::new(), &input, surroundings)?;
    let counted = if fits {
        let cells = vec![0; checked.columns.len()];
        Counted { rows: inspected.total_rows - inspected.num_row_errors, errors: 0, cells }
    } else {
        rows::count(store, source, &checked, surroundings)?
    };
    Ok(Digested { input, checked, counted: Some(counted) })
}

/// The columns of a dataset whose rows are `loaded`, so many as are told, or still to be taken over.
pub fn view(
    source: &Source,
    dataset: &Dataset,
    loaded: Option<u64>,
    surroundings: &Surroundings,
) -> Result<Digested, SodaError> {
    let (columns, wanted) = guess::of_view(dataset);
    let input = InputSchema { columns, total_rows: loaded, ..empty(source) };
    let checked = schema::check(wanted, Vec::new(), &input, surroundings)?;
    let cells = vec![0; checked.columns.len()];
    let counted = loaded.map(|rows| Counted { rows, errors: 0, cells });
    Ok(Digested { input, checked, counted })
}

/// The columns of a state of before. Those that the dataset still has keep their names and presentation there.
pub fn archived(source: &Source, dataset: &Dataset, archive: &Archive) -> Result<Digested, SodaError> {
    let (columns, wanted) = guess::of_archive(dataset, archive);
    let input = InputSchema { columns, total_rows: Some(archive.rows), ..empty(source) };
    let checked = schema::check(wanted, Vec::new(), &input, &Surroundings::default())?;
    let cells = vec![0; checked.columns.len()];
    let counted = Some(Counted { rows: archive.rows, errors: 0, cells });
    Ok(Digested { input, checked, counted })
}

fn empty(source: &Source) -> InputSchema {
    InputSchema {
        id: 0,
        source: source.id,
        columns: Vec::new(),
        total_rows: None,
        num_row_errors: 0,
        created_at: source.created_at,
        created_by: source.created_by.clone(),
    }
}

/// Stores what was found. The revision's rows are those of the new schema from then on.
pub fn store(
    tx: &WriteTx<'_>,
    source: &mut Source,
    digested: Digested,
    jobs: &Jobs,
    asker: &Asker,
) -> Result<OutputSchema, StoreError> {
    let Digested { mut input, checked, counted } = digested;
    input.id = objects::new_id(tx)?;
    input.source = source.id;
    input.created_at = asker.now;
    for column in &mut input.columns {
        column.id = objects::new_id(tx)?;
    }
    objects::insert(tx, &input)?;
    let output = schema::insert(
        tx,
        &input,
        &checked,
        counted.as_ref(),
        jobs.begin(JobKind::Transform, asker.now),
        asker,
    )?;
    source.finished_at = Some(asker.now);
    if !matches!(source.source_type, SourceType::View { .. }) {
        source.due = jobs.begin(JobKind::Parse, asker.now);
    }
    objects::save(tx, source)?;
    choose(tx, source, asker.now, |revision| {
        (revision.output_schema_id, revision.blob_id) = (Some(output.id), None);
    })?;
    Ok(output)
}

/// A file that is kept as it is becomes that of its revision.
pub fn store_blob(tx: &WriteTx<'_>, source: &mut Source, now: i64) -> Result<(), StoreError> {
    (source.is_blob, source.finished_at) = (true, Some(now));
    objects::save(tx, source)?;
    let id = source.id;
    choose(tx, source, now, |revision| {
        (revision.output_schema_id, revision.blob_id) = (None, Some(id));
    })
}

/// Tells the revision of a source what it is about, if it is still open.
pub fn choose(
    tx: &WriteTx<'_>,
    source: &Source,
    now: i64,
    change: impl FnOnce(&mut Revision),
) -> Result<(), StoreError> {
    let Some(id) = source.revision else { return Ok(()) };
    let revision = objects::find::<Revision>(tx, id)?;
    let Some(mut revision) = revision.filter(|revision| revision.stage == Stage::Open) else { return Ok(()) };
    change(&mut revision);
    revision.updated_at = now;
    objects::save(tx, &revision)
}

/// Somebody looks at a source whose file is still read: whether it is read by now, and what came of it.
pub fn look(tx: &WriteTx<'_>, mut source: Source, asker: &Asker) -> Result<Source, StoreError> {
    let Some(due) = &mut source.due else { return Ok(source) };
    if due.look(asker.now) {
        let fail = due.fail.take();
        source.due = None;
        if let Some(reason) = fail {
            source.finished_at = None;
            source.failed_at = Some(asker.now);
            source.failure = Some(Failure {
                key: "job_failed".to_owned(),
                message: reason,
                request_id: asker.request_id.clone(),
            });
            choose(tx, &source, asker.now, |revision| revision.output_schema_id = None)?;
        }
    }
    objects::save(tx, &source)?;
    Ok(source)
}

/// Notes that a source cannot be read.
pub fn store_failure(
    tx: &WriteTx<'_>,
    source: &mut Source,
    error: &SodaError,
    asker: &Asker,
) -> Result<(), StoreError> {
    let (_, _, code) = error.code.row();
    let key = error.data.as_ref().and_then(|data| data.get("key")?.as_str()).unwrap_or(code);
    source.failed_at = Some(asker.now);
    source.failure = Some(Failure {
        key: key.to_owned(),
        message: error.message.clone(),
        request_id: asker.request_id.clone(),
    });
    objects::save(tx, source)
}
