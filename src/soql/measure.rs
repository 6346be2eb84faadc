//! Whether a checked select is larger than SQLite, or the stack, can take.

use super::clauses::Clauses;
use super::error::SoqlError;
use super::limits::{Limit, MAX_COLUMNS, MAX_DEPTH, MAX_SIZE, MAX_TABLES, MAX_TERMS};
use super::scope::Scope;

/// The tables that a checked select reads and its levels of expressions, if they are not too many.
pub(super) fn measured(
    clauses: &Clauses,
    searches: usize,
    scope: &Scope<'_>,
) -> Result<(usize, usize), SoqlError> {
    // A search joins all texts of a row, as a tree; searches stand beside each other.
    const SEARCH: usize = 30;
    let refused = |limit| Err(scope.too_large(limit, 0));
    let tables = scope.tables.iter().map(|table| table.relation.tables).sum();
    if tables > MAX_TABLES {
        return refused(Limit::Tables);
    }
    if clauses.list.len() > MAX_COLUMNS {
        return refused(Limit::Columns);
    }
    let (mut windows, mut height) = (Vec::new(), 0);
    for expr in clauses.all() {
        expr.windows(&mut windows);
        height = height.max(expr.height());
        if windows.len() > MAX_DEPTH {
            return refused(Limit::Depth);
        }
    }
    let terms = windows.iter().flat_map(|window| [window.partition.len(), window.order.len()]);
    let terms = terms.chain([clauses.group.len(), clauses.order.len(), clauses.distinct_on.len()]);
    if terms.max().unwrap_or(0) > MAX_TERMS {
        return refused(Limit::Terms);
    }
    let searched: usize = scope.tables.iter().map(|table| table.relation.columns.len()).sum();
    if searched.saturating_mul(searches) > MAX_SIZE {
        return refused(Limit::Size);
    }
    // Rows that are told apart by some columns are numbered twice.
    let numberings = if clauses.distinct_on.is_empty() { 0 } else { 2 };
    let own =
        (1 + windows.len() + numberings) * (1 + height) + if searches > 0 { SEARCH + searches } else { 0 };
    let below = scope.tables.iter().map(|table| table.relation.depth).max().unwrap_or(0);
    if own + below > MAX_DEPTH { refused(Limit::Depth) } else { Ok((tables, own + below)) }
}
