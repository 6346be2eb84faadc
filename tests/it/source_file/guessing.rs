use super::*;
use proptest::prelude::*;
use soda_mock::soda::SoqlType;
use soda_mock::soda::value::{canonical_number, moment};

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
fn the_last_of_many_rows_counts() {
    let text = format!("v\n{}x\n", "1\n".repeat(50_000));
    assert_eq!(csv(&text).guessed[0].soql_type, SoqlType::Text);
}

fn fits(soql_type: SoqlType, cell: &str) -> bool {
    match soql_type {
        SoqlType::Number => canonical_number(cell).is_some(),
        SoqlType::Boolean => cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false"),
        SoqlType::FloatingTimestamp | SoqlType::FixedTimestamp => {
            moment(soql_type, cell).or_else(|| moment(soql_type, &cell.replacen(' ', "T", 1))).is_some()
        }
        _ => soql_type == SoqlType::Text,
    }
}

proptest! {
    /// Whatever is guessed, every cell of the column is a value of that type.
    #[test]
    fn every_cell_fits_the_guess(
        cells in prop::collection::vec("|[0-9]{1,3}|-?[0-9]{1,2}[.][0-9]|true|False|20[0-9]{2}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9]Z?)?|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9e.-]{1,6}", 1..6),
    ) {
        let text = cells.iter().fold("v,n\n".to_owned(), |text, cell| format!("{text}{cell},1\n"));
        let read = csv(&text);
        let soql_type = read.guessed[0].soql_type;
        for cell in cells.iter().filter(|cell| !cell.is_empty()) {
            prop_assert!(fits(soql_type, cell), "{cell} is no {soql_type:?}");
        }
    }
}
