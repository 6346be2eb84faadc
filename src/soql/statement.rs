//! One select, or two combined, as an SQL statement.

use super::ast::{Distinct, Select};
use super::compile::Clauses;
use super::emit::Params;
use super::scope::{Relation, SourceColumn, Table};
use super::typed::{Node, Typed};
use crate::soda::{SoqlType, Stored};

/// So many rows are answered when nothing else is said (documented).
pub(super) const DEFAULT: &str = " LIMIT 1000";

/// Where the rows come from.
pub(super) struct Sources<'a> {
    /// The first table with its alias; empty for one row without columns.
    pub from: String,
    /// Each join up to its condition.
    pub joins: Vec<String>,
    /// All tables in scope.
    pub tables: &'a [Table],
}

/// A select with its clauses.
pub(super) struct Statement<'a> {
    pub select: &'a Select,
    pub clauses: &'a Clauses,
    pub sources: Sources<'a>,
    /// Searches of later steps, which the dataset is searched for too (source).
    pub pushed: &'a [String],
    /// Whether the default limit applies.
    pub outermost: bool,
}

impl Statement<'_> {
    /// The SQL.
    pub fn sql(&self, params: &mut Params) -> String {
        match &self.select.distinct {
            Distinct::On(_) => self.distinct_on(params),
            Distinct::All => self.plain("DISTINCT ", params),
            Distinct::No => self.plain("", params),
        }
    }

    /// Whether all rows are one group although SQLite would not see it: its `HAVING` and `ORDER BY`
    /// make no group by themselves.
    fn is_hidden_group(&self) -> bool {
        let in_order = || self.clauses.order.iter().any(|o| o.expr.aggregate().is_some());
        self.clauses.group.is_empty()
            && !self.clauses.list.iter().any(|e| e.aggregate().is_some())
            && (self.clauses.having.is_some() || in_order())
    }

    /// Whether it only counts all rows.
    fn is_plain_count(&self) -> bool {
        let clauses = self.clauses;
        let [Typed { node: Node::Call { function, filter: None, window: None, .. }, .. }] =
            clauses.list.as_slice()
        else {
            return false;
        };
        function.sql == "count(*)"
            && clauses.filter.is_none()
            && clauses.group.is_empty()
            && clauses.having.is_none()
            && clauses.order.is_empty()
    }

    fn plain(&self, distinct: &str, params: &mut Params) -> String {
        if self.is_hidden_group() {
            let group = format!("SELECT {}, count(*) AS n{}", self.list(params), self.rows(params));
            return format!("SELECT {} FROM ({group}){}", self.names(), limit(self.select, self.outermost));
        }
        if distinct.is_empty() && self.is_plain_count() {
            // SQLite counts without looking at rows when nothing else is in the select.
            let count = format!("SELECT count(*){}", self.rows(params));
            return format!("SELECT CAST(({count}) AS TEXT) AS o0{}", limit(self.select, self.outermost));
        }
        let mut sql = format!("SELECT {distinct}{}{}", self.list(params), self.rows(params));
        if !self.clauses.order.is_empty() {
            sql.push_str(&format!(" ORDER BY {}", params.ordering(&self.clauses.order)));
        }
        sql + &limit(self.select, self.outermost)
    }

    /// The first row of each partition, then the order again over what is left.
    fn distinct_on(&self, params: &mut Params) -> String {
        let list = self.list(params);
        let mut keys = String::new();
        let mut outer_order = Vec::new();
        for (index, key) in self.clauses.order.iter().enumerate() {
            keys.push_str(&format!(", {} AS k{index}", params.compared(&key.expr)));
            let collation = collation(key.expr.soql_type);
            let direction = if key.descending { " DESC" } else { "" };
            let nulls = if key.nulls_first { " NULLS FIRST" } else { " NULLS LAST" };
            outer_order.push(format!("k{index}{collation}{direction}{nulls}"));
        }
        let partition = params.compared_list(&self.clauses.distinct_on);
        let order = match self.clauses.order.as_slice() {
            [] => String::new(),
            order => format!(" ORDER BY {}", params.ordering(order)),
        };
        let place = format!("row_number() OVER (PARTITION BY {partition}{order}) AS n");
        let mut sql = format!(
            "SELECT {} FROM (SELECT {list}{keys}, {place}{}) WHERE n=1",
            self.names(),
            self.rows(params)
        );
        if !outer_order.is_empty() {
            sql.push_str(&format!(" ORDER BY {}", outer_order.join(", ")));
        }
        sql + &limit(self.select, self.outermost)
    }

    fn list(&self, params: &mut Params) -> String {
        let one = |(i, e)| format!("{} AS o{i}", params.selected(e));
        joined(self.clauses.list.iter().enumerate().map(one).collect())
    }

    /// The names that the list gives.
    fn names(&self) -> String {
        joined((0..self.clauses.list.len()).map(|i| format!("o{i}")).collect())
    }

    /// `FROM … WHERE … GROUP BY … HAVING …`.
    fn rows(&self, params: &mut Params) -> String {
        let mut sql = String::new();
        if !self.sources.from.is_empty() {
            sql.push_str(&format!(" FROM {}", self.sources.from));
        }
        for (join, on) in self.sources.joins.iter().zip(&self.clauses.on) {
            sql.push_str(&format!("{join}{}", params.sql(on)));
        }
        let mut conditions: Vec<String> = self.clauses.filter.iter().map(|e| params.sql(e)).collect();
        let searches = self.select.search.iter().chain(self.pushed);
        conditions.extend(searches.map(|text| search(text, self.sources.tables, params)));
        if !conditions.is_empty() {
            sql.push_str(&format!(" WHERE {}", conditions.join(" AND ")));
        }
        if !self.clauses.group.is_empty() {
            sql.push_str(&format!(" GROUP BY {}", params.compared_list(&self.clauses.group)));
        }
        if let Some(having) = &self.clauses.having {
            sql.push_str(&format!(" HAVING {}", params.sql(having)));
        }
        sql
    }
}

/// A select list. A dataset without columns gives empty rows, but SQL has no empty list.
fn joined(list: Vec<String>) -> String {
    if list.is_empty() { "NULL".to_owned() } else { list.join(", ") }
}

fn collation(soql_type: SoqlType) -> &'static str {
    if soql_type == SoqlType::Number { " COLLATE SOQLNUM" } else { "" }
}

/// Two statements combined by a word such as `UNION ALL`.
pub(super) fn combined(word: &str, left: &Relation, right: &str) -> String {
    match word {
        "INTERSECT ALL" => of_multisets("INTERSECT", left, right),
        "MINUS ALL" => of_multisets("EXCEPT", left, right),
        _ => {
            let operator = if word == "MINUS" { "EXCEPT" } else { word };
            format!("SELECT * FROM ({}) {operator} SELECT * FROM ({right})", left.sql)
        }
    }
}

/// SQLite has no ALL for these: equal rows are numbered, so that each copy counts for itself.
fn of_multisets(operator: &str, left: &Relation, right: &str) -> String {
    let names: Vec<&str> = left.columns.iter().map(|c| c.sql.as_str()).collect();
    let one = |c: &SourceColumn| format!("{}{}", c.sql, collation(c.soql_type));
    let compared: Vec<String> = left.columns.iter().map(one).collect();
    let numbered = |sql: &str| {
        format!("SELECT *, row_number() OVER (PARTITION BY {}) AS n FROM ({sql})", compared.join(", "))
    };
    format!("SELECT {} FROM ({} {operator} {})", names.join(", "), numbered(&left.sql), numbered(right))
}

/// Full-text search over all text and link columns of the sources; a number also finds equal numbers.
fn search(text: &str, tables: &[Table], params: &mut Params) -> String {
    let number = crate::soda::value::canonical_number(text.trim());
    let mut alternatives = Vec::new();
    for table in tables {
        let mut hay = Vec::new();
        for column in &table.relation.columns {
            let sql = format!("{}.{}", table.sql, column.sql);
            match (column.soql_type, &number) {
                (SoqlType::Text, _) => hay.push(format!("coalesce({sql},'')")),
                (SoqlType::Url, _) => {
                    for part in ["url", "description"] {
                        hay.push(format!("coalesce(json_extract({sql},'$.{part}'),'')"));
                    }
                }
                (SoqlType::Number, Some(number)) => {
                    let place = params.push(Stored::Text(number.clone().into()));
                    alternatives.push(format!("{sql} COLLATE SOQLNUM = {place}"));
                }
                _ => {}
            }
        }
        if !hay.is_empty() {
            let place = params.push(Stored::Text(text.to_owned().into()));
            alternatives.push(format!("soql_search({place},{})", hay.join("||' '||")));
        }
    }
    if alternatives.is_empty() { "0".to_owned() } else { format!("({})", alternatives.join(" OR ")) }
}

fn limit(select: &Select, outermost: bool) -> String {
    // A count beyond what SQLite can hold means all rows.
    let bounded = |n: &String| n.parse::<i64>().unwrap_or(i64::MAX);
    let limit = match (&select.limit, outermost) {
        (Some(n), _) => format!(" LIMIT {}", bounded(n)),
        (None, true) => DEFAULT.to_owned(),
        (None, false) if select.offset.is_some() => " LIMIT -1".to_owned(),
        (None, false) => return String::new(),
    };
    let offset = select.offset.as_ref().map_or_else(String::new, |n| format!(" OFFSET {}", bounded(n)));
    limit + &offset
}
