//! The write verbs, as plain functions inside a transaction: routes, seeds and the library call the same ones, and
//! several in one transaction are one change.
//!
//! Those on datasets (`create_view`, `update_view`, `add_columns`, …) take the dataset as the caller has seen it and
//! give it as it is stored afterwards, so that the next one can take that. Those on rows take an
//! [`Entry`](crate::store::Entry), made of the dataset as it is then. [`RowWrite`] gets rows of a request to the
//! writer's thread.

mod columns;
mod metadata;
mod permissions;
mod publication;
mod report;
mod row;
mod row_write;
mod undo;
mod upsert;
mod view;

pub use columns::{add_columns, change_column, column_index, remove_column};
pub use metadata::{
    MetadataFinding, MetadataFindings, apply_metadata, change_metadata, check_metadata, metadata_help,
};
pub use permissions::{PermissionChange, Users, change_permissions};
pub use publication::{create_working_copy, publish};
pub use report::{Detail, Item, KeptRows, Key, ReportedRow, UpsertReport};
pub use row::{delete_row, upsert_row};
pub use row_write::{RowFeed, RowWrite};
pub use undo::{ChangedSince, UndoOptions, Undone, undo};
pub use upsert::{Fatal, UpsertOptions, upsert, with_history};
pub use view::{create_view, update_view};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Caller, Role};
    use crate::codec::{BodyFormat, Decoder, MAX_ROW, Rows, TopLevel};
    use crate::ids::Ids;
    use crate::memory::Room;
    use crate::soda::{Dataset, ErrorCode, Scope, SodaError, Value};
    use crate::store::{Entry, Store, StoreError, WriteTx, catalogue};
    use serde_json::{Map, json};
    use std::sync::Arc;

    fn object(value: serde_json::Value) -> Map<String, serde_json::Value> {
        value.as_object().cloned().unwrap()
    }

    fn store_rows(
        tx: &WriteTx<'_>,
        entry: &Entry,
        json: &str,
        options: &UpsertOptions,
    ) -> Result<UpsertReport, StoreError> {
        let mut rows = Rows::new(Arc::clone(&entry.layout));
        let mut decoder = Decoder::new(BodyFormat::Json, TopLevel::Array, MAX_ROW, &Room::new(u64::MAX));
        decoder.feed(json.as_bytes(), &mut rows)?;
        decoder.finish(&mut rows)?;
        upsert(tx, entry, std::iter::once(Ok(Arc::new(rows.take()))), options)
    }

    fn publisher() -> Caller {
        Caller::User { name: "publisher@example.com".to_owned(), role: Role::Publisher }
    }

    /// A dataset from its definition to its publication; each step takes what the one before gave.
    fn publish_all(tx: &WriteTx<'_>, ids: &Ids) -> Result<Dataset, StoreError> {
        let definition = object(json!({
            "name": "Stations",
            "columns": [{ "name": "Station", "dataTypeName": "text" }, { "name": "Old", "dataTypeName": "text" }],
        }));
        let view = create_view(tx, definition, Some("publisher@example.com".to_owned()), ids, 1)?;
        let view = add_columns(tx, &view, &[json!({ "name": "Reading", "dataTypeName": "number" })], ids, 2)?;
        let (view, at) = change_column(tx, &view, "reading", object(json!({ "name": "Level" })), 3)?;
        assert_eq!(
            (view.columns[at].field_name.as_str(), view.columns[at].name.as_str()),
            ("reading", "Level")
        );
        let view = remove_column(tx, &view, "old", 4)?;
        let view = update_view(tx, &view, &object(json!({ "metadata": { "rowIdentifier": "station" } })), 5)?;
        let view = change_metadata(tx, &view, &object(json!({ "category": "Water" })), 6)?;
        let entry = Entry::new(view.clone(), false);
        let options = UpsertOptions::all_or_nothing(7);
        let stored = r#"[{"station": "a", "reading": 1}, {"station": "b"}, {"station": "b", "reading": 2}]"#;
        let report = store_rows(tx, &entry, stored, &options)?;
        assert_eq!((report.created, report.updated), (2, 1));
        let report = delete_row(tx, &entry, Value::from("a"), &options)?;
        assert_eq!(report.deleted, 1);
        let public = PermissionChange { scope: Some(Scope::Public), users: None };
        let view = change_permissions(tx, &view, &publisher(), public, 8)?;
        publish(tx, &view, 9)
    }

    fn code(error: StoreError) -> ErrorCode {
        SodaError::from(error).code
    }

    #[tokio::test]
    async fn verbs_in_one_transaction_are_one_change() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("data.db"), false, Arc::default()).unwrap();
        let refused = |tx: &WriteTx<'_>| -> Result<Dataset, StoreError> {
            let published = publish_all(tx, &Ids::seeded(7))?;
            publish(tx, &published, 10)
        };
        assert_eq!(code(store.define(refused).await.unwrap_err()), ErrorCode::IncorrectLifecycleStage);
        assert!(store.catalogue().all().is_empty(), "a refusal at the end takes all of it back");

        let made = store.define(|tx| publish_all(tx, &Ids::seeded(7))).await.unwrap();
        let entry = Arc::clone(store.catalogue().find(made.id.as_str()).unwrap());
        assert_eq!(entry.dataset, made, "a verb gives the dataset as it is stored");
        assert!(made.is_published() && made.permissions.is_public());
        assert_eq!(made.text("category"), Some("Water"));
        assert_eq!(store.read(|tx| tx.row_count(&made)).unwrap(), 1);
    }

    #[tokio::test]
    async fn a_working_copy_takes_the_place_of_its_original() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("data.db"), false, Arc::default()).unwrap();
        let ids = Arc::new(Ids::seeded(7));
        let of_job = Arc::clone(&ids);
        let original = store.define(move |tx| publish_all(tx, &of_job)).await.unwrap();
        let (seen, of_job) = (original.clone(), Arc::clone(&ids));
        let replaced = store
            .define(move |tx| {
                let copy = create_working_copy(tx, &seen, None, true, &of_job, 10)?;
                let second = create_working_copy(tx, &seen, None, true, &of_job, 10);
                assert_eq!(code(second.unwrap_err()), ErrorCode::IncorrectLifecycleStage);
                let copy = remove_column(tx, &copy, "reading", 11)?;
                publish(tx, &copy, 12)
            })
            .await
            .unwrap();
        assert_eq!((&replaced.id, &replaced.owner), (&original.id, &original.owner));
        assert_eq!((replaced.columns.len(), replaced.permissions.is_public()), (1, true));
        assert_eq!(store.read(|tx| tx.row_count(&replaced)).unwrap(), 1);
        let gone = store.define(move |tx| catalogue::current(tx, &original)).await.unwrap_err();
        assert_eq!(code(gone), ErrorCode::SchemaOutOfSync, "the original as it was seen is no longer there");
    }

    #[tokio::test]
    async fn who_does_not_own_a_dataset_changes_no_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("data.db"), false, Arc::default()).unwrap();
        let viewer = Caller::User { name: "viewer@example.com".to_owned(), role: Role::Viewer };
        let refused = store.define(move |tx| {
            let view = create_view(tx, object(json!({ "name": "Stations" })), None, &Ids::seeded(7), 1)?;
            let public = PermissionChange { scope: Some(Scope::Public), users: None };
            change_permissions(tx, &view, &viewer, public, 2)
        });
        assert_eq!(code(refused.await.unwrap_err()), ErrorCode::PermissionDenied);
    }
}
