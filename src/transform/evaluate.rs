//! A checked transform and how a row goes through it.

use super::{DataError, Surroundings};
use crate::soda::{SoqlType, Value};
use serde_json::Value as Json;

/// A cell of an output column: a value in its stored form (null included), or what is wrong.
pub type Cell<'v> = Result<Value<'v>, Box<DataError>>;

/// One row of a source.
#[derive(Clone, Copy, Debug)]
pub struct Row<'v> {
    /// Its place in the source, from 0.
    pub offset: u64,
    /// A value in stored form for each column that [`super::compile`] was told of.
    pub cells: &'v [Value<'v>],
}

/// A transform that compiled.
#[derive(Debug)]
pub struct Transform {
    output_type: SoqlType,
    columns: Vec<usize>,
    parsed: Json,
}

impl Transform {
    /// The type of every value that it computes; `data_type_name()` is its name on the wire.
    pub fn output_type(&self) -> SoqlType {
        self.output_type
    }

    /// The places of the input columns that it reads, in ascending order.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// `parsed_expr`: the syntax tree as JSON. References are `{"type": "column_ref", "value", "qualifier", "position"}`,
    /// calls are `{"type": "funcall", "function_name", "args", "window", "position"}` (believed).
    pub fn parsed(&self) -> &Json {
        &self.parsed
    }

    /// The cell of one row. A value has the type [`Self::output_type`] in its stored form; geometries are GeoJSON
    /// without a projection, whatever the transform did.
    pub fn evaluate<'v>(&'v self, _row: Row<'v>, _surroundings: &'v Surroundings) -> Cell<'v> {
        Err(Box::new(DataError {
            kind: "not_emulated",
            english: "This transform cannot be computed".to_owned(),
            data: Json::Null,
        }))
    }
}
