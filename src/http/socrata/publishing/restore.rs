//! A state of before as a new revision.

use super::find::Found;
use super::revisions::insert;
use super::with_status;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::publishing::{apply, digest, invalid, revision as rules};
use crate::store::publishing::{self as objects, ActionKind, Revision, Source, SourceType, Stage};
use crate::store::{StoreError, WriteTx, catalogue};
use http::StatusCode;
use serde_json::{Map, Value};

/// `POST /revision/4x4/SEQ/restore`: a revision that replaces the rows by those that were there after this one was
/// applied. They are known of datasets that are archived, and of the revision that was applied last.
pub async fn restore(context: &RequestContext, id: &str, seq: &str) -> Answered {
    let Found { entry, revision } = context.own_revision(id, seq)?;
    let asker = context.asker()?;
    let space = context.state.space.clone();
    let job = move |tx: &WriteTx<'_>| -> Result<Value, StoreError> {
        let dataset = catalogue::current(tx, &entry.dataset)?;
        let archive = match &revision.archive {
            Some(archive) => archive.clone(),
            None if is_newest(tx, &revision)? => apply::archive(tx, &dataset)?,
            None => return Err(no_archive().into()),
        };
        let mut new = rules::new(&Map::new(), &asker)?;
        (new.metadata, new.sent) = (revision.metadata.clone(), revision.metadata.keys().cloned().collect());
        new.action.kind = ActionKind::Replace;
        new.dataset = dataset.number;
        new.id = objects::new_id(tx)?;
        let (own, fourfour) = (new.id, dataset.id.as_str().to_owned());
        insert(tx, new, &dataset)?;
        let mut source = Source {
            id: objects::new_id(tx)?,
            revision: Some(own),
            source_type: SourceType::View { fourfour: fourfour.clone(), loaded: true },
            parse_options: Map::new(),
            content_type: None,
            content: Some(archive.content),
            filesize: 0,
            created_at: asker.now,
            finished_at: Some(asker.now),
            failed_at: None,
            failure: None,
            created_by: asker.name.clone(),
            is_blob: false,
            config: None,
            due: None,
        };
        objects::insert(tx, &source)?;
        let digested = digest::archived(&source, &dataset, &archive)?;
        digest::store(tx, &mut source, digested, &space.jobs, &asker)?;
        let made = objects::find::<Revision>(tx, own)?.ok_or(StoreError::Closed)?;
        super::revisions::shown(tx, &made, &fourfour)
    };
    let made = context.state.space.store().write(job).await?;
    Ok(with_status(StatusCode::CREATED, &made))
}

/// Whether the dataset is as this revision has left it.
fn is_newest(tx: &WriteTx<'_>, revision: &Revision) -> Result<bool, StoreError> {
    let all: Vec<Revision> = objects::children(tx, revision.dataset)?;
    let applied =
        all.iter().filter(|revision| revision.stage == Stage::Applied && revision.closed_at.is_some());
    let newest = applied.max_by_key(|revision| (revision.closed_at, revision.seq));
    Ok(newest.is_some_and(|newest| newest.id == revision.id))
}

fn no_archive() -> crate::soda::SodaError {
    invalid("revision_seq", "has no archive to be restored from").hint(
        "Enroll the dataset before a revision is applied: POST /api/archival?id=4x4&method=enroll. Nothing was made.",
    )
}
