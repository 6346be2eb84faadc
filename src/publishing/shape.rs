//! The objects as JSON, with their links (documented; client evidence for what the documents leave out).
//! Clients call what the links name, so that each link is there whatever the object's state is.

mod links;

pub use links::{ConfigLinks, InputSchemaLinks, OutputSchemaLinks, RevisionLinks, SourceLinks};

use crate::access::{display_name, user_id};
use crate::store::publishing::{
    ImportConfig, InputSchema, OutputColumn, OutputSchema, Revision, Source, SourceType, TaskSet, Transform,
};
use serde_json::{Map, Value, json};

/// The site's number; there is one site.
const DOMAIN: i64 = 1;

/// A moment as these objects show it; null when it has not come. Microseconds, as the platform has them.
pub fn time(ms: Option<i64>) -> Value {
    ms.map_or(Value::Null, |ms| {
        let time = jiff::Timestamp::from_millisecond(ms);
        time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()).unwrap_or_default().into()
    })
}

/// An account as these objects name it.
pub fn account(name: &str) -> Value {
    json!({ "user_id": user_id(name), "email": name, "display_name": display_name(name) })
}

/// An object with its links.
pub fn enveloped(resource: Value, links: Value) -> Value {
    json!({ "resource": resource, "links": links })
}

/// A revision of a dataset with its task sets, the newest first.
pub fn revision(revision: &Revision, fourfour: &str, task_sets: &[TaskSet]) -> Value {
    let action = json!({
        "type": revision.action.kind, "permission": revision.action.permission, "schema": null,
    });
    let resource = json!({
        "id": revision.id,
        "fourfour": fourfour,
        "revision_seq": revision.seq,
        "domain_id": DOMAIN,
        "metadata": revision.metadata,
        "action": action,
        "task_sets": task_sets.iter().rev().map(task_set_resource).collect::<Vec<_>>(),
        "output_schema_id": revision.output_schema_id,
        "blob_id": revision.blob_id,
        "href": revision.href,
        "attachments": revision.attachments,
        "notes": revision.notes,
        "is_parent": revision.is_parent,
        "creation_source": revision.creation_source,
        "created_at": time(Some(revision.created_at)),
        "updated_at": time(Some(revision.updated_at)),
        "closed_at": time(revision.closed_at),
        "created_by": account(&revision.created_by),
    });
    enveloped(resource, RevisionLinks::new(fourfour, revision.seq).json())
}

/// A task set.
pub fn task_set(task_set: &TaskSet, fourfour: &str, seq: i64) -> Value {
    let links = RevisionLinks::new(fourfour, seq);
    enveloped(task_set_resource(task_set), json!({ "show": links.task_set(task_set.id) }))
}

fn task_set_resource(task_set: &TaskSet) -> Value {
    json!({
        "id": task_set.id,
        "status": task_set.status,
        "log": task_set.log,
        "created_at": time(Some(task_set.created_at)),
        "updated_at": time(Some(task_set.updated_at)),
        "finished_at": time(task_set.finished_at),
        "created_by": account(&task_set.created_by),
        "job_uuid": task_set.job_uuid,
        "output_schema_id": task_set.output_schema_id,
        "request_id": task_set.request_id,
    })
}

/// An input schema with the output schemas that were made of it, the oldest first.
pub type SchemaTree = (InputSchema, Vec<OutputSchema>);

/// The path of a source.
pub fn source_path(id: i64) -> String {
    SourceLinks::new(id).path().to_owned()
}

/// A source with its schemas. `parse_options` are all of them, with their defaults.
pub fn source(source: &Source, parse_options: &Value, schemas: &[SchemaTree]) -> Value {
    let failure = source.failure.as_ref().map(
        |failure| json!({ "key": failure.key, "message": failure.message, "request_id": failure.request_id }),
    );
    let file = filename(&source.source_type);
    // What is still read, or could not be, has nothing to show.
    let is_read = source.due.is_none() && source.failed_at.is_none();
    let schemas = if is_read { schemas } else { &[] };
    let finished_at = source.finished_at.filter(|_| is_read);
    let resource = json!({
        "id": source.id,
        "source_type": source_type(&source.source_type),
        "content_type": source.content_type,
        "schemas": schemas.iter().map(input_schema_resource).collect::<Vec<_>>(),
        "parse_options": parse_options,
        "created_at": time(Some(source.created_at)),
        "finished_at": time(finished_at),
        "failed_at": time(source.failed_at),
        "failure_details": failure,
        "created_by": account(&source.created_by),
        "filesize": source.filesize,
        "export_filename": file,
        "blob": source.content.filter(|_| finished_at.is_some()).map(|content| content.to_string()),
        "locale": null,
        "is_delete": false,
    });
    enveloped(resource, SourceLinks::new(source.id).json())
}

/// The name of the file that a source is.
pub fn filename(source_type: &SourceType) -> Option<&str> {
    match source_type {
        SourceType::Upload { filename } => filename.as_deref(),
        SourceType::Url { url, filename } => {
            filename.as_deref().or_else(|| url.split(['?', '#']).next()?.rsplit('/').next())
        }
        SourceType::View { .. } | SourceType::ConnectionAgent(_) => None,
    }
}

fn source_type(source_type: &SourceType) -> Value {
    match source_type {
        SourceType::ConnectionAgent(members) => {
            let mut shown = Map::new();
            shown.insert("type".to_owned(), "connection_agent".into());
            shown.extend(members.clone());
            Value::Object(shown)
        }
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

/// An input schema with its output schemas.
pub fn input_schema(schemas: &SchemaTree) -> Value {
    let links = InputSchemaLinks::new(schemas.0.source, schemas.0.id);
    enveloped(input_schema_resource(schemas), links.json())
}

fn input_schema_resource((schema, outputs): &SchemaTree) -> Value {
    let columns = schema.columns.iter().zip(1..).map(|(column, position)| {
        json!({
            "id": column.id,
            "input_schema_id": schema.id,
            "field_name": column.field_name,
            "display_name": column.display_name,
            "position": position,
            "soql_type": column.soql_type,
            "semantic_type": null,
        })
    });
    json!({
        "id": schema.id,
        "name": null,
        "total_rows": schema.total_rows,
        "num_row_errors": schema.num_row_errors,
        "created_at": time(Some(schema.created_at)),
        "created_by": account(&schema.created_by),
        "input_columns": columns.collect::<Vec<_>>(),
        "output_schemas": outputs.iter().map(output_schema_resource).collect::<Vec<_>>(),
    })
}

/// An output schema of a source.
pub fn output_schema(schema: &OutputSchema, source: i64) -> Value {
    let links = OutputSchemaLinks::new(source, schema.input_schema, schema.id);
    enveloped(output_schema_resource(schema), links.json())
}

fn output_schema_resource(schema: &OutputSchema) -> Value {
    let completed_at = schema.completed_at.filter(|_| schema.due.is_none() && schema.failed.is_none());
    json!({
        "id": schema.id,
        "input_schema_id": schema.input_schema,
        "output_columns": output_columns(schema),
        "sort_bys": schema.sort_bys,
        "total_rows": schema.total_rows,
        "error_count": schema.error_count,
        "created_at": time(Some(schema.created_at)),
        "created_by": account(&schema.created_by),
        "completed_at": time(completed_at),
        "finished_at": time(completed_at),
    })
}

/// The columns of an output schema in their order; positions count from one.
pub fn output_columns(schema: &OutputSchema) -> Vec<Value> {
    let columns = schema.columns.iter().zip(1..);
    columns.map(|(column, position)| output_column(column, position, schema)).collect()
}

fn output_column(column: &OutputColumn, position: usize, schema: &OutputSchema) -> Value {
    json!({
        "id": column.id,
        "field_name": column.field_name,
        "display_name": column.display_name,
        "description": column.description,
        "position": position,
        "format": column.format,
        "flags": column.flags,
        "is_primary_key": column.is_primary_key,
        "initial_output_column_id": column.initial_output_column_id,
        "transform": transform(&column.transform, schema),
    })
}

/// A transform of a schema.
pub fn transform(transform: &Transform, schema: &OutputSchema) -> Value {
    let completed_at = schema.completed_at.filter(|_| schema.due.is_none() && schema.failed.is_none());
    let failure = schema.failed.as_ref().map(|reason| json!({ "message": reason, "type": "job_failed" }));
    let failed_at = schema.completed_at.filter(|_| schema.failed.is_some());
    let inputs = transform.inputs.iter().map(|id| json!({ "input_column_id": id }));
    json!({
        "id": transform.id,
        "transform_expr": transform.expr,
        "parsed_expr": transform.parsed,
        "output_soql_type": transform.output_type,
        "transform_input_columns": inputs.collect::<Vec<_>>(),
        "completed_at": time(completed_at),
        "finished_at": time(completed_at),
        "failed_at": time(failed_at),
        "failure_details": failure,
        "attempts": 0,
        "error_count": transform.error_count,
        "has_cell_edits": false,
    })
}

/// An import config. `parse_options` are all of them, with their defaults.
pub fn config(config: &ImportConfig, parse_options: &Value) -> Value {
    let resource = json!({
        "name": config.name,
        "data_action": config.data_action,
        "parse_options": parse_options,
        "columns": config.columns,
        "created_at": time(Some(config.created_at)),
        "updated_at": time(Some(config.updated_at)),
    });
    enveloped(resource, ConfigLinks::new(&config.name).json())
}
