//! Runs a compiled query and hands out its rows as encoded pieces.

use super::encode::{Encoder, Form, ReadFormat};
use crate::soda::{OutputColumns, Value};
use crate::store::rows::bind;
use crate::store::versions::Versions;
use crate::store::{Connection, Entry, RowQuery, StoreError};
use std::sync::Arc;

/// A query ready to run.
#[derive(Clone, Debug)]
pub struct Facts {
    /// SQL with parameters only.
    pub sql: Arc<str>,
    /// The parameters.
    pub params: Vec<Value<'static>>,
    /// The output columns.
    pub columns: Arc<OutputColumns>,
    /// The format.
    pub format: ReadFormat,
    /// How the answer is dressed.
    pub form: Form,
    /// Whether one row is answered, not a list.
    pub single: bool,
}

/// What is known before the first row.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The versions of the data that is read.
    pub versions: Versions,
}

/// Pieces of about this size are handed out.
const PIECE: usize = 64 * 1024;

/// Runs the query inside the caller's transaction. `head` is called when the first piece is ready,
/// so that most failures still have a status of their own, with whether there is a row; `piece`
/// takes the text and says whether to go on.
pub fn run(
    connection: &Connection,
    entry: &Entry,
    facts: &Facts,
    head: impl FnOnce(Head, bool) -> bool,
    mut piece: impl FnMut(Vec<u8>) -> bool,
) -> Result<(), StoreError> {
    let versions = Versions::of(connection, &entry.dataset)?;
    let mut statement = connection.prepare_cached(&facts.sql)?;
    bind(&mut statement, &facts.params)?;
    let mut rows = statement.raw_query();
    let mut encoder = Encoder::new(facts.format, &facts.form, &facts.columns);
    let mut out = Vec::with_capacity(4096);
    let mut head = Some(head);
    let mut hand_out = |out: Vec<u8>, any: bool| match head.take() {
        Some(head) => head(Head { versions }, any) && piece(out),
        None => piece(out),
    };
    if !facts.single {
        encoder.begin(&mut out);
    }
    let mut any = false;
    while let Some(row) = rows.next()? {
        any = true;
        let cell = |index: usize| row.get_ref(index).map_or(Value::Null, Value::from);
        if facts.single {
            encoder.single(&entry.cipher, cell, &mut out);
            break;
        }
        encoder.row(&entry.cipher, cell, &mut out);
        if out.len() >= PIECE && !hand_out(std::mem::replace(&mut out, Vec::with_capacity(PIECE + 4096)), any)
        {
            return Ok(());
        }
    }
    if !facts.single {
        encoder.end(&mut out);
    }
    hand_out(out, any);
    Ok(())
}

/// One row by what identifies it, with the versions of its dataset; the key is the only parameter of
/// `facts`. None when it is not there.
pub fn single(
    connection: &Connection,
    entry: &Entry,
    query: &RowQuery,
    facts: &Facts,
) -> Result<Option<(Head, Vec<u8>)>, StoreError> {
    let mut statement = connection.prepare_cached(&query.with_versions)?;
    bind(&mut statement, &facts.params)?;
    let mut rows = statement.raw_query();
    let Some(row) = rows.next()? else {
        // Whether it is the dataset that is not there any more.
        return Versions::of(connection, &entry.dataset).map(|_| None);
    };
    let versions = Versions::checked(Some(Versions::read(row)?), &entry.dataset)?;
    let cell = |index: usize| row.get_ref(Versions::WIDTH + index).map_or(Value::Null, Value::from);
    let mut out = Vec::with_capacity(512);
    let mut encoder = Encoder::new(facts.format, &facts.form, &facts.columns);
    encoder.single(&entry.cipher, cell, &mut out);
    Ok(Some((Head { versions }, out)))
}

/// SQLite's plan of the query, a line for each step.
pub fn explain(connection: &Connection, facts: &Facts) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("EXPLAIN QUERY PLAN {}", facts.sql))?;
    bind(&mut statement, &facts.params)?;
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        steps.push(row.get(3)?);
    }
    Ok(steps)
}
