//! Values that SQLite sorts in a temporary file, with little memory.

use super::collation::compare_texts;
use super::stop;
use crate::soda::SoqlType;
use rusqlite::types::Value;
use rusqlite::{Connection, Error, Result};

/// KiB of pages that are kept in memory; a sort takes the same again, and 1 MiB at least.
const CACHE_KIB: u32 = 256;
/// SQLite looks at the switch every so many steps of its machine.
const STEPS: i32 = 10_000;
const ORDERED: &str = "SELECT x FROM list ORDER BY x,rowid";

/// A list of values of one type in a database of its own, which has a file without a name once it grows.
pub struct ValueTable {
    connection: Connection,
    soql_type: SoqlType,
    count: usize,
    has_index: bool,
}

impl ValueTable {
    /// An empty one.
    pub fn new(soql_type: SoqlType) -> Result<Self> {
        let mut connection = Connection::open("").map_err(coded)?;
        connection.create_collation("VALUE", move |a, b| compare_texts(soql_type, a, b))?;
        connection.progress_handler(STEPS, Some(stop::is_stopped))?;
        let begin = format!(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE; PRAGMA cache_size=-{CACHE_KIB};
             CREATE TABLE list(x COLLATE VALUE); BEGIN"
        );
        connection.execute_batch(&begin).map_err(coded)?;
        Ok(Self { connection, soql_type, count: 0, has_index: false })
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Adds a value.
    pub fn push(&mut self, value: Value) -> Result<()> {
        self.change("INSERT INTO list(x) VALUES(?1)", value)?;
        self.count += 1;
        Ok(())
    }

    /// Takes out a value that compares equal, the first one that came.
    pub fn remove(&mut self, value: Value) -> Result<()> {
        self.index()?;
        let first = "DELETE FROM list WHERE rowid=(SELECT min(rowid) FROM list WHERE x=?1)";
        self.count -= self.change(first, value)?;
        Ok(())
    }

    /// The value at this place of the order, and the one behind it. Equal ones are in the order of their coming.
    pub fn at(&self, place: usize) -> Result<Option<(Value, Option<Value>)>> {
        let read = || {
            let mut statement = self.connection.prepare_cached(ORDERED)?;
            let mut rows = statement.query([])?;
            for _ in 0..place {
                rows.next()?;
            }
            let first: Option<Value> = rows.next()?.map(|row| row.get(0)).transpose()?;
            let second: Option<Value> = rows.next()?.map(|row| row.get(0)).transpose()?;
            Ok(first.map(|first| (self.decoded(first), second.map(|v| self.decoded(v)))))
        };
        read().map_err(coded)
    }

    /// Keeps the order from now on: it will be asked for more than once.
    pub fn index(&mut self) -> Result<()> {
        if !self.has_index {
            self.connection.execute_batch("CREATE INDEX ordered ON list(x)").map_err(coded)?;
            self.has_index = true;
        }
        Ok(())
    }

    fn change(&self, sql: &str, value: Value) -> Result<usize> {
        let value = encoded(value);
        self.connection.prepare_cached(sql).and_then(|mut s| s.execute([value])).map_err(coded)
    }

    fn decoded(&self, value: Value) -> Value {
        match value {
            Value::Integer(key) if self.soql_type == SoqlType::Double => Value::Real(double_of(key)),
            other => other,
        }
    }
}

/// Doubles as integers of the same order: SQLite would take negative nought for nought.
fn encoded(value: Value) -> Value {
    match value {
        Value::Real(double) => Value::Integer(key_of(double)),
        other => other,
    }
}

fn key_of(double: f64) -> i64 {
    let bits = double.to_bits().cast_signed();
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

fn double_of(key: i64) -> f64 {
    f64::from_bits((if key < 0 { key ^ i64::MAX } else { key }).cast_unsigned())
}

/// The failure with its code alone: of a text, SQLite would pass on the text and not the code.
fn coded(error: Error) -> Error {
    match error {
        Error::SqliteFailure(code, _) => Error::SqliteFailure(code, None),
        other => other,
    }
}
