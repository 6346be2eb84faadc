//! Runs a compiled query and hands out its rows as encoded pieces.

use super::encode::{Encoder, Form, ReadFormat};
use crate::soda::{OutputColumns, Value};
use crate::store::versions::Versions;
use crate::store::{Entry, ReadTx, RowQuery, Select, StoreError};
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

impl Facts {
    /// Rows of a query in a format, without anything around them.
    pub fn new(select: Select, format: ReadFormat) -> Self {
        let Select { sql, params, columns } = select;
        Self { sql, params, columns, format, form: Form::default(), single: false }
    }

    /// The row with this key.
    pub fn of_row(query: &RowQuery, key: Value<'static>, format: ReadFormat) -> Self {
        Self {
            sql: Arc::clone(&query.sql),
            params: vec![key],
            columns: Arc::clone(&query.columns),
            format,
            form: Form::default(),
            single: true,
        }
    }
}

/// Runs the query inside the caller's transaction. `head` is called when the first piece is ready,
/// so that most failures still have a status of their own, with whether there is a row; `piece`
/// takes the text and says whether to go on.
pub fn run(
    tx: &ReadTx<'_>,
    entry: &Entry,
    facts: &Facts,
    head: impl FnOnce(Head, bool) -> bool,
    mut piece: impl FnMut(Vec<u8>) -> bool,
) -> Result<(), StoreError> {
    let versions = Versions::of(tx, &entry.dataset)?;
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
    let (mut any, mut wanted) = (false, true);
    tx.rows(&facts.sql, &facts.params, |row| {
        any = true;
        let cell = |index: usize| row.value(index);
        if facts.single {
            encoder.single(&entry.cipher, cell, &mut out);
            return Ok(false);
        }
        encoder.row(&entry.cipher, cell, &mut out);
        if out.len() >= PIECE {
            wanted = hand_out(std::mem::replace(&mut out, Vec::with_capacity(PIECE + 4096)), any);
        }
        Ok(wanted)
    })?;
    if !wanted {
        return Ok(());
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
    tx: &ReadTx<'_>,
    entry: &Entry,
    query: &RowQuery,
    facts: &Facts,
) -> Result<Option<(Head, Vec<u8>)>, StoreError> {
    let mut found = None;
    tx.rows(&query.with_versions, &facts.params, |row| {
        let versions = Versions::checked(Some(Versions::read(row)?), &entry.dataset)?;
        let mut out = Vec::with_capacity(512);
        let mut encoder = Encoder::new(facts.format, &facts.form, &facts.columns);
        encoder.single(&entry.cipher, |index| row.value(Versions::WIDTH + index), &mut out);
        found = Some((Head { versions }, out));
        Ok(false)
    })?;
    if found.is_none() {
        // Whether it is the dataset that is not there any more.
        Versions::of(tx, &entry.dataset)?;
    }
    Ok(found)
}
