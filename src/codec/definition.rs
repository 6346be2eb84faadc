//! A dataset's definition with its rows in it, told apart while the text arrives: the rows may be many,
//! what describes them is little. Members may come in any order, so that rows are read only when all
//! of the definition is known.

use super::scan::{Fault, Scan, Stop};
use super::window::{RowStop, Sink, Steps, Window};
use super::{BodyFormat, MAX_ROW};
use crate::memory::Room;
use crate::soda::SodaError;

/// Bytes of a definition without its rows.
const MAX_DEFINITION: usize = 16 * 1024 * 1024;

/// Between which tokens the decoder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    FirstMember,
    NextMember,
    AfterMember,
    FirstRow,
    NextRow,
    AfterRow,
    Done,
}

/// The text of the rows, a JSON array, as far as it has come and was not taken.
#[derive(Debug, Default)]
pub struct RowsText(Vec<u8>);

impl RowsText {
    /// What has come since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

impl Sink for RowsText {
    /// Only whole rows are put here.
    fn abandon(&mut self) {}
}

/// A decoder of one JSON object with a member `rows`.
#[derive(Debug)]
pub struct DefinitionDecoder {
    window: Window,
    state: State,
    /// The other members, as text between braces.
    text: Vec<u8>,
    has_rows: bool,
}

impl DefinitionDecoder {
    /// A decoder that holds what has not come whole in the room `partial`.
    pub fn new(partial: &Room) -> Self {
        let window = Window::new(MAX_ROW, BodyFormat::Json, partial);
        Self { window, state: State::Start, text: Vec::new(), has_rows: false }
    }

    /// Takes the next piece of the text.
    pub fn feed(&mut self, bytes: &[u8], rows: &mut RowsText) -> Result<(), SodaError> {
        self.take(bytes, rows)
    }

    /// The text has ended: the definition without its rows, and whether it has rows.
    pub fn finish(mut self, rows: &mut RowsText) -> Result<(Vec<u8>, bool), SodaError> {
        self.run(rows, true)?;
        if self.state != State::Done {
            return Err(self.window.cut_short(self.state == State::Start));
        }
        self.text.push(b'}');
        Ok((self.text, self.has_rows))
    }

    /// A member. Rows are entered; anything else, and rows that are no list, are kept as they are.
    fn member(&mut self, scan: &Scan<'_>, at: usize, rows: &mut RowsText) -> Result<usize, RowStop> {
        let (name, after) = scan.text(at)?;
        let (from, byte) = scan.peek(scan.colon(after)?)?;
        if name == "rows" && byte == b'[' {
            if self.has_rows {
                return Err(SodaError::invalid("The definition has two members \"rows\"").into());
            }
            self.has_rows = true;
            rows.0.push(b'[');
            self.state = State::FirstRow;
            return Ok(from + 1);
        }
        let end = scan.skip_value(from)?;
        if self.text.len() + end - at > MAX_DEFINITION {
            return Err(SodaError::too_large(MAX_DEFINITION as u64, "a definition without its rows").into());
        }
        self.text.push(if self.text.is_empty() { b'{' } else { b',' });
        self.text.extend_from_slice(&scan.buf[at..end]);
        self.state = State::AfterMember;
        Ok(end)
    }

    fn row(&mut self, scan: &Scan<'_>, at: usize, rows: &mut RowsText) -> Result<usize, RowStop> {
        let end = scan.skip_value(at)?;
        self.window.check_length(end - at)?;
        if self.state == State::NextRow {
            rows.0.push(b',');
        }
        rows.0.extend_from_slice(&scan.buf[at..end]);
        self.state = State::AfterRow;
        Ok(end)
    }
}

impl Steps<RowsText> for DefinitionDecoder {
    fn window(&mut self) -> &mut Window {
        &mut self.window
    }

    fn step(&mut self, scan: &Scan<'_>, at: usize, byte: u8, rows: &mut RowsText) -> Result<usize, RowStop> {
        match (self.state, byte) {
            (State::Start, b'{') => {
                self.state = State::FirstMember;
                Ok(at + 1)
            }
            (State::Start, _) => {
                scan.skip_value(at)?;
                Err(SodaError::invalid("A dataset is a JSON object").into())
            }
            (State::FirstMember | State::AfterMember, b'}') => {
                if self.text.is_empty() {
                    self.text.push(b'{');
                }
                self.state = State::Done;
                Ok(at + 1)
            }
            (State::AfterMember, b',') => {
                self.state = State::NextMember;
                Ok(at + 1)
            }
            (State::FirstMember | State::NextMember, b'"') => self.member(scan, at, rows),
            (State::FirstMember | State::NextMember, _) => Err(Stop::Malformed(at, Fault::Key).into()),
            (State::FirstRow | State::AfterRow, b']') => {
                rows.0.push(b']');
                self.state = State::AfterMember;
                Ok(at + 1)
            }
            (State::AfterRow, b',') => {
                self.state = State::NextRow;
                Ok(at + 1)
            }
            (State::FirstRow | State::NextRow, _) => self.row(scan, at, rows),
            (State::AfterRow | State::AfterMember, _) => {
                Err(Stop::Malformed(at, Fault::Said("A comma or a closing bracket is missing")).into())
            }
            (State::Done, _) => {
                Err(Stop::Malformed(at, Fault::Said("There is text after the end of the JSON")).into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// The definition without rows, and the rows, of a text that comes in pieces of this length.
    fn decoded(text: &[u8], piece: usize) -> Result<(Value, Option<Value>), SodaError> {
        let mut decoder = DefinitionDecoder::new(&Room::new(u64::MAX));
        let (mut text_of_rows, mut all) = (RowsText::default(), Vec::new());
        for bytes in text.chunks(piece) {
            decoder.feed(bytes, &mut text_of_rows)?;
            all.append(&mut text_of_rows.take());
        }
        let (definition, has_rows) = decoder.finish(&mut text_of_rows)?;
        all.append(&mut text_of_rows.take());
        assert_eq!(has_rows, !all.is_empty());
        let rows = has_rows.then(|| serde_json::from_slice(&all).unwrap());
        Ok((serde_json::from_slice(&definition).unwrap(), rows))
    }

    #[test]
    fn rows_are_told_from_what_describes_them_wherever_they_stand() {
        for (text, definition, rows) in [
            (r#"{}"#, json!({}), None),
            (r#" { "rows" : [ ] } "#, json!({}), Some(json!([]))),
            (
                r#"{"name":"a","rows":[{"a":[1,{"rows":2}]},{}],"columns":[{"rows":[]}]}"#,
                json!({"name":"a","columns":[{"rows":[]}]}),
                Some(json!([{"a":[1,{"rows":2}]},{}])),
            ),
            (r#"{"rows":[1, "]}", null],"x":"rows"}"#, json!({"x":"rows"}), Some(json!([1, "]}", null]))),
            (r#"{"rows":null}"#, json!({"rows":null}), None),
            (r#"{"rows":{"a":1}}"#, json!({"rows":{"a":1}}), None),
        ] {
            for piece in [1, 2, 7, 1000] {
                assert_eq!(
                    decoded(text.as_bytes(), piece).unwrap(),
                    (definition.clone(), rows.clone()),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_definition_is_refused_with_its_place() {
        for (text, place) in [
            ("", Some((1, 1))),
            ("[]", None),
            ("{\n\"a\":1", Some((2, 6))),
            ("{\"a\":1}}", Some((1, 8))),
            ("{\"rows\":[1,]}", Some((1, 12))),
            ("{\"rows\":[1}", Some((1, 11))),
            ("{\"rows\":[1],\"rows\":[2]}", None),
            ("{a:1}", Some((1, 2))),
            ("{\"a\" 1}", Some((1, 6))),
        ] {
            for piece in [1, 1000] {
                let error = decoded(text.as_bytes(), piece).unwrap_err();
                let data =
                    error.data.map(|data| (data["row"].as_u64().unwrap(), data["column"].as_u64().unwrap()));
                assert_eq!(data, place, "{text}: {}", error.message);
            }
        }
    }

    proptest! {
        #[test]
        fn any_object_is_told_apart_as_serde_reads_it(
            before in prop::collection::btree_map("[a-q]{1,3}", ".*", 0..4),
            rows in prop::collection::vec(prop::collection::btree_map(".*", -9i64..9, 0..3), 0..6),
            after in prop::collection::btree_map("[t-z]{1,3}", any::<bool>(), 0..4),
            piece in 1..50usize,
        ) {
            let mut whole = serde_json::Map::new();
            whole.extend(before.into_iter().map(|(name, value)| (name, json!(value))));
            let mut definition = whole.clone();
            whole.insert("rows".into(), json!(rows));
            for (name, value) in after {
                whole.insert(name.clone(), value.into());
                definition.insert(name, value.into());
            }
            let told = decoded(serde_json::to_string_pretty(&whole).unwrap().as_bytes(), piece).unwrap();
            prop_assert_eq!(told, (Value::Object(definition), Some(json!(rows))));
        }
    }
}
