//! `parsed_expr`: the syntax tree of a transform as JSON.
//!
//! References and calls have the shape that clients read; operators, casts and fields are calls of the functions
//! that the documentation lists for them (ours).

use super::names;
use crate::soql::Position;
use crate::soql::ast::{Arguments, Expr, ExprKind, UnaryOp};
use serde_json::{Value as Json, json};

/// The JSON of an expression of this text.
pub fn parsed(text: &str, expr: &Expr) -> Json {
    let place = || {
        let Position { row, column, .. } = Position::of(text, expr.at);
        json!({ "line": row, "column": column })
    };
    let literal = |kind: &str, value: Json| json!({ "type": kind, "value": value, "position": place() });
    let call = |name: &str, arguments: &[&Expr]| {
        let arguments: Vec<Json> = arguments.iter().map(|argument| parsed(text, argument)).collect();
        json!({
            "type": "funcall",
            "function_name": name,
            "args": arguments,
            "window": null,
            "position": place(),
        })
    };
    match &expr.kind {
        ExprKind::Number(value) => literal("number_literal", value.as_str().into()),
        ExprKind::Text(value) => literal("string_literal", value.as_str().into()),
        ExprKind::Bool(value) => literal("boolean_literal", (*value).into()),
        ExprKind::Null => literal("null_literal", Json::Null),
        ExprKind::Column { table, name } => json!({
            "type": "column_ref",
            "value": name,
            "qualifier": table,
            "position": place(),
        }),
        ExprKind::Paren(inner) => parsed(text, inner),
        ExprKind::Unary(UnaryOp::Not, inner) => call("not", &[inner]),
        ExprKind::Unary(UnaryOp::Minus, inner) => call("-", &[inner]),
        ExprKind::Unary(UnaryOp::Plus, inner) => call("+", &[inner]),
        ExprKind::Binary(op, left, right) => call(&op.symbol().to_lowercase(), &[left, right]),
        ExprKind::Cast(inner, name) => call(&names::of_cast(name), &[inner]),
        ExprKind::IsNull(inner, negated) => call(names::of_null_test(*negated), &[inner]),
        ExprKind::Between(value, negated, low, high) => {
            call(names::of_between(*negated), &[value, low, high])
        }
        ExprKind::In(value, negated, items) => {
            let all: Vec<&Expr> = std::iter::once(value.as_ref()).chain(items).collect();
            call(names::of_in(*negated), &all)
        }
        ExprKind::Like(value, negated, pattern) => call(names::of_like(*negated), &[value, pattern]),
        ExprKind::Case(whens, otherwise) => {
            let pairs = whens.iter().flat_map(|(test, value)| [test, value]);
            let all: Vec<&Expr> = pairs.chain(otherwise.as_deref()).collect();
            call("case", &all)
        }
        ExprKind::Field(inner, name) => call(&format!(".{name}"), &[inner]),
        ExprKind::Index(inner, index) => call("[]", &[inner, index]),
        ExprKind::Call { name, arguments, .. } => match arguments {
            Arguments::Star => call(name, &[]),
            Arguments::Distinct(inner) => call(name, &[inner]),
            Arguments::List(items) => call(name, &items.iter().collect::<Vec<_>>()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soql::parse_expression;

    #[test]
    fn trees_have_the_shape_that_clients_read() {
        let of = |text: &str| parsed(text, &parse_expression(text).unwrap());
        assert_eq!(
            of("to_number(`b`)"),
            json!({
                "type": "funcall",
                "function_name": "to_number",
                "args": [{"type": "column_ref", "value": "b", "qualifier": null, "position": {"line": 1, "column": 11}}],
                "window": null,
                "position": {"line": 1, "column": 1},
            })
        );
        let name = |text: &str| of(text)["function_name"].clone();
        for (text, expected) in [
            ("a + 1", "+"),
            ("-a", "-"),
            ("a OR b", "or"),
            ("NOT a", "not"),
            ("a::floating_timestamp", "cast_to_calendar_date"),
            ("a IS NOT NULL", "#IS_NOT_NULL"),
            ("a NOT IN (1)", "#NOT_IN"),
            ("a.latitude", ".latitude"),
            ("CASE WHEN a THEN b END", "case"),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
        assert_eq!(of("a\n  || 'x'")["args"][1]["position"], json!({"line": 2, "column": 6}));
    }
}
