//! Import configs: what may be sent to make and to change one.

use super::schema::{self, Wanted};
use super::{Asker, invalid, limits, source, text};
use crate::soda::{ErrorCode, SodaError};
use crate::store::publishing::{ActionKind, ImportConfig, OutputSchema};
use serde_json::{Map, Value, json};

/// Reads the body of a request that makes a config. The id is left.
pub fn new(sent: &Map<String, Value>, asker: &Asker) -> Result<ImportConfig, SodaError> {
    let name = text(sent.get("name"), "name")?.filter(|name| !name.trim().is_empty());
    let name = name.ok_or_else(|| invalid("name", "must be given"))?;
    if name.chars().count() > limits::CONFIG_NAME || name.contains('/') || name.chars().any(char::is_control)
    {
        let why = format!("must have at most {} letters, none of them a slash", limits::CONFIG_NAME);
        return Err(invalid("name", &why));
    }
    let mut config = ImportConfig {
        id: 0,
        name: name.to_owned(),
        data_action: ActionKind::Update,
        parse_options: Map::new(),
        columns: Vec::new(),
        created_at: asker.now,
        updated_at: asker.now,
    };
    if !sent.contains_key("data_action") {
        return Err(invalid("data_action", "must be given"));
    }
    change(&mut config, sent)?;
    Ok(config)
}

/// Puts the members of a request over those of a config. Its name stays, since paths lead to it.
pub fn change(config: &mut ImportConfig, sent: &Map<String, Value>) -> Result<(), SodaError> {
    if let Some(action) = text(sent.get("data_action"), "data_action")? {
        config.data_action = match ActionKind::parse(action) {
            Some(kind @ (ActionKind::Update | ActionKind::Replace)) => kind,
            _ => return Err(invalid("data_action", "must be update or replace")),
        };
    }
    source::put_options(&mut config.parse_options, sent)?;
    match sent.get("columns") {
        None | Some(Value::Null) => {}
        Some(Value::Array(columns)) => {
            schema::wanted(columns)?;
            config.columns = columns.iter().map(normal).collect();
        }
        Some(_) => return Err(invalid("columns", "must be a list of columns")),
    }
    Ok(())
}

/// A column with all its members, those that were not sent with their defaults (client evidence).
fn normal(column: &Value) -> Value {
    let given = |name: &str, default: Value| {
        column.get(name).filter(|value| !value.is_null()).cloned().unwrap_or(default)
    };
    let expr = column.get("transform").and_then(|transform| transform.get("transform_expr"));
    let field_name = given("field_name", Value::Null);
    json!({
        "field_name": field_name,
        "display_name": given("display_name", field_name),
        "transform_expr": expr.cloned().unwrap_or_else(|| given("transform_expr", Value::Null)),
        "format": given("format", json!({})),
        "description": given("description", "".into()),
        "is_primary_key": given("is_primary_key", Value::Null),
        "flags": given("flags", json!([])),
    })
}

/// The recipe that an output schema is.
pub fn of_schema(
    schema: &OutputSchema,
    parse_options: &Map<String, Value>,
    sent: &Map<String, Value>,
    asker: &Asker,
) -> Result<ImportConfig, SodaError> {
    let mut config = new(sent, asker)?;
    config.parse_options = parse_options.clone();
    let columns = schema.columns.iter().map(|column| {
        json!({
            "field_name": column.field_name,
            "display_name": column.display_name,
            "transform_expr": column.transform.expr,
            "format": column.format,
            "description": column.description,
            "is_primary_key": column.is_primary_key,
            "flags": column.flags,
        })
    });
    config.columns = columns.collect();
    Ok(config)
}

/// The columns that a config wants, if it does not leave them to guessing.
pub fn wanted(config: &ImportConfig) -> Result<Option<Vec<Wanted>>, SodaError> {
    if config.columns.is_empty() { Ok(None) } else { schema::wanted(&config.columns).map(Some) }
}

/// 409 for a name that another config has.
pub fn taken(name: &str) -> SodaError {
    SodaError::new(ErrorCode::ConfigNameTaken, format!("There is an import config {name} already"))
        .data(json!({ "name": name }))
        .hint("Change it with PATCH /api/publishing/v1/config/NAME, or take another name.")
}
