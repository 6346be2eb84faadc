//! SoQL: text to a checked query in SQL.

mod adapt;
pub mod ast;
mod check;
mod clauses;
mod compile;
mod compile_error;
mod emit;
mod error;
mod expression;
mod frame;
pub mod functions;
mod implicit;
mod lexer;
mod limits;
mod literal;
mod measure;
mod parameters;
mod parser;
#[cfg(test)]
mod properties;
mod resolve;
pub mod runtime;
mod scope;
mod statement;
mod typed;

pub use adapt::{Adaptation, Page, RowOrder};
pub use compile::{Compiled, Environment, compile, compile_adapted};
pub use error::{Position, SoqlError};
pub use parameters::{Composed, compose};
pub use parser::{parse, parse_expression};
pub use scope::{Relation, SourceColumn};
