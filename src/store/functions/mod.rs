//! The SQL functions that compiled queries call: exact numbers, time, text, search, places.

mod aggregate;
mod argument;
mod cast;
mod collation;
mod crossings;
mod doubles;
mod extent;
mod failure;
mod fold;
mod generalize;
mod held;
mod measure;
mod median;
mod nodes;
mod place;
mod power;
mod register;
mod scales;
mod search;
mod shapes;
mod sphere;
mod stop;
mod sums;
mod text;
mod unaccent;
mod unions;
mod validity;
mod value_table;

pub use failure::{RuntimeError, failure_of, forget_failure};
pub use register::register;
pub use search::words as search_words;
pub use stop::{StopSwitch, Stopped, is_stopped};

use crate::soda::Value;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

type Ran<T> = Result<T, RuntimeError>;

impl<'a> From<ValueRef<'a>> for Value<'a> {
    /// A cell of a result row, or an argument of a function. A text that is no UTF-8 is empty: none is stored.
    fn from(value: ValueRef<'a>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(v) => Self::Int(v),
            ValueRef::Real(v) => Self::Real(v),
            ValueRef::Text(t) | ValueRef::Blob(t) => Self::from(std::str::from_utf8(t).unwrap_or("")),
        }
    }
}

impl From<Value<'_>> for rusqlite::types::Value {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(v) => Self::Integer(v),
            Value::Real(v) => Self::Real(v),
            Value::Text(t) => Self::Text(t.into_owned()),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(v) => ValueRef::Integer(*v),
            Value::Real(v) => ValueRef::Real(*v),
            Value::Text(t) => ValueRef::Text(t.as_bytes()),
        }))
    }
}
