//! What a client is told when a request is refused: one enum of codes with one table.

use super::SoqlType;
use super::echo::{bounded, echo};
use super::hint::{Advice, CellsMistake, Encoding, FieldMistake, Hint, Mistake, Place, UploadHint};
use serde_json::{Map, Value, json};
use std::fmt;

/// Which body carries the error. Production has two, `Core` and `BackEnd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// `{"code","error":true,"message","data"?}`, pretty printed, newline at the end (recorded).
    Core,
    /// `{"message","errorCode","data"}`, compact (recorded).
    BackEnd,
    /// The members of both, compact, with the code twice (ours). Clients that read only the body look
    /// for `error` and took a refusal without it for a success (client evidence).
    Both,
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $envelope:ident $code:literal),+ $(,)?) => {
        /// Every error code of the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $name),+ }

        impl ErrorCode {
            /// All codes, in the order of the table.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$name),+];

            /// Status, envelope and text of the code.
            pub fn row(self) -> (u16, Envelope, &'static str) {
                match self { $(ErrorCode::$name => ($status, Envelope::$envelope, $code)),+ }
            }
        }
    };
}

error_codes! {
    /// No such dataset on `/resource` (recorded).
    DatasetMissing = 404 Core "dataset.missing",
    /// No such view, or an unknown path (recorded for views, ours for paths).
    NotFound = 404 Core "not_found",
    /// A request that core refuses, such as an unknown field (recorded).
    InvalidRequest = 400 Core "invalid_request",
    /// A method that the path does not know (documented).
    MethodNotAllowed = 405 Core "method_not_allowed",
    /// A body that stopped coming (ours).
    RequestTimeout = 408 Core "request_timeout",
    /// A body of a kind that is not read (ours).
    UnsupportedMediaType = 415 Core "unsupported_media_type",
    /// No login, or a bad one (documented).
    AuthenticationRequired = 403 Core "authentication_required",
    /// Logged in, but without the right (documented).
    PermissionDenied = 403 Core "permission_denied",
    /// The throttling pool is empty (ours: no body was ever recorded).
    TooManyRequests = 429 Core "too_many_requests",
    /// A feature of Socrata that is not emulated (ours).
    NotEmulated = 501 Core "not_emulated",
    /// Our own fault (recorded without a code).
    Internal = 500 Core "internal",
    /// The writer could not be reached in time (ours).
    Unavailable = 503 Core "service_unavailable",
    /// A login with an API key and another secret, at the API of keys (documented).
    ApiKeyInvalidSecret = 403 Core "API_KEY.INVALID_SECRET",
    /// An account that may have no API keys (documented).
    ApiKeyInsufficientRights = 400 Core "API_KEY.INSUFFICIENT_RIGHTS",
    /// A new API key without a name (documented).
    ApiKeyMissingField = 400 Core "API_KEY.MISSING_FIELD",
    /// A new API key with the name of another (documented, with the first word twice).
    ApiKeyNameTaken = 400 Core "API_KEY.API_KEY.NAME_TAKEN",
    /// A new API key with too long a name (documented).
    ApiKeyNameTooLong = 400 Core "API_KEY.NAME_TOO_LONG",
    /// No such API key (documented).
    ApiKeyNotFound = 404 Core "API_KEY.NOT_FOUND",
    /// An API key that was deleted (documented; the status is ours).
    ApiKeyTokenDeleted = 404 Core "API_KEY.TOKEN_DELETED",
    /// Too many API keys (documented).
    ApiKeyTokenLimitReached = 400 Core "API_KEY.TOKEN_LIMIT_REACHED",
    /// A page of API keys that is too large (documented).
    ApiKeyInvalidPageSize = 400 Core "API_KEY.INVALID_PAGE_SIZE",
    /// A column that API keys are not sorted by (documented).
    ApiKeyInvalidSortColumn = 400 Core "API_KEY.INVALID_SORT_COLUMN",
    /// The disk that holds the data is full (ours).
    InsufficientStorage = 507 Core "insufficient_storage",
    /// A value that its column's type refuses (source; recorded for `:id`).
    ColumnMaltyped = 400 Both "soda.column.maltyped",
    /// Duplicates in a column that is to identify rows (source).
    ColumnNotUnique = 400 Both "soda.column.not-unique",
    /// The row identifier's column cannot go (source).
    ColumnIsRowIdentifier = 400 Both "soda.column.cannot-delete-row-identifier",
    /// A row that is neither an object nor a one-element array (source).
    RowNotAnObject = 400 Both "soda.row.upsert-row-not-an-object",
    /// A delete that does not say of which row (source).
    DeleteWithoutPrimaryKey = 400 Both "soda.row.delete-without-primary-key",
    /// A missing row (recorded).
    RowNotFound = 404 BackEnd "soda.row.not-found",
    /// A row without its key, where that is fatal (source).
    PrimaryKeyMissing = 400 Both "soda.row.primary-key-nonexistent-or-null",
    /// A `:version` that is not the stored one, where that is fatal (ours).
    RowVersionMismatch = 400 Both "soda.row.version-mismatch",
    /// A `:version` on a row that does not exist, where that is fatal (ours).
    VersionOnNewRow = 400 Both "soda.row.version-on-new-row",
    /// `expectedDataVersion` differs (source).
    DatasetVersionMismatch = 409 Both "soda.row.dataset-version-mismatch",
    /// The dataset's columns changed under a running upload (source: 500 upstream).
    SchemaOutOfSync = 409 Both "schema-out-of-sync",
    /// Another writer holds the dataset (source).
    CannotAcquireWriteLock = 409 Both "soda.dataset.cannot-acquire-write-lock",
    /// A publication step at the wrong stage (source).
    IncorrectLifecycleStage = 409 Both "soda.dataset.incorrect-lifecycle-stage",
    /// Malformed JSON (source).
    MalformedJson = 400 Both "req.body.malformed-json",
    /// A body or a row over its limit (source).
    BodyTooLarge = 413 Both "req.body.too-large",
    /// JSON, but neither array nor object (source).
    ContentJsonInvalid = 400 Both "req.content.json.invalid",
    /// A query option with a value that it cannot have (source).
    BadParameter = 400 Both "req.bad-parameter",
    /// No such revision, source, schema, transform, task set or import config (ours: no body was ever recorded, as
    /// for all codes below).
    PublishingNotFound = 404 Core "publishing_not_found",
    /// A revision that was applied or discarded is to be changed (ours).
    RevisionClosed = 422 Core "revision_closed",
    /// A member that cannot be what it is in a request of publishing (ours).
    ValidationFailed = 422 Core "validation_failed",
    /// A source of a type that nobody knows (ours).
    UnknownSourceType = 400 Core "unknown_source_type",
    /// More objects of publishing than there may be (ours).
    PublishingLimit = 422 Core "publishing_limit",
    /// Bytes for a source that has all of its own (ours).
    UploadComplete = 409 Core "upload_complete",
    /// The end of an upload of which chunks are missing (ours).
    UploadIncomplete = 422 Core "upload_incomplete",
    /// A file that is not what its type says (client evidence for the code, the status is ours).
    UnparsableFile = 422 Core "unparsable_file",
    /// A transform that cannot be understood (ours).
    InvalidExpression = 422 Core "invalid_expression",
    /// A name that two columns of a schema have (the code is the source's for imports, the status is ours).
    DuplicatedFields = 422 Core "duplicated_fields_in_input",
    /// A column that is not there (the code is the source's for imports, the status is ours).
    FieldNotInDataset = 422 Core "field_not_in_dataset",
    /// Rows are to be deleted from a dataset without a row identifier (the code is the source's, the status is ours).
    DeleteWithoutIdentifier = 422 Core "delete_without_user_pk",
    /// Two import configs of one name (ours).
    ConfigNameTaken = 409 Core "config_name_taken",
}

/// A refusal as the client sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct SodaError {
    /// The code, which decides status and envelope.
    pub code: ErrorCode,
    /// The text for people.
    pub message: String,
    /// Machine-readable details.
    pub data: Option<Box<Value>>,
    /// What to change (`X-Mock-Hint`).
    pub hint: Option<Hint>,
}

impl fmt::Display for SodaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hint {
            Some(hint) => write!(f, "{}. {hint}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl SodaError {
    /// An error without data and hint.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None, hint: None }
    }

    /// The same with details.
    #[must_use]
    pub fn data(mut self, data: Value) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.code.row().0
    }

    /// The body as sent.
    pub fn body(&self) -> Vec<u8> {
        let (_, envelope, code) = self.code.row();
        let mut map = Map::new();
        match envelope {
            Envelope::Core => {
                map.insert("code".into(), code.into());
                map.insert("error".into(), true.into());
                map.insert("message".into(), self.message.clone().into());
                if let Some(data) = &self.data {
                    map.insert("data".into(), (**data).clone());
                }
                super::pretty::to_vec(&bounded(Value::Object(map)))
            }
            Envelope::BackEnd | Envelope::Both => {
                if envelope == Envelope::Both {
                    map.insert("code".into(), code.into());
                    map.insert("error".into(), true.into());
                }
                map.insert("message".into(), self.message.clone().into());
                map.insert("errorCode".into(), code.into());
                map.insert("data".into(), self.data.as_deref().cloned().unwrap_or_else(|| json!({})));
                bounded(Value::Object(map)).to_string().into_bytes()
            }
        }
    }

    /// 503 for what finds no room in the memory of the server (ours).
    pub fn out_of_memory(why: &str) -> Self {
        Self::new(ErrorCode::Unavailable, why)
            .hint("Ask for less at once, or again when others are done; serve --max-memory allows more.")
    }

    /// 404 for a dataset that is not there (recorded).
    pub fn dataset_missing(id: &str) -> Self {
        Self::new(ErrorCode::DatasetMissing, "Not found").data(json!({ "id": id })).hint(
            "No dataset has this id or resource name: PUT /__mock/v1/datasets/{4x4} or a seed file makes one.",
        )
    }

    /// 400 for rows of what is no table (recorded).
    pub fn not_tabular() -> Self {
        Self::new(ErrorCode::InvalidRequest, "Can only get rows for tabular datasets.").hint(
            "The view's displayType or viewType says that it is no table: leave both out, or send \"table\" and \"tabular\".",
        )
    }

    /// 404 for a row that is not there (recorded).
    pub fn row_not_found(key: &str) -> Self {
        let key = echo(key);
        Self::new(ErrorCode::RowNotFound, format!("Row with identifier {key} was not found"))
            .data(json!({ "value": key }))
    }

    /// 400 for a field that the dataset does not have (recorded).
    pub fn illegal_field(name: &str, place: Place, mistake: FieldMistake) -> Self {
        let shown: String = name.chars().take(1000).collect();
        Self::new(ErrorCode::InvalidRequest, format!("Illegal field name sent: {shown}")).hint(UploadHint {
            place,
            field: None,
            advice: Advice::Field(mistake),
        })
    }

    /// 400 for a value that its type refuses (source; recorded for `:id`). `got` is JSON text.
    pub fn maltyped(field: &str, expected: SoqlType, got: &str, place: Place, mistake: Mistake) -> Self {
        let got = echo(got);
        let mut data = json!({ "field": field, "expected": expected.name(), "got": got });
        for (member, number) in place.members() {
            data[member] = number.into();
        }
        let name = expected.name();
        Self::new(
            ErrorCode::ColumnMaltyped,
            format!("Column is maltyped; for field '{field}' we expected '{name}' but got '{got}'"),
        )
        .data(data)
        .hint(UploadHint {
            place,
            field: Some(field.to_owned()),
            advice: Advice::Value(expected, mistake),
        })
    }

    /// 400 for cells that are no CSV or TSV (ours: no body is recorded). `place` is a cell or a line.
    pub fn bad_cells(place: Place, message: String, data: Value, mistake: CellsMistake) -> Self {
        let refusal =
            Self::invalid(message).hint(UploadHint { place, field: None, advice: Advice::Cells(mistake) });
        if data.is_null() { refusal } else { refusal.data(data) }
    }

    /// 400 for bytes that are no UTF-8, in a body that is JSON.
    pub fn not_utf8(row: u64, column: u64, place: Place, encoding: Encoding) -> Self {
        Self { hint: None, ..Self::malformed_json(row, column, "") }.hint(UploadHint {
            place,
            field: None,
            advice: Advice::Encoding(encoding),
        })
    }

    /// 400 for malformed JSON, at a 1-based line and character (source).
    pub fn malformed_json(row: u64, column: u64, why: &str) -> Self {
        Self::new(
            ErrorCode::MalformedJson,
            format!("The json request body is malformed at row {row} and column {column}"),
        )
        .data(json!({ "row": row, "column": column }))
        .hint(format!("{why}. Nothing was stored."))
    }

    /// 413 for a body or a row over its limit (source).
    pub fn too_large(limit: u64, what: &str) -> Self {
        Self::new(
            ErrorCode::BodyTooLarge,
            format!("The request body is too large; the limit is {limit} bytes"),
        )
        .data(json!({ "limit": limit }))
        .hint(format!("The limit holds for {what}. Nothing was stored."))
    }

    /// 501 for what is not emulated.
    pub fn not_emulated(feature: &str) -> Self {
        Self::new(ErrorCode::NotEmulated, format!("soda-mock does not emulate {feature}"))
            .hint("GET /__mock/v1/coverage lists what is emulated.")
    }

    /// 400 for a query option with an impossible value (source).
    pub fn bad_parameter(parameter: &str, value: &str) -> Self {
        let value = echo(value);
        Self::new(
            ErrorCode::BadParameter,
            format!("Request has bad parameter '{parameter}' with value '{value}'"),
        )
        .data(json!({ "parameter": parameter, "value": value }))
    }

    /// 400 in core's envelope.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_envelope_is_pretty_and_ends_in_a_newline() {
        let body = SodaError::dataset_missing("songs").body();
        assert_eq!(
            String::from_utf8(body).unwrap(),
            "{\n  \"code\" : \"dataset.missing\",\n  \"error\" : true,\n  \"message\" : \"Not found\",\n  \"data\" : {\n    \"id\" : \"songs\"\n  }\n}\n"
        );
    }

    #[test]
    fn a_refused_upload_has_the_members_of_both_envelopes() {
        let body = SodaError::bad_parameter("truncate", "maybe").body();
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"code":"req.bad-parameter","error":true,"message":"Request has bad parameter 'truncate' with value 'maybe'","errorCode":"req.bad-parameter","data":{"parameter":"truncate","value":"maybe"}}"#
        );
    }

    #[test]
    fn back_end_envelope_is_compact() {
        let body = SodaError::row_not_found("zz").body();
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"message":"Row with identifier zz was not found","errorCode":"soda.row.not-found","data":{"value":"zz"}}"#
        );
    }
}
