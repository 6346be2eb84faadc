//! How large a transform and what it makes may be (ours). Nesting and chains of operators are bounded by the
//! parser of expressions.

/// Bytes of a transform's text.
pub const MAX_EXPRESSION: usize = 100_000;
