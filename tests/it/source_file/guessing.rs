use super::*;
use proptest::prelude::*;
use soda_mock::soda::SoqlType;

/// The transforms that a column of these cells is guessed to have.
fn guessed(cells: &[&str]) -> String {
    let text = cells.iter().fold("v,n\n".to_owned(), |text, cell| format!("{text}\"{cell}\",1\n"));
    csv(&text).guessed[0].transform.clone()
}

#[test]
fn a_column_is_guessed_to_be_what_all_its_cells_fit() {
    for (cells, transform) in [
        (["1", "-2.50", ""].as_slice(), "to_number(`v`)"),
        (&["1e5", ".5"], "to_number(`v`)"),
        (&["0", "0.5"], "to_number(`v`)"),
        (&["true", "FALSE", ""], "to_boolean(`v`)"),
        (&["2012-09-14", "2012-09-14T22:38:01.5"], "to_floating_timestamp(`v`)"),
        (&["03/26/2014 10:38:01 PM", "1/2/2015"], "to_floating_timestamp(`v`)"),
        (&["2012-09-14T22:38:01Z", "2012-09-14T22:38:01+02:00"], "to_fixed_timestamp(`v`)"),
        (&["2012-09-14T22:38:01Z", "2012-09-14"], "to_fixed_timestamp(`v`)"),
        (&["2012-09-14 22:38:01.123", "2012-09-14 22:38"], "to_floating_timestamp(`v`)"),
        (&["2012-09-14 22:38:01Z", "2012-09-14 22:38+02:00"], "to_fixed_timestamp(`v`)"),
        // What is mixed stays text.
        (&["1", "b"], "`v`"),
        (&["1", "true"], "`v`"),
        (&["1", "2012-09-14"], "`v`"),
        (&["2012-09-14", "2012-13-14"], "`v`"),
        // Zip codes, phone numbers, words and pairs of coordinates.
        (&["01234", "10001"], "`v`"),
        (&["+15551234567"], "`v`"),
        (&["NaN"], "`v`"),
        (&["(47.6, -122.3)"], "`v`"),
        (&["POINT (1 2)"], "`v`"),
        (&["2014-W01"], "`v`"),
        (&["1e999999999"], "`v`"),
        (&["12/31"], "`v`"),
        (&["2012-09-14 22"], "`v`"),
        (&["123/4/2015"], "`v`"),
        (&["t", "f"], "`v`"),
        // Nothing is known of a column without values.
        (&["", ""], "`v`"),
        (&[], "`v`"),
    ] {
        assert_eq!(guessed(cells), transform, "{cells:?}");
    }
}

#[test]
fn a_guessed_schema_makes_values() {
    let read = csv(
        "n,b,f,z,t\n-2.50,TRUE,2012-09-14 22:38,2012-09-14T22:38:01+02:00,x\n,,,,\n1e3,false,1/2/2015,2012-09-14T00:00:00Z,y\n",
    );
    let types: Vec<_> = read.guessed.iter().map(|column| column.soql_type.name()).collect();
    assert_eq!(types, ["number", "boolean", "floating_timestamp", "fixed_timestamp", "text"]);
    assert_eq!(
        read.transformed,
        [
            [json!("-2.50"), json!(1), json!(1_347_662_280_000i64), json!(1_347_655_081_000i64), json!("x")],
            [json!("1000"), json!(0), json!(1_420_156_800_000i64), json!(1_347_580_800_000i64), json!("y")],
        ]
    );
}

#[test]
fn the_last_of_many_rows_counts() {
    let text = format!("v\n{}x\n", "1\n".repeat(50_000));
    assert_eq!(csv(&text).guessed[0].soql_type, SoqlType::Text);
}

proptest! {
    /// Whatever is guessed, every cell of the column is a value of that type.
    #[test]
    fn every_cell_fits_the_guess(
        cells in prop::collection::vec("|[0-9]{1,3}|-?[0-9]{1,2}[.][0-9]|true|False|20[0-9]{2}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9]Z?)?|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9e.-]{1,6}", 1..6),
    ) {
        let text = cells.iter().fold("v,n\n".to_owned(), |text, cell| format!("{text}{cell},1\n"));
        // Reading computes the guessed transforms, and demands that no cell is an error.
        let read = csv(&text);
        prop_assert_eq!(read.transformed.len(), cells.len());
        for (cell, value) in cells.iter().zip(&read.transformed) {
            prop_assert_eq!(value[0].is_null(), cell.is_empty());
        }
    }
}
