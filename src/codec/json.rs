//! JSON rows, typed while the body arrives. A row is looked at once it has arrived whole; only its
//! text is held.

use super::TopLevel;
use super::rows::Rows;
use super::scan::{Fault, Scan, Stop, unexpected};
use super::window::{RowStop, Steps, Window};
use crate::memory::Room;
use crate::soda::hint::FieldMistake;
use crate::soda::value::JsonToken;
use crate::soda::{BodyFormat, ErrorCode, Field, SodaError};
use serde_json::json;

/// What to do with a body that is neither an array nor an object.
const NO_ROWS: &str = "Send an array of rows, such as [{\"field\":\"value\"}]; CSV is sent with Content-Type: text/csv. Nothing was stored.";
const GEOJSON: &str =
    "The body is GeoJSON: send Content-Type: application/vnd.geo+json with it. Nothing was stored.";
const ENCODED_TWICE: &str =
    "The body is JSON within a text of JSON: encode the rows once, not twice. Nothing was stored.";

/// Between which tokens of the top level the decoder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    FirstRow,
    NextRow,
    AfterRow,
    Done,
}

/// A decoder of an array of rows or of one object.
#[derive(Debug)]
pub struct JsonDecoder {
    window: Window,
    state: State,
    top_level: TopLevel,
    single: bool,
    /// Raw keys of the last row, one after the other, and where each ends with its field: rows tend
    /// to look alike.
    keys: Vec<u8>,
    expected: Vec<(usize, Field)>,
}

impl JsonDecoder {
    pub(super) fn new(top_level: TopLevel, max_row: usize, partial: &Room) -> Self {
        Self {
            window: Window::new(max_row, BodyFormat::Json, partial),
            state: State::Start,
            top_level,
            single: false,
            keys: Vec::new(),
            expected: Vec::new(),
        }
    }

    pub(super) fn is_single_object(&self) -> bool {
        self.single
    }

    pub(super) fn finish(&mut self, rows: &mut Rows) -> Result<(), SodaError> {
        self.run(rows, true)?;
        if self.state == State::Done {
            return Ok(());
        }
        Err(self.window.cut_short(self.state == State::Start))
    }
}

impl Steps<Rows> for JsonDecoder {
    fn window(&mut self) -> &mut Window {
        &mut self.window
    }

    fn step(&mut self, scan: &Scan<'_>, at: usize, byte: u8, rows: &mut Rows) -> Result<usize, RowStop> {
        match (self.state, byte) {
            (State::Start, b'[') => {
                self.state = State::FirstRow;
                Ok(at + 1)
            }
            (State::Start, b'{') if self.top_level == TopLevel::ArrayOrObject => {
                let after = self.object(scan, at, rows)?;
                self.window.check_length(after - at)?;
                self.single = true;
                self.state = State::Done;
                Ok(after)
            }
            (State::Start, b'{') if of_geojson(scan, at)? => Err(self.wrong_top_level(GEOJSON).into()),
            (State::Start, _) => match scan.skip_value(at) {
                Err(Stop::Malformed(place, _)) if byte != b'{' => {
                    Err(Stop::Malformed(place, Fault::Start).into())
                }
                Err(stop) => Err(stop.into()),
                Ok(_) if byte == b'"' && scan.text(at)?.0.trim_start().starts_with(['[', '{']) => {
                    Err(self.wrong_top_level(ENCODED_TWICE).into())
                }
                Ok(_) => Err(self.wrong_top_level(NO_ROWS).into()),
            },
            (State::FirstRow | State::AfterRow, b']') => {
                self.state = State::Done;
                Ok(at + 1)
            }
            (State::AfterRow, b',') => {
                self.state = State::NextRow;
                Ok(at + 1)
            }
            (State::AfterRow, _) => {
                Err(Stop::Malformed(at, Fault::Said("A comma or the closing bracket is missing after a row"))
                    .into())
            }
            (State::FirstRow | State::NextRow, b'{') => {
                let after = self.object(scan, at, rows)?;
                self.window.check_length(after - at)?;
                self.state = State::AfterRow;
                Ok(after)
            }
            (State::FirstRow | State::NextRow, _) => {
                let after = delete_row(scan, at, byte, rows)?;
                self.window.check_length(after - at)?;
                self.state = State::AfterRow;
                Ok(after)
            }
            (State::Done, b'{') if self.single => {
                let lines = "Another row stands behind the first: put the rows into an array, [{...},{...}]";
                Err(Stop::Malformed(at, Fault::Said(lines)).into())
            }
            (State::Done, _) => {
                Err(Stop::Malformed(at, Fault::Said("There is text after the end of the JSON")).into())
            }
        }
    }
}

impl JsonDecoder {
    fn object(&mut self, scan: &Scan<'_>, at: usize, rows: &mut Rows) -> Result<usize, RowStop> {
        rows.begin(BodyFormat::Json);
        let (mut at, mut byte) = scan.peek(at + 1)?;
        if byte == b'}' {
            rows.end()?;
            return Ok(at + 1);
        }
        let mut index = 0;
        loop {
            if byte != b'"' {
                return Err(Stop::Malformed(at, Fault::Key).into());
            }
            let (field, after) = self.key(scan, at, index, rows)?;
            index += 1;
            at = value(scan, scan.colon(after)?, field, rows)?;
            let (place, next) = scan.peek(at)?;
            match next {
                b'}' => {
                    rows.end()?;
                    return Ok(place + 1);
                }
                b',' => (at, byte) = scan.peek(place + 1)?,
                _ => {
                    return Err(Stop::Malformed(
                        place,
                        Fault::Said("A comma or a closing brace is missing in a row"),
                    )
                    .into());
                }
            }
        }
    }

    /// The field that the key at `at` names; `index` counts the keys of the row.
    #[inline]
    fn key(
        &mut self,
        scan: &Scan<'_>,
        at: usize,
        index: usize,
        rows: &Rows,
    ) -> Result<(Field, usize), RowStop> {
        let raw = scan.raw_key(at);
        let start = if index == 0 { 0 } else { self.expected.get(index - 1).map_or(0, |(end, _)| *end) };
        if let (Some(raw), Some((end, field))) = (raw, self.expected.get(index))
            && self.keys.get(start..*end) == Some(raw)
        {
            return Ok((*field, at + raw.len() + 2));
        }
        let (name, after) = scan.text(at)?;
        let field = match rows.layout().names.field(&name) {
            Some(field) => field,
            None if is_member_of_geojson(scan, &name, after)? => {
                let in_list = matches!(self.state, State::FirstRow | State::NextRow);
                let mistake =
                    if in_list { FieldMistake::Features } else { FieldMistake::Format(BodyFormat::GeoJson) };
                return Err(rows.mistaken_field(&name, mistake).into());
            }
            None if index == 0 && self.state == State::Start => {
                let mistake = around(scan, &name, after)?;
                return Err(match mistake {
                    Some(mistake) => rows.mistaken_field(&name, mistake),
                    None => rows.unknown_field(&name),
                }
                .into());
            }
            // An unknown name counts only once the row is known to be JSON up to here.
            None => return Err(rows.unknown_field(&name).into()),
        };
        if let Some(raw) = raw {
            self.expected.truncate(index);
            if self.expected.len() == index && index < 4096 {
                self.keys.truncate(start);
                self.keys.extend_from_slice(raw);
                self.expected.push((self.keys.len(), field));
            }
        }
        Ok((field, after))
    }

    fn wrong_top_level(&self, hint: &'static str) -> SodaError {
        let expected = match self.top_level {
            TopLevel::Array => "array",
            TopLevel::ArrayOrObject => "array, object",
        };
        SodaError::new(
            ErrorCode::ContentJsonInvalid,
            "The json content of the request is not an array or object",
        )
        .data(json!({ "expected": expected }))
        .hint(hint)
    }
}

/// Whether the object at `at` begins as GeoJSON does.
fn of_geojson(scan: &Scan<'_>, at: usize) -> Result<bool, Stop> {
    let (at, byte) = scan.peek(at + 1)?;
    if byte != b'"' {
        return Ok(false);
    }
    let (name, after) = scan.text(at)?;
    is_member_of_geojson(scan, &name, after)
}

/// What an object is that begins with an unknown name, when it holds rows rather than being one; the name's colon
/// stands behind `after`.
fn around(scan: &Scan<'_>, name: &str, after: usize) -> Result<Option<FieldMistake>, Stop> {
    /// Members that answers of services have around their rows.
    const AROUND: [&str; 12] = [
        "rows", "row", "data", "records", "record", "items", "results", "result", "value", "values", "d",
        "meta",
    ];
    /// Members of pandas' tables.
    const TABLE: [&str; 3] = ["columns", "index", "schema"];
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_around = AROUND.contains(&name) || name.starts_with("@odata.");
    let (at, byte) = scan.peek(scan.colon(after)?)?;
    if !matches!(byte, b'{' | b'[') {
        return Ok(is_around.then_some(FieldMistake::Around));
    }
    let (inner, first) = scan.peek(at + 1)?;
    let by_number = byte == b'{' && first == b'"' && is_number(&scan.text(inner)?.0);
    let is_table = by_number || is_number(name) || TABLE.contains(&name) || byte == b'[' && first == b'[';
    Ok(match (is_table, byte, first) {
        (true, ..) => Some(FieldMistake::Table),
        (false, b'[', b'{') => Some(FieldMistake::Around),
        _ => is_around.then_some(FieldMistake::Around),
    })
}

/// Whether a member with this name, whose colon stands behind `after`, tells of GeoJSON.
fn is_member_of_geojson(scan: &Scan<'_>, name: &str, after: usize) -> Result<bool, Stop> {
    if !matches!(name, "type" | "features") {
        return Ok(false);
    }
    let (at, byte) = scan.peek(scan.colon(after)?)?;
    Ok(match (name, byte) {
        ("type", b'"') => matches!(scan.text(at)?.0.as_ref(), "FeatureCollection" | "Feature"),
        ("features", byte) => byte == b'[',
        _ => false,
    })
}

/// A field's value, stored into the open row; the place behind it.
#[inline]
pub(super) fn value(scan: &Scan<'_>, at: usize, field: Field, rows: &mut Rows) -> Result<usize, RowStop> {
    let (at, byte) = scan.peek(at)?;
    match byte {
        b'"' => {
            let (text, after) = scan.text(at)?;
            rows.put(field, JsonToken::Text(&text))?;
            Ok(after)
        }
        b'-' | b'0'..=b'9' => {
            let (number, after) = scan.number(at)?;
            rows.put(field, JsonToken::Number(number))?;
            Ok(after)
        }
        b't' => word(scan, at, "true", JsonToken::Bool(true), field, rows),
        b'f' => word(scan, at, "false", JsonToken::Bool(false), field, rows),
        b'n' => word(scan, at, "null", JsonToken::Null, field, rows),
        b'{' | b'[' => {
            let after = scan.skip_value(at)?;
            let text = std::str::from_utf8(&scan.buf[at..after])
                .map_err(|e| Stop::Malformed(at + e.valid_up_to(), Fault::Utf8))?;
            let text = super::scan::normal(text.into());
            rows.put(field, JsonToken::Composite(&text))?;
            Ok(after)
        }
        _ => Err(unexpected(at).into()),
    }
}

fn word(
    scan: &Scan<'_>,
    at: usize,
    word: &'static str,
    token: JsonToken<'_>,
    field: Field,
    rows: &mut Rows,
) -> Result<usize, RowStop> {
    let after = scan.word(at, word)?;
    rows.put(field, token)?;
    Ok(after)
}

/// A row that is no object: `[KEY]` deletes, all else is refused.
fn delete_row(scan: &Scan<'_>, at: usize, byte: u8, rows: &mut Rows) -> Result<usize, RowStop> {
    let after = scan.skip_value(at)?;
    let source = String::from_utf8_lossy(&scan.buf[at..after]);
    if byte != b'[' {
        return Err(rows.not_an_object(BodyFormat::Json, &source).into());
    }
    let (inner, first) = scan.peek(at + 1)?;
    if first == b']' {
        return Err(rows.not_an_object(BodyFormat::Json, &source).into());
    }
    let item_end = scan.skip_value(inner)?;
    if scan.peek(item_end)?.1 != b']' {
        return Err(rows.not_an_object(BodyFormat::Json, &source).into());
    }
    let item = std::str::from_utf8(&scan.buf[inner..item_end]).unwrap_or("null");
    match first {
        b'"' => rows.delete_by_key(JsonToken::Text(&scan.text(inner)?.0))?,
        b't' => rows.delete_by_key(JsonToken::Bool(true))?,
        b'f' => rows.delete_by_key(JsonToken::Bool(false))?,
        b'n' => rows.delete_by_key(JsonToken::Null)?,
        b'{' | b'[' => rows.delete_by_key(JsonToken::Composite(item))?,
        _ => rows.delete_by_key(JsonToken::Number(item))?,
    }
    Ok(after)
}
