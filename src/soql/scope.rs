//! What names mean in one `SELECT`, and the typing of its expressions.

use super::ast::{Arguments, BinaryOp, Expr, ExprKind, Ordering, UnaryOp, Window};
use super::bound::Bound;
use super::compile_error::CompileError;
use super::error::{Position, SoqlError};
use super::functions::Kind;
use super::limits::{Limit, MAX_ARGUMENTS, MAX_HEIGHT, MAX_SIZE};
use super::literal::{self, Candidate};
use super::resolve::{Call, preferred, resolve};
use super::typed::{Node, Typed, TypedOrdering, TypedWindow};
use crate::soda::value::Rules;
use crate::soda::{SoqlType, folded};
use std::collections::HashMap;

/// Aliases that may lead to each other, one behind the other.
const MAX_ALIASES: usize = 40;

/// One column of a source.
#[derive(Clone, Debug)]
pub struct SourceColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub soql_type: SoqlType,
    /// Its SQL name inside its source.
    pub sql: String,
    /// Whether `*` leaves it out and `:*` takes it.
    pub system: bool,
    /// Whether it can be null.
    pub nullable: bool,
    /// The number of expressions behind it, of the sources' own ones included; one for a stored column.
    pub size: usize,
}

/// Rows that can be selected from.
#[derive(Clone, Debug)]
pub struct Relation {
    /// What stands behind `FROM`.
    pub sql: String,
    /// Its columns in display order.
    pub columns: Vec<SourceColumn>,
    /// The tables that it reads.
    pub tables: usize,
    /// Levels of expressions of the selects in it that read from each other.
    pub depth: usize,
}

impl Relation {
    /// The rows of a table of the store.
    pub fn of_table(sql: String, columns: Vec<SourceColumn>) -> Self {
        Self { sql, columns, tables: 1, depth: 0 }
    }

    /// The row of a table whose column `by` has the value of the first parameter.
    #[must_use]
    pub fn row(self, by: &str) -> Self {
        Self { sql: format!("(SELECT * FROM {} WHERE {by}=?1)", self.sql), ..self }
    }
}

/// A source in scope.
#[derive(Clone, Debug)]
pub struct Table {
    /// The name in the query, folded; none for the implicit one.
    pub alias: Option<String>,
    /// The name in SQL.
    pub sql: String,
    /// What it is.
    pub relation: Relation,
}

#[derive(Clone, Debug)]
enum Alias {
    Waiting(Expr),
    Working,
    Done(Vec<Candidate>),
}

/// Names and types of one `SELECT`.
pub struct Scope<'a> {
    source: &'a str,
    rules: &'a Rules<'a>,
    /// The sources; the first is the implicit one.
    pub tables: Vec<Table>,
    aliases: HashMap<String, Alias>,
    columns: HashMap<String, usize>,
    size: usize,
    /// Aliases that are being resolved, the innermost last.
    open: Vec<String>,
}

type Typing = Result<Vec<Candidate>, SoqlError>;

impl<'a> Scope<'a> {
    /// The scope of these sources.
    pub fn new(source: &'a str, rules: &'a Rules<'a>, tables: Vec<Table>) -> Self {
        let mut columns = HashMap::new();
        if let Some(first) = tables.first() {
            for (index, column) in first.relation.columns.iter().enumerate() {
                columns.entry(folded(&column.name)).or_insert(index);
            }
        }
        Self { source, rules, tables, aliases: HashMap::new(), columns, size: 0, open: Vec::new() }
    }

    /// A refusal that points at a place of the query.
    pub fn error(&self, error: CompileError, at: usize) -> SoqlError {
        error.at(self.source, at)
    }

    /// Whether any source has a column of this name.
    pub fn has_column(&self, name: &str) -> bool {
        let wanted = folded(name);
        self.columns.contains_key(&wanted)
            || self
                .tables
                .iter()
                .skip(1)
                .any(|t| t.relation.columns.iter().any(|c| folded(&c.name) == wanted))
    }

    /// Makes an alias known.
    pub fn add_alias(&mut self, name: &str, expr: Expr) {
        self.aliases.insert(folded(name), Alias::Waiting(expr));
    }

    /// The typed expression behind an alias.
    pub fn alias(&mut self, name: &str, at: usize) -> Result<Typed, SoqlError> {
        let readings = self.alias_readings(&folded(name), name, at)?;
        self.choose(readings, at)
    }

    fn choose(&mut self, readings: Vec<Candidate>, at: usize) -> Result<Typed, SoqlError> {
        let typed = preferred(&readings).map(|c| c.typed.clone());
        let typed = typed.ok_or_else(|| self.error(CompileError::NoType, at))?;
        self.size = self.size.saturating_add(typed.size());
        if self.size > MAX_SIZE { Err(self.too_large(Limit::Size, at)) } else { Ok(typed) }
    }

    /// An error about a query that is too large.
    pub fn too_large(&self, limit: Limit, at: usize) -> SoqlError {
        SoqlError::TooLarge { limit, position: Some(Position::of(self.source, at)) }
    }

    fn alias_readings(&mut self, key: &str, name: &str, at: usize) -> Typing {
        match self.aliases.get(key) {
            Some(Alias::Done(readings)) => Ok(readings.clone()),
            Some(Alias::Waiting(_)) => {
                let Some(Alias::Waiting(expr)) = self.aliases.insert(key.to_owned(), Alias::Working) else {
                    return self.column(None, name, at);
                };
                self.open.push(key.to_owned());
                if self.open.len() > MAX_ALIASES {
                    return Err(self.too_large(Limit::Depth, at));
                }
                let readings = self.readings(&expr)?;
                self.open.pop();
                if readings.iter().any(|c| c.typed.size() > MAX_SIZE) {
                    return Err(self.too_large(Limit::Size, at));
                }
                if readings.iter().any(|c| c.typed.height() > MAX_HEIGHT) {
                    return Err(self.too_large(Limit::Depth, at));
                }
                self.aliases.insert(key.to_owned(), Alias::Done(readings.clone()));
                Ok(readings)
            }
            // Inside its own definition an alias is a column.
            Some(Alias::Working) if self.open.last().is_some_and(|open| open == key) => {
                self.column(None, name, at)
            }
            Some(Alias::Working) => Err(self.error(CompileError::CircularAlias(name.to_owned()), at)),
            None => self.column(None, name, at),
        }
    }

    /// The meaning of an expression when nothing else decides.
    pub fn typed(&mut self, expr: &Expr) -> Result<Typed, SoqlError> {
        let readings = self.readings(expr)?;
        self.choose(readings, expr.at)
    }

    /// A list of them.
    pub fn typed_list(&mut self, exprs: &[Expr]) -> Result<Vec<Typed>, SoqlError> {
        exprs.iter().map(|e| self.typed(e)).collect()
    }

    /// Orderings; nulls come last upwards and first downwards.
    pub fn ordering(&mut self, order: &[Ordering]) -> Result<Vec<TypedOrdering>, SoqlError> {
        let one = |o: &Ordering| {
            let expr = self.typed(&o.expr)?;
            let nulls_first = o.nulls_first.unwrap_or(o.descending);
            Ok(TypedOrdering { expr, descending: o.descending, nulls_first })
        };
        order.iter().map(one).collect()
    }

    fn column(&self, table: Option<&str>, name: &str, at: usize) -> Typing {
        let wanted = folded(name);
        let found = match table {
            None => {
                self.tables.first().zip(self.columns.get(&wanted)).map(|(t, i)| (t, &t.relation.columns[*i]))
            }
            Some(table) => {
                let alias = folded(table);
                let table = self
                    .tables
                    .iter()
                    .find(|t| t.alias.as_deref() == Some(&alias))
                    .ok_or_else(|| self.error(CompileError::NoSuchTable(table.to_owned()), at))?;
                table.relation.columns.iter().find(|c| folded(&c.name) == wanted).map(|c| (table, c))
            }
        };
        let (table, column) =
            found.ok_or_else(|| self.error(CompileError::NoSuchColumn(name.to_owned()), at))?;
        let node = Node::Column {
            sql: format!("{}.{}", table.sql, column.sql),
            name: column.name.clone(),
            nullable: column.nullable,
            size: column.size,
        };
        Ok(vec![Candidate { typed: Typed { node, soql_type: column.soql_type, at }, cost: 0 }])
    }

    fn readings(&mut self, expr: &Expr) -> Typing {
        let at = expr.at;
        match &expr.kind {
            ExprKind::Number(n) => literal::number(n, at).ok_or(SoqlError::Bound(Bound::Number)),
            ExprKind::Text(t) => Ok(literal::text(t, self.rules, at)),
            ExprKind::Bool(b) => Ok(literal::boolean(*b, at)),
            ExprKind::Null => Ok(literal::null(at)),
            ExprKind::Paren(inner) => self.readings(inner),
            ExprKind::Column { table: None, name } => {
                let mut readings = self.alias_readings(&folded(name), name, at)?;
                readings.iter_mut().for_each(|r| r.typed.at = at);
                Ok(readings)
            }
            ExprKind::Column { table, name } => self.column(table.as_deref(), name, at),
            ExprKind::Binary(op, a, b) => self.operator(&format!("op${}", op.symbol()), &[a, b], at, *op),
            ExprKind::Unary(UnaryOp::Not, a) => self.special("op$NOT", "op$NOT", &[a], at),
            ExprKind::Unary(UnaryOp::Minus, a) => self.special("unary$-", "op$-", &[a], at),
            ExprKind::Unary(UnaryOp::Plus, a) => self.special("unary$+", "op$+", &[a], at),
            ExprKind::Cast(a, name) => {
                let name = format!("cast${}", folded(name));
                self.special(&name, &name, &[a], at)
            }
            ExprKind::IsNull(a, negated) => self.negatable("IS_NULL", "IS_NOT_NULL", *negated, &[a], at),
            ExprKind::Like(a, negated, b) => self.negatable("LIKE", "NOT_LIKE", *negated, &[a, b], at),
            ExprKind::Between(a, negated, b, c) => {
                self.negatable("BETWEEN", "NOT_BETWEEN", *negated, &[a, b, c], at)
            }
            ExprKind::In(a, negated, items) => {
                let all: Vec<&Expr> = std::iter::once(&**a).chain(items).collect();
                self.negatable("IN", "NOT_IN", *negated, &all, at)
            }
            ExprKind::Case(whens, otherwise) => self.case(whens, otherwise.as_deref(), at),
            ExprKind::Field(a, name) => self.field(a, name, at),
            ExprKind::Index(a, b) => self.index(a, b, at),
            ExprKind::Call { name, arguments, filter, window } => {
                self.call(name, arguments, filter.as_deref(), window.as_deref(), at)
            }
        }
    }

    fn operator(&mut self, name: &str, operands: &[&Expr], at: usize, op: BinaryOp) -> Typing {
        debug_assert!(name.ends_with(op.symbol()));
        self.special(name, name, operands, at)
    }

    fn special(&mut self, name: &str, shown: &str, operands: &[&Expr], at: usize) -> Typing {
        let arguments: Vec<_> = operands.iter().map(|e| self.readings(e)).collect::<Result<_, _>>()?;
        resolve(&Call { name, shown, arguments: &arguments, at }, self.source)
    }

    fn negatable(
        &mut self,
        plain: &str,
        negative: &str,
        negated: bool,
        operands: &[&Expr],
        at: usize,
    ) -> Typing {
        let name = format!("#{}", if negated { negative } else { plain });
        self.special(&name, &name, operands, at)
    }

    fn case(&mut self, whens: &[(Expr, Expr)], otherwise: Option<&Expr>, at: usize) -> Typing {
        let always = Expr::new(ExprKind::Bool(true), at);
        let mut all: Vec<&Expr> = whens.iter().flat_map(|(c, v)| [c, v]).collect();
        if let Some(otherwise) = otherwise {
            all.extend([&always, otherwise]);
        }
        self.special("case", "#CASE", &all, at)
    }

    /// `a.f`: the function `<type>_f`.
    fn field(&mut self, base: &Expr, name: &str, at: usize) -> Typing {
        let readings = self.readings(base)?;
        let soql_type = preferred(&readings).map_or(SoqlType::Text, |c| c.typed.soql_type);
        let function = format!("{}_{}", soql_type.name(), folded(name));
        if super::functions::overloads(&function).is_empty() {
            // Not a field: a failed JSON subscript (source).
            let index = literal::text(name, self.rules, at);
            let arguments = [readings, index];
            return resolve(&Call { name: "op$[]", shown: "op$[]", arguments: &arguments, at }, self.source);
        }
        resolve(&Call { name: &function, shown: &function, arguments: &[readings], at }, self.source)
    }

    fn index(&mut self, base: &Expr, index: &Expr, at: usize) -> Typing {
        if let ExprKind::Text(name) = &index.kind {
            let readings = self.readings(base)?;
            let soql_type = preferred(&readings).map_or(SoqlType::Text, |c| c.typed.soql_type);
            if soql_type != SoqlType::Json {
                return self.field(base, name, at);
            }
        }
        self.special("op$[]", "op$[]", &[base, index], at)
    }

    fn call(
        &mut self,
        name: &str,
        arguments: &Arguments,
        filter: Option<&Expr>,
        window: Option<&Window>,
        at: usize,
    ) -> Typing {
        let mut key = folded(name);
        let readings: Vec<Vec<Candidate>> = match arguments {
            Arguments::Star => {
                key.push_str("/*");
                Vec::new()
            }
            Arguments::Distinct(a) => {
                key.push_str("_distinct");
                vec![self.readings(a)?]
            }
            Arguments::List(items) => items.iter().map(|e| self.readings(e)).collect::<Result<_, _>>()?,
        };
        let shown = match arguments {
            Arguments::List(_) => name.to_lowercase(),
            _ => key.clone(),
        };
        let mut found = resolve(&Call { name: &key, shown: &shown, arguments: &readings, at }, self.source)?;
        if readings.len() > MAX_ARGUMENTS && found.iter().any(|c| c.typed.passes_all_arguments()) {
            return Err(self.too_large(Limit::Arguments, at));
        }
        if filter.is_none() && window.is_none() {
            return Ok(found);
        }
        let filter = filter.map(|f| self.typed(f)).transpose()?;
        let window = window.map(|w| self.window(w)).transpose()?;
        for candidate in &mut found {
            self.attach(&mut candidate.typed, filter.as_ref(), window.as_ref(), at)?;
        }
        Ok(found)
    }

    fn window(&mut self, window: &Window) -> Result<TypedWindow, SoqlError> {
        Ok(TypedWindow {
            partition: self.typed_list(&window.partition)?,
            order: self.ordering(&window.order)?,
            frame: window.frame.clone(),
        })
    }

    fn attach(
        &self,
        typed: &mut Typed,
        condition: Option<&Typed>,
        over: Option<&TypedWindow>,
        at: usize,
    ) -> Result<(), SoqlError> {
        let Node::Call { function, filter, window, .. } = &mut typed.node else { return Ok(()) };
        let refusal = match (function.kind, condition, over) {
            (Kind::Scalar, _, Some(_)) => Some("does not accept window information"),
            (Kind::Scalar | Kind::Window, Some(_), _) => Some("does not accept a filter"),
            _ => None,
        };
        if let Some(refusal) = refusal {
            return Err(self.error(CompileError::BadCall { function: function.name, refusal }, at));
        }
        *filter = condition.cloned().map(Box::new);
        *window = over.cloned().map(Box::new);
        Ok(())
    }
}
