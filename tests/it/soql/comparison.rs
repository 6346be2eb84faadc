//! Texts compare by code point and numbers by value, wherever they come from and by whatever they are
//! compared: operators, groups, orders, aggregates, windows, joins, chains and sets.

use super::ask;
use super::oracle::{Cond, Expr, Kind, Worth};
use crate::support::{Mock, mock};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

const ID: &str = "cmpr-0001";

/// The key, a text and two numbers of a row.
type Source = (&'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>);

/// Texts that are numbers of one value, or of none, in other words; and numbers of several scales.
const ROWS: [Source; 12] = [
    ("a", Some("02134"), Some("100"), Some("1.0")),
    ("b", Some("2134"), Some("100.0"), Some("-1")),
    ("c", Some("2134.0"), Some("2134"), Some("2")),
    ("d", Some("1e2"), Some("2134.00"), None),
    ("e", Some("100"), Some("101"), Some("10")),
    ("f", Some(""), Some("-0.5"), Some("9")),
    ("g", None, Some("99.99"), Some("1")),
    ("h", Some("é"), None, Some("1.00")),
    ("i", Some("e"), Some("0"), Some("0.5")),
    ("j", Some("1"), Some("1"), Some("2.50")),
    ("k", Some("1.0"), Some("1.0"), Some("-0.50")),
    ("l", Some("E"), None, None),
];

async fn texts_and_numbers() -> Mock {
    let mock = mock().await;
    let column = |name: &str, t: &str| json!({ "fieldName": name, "name": name, "dataTypeName": t });
    let columns =
        json!([column("k", "text"), column("zip", "text"), column("n", "number"), column("m", "number")]);
    let rows: Vec<Value> =
        ROWS.iter().map(|(k, zip, n, m)| json!({ "k": k, "zip": zip, "n": n, "m": m })).collect();
    let definition =
        json!({ "name": "Texts", "metadata": { "rowIdentifier": "k" }, "columns": columns, "rows": rows });
    mock.dataset(ID, &definition).await;
    mock
}

async fn rows(mock: &Mock, query: &str) -> Vec<Value> {
    let answer = ask(mock, ID, &[("$query", query)]).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn a_numbers_collation_does_not_leak_into_text() {
    let mock = texts_and_numbers().await;
    let zip = "case(n > 9999, 'far', true, zip)";
    for (query, expected) in [
        (format!("select k where {zip} = '2134'"), json!([{"k": "b"}])),
        (format!("select k where '2134' = {zip}"), json!([{"k": "b"}])),
        (format!("select k where {zip} in ('2134', '1')  order by k"), json!([{"k": "b"}, {"k": "j"}])),
        (format!("select k where {zip} between '2134' and '2134'"), json!([{"k": "b"}])),
        (format!("select k where zip = nullif({zip}, '100') and k = 'e'"), json!([])),
        (format!("select count(distinct {zip}) as c"), json!([{"c": "11"}])),
        (format!("select {zip} as z group by z |> select count(*) as c"), json!([{"c": "12"}])),
        (format!("select distinct {zip} as z |> select count(*) as c"), json!([{"c": "12"}])),
        (format!("select min({zip}) as a, max({zip}) as b"), json!([{"a": "", "b": "é"}])),
        (
            format!("select k where {zip} is not null order by {zip} limit 3"),
            json!([{"k": "f"}, {"k": "a"}, {"k": "j"}]),
        ),
        (
            format!("select count(*) over (partition by {zip}) as c |> select max(c) as c"),
            json!([{"c": "1"}]),
        ),
        ("select k where n::text = '100'".to_owned(), json!([{"k": "a"}])),
        ("select count(distinct n::text) as c".to_owned(), json!([{"c": "10"}])),
        ("select count(distinct n) as c".to_owned(), json!([{"c": "7"}])),
        ("select n::text as t |> select count(distinct t) as c".to_owned(), json!([{"c": "10"}])),
        ("select n::text as t |> select t where t = '1'".to_owned(), json!([{"t": "1"}])),
        (
            "select n::text as t where n is not null order by t limit 3".to_owned(),
            json!([{"t": "-0.5"}, {"t": "0"}, {"t": "1"}]),
        ),
        ("select min(n::text) as a, max(n::text) as b".to_owned(), json!([{"a": "-0.5", "b": "99.99"}])),
        (
            "select n::text as t union select zip as t |> select count(*) as c where t is not null"
                .to_owned(),
            json!([{"c": "17"}]),
        ),
        ("select n as v intersect select m as v |> select count(v) as c".to_owned(), json!([{"c": "2"}])),
        (
            "select n::text as v intersect select m::text as v |> select v where v = '1'".to_owned(),
            json!([{"v": "1"}]),
        ),
        (
            "select k join @cmpr-0001 as o on n::text = @o.zip where @o.k = 'j'".to_owned(),
            json!([{"k": "j"}]),
        ),
        ("select median(n::text) as m".to_owned(), json!([{"m": "100"}])),
        ("select greatest(n::text, '9') as g where k = 'e'".to_owned(), json!([{"g": "9"}])),
        ("select k where caseless_eq(case(n > 0, zip, true, zip), '1')".to_owned(), json!([{"k": "j"}])),
        (
            "select distinct on (n::text) n::text as t order by n::text |> select count(*) as c".to_owned(),
            json!([{"c": "11"}]),
        ),
    ] {
        assert_eq!(json!(rows(&mock, &query).await), expected, "{query}");
    }
}

/// A column that is compared as it is goes through its index.
#[tokio::test]
async fn plain_comparisons_keep_their_index() {
    let mock = texts_and_numbers().await;
    let numbers = json!([{ "fieldName": "n", "name": "n", "dataTypeName": "number" }]);
    let definition = json!({ "name": "Numbers", "metadata": { "rowIdentifier": "n" }, "columns": numbers, "rows": [{ "n": 1 }] });
    mock.dataset("cmpr-0002", &definition).await;
    for (dataset, query, step) in [
        (ID, "select zip where k = 'a'", "SEARCH"),
        (ID, "select zip where k in ('a', 'b')", "SEARCH"),
        (ID, "select zip where k between 'a' and 'b'", "SEARCH"),
        (ID, "select zip where k > 'b'", "SEARCH"),
        (ID, "select zip order by k", "SCAN t0 USING INDEX"),
        (ID, "select max(k)", "SEARCH"),
        (ID, "select k group by k", "INDEX"),
        (ID, "select distinct k", "INDEX"),
        ("cmpr-0002", "select n where n = 1", "SEARCH"),
        ("cmpr-0002", "select n where n between 0 and 2", "SEARCH"),
        ("cmpr-0002", "select n order by n desc", "INDEX"),
        ("cmpr-0002", "select min(n)", "SEARCH"),
    ] {
        let url = super::path(&format!("/__mock/v1/datasets/{dataset}/explain"), &[("$query", query)]);
        let told = mock.get(&url).await.json();
        let plan = told["plan"].as_array().unwrap_or_else(|| panic!("{query}: {told}"));
        let uses = plan.iter().any(|line| line.as_str().unwrap().contains(step));
        let sorts = plan.iter().any(|line| line.as_str().unwrap().contains("TEMP B-TREE"));
        assert!(uses && !sorts, "{query}: {plan:?}");
    }
}

#[tokio::test]
async fn links_compare_as_pairs_of_address_and_description() {
    let mock = mock().await;
    let columns = json!([
        { "fieldName": "k", "name": "k", "dataTypeName": "text" },
        { "fieldName": "u", "name": "u", "dataTypeName": "url" },
    ]);
    let rows_of = json!([
        { "k": "1", "u": { "url": "http://a.example/!", "description": "z" } },
        { "k": "2", "u": { "url": "http://a.example/", "description": "b" } },
        { "k": "3", "u": { "url": "http://a.example/", "description": "a" } },
        { "k": "4", "u": { "url": "http://a.example/" } },
        { "k": "5" },
    ]);
    mock.dataset("link-0001", &json!({ "name": "Links", "columns": columns, "rows": rows_of })).await;
    for (query, expected) in [
        ("select k order by u", "32415"),
        ("select k order by u desc", "51423"),
        ("select k where u > 'http://a.example/' order by k", "1"),
        ("select k where u = 'http://a.example/'", "4"),
        ("select k where u = '{\"description\":\"a\",\"url\":\"http://a.example/\"}'", "3"),
        ("select k, max(u) over () as m |> select k where m = 'http://a.example/!' order by k", ""),
        ("select max(u) as m |> select 'x' as k where m.url = 'http://a.example/!'", "x"),
    ] {
        let answer = ask(&mock, "link-0001", &[("$query", query)]).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let found: String =
            answer.json().as_array().unwrap().iter().map(|row| row["k"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{query}");
    }
}

const TEXTS: [&str; 8] = ["2134", "2134.0", "02134", "1e2", "100", "", "1", "é"];
const NUMBERS: [&str; 6] = ["1", "1.0", "100", "2134.00", "-0.5", "0"];

fn boxed<A: Strategy + 'static>(strategy: A) -> BoxedStrategy<A::Value> {
    strategy.boxed()
}

/// Expressions of one type, so deep.
fn expression(kind: Kind, depth: u32) -> BoxedStrategy<Expr> {
    let leaf = match kind {
        Kind::Text => boxed(prop_oneof![
            3 => Just(Expr::Column("zip")),
            1 => proptest::sample::select(TEXTS.to_vec()).prop_map(|t| Expr::Literal(t.to_owned(), Kind::Text)),
        ]),
        Kind::Number => boxed(prop_oneof![
            3 => proptest::sample::select(vec!["n", "m"]).prop_map(Expr::Column),
            1 => proptest::sample::select(NUMBERS.to_vec()).prop_map(|t| Expr::Literal(t.to_owned(), Kind::Number)),
        ]),
    };
    if depth == 0 {
        return leaf;
    }
    let same = move || expression(kind, depth - 1).prop_map(Box::new);
    let pair = move || (same(), same());
    let shared = prop_oneof![
        (condition(depth - 1), same(), same()).prop_map(|(c, a, b)| Expr::Case(Box::new(c), a, b)),
        pair().prop_map(|(a, b)| Expr::Coalesce(a, b)),
        pair().prop_map(|(a, b)| Expr::Nullif(a, b)),
        pair().prop_map(|(a, b)| Expr::Greatest(a, b)),
        pair().prop_map(|(a, b)| Expr::Least(a, b)),
    ];
    match kind {
        Kind::Text => boxed(prop_oneof![
            2 => leaf,
            6 => shared,
            2 => expression(Kind::Number, depth - 1).prop_map(|n| Expr::Text(Box::new(n))),
            1 => pair().prop_map(|(a, b)| Expr::Concat(a, b)),
            1 => (expression(Kind::Number, depth - 1).prop_map(Box::new), same()).prop_map(|(a, b)| Expr::Concat(a, b)),
            1 => same().prop_map(Expr::Upper),
        ]),
        Kind::Number => boxed(prop_oneof![
            2 => leaf,
            6 => shared,
            2 => pair().prop_map(|(a, b)| Expr::Plus(a, b)),
        ]),
    }
}

fn condition(depth: u32) -> BoxedStrategy<Cond> {
    let of = move |kind| {
        let one = move || expression(kind, depth.saturating_sub(1));
        let operator = proptest::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
        prop_oneof![
            4 => (operator, one(), one()).prop_map(|(o, a, b)| Cond::Compare(o, a, b)),
            2 => (one(), proptest::collection::vec(one(), 1..4)).prop_map(|(a, items)| Cond::In(a, items)),
            2 => (one(), one(), one()).prop_map(|(a, b, c)| Cond::Between(a, b, c)),
            1 => one().prop_map(Cond::IsNull),
        ]
    };
    let plain = boxed(prop_oneof![of(Kind::Text), of(Kind::Number)]);
    if depth == 0 {
        return plain;
    }
    boxed(prop_oneof![
        4 => plain,
        1 => condition(depth - 1).prop_map(|c| Cond::Not(Box::new(c))),
        1 => (condition(depth - 1), condition(depth - 1)).prop_map(|(a, b)| Cond::And(Box::new(a), Box::new(b))),
    ])
}

/// The rows as the oracle sees them, with their keys.
fn known() -> Vec<(&'static str, [(&'static str, Worth); 3])> {
    let number = |t: Option<&str>| t.map_or(Worth::Null, Worth::number);
    let row = |(k, zip, n, m): &Source| {
        let zip = zip.map_or(Worth::Null, |t| Worth::Text(t.to_owned()));
        (*k, [("zip", zip), ("n", number(*n)), ("m", number(*m))])
    };
    ROWS.iter().map(row).collect()
}

/// Groups of equal values, each as its size, in the order of their values.
fn groups(values: &[Worth]) -> Vec<(Worth, usize)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(Worth::compare);
    let mut found: Vec<(Worth, usize)> = Vec::new();
    for value in sorted {
        match found.last_mut() {
            Some((last, count)) if last.compare(&value).is_eq() => *count += 1,
            _ => found.push((value, 1)),
        }
    }
    found
}

/// One case: an expression, another of its type, a condition, and what they are worth in each row.
struct Case<'m> {
    mock: &'m Mock,
    kind: Kind,
    expr: Expr,
    other: Expr,
    cond: Cond,
    values: Vec<Worth>,
    others: Vec<Worth>,
    groups: Vec<(Worth, usize)>,
}

impl<'m> Case<'m> {
    fn new(mock: &'m Mock, (kind, expr, other, cond): (Kind, Expr, Expr, Cond)) -> Self {
        let worth = |expr: &Expr| known().iter().map(|(_, row)| expr.worth(row)).collect::<Vec<_>>();
        let (values, others) = (worth(&expr), worth(&other));
        Self { mock, kind, groups: groups(&values), expr, other, cond, values, others }
    }

    /// A column of a query's answer.
    async fn column(&self, query: &str, name: &str) -> Vec<String> {
        let text = |row: &Value| row.get(name).map_or("null".into(), |v| v.as_str().unwrap().to_owned());
        rows(self.mock, query).await.iter().map(text).collect()
    }

    async fn agrees(&self) {
        let query = format!("select {} as v order by k", self.expr);
        let printed: Vec<String> = self.values.iter().map(ToString::to_string).collect();
        assert_eq!(self.column(&query, "v").await, printed, "{query}");
        let query = format!("select k where {} order by k", self.cond);
        let held = known().into_iter().filter(|(_, row)| self.cond.holds(row) == Some(true));
        assert_eq!(self.column(&query, "k").await, held.map(|(k, _)| k).collect::<Vec<_>>(), "{query}");
        self.orders().await;
        self.groups().await;
        self.aggregates().await;
        self.sets().await;
        self.joins().await;
    }

    async fn orders(&self) {
        let mut order: Vec<usize> = (0..ROWS.len()).collect();
        order.sort_by(|a, b| self.values[*a].compare(&self.values[*b]).then(a.cmp(b)));
        let sorted: Vec<&str> = order.iter().map(|i| ROWS[*i].0).collect();
        let expr = &self.expr;
        for query in [
            format!("select k order by {expr}, k"),
            format!("select k, {expr} as v |> select k order by v, k"),
            format!("select k, row_number() over (order by {expr}, k) as r |> select k order by r"),
        ] {
            assert_eq!(self.column(&query, "k").await, sorted, "{query}");
        }
    }

    async fn groups(&self) {
        let expr = &self.expr;
        for query in [
            format!("select {expr} as v, count(*) as c group by v order by v"),
            format!("select {expr} as v |> select v, count(*) as c group by v order by v"),
            format!(
                "select {expr} as v, count(*) over (partition by {expr}) as c |> select distinct on (v) v, c order by v"
            ),
        ] {
            let found = rows(self.mock, &query).await;
            let same = |row: &Value, (value, count): &(Worth, usize)| {
                Worth::of_json(row.get("v"), self.kind).compare(value).is_eq()
                    && row["c"].as_str() == Some(count.to_string().as_str())
            };
            let all = found.iter().zip(&self.groups).all(|(row, group)| same(row, group));
            assert!(found.len() == self.groups.len() && all, "{query}: {found:?} is not {:?}", self.groups);
        }
    }

    async fn aggregates(&self) {
        let expr = &self.expr;
        let query = format!("select count(distinct {expr}) as c, min({expr}) as a, max({expr}) as b");
        let found = rows(self.mock, &query).await.remove(0);
        let there: Vec<&Worth> = self.groups.iter().map(|(v, _)| v).filter(|v| !v.is_null()).collect();
        assert_eq!(found["c"], there.len().to_string(), "{query}");
        for (name, end) in [("a", there.first()), ("b", there.last())] {
            let got = Worth::of_json(found.get(name), self.kind);
            let same = end.map_or(got.is_null(), |end| got.compare(end).is_eq());
            assert!(same, "{query}: {found}");
        }
    }

    async fn sets(&self) {
        let together: Vec<Worth> = self.values.iter().chain(&self.others).cloned().collect();
        let shared = |value: &Worth| self.others.iter().any(|other| other.compare(value).is_eq());
        let common = self.groups.iter().filter(|(value, _)| shared(value)).count();
        for (word, count) in
            [("union", groups(&together).len()), ("intersect", common), ("minus", self.groups.len() - common)]
        {
            let (a, b) = (&self.expr, &self.other);
            let query = format!("select {a} as v {word} select {b} as v |> select count(*) as c");
            assert_eq!(self.column(&query, "c").await, [count.to_string()], "{query}");
        }
    }

    async fn joins(&self) {
        let (name, index) = if self.kind == Kind::Text { ("zip", 0) } else { ("n", 1) };
        let query =
            format!("select k || @o.k as pair join @{ID} as o on {} = @o.{name} order by pair", self.expr);
        let mut pairs = Vec::new();
        for ((k, _, _, _), value) in ROWS.iter().zip(&self.values) {
            for (other, row) in known() {
                let there = &row[index].1;
                if !value.is_null() && !there.is_null() && value.compare(there).is_eq() {
                    pairs.push(format!("{k}{other}"));
                }
            }
        }
        assert_eq!(self.column(&query, "pair").await, pairs, "{query}");
    }
}

#[test]
fn random_expressions_compare_as_their_types_do() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mock = runtime.block_on(texts_and_numbers());
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let case = proptest::sample::select(vec![Kind::Text, Kind::Number])
        .prop_flat_map(|kind| (Just(kind), expression(kind, 3), expression(kind, 2), condition(3)));
    let checked = runner.run(&case, |case| {
        runtime.block_on(Case::new(&mock, case).agrees());
        Ok(())
    });
    checked.unwrap();
}
