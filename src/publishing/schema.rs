//! Output schemas: what may be sent to make one, and which of its columns are those of earlier ones.

use super::{invalid, limits, text};
use crate::soda::{ErrorCode, SodaError, SoqlType, folded, is_field_name};
use crate::store::publishing::{
    self as objects, Due, InputSchema, OutputColumn, OutputSchema, SortBy, Transform,
};
use crate::store::{StoreError, WriteTx};
use crate::transform::{self, CompileError, CompileErrorKind, Surroundings};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// A column that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The API field name.
    pub field_name: String,
    /// The display name.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// How values are shown.
    pub format: Value,
    /// Marks such as `hidden`.
    pub flags: Vec<Value>,
    /// Whether it identifies rows.
    pub is_primary_key: bool,
    /// How its values are made.
    pub expr: String,
    /// The id of a column that it descends from.
    pub ancestor: Option<i64>,
}

/// Columns that are wanted, checked and compiled.
pub struct Checked {
    /// The columns, each with its transform.
    pub columns: Vec<(Wanted, transform::Transform)>,
    /// The order of rows.
    pub sort_bys: Vec<SortBy>,
}

impl Checked {
    /// The transforms alone.
    pub fn transforms(&self) -> Vec<&transform::Transform> {
        self.columns.iter().map(|(_, transform)| transform).collect()
    }
}

/// Reads the `output_columns` of a request or of an import config, in the order of their positions.
pub fn wanted(columns: &[Value]) -> Result<Vec<Wanted>, SodaError> {
    if columns.len() > limits::COLUMNS {
        return Err(super::too_many("columns of a schema", limits::COLUMNS));
    }
    let place = |column: &Value| column.get("position").and_then(Value::as_f64).unwrap_or(f64::MAX);
    let mut sorted: Vec<&Value> = columns.iter().collect();
    sorted.sort_by(|a, b| place(a).total_cmp(&place(b)));
    sorted.into_iter().map(wanted_column).collect()
}

fn wanted_column(column: &Value) -> Result<Wanted, SodaError> {
    let Value::Object(column) = column else {
        return Err(invalid("output_columns", "must be a list of objects"));
    };
    let field_name = text(column.get("field_name"), "field_name")?.unwrap_or_default();
    if !is_field_name(field_name) {
        return Err(invalid(
            "field_name",
            &format!("{field_name:.100} must be a letter or _, then letters, digits, _"),
        ));
    }
    let expr = match column.get("transform") {
        Some(Value::Object(transform)) => text(transform.get("transform_expr"), "transform_expr")?,
        _ => text(column.get("transform_expr"), "transform_expr")?,
    };
    let expr =
        expr.ok_or_else(|| invalid("transform.transform_expr", &format!("of {field_name} must be given")))?;
    let display_name =
        text(column.get("display_name"), "display_name")?.filter(|name| !name.trim().is_empty());
    let description = text(column.get("description"), "description")?.unwrap_or_default();
    for (member, value) in [("display_name", display_name.unwrap_or_default()), ("description", description)]
    {
        if value.len() > limits::TEXT {
            return Err(invalid(member, &format!("must have at most {} bytes", limits::TEXT)));
        }
    }
    Ok(Wanted {
        field_name: field_name.to_owned(),
        display_name: display_name.unwrap_or(field_name).to_owned(),
        description: description.to_owned(),
        format: member(column, "format", Value::is_object, "an object")?.unwrap_or_else(|| json!({})),
        flags: match member(column, "flags", Value::is_array, "a list")? {
            Some(Value::Array(flags)) => flags,
            _ => Vec::new(),
        },
        is_primary_key: member(column, "is_primary_key", Value::is_boolean, "true or false")?
            .is_some_and(|flag| flag == Value::Bool(true)),
        expr: expr.to_owned(),
        ancestor: ["initial_output_column_id", "id"]
            .iter()
            .find_map(|member| column.get(*member).and_then(Value::as_i64)),
    })
}

fn member(
    column: &Map<String, Value>,
    name: &str,
    is: impl Fn(&Value) -> bool,
    what: &str,
) -> Result<Option<Value>, SodaError> {
    match column.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) if is(value) && value.to_string().len() <= limits::TEXT => Ok(Some(value.clone())),
        Some(_) => Err(invalid(name, &format!("must be {what} of at most {} bytes", limits::TEXT))),
    }
}

/// Reads `sort_bys`.
pub fn sort_bys(sent: Option<&Value>) -> Result<Vec<SortBy>, SodaError> {
    match sent {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(list) => serde_json::from_value(list.clone())
            .map_err(|_| invalid("sort_bys", "must be a list of {field_name, ascending}")),
    }
}

/// Checks columns over an input schema: their names, their transforms, the order of rows.
pub fn check(
    wanted: Vec<Wanted>,
    sort_bys: Vec<SortBy>,
    input: &InputSchema,
    surroundings: &Surroundings,
) -> Result<Checked, SodaError> {
    check_names(&wanted)?;
    if let Some(sort) = sort_bys.iter().find(|sort| !wanted.iter().any(|c| c.field_name == sort.field_name)) {
        return Err(no_column(&sort.field_name, "sort_bys names"));
    }
    let columns = input_columns(input);
    let compiled = wanted.into_iter().map(|wanted| {
        let compiled = transform::compile(&wanted.expr, &columns, surroundings);
        let compiled = compiled.map_err(|error| refused(&error, &wanted));
        let compiled = compiled.and_then(|transform| check_depth(&transform, &wanted).map(|()| transform));
        compiled.map(|transform| (wanted, transform))
    });
    Ok(Checked { columns: compiled.collect::<Result<_, _>>()?, sort_bys })
}

/// Refuses a transform whose `parsed_expr` could be written and not be read again.
fn check_depth(transform: &transform::Transform, wanted: &Wanted) -> Result<(), SodaError> {
    if depth_of(transform.parsed()) > limits::PARSED_DEPTH {
        let why = format!(
            "of {} has too many operators and calls one within the other: {} at most; make a column of a part of it",
            wanted.field_name,
            limits::PARSED_DEPTH / 2
        );
        return Err(invalid("transform.transform_expr", &why));
    }
    Ok(())
}

/// How deep arrays and objects stand in each other. The parser of expressions bounds it.
fn depth_of(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth_of).max(),
        Value::Object(members) => members.values().map(depth_of).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or(0)
}

/// The columns that transforms may name.
pub fn input_columns(input: &InputSchema) -> Vec<transform::Column<'_>> {
    let columns = input.columns.iter().map(|column| transform::Column {
        name: &column.field_name,
        soql_type: SoqlType::of_data_type_name(&column.soql_type).unwrap_or(SoqlType::Text),
    });
    columns.collect()
}

fn no_column(name: &str, who: &str) -> SodaError {
    let name: String = name.chars().take(100).collect();
    SodaError::new(ErrorCode::FieldNotInDataset, format!("{who} {name}, which is no column of the schema"))
        .data(json!({ "field_name": name }))
        .hint("Name a column of the input schema. Nothing was made.")
}

/// Two columns of one name are told with the places of both (believed: `params.details`).
fn check_names(wanted: &[Wanted]) -> Result<(), SodaError> {
    let mut details = Map::new();
    for (member, name) in [
        ("field_name", (|c: &Wanted| folded(&c.field_name)) as fn(&Wanted) -> String),
        ("display_name", |c| c.display_name.clone()),
    ] {
        let mut first: HashMap<String, usize> = HashMap::new();
        let mut twice = Vec::new();
        for (column, position) in wanted.iter().zip(1..) {
            if first.insert(name(column), position).is_some() {
                let shown = if member == "field_name" { &column.field_name } else { &column.display_name };
                twice.push(json!({ "value": shown, "position": position }));
            }
        }
        if !twice.is_empty() {
            details.insert(member.to_owned(), Value::Array(twice));
        }
    }
    if !details.is_empty() {
        return Err(SodaError::new(ErrorCode::DuplicatedFields, "Two columns of the schema have one name")
            .data(json!({ "details": details }))
            .hint("field_name and display_name of each column differ from those of all others. Nothing was made."));
    }
    if wanted.iter().filter(|column| column.is_primary_key).count() > 1 {
        return Err(invalid("is_primary_key", "can be true for one column only"));
    }
    Ok(())
}

/// Two sentences, the first of which may be missing or without its full stop.
fn sentences(first: &str, second: &str) -> String {
    match first.trim_end_matches('.') {
        "" => second.to_owned(),
        first => format!("{first}. {second}"),
    }
}

/// The refusal of a transform: 501 for what is not emulated, 422 otherwise.
fn refused(error: &CompileError, wanted: &Wanted) -> SodaError {
    let (message, hint) = (error.to_string(), error.hint.clone().unwrap_or_default());
    if error.kind == CompileErrorKind::NotEmulated {
        return SodaError { message, ..SodaError::not_emulated("this transform") };
    }
    let code = match error.kind {
        CompileErrorKind::NoSuchColumn => ErrorCode::FieldNotInDataset,
        _ => ErrorCode::InvalidExpression,
    };
    let field = &wanted.field_name;
    let data = json!({
        "field_name": field,
        "reason": error.kind.key(),
        "line": error.position.row,
        "column": error.position.column,
    });
    SodaError::new(code, format!("The transform of {field}: {message}"))
        .data(data)
        .hint(sentences(&hint, "Nothing was made."))
}

/// What evaluating all rows has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Rows, malformed ones left out.
    pub rows: u64,
    /// Rows with an error.
    pub errors: u64,
    /// Cells with an error, by column.
    pub cells: Vec<u64>,
}

/// Adds an output schema. Columns in which nothing has changed keep their ids, and transforms of the same text are the
/// same.
pub fn insert(
    tx: &WriteTx<'_>,
    input: &InputSchema,
    checked: &Checked,
    counted: Option<&Counted>,
    due: Option<Due>,
    asker: &super::Asker,
) -> Result<OutputSchema, StoreError> {
    let earlier: Vec<OutputSchema> = objects::children(tx, input.id)?;
    if earlier.len() >= limits::OUTPUT_SCHEMAS {
        return Err(super::too_many("output schemas of an input schema", limits::OUTPUT_SCHEMAS).into());
    }
    let known: Vec<&OutputColumn> = earlier.iter().rev().flat_map(|schema| &schema.columns).collect();
    let mut columns = Vec::with_capacity(checked.columns.len());
    for (index, (wanted, compiled)) in checked.columns.iter().enumerate() {
        let errors = counted.and_then(|counted| counted.cells.get(index).copied()).unwrap_or(0);
        columns.push(column(tx, input, wanted, compiled, &known, errors)?);
    }
    let schema = OutputSchema {
        id: objects::new_id(tx)?,
        input_schema: input.id,
        columns,
        sort_bys: checked.sort_bys.clone(),
        total_rows: counted.map(|counted| counted.rows),
        error_count: counted.map_or(0, |counted| counted.errors),
        created_at: asker.now,
        created_by: asker.name.clone(),
        completed_at: counted.map(|_| asker.now),
        due,
        failed: None,
    };
    objects::insert(tx, &schema)?;
    Ok(schema)
}

fn column(
    tx: &WriteTx<'_>,
    input: &InputSchema,
    wanted: &Wanted,
    compiled: &transform::Transform,
    known: &[&OutputColumn],
    error_count: u64,
) -> Result<OutputColumn, StoreError> {
    let by_id = |column: &&&OutputColumn| {
        wanted.ancestor.is_some_and(|id| column.id == id || column.initial_output_column_id == Some(id))
    };
    let by_name = |column: &&&OutputColumn| column.field_name == wanted.field_name;
    let ancestor = known.iter().find(by_id).or_else(|| known.iter().find(by_name));
    let same_text = known.iter().find(|column| column.transform.expr == wanted.expr);
    let transform_id = match same_text {
        Some(column) => column.transform.id,
        None => objects::new_id(tx)?,
    };
    let transform = Transform {
        id: transform_id,
        expr: wanted.expr.clone(),
        parsed: compiled.parsed().clone(),
        output_type: compiled.output_type().data_type_name().to_owned(),
        inputs: compiled.columns().iter().filter_map(|index| Some(input.columns.get(*index)?.id)).collect(),
        error_count,
    };
    let mut column = OutputColumn {
        id: 0,
        field_name: wanted.field_name.clone(),
        display_name: wanted.display_name.clone(),
        description: wanted.description.clone(),
        format: wanted.format.clone(),
        flags: wanted.flags.clone(),
        is_primary_key: wanted.is_primary_key,
        initial_output_column_id: None,
        transform,
    };
    match ancestor.filter(|ancestor| is_unchanged(ancestor, &column)) {
        Some(same) => {
            (column.id, column.initial_output_column_id) = (same.id, same.initial_output_column_id);
        }
        None => {
            column.id = objects::new_id(tx)?;
            let first = ancestor.map(|ancestor| ancestor.initial_output_column_id.unwrap_or(ancestor.id));
            column.initial_output_column_id = Some(first.unwrap_or(column.id));
        }
    }
    Ok(column)
}

/// Whether all that a column is of itself is as it was; what identifies rows belongs to the schema.
fn is_unchanged(before: &OutputColumn, now: &OutputColumn) -> bool {
    (&before.field_name, &before.display_name, &before.description, &before.format, &before.flags)
        == (&now.field_name, &now.display_name, &now.description, &now.format, &now.flags)
        && before.transform.expr == now.transform.expr
}
