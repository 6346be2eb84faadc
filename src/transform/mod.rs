//! The language of output columns: the transforms of the Data Management API (documented).
//!
//! A transform is an expression of SoQL's grammar over the columns of an input schema, with a set of functions
//! and strict types of its own. [`compile`] checks its text once; [`Transform::evaluate`] computes one cell.
//! It computes and does nothing else: what a function wants to know of the world stands in [`Surroundings`].

mod compile;
mod compile_error;
mod data_error;
mod evaluate;
mod limits;
mod surroundings;

pub use compile::{Column, compile};
pub use compile_error::{CompileError, CompileErrorKind};
pub use data_error::DataError;
pub use evaluate::{Cell, Row, Transform};
pub use surroundings::{Boundaries, Geocoder, Region, Surroundings};
