//! Sentences about refused values, in the words of the format that was sent.

use super::field::TABLE;
use super::geometry::{GeometryMistake, Spelling as Shape};
use super::json_text::json_text;
use super::moment::{Moment, Spelling, Zone};
use super::{BodyFormat, Mistake, Written};
use crate::soda::SoqlType;
use crate::soda::value::{MAX_DIGITS, geometry_name, geometry_wkt};

/// A longer suggestion helps nobody.
const LONGEST: usize = 200;

impl Written {
    fn is_json(self) -> bool {
        matches!(self, Self::Body(format) if format.is_json())
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Body(format) if format.is_json() => "send",
            Self::Body(_) => "write",
            Self::Path => "name the row by",
        }
    }

    /// How a missing value is written.
    fn null(self) -> &'static str {
        match self {
            Self::Body(BodyFormat::Json | BodyFormat::GeoJson) => "send null",
            Self::Body(BodyFormat::Csv | BodyFormat::Tsv) => "leave the cell empty",
            Self::Body(BodyFormat::Form) => "leave the value empty",
            Self::Path => "name a row that is there",
        }
    }

    /// The same as an alternative; a row has no missing name.
    fn or_null(self) -> String {
        match self {
            Self::Body(format) if format.is_json() => ", or null".to_owned(),
            Self::Body(_) => format!(", or {}", self.null()),
            Self::Path => String::new(),
        }
    }

    /// A text as it is written.
    fn text(self, text: &str) -> String {
        if self.is_json() { json_text(text) } else { text.to_owned() }
    }
}

impl Mistake {
    /// What to change.
    pub(super) fn sentence(&self, expected: SoqlType, written: Written) -> String {
        let verb = written.verb();
        match self {
            Self::Missing(word) => {
                format!("{} stands for a missing value: {}", written.text(word), written.null())
            }
            Self::Blank { empty: true } => {
                format!("an empty text is {}: {}", no(expected), written.null())
            }
            Self::Blank { .. } => format!("a text of blanks is {}: {}", no(expected), written.null()),
            Self::Quoted(inner) if expected == SoqlType::Number => {
                format!("take off the quotation marks: {verb} {inner}")
            }
            Self::Quoted(inner) => {
                format!("take off the inner quotation marks: {verb} {}", written.text(inner))
            }
            Self::Number(number, signs) => {
                let advice: Vec<&str> = signs.iter().map(|sign| sign.advice()).collect();
                format!("{}: {verb} {number}", advice.join(", "))
            }
            Self::NotFinite(word) => format!("{word} is no number: {}", written.null()),
            Self::Truth { sent, is_text, value } => truth((sent, *is_text), *value, expected, written),
            Self::Moment(sent, moment) => moment_sentence(sent, moment, expected, written),
            Self::NoSuchMoment(sent) => {
                format!(
                    "there is no such time as {}: {verb} {}",
                    written.text(sent),
                    accepted(expected, written)
                )
            }
            Self::Geometry(mistake) => geometry(mistake, expected, written),
            Self::TooLong => format!(
                "a number has {MAX_DIGITS} digits at most when it is written out: {verb} a shorter one{}",
                written.or_null()
            ),
            Self::Column => TABLE.to_owned(),
            Self::Composite => {
                format!("an object or a list is {}: {verb} {}", no(expected), or_null(expected, written))
            }
            Self::Plain(value) => plain(value, expected, written),
            Self::Other => format!("{verb} {}", or_null(expected, written)),
        }
    }
}

/// `no number`.
fn no(expected: SoqlType) -> &'static str {
    match expected {
        SoqlType::Text | SoqlType::Photo | SoqlType::Blob => "no text",
        SoqlType::Number | SoqlType::Double => "no number",
        SoqlType::Boolean => "neither true nor false",
        SoqlType::FixedTimestamp | SoqlType::FloatingTimestamp | SoqlType::Time => "no time",
        SoqlType::Datestamp => "no date",
        SoqlType::RowIdentifier => "no :id",
        SoqlType::RowVersion => "no :version",
        t if t.is_geometry() => "no geometry",
        _ => "not what the column takes",
    }
}

fn truth((sent, is_text): (&str, bool), value: bool, expected: SoqlType, written: Written) -> String {
    let verb = written.verb();
    if expected == SoqlType::Number {
        return format!("{sent} is a value of a checkbox: {verb} {}", u8::from(value));
    }
    let shown = if is_text { written.text(sent) } else { sent.to_owned() };
    let quotes = if is_text && written.is_json() { ", without quotes" } else { "" };
    if sent == value.to_string() {
        format!("{verb} {value}{quotes}")
    } else {
        format!("{shown} means {value}: {verb} {value}{quotes}")
    }
}

fn moment_sentence(sent: &str, moment: &Moment, expected: SoqlType, written: Written) -> String {
    if expected == SoqlType::Number {
        return format!("{sent} is a date: {} a number{}", written.verb(), written.or_null());
    }
    if let (SoqlType::FixedTimestamp, Some(Zone::Name(zone))) = (expected, &moment.zone) {
        return format!(
            "the zone {zone} is not read: {} the time with its offset, as in {}",
            written.verb(),
            written.text("2014-10-13T07:00:00-05:00")
        );
    }
    let what = match moment.spelling {
        Spelling::Seconds => format!("{sent} is a Unix time in seconds"),
        Spelling::Milliseconds => format!("{sent} is a Unix time in milliseconds"),
        Spelling::Microseconds => format!("{sent} is a Unix time in microseconds"),
        Spelling::Nanoseconds => format!("{sent} is a Unix time in nanoseconds"),
        Spelling::Serial => format!("{sent} is a day number of Excel"),
        Spelling::Year => format!("{sent} is a year that is a number"),
        Spelling::DayOfYear => format!("{sent} is a year and the number of a day in it"),
        Spelling::Week => format!("{sent} is a day of a week of the year"),
        Spelling::Month => format!("{sent} is a month without a day"),
        Spelling::Words => format!("{sent} is a date in words"),
        Spelling::MonthFirst if written.is_json() => "month/day/year is read from CSV only".to_owned(),
        Spelling::MonthFirst => format!("{sent} has the month before the day"),
        Spelling::HalfDays => format!("{sent} is a time of the twelve-hour clock"),
        Spelling::DayFirst => format!("{sent} has the day before the month"),
        Spelling::Figures => format!("{sent} is not parted as ISO 8601 has it"),
        Spelling::Blank => "put a T between date and time".to_owned(),
        Spelling::Zone => {
            "the column holds local times, without Z or offset (a column of type date holds moments)"
                .to_owned()
        }
        Spelling::ZoneApart => "take out the blank before the zone".to_owned(),
        Spelling::ZoneName => "the zone is written as an offset".to_owned(),
        Spelling::Other => format!("{sent} is not in the form that is read"),
        Spelling::Both if expected == SoqlType::Time => "the column holds times without a date".to_owned(),
        Spelling::Both => "the column holds dates without a time".to_owned(),
    };
    format!("{what}: {} {}", written.verb(), written.text(&moment.iso(expected)))
}

fn geometry(mistake: &GeometryMistake, expected: SoqlType, written: Written) -> String {
    let (verb, takes) = (written.verb(), or_null(expected, written));
    match mistake {
        GeometryMistake::OtherKind(kind) => {
            format!("the column takes a {}, not a {kind}: {verb} {takes}", geometry_name(expected))
        }
        GeometryMistake::NoCoordinates => format!("it has no coordinates: {verb} {takes}"),
        GeometryMistake::Rings => {
            format!("each ring ends where it began and has four positions or more: {verb} {takes}")
        }
        GeometryMistake::Positions => {
            format!("a position is two or three numbers, longitude first: {verb} {takes}")
        }
        GeometryMistake::Other => format!("{verb} {takes}"),
        GeometryMistake::Meant(spelling, stored) => {
            let what = match spelling {
                Shape::Pair if written.is_json() => "(latitude, longitude) is read from CSV only",
                Shape::Pair => "the pair stands in brackets, or as WKT with the longitude first",
                Shape::Members => "latitude and longitude as members belong to a location column",
                Shape::Coordinates => "coordinates alone are no geometry",
                Shape::GeoJsonText if written.is_json() => "GeoJSON is an object, not a text in quotes",
                Shape::GeoJsonText => "WKT is read here, not GeoJSON",
                Shape::Srid => "WKT stands without an SRID",
                Shape::Commas => "in WKT a blank parts longitude and latitude",
                Shape::Feature => "the field takes the geometry without the feature around it",
                Shape::Quoted => "coordinates are numbers, without quotes",
            };
            let meant = if written.is_json() { stored.clone() } else { geometry_wkt(expected, stored) };
            if meant.len() > LONGEST {
                format!("{what}: {verb} {takes}")
            } else {
                format!("{what}: {verb} {meant}")
            }
        }
    }
}

/// A plain value where something else belongs.
fn plain(value: &str, expected: SoqlType, written: Written) -> String {
    let verb = written.verb();
    let fits = value.len() <= LONGEST && written.is_json();
    let is_text = value.starts_with('"');
    match expected {
        SoqlType::Text | SoqlType::Photo | SoqlType::Blob if fits => {
            format!("{value} is no text: {verb} it in quotes, \"{value}\"")
        }
        SoqlType::Json if fits => {
            format!("the column takes an object with the member json: {verb} {{\"json\": {value}}}")
        }
        SoqlType::Document if fits && is_text => {
            format!("the column takes an object: {verb} {{\"file_id\": {value}}}")
        }
        SoqlType::Url if fits => format!("{value} is no link: {verb} {}", or_null(expected, written)),
        SoqlType::Phone if fits => format!("{verb} {{\"phone_number\": \"{value}\"}}"),
        _ => format!("{verb} {}", or_null(expected, written)),
    }
}

fn or_null(expected: SoqlType, written: Written) -> String {
    accepted(expected, written) + &written.or_null()
}

/// What a type takes, as the wire contract has it.
fn accepted(soql_type: SoqlType, written: Written) -> String {
    let json = written.is_json();
    let time = |example: &str| written.text(example);
    match soql_type {
        SoqlType::Text if json => "a text in quotes, or a number".to_owned(),
        SoqlType::Text | SoqlType::Photo | SoqlType::Blob => "a text".to_owned(),
        SoqlType::Number | SoqlType::Double => "a number such as -5.00 or 1e3".to_owned(),
        SoqlType::Boolean => "true or false".to_owned(),
        SoqlType::FloatingTimestamp => format!("a local time such as {}", time("2014-10-13T07:00:00")),
        SoqlType::FixedTimestamp => format!("a time such as {}", time("2014-10-13T07:00:00Z")),
        SoqlType::Datestamp => format!("a date such as {}", time("2014-10-13")),
        SoqlType::Time => format!("a time of day such as {}", time("07:00:00")),
        SoqlType::Location if json => {
            "an object such as {\"latitude\": 47.6, \"longitude\": -122.3}, or a text such as \"(47.6, -122.3)\"".to_owned()
        }
        SoqlType::Location => "(47.6, -122.3), latitude first, behind an address if there is one".to_owned(),
        SoqlType::Url if json => "an object such as {\"url\": \"https://example.com\", \"description\": \"Example\"}".to_owned(),
        SoqlType::Url => "a link, or a text with the link behind it: Example (https://example.com)".to_owned(),
        SoqlType::Document => "an object with file_id".to_owned(),
        SoqlType::Json if json => "an object with the member json".to_owned(),
        SoqlType::Json => "JSON".to_owned(),
        SoqlType::Phone => "an object with phone_number and phone_type".to_owned(),
        SoqlType::RowIdentifier if written == Written::Path => {
            "its :id, such as row-evac~sxbs~gm8t".to_owned()
        }
        SoqlType::RowIdentifier => {
            "the row's :id as it was read, such as row-evac~sxbs~gm8t (no :id for a new row)".to_owned()
        }
        SoqlType::RowVersion => "the row's :version as it was read, such as rv-csvd~ec2x~i33b".to_owned(),
        SoqlType::Interval => "an ISO 8601 period".to_owned(),
        t => geometry_forms(t, json),
    }
}

fn geometry_forms(soql_type: SoqlType, json: bool) -> String {
    let name = geometry_name(soql_type);
    if json {
        return format!("GeoJSON of type {name} or WKT, longitude first");
    }
    match soql_type {
        SoqlType::Point => {
            "WKT, longitude first: POINT (-122.3 47.6), or the pair latitude first: (47.6, -122.3)".to_owned()
        }
        _ => format!("WKT of a {name}, longitude first"),
    }
}
