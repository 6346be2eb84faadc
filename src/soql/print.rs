//! A tree as text that parses to the same tree.

use super::ast::{
    Arguments, Distinct, Expr, ExprKind, Join, JoinSource, Ordering, Query, Select, SelectItem, Star,
    UnaryOp, Window,
};
use std::fmt;

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
