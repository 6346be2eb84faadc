//! Bytes that were uploaded, in pieces. A content is complete once and for all; before that its chunks come in
//! any order, and a chunk that comes again takes the place of its first.

use crate::soda::{Column, Dataset, ErrorCode, SodaError, Value};
use crate::store::{ReadTx, Store, StoreError, WriteTx};
use rusqlite::{OptionalExtension as _, params};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Bytes of a piece, but for the last of a chunk.
pub const PIECE: usize = 256 * 1024;

/// A chunk on its way: its pieces are stored as they come, and count once all are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arriving {
    /// The content that it belongs to.
    pub content: i64,
    /// Its place among the chunks.
    pub seq: i64,
    /// Its own id.
    pub chunk: i64,
}

/// A content without bytes.
pub fn new_content(tx: &WriteTx<'_>) -> Result<i64, StoreError> {
    let id = super::new_id(tx)?;
    tx.execute("INSERT INTO contents(id, length, complete) VALUES (?1, 0, 0)", [id])?;
    Ok(id)
}

/// Begins a chunk of a content that is not complete.
pub fn begin_chunk(tx: &WriteTx<'_>, content: i64, seq: i64) -> Result<Arriving, StoreError> {
    check_open(tx, content)?;
    let chunk = super::new_id(tx)?;
    let sql = "INSERT INTO content_chunks(chunk, content, seq) VALUES (?1, ?2, ?3)";
    tx.execute(sql, [chunk, content, seq])?;
    Ok(Arriving { content, seq, chunk })
}

/// Stores the next piece of a chunk.
pub fn put_piece(tx: &WriteTx<'_>, chunk: Arriving, number: usize, bytes: &[u8]) -> Result<(), StoreError> {
    check_open(tx, chunk.content)?;
    let sql = "INSERT INTO content_pieces(chunk, number, bytes) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute(params![chunk.chunk, number as i64, bytes])?;
    Ok(())
}

/// All pieces of a chunk are there. It takes the place of an earlier one with the same number.
pub fn arrived(tx: &WriteTx<'_>, chunk: Arriving, length: u64) -> Result<(), StoreError> {
    check_open(tx, chunk.content)?;
    let earlier = "DELETE FROM content_chunks WHERE content=?1 AND seq=?2 AND length IS NOT NULL";
    tx.execute(earlier, [chunk.content, chunk.seq])?;
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    tx.execute("UPDATE content_chunks SET length=?2 WHERE chunk=?1", [chunk.chunk, length])?;
    Ok(())
}

/// Refuses what comes after the end of an upload.
fn check_open(tx: &ReadTx<'_>, content: i64) -> Result<(), StoreError> {
    let sql = "SELECT complete FROM contents WHERE id=?1";
    let complete: Option<bool> = tx.query_row(sql, [content], |row| row.get(0)).optional()?;
    match complete {
        Some(false) => Ok(()),
        Some(true) => Err(SodaError::new(ErrorCode::UploadComplete, "The upload of this source is complete")
            .hint("Bytes are sent once: make another source for other bytes.")
            .into()),
        None => Err(not_begun().into()),
    }
}

/// The refusal of an end without a beginning.
pub fn not_begun() -> SodaError {
    SodaError::new(ErrorCode::UploadIncomplete, "The upload of this source has not begun")
        .hint("Send its bytes first: POST /source/N, or POST …/initiate and chunks.")
}

/// The upload has ended: chunks 0 to `last` are the whole of it, `length` bytes if that was told. Returns how many
/// bytes there are.
pub fn commit(tx: &WriteTx<'_>, content: i64, last: i64) -> Result<u64, StoreError> {
    check_open(tx, content)?;
    let sql = "SELECT count(*), coalesce(min(seq), 0), coalesce(max(seq), -1), coalesce(sum(length), 0)
         FROM content_chunks WHERE content=?1 AND length IS NOT NULL";
    let (count, first, highest, length): (i64, i64, i64, i64) =
        tx.query_row(sql, [content], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    if first != 0 || highest != last || count != last + 1 {
        let message = format!("Of chunks 0 to {last} not all have arrived, or others too");
        return Err(SodaError::new(ErrorCode::UploadIncomplete, message)
            .data(serde_json::json!({ "last": last, "arrived": count, "highest": highest }))
            .hint("Commit names the last chunk; send each chunk from 0 to it, in any order, and commit then.")
            .into());
    }
    tx.execute("UPDATE contents SET length=?2, complete=1 WHERE id=?1", [content, length])?;
    // Chunks whose bodies broke off.
    tx.execute("DELETE FROM content_chunks WHERE content=?1 AND length IS NULL", [content])?;
    Ok(length.unsigned_abs())
}

/// A complete content of these bytes.
pub fn put_content(tx: &WriteTx<'_>, bytes: &[u8]) -> Result<i64, StoreError> {
    let content = new_content(tx)?;
    let chunk = begin_chunk(tx, content, 0)?;
    for (number, piece) in bytes.chunks(PIECE).enumerate() {
        put_piece(tx, chunk, number, piece)?;
    }
    arrived(tx, chunk, bytes.len() as u64)?;
    commit(tx, content, 0)?;
    Ok(content)
}

/// Takes the rows of a dataset over as a content: each the length of its cells, then the cells as values are encoded.
/// Returns the content and how many rows there are.
pub fn take_rows(tx: &WriteTx<'_>, dataset: &Dataset) -> Result<(i64, u64), StoreError> {
    let content = new_content(tx)?;
    let chunk = begin_chunk(tx, content, 0)?;
    let columns: Vec<String> = dataset.columns.iter().map(Column::sql).collect();
    let list = if columns.is_empty() { "sid".to_owned() } else { columns.join(",") };
    let sql = format!("SELECT {list} FROM {} ORDER BY sid", dataset.table());
    let mut statement = tx.prepare_cached(&sql)?;
    let mut found = statement.query([])?;
    let (mut held, mut pieces, mut length, mut rows) = (Vec::new(), 0, 0, 0);
    while let Some(row) = found.next()? {
        let start = held.len();
        held.extend_from_slice(&[0; 4]);
        for index in 0..columns.len() {
            Value::from(row.get_ref(index)?).encode(&mut held);
        }
        let cells = u32::try_from(held.len() - start - 4).unwrap_or(u32::MAX);
        held[start..start + 4].copy_from_slice(&cells.to_le_bytes());
        length += u64::from(cells) + 4;
        rows += 1;
        while held.len() >= PIECE {
            put_piece(tx, chunk, pieces, &held[..PIECE])?;
            held.drain(..PIECE);
            pieces += 1;
        }
    }
    if !held.is_empty() {
        put_piece(tx, chunk, pieces, &held)?;
    }
    arrived(tx, chunk, length)?;
    commit(tx, content, 0)?;
    Ok((content, rows))
}

/// Removes contents that no source, no revision and no attachment has.
pub fn forget_unused(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    let sql = "DELETE FROM contents WHERE id NOT IN
           (SELECT body ->> '$.content' FROM sources WHERE body ->> '$.content' IS NOT NULL
            UNION SELECT body ->> '$.archive.content' FROM revisions WHERE body ->> '$.archive.content' IS NOT NULL
            UNION SELECT content FROM attachments)";
    tx.execute(sql, [])?;
    Ok(())
}

/// Where the bytes of a chunk begin in its content.
#[derive(Clone, Copy, Debug)]
struct Span {
    chunk: i64,
    start: u64,
    length: u64,
}

/// Reads a complete content, a piece at a time.
pub struct ContentReader {
    store: Arc<Store>,
    spans: Vec<Span>,
    length: u64,
    at: u64,
    /// The piece that was read last, and where it begins.
    piece: Vec<u8>,
    piece_at: u64,
}

impl Store {
    /// The bytes of a complete content.
    pub fn content(self: &Arc<Self>, content: i64) -> Result<ContentReader, StoreError> {
        let spans = self.read(|tx| {
            let sql = "SELECT chunk, length FROM content_chunks WHERE content=?1 ORDER BY seq";
            let mut statement = tx.prepare_cached(sql)?;
            let mut rows = statement.query([content])?;
            let (mut spans, mut start) = (Vec::new(), 0);
            while let Some(row) = rows.next()? {
                let length = row.get::<_, i64>(1)?.unsigned_abs();
                spans.push(Span { chunk: row.get(0)?, start, length });
                start += length;
            }
            Ok(spans)
        })?;
        let length = spans.last().map_or(0, |span| span.start + span.length);
        Ok(ContentReader { store: Arc::clone(self), spans, length, at: 0, piece: Vec::new(), piece_at: 0 })
    }
}

impl ContentReader {
    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes from the current place on that one piece holds; none at the end.
    fn available(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.length {
            return Ok(&[]);
        }
        let held = self.piece_at..self.piece_at + self.piece.len() as u64;
        if !held.contains(&self.at) {
            self.load()?;
        }
        let offset = usize::try_from(self.at - self.piece_at).unwrap_or(usize::MAX);
        self.piece.get(offset..).ok_or_else(missing)
    }

    fn load(&mut self) -> io::Result<()> {
        let index = self.spans.partition_point(|span| span.start + span.length <= self.at);
        let span = *self.spans.get(index).ok_or_else(missing)?;
        let number = (self.at - span.start) / PIECE as u64;
        let piece = self.store.read_alone(|tx| {
            let sql = "SELECT bytes FROM content_pieces WHERE chunk=?1 AND number=?2";
            let mut statement = tx.prepare_cached(sql)?;
            Ok(statement.query_row(params![span.chunk, number as i64], |row| row.get(0))?)
        });
        self.piece = piece.map_err(io::Error::other)?;
        self.piece_at = span.start + number * PIECE as u64;
        Ok(())
    }
}

fn missing() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "bytes of the upload are missing")
}

impl Read for ContentReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.available()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for ContentReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, offset) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(offset) => (self.length, offset),
            SeekFrom::Current(offset) => (self.at, offset),
        };
        let at = base.checked_add_signed(offset);
        self.at =
            at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the bytes"))?;
        Ok(self.at)
    }
}
