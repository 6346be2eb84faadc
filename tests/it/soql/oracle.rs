//! A second opinion on what expressions are worth and how they compare: values worked out row by row,
//! without SQL. Texts compare by code point, numbers by value.

use serde_json::Value;
use std::cmp::Ordering;
use std::fmt;

/// A value of an expression.
#[derive(Clone, Debug)]
pub enum Worth {
    Null,
    Text(String),
    /// Units of the last of so many decimals.
    Number(i128, u32),
}

impl Worth {
    /// A number from its text.
    pub fn number(text: &str) -> Self {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        Self::Number(format!("{whole}{decimals}").parse().unwrap(), decimals.len() as u32)
    }

    /// What the answer's member says; numbers come as texts.
    pub fn of_json(value: Option<&Value>, like: Kind) -> Self {
        match (value, like) {
            (None | Some(Value::Null), _) => Self::Null,
            (Some(value), Kind::Number) => Self::number(value.as_str().unwrap()),
            (Some(value), Kind::Text) => Self::Text(value.as_str().unwrap().to_owned()),
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The order of two values of one type; null comes last.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.chars().cmp(b.chars()),
            (Self::Number(a, s), Self::Number(b, t)) => (a * 10i128.pow(*t)).cmp(&(b * 10i128.pow(*s))),
            (a, b) => a.is_null().cmp(&b.is_null()),
        }
    }
}

impl fmt::Display for Worth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Text(text) => f.write_str(text),
            Self::Number(value, 0) => write!(f, "{value}"),
            Self::Number(value, scale) => {
                let sign = if *value < 0 { "-" } else { "" };
                let unit = 10u128.pow(*scale);
                let (whole, rest) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
                write!(f, "{sign}{whole}.{rest:0>width$}", width = *scale as usize)
            }
        }
    }
}

/// The type of an expression that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
}

/// A row: its columns by name.
pub type Row = [(&'static str, Worth)];

/// An expression of text or number.
#[derive(Clone, Debug)]
pub enum Expr {
    Column(&'static str),
    Literal(String, Kind),
    /// A number as text.
    Text(Box<Expr>),
    Case(Box<Cond>, Box<Expr>, Box<Expr>),
    Coalesce(Box<Expr>, Box<Expr>),
    Nullif(Box<Expr>, Box<Expr>),
    Greatest(Box<Expr>, Box<Expr>),
    Least(Box<Expr>, Box<Expr>),
    Plus(Box<Expr>, Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    Upper(Box<Expr>),
}

/// A condition.
#[derive(Clone, Debug)]
pub enum Cond {
    Compare(&'static str, Expr, Expr),
    In(Expr, Vec<Expr>),
    Between(Expr, Expr, Expr),
    IsNull(Expr),
    Not(Box<Cond>),
    And(Box<Cond>, Box<Cond>),
}

impl Expr {
    pub fn worth(&self, row: &Row) -> Worth {
        let two = |a: &Self, b: &Self| (a.worth(row), b.worth(row));
        match self {
            Self::Column(name) => row.iter().find(|(n, _)| n == name).unwrap().1.clone(),
            Self::Literal(text, Kind::Text) => Worth::Text(text.clone()),
            Self::Literal(text, Kind::Number) => Worth::number(text),
            Self::Text(a) => match a.worth(row) {
                Worth::Null => Worth::Null,
                number => Worth::Text(number.to_string()),
            },
            Self::Case(condition, a, _) if condition.holds(row) == Some(true) => a.worth(row),
            Self::Case(_, _, b) => b.worth(row),
            Self::Coalesce(a, b) => match two(a, b) {
                (Worth::Null, b) => b,
                (a, _) => a,
            },
            Self::Nullif(a, b) => match two(a, b) {
                (a, b) if !a.is_null() && !b.is_null() && a.compare(&b).is_eq() => Worth::Null,
                (a, _) => a,
            },
            Self::Greatest(a, b) => extreme(two(a, b), Ordering::Less),
            Self::Least(a, b) => extreme(two(a, b), Ordering::Greater),
            Self::Plus(a, b) => match two(a, b) {
                (Worth::Number(a, s), Worth::Number(b, t)) => {
                    let scale = s.max(t);
                    Worth::Number(a * 10i128.pow(scale - s) + b * 10i128.pow(scale - t), scale)
                }
                _ => Worth::Null,
            },
            Self::Concat(a, b) => match two(a, b) {
                (Worth::Null, _) | (_, Worth::Null) => Worth::Null,
                (a, b) => Worth::Text(format!("{a}{b}")),
            },
            Self::Upper(a) => match a.worth(row) {
                Worth::Text(text) => Worth::Text(text.to_uppercase()),
                other => other,
            },
        }
    }
}

/// The one of two values that is not beaten; nulls do not count.
fn extreme((a, b): (Worth, Worth), beaten: Ordering) -> Worth {
    match (&a, &b) {
        (Worth::Null, _) => b,
        (_, Worth::Null) => a,
        _ if a.compare(&b) == beaten => b,
        _ => a,
    }
}

impl Cond {
    /// Three-valued: none is unknown.
    pub fn holds(&self, row: &Row) -> Option<bool> {
        let order = |a: &Expr, b: &Expr| {
            let (a, b) = (a.worth(row), b.worth(row));
            (!a.is_null() && !b.is_null()).then(|| a.compare(&b))
        };
        match self {
            Self::Compare(operator, a, b) => order(a, b).map(|order| match *operator {
                "=" => order.is_eq(),
                "!=" => order.is_ne(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                _ => order.is_ge(),
            }),
            Self::In(a, items) => {
                let found: Vec<Option<bool>> =
                    items.iter().map(|b| order(a, b).map(Ordering::is_eq)).collect();
                any(&found)
            }
            Self::Between(a, low, high) => {
                both(order(a, low).map(Ordering::is_ge), order(a, high).map(Ordering::is_le))
            }
            Self::IsNull(a) => Some(a.worth(row).is_null()),
            Self::Not(a) => a.holds(row).map(|held| !held),
            Self::And(a, b) => both(a.holds(row), b.holds(row)),
        }
    }
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    if a == Some(false) || b == Some(false) { Some(false) } else { a.and(b) }
}

fn any(all: &[Option<bool>]) -> Option<bool> {
    if all.contains(&Some(true)) { Some(true) } else { (!all.contains(&None)).then_some(false) }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(name) => f.write_str(name),
            Self::Literal(text, Kind::Text) => write!(f, "'{text}'"),
            Self::Literal(text, Kind::Number) => write!(f, "({text})"),
            Self::Text(a) => write!(f, "({a})::text"),
            Self::Case(c, a, b) => write!(f, "case({c}, {a}, true, {b})"),
            Self::Coalesce(a, b) => write!(f, "coalesce({a}, {b})"),
            Self::Nullif(a, b) => write!(f, "nullif({a}, {b})"),
            Self::Greatest(a, b) => write!(f, "greatest({a}, {b})"),
            Self::Least(a, b) => write!(f, "least({a}, {b})"),
            Self::Plus(a, b) => write!(f, "({a} + {b})"),
            Self::Concat(a, b) => write!(f, "({a} || {b})"),
            Self::Upper(a) => write!(f, "upper({a})"),
        }
    }
}

impl fmt::Display for Cond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare(operator, a, b) => write!(f, "({a} {operator} {b})"),
            Self::In(a, items) => {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                write!(f, "({a} in ({}))", items.join(", "))
            }
            Self::Between(a, low, high) => write!(f, "({a} between {low} and {high})"),
            Self::IsNull(a) => write!(f, "({a} is null)"),
            Self::Not(a) => write!(f, "(not {a})"),
            Self::And(a, b) => write!(f, "({a} and {b})"),
        }
    }
}
