//! The tree after names and types are resolved.

use super::frame::Frame;
use super::functions::{Function, Kind, Template};
use crate::soda::{SoqlType, Value};

/// A typed expression. Equality ignores places: it decides what is grouped by.
#[derive(Clone, Debug)]
pub struct Typed {
    /// What it is.
    pub node: Node,
    /// Its type.
    pub soql_type: SoqlType,
    /// Where errors about it point.
    pub at: usize,
}

impl PartialEq for Typed {
    fn eq(&self, other: &Self) -> bool {
        self.soql_type == other.soql_type && self.node == other.node
    }
}

/// What a typed expression is.
#[derive(Clone, Debug)]
pub enum Node {
    /// A column of a source.
    Column {
        /// `t0.c1`.
        sql: String,
        /// The name in errors.
        name: String,
        /// Whether it can be null.
        nullable: bool,
        /// The number of expressions behind it in its source.
        size: usize,
    },
    /// A value.
    Literal(Value<'static>),
    /// A call.
    Call {
        /// Of what.
        function: &'static Function,
        /// With what.
        arguments: Vec<Typed>,
        /// `FILTER (WHERE …)`.
        filter: Option<Box<Typed>>,
        /// `OVER (…)`.
        window: Option<Box<TypedWindow>>,
    },
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Column { sql: a, .. }, Self::Column { sql: b, .. }) => a == b,
            (Self::Literal(a), Self::Literal(b)) => a == b,
            (
                Self::Call { function: f, arguments: a, filter: p, window: v },
                Self::Call { function: g, arguments: b, filter: q, window: w },
            ) => std::ptr::eq(*f, *g) && a == b && p == q && v == w,
            _ => false,
        }
    }
}

/// A window.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedWindow {
    /// `PARTITION BY`.
    pub partition: Vec<Typed>,
    /// `ORDER BY`.
    pub order: Vec<TypedOrdering>,
    /// The rows around each row that count.
    pub frame: Option<Frame>,
}

/// One expression of `ORDER BY`.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedOrdering {
    /// By what.
    pub expr: Typed,
    /// Downwards.
    pub descending: bool,
    /// Where nulls stand.
    pub nulls_first: bool,
}

impl Typed {
    /// Expressions directly below.
    fn children(&self) -> Vec<&Self> {
        match &self.node {
            Node::Column { .. } | Node::Literal(_) => Vec::new(),
            Node::Call { arguments, filter, window, .. } => {
                let mut all: Vec<&Self> = arguments.iter().chain(filter.as_deref()).collect();
                if let Some(window) = window {
                    all.extend(window.partition.iter().chain(window.order.iter().map(|o| &o.expr)));
                }
                all
            }
        }
    }

    /// The number of expressions in it, those behind its columns included.
    pub fn size(&self) -> usize {
        let own = if let Node::Column { size, .. } = &self.node { *size } else { 1 };
        self.children().into_iter().map(Self::size).fold(own, usize::saturating_add)
    }

    /// Adds the windows in it that are not among `found` yet.
    pub fn windows<'e>(&'e self, found: &mut Vec<&'e TypedWindow>) {
        if let Node::Call { window: Some(window), .. } = &self.node
            && !found.contains(&&**window)
        {
            found.push(window);
        }
        self.children().into_iter().for_each(|child| child.windows(found));
    }

    /// Expressions on the longest way down.
    pub fn height(&self) -> usize {
        1 + self.children().into_iter().map(Self::height).max().unwrap_or(0)
    }

    fn is_call(&self, wanted: impl Fn(Kind, bool) -> bool) -> bool {
        matches!(&self.node, Node::Call { function, window, .. } if wanted(function.kind, window.is_some()))
    }

    fn first(&self, wanted: &dyn Fn(&Self) -> bool) -> Option<&Self> {
        if wanted(self) {
            return Some(self);
        }
        self.children().into_iter().find_map(|child| child.first(wanted))
    }

    /// The first aggregate in it that is not a window's.
    pub fn aggregate(&self) -> Option<&Self> {
        self.first(&|e| e.is_call(|kind, over| kind == Kind::Aggregate && !over))
    }

    /// The first window call in it.
    pub fn windowed(&self) -> Option<&Self> {
        self.first(&|e| e.is_call(|kind, over| over || kind == Kind::Window))
    }

    /// Whether it counts distinct values in a window.
    pub fn counts_distinct_in_window(&self) -> bool {
        let counts = |e: &Self| e.is_call(|_, over| over) && e.function_name() == "count_distinct";
        self.first(&counts).is_some()
    }

    /// The first function in it that is known but not emulated.
    pub fn not_emulated(&self) -> Option<&'static str> {
        let found = self.first(
            &|e| matches!(&e.node, Node::Call { function, .. } if function.template == Template::NotEmulated),
        );
        found.map(Self::function_name)
    }

    /// Whether it calls a function of SQL with all its arguments, not as a list or as branches.
    pub fn passes_all_arguments(&self) -> bool {
        matches!(&self.node, Node::Call { function, .. } if function.template.passes_all_arguments())
    }

    /// The name of the function it calls.
    pub fn function_name(&self) -> &'static str {
        match &self.node {
            Node::Call { function, .. } => function.name,
            _ => "",
        }
    }

    /// The first column that is neither grouped by nor inside an aggregate: the name and place.
    pub fn ungrouped(&self, groups: &[Self]) -> Option<(&str, usize)> {
        if groups.contains(self) {
            return None;
        }
        if self.is_call(|kind, over| kind == Kind::Aggregate && !over) {
            return None;
        }
        match &self.node {
            Node::Column { name, .. } => Some((name, self.at)),
            _ => self.children().into_iter().find_map(|child| child.ungrouped(groups)),
        }
    }
}
