//! `parsed_expr`: the syntax tree of a transform as JSON.
//!
//! References and calls have the shape that clients read; operators, casts and fields are calls of the functions
//! that the documentation lists for them (believed).

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
