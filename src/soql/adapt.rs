//! What a caller may ask of a query's rows beyond its text: their order, system columns, a page.

use super::ast::Distinct;
use super::clauses::Clauses;
use super::emit::collation;
use super::functions::ORDERED;
use super::scope::{Relation, Scope, SourceColumn};
use super::typed::{Node, Typed, TypedOrdering};
use crate::soda::SystemField;

/// What is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adaptation {
    /// In which order rows come.
    pub order: RowOrder,
    /// Whether system columns stand in front of what is selected, where rows are not grouped.
    pub system: bool,
    /// Which of the rows are answered.
    pub page: Option<Page>,
}

/// The order of rows (documented for SODA 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowOrder {
    /// As the query says.
    #[default]
    Declared,
    /// As the query says, and beyond it so that no row's place is in doubt.
    Total,
    /// Any order; what the query says does not count.
    Discard,
}

/// Some of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many.
    pub limit: i64,
    /// So many are left out in front of them.
    pub offset: i64,
}

impl Page {
    /// This page of a statement's rows.
    pub(super) fn of(self, sql: &str) -> String {
        format!("SELECT * FROM ({sql}) LIMIT {} OFFSET {}", self.limit, self.offset)
    }
}

impl RowOrder {
    /// Changes the order of a checked select.
    pub(super) fn apply(self, distinct: &Distinct, clauses: &mut Clauses, scope: &Scope<'_>) {
        match self {
            Self::Declared => {}
            Self::Discard => discard(distinct, clauses),
            Self::Total => complete(distinct, clauses, scope),
        }
    }

    /// Changes the order of two statements combined: by all that they select (source).
    pub(super) fn of_combined(self, relation: Relation) -> Relation {
        let key = |c: &SourceColumn| format!("{}{} NULLS LAST", c.sql, collation(c.soql_type));
        let ordered = relation.columns.iter().filter(|c| ORDERED.contains(&c.soql_type));
        let keys: Vec<String> = ordered.map(key).collect();
        if self != Self::Total || keys.is_empty() {
            return relation;
        }
        let sql = format!("SELECT * FROM ({}) ORDER BY {}", relation.sql, keys.join(", "));
        Relation { sql, ..relation }
    }
}

/// Forgets the order, unless other rows would come without it.
fn discard(distinct: &Distinct, clauses: &mut Clauses) {
    let makes_the_group = clauses.group.is_empty() && clauses.is_aggregated();
    if !matches!(distinct, Distinct::On(_)) && !makes_the_group {
        clauses.order.clear();
    }
}

/// Completes the order by what tells rows apart: the groups, `:id`, or else all that is selected
/// (source).
fn complete(distinct: &Distinct, clauses: &mut Clauses, scope: &Scope<'_>) {
    if clauses.order.is_empty() {
        clauses.order = clauses.distinct_on.iter().map(ascending).collect();
    }
    let more = match row_id(scope) {
        _ if clauses.is_aggregated() => clauses.group.clone(),
        Some(id) if *distinct == Distinct::No => vec![id],
        _ => clauses.list.iter().filter(|e| ORDERED.contains(&e.soql_type)).cloned().collect(),
    };
    for expr in more {
        if !clauses.order.iter().any(|o| o.expr == expr) {
            clauses.order.push(ascending(&expr));
        }
    }
}

/// What tells the rows of one dataset apart.
fn row_id(scope: &Scope<'_>) -> Option<Typed> {
    let [table] = scope.tables.as_slice() else { return None };
    let column = table.relation.columns.iter().find(|c| c.system && c.name == SystemField::Id.name())?;
    let sql = format!("{}.{}", table.sql, column.sql);
    let node = Node::Column { sql, name: column.name.clone(), nullable: column.nullable, size: column.size };
    Some(Typed { node, soql_type: column.soql_type, at: 0 })
}

fn ascending(expr: &Typed) -> TypedOrdering {
    TypedOrdering { expr: expr.clone(), descending: false, nulls_first: false }
}
