//! What a request to the admin API carries, read into structs. A refusal names the path of the wrong
//! member.

use super::Problem;
use axum::extract::Query;
use bytes::Bytes;
use http::Uri;
use serde::de::DeserializeOwned;

/// The JSON object of a body, whatever its Content-Type says.
pub fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Problem> {
    // A structure could be read from a list too, by position: `[]` would be a request without members.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::bad_request("The body is not what is expected: a list; send an object"));
    }
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut text)
        .map_err(|error| Problem::bad_request(format!("The body is not what is expected: {error}")))?;
    text.end().map_err(|error| Problem::bad_request(format!("The body is not what is expected: {error}")))?;
    Ok(read)
}

/// The same; a request without a body is one without members.
pub fn body_or_default<T: DeserializeOwned + Default>(bytes: &Bytes) -> Result<T, Problem> {
    if bytes.trim_ascii().is_empty() { Ok(T::default()) } else { body(bytes) }
}

/// The parameters of a query string. A refusal names the parameter, or those that there are.
pub fn parameters<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    Query::try_from_uri(uri).map(|Query(read)| read).map_err(|error| {
        let text = error.body_text();
        let why = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
        Problem::bad_request(format!("The query is not what is expected: {why}"))
    })
}
