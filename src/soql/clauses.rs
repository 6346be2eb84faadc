//! The clauses of one select after names and types are resolved.

use super::typed::{Typed, TypedOrdering};

/// A select's clauses, typed.
pub(super) struct Clauses {
    pub list: Vec<Typed>,
    /// The conditions of the joins.
    pub on: Vec<Typed>,
    pub filter: Option<Typed>,
    pub group: Vec<Typed>,
    pub having: Option<Typed>,
    pub order: Vec<TypedOrdering>,
    /// The expressions of `DISTINCT ON`.
    pub distinct_on: Vec<Typed>,
}

impl Clauses {
    /// Every expression.
    pub(super) fn all(&self) -> impl Iterator<Item = &Typed> {
        let ordered = self.order.iter().map(|o| &o.expr);
        let lists = self.list.iter().chain(&self.on).chain(&self.filter).chain(&self.group);
        lists.chain(&self.having).chain(ordered).chain(&self.distinct_on)
    }

    /// Whether each row of the result stands for several.
    pub(super) fn is_aggregated(&self) -> bool {
        let ordered = self.order.iter().map(|o| &o.expr);
        !self.group.is_empty()
            || self.having.is_some()
            || self.list.iter().chain(ordered).any(|e| e.aggregate().is_some())
    }
}
