//! Snapshots as SQLite files.

use super::route::{Route, get, put};
use super::snapshots::{image_named, shown};
use super::{Answer, Problem};
use crate::api;
use crate::http::state::AppState;
use crate::space::check_name;
use crate::store::import::ImportError;
use crate::store::{StoreError, TemporaryFile};
use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{Stream, try_unfold};
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

const MEDIA: &str = "application/vnd.sqlite3";

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    const SHOWN: &str =
        r#"{"name": "before", "taken_at": "2023-11-14T22:13:20Z", "datasets": 1, "rows": 2, "bytes": 1}"#;
    const TEST: &[&str] = &["snapshots::a_snapshot_travels_as_a_sqlite_file"];
    vec![
        get("/snapshots/{name}/file", "A snapshot, `seed`, `empty` or `current` as a SQLite file.", download)
            .answers_media(&[MEDIA])
            .refuses(&[404])
            .shown_by(TEST),
        put("/snapshots/{name}/file", "Keeps a SQLite file of a soda-mock as a snapshot.", upload)
            .takes_media(MEDIA)
            .answers::<api::Snapshot>(SHOWN)
            .refuses(&[400, 409, 413])
            .shown_by(&[
                "snapshots::a_snapshot_travels_as_a_sqlite_file",
                "import::a_cell_that_nobody_could_have_stored_is_refused_by_dataset_row_and_column",
            ]),
    ]
}

/// `GET /snapshots/{name}/file`: can be opened by `sqlite3`, uploaded again, or served with `--data`.
async fn download(state: AppState, Path(name): Path<String>) -> Result<Response, Problem> {
    let image = image_named(&state, &name).await?;
    let failed = |source| StoreError::File { path: "the snapshot".to_owned(), source };
    let made = tokio::task::spawn_blocking(move || image.file_with_views()).await;
    let named = made.map_err(|_| StoreError::Closed)??;
    let file = File::open(named.path()).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut response = Response::new(Body::from_stream(pieces(named, file)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    // A name that was found has no letters that a header cannot hold.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.db\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Bytes that are read at a time, when the client takes them.
const PIECE: usize = 128 * 1024;

/// A file, read piece by piece as the client takes it: no thread waits for the client. It stays until its last byte
/// is sent.
fn pieces(named: Arc<TemporaryFile>, file: File) -> impl Stream<Item = io::Result<Bytes>> {
    try_unfold((named, Arc::new(file)), |(named, file)| async {
        let read = Arc::clone(&file);
        let read = tokio::task::spawn_blocking(move || piece(&read)).await.map_err(io::Error::other)?;
        let piece = read.inspect_err(|source| {
            tracing::warn!(%source, path = %named.path().display(), "a snapshot breaks off");
        })?;
        Ok((!piece.is_empty()).then_some((piece, (named, file))))
    })
}

/// The next bytes; none at the end.
fn piece(mut file: &File) -> io::Result<Bytes> {
    let mut piece = vec![0; PIECE];
    let length = file.read(&mut piece)?;
    piece.truncate(length);
    Ok(piece.into())
}

/// `PUT /snapshots/{name}/file`: a whole SQLite file; its values are checked, and a file of our own is
/// made of them.
async fn upload(state: AppState, Path(name): Path<String>, request: Request<Body>) -> Answer<api::Snapshot> {
    check_name(&name).map_err(|e| Problem::bad_request(e.to_string()))?;
    state.space.room_for_snapshot(&name)?;
    let template = Arc::clone(&state.space.template);
    let file = template.folder().file();
    let failed = |source| StoreError::File { path: "the snapshot".to_owned(), source };
    let mut target = file.create()?;
    let (mut body, mut length) = (request.into_body(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(Problem::broken_body)?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > state.options.max_body {
            let detail = format!("The file has more than {} bytes (--max-body)", state.options.max_body);
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail));
        }
        target.write_all(&data).map_err(failed)?;
    }
    drop(target);
    let imported = tokio::task::spawn_blocking(move || template.import(&file)).await;
    let image = match imported.map_err(|_| StoreError::Closed)? {
        Ok(image) => image,
        Err(ImportError::Store(error)) => return Err(error.into()),
        Err(refused) => {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "not_a_snapshot", refused.to_string()));
        }
    };
    let snapshot = state.space.keep_snapshot(&name, image)?;
    Ok(Json(shown(&name, &snapshot)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Folder;
    use futures_util::StreamExt as _;
    use std::pin::pin;

    /// With one thread for all files, a download whose client takes nothing keeps no other from going on.
    #[test]
    fn no_thread_waits_for_the_client_of_a_download() {
        let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
        let folder = Folder::new(Arc::default()).unwrap();
        let named = folder.file();
        let bytes: Vec<u8> = (0..64 * PIECE).map(|n| n.to_le_bytes()[1]).collect();
        std::fs::write(named.path(), &bytes).unwrap();
        runtime.block_on(async {
            let download = || pieces(Arc::clone(&named), File::open(named.path()).unwrap());
            let (mut asleep, other) = (pin!(download()), pin!(download()));
            assert_eq!(asleep.next().await.unwrap().unwrap().len(), PIECE);
            let whole: Vec<Bytes> = other.map(Result::unwrap).collect().await;
            assert!(whole.concat() == bytes);
            let rest: Vec<Bytes> = asleep.map(Result::unwrap).collect().await;
            assert!(rest.concat() == bytes[PIECE..]);
        });
    }
}
