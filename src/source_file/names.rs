//! Columns of a file from the names in it.

use super::cells::InputColumn;
use crate::soda::{SoqlType, field_name_of};
use std::collections::HashMap;

/// A field name has no more bytes.
const MAX_NAME: usize = 255;

/// Makes columns whose field names are all different: a name that is there already gets `_1`, `_2` and so on, and its
/// display name the number behind a blank (ours).
#[derive(Default)]
pub(super) struct FieldNameMaker {
    /// Names that were given, and the number of the last column that wanted each.
    given: HashMap<String, usize>,
}

impl FieldNameMaker {
    /// The column with this name in the file.
    pub(super) fn column(&mut self, mut display_name: String, soql_type: SoqlType) -> InputColumn {
        let wanted = cut(field_name_of(&display_name), MAX_NAME);
        let mut field_name = wanted.clone();
        let mut number = self.given.get(&wanted).copied().unwrap_or(0);
        while self.given.contains_key(&field_name) {
            number += 1;
            let end = format!("_{number}");
            field_name = cut(wanted.clone(), MAX_NAME - end.len()) + &end;
        }
        if number > 0 {
            display_name = format!("{display_name} {number}");
            self.given.insert(wanted, number);
        }
        self.given.entry(field_name.clone()).or_insert(0);
        InputColumn { field_name, display_name, soql_type }
    }
}

/// Field names are ASCII.
fn cut(mut name: String, length: usize) -> String {
    name.truncate(length);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<(String, String)> {
        let mut makes = FieldNameMaker::default();
        let column = |name: &&str| makes.column((*name).to_owned(), SoqlType::Text);
        names.iter().map(column).map(|column| (column.field_name, column.display_name)).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn headers_become_field_names() {
        assert_eq!(named(&["A", "B c", "%"]), pairs(&[("a", "A"), ("b_c", "B c"), ("_", "%")]));
    }

    #[test]
    fn repeated_names_are_numbered() {
        let expected = [("a", "a"), ("a_1", "A 1"), ("a_2", "a 2"), ("_", ""), ("__1", " 1")];
        assert_eq!(named(&["a", "A", "a", "", ""]), pairs(&expected));
        // A name that a number would make is passed over.
        let expected = [("a_1", "a_1"), ("a", "a"), ("a_2", "a 2"), ("a_1_1", "a 1 1")];
        assert_eq!(named(&["a_1", "a", "a", "a 1"]), pairs(&expected));
    }

    #[test]
    fn long_names_stay_apart() {
        let long = "x".repeat(300);
        let names = named(&[&long, &long, &long]);
        assert!(names.iter().all(|(field, _)| field.len() <= MAX_NAME));
        assert_ne!(names[1].0, names[2].0);
    }
}
