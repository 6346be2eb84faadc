//! What applying a revision will do, step by step (the names are those that clients insist on).

use crate::store::publishing::Revision;
use serde_json::{Value, json};

/// The plan of a revision.
pub fn plan(revision: &Revision) -> Vec<Value> {
    let mut steps = vec![json!({ "type": "prepare_draft_for_import" })];
    steps.push(json!({ "type": "set_schema", "output_schema_id": revision.output_schema_id }));
    steps.push(json!({ "type": "apply_metadata", "metadata": revision.metadata }));
    steps.push(json!({
        "type": "upsert_task",
        "action": revision.action.kind,
        "output_schema_id": revision.output_schema_id,
    }));
    steps.push(json!({ "type": "set_display_type", "display_type": super::apply::display(revision).unwrap_or("table") }));
    if let Some(scope) = revision.action.permission {
        steps.push(json!({ "type": "set_permission", "permission": scope }));
    }
    steps.push(json!({ "type": "publish" }));
    steps.push(json!({ "type": "wait_for_replication" }));
    steps
}
