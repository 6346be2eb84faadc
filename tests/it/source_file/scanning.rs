use super::*;
use soda_mock::source_file::scan::scan;

fn scanned(text: &str) -> Value {
    let mut rows =
        open(FileKind::Csv, &ParseOptions::default(), Cursor::new(text.to_owned().into_bytes()), &bounds())
            .unwrap();
    serde_json::to_value(scan(rows.as_mut(), 1).unwrap()).unwrap()
}

#[test]
fn cells_that_fit_each_type_are_counted() {
    let rows: String = (0..30)
        .map(|n| format!("{n},2012-09-{:02},true,x{n},{}\n", n % 28 + 1, if n == 0 { "?" } else { "1" }))
        .collect();
    let summary = scanned(&format!("Id,When,Ok,Name,Nearly\n{rows},,,,\nbad\n"));
    assert_eq!(summary["headers"], 1);
    assert_eq!(summary["locations"], json!([]));
    assert_eq!(
        summary["columns"],
        json!([
            { "name": "Id", "processed": 30, "suggestion": "number", "types": { "number": 30, "text": 30, "date": 0, "checkbox": 0 } },
            { "name": "When", "processed": 30, "suggestion": "calendar_date", "types": { "number": 0, "text": 30, "date": 30, "checkbox": 0 } },
            { "name": "Ok", "processed": 30, "suggestion": "checkbox", "types": { "number": 0, "text": 30, "date": 0, "checkbox": 30 } },
            { "name": "Name", "processed": 30, "suggestion": "text", "types": { "number": 0, "text": 30, "date": 0, "checkbox": 0 } },
            { "name": "Nearly", "processed": 30, "suggestion": "number", "types": { "number": 29, "text": 30, "date": 0, "checkbox": 0 } },
        ])
    );
    assert_eq!(summary["sample"].as_array().unwrap().len(), 20);
    assert_eq!(summary["sample"][0], json!(["0", "2012-09-01", "true", "x0", "?"]));
}

#[test]
fn columns_of_a_place_are_told() {
    let place = &scanned("Name,Latitude,Long,City\nx,1,2,\n")["locations"];
    assert_eq!(*place, json!([{ "latitude": 1, "longitude": 2, "city": 3 }]));
    assert_eq!(scanned("Address,Zip Code\nx,1\n")["locations"], json!([{ "address": 0, "zip": 1 }]));
    assert_eq!(scanned("City,Latitude\nx,1\n")["locations"], json!([]));
    // A column without a value is text.
    assert_eq!(scanned("a,b\n1,\n")["columns"][1]["suggestion"], "text");
}
