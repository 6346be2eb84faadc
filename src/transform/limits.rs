//! How large a transform and what it makes may be (ours). Nesting and chains of operators are bounded by the
//! parser of expressions.

/// Bytes of a transform's text.
pub const MAX_EXPRESSION: usize = 100_000;
/// Arguments of one call.
pub const MAX_ARGUMENTS: usize = 500;
/// Bytes of a text that a function makes.
pub const MAX_TEXT: usize = 10 * 1024 * 1024;
/// Bytes of a compiled regular expression.
pub const MAX_REGEX: usize = 1024 * 1024;
/// Bytes of the text of a regular expression.
pub const MAX_PATTERN: usize = 10_000;
/// Positions of a geometry that a function works on (documented for `simplify`).
pub const MAX_POSITIONS: usize = 500_000;
