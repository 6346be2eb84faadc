//! The syntax tree of a query. Its `Display` prints text that parses to an equal tree.

use super::frame::Frame;

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
