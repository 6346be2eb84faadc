//! What a query may not make larger, so that no expression takes memory or time without end.

/// Digits that a number may have before the point (PostgreSQL).
pub const MAX_WHOLE: i64 = 131_072;
/// Digits that a number may have behind the point (PostgreSQL).
pub const MAX_SCALE: i64 = 16_383;
/// Bytes of a value that a query reads or makes: any row that can be stored fits, several times over.
pub const MAX_VALUE: i32 = 32 << 20;
/// Bytes of a text that a function or an operator makes.
pub const MAX_TEXT: usize = 16 << 20;
/// Pairs of edges whose boxes meet that a relation or an overlay of shapes may have to look at.
pub const MAX_PAIRS: usize = 4_000_000;

/// Times that a relation of shapes may compare a part or a crossing of one with a position of the other.
pub const MAX_COMPARISONS: usize = 200_000_000;

/// A bound that a query ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Digits of a number.
    Number,
    /// Bytes of any value.
    Value,
    /// Bytes of a text that a function makes.
    Text,
    /// Pairs of edges.
    Pairs,
    /// Parts of a shape against positions of another.
    Comparisons,
}

impl Bound {
    /// What is told in the body; PostgreSQL's words where it has such a bound.
    pub fn message(self) -> &'static str {
        match self {
            Self::Number => "value overflows numeric format",
            Self::Value => "value is too large",
            Self::Text => "requested length too large",
            Self::Pairs | Self::Comparisons => "the geometries are too complex for this function",
        }
    }

    /// The bound itself, and what to change.
    pub fn hint(self) -> String {
        match self {
            Self::Number => format!(
                "A number has at most {MAX_WHOLE} digits before the decimal point and {MAX_SCALE} behind it, also on the way to a result."
            ),
            Self::Value => format!(
                "A value of a query, or a row that it sorts, has at most {MAX_VALUE} bytes: make the text or the geometry shorter, or select fewer columns."
            ),
            Self::Text => {
                format!("A text that a function or an operator makes has at most {MAX_TEXT} bytes.")
            }
            Self::Pairs => format!(
                "More than {MAX_PAIRS} pairs of edges lie so close that they could cross: simplify() the geometries first."
            ),
            Self::Comparisons => format!(
                "More than {MAX_COMPARISONS} times a part of one geometry would be compared with a position of another: simplify() the geometries first, or take fewer parts of them."
            ),
        }
    }
}
