//! What is emulated, with the evidence for it.

use axum::Json;
use serde_json::{Value, json};

/// One line of the matrix: what, how far (`emulated`, `partly`, `refused`), evidence
/// (`documented`, `recorded`, `source`, `ours`), note.
type Line = (&'static str, &'static str, &'static str, &'static str);

/// The matrix.
pub const MATRIX: &[Line] = &[
    (
        "POST /resource/{4x4}",
        "emulated",
        "documented",
        "upsert: JSON, CSV, TSV, GeoJSON, form; gzip; chunked",
    ),
    ("PUT /resource/{4x4}", "emulated", "documented", "replace, one transaction"),
    ("DELETE /resource/{4x4}", "emulated", "source", "empties; 405 with --strict"),
    ("GET /resource/{4x4}", "emulated", "documented", "json, csv, tsv, geojson"),
    ("GET /resource/{4x4}.cjson|.xml|.rdf", "refused", "documented", "501 not_emulated"),
    ("GET /resource/{4x4}/{row}", "emulated", "documented", "by publisher's identifier or :id"),
    ("POST /resource/{4x4}/{row}", "emulated", "documented", "merge"),
    ("PUT /resource/{4x4}/{row}", "emulated", "documented", "replace of one row; the source answers 405"),
    ("DELETE /resource/{4x4}/{row}", "emulated", "documented", ""),
    ("/id/{4x4}, /api/id/{4x4}", "emulated", "source", "aliases of /resource"),
    ("?errorsAreFatal, ?nonFatalRowErrors[]", "emulated", "source", ""),
    ("?mergeInsteadOfReplace, ?truncate", "emulated", "source", ""),
    ("?expectedDataVersion, X-SODA2-Truth-Version", "emulated", "source", ""),
    ("?$$version=2.0", "emulated", "source", "the other answer to an upload"),
    ("X-Mock-Report: rows", "emulated", "ours", "each row's fate"),
    (":version in a row", "emulated", "source", "optimistic lock"),
    (
        "$select $where $group $having $order $limit $offset $q $query",
        "partly",
        "documented",
        "no DISTINCT ON, no lateral joins, no INTERSECT ALL or MINUS ALL; functions of geometry beyond coordinates: 501",
    ),
    ("field=value", "emulated", "documented", ""),
    ("$jsonp", "refused", "documented", "400 Unrecognized arguments"),
    ("Authorization: Basic", "emulated", "documented", "password or API key"),
    ("Authorization: OAuth", "emulated", "documented", "JWT; Bearer too (ours)"),
    ("/oauth/authorize, /oauth/access_token", "emulated", "documented", "server flow"),
    ("X-App-Token, $$app_token", "emulated", "documented", "also app_token"),
    ("429 and Retry-After", "emulated", "ours", "no recorded body"),
    ("GET /api/users/current", "emulated", "documented", ""),
    ("/api/api_keys", "emulated", "ours", "shape of the answer is a guess"),
    ("POST /api/views, GET|PUT|PATCH|DELETE /api/views/{4x4}", "emulated", "recorded", ""),
    ("/api/views/{4x4}/columns", "emulated", "recorded", ""),
    ("POST /api/views/{4x4}/publication", "emulated", "recorded", "method=copy and copySchema too"),
    ("PUT /api/views/{4x4}?method=setPermission", "emulated", "recorded", ""),
    ("GET|PUT /api/views/{4x4}/permissions", "emulated", "documented", "scope only"),
    ("GET /api/views/{4x4}/replication.json", "emulated", "source", ""),
    (
        "GET /api/views/{4x4}/rows.json|csv",
        "partly",
        "documented",
        "as /resource without a limit; the old array form is not emulated",
    ),
    ("GET /api/catalog/v1", "partly", "recorded", "ids, names, limit, offset"),
    ("GET /api/geocoding/{4x4}?method=pending", "emulated", "recorded", "always none"),
    ("/api/imports2, /api/publishing/v1, /api/v3, attachments", "refused", "documented", "501 not_emulated"),
    (
        "/__mock/v1 snapshots, journal, verify, expect, faults, spaces, events, metrics",
        "refused",
        "ours",
        "404: not there yet",
    ),
];

/// `GET /coverage`.
pub async fn show() -> Json<Value> {
    let line = |(what, status, evidence, note): &Line| json!({ "what": what, "status": status, "evidence": evidence, "note": note });
    Json(json!({ "coverage": MATRIX.iter().map(line).collect::<Vec<_>>() }))
}

#[cfg(test)]
mod tests {
    use super::MATRIX;

    #[test]
    fn every_line_has_a_known_status_and_evidence() {
        for (what, status, evidence, _) in MATRIX {
            assert!(["emulated", "partly", "refused"].contains(status), "{what}");
            assert!(["documented", "recorded", "source", "ours"].contains(evidence), "{what}");
        }
    }
}
