//! What the reference checks after typing: grouping, windows, and the types of clauses.

use super::ast::{Distinct, Select};
use super::compile::Clauses;
use super::error::SoqlError;
use super::functions::{EQUATABLE, Kind, ORDERED};
use super::scope::Scope;
use super::typed::{Node, Typed};
use crate::soda::SoqlType;
use serde_json::json;

type Checked = Result<(), SoqlError>;

/// Checks a select in the order in which the reference reports its errors.
pub(super) fn check(select: &Select, clauses: &Clauses, scope: &Scope<'_>) -> Checked {
    clauses.filter.iter().try_for_each(|e| ungrouped(e, "WHERE", scope))?;
    clauses.group.iter().try_for_each(|e| ungrouped(e, "GROUP BY", scope))?;
    clauses.having.iter().try_for_each(|e| match e.windowed() {
        Some(call) => Err(in_ungrouped_context(call, "HAVING", scope)),
        None => Ok(()),
    })?;
    grouping(clauses, scope)?;
    types(clauses)?;
    distinct(select, clauses)?;
    match clauses.all().find_map(Typed::not_emulated) {
        Some(name) => Err(SoqlError::NotEmulated(format!("the SoQL function {name} with these types"))),
        None => Ok(()),
    }
}

fn ungrouped(expr: &Typed, clause: &str, scope: &Scope<'_>) -> Checked {
    match expr.aggregate().or_else(|| expr.windowed()) {
        Some(call) => Err(in_ungrouped_context(call, clause, scope)),
        None => Ok(()),
    }
}

fn in_ungrouped_context(call: &Typed, clause: &str, scope: &Scope<'_>) -> SoqlError {
    let name = call.function_name();
    let text = format!("Aggregate function '{name}' used in ungrouped context: {clause}");
    let data = vec![("function", json!(name)), ("clause", json!(clause))];
    scope.error("aggregate-in-ungrouped-context", text, data, call.at)
}

fn grouping(clauses: &Clauses, scope: &Scope<'_>) -> Checked {
    let ordered = clauses.order.iter().map(|o| &o.expr);
    let all: Vec<&Typed> =
        clauses.list.iter().chain(&clauses.having).chain(ordered).chain(&clauses.distinct_on).collect();
    let grouped =
        !clauses.group.is_empty() || clauses.having.is_some() || all.iter().any(|e| e.aggregate().is_some());
    for expr in all {
        bare_window(expr, scope)?;
        if let Some((name, at)) = expr.ungrouped(&clauses.group).filter(|_| grouped) {
            let text = format!("Column '{name}' is not in group by");
            return Err(scope.error("column-not-in-group-bys", text, vec![("column", json!(name))], at));
        }
        nested_aggregate(expr, scope)?;
    }
    Ok(())
}

/// A window function needs `OVER`.
fn bare_window(expr: &Typed, scope: &Scope<'_>) -> Checked {
    let Node::Call { function, arguments, window, .. } = &expr.node else { return Ok(()) };
    if function.kind == Kind::Window && window.is_none() {
        let text = format!("Function {} requires window information", function.name);
        return Err(scope.error("bad-parse", text.clone(), vec![("message", json!(text))], expr.at));
    }
    arguments.iter().try_for_each(|a| bare_window(a, scope))
}

/// An aggregate's arguments hold no aggregate.
fn nested_aggregate(expr: &Typed, scope: &Scope<'_>) -> Checked {
    let Node::Call { function, arguments, window, .. } = &expr.node else { return Ok(()) };
    let outer = function.kind == Kind::Aggregate && window.is_none();
    if let Some(inner) = arguments.iter().find_map(Typed::aggregate).filter(|_| outer) {
        return Err(in_ungrouped_context(inner, "selected columns", scope));
    }
    arguments.iter().try_for_each(|a| nested_aggregate(a, scope))
}

fn types(clauses: &Clauses) -> Checked {
    let plain = |code, text: &str| Err(SoqlError::compile(code, text, Vec::new(), None));
    let is_boolean = |e: &Typed| e.soql_type == SoqlType::Boolean;
    if !clauses.filter.iter().chain(&clauses.on).all(is_boolean) {
        return plain("non-boolean-where", "Non-boolean where");
    }
    if clauses.group.iter().any(|e| !EQUATABLE.contains(&e.soql_type)) {
        return plain("non-groupable-group", "Non-groupable group by");
    }
    if !clauses.having.iter().all(is_boolean) {
        return plain("non-boolean-having", "Non-boolean having");
    }
    if clauses.order.iter().any(|o| !ORDERED.contains(&o.expr.soql_type)) {
        return plain("un-orderable-order", "Un-orderable order by");
    }
    Ok(())
}

/// What PostgreSQL asks of `DISTINCT`: one row stands for several, so it must be clear in which
/// place.
fn distinct(select: &Select, clauses: &Clauses) -> Checked {
    let order: Vec<&Typed> = clauses.order.iter().map(|o| &o.expr).collect();
    match &select.distinct {
        Distinct::All if order.iter().any(|e| !clauses.list.contains(e)) => Err(SoqlError::Internal(
            "for SELECT DISTINCT, ORDER BY expressions must appear in select list".to_owned(),
        )),
        Distinct::On(_) => {
            let count = clauses.distinct_on.len().min(order.len());
            if order[..count].iter().all(|e| clauses.distinct_on.contains(e)) {
                return Ok(());
            }
            Err(SoqlError::Internal(
                "SELECT DISTINCT ON expressions must match initial ORDER BY expressions".to_owned(),
            ))
        }
        _ => Ok(()),
    }
}
