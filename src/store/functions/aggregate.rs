//! The names under which SQL calls aggregates that SQLite lacks or does not compute exactly.

use super::doubles::{DoubleDeviation, DoubleSum};
use super::extent::Extent;
use super::fold::{Fold, Folding};
use super::median::Median;
use super::sums::{Average, Deviation, INTERCEPT, R2, Regression, SLOPE, Sum};
use super::unions::{Lines, Points, Polygons, Union};
use crate::memory::Room;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Result};

/// Registers the aggregates, which take their memory from `room`.
pub fn register(connection: &Connection, room: &Room) -> Result<()> {
    fn one<F: Fold>(connection: &Connection, room: &Room, name: &str, arguments: i32) -> Result<()> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_window_function(name, arguments, flags, Folding::<F>::new(room.clone()))
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
    use rusqlite::types::Value;

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
