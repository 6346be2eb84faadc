//! Typed expressions to SQL. Values are only ever parameters.

use super::frame::Frame;
use super::functions::{Function, Piece, Template};
use super::typed::{Node, Typed, TypedOrdering, TypedWindow};
use crate::soda::{SoqlType, Value};

/// SQL parameters in the order of their numbers, and the time that `get_utc_date()` tells.
#[derive(Debug, Default)]
pub struct Params {
    /// The values.
    pub values: Vec<Value<'static>>,
    /// Milliseconds.
    pub now_ms: i64,
}

impl Params {
    /// Adds a value and gives its place in SQL.
    pub fn push(&mut self, value: Value<'static>) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    /// An expression.
    pub fn sql(&mut self, expr: &Typed) -> String {
        match &expr.node {
            Node::Column { sql, .. } => sql.clone(),
            Node::Literal(Value::Null) => "NULL".to_owned(),
            Node::Literal(value @ Value::Text(_)) if expr.soql_type == SoqlType::Double => {
                format!("soql_double({})", self.push(value.clone()))
            }
            Node::Literal(value) => self.push(value.clone()),
            Node::Call { function, arguments, filter, window } => {
                let mut sql = self.template(function, arguments);
                if let Some(filter) = filter {
                    sql = format!("{sql} FILTER (WHERE {})", self.sql(filter));
                }
                if let Some(window) = window {
                    sql = format!("{sql} OVER ({})", self.window(window));
                }
                if function.integer { format!("CAST({sql} AS TEXT)") } else { sql }
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
            let distance = window.frame.as_ref().is_some_and(Frame::is_distance);
            parts.push(format!("ORDER BY {}", self.ordered(&window.order, distance)));
        }
        parts.extend(window.frame.as_ref().map(Frame::to_string));
        parts.join(" ")
    }

    fn template(&mut self, function: &Function, arguments: &[Typed]) -> String {
        match function.template {
            // Calls of what is not emulated were refused before.
            Template::NotEmulated => "NULL".to_owned(),
            Template::Case => self.case(arguments),
            Template::Now => self.push(Value::Int(self.now_ms / 1000 * 1000)),
            Template::CountRows => "count(*)".to_owned(),
            Template::Pieces(pieces) => pieces.iter().map(|piece| self.piece(piece, arguments)).collect(),
        }
    }

    fn piece(&mut self, piece: &Piece, arguments: &[Typed]) -> String {
        // A template names only arguments that its signature has.
        let mut at = |place: usize, write: &mut dyn FnMut(&mut Self, &Typed) -> String| {
            arguments.get(place).map_or_else(String::new, |argument| write(self, argument))
        };
        match *piece {
            Piece::Sql(sql) => sql.to_owned(),
            Piece::Value(place) => at(place, &mut Self::sql),
            Piece::Compared(place) => at(place, &mut Self::compared),
            Piece::Text(place) => at(place, &mut Self::text),
            Piece::TypeName(place) => at(place, &mut |_, argument| argument.soql_type.name().to_owned()),
            Piece::Arguments(place) | Piece::Items(place) => {
                let behind = arguments.iter().skip(place);
                behind.map(|argument| self.sql(argument)).collect::<Vec<_>>().join(",")
            }
            Piece::UpperItems(place) => {
                let behind = arguments.iter().skip(place);
                behind
                    .map(|argument| format!("soql_upper({})", self.sql(argument)))
                    .collect::<Vec<_>>()
                    .join(",")
            }
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
