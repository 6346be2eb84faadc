//! Rows as text, in the formats of production.

use super::view_rows;
use crate::soda::value::{self, RowIdCipher};
use crate::soda::{OutputColumns, SoqlType, SystemField, Value};

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
    /// An array of arrays behind a schema.
    CJson,
    /// Elements named as the columns.
    Xml,
    /// One object a line; only of the admin API.
    NdJson,
    /// Arrays behind the view; only of `/api/views`.
    ViewRows,
}

impl ReadFormat {
    /// The Content-Type as recorded (JSON, CSV) or in the source.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json | Self::ViewRows => "application/json;charset=utf-8",
            Self::Csv => "text/csv; charset=UTF-8",
            Self::Tsv => "text/tab-separated-values; charset=UTF-8",
            Self::NdJson => "application/x-ndjson",
            Self::GeoJson => "application/vnd.geo+json; charset=UTF-8",
            Self::CJson => "application/json+x-socrata-cjson; charset=UTF-8",
            Self::Xml => "text/xml;charset=utf-8",
        }
    }
}

/// How an answer is dressed, beyond its format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// CSV begins with a byte-order mark.
    pub bom: bool,
    /// What stands between the cells of CSV instead of a comma.
    pub separator: Option<u8>,
    /// JSON is the argument of this function.
    pub jsonp: Option<String>,
    /// The publisher's row identifier, which CJSON names.
    pub key: Option<String>,
    /// Line breaks in JSON as SODA 3 has them.
    pub soda3: bool,
    /// What stands in front of arrays behind the view.
    pub head: Option<String>,
}

/// Writes rows of fixed columns.
#[derive(Debug)]
pub struct Encoder<'c> {
    format: ReadFormat,
    form: Form,
    /// The columns in the order of their names, for CJSON.
    sorted: Vec<usize>,
    columns: &'c OutputColumns,
    geometry: Option<usize>,
    rows: u64,
}

const CRS: &str = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}"#;

impl<'c> Encoder<'c> {
    /// An encoder for these output columns.
    pub fn new(format: ReadFormat, form: &Form, columns: &'c OutputColumns) -> Self {
        let mut sorted: Vec<usize> = Vec::new();
        if format == ReadFormat::CJson {
            sorted.extend(0..columns.len());
            sorted.sort_by(|a, b| columns[*a].0.cmp(&columns[*b].0));
        }
        let geometry = columns.iter().position(|(_, t)| t.is_geometry());
        Self { format, form: form.clone(), sorted, columns, geometry, rows: 0 }
    }

    /// What stands before the first row.
    pub fn begin(&self, out: &mut Vec<u8>) {
        match self.format {
            ReadFormat::NdJson => {}
            ReadFormat::ViewRows => out.extend_from_slice(self.form.head.as_deref().unwrap_or("").as_bytes()),
            ReadFormat::Json => {
                if let Some(function) = &self.form.jsonp {
                    out.extend_from_slice(function.as_bytes());
                    out.push(b'(');
                }
                out.extend_from_slice(if self.form.soda3 { b"[\n" } else { b"[" });
            }
            ReadFormat::CJson => self.cjson_head(out),
            ReadFormat::Xml => {
                out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response><row>")
            }
            ReadFormat::GeoJson => out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":["),
            ReadFormat::Csv | ReadFormat::Tsv => {
                if self.form.bom {
                    out.extend_from_slice("\u{FEFF}".as_bytes());
                }
                for (index, (name, _)) in self.columns.iter().enumerate() {
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
        if self.format == ReadFormat::Tsv { b'\t' } else { self.form.separator.unwrap_or(b',') }
    }

    /// One row; `cell` gives the stored value of each column.
    pub fn row<'v>(&mut self, cipher: &RowIdCipher, cell: impl Fn(usize) -> Value<'v>, out: &mut Vec<u8>) {
        match self.format {
            ReadFormat::NdJson => {
                self.object(cipher, cell, out);
                out.push(b'\n');
            }
            ReadFormat::Json => {
                if self.rows > 0 {
                    out.extend_from_slice(if self.form.soda3 { b",\n" } else { b"\n," });
                }
                self.object(cipher, cell, out);
            }
            ReadFormat::CJson => self.array(cipher, cell, out),
            ReadFormat::ViewRows => {
                if self.rows > 0 {
                    out.push(b',');
                }
                view_rows::row(self.columns.iter().map(|(_, t)| *t), cipher, cell, out);
            }
            ReadFormat::Xml => self.element(cipher, cell, out),
            ReadFormat::GeoJson => {
                if self.rows > 0 {
                    out.extend_from_slice(b"\n,");
                }
                self.feature(cipher, cell, out);
                out.push(b'}');
            }
            ReadFormat::Csv | ReadFormat::Tsv => {
                for (index, (_, soql_type)) in self.columns.iter().enumerate() {
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
    pub fn object<'v>(&self, cipher: &RowIdCipher, cell: impl Fn(usize) -> Value<'v>, out: &mut Vec<u8>) {
        let mut separator = b'{';
        for (index, (_, soql_type)) in self.columns.iter().enumerate() {
            let stored = cell(index);
            if matches!(stored, Value::Null) {
                continue;
            }
            out.push(separator);
            separator = b',';
            out.extend_from_slice(self.columns.key(index));
            match stored {
                Value::Text(location) if self.form.soda3 && *soql_type == SoqlType::Location => {
                    location_of_soda3(&location, out);
                }
                _ => value::write_json(*soql_type, &stored, cipher, out),
            }
        }
        if separator == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
    }

    /// One row as a feature, still open at its end; nulls are kept.
    fn feature<'v>(&self, cipher: &RowIdCipher, cell: impl Fn(usize) -> Value<'v>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"Feature\",\"geometry\":");
        let write = |index: usize, out: &mut Vec<u8>| match cell(index) {
            Value::Null => out.extend_from_slice(b"null"),
            stored => value::write_json(self.columns[index].1, &stored, cipher, out),
        };
        match self.geometry {
            Some(index) => write(index, out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"properties\":");
        let mut separator = b'{';
        for index in 0..self.columns.len() {
            if Some(index) == self.geometry {
                continue;
            }
            out.push(separator);
            separator = b',';
            out.extend_from_slice(self.columns.key(index));
            write(index, out);
        }
        if separator == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
    }

    /// A single row by itself, as the row route answers.
    pub fn single<'v>(&mut self, cipher: &RowIdCipher, cell: impl Fn(usize) -> Value<'v>, out: &mut Vec<u8>) {
        if matches!(self.format, ReadFormat::Csv | ReadFormat::Tsv) {
            self.begin(out);
            self.row(cipher, cell, out);
        } else if matches!(self.format, ReadFormat::CJson | ReadFormat::Xml) {
            self.begin(out);
            self.row(cipher, cell, out);
            self.end(out);
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
            ReadFormat::Json => {
                if self.form.soda3 && self.rows > 0 {
                    out.push(b'\n');
                }
                out.push(b']');
                if self.form.jsonp.is_some() {
                    out.extend_from_slice(b");");
                }
                out.push(b'\n');
            }
            ReadFormat::CJson => out.extend_from_slice(b"]\n"),
            ReadFormat::ViewRows => out.extend_from_slice(b"  ]\n}\n"),
            ReadFormat::Xml => out.extend_from_slice(b"</row></response>\n"),
            ReadFormat::GeoJson => {
                out.extend_from_slice(b"],");
                out.extend_from_slice(CRS.as_bytes());
                out.extend_from_slice(b"}\n");
            }
            ReadFormat::Csv | ReadFormat::Tsv | ReadFormat::NdJson => {}
        }
    }

    /// The schema in front of CJSON rows, as soda-fountain writes it (source). No count: it is not
    /// known before the rows are.
    fn cjson_head(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"[{\"locale\":\"en_US\"\n");
        if let Some(key) = &self.form.key {
            out.extend_from_slice(format!(" ,\"pk\":{}\n", serde_json::Value::from(key.as_str())).as_bytes());
        }
        out.extend_from_slice(b" ,\"schema\":[");
        for (place, index) in self.sorted.iter().enumerate() {
            let (name, soql_type) = &self.columns[*index];
            out.extend_from_slice(if place > 0 { b",{\"c\":" } else { b"{\"c\":" });
            value::push_json_text(name, out);
            out.extend_from_slice(format!(",\"t\":\"{}\"}}", soql_type.name()).as_bytes());
        }
        out.extend_from_slice(b"]\n }\n");
    }

    /// One row as an array in the order of the schema.
    fn array<'v>(&self, cipher: &RowIdCipher, cell: impl Fn(usize) -> Value<'v>, out: &mut Vec<u8>) {
        out.extend_from_slice(b",[");
        for (place, index) in self.sorted.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            value::write_json(self.columns[*index].1, &cell(*index), cipher, out);
        }
        out.extend_from_slice(b"]\n");
    }

    /// One row as an element with an element for each value (recorded; what the attributes of a
    /// query without `:id` would be is not known, and they are left out).
    fn element<'v>(&self, cipher: &RowIdCipher, cell: impl Fn(usize) -> Value<'v>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"<row");
        if let Some(id) = self.columns.iter().position(|(name, _)| name == SystemField::Id.name()) {
            let mut text = String::new();
            value::write_text(SoqlType::RowIdentifier, &cell(id), cipher, &mut text);
            out.extend_from_slice(
                format!(" _id=\"{text}\" _uuid=\"00000000-0000-0000-0000-000000000000\" _position=\"0\"")
                    .as_bytes(),
            );
        }
        out.push(b'>');
        for (index, (name, soql_type)) in self.columns.iter().enumerate() {
            let stored = cell(index);
            if matches!(stored, Value::Null) || name.starts_with(':') {
                continue;
            }
            let name = xml_name(name);
            match (soql_type, &stored) {
                (SoqlType::Url | SoqlType::Location, Value::Text(object)) => {
                    out.extend_from_slice(format!("<{name}{}/>", xml_attributes(object)).as_bytes());
                }
                _ => {
                    let mut text = String::new();
                    value::write_text(*soql_type, &stored, cipher, &mut text);
                    out.extend_from_slice(format!("<{name}>{}</{name}>", xml_text(&text)).as_bytes());
                }
            }
        }
        out.extend_from_slice(b"</row>");
    }
}

/// SODA 3 has latitude and longitude as numbers (recorded).
fn location_of_soda3(location: &str, out: &mut Vec<u8>) {
    let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(location).unwrap_or_default();
    let mut parts = Vec::new();
    for (name, value) in &map {
        let text = match value.as_str() {
            // The stored text is a number of JSON.
            Some(number) if matches!(name.as_str(), "latitude" | "longitude") => number.to_owned(),
            _ => value.to_string(),
        };
        parts.push(format!("{}:{text}", serde_json::Value::from(name.as_str())));
    }
    out.extend_from_slice(format!("{{{}}}", parts.join(",")).as_bytes());
}

/// A name that an element may have.
fn xml_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' })
        .collect();
    if plain.starts_with(|c: char| c.is_alphabetic() || c == '_') { plain } else { format!("_{plain}") }
}

/// The members of an object as attributes.
fn xml_attributes(object: &str) -> String {
    let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(object).unwrap_or_default();
    map.iter().map(|(n, v)| format!(" {}=\"{}\"", xml_name(n), xml_text(v.as_str().unwrap_or("")))).collect()
}

/// Text with markup escaped; control characters that XML cannot hold become blanks.
pub fn xml_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' | '\r' => out.push(c),
            c if (c as u32) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
