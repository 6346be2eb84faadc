//! SoQL: text to a checked query in SQL.

mod adapt;
pub mod ast;
pub mod bound;
mod check;
mod clauses;
mod compile;
mod compile_error;
mod cursor;
mod emit;
mod error;
mod expression;
mod frame;
pub mod functions;
mod implicit;
mod lexer;
mod limits;
pub mod literal;
mod measure;
mod parameters;
mod parser;
mod period;
mod print;
#[cfg(test)]
mod properties;
mod resolve;
mod scope;
mod statement;
mod typed;

pub use adapt::{Adaptation, Page, RowOrder};
pub use bound::Bound;
pub use compile::{Compiled, Environment, compile, compile_adapted};
pub use error::{Position, SoqlError};
pub use parameters::{Composed, compose};
pub use parser::{parse, parse_expression};
pub use period::Period;
pub use scope::{Relation, SourceColumn};
