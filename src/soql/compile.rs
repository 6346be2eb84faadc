//! A parsed query to SQL: sources, select list, checks, clauses.

use super::ast::{Distinct, Expr, ExprKind, JoinSource, Query, Select, SelectItem, Star};
use super::emit::Params;
use super::error::{Position, SoqlError};
use super::functions::{EQUATABLE, Kind, ORDERED};
use super::implicit;
use super::scope::{Relation, Scope, SourceColumn, Table};
use super::typed::{Node, Typed, TypedOrdering};
use crate::soda::value::Rules;
use crate::soda::{SoqlType, Stored, folded};
use serde_json::json;
use std::collections::HashSet;

/// Rows that are answered when nothing else is said (documented).
const DEFAULT_LIMIT: &str = "1000";

/// What a query is compiled against.
pub struct Environment<'a> {
    /// The rows that it selects from.
    pub relation: &'a Relation,
    /// Finds other datasets by their 4x4 or resource name.
    pub other: &'a dyn Fn(&str) -> Option<Relation>,
    /// How literals are read.
    pub rules: Rules<'a>,
    /// Milliseconds, for `get_utc_date()`.
    pub now_ms: i64,
    /// Parameters that the relation's SQL uses already.
    pub params: Vec<Stored<'static>>,
}

/// A query in SQL.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// With numbered parameters.
    pub sql: String,
    /// Their values.
    pub params: Vec<Stored<'static>>,
    /// Output names and types.
    pub columns: Vec<(String, SoqlType)>,
}

/// Compiles a query's text.
pub fn compile(text: &str, environment: &Environment<'_>) -> Result<Compiled, SoqlError> {
    let query = super::parse(text)?;
    let params = Params { values: environment.params.clone(), now_ms: environment.now_ms };
    let mut compiler = Compiler { text, environment, params, tables: 0 };
    let relation = compiler.query(&query, environment.relation, true)?;
    let columns = relation.columns.into_iter().map(|c| (c.name, c.soql_type)).collect();
    Ok(Compiled { sql: relation.sql, params: compiler.params.values, columns })
}

struct Compiler<'a> {
    text: &'a str,
    environment: &'a Environment<'a>,
    params: Params,
    tables: usize,
}

/// One output column before it is typed.
struct Output {
    name: Option<String>,
    expr: Expr,
    /// Whether it is a bare column, which is looked up past the aliases.
    bare: bool,
    at: usize,
}

/// Tables in scope, the first one's SQL, and for each join its SQL and its condition.
type Sources = (Vec<Table>, String, Vec<(String, Expr)>);

/// A select's clauses, typed.
struct Clauses {
    list: Vec<Typed>,
    filter: Option<Typed>,
    group: Vec<Typed>,
    having: Option<Typed>,
    order: Vec<TypedOrdering>,
}

impl Compiler<'_> {
    fn error(
        &self,
        code: &'static str,
        text: String,
        data: Vec<(&'static str, serde_json::Value)>,
        at: usize,
    ) -> SoqlError {
        SoqlError::compile(code, text, data, Some(Position::of(self.text, at)))
    }

    /// A query as a relation whose SQL is a whole statement.
    fn query(&mut self, query: &Query, input: &Relation, outermost: bool) -> Result<Relation, SoqlError> {
        match query {
            Query::Select(select) => self.select(select, input, outermost),
            Query::Chain(left, right) => {
                let left = bracketed(self.query(left, input, false)?);
                self.select(right, &left, outermost)
            }
            Query::Combine(word, left, right) => self.combine(word, left, right, input, outermost),
        }
    }

    fn combine(
        &mut self,
        word: &'static str,
        left: &Query,
        right: &Query,
        input: &Relation,
        outermost: bool,
    ) -> Result<Relation, SoqlError> {
        let operator = match word {
            "UNION" | "UNION ALL" | "INTERSECT" => word,
            "MINUS" => "EXCEPT",
            other => return Err(SoqlError::NotEmulated(other.to_owned())),
        };
        let left = self.query(left, input, false)?;
        let right = self.query(right, input, false)?;
        let types =
            |r: &Relation| r.columns.iter().map(|c| c.soql_type.name()).collect::<Vec<_>>().join(", ");
        if left.columns.len() != right.columns.len() {
            let (l, r) = (left.columns.len(), right.columns.len());
            let text = format!("Two selects must have the same number of columns: {l}, {r}");
            let data = vec![("description", json!(text))];
            return Err(self.error("two-selects-number-of-columns-mismatch", text, data, 0));
        }
        if types(&left) != types(&right) {
            let text =
                format!("Two selects must have the same column type: {}, {}", types(&left), types(&right));
            let data = vec![("description", json!(text))];
            return Err(self.error("two-selects-column-types-mismatch", text, data, 0));
        }
        let limit = if outermost { format!(" LIMIT {DEFAULT_LIMIT}") } else { String::new() };
        let sql = format!("SELECT * FROM ({}) {operator} SELECT * FROM ({}){limit}", left.sql, right.sql);
        Ok(Relation { sql, columns: left.columns })
    }

    fn select(&mut self, select: &Select, input: &Relation, outermost: bool) -> Result<Relation, SoqlError> {
        let (tables, from, conditions) = self.sources(select, input)?;
        let rules = self.environment.rules;
        let mut scope = Scope::new(self.text, &rules, tables);
        let mut outputs = self.outputs(select, &scope)?;
        name_outputs(&mut outputs, &scope, self.text)?;
        for output in outputs.iter().filter(|o| !o.bare) {
            if let Some(name) = &output.name {
                scope.add_alias(name, output.expr.clone());
            }
        }
        let clauses = clauses(select, &outputs, &mut scope)?;
        self.check(select, &clauses, &scope)?;
        let columns =
            outputs.iter().zip(&clauses.list).enumerate().map(|(index, (output, typed))| SourceColumn {
                name: output.name.clone().unwrap_or_default(),
                soql_type: typed.soql_type,
                sql: format!("o{index}"),
                system: false,
                nullable: !matches!(typed.node, Node::Column { nullable: false, .. }),
            });
        let columns = columns.collect();
        let sql = self.statement(select, &clauses, &from, &conditions, &mut scope, outermost)?;
        Ok(Relation { sql, columns })
    }

    fn next_table(&mut self) -> String {
        self.tables += 1;
        format!("t{}", self.tables - 1)
    }

    /// The sources: tables in scope, and for each join its SQL in front of the condition.
    fn sources(&mut self, select: &Select, input: &Relation) -> Result<Sources, SoqlError> {
        let (relation, alias) = self.base(select, input)?;
        let sql = self.next_table();
        let from = if relation.sql.is_empty() { String::new() } else { format!("{} AS {sql}", relation.sql) };
        let mut tables = vec![Table { alias, sql, relation }];
        let mut joins = Vec::new();
        for join in &select.joins {
            if join.lateral {
                return Err(SoqlError::NotEmulated("a lateral join".to_owned()));
            }
            let relation = match &join.source {
                JoinSource::Table(name, _) => self.dataset(name)?,
                JoinSource::Query(query) => bracketed(self.query(query, input, false)?),
            };
            let default = match &join.source {
                JoinSource::Table(name, _) => Some(name.clone()),
                JoinSource::Query(_) => None,
            };
            let alias = join.alias.clone().or(default).map(|a| folded(&a));
            let sql = self.next_table();
            joins.push((format!(" {} {} AS {sql} ON ", join.kind, relation.sql), join.on.clone()));
            tables.push(Table { alias, sql, relation });
        }
        Ok((tables, from, joins))
    }

    fn base(&mut self, select: &Select, input: &Relation) -> Result<(Relation, Option<String>), SoqlError> {
        match &select.from {
            None => Ok((input.clone(), None)),
            Some((table, alias)) => {
                let relation = match folded(table).as_str() {
                    "this" => input.clone(),
                    "single_row" => Relation { sql: String::new(), columns: Vec::new() },
                    _ => self.dataset(table)?,
                };
                Ok((relation, Some(folded(alias.as_ref().unwrap_or(table)))))
            }
        }
    }

    fn dataset(&self, name: &str) -> Result<Relation, SoqlError> {
        (self.environment.other)(name).ok_or_else(|| SoqlError::MissingDataset(name.to_owned()))
    }

    /// The select list with its stars expanded.
    fn outputs(&self, select: &Select, scope: &Scope<'_>) -> Result<Vec<Output>, SoqlError> {
        let mut outputs = Vec::new();
        for (stars, system) in [(&select.system_stars, true), (&select.stars, false)] {
            for star in stars {
                self.expand(star, system, scope, &mut outputs)?;
            }
        }
        outputs.extend(select.items.iter().map(|item| output(item, scope)));
        Ok(outputs)
    }

    fn expand(
        &self,
        star: &Star,
        system: bool,
        scope: &Scope<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), SoqlError> {
        let alias = star.table.as_ref().map(|t| folded(t));
        let table = match &alias {
            None => scope.tables.first(),
            Some(alias) => scope.tables.iter().find(|t| t.alias.as_ref() == Some(alias)),
        };
        let Some(table) = table else {
            let name = star.table.clone().unwrap_or_default();
            return Err(self.error(
                "no-such-table",
                format!("No such table: {name}"),
                vec![("table", json!(name))],
                0,
            ));
        };
        let mut left_out = HashSet::new();
        for (name, at) in &star.except {
            let known = table.relation.columns.iter().any(|c| folded(&c.name) == folded(name));
            if !known {
                let data = vec![("column", json!(name))];
                return Err(self.error("no-such-column", format!("No such column: {name}"), data, *at));
            }
            if !left_out.insert(folded(name)) {
                let text = format!("Repeated exception with column: {name}");
                return Err(self.error("repeated-exception", text, vec![("column", json!(name))], *at));
            }
        }
        for column in table.relation.columns.iter().filter(|c| c.system == system) {
            if !left_out.contains(&folded(&column.name)) {
                let kind = ExprKind::Column { table: star.table.clone(), name: column.name.clone() };
                let expr = Expr { kind, at: 0 };
                out.push(Output { name: Some(column.name.clone()), expr, bare: true, at: 0 });
            }
        }
        Ok(())
    }

    fn check(&self, select: &Select, clauses: &Clauses, scope: &Scope<'_>) -> Result<(), SoqlError> {
        let ungrouped = |e: &Typed, clause: &str| {
            let Some(call) = e.aggregate().or_else(|| e.windowed()) else { return Ok(()) };
            let name = call.function_name();
            let text = format!("Aggregate function '{name}' used in ungrouped context: {clause}");
            let data = vec![("function", json!(name)), ("clause", json!(clause))];
            Err(scope.error("aggregate-in-ungrouped-context", text, data, call.at))
        };
        clauses.filter.iter().try_for_each(|e| ungrouped(e, "WHERE"))?;
        clauses.group.iter().try_for_each(|e| ungrouped(e, "GROUP BY"))?;
        let ordered = clauses.order.iter().map(|o| &o.expr);
        let all: Vec<&Typed> = clauses.list.iter().chain(&clauses.having).chain(ordered).collect();
        let grouped = !clauses.group.is_empty()
            || clauses.having.is_some()
            || all.iter().any(|e| e.aggregate().is_some());
        for expr in &all {
            bare_window(expr, scope)?;
            if let Some((name, at)) = expr.ungrouped(&clauses.group).filter(|_| grouped) {
                let text = format!("Column '{name}' is not in group by");
                return Err(scope.error("column-not-in-group-bys", text, vec![("column", json!(name))], at));
            }
            nested_aggregate(expr, scope)?;
        }
        let plain = |code, text: &str| Err(SoqlError::compile(code, text, Vec::new(), None));
        if clauses.filter.as_ref().is_some_and(|e| e.soql_type != SoqlType::Boolean) {
            return plain("non-boolean-where", "Non-boolean where");
        }
        if clauses.group.iter().any(|e| !EQUATABLE.contains(&e.soql_type)) {
            return plain("non-groupable-group", "Non-groupable group by");
        }
        if clauses.having.as_ref().is_some_and(|e| e.soql_type != SoqlType::Boolean) {
            return plain("non-boolean-having", "Non-boolean having");
        }
        if clauses.order.iter().any(|o| !ORDERED.contains(&o.expr.soql_type)) {
            return plain("un-orderable-order", "Un-orderable order by");
        }
        if matches!(select.distinct, Distinct::On(_)) {
            return Err(SoqlError::NotEmulated("DISTINCT ON".to_owned()));
        }
        Ok(())
    }

    fn statement(
        &mut self,
        select: &Select,
        clauses: &Clauses,
        from: &str,
        joins: &[(String, Expr)],
        scope: &mut Scope<'_>,
        outermost: bool,
    ) -> Result<String, SoqlError> {
        let list: Vec<String> = clauses
            .list
            .iter()
            .enumerate()
            .map(|(i, e)| format!("{} AS o{i}", self.params.selected(e)))
            .collect();
        let distinct = if select.distinct == Distinct::All { "DISTINCT " } else { "" };
        let mut sql = format!("SELECT {distinct}{}", list.join(", "));
        if !from.is_empty() {
            sql.push_str(&format!(" FROM {from}"));
        }
        for (text, on) in joins {
            let on = scope.typed(on)?;
            sql.push_str(&format!("{text}{}", self.params.sql(&on)));
        }
        let mut conditions = Vec::new();
        conditions.extend(clauses.filter.as_ref().map(|e| self.params.sql(e)));
        conditions.extend(select.search.as_ref().map(|text| self.search(text, scope)));
        if !conditions.is_empty() {
            sql.push_str(&format!(" WHERE {}", conditions.join(" AND ")));
        }
        if !clauses.group.is_empty() {
            sql.push_str(&format!(" GROUP BY {}", self.params.compared_list(&clauses.group)));
        }
        if let Some(having) = &clauses.having {
            sql.push_str(&format!(" HAVING {}", self.params.sql(having)));
        }
        if !clauses.order.is_empty() {
            sql.push_str(&format!(" ORDER BY {}", self.params.ordering(&clauses.order)));
        }
        sql.push_str(&limit(select, outermost));
        Ok(sql)
    }

    /// Full-text search over all text and link columns of the sources; a number also finds equal numbers.
    fn search(&mut self, text: &str, scope: &Scope<'_>) -> String {
        let number = crate::soda::value::canonical_number(text.trim());
        let mut alternatives = Vec::new();
        for table in &scope.tables {
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
                        let place = self.params.push(Stored::Text(number.clone().into()));
                        alternatives.push(format!("{sql} COLLATE SOQLNUM = {place}"));
                    }
                    _ => {}
                }
            }
            if !hay.is_empty() {
                let place = self.params.push(Stored::Text(text.to_owned().into()));
                alternatives.push(format!("soql_search({place},{})", hay.join("||' '||")));
            }
        }
        if alternatives.is_empty() { "0".to_owned() } else { format!("({})", alternatives.join(" OR ")) }
    }
}

fn bracketed(relation: Relation) -> Relation {
    Relation { sql: format!("({})", relation.sql), ..relation }
}

fn output(item: &SelectItem, scope: &Scope<'_>) -> Output {
    let at = item.expr.at;
    if let Some((alias, at)) = &item.alias {
        return Output { name: Some(alias.clone()), expr: item.expr.clone(), bare: false, at: *at };
    }
    if let ExprKind::Column { table, name } = &item.expr.kind {
        // The schema's spelling is what is answered.
        let wanted = folded(name);
        let alias = table.as_ref().map(|t| folded(t));
        let source = match &alias {
            None => scope.tables.first(),
            Some(alias) => scope.tables.iter().find(|t| t.alias.as_ref() == Some(alias)),
        };
        let spelled = source.and_then(|t| t.relation.columns.iter().find(|c| folded(&c.name) == wanted));
        let bare = spelled.is_some();
        let name = spelled.map_or_else(|| name.clone(), |c| c.name.clone());
        return Output { name: Some(name), expr: item.expr.clone(), bare, at };
    }
    Output { name: None, expr: item.expr.clone(), bare: false, at }
}

/// Gives every output a name: the explicit ones first, then the implicit ones from left to right.
fn name_outputs(outputs: &mut [Output], scope: &Scope<'_>, text: &str) -> Result<(), SoqlError> {
    let mut taken = HashSet::new();
    for output in outputs.iter() {
        let Some(name) = &output.name else { continue };
        if !taken.insert(folded(name)) {
            return Err(SoqlError::compile(
                "duplicate-alias",
                format!("Duplicate alias: {name}"),
                vec![("name", json!(name))],
                Some(Position::of(text, output.at)),
            ));
        }
    }
    for output in outputs.iter_mut().filter(|o| o.name.is_none()) {
        let base = implicit::base_name(&output.expr);
        let name = implicit::free_name(&base, |n| taken.contains(&folded(n)) || scope.has_column(n));
        taken.insert(folded(&name));
        output.name = Some(name);
    }
    Ok(())
}

/// Types the clauses in the order in which the reference reports their errors.
fn clauses(select: &Select, outputs: &[Output], scope: &mut Scope<'_>) -> Result<Clauses, SoqlError> {
    let mut list: Vec<Option<Typed>> = outputs.iter().map(|_| None).collect();
    for bare in [true, false] {
        for (slot, output) in list.iter_mut().zip(outputs).filter(|(_, o)| o.bare == bare) {
            let name = output.name.as_deref().unwrap_or_default();
            *slot =
                Some(if bare { scope.typed(&output.expr)? } else { scope.alias(name, output.expr.at)? });
        }
    }
    Ok(Clauses {
        list: list.into_iter().flatten().collect(),
        filter: select.filter.as_ref().map(|e| scope.typed(e)).transpose()?,
        group: scope.typed_list(&select.group)?,
        having: select.having.as_ref().map(|e| scope.typed(e)).transpose()?,
        order: scope.ordering(&select.order)?,
    })
}

/// A window function needs `OVER`.
fn bare_window(expr: &Typed, scope: &Scope<'_>) -> Result<(), SoqlError> {
    let Node::Call { function, arguments, window, .. } = &expr.node else { return Ok(()) };
    if function.kind == Kind::Window && window.is_none() {
        let text = format!("Function {} requires window information", function.name);
        return Err(scope.error(
            "bad-parse",
            format!("Bad parse: {text}"),
            vec![("message", json!(text))],
            expr.at,
        ));
    }
    arguments.iter().try_for_each(|a| bare_window(a, scope))
}

/// An aggregate's arguments hold no aggregate.
fn nested_aggregate(expr: &Typed, scope: &Scope<'_>) -> Result<(), SoqlError> {
    let Node::Call { function, arguments, window, .. } = &expr.node else { return Ok(()) };
    let outer = function.kind == Kind::Aggregate && window.is_none();
    if let Some(inner) = arguments.iter().find_map(Typed::aggregate).filter(|_| outer) {
        let name = inner.function_name();
        let text = format!("Aggregate function '{name}' used in ungrouped context: selected columns");
        let data = vec![("function", json!(name)), ("clause", json!("selected columns"))];
        return Err(scope.error("aggregate-in-ungrouped-context", text, data, inner.at));
    }
    arguments.iter().try_for_each(|a| nested_aggregate(a, scope))
}

fn limit(select: &Select, outermost: bool) -> String {
    // A count beyond what SQLite can hold means all rows.
    let bounded = |n: &String| n.parse::<i64>().unwrap_or(i64::MAX);
    let limit = match (&select.limit, outermost) {
        (Some(n), _) => bounded(n).to_string(),
        (None, true) => DEFAULT_LIMIT.to_owned(),
        (None, false) if select.offset.is_some() => "-1".to_owned(),
        (None, false) => return String::new(),
    };
    let offset = select.offset.as_ref().map_or_else(String::new, |n| format!(" OFFSET {}", bounded(n)));
    format!(" LIMIT {limit}{offset}")
}
