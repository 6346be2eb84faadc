//! The table, by subject.

mod aggregate;
mod cast;
mod compare;
mod number;
mod place;
mod text;
mod time;
mod window;

use super::template::sql;
use super::{Entry, Evidence, Kind, Overloads, Template};

/// The subjects in the order in which people read them.
pub const SUBJECTS: [(&str, &[Entry]); 8] = [
    ("Comparison and logic", compare::TABLE),
    ("Text", text::TABLE),
    ("Numbers", number::TABLE),
    ("Time", time::TABLE),
    ("Aggregates", aggregate::TABLE),
    ("Windows", window::TABLE),
    ("Geography", place::TABLE),
    ("Casts, links and objects", cast::TABLE),
];

/// Every entry.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    SUBJECTS.iter().flat_map(|(_, entries)| entries.iter())
}

/// A documented operator.
const fn operator(
    name: &'static str,
    form: &'static str,
    doc: &'static str,
    example: &'static str,
    overloads: Overloads,
) -> Entry {
    Entry {
        name,
        kind: Kind::Scalar,
        evidence: Evidence::Documented,
        form,
        doc,
        example,
        overloads,
        integer: false,
    }
}

/// A documented function of one row.
const fn documented(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    overloads: Overloads,
) -> Entry {
    operator(name, "", doc, example, overloads)
}

/// A function of one row that is known from the source only.
const fn source(name: &'static str, doc: &'static str, example: &'static str, overloads: Overloads) -> Entry {
    Entry { evidence: Evidence::Source, ..operator(name, "", doc, example, overloads) }
}

/// An operator that is known from the source only.
const fn hidden(
    name: &'static str,
    form: &'static str,
    doc: &'static str,
    example: &'static str,
    overloads: Overloads,
) -> Entry {
    Entry { evidence: Evidence::Source, ..operator(name, form, doc, example, overloads) }
}

/// A function that SQLite computes as an integer, which is a number of SoQL.
const fn counting(entry: Entry) -> Entry {
    Entry { integer: true, ..entry }
}

/// An aggregate.
const fn aggregate(entry: Entry) -> Entry {
    Entry { kind: Kind::Aggregate, ..entry }
}

/// A window function.
const fn window(entry: Entry) -> Entry {
    Entry { kind: Kind::Window, ..entry }
}
