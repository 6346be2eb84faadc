//! XLS (BIFF8 of Excel 97 and later, and BIFF5 of Excel 95, in a compound file): the rows of the first sheet, record
//! by record as [MS-XLS] describes them. The crates that read whole sheets hold a cell for each place between the
//! first and the last one, of which a file of a few bytes can have billions.

mod records;
mod strings;

use super::super::bounds::Bounds;
use super::super::cells::{RowBuffer, Slot, push_bytes};
use super::super::error::{FileError, FileErrorKey};
use super::super::kind::FileKind;
use super::super::sniff;
use super::super::table::Records;
use super::values::{Shown, number_text};
use records::{Record, RecordReader};
use std::collections::{HashMap, VecDeque};
use std::io::{Read, Seek, SeekFrom};
use strings::{Biff, Strings};

const KIND: FileKind = FileKind::Xls;

/// Numbers of records.
mod id {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const DATEMODE: u16 = 0x0022;
    pub(super) const FILEPASS: u16 = 0x002F;
    pub(super) const BOUNDSHEET: u16 = 0x0085;
    pub(super) const MULRK: u16 = 0x00BD;
    pub(super) const RSTRING: u16 = 0x00D6;
    pub(super) const XF: u16 = 0x00E0;
    pub(super) const SST: u16 = 0x00FC;
    pub(super) const LABELSST: u16 = 0x00FD;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOLERR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const RK: u16 = 0x027E;
    pub(super) const FORMAT: u16 = 0x041E;
    pub(super) const BOF: u16 = 0x0809;
}

/// What the workbook says for all sheets.
struct Globals {
    biff: Biff,
    strings: Strings,
    /// What each cell format shows numbers as.
    formats: Vec<Shown>,
    from_1904: bool,
    /// Where the first sheet begins.
    sheet: u64,
}

/// A cell that was read.
struct Cell {
    row: u32,
    column: usize,
    text: String,
}

/// The rows of a sheet.
pub(in super::super) struct Sheet {
    records: RecordReader,
    globals: Globals,
    cells: VecDeque<Cell>,
    /// The cell of a formula whose text comes in a record of its own.
    formula: Option<(u32, usize)>,
    max_row: usize,
    max_columns: usize,
    given: u32,
    ended: bool,
}

fn damaged() -> FileError {
    FileError::incomplete(KIND)
}

impl Sheet {
    /// The first sheet of a workbook.
    pub(in super::super) fn new(mut bytes: impl Read + Seek, bounds: &Bounds) -> Result<Self, FileError> {
        let head = sniff::head(&mut bytes)?;
        if !head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(sniff::mislabelled(KIND, &head));
        }
        let length = bytes.seek(SeekFrom::End(0)).map_err(FileError::unreadable)?;
        if length > bounds.part as u64 {
            return Err(FileError::new(
                FileErrorKey::ArchiveTooLarge,
                format!("The XLS has {length} bytes; it may have {}", bounds.part),
                "Send it as XLSX or CSV.",
            ));
        }
        bytes.seek(SeekFrom::Start(0)).map_err(FileError::unreadable)?;
        let mut records = RecordReader::new(bytes, bounds)?;
        let globals = globals(&mut records, bounds)?;
        records.seek(globals.sheet);
        if records.next()?.is_none_or(|record| record.id != id::BOF) {
            return Err(damaged());
        }
        Ok(Self {
            records,
            globals,
            cells: VecDeque::new(),
            formula: None,
            max_row: bounds.row,
            max_columns: bounds.columns,
            given: 0,
            ended: false,
        })
    }

    /// Reads records until there is a cell, or the sheet ends.
    fn fill(&mut self) -> Result<(), FileError> {
        while self.cells.is_empty() && !self.ended {
            let Some(record) = self.records.next()? else { return Err(damaged()) };
            if record.id == id::EOF {
                self.ended = true;
                break;
            }
            cells(&record, &self.globals, &mut self.formula, &mut self.cells).ok_or_else(damaged)?;
        }
        Ok(())
    }

    fn put(&self, cell: &Cell, row: &mut RowBuffer) -> Result<(), FileError> {
        let number = self.given + 1;
        if cell.column >= self.max_columns {
            return Err(FileError::new(
                FileErrorKey::TooManyColumns,
                format!("Row {number} has more than {} columns", self.max_columns),
                "Leave columns out of the sheet.",
            ));
        }
        if row.slots.len() <= cell.column {
            row.slots.resize(cell.column + 1, Slot::Null);
        }
        row.slots[cell.column] = push_bytes(row, &cell.text);
        if row.length > self.max_row {
            return Err(FileError::new(
                FileErrorKey::RowTooLong,
                format!("Row {number} has more than {} bytes", self.max_row),
                "Split its texts, or leave them out.",
            ));
        }
        Ok(())
    }
}

impl Records for Sheet {
    fn next(&mut self, row: &mut RowBuffer) -> Result<bool, FileError> {
        row.begin();
        loop {
            self.fill()?;
            match self.cells.front() {
                Some(cell) if cell.row == self.given => {}
                Some(cell) if cell.row < self.given => {
                    return Err(FileError::unparsable(
                        format!("A cell of row {} stands behind row {}", cell.row + 1, self.given),
                        "Open the workbook in a spreadsheet program and save it anew.",
                    ));
                }
                None if row.slots.is_empty() => return Ok(false),
                // The row is over, or it is an empty one, which has no records.
                Some(_) | None => break,
            }
            if let Some(cell) = self.cells.pop_front() {
                self.put(&cell, row)?;
            }
        }
        row.drop_empty_end();
        if row.slots.is_empty() {
            row.slots.push(Slot::Null);
        }
        self.given += 1;
        Ok(true)
    }

    fn place(&self) -> String {
        format!("row {}", self.given)
    }

    fn pads(&self) -> bool {
        true
    }
}

fn globals(records: &mut RecordReader, bounds: &Bounds) -> Result<Globals, FileError> {
    let version = records.next()?.filter(|record| record.id == id::BOF).and_then(|record| record.u16(0));
    let biff = match version {
        Some(0x0600) => Biff::Eight,
        Some(0x0500) => Biff::Five,
        _ => return Err(damaged()),
    };
    let mut globals =
        Globals { biff, strings: Strings::default(), formats: Vec::new(), from_1904: false, sheet: 0 };
    let (mut codes, mut sheet) = (HashMap::new(), None);
    loop {
        let Some(record) = records.next()? else { return Err(damaged()) };
        match record.id {
            id::EOF => break,
            id::FILEPASS => {
                return Err(FileError::unparsable(
                    "The workbook is encrypted",
                    "Save it without a password.",
                ));
            }
            id::DATEMODE => globals.from_1904 = record.u16(0) == Some(1),
            id::FORMAT => {
                let code = strings::text(record.from(2), biff, biff == Biff::Five).ok_or_else(damaged)?;
                codes.insert(u32::from(record.u16(0).unwrap_or(0)), Shown::of_code(&code));
            }
            id::XF => {
                let format = u32::from(record.u16(2).ok_or_else(damaged)?);
                globals
                    .formats
                    .push(codes.get(&format).copied().unwrap_or_else(|| Shown::of_built_in(format)));
            }
            id::SST => globals.strings = Strings::new(&record, bounds)?,
            // The sixth byte tells sheets from charts and macros.
            id::BOUNDSHEET if sheet.is_none() && record.body.get(5) == Some(&0) => sheet = record.u32(0),
            _ => {}
        }
    }
    let sheet = sheet.ok_or_else(|| {
        FileError::unparsable("The workbook has no sheet", "Send a workbook whose first sheet is a table.")
    })?;
    globals.sheet = u64::from(sheet);
    Ok(globals)
}

/// The cells of a record; none if it is damaged.
fn cells(
    record: &Record<'_>,
    globals: &Globals,
    formula: &mut Option<(u32, usize)>,
    out: &mut VecDeque<Cell>,
) -> Option<()> {
    if record.id == id::STRING {
        if let Some((row, column)) = formula.take() {
            out.push_back(Cell { row, column, text: strings::text(record.from(0), globals.biff, false)? });
        }
        return Some(());
    }
    let known =
        [id::LABELSST, id::NUMBER, id::RK, id::MULRK, id::LABEL, id::RSTRING, id::BOOLERR, id::FORMULA];
    if !known.contains(&record.id) {
        return Some(());
    }
    let (row, column, format) = (u32::from(record.u16(0)?), usize::from(record.u16(2)?), record.u16(4)?);
    let number = |number: f64, format: u16| {
        let shown = globals.formats.get(usize::from(format)).copied().unwrap_or(Shown::Number);
        number_text(number, shown, globals.from_1904)
    };
    let text = match record.id {
        id::LABELSST => globals.strings.get(record.u32(6)? as usize)?.to_owned(),
        id::LABEL | id::RSTRING => strings::text(record.from(6), globals.biff, false)?,
        id::NUMBER => number(record.double(6)?, format),
        id::RK => number(rk(record.u32(6)?), format),
        id::BOOLERR => truth(record.byte(6)?, record.byte(7)? != 0),
        id::MULRK => {
            // A format and a number each, and the last column at the end.
            let pairs = record.body.get(4..record.body.len().checked_sub(2)?)?;
            for (index, pair) in pairs.chunks_exact(6).enumerate() {
                let value = rk(u32::from_le_bytes([pair[2], pair[3], pair[4], pair[5]]));
                let text = number(value, u16::from_le_bytes([pair[0], pair[1]]));
                out.push_back(Cell { row, column: column + index, text });
            }
            return Some(());
        }
        _ => match (record.u16(12)?, record.byte(6)?) {
            (0xFFFF, 0) => {
                *formula = Some((row, column));
                return Some(());
            }
            (0xFFFF, 1) => truth(record.byte(8)?, false),
            (0xFFFF, 2) => truth(record.byte(8)?, true),
            (0xFFFF, _) => return Some(()),
            _ => number(record.double(6)?, format),
        },
    };
    out.push_back(Cell { row, column, text });
    Some(())
}

/// A truth value, or the name of an error.
fn truth(code: u8, is_error: bool) -> String {
    let text = match (is_error, code) {
        (false, 0) => "false",
        (false, _) => "true",
        (true, 0x00) => "#NULL!",
        (true, 0x07) => "#DIV/0!",
        (true, 0x0F) => "#VALUE!",
        (true, 0x17) => "#REF!",
        (true, 0x1D) => "#NAME?",
        (true, 0x24) => "#NUM!",
        (true, _) => "#N/A",
    };
    text.to_owned()
}

/// A number in 30 bits: an integer or the front of a double, and perhaps a hundredth of it.
fn rk(bits: u32) -> f64 {
    let number = if bits & 2 != 0 {
        f64::from(bits.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if bits & 1 != 0 { number / 100.0 } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_thirty_bits() {
        assert_eq!(rk(0x3FF0_0000), 1.0);
        assert_eq!(rk((5 << 2) | 2), 5.0);
        assert_eq!(rk((-5i32 << 2).cast_unsigned() | 2), -5.0);
        assert_eq!(rk((455_009 << 2) | 3), 4550.09);
    }
}
