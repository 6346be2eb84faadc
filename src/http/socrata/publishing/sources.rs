//! Sources: made, listed, shown, joined to a revision, read again with other options.

use super::find::{Found, current};
use super::with_status;
use crate::access::Role;
use crate::access::denied;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::publishing::digest::{self as reading, Place};
use crate::publishing::{
    Asker, invalid, limits, missing, revision as revisions, shape, source as rules, too_many,
};
use crate::soda::{ErrorCode, SodaError};
use crate::store::publishing::{self as objects, ImportConfig, InputSchema, Revision, Source, SourceType};
use crate::store::{Entry, ReadTx, StoreError, WriteTx};
use crate::transform::Surroundings;
use http::StatusCode;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A source, and the revision that it belongs to, if any.
pub struct FoundSource {
    /// The source.
    pub source: Source,
    /// Its dataset and revision.
    pub place: Option<Found>,
}

impl RequestContext {
    /// The source of a path, to be read.
    pub(super) fn source(&self, id: &str) -> Result<FoundSource, ApiError> {
        self.found_source(id, false)
    }

    /// The source of a path, to be changed.
    pub(super) fn own_source(&self, id: &str) -> Result<FoundSource, ApiError> {
        self.found_source(id, true)
    }

    fn found_source(&self, id: &str, writes: bool) -> Result<FoundSource, ApiError> {
        let (name, role) = self.user()?;
        let number = id.parse().map_err(|_| missing("source", id))?;
        let store = self.state.space.store();
        let found = store.read(|tx| -> Result<_, StoreError> {
            let Some(source) = objects::find::<Source>(tx, number)? else { return Ok(None) };
            let revision = source.revision.map(|id| objects::find::<Revision>(tx, id)).transpose()?;
            Ok(Some((source, revision.flatten())))
        })?;
        let (source, revision) = found.ok_or_else(|| missing("source", id))?;
        let Some(revision) = revision else {
            if !source.created_by.eq_ignore_ascii_case(name) && role < Role::Editor {
                return Err(denied("The source belongs to another account.").into());
            }
            return Ok(FoundSource { source, place: None });
        };
        let entry = store.catalogue().numbered(revision.dataset).ok_or_else(|| missing("source", id))?;
        let id = entry.dataset.id.as_str();
        let entry = if writes { self.revisable(id)? } else { self.seen(id)? };
        Ok(FoundSource { source, place: Some(Found { entry, revision }) })
    }
}

/// A source as it is answered.
pub fn shown(tx: &ReadTx<'_>, source: &Source) -> Result<Value, StoreError> {
    let inputs: Vec<InputSchema> = objects::children(tx, source.id)?;
    let schemas = inputs.into_iter().map(|input| {
        let outputs = objects::children(tx, input.id)?;
        Ok((input, outputs))
    });
    let schemas = schemas.collect::<Result<Vec<_>, StoreError>>()?;
    Ok(shape::source(source, &rules::shown_options(&source.parse_options), &schemas))
}

/// The source of a path as it is now.
pub fn answer_source(context: &RequestContext, id: &str, status: StatusCode) -> Answered {
    let found = context.source(id)?;
    let shown = context.state.space.store().read(|tx| shown(tx, &found.source))?;
    Ok(with_status(status, &shown))
}

/// `GET /source/N`.
pub async fn show(context: &RequestContext, id: &str) -> Answered {
    let FoundSource { source, .. } = context.source(id)?;
    if source.due.is_some() {
        let (asker, id) = (context.asker()?, source.id);
        let job = move |tx: &WriteTx<'_>| -> Result<(), StoreError> {
            match objects::find::<Source>(tx, id)? {
                Some(source) => reading::look(tx, source, &asker).map(drop),
                None => Ok(()),
            }
        };
        context.state.space.store().write(job).await?;
    }
    answer_source(context, id, StatusCode::OK)
}

/// `GET /revision/4x4/SEQ/source`, the newest first.
pub fn list(context: &RequestContext, id: &str, seq: &str) -> Answered {
    let found = context.revision(id, seq)?;
    let listed = context.state.space.store().read(|tx| {
        let sources: Vec<Source> = objects::children(tx, found.revision.id)?;
        sources.iter().rev().map(|source| shown(tx, source)).collect::<Result<Value, StoreError>>()
    })?;
    Ok(with_status(StatusCode::OK, &listed))
}

/// `POST /revision/4x4/SEQ/source`.
pub async fn create_in(context: &RequestContext, id: &str, seq: &str) -> Answered {
    let found = context.own_revision(id, seq)?;
    revisions::check_open(&found.revision)?;
    let sent = context.object()?;
    create(context, &sent, Some(found)).await
}

/// `POST /source`, outside a revision unless one is named.
pub async fn create_outside(context: &RequestContext) -> Answered {
    context.allowed(context.caller().may_create())?;
    let sent = context.object()?;
    let place = named_revision(context, &sent)?;
    if let Some(found) = &place {
        revisions::check_open(&found.revision)?;
    }
    create(context, &sent, place).await
}

/// The revision that a request names by `fourfour` and `revision_seq`.
fn named_revision(context: &RequestContext, sent: &Map<String, Value>) -> Result<Option<Found>, ApiError> {
    let fourfour = sent.get("fourfour").filter(|value| !value.is_null());
    let seq = sent.get("revision_seq").filter(|value| !value.is_null());
    match (fourfour, seq) {
        (None, None) => Ok(None),
        (Some(Value::String(fourfour)), Some(Value::Number(seq))) => {
            context.own_revision(fourfour, &seq.to_string()).map(Some)
        }
        _ => Err(invalid("revision", "must have fourfour, a text, and revision_seq, a whole number").into()),
    }
}

async fn create(context: &RequestContext, sent: &Map<String, Value>, place: Option<Found>) -> Answered {
    let asker = context.asker()?;
    let store = context.state.space.store();
    let config = match place.as_ref().and_then(|found| found.revision.config.clone()) {
        Some(name) => store.read(|tx| objects::config_named(tx, &name))?,
        None => None,
    };
    let mut source = rules::new(sent, config.as_ref(), &asker)?;
    let file = known_file(context, &source)?;
    let view = viewed(context, &mut source, place.as_ref())?;
    let revision = place.map(|found| found.revision);
    let (id_of, asker_of, space) = (revision, asker.clone(), context.state.space.clone());
    let job = move |tx: &WriteTx<'_>| -> Result<Source, StoreError> {
        insert(tx, &mut source, id_of)?;
        if let Some(text) = &file {
            (source.content, source.filesize) =
                (Some(objects::put_content(tx, text.as_bytes())?), text.len() as u64);
            objects::save(tx, &source)?;
        }
        if let Some(entry) = view {
            let digested = reading::view(&source, &entry.dataset, None, &Surroundings::default())?;
            reading::store(tx, &mut source, digested, &space.jobs, &asker_of)?;
        }
        Ok(source)
    };
    let source = store.write(job).await?;
    let id = source.id.to_string();
    if source.content.is_some() && matches!(source.source_type, SourceType::Url { .. }) {
        digest(context, source, &asker).await?;
    }
    answer_source(context, &id, StatusCode::CREATED)
}

/// The file behind the address of a URL source: one that the space was told of, since nothing leaves the machine.
fn known_file(context: &RequestContext, source: &Source) -> Result<Option<String>, SodaError> {
    let SourceType::Url { url, .. } = &source.source_type else { return Ok(None) };
    let known = context.state.space.world.now();
    let file = known.given.answers.as_ref().and_then(|answers| answers.get(url));
    let shown: String = url.chars().take(200).collect();
    let refusal = || {
        SodaError::not_emulated(&format!("the URL source {shown}, as nothing leaves the machine"))
            .hint("PUT /__mock/v1/world {\"answers\": {URL: TEXT}} tells what is found there.")
    };
    file.cloned().map(Some).ok_or_else(refusal)
}

/// The dataset of a view source; the revision's own where none is named.
fn viewed(
    context: &RequestContext,
    source: &mut Source,
    place: Option<&Found>,
) -> Result<Option<Arc<Entry>>, ApiError> {
    let SourceType::View { fourfour, .. } = &mut source.source_type else { return Ok(None) };
    if fourfour.is_empty() {
        let Some(found) = place else {
            return Err(invalid("source_type.fourfour", "must be given outside a revision").into());
        };
        *fourfour = found.fourfour().to_owned();
    }
    let entry = context.entry(fourfour)?;
    *fourfour = entry.dataset.id.as_str().to_owned();
    Ok(Some(entry))
}

/// Adds a source, with its id; to this revision, if it is one.
fn insert(tx: &WriteTx<'_>, source: &mut Source, revision: Option<Revision>) -> Result<(), StoreError> {
    match revision {
        Some(revision) => {
            revisions::check_open(&current(tx, &revision)?)?;
            if objects::count::<Source>(tx, Some(revision.id))? >= limits::SOURCES {
                return Err(too_many("sources of a revision", limits::SOURCES).into());
            }
            source.revision = Some(revision.id);
        }
        None => {
            if objects::sources_outside(tx)? >= limits::SOURCES_OUTSIDE {
                return Err(too_many("sources outside revisions", limits::SOURCES_OUTSIDE).into());
            }
        }
    }
    source.id = objects::new_id(tx)?;
    objects::insert(tx, source)
}

/// `PATCH /source/N`: joins a source to a revision.
pub async fn join(context: &RequestContext, id: &str) -> Answered {
    let FoundSource { source, place } = context.own_source(id)?;
    let sent = context.object()?;
    let named = match sent.get("revision") {
        Some(Value::Object(named)) => named_revision(context, named)?,
        _ => named_revision(context, &sent)?,
    };
    let found = named.ok_or_else(|| invalid("revision", "must be given"))?;
    if place.is_some_and(|place| place.revision.id != found.revision.id) {
        return Err(invalid("revision", "cannot be another than the source's own").into());
    }
    let now = context.now_ms();
    let job = move |tx: &WriteTx<'_>| -> Result<(), StoreError> {
        revisions::check_open(&current(tx, &found.revision)?)?;
        let mut source = objects::find::<Source>(tx, source.id)?
            .ok_or_else(|| missing("source", &source.id.to_string()))?;
        source.revision = Some(found.revision.id);
        objects::save(tx, &source)?;
        let newest = newest_output(tx, &source)?;
        reading::choose(tx, &source, now, |revision| {
            if source.is_blob {
                (revision.output_schema_id, revision.blob_id) = (None, Some(source.id));
            } else if newest.is_some() {
                (revision.output_schema_id, revision.blob_id) = (newest, None);
            }
        })
    };
    context.state.space.store().write(job).await?;
    answer_source(context, id, StatusCode::ACCEPTED)
}

/// The id of the output schema that was made last.
fn newest_output(tx: &ReadTx<'_>, source: &Source) -> Result<Option<i64>, StoreError> {
    let inputs: Vec<InputSchema> = objects::children(tx, source.id)?;
    let mut newest = None;
    for input in inputs {
        let outputs: Vec<objects::OutputSchema> = objects::children(tx, input.id)?;
        newest = newest.max(outputs.iter().map(|output| output.id).max());
    }
    Ok(newest)
}

/// `POST /source/N/options`: another source of the same bytes.
pub async fn reread(context: &RequestContext, id: &str) -> Answered {
    let FoundSource { source, place } = context.own_source(id)?;
    if !matches!(source.source_type, SourceType::Upload { .. } | SourceType::Url { .. }) {
        return Err(invalid("parse_options", "do not apply to a source that is no file").into());
    }
    let asker = context.asker()?;
    let mut new = rules::reread(&source, &context.object()?, &asker)?;
    let has_bytes = source.finished_at.is_some() || source.failed_at.is_some();
    if !has_bytes {
        // Bytes on their way belong to the source that they are sent to.
        (new.content, new.filesize) = (None, 0);
    }
    let revision = place.map(|found| found.revision);
    let parse = rules::parse_options(&new.parse_options)?.parse_source;
    let now = asker.now;
    let job = move |tx: &WriteTx<'_>| -> Result<Source, StoreError> {
        insert(tx, &mut new, revision)?;
        if has_bytes && !parse {
            reading::store_blob(tx, &mut new, now)?;
        }
        Ok(new)
    };
    let new = context.state.space.store().write(job).await?;
    let id = new.id.to_string();
    if has_bytes && parse {
        digest(context, new, &asker).await?;
    }
    answer_source(context, &id, StatusCode::CREATED)
}

/// Reads a file whose bytes are complete, and stores what it has or why it cannot be read.
pub async fn digest(context: &RequestContext, mut source: Source, asker: &Asker) -> Result<(), ApiError> {
    let store = context.state.space.store();
    let place = place(context, &source)?;
    let surroundings = reading::surroundings(&source, &context.state.space.world.now().surroundings);
    let (read_from, read) = (Arc::clone(&store), source.clone());
    let work = move || reading::file(&read_from, &read, &place, &surroundings);
    let digested = blocking(context, work).await?;
    let (asker, space) = (asker.clone(), context.state.space.clone());
    match digested {
        Ok(digested) => {
            let job = move |tx: &WriteTx<'_>| -> Result<(), StoreError> {
                reading::store(tx, &mut source, digested, &space.jobs, &asker).map(drop)
            };
            Ok(store.write(job).await?)
        }
        Err(error) => {
            let error = SodaError::from(error);
            let told = error.clone();
            let job = move |tx: &WriteTx<'_>| -> Result<(), StoreError> {
                reading::store_failure(tx, &mut source, &told, &asker)
            };
            store.write(job).await?;
            Err(error.into())
        }
    }
}

/// Work that reads many rows, beside the threads that answer requests.
pub async fn blocking<T: Send + 'static>(
    context: &RequestContext,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let place = context.state.space.store().long_read().await?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(place);
        done
    });
    done.await.map_err(|_| SodaError::new(ErrorCode::Internal, "Internal error").into())
}

/// What surrounds a source.
fn place(context: &RequestContext, source: &Source) -> Result<Place, ApiError> {
    let store = context.state.space.store();
    let found = store.read(|tx| -> Result<_, StoreError> {
        let revision = source.revision.map(|id| objects::find::<Revision>(tx, id)).transpose()?;
        let config: Option<ImportConfig> = match &source.config {
            Some(name) => objects::config_named(tx, name)?,
            None => None,
        };
        Ok((revision.flatten(), config))
    })?;
    let (revision, config) = found;
    let entry = revision.as_ref().and_then(|revision| store.catalogue().numbered(revision.dataset));
    Ok(Place {
        dataset: entry.map(|entry| entry.dataset.clone()),
        kind: revision.map(|revision| revision.action.kind).unwrap_or_default(),
        config,
    })
}
