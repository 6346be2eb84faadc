//! What the old import service says of a file before it is imported.

use super::SourceRows;
use super::cells::{Cells, SourceRow};
use super::error::FileError;
use super::guess::{is_boolean, is_date, is_number};
use crate::soda::SoqlType;
use serde::Serialize;

/// Rows that are shown.
const SAMPLE: usize = 20;
/// A type is suggested that so many of a hundred cells fit (ours).
const NEARLY_ALL: u64 = 95;

/// The summary of a scan (documented; the columns have no other members, since a client refuses them).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScanSummary {
    /// Rows that name the columns.
    pub headers: u64,
    /// The columns, in the file's order.
    pub columns: Vec<ScannedColumn>,
    /// Columns that together look like places.
    pub locations: Vec<PossibleLocation>,
    /// The first rows, without the header; an empty cell is an empty text.
    pub sample: Vec<Vec<String>>,
}

/// What was seen of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScannedColumn {
    /// Its header.
    pub name: String,
    /// Rows that were looked at.
    pub processed: u64,
    /// The `dataTypeName` of the narrowest type that nearly all cells fit.
    pub suggestion: &'static str,
    /// How many cells fit each type.
    pub types: TypeCounts,
}

/// How many cells with a value fit each type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TypeCounts {
    /// Numbers.
    pub number: u64,
    /// All.
    pub text: u64,
    /// Dates, with a time or without.
    pub date: u64,
    /// `true` and `false`.
    pub checkbox: u64,
}

/// Numbers, from 0, of the columns that look like the parts of a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PossibleLocation {
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<usize>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<usize>,
    /// State.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<usize>,
    /// Zip code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<usize>,
    /// Latitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<usize>,
    /// Longitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<usize>,
}

impl TypeCounts {
    fn see(&mut self, cell: &str) {
        self.text += 1;
        if is_number(cell) {
            self.number += 1;
        } else if is_boolean(cell) {
            self.checkbox += 1;
        } else if is_date(cell) {
            self.date += 1;
        }
    }

    fn suggestion(self) -> SoqlType {
        let narrow = [
            (self.number, SoqlType::Number),
            (self.checkbox, SoqlType::Boolean),
            (self.date, SoqlType::FloatingTimestamp),
        ];
        let is_nearly_all = |count: u64| self.text > 0 && count * 100 >= self.text * NEARLY_ALL;
        narrow.into_iter().find(|(count, _)| is_nearly_all(*count)).map_or(SoqlType::Text, |(_, t)| t)
    }
}

/// Looks at all rows that are left to read. `headers` tells how many rows stood above them. Rows with too few or too
/// many cells are neither counted nor shown.
pub fn scan(rows: &mut dyn SourceRows, headers: u64) -> Result<ScanSummary, FileError> {
    let names: Vec<(String, String)> =
        rows.columns().iter().map(|c| (c.display_name.clone(), c.field_name.clone())).collect();
    let mut counts = vec![TypeCounts::default(); names.len()];
    let (mut processed, mut sample) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        let SourceRow::Cells(cells) = row else { continue };
        processed += 1;
        for (index, counts) in counts.iter_mut().enumerate() {
            if let Some(cell) = cells.text(index) {
                counts.see(cell);
            }
        }
        if sample.len() < SAMPLE {
            sample.push(shown(&cells));
        }
    }
    let locations = locations(names.iter().map(|(_, field)| field.as_str()));
    let column = |((name, _), types): ((String, String), TypeCounts)| ScannedColumn {
        name,
        processed,
        suggestion: types.suggestion().data_type_name(),
        types,
    };
    let columns = names.into_iter().zip(counts).map(column).collect();
    Ok(ScanSummary { headers, columns, locations, sample })
}

fn shown(cells: &Cells<'_>) -> Vec<String> {
    (0..cells.len()).map(|index| cells.text(index).unwrap_or("").to_owned()).collect()
}

/// The place that columns of these names make, if they do: a latitude and a longitude, or an address.
fn locations<'a>(names: impl Iterator<Item = &'a str>) -> Vec<PossibleLocation> {
    let mut found = PossibleLocation::default();
    for (index, name) in names.enumerate() {
        let part = match name {
            "address" | "street_address" | "street" => &mut found.address,
            "city" => &mut found.city,
            "state" => &mut found.state,
            "zip" | "zip_code" | "zipcode" | "postal_code" => &mut found.zip,
            "latitude" | "lat" => &mut found.latitude,
            "longitude" | "lon" | "lng" | "long" => &mut found.longitude,
            _ => continue,
        };
        part.get_or_insert(index);
    }
    let has_place = (found.latitude.is_some() && found.longitude.is_some()) || found.address.is_some();
    if has_place { vec![found] } else { Vec::new() }
}
