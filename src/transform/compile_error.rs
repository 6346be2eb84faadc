//! Why a transform is refused.

use crate::soql::Position;
use std::fmt;

/// In which way a transform is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileErrorKind {
    /// The text does not parse.
    Malformed,
    /// The text, its nesting or the number of arguments is beyond a bound.
    TooLarge,
    /// No input column has this name.
    NoSuchColumn,
    /// No function, type or field has this name.
    NoSuchFunction,
    /// The arguments have types or a number that no signature of the function has.
    TypeMismatch,
    /// A constant argument cannot be what the function needs, such as a regular expression that is none.
    BadArgument,
    /// The function needs data of the world that nobody seeded, or is not emulated at all: 501.
    NotEmulated,
}

/// A transform that is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct CompileError {
    /// In which way.
    pub kind: CompileErrorKind,
    /// What is wrong, in a sentence.
    pub message: String,
    /// Where in the text.
    pub position: Position,
    /// What would be right, if that can be told.
    pub hint: Option<String>,
}

impl CompileErrorKind {
    /// A key for programs (ours).
    pub fn key(self) -> &'static str {
        match self {
            Self::Malformed => "malformed_expression",
            Self::TooLarge => "expression_too_large",
            Self::NoSuchColumn => "no_such_column",
            Self::NoSuchFunction => "no_such_function",
            Self::TypeMismatch => "type_mismatch",
            Self::BadArgument => "bad_argument",
            Self::NotEmulated => "not_emulated",
        }
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { row, column, .. } = &self.position;
        write!(f, "{} (line {row}, column {column})", self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, ". {hint}"))
    }
}

impl std::error::Error for CompileError {}
