use super::*;
use proptest::prelude::*;
use std::io::{self, Read as _, Seek, SeekFrom};

#[test]
fn a_table_of_text() {
    let read = csv("A, B, C\n1, b, 2\n2,\"x, \"\"y\"\"\",\n");
    assert_eq!(read.field_names, ["a", "b", "c"]);
    assert_eq!(read.display_names, ["A", "B", "C"]);
    assert_eq!(read.types, ["text"; 3]);
    assert_eq!(
        read.rows,
        [[json!("1"), json!("b"), json!("2")], [json!("2"), json!("x, \"y\""), Value::Null]]
    );
}

#[test]
fn blank_lines_and_indentation_around_a_table_go() {
    let text = "\n        a,b,c\n        1,2,3\n        4,5,6\n        ";
    let read = csv(text);
    assert_eq!(read.field_names, ["a", "b", "c"]);
    assert_eq!(read.rows, [["1", "2", "3"], ["4", "5", "6"]]);
    assert_eq!(read.malformed, []);
}

#[test]
fn ends_of_lines_are_those_of_any_system() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["", "a,b", "", "1,2", ",", "\"x", "y\",3", ""].join(end);
        let read = csv(&text);
        let line = format!("x{end}y");
        assert_eq!(read.rows, [["1", "2"], [line.as_str(), "3"]], "{end:?}");
        let kept = super::read(
            FileKind::Csv,
            &json!({ "remove_empty_rows": false, "header_count": 2, "column_header": 2 }),
            text,
        );
        assert_eq!(kept.field_names, ["a", "b"]);
        assert_eq!(
            kept.rows,
            [[json!("1"), json!("2")], [Value::Null, Value::Null], [json!(line), json!("3")]]
        );
        // The empty line is a row of one cell.
        assert_eq!(kept.malformed.len(), 1, "{end:?}");
    }
}

#[test]
fn rows_that_are_too_short_or_too_long_are_told_with_their_cells() {
    let read = csv("a,b,c\n1,\n1,2,3,4\nx,y,z\n");
    let told: Vec<_> = read.malformed.iter().map(|m| (m.error.name(), m.wanted, m.got)).collect();
    assert_eq!(told, [("too_short", 3, 2), ("too_long", 3, 4)]);
    assert_eq!(read.malformed[0].contents, [Some("1".to_owned()), None]);
    assert_eq!(read.rows, [["x", "y", "z"]]);
}

#[test]
fn the_header_is_where_the_options_say() {
    let text = "title,,\na,b,c\n1,2,3\n";
    let two = super::read(FileKind::Csv, &json!({ "header_count": 2, "column_header": 2 }), text);
    assert_eq!(
        (two.field_names.as_slice(), two.rows.len()),
        (["a", "b", "c"].map(str::to_owned).as_slice(), 1)
    );
    let first = super::read(FileKind::Csv, &json!({ "header_count": "2", "column_header": 1 }), text);
    assert_eq!(first.field_names, ["title", "_", "__1"]);
    let none = super::read(FileKind::Csv, &json!({ "header_count": 0 }), text);
    assert_eq!((none.field_names[2].as_str(), none.display_names[2].as_str()), ("column_3", "Column 3"));
    assert_eq!(none.rows.len(), 3);
    let unnamed = super::read(FileKind::Csv, &json!({ "header_count": 2, "column_header": 0 }), text);
    assert_eq!((unnamed.rows.len(), unnamed.field_names[0].as_str()), (1, "column_1"));
    let error = refused(FileKind::Csv, &json!({ "header_count": 9, "column_header": 9 }), text);
    assert_refused(&error, "unparsable_file", "row 9");
    for empty in ["", "\n\n", " \n", "\0\0\0"] {
        assert_eq!(refused(FileKind::Csv, &Value::Null, empty).key.name(), "unparsable_file", "{empty:?}");
    }
}

#[test]
fn separators_quotes_and_blanks_are_those_of_the_options() {
    let options = json!({ "column_separator": ";", "quote_char": "'", "trim_whitespace": "false" });
    let read = super::read(FileKind::Csv, &options, "a; b\n' x;\"''';2 \n");
    assert_eq!(read.display_names, ["a", " b"]);
    assert_eq!(read.rows, [[" x;\"'", "2 "]]);
    let plain = super::read(FileKind::Csv, &json!({ "quote_char": "" }), "a,b\n\"x,y\"\n");
    assert_eq!(plain.rows, [["\"x", "y\""]]);
    let tabs = super::read(FileKind::Tsv, &Value::Null, "a\tb\n1,2\t\"x\ty\"\n");
    assert_eq!(tabs.rows, [["1,2", "x\ty"]]);
    let bars = super::read(FileKind::Tsv, &json!({ "column_separator": "|" }), "a|b\n1|2\n");
    assert_eq!(bars.rows, [["1", "2"]]);
}

#[test]
fn options_that_cannot_be_are_refused_by_name() {
    for (options, member) in [
        (json!({ "column_separator": "" }), "column_separator"),
        (json!({ "column_separator": "ab" }), "column_separator"),
        (json!({ "column_separator": "\n" }), "column_separator"),
        (json!({ "column_separator": "§" }), "column_separator"),
        (json!({ "quote_char": "," }), "quote_char"),
        (json!({ "quote_char": 1 }), "quote_char"),
        (json!({ "header_count": -1 }), "header_count"),
        (json!({ "header_count": 1e9 }), "header_count"),
        (json!({ "column_header": 2 }), "column_header"),
        (json!({ "trim_whitespace": "perhaps" }), "trim_whitespace"),
        (json!({ "encoding": "utf-99" }), "encoding"),
        (json!([]), "parse_options"),
    ] {
        let error = ParseOptions::default().with(&options).unwrap_err();
        assert_eq!(error.member, member, "{options}");
    }
    let options = json!({ "encoding": "utf16", "parse_source": "TRUE", "quote_char": null, "unknown": {} });
    let options = ParseOptions::default().with(&options).unwrap();
    assert_eq!(
        serde_json::to_value(&options).unwrap(),
        json!({ "encoding": "utf16", "header_count": 1, "column_header": 1, "column_separator": ",", "quote_char": "\"",
            "trim_whitespace": true, "remove_empty_rows": true, "parse_source": true })
    );
    assert_eq!(options.with(&Value::Null).unwrap(), options);
}

/// The text in an encoding of two bytes a letter.
fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn text_is_read_in_any_encoding() {
    let text = "id,name\n1,Größe\n2,\"naïve, yes\"\n";
    let latin1: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let marked = format!("\u{FEFF}{text}");
    for (encoding, bytes) in [
        (Value::Null, text.as_bytes().to_vec()),
        (Value::Null, marked.as_bytes().to_vec()),
        (json!("utf8"), marked.as_bytes().to_vec()),
        (Value::Null, latin1.clone()),
        (json!("latin1"), latin1.clone()),
        (json!("ISO-8859-1"), latin1),
        (Value::Null, utf16(&marked, u16::to_le_bytes)),
        (Value::Null, utf16(&marked, u16::to_be_bytes)),
        (Value::Null, utf16(text, u16::to_le_bytes)),
        (Value::Null, utf16(text, u16::to_be_bytes)),
        (json!("utf16"), utf16(text, u16::to_be_bytes)),
        (json!("utf-16le"), utf16(text, u16::to_le_bytes)),
    ] {
        let read = super::read(FileKind::Csv, &json!({ "encoding": encoding }), bytes);
        assert_eq!(read.field_names, ["id", "name"], "{encoding}");
        assert_eq!(read.rows, [["1", "Größe"], ["2", "naïve, yes"]], "{encoding}");
    }
}

#[test]
fn bytes_that_are_not_of_the_encoding_are_refused() {
    let mixed = "a,b\né,1\n".bytes().chain(*b"\xE9,2\n").collect::<Vec<u8>>();
    assert_refused(&refused(FileKind::Csv, &Value::Null, mixed), "invalid_encoding", "offset 9");
    let error = refused(FileKind::Csv, &json!({ "encoding": "utf8" }), *b"a,b\n1,2\n\xE9,2\n");
    assert_refused(&error, "invalid_encoding", "line 3");
    let error = refused(FileKind::Csv, &json!({ "encoding": "utf16" }), *b"a\0,\0b\0\n\0\x00\xD8a\0,\0b\0");
    assert_refused(&error, "invalid_encoding", "offset 8");
    let error = refused(FileKind::Csv, &json!({ "encoding": "utf8" }), *b"a\n\xC3");
    assert_refused(&error, "invalid_encoding", "C3");
}

#[test]
fn zero_bytes_at_the_end_are_no_text() {
    for count in [1, 100, 70_000, 200_000] {
        let mut text = b"a,b\n1,2\n3,4".to_vec();
        text.resize(text.len() + count, 0);
        assert_eq!(
            super::read(FileKind::Csv, &Value::Null, text.clone()).rows,
            [["1", "2"], ["3", "4"]],
            "{count}"
        );
        // Elsewhere they are dropped from the cells, as everywhere in the mock.
        text.extend_from_slice(b"5\n");
        assert_eq!(super::read(FileKind::Csv, &Value::Null, text).rows, [["1", "2"], ["3", "45"]], "{count}");
    }
}

#[test]
fn a_binary_file_is_no_csv() {
    for (bytes, shown) in [
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), "PNG"),
        (b"PK\x03\x04\x14\0\0\0", "ZIP"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "XLS"),
        (b"%PDF-1.7\n", "PDF"),
    ] {
        assert_refused(&refused(FileKind::Csv, &Value::Null, bytes), "unparsable_file", shown);
    }
}

#[test]
fn a_quote_that_is_never_closed_is_refused_with_its_line() {
    let error = refused(FileKind::Csv, &Value::Null, "a,b\n1,2\n3,\"x\n5,6\n7,8\n");
    assert_refused(&error, "unparsable_file", "line 3");
    for closed in ["a\n\"x\"", "a\n\"x\"\"\"", "a\n\"\"", "a\nx\"y"] {
        assert_eq!(csv(closed).malformed, [], "{closed}");
    }
}

#[test]
fn too_many_columns_are_refused() {
    let header = vec!["x"; 10_000].join(",");
    assert_refused(&refused(FileKind::Csv, &Value::Null, header), "too_many_columns", "10000");
    let row = format!("a,b\n{}\n", ",".repeat(70_000));
    assert_refused(&refused(FileKind::Csv, &Value::Null, row), "too_many_columns", "line 2");
    let most = vec!["x"; bounds().columns].join(",");
    assert_eq!(csv(&most).field_names.len(), bounds().columns);
}

/// A file that is made while it is read: `head`, and then `filling` over and over.
struct Endless {
    head: &'static [u8],
    filling: &'static [u8],
    length: u64,
    at: u64,
}

impl io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = 0;
        while length < buffer.len() && self.at < self.length {
            let at = self.at as usize;
            let rest = match at.checked_sub(self.head.len()) {
                None => &self.head[at..],
                Some(behind) => &self.filling[behind % self.filling.len()..],
            };
            let take = rest.len().min(buffer.len() - length).min((self.length - self.at) as usize);
            buffer[length..length + take].copy_from_slice(&rest[..take]);
            length += take;
            self.at += take as u64;
        }
        Ok(length)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(at) = to else { return Err(io::Error::other("from the start only")) };
        self.at = at;
        Ok(at)
    }
}

fn endless(head: &'static [u8], filling: &'static [u8], length: u64) -> Endless {
    Endless { head, filling, length, at: 0 }
}

#[test]
fn a_row_of_a_hundred_megabytes_is_refused_in_little_memory() {
    let room = Room::new(8 << 20);
    let small = Bounds { row: 1 << 20, ..Bounds::new(&room) };
    for (bounds, head, part) in [
        (&small, b"a,b\n1,2\n3,".as_slice(), "line 3"),
        (&small, b"a,b\n1,2\n\"", "quotes that may never be closed"),
        (&Bounds::new(&Room::new(1 << 20)), b"a\n", "memory"),
    ] {
        let bytes = endless(head, b"xyz", 100 << 20);
        // Without a look at all of it for its encoding.
        let options = ParseOptions { encoding: Some("utf8".to_owned()), ..ParseOptions::default() };
        let mut rows = open(FileKind::Csv, &options, bytes, bounds).unwrap();
        let error = loop {
            match rows.next() {
                Ok(row) => assert!(row.is_some()),
                Err(error) => break error,
            }
        };
        assert_refused(&error, "row_too_long", part);
    }
    assert_eq!(room.used(), 0);
}

#[test]
fn a_long_file_is_read_in_the_memory_of_one_row() {
    // No room at all: only what every file may hold.
    let bounds = Bounds::new(&Room::new(0));
    let bytes = endless(b"a,b,c\n", b"1,\"x, y\",2012-09-14\n", 6 + 20 * 1_000_000);
    let mut rows = open(FileKind::Csv, &ParseOptions::default(), bytes, &bounds).unwrap();
    let mut count = 0;
    while let Some(row) = rows.next().unwrap() {
        assert!(matches!(row, SourceRow::Cells(_)));
        count += 1;
    }
    assert_eq!(count, 1_000_000);
}

#[test]
fn a_file_that_cannot_be_read_is_no_bad_file() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    impl Seek for Broken {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
    let result = open(FileKind::Csv, &ParseOptions::default(), Broken, &bounds());
    assert_refused(&result.err().unwrap(), "unreadable", "gone");
    let mut text = String::new();
    endless(b"a", b"b", 3).read_to_string(&mut text).unwrap();
    assert_eq!(text, "abb");
}

#[derive(Clone, Debug)]
struct Dialect {
    separator: char,
    quote: char,
    end: &'static str,
    always: bool,
    encoding: &'static str,
    trim: bool,
}

fn dialects() -> impl Strategy<Value = Dialect> {
    (
        prop::sample::select(vec![',', ';', '\t', '|', ' ']),
        prop::sample::select(vec!['"', '\'', '~']),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
        any::<bool>(),
        prop::sample::select(vec!["", "utf8", "utf16le", "utf16be", "windows-1252"]),
        any::<bool>(),
    )
        .prop_map(|(separator, quote, end, always, encoding, trim)| {
            // Blanks that part cells are not trimmed.
            Dialect { separator, quote, end, always, encoding, trim: trim && separator != ' ' }
        })
}

fn written(table: &[Vec<String>], dialect: &Dialect) -> Vec<u8> {
    let mut text = String::new();
    for row in table {
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                text.push(dialect.separator);
            }
            let special = |c: char| c == dialect.separator || c == dialect.quote || c == '\n' || c == '\r';
            // A row of one empty cell is written with quotes, since an empty line is none.
            if dialect.always || cell.contains(special) || cell.is_empty() && row.len() == 1 {
                let doubled = dialect.quote.to_string().repeat(2);
                text.push_str(&format!("{q}{}{q}", cell.replace(dialect.quote, &doubled), q = dialect.quote));
            } else {
                text.push_str(cell);
            }
        }
        text.push_str(dialect.end);
    }
    match dialect.encoding {
        "utf16le" => utf16(&text, u16::to_le_bytes),
        "utf16be" => utf16(&text, u16::to_be_bytes),
        "windows-1252" => text.chars().map(|c| c as u8).collect(),
        _ => text.into_bytes(),
    }
}

proptest! {
    /// What is written with any separator, quote, end of lines and encoding is read back.
    #[test]
    fn tables_are_read_back(
        dialect in dialects(),
        table in (1..5usize).prop_flat_map(|width| {
            prop::collection::vec(prop::collection::vec("[a-zA-Z0-9 ,;|\"'~\t\r\né]{0,6}", width), 1..8)
        }),
    ) {
        let options = json!({
            "encoding": if dialect.encoding.is_empty() { Value::Null } else { dialect.encoding.into() },
            "header_count": 0,
            "column_separator": dialect.separator.to_string(),
            "quote_char": dialect.quote.to_string(),
            "trim_whitespace": dialect.trim,
            "remove_empty_rows": false,
        });
        let read = super::read(FileKind::Csv, &options, written(&table, &dialect));
        let cell = |text: &String| {
            let text = if dialect.trim { text.trim() } else { text };
            if text.is_empty() { Value::Null } else { text.into() }
        };
        let expected: Vec<Vec<Value>> = table.iter().map(|row| row.iter().map(cell).collect()).collect();
        prop_assert_eq!(read.malformed, []);
        prop_assert_eq!(read.rows, expected);
    }

    /// No bytes at all make the reader panic or go on without end.
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop::collection::vec(prop::sample::select(b"\",\n\r a\0\xE9\xC3\xA9\xFF\xFE".to_vec()), 0..200),
        encoding in prop::sample::select(vec![Value::Null, json!("utf8"), json!("utf16"), json!("latin1")]),
    ) {
        let _ = read_with(FileKind::Csv, &json!({ "encoding": encoding }), bytes, &bounds());
    }
}
