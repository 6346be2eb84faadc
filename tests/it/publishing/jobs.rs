//! Jobs that take their time or fail, and the world that transforms ask.

use super::{
    BASE, SIMPLE, asked, new_dataset, new_source, publish, refused, rows, schemas, seen, send, upload,
};
use crate::support::{Mock, mock};
use serde_json::{Value, json};

async fn set(mock: &Mock, path: &str, told: &Value) -> Value {
    let answer = mock.call("PUT", &format!("/__mock/v1/{path}"), &[], told.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn wait(mock: &Mock, seconds: u32) {
    let answer =
        mock.call("POST", "/__mock/v1/clock/advance", &[], json!({ "seconds": seconds }).to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn jobs_take_looks_or_time_or_fail() {
    let mock = mock().await;
    let set_courses = set(&mock, "jobs", &json!({ "apply": { "polls": 2 } })).await;
    assert_eq!(set_courses["apply"], json!({ "polls": 2, "seconds": 0, "fail": null }));
    let (dataset, own) = new_dataset(&mock, "replace").await;
    let task = publish(&mock, &own, SIMPLE).await;
    let (show, begun) = (task["links"]["show"].as_str().unwrap().to_owned(), task["resource"].clone());
    assert_eq!((&begun["status"], &begun["finished_at"]), (&json!("initializing"), &Value::Null));
    // Neither rows nor columns are there, and nobody changes the revision meanwhile.
    assert_eq!(seen(&mock, &format!("/api/views/{dataset}")).await["columns"], json!([]));
    assert_eq!(refused(&mock, "PUT", &format!("{own}/apply"), &json!({})).await.0, 422);
    assert_eq!(refused(&mock, "PUT", &own, &json!({})).await.0, 422);
    assert_eq!(seen(&mock, &show).await["resource"]["status"], "initializing");
    assert_eq!(seen(&mock, &own).await["resource"]["closed_at"], Value::Null);
    let ended = seen(&mock, &show).await["resource"].clone();
    assert_eq!((&ended["status"], &ended["id"]), (&json!("successful"), &begun["id"]));
    assert_eq!(rows(&mock, &dataset).await.as_array().unwrap().len(), 4);
    assert!(seen(&mock, &own).await["resource"]["closed_at"].is_string());

    set(&mock, "jobs", &json!({ "apply": { "seconds": 60 } })).await;
    let own = super::new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
    publish(&mock, &own, "a\n9\n").await;
    wait(&mock, 59).await;
    assert_eq!(seen(&mock, &own).await["resource"]["task_sets"][0]["status"], "initializing");
    wait(&mock, 1).await;
    assert_eq!(seen(&mock, &own).await["resource"]["task_sets"][0]["status"], "successful");
    assert_eq!(rows(&mock, &dataset).await, json!([{ "a": "9" }]));

    for course in [json!({ "fail": "no disk" }), json!({ "polls": 1, "fail": "no disk" })] {
        set(&mock, "jobs", &json!({ "apply": course })).await;
        let own = super::new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
        publish(&mock, &own, "a\n1\n").await;
        seen(&mock, &own).await;
        let revision = seen(&mock, &own).await["resource"].clone();
        assert_eq!(revision["task_sets"][0]["status"], "failure", "{course}");
        assert_eq!(revision["task_sets"][0]["log"][0]["details"], json!({ "reason": "no disk" }));
        // It can be applied again.
        assert_eq!(revision["closed_at"], Value::Null);
        assert_eq!(rows(&mock, &dataset).await, json!([{ "a": "9" }]));
        set(&mock, "jobs", &json!({})).await;
        asked(&mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
        let tasks = seen(&mock, &own).await["resource"]["task_sets"].clone();
        assert_eq!((&tasks[0]["status"], &tasks[1]["status"]), (&json!("successful"), &json!("failure")));
        let own = super::new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
        publish(&mock, &own, "a\n9\n").await;
    }
}

/// What cannot be applied any more when its time has come is a failure with the reason.
#[tokio::test]
async fn a_job_that_cannot_be_done_when_it_is_due_fails() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "replace").await;
    publish(&mock, &own, "a\n1\n").await;
    let own = super::new_revision(&mock, &dataset, &json!({ "type": "update" })).await;
    upload(&mock, &own, "a\n2\n").await;
    set(&mock, "jobs", &json!({ "apply": { "polls": 0, "seconds": 5 } })).await;
    asked(&mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
    // Another revision changes the column's type meanwhile.
    set(&mock, "jobs", &json!({})).await;
    let other = super::new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
    publish(&mock, &other, "a\nx\n").await;
    wait(&mock, 5).await;
    let task = seen(&mock, &own).await["resource"]["task_sets"][0].clone();
    assert_eq!(task["status"], "failure");
    assert!(
        task["log"][0]["details"]["reason"].as_str().unwrap().contains("is text in the dataset"),
        "{task}"
    );
    assert_eq!(rows(&mock, &dataset).await, json!([{ "a": "x" }]));
}

#[tokio::test]
async fn files_and_schemas_can_take_their_time_too() {
    let mock = mock().await;
    set(&mock, "jobs", &json!({ "parse": { "polls": 1 }, "transform": { "polls": 1 } })).await;
    let (_, own) = new_dataset(&mock, "replace").await;
    let source = upload(&mock, &own, SIMPLE).await;
    let path = source["links"]["show"].as_str().unwrap();
    assert_eq!(
        (&source["resource"]["schemas"], &source["resource"]["finished_at"]),
        (&json!([]), &Value::Null)
    );
    assert_eq!(seen(&mock, path).await["resource"]["schemas"], json!([]));
    let read = seen(&mock, path).await;
    assert!(read["resource"]["finished_at"].is_string());
    let (schema, output) = schemas(&read);
    let show = format!("{schema}/output/{output}");
    assert_eq!(seen(&mock, &show).await["resource"]["completed_at"], Value::Null);
    let done = seen(&mock, &show).await["resource"].clone();
    assert!(done["completed_at"].is_string() && done["finished_at"].is_string(), "{done}");

    set(&mock, "jobs", &json!({ "parse": { "fail": "no disk" } })).await;
    let source = new_source(&mock, &own).await;
    let path = source["links"]["bytes"].as_str().unwrap();
    send(&mock, path, "text/csv", SIMPLE).await;
    let failed = seen(&mock, path).await["resource"].clone();
    assert!(failed["failed_at"].is_string(), "{failed}");
    let details = ["key", "message"].map(|member| failed["failure_details"][member].clone());
    assert_eq!(details, [json!("job_failed"), json!("no disk")]);

    set(&mock, "jobs", &json!({ "transform": { "fail": "no disk" } })).await;
    let (schema, output) = schemas(&upload(&mock, &own, SIMPLE).await);
    let failed = seen(&mock, &format!("{schema}/output/{output}")).await["resource"].clone();
    assert_eq!(failed["completed_at"], Value::Null);
    let transform = &failed["output_columns"][0]["transform"];
    assert!(transform["failed_at"].is_string());
    assert_eq!(transform["failure_details"]["message"], "no disk");
}

#[tokio::test]
async fn courses_that_no_job_can_take_are_refused_and_a_reset_forgets_them() {
    let mock = mock().await;
    for told in [
        json!({ "sleep": {} }),
        json!({ "apply": { "polls": -1 } }),
        json!({ "apply": { "polls": 10_001 } }),
        json!({ "parse": { "seconds": 99_999_999 } }),
        json!({ "transform": { "fail": "" } }),
    ] {
        let answer = mock.call("PUT", "/__mock/v1/jobs", &[], told.to_string()).await;
        assert_eq!(answer.status, 400, "{told}: {}", answer.text());
    }
    set(&mock, "jobs", &json!({ "apply": { "polls": 1 } })).await;
    set(&mock, "world", &json!({ "categories": ["a"] })).await;
    mock.call("POST", "/__mock/v1/reset", &[], "").await;
    assert_eq!(mock.get("/__mock/v1/jobs").await.json()["apply"]["polls"], 0);
    assert_eq!(mock.get("/__mock/v1/world").await.json()["categories"], Value::Null);
}

#[tokio::test]
async fn the_world_is_what_it_is_told_to_be() {
    let mock = mock().await;
    let (_, own) = new_dataset(&mock, "replace").await;
    let url = "https://example.com/files/trees.csv?accessType=DOWNLOAD";
    let from_url = json!({ "source_type": { "type": "url", "url": url } });
    assert_eq!(refused(&mock, "POST", &format!("{own}/source"), &from_url).await.0, 501);
    let (schema, _) =
        schemas(&upload(&mock, &own, "street,city,state,zip\n1 Elm St,Seattle,WA,98101\n").await);
    let column = json!({ "field_name": "place", "transform": { "transform_expr": "geocode(street, city, state, zip)" } });
    let sent = json!({ "output_columns": [column] });
    assert_eq!(refused(&mock, "POST", &schema, &sent).await, (501, "not_emulated".to_owned()));
    let world = json!({
        "geocoder": [{ "address": "1 elm st", "city": "SEATTLE", "state": "wa", "zip": "98101", "longitude": -122.5, "latitude": 47.5 }],
        "answers": { url: "a,b\n1,x\n" },
    });
    set(&mock, "world", &world).await;
    let made = asked(&mock, "POST", &schema, &sent, 201).await["resource"].clone();
    let page = seen(&mock, &format!("{schema}/rows/{}", made["id"])).await;
    assert_eq!(page[1]["row"][0]["ok"]["coordinates"], json!([-122.5, 47.5]), "{page}");
    let source = asked(&mock, "POST", &format!("{own}/source"), &from_url, 201).await["resource"].clone();
    assert_eq!(source["schemas"][0]["total_rows"], 1, "{source}");
    assert_eq!(source["export_filename"], "trees.csv");
}

#[tokio::test]
async fn a_state_of_before_is_restored() {
    let mock = mock().await;
    let (dataset, first) = new_dataset(&mock, "replace").await;
    asked(&mock, "PUT", &format!("{first}/apply"), &json!({}), 200).await;
    let enroll = format!("/api/archival?id={dataset}&method=enroll");
    let versions = |view: &Value| -> Vec<String> {
        let list = view["secondary_versions"].as_array().unwrap();
        list.iter().map(|v| format!("{} {}", v["name"].as_str().unwrap(), v["version"])).collect()
    };
    let replication = format!("/api/views/{dataset}/replication.json");
    assert_eq!(versions(&seen(&mock, &replication).await).len(), 1);
    assert_eq!(mock.write("POST", &enroll, &json!({})).await.status, 200);
    let told = seen(&mock, &replication).await;
    assert_eq!(versions(&told)[1], format!("archival {}", told["truth_data_version"]));
    let second = super::new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
    publish(&mock, &second, SIMPLE).await;
    let before = rows(&mock, &dataset).await;
    let third = super::new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
    publish(&mock, &third, "z\n1\n").await;
    let restored = asked(&mock, "POST", &format!("{second}/restore"), &Value::Null, 201).await;
    assert_eq!(restored["resource"]["revision_seq"], 3);
    let metadata = seen(&mock, &second).await["resource"]["metadata"].clone();
    assert_eq!(restored["resource"]["metadata"], metadata);
    let own = restored["links"]["show"].as_str().unwrap();
    let source = seen(&mock, &format!("{own}/source")).await[0].clone();
    let output = &source["resource"]["schemas"][0]["output_schemas"][0];
    assert_eq!((&output["total_rows"], &output["error_count"]), (&json!(4), &json!(0)));
    let exprs: Vec<&Value> = output["output_columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["transform"]["transform_expr"])
        .collect();
    assert_eq!(exprs, ["`a`", "`b`", "`c`"]);
    asked(&mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
    assert_eq!(rows(&mock, &dataset).await, before);
    // What was applied before the dataset was enrolled is not known any more.
    assert_eq!(refused(&mock, "POST", &format!("{first}/restore"), &Value::Null).await.0, 422);
    let other = mock.write("GET", &format!("/api/archival?id={dataset}&method=status"), &Value::Null).await;
    assert_eq!(other.status, 501);
}

#[tokio::test]
async fn files_are_downloaded_as_they_were_uploaded() {
    let mock = mock().await;
    let (_, own) = new_dataset(&mock, "replace").await;
    let headers = [("authorization", crate::support::PUBLISHER)];
    assert_eq!(mock.call("GET", &format!("{own}/source/download"), &headers, "").await.status, 404);
    let first = upload(&mock, &own, SIMPLE).await;
    let long = format!("a,b\n{}", "1,text of some length\n".repeat(30_000));
    upload(&mock, &own, &long).await;
    let newest = mock.call("GET", &format!("{own}/source/download"), &headers, "").await;
    assert!(newest.text() == long, "the newest file");
    assert_eq!(
        (newest.header("content-type"), newest.header("content-disposition")),
        ("text/csv", "attachment; filename=\"a.csv\"")
    );
    let named = format!("{own}/source/download/{}", first["resource"]["id"]);
    assert_eq!(mock.call("GET", &named, &headers, "").await.text(), SIMPLE);
    let elsewhere = format!("{BASE}/revision/4tka-6guv");
    let other = asked(&mock, "POST", &elsewhere, &json!({}), 201).await;
    let path =
        format!("{}/source/download/{}", other["links"]["show"].as_str().unwrap(), first["resource"]["id"]);
    assert_eq!(mock.call("GET", &path, &headers, "").await.status, 404);
}

#[tokio::test]
async fn a_file_is_attached_by_a_change_that_names_it() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "update").await;
    let headers = [
        ("authorization", crate::support::PUBLISHER),
        ("x-file-name", "a.pdf"),
        ("content-type", "application/pdf"),
    ];
    let answer = mock.call("POST", &format!("{own}/attachment"), &headers, "%PDF").await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let file = answer.json();
    assert_eq!(file["filename"], "a.pdf");
    let attached = json!([{ "name": "a.pdf", "filename": "a.pdf", "asset_id": file["file_id"] }]);
    asked(&mock, "PATCH", &own, &json!({ "attachments": attached }), 202).await;
    asked(&mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
    let view = seen(&mock, &format!("/api/views/{dataset}")).await;
    assert_eq!(view["metadata"]["attachments"], attached);
    let nameless = [("authorization", crate::support::PUBLISHER)];
    assert_eq!(mock.call("POST", &format!("{own}/attachment"), &nameless, "x").await.status, 422);
}

#[tokio::test]
async fn revisions_are_listed_for_people() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "replace").await;
    publish(&mock, &own, SIMPLE).await;
    super::new_revision(&mock, &dataset, &json!({ "type": "update" })).await;
    let (other, _) = new_dataset(&mock, "update").await;
    let told = |list: &Value| -> Vec<String> {
        let list = list["revisions"].as_array().unwrap();
        list.iter()
            .map(|r| {
                format!(
                    "{} {} {}",
                    r["dataset"].as_str().unwrap(),
                    r["revision_seq"],
                    r["state"].as_str().unwrap()
                )
            })
            .collect()
    };
    let all = mock.get("/__mock/v1/revisions").await.json();
    assert_eq!(
        told(&all),
        [format!("{other} 0 open"), format!("{dataset} 1 open"), format!("{dataset} 0 applied")]
    );
    assert_eq!((&all["revisions"][2]["rows"], &all["revisions"][2]["sources"]), (&json!(4), &json!(1)));
    let one = mock.get(&format!("/__mock/v1/revisions?dataset={dataset}&open=true")).await.json();
    assert_eq!(told(&one), [format!("{dataset} 1 open")]);
    assert_eq!(mock.get("/__mock/v1/revisions?dataset=zzzz-zzzz").await.status, 404);
}

/// They are never run.
#[tokio::test]
async fn schedules_are_kept_and_shown() {
    let mock = mock().await;
    let (dataset, _) = new_dataset(&mock, "update").await;
    let path = format!("{BASE}/schedule/{dataset}");
    assert_eq!(refused(&mock, "GET", &path, &Value::Null).await.0, 404);
    let sent = json!({ "paused": false, "cadence": { "cron": "0 0 * * *", "timezone": "UTC" }, "action": { "type": "agent", "parameters": {} } });
    let made = asked(&mock, "POST", &path, &sent, 201).await["resource"].clone();
    assert_eq!((&made["fourfour"], &made["dataset_name"]), (&json!(dataset), &json!("Trees")));
    assert_eq!(made["cadence"]["cron_in_timezone"], "0 0 * * *");
    let paused = asked(&mock, "PUT", &path, &json!({ "paused": true }), 202).await["resource"].clone();
    assert_eq!(
        (&paused["paused"], &paused["action"], &paused["id"]),
        (&json!(true), &sent["action"], &made["id"])
    );
    assert_eq!(seen(&mock, &format!("{BASE}/schedule")).await[0]["resource"], paused);
    for wrong in [json!({ "paused": 5 }), json!({ "cadence": [] }), json!({ "action": "x" })] {
        assert_eq!(refused(&mock, "PUT", &path, &wrong).await.0, 422, "{wrong}");
    }
    asked(&mock, "DELETE", &path, &Value::Null, 200).await;
    assert_eq!(seen(&mock, &format!("{BASE}/schedule")).await, json!([]));
    assert_eq!(seen(&mock, &format!("{BASE}/connection_agent")).await, json!([]));
}
