//! What a SODA 3 request asks for: its query and the options beside it (documented).

use crate::soda::SodaError;
use crate::soql::{Adaptation, Page, RowOrder};
use serde_json::{Map, Value};
use std::time::Duration;

/// Rows of a page when only its number is given.
const PAGE_SIZE: i64 = 1000;
/// More rows than any dataset has: an export has no limit but its own.
const ALL: i64 = i64::MAX;

/// What is asked for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct QueryRequest {
    export: bool,
    query: Option<String>,
    page_number: Option<i64>,
    page_size: Option<i64>,
    order: RowOrder,
    include_system: Option<bool>,
    include_synthetic: Option<bool>,
    /// How long the caller would wait.
    pub timeout: Option<Duration>,
    /// What stands between the cells of CSV.
    pub separator: Option<u8>,
    /// Whether CSV begins with a byte-order mark.
    pub bom: bool,
}

impl QueryRequest {
    /// Nothing yet, of an export or of a query.
    pub fn new(export: bool) -> Self {
        Self { export, ..Self::default() }
    }

    /// Takes a parameter of the URL. Parameters have the names of the body's members; those of a page
    /// stand by themselves (observed).
    pub fn parameter(&mut self, name: &str, value: &str) -> Result<(), SodaError> {
        let text = || Value::from(value);
        match name {
            // They have been looked at before.
            "app_token" => Ok(()),
            _ if name.starts_with("$$") => Ok(()),
            "query" | "orderingSpecifier" => self.option(name, text()),
            "pageNumber" | "pageSize" => {
                self.page(Map::from_iter([(name.to_owned(), serde_json::from_str(value).unwrap_or(text()))]))
            }
            "timeout" | "includeSystem" | "includeSynthetic" => {
                self.option(name, serde_json::from_str(value).unwrap_or(text()))
            }
            _ => Err(unknown(name)),
        }
    }

    /// Takes the members of a body; an empty one asks for nothing more.
    pub fn body(&mut self, body: &[u8]) -> Result<(), SodaError> {
        if body.trim_ascii().is_empty() {
            return Ok(());
        }
        let value: Value = serde_json::from_slice(body).map_err(|e| {
            SodaError::malformed_json(e.line() as u64, e.column() as u64, "The body is one JSON object")
        })?;
        match value {
            Value::Object(map) => map
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .try_for_each(|(name, value)| self.option(&name, value)),
            Value::Null => Ok(()),
            _ => Err(SodaError::invalid("The body is not a JSON object")),
        }
    }

    fn option(&mut self, name: &str, value: Value) -> Result<(), SodaError> {
        match (name, value) {
            ("page" | "includeSystem" | "includeSynthetic", _) if self.export => {
                return Err(misplaced(name, "query"));
            }
            ("serializationOptions", _) if !self.export => return Err(misplaced(name, "export")),
            ("query", Value::String(text)) => self.query = Some(text),
            ("page", Value::Object(page)) => self.page(page)?,
            ("parameters", Value::Object(map)) if map.is_empty() => {}
            ("parameters", _) => return Err(SodaError::not_emulated("parameters of saved queries")),
            ("timeout", value) => self.timeout = Some(seconds(&value)?),
            ("includeSystem", Value::Bool(flag)) => self.include_system = Some(flag),
            ("includeSynthetic", Value::Bool(flag)) => self.include_synthetic = Some(flag),
            ("orderingSpecifier", value) => self.order = ordering(&value)?,
            ("serializationOptions", Value::Object(options)) => {
                options.into_iter().try_for_each(|(name, value)| self.serialization(&name, &value))?;
            }
            ("query" | "page" | "includeSystem" | "includeSynthetic" | "serializationOptions", value) => {
                return Err(SodaError::bad_parameter(name, &value.to_string()));
            }
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    fn page(&mut self, page: Map<String, Value>) -> Result<(), SodaError> {
        if self.export {
            return Err(misplaced("page", "query"));
        }
        for (name, value) in page {
            let number = value.as_i64().filter(|n| *n > 0).ok_or_else(|| {
                SodaError::bad_parameter(&name, &value.to_string())
                    .hint(format!("{name} is a whole number from 1 on."))
            });
            match name.as_str() {
                "pageNumber" => self.page_number = Some(number?),
                "pageSize" => self.page_size = Some(number?),
                _ => return Err(unknown(&name)),
            }
        }
        Ok(())
    }

    fn serialization(&mut self, name: &str, value: &Value) -> Result<(), SodaError> {
        let refused = |hint: &str| Err(SodaError::bad_parameter(name, &value.to_string()).hint(hint));
        match (name, value) {
            ("separator", Value::String(text)) => match text.as_bytes() {
                [byte] if *byte == b'\t' || (byte.is_ascii_graphic() && *byte != b'"') || *byte == b' ' => {
                    self.separator = Some(*byte);
                }
                _ => return refused("The separator is one character of ASCII, not a quote or a line break."),
            },
            ("bom", Value::Bool(bom)) => self.bom = *bom,
            ("preciseTimestamps", Value::Bool(_)) => {
                return Err(SodaError::not_emulated("preciseTimestamps of XML exports"));
            }
            _ => return refused("serializationOptions are separator and bom, of CSV."),
        }
        Ok(())
    }

    /// The query.
    pub fn text(&self) -> &str {
        self.query.as_deref().unwrap_or("SELECT *")
    }

    /// What is asked beyond the query. A page comes in a total order unless the order is discarded
    /// (documented). System columns are given when they are asked for and not left out as synthetic:
    /// what adds them marks them so (source).
    pub fn adaptation(&self) -> Adaptation {
        let page = match (self.page_number, self.page_size) {
            (None, None) => self.export.then_some(Page { limit: ALL, offset: 0 }),
            (number, size) => {
                let limit = size.unwrap_or(PAGE_SIZE);
                Some(Page { limit, offset: (number.unwrap_or(1) - 1).saturating_mul(limit) })
            }
        };
        let paged = page.is_some() && !self.export;
        let order = if paged && self.order == RowOrder::Declared { RowOrder::Total } else { self.order };
        let flags = [self.include_system, self.include_synthetic];
        Adaptation { order, page, system: flags.contains(&Some(true)) && !flags.contains(&Some(false)) }
    }
}

fn seconds(value: &Value) -> Result<Duration, SodaError> {
    let seconds = value.as_f64().filter(|s| *s > 0.0).and_then(|s| Duration::try_from_secs_f64(s).ok());
    seconds.ok_or_else(|| {
        SodaError::bad_parameter("timeout", &value.to_string()).hint("timeout is a number of seconds.")
    })
}

/// No dataset here has ancestors, so that not keeping their order changes nothing.
fn ordering(value: &Value) -> Result<RowOrder, SodaError> {
    match value.as_str() {
        Some("total") => Ok(RowOrder::Total),
        Some("no_preserve") => Ok(RowOrder::Declared),
        Some("discard") => Ok(RowOrder::Discard),
        _ => Err(SodaError::bad_parameter("orderingSpecifier", &value.to_string())
            .hint("orderingSpecifier is total, no_preserve or discard.")),
    }
}

/// An option that the documentation gives to the other endpoint only.
fn misplaced(name: &str, verb: &str) -> SodaError {
    SodaError::bad_parameter(name, "").hint(format!("{name} is an option of /{verb} only."))
}

fn unknown(name: &str) -> SodaError {
    SodaError::bad_parameter(name, "").hint(
        "A SODA 3 query knows query, page (pageNumber, pageSize), parameters, timeout, includeSystem, includeSynthetic, orderingSpecifier and serializationOptions.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(body: &str, export: bool) -> Result<QueryRequest, SodaError> {
        let mut asked = QueryRequest::new(export);
        asked.body(body.as_bytes()).map(|()| asked)
    }

    #[test]
    fn a_page_is_in_a_total_order_and_an_export_has_no_limit() {
        for (body, export, order, page) in [
            ("", false, RowOrder::Declared, None),
            ("null", false, RowOrder::Declared, None),
            (r#"{"query": "select a"}"#, true, RowOrder::Declared, Some(Page { limit: ALL, offset: 0 })),
            (
                r#"{"page": {"pageNumber": 3, "pageSize": 10}, "includeSystem": false}"#,
                false,
                RowOrder::Total,
                Some(Page { limit: 10, offset: 20 }),
            ),
            (
                r#"{"page": {"pageSize": 10}, "orderingSpecifier": "discard"}"#,
                false,
                RowOrder::Discard,
                Some(Page { limit: 10, offset: 0 }),
            ),
        ] {
            let expected = Adaptation { order, page, system: false };
            assert_eq!(asked(body, export).unwrap().adaptation(), expected, "{body}");
        }
    }

    #[test]
    fn system_columns_come_when_asked_for_and_not_left_out() {
        for (body, system) in [
            ("{}", false),
            (r#"{"includeSystem": true}"#, true),
            (r#"{"includeSystem": true, "includeSynthetic": false}"#, false),
            (r#"{"includeSystem": false, "includeSynthetic": true}"#, false),
        ] {
            assert_eq!(asked(body, false).unwrap().adaptation().system, system, "{body}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for (body, export) in [
            ("[]", false),
            ("{", false),
            (r#"{"quer": ""}"#, false),
            (r#"{"page": {"pageSize": 0}}"#, false),
            (r#"{"page": {"pageSize": 1}}"#, true),
            (r#"{"parameters": {"a": 1}}"#, false),
            (r#"{"timeout": 0}"#, false),
            (r#"{"timeout": "soon"}"#, false),
            (r#"{"includeSystem": "yes"}"#, false),
            (r#"{"includeSystem": true}"#, true),
            (r#"{"orderingSpecifier": "random"}"#, false),
            (r#"{"serializationOptions": {"bom": true}}"#, false),
            (r#"{"serializationOptions": {"bom": "yes"}}"#, true),
            (r#"{"serializationOptions": {"separator": "\""}}"#, true),
            (r#"{"serializationOptions": {"separator": ", "}}"#, true),
            (r#"{"serializationOptions": {"preciseTimestamps": true}}"#, true),
        ] {
            assert!(asked(body, export).is_err(), "{body}");
        }
    }
}
