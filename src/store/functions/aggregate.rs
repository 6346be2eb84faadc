//! Aggregates that SQLite lacks or does not compute exactly; all of them work over windows too.
//!
//! What they remember of a group's rows takes memory from one share for all queries of the process.

use super::doubles::{DoubleDeviation, DoubleSum};
use super::extent::Extent;
use super::median::Median;
use super::sums::{Average, Deviation, INTERCEPT, R2, Regression, SLOPE, Sum};
use super::unions::{Lines, Points, Polygons, Union};
use super::{RuntimeError, failure::keep, held::with_memory, stop};
use crate::memory::{Held, Room};
use rusqlite::functions::{Aggregate, Context, FunctionFlags, WindowAggregate};
use rusqlite::types::Value;
use rusqlite::{Connection, Result};
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// Bytes are taken from the share in steps of so many.
const STEP: usize = 4096;

/// What an aggregate remembers of its rows.
pub trait Fold: Default + Send + UnwindSafe + RefUnwindSafe + 'static {
    /// Whether rows have shapes, which take memory while they are read.
    const SHAPES: bool = false;

    /// Takes a row in.
    fn add(&mut self, arguments: &Context<'_>) -> Result<()>;
    /// Takes a row out of a window.
    fn remove(&mut self, arguments: &Context<'_>) -> Result<()>;
    /// The result so far.
    fn value(&mut self) -> Result<Option<Value>>;

    /// The result after which nothing more is asked.
    fn last_value(&mut self) -> Result<Option<Value>> {
        self.value()
    }

    /// Bytes on the heap that the rows so far take.
    fn bytes(&self) -> usize;

    /// Bytes that computing the result takes beside them.
    fn bytes_of_value(&self) -> usize {
        0
    }

    /// Goes on with less memory, as there is no more; false when it cannot.
    fn reduce(&mut self) -> Result<bool> {
        Ok(false)
    }
}

struct Folding<F>(Room, PhantomData<fn() -> F>);

/// A fold and the memory that it has.
struct Charged<F> {
    fold: F,
    held: Held,
}

impl<F: Fold> Charged<F> {
    fn change(&mut self, room: &Room, change: impl FnOnce(&mut F) -> Result<()>) -> Result<()> {
        // The switch is looked at for each row: a row may be long.
        if stop::is_stopped() {
            return Err(RuntimeError::Stopped.into());
        }
        let changed =
            if F::SHAPES { with_memory(room, || change(&mut self.fold)) } else { change(&mut self.fold) };
        keep(changed)?;
        self.hold(self.fold.bytes())
    }

    /// Has room for so many bytes, or makes do with less.
    fn hold(&mut self, bytes: usize) -> Result<()> {
        if bytes as u64 <= self.held.bytes() || self.held.grow_to(bytes.next_multiple_of(STEP)) {
            return Ok(());
        }
        if !self.fold.reduce()? {
            return Err(RuntimeError::OutOfMemory.into());
        }
        self.held.shrink_to(self.fold.bytes());
        Ok(())
    }

    fn value(
        &mut self,
        room: &Room,
        compute: impl FnOnce(&mut F) -> Result<Option<Value>>,
    ) -> Result<Option<Value>> {
        // SQLite ends the aggregates of a read that was stopped too.
        if stop::is_stopped() {
            return Err(RuntimeError::Stopped.into());
        }
        self.hold(self.fold.bytes() + self.fold.bytes_of_value())?;
        let value = keep(with_memory(room, || compute(&mut self.fold)));
        self.held.shrink_to(self.fold.bytes());
        value
    }
}

impl<F: Fold> Aggregate<Charged<F>, Option<Value>> for Folding<F> {
    fn init(&self, _: &mut Context<'_>) -> Result<Charged<F>> {
        Ok(Charged { fold: F::default(), held: self.0.holder() })
    }

    fn step(&self, arguments: &mut Context<'_>, state: &mut Charged<F>) -> Result<()> {
        state.change(&self.0, |fold| fold.add(arguments))
    }

    fn finalize(&self, _: &mut Context<'_>, state: Option<Charged<F>>) -> Result<Option<Value>> {
        state.map_or(Ok(None), |mut state| state.value(&self.0, F::last_value))
    }
}

impl<F: Fold> WindowAggregate<Charged<F>, Option<Value>> for Folding<F> {
    fn value(&self, state: Option<&mut Charged<F>>) -> Result<Option<Value>> {
        state.map_or(Ok(None), |state| state.value(&self.0, F::value))
    }

    fn inverse(&self, arguments: &mut Context<'_>, state: &mut Charged<F>) -> Result<()> {
        state.change(&self.0, |fold| fold.remove(arguments))
    }
}

/// Registers the aggregates, which take their memory from `room`.
pub fn register(connection: &Connection, room: &Room) -> Result<()> {
    fn one<F: Fold>(connection: &Connection, room: &Room, name: &str, arguments: i32) -> Result<()> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_window_function(name, arguments, flags, Folding::<F>(room.clone(), PhantomData))
    }
    one::<Sum>(connection, room, "soql_sum", 1)?;
    one::<Average>(connection, room, "soql_avg", 1)?;
    one::<Deviation<false>>(connection, room, "soql_stddev_pop", 1)?;
    one::<Deviation<true>>(connection, room, "soql_stddev_samp", 1)?;
    one::<Regression<SLOPE>>(connection, room, "soql_regr_slope", 2)?;
    one::<Regression<INTERCEPT>>(connection, room, "soql_regr_intercept", 2)?;
    one::<Regression<R2>>(connection, room, "soql_regr_r2", 2)?;
    one::<DoubleSum<false>>(connection, room, "soql_double_sum", 1)?;
    one::<DoubleSum<true>>(connection, room, "soql_double_avg", 1)?;
    one::<DoubleDeviation<false>>(connection, room, "soql_double_stddev_pop", 1)?;
    one::<DoubleDeviation<true>>(connection, room, "soql_double_stddev_samp", 1)?;
    one::<Extent>(connection, room, "soql_extent", 1)?;
    one::<Union<Points>>(connection, room, "soql_union_points", 1)?;
    one::<Union<Lines>>(connection, room, "soql_union_lines", 1)?;
    one::<Union<Polygons>>(connection, room, "soql_union_polygons", 1)?;
    one::<Median>(connection, room, "soql_median", 2)
}

#[cfg(test)]
mod tests {
    use super::super::register;
    use super::*;
    use rusqlite::ErrorCode;

    const ROWS: i64 = 1000;
    /// More than any of the groups needs.
    const LARGE: u64 = 1 << 30;
    /// A small part of it.
    const SMALL: u64 = 8 * 1024;

    /// Values in no order, many of them more than once, and points from west to east.
    fn connection(room: &Room) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection, room).unwrap();
        let shared = room.clone();
        let flags = FunctionFlags::SQLITE_UTF8;
        connection
            .create_scalar_function("used", 0, flags, move |_| Ok(shared.used().cast_signed()))
            .unwrap();
        connection.execute_batch("CREATE TABLE t(g, n, d, i, u, p)").unwrap();
        let insert = "INSERT INTO t VALUES(?1 % 7, ?2, ?2 / 8.0 - 100.0, CAST(?2 AS INTEGER) / 3, ?3, ?4)";
        for row in 0..ROWS {
            let value = row * 7919 % 500;
            let number = if value % 2 == 0 { format!("{value}.50") } else { format!("{value}") };
            let link = format!("{{\"url\":\"{}\"}}", value % 40);
            let point = format!("{{\"type\":\"Point\",\"coordinates\":[{row}.5,{}]}}", row % 90);
            connection.execute(insert, (row, number, link, point)).unwrap();
        }
        connection
    }

    fn answer(room: &Room, sql: &str) -> Result<Vec<Value>> {
        let connection = connection(room);
        let mut statement = connection.prepare(sql)?;
        statement.query_map([], |row| row.get(0))?.collect()
    }

    #[test]
    fn medians_and_boxes_are_the_same_with_little_memory() {
        for sql in [
            "SELECT soql_median('number', n) FROM t",
            "SELECT soql_median('number', n) FROM t WHERE n > '5' AND rowid <> 7",
            "SELECT soql_median('text', n) FROM t GROUP BY g ORDER BY g",
            "SELECT soql_median('double', d) FROM t GROUP BY g ORDER BY g",
            "SELECT soql_median('double', -d * 0) FROM t WHERE rowid < 900",
            "SELECT soql_median('fixed_timestamp', i) FROM t",
            "SELECT soql_median('url', u) FROM t GROUP BY g ORDER BY g",
            "SELECT soql_median('number', n) OVER (PARTITION BY g ORDER BY rowid ROWS 60 PRECEDING) FROM t WHERE rowid < 700",
            "SELECT soql_median('number', n) OVER (PARTITION BY g) FROM t ORDER BY rowid",
            "SELECT soql_median('url', u) OVER (ORDER BY rowid ROWS BETWEEN 100 PRECEDING AND 50 FOLLOWING) FROM t WHERE rowid < 250",
            "SELECT soql_median('number', n) FROM t WHERE false",
            "SELECT soql_extent(p) FROM t",
            "SELECT soql_extent(p) FROM t GROUP BY g ORDER BY g",
            "SELECT soql_extent(p) OVER (ORDER BY rowid) FROM t ORDER BY rowid",
            "SELECT soql_extent(p) OVER (ORDER BY rowid ROWS 20 PRECEDING) FROM t ORDER BY rowid",
        ] {
            let (large, small) = (Room::new(LARGE), Room::new(SMALL));
            let expected = answer(&large, sql).unwrap();
            assert!(!expected.is_empty());
            assert!(answer(&small, sql).unwrap() == expected, "{sql}");
            assert_eq!((large.used(), small.used()), (0, 0), "{sql}");
        }
    }

    #[test]
    fn what_aggregates_remember_is_counted() {
        for (call, least) in [
            ("soql_median('number', n)", ROWS * 40),
            ("soql_median('double', d)", ROWS * 32),
            ("soql_extent(p)", ROWS * 16),
            ("soql_union_points(p)", ROWS * 16),
            ("soql_sum('1e' || (100 * rowid))", 40_000),
            ("soql_avg('1e-' || rowid)", ROWS * 16),
            ("soql_stddev_pop('1e' || (100 * rowid))", 80_000),
            ("soql_regr_r2('1e-' || (16 * rowid), n)", 10_000),
        ] {
            let sql = format!("SELECT max(used()), {call} FROM t");
            let used = answer(&Room::new(LARGE), &sql).unwrap();
            assert!(matches!(used[..], [Value::Integer(used)] if used > least), "{call}: {used:?}");
            match answer(&Room::new(SMALL), &sql) {
                Ok(used) => {
                    let within = matches!(used[..], [Value::Integer(used)] if used <= SMALL.cast_signed());
                    assert!(within, "{call}: {used:?}");
                }
                Err(error) => assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OutOfMemory), "{call}"),
            }
        }
    }

    #[test]
    fn what_can_neither_be_made_smaller_nor_go_to_a_file_is_refused() {
        for sql in [
            "SELECT soql_union_points(p) FROM t",
            "SELECT soql_extent(p) OVER (ORDER BY rowid ROWS 900 PRECEDING) FROM t",
            "SELECT soql_sum('1e' || (100 * rowid)) FROM t",
        ] {
            let room = Room::new(SMALL);
            let error = answer(&room, sql).unwrap_err();
            assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OutOfMemory), "{sql}: {error}");
            assert_eq!(room.used(), 0, "{sql}");
        }
    }
}
