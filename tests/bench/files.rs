//! What reading an uploaded file costs: `cargo bench --bench files`. A CSV of 100,000 rows and 10 columns is read and
//! its types are guessed from all rows; beside it stands the csv crate, which splits the same text and keeps nothing.
//! Times are the best of several rounds in one thread.
#![allow(clippy::unwrap_used)]

use soda_mock::clock::monotonic;
use soda_mock::memory::Room;
use soda_mock::source_file::{Bounds, FileKind, Guess, ParseOptions, SourceRow, open};
use std::fmt::Write as _;
use std::io::Cursor;
use std::time::Duration;

const ROWS: usize = 100_000;
const ROUNDS: usize = 7;
/// What is promised, on one core of an ordinary machine.
const PROMISED: Duration = Duration::from_millis(100);

fn text() -> String {
    let mut text = String::from("k,region,source,magnitude,depth,stations,version,at,flag,code\n");
    for n in 0..ROWS {
        let (magnitude, depth, stations, seconds) = (n % 8, n % 700, n % 400, n % 60);
        let _ = writeln!(
            text,
            "nc{n:08},\"12km NW of The Geysers, California\",nc,{magnitude}.{},{depth}.25,{stations},{},2012-09-14T22:38:{seconds:02},{},{:05}",
            n % 10,
            n % 10,
            n % 2 == 0,
            n % 7000
        );
    }
    text
}

/// The best of several rounds.
fn best(mut work: impl FnMut() -> usize) -> Duration {
    let round = |_| {
        let started = monotonic();
        assert_eq!(work(), ROWS);
        started.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap()
}

fn read(bytes: &[u8], guesses: bool) -> usize {
    let bounds = Bounds::new(&Room::new(1 << 30));
    let mut rows =
        open(FileKind::Csv, &ParseOptions::default(), Cursor::new(bytes.to_vec()), &bounds).unwrap();
    let mut guess = Guess::new(rows.columns());
    let mut count = 0;
    while let Some(row) = rows.next().unwrap() {
        if let SourceRow::Cells(cells) = row {
            count += 1;
            if guesses {
                guess.see(&cells);
            }
        }
    }
    assert_eq!(guess.finish().len(), 10);
    count
}

fn split(bytes: &[u8]) -> usize {
    let mut reader = csv::Reader::from_reader(bytes);
    let (mut record, mut count) = (csv::StringRecord::new(), 0);
    while reader.read_record(&mut record).unwrap() {
        count += 1;
    }
    count
}

fn main() {
    let text = text().into_bytes();
    let limit = best(|| split(&text));
    let (plain, guessed) = (best(|| read(&text, false)), best(|| read(&text, true)));
    println!("{ROWS} rows of 10 columns, {} KiB, best of {ROUNDS} rounds", text.len() / 1024);
    println!("csv crate, split only    {limit:>8.1?}");
    println!(
        "read                     {plain:>8.1?}  {:.2} x the csv crate",
        plain.as_secs_f64() / limit.as_secs_f64()
    );
    println!("read and guessed         {guessed:>8.1?}  promised {PROMISED:?}");
}
