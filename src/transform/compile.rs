//! Text to a checked transform.

use super::limits::MAX_EXPRESSION;
use super::{CompileError, CompileErrorKind, Surroundings, Transform};
use crate::soda::SoqlType;
use crate::soql::Position;

/// A column of the input schema.
#[derive(Clone, Copy, Debug)]
pub struct Column<'n> {
    /// Its field name. References in back quotes or without mean it, first exactly, then without regard to case.
    pub name: &'n str,
    /// The type of its cells.
    pub soql_type: SoqlType,
}

/// Checks a transform's text over the columns of its input schema.
///
/// # Errors
/// What is wrong, where, and what would be right.
pub fn compile(
    text: &str,
    _columns: &[Column<'_>],
    _surroundings: &Surroundings,
) -> Result<Transform, CompileError> {
    let kind =
        if text.len() > MAX_EXPRESSION { CompileErrorKind::TooLarge } else { CompileErrorKind::NotEmulated };
    let message = "This transform is not emulated".to_owned();
    Err(CompileError { kind, message, position: Position::of(text, 0), hint: None })
}
