//! The permissions API and what its levels allow.

use crate::support::{Answer, Mock, PUBLISHER, VIEWER, mock};
use base64::Engine as _;
use serde_json::{Value, json};

const ID: &str = "shar-2222";
const PATH: &str = "/api/views/shar-2222/permissions";

fn login(name: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{name}:secret")))
}

/// A private dataset of the publisher, and accounts without a right of their own.
async fn prepared() -> Mock {
    let mock = mock().await;
    for (name, role) in
        [("jo@example.com", "community"), ("mo@example.com", "community"), ("kim@example.com", "contributor")]
    {
        let body = json!({ "password": "secret", "role": role }).to_string();
        assert_eq!(mock.call("PUT", &format!("/__mock/v1/users/{name}"), &[], body).await.status, 200);
    }
    let columns = json!([{ "fieldName": "k", "dataTypeName": "text" }]);
    let definition = json!({ "name": "Shared", "public": false, "columns": columns,
        "metadata": { "rowIdentifier": "k" }, "rows": [{ "k": "a" }] });
    mock.dataset(ID, &definition).await;
    let owned = json!({ "users": [given("publisher@example.com", "current_owner")] });
    assert_eq!(mock.write("PUT", PATH, &owned).await.status, 200);
    mock
}

fn given(email: &str, level: &str) -> Value {
    json!({ "email": email, "accessLevels": [{ "name": level, "version": "all" }] })
}

async fn share(mock: &Mock, with: &[(&str, &str)]) -> Answer {
    let mut users = vec![given("publisher@example.com", "current_owner")];
    users.extend(with.iter().map(|(email, level)| given(email, level)));
    mock.write("PUT", PATH, &json!({ "users": users })).await
}

async fn call(mock: &Mock, login: &str, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("authorization", login), ("content-type", "application/json")];
    mock.call(method, path, &headers, body.to_string()).await
}

#[tokio::test]
async fn the_permissions_object_is_read_changed_and_put_back() {
    let mock = prepared().await;
    let read = async || call(&mock, PUBLISHER, "GET", PATH, &Value::Null).await.json();
    let mut object = read().await;
    assert_eq!(object["scope"], "private");
    let levels = ["viewer", "contributor", "owner"].map(|name| json!({ "name": name, "version": "all" }));
    assert_eq!(object["accessLevels"], json!(levels));
    let owner = &object["users"][0];
    assert_eq!(
        (owner["email"].as_str(), owner["type"].as_str(), owner["displayName"].as_str()),
        (Some("publisher@example.com"), Some("interactive"), Some("publisher"))
    );
    assert_eq!(owner["accessLevels"], json!([{ "name": "current_owner", "version": "all" }]));
    // As documented: read the object, change it, put it back whole; only ids and levels count.
    object["users"].as_array_mut().unwrap().push(given("jo@example.com", "contributor"));
    object["users"].as_array_mut().unwrap().push(given("nobody-yet@example.com", "viewer"));
    object["users"][0].as_object_mut().unwrap().remove("email");
    object["users"][0]["displayName"] = json!("somebody else");
    let put = mock.write("PUT", PATH, &object).await;
    assert_eq!((put.status, put.json()), (200, read().await));
    let users = put.json()["users"].clone();
    assert_eq!(users[0], read().await["users"][0]);
    assert_eq!(users[1]["id"].as_str().map(str::len), Some(9), "{users}");
    let expected = json!({ "email": "nobody-yet@example.com", "type": "interactive",
        "accessLevels": [{ "name": "viewer", "version": "all" }] });
    assert_eq!(users[2], expected, "an address without an account has no id");
    // Without users only the scope changes, without scope only the users.
    assert_eq!(mock.write("PUT", PATH, &json!({ "scope": "site" })).await.json()["users"], users);
    let left = share(&mock, &[]).await.json();
    assert_eq!((left["scope"].as_str(), left["users"].as_array().unwrap().len()), (Some("site"), 1));
    let view = call(&mock, PUBLISHER, "GET", &format!("/api/views/{ID}"), &Value::Null).await.json();
    assert_eq!(view["permissions"]["scope"], "site");
}

/// The four levels against everything that needs one: what is 403 for less.
#[tokio::test]
async fn each_level_of_access_takes_effect() {
    let resource = format!("/resource/{ID}.json");
    let view = format!("/api/views/{ID}.json");
    let row = json!([{ "k": "b" }]);
    for (level, reads, writes, changes, deletes) in [
        ("", false, false, false, false),
        ("viewer", true, false, false, false),
        ("contributor", true, true, false, false),
        ("owner", true, true, true, false),
        ("current_owner", true, true, true, true),
    ] {
        let mock = prepared().await;
        match level {
            "" => {}
            "current_owner" => {
                let users = json!({ "users": [given("jo@example.com", level)] });
                assert_eq!(mock.write("PUT", PATH, &users).await.status, 200);
            }
            level => assert_eq!(share(&mock, &[("Jo@Example.com", level)]).await.status, 200),
        }
        let login = login("jo@example.com");
        let mut seen = Vec::new();
        for (method, path, body, allowed) in [
            ("GET", resource.as_str(), &Value::Null, reads),
            ("GET", "/resource/shar-2222/a.json", &Value::Null, reads),
            ("GET", view.as_str(), &Value::Null, reads),
            ("GET", PATH, &Value::Null, reads),
            ("GET", "/api/v3/views/shar-2222/query.json", &Value::Null, reads),
            ("POST", resource.as_str(), &row, writes),
            ("PUT", resource.as_str(), &row, writes),
            ("DELETE", "/resource/shar-2222/b.json", &Value::Null, writes),
            ("DELETE", resource.as_str(), &Value::Null, writes),
            ("PUT", view.as_str(), &json!({ "description": "d" }), changes),
            ("POST", "/api/views/shar-2222/columns.json", &json!({ "name": "N" }), changes),
            ("DELETE", "/api/views/shar-2222/columns/n", &Value::Null, changes),
            ("PUT", "/api/views/shar-2222?method=setPermission&value=private", &Value::Null, changes),
            ("PUT", PATH, &json!({ "scope": "private" }), changes),
            ("DELETE", view.as_str(), &Value::Null, deletes),
        ] {
            let answer = call(&mock, &login, method, path, body).await;
            let expected = if allowed { 200 } else { 403 };
            assert_eq!(answer.status, expected, "{level:?}: {method} {path}: {}", answer.text());
            if !allowed {
                assert_eq!(answer.json()["code"], "permission_denied");
                assert!(
                    answer.header("x-mock-hint").contains("jo@example.com is "),
                    "{}",
                    answer.header("x-mock-hint")
                );
            }
            seen.push(answer.status);
        }
        assert_eq!(
            seen.iter().filter(|s| **s == 200).count(),
            [0, 5, 9, 14, 15]
                [usize::from(reads) + usize::from(writes) + usize::from(changes) + usize::from(deletes)]
        );
    }
}

/// `rights` of a view tell what its reader may do (recorded for the owner).
#[tokio::test]
async fn a_view_lists_the_rights_of_its_reader() {
    let mock = prepared().await;
    share(&mock, &[("jo@example.com", "contributor"), ("mo@example.com", "owner")]).await;
    let rights = async |login: &str| {
        call(&mock, login, "GET", &format!("/api/views/{ID}"), &Value::Null).await.json()["rights"].clone()
    };
    assert_eq!(rights(VIEWER).await, json!(["read"]));
    assert_eq!(rights(&login("jo@example.com")).await, json!(["read", "write", "add", "delete"]));
    let (co_owner, owner) = (rights(&login("mo@example.com")).await, rights(PUBLISHER).await);
    assert_eq!((co_owner.as_array().unwrap().len(), owner.as_array().unwrap().len()), (9, 10));
    assert!(!co_owner.to_string().contains("delete_view") && owner.to_string().contains("delete_view"));
}

#[tokio::test]
async fn scopes_open_a_dataset_to_the_site_or_to_everyone() {
    let mock = prepared().await;
    let read = async |login: &str| {
        let headers: &[(&str, &str)] = if login.is_empty() { &[] } else { &[("authorization", login)] };
        mock.call("GET", &format!("/resource/{ID}.json"), headers, "").await.status
    };
    let community = login("jo@example.com");
    for (scope, expected) in
        [("private", [403, 403, 200]), ("site", [403, 403, 200]), ("public", [200, 200, 200])]
    {
        assert_eq!(mock.write("PUT", PATH, &json!({ "scope": scope })).await.status, 200);
        assert_eq!([read("").await, read(&community).await, read(VIEWER).await], expected, "{scope}");
        let listed = mock.get("/api/views.json").await.text().contains(ID);
        assert_eq!(listed, scope == "public", "{scope}");
    }
    for (value, scope) in [("private", "private"), ("public.read", "public"), ("site", "site")] {
        let path = format!("/api/views/{ID}?method=setPermission");
        assert_eq!(call(&mock, PUBLISHER, "PUT", &path, &json!(value)).await.status, 200);
        assert_eq!(call(&mock, PUBLISHER, "GET", PATH, &Value::Null).await.json()["scope"], scope);
    }
}

/// Only who owns the dataset, or may do everything on the site, gives it away.
#[tokio::test]
async fn ownership_moves_with_the_level_current_owner() {
    let mock = prepared().await;
    share(&mock, &[("jo@example.com", "owner")]).await;
    let to_jo = json!({ "users": [given("jo@example.com", "current_owner"), given("publisher@example.com", "viewer")] });
    let refused = call(&mock, &login("jo@example.com"), "PUT", PATH, &to_jo).await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("permission_denied")));
    assert_eq!(mock.write("PUT", PATH, &to_jo).await.status, 200);
    let view = call(&mock, PUBLISHER, "GET", &format!("/api/views/{ID}"), &Value::Null).await.json();
    assert_eq!(view["owner"]["displayName"], "jo");
    assert_eq!(
        call(&mock, &login("jo@example.com"), "PUT", PATH, &json!({ "scope": "public" })).await.status,
        200
    );
    // A contributor of the site writes to what it owns, and to nothing else.
    let kim = login("kim@example.com");
    let path = format!("/resource/{ID}.json");
    assert_eq!(call(&mock, &kim, "POST", &path, &json!([])).await.status, 403);
    let to_kim = json!({ "users": [given("kim@example.com", "current_owner")] });
    assert_eq!(mock.write("PUT", PATH, &to_kim).await.status, 200);
    assert_eq!(call(&mock, &kim, "POST", &path, &json!([])).await.status, 200);
}

#[tokio::test]
async fn what_a_put_may_not_hold_is_named() {
    let mock = prepared().await;
    let before = call(&mock, PUBLISHER, "GET", PATH, &Value::Null).await.json();
    let owner = given("publisher@example.com", "current_owner");
    let leveled =
        |levels: Value| json!({ "users": [owner, { "email": "jo@example.com", "accessLevels": levels }] });
    let mut many: Vec<Value> = (0..1001).map(|n| given(&format!("u{n}@example.com"), "viewer")).collect();
    many.push(owner.clone());
    for (body, status, told) in [
        (json!({}), 400, "Neither scope nor users"),
        (
            json!({ "scope": "everyone" }),
            400,
            "unknown variant `everyone`, expected one of `private`, `site`, `public`",
        ),
        (json!({ "scope": 5 }), 400, "The body is not what is expected"),
        (json!({ "users": {} }), 400, "expected a sequence"),
        (json!({ "users": [] }), 400, "exactly one user with the access level current_owner"),
        (json!({ "users": [owner, given("jo@example.com", "current_owner")] }), 400, "exactly one user"),
        (json!({ "users": [given("jo@example.com", "viewer")] }), 400, "exactly one user"),
        (json!({ "users": [owner, owner] }), 400, "users[1] names publisher@example.com a second time"),
        (json!({ "users": [owner, given("PUBLISHER@example.com", "viewer")] }), 400, "a second time"),
        (json!({ "users": [{ "email": "jo@example.com" }] }), 400, "missing field `accessLevels`"),
        (leveled(json!([])), 400, "users[1].accessLevels has 0 levels"),
        (
            leveled(json!([{ "name": "viewer", "version": "all" }, { "name": "owner", "version": "all" }])),
            400,
            "has 2 levels",
        ),
        (leveled(json!([{ "name": "king", "version": "all" }])), 400, "king of version all is not available"),
        (
            leveled(json!([{ "name": "viewer", "version": "published" }])),
            400,
            "viewer of version published is not available",
        ),
        (leveled(json!([{ "name": "viewer" }])), 400, "missing field `version`"),
        (
            json!({ "users": [owner, { "accessLevels": [{ "name": "viewer", "version": "all" }] }] }),
            400,
            "neither id nor email",
        ),
        (
            json!({ "users": [owner, { "id": "zzzz-zzzz", "accessLevels": [{ "name": "viewer", "version": "all" }] }] }),
            404,
            "Not found",
        ),
        (json!({ "users": [owner, given("nobody", "viewer")] }), 400, "is no e-mail address"),
        (
            json!({ "users": [given("nobody@example.com", "current_owner")] }),
            400,
            "has no account and cannot own",
        ),
        (json!({ "users": many }), 400, "more than 1000 entries"),
        (json!([]), 400, "not an array or object"),
    ] {
        let answer = mock.write("PUT", PATH, &body).await;
        let text = answer.text();
        assert_eq!(answer.status, status, "{text}");
        assert!(text.contains(&told.replace('"', "\\\"")), "{told}: {text}");
        assert!(status == 404 || answer.header("x-mock-hint").contains("Nothing was changed"), "{text}");
    }
    assert_eq!(call(&mock, PUBLISHER, "GET", PATH, &Value::Null).await.json(), before);
    assert_eq!(mock.get(PATH).await.status, 403, "addresses of users are for accounts");
    assert_eq!(call(&mock, PUBLISHER, "DELETE", PATH, &Value::Null).await.header("allow"), "GET,HEAD,PUT");
}

/// Decided: joins see what their reader may see, and nothing else.
#[tokio::test]
async fn a_join_reads_only_what_its_reader_may_read() {
    let mock = prepared().await;
    let path = format!(
        "/resource/4tka-6guv.json?$select=@s.k&$query=select%20%40s.k%20join%20%40{ID}%20as%20%40s%20on%20true%20limit%201"
    );
    let path = path.replace("$select=@s.k&", "");
    let status = async |login: &str| call(&mock, login, "GET", &path, &Value::Null).await.status;
    assert_ne!(status(&login("jo@example.com")).await, 200);
    share(&mock, &[("jo@example.com", "viewer")]).await;
    assert_eq!(status(&login("jo@example.com")).await, 200);
}

/// A working copy takes the place of the dataset's data, not of its owner and shares.
#[tokio::test]
async fn publishing_keeps_owner_shares_and_scope() {
    let mock = prepared().await;
    share(&mock, &[("jo@example.com", "owner")]).await;
    let before = call(&mock, PUBLISHER, "GET", PATH, &Value::Null).await.json();
    let jo = login("jo@example.com");
    let copy = format!("/api/views/{ID}/publication.json?method=copy");
    let copy = call(&mock, &jo, "POST", &copy, &Value::Null).await.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(call(&mock, PUBLISHER, "PUT", PATH, &json!({ "scope": "public" })).await.status, 200);
    let published =
        call(&mock, &jo, "POST", &format!("/api/views/{copy}/publication.json"), &Value::Null).await;
    assert_eq!((published.status, &published.json()["id"]), (200, &json!(ID)));
    let after = call(&mock, PUBLISHER, "GET", PATH, &Value::Null).await.json();
    assert_eq!((&after["users"], after["scope"].as_str()), (&before["users"], Some("public")));
}

#[tokio::test]
async fn permissions_survive_a_snapshot_and_differ_in_its_comparison() {
    let mock = prepared().await;
    share(&mock, &[("jo@example.com", "viewer")]).await;
    mock.call("PUT", "/__mock/v1/snapshots/a", &[], "").await;
    assert_eq!(mock.write("PUT", PATH, &json!({ "scope": "public" })).await.status, 200);
    share(&mock, &[]).await;
    mock.call("PUT", "/__mock/v1/snapshots/b", &[], "").await;
    let diff = mock.get("/__mock/v1/snapshots/a/diff/b").await.text();
    assert!(
        diff.contains("\"scope\"") && diff.contains("\"shares\"") && diff.contains("jo@example.com"),
        "{diff}"
    );
    mock.call("POST", "/__mock/v1/snapshots/a/restore", &[], "").await;
    let object = call(&mock, PUBLISHER, "GET", PATH, &Value::Null).await.json();
    assert_eq!(
        (object["scope"].as_str(), object["users"][1]["email"].as_str()),
        (Some("private"), Some("jo@example.com"))
    );
}

#[tokio::test]
async fn users_are_told_in_json_and_xml() {
    let mock = prepared().await;
    for path in ["/api/users/current", "/api/users/current.json", "/users/current.json"] {
        let user = call(&mock, PUBLISHER, "GET", path, &Value::Null).await.json();
        assert_eq!(
            (user["email"].as_str(), user["roleName"].as_str()),
            (Some("publisher@example.com"), Some("publisher")),
            "{path}"
        );
        assert_eq!(
            user["rights"],
            json!(["view_others_datasets", "create_datasets", "edit_others_datasets"])
        );
    }
    let community =
        call(&mock, &login("jo@example.com"), "GET", "/api/users/current.json", &Value::Null).await.json();
    assert_eq!((community.get("roleName"), &community["rights"]), (None, &json!([])));
    for path in ["/users/current.xml", "/api/users/current.xml"] {
        let xml = call(&mock, PUBLISHER, "GET", path, &Value::Null).await;
        assert_eq!(xml.header("content-type"), "text/xml;charset=utf-8");
        assert!(
            xml.text().contains("<user><id>") && xml.text().contains("<email>publisher@example.com</email>"),
            "{}",
            xml.text()
        );
        assert_eq!(mock.get(path).await.status, 403, "{path}");
    }
    let id = community["id"].as_str().unwrap();
    let other = call(&mock, VIEWER, "GET", &format!("/api/users/{id}.json"), &Value::Null).await;
    assert_eq!(other.json()["email"], "jo@example.com");
    assert_eq!(call(&mock, VIEWER, "GET", "/api/users/zzzz-zzzz", &Value::Null).await.status, 404);
    assert_eq!(mock.get(&format!("/api/users/{id}")).await.status, 403);
}
