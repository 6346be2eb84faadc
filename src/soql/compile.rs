//! A parsed query to SQL: sources, select list, checks, clauses.

use super::adapt::Adaptation;
use super::ast::{Distinct, Expr, ExprKind, JoinSource, Query, Select, SelectItem, Star};
use super::check::check;
use super::clauses::Clauses;
use super::compile_error::CompileError;
use super::emit::Params;
use super::error::SoqlError;
use super::implicit;
use super::limits::{Limit, MAX_LITERALS};
use super::measure::measured;
use super::scope::{Relation, Scope, SourceColumn, Table};
use super::statement::{self, Sources, Statement};
use super::typed::{Node, Typed};
use crate::soda::value::Rules;
use crate::soda::{SoqlType, SystemField, Value, folded};
use std::collections::HashSet;

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
    pub params: Vec<Value<'static>>,
}

/// A query in SQL.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// With numbered parameters.
    pub sql: String,
    /// Their values.
    pub params: Vec<Value<'static>>,
    /// Output names and types.
    pub columns: Vec<(String, SoqlType)>,
}

/// Compiles a query's text.
pub fn compile(text: &str, environment: &Environment<'_>) -> Result<Compiled, SoqlError> {
    compile_adapted(text, environment, Adaptation::default())
}

/// Compiles a query's text with what is asked beyond it.
pub fn compile_adapted(
    text: &str,
    environment: &Environment<'_>,
    adaptation: Adaptation,
) -> Result<Compiled, SoqlError> {
    let query = super::parse(text)?;
    let params = Params { values: environment.params.clone(), now_ms: environment.now_ms };
    let mut compiler = Compiler { text, environment, adaptation, params, tables: 0, pushed: Vec::new() };
    let place = if adaptation.page.is_some() { Place::Paged } else { Place::Outermost };
    let relation = compiler.query(&query, environment.relation, place)?;
    let sql = adaptation.page.map_or_else(|| relation.sql.clone(), |page| page.of(&relation.sql));
    if compiler.params.values.len() > MAX_LITERALS {
        return Err(SoqlError::TooLarge { limit: Limit::Literals, position: None });
    }
    let columns = relation.columns.into_iter().map(|c| (c.name, c.soql_type)).collect();
    Ok(Compiled { sql, params: compiler.params.values, columns })
}

/// Where a statement stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Inside another.
    Inner,
    /// Its rows are cut into pages.
    Paged,
    /// Its rows are the answer; the default limit applies.
    Outermost,
}

struct Compiler<'a> {
    text: &'a str,
    environment: &'a Environment<'a>,
    adaptation: Adaptation,
    params: Params,
    tables: usize,
    /// Searches of later steps of a chain.
    pushed: Vec<String>,
}

/// One output column before it is typed.
struct Output {
    name: Option<String>,
    expr: Expr,
    /// Whether it is a bare column, which is looked up past the aliases.
    bare: bool,
    at: usize,
}

impl Compiler<'_> {
    fn error(&self, error: CompileError, at: usize) -> SoqlError {
        error.at(self.text, at)
    }

    /// A query as a relation whose SQL is a whole statement.
    fn query(&mut self, query: &Query, input: &Relation, place: Place) -> Result<Relation, SoqlError> {
        match query {
            Query::Select(select) => self.select(select, input, place),
            Query::Chain(left, right) => {
                let before = self.pushed.len();
                self.pushed.extend(right.search.clone());
                let left = bracketed(self.query(left, input, Place::Inner)?);
                self.pushed.truncate(before);
                self.select(right, &left, place)
            }
            Query::Combine(word, left, right) => self.combine(word, left, right, input, place),
        }
    }

    fn combine(
        &mut self,
        word: &'static str,
        left: &Query,
        right: &Query,
        input: &Relation,
        place: Place,
    ) -> Result<Relation, SoqlError> {
        let left = self.query(left, input, Place::Inner)?;
        let right = self.query(right, input, Place::Inner)?;
        let types =
            |r: &Relation| r.columns.iter().map(|c| c.soql_type.name()).collect::<Vec<_>>().join(", ");
        if left.columns.len() != right.columns.len() {
            let counts = (left.columns.len(), right.columns.len());
            return Err(self.error(CompileError::CombinedCounts(counts.0, counts.1), 0));
        }
        if types(&left) != types(&right) {
            return Err(self.error(CompileError::CombinedTypes(types(&left), types(&right)), 0));
        }
        let sql = statement::combined(word, &left, &right);
        let mut columns = left.columns;
        for (column, other) in columns.iter_mut().zip(&right.columns) {
            column.size = column.size.max(other.size);
        }
        let mut relation = Relation {
            sql,
            columns,
            tables: left.tables.max(right.tables),
            depth: left.depth.max(right.depth) + 1,
        };
        if place != Place::Inner {
            relation = self.adaptation.order.of_combined(relation);
        }
        if place == Place::Outermost {
            relation.sql.push_str(statement::DEFAULT);
        }
        Ok(relation)
    }

    fn select(&mut self, select: &Select, input: &Relation, place: Place) -> Result<Relation, SoqlError> {
        let (tables, from, joins) = self.sources(select, input)?;
        let rules = self.environment.rules;
        let mut scope = Scope::new(self.text, &rules, tables);
        let mut outputs = self.outputs(select, &scope)?;
        name_outputs(&mut outputs, &scope, self.text)?;
        for output in outputs.iter().filter(|o| !o.bare) {
            if let Some(name) = &output.name {
                scope.add_alias(name, output.expr.clone());
            }
        }
        let mut clauses = clauses(select, &outputs, &mut scope)?;
        check(select, &clauses, &scope)?;
        if place != Place::Inner {
            self.adapt(select, &mut outputs, &mut clauses, &mut scope)?;
        }
        let pushed =
            if std::ptr::eq(input, self.environment.relation) { self.pushed.clone() } else { Vec::new() };
        let searches = select.search.iter().count() + pushed.len();
        let (tables, depth) = measured(&clauses, searches, &scope)?;
        let columns =
            outputs.iter().zip(&clauses.list).enumerate().map(|(index, (output, typed))| SourceColumn {
                name: output.name.clone().unwrap_or_default(),
                soql_type: typed.soql_type,
                sql: format!("o{index}"),
                system: false,
                nullable: !matches!(typed.node, Node::Column { nullable: false, .. }),
                size: typed.size(),
            });
        let columns = columns.collect();
        let sources = Sources { from, joins, tables: &scope.tables };
        let statement = Statement {
            select,
            clauses: &clauses,
            sources,
            pushed: &pushed,
            outermost: place == Place::Outermost,
        };
        let sql = statement.sql(&mut self.params);
        Ok(Relation { sql, columns, tables, depth })
    }

    /// What is asked beyond the query's text.
    fn adapt(
        &self,
        select: &Select,
        outputs: &mut Vec<Output>,
        clauses: &mut Clauses,
        scope: &mut Scope<'_>,
    ) -> Result<(), SoqlError> {
        self.adaptation.order.apply(&select.distinct, clauses, scope);
        if !self.adaptation.system || select.distinct == Distinct::All || clauses.is_aggregated() {
            return Ok(());
        }
        let mut system = Vec::new();
        self.expand(&Star { table: None, except: Vec::new() }, true, scope, &mut system)?;
        let place = |name: &str| SystemField::ALL.iter().position(|field| field.name() == name);
        system.sort_by_key(|added| added.name.as_deref().and_then(place));
        system.retain(|added| !outputs.iter().any(|output| output.name == added.name));
        for (index, output) in system.into_iter().enumerate() {
            clauses.list.insert(index, scope.typed(&output.expr)?);
            outputs.insert(index, output);
        }
        Ok(())
    }

    fn next_table(&mut self) -> String {
        self.tables += 1;
        format!("t{}", self.tables - 1)
    }

    /// The tables in scope, the first one's SQL, and each join's SQL in front of its condition.
    fn sources(
        &mut self,
        select: &Select,
        input: &Relation,
    ) -> Result<(Vec<Table>, String, Vec<String>), SoqlError> {
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
                JoinSource::Query(query) => {
                    // A joined query is not a step of the chain.
                    let pushed = std::mem::take(&mut self.pushed);
                    let relation = bracketed(self.query(query, input, Place::Inner)?);
                    self.pushed = pushed;
                    relation
                }
            };
            let default = match &join.source {
                JoinSource::Table(name, _) => Some(name.clone()),
                JoinSource::Query(_) => None,
            };
            let alias = join.alias.clone().or(default).map(|a| folded(&a));
            let sql = self.next_table();
            joins.push(format!(" {} {} AS {sql} ON ", join.kind, relation.sql));
            tables.push(Table { alias, sql, relation });
        }
        Ok((tables, from, joins))
    }

    fn base(&mut self, select: &Select, input: &Relation) -> Result<(Relation, Option<String>), SoqlError> {
        match &select.from {
            None => Ok((input.clone(), None)),
            Some((table, alias)) => {
                let relation = match folded(table).as_str() {
                    "this" if alias.is_none() => {
                        return Err(self.error(CompileError::ReservedTableAlias, 0));
                    }
                    "this" => input.clone(),
                    "single_row" => Relation { sql: String::new(), columns: Vec::new(), tables: 0, depth: 0 },
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
            return Err(self.error(CompileError::NoSuchTable(name), 0));
        };
        let mut left_out = HashSet::new();
        for (name, at) in &star.except {
            let known = table.relation.columns.iter().any(|c| folded(&c.name) == folded(name));
            if !known {
                return Err(self.error(CompileError::NoSuchColumn(name.clone()), *at));
            }
            if !left_out.insert(folded(name)) {
                return Err(self.error(CompileError::RepeatedException(name.clone()), *at));
            }
        }
        for column in table.relation.columns.iter().filter(|c| c.system == system) {
            if !left_out.contains(&folded(&column.name)) {
                let kind = ExprKind::Column { table: star.table.clone(), name: column.name.clone() };
                let expr = Expr::new(kind, 0);
                out.push(Output { name: Some(column.name.clone()), expr, bare: true, at: 0 });
            }
        }
        Ok(())
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
            return Err(CompileError::DuplicateAlias(name.clone()).at(text, output.at));
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
        distinct_on: match &select.distinct {
            Distinct::On(exprs) => scope.typed_list(exprs)?,
            _ => Vec::new(),
        },
        on: select.joins.iter().map(|join| scope.typed(&join.on)).collect::<Result<_, _>>()?,
    })
}
