//! One select, or two combined, as an SQL statement.

use super::ast::{Distinct, Select};
use super::clauses::Clauses;
use super::emit::{Params, collation};
use super::functions::Template;
use super::scope::{Relation, SourceColumn, Table};
use super::typed::{Node, Typed};
use crate::soda::{SoqlType, Value};

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
            Distinct::All => self.plain(true, params),
            Distinct::No => self.plain(false, params),
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
        function.template == Template::CountRows
            && clauses.filter.is_none()
            && clauses.group.is_empty()
            && clauses.having.is_none()
            && clauses.order.is_empty()
    }

    fn plain(&self, distinct: bool, params: &mut Params) -> String {
        if self.is_hidden_group() {
            let group = format!("SELECT {}, count(*) AS n{}", self.list(false, params), self.rows(params));
            return format!("SELECT {} FROM ({group}){}", self.names(), limit(self.select, self.outermost));
        }
        if !distinct && self.is_plain_count() {
            // SQLite counts without looking at rows when nothing else is in the select.
            let count = format!("SELECT count(*){}", self.rows(params));
            return format!("SELECT CAST(({count}) AS TEXT) AS o0{}", limit(self.select, self.outermost));
        }
        let word = if distinct { "DISTINCT " } else { "" };
        let mut sql = format!("SELECT {word}{}{}", self.list(distinct, params), self.rows(params));
        if !self.clauses.order.is_empty() {
            sql.push_str(&format!(" ORDER BY {}", params.ordering(&self.clauses.order)));
        }
        sql + &limit(self.select, self.outermost)
    }

    /// The first row of each partition, in the order of all rows.
    fn distinct_on(&self, params: &mut Params) -> String {
        let list = self.list(false, params);
        let partition = params.compared_list(&self.clauses.distinct_on);
        let mut ordered = || match self.clauses.order.as_slice() {
            [] => String::new(),
            order => format!("ORDER BY {}", params.ordering(order)),
        };
        let within = format!("row_number() OVER (PARTITION BY {partition} {}) AS n", ordered());
        let all = format!("row_number() OVER ({}) AS m", ordered());
        let rows = self.rows(params);
        let mut sql =
            format!("SELECT {} FROM (SELECT {list}, {within}, {all}{rows}) WHERE n=1", self.names());
        if !self.clauses.order.is_empty() {
            sql.push_str(" ORDER BY m");
        }
        sql + &limit(self.select, self.outermost)
    }

    /// The names that the list gives.
    fn names(&self) -> String {
        joined((0..self.clauses.list.len()).map(|i| format!("o{i}")).collect())
    }

    /// The select list; what tells its rows apart compares it.
    fn list(&self, distinct: bool, params: &mut Params) -> String {
        let one = |(i, e)| {
            let sql = if distinct { params.compared(e) } else { params.sql(e) };
            format!("{sql} AS o{i}")
        };
        joined(self.clauses.list.iter().enumerate().map(one).collect())
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

/// Two relations combined by a word such as `UNION ALL`. Both have the same types of columns.
pub(super) fn combined(word: &str, left: &Relation, right: &Relation) -> String {
    match word {
        "INTERSECT ALL" => of_multisets("INTERSECT", left, right),
        "MINUS ALL" => of_multisets("EXCEPT", left, right),
        _ => {
            let operator = if word == "MINUS" { "EXCEPT" } else { word };
            format!(
                "SELECT {} FROM ({}) {operator} SELECT {} FROM ({})",
                compared_columns(left, true),
                left.sql,
                compared_columns(right, true),
                right.sql
            )
        }
    }
}

/// The columns with the collations that their types compare by.
fn compared_columns(relation: &Relation, named: bool) -> String {
    let one = |c: &SourceColumn| {
        let name = if named { format!(" AS {}", c.sql) } else { String::new() };
        format!("{}{}{name}", c.sql, collation(c.soql_type))
    };
    joined(relation.columns.iter().map(one).collect())
}

/// SQLite has no ALL for these: equal rows are numbered, so that each copy counts for itself.
fn of_multisets(operator: &str, left: &Relation, right: &Relation) -> String {
    let names = joined(left.columns.iter().map(|c| c.sql.clone()).collect());
    let numbered = |relation: &Relation| {
        format!(
            "SELECT {}, row_number() OVER (PARTITION BY {}) AS n FROM ({})",
            compared_columns(relation, true),
            compared_columns(relation, false),
            relation.sql
        )
    };
    format!("SELECT {names} FROM ({} {operator} {})", numbered(left), numbered(right))
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
                    let place = params.push(Value::Text(number.clone().into()));
                    alternatives.push(format!("{sql} COLLATE SOQLNUM = {place}"));
                }
                _ => {}
            }
        }
        if !hay.is_empty() {
            let place = params.push(Value::Text(text.to_owned().into()));
            alternatives.push(format!("soql_search({place},{})", spaced(&hay)));
        }
    }
    if alternatives.is_empty() { "0".to_owned() } else { format!("({})", alternatives.join(" OR ")) }
}

/// Texts with blanks between them. As a tree, which is never deep however many there are.
fn spaced(texts: &[String]) -> String {
    match texts {
        [text] => text.clone(),
        _ => {
            let (left, right) = texts.split_at(texts.len() / 2);
            format!("({}||' '||{})", spaced(left), spaced(right))
        }
    }
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
