//! Queries, through the router.

mod arbitrary;
mod comparison;
mod explain;
mod extremes;
mod formats;
mod functions;
mod language;
mod limits;
mod oracle;
mod reference;
mod runaway;
mod sample;
mod soda3;

use crate::support::{Answer, Mock};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Long queries stay short enough for an address.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'(').remove(b')').remove(b',').remove(b'\'').remove(b'_').remove(b'=');

/// A path with parameters, encoded.
pub fn path(base: &str, parameters: &[(&str, &str)]) -> String {
    let encoded: Vec<String> = parameters
        .iter()
        .map(|(name, value)| {
            let encode = |t: &str| utf8_percent_encode(t, ENCODED).to_string();
            format!("{}={}", encode(name), encode(value))
        })
        .collect();
    format!("{base}?{}", encoded.join("&"))
}

/// The answer of a dataset's `.json` to these parameters.
pub async fn ask(mock: &Mock, dataset: &str, parameters: &[(&str, &str)]) -> Answer {
    mock.get(&path(&format!("/resource/{dataset}.json"), parameters)).await
}
