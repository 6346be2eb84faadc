//! The SQL functions that compiled queries call: exact numbers, time, text, search, places.

mod aggregate;
mod bound;
mod cast;
mod collation;
mod crossings;
mod decimal;
mod extent;
mod failure;
mod generalize;
mod measure;
mod median;
mod nodes;
mod period;
mod place;
mod power;
mod register;
mod scales;
mod search;
mod shape;
mod sphere;
mod stop;
mod sums;
mod text;
mod time;
mod unaccent;
mod unions;
mod value_table;

pub use bound::{Bound, MAX_VALUE};
pub use failure::{RuntimeError, failure_of, forget_failure};
pub use period::Period;
pub use register::register;
pub use search::words as search_words;
pub use stop::{StopSwitch, Stopped, is_stopped};

type Ran<T> = Result<T, RuntimeError>;
