//! Queries, through the router.

mod reference;

use crate::support::{Answer, Mock};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A path with parameters, encoded.
pub fn path(base: &str, parameters: &[(&str, &str)]) -> String {
    let encoded: Vec<String> = parameters
        .iter()
        .map(|(name, value)| {
            let encode = |t: &str| utf8_percent_encode(t, NON_ALPHANUMERIC).to_string();
            format!("{}={}", encode(name), encode(value))
        })
        .collect();
    format!("{base}?{}", encoded.join("&"))
}

/// The answer of a dataset's `.json` to these parameters.
pub async fn ask(mock: &Mock, dataset: &str, parameters: &[(&str, &str)]) -> Answer {
    mock.get(&path(&format!("/resource/{dataset}.json"), parameters)).await
}
