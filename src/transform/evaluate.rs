//! A checked transform and how a row goes through it.

use super::node::Node;
use super::{DataError, Surroundings, functions};
use crate::soda::{SoqlType, Value};
use serde_json::Value as Json;

/// A cell of an output column: a value in its stored form (null included), or what is wrong.
pub type Cell<'v> = Result<Value<'v>, Box<DataError>>;

/// One row of a source.
#[derive(Clone, Copy, Debug)]
pub struct Row<'v> {
    /// Its place in the source, from 0.
    pub offset: u64,
    /// A value in stored form for each column that [`super::compile()`] was told of.
    pub cells: &'v [Value<'v>],
}

/// A transform that compiled.
#[derive(Debug)]
pub struct Transform {
    root: Node,
    output_type: SoqlType,
    columns: Vec<usize>,
    parsed: Json,
}

impl Transform {
    pub(super) fn new(root: Node, output_type: SoqlType, columns: Vec<usize>, parsed: Json) -> Self {
        Self { root, output_type, columns, parsed }
    }

    /// The type of every value that it computes; `data_type_name()` is its name on the wire.
    pub fn output_type(&self) -> SoqlType {
        self.output_type
    }

    /// The places of the input columns that it reads, in ascending order.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// `parsed_expr`: the syntax tree as JSON. References are `{"type": "column_ref", "value", "qualifier", "position"}`,
    /// calls are `{"type": "funcall", "function_name", "args", "window", "position"}` (ours).
    pub fn parsed(&self) -> &Json {
        &self.parsed
    }

    /// The cell of one row. A value has the type [`Self::output_type`] in its stored form; geometries are GeoJSON
    /// without a projection, whatever the transform did. A geometry that no column can hold is an error, as
    /// production tells it (documented): open rings may only stand inside of `repair_geometry`.
    pub fn evaluate<'v>(&'v self, row: Row<'v>, surroundings: &'v Surroundings) -> Cell<'v> {
        let value = self.root.evaluate(row, surroundings)?;
        match value {
            Value::Text(text) if self.output_type.is_geometry() => {
                // What comes from a column can be stored in one, unless it has a projection behind its coordinates.
                let stored = matches!(self.root, Node::Column(_)) && text.ends_with("]}");
                if stored { Ok(Value::Text(text)) } else { functions::finished(self.output_type, text) }
            }
            value => Ok(value),
        }
    }
}
