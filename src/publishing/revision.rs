//! Revisions: what may be sent to make and to change one.

use super::{Asker, invalid, limits, metadata, text};
use crate::soda::{ErrorCode, Scope, SodaError};
use crate::store::publishing::{
    self as objects, ActionKind, InputSchema, OutputSchema, Revision, Source, Stage,
};
use crate::store::{ReadTx, StoreError, WriteTx};
use serde_json::{Map, Value, json};

/// 422 for a revision that can no longer be changed.
pub fn closed(revision: &Revision) -> SodaError {
    let how = match revision.stage {
        Stage::Discarded => "discarded",
        _ => "applied",
    };
    SodaError::new(ErrorCode::RevisionClosed, format!("Revision {} was {how}", revision.seq))
        .data(json!({ "revision_seq": revision.seq, "closed_at": super::shape::time(revision.closed_at) }))
        .hint("Make another revision: POST /api/publishing/v1/revision/4x4. Nothing was changed.")
}

/// Refuses a revision that can no longer be changed.
pub fn check_open(revision: &Revision) -> Result<(), SodaError> {
    if revision.stage == Stage::Open { Ok(()) } else { Err(closed(revision)) }
}

/// Reads the body of a request that makes a revision. What is to be known of its dataset and its ids is left.
pub fn new(sent: &Map<String, Value>, asker: &Asker) -> Result<Revision, SodaError> {
    for member in ["output_schema_id", "blob_id"] {
        if sent.get(member).is_some_and(|v| !v.is_null()) {
            return Err(invalid(member, "cannot be set before the revision has a source"));
        }
    }
    let mut revision = Revision {
        is_parent: true,
        created_at: asker.now,
        updated_at: asker.now,
        created_by: asker.name.clone(),
        ..Revision::default()
    };
    change(&mut revision, sent)?;
    revision.creation_source = bounded(sent, "creation_source")?;
    revision.config = bounded(sent, "config")?;
    Ok(revision)
}

/// Puts the members of a request over those of a revision.
pub fn change(revision: &mut Revision, sent: &Map<String, Value>) -> Result<(), SodaError> {
    match sent.get("metadata") {
        None | Some(Value::Null) => {}
        Some(Value::Object(sent)) => {
            let mut merged = revision.metadata.clone();
            merged.extend(sent.clone());
            metadata::check(&merged)?;
            metadata::check_license(&merged)?;
            revision.is_parent =
                merged.get("isParent").and_then(Value::as_bool).unwrap_or(revision.is_parent);
            revision.metadata = merged;
            for member in
                sent.keys().filter(|member| !revision.sent.contains(member)).cloned().collect::<Vec<_>>()
            {
                revision.sent.push(member);
            }
        }
        Some(_) => return Err(invalid("metadata", "must be an object")),
    }
    change_action(revision, sent)?;
    if sent.contains_key("notes") {
        revision.notes = bounded(sent, "notes")?;
    }
    if let Some(href) = sent.get("href") {
        revision.href = objects(href, "href")?;
    }
    revision.attachments = match sent.get("attachments") {
        Some(list) => objects(list, "attachments")?,
        // A change without them drops those of before (client evidence).
        None => Vec::new(),
    };
    Ok(())
}

fn change_action(revision: &mut Revision, sent: &Map<String, Value>) -> Result<(), SodaError> {
    match sent.get("action") {
        None | Some(Value::Null) => {}
        Some(Value::Object(action)) => {
            if let Some(kind) = text(action.get("type"), "action.type")? {
                let known = ActionKind::parse(kind);
                revision.action.kind =
                    known.ok_or_else(|| invalid("action.type", "must be update, replace or delete"))?;
            }
            if action.contains_key("permission") {
                revision.action.permission = scope(action.get("permission"), "action.permission")?;
            }
        }
        Some(_) => return Err(invalid("action", "must be an object")),
    }
    match sent.get("permissions") {
        None | Some(Value::Null) => Ok(()),
        // Two clients send it so (client evidence).
        Some(Value::Object(permissions)) => {
            revision.action.permission = scope(permissions.get("scope"), "permissions.scope")?;
            Ok(())
        }
        Some(_) => Err(invalid("permissions", "must be an object")),
    }
}

fn scope(value: Option<&Value>, member: &str) -> Result<Option<Scope>, SodaError> {
    let Some(name) = text(value, member)? else { return Ok(None) };
    let known = Scope::parse(name);
    known.map(Some).ok_or_else(|| invalid(member, "must be public, private or site"))
}

/// A member that is a text of bounded length, if it is there.
fn bounded(sent: &Map<String, Value>, member: &str) -> Result<Option<String>, SodaError> {
    let Some(value) = text(sent.get(member), member)? else { return Ok(None) };
    if value.len() > limits::TEXT {
        return Err(invalid(member, &format!("must have at most {} bytes", limits::TEXT)));
    }
    Ok(Some(value.to_owned()))
}

/// A list of objects of bounded length and size.
fn objects(value: &Value, member: &str) -> Result<Vec<Value>, SodaError> {
    let list = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) if list.iter().all(Value::is_object) => list,
        _ => return Err(invalid(member, "must be a list of objects")),
    };
    if list.len() > limits::ATTACHMENTS {
        return Err(invalid(member, &format!("must have at most {} entries", limits::ATTACHMENTS)));
    }
    if value.to_string().len() > limits::METADATA {
        return Err(invalid(member, &format!("must have at most {} bytes", limits::METADATA)));
    }
    Ok(list.clone())
}

/// Sets the schema and the file that a request chooses; they have to be the revision's own.
pub fn choose(
    tx: &WriteTx<'_>,
    revision: &mut Revision,
    sent: &Map<String, Value>,
) -> Result<(), StoreError> {
    match sent.get("output_schema_id") {
        None => {}
        Some(Value::Null) => revision.output_schema_id = None,
        Some(id) => {
            let id = id.as_i64().ok_or_else(|| invalid("output_schema_id", "must be a whole number"))?;
            owned_schema(tx, revision, id)?;
            revision.output_schema_id = Some(id);
        }
    }
    match sent.get("blob_id") {
        None => {}
        Some(Value::Null) => revision.blob_id = None,
        Some(id) => {
            let id = id.as_i64().ok_or_else(|| invalid("blob_id", "must be a whole number"))?;
            let source = objects::find::<Source>(tx, id)?.filter(|s| s.revision == Some(revision.id));
            let source = source.ok_or_else(|| super::missing("source of this revision", &id.to_string()))?;
            if !source.is_blob || source.finished_at.is_none() {
                return Err(
                    invalid("blob_id", "must be a source with all its bytes and parse_source false").into()
                );
            }
            revision.blob_id = Some(id);
        }
    }
    Ok(())
}

/// An output schema of this revision, with its input schema and source.
pub fn owned_schema(
    tx: &ReadTx<'_>,
    revision: &Revision,
    id: i64,
) -> Result<(OutputSchema, InputSchema, Source), StoreError> {
    let found = schema_with_source(tx, id)?.filter(|(_, _, s)| s.revision == Some(revision.id));
    Ok(found.ok_or_else(|| super::missing("output schema of this revision", &id.to_string()))?)
}

/// An output schema with its input schema and source.
pub fn schema_with_source(
    tx: &ReadTx<'_>,
    id: i64,
) -> Result<Option<(OutputSchema, InputSchema, Source)>, StoreError> {
    let Some(output) = objects::find::<OutputSchema>(tx, id)? else { return Ok(None) };
    let Some(input) = objects::find::<InputSchema>(tx, output.input_schema)? else { return Ok(None) };
    let Some(source) = objects::find::<Source>(tx, input.source)? else { return Ok(None) };
    Ok(Some((output, input, source)))
}
