//! How large a query may be. Some bounds are SQLite's, which would refuse the statement in words of its own;
//! the others keep the analyzer, and SQLite's compiler, which nothing stops, from working without end.

/// Words, signs and literals of a query's text.
pub const MAX_WORDS: usize = 200_000;
/// Expressions of one select, with its aliases and the columns of its sources filled in: SQLite copies
/// what a subquery selects to every place where it is used.
pub const MAX_SIZE: usize = 20_000;
/// Expressions on the longest way down in one select, with aliases filled in.
pub const MAX_HEIGHT: usize = 400;
/// The same over a select and the selects that it reads from, each window of its own counted like a select.
/// SQLite's parser allows about twice as much, and its compiler takes stack for each.
pub const MAX_DEPTH: usize = 500;
/// Tables of a select and of the selects that it joins (SQLite).
pub const MAX_TABLES: usize = 64;
/// Columns of a select: SQLite's 2,000, less two that help to number rows.
pub const MAX_COLUMNS: usize = 1998;
/// Expressions to group, order or partition by (SQLite).
pub const MAX_TERMS: usize = 2000;
/// Arguments of a function (SQLite's 1,000, less the type that some are told).
pub const MAX_ARGUMENTS: usize = 999;
/// Literals of a query, each a parameter of the statement (SQLite).
pub const MAX_LITERALS: usize = 32_766;

/// A bound that a query runs into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Words.
    Words,
    /// Expressions in all.
    Size,
    /// Expressions on the way down.
    Depth,
    /// Tables.
    Tables,
    /// Columns.
    Columns,
    /// What is grouped, ordered or partitioned by.
    Terms,
    /// Arguments of one function.
    Arguments,
    /// Literals.
    Literals,
}

impl Limit {
    /// What is too large, and how large it may be.
    pub fn message(self) -> String {
        match self {
            Self::Words => format!("the query is too long: it may have {MAX_WORDS} words and signs"),
            Self::Size => format!(
                "the query is too large: a select may have {MAX_SIZE} expressions, those behind its columns included"
            ),
            Self::Depth => format!(
                "the query is nested too deeply: selects that read from each other may have {MAX_DEPTH} levels of expressions, windows included"
            ),
            Self::Tables => {
                format!(
                    "too many joins: a select may read {MAX_TABLES} tables, those of joined queries included"
                )
            }
            Self::Columns => format!("too many columns: a select may have {MAX_COLUMNS}"),
            Self::Terms => {
                format!("too many expressions to group, order or partition by: there may be {MAX_TERMS}")
            }
            Self::Arguments => format!("too many arguments: a function may have {MAX_ARGUMENTS}"),
            Self::Literals => format!("too many literals: a query may have {MAX_LITERALS}"),
        }
    }

    /// What to change.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Words | Self::Size | Self::Literals => {
                "Ask in several queries, or put long lists of values into a dataset and join it."
            }
            Self::Depth => {
                "Use fewer steps, windows or nested expressions; write sums and products in groups of brackets."
            }
            Self::Tables => "Join fewer datasets, or ask in several queries.",
            Self::Columns => "Select fewer columns.",
            Self::Terms => "Group, order or partition by fewer expressions.",
            Self::Arguments => {
                "Put some of the arguments into a call of their own, as in greatest(greatest(a, …), b, …)."
            }
        }
    }
}
