//! Sources: what may be sent to make one, and how its bytes are read.

use super::{Asker, invalid, limits, text};
use crate::soda::{ErrorCode, SodaError};
use crate::source_file::{FileKind, ParseOptions};
use crate::store::publishing::{ImportConfig, Source, SourceType};
use serde_json::{Map, Value, json};

/// Reads the body of a request that makes a source. Ids and the revision are left.
pub fn new(
    sent: &Map<String, Value>,
    config: Option<&ImportConfig>,
    asker: &Asker,
) -> Result<Source, SodaError> {
    let source_type = match sent.get("source_type") {
        Some(Value::Object(source_type)) => source_type_of(source_type)?,
        _ => return Err(invalid("source_type", "must be an object with a type")),
    };
    let mut parse_options = config.map(|config| config.parse_options.clone()).unwrap_or_default();
    put_options(&mut parse_options, sent)?;
    Ok(Source {
        id: 0,
        revision: None,
        source_type,
        parse_options,
        content_type: None,
        content: None,
        filesize: 0,
        created_at: asker.now,
        finished_at: None,
        failed_at: None,
        failure: None,
        created_by: asker.name.clone(),
        is_blob: false,
        config: config.map(|config| config.name.clone()),
        due: None,
    })
}

/// A source of the same bytes that is read with other options.
pub fn reread(source: &Source, sent: &Map<String, Value>, asker: &Asker) -> Result<Source, SodaError> {
    let mut parse_options = source.parse_options.clone();
    put_options(&mut parse_options, sent)?;
    Ok(Source {
        id: 0,
        parse_options,
        created_at: asker.now,
        finished_at: None,
        failed_at: None,
        failure: None,
        created_by: asker.name.clone(),
        is_blob: false,
        due: None,
        ..source.clone()
    })
}

/// Puts the options of a request over others, and refuses them when they cannot be together.
pub fn put_options(options: &mut Map<String, Value>, sent: &Map<String, Value>) -> Result<(), SodaError> {
    match sent.get("parse_options") {
        None | Some(Value::Null) => {}
        Some(Value::Object(sent)) => {
            let known = option_members();
            options.extend(
                sent.iter()
                    .filter(|(name, _)| known.contains_key(*name))
                    .map(|(n, v)| (n.clone(), v.clone())),
            );
        }
        Some(_) => return Err(invalid("parse_options", "must be an object")),
    }
    parse_options(options).map(drop)
}

/// All options with their defaults.
fn option_members() -> Map<String, Value> {
    match serde_json::to_value(ParseOptions::default()) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// The options as they count.
pub fn parse_options(options: &Map<String, Value>) -> Result<ParseOptions, SodaError> {
    ParseOptions::default()
        .with(&Value::Object(options.clone()))
        .map_err(|error| invalid(error.member, &error.message))
}

/// The options as they are shown: all of them.
pub fn shown_options(options: &Map<String, Value>) -> Value {
    let options = parse_options(options).unwrap_or_default();
    serde_json::to_value(options).unwrap_or_default()
}

fn source_type_of(sent: &Map<String, Value>) -> Result<SourceType, SodaError> {
    let bounded = |member: &str| -> Result<Option<String>, SodaError> {
        let value = text(sent.get(member), &format!("source_type.{member}"))?;
        match value {
            Some(value) if value.len() > limits::TEXT => Err(invalid(
                &format!("source_type.{member}"),
                &format!("must have at most {} bytes", limits::TEXT),
            )),
            value => Ok(value.map(str::to_owned)),
        }
    };
    match text(sent.get("type"), "source_type.type")? {
        Some("upload") => Ok(SourceType::Upload { filename: bounded("filename")? }),
        Some("url") => {
            let url = bounded("url")?.ok_or_else(|| invalid("source_type.url", "must be given"))?;
            Ok(SourceType::Url { url, filename: bounded("filename")? })
        }
        Some("view") => {
            let fourfour = bounded("fourfour")?.filter(|fourfour| fourfour != "none").unwrap_or_default();
            Ok(SourceType::View { fourfour, loaded: false })
        }
        Some("connection_agent" | "gateway") => {
            let mut members = sent.clone();
            members.remove("type");
            if Value::Object(members.clone()).to_string().len() > limits::TEXT {
                return Err(invalid("source_type", &format!("must have at most {} bytes", limits::TEXT)));
            }
            Ok(SourceType::ConnectionAgent(members))
        }
        other => {
            let shown: String = other.unwrap_or("null").chars().take(100).collect();
            Err(SodaError::new(ErrorCode::UnknownSourceType, format!("There are no sources of type {shown}"))
                .data(json!({ "type": shown }))
                .hint("source_type.type is upload, url, view or connection_agent."))
        }
    }
}

/// The kind of file that the bytes of a source are; 422 when nobody can tell.
pub fn file_kind(source: &Source) -> Result<FileKind, SodaError> {
    let name = super::shape::filename(&source.source_type);
    let kind = FileKind::of(source.content_type.as_deref(), name);
    kind.ok_or_else(|| {
        let content_type = source.content_type.as_deref().unwrap_or("none");
        SodaError::new(
            ErrorCode::UnparsableFile,
            format!("Neither the Content-Type ({content_type}) nor the name of the file tells what it is"),
        )
        .hint("Send text/csv or another type that is read, or post {\"parse_options\":{\"parse_source\":false}} to …/options to keep the file as it is.")
    })
}
