//! Revisions: made, listed, shown, changed, discarded, planned; who may.

use super::{BASE, asked, new_dataset, new_revision, refused, seen};
use crate::support::{PUBLISHER, VIEWER, mock};
use axum::body::Body;
use serde_json::{Value, json};

#[tokio::test]
async fn the_view_is_there_from_the_first_post_and_is_a_draft() {
    let mock = mock().await;
    let sent =
        json!({ "metadata": { "name": "Trees", "description": "All", "metadata": { "any": "thing" } } });
    let made = asked(&mock, "POST", &format!("{BASE}/revision"), &sent, 201).await;
    let revision = &made["resource"];
    assert_eq!(revision["action"], json!({ "type": "update", "permission": null, "schema": null }));
    assert_eq!(revision["metadata"], sent["metadata"]);
    let told =
        ["revision_seq", "closed_at", "output_schema_id", "blob_id", "notes"].map(|m| revision[m].clone());
    assert_eq!(told, [json!(0), Value::Null, Value::Null, Value::Null, Value::Null]);
    for (member, empty) in [("task_sets", json!([])), ("href", json!([])), ("attachments", json!([]))] {
        assert_eq!(revision[member], empty, "{member}");
    }
    let by = &revision["created_by"];
    assert!(["user_id", "email", "display_name"].iter().all(|member| by[member].is_string()), "{by}");
    let view = seen(&mock, &format!("/api/views/{}", revision["fourfour"].as_str().unwrap())).await;
    assert_eq!((&view["name"], &view["displayType"]), (&json!("Trees"), &json!("draft")));
    assert_eq!(
        (&view["publicationStage"], &view["permissions"]["scope"]),
        (&json!("unpublished"), &json!("private"))
    );
}

/// Stored without a word it would be read as the dataset's own rows.
#[tokio::test]
async fn a_view_of_a_query_is_refused_by_name() {
    let mock = mock().await;
    let (_, own) = new_dataset(&mock, "replace").await;
    for (method, path, member) in
        [("POST", format!("{BASE}/revision"), "originalViewId"), ("PUT", own, "queryString")]
    {
        let sent = json!({ "metadata": { "name": "Big trees", member: "4tka-6guv" } });
        let told = asked(&mock, method, &path, &sent, 501).await;
        assert_eq!(told["code"], "not_emulated");
        assert!(told["message"].as_str().unwrap().contains(member), "{told}");
    }
}

/// One client makes a method of each link.
#[tokio::test]
async fn links_are_paths_and_all_of_them_are_there() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "update").await;
    assert_eq!(own, format!("{BASE}/revision/{dataset}/0"));
    let links = seen(&mock, &own).await["links"].clone();
    let expected = json!({
        "show": own, "update": own, "discard": own, "apply": format!("{own}/apply"), "plan": format!("{own}/plan"),
        "restore": format!("{own}/restore"), "create_source": format!("{own}/source"),
        "list_sources": format!("{own}/source"),
    });
    assert_eq!(links, expected);
}

#[tokio::test]
async fn revisions_are_numbered_by_dataset_listed_newest_first_and_shown_as_they_were_made() {
    let mock = mock().await;
    let (dataset, _) = new_dataset(&mock, "update").await;
    let list = format!("{BASE}/revision/{dataset}");
    let sent = json!({ "action": { "type": "replace" }, "metadata": { "description": "new" } });
    let second = asked(&mock, "POST", &list, &sent, 201).await;
    assert_eq!(second["resource"]["revision_seq"], 1);
    // What is not sent is the dataset's own.
    assert_eq!(second["resource"]["metadata"], json!({ "name": "Trees", "description": "new" }));
    assert_eq!(seen(&mock, &format!("{list}/1")).await["resource"], second["resource"]);
    new_revision(&mock, &dataset, &json!({ "type": "delete" })).await;
    let (other, _) = new_dataset(&mock, "update").await;
    asked(&mock, "DELETE", &format!("{list}/1"), &Value::Null, 201).await;
    let seqs = |listed: Value| -> Vec<i64> {
        listed.as_array().unwrap().iter().map(|r| r["resource"]["revision_seq"].as_i64().unwrap()).collect()
    };
    assert_eq!(seqs(seen(&mock, &list).await), [2, 1, 0]);
    assert_eq!(seqs(seen(&mock, &format!("{list}?open=true")).await), [2, 0]);
    assert_eq!(seqs(seen(&mock, &format!("{list}?open=false")).await), [1]);
    assert_eq!(seqs(seen(&mock, &format!("{BASE}/revision/{other}")).await), [0]);
    let ids: Vec<i64> = seen(&mock, &list)
        .await
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["resource"]["id"].as_i64().unwrap())
        .collect();
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "{ids:?}");
}

#[tokio::test]
async fn a_change_is_put_over_what_is_there() {
    let mock = mock().await;
    let (_, own) = new_dataset(&mock, "replace").await;
    let file = json!([{ "name": "a", "filename": "a.pdf", "asset_id": "x" }]);
    let sent = json!({ "metadata": { "description": "d" }, "notes": "why", "attachments": file });
    let changed = asked(&mock, "PUT", &own, &sent, 202).await["resource"].clone();
    assert_eq!(changed["metadata"], json!({ "name": "Trees", "description": "d" }));
    assert_eq!((&changed["notes"], &changed["attachments"]), (&json!("why"), &file));
    // A part of the action leaves the rest of it; a change without attachments drops them.
    let sent = json!({ "action": { "permission": "private" } });
    let changed = asked(&mock, "PATCH", &own, &sent, 202).await["resource"].clone();
    assert_eq!(changed["action"], json!({ "type": "replace", "permission": "private", "schema": null }));
    assert_eq!((&changed["notes"], &changed["attachments"]), (&json!("why"), &json!([])));
    let sent = json!({ "permissions": { "scope": "public" } });
    let changed = asked(&mock, "PATCH", &own, &sent, 202).await["resource"].clone();
    assert_eq!(changed["action"]["permission"], "public");
}

#[tokio::test]
async fn the_plan_names_each_step() {
    let mock = mock().await;
    let (_, own) = new_dataset(&mock, "replace").await;
    let steps = |plan: Value| -> Vec<String> {
        let steps = plan["resource"].as_array().unwrap().clone();
        steps.iter().map(|step| step["type"].as_str().unwrap().to_owned()).collect()
    };
    let all = [
        "prepare_draft_for_import",
        "set_schema",
        "apply_metadata",
        "upsert_task",
        "set_display_type",
        "publish",
        "wait_for_replication",
    ];
    assert_eq!(steps(seen(&mock, &format!("{own}/plan")).await), all);
    asked(&mock, "PUT", &own, &json!({ "action": { "permission": "private" } }), 202).await;
    let with_permission = steps(seen(&mock, &format!("{own}/plan")).await);
    assert!(with_permission.contains(&"set_permission".to_owned()) && with_permission.len() == all.len() + 1);
}

#[tokio::test]
async fn a_closed_revision_is_neither_changed_nor_applied_and_can_be_discarded_again() {
    let mock = mock().await;
    let (dataset, applied) = new_dataset(&mock, "update").await;
    asked(&mock, "PUT", &format!("{applied}/apply"), &json!({}), 200).await;
    let discarded = new_revision(&mock, &dataset, &json!({})).await;
    let closed = asked(&mock, "DELETE", &discarded, &Value::Null, 201).await;
    assert!(closed["resource"]["closed_at"].is_string(), "{closed}");
    for own in [&applied, &discarded] {
        let before = seen(&mock, own).await;
        for (method, path) in
            [("PUT", own.clone()), ("PUT", format!("{own}/apply")), ("POST", format!("{own}/source"))]
        {
            let sent = json!({ "source_type": { "type": "upload" } });
            assert_eq!(
                refused(&mock, method, &path, &sent).await,
                (422, "revision_closed".to_owned()),
                "{path}"
            );
        }
        asked(&mock, "DELETE", own, &Value::Null, 201).await;
        assert_eq!(seen(&mock, own).await, before);
    }
}

#[tokio::test]
async fn what_a_revision_cannot_be_is_refused_and_nothing_is_made() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "update").await;
    let before = seen(&mock, &own).await;
    let list = format!("{BASE}/revision/{dataset}");
    for sent in [
        json!({ "action": { "type": "merge" } }),
        json!({ "action": "update" }),
        json!({ "action": { "permission": "everyone" } }),
        json!({ "permissions": { "scope": 1 } }),
        json!({ "metadata": [] }),
        json!({ "metadata": { "name": "" } }),
        json!({ "metadata": { "name": 5 } }),
        json!({ "metadata": { "tags": "a" } }),
        json!({ "metadata": { "metadata": "x" } }),
        json!({ "metadata": { "licenseId": "CC_40_BY" } }),
        json!({ "metadata": { "description": "x".repeat(2 << 20) } }),
        json!({ "notes": 5 }),
        json!({ "notes": "x".repeat(65 << 10) }),
        json!({ "href": "x" }),
        json!({ "attachments": [5] }),
        json!({ "attachments": vec![json!({}); 101] }),
    ] {
        let (status, key) = refused(&mock, "POST", &list, &sent).await;
        assert_eq!((status, key.as_str()), (422, "validation_failed"), "{sent:.100}");
        let (status, key) = refused(&mock, "PUT", &own, &sent).await;
        assert_eq!((status, key.as_str()), (422, "validation_failed"), "{sent:.100}");
    }
    for sent in [json!({ "output_schema_id": 1 }), json!({ "blob_id": 1 })] {
        assert_eq!(refused(&mock, "POST", &list, &sent).await.0, 422, "{sent}");
        assert_eq!(
            refused(&mock, "PUT", &own, &sent).await,
            (404, "publishing_not_found".to_owned()),
            "{sent}"
        );
    }
    assert_eq!(refused(&mock, "POST", &format!("{BASE}/revision"), &json!({})).await.0, 422);
    assert_eq!(seen(&mock, &own).await, before);
    assert_eq!(seen(&mock, &list).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "update").await;
    for path in [
        format!("{BASE}/revision/{dataset}/1"),
        format!("{BASE}/revision/{dataset}/-1"),
        format!("{BASE}/revision/{dataset}/x"),
        format!("{BASE}/revision/{dataset}/99999999999999999999"),
        format!("{own}/apply/1"),
        format!("{BASE}/source/1"),
        format!("{BASE}/config/nope"),
    ] {
        assert_eq!(
            refused(&mock, "GET", &path, &Value::Null).await,
            (404, "publishing_not_found".to_owned()),
            "{path}"
        );
    }
    assert_eq!(refused(&mock, "GET", &format!("{BASE}/revision/zzzz-zzzz"), &Value::Null).await.0, 404);
    let unknown = refused(&mock, "GET", &format!("{BASE}/nothing/here"), &Value::Null).await;
    assert_eq!(unknown, (501, "not_emulated".to_owned()));
}

#[tokio::test]
async fn revisions_ask_for_the_rights_that_their_changes_need() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "update").await;
    asked(&mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
    let own = new_revision(&mock, &dataset, &json!({})).await;
    for headers in [&[("authorization", VIEWER)][..], &[]] {
        for (method, path) in [
            ("GET", own.clone()),
            ("GET", format!("{BASE}/revision/{dataset}")),
            ("POST", format!("{BASE}/revision/{dataset}")),
            ("POST", format!("{BASE}/revision")),
            ("PUT", own.clone()),
            ("DELETE", own.clone()),
            ("PUT", format!("{own}/apply")),
            ("POST", format!("{own}/source")),
            ("POST", format!("{BASE}/source")),
            ("POST", format!("{BASE}/config")),
        ] {
            let answer = mock.call(method, &path, headers, "{}").await;
            assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text());
        }
    }
    // The dataset itself is public.
    assert_eq!(mock.get(&format!("/api/views/{dataset}")).await.status, 200);
}

#[tokio::test]
async fn the_journal_names_each_operation_and_its_dataset() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "update").await;
    seen(&mock, &own).await;
    asked(&mock, "PATCH", &own, &json!({ "notes": "n" }), 202).await;
    asked(&mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
    asked(&mock, "DELETE", &own, &Value::Null, 201).await;
    let journal = mock.get("/__mock/v1/requests").await.json();
    let mut told: Vec<(String, String)> = journal["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            (r["operation"].as_str().unwrap().to_owned(), r["dataset"].as_str().unwrap_or("").to_owned())
        })
        .collect();
    told.sort();
    let mut expected =
        ["revision.create", "revision.get", "revision.update", "revision.apply", "revision.discard"]
            .map(|operation| (operation.to_owned(), dataset.clone()));
    expected.sort();
    assert_eq!(told, expected);
    let verify = json!({ "match": { "operation": "revision.apply", "dataset": dataset }, "times": 1 });
    let holds = mock.call("POST", "/__mock/v1/verify", &[], verify.to_string()).await;
    assert_eq!(holds.status, 200, "{}", holds.text());
}

#[tokio::test]
async fn faults_and_the_space_hold_for_revisions_too() {
    let mock = mock().await;
    let rule = json!({ "match": { "operation": "revision.create" }, "do": { "status": 503 } });
    let armed = mock.call("POST", "/__mock/v1/faults", &[], rule.to_string()).await;
    assert!(armed.status < 300, "{}", armed.text());
    let sent = json!({ "metadata": { "name": "Trees" } });
    assert_eq!(mock.write("POST", &format!("{BASE}/revision"), &sent).await.status, 503);
    mock.call("DELETE", "/__mock/v1/faults", &[], Body::empty()).await;
    let (dataset, own) = new_dataset(&mock, "update").await;
    let space = mock.call("POST", "/__mock/v1/spaces", &[], r#"{"name": "t1"}"#).await;
    assert!(space.status < 300, "{}", space.text());
    let elsewhere = [("authorization", PUBLISHER), ("x-mock-space", "t1")];
    assert_eq!(mock.call("GET", &own, &elsewhere, Body::empty()).await.status, 404);
    // A reset forgets them, a removed dataset takes its revisions with it.
    mock.call("DELETE", &format!("/api/views/{dataset}"), &[("authorization", PUBLISHER)], Body::empty())
        .await;
    mock.dataset(&dataset, &json!({ "name": "Other", "columns": [] })).await;
    assert_eq!(seen(&mock, &format!("{BASE}/revision/{dataset}")).await, json!([]));
    let reset = mock.call("POST", "/__mock/v1/reset", &[], "").await;
    assert_eq!(reset.status, 200, "{}", reset.text());
    let (_, own) = new_dataset(&mock, "update").await;
    assert_eq!(seen(&mock, &own).await["resource"]["id"], 1);
}
