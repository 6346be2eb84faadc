//! Snapshots as SQLite files.

use super::route::{Route, get, put};
use super::snapshots::{image_named, shown};
use super::{Answer, Problem};
use crate::api;
use crate::http::state::AppState;
use crate::space::check_name;
use crate::store::import::ImportError;
use crate::store::{Image, StoreError};
use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::poll_fn;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use tokio::sync::mpsc;

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
    let file = std::fs::File::open(image.file().path()).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let (sender, mut receiver) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || send(&image, file, &sender));
    let mut response = Response::new(Body::from_stream(poll_fn(move |context| receiver.poll_recv(context))));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    // A name that was found has no letters that a header cannot hold.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.db\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// A piece of the file, or why it ends too early.
type Piece = std::io::Result<Bytes>;

/// The image is held until its last byte is sent.
fn send(_image: &Arc<Image>, mut file: std::fs::File, sender: &mpsc::Sender<Piece>) {
    loop {
        let mut piece = vec![0; 256 * 1024];
        let piece = match file.read(&mut piece) {
            Ok(0) => return,
            Ok(length) => {
                piece.truncate(length);
                Ok(Bytes::from(piece))
            }
            Err(error) => Err(error),
        };
        let ends = piece.is_err();
        if sender.blocking_send(piece).is_err() || ends {
            return;
        }
    }
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
