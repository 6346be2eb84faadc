//! The syntax tree of a query. Its `Display` prints text that parses to an equal tree.

use super::frame::Frame;
use std::fmt;

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `OR`.
    Or,
    /// `AND`.
    And,
    /// `=`.
    Eq,
    /// `==`.
    EqEq,
    /// `<>`.
    LtGt,
    /// `!=`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `||`.
    Concat,
    /// `*`.
    Times,
    /// `/`.
    Divide,
    /// `%`.
    Modulo,
    /// `^`.
    Power,
}

impl BinaryOp {
    /// The operator as written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "OR",
            Self::And => "AND",
            Self::Eq => "=",
            Self::EqEq => "==",
            Self::LtGt => "<>",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Concat => "||",
            Self::Times => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Power => "^",
        }
    }
}

/// A prefix operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `NOT`.
    Not,
    /// `-`.
    Minus,
    /// `+`.
    Plus,
}

/// An expression and the byte offset that errors about it point to.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub at: usize,
    /// Expressions on the longest way down, itself included.
    pub height: usize,
}

impl Expr {
    /// An expression over its parts.
    pub fn new(kind: ExprKind, at: usize) -> Self {
        let mut below = 0;
        kind.each(&mut |child| below = below.max(child.height));
        Self { kind, at, height: below + 1 }
    }
}

impl ExprKind {
    /// Calls `see` with each expression directly below.
    fn each(&self, see: &mut impl FnMut(&Expr)) {
        match self {
            Self::Number(_) | Self::Text(_) | Self::Bool(_) | Self::Null | Self::Column { .. } => {}
            Self::Unary(_, a)
            | Self::Cast(a, _)
            | Self::IsNull(a, _)
            | Self::Field(a, _)
            | Self::Paren(a) => {
                see(a);
            }
            Self::Binary(_, a, b) | Self::Like(a, _, b) | Self::Index(a, b) => {
                [a, b].into_iter().for_each(|e| see(e))
            }
            Self::Between(a, _, b, c) => [a, b, c].into_iter().for_each(|e| see(e)),
            Self::In(a, _, items) => {
                see(a);
                items.iter().for_each(see);
            }
            Self::Case(whens, otherwise) => {
                whens.iter().flat_map(|(c, v)| [c, v]).for_each(&mut *see);
                otherwise.iter().for_each(|e| see(e));
            }
            Self::Call { arguments, filter, window, .. } => {
                match arguments {
                    Arguments::Star => {}
                    Arguments::Distinct(a) => see(a),
                    Arguments::List(items) => items.iter().for_each(&mut *see),
                }
                filter.iter().for_each(|e| see(e));
                if let Some(window) = window {
                    window.partition.iter().for_each(&mut *see);
                    window.order.iter().for_each(|o| see(&o.expr));
                }
            }
        }
    }
}

impl PartialEq for Expr {
    /// By meaning; places do not count.
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// The arguments of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Arguments {
    /// `f(*)`.
    Star,
    /// `f(DISTINCT x)`.
    Distinct(Box<Expr>),
    /// `f(a, b)`.
    List(Vec<Expr>),
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A number's text.
    Number(String),
    /// A text literal.
    Text(String),
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// `NULL`.
    Null,
    /// A column or an alias, perhaps of a named table.
    Column {
        /// `@table`.
        table: Option<String>,
        /// The name.
        name: String,
    },
    /// A function call.
    Call {
        /// The name as written.
        name: String,
        /// The arguments.
        arguments: Arguments,
        /// `FILTER (WHERE …)`.
        filter: Option<Box<Expr>>,
        /// `OVER (…)`.
        window: Option<Box<Window>>,
    },
    /// `a op b`.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `op a`.
    Unary(UnaryOp, Box<Expr>),
    /// `a::type`.
    Cast(Box<Expr>, String),
    /// `a IS [NOT] NULL`.
    IsNull(Box<Expr>, bool),
    /// `a [NOT] BETWEEN b AND c`.
    Between(Box<Expr>, bool, Box<Expr>, Box<Expr>),
    /// `a [NOT] IN (…)`.
    In(Box<Expr>, bool, Vec<Expr>),
    /// `a [NOT] LIKE b`.
    Like(Box<Expr>, bool, Box<Expr>),
    /// `CASE WHEN c THEN v … [ELSE e] END`.
    Case(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    /// `a.field`.
    Field(Box<Expr>, String),
    /// `a[b]`.
    Index(Box<Expr>, Box<Expr>),
    /// `(a)`; kept, as it decides implicit names.
    Paren(Box<Expr>),
}

/// `OVER (…)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// `PARTITION BY`.
    pub partition: Vec<Expr>,
    /// `ORDER BY`.
    pub order: Vec<Ordering>,
    /// The rows around each row that count.
    pub frame: Option<Frame>,
}

/// One expression of `ORDER BY`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordering {
    /// By what.
    pub expr: Expr,
    /// Downwards.
    pub descending: bool,
    /// `NULL FIRST` or `NULL LAST`, when said.
    pub nulls_first: Option<bool>,
}

/// `*` or `:*`, perhaps with exceptions.
#[derive(Clone, Debug, PartialEq)]
pub struct Star {
    /// `@table.*`.
    pub table: Option<String>,
    /// Names left out, each with its place.
    pub except: Vec<(String, usize)>,
}

/// One item of the select list.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectItem {
    /// What is selected.
    pub expr: Expr,
    /// `AS alias`, with its place.
    pub alias: Option<(String, usize)>,
}

/// `DISTINCT`.
#[derive(Clone, Debug, PartialEq)]
pub enum Distinct {
    /// Not said.
    No,
    /// `DISTINCT`.
    All,
    /// `DISTINCT ON (…)`.
    On(Vec<Expr>),
}

/// A join of another table.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// `JOIN`, `LEFT OUTER JOIN`, …
    pub kind: &'static str,
    /// What is joined.
    pub source: JoinSource,
    /// Its alias.
    pub alias: Option<String>,
    /// The condition.
    pub on: Expr,
    /// Whether it is lateral.
    pub lateral: bool,
}

/// What a join takes its rows from.
#[derive(Clone, Debug, PartialEq)]
pub enum JoinSource {
    /// `@abcd-1234`, with its place.
    Table(String, usize),
    /// A query in brackets.
    Query(Box<Query>),
}

/// One `SELECT`.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// `DISTINCT`.
    pub distinct: Distinct,
    /// `:*`.
    pub system_stars: Vec<Star>,
    /// `*`.
    pub stars: Vec<Star>,
    /// The rest of the list.
    pub items: Vec<SelectItem>,
    /// `FROM @table [AS alias]`.
    pub from: Option<(String, Option<String>)>,
    /// Joins.
    pub joins: Vec<Join>,
    /// `WHERE`.
    pub filter: Option<Expr>,
    /// `GROUP BY`.
    pub group: Vec<Expr>,
    /// `HAVING`.
    pub having: Option<Expr>,
    /// `ORDER BY`.
    pub order: Vec<Ordering>,
    /// `SEARCH`.
    pub search: Option<String>,
    /// `LIMIT`, digits.
    pub limit: Option<String>,
    /// `OFFSET`, digits.
    pub offset: Option<String>,
}

/// A query: selects, chained and combined.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// One select.
    Select(Box<Select>),
    /// `a |> b`.
    Chain(Box<Query>, Box<Select>),
    /// `a UNION b` and the like.
    Combine(&'static str, Box<Query>, Box<Query>),
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

fn name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    write!(f, "`{name}`")
}

fn qualified(f: &mut fmt::Formatter<'_>, table: Option<&String>) -> fmt::Result {
    table.map_or(Ok(()), |table| write!(f, "@{table}."))
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |negated: bool| if negated { "NOT " } else { "" };
        match &self.kind {
            ExprKind::Number(n) => f.write_str(n),
            ExprKind::Text(t) => write!(f, "'{}'", t.replace('\'', "''")),
            ExprKind::Bool(b) => f.write_str(if *b { "TRUE" } else { "FALSE" }),
            ExprKind::Null => f.write_str("NULL"),
            ExprKind::Column { table, name: column } => {
                qualified(f, table.as_ref())?;
                name(f, column)
            }
            ExprKind::Call { name: function, arguments, filter, window } => {
                call(f, function, arguments, filter.as_deref(), window.as_deref())
            }
            ExprKind::Binary(op, a, b) => write!(f, "{a} {} {b}", op.symbol()),
            ExprKind::Unary(UnaryOp::Not, a) => write!(f, "NOT {a}"),
            // The blank keeps two signs from becoming a comment.
            ExprKind::Unary(UnaryOp::Minus, a) => write!(f, "- {a}"),
            ExprKind::Unary(UnaryOp::Plus, a) => write!(f, "+ {a}"),
            ExprKind::Cast(a, t) => write!(f, "{a}::{t}"),
            ExprKind::IsNull(a, negated) => write!(f, "{a} IS {}NULL", not(*negated)),
            ExprKind::Between(a, negated, b, c) => write!(f, "{a} {}BETWEEN {b} AND {c}", not(*negated)),
            ExprKind::In(a, negated, items) => {
                write!(f, "{a} {}IN (", not(*negated))?;
                list(f, items)?;
                f.write_str(")")
            }
            ExprKind::Like(a, negated, b) => write!(f, "{a} {}LIKE {b}", not(*negated)),
            ExprKind::Case(whens, otherwise) => {
                f.write_str("CASE")?;
                for (condition, value) in whens {
                    write!(f, " WHEN {condition} THEN {value}")?;
                }
                otherwise.as_ref().map_or(Ok(()), |e| write!(f, " ELSE {e}"))?;
                f.write_str(" END")
            }
            ExprKind::Field(a, field) => {
                write!(f, "{a}.")?;
                name(f, field)
            }
            ExprKind::Index(a, b) => write!(f, "{a}[{b}]"),
            ExprKind::Paren(a) => write!(f, "({a})"),
        }
    }
}

fn call(
    f: &mut fmt::Formatter<'_>,
    function: &str,
    arguments: &Arguments,
    filter: Option<&Expr>,
    window: Option<&Window>,
) -> fmt::Result {
    write!(f, "{function}(")?;
    match arguments {
        Arguments::Star => f.write_str("*")?,
        Arguments::Distinct(a) => write!(f, "DISTINCT {a}")?,
        Arguments::List(items) => list(f, items)?,
    }
    f.write_str(")")?;
    filter.map_or(Ok(()), |e| write!(f, " FILTER (WHERE {e})"))?;
    window.map_or(Ok(()), |w| write!(f, " OVER ({w})"))
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut space = "";
        if !self.partition.is_empty() {
            f.write_str("PARTITION BY ")?;
            list(f, &self.partition)?;
            space = " ";
        }
        if !self.order.is_empty() {
            write!(f, "{space}ORDER BY ")?;
            list(f, &self.order)?;
            space = " ";
        }
        self.frame.as_ref().map_or(Ok(()), |frame| write!(f, "{space}{frame}"))
    }
}

impl fmt::Display for Ordering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.expr, if self.descending { "DESC" } else { "ASC" })?;
        match self.nulls_first {
            None => Ok(()),
            Some(true) => f.write_str(" NULL FIRST"),
            Some(false) => f.write_str(" NULL LAST"),
        }
    }
}

impl fmt::Display for SelectItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.expr)?;
        self.alias.as_ref().map_or(Ok(()), |(alias, _)| write!(f, " AS `{alias}`"))
    }
}

fn star(star: &Star, symbol: &str) -> String {
    let table = star.table.as_ref().map_or_else(String::new, |t| format!("@{t}."));
    if star.except.is_empty() {
        return format!("{table}{symbol}");
    }
    let names: Vec<String> = star.except.iter().map(|(n, _)| format!("`{n}`")).collect();
    format!("{table}{symbol} (EXCEPT {})", names.join(", "))
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SELECT ")?;
        match &self.distinct {
            Distinct::No => {}
            Distinct::All => f.write_str("DISTINCT ")?,
            Distinct::On(items) => {
                f.write_str("DISTINCT ON (")?;
                list(f, items)?;
                f.write_str(") ")?;
            }
        }
        let system = self.system_stars.iter().map(|s| star(s, ":*"));
        let user = self.stars.iter().map(|s| star(s, "*"));
        let all: Vec<String> = system.chain(user).chain(self.items.iter().map(ToString::to_string)).collect();
        f.write_str(&all.join(", "))?;
        if let Some((table, alias)) = &self.from {
            write!(f, " FROM @{table}")?;
            alias.as_ref().map_or(Ok(()), |a| write!(f, " AS @{a}"))?;
        }
        for join in &self.joins {
            write!(f, " {join}")?;
        }
        self.filter.as_ref().map_or(Ok(()), |e| write!(f, " WHERE {e}"))?;
        if !self.group.is_empty() {
            f.write_str(" GROUP BY ")?;
            list(f, &self.group)?;
        }
        self.having.as_ref().map_or(Ok(()), |e| write!(f, " HAVING {e}"))?;
        if !self.order.is_empty() {
            f.write_str(" ORDER BY ")?;
            list(f, &self.order)?;
        }
        self.search.as_ref().map_or(Ok(()), |t| write!(f, " SEARCH '{}'", t.replace('\'', "''")))?;
        self.limit.as_ref().map_or(Ok(()), |n| write!(f, " LIMIT {n}"))?;
        self.offset.as_ref().map_or(Ok(()), |n| write!(f, " OFFSET {n}"))
    }
}

impl fmt::Display for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{} ", self.kind, if self.lateral { " LATERAL" } else { "" })?;
        match &self.source {
            JoinSource::Table(table, _) => write!(f, "@{table}")?,
            JoinSource::Query(query) => write!(f, "({query})")?,
        }
        self.alias.as_ref().map_or(Ok(()), |a| write!(f, " AS @{a}"))?;
        write!(f, " ON {}", self.on)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Select(select) => write!(f, "{select}"),
            Self::Chain(left, right) => write!(f, "{left} |> {right}"),
            Self::Combine(word, left, right) if matches!(**right, Self::Select(_)) => {
                write!(f, "{left} {word} {right}")
            }
            Self::Combine(word, left, right) => write!(f, "{left} {word} ({right})"),
        }
    }
}
