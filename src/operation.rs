//! What a request asks for, told by its method and path alone: journal, faults and metrics speak of it.

use crate::path::{decode, split_extension};
use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// Rows of a dataset.
    Query,
    /// Rows by a SODA 3 query or export.
    QueryV3,
    /// `POST` on a dataset.
    Upsert,
    /// `PUT` on a dataset.
    Replace,
    /// `DELETE` on a dataset.
    Truncate,
    /// `GET` on a row.
    RowGet,
    /// `POST` on a row.
    RowUpsert,
    /// `PUT` on a row.
    RowReplace,
    /// `DELETE` on a row.
    RowDelete,
    /// Metadata, read.
    MetadataGet,
    /// A dataset made, changed or removed, with its columns and permissions.
    MetadataWrite,
    /// A working copy made or published.
    Publication,
    /// A revision made, or restored.
    RevisionCreate,
    /// Revisions, their plans and task sets, read.
    RevisionGet,
    /// A revision changed, with its attachments.
    RevisionUpdate,
    /// A revision discarded.
    RevisionDiscard,
    /// A revision applied.
    RevisionApply,
    /// A source made, of new bytes or with other parse options.
    SourceCreate,
    /// Sources and the files that they are, read.
    SourceGet,
    /// Bytes for a source.
    SourceUpload,
    /// A source joined to a revision, or loaded.
    SourceUpdate,
    /// An output schema made.
    SchemaCreate,
    /// Schemas, transforms, rows and errors, read.
    SchemaGet,
    /// Import configs, schedules and agents.
    PublishingSettings,
    /// The catalog, users, keys.
    Site,
    /// The OAuth 2.0 server flow.
    OAuth,
    /// A write taken back by the mock's own API.
    Undo,
    /// The rest of the mock's own API, and its page.
    Mock,
    /// Anything else.
    Other,
}

impl Operation {
    /// All operations with their names.
    pub const NAMES: [(Self, &str); 29] = [
        (Self::Query, "query"),
        (Self::QueryV3, "query.v3"),
        (Self::Upsert, "upsert"),
        (Self::Replace, "replace"),
        (Self::Truncate, "truncate"),
        (Self::RowGet, "row.get"),
        (Self::RowUpsert, "row.upsert"),
        (Self::RowReplace, "row.replace"),
        (Self::RowDelete, "row.delete"),
        (Self::MetadataGet, "metadata.get"),
        (Self::MetadataWrite, "metadata.write"),
        (Self::Publication, "publication"),
        (Self::RevisionCreate, "revision.create"),
        (Self::RevisionGet, "revision.get"),
        (Self::RevisionUpdate, "revision.update"),
        (Self::RevisionDiscard, "revision.discard"),
        (Self::RevisionApply, "revision.apply"),
        (Self::SourceCreate, "source.create"),
        (Self::SourceGet, "source.get"),
        (Self::SourceUpload, "source.upload"),
        (Self::SourceUpdate, "source.update"),
        (Self::SchemaCreate, "schema.create"),
        (Self::SchemaGet, "schema.get"),
        (Self::PublishingSettings, "publishing.settings"),
        (Self::Site, "site"),
        (Self::OAuth, "oauth"),
        (Self::Undo, "undo"),
        (Self::Mock, "mock"),
        (Self::Other, "other"),
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(o, _)| *o == self).map_or("other", |(_, n)| n)
    }

    /// The operation with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, n)| *n == name).map(|(o, _)| *o)
    }

    /// What a request asks for.
    pub fn of(method: &Method, path: &str) -> Self {
        operation(method, path).0
    }

    /// Whether rows of a dataset are written.
    pub fn writes_rows(self) -> bool {
        matches!(
            self,
            Self::Upsert
                | Self::Replace
                | Self::Truncate
                | Self::RowUpsert
                | Self::RowReplace
                | Self::RowDelete
                | Self::Undo
                | Self::RevisionApply
        )
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        Self::of_name(&name).ok_or_else(|| {
            let known: Vec<&str> = Self::NAMES.iter().map(|(_, known)| *known).collect();
            D::Error::custom(format!("there is no operation {name:?}; known are {}", known.join(", ")))
        })
    }
}

impl JsonSchema for Operation {
    fn schema_name() -> Cow<'static, str> {
        "Operation".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::NAMES.map(|(_, name)| name) })
    }
}

/// Segments of a path beyond this number tell nothing.
const SEGMENTS: usize = 8;

/// A request's operation, and the dataset that its path names (4x4 or resource name, as sent).
pub fn classify(method: &Method, path: &str) -> (Operation, Option<String>) {
    let (operation, segment) = operation(method, path);
    (operation, segment.and_then(named))
}

/// What the first segment of a path of the site is, below `/api` or without it.
const SITE: [&str; 4] = ["users", "api_keys", "catalog", "geocoding"];

/// A request's operation, and the segment of its path that names the dataset.
fn operation<'p>(method: &Method, path: &'p str) -> (Operation, Option<&'p str>) {
    let mut parts = [""; SEGMENTS];
    let mut count = 0;
    for part in path.split('/').filter(|p| !p.is_empty()).take(SEGMENTS) {
        parts[count] = part;
        count += 1;
    }
    match &parts[..count] {
        ["__mock", "v1", "requests", _, "undo"] if method == Method::POST => (Operation::Undo, None),
        ["__mock", ..] => (Operation::Mock, None),
        ["oauth", ..] => (Operation::OAuth, None),
        ["resource" | "id", rest @ ..] | ["api", "id", rest @ ..] => resource(method, rest),
        ["api", "v3", "views", id, ..] => (Operation::QueryV3, Some(id)),
        ["api", "publishing", "v1", rest @ ..] => publishing(method, rest),
        // The metadata API lies in the place of a dataset.
        ["views", "metadata", "v1", rest @ ..] | ["api", "views", "metadata", "v1", rest @ ..] => {
            views(method, rest)
        }
        ["views" | "views.json", rest @ ..] | ["api", "views" | "views.json", rest @ ..] => {
            views(method, rest)
        }
        ["api", part, ..] | [part, ..] if SITE.contains(&split_extension(part).0) => (Operation::Site, None),
        _ => (Operation::Other, None),
    }
}

fn named(segment: &str) -> Option<String> {
    let name = decode(segment).ok()?;
    Some(split_extension(&name).0.to_owned())
}

fn resource<'p>(method: &Method, rest: &[&'p str]) -> (Operation, Option<&'p str>) {
    let Some(id) = rest.first() else { return (Operation::Other, None) };
    let operation = match (method.as_str(), rest.len()) {
        ("GET" | "HEAD", 1) => Operation::Query,
        ("POST", 1) => Operation::Upsert,
        ("PUT", 1) => Operation::Replace,
        ("DELETE", 1) => Operation::Truncate,
        ("GET" | "HEAD", 2) => Operation::RowGet,
        ("POST", 2) => Operation::RowUpsert,
        ("PUT", 2) => Operation::RowReplace,
        ("DELETE", 2) => Operation::RowDelete,
        _ => Operation::Other,
    };
    (operation, Some(id))
}

fn publishing<'p>(method: &Method, rest: &[&'p str]) -> (Operation, Option<&'p str>) {
    let reads = matches!(method.as_str(), "GET" | "HEAD");
    match rest {
        ["revision", id, _, part, ..] => (part_of_revision(method, part), Some(id)),
        ["revision", rest @ ..] => {
            let operation = match (method.as_str(), rest.len()) {
                _ if reads => Operation::RevisionGet,
                ("POST", 0 | 1) => Operation::RevisionCreate,
                ("PUT" | "PATCH", 2) => Operation::RevisionUpdate,
                ("DELETE", 2) => Operation::RevisionDiscard,
                _ => Operation::Other,
            };
            (operation, rest.first().copied())
        }
        ["source", rest @ ..] => (source(method, rest), None),
        ["config", _, "revision", id] => (Operation::RevisionCreate, Some(id)),
        ["config" | "schedule" | "connection_agent", ..] => (Operation::PublishingSettings, None),
        _ => (Operation::Other, None),
    }
}

fn part_of_revision(method: &Method, part: &str) -> Operation {
    match (method.as_str(), part) {
        ("GET" | "HEAD", "source") => Operation::SourceGet,
        ("GET" | "HEAD", _) => Operation::RevisionGet,
        ("POST", "source") => Operation::SourceCreate,
        ("PUT", "apply") => Operation::RevisionApply,
        ("POST", "restore") => Operation::RevisionCreate,
        ("POST", "attachment") => Operation::RevisionUpdate,
        _ => Operation::Other,
    }
}

fn source(method: &Method, rest: &[&str]) -> Operation {
    match (method.as_str(), rest) {
        ("GET" | "HEAD", [] | [_]) => Operation::SourceGet,
        ("GET" | "HEAD", _) => Operation::SchemaGet,
        ("POST", [] | [_, "options"]) => Operation::SourceCreate,
        ("POST", [_] | [_, "initiate" | "chunk" | "cancel", ..]) => Operation::SourceUpload,
        ("POST", [_, "schema", ..]) => Operation::SchemaCreate,
        ("PATCH" | "PUT", [_, ..]) => Operation::SourceUpdate,
        _ => Operation::Other,
    }
}

fn views<'p>(method: &Method, rest: &[&'p str]) -> (Operation, Option<&'p str>) {
    let part = rest.get(1).map(|p| split_extension(p).0);
    let operation = match (method.as_str(), part) {
        (_, Some("publication")) => Operation::Publication,
        ("GET" | "HEAD", Some("rows")) => Operation::Query,
        ("GET" | "HEAD", _) => Operation::MetadataGet,
        ("POST" | "PUT" | "PATCH" | "DELETE", _) => Operation::MetadataWrite,
        _ => Operation::Other,
    };
    (operation, rest.first().copied())
}

#[cfg(test)]
mod tests {
    use super::{Operation, classify};
    use http::Method;

    #[test]
    fn method_and_path_tell_operation_and_dataset() {
        for (method, path, operation, dataset) in [
            (Method::POST, "/resource/4tka-6guv.json", Operation::Upsert, Some("4tka-6guv")),
            (Method::PUT, "/api/id/4tka-6guv", Operation::Replace, Some("4tka-6guv")),
            (Method::DELETE, "/id/4tka-6guv/a.b.json", Operation::RowDelete, Some("4tka-6guv")),
            (Method::GET, "/resource/earthquakes.csv", Operation::Query, Some("earthquakes")),
            (Method::POST, "/views/4tka-6guv/publication.json", Operation::Publication, Some("4tka-6guv")),
            (Method::GET, "/api/views/4tka-6guv/rows.csv", Operation::Query, Some("4tka-6guv")),
            (Method::POST, "/api/views.json", Operation::MetadataWrite, None),
            (Method::GET, "/api/v3/views/4tka-6guv/query.json", Operation::QueryV3, Some("4tka-6guv")),
            (Method::GET, "/api/views/metadata/v1", Operation::MetadataGet, None),
            (Method::POST, "/api/publishing/v1/revision", Operation::RevisionCreate, None),
            (
                Method::PUT,
                "/api/publishing/v1/revision/4tka-6guv/0/apply",
                Operation::RevisionApply,
                Some("4tka-6guv"),
            ),
            (
                Method::DELETE,
                "/api/publishing/v1/revision/4tka-6guv/0",
                Operation::RevisionDiscard,
                Some("4tka-6guv"),
            ),
            (Method::POST, "/api/publishing/v1/source/3/chunk/0/0/commit", Operation::SourceUpload, None),
            (Method::POST, "/api/publishing/v1/source/3/schema/4", Operation::SchemaCreate, None),
            (Method::GET, "/api/publishing/v1/config", Operation::PublishingSettings, None),
            (Method::PATCH, "/api/views/metadata/v1/4tka-6guv", Operation::MetadataWrite, Some("4tka-6guv")),
            (Method::POST, "/api/api_keys.json", Operation::Site, None),
            (Method::GET, "/users/current.xml", Operation::Site, None),
            (Method::GET, "/catalog/v1", Operation::Site, None),
            (Method::GET, "/__mock/v1/live", Operation::Mock, None),
            (Method::POST, "/__mock/v1/requests/7/undo", Operation::Undo, None),
            (Method::GET, "/__mock/v1/requests/7/undo", Operation::Mock, None),
            (Method::GET, "/", Operation::Other, None),
        ] {
            assert_eq!(classify(&method, path), (operation, dataset.map(str::to_owned)), "{method} {path}");
        }
    }

    #[test]
    fn names_lead_back_to_their_operation() {
        for (operation, name) in Operation::NAMES {
            assert_eq!(Operation::of_name(name), Some(operation));
            assert_eq!(operation.name(), name);
        }
    }
}
