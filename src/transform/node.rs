//! The checked tree and its evaluation.

use super::functions::{Call, Lazy, Prepared, Run};
use super::{Cell, Row, Surroundings};
use crate::soda::{SoqlType, Value};

/// A checked expression.
#[derive(Debug)]
pub enum Node {
    /// The same in every row.
    Constant(Value<'static>),
    /// A cell of the row.
    Column(usize),
    /// A function of values.
    Call(Box<Applied>),
    /// A function that computes its arguments itself.
    Lazy(Lazy, Box<[Node]>),
}

/// A function with its arguments.
#[derive(Debug)]
pub struct Applied {
    /// The computation.
    pub run: Run,
    /// Whether null comes out when null goes in.
    pub strict: bool,
    /// The types of the arguments.
    pub types: Box<[SoqlType]>,
    /// The type of the result.
    pub result: SoqlType,
    /// The constant argument, read before.
    pub prepared: Prepared,
    /// The place of the call in its transform.
    pub site: u64,
    /// The arguments.
    pub arguments: Box<[Node]>,
}

impl Node {
    /// The cell of one row.
    pub fn evaluate<'v>(&'v self, row: Row<'v>, surroundings: &'v Surroundings) -> Cell<'v> {
        match self {
            Self::Constant(value) => Ok(value.borrowed()),
            Self::Column(at) => Ok(row.cells.get(*at).map_or(Value::Null, Value::borrowed)),
            Self::Call(applied) => match applied.arguments.len() {
                0 => applied.fixed::<0>(row, surroundings),
                1 => applied.fixed::<1>(row, surroundings),
                2 => applied.fixed::<2>(row, surroundings),
                3 => applied.fixed::<3>(row, surroundings),
                _ => applied.any(row, surroundings),
            },
            Self::Lazy(lazy, arguments) => lazily(*lazy, arguments, row, surroundings),
        }
    }
}

impl Applied {
    /// For few arguments, without memory of their own.
    fn fixed<'v, const N: usize>(&'v self, row: Row<'v>, surroundings: &'v Surroundings) -> Cell<'v> {
        let mut values = [const { Value::Null }; N];
        for (value, node) in values.iter_mut().zip(&self.arguments) {
            *value = node.evaluate(row, surroundings)?;
        }
        self.apply(&mut values, row, surroundings)
    }

    fn any<'v>(&'v self, row: Row<'v>, surroundings: &'v Surroundings) -> Cell<'v> {
        let values: Result<Vec<_>, _> =
            self.arguments.iter().map(|node| node.evaluate(row, surroundings)).collect();
        self.apply(&mut values?, row, surroundings)
    }

    fn apply<'v>(
        &'v self,
        values: &mut [Value<'v>],
        row: Row<'v>,
        surroundings: &'v Surroundings,
    ) -> Cell<'v> {
        if self.strict && values.iter().any(Value::is_null) {
            return Ok(Value::Null);
        }
        let call = Call {
            types: &self.types,
            result: self.result,
            prepared: &self.prepared,
            surroundings,
            offset: row.offset,
            site: self.site,
        };
        (self.run)(&call, values)
    }
}

fn lazily<'v>(lazy: Lazy, arguments: &'v [Node], row: Row<'v>, surroundings: &'v Surroundings) -> Cell<'v> {
    match lazy {
        Lazy::And => logical(arguments, row, surroundings, 0),
        Lazy::Or => logical(arguments, row, surroundings, 1),
        Lazy::Case => {
            for pair in arguments.chunks_exact(2) {
                if pair[0].evaluate(row, surroundings)? == Value::Int(1) {
                    return pair[1].evaluate(row, surroundings);
                }
            }
            Ok(Value::Null)
        }
        Lazy::Coalesce => {
            for argument in arguments {
                let value = argument.evaluate(row, surroundings)?;
                if !value.is_null() {
                    return Ok(value);
                }
            }
            Ok(Value::Null)
        }
        Lazy::Forgive => match (arguments.first().map(|a| a.evaluate(row, surroundings)), arguments.get(1)) {
            (Some(Ok(value)), _) => Ok(value),
            (_, Some(default)) => default.evaluate(row, surroundings),
            (_, None) => Ok(Value::Null),
        },
    }
}

/// `and` and `or`: one value decides, whatever stands behind it; else null, if there is one.
fn logical<'v>(
    arguments: &'v [Node],
    row: Row<'v>,
    surroundings: &'v Surroundings,
    decides: i64,
) -> Cell<'v> {
    let mut unknown = false;
    for argument in arguments {
        match argument.evaluate(row, surroundings)? {
            Value::Null => unknown = true,
            value if value == Value::Int(decides) => return Ok(value),
            _ => {}
        }
    }
    Ok(if unknown { Value::Null } else { Value::Int(1 - decides) })
}
