//! The columns of a dataset after a revision is applied.

use super::{invalid, limits};
use crate::soda::{Column, Dataset, ErrorCode, SodaError, SoqlType, definition, folded};
use crate::store::publishing::{ActionKind, OutputColumn, OutputSchema};
use serde_json::{Map, Value, json};

/// A dataset as it is to be, and where each output column lies in it.
#[derive(Clone, Debug)]
pub struct Target {
    /// The dataset with its new columns and row identifier.
    pub dataset: Dataset,
    /// The index of each output column among the dataset's columns.
    pub places: Vec<u16>,
    /// How many columns the dataset has not had.
    pub created: usize,
}

/// What a dataset is to become by a schema. `new_id` gives ids to new columns.
///
/// `replace`: the output columns, in their order; a column stays the one that it was when name and type are the same.
/// `update`: columns are matched by name and new ones are added (ours). `delete`: the dataset stays as it is.
pub fn target(
    dataset: &Dataset,
    schema: &OutputSchema,
    kind: ActionKind,
    new_id: impl FnMut() -> i64,
) -> Result<Target, SodaError> {
    let target = match kind {
        ActionKind::Replace => replaced(dataset, schema, new_id)?,
        ActionKind::Update => updated(dataset, schema, new_id)?,
        ActionKind::Delete => return deleting(dataset, schema),
    };
    if target.dataset.columns.len() > limits::COLUMNS {
        return Err(super::too_many("columns of a dataset", limits::COLUMNS));
    }
    Ok(target)
}

/// The type that a `dataTypeName` means.
fn type_of(name: &str) -> Result<SoqlType, SodaError> {
    SoqlType::of_data_type_name(name)
        .ok_or_else(|| invalid("output_soql_type", &format!("{name} is no type of a column")))
}

fn find(dataset: &Dataset, field_name: &str) -> Option<usize> {
    let wanted = folded(field_name);
    dataset.columns.iter().position(|column| folded(&column.field_name) == wanted)
}

/// The number that a new column gets: one that no column has.
fn next_number(columns: &[Column]) -> u32 {
    columns.iter().map(|column| column.number).max().unwrap_or(0) + 1
}

fn replaced(
    dataset: &Dataset,
    schema: &OutputSchema,
    mut new_id: impl FnMut() -> i64,
) -> Result<Target, SodaError> {
    let mut number = next_number(&dataset.columns);
    let (mut columns, mut created) = (Vec::with_capacity(schema.columns.len()), 0);
    for output in &schema.columns {
        let soql_type = type_of(&output.transform.output_type)?;
        let same = find(dataset, &output.field_name).map(|index| &dataset.columns[index]);
        let column = match same.filter(|column| column.soql_type == soql_type) {
            Some(column) => described(column.clone(), output),
            None => {
                let column = new_column(output, soql_type, number, new_id());
                (number, created) = (number + 1, created + 1);
                column
            }
        };
        columns.push(column);
    }
    let places = (0..columns.len()).filter_map(|index| u16::try_from(index).ok()).collect();
    let mut dataset = Dataset { columns, ..dataset.clone() };
    dataset.row_identifier = identifier(&dataset, schema)?;
    Ok(Target { dataset, places, created })
}

fn updated(
    dataset: &Dataset,
    schema: &OutputSchema,
    mut new_id: impl FnMut() -> i64,
) -> Result<Target, SodaError> {
    let mut dataset = dataset.clone();
    let (mut places, mut created) = (Vec::new(), 0);
    for output in &schema.columns {
        let soql_type = type_of(&output.transform.output_type)?;
        let index = match find(&dataset, &output.field_name) {
            Some(index) => {
                let column = &dataset.columns[index];
                check_type(column, soql_type)?;
                dataset.columns[index] = described(column.clone(), output);
                index
            }
            None => {
                let number = next_number(&dataset.columns);
                dataset.columns.push(new_column(output, soql_type, number, new_id()));
                created += 1;
                dataset.columns.len() - 1
            }
        };
        places.push(u16::try_from(index).unwrap_or(u16::MAX));
    }
    if let Some(index) = identifier(&dataset, schema)? {
        dataset.row_identifier = Some(index);
    }
    Ok(Target { dataset, places, created })
}

fn check_type(column: &Column, sent: SoqlType) -> Result<(), SodaError> {
    if column.soql_type == sent {
        return Ok(());
    }
    let (has, sent) = (column.soql_type.data_type_name(), sent.data_type_name());
    Err(invalid(&column.field_name, &format!("is {has} in the dataset and {sent} in the schema")).hint(
        "Change the transform so that its type is that of the dataset's column, or replace the dataset. Nothing was changed.",
    ))
}

/// A delete names rows by the row identifier alone (documented: the dataset must have one).
fn deleting(dataset: &Dataset, schema: &OutputSchema) -> Result<Target, SodaError> {
    let Some((key, column)) = dataset.row_identifier.zip(dataset.key_column()) else {
        return Err(SodaError::new(
            ErrorCode::DeleteWithoutIdentifier,
            "Rows can be deleted only from a dataset with a row identifier",
        )
        .hint("Apply a replace revision whose schema has a column with is_primary_key first."));
    };
    let places: Vec<u16> = schema
        .columns
        .iter()
        .map(|output| {
            let is_key = folded(&output.field_name) == folded(&column.field_name);
            if is_key { u16::try_from(key).unwrap_or(u16::MAX) } else { u16::MAX }
        })
        .collect();
    let place = places.iter().position(|place| *place != u16::MAX);
    let Some(place) = place else {
        return Err(SodaError::new(
            ErrorCode::FieldNotInDataset,
            format!("The schema has no column {}, which identifies rows", column.field_name),
        )
        .data(json!({ "field_name": column.field_name }))
        .hint("Nothing was deleted."));
    };
    check_type(column, type_of(&schema.columns[place].transform.output_type)?)?;
    Ok(Target { dataset: dataset.clone(), places, created: 0 })
}

/// The column that the schema marks.
fn identifier(dataset: &Dataset, schema: &OutputSchema) -> Result<Option<usize>, SodaError> {
    let Some(marked) = schema.columns.iter().find(|column| column.is_primary_key) else { return Ok(None) };
    let wanted = Value::String(marked.field_name.clone());
    definition::find_row_identifier(Some(&wanted), &dataset.columns)
        .map_err(|error| invalid("is_primary_key", &error.to_string()))
}

fn new_column(output: &OutputColumn, soql_type: SoqlType, number: u32, id: i64) -> Column {
    let column = Column {
        id,
        number,
        field_name: output.field_name.clone(),
        name: output.display_name.clone(),
        data_type_name: output.transform.output_type.clone(),
        soql_type,
        extra: Map::new(),
    };
    described(column, output)
}

/// A column with the names and the presentation of an output column.
fn described(mut column: Column, output: &OutputColumn) -> Column {
    column.field_name.clone_from(&output.field_name);
    column.name.clone_from(&output.display_name);
    let mut put = |member: &str, value: Value, is_empty: bool| {
        if is_empty {
            column.extra.remove(member);
        } else {
            column.extra.insert(member.to_owned(), value);
        }
    };
    put("description", output.description.as_str().into(), output.description.is_empty());
    let no_format = output.format.as_object().is_none_or(Map::is_empty);
    put("format", output.format.clone(), no_format);
    put("flags", Value::Array(output.flags.clone()), output.flags.is_empty());
    column
}

/// The order of rows as a view holds it (recorded for views: `query.orderBys`).
pub fn order(dataset: &Dataset, schema: &OutputSchema) -> Value {
    let orders = schema.sort_bys.iter().filter_map(|sort| {
        let column = &dataset.columns[find(dataset, &sort.field_name)?];
        Some(json!({
            "ascending": sort.ascending,
            "expression": { "columnId": column.id, "type": "column" },
        }))
    });
    json!({ "orderBys": orders.collect::<Vec<_>>() })
}
