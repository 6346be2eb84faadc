//! What the reference checks after typing: grouping, windows, and the types of clauses.

use super::ast::{Distinct, Select};
use super::clauses::Clauses;
use super::compile_error::CompileError;
use super::error::SoqlError;
use super::functions::{EQUATABLE, Kind, ORDERED};
use super::scope::Scope;
use super::typed::{Node, Typed};
use crate::soda::SoqlType;

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
    frames(clauses)?;
    if clauses.all().any(Typed::counts_distinct_in_window) {
        // PostgreSQL's words; SQLite has no such window either.
        return Err(SoqlError::Internal("DISTINCT is not implemented for window functions".to_owned()));
    }
    match clauses.all().find_map(Typed::not_emulated) {
        Some(name) => Err(SoqlError::NotEmulated(format!("the SoQL function {name} with these types"))),
        None => Ok(()),
    }
}

fn ungrouped(expr: &Typed, clause: &'static str, scope: &Scope<'_>) -> Checked {
    match expr.aggregate().or_else(|| expr.windowed()) {
        Some(call) => Err(in_ungrouped_context(call, clause, scope)),
        None => Ok(()),
    }
}

fn in_ungrouped_context(call: &Typed, clause: &'static str, scope: &Scope<'_>) -> SoqlError {
    let function = call.function_name();
    scope.error(CompileError::AggregateInUngroupedContext { function, clause }, call.at)
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
            return Err(scope.error(CompileError::ColumnNotInGroupBys(name.to_owned()), at));
        }
        nested_aggregate(expr, scope)?;
    }
    Ok(())
}

/// A window function needs `OVER`.
fn bare_window(expr: &Typed, scope: &Scope<'_>) -> Checked {
    let Node::Call { function, arguments, window, .. } = &expr.node else { return Ok(()) };
    if function.kind == Kind::Window && window.is_none() {
        let refusal = "requires window information";
        return Err(scope.error(CompileError::BadCall { function: function.name, refusal }, expr.at));
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
    let plain = |error| Err(SoqlError::Compile { error, position: None });
    let is_boolean = |e: &Typed| e.soql_type == SoqlType::Boolean;
    if !clauses.filter.iter().chain(&clauses.on).all(is_boolean) {
        return plain(CompileError::NonBooleanWhere);
    }
    if clauses.group.iter().any(|e| !EQUATABLE.contains(&e.soql_type)) {
        return plain(CompileError::NonGroupableGroup);
    }
    if !clauses.having.iter().all(is_boolean) {
        return plain(CompileError::NonBooleanHaving);
    }
    if clauses.order.iter().any(|o| !ORDERED.contains(&o.expr.soql_type)) {
        return plain(CompileError::UnOrderableOrder);
    }
    Ok(())
}

/// Frames that no window can have.
fn frames(clauses: &Clauses) -> Checked {
    let mut windows = Vec::new();
    clauses.all().for_each(|expr| expr.windows(&mut windows));
    let refusal = windows.iter().find_map(|w| w.frame.as_ref()?.refusal(w.order.len()));
    refusal.map_or(Ok(()), |text| Err(SoqlError::Internal(text.to_owned())))
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
