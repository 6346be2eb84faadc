//! The first schemas of a source: what its file has, and what is made of it when nobody says otherwise.

use super::rows::Inspected;
use super::schema::Wanted;
use crate::soda::{Column, Dataset, SoqlType, folded};
use crate::store::publishing::{ActionKind, Archive, InputColumn};
use serde_json::{Value, json};

/// The columns of a file as columns of an input schema. Ids are left.
pub fn input_columns(inspected: &Inspected) -> Vec<InputColumn> {
    let columns = inspected.columns.iter().map(|column| InputColumn {
        id: 0,
        field_name: column.field_name.clone(),
        display_name: column.display_name.clone(),
        soql_type: column.soql_type.data_type_name().to_owned(),
    });
    columns.collect()
}

/// What is made of a file: of each column one as all rows allow it. Columns that the dataset has keep their names and
/// presentation there; an update or a delete makes them of the dataset's types too (ours).
pub fn wanted(inspected: &Inspected, dataset: Option<&Dataset>, kind: ActionKind) -> Vec<Wanted> {
    let columns = inspected.columns.iter().zip(&inspected.guessed).map(|(column, guessed)| {
        let wanted =
            Wanted { expr: guessed.transform.clone(), ..plain(&column.field_name, &column.display_name) };
        let Some((dataset, same)) = dataset.and_then(|d| Some((d, find(d, &column.field_name)?))) else {
            return wanted;
        };
        let keeps_type = kind != ActionKind::Replace && same.soql_type != guessed.soql_type;
        let cast = keeps_type.then(|| cast(column.soql_type, same.soql_type, &column.field_name)).flatten();
        Wanted { expr: cast.unwrap_or(wanted.expr), ..of_column(dataset, same, wanted.field_name) }
    });
    columns.collect()
}

/// A column as it is, without presentation.
fn plain(field_name: &str, display_name: &str) -> Wanted {
    Wanted {
        field_name: field_name.to_owned(),
        display_name: display_name.to_owned(),
        description: String::new(),
        format: json!({}),
        flags: Vec::new(),
        is_primary_key: false,
        expr: format!("`{field_name}`"),
        ancestor: None,
    }
}

fn find<'d>(dataset: &'d Dataset, field_name: &str) -> Option<&'d Column> {
    let wanted = folded(field_name);
    dataset.columns.iter().find(|column| folded(&column.field_name) == wanted)
}

/// An output column with the names and presentation of a dataset's column, made of an input column of that name.
fn of_column(dataset: &Dataset, column: &Column, input: String) -> Wanted {
    Wanted {
        field_name: column.field_name.clone(),
        display_name: column.name.clone(),
        description: column.extra.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
        format: column.extra.get("format").filter(|f| f.is_object()).cloned().unwrap_or_else(|| json!({})),
        flags: column.extra.get("flags").and_then(Value::as_array).cloned().unwrap_or_default(),
        is_primary_key: dataset.key_column().is_some_and(|key| key.number == column.number),
        expr: format!("`{input}`"),
        ancestor: None,
    }
}

/// The columns of a view source: those of the dataset, as they are.
pub fn of_view(dataset: &Dataset) -> (Vec<InputColumn>, Vec<Wanted>) {
    let inputs = dataset.columns.iter().map(|column| InputColumn {
        id: 0,
        field_name: column.field_name.clone(),
        display_name: column.name.clone(),
        soql_type: column.soql_type.data_type_name().to_owned(),
    });
    let wanted = dataset.columns.iter().map(|column| of_column(dataset, column, column.field_name.clone()));
    (inputs.collect(), wanted.collect())
}

/// The columns of an archive, as they were.
pub fn of_archive(dataset: &Dataset, archive: &Archive) -> (Vec<InputColumn>, Vec<Wanted>) {
    let inputs = archive.columns.iter().map(|(field_name, display_name, soql_type)| InputColumn {
        id: 0,
        field_name: field_name.clone(),
        display_name: display_name.clone(),
        soql_type: soql_type.clone(),
    });
    let wanted =
        archive.columns.iter().map(|(field_name, display_name, _)| match find(dataset, field_name) {
            Some(column) => of_column(dataset, column, field_name.clone()),
            None => plain(field_name, display_name),
        });
    (inputs.collect(), wanted.collect())
}

/// The transform that makes a type of a text column.
fn cast(from: SoqlType, to: SoqlType, field_name: &str) -> Option<String> {
    let function = match to {
        SoqlType::Text if from != SoqlType::Text => "to_text",
        SoqlType::Text => return Some(format!("`{field_name}`")),
        SoqlType::Number => "to_number",
        SoqlType::Boolean => "to_boolean",
        SoqlType::FloatingTimestamp => "to_floating_timestamp",
        SoqlType::FixedTimestamp => "to_fixed_timestamp",
        SoqlType::Point => "to_point",
        SoqlType::MultiPoint => "to_multipoint",
        SoqlType::Line => "to_line",
        SoqlType::MultiLine => "to_multiline",
        SoqlType::Polygon => "to_polygon",
        SoqlType::MultiPolygon => "to_multipolygon",
        SoqlType::Location => "to_location",
        SoqlType::Url => "to_url",
        SoqlType::Json => "to_json",
        _ => return None,
    };
    Some(format!("{function}(`{field_name}`)"))
}
