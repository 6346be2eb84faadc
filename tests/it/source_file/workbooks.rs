use super::archives::{Packed, packed, zip};
use super::*;
use proptest::prelude::*;
use std::io::Write as _;

const RELATIONS: &str = r#"<Relationships xmlns="x"><Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://x/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="r3" Type="http://x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r4" Type="http://x/styles" Target="styles.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook xmlns:r="y"><sheets><sheet name="First" sheetId="1" r:id="r2"/><sheet name="Other" sheetId="2" r:id="r1"/></sheets></workbook>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="22"/><xf numFmtId="20"/></cellXfs></styleSheet>"#;
const STRINGS: &str = r#"<sst><si><t>Name</t></si><si><r><t>Ri</t></r><r><t xml:space="preserve">ch &amp; _x0041_</t></r><rPh><t>phonetic</t></rPh></si></sst>"#;

fn workbook(rows: &str) -> Vec<u8> {
    parts(rows, WORKBOOK, STRINGS)
}

fn parts(rows: &str, workbook: &str, strings: &str) -> Vec<u8> {
    zip(&[
        packed("[Content_Types].xml", "<Types/>"),
        packed("xl/workbook.xml", workbook),
        packed("xl/_rels/workbook.xml.rels", RELATIONS),
        packed("xl/styles.xml", STYLES),
        packed("xl/sharedStrings.xml", strings),
        packed(
            "xl/worksheets/sheet1.xml",
            "<worksheet><sheetData><row><c><v>9</v></c></row></sheetData></worksheet>",
        ),
        packed(
            "xl/worksheets/sheet2.xml",
            format!(
                "<worksheet><dimension ref=\"A1:B2\"/><cols><col/></cols><sheetData>{rows}</sheetData><pageMargins/></worksheet>"
            ),
        ),
    ])
}

fn xlsx(rows: &str) -> Read {
    read(FileKind::Xlsx, &Value::Null, workbook(rows))
}

#[test]
fn the_first_sheet_is_read_as_text() {
    let read = xlsx(
        r#"<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="inlineStr"><is><t> When </t></is></c><c r="D2" t="str"><f>1+1</f><v>Number</v></c><c r="E2" s="1"/></row>
           <row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3" s="1"><v>42962</v></c><c r="D3"><v>0.10000000000000001</v></c></row>
           <row r="4"/>
           <row r="6"><c r="B6" s="2"><v>42962.75</v></c><c r="C6" t="b"><v>1</v></c><c r="D6"><f>A1</f><v>-3</v></c></row>
           <row r="7"><c r="A7" t="e"><v>#N/A</v></c><c r="B7" s="3"><v>0.5</v></c></row>"#,
    );
    assert_eq!(read.display_names, ["Name", "When", "", "Number"]);
    assert_eq!(read.field_names, ["name", "when", "_", "number"]);
    let null = Value::Null;
    assert_eq!(
        read.rows,
        [
            [json!("Rich & A"), json!("2017-08-15"), null.clone(), json!("0.1")],
            [null.clone(), json!("2017-08-15T18:00:00"), json!("true"), json!("-3")],
            [json!("#N/A"), json!("12:00:00"), null.clone(), null],
        ]
    );
    assert_eq!(read.guessed[3].transform, "to_number(`number`)");
    assert_eq!(read.malformed, []);
}

#[test]
fn places_of_rows_and_cells_may_be_left_out() {
    let read = xlsx(
        "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row><row><c><v>4</v></c><c/><c><v>5</v></c></row>",
    );
    assert_eq!(read.display_names, ["1", "2"]);
    assert_eq!(read.rows, [[json!("3"), Value::Null]]);
    assert_eq!((read.malformed[0].error.name(), read.malformed[0].got), ("too_long", 3));
    // Empty rows are kept where the options say so.
    let rows = "<row r='1'><c><v>1</v></c></row><row r='4'><c><v>2</v></c></row>";
    let kept = super::read(FileKind::Xlsx, &json!({ "remove_empty_rows": false }), workbook(rows));
    assert_eq!(kept.rows, [[Value::Null], [Value::Null], [json!("2")]]);
    let second = super::read(
        FileKind::Xlsx,
        &json!({ "header_count": 2, "column_header": 2 }),
        workbook("<row><c><v>x</v></c></row><row><c><v>1</v></c></row>"),
    );
    assert_eq!((second.field_names[0].as_str(), second.rows.len()), ("_1", 0));
}

#[test]
fn dates_from_1904() {
    let from_1904 = WORKBOOK.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>");
    let rows = "<row><c><v>1</v></c></row><row><c s='1'><v>1</v></c></row>";
    let read = read(FileKind::Xlsx, &Value::Null, parts(rows, &from_1904, STRINGS));
    assert_eq!(read.rows, [["1904-01-02"]]);
}

#[test]
fn a_workbook_that_cannot_be_read_is_refused() {
    let whole = workbook("<row><c><v>1</v></c></row>");
    for (bytes, key, part) in [
        (workbook("<row><c t='s'><v>9</v></c></row>"), "unparsable_file", "names a text"),
        (workbook("<row><c r='ZZZ1'><v>9</v></c></row>"), "too_many_columns", "Row 1"),
        (workbook("<row><c r='ZZZZZZZZZZZZZZZZZZZZ1'><v>9</v></c></row>"), "too_many_columns", "Row 1"),
        (workbook("<row><c><v>1</v></row>"), "unparsable_file", "XML"),
        (workbook("<row><c t='str'><v>&bomb;</v></c></row>"), "unparsable_file", "entities"),
        (workbook(""), "unparsable_file", "row 1"),
        (whole[..whole.len() / 2].to_vec(), "unparsable_file", "cut short"),
        (zip(&[packed("xl/workbook.xml", "<workbook/>")]), "unparsable_file", "no sheet"),
    ] {
        assert_refused(&refused(FileKind::Xlsx, &Value::Null, bytes), key, part);
    }
    // A text that is shared may not be longer than what may be held.
    let texts = format!("<sst><si><t>{}</t></si></sst>", "xyz".repeat(10_000));
    let bytes = || parts("<row><c><v>1</v></c></row>", WORKBOOK, &texts);
    let small = Bounds { part: 10_000, ..bounds() };
    assert_refused(
        &refused_within(FileKind::Xlsx, &Value::Null, bytes(), &small),
        "archive_too_large",
        "sharedStrings",
    );
    let tight = Bounds::new(&Room::new(1000));
    assert_refused(&refused_within(FileKind::Xlsx, &Value::Null, bytes(), &tight), "row_too_long", "memory");
    // Rows that are claimed to be far away cost nothing.
    let far = xlsx("<row r='1'><c><v>1</v></c></row><row r='1048576'><c><v>2</v></c></row>");
    assert_eq!(far.rows, [["2"]]);
    let stored = Packed { deflated: false, ..packed("xl/workbook.xml", WORKBOOK) };
    assert_refused(&refused(FileKind::Xlsx, &Value::Null, zip(&[stored])), "unparsable_file", "no sheet");
}

/// A record of BIFF.
fn record(id: u16, body: &[u8]) -> Vec<u8> {
    [id.to_le_bytes().as_slice(), &(body.len() as u16).to_le_bytes(), body].concat()
}

/// A cell's place and format, and what follows.
fn cell(id: u16, row: u16, column: u16, format: u16, rest: &[u8]) -> Vec<u8> {
    let place: Vec<u8> = [row, column, format].iter().flat_map(|n| n.to_le_bytes()).collect();
    record(id, &[place.as_slice(), rest].concat())
}

/// A workbook of BIFF8 with these records of its sheet.
fn xls(cells: &[Vec<u8>]) -> Vec<u8> {
    let bof = record(0x0809, &[0, 6, 5, 0]);
    let mut globals = vec![
        bof.clone(),
        record(0x041E, &[164, 0, 10, 0, 0, b'y', b'y', b'y', b'y', b'-', b'm', b'm', b'-', b'd', b'd']),
        record(0x00E0, &[0; 20]),
        record(0x00E0, &[0, 0, 164, 0, 0, 0]),
        record(0x00FC, &[2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, b'a', 1, 0, 1, 0xE9, 0]),
    ];
    let length: usize = globals.iter().map(Vec::len).sum();
    let start = (length + 4 + 9 + 4) as u32;
    globals.push(record(0x0085, &[start.to_le_bytes().as_slice(), &[0, 0, 1, 0, b'S']].concat()));
    globals.push(record(0x000A, &[]));
    let sheet = [vec![bof], cells.to_vec(), vec![record(0x000A, &[])]].concat();
    compound("Workbook", &[globals, sheet].concat().concat())
}

fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream(name).unwrap().write_all(stream).unwrap();
    file.into_inner().into_inner()
}

const LABELSST: u16 = 0x00FD;
const NUMBER: u16 = 0x0203;

#[test]
fn an_old_workbook_is_read_like_a_new_one() {
    let label = |row, column, index: u32| cell(LABELSST, row, column, 0, &index.to_le_bytes());
    let number = |row, column, format, number: f64| cell(NUMBER, row, column, format, &number.to_le_bytes());
    let read = read(
        FileKind::Xls,
        &Value::Null,
        xls(&[
            label(1, 0, 0),
            label(1, 1, 1),
            cell(0x0204, 1, 2, 0, &[1, 0, 0, b'c']),
            number(2, 0, 1, 42_962.0),
            cell(0x027E, 2, 1, 0, &((5u32 << 2) | 2).to_le_bytes()),
            cell(0x0205, 2, 2, 0, &[1, 0]),
            // Two numbers of one record, in row 5.
            cell(0x00BD, 4, 0, 0, &[&[0x2A, 0, 0, 0][..], &[0, 0], &[0x0E, 0, 0, 0], &[1, 0]].concat()),
            cell(0x0006, 5, 0, 0, &[&1.5f64.to_le_bytes()[..], &[0; 6]].concat()),
            // The text of a formula follows it.
            cell(0x0006, 5, 2, 0, &[0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0]),
            record(0x0207, &[1, 0, 0, b't']),
            cell(0x0006, 6, 1, 0, &[2, 0, 0x2A, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0]),
        ]),
    );
    assert_eq!(read.display_names, ["a", "é", "c"]);
    let null = Value::Null;
    assert_eq!(
        read.rows,
        [
            [json!("2017-08-15"), json!("5"), json!("true")],
            [json!("10"), json!("3"), null.clone()],
            [json!("1.5"), null.clone(), json!("t")],
            [null.clone(), json!("#N/A"), null],
        ]
    );
}

#[test]
fn an_old_workbook_that_cannot_be_read_is_refused() {
    let label = |row, column, index: u32| cell(LABELSST, row, column, 0, &index.to_le_bytes());
    let whole = xls(&[label(0, 0, 0)]);
    for (bytes, key, part) in [
        (xls(&[label(0, 0, 7)]), "unparsable_file", "cut short or damaged"),
        (xls(&[label(3, 0, 0), label(1, 0, 0)]), "unparsable_file", "row 2"),
        (xls(&[label(0, 60_000, 0)]), "too_many_columns", "Row 1"),
        (xls(&[record(LABELSST, &[1])]), "unparsable_file", "damaged"),
        (xls(&[]), "unparsable_file", "row 1"),
        (whole[..700].to_vec(), "unparsable_file", ""),
        (compound("WordDocument", b"x"), "unparsable_file", "another old Office document"),
        (compound("Workbook", b"x"), "unparsable_file", "damaged"),
        (
            compound("Workbook", &[record(0x0809, &[0, 6]), record(0x002F, &[1, 0])].concat()),
            "unparsable_file",
            "encrypted",
        ),
    ] {
        assert_refused(&refused(FileKind::Xls, &Value::Null, bytes), key, part);
    }
    // A cell far away costs nothing.
    assert_eq!(
        read(FileKind::Xls, &Value::Null, xls(&[label(0, 0, 0), label(65_535, 255, 0)])).malformed.len(),
        1
    );
    let small = Bounds { part: 1000, ..bounds() };
    assert_refused(
        &refused_within(FileKind::Xls, &Value::Null, whole.clone(), &small),
        "archive_too_large",
        "1000",
    );
    let tight = Bounds::new(&Room::new(10));
    assert_refused(&refused_within(FileKind::Xls, &Value::Null, whole, &tight), "row_too_long", "memory");
}

proptest! {
    #[test]
    fn damaged_workbooks_are_read_or_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut old = xls(&[cell(LABELSST, 0, 0, 0, &[0, 0, 0, 0]), cell(NUMBER, 1, 0, 1, &1e5f64.to_le_bytes())]);
        let place = at.index(old.len());
        old[place] = byte;
        let _ = read_with(FileKind::Xls, &Value::Null, old, &bounds());
        let mut new = workbook("<row><c t='s'><v>0</v></c></row><row><c s='1'><v>1</v></c></row>");
        let place = at.index(new.len());
        new[place] = byte;
        let _ = read_with(FileKind::Xlsx, &Value::Null, new, &bounds());
    }
}
