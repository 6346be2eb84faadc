//! The language of output columns: the transforms of the Data Management API (documented).
//!
//! A transform is an expression of SoQL's grammar over the columns of an input schema, with a set of functions
//! and strict types of its own. [`compile()`] checks its text once; [`Transform::evaluate`] computes one cell.
//! It computes and does nothing else: what a function wants to know of the world stands in [`Surroundings`].
//!
//! Values are in stored form. A geometry of a source that is in another projection than WGS 84 has the member
//! `crs` directly behind its coordinates, a text in proj4's words or `EPSG:` with a code:
//! `{"type":"Point","coordinates":[1.0,2.0],"crs":"EPSG:2263"}`. The functions of projections read it; in cells of
//! output columns it is left out.

mod compile;
mod compile_error;
mod data_error;
mod evaluate;
#[cfg(test)]
mod examples;
pub mod functions;
mod limits;
mod names;
mod node;
mod overload;
mod parsed;
#[cfg(test)]
mod properties;
mod surroundings;

pub use compile::{Column, compile};
pub use compile_error::{CompileError, CompileErrorKind};
pub use data_error::DataError;
pub use evaluate::{Cell, Row, Transform};
pub use functions::{is_projection, projection_of, with_projection};
pub use surroundings::{Boundaries, Geocoder, Region, Surroundings};
