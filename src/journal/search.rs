//! Search through all that is kept of a request.

use super::compare::same_value;
use super::sent::sent_rows;
use super::{Captured, Entry, Headers, RowOutcomes};
use crate::matching::SearchText;
use crate::path::{decode, split_extension};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Whether a text is anywhere in a request or its answer.
pub(super) fn has_text(entry: &Entry, text: &SearchText) -> bool {
    let client = &entry.client;
    let short = [
        Some(entry.operation),
        Some(&*entry.request_id),
        entry.dataset.as_deref(),
        client.user.as_deref(),
        client.app_token.as_deref(),
        entry.fault.as_ref().map(|fault| fault.id.as_str()),
        entry.fault.as_ref().map(|fault| fault.what.as_str()),
    ];
    short.into_iter().flatten().any(|part| text.is_in(part))
        || in_target(entry, text)
        || client.address.is_some_and(|address| text.is_in(&address.to_string()))
        || [&entry.headers, &entry.answer_headers].into_iter().any(|headers| in_headers(headers, text))
        || in_body(&entry.body, text)
        || entry.ended().is_some_and(|end| in_body(&end.body, text))
        || entry
            .outcomes
            .as_ref()
            .is_some_and(|outcomes| outcomes.errors().any(|(_, reason)| text.is_in(&reason)))
}

/// Method, path and query, as they were sent and as they are read.
fn in_target(entry: &Entry, text: &SearchText) -> bool {
    let separator = if entry.query.is_empty() { "" } else { "?" };
    let target = format!("{} {}{separator}{}", entry.method, entry.path, entry.query);
    text.is_in(&target) || text.is_in(&percent_decode_str(&target.replace('+', " ")).decode_utf8_lossy())
}

fn in_headers(headers: &Headers, text: &SearchText) -> bool {
    headers.iter().any(|(name, value)| text.is_in(&format!("{name}: {value}")))
}

fn in_body(body: &Captured, text: &SearchText) -> bool {
    !body.kept.is_empty() && body.text().is_some_and(|body| text.is_in(&body))
}

/// What is known of a row in a request.
pub(super) enum Named {
    Yes,
    No,
    /// The request may name it in what is not kept of its body.
    Perhaps,
}

/// Whether a request names a row by its identifier or `:id`: in its path, in the fates of its rows, or in its body.
pub(super) fn names_row(entry: &Entry, key: &str) -> Named {
    if row_of_path(entry).is_some_and(|row| row == key)
        || entry.outcomes.as_ref().is_some_and(|outcomes| outcomes.names(key))
    {
        return Named::Yes;
    }
    let Some(field) = entry.key_field.as_deref().filter(|_| !entry.body.kept.is_empty()) else {
        return Named::No;
    };
    let wanted = Value::from(key);
    let sent = sent_rows(entry);
    let has = |name: &str| sent.rows.iter().filter_map(|row| row.get(name)).any(|v| same_value(&wanted, v));
    match (has(field) || has(":id"), sent.whole) {
        (true, _) => Named::Yes,
        (false, true) => Named::No,
        (false, false) => Named::Perhaps,
    }
}

/// The row that a path names.
fn row_of_path(entry: &Entry) -> Option<String> {
    if !entry.operation.starts_with("row.") {
        return None;
    }
    let segment = decode(entry.path.rsplit('/').find(|part| !part.is_empty())?).ok()?;
    Some(split_extension(&segment).0.to_owned())
}

impl RowOutcomes {
    /// Whether a row with this key or `:id` is among those that are kept.
    fn names(&self, key: &str) -> bool {
        let wanted = Value::from(key);
        self.kept.rows.iter().any(|row| same_value(&wanted, &row.key.value()))
            || self.shown_ids().any(|id| id == wanted)
    }
}
