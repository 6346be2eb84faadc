//! Every refusal says what to change.

use crate::support::{Mock, mock};
use serde_json::{Value, json};

async fn dataset() -> Mock {
    let mock = mock().await;
    let definition = json!({
        "name": "Hints",
        "metadata": { "rowIdentifier": "station" },
        "columns": [
            { "fieldName": "station", "name": "Station", "dataTypeName": "text" },
            { "fieldName": "magnitude", "name": "Magnitude", "dataTypeName": "number" },
            { "fieldName": "seen_at", "name": "Seen at", "dataTypeName": "calendar_date" },
        ],
    });
    mock.dataset("hint-2222", &definition).await;
    mock
}

async fn hint(mock: &Mock, rows: &Value) -> String {
    let answer = mock.write("POST", "/resource/hint-2222.json", rows).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    answer.header("x-mock-hint").to_owned()
}

#[tokio::test]
async fn a_refused_value_is_told_with_its_row_and_what_to_send() {
    let mock = dataset().await;
    let rows = json!([{ "station": "a" }, { "station": "b", "magnitude": "1,000" }]);
    let hint = hint(&mock, &rows).await;
    assert_eq!(
        hint,
        "Row 1 (counted from 0), magnitude: take out blanks, grouping commas, currency and percent signs: 1000. \
         Nothing was stored."
    );
}

#[tokio::test]
async fn a_misspelt_field_is_answered_with_the_nearest_one() {
    let mock = dataset().await;
    let near = hint(&mock, &json!([{ "station": "a", "magntude": 1 }])).await;
    assert!(near.contains("did you mean magnitude?"), "{near}");
    let far = hint(&mock, &json!([{ "station": "a", "colour": 1 }])).await;
    assert!(far.contains("station, magnitude, seen_at"), "{far}");
}

/// Wire contract, section 3: the third spelling of an application token.
#[tokio::test]
async fn app_token_in_the_query_is_no_filter() {
    let mock = dataset().await;
    let known = mock.get("/resource/hint-2222.json?app_token=demo-app-token").await;
    assert_eq!((known.status, known.text().as_str()), (200, "[]\n"));
    let unknown = mock.get("/resource/hint-2222.json?app_token=nope").await;
    assert_eq!(unknown.status, 403);
}
