//! Random operations on revisions of one dataset, beside a plain model of them.

use super::{BASE, asked, new_dataset, schemas, seen, upload};
use crate::support::{Mock, mock};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is done; revisions are named by their place among those that were made.
#[derive(Clone, Debug)]
enum Step {
    Open(&'static str, Option<&'static str>),
    Name(usize, u8),
    Rows(usize, Vec<(u8, u8)>),
    Discard(usize),
    Apply(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![Just("update"), Just("replace"), Just("delete")];
    let permission = prop_oneof![Just(None), Just(Some("public")), Just(Some("private"))];
    let rows = proptest::collection::vec((0..8u8, 0..4u8), 0..6);
    prop_oneof![
        3 => (kind, permission).prop_map(|(kind, permission)| Step::Open(kind, permission)),
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, name)| Step::Name(at, name)),
        4 => (any::<usize>(), rows).prop_map(|(at, rows)| Step::Rows(at, rows)),
        1 => any::<usize>().prop_map(Step::Discard),
        4 => any::<usize>().prop_map(Step::Apply),
    ]
}

#[derive(Clone, Debug, Default)]
struct Revision {
    kind: &'static str,
    permission: Option<&'static str>,
    name: Option<String>,
    rows: Option<Vec<(u8, u8)>>,
    is_closed: bool,
}

/// The dataset and its revisions as they should be.
#[derive(Debug)]
struct Model {
    name: String,
    scope: &'static str,
    rows: BTreeMap<u8, u8>,
    revisions: Vec<Revision>,
}

impl Model {
    fn apply(&mut self, at: usize) {
        let revision = &mut self.revisions[at];
        revision.is_closed = true;
        let revision = revision.clone();
        if let Some(rows) = revision.rows {
            match revision.kind {
                "delete" => self.rows.retain(|key, _| rows.iter().all(|(deleted, _)| deleted != key)),
                kind => {
                    if kind == "replace" {
                        self.rows.clear();
                    }
                    self.rows.extend(rows);
                }
            }
        }
        self.name = revision.name.unwrap_or(self.name.clone());
        self.scope = revision.permission.unwrap_or(self.scope);
    }

    async fn agrees(&self, mock: &Mock, dataset: &str) {
        let view = seen(mock, &format!("/api/views/{dataset}")).await;
        assert_eq!((&view["name"], &view["permissions"]["scope"]), (&json!(self.name), &json!(self.scope)));
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|(key, value)| json!({ "k": key.to_string(), "v": value.to_string() }))
            .collect();
        assert_eq!(seen(mock, &format!("/resource/{dataset}.json?$order=k")).await, json!(rows));
        let listed = seen(mock, &format!("{BASE}/revision/{dataset}")).await;
        let closed: Vec<bool> = listed
            .as_array()
            .unwrap()
            .iter()
            .rev()
            .map(|revision| revision["resource"]["closed_at"].is_string())
            .collect();
        let expected: Vec<bool> = self.revisions.iter().map(|revision| revision.is_closed).collect();
        assert_eq!(closed, expected);
    }
}

/// A dataset of numbers by their keys, which its first revision has made.
async fn prepared(mock: &Mock) -> (String, Model) {
    let (dataset, own) = new_dataset(mock, "replace").await;
    let (schema, _) = schemas(&upload(mock, &own, "k,v\n1,1\n").await);
    let columns = json!([
        { "field_name": "k", "is_primary_key": true, "transform": { "transform_expr": "to_number(`k`)" } },
        { "field_name": "v", "transform": { "transform_expr": "to_number(`v`)" } },
    ]);
    asked(mock, "POST", &schema, &json!({ "output_columns": columns }), 201).await;
    asked(mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
    let first = Revision { kind: "replace", is_closed: true, ..Revision::default() };
    let rows = BTreeMap::from([(1, 1)]);
    (dataset, Model { name: "Trees".to_owned(), scope: "public", rows, revisions: vec![first] })
}

async fn take(mock: &Mock, dataset: &str, model: &mut Model, step: Step) {
    let list = format!("{BASE}/revision/{dataset}");
    let count = model.revisions.len();
    match step {
        Step::Open(kind, permission) => {
            let sent = json!({ "action": { "type": kind, "permission": permission } });
            asked(mock, "POST", &list, &sent, 201).await;
            model.revisions.push(Revision { kind, permission, ..Revision::default() });
        }
        Step::Name(at, name) => {
            let (at, name) = (at % count, format!("Name {name}"));
            let status = if model.revisions[at].is_closed { 422 } else { 202 };
            asked(mock, "PUT", &format!("{list}/{at}"), &json!({ "metadata": { "name": name } }), status)
                .await;
            if status == 202 {
                model.revisions[at].name = Some(name);
            }
        }
        Step::Rows(at, rows) => {
            let at = at % count;
            if model.revisions[at].is_closed {
                let sent = json!({ "source_type": { "type": "upload" } });
                asked(mock, "POST", &format!("{list}/{at}/source"), &sent, 422).await;
                return;
            }
            let mut csv = "k,v\n".to_owned();
            rows.iter().for_each(|(key, value)| csv.push_str(&format!("{key},{value}\n")));
            let (schema, _) = schemas(&upload(mock, &format!("{list}/{at}"), &csv).await);
            // A file without rows tells nothing of types.
            let columns = json!([
                { "field_name": "k", "is_primary_key": true, "transform": { "transform_expr": "to_number(`k`)" } },
                { "field_name": "v", "transform": { "transform_expr": "to_number(`v`)" } },
            ]);
            asked(mock, "POST", &schema, &json!({ "output_columns": columns }), 201).await;
            model.revisions[at].rows = Some(rows);
        }
        Step::Discard(at) => {
            let at = at % count;
            asked(mock, "DELETE", &format!("{list}/{at}"), &Value::Null, 201).await;
            model.revisions[at].is_closed = true;
        }
        Step::Apply(at) => {
            let at = at % count;
            let status = if model.revisions[at].is_closed { 422 } else { 200 };
            asked(mock, "PUT", &format!("{list}/{at}/apply"), &json!({}), status).await;
            if status == 200 {
                model.apply(at);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_operations_agree_with_a_plain_model(steps in proptest::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mock = mock().await;
            let (dataset, mut model) = prepared(&mock).await;
            for step in steps {
                take(&mock, &dataset, &mut model, step).await;
                model.agrees(&mock, &dataset).await;
            }
        });
    }
}
