//! Field names that the dataset does not have.

use crate::soda::BodyFormat;
use crate::soda::names::{folded, nearest};

/// What an unknown field name is.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldMistake {
    /// No name at all; whether it is the first of a header.
    Empty {
        /// Whether it is.
        first: bool,
    },
    /// A header without a line break behind it.
    OneLine,
    /// The body is of another format than it was read as.
    Format(BodyFormat),
    /// The rows are Features without a FeatureCollection around them.
    Features,
    /// The rows are a member of the object that was sent.
    Around,
    /// A table by columns or by numbers of rows.
    Table,
    /// The header's cells are parted by another sign; its name.
    Separator(&'static str),
    /// The line `sep=;`, which only Excel reads.
    SeparatorLine,
    /// A page of a web site.
    Page,
    /// A display name where only a CSV header may have one; its field.
    DisplayName(String),
    /// The name in quotation marks of its own.
    Quoted(String),
    /// Nearly this field.
    Near(String),
    /// None of these.
    Unknown(Vec<String>),
}

/// The flag of a delete is a field of every dataset.
const DELETED: &str = ":deleted";

/// What is said of a table that is no list of rows.
pub(super) const TABLE: &str = "the body is a table by columns or row numbers: send an array of rows, [{...},{...}], as pandas makes it with to_json(orient=\"records\")";

/// No field has a longer name; how near it comes to one is not looked at.
const LONGEST: usize = 1000;

/// More names than these do not help.
const SHOWN: usize = 30;

impl FieldMistake {
    /// What a name is; `header` when it stood in the header of CSV or TSV of that format.
    pub fn of<'f>(name: &str, header: Option<BodyFormat>, fields: impl Iterator<Item = &'f str>) -> Self {
        if let Some(mistake) = misread(name, header) {
            return mistake;
        }
        if name.len() > LONGEST {
            return Self::Unknown(fields.map(str::to_owned).collect());
        }
        const QUOTES: [char; 7] = ['"', '\'', '\u{201C}', '\u{201D}', '\u{201E}', '\u{2018}', '\u{2019}'];
        let fields: Vec<&str> = fields.collect();
        let bare = name.trim_matches(QUOTES);
        let is_field = |wanted: &str| fields.iter().find(|field| folded(field) == folded(wanted));
        if bare != name
            && let Some(field) = is_field(bare)
        {
            return Self::Quoted((*field).to_owned());
        }
        // Names that a person types have blanks around them, spreadsheets' a byte-order mark.
        let wanted = folded(name.trim().trim_matches('\u{FEFF}'));
        match nearest(&wanted, fields.iter().copied().chain([DELETED])) {
            Some(field) => Self::Near(field.to_owned()),
            None => Self::Unknown(fields.into_iter().map(str::to_owned).collect()),
        }
    }

    /// What to change.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Empty { first: true } => {
                "the name is empty: write the table without the numbers of its rows (R: row.names=FALSE, pandas: index=False)".to_owned()
            }
            Self::OneLine => {
                "the body is a single line, so all of it is the header: send the line breaks too (curl: --data-binary @file, since -d takes them out)".to_owned()
            }
            Self::Empty { .. } => {
                "the name is empty; a comma at the end of a header line makes an empty cell".to_owned()
            }
            Self::Format(format) => format!(
                "the body is {}, its Content-Type is not: send Content-Type: {}",
                format.name(),
                format.media_type()
            ),
            Self::Features => format!(
                "these are Features: put the list into {{\"type\":\"FeatureCollection\",\"features\":[...]}} and send Content-Type: {}",
                BodyFormat::GeoJson.media_type()
            ),
            Self::Around => {
                "the rows stand within it: send the array of rows alone, [{...},{...}]".to_owned()
            }
            Self::Table => TABLE.to_owned(),
            Self::Separator(sign) => format!("the cells of CSV are parted by commas, not {sign}"),
            Self::SeparatorLine => {
                "take out the line that names the separator, which only Excel reads".to_owned()
            }
            Self::Page => "the body is HTML or XML, such as the page of a login, not CSV".to_owned(),
            Self::DisplayName(field) => {
                format!("that is the display name of {field}; only the header of CSV or TSV may use it")
            }
            Self::Quoted(field) => format!("take off the quotation marks: {field}"),
            Self::Near(field) => format!("did you mean {field}?"),
            Self::Unknown(fields) => {
                let mut text = fields.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
                if fields.len() > SHOWN {
                    text.push_str(&format!(" and {} more", fields.len() - SHOWN));
                }
                if text.is_empty() {
                    "the dataset has no columns yet".to_owned()
                } else {
                    format!("the dataset's fields are {text}")
                }
            }
        }
    }
}

/// A name that is none because the body was read in another way than it was written.
fn misread(name: &str, header: Option<BodyFormat>) -> Option<FieldMistake> {
    let begins = name.trim_start();
    Some(match header {
        _ if begins.is_empty() => FieldMistake::Empty { first: false },
        _ if begins.starts_with("[{") || begins.starts_with("{\"") || begins == "[" || begins == "{" => {
            FieldMistake::Format(BodyFormat::Json)
        }
        Some(BodyFormat::Csv) if name.contains('\t') => FieldMistake::Format(BodyFormat::Tsv),
        Some(BodyFormat::Tsv) if name.contains(',') => FieldMistake::Format(BodyFormat::Csv),
        Some(_) if begins.starts_with("sep=") => FieldMistake::SeparatorLine,
        Some(_) if begins.starts_with('<') => FieldMistake::Page,
        Some(_) if name.contains(';') => FieldMistake::Separator("semicolons"),
        Some(_) if name.contains('|') => FieldMistake::Separator("vertical bars"),
        _ => return None,
    })
}
