//! The reference says what the analyzer does.

use super::ask;
use crate::support::mock;

#[tokio::test]
async fn every_example_of_the_reference_runs_on_the_demo_dataset() {
    let mock = mock().await;
    let table = mock.get("/__mock/v1/soql.json").await.json();
    let mut wrong = Vec::new();
    for function in table["functions"].as_array().unwrap() {
        let example = function["example"].as_str().unwrap();
        // No expression makes a document; such a column comes from an upload of a file.
        if example.starts_with("file") {
            continue;
        }
        let answer =
            ask(&mock, "4tka-6guv", &[("$select", &format!("{example} as x")), ("$limit", "3")]).await;
        let expected = if function["emulated"] == true { 200 } else { 501 };
        if answer.status != expected {
            wrong.push(format!("{example}: {} {}", answer.status, answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_page_of_the_reference_is_html() {
    let answer = mock().await.get("/__mock/soql").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(answer.text().contains("<code>upper(text)</code>"));
}
