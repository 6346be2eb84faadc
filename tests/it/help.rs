//! The guide as pages of the server, and the links to it.

use crate::support::{PUBLISHER, mock, mock_of};
use soda_mock::{Options, Setup};

/// The topics, by the files of the guide.
fn topics() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide");
    let names =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".md").map(str::to_owned)).collect()
}

#[tokio::test]
async fn every_page_of_the_guide_is_served() {
    let mock = mock().await;
    let contents = mock.get("/__mock/help/").await;
    assert_eq!((contents.status, contents.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(topics().len() > 10);
    for topic in topics() {
        assert!(contents.text().contains(&format!("href=\"/__mock/help/{topic}\"")), "{topic}");
        let page = mock.get(&format!("/__mock/help/{topic}")).await;
        assert!(page.status == 200 && page.text().contains("<h1"), "{topic}");
        let source = mock.get(&format!("/__mock/help/{topic}.md")).await;
        let file = format!("{}/src/guide/{topic}.md", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(source.text(), std::fs::read_to_string(file).unwrap());
    }
    assert_eq!(mock.get("/__mock/help/nothing").await.status, 404);
    assert_eq!(mock.get("/__mock/help/errors/no.such.code").await.status, 404);
    assert_eq!(mock.get("/__mock/help/soql").await.header("location"), "/__mock/soql");
}

/// `Link: <…>; rel="help"` of the refusal of a row, and where it leads.
#[tokio::test]
async fn a_refusal_names_the_page_of_its_error_code() {
    let mock = mock().await;
    let rows = r#"[{"earthquake_id": "e1", "magnitude": "strong"}]"#;
    let headers = [("authorization", PUBLISHER), ("content-type", "application/json")];
    let refused = mock.call("POST", "/resource/4tka-6guv.json", &headers, rows).await;
    let link = refused.header("link");
    assert_eq!(link, "</__mock/help/errors/soda.column.maltyped>; rel=\"help\"");
    let page = mock.get(link.split(['<', '>']).nth(1).unwrap()).await;
    assert!(page.status == 200 && page.text().contains("soda.column.maltyped"), "{}", page.text());
    let query = mock.get("/resource/4tka-6guv.json?$where=nosuch=1").await;
    assert_eq!(query.header("link"), "</__mock/help/errors/query.soql.no-such-column>; rel=\"help\"");
    assert_eq!(mock.get("/resource/4tka-6guv.json").await.header("link"), "");
}

#[tokio::test]
async fn without_the_admin_api_there_is_no_link_and_no_guide() {
    let options = Options { no_admin: true, ..Options::default() };
    let mock = mock_of(Setup { options, ..Setup::default() }).await;
    let refused = mock.get("/resource/4tka-6guv.json?$where=nosuch=1").await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.header("link"), "");
    assert_eq!(mock.get("/__mock/help/").await.status, 404);
}
