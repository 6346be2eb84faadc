//! SoQL: text to a checked query in SQL.

pub mod ast;
mod error;
mod expression;
mod lexer;
mod parser;

pub use error::{Position, SoqlError};
pub use parser::{parse, parse_expression};
