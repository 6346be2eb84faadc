//! The catalogue, as the Discovery API documents it.

use crate::support::{Answer, Mock, PUBLISHER, VIEWER, mock};
use base64::Engine as _;
use serde_json::{Value, json};
use soda_mock::Setup;

const PATH: &str = "/api/catalog/v1";

fn login(name: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{name}:secret")))
}

/// Five datasets that differ in everything that is filtered by, and two accounts.
async fn site() -> Mock {
    let setup = Setup { demo: false, ..Setup::default() };
    let mock = crate::support::mock_of(setup).await;
    for name in ["jo@example.com", "mo@example.com"] {
        let body = json!({ "password": "secret", "role": "community" }).to_string();
        mock.call("PUT", &format!("/__mock/v1/users/{name}"), &[], body).await;
    }
    let column = |name: &str, field: &str| json!({ "name": name, "fieldName": field, "dataTypeName": "text", "description": "Where it grows" });
    for (id, name, more) in [
        (
            "bike-2222",
            "Bicycle Counts",
            json!({ "category": "Transportation", "tags": ["bikes", "Traffic"],
            "attribution": "City of X", "attributionLink": "https://x.example", "licenseId": "PUBLIC_DOMAIN",
            "description": "Counted at key locations", "resourceName": "bikes",
            "metadata": { "custom_fields": { "Publication Metadata": { "Publication Cycle": "Daily" } } },
            "columns": [column("Street Name", "street_name"), { "name": "Day", "fieldName": "day", "dataTypeName": "calendar_date", "format": { "align": "left" } }] }),
        ),
        (
            "tree-2222",
            "New York Tree Map",
            json!({ "category": "Environment", "tags": ["trees", "traffic"],
            "license": { "name": "See Terms of Use" }, "displayType": "map",
            "metadata": { "custom_fields": { "Publication Metadata": { "Publication Cycle": "Weekly" }, "Agency": { "Dept": "Parks & Trees" } } },
            "columns": [column("Species", "species")] }),
        ),
        (
            "park-2222",
            "Dog Parks of Western Cities",
            json!({ "hideFromCatalog": true, "hideFromDataJson": true, "columns": [] }),
        ),
        ("hide-2222", "Private Notes", json!({ "public": false, "columns": [] })),
        ("work-2222", "A Draft", json!({ "published": false, "columns": [] })),
    ] {
        let mut definition = more;
        definition["name"] = json!(name);
        mock.call("POST", "/__mock/v1/clock/advance", &[], "{\"seconds\":60}").await;
        mock.dataset(id, &definition).await;
    }
    mock
}

async fn get(mock: &Mock, login: &str, query: &str) -> Answer {
    let headers: &[(&str, &str)] = if login.is_empty() { &[] } else { &[("authorization", login)] };
    mock.call("GET", &format!("{PATH}{query}"), headers, "").await
}

/// The first letters of the ids that a query finds.
async fn ids(mock: &Mock, login: &str, query: &str) -> String {
    let answer = get(mock, login, query).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let results = answer.json()["results"].as_array().unwrap().clone();
    let id = |result: &Value| result["resource"]["id"].as_str().unwrap()[..4].to_owned();
    results.iter().map(id).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn a_result_has_the_recorded_shape() {
    let mock = site().await;
    let headers = [("host", "data.city.gov")];
    let answer = mock.call("GET", &format!("{PATH}?ids=bike-2222"), &headers, "").await;
    assert_eq!(answer.header("content-type"), "application/json;charset=utf-8");
    let answer = answer.json();
    assert_eq!((&answer["resultSetSize"], &answer["warnings"]), (&json!(1), &json!([])));
    assert!(answer["timings"]["serviceMillis"].is_u64() && answer["timings"]["searchMillis"][1].is_u64());
    let user = json!({ "id": answer["results"][0]["owner"]["id"], "user_type": "interactive", "display_name": "admin" });
    let views = ["page_views_last_week", "page_views_last_month", "page_views_total"];
    let mut page_views = json!({});
    for name in views {
        page_views[name] = json!(0);
    }
    for name in views {
        page_views[format!("{name}_log")] = json!(0.0);
    }
    let at = "2023-11-14T22:14:20.000Z";
    let expected = json!({
        "resource": {
            "name": "Bicycle Counts", "id": "bike-2222", "resource_name": "bikes", "parent_fxf": [],
            "description": "Counted at key locations", "attribution": "City of X",
            "attribution_link": "https://x.example", "contact_email": null, "type": "dataset",
            "updatedAt": at, "createdAt": at, "metadata_updated_at": at, "data_updated_at": at,
            "page_views": page_views,
            "columns_name": ["Street Name", "Day"], "columns_field_name": ["street_name", "day"],
            "columns_datatype": ["Text", "Calendar date"], "columns_description": ["Where it grows", ""],
            "columns_format": [{}, { "align": "left" }], "download_count": 0, "provenance": "official",
            "lens_view_type": "tabular", "lens_display_type": "table", "locked": false, "blob_mime_type": null,
            "hide_from_data_json": false, "publication_date": at,
        },
        "classification": { "categories": [], "tags": [], "domain_category": "Transportation",
            "domain_tags": ["bikes", "Traffic"],
            "domain_metadata": [{ "key": "Publication-Metadata_Publication-Cycle", "value": "Daily" }] },
        "metadata": { "domain": "data.city.gov", "license": "Public Domain" },
        "permalink": "https://data.city.gov/d/bike-2222",
        "link": "https://data.city.gov/Transportation/Bicycle-Counts/bike-2222",
        "owner": user, "creator": user,
    });
    assert_eq!(answer["results"][0], expected);
    // What changed last tells when the asset was updated.
    mock.call("POST", "/__mock/v1/clock/advance", &[], "{\"seconds\":3600}").await;
    mock.write("PUT", "/api/views/bike-2222", &json!({ "description": "d" })).await;
    let changed = get(&mock, "", "?ids=bike-2222").await.json()["results"][0]["resource"].clone();
    assert_eq!(changed["data_updated_at"], at);
    assert!(
        changed["updatedAt"].as_str() > Some(at) && changed["updatedAt"] == changed["metadata_updated_at"]
    );
}

/// What every asset of the site is found by.
const ALL: &str = "bike,hide,park,tree,work";
const ADMIN: &str = "Basic YWRtaW5AZXhhbXBsZS5jb206YWRtaW4=";

/// Each filter of what an asset is, with a value that finds something and one that finds nothing.
#[tokio::test]
async fn every_filter_filters() {
    let mock = site().await;
    for (query, expected) in [
        ("", ALL),
        ("ids=bike-2222&ids=tree-2222", "bike,tree"),
        ("ids=bike-2222,TREE-2222", "bike,tree"),
        ("ids=zzzz-zzzz", ""),
        ("domains=localhost", ALL),
        ("domains=other.gov,localhost", ALL),
        ("domains=other.gov", ""),
        ("search_context=localhost", ALL),
        ("names=bicycle%20counts&names=A+Draft", "bike,work"),
        ("names=bicycle", ""),
        ("categories=transportation", "bike"),
        ("categories[]=Transportation&categories[]=environment", "bike,tree"),
        ("categories=Transportation,environment", ""),
        ("tags=traffic", "bike,tree"),
        ("tags=nothing", ""),
        ("only=datasets", "bike,hide,park,work"),
        ("only=map", "tree"),
        ("only=maps,dataset", ALL),
        ("only=stories", ""),
        ("attribution=City%20of%20X", "bike"),
        ("attribution=city%20of%20x", ""),
        ("license=Public%20Domain&license=See%20Terms%20of%20Use", "bike,tree"),
        ("license=PUBLIC_DOMAIN", ""),
        ("column_names=street%20name", "bike"),
        ("column_names=street_name", ""),
        ("derived=false", ALL),
        ("derived=true", ""),
        ("parent_ids=bike-2222", ""),
        ("derived_from=bike-2222", ""),
        ("Publication-Metadata_Publication-Cycle=Daily", "bike"),
        (
            "Publication-Metadata_Publication-Cycle=Daily&Publication-Metadata_Publication-Cycle=Weekly",
            "bike,tree",
        ),
        ("Agency_Dept=Parks+%26+Trees&tags=trees", "tree"),
        ("Publication-Metadata_Publication-Cycle=daily", ""),
        ("domain=localhost", ""),
        ("$$app_token=demo-app-token", ALL),
        ("tags=&q=", ALL),
    ] {
        assert_eq!(ids(&mock, ADMIN, &format!("?{query}&order=dataset_id")).await, expected, "{query}");
    }
}

/// Each filter of whose an asset is and who sees it.
#[tokio::test]
async fn every_filter_of_ownership_and_visibility_filters() {
    let mock = site().await;
    let share = |email: &str, level: &str| json!({ "email": email, "accessLevels": [{ "name": level, "version": "all" }] });
    let users =
        json!({ "users": [share("jo@example.com", "current_owner"), share("mo@example.com", "viewer")] });
    assert_eq!(mock.write("PUT", "/api/views/bike-2222/permissions", &users).await.status, 200);
    let id_of = async |name: &str| {
        let user = mock.call("GET", "/api/users/current", &[("authorization", &login(name))], "").await;
        user.json()["id"].as_str().unwrap().to_owned()
    };
    let (jo, mo) = (id_of("jo@example.com").await, id_of("mo@example.com").await);
    for (query, expected) in [
        ("provenance=official", "hide,park,tree,work"),
        ("provenance=community", "bike"),
        (&format!("for_user={jo}"), "bike"),
        ("for_user=zzzz-zzzz", ""),
        (&format!("domains=localhost&shared_to={mo}"), "bike"),
        (&format!("domains=localhost&shared_to={jo}"), ""),
        ("public=true", "bike,park,tree,work"),
        ("public=false", "hide"),
        ("public", "bike,park,tree,work"),
        ("visibility=open", "bike,tree"),
        ("visibility=internal", "hide,park,work"),
        ("audience=private", "hide"),
        ("audience=site", ""),
        ("audience=private&audience=public", ALL),
        ("published=false", "work"),
        ("approval_status=approved", ALL),
        ("approval_status=pending", ""),
        ("explicitly_hidden=true", "park"),
        ("data_json_hidden=true", "park"),
        ("data_json_hidden=false", "bike,hide,tree,work"),
        ("tags=traffic&provenance=official", "tree"),
    ] {
        assert_eq!(ids(&mock, ADMIN, &format!("?{query}&order=dataset_id")).await, expected, "{query}");
    }
}

/// Documented: no parameter shows more than the caller may see.
#[tokio::test]
async fn assets_are_found_by_who_may_see_them() {
    let mock = site().await;
    for (login, expected) in
        [("", "bike,tree"), (&login("jo@example.com"), "bike,tree"), (VIEWER, "bike,hide,park,tree,work")]
    {
        for query in [
            "?order=dataset_id",
            "?public=false&order=dataset_id",
            "?published=false",
            "?explicitly_hidden=true",
        ] {
            let found = ids(&mock, login, query).await;
            assert!(
                found.split(',').all(|id| id.is_empty() || expected.contains(id)),
                "{login} {query}: {found}"
            );
        }
        assert_eq!(ids(&mock, login, "?order=dataset_id").await, expected, "{login}");
    }
    let share = |email: &str, level: &str| json!({ "email": email, "accessLevels": [{ "name": level, "version": "all" }] });
    let users =
        json!({ "users": [share("admin@example.com", "current_owner"), share("jo@example.com", "viewer")] });
    assert_eq!(mock.write("PUT", "/api/views/hide-2222/permissions", &users).await.status, 200);
    let jo = login("jo@example.com");
    assert_eq!(ids(&mock, &jo, "?order=dataset_id").await, "bike,hide,tree");
    let own =
        mock.call("GET", "/api/users/current", &[("authorization", &jo)], "").await.json()["id"].clone();
    let own = own.as_str().unwrap();
    assert_eq!(ids(&mock, &jo, &format!("?domains=localhost&shared_to={own}")).await, "hide");
    assert_eq!(
        ids(&mock, "", &format!("?domains=localhost&shared_to={own}")).await,
        "",
        "without a login nothing is shared"
    );
    let other = get(&mock, &login("mo@example.com"), &format!("?domains=localhost&shared_to={own}")).await;
    assert_eq!(other.status, 401);
    let visible =
        get(&mock, VIEWER, "?show_visibility&ids=hide-2222&ids=bike-2222&order=dataset_id").await.json();
    let metadata = |index: usize| visible["results"][index]["metadata"].clone();
    assert_eq!(metadata(0)["visible_to_anonymous"], true);
    let expected = json!({ "domain": "localhost", "audience": "private", "is_public": false, "is_published": true,
        "is_hidden": false, "visible_to_anonymous": false, "visible_to_site": false });
    assert_eq!(metadata(1), expected);
}

/// The documented examples of `q` and `min_should_match`, and the fields that are searched.
#[tokio::test]
async fn text_is_searched_in_the_documented_fields() {
    let mock = site().await;
    for (query, expected) in [
        ("q=city%20dog%20park", "park"),
        ("q=trees%20green%20spaces%20new%20york", "tree"),
        ("q=bicycles", "bike"),
        ("q=transportation", "bike"),
        ("q=traffic", "bike,tree"),
        ("q=key%20location", "bike"),
        ("q=street", "bike"),
        ("q=species", "tree"),
        ("q=grows", "bike,tree"),
        ("q=x", "bike"),
        ("q=the", ""),
        ("q=york%20bicycle", ""),
        ("q=york%20bicycle&min_should_match=1", "bike,tree"),
        ("q=york%20bicycle&min_should_match=50%25", "bike,tree"),
        ("q=york%20tree%20map%20nothing&min_should_match=-1", "tree"),
        ("q=nothing", ""),
    ] {
        assert_eq!(ids(&mock, PUBLISHER, &format!("?{query}&order=dataset_id")).await, expected, "{query}");
    }
    // A word of the name counts for more than one of a column.
    mock.dataset("name-2222", &json!({ "name": "Species of Fish", "columns": [] })).await;
    assert_eq!(ids(&mock, "", "?q=species").await, "name,tree");
    assert_eq!(ids(&mock, "", "?q=species&order=relevance+ASC").await, "tree,name");
}

#[tokio::test]
async fn results_are_ordered_boosted_and_paged() {
    let mock = site().await;
    let owner = json!({ "users": [{ "email": "jo@example.com", "accessLevels": [{ "name": "current_owner", "version": "all" }] }] });
    mock.write("PUT", "/api/views/bike-2222/permissions", &owner).await;
    mock.call("POST", "/__mock/v1/clock/advance", &[], "{\"seconds\":60}").await;
    assert_eq!(mock.write("POST", "/resource/park-2222.json", &json!([])).await.status, 200);
    for (query, expected) in [
        ("", "bike,hide,park,tree,work"),
        ("order=relevance", "bike,hide,park,tree,work"),
        ("boostOfficial=2.5", "hide,park,tree,work,bike"),
        ("boostOfficial=0.5", "bike,hide,park,tree,work"),
        ("order=name", "work,bike,park,tree,hide"),
        ("order=name%20DESC", "hide,tree,park,bike,work"),
        ("order=name+asc", "work,bike,park,tree,hide"),
        ("order=owner", "hide,park,tree,work,bike"),
        ("order=owner+DESC", "bike,hide,park,tree,work"),
        ("order=dataset_id+DESC", "work,tree,park,hide,bike"),
        ("order=datatype", "bike,hide,park,work,tree"),
        ("order=domain_category", "tree,bike,hide,park,work"),
        ("order=domain_category+DESC", "bike,tree,hide,park,work"),
        ("order=createdAt", "work,hide,park,tree,bike"),
        ("order=createdAt+ASC", "bike,tree,park,hide,work"),
        ("order=updatedAt&limit=2", "park,bike"),
        ("order=page_views_total", "bike,hide,park,tree,work"),
        ("limit=2", "bike,hide"),
        ("limit=2&offset=3", "tree,work"),
        ("limit=0", ""),
        ("offset=9", ""),
        ("limit=10000", "bike,hide,park,tree,work"),
        ("scroll_id=&limit=2", "bike,hide"),
        ("scroll_id=hide-2222&limit=2", "park,tree"),
        ("scroll_id=work-2222", ""),
    ] {
        assert_eq!(ids(&mock, PUBLISHER, &format!("?{query}")).await, expected, "{query}");
    }
    let page = get(&mock, PUBLISHER, "?limit=1&offset=1").await.json();
    assert_eq!(page["resultSetSize"], 5);
    assert_eq!(get(&mock, PUBLISHER, "?scroll_id=tree-2222").await.json()["resultSetSize"], 5);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_by_name() {
    let mock = site().await;
    for (query, status, told) in [
        ("?limit=-1", 400, "'limit' must be a whole number from 0 on; got -1"),
        ("?offset=many", 400, "'offset' must be"),
        ("?offset=9901", 400, "Sum of `offset` and `limit` cannot exceed 10000"),
        ("?order=id", 400, "'order' must be one of relevance, name"),
        ("?order=name+down", 400, "'order' must be"),
        ("?order=name&scroll_id=", 400, "The `order` and `scroll_id` parameters cannot both be specified"),
        ("?offset=1&scroll_id=", 400, "The `offset` and `scroll_id` parameters cannot both be specified"),
        ("?only=table", 400, "Invalid 'only' parameter: 'only' must be one of apis, api"),
        ("?public=maybe", 400, "'public' must be true or false; got maybe"),
        ("?provenance=me", 400, "'provenance' must be official or community"),
        ("?audience=all", 400, "'audience' must be private, site or public"),
        ("?approval_status=maybe", 400, "'approval_status' must be approved"),
        ("?visibility=hidden", 400, "'visibility' must be open or internal"),
        (
            "?visibility=open&public=false",
            400,
            "Invalid parameter combination: visibility=open and public=false",
        ),
        ("?visibility=open&approval_status=pending", 400, "visibility=open and approval_status"),
        ("?q=a%20b&min_should_match=few", 400, "'min_should_match' is no rule: few"),
        ("?boostOfficial=-1", 400, "'boostOfficial' must be a number from 0 on"),
        ("?boostOfficial=NaN", 400, "'boostOfficial' must be"),
        ("?shared_to=zzzz-zzzz", 400, "'shared_to' needs the parameter 'domains'"),
        ("?search_context=other.gov", 404, "Domain not found: other.gov"),
        ("?deduplicate=true", 400, "'deduplicate' is no parameter of this endpoint"),
        ("/domains?q=x", 400, "'q' is no parameter"),
        ("/domain_tags?order=name", 400, "'order' is no parameter"),
        ("/domains/other.gov/facets", 404, "Domain not found: other.gov"),
        ("/autocomplete?scroll_id=", 400, "'scroll_id' is no parameter"),
        ("/tags/autocomplete?deduplicate=false", 400, "'deduplicate' is no parameter"),
    ] {
        let answer = get(&mock, "", query).await;
        let body = answer.json();
        assert_eq!(answer.status, status, "{query}: {body}");
        assert!(body["error"].as_str().unwrap().contains(told), "{query}: {body}");
        assert_eq!(body.as_object().unwrap().len(), 1, "one member, as documented: {body}");
        assert!(!answer.header("x-mock-hint").is_empty(), "{query}");
    }
    for name in [
        "q_internal",
        "slop",
        "age_decay",
        "show_score",
        "locale",
        "boostDomains[a.gov]",
        "boostTitle",
        "boostDatasets",
        "boostStories",
    ] {
        let answer = get(&mock, "", &format!("?{name}=1")).await;
        assert_eq!((answer.status, &answer.json()["code"]), (501, &json!("not_emulated")), "{name}");
        assert!(answer.text().contains(name.split('[').next().unwrap()), "{}", answer.text());
    }
    // As documented, any other name is a key of custom metadata; what looks misspelt is told.
    let misspelt = get(&mock, "", "?domain=localhost").await;
    assert_eq!(misspelt.json()["resultSetSize"], 0);
    assert!(
        misspelt.header("x-mock-warning").contains("did you mean domains?"),
        "{}",
        misspelt.header("x-mock-warning")
    );
    assert_eq!(get(&mock, "", "?Agency_Dept=x").await.header("x-mock-warning"), "");
    for path in ["", "/domains", "/autocomplete"] {
        let answer = mock.call("POST", &format!("{PATH}{path}"), &[("authorization", PUBLISHER)], "").await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD"), "{path}");
    }
}

/// The host that answers for all sites is the site that is asked for.
#[tokio::test]
async fn the_shared_host_is_the_site_that_is_asked_for() {
    let mock = site().await;
    for (query, domain) in
        [("domains=data.city.gov", "data.city.gov"), ("search_context=x.gov&domains=x.gov", "x.gov")]
    {
        for path in ["/api/catalog/v1", "/catalog/v1"] {
            let headers = [("host", "api.us.socrata.com")];
            let found = mock.call("GET", &format!("{path}?{query}&ids=bike-2222"), &headers, "").await.json();
            assert_eq!(found["results"][0]["metadata"]["domain"], domain, "{path} {query}");
        }
    }
}

#[tokio::test]
async fn assets_are_counted_by_domain_tag_category_and_facet() {
    let mock = site().await;
    let results = async |path: &str| get(&mock, "", path).await.json()["results"].clone();
    assert_eq!(results("/domains").await, json!([{ "domain": "localhost", "count": 2 }]));
    assert_eq!(results("/domains?tags=bikes").await, json!([{ "domain": "localhost", "count": 1 }]));
    assert_eq!(results("/domains?tags=nothing").await, json!([]));
    let tag = |tag: &str, count: u32| json!({ "domain_tag": tag, "count": count });
    assert_eq!(
        results("/domain_tags").await,
        json!([tag("Traffic", 1), tag("bikes", 1), tag("traffic", 1), tag("trees", 1)])
    );
    assert_eq!(results("/domain_tags?categories=Environment&limit=1").await, json!([tag("traffic", 1)]));
    let category = |category: &str| json!({ "domain_category": category, "count": 1 });
    assert_eq!(
        results("/domain_categories").await,
        json!([category("Environment"), category("Transportation")])
    );
    assert_eq!(results("/domain_categories?q=bicycle").await, json!([category("Transportation")]));
    let facets = results("/domains/localhost/facets").await;
    let facet =
        |name: &str| facets.as_array().unwrap().iter().find(|facet| facet["facet"] == name).unwrap().clone();
    assert_eq!(
        facet("datatypes"),
        json!({ "facet": "datatypes", "count": 2, "values": [{ "value": "dataset", "count": 1 }, { "value": "map", "count": 1 }] })
    );
    assert_eq!(facet("provenance")["values"], json!([{ "value": "official", "count": 2 }]));
    assert_eq!(facet("categories")["count"], 2);
    assert_eq!(facet("tags")["values"].as_array().unwrap().len(), 4);
    assert_eq!(facet("Publication-Metadata_Publication-Cycle")["values"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn titles_and_tags_are_completed() {
    let mock = site().await;
    mock.dataset("copy-2222", &json!({ "name": "Bicycle Counts", "columns": [] })).await;
    let results = async |path: &str| get(&mock, "", path).await.json()["results"].clone();
    let marked = "<span class=highlight>Bi</span>cycle <span class=highlight>Cou</span>nts";
    assert_eq!(
        results("/autocomplete?q=cou%20bi").await,
        json!([{ "display_title": marked, "title": "Bicycle Counts" }])
    );
    let with_ids = results("/autocomplete?q=bi&deduplicate=false").await;
    assert_eq!(
        (with_ids[0]["id"].as_str(), with_ids[1]["id"].as_str()),
        (Some("bike-2222"), Some("copy-2222"))
    );
    assert_eq!(results("/autocomplete?q=icycle").await, json!([]));
    assert_eq!(results("/autocomplete?q=bi&tags=trees").await, json!([]));
    assert_eq!(results("/autocomplete?limit=1&offset=1").await[0]["title"], "New York Tree Map");
    assert_eq!(
        results("/tags/autocomplete?q=tr").await,
        json!([
            { "tag_text": "Traffic", "matches": [{ "start": 0, "length": 2 }] },
            { "tag_text": "traffic", "matches": [{ "start": 0, "length": 2 }] },
            { "tag_text": "trees", "matches": [{ "start": 0, "length": 2 }] },
        ])
    );
}

/// A working copy names the dataset that it was made from.
#[tokio::test]
async fn a_working_copy_leads_back_to_what_is_published() {
    let mock = mock().await;
    let copy =
        mock.write("POST", "/api/views/4tka-6guv/publication.json?method=copy", &Value::Null).await.json();
    let id = copy["id"].as_str().unwrap();
    let found = get(&mock, PUBLISHER, &format!("?ids={id}")).await.json()["results"][0].clone();
    let expected = json!({ "permalink": "https://localhost/d/4tka-6guv", "uid": "4tka-6guv" });
    assert_eq!((&found["published_copy"], &found["resource"]["publication_date"]), (&expected, &Value::Null));
    assert_eq!(get(&mock, "", &format!("?ids={id}")).await.json()["resultSetSize"], 0);
}
