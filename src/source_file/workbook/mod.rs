//! Spreadsheets: the first sheet of a workbook, its cells as text.

mod values;
mod xls;
mod xlsx;

pub(super) use xls::Sheet as XlsSheet;
pub(super) use xlsx::Sheet as XlsxSheet;
