//! Rows as text, in the formats of production.

use crate::soda::SoqlType;
use crate::soda::value::{self, RowIdCipher, StoredRef};

/// The form of an answer with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadFormat {
    /// An array of objects.
    Json,
    /// Comma-separated, every cell quoted.
    Csv,
    /// Tab-separated, every cell quoted.
    Tsv,
    /// A FeatureCollection.
    GeoJson,
    /// One object a line; only of the admin API.
    NdJson,
}

impl ReadFormat {
    /// The Content-Type as recorded (JSON, CSV) or in the source.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json;charset=utf-8",
            Self::Csv => "text/csv; charset=UTF-8",
            Self::Tsv => "text/tab-separated-values; charset=UTF-8",
            Self::NdJson => "application/x-ndjson",
            Self::GeoJson => "application/vnd.geo+json; charset=UTF-8",
        }
    }
}

/// Writes rows of fixed columns.
#[derive(Debug)]
pub struct Encoder {
    format: ReadFormat,
    /// Name as JSON text, name and type of each column.
    columns: Vec<(Vec<u8>, String, SoqlType)>,
    geometry: Option<usize>,
    rows: u64,
}

const CRS: &str = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}"#;

impl Encoder {
    /// An encoder for these output columns.
    pub fn new(format: ReadFormat, columns: &[(String, SoqlType)]) -> Self {
        let geometry = columns.iter().position(|(_, t)| t.is_geometry());
        let columns = columns
            .iter()
            .map(|(name, t)| {
                (serde_json::Value::from(name.as_str()).to_string().into_bytes(), name.clone(), *t)
            })
            .collect();
        Self { format, columns, geometry, rows: 0 }
    }

    /// What stands before the first row.
    pub fn begin(&self, bom: bool, out: &mut Vec<u8>) {
        match self.format {
            ReadFormat::NdJson => {}
            ReadFormat::Json => out.push(b'['),
            ReadFormat::GeoJson => out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":["),
            ReadFormat::Csv | ReadFormat::Tsv => {
                if bom {
                    out.extend_from_slice("\u{FEFF}".as_bytes());
                }
                for (index, (_, name, _)) in self.columns.iter().enumerate() {
                    if index > 0 {
                        out.push(self.delimiter());
                    }
                    out.push(b'"');
                    out.extend_from_slice(name.replace('"', "\"\"").as_bytes());
                    out.push(b'"');
                }
                out.push(b'\n');
            }
        }
    }

    fn delimiter(&self) -> u8 {
        if self.format == ReadFormat::Tsv { b'\t' } else { b',' }
    }

    /// One row; `cell` gives the stored value of each column.
    pub fn row<'v>(
        &mut self,
        cipher: &RowIdCipher,
        cell: impl Fn(usize) -> StoredRef<'v>,
        out: &mut Vec<u8>,
    ) {
        match self.format {
            ReadFormat::NdJson => {
                self.object(cipher, cell, out);
                out.push(b'\n');
            }
            ReadFormat::Json => {
                if self.rows > 0 {
                    out.extend_from_slice(b"\n,");
                }
                self.object(cipher, cell, out);
            }
            ReadFormat::GeoJson => {
                if self.rows > 0 {
                    out.extend_from_slice(b"\n,");
                }
                self.feature(cipher, cell, out);
                out.push(b'}');
            }
            ReadFormat::Csv | ReadFormat::Tsv => {
                for (index, (_, _, soql_type)) in self.columns.iter().enumerate() {
                    if index > 0 {
                        out.push(self.delimiter());
                    }
                    value::write_csv(*soql_type, &cell(index), cipher, out);
                }
                out.push(b'\n');
            }
        }
        self.rows += 1;
    }

    /// One row as an object without nulls.
    pub fn object<'v>(&self, cipher: &RowIdCipher, cell: impl Fn(usize) -> StoredRef<'v>, out: &mut Vec<u8>) {
        let mut separator = b'{';
        for (index, (name, _, soql_type)) in self.columns.iter().enumerate() {
            let stored = cell(index);
            if matches!(stored, StoredRef::Null) {
                continue;
            }
            out.push(separator);
            separator = b',';
            out.extend_from_slice(name);
            out.push(b':');
            value::write_json(*soql_type, &stored, cipher, out);
        }
        if separator == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
    }

    /// One row as a feature, still open at its end; nulls are kept.
    fn feature<'v>(&self, cipher: &RowIdCipher, cell: impl Fn(usize) -> StoredRef<'v>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"Feature\",\"geometry\":");
        let write = |index: usize, out: &mut Vec<u8>| match cell(index) {
            StoredRef::Null => out.extend_from_slice(b"null"),
            stored => value::write_json(self.columns[index].2, &stored, cipher, out),
        };
        match self.geometry {
            Some(index) => write(index, out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"properties\":");
        let mut separator = b'{';
        for (index, (name, _, _)) in self.columns.iter().enumerate() {
            if Some(index) == self.geometry {
                continue;
            }
            out.push(separator);
            separator = b',';
            out.extend_from_slice(name);
            out.push(b':');
            write(index, out);
        }
        if separator == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
    }

    /// A single row by itself, as the row route answers.
    pub fn single<'v>(
        &mut self,
        cipher: &RowIdCipher,
        cell: impl Fn(usize) -> StoredRef<'v>,
        out: &mut Vec<u8>,
    ) {
        if matches!(self.format, ReadFormat::Csv | ReadFormat::Tsv) {
            self.begin(false, out);
            self.row(cipher, cell, out);
        } else if self.format == ReadFormat::GeoJson {
            self.feature(cipher, cell, out);
            out.push(b',');
            out.extend_from_slice(CRS.as_bytes());
            out.extend_from_slice(b"}\n");
        } else {
            self.object(cipher, cell, out);
            out.push(b'\n');
        }
    }

    /// What stands behind the last row.
    pub fn end(&self, out: &mut Vec<u8>) {
        match self.format {
            ReadFormat::Json => out.extend_from_slice(b"]\n"),
            ReadFormat::GeoJson => {
                out.extend_from_slice(b"],");
                out.extend_from_slice(CRS.as_bytes());
                out.extend_from_slice(b"}\n");
            }
            ReadFormat::Csv | ReadFormat::Tsv | ReadFormat::NdJson => {}
        }
    }
}
