//! Rows as they should be against rows as they are.

use super::compare::same_value;
use crate::api::{FieldDifference, Named, Row, RowDifference, RowsDifference, RowsDifferenceCounts};
use crate::soda::value::normal_number;
use serde::Serialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// So many rows of each kind are told.
const TOLD: usize = 100;
/// So many bytes of rows of each kind are told, and the row that goes beyond them.
const TOLD_BYTES: usize = 1 << 20;

/// What has to be known of a dataset to compare its rows.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The field that identifies rows; without it rows are the same when all their fields are.
    pub key: Option<String>,
    /// Fields whose values are the same when their numbers are.
    pub numeric: HashSet<String>,
}

/// How expected rows are compared with stored ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompareOptions {
    /// Only the fields that are named in an expected row.
    pub partial: bool,
    /// Row by row, in order.
    pub ordered: bool,
}

/// Rows of one kind: the first of them, and how many there are.
#[derive(Clone, Debug)]
pub(super) struct Listed<T> {
    pub(super) first: Vec<T>,
    pub(super) count: u64,
    /// Rows that are told, and their bytes.
    told: usize,
    bytes: usize,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { first: Vec::new(), count: 0, told: 0, bytes: 0 }
    }
}

impl<T: Serialize> Listed<T> {
    pub(super) fn add(&mut self, value: impl FnOnce() -> T) {
        if self.is_open() {
            self.tell(value());
        }
        self.count += 1;
    }

    /// Whether another one is told.
    pub(super) fn is_open(&self) -> bool {
        self.told < TOLD && self.bytes < TOLD_BYTES
    }

    /// Tells a row that is counted elsewhere.
    pub(super) fn tell(&mut self, value: T) {
        self.reserve(&value);
        self.first.push(value);
    }

    /// Keeps a place for what is told of a row later.
    pub(super) fn reserve(&mut self, row: &impl Serialize) {
        self.told += 1;
        self.bytes += serde_json::to_vec(row).map_or(0, |text| text.len());
    }
}

/// What was found; none when nothing was.
pub(super) fn summarise(
    missing: Listed<Row>,
    unexpected: Listed<Row>,
    differing: Listed<RowDifference>,
) -> Option<RowsDifference> {
    let counts = RowsDifferenceCounts {
        missing: missing.count,
        unexpected: unexpected.count,
        differing: differing.count,
    };
    let kinds =
        [(counts.missing, "missing"), (counts.unexpected, "unexpected"), (counts.differing, "differing")];
    let parts: Vec<String> =
        kinds.iter().filter(|(n, _)| *n > 0).map(|(n, kind)| format!("{n} {kind}")).collect();
    (!parts.is_empty()).then(|| RowsDifference {
        missing: Some(missing.first),
        unexpected: Some(unexpected.first),
        differing: Some(differing.first),
        counts: Some(counts),
        says: parts.join(", "),
    })
}

/// Expected rows, and what is found while the stored rows pass by.
#[derive(Debug)]
pub struct Comparison {
    identity: Identity,
    options: CompareOptions,
    expected: Vec<Row>,
    /// Places of the expected rows that are not met yet, by key or content.
    waiting: HashMap<String, Vec<usize>>,
    /// Stored rows so far.
    seen: usize,
    unexpected: Listed<Row>,
    differing: Listed<RowDifference>,
}

impl Comparison {
    /// Begins; refuses expected rows that cannot be told apart.
    pub fn new(expected: Vec<Row>, identity: Identity, options: CompareOptions) -> Result<Self, String> {
        let mut waiting: HashMap<String, Vec<usize>> = HashMap::new();
        if !options.ordered {
            for (place, row) in expected.iter().enumerate() {
                let name = identity.name(row).map_err(|why| format!("rows[{place}] {why}"))?;
                let places = waiting.entry(name).or_default();
                if identity.key.is_some() && !places.is_empty() {
                    return Err(format!("rows[{place}] has the key of rows[{}]", places[0]));
                }
                places.push(place);
            }
            if options.partial && identity.key.is_none() {
                return Err("\"partial\" needs a row identifier, :id in each row, or \"ordered\"".to_owned());
            }
            // The first of equal rows is taken first.
            waiting.values_mut().for_each(|places| places.reverse());
        }
        let (unexpected, differing) = (Listed::default(), Listed::default());
        Ok(Self { identity, options, expected, waiting, seen: 0, unexpected, differing })
    }

    /// The next stored row.
    pub fn row(&mut self, stored: Row) {
        let at = self.seen;
        self.seen += 1;
        let place = if self.options.ordered {
            Some(at).filter(|at| *at < self.expected.len())
        } else {
            let name = self.identity.name(&stored).unwrap_or_default();
            self.waiting.get_mut(&name).and_then(Vec::pop)
        };
        let Some(place) = place else {
            return self.unexpected.add(|| stored);
        };
        let fields = self.identity.differences(&self.expected[place], &stored, self.options.partial);
        if !fields.0.is_empty() {
            let key = self.identity.key.as_ref().and_then(|key| stored.get(key)).cloned();
            let position = self.options.ordered.then_some(at);
            self.differing.add(|| RowDifference { position, key, fields });
        }
    }

    /// What was found; none when everything is as expected.
    pub fn finish(self) -> Option<RowsDifference> {
        let mut places: Vec<usize> = if self.options.ordered {
            (self.seen.min(self.expected.len())..self.expected.len()).collect()
        } else {
            self.waiting.into_values().flatten().collect()
        };
        places.sort_unstable();
        let mut missing = Listed::default();
        for place in places {
            missing.add(|| self.expected[place].clone());
        }
        summarise(missing, self.unexpected, self.differing)
    }
}

impl Identity {
    /// What a row is recognised by.
    pub fn name(&self, row: &Row) -> Result<String, String> {
        match &self.key {
            Some(key) => match row.get(key).filter(|v| !v.is_null()) {
                Some(value) => Ok(self.normal(key, value)),
                None => Err(format!("has no {key}, which identifies rows")),
            },
            None => {
                let mut fields: Vec<String> = row
                    .iter()
                    .filter(|(name, value)| !value.is_null() && !name.starts_with(':'))
                    .map(|(name, value)| format!("{name}\u{0}{}", self.normal(name, value)))
                    .collect();
                fields.sort_unstable();
                Ok(fields.join("\u{1}"))
            }
        }
    }

    /// A value in a form that is the same for the same values.
    fn normal(&self, name: &str, value: &Value) -> String {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if self.numeric.contains(name) { normal_number(&text).into_owned() } else { text }
    }

    fn same(&self, name: &str, expected: &Value, actual: &Value) -> bool {
        if self.numeric.contains(name) && !expected.is_null() && !actual.is_null() {
            return self.normal(name, expected) == self.normal(name, actual);
        }
        same_value(expected, actual)
    }

    /// Fields that differ, with both values. System fields count only where they are expected.
    pub(super) fn differences(&self, expected: &Row, actual: &Row, partial: bool) -> Named<FieldDifference> {
        let mut found = Named::default();
        let mut check = |name: &String| {
            let (wanted, is) = (&expected.get(name), &actual.get(name));
            let (wanted, is) = (wanted.unwrap_or(&Value::Null), is.unwrap_or(&Value::Null));
            if !self.same(name, wanted, is) {
                let difference = FieldDifference { expected: wanted.clone(), actual: is.clone() };
                found.0.push((name.clone(), difference));
            }
        };
        expected.keys().for_each(&mut check);
        if !partial {
            actual.keys().filter(|n| !n.starts_with(':') && !expected.contains_key(*n)).for_each(&mut check);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn rows(value: Value) -> Vec<Row> {
        serde_json::from_value(value).unwrap()
    }

    fn keyed() -> Identity {
        Identity { key: Some("k".to_owned()), numeric: HashSet::from(["n".to_owned()]) }
    }

    fn compare(expected: Value, stored: Value, identity: Identity, options: CompareOptions) -> Option<Value> {
        let mut comparison = Comparison::new(rows(expected), identity, options).unwrap();
        rows(stored).into_iter().for_each(|row| comparison.row(row));
        comparison.finish().map(|told| serde_json::to_value(told).unwrap())
    }

    #[test]
    fn rows_are_the_same_in_any_order_and_numbers_by_value() {
        let stored = json!([{ ":id": "row-1", "k": "a", "n": "1.10" }, { ":id": "row-2", "k": "b" }]);
        let expected = json!([{ "k": "b", "n": null }, { "k": "a", "n": 1.1 }]);
        assert_eq!(compare(expected, stored, keyed(), CompareOptions::default()), None);
    }

    #[test]
    fn what_differs_is_told_by_key_and_field() {
        let stored = json!([{ "k": "a", "n": "2", "t": "x" }, { "k": "c" }]);
        let expected = json!([{ "k": "a", "n": 1 }, { "k": "b" }]);
        assert_eq!(
            compare(expected.clone(), stored.clone(), keyed(), CompareOptions::default()),
            Some(json!({
                "missing": [{ "k": "b" }],
                "unexpected": [{ "k": "c" }],
                "differing": [{ "key": "a", "fields": {
                    "n": { "expected": 1, "actual": "2" },
                    "t": { "expected": null, "actual": "x" },
                } }],
                "counts": { "missing": 1, "unexpected": 1, "differing": 1 },
                "says": "1 missing, 1 unexpected, 1 differing",
            }))
        );
        let partial =
            compare(expected, stored, keyed(), CompareOptions { partial: true, ordered: false }).unwrap();
        assert_eq!(partial["differing"][0]["fields"], json!({ "n": { "expected": 1, "actual": "2" } }));
    }

    #[test]
    fn without_a_key_equal_rows_are_counted() {
        let identity = || Identity { key: None, ..keyed() };
        let twice = json!([{ "n": "1" }, { "n": "1.0" }]);
        assert_eq!(
            compare(json!([{ "n": 1 }, { "n": 1 }]), twice.clone(), identity(), CompareOptions::default()),
            None
        );
        let once = compare(json!([{ "n": 1 }]), twice, identity(), CompareOptions::default()).unwrap();
        assert_eq!(once["counts"], json!({ "missing": 0, "unexpected": 1, "differing": 0 }));
    }

    #[test]
    fn in_order_the_place_decides() {
        let options = CompareOptions { ordered: true, partial: false };
        let told =
            compare(json!([{ "k": "b" }, { "k": "a" }]), json!([{ "k": "a" }]), keyed(), options).unwrap();
        assert_eq!(told["differing"][0]["position"], 0);
        assert_eq!(told["missing"], json!([{ "k": "a" }]));
    }

    #[test]
    fn rows_that_cannot_be_told_apart_are_refused() {
        let fails =
            |expected| Comparison::new(rows(expected), keyed(), CompareOptions::default()).unwrap_err();
        assert_eq!(fails(json!([{ "n": 1 }])), "rows[0] has no k, which identifies rows");
        assert_eq!(fails(json!([{ "k": "a" }, { "k": "a" }])), "rows[1] has the key of rows[0]");
    }

    proptest! {
        #[test]
        fn rows_are_always_equal_to_themselves(
            keys in prop::collection::btree_map("[a-z]{1,4}", -50i64..50, 0..20),
            turn in 0..20usize,
        ) {
            let mut stored: Vec<Value> = keys.iter().map(|(k, n)| json!({ "k": k, "n": n })).collect();
            let expected = Value::from(stored.clone());
            let length = stored.len().max(1);
            stored.rotate_left(turn % length);
            prop_assert_eq!(compare(expected, Value::from(stored), keyed(), CompareOptions::default()), None);
        }
    }
}
