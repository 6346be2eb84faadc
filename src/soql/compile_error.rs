//! Why a query that parses does not compile: one enum, with the code, the sentence and the data that
//! production's back end tells (recorded).

use crate::soda::SoqlType;
use serde_json::{Value, json};

/// What is wrong with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompileError {
    /// An expression that has no type.
    NoType,
    /// A call with, or without, a window or a filter.
    BadCall {
        /// The function's name.
        function: &'static str,
        /// What it does not accept, or requires.
        refusal: &'static str,
    },
    /// No such table alias.
    NoSuchTable(String),
    /// No such column.
    NoSuchColumn(String),
    /// No function of this name takes so many arguments.
    NoSuchFunction {
        /// The name.
        function: String,
        /// The number of arguments.
        arity: usize,
    },
    /// No overload takes an argument of this type.
    TypeMismatch {
        /// The function's name.
        function: String,
        /// The argument's type.
        soql_type: SoqlType,
    },
    /// A column that `EXCEPT` names twice.
    RepeatedException(String),
    /// Two outputs of one name.
    DuplicateAlias(String),
    /// An alias that is defined by itself.
    CircularAlias(String),
    /// `@this` under another name.
    ReservedTableAlias,
    /// Combined selects with these numbers of columns.
    CombinedCounts(usize, usize),
    /// Combined selects with these types of columns, each a list.
    CombinedTypes(String, String),
    /// An aggregate or a window in a clause that sees single rows.
    AggregateInUngroupedContext {
        /// The function's name.
        function: &'static str,
        /// The clause.
        clause: &'static str,
    },
    /// A column outside of aggregates that is not grouped by.
    ColumnNotInGroupBys(String),
    /// A condition that is not boolean.
    NonBooleanWhere,
    /// A condition of groups that is not boolean.
    NonBooleanHaving,
    /// A type that cannot be grouped by.
    NonGroupableGroup,
    /// A type without an order.
    UnOrderableOrder,
}

impl CompileError {
    /// `query.soql.…` without its prefix.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoType | Self::BadCall { .. } => "bad-parse",
            Self::NoSuchTable(_) => "no-such-table",
            Self::NoSuchColumn(_) => "no-such-column",
            Self::NoSuchFunction { .. } => "no-such-function",
            Self::TypeMismatch { .. } => "type-mismatch",
            Self::RepeatedException(_) => "repeated-exception",
            Self::DuplicateAlias(_) => "duplicate-alias",
            Self::CircularAlias(_) => "circular-alias-definition",
            Self::ReservedTableAlias => "reserved-table-alias",
            Self::CombinedCounts(..) => "two-selects-number-of-columns-mismatch",
            Self::CombinedTypes(..) => "two-selects-column-types-mismatch",
            Self::AggregateInUngroupedContext { .. } => "aggregate-in-ungrouped-context",
            Self::ColumnNotInGroupBys(_) => "column-not-in-group-bys",
            Self::NonBooleanWhere => "non-boolean-where",
            Self::NonBooleanHaving => "non-boolean-having",
            Self::NonGroupableGroup => "non-groupable-group",
            Self::UnOrderableOrder => "un-orderable-order",
        }
    }

    /// The sentence behind the code.
    pub fn description(&self) -> String {
        match self {
            Self::NoType => "Bad parse: no type".to_owned(),
            Self::BadCall { function, refusal } => format!("Function {function} {refusal}"),
            Self::NoSuchTable(name) => format!("No such table: {name}"),
            Self::NoSuchColumn(name) => format!("No such column: {name}"),
            Self::NoSuchFunction { function, arity } => {
                format!("No such function '{function}'; arity={arity}")
            }
            Self::TypeMismatch { function, soql_type } => {
                format!("Type mismatch for {function}, is {}", soql_type.name())
            }
            Self::RepeatedException(name) => format!("Repeated exception with column: {name}"),
            Self::DuplicateAlias(name) => format!("Duplicate alias: {name}"),
            Self::CircularAlias(name) => format!("Circular alias definition: {name}"),
            Self::ReservedTableAlias => "Reserved table alias".to_owned(),
            Self::CombinedCounts(left, right) => {
                format!("Two selects must have the same number of columns: {left}, {right}")
            }
            Self::CombinedTypes(left, right) => {
                format!("Two selects must have the same column type: {left}, {right}")
            }
            Self::AggregateInUngroupedContext { function, clause } => {
                format!("Aggregate function '{function}' used in ungrouped context: {clause}")
            }
            Self::ColumnNotInGroupBys(name) => format!("Column '{name}' is not in group by"),
            Self::NonBooleanWhere => "Non-boolean where".to_owned(),
            Self::NonBooleanHaving => "Non-boolean having".to_owned(),
            Self::NonGroupableGroup => "Non-groupable group by".to_owned(),
            Self::UnOrderableOrder => "Un-orderable order by".to_owned(),
        }
    }

    /// The members of `data`, without those of the place.
    pub fn data(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::BadCall { .. } => vec![("message", json!(self.description()))],
            Self::NoSuchTable(name) => vec![("table", json!(name))],
            Self::NoSuchColumn(name) | Self::RepeatedException(name) | Self::ColumnNotInGroupBys(name) => {
                vec![("column", json!(name))]
            }
            Self::NoSuchFunction { function, arity } => {
                vec![("function", json!(function)), ("arity", json!(arity))]
            }
            Self::TypeMismatch { function, soql_type } => {
                vec![("function", json!(function)), ("type", json!(soql_type.name()))]
            }
            Self::DuplicateAlias(name) | Self::CircularAlias(name) => vec![("name", json!(name))],
            Self::ReservedTableAlias | Self::CombinedCounts(..) | Self::CombinedTypes(..) => {
                vec![("description", json!(self.description()))]
            }
            Self::AggregateInUngroupedContext { function, clause } => {
                vec![("function", json!(function)), ("clause", json!(clause))]
            }
            Self::NoType
            | Self::NonBooleanWhere
            | Self::NonBooleanHaving
            | Self::NonGroupableGroup
            | Self::UnOrderableOrder => Vec::new(),
        }
    }
}
