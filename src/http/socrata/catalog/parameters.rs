//! The parameters of the catalogue: which there are, and how they are read (documented; what the
//! documentation leaves open follows the published source).

use super::refusal::{bad, bad_value, not_emulated};
use crate::http::error::ApiError;
use crate::soda::nearest;
use std::collections::BTreeMap;

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Texts; repeated ones widen the result.
    Texts,
    /// Texts that may also be parted by commas.
    List,
    /// `true`, `false`, or nothing, which is true.
    Flag,
    /// Something that is read where it is used; the first one counts.
    One,
    /// What production has and the mock has not.
    Refused,
}

/// The parameters of all endpoints of the catalogue.
const PARAMETERS: [(&str, Takes); 39] = [
    ("ids", Takes::List),
    ("domains", Takes::List),
    ("only", Takes::List),
    ("names", Takes::Texts),
    ("categories", Takes::Texts),
    ("tags", Takes::Texts),
    ("attribution", Takes::Texts),
    ("license", Takes::Texts),
    ("parent_ids", Takes::Texts),
    ("derived_from", Takes::Texts),
    ("provenance", Takes::Texts),
    ("for_user", Takes::Texts),
    ("shared_to", Takes::Texts),
    ("column_names", Takes::Texts),
    ("audience", Takes::Texts),
    ("approval_status", Takes::Texts),
    ("public", Takes::Flag),
    ("published", Takes::Flag),
    ("explicitly_hidden", Takes::Flag),
    ("data_json_hidden", Takes::Flag),
    ("derived", Takes::Flag),
    ("show_visibility", Takes::Flag),
    ("deduplicate", Takes::Flag),
    ("search_context", Takes::One),
    ("q", Takes::One),
    ("min_should_match", Takes::One),
    ("visibility", Takes::One),
    ("order", Takes::One),
    ("offset", Takes::One),
    ("limit", Takes::One),
    ("scroll_id", Takes::One),
    ("boostOfficial", Takes::One),
    ("q_internal", Takes::Refused),
    ("slop", Takes::Refused),
    ("age_decay", Takes::Refused),
    ("show_score", Takes::Refused),
    ("locale", Takes::Refused),
    ("boostDomains", Takes::Refused),
    ("show_unsupported_data_federated_assets", Takes::Refused),
];

/// What `boost…` may be followed by in production beside `Official`.
const BOOSTS: [&str; 14] = [
    "Title",
    "Desc",
    "Columns",
    "Calendars",
    "Datalenses",
    "Datasets",
    "Files",
    "Filters",
    "Forms",
    "Pulses",
    "Stories",
    "Links",
    "Charts",
    "Maps",
];

/// The parameters of one request.
#[derive(Debug, Default)]
pub struct Parameters {
    texts: BTreeMap<&'static str, Vec<String>>,
    /// What no parameter is called: keys of custom metadata with the values that are wanted.
    pub custom: BTreeMap<String, Vec<String>>,
}

impl Parameters {
    /// Reads the decoded pairs of a query. Empty values are as if they were not sent, except where
    /// nothing means something.
    pub fn read(query: &[(String, String)]) -> Result<Self, ApiError> {
        let mut read = Self::default();
        for (sent, value) in query {
            let base = sent.strip_suffix("[]").unwrap_or(sent);
            let known = PARAMETERS.iter().find(|(name, _)| *name == base);
            let mut add = |name: &'static str, value: &str| {
                read.texts.entry(name).or_default().push(value.to_owned());
            };
            match known {
                Some((name, Takes::Refused)) => return Err(not_emulated(name)),
                Some((name, Takes::List)) => {
                    value.split(',').map(str::trim).filter(|v| !v.is_empty()).for_each(|v| add(name, v));
                }
                Some((name, Takes::Texts)) if !value.is_empty() => add(name, value),
                Some((name, Takes::Flag | Takes::One)) => add(name, value),
                Some(_) => {}
                None if is_boost(base) => return Err(not_emulated(base)),
                None if matches!(base, "$$app_token" | "app_token")
                    || base.is_empty()
                    || value.is_empty() => {}
                None => read.custom.entry(base.to_owned()).or_default().push(value.clone()),
            }
        }
        Ok(read)
    }

    /// The texts of a parameter that may be repeated; none when it was not sent.
    pub fn texts(&self, name: &str) -> Option<&[String]> {
        self.texts.get(name).map(Vec::as_slice)
    }

    /// The text of a parameter that counts once; none when it was not sent or is empty.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.texts.get(name)?.first().map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Whether a parameter was sent, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.texts.contains_key(name)
    }

    /// A parameter that is true or false; sent without a value it is true.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        let Some(text) = self.texts.get(name).and_then(|texts| texts.first()) else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "" | "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(bad_value(name, "true or false", text)),
        }
    }

    /// A parameter that is a whole number, not negative.
    pub fn number(&self, name: &str) -> Result<Option<usize>, ApiError> {
        let Some(text) = self.one(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| bad_value(name, "a whole number from 0 on", text))
    }

    /// Refuses parameters that this endpoint does not have.
    pub fn without(&self, names: &[&str]) -> Result<(), ApiError> {
        match names.iter().find(|name| self.has(name)) {
            None => Ok(()),
            Some(name) => {
                Err(bad(format!("'{name}' is no parameter of this endpoint"), format!("Leave out {name}.")))
            }
        }
    }

    /// A sentence about a name that was taken for custom metadata and is hardly meant so: it is nearly a parameter, or
    /// has no `_`, which parts the set from the field in the keys of custom metadata.
    pub fn warning(&self) -> Option<String> {
        let meant = |sent: &str| nearest(&sent.to_lowercase(), PARAMETERS.iter().map(|(name, _)| *name));
        let (sent, meant) = self
            .custom
            .keys()
            .map(|sent| (sent, meant(sent)))
            .find(|(sent, meant)| meant.is_some() || !sent.contains('_'))?;
        let shown: String = sent.chars().take(60).collect();
        let advice = match meant {
            Some(meant) => format!("did you mean {meant}?"),
            None => {
                "no asset can have it, such a key is the set and the field with _ between them".to_owned()
            }
        };
        Some(format!(
            "{shown} is no parameter and was taken for a key of custom metadata, as production does; {advice}"
        ))
    }
}

/// Weights of fields, types and domains, beside that of official assets.
fn is_boost(name: &str) -> bool {
    let Some(what) = name.strip_prefix("boost") else { return false };
    BOOSTS.contains(&what) || what.starts_with("Domains[")
}
