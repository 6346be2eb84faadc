//! GeoJSON features as rows, typed while the body arrives: the geometry goes to the first geometry
//! column, the properties to the rest (ours). What the collection says of itself beside its
//! features is checked and dropped.

use super::json::value;
use super::rows::Rows;
use super::scan::{Fault, Scan, Stop};
use super::window::{RowStop, Sink, Steps, Window};
use crate::memory::Room;
use crate::soda::{BodyFormat, ErrorCode, Field, SodaError};
use serde_json::json;

/// Between which tokens the decoder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    FirstMember,
    NextMember,
    AfterMember,
    FirstFeature,
    NextFeature,
    AfterFeature,
    Done,
}

/// A decoder of a FeatureCollection or of one Feature.
#[derive(Debug)]
pub struct GeoJsonDecoder {
    window: Window,
    state: State,
    /// The top level's `type`.
    kind: Option<String>,
    has_features: bool,
    /// The members that matter when the top level is itself a feature, as text.
    own: String,
}

/// Where features are put.
pub(super) trait Features: Sink {
    /// Takes the feature that lies whole in the buffer; the place behind it.
    fn feature(&mut self, scan: &Scan<'_>, at: usize) -> Result<usize, RowStop>;

    /// Takes the text of a member that the collection has beside its features.
    fn member(&mut self, _name: &str, _value: &[u8]) {}
}

impl Features for Rows {
    fn feature(&mut self, scan: &Scan<'_>, at: usize) -> Result<usize, RowStop> {
        feature(scan, at, self)
    }
}

/// The members of a feature that are read.
const FEATURE_MEMBERS: [&str; 3] = ["type", "properties", "geometry"];

impl GeoJsonDecoder {
    pub(super) fn new(max_row: usize, partial: &Room) -> Self {
        Self {
            window: Window::new(max_row, BodyFormat::GeoJson, partial),
            state: State::Start,
            kind: None,
            has_features: false,
            own: String::new(),
        }
    }

    pub(super) fn finish(&mut self, rows: &mut impl Features) -> Result<(), SodaError> {
        self.run(rows, true)?;
        if self.state != State::Done {
            return Err(self.window.cut_short(self.state == State::Start));
        }
        match self.kind.as_deref() {
            Some("FeatureCollection") if self.has_features => Ok(()),
            Some("Feature") if !self.has_features => {
                let text = format!("{{{}}}", self.own);
                match rows.feature(&Scan { buf: text.as_bytes(), last: true }, 0) {
                    Ok(_) => Ok(()),
                    Err(RowStop::Refused(error)) => Err(error),
                    // The members were checked when they came.
                    Err(RowStop::Scan(_)) => Err(not_features()),
                }
            }
            _ => Err(not_features()),
        }
    }
}

impl<F: Features> Steps<F> for GeoJsonDecoder {
    fn window(&mut self) -> &mut Window {
        &mut self.window
    }

    fn step(&mut self, scan: &Scan<'_>, at: usize, byte: u8, rows: &mut F) -> Result<usize, RowStop> {
        match (self.state, byte) {
            (State::Start, b'{') => {
                self.state = State::FirstMember;
                Ok(at + 1)
            }
            (State::Start, _) => {
                scan.skip_value(at)?;
                Err(not_features().into())
            }
            (State::FirstMember | State::AfterMember, b'}') => {
                self.state = State::Done;
                Ok(at + 1)
            }
            (State::AfterMember, b',') => {
                self.state = State::NextMember;
                Ok(at + 1)
            }
            (State::FirstMember | State::NextMember, b'"') => self.member(scan, at, rows),
            (State::FirstFeature | State::AfterFeature, b']') => {
                self.state = State::AfterMember;
                Ok(at + 1)
            }
            (State::AfterFeature, b',') => {
                self.state = State::NextFeature;
                Ok(at + 1)
            }
            (State::FirstFeature | State::NextFeature, _) => {
                let after = rows.feature(scan, at)?;
                self.window.check_length(after - at)?;
                self.state = State::AfterFeature;
                Ok(after)
            }
            (State::AfterFeature | State::AfterMember, _) => {
                Err(Stop::Malformed(at, Fault::Said("A comma or a closing bracket is missing")).into())
            }
            (State::FirstMember | State::NextMember, _) => Err(Stop::Malformed(at, Fault::Key).into()),
            (State::Done, _) => {
                Err(Stop::Malformed(at, Fault::Said("There is text after the end of the JSON")).into())
            }
        }
    }
}

impl GeoJsonDecoder {
    /// A member of the top level. `features` is entered, anything else is passed over.
    fn member(&mut self, scan: &Scan<'_>, at: usize, rows: &mut impl Features) -> Result<usize, RowStop> {
        let (name, after) = scan.text(at)?;
        let (from, byte) = scan.peek(scan.colon(after)?)?;
        if name == "features" && byte == b'[' {
            self.has_features = true;
            self.state = State::FirstFeature;
            return Ok(from + 1);
        }
        let end = scan.skip_value(from)?;
        if name == "type" && byte == b'"' {
            self.kind = Some(scan.text(from)?.0.into_owned());
        }
        if FEATURE_MEMBERS.contains(&name.as_ref()) {
            self.keep(&name, &scan.buf[from..end])?;
        }
        rows.member(&name, &scan.buf[from..end]);
        self.state = State::AfterMember;
        Ok(end)
    }

    fn keep(&mut self, name: &str, value: &[u8]) -> Result<(), RowStop> {
        self.window.check_length(self.own.len() + value.len())?;
        let separator = if self.own.is_empty() { "" } else { "," };
        self.own.push_str(&format!("{separator}\"{name}\":{}", String::from_utf8_lossy(value)));
        Ok(())
    }
}

/// The features of a text of GeoJSON as they stand in it, one after the other, checked to be JSON.
#[derive(Debug)]
pub struct GeoJsonFeatures {
    decoder: GeoJsonDecoder,
    texts: Texts,
    /// Features that were taken.
    taken: usize,
}

/// Features that have come.
#[derive(Debug, Default)]
struct Texts {
    text: Vec<u8>,
    ends: Vec<usize>,
    system: Option<String>,
}

/// What a collection says of its coordinates is kept if it is no longer than this.
const MAX_SYSTEM: usize = 4096;

impl Sink for Texts {
    /// Only whole features are put here.
    fn abandon(&mut self) {}
}

impl Features for Texts {
    fn feature(&mut self, scan: &Scan<'_>, at: usize) -> Result<usize, RowStop> {
        let end = scan.skip_value(at)?;
        self.text.extend_from_slice(&scan.buf[at..end]);
        self.ends.push(self.text.len());
        Ok(end)
    }

    fn member(&mut self, name: &str, value: &[u8]) {
        if name == "crs" && value.len() <= MAX_SYSTEM {
            self.system = Some(String::from_utf8_lossy(value).into_owned());
        }
    }
}

impl GeoJsonFeatures {
    /// A reader that holds `max` bytes of one feature at most, beyond a few in the room `partial`.
    pub fn new(max: usize, partial: &Room) -> Self {
        Self { decoder: GeoJsonDecoder::new(max, partial), texts: Texts::default(), taken: 0 }
    }

    /// Takes the next piece of the text, which begins without a byte-order mark. The features before are forgotten.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), SodaError> {
        self.forget();
        self.decoder.take(bytes, &mut self.texts)
    }

    /// The text has ended. The features before are forgotten.
    pub fn finish(&mut self) -> Result<(), SodaError> {
        self.forget();
        self.decoder.finish(&mut self.texts)
    }

    fn forget(&mut self) {
        self.texts.text.clear();
        self.texts.ends.clear();
        self.taken = 0;
    }

    /// The text of the next feature that has come.
    pub fn next_feature(&mut self) -> Option<&str> {
        let end = *self.texts.ends.get(self.taken)?;
        let from = self.taken.checked_sub(1).map_or(0, |before| self.texts.ends[before]);
        self.taken += 1;
        // The scan has checked it.
        std::str::from_utf8(&self.texts.text[from..end]).ok()
    }

    /// What the collection says of its coordinates (`crs`), as its text.
    pub fn coordinate_system(&self) -> Option<&str> {
        self.texts.system.as_deref()
    }
}

/// A feature that lies whole in the buffer; the place behind it.
fn feature(scan: &Scan<'_>, at: usize, rows: &mut Rows) -> Result<usize, RowStop> {
    let end = scan.skip_value(at)?;
    let source = || String::from_utf8_lossy(&scan.buf[at..end]).into_owned();
    if scan.buf.get(at) != Some(&b'{') {
        return Err(rows.not_an_object(BodyFormat::GeoJson, &source()).into());
    }
    let (mut kind, mut properties, mut geometry) = (None, None, None);
    members(scan, at, |name, from| {
        match name {
            "type" if scan.buf.get(from) == Some(&b'"') => kind = Some(scan.text(from)?.0.into_owned()),
            "properties" => properties = Some(from),
            "geometry" => geometry = Some(from),
            _ => {}
        }
        Ok(scan.skip_value(from)?)
    })?;
    let is_null = |from: usize| scan.buf.get(from) == Some(&b'n');
    let properties = properties.filter(|from| !is_null(*from));
    let is_object = properties.is_none_or(|from| scan.buf.get(from) == Some(&b'{'));
    if kind.as_deref() != Some("Feature") || !is_object {
        return Err(rows.not_an_object(BodyFormat::GeoJson, &source()).into());
    }
    rows.begin(BodyFormat::GeoJson);
    if let Some(from) = properties {
        members(scan, from, |name, from| {
            let Some(field) = rows.layout().names.field(name) else {
                return Err(rows.unknown_field(name).into());
            };
            value(scan, from, field, rows)
        })?;
    }
    if let Some(from) = geometry {
        let first = rows.layout().fields.iter().position(|(_, t)| t.is_geometry());
        match first.and_then(|i| u16::try_from(i).ok()) {
            // Null clears the column, as in a property.
            Some(index) => drop(value(scan, from, Field::Column(index), rows)?),
            None if is_null(from) => {}
            None => {
                let message = "The features have a geometry, but the dataset has no geometry column";
                let hint = "Send \"geometry\": null, or add a column of type point, line, polygon or their multi forms. Nothing was stored.";
                return Err(SodaError::invalid(message).hint(hint).into());
            }
        }
    }
    rows.end()?;
    Ok(end)
}

/// Calls `each` with the name and the place of every value of the object at `at`; it answers with
/// the place behind the value.
fn members(
    scan: &Scan<'_>,
    at: usize,
    mut each: impl FnMut(&str, usize) -> Result<usize, RowStop>,
) -> Result<(), RowStop> {
    let (mut at, mut byte) = scan.peek(at + 1)?;
    while byte != b'}' {
        let (name, after) = scan.text(at)?;
        let (from, _) = scan.peek(scan.colon(after)?)?;
        let (next, separator) = scan.peek(each(&name, from)?)?;
        (at, byte) = if separator == b',' { scan.peek(next + 1)? } else { (next, separator) };
    }
    Ok(())
}

fn not_features() -> SodaError {
    SodaError::new(ErrorCode::ContentJsonInvalid, "The json content of the request is not an array or object")
        .data(json!({ "expected": "FeatureCollection" }))
        .hint("A GeoJSON body is one object, a FeatureCollection or a Feature: put a list of Features into {\"type\":\"FeatureCollection\",\"features\":[...]}; rows of plain JSON are sent as Content-Type: application/json. Nothing was stored.")
}
