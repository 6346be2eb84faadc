//! Every refusal says what to change: in each format, for each type, in the words of the format.

use crate::support::{Mock, PUBLISHER, mock};
use serde_json::{Value, json};

const PATH: &str = "/resource/hint-2222";

/// A dataset with the text key `k` and, unless the field is a system field, a column `v` of the type.
async fn dataset(kind: &str) -> Mock {
    let mock = mock().await;
    let mut columns = vec![json!({ "fieldName": "k", "name": "Key", "dataTypeName": "text" })];
    if !kind.starts_with(':') {
        columns.push(json!({ "fieldName": "v", "name": "The value", "dataTypeName": kind }));
    }
    let metadata = json!({ "rowIdentifier": "k" });
    mock.dataset("hint-2222", &json!({ "name": "Hints", "metadata": metadata, "columns": columns })).await;
    mock
}

fn field(kind: &str) -> &str {
    if kind.starts_with(':') { kind } else { "v" }
}

/// A value as it was sent, the sentence of JSON, the sentence of a cell; none where it is accepted.
type Sent = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const TEXTS: &[Sent] = &[
    ("number", "N/A", r#""N/A" stands for a missing value: send null"#, "N/A stands for a missing value: leave the cell empty"),
    ("number", "NULL", r#""NULL" stands for a missing value: send null"#, "NULL stands for a missing value: leave the cell empty"),
    ("number", "null", r#""null" stands for a missing value: send null"#, "null stands for a missing value: leave the cell empty"),
    ("number", "None", r#""None" stands for a missing value: send null"#, "None stands for a missing value: leave the cell empty"),
    ("number", "-", r#""-" stands for a missing value: send null"#, "- stands for a missing value: leave the cell empty"),
    ("number", "#N/A", r##""#N/A" stands for a missing value: send null"##, "#N/A stands for a missing value: leave the cell empty"),
    ("number", r#"\N"#, r#""\\N" stands for a missing value: send null"#, r#"\N stands for a missing value: leave the cell empty"#),
    ("number", "", "an empty text is no number: send null", ""),
    ("number", "  ", "a text of blanks is no number: send null", "a text of blanks is no number: leave the cell empty"),
    ("number", "many", "send a number such as -5.00 or 1e3, or null", "write a number such as -5.00 or 1e3, or leave the cell empty"),
    ("number", "12 km", "send a number such as -5.00 or 1e3, or null", "write a number such as -5.00 or 1e3, or leave the cell empty"),
    ("number", "1,234.5", "take out grouping commas: send 1234.5", "take out grouping commas: write 1234.5"),
    ("number", "1.234,50", "take out grouping points, write a decimal point for the comma: send 1234.50", "take out grouping points, write a decimal point for the comma: write 1234.50"),
    ("number", "1,5", "write a decimal point for the comma: send 1.5", "write a decimal point for the comma: write 1.5"),
    ("number", "$5", "take out the currency sign: send 5", "take out the currency sign: write 5"),
    ("number", "5 kr", "take out the currency sign: send 5", "take out the currency sign: write 5"),
    ("number", "\u{feff}5", "take out invisible characters: send 5", "take out invisible characters: write 5"),
    ("number", "\u{663}", "write the digits 0 to 9: send 3", "write the digits 0 to 9: write 3"),
    ("number", "5.00-", "write the minus sign in front: send -5.00", "write the minus sign in front: write -5.00"),
    ("number", "50%", "take out the percent sign: send 50", "take out the percent sign: write 50"),
    ("number", "($1,234.50)", "write a minus sign for the brackets, take out the currency sign, take out grouping commas: send -1234.50", "write a minus sign for the brackets, take out the currency sign, take out grouping commas: write -1234.50"),
    ("number", "− 5", "write a hyphen for the long minus sign, take out blanks: send -5", "write a hyphen for the long minus sign, take out blanks: write -5"),
    ("number", "“5”", "take off the quotation marks: send 5", "take off the quotation marks: write 5"),
    ("number", "NaN", "NaN is no number: send null", "NaN is no number: leave the cell empty"),
    ("number", "1e99999999", "a number has 100000 digits at most when it is written out: send a shorter one, or null", "a number has 100000 digits at most when it is written out: write a shorter one, or leave the cell empty"),
    ("number", "-inf", "-inf is no number: send null", "-inf is no number: leave the cell empty"),
    ("number", "True", "True is a value of a checkbox: send 1", "True is a value of a checkbox: write 1"),
    ("number", "x", "send a number such as -5.00 or 1e3, or null", "write a number such as -5.00 or 1e3, or leave the cell empty"),
    ("number", "no", "no is a value of a checkbox: send 0", "no is a value of a checkbox: write 0"),
    ("number", "2020-01-02", "2020-01-02 is a date: send a number, or null", "2020-01-02 is a date: write a number, or leave the cell empty"),
    ("money", "$1,000", "take out the currency sign, take out grouping commas: send 1000", "take out the currency sign, take out grouping commas: write 1000"),
    ("percent", "45 %", "take out the percent sign, take out blanks: send 45", "take out the percent sign, take out blanks: write 45"),
    ("checkbox", "N/A", r#""N/A" stands for a missing value: send null"#, "N/A stands for a missing value: leave the cell empty"),
    ("checkbox", "True", r#""True" means true: send true, without quotes"#, ""),
    ("checkbox", "yes", r#""yes" means true: send true, without quotes"#, "yes means true: write true"),
    ("checkbox", "Y", r#""Y" means true: send true, without quotes"#, "Y means true: write true"),
    ("checkbox", "off", r#""off" means false: send false, without quotes"#, "off means false: write false"),
    ("checkbox", "1", r#""1" means true: send true, without quotes"#, "1 means true: write true"),
    ("checkbox", "Ja", r#""Ja" means true: send true, without quotes"#, "Ja means true: write true"),
    ("checkbox", "Non", r#""Non" means false: send false, without quotes"#, "Non means false: write false"),
    ("checkbox", "Falso", r#""Falso" means false: send false, without quotes"#, "Falso means false: write false"),
    ("checkbox", "perhaps", "send true or false, or null", "write true or false, or leave the cell empty"),
    ("calendar_date", "N/A", r#""N/A" stands for a missing value: send null"#, "N/A stands for a missing value: leave the cell empty"),
    ("calendar_date", "NaT", r#""NaT" stands for a missing value: send null"#, "NaT stands for a missing value: leave the cell empty"),
    ("calendar_date", "0000-00-00", r#""0000-00-00" stands for a missing value: send null"#, "0000-00-00 stands for a missing value: leave the cell empty"),
    ("calendar_date", "January 2, 2020", r#"January 2, 2020 is a date in words: send "2020-01-02T00:00:00""#, "January 2, 2020 is a date in words: write 2020-01-02T00:00:00"),
    ("calendar_date", "02-Jan-20", r#"02-Jan-20 is a date in words: send "2020-01-02T00:00:00""#, "02-Jan-20 is a date in words: write 2020-01-02T00:00:00"),
    ("calendar_date", "12 de enero de 2020", r#"12 de enero de 2020 is a date in words: send "2020-01-12T00:00:00""#, "12 de enero de 2020 is a date in words: write 2020-01-12T00:00:00"),
    ("calendar_date", "1st of May 2020", r#"1st of May 2020 is a date in words: send "2020-05-01T00:00:00""#, "1st of May 2020 is a date in words: write 2020-05-01T00:00:00"),
    ("calendar_date", "43832", r#"43832 is a day number of Excel: send "2020-01-02T00:00:00""#, "43832 is a day number of Excel: write 2020-01-02T00:00:00"),
    ("calendar_date", "1577923200", r#"1577923200 is a Unix time in seconds: send "2020-01-02T00:00:00""#, "1577923200 is a Unix time in seconds: write 2020-01-02T00:00:00"),
    ("calendar_date", "1577923200000", r#"1577923200000 is a Unix time in milliseconds: send "2020-01-02T00:00:00""#, "1577923200000 is a Unix time in milliseconds: write 2020-01-02T00:00:00"),
    ("calendar_date", "20141013", r#"20141013 is not parted as ISO 8601 has it: send "2014-10-13T00:00:00""#, "20141013 is not parted as ISO 8601 has it: write 2014-10-13T00:00:00"),
    ("calendar_date", "31.12.2020", r#"31.12.2020 has the day before the month: send "2020-12-31T00:00:00""#, "31.12.2020 has the day before the month: write 2020-12-31T00:00:00"),
    ("calendar_date", "13/01/2014", r#"13/01/2014 has the day before the month: send "2014-01-13T00:00:00""#, "13/01/2014 has the day before the month: write 2014-01-13T00:00:00"),
    ("calendar_date", "10/13/2014", r#"month/day/year is read from CSV only: send "2014-10-13T00:00:00""#, ""),
    ("calendar_date", "10-13-2014", r#"month/day/year is read from CSV only: send "2014-10-13T00:00:00""#, "10-13-2014 has the month before the day: write 2014-10-13T00:00:00"),
    ("calendar_date", "2014-10-13 07:00:00", r#"put a T between date and time: send "2014-10-13T07:00:00""#, "put a T between date and time: write 2014-10-13T07:00:00"),
    ("calendar_date", "2014-10-13T07:00:00Z", r#"the column holds local times, without Z or offset (a column of type date holds moments): send "2014-10-13T07:00:00""#, "the column holds local times, without Z or offset (a column of type date holds moments): write 2014-10-13T07:00:00"),
    ("calendar_date", "2014-10-13T07:00:00-05:00", r#"the column holds local times, without Z or offset (a column of type date holds moments): send "2014-10-13T07:00:00""#, "the column holds local times, without Z or offset (a column of type date holds moments): write 2014-10-13T07:00:00"),
    ("calendar_date", "2014-02-30", r#"there is no such time as "2014-02-30": send a local time such as "2014-10-13T07:00:00""#, "there is no such time as 2014-02-30: write a local time such as 2014-10-13T07:00:00"),
    ("calendar_date", "13/45/2024", r#"there is no such time as "13/45/2024": send a local time such as "2014-10-13T07:00:00""#, "there is no such time as 13/45/2024: write a local time such as 2014-10-13T07:00:00"),
    ("calendar_date", "“2020-01-02”", r#"take off the inner quotation marks: send "2020-01-02""#, "take off the inner quotation marks: write 2020-01-02"),
    ("calendar_date", "yesterday", r#"send a local time such as "2014-10-13T07:00:00", or null"#, "write a local time such as 2014-10-13T07:00:00, or leave the cell empty"),
    ("date", "None", r#""None" stands for a missing value: send null"#, "None stands for a missing value: leave the cell empty"),
    ("date", "43832.5", r#"43832.5 is a day number of Excel: send "2020-01-02T12:00:00Z""#, "43832.5 is a day number of Excel: write 2020-01-02T12:00:00Z"),
    ("date", "2014-10-13 07:00:00 -0500", r#"put a T between date and time: send "2014-10-13T07:00:00-05:00""#, "put a T between date and time: write 2014-10-13T07:00:00-05:00"),
    ("date", "Thu, 02 Jan 2020 10:00:00 GMT", r#"Thu, 02 Jan 2020 10:00:00 GMT is a date in words: send "2020-01-02T10:00:00Z""#, "Thu, 02 Jan 2020 10:00:00 GMT is a date in words: write 2020-01-02T10:00:00Z"),
    ("date", "2014-02-30", r#"there is no such time as "2014-02-30": send a time such as "2014-10-13T07:00:00Z""#, "there is no such time as 2014-02-30: write a time such as 2014-10-13T07:00:00Z"),
    ("datestamp", "2014-10-13T07:00:00", r#"the column holds dates without a time: send "2014-10-13""#, "the column holds dates without a time: write 2014-10-13"),
    ("time", "5:30 PM", r#"5:30 PM is a time of the twelve-hour clock: send "17:30:00""#, "5:30 PM is a time of the twelve-hour clock: write 17:30:00"),
    ("time", "2014-10-13T07:00:00", r#"the column holds times without a date: send "07:00:00""#, "the column holds times without a date: write 07:00:00"),
    ("point", "N/A", r#""N/A" stands for a missing value: send null"#, "N/A stands for a missing value: leave the cell empty"),
    ("point", "(47.6, -122.3)", r#"(latitude, longitude) is read from CSV only: send {"type":"Point","coordinates":[-122.3,47.6]}"#, ""),
    ("point", "47.6, -122.3", r#"(latitude, longitude) is read from CSV only: send {"type":"Point","coordinates":[-122.3,47.6]}"#, "the pair stands in brackets, or as WKT with the longitude first: write POINT (-122.3 47.6)"),
    ("point", "POINT(-122.3, 47.6)", r#"in WKT a blank parts longitude and latitude: send {"type":"Point","coordinates":[-122.3,47.6]}"#, "in WKT a blank parts longitude and latitude: write POINT (-122.3 47.6)"),
    ("point", "SRID=4326;POINT (-122.3 47.6)", r#"WKT stands without an SRID: send {"type":"Point","coordinates":[-122.3,47.6]}"#, "WKT stands without an SRID: write POINT (-122.3 47.6)"),
    ("point", r#"{"type":"Point","coordinates":[-122.3,47.6]}"#, r#"GeoJSON is an object, not a text in quotes: send {"type":"Point","coordinates":[-122.3,47.6]}"#, "WKT is read here, not GeoJSON: write POINT (-122.3 47.6)"),
    ("point", "LINESTRING (0 0, 1 1)", "the column takes a Point, not a LineString: send GeoJSON of type Point or WKT, longitude first, or null", "the column takes a Point, not a LineString: write WKT, longitude first: POINT (-122.3 47.6), or the pair latitude first: (47.6, -122.3), or leave the cell empty"),
    ("point", "POINT (1", "a position is two or three numbers, longitude first: send GeoJSON of type Point or WKT, longitude first, or null", "a position is two or three numbers, longitude first: write WKT, longitude first: POINT (-122.3 47.6), or the pair latitude first: (47.6, -122.3), or leave the cell empty"),
    ("point", "here", "send GeoJSON of type Point or WKT, longitude first, or null", "write WKT, longitude first: POINT (-122.3 47.6), or the pair latitude first: (47.6, -122.3), or leave the cell empty"),
    ("polygon", "POLYGON ((0 0, 1 0, 1 1))", "each ring ends where it began and has four positions or more: send GeoJSON of type Polygon or WKT, longitude first, or null", "each ring ends where it began and has four positions or more: write WKT of a Polygon, longitude first, or leave the cell empty"),
    ("json", "NULL", r#""NULL" stands for a missing value: send null"#, "NULL stands for a missing value: leave the cell empty"),
    ("json", "{", r#"the column takes an object with the member json: send {"json": "{"}"#, "write JSON, or leave the cell empty"),
    (":id", "8", "send the row's :id as it was read, such as row-evac~sxbs~gm8t (no :id for a new row), or null", "write the row's :id as it was read, such as row-evac~sxbs~gm8t (no :id for a new row), or leave the cell empty"),
    (":id", "N/A", r#""N/A" stands for a missing value: send null"#, "N/A stands for a missing value: leave the cell empty"),
    (":version", "x", "send the row's :version as it was read, such as rv-csvd~ec2x~i33b, or null", "write the row's :version as it was read, such as rv-csvd~ec2x~i33b, or leave the cell empty"),
];

/// JSON values that are no texts, and the sentence.
#[rustfmt::skip]
const VALUES: &[(&str, &str, &str)] = &[
    ("text", "true", r#"true is no text: send it in quotes, "true""#),
    ("text", r#"{"a":1}"#, "an object or a list is no text: send a text in quotes, or a number, or null"),
    ("number", "false", "false is a value of a checkbox: send 0"),
    ("number", "[1]", "an object or a list is no number: send a number such as -5.00 or 1e3, or null"),
    ("checkbox", "1", "1 means true: send true"),
    ("checkbox", "2", "send true or false, or null"),
    ("calendar_date", "43832", r#"43832 is a day number of Excel: send "2020-01-02T00:00:00""#),
    ("calendar_date", "1577923200", r#"1577923200 is a Unix time in seconds: send "2020-01-02T00:00:00""#),
    ("calendar_date", "1577923200000", r#"1577923200000 is a Unix time in milliseconds: send "2020-01-02T00:00:00""#),
    ("calendar_date", "1577923200000000", r#"1577923200000000 is a Unix time in microseconds: send "2020-01-02T00:00:00""#),
    ("date", "1577923200000000000", r#"1577923200000000000 is a Unix time in nanoseconds: send "2020-01-02T00:00:00Z""#),
    ("calendar_date", "2020", r#"2020 is a year that is a number: send "2020-01-01T00:00:00""#),
    ("number", "1e99999999", "a number has 100000 digits at most when it is written out: send a shorter one, or null"),
    ("text", r#"{"0":"a","1":"b"}"#, "the body is a table by columns or row numbers: send an array of rows, [{...},{...}], as pandas makes it with to_json(orient=\"records\")"),
    ("calendar_date", "5", r#"send a local time such as "2014-10-13T07:00:00", or null"#),
    ("point", "[1,2]", r#"coordinates alone are no geometry: send {"type":"Point","coordinates":[1.0,2.0]}"#),
    ("point", r#"{"latitude":47.6,"longitude":-122.3}"#, r#"latitude and longitude as members belong to a location column: send {"type":"Point","coordinates":[-122.3,47.6]}"#),
    ("point", r#"{"lat":"47.6","lng":"-122.3"}"#, r#"latitude and longitude as members belong to a location column: send {"type":"Point","coordinates":[-122.3,47.6]}"#),
    ("point", r#"{"type":"Point","coordinates":["1","2"]}"#, r#"coordinates are numbers, without quotes: send {"type":"Point","coordinates":[1.0,2.0]}"#),
    ("point", r#"{"type":"Point"}"#, "it has no coordinates: send GeoJSON of type Point or WKT, longitude first, or null"),
    ("point", r#"{"type":"LineString","coordinates":[[0,0],[1,1]]}"#, "the column takes a Point, not a LineString: send GeoJSON of type Point or WKT, longitude first, or null"),
    ("point", r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}"#, r#"the field takes the geometry without the feature around it: send {"type":"Point","coordinates":[1.0,2.0]}"#),
    ("point", r#"{"type":"Point","coordinates":[1]}"#, "a position is two or three numbers, longitude first: send GeoJSON of type Point or WKT, longitude first, or null"),
    ("line", r#"{"latitude":1,"longitude":2}"#, "the column takes a LineString, not a Point: send GeoJSON of type LineString or WKT, longitude first, or null"),
    ("polygon", r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}"#, "each ring ends where it began and has four positions or more: send GeoJSON of type Polygon or WKT, longitude first, or null"),
    ("location", "5", r#"send an object such as {"latitude": 47.6, "longitude": -122.3}, or a text such as "(47.6, -122.3)", or null"#),
    ("location", "[47.6,-122.3]", r#"an object or a list is not what the column takes: send an object such as {"latitude": 47.6, "longitude": -122.3}, or a text such as "(47.6, -122.3)", or null"#),
    ("url", "5", r#"5 is no link: send an object such as {"url": "https://example.com", "description": "Example"}, or null"#),
    ("document", r#""x""#, r#"the column takes an object: send {"file_id": "x"}"#),
    ("document", r#"{"filename":"x"}"#, "an object or a list is not what the column takes: send an object with file_id, or null"),
    ("json", "5", r#"the column takes an object with the member json: send {"json": 5}"#),
    ("json", r#"{"a":1}"#, "an object or a list is not what the column takes: send an object with the member json, or null"),
    ("phone", "5551234", r#"send {"phone_number": "5551234"}"#),
    (":id", "8", "send the row's :id as it was read, such as row-evac~sxbs~gm8t (no :id for a new row), or null"),
];

/// What a header keeps of a text: letters outside ASCII are question marks.
fn in_header(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
}

/// Sends a body and expects the refusal of a value at this place, with this hint.
async fn refuses(mock: &Mock, content_type: &str, body: String, hint: &str, numbers: (Value, Value, Value)) {
    let headers = [("authorization", PUBLISHER), ("content-type", content_type)];
    let answer = mock.call("POST", PATH, &headers, body.clone()).await;
    let told = answer.json();
    assert_eq!((answer.status, &told["errorCode"]), (400, &json!("soda.column.maltyped")), "{body}: {told}");
    assert_eq!(answer.header("x-mock-hint"), in_header(hint), "{content_type} {body}");
    assert_eq!(
        (&told["data"]["row_index"], &told["data"]["line"], &told["data"]["cell"]),
        (&numbers.0, &numbers.1, &numbers.2),
        "{body}"
    );
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test]
async fn every_text_that_its_type_refuses_is_named_in_the_words_of_each_format() {
    for (kind, text, json, cell) in TEXTS {
        let mock = dataset(kind).await;
        let field = field(kind);
        let said = |place: &str, advice: &str| format!("{place}{field}: {advice}. Nothing was stored.");
        let none = Value::Null;
        let row = json!({ "k": "y", (field): text });
        let rows = json!([{ "k": "x" }, row]).to_string();
        let hint = said("Row 1 (counted from 0), ", json);
        refuses(&mock, "application/json", rows, &hint, (json!(1), none.clone(), none.clone())).await;
        let feature = |row: Value| json!({ "type": "Feature", "properties": row });
        let features =
            json!({ "type": "FeatureCollection", "features": [feature(json!({ "k": "x" })), feature(row)] });
        let hint = said("Feature 1 (counted from 0), ", json);
        refuses(
            &mock,
            "application/geo+json",
            features.to_string(),
            &hint,
            (json!(1), none.clone(), none.clone()),
        )
        .await;
        if cell.is_empty() {
            continue;
        }
        let quoted = text.replace('"', "\"\"");
        for (separator, content_type) in [(",", "text/csv"), ("\t", "text/tab-separated-values")] {
            let body = format!("k{separator}{field}\nx{separator}\n\ny{separator}\"{quoted}\"\n");
            let hint = said("Line 4, ", cell);
            refuses(&mock, content_type, body, &hint, (json!(1), json!(4), json!(2))).await;
        }
        let form = format!("k=y&{}={}", encoded(field), encoded(text));
        let hint = said("", &cell.replace("leave the cell empty", "leave the value empty"));
        refuses(&mock, "application/x-www-form-urlencoded", form, &hint, (json!(0), none.clone(), none))
            .await;
        assert_eq!(mock.get(&format!("{PATH}.json")).await.text(), "[]\n", "{kind} {text}");
    }
}

#[tokio::test]
async fn every_value_that_its_type_refuses_is_named() {
    for (kind, value, advice) in VALUES {
        let mock = dataset(kind).await;
        let field = field(kind);
        let body = format!("[{{\"k\":\"x\"}},{{\"k\":\"y\",\"{field}\":{value}}}]");
        let hint = format!("Row 1 (counted from 0), {field}: {advice}. Nothing was stored.");
        refuses(&mock, "application/json", body, &hint, (json!(1), Value::Null, Value::Null)).await;
    }
}

/// A path names a row by its key; it is told so, not what a body would hold.
#[tokio::test]
async fn a_path_that_cannot_be_a_key_is_told_what_names_a_row() {
    let mock = mock().await;
    let columns = json!([{ "fieldName": "n", "dataTypeName": "number" }]);
    mock.dataset(
        "hint-2222",
        &json!({ "name": "N", "metadata": { "rowIdentifier": "n" }, "columns": columns }),
    )
    .await;
    for (method, row, hint) in [
        ("DELETE", "abc", "n: name the row by a number such as -5.00 or 1e3. Nothing was stored."),
        ("POST", "$5", "n: take out the currency sign: name the row by 5. Nothing was stored."),
        ("PUT", "N%2FA", "n: N/A stands for a missing value: name a row that is there. Nothing was stored."),
    ] {
        let answer = mock.call(method, &format!("{PATH}/{row}"), &[("authorization", PUBLISHER)], "{}").await;
        assert_eq!((answer.status, answer.header("x-mock-hint")), (400, hint), "{row}");
    }
}

/// What is looked at of a value or a name is bounded; so is what is said of it.
#[tokio::test]
async fn a_huge_value_or_name_is_refused_in_few_words() {
    let mock = dataset("calendar_date").await;
    let long = "1".repeat(4 << 20);
    for body in [
        json!([{ "k": "y", "v": long }]).to_string(),
        json!([{ "k": "y", (long.as_str()): 1 }]).to_string(),
        json!([{ "k": "y", "v": { "coordinates": long } }]).to_string(),
        format!("[{{\"k\":\"y\",\"v\":{long}}}]"),
    ] {
        let answer = mock.call("POST", PATH, &[("authorization", PUBLISHER)], body).await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.body.len() < 5000 && answer.header("x-mock-hint").len() < 1000,
            "{}",
            answer.body.len()
        );
    }
    let column = json!({ "name": "x", "columns": [{ "name": "a", "dataTypeName": long }] });
    assert!(mock.write("POST", "/api/views.json", &column).await.body.len() < 2000);
}

async fn hint(mock: &Mock, rows: &Value) -> String {
    let answer = mock.write("POST", PATH, rows).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    answer.header("x-mock-hint").to_owned()
}

#[tokio::test]
async fn a_misspelt_field_is_answered_with_the_nearest_one() {
    let mock = mock().await;
    let columns: Vec<Value> = ["station", "magnitude", "seen_at"]
        .iter()
        .map(|n| json!({ "fieldName": n, "dataTypeName": "text" }))
        .collect();
    mock.dataset("hint-2222", &json!({ "name": "F", "columns": columns })).await;
    for (name, advice) in [
        ("magntude", "did you mean magnitude? Nothing was stored."),
        (":delete", "did you mean :deleted? Nothing was stored."),
        ("\u{201C}station\u{201D}", "take off the quotation marks: station. Nothing was stored."),
        ("colour", "the dataset's fields are station, magnitude, seen_at. Nothing was stored."),
    ] {
        let told = hint(&mock, &json!([{ "station": "a", (name): true }])).await;
        assert_eq!(told, format!("Row 0 (counted from 0): {advice}"));
    }
    let empty = json!({ "name": "E", "columns": [] });
    mock.dataset("hint-3333", &empty).await;
    let answer = mock.write("POST", "/resource/hint-3333", &json!([{ "a": 1 }])).await;
    assert!(answer.header("x-mock-hint").contains("no columns yet"), "{}", answer.header("x-mock-hint"));
}

/// Wire contract, section 3: the third spelling of an application token.
#[tokio::test]
async fn app_token_in_the_query_is_no_filter() {
    let mock = dataset("number").await;
    let known = mock.get("/resource/hint-2222.json?app_token=demo-app-token").await;
    assert_eq!((known.status, known.text().as_str()), (200, "[]\n"));
    let unknown = mock.get("/resource/hint-2222.json?app_token=nope").await;
    assert_eq!(unknown.status, 403);
}
