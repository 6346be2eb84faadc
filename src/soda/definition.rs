//! A dataset as people and `/api/views` write it down: Socrata's own metadata or the short form
//! of a seed, which is the same with less in it.

use super::{
    Column, Dataset, FourByFour, Permissions, PublicationStage, SoqlType, field_name_of, folded,
    is_field_name, nearest,
};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// What is wrong with a definition, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DefinitionError(pub String);

/// Members of a view that are columns of the catalogue, or that the mock computes.
const OWN_MEMBERS: [&str; 23] = [
    "id",
    "name",
    "resourceName",
    "public",
    "published",
    "publicationStage",
    "columns",
    "rows",
    "grants",
    "permissions",
    "owner",
    "tableAuthor",
    "rights",
    "createdAt",
    "rowsUpdatedAt",
    "rowIdentifierColumnId",
    "viewLastModified",
    "newBackend",
    "assetType",
    "tableId",
    "oid",
    "indexUpdatedAt",
    "publicationDate",
];

/// Members of a column that are columns of the catalogue.
const OWN_COLUMN_MEMBERS: [&str; 8] = [
    "id",
    "fieldName",
    "name",
    "dataTypeName",
    "position",
    "tableColumnId",
    "renderTypeName",
    "cachedContents",
];

/// Reads a definition. `id` is the id to use; numbers, key and times are left for the store.
pub fn parse(definition: &Value, id: FourByFour) -> Result<Dataset, DefinitionError> {
    let map = definition.as_object().ok_or_else(|| fault("a dataset is a JSON object"))?;
    let name = match map.get("name") {
        None | Some(Value::Null) => id.as_str().to_owned(),
        Some(Value::String(name)) => name.clone(),
        Some(_) => return Err(fault("name must be a text")),
    };
    let columns = columns(map.get("columns"))?;
    let row_identifier = row_identifier(map, &columns)?;
    let resource_name = resource_name(map.get("resourceName"))?;
    if map.get("metadata").is_some_and(|m| !m.is_null() && !m.is_object()) {
        return Err(fault("metadata must be an object, such as {\"rowIdentifier\": \"id\"}"));
    }
    for member in ["public", "published"] {
        if map.get(member).is_some_and(|v| !v.is_null() && !v.is_boolean()) {
            return Err(fault(format!("{member} must be true or false")));
        }
    }
    let flag = |member: &str| map.get(member).and_then(Value::as_bool);
    let published = match map.get("publicationStage").and_then(Value::as_str) {
        Some(stage) => stage == "published",
        None => flag("published").unwrap_or(true),
    };
    let mut extra: Map<String, Value> = map
        .iter()
        .filter(|(k, _)| !OWN_MEMBERS.contains(&k.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    for member in ["displayType", "viewType"] {
        if extra.get(member).is_some_and(|v| !v.is_null() && !v.is_string()) {
            return Err(fault(format!("{member} must be a text, such as \"table\" or \"tabular\"")));
        }
    }
    keep_identifier(&mut extra, row_identifier, wanted_identifier(map));
    Ok(Dataset {
        number: 0,
        id,
        resource_name,
        name,
        permissions: Permissions::of_public(flag("public").unwrap_or_else(|| is_public(map))),
        stage: if published { PublicationStage::Published } else { PublicationStage::Unpublished },
        copy_of: None,
        owner: None,
        created_at: 0,
        metadata_updated_at: 0,
        schema_version: 1,
        id_key: Vec::new(),
        row_identifier,
        columns,
        extra,
    })
}

/// A name that stands in paths beside the 4x4: letters, digits, `_` and `-` (source: identifiers).
pub fn resource_name(value: Option<&Value>) -> Result<Option<String>, DefinitionError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) if text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) => {
            Ok(Some(text.clone()))
        }
        Some(other) => Err(fault(format!("resourceName {other} must be letters, digits, _ and -"))),
    }
}

fn fault(message: impl Into<String>) -> DefinitionError {
    DefinitionError(message.into())
}

/// Socrata's metadata says by a grant whether everyone may read; the short form is public unless
/// it says otherwise.
fn is_public(map: &Map<String, Value>) -> bool {
    match map.get("grants").and_then(Value::as_array) {
        None => true,
        Some(grants) => grants.iter().any(|grant| {
            grant.get("flags").and_then(Value::as_array).is_some_and(|f| f.iter().any(|f| f == "public"))
        }),
    }
}

/// Columns that a dataset may have: SQLite's 2,000, less those of the system and of a row's versions.
pub const MAX_COLUMNS: usize = 1990;

/// Refuses more columns than a dataset may have.
pub fn check_count(columns: usize) -> Result<(), DefinitionError> {
    if columns <= MAX_COLUMNS {
        return Ok(());
    }
    Err(fault(format!("a dataset has at most {MAX_COLUMNS} columns here, not {columns}")))
}

fn columns(value: Option<&Value>) -> Result<Vec<Column>, DefinitionError> {
    let list = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(fault("columns must be an array")),
    };
    let kept: Vec<(usize, &Value)> =
        list.iter().enumerate().filter(|(_, definition)| !is_of_the_system(definition)).collect();
    check_count(kept.len())?;
    let mut columns: Vec<Column> = Vec::with_capacity(kept.len());
    let mut names = FieldNames::default();
    for (number, (index, definition)) in (1u32..).zip(kept) {
        let column =
            column(definition, number, &names).map_err(|e| fault(format!("columns[{index}]: {}", e.0)))?;
        names.add(&column.field_name);
        columns.push(column);
    }
    Ok(columns)
}

/// Socrata's metadata of older datasets lists system columns with a type of their own.
fn is_of_the_system(definition: &Value) -> bool {
    let data_type_name = definition.get("dataTypeName").and_then(Value::as_str);
    data_type_name.is_some_and(|name| name.eq_ignore_ascii_case("meta_data"))
}

/// The field names of a dataset, in the form in which they are compared.
#[derive(Debug, Default)]
pub struct FieldNames(HashSet<String>);

impl FieldNames {
    /// Those of columns.
    pub fn of<'c>(columns: impl IntoIterator<Item = &'c Column>) -> Self {
        Self(columns.into_iter().map(|column| folded(&column.field_name)).collect())
    }

    /// One more.
    pub fn add(&mut self, field_name: &str) {
        self.0.insert(folded(field_name));
    }

    fn holds(&self, field_name: &str) -> bool {
        self.0.contains(&folded(field_name))
    }
}

/// Reads one column; its name must not clash with those of the others.
pub fn column(definition: &Value, number: u32, others: &FieldNames) -> Result<Column, DefinitionError> {
    let map = definition.as_object().ok_or_else(|| fault("a column is a JSON object"))?;
    let text = |member: &str| map.get(member).and_then(Value::as_str).filter(|t| !t.is_empty());
    let given = text("fieldName");
    let name = text("name").or(given).ok_or_else(|| fault("a column needs a fieldName or a name"))?;
    let taken = |candidate: &str| others.holds(candidate);
    let field_name = match given {
        Some(field_name) if !is_field_name(field_name) => {
            return Err(fault(format!(
                "{field_name} cannot be a field name: a letter or _ first, then letters, digits, _"
            )));
        }
        Some(field_name) if taken(field_name) => {
            return Err(fault(format!("there are two columns {field_name}")));
        }
        Some(field_name) => field_name.to_owned(),
        None => free_name(&field_name_of(name), taken),
    };
    // Clients write it in any case (client evidence).
    let data_type_name = text("dataTypeName").unwrap_or("text").to_lowercase();
    let soql_type = SoqlType::of_data_type_name(&data_type_name)
        .filter(|t| !matches!(t, SoqlType::RowIdentifier | SoqlType::RowVersion | SoqlType::Interval))
        .ok_or_else(|| fault(unknown_type(&field_name, &data_type_name)))?;
    let extra = map
        .iter()
        .filter(|(k, _)| !OWN_COLUMN_MEMBERS.contains(&k.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    Ok(Column {
        id: map.get("id").and_then(Value::as_i64).unwrap_or(0),
        number,
        field_name,
        name: name.to_owned(),
        data_type_name,
        soql_type,
        extra,
    })
}

fn unknown_type(field_name: &str, data_type_name: &str) -> String {
    let names = SoqlType::data_type_names();
    let shown: String = data_type_name.chars().take(100).collect();
    let advice = match nearest(&shown, names.iter().copied()) {
        Some(name) => format!("did you mean {name}?"),
        None => format!("known are {}", names.join(", ")),
    };
    format!("column {field_name} has the unknown dataTypeName {shown}; {advice}")
}

fn free_name(base: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(base) {
        return base.to_owned();
    }
    (1u32..).map(|n| format!("{base}_{n}")).find(|name| !taken(name)).unwrap_or_else(|| base.to_owned())
}

/// The row identifier in any of its recorded forms: a column's id or field name, or "0" for none.
fn row_identifier(map: &Map<String, Value>, columns: &[Column]) -> Result<Option<usize>, DefinitionError> {
    find_row_identifier(wanted_identifier(map), columns)
}

fn wanted_identifier(map: &Map<String, Value>) -> Option<&Value> {
    let in_metadata = map.get("metadata").and_then(|m| m.get("rowIdentifier"));
    in_metadata.filter(|v| !v.is_null()).or_else(|| map.get("rowIdentifierColumnId"))
}

/// Keeps what was sent as `rowIdentifier` where it says more than which column identifies rows: that a
/// view shows it as a number, or the name of a column that is still to come.
pub fn keep_identifier(extra: &mut Map<String, Value>, found: Option<usize>, sent: Option<&Value>) {
    let kept = sent.filter(|sent| match found {
        Some(_) => sent.is_number(),
        None => awaited(sent).is_some(),
    });
    match (extra.get_mut("metadata").and_then(Value::as_object_mut), kept) {
        (Some(metadata), Some(kept)) => drop(metadata.insert("rowIdentifier".to_owned(), kept.clone())),
        (Some(metadata), None) => drop(metadata.remove("rowIdentifier")),
        (None, Some(kept)) => {
            drop(extra.insert("metadata".to_owned(), serde_json::json!({ "rowIdentifier": kept })));
        }
        (None, None) => {}
    }
}

/// The field name in a `rowIdentifier` member; none for the texts that mean that there is no identifier.
fn awaited(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !matches!(*text, "" | "0" | ":id"))
}

/// The index of the column that identifies rows, when the dataset waited for it: one that was made
/// without columns names its identifier before there is any (client evidence).
pub fn awaited_identifier(dataset: &Dataset) -> Result<Option<usize>, DefinitionError> {
    let kept = dataset.extra.get("metadata").and_then(|m| m.get("rowIdentifier"));
    let Some(wanted) = kept.filter(|kept| dataset.row_identifier.is_none() && awaited(kept).is_some()) else {
        return Ok(None);
    };
    let named = |column: &Column| awaited(wanted).is_some_and(|w| folded(w) == folded(&column.field_name));
    if dataset.columns.iter().any(named) {
        find_row_identifier(Some(wanted), &dataset.columns)
    } else {
        Ok(None)
    }
}

/// Whether the values of a column of this type can identify rows.
pub fn can_identify(soql_type: SoqlType) -> bool {
    matches!(
        soql_type,
        SoqlType::Text
            | SoqlType::Number
            | SoqlType::Boolean
            | SoqlType::FixedTimestamp
            | SoqlType::FloatingTimestamp
            | SoqlType::Datestamp
            | SoqlType::Time
            | SoqlType::Url
            | SoqlType::Document
    )
}

/// The column that a `rowIdentifier` member names; none for null, "", "0" and ":id", and for a name as
/// long as there is no column at all.
pub fn find_row_identifier(
    wanted: Option<&Value>,
    columns: &[Column],
) -> Result<Option<usize>, DefinitionError> {
    let by_name = |name: &str| columns.iter().position(|c| folded(&c.field_name) == folded(name));
    let by_id = |id: i64| columns.iter().position(|c| c.id == id && id != 0);
    let found = match wanted {
        None | Some(Value::Null) => return Ok(None),
        Some(text @ Value::String(_)) if columns.is_empty() || awaited(text).is_none() => return Ok(None),
        Some(Value::Number(n)) if n.as_i64() == Some(0) => return Ok(None),
        Some(Value::String(text)) => by_name(text).or_else(|| text.parse().ok().and_then(by_id)),
        Some(Value::Number(n)) => n.as_i64().and_then(by_id),
        Some(_) => None,
    };
    let found = found.ok_or_else(|| {
        fault(format!(
            "rowIdentifier {} names no column",
            wanted.map(ToString::to_string).unwrap_or_default()
        ))
    })?;
    let soql_type = columns[found].soql_type;
    if !can_identify(soql_type) {
        return Err(fault(format!("a column of type {} cannot identify rows", soql_type.name())));
    }
    Ok(Some(found))
}
