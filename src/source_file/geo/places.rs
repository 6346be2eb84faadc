//! Features with members of any names as rows: a first look finds the columns and their types, a second gives the rows.

use super::super::SourceRows;
use super::super::bounds::Bounds;
use super::super::cells::{InputColumn, RowBuffer, Slot, SourceRow, push};
use super::super::error::{FileError, FileErrorKey};
use super::super::names::FieldNameMaker;
use super::geometry::{FAMILIES, Geometry, family};
use crate::codec::normal;
use crate::soda::SoqlType;
use crate::soda::value::canonical_number;
use std::collections::HashMap;

/// A value of a member.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Member {
    Null,
    Boolean(bool),
    /// As it is written.
    Number(String),
    Text(String),
}

/// A feature as it is read.
#[derive(Debug, Default)]
pub(in super::super) struct Feature {
    pub(super) members: Vec<(String, Member)>,
    pub(super) geometry: Option<Geometry>,
}

/// The features of a file.
pub(in super::super) trait Features: Send {
    /// The next; none at the end.
    fn next(&mut self) -> Result<Option<Feature>, FileError>;

    /// Begins anew.
    fn restart(&mut self) -> Result<(), FileError>;
}

/// Types that the values of a member had.
#[derive(Clone, Copy, Default)]
struct Seen {
    numbers: bool,
    booleans: bool,
    texts: bool,
}

impl Seen {
    fn see(&mut self, member: &Member) {
        match member {
            Member::Null => {}
            Member::Boolean(_) => self.booleans = true,
            Member::Number(text) if canonical_number(text).is_some() => self.numbers = true,
            Member::Number(_) | Member::Text(_) => self.texts = true,
        }
    }

    /// The type that all values have; text for mixed ones, and where there is none.
    fn soql_type(self) -> SoqlType {
        match (self.numbers, self.booleans, self.texts) {
            (true, false, false) => SoqlType::Number,
            (false, true, false) => SoqlType::Boolean,
            _ => SoqlType::Text,
        }
    }
}

/// The rows of features.
pub(in super::super) struct Places<F> {
    features: F,
    columns: Vec<InputColumn>,
    /// The column of each family of geometries.
    families: [Option<usize>; FAMILIES.len()],
    /// The columns of members by their names.
    members: HashMap<String, usize>,
    row: RowBuffer,
    number: u64,
}

impl<F: Features> Places<F> {
    /// Looks at all features for their columns. Geometries come first; those of one family share a column, which is
    /// named by its type and has that for several where there are such.
    pub(in super::super) fn new(mut features: F, bounds: &Bounds) -> Result<Self, FileError> {
        let mut geometries = [[false; 2]; FAMILIES.len()];
        let (mut names, mut seen): (HashMap<String, usize>, Vec<(String, Seen)>) = Default::default();
        while let Some(feature) = features.next()? {
            if let Some(geometry) = &feature.geometry
                && let Some(family) = family(geometry.soql_type)
            {
                geometries[family][usize::from(geometry.soql_type == FAMILIES[family].1)] = true;
            }
            for (name, member) in &feature.members {
                let place = match names.get(name) {
                    Some(place) => *place,
                    None => {
                        names.insert(name.clone(), seen.len());
                        seen.push((name.clone(), Seen::default()));
                        seen.len() - 1
                    }
                };
                seen[place].1.see(member);
            }
            if seen.len() > bounds.columns {
                return Err(FileError::new(
                    FileErrorKey::TooManyColumns,
                    format!("The features have more than {} members of different names", bounds.columns),
                    "Leave members out of the file.",
                ));
            }
        }
        features.restart()?;
        let (mut makes, mut columns, mut families) =
            (FieldNameMaker::default(), Vec::new(), [None; FAMILIES.len()]);
        for (family, (one, several)) in FAMILIES.iter().enumerate() {
            let [has_one, has_several] = geometries[family];
            if has_one || has_several {
                let soql_type = if has_several { *several } else { *one };
                families[family] = Some(columns.len());
                columns.push(makes.column(soql_type.name().to_owned(), soql_type));
            }
        }
        for place in names.values_mut() {
            *place += columns.len();
        }
        columns.extend(seen.into_iter().map(|(name, seen)| makes.column(name, seen.soql_type())));
        Ok(Self { features, columns, families, members: names, row: RowBuffer::new(bounds), number: 0 })
    }

    fn geometry(&mut self, geometry: &Geometry) -> Result<(), FileError> {
        let Some(column) = family(geometry.soql_type).and_then(|family| self.families[family]) else {
            return Ok(());
        };
        let stored = geometry.stored(self.columns[column].soql_type).ok_or_else(|| {
            FileError::unparsable(
                format!(
                    "The geometry of feature {} (counted from 0) is no valid {}",
                    self.number,
                    geometry.soql_type.name()
                ),
                "Positions are two or three numbers, lines have two positions, rings end where they begin and have four.",
            )
        })?;
        self.row.slots[column] = push(&mut self.row.text, &stored);
        Ok(())
    }
}

fn slot(text: &mut String, soql_type: SoqlType, member: &Member) -> Slot {
    match (soql_type, member) {
        (_, Member::Null) => Slot::Null,
        (SoqlType::Boolean, Member::Boolean(value)) => Slot::Int(i64::from(*value)),
        (SoqlType::Number, Member::Number(number)) => match canonical_number(number) {
            Some(number) => push(text, &number),
            None => Slot::Null,
        },
        (_, Member::Boolean(value)) => push(text, if *value { "true" } else { "false" }),
        (_, Member::Text(cell)) if cell.is_empty() => Slot::Null,
        (_, Member::Number(cell) | Member::Text(cell)) => push(text, &normal(cell.into())),
    }
}

impl<F: Features> SourceRows for Places<F> {
    fn columns(&self) -> &[InputColumn] {
        &self.columns
    }

    fn next(&mut self) -> Result<Option<SourceRow<'_>>, FileError> {
        let Some(feature) = self.features.next()? else { return Ok(None) };
        self.row.text.clear();
        self.row.slots.clear();
        self.row.slots.resize(self.columns.len(), Slot::Null);
        for (name, member) in &feature.members {
            // A file that changed since the first look may have other names.
            if let Some(column) = self.members.get(name) {
                self.row.slots[*column] = slot(&mut self.row.text, self.columns[*column].soql_type, member);
            }
        }
        if let Some(geometry) = &feature.geometry {
            self.geometry(geometry)?;
        }
        self.row.take_room("A feature")?;
        self.number += 1;
        Ok(Some(SourceRow::Cells(self.row.cells())))
    }
}
