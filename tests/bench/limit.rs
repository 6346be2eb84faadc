//! What SQLite and a parser can do in one thread of one process, without any check: the limit that
//! the server is held against.

use rusqlite::Connection;
use serde::Deserialize;
use serde::de::{SeqAccess, Visitor};
use soda_mock::clock::monotonic;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Keys in no order, as ids from several sources are.
pub fn key(n: usize) -> usize {
    n * 7_368_787 % 100_000_000
}

/// The cells of a row that differ: key, magnitude, depth, stations, version and the seconds of `at`.
fn cells(n: usize) -> [String; 6] {
    [
        format!("nc{:08}", key(n)),
        format!("{}.{}", n % 8, n % 10),
        format!("{}.25", n % 700),
        (n % 400).to_string(),
        (n % 10).to_string(),
        format!("{:02}", n % 60),
    ]
}

/// A row as JSON.
pub fn row(n: usize) -> String {
    let [key, magnitude, depth, stations, version, seconds] = cells(n);
    format!(
        r#"{{"k":"{key}","region":"12km NW of The Geysers, California","source":"nc","magnitude":{magnitude},"depth":{depth},"stations":{stations},"version":"{version}","at":"2012-09-14T22:38:{seconds}"}}"#
    )
}

/// So many rows as a JSON array.
pub fn body(count: usize) -> String {
    let mut body = String::from("[");
    for n in 0..count {
        let _ = write!(body, "{}{}", if n > 0 { ",\n" } else { "" }, row(n));
    }
    body.push(']');
    body
}

/// The same rows as CSV.
pub fn csv(count: usize) -> String {
    let mut body = String::from("k,region,source,magnitude,depth,stations,version,at\n");
    for n in 0..count {
        let [key, magnitude, depth, stations, version, seconds] = cells(n);
        let _ = writeln!(
            body,
            "{key},\"12km NW of The Geysers, California\",nc,{magnitude},{depth},{stations},{version},2012-09-14T22:38:{seconds}"
        );
    }
    body
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    k: Cow<'a, str>,
    #[serde(borrow)]
    region: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    magnitude: f64,
    depth: f64,
    stations: f64,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    at: Cow<'a, str>,
}

/// Stores rows.
struct Insert<'c>(rusqlite::Statement<'c>);

impl<'c> Insert<'c> {
    fn new(connection: &'c Connection) -> Self {
        let sql = "INSERT INTO d VALUES(NULL,?1,?2,?3,?4,?5,?6,?7,?8) ON CONFLICT(k) DO UPDATE SET region=excluded.region,source=excluded.source,magnitude=excluded.magnitude,depth=excluded.depth,stations=excluded.stations,version=excluded.version,at=excluded.at";
        Self(connection.prepare(sql).unwrap())
    }

    fn row(&mut self, row: &Row<'_>) {
        let (k, region, source) = (row.k.as_ref(), row.region.as_ref(), row.source.as_ref());
        let texts = (row.version.as_ref(), row.at.as_ref());
        self.0
            .execute((k, region, source, row.magnitude, row.depth, row.stations, texts.0, texts.1))
            .unwrap();
    }
}

/// Stores rows while they are read.
impl<'de> Visitor<'de> for Insert<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut rows: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while let Some(row) = rows.next_element::<Row<'de>>()? {
            self.row(&row);
            count += 1;
        }
        Ok(count)
    }
}

fn table(connection: &Connection) {
    connection
        .execute_batch("CREATE TABLE d(sid INTEGER PRIMARY KEY, k TEXT NOT NULL UNIQUE, region TEXT, source TEXT, magnitude REAL, depth REAL, stations REAL, version TEXT, at TEXT)")
        .unwrap();
}

fn timed(connection: &Connection, rows: usize, load: impl FnOnce(Insert<'_>) -> usize) -> Duration {
    let started = monotonic();
    connection.execute_batch("BEGIN").unwrap();
    let count = load(Insert::new(connection));
    connection.execute_batch("COMMIT").unwrap();
    assert_eq!(count, rows);
    started.elapsed()
}

/// Limit A, a serde_json visitor and a typed insert: insert, then update. In memory, or in a file
/// with SQLite's log and `synchronous=NORMAL`.
pub fn json(body: &str, rows: usize, file: Option<&Path>) -> (Duration, Duration) {
    let connection = match file {
        Some(path) => Connection::open(path).unwrap(),
        None => Connection::open_in_memory().unwrap(),
    };
    if file.is_some() {
        connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL").unwrap();
    }
    table(&connection);
    let once = || {
        timed(&connection, rows, |insert| {
            serde::Deserializer::deserialize_seq(&mut serde_json::Deserializer::from_str(body), insert)
                .unwrap()
        })
    };
    (once(), once())
}

/// The csv crate and a typed insert, in memory: insert, then update.
pub fn of_csv(body: &str, rows: usize) -> (Duration, Duration) {
    let connection = Connection::open_in_memory().unwrap();
    table(&connection);
    let once = || {
        timed(&connection, rows, |mut insert| {
            let mut reader = csv::Reader::from_reader(body.as_bytes());
            let (headers, mut record) = (reader.headers().unwrap().clone(), csv::StringRecord::new());
            let mut count = 0;
            while reader.read_record(&mut record).unwrap() {
                insert.row(&record.deserialize(Some(&headers)).unwrap());
                count += 1;
            }
            count
        })
    };
    (once(), once())
}
