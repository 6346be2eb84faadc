//! Typed expressions to SQL. Values are only ever parameters.

use super::functions::{Function, Kind};
use super::typed::{Node, Typed, TypedOrdering, TypedWindow};
use crate::soda::{SoqlType, Stored};

/// SQL parameters in the order of their numbers, and the time that `get_utc_date()` tells.
#[derive(Debug, Default)]
pub struct Params {
    /// The values.
    pub values: Vec<Stored<'static>>,
    /// Milliseconds.
    pub now_ms: i64,
}

impl Params {
    /// Adds a value and gives its place in SQL.
    pub fn push(&mut self, value: Stored<'static>) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    /// An expression.
    pub fn sql(&mut self, expr: &Typed) -> String {
        match &expr.node {
            Node::Column { sql, .. } => sql.clone(),
            Node::Literal(Stored::Null) => "NULL".to_owned(),
            Node::Literal(value) => self.push(value.clone()),
            Node::Call { function, arguments, filter, window } => {
                let mut sql = self.template(function, arguments);
                if let Some(filter) = filter {
                    sql = format!("{sql} FILTER (WHERE {})", self.sql(filter));
                }
                if let Some(window) = window {
                    sql = format!("{sql} OVER ({})", self.window(window));
                }
                if gives_integer(function) { format!("CAST({sql} AS TEXT)") } else { sql }
            }
        }
    }

    /// An expression that is compared, grouped, sorted or told apart by, with the collation of its type.
    pub fn compared(&mut self, expr: &Typed) -> String {
        self.sql(expr) + collation(expr.soql_type)
    }

    /// A list of expressions to group by.
    pub fn compared_list(&mut self, exprs: &[Typed]) -> String {
        exprs.iter().map(|e| self.compared(e)).collect::<Vec<_>>().join(", ")
    }

    /// `ORDER BY` without its words.
    pub fn ordering(&mut self, order: &[TypedOrdering]) -> String {
        self.ordered(order, false)
    }

    fn ordered(&mut self, order: &[TypedOrdering], as_double: bool) -> String {
        let one = |o: &TypedOrdering| {
            let sql = match o.expr.soql_type {
                SoqlType::Number if as_double => format!("CAST({} AS REAL)", self.sql(&o.expr)),
                _ => self.compared(&o.expr),
            };
            format!("{sql}{}", words(o))
        };
        order.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    fn window(&mut self, window: &TypedWindow) -> String {
        let mut parts = Vec::new();
        if !window.partition.is_empty() {
            parts.push(format!("PARTITION BY {}", self.compared_list(&window.partition)));
        }
        if !window.order.is_empty() {
            // A distance in a RANGE is measured on numbers that SQLite can subtract.
            let distance = window
                .frame
                .as_ref()
                .is_some_and(|f| f.starts_with("RANGE") && f.contains(|c: char| c.is_ascii_digit()));
            parts.push(format!("ORDER BY {}", self.ordered(&window.order, distance)));
        }
        parts.extend(window.frame.clone());
        parts.join(" ")
    }

    fn template(&mut self, function: &Function, arguments: &[Typed]) -> String {
        match function.sql {
            "{case}" => return self.case(arguments),
            "{now}" => return self.push(Stored::Int(self.now_ms / 1000 * 1000)),
            _ => {}
        }
        let mut out = String::new();
        let mut rest = function.sql;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((place, after)) = after.split_once('}') else { break };
            out.push_str(&self.placeholder(place, arguments));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn placeholder(&mut self, place: &str, arguments: &[Typed]) -> String {
        let digits = place.trim_end_matches(['#', '~', ',', '?', '^']);
        let index: usize = digits.parse().unwrap_or(0);
        let tail = arguments.get(index..).unwrap_or(&[]);
        let Some(argument) = tail.first() else { return String::new() };
        match &place[digits.len()..] {
            "#" => self.compared(argument),
            "~" => self.text(argument),
            "?" => argument.soql_type.name().to_owned(),
            "," => tail.iter().map(|a| self.sql(a)).collect::<Vec<_>>().join(","),
            "^" => tail.iter().map(|a| format!("soql_upper({})", self.sql(a))).collect::<Vec<_>>().join(","),
            _ => self.sql(argument),
        }
    }

    fn text(&mut self, argument: &Typed) -> String {
        let sql = self.sql(argument);
        match argument.soql_type {
            SoqlType::Text => sql,
            other => format!("soql_text('{}',{sql})", other.name()),
        }
    }

    fn case(&mut self, arguments: &[Typed]) -> String {
        let mut out = "(CASE".to_owned();
        for pair in arguments.chunks_exact(2) {
            out.push_str(&format!(" WHEN {} THEN {}", self.sql(&pair[0]), self.sql(&pair[1])));
        }
        out.push_str(" END)");
        out
    }
}

/// The collation of a type, to be written behind an expression wherever values are compared. SQLite would
/// take one from anywhere below an operator, such as a number's from the condition of a `CASE` of texts, so
/// the topmost place always says it. What SQLite keeps as a number needs none.
pub(super) fn collation(soql_type: SoqlType) -> &'static str {
    match soql_type {
        SoqlType::Number => " COLLATE SOQLNUM",
        SoqlType::Url => " COLLATE SOQLURL",
        SoqlType::Boolean
        | SoqlType::Double
        | SoqlType::FixedTimestamp
        | SoqlType::FloatingTimestamp
        | SoqlType::RowIdentifier
        | SoqlType::RowVersion => "",
        _ => " COLLATE BINARY",
    }
}

/// Direction and place of nulls. Without the words an index gives the order.
fn words(o: &TypedOrdering) -> String {
    let direction = if o.descending { " DESC" } else { "" };
    let nulls = match (&o.expr.node, o.nulls_first) {
        (Node::Column { nullable: false, .. }, _) => "",
        (_, true) => " NULLS FIRST",
        (_, false) => " NULLS LAST",
    };
    format!("{direction}{nulls}")
}

/// SQLite counts in integers; numbers are text here.
fn gives_integer(function: &Function) -> bool {
    function.kind == Kind::Window && matches!(function.name, "row_number" | "rank" | "dense_rank" | "ntile")
        || function.kind == Kind::Aggregate && function.name.starts_with("count")
}
