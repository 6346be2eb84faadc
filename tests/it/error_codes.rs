//! Every error code of the wire, sent by a request that earns it.

use crate::support::{Mock, PUBLISHER, mock_of};
use serde_json::json;
use soda_mock::Setup;
use soda_mock::access::Limits;
use soda_mock::http::Options;
use soda_mock::soda::{Envelope, ErrorCode};

/// A request: method, path, more headers, body.
type Asked = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const ROWS: &str = "/resource/aaaa-2222.json";
const KEYED: &str = "/resource/aaaa-2222.json?errorsAreFatal=true";
/// Of a dataset whose rows have only their `:id`.
const UNKEYED: &str = "/resource/aaaa-3333.json?errorsAreFatal=true";
const VIEW: &str = "/api/views/aaaa-2222.json";
/// A version that no row ever had.
const VERSION: &str = "rv-2222.2222.2222";

/// Codes that no single request can earn, and the tests that show them.
const ELSEWHERE: [(ErrorCode, &str); 22] = [
    // A client has to stop in the middle of its body.
    (ErrorCode::RequestTimeout, "server::refusals::a_body_that_stalls_is_ended_in_words"),
    // A fault of ours: no request is known that has it.
    (ErrorCode::Internal, "only a defect or a damaged file gives it"),
    // The disk has to be full.
    (ErrorCode::InsufficientStorage, "store::tests::a_full_disk_refuses_writes_and_leaves_the_data_whole"),
    // Between the end of the writer and that of the last connection.
    (ErrorCode::Unavailable, "only a request that meets the end of the server gets it"),
    // Another process has to hold the data file's lock.
    (ErrorCode::CannotAcquireWriteLock, "error_codes::a_lock_of_another_program_is_told"),
    // An account without a role, a hundred keys, a key that was deleted.
    (ErrorCode::ApiKeyInsufficientRights, "api_keys::each_refusal_has_its_documented_code"),
    (ErrorCode::ApiKeyTokenLimitReached, "api_keys::an_account_has_a_bounded_number_of_keys"),
    (ErrorCode::ApiKeyTokenDeleted, "api_keys::a_key_is_made_used_listed_and_deleted"),
    // A revision has to be there first, and their bodies have members of their own.
    (ErrorCode::PublishingNotFound, "publishing::revisions::what_is_not_there_is_404"),
    (
        ErrorCode::RevisionClosed,
        "publishing::revisions::a_closed_revision_is_neither_changed_nor_applied_and_can_be_discarded_again",
    ),
    (
        ErrorCode::ValidationFailed,
        "publishing::revisions::what_a_revision_cannot_be_is_refused_and_nothing_is_made",
    ),
    (
        ErrorCode::UnknownSourceType,
        "publishing::sources::sources_of_unknown_types_and_from_elsewhere_are_refused_by_name",
    ),
    (ErrorCode::PublishingLimit, "publishing::configs::a_space_has_a_bounded_number_of_configs"),
    (ErrorCode::UploadComplete, "publishing::sources::uploads_that_are_not_whole_or_too_much_are_refused"),
    (ErrorCode::UploadIncomplete, "publishing::sources::uploads_that_are_not_whole_or_too_much_are_refused"),
    (ErrorCode::UnparsableFile, "publishing::sources::a_file_that_cannot_be_read_is_told_and_can_be_kept"),
    (
        ErrorCode::InvalidExpression,
        "publishing::schemas::schemas_that_cannot_be_are_refused_and_nothing_is_made",
    ),
    (
        ErrorCode::DuplicatedFields,
        "publishing::schemas::schemas_that_cannot_be_are_refused_and_nothing_is_made",
    ),
    (
        ErrorCode::FieldNotInDataset,
        "publishing::schemas::schemas_that_cannot_be_are_refused_and_nothing_is_made",
    ),
    (ErrorCode::DeleteWithoutIdentifier, "publishing::apply::an_apply_that_is_refused_changes_nothing"),
    (ErrorCode::ConfigNameTaken, "publishing::configs::a_config_is_made_listed_shown_changed_and_removed"),
    // Two requests at once.
    (
        ErrorCode::SchemaOutOfSync,
        "contended::an_upload_under_way_does_not_land_in_data_that_was_put_in_its_place",
    ),
];

/// One request for each code; those of the publisher carry his login.
fn table() -> Vec<(ErrorCode, Asked)> {
    use ErrorCode as C;
    vec![
        (C::DatasetMissing, ("GET", "/resource/zzzz-zzzz.json", &[], "")),
        (C::NotFound, ("GET", "/api/views/zzzz-zzzz.json", &[], "")),
        (C::InvalidRequest, ("POST", ROWS, &[], "[{\"k\":\"a\",\"nope\":1}]")),
        (C::MethodNotAllowed, ("PATCH", ROWS, &[], "")),
        (C::UnsupportedMediaType, ("POST", ROWS, &[("content-type", "image/png")], "x")),
        (C::AuthenticationRequired, ("POST", ROWS, &[("authorization", "Basic bm86Ym9keQ==")], "[]")),
        (C::PermissionDenied, ("POST", ROWS, &[("authorization", crate::support::VIEWER)], "[]")),
        (C::TooManyRequests, ("GET", ROWS, &[("authorization", ""), ("x-app-token", "")], "")),
        (C::NotEmulated, ("GET", "/api/odata", &[], "")),
        // demo-key-id with another secret.
        (
            C::ApiKeyInvalidSecret,
            ("GET", "/api/api_keys", &[("authorization", "Basic ZGVtby1rZXktaWQ6Z3Vlc3M=")], ""),
        ),
        (C::ApiKeyMissingField, ("POST", "/api/api_keys", &[], "{}")),
        (C::ApiKeyNameTaken, ("POST", "/api/api_keys", &[], "{\"keyName\":\"demo\"}")),
        (C::ApiKeyNameTooLong, ("POST", "/api/api_keys", &[], "{\"keyName\":\"NAME\"}")),
        (C::ApiKeyNotFound, ("GET", "/api/api_keys/nope", &[], "")),
        (C::ApiKeyInvalidPageSize, ("GET", "/api/api_keys?limit=101", &[], "")),
        (C::ApiKeyInvalidSortColumn, ("GET", "/api/api_keys?sortBy=id", &[], "")),
        (C::ColumnMaltyped, ("POST", ROWS, &[], "[{\"k\":\"a\",\"n\":\"many\"}]")),
        (C::ColumnNotUnique, ("PUT", VIEW, &[], "{\"metadata\":{\"rowIdentifier\":\"twice\"}}")),
        (C::ColumnIsRowIdentifier, ("DELETE", "/api/views/aaaa-2222/columns/k.json", &[], "")),
        (C::RowNotAnObject, ("POST", ROWS, &[], "[1]")),
        (C::DeleteWithoutPrimaryKey, ("POST", ROWS, &[], "[{\":deleted\":true}]")),
        (C::RowNotFound, ("GET", "/resource/aaaa-2222/zzz.json", &[], "")),
        (C::PrimaryKeyMissing, ("POST", KEYED, &[], "[{\"n\":1}]")),
        (C::RowVersionMismatch, ("POST", KEYED, &[], "[{\"k\":\"a\",\":version\":\"VERSION\"}]")),
        (C::VersionOnNewRow, ("POST", UNKEYED, &[], "[{\"n\":1,\":version\":\"VERSION\"}]")),
        (C::DatasetVersionMismatch, ("POST", "/resource/aaaa-2222.json?expectedDataVersion=99", &[], "[]")),
        (C::IncorrectLifecycleStage, ("POST", "/api/views/aaaa-2222/publication.json", &[], "")),
        (C::MalformedJson, ("POST", ROWS, &[], "[{")),
        (
            C::BodyTooLarge,
            (
                "POST",
                ROWS,
                &[],
                "[{\"k\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}]",
            ),
        ),
        (C::ContentJsonInvalid, ("POST", ROWS, &[], "5")),
        (C::BadParameter, ("POST", "/resource/aaaa-2222.json?errorsAreFatal=perhaps", &[], "[]")),
    ]
}

async fn prepared() -> Mock {
    let options = Options { max_row: 64, ..Options::default() };
    let limits = Limits::default().parse("anonymous=1/1h").unwrap();
    let mock = mock_of(Setup { options, limits, ..Setup::default() }).await;
    let definition = json!({
        "name": "Refusals",
        "metadata": { "rowIdentifier": "k" },
        "columns": [
            { "fieldName": "k", "dataTypeName": "text" },
            { "fieldName": "n", "dataTypeName": "number" },
            { "fieldName": "twice", "dataTypeName": "text" },
        ],
        "rows": [{ "k": "a", "twice": "x" }, { "k": "b", "twice": "x" }],
    });
    mock.dataset("aaaa-2222", &definition).await;
    let columns = json!([{ "fieldName": "n", "dataTypeName": "number" }]);
    mock.dataset("aaaa-3333", &json!({ "name": "Without a key", "columns": columns })).await;
    mock
}

#[tokio::test]
async fn every_code_is_earned_by_a_request() {
    let table = table();
    for (code, (method, path, headers, body)) in &table {
        let mock = prepared().await;
        let mut all = vec![("authorization", PUBLISHER), ("x-app-token", "demo-app-token")];
        all.retain(|(name, _)| !headers.iter().any(|(own, _)| own == name));
        all.extend(headers.iter().filter(|(_, value)| !value.is_empty()));
        if *code == ErrorCode::TooManyRequests {
            assert_eq!(mock.call("GET", ROWS, &[], "").await.status, 200);
        }
        let body = body.replace("VERSION", VERSION).replace("NAME", &"x".repeat(300));
        let answer = mock.call(method, path, &all, body).await;
        let (status, envelope, text) = code.row();
        let told = answer.json();
        let members: &[&str] = match envelope {
            Envelope::Core => &["code", "error", "message"],
            Envelope::BackEnd => &["message", "errorCode", "data"],
            Envelope::Both => &["code", "error", "message", "errorCode", "data"],
        };
        let found = told.as_object().unwrap().keys().map(String::as_str).filter(|name| *name != "data");
        let wanted = members.iter().copied().filter(|name| *name != "data");
        assert!(found.eq(wanted), "{code:?}: {}", answer.text());
        assert!(envelope == Envelope::Core || told["data"].is_object(), "{code:?}: {}", answer.text());
        for member in ["code", "errorCode"] {
            assert!(told.get(member).is_none_or(|v| v == text), "{code:?}: {}", answer.text());
        }
        assert_eq!(answer.status, status, "{code:?}: {}", answer.text());
    }
    let elsewhere = ELSEWHERE.iter().map(|(code, _)| *code);
    let mut shown: Vec<ErrorCode> = table.iter().map(|(code, _)| *code).chain(elsewhere).collect();
    let mut all = ErrorCode::ALL.to_vec();
    for list in [&mut shown, &mut all] {
        list.sort_by_key(|code| code.row().2);
    }
    assert_eq!(shown, all, "each code once, here or with the reason why not");
}

/// The `sqlite3` shell holds the file's lock while a publisher writes.
#[test]
fn a_lock_of_another_program_is_told() {
    use std::io::{BufRead as _, Write as _};
    use std::process::{Command, Stdio};
    if Command::new("sqlite3").arg("--version").output().is_err() {
        eprintln!("skipped: no sqlite3");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options = ["serve", "--port", "0", "--ca-dir", "memory", "--data", "d.db"];
    let mut command = crate::support::program::command(folder.path(), &options);
    // Its log tells of the lock as well.
    command.stderr(Stdio::null());
    let server = crate::support::program::Server::spawn(command);
    assert_eq!(server.call("POST", "/resource/4tka-6guv.json", "[{\"earthquake_id\":\"a\"}]").0, 200);
    let mut shell = Command::new("sqlite3")
        .arg(folder.path().join("d.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = shell.stdin.take().unwrap();
    input.write_all(b"BEGIN IMMEDIATE;\nSELECT 'locked';\n").unwrap();
    let mut line = String::new();
    std::io::BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "locked\n");
    let (status, body) = server.call("POST", "/resource/4tka-6guv.json", "[{\"earthquake_id\":\"b\"}]");
    assert_eq!(status, 409, "{body}");
    assert!(body.contains(ErrorCode::CannotAcquireWriteLock.row().2), "{body}");
    drop(input);
    shell.wait().unwrap();
    assert_eq!(server.call("POST", "/resource/4tka-6guv.json", "[{\"earthquake_id\":\"c\"}]").0, 200);
}
