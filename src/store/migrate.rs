//! Brings a database to the newest format.

use super::StoreError;
use rusqlite::Connection;

/// Every step, in order. The format of a database is the number of steps it has seen.
const STEPS: [&str; 3] = [
    include_str!("../../migrations/0001_catalogue.sql"),
    include_str!("../../migrations/0002_permissions.sql"),
    include_str!("../../migrations/0003_publishing.sql"),
];

/// The format of new databases.
pub(super) const NEWEST: i64 = STEPS.len() as i64;

/// What marks a file as ours, in SQLite's header: `SODA`.
const APPLICATION: i64 = 0x534F_4441;

/// Whether a database was made by this program.
pub fn is_ours(connection: &Connection) -> Result<bool, StoreError> {
    let pragma = |name: &str| connection.query_row(name, [], |row| row.get::<_, i64>(0));
    if pragma("PRAGMA application_id")? == APPLICATION {
        return Ok(true);
    }
    // The first format had no mark.
    let catalogue =
        "SELECT count(*) FROM sqlite_schema WHERE type='table' AND name IN ('datasets','columns','settings')";
    Ok(pragma("PRAGMA application_id")? == 0
        && pragma("PRAGMA user_version")? >= 1
        && pragma(catalogue)? == 3)
}

fn is_new(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM sqlite_schema";
    Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0)
}

/// Refuses a database of another format than the newest, which a reader cannot bring up to date.
pub fn check_format(connection: &Connection) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = NEWEST;
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Err(StoreError::OlderDatabase { found, known }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::NewerDatabase { found, known }),
    }
}

/// Runs the steps that are missing; a database from the future and one of another program are
/// refused.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if !is_ours(connection)? && !is_new(connection)? {
        return Err(StoreError::NotOurs("it belongs to another program".to_owned()));
    }
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = NEWEST;
    if found > known {
        return Err(StoreError::NewerDatabase { found, known });
    }
    if found == known {
        return Ok(());
    }
    step(connection, found, known)
}

/// Makes an empty database as it was in an older format; [`migrate`] brings it up to date.
pub(super) fn start_at(connection: &mut Connection, format: i64) -> Result<(), StoreError> {
    step(connection, 0, format)
}

/// Runs the steps between two formats.
fn step(connection: &mut Connection, from: i64, to: i64) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let steps = usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
    for step in STEPS.get(steps).unwrap_or_default() {
        tx.execute_batch(step)?;
    }
    tx.execute_batch(&format!("PRAGMA user_version={to}; PRAGMA application_id={APPLICATION}"))?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_first_format_keeps_who_sees_what() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(STEPS[0]).unwrap();
        let dataset = "INSERT INTO datasets VALUES (?1, ?2, NULL, 'n', ?3, 'published', NULL, 'me', 5, 0, 0, 1, 0, x'00', NULL, '{}')";
        for (number, id, public) in [(1, "aaaa-2222", true), (2, "aaaa-3333", false)] {
            connection.execute(dataset, (number, id, public)).unwrap();
        }
        connection.execute_batch("PRAGMA user_version=1").unwrap();
        assert!(matches!(check_format(&connection), Err(StoreError::OlderDatabase { found: 1, .. })));
        migrate(&mut connection).unwrap();
        check_format(&connection).unwrap();
        let rows: Vec<(String, String, String, i64)> = connection
            .prepare("SELECT scope, shares, owner, metadata_updated_at FROM datasets ORDER BY number")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let row = |scope: &str| (scope.to_owned(), "[]".to_owned(), "me".to_owned(), 5000);
        assert_eq!(rows, [row("public"), row("private")]);
    }
}
