//! A request body, decoded into typed batches while it arrives.

use super::delivery::Delivery;
use crate::codec::{BodyFormat, Decoder, RowLayout, Rows, TopLevel, Warnings};
use crate::http::exchange::RowLimit;
use crate::memory::Room;
use crate::producer::UpsertReport;
use crate::soda::{ErrorCode, SodaError, Value};
use crate::store::{Pending, Spool};
use axum::body::Body;
use flate2::write::MultiGzDecoder;
use http::HeaderMap;
use http_body_util::BodyExt as _;
use std::io::Write as _;
use std::sync::Arc;

/// A body that was read to its end.
#[derive(Debug)]
pub struct Upload {
    /// The rows.
    pub spool: Spool,
    /// The writer's answer, when it took the rows while they came.
    pub early: Option<Pending<UpsertReport>>,
    /// How many rows.
    pub rows: u64,
    /// Whether the body was one JSON object.
    pub single_object: bool,
    /// What the client should know.
    pub warnings: Warnings,
}

/// Limits of one body.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of the whole body, decoded.
    pub max_body: u64,
    /// Bytes of one row.
    pub max_row: usize,
    /// The room of rows that have not come whole.
    pub partial: Room,
    /// A fault that ends the upload in its middle.
    pub row_limit: Option<RowLimit>,
}

/// The format that the Content-Type and, without one, the path's extension tell.
pub fn body_format(headers: &HeaderMap, extension: Option<&str>) -> Result<BodyFormat, SodaError> {
    check_encoding(headers)?;
    let by_path = match extension {
        Some("csv") => BodyFormat::Csv,
        Some("tsv") => BodyFormat::Tsv,
        Some("geojson") => BodyFormat::GeoJson,
        _ => BodyFormat::Json,
    };
    let Some(value) = headers.get(http::header::CONTENT_TYPE) else { return Ok(by_path) };
    let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    match text.split(';').next().unwrap_or("").trim() {
        "" => Ok(by_path),
        "application/json" => Ok(BodyFormat::Json),
        "text/csv" => Ok(BodyFormat::Csv),
        "text/tab-separated-values" => Ok(BodyFormat::Tsv),
        "application/vnd.geo+json" | "application/geo+json" => Ok(BodyFormat::GeoJson),
        "application/x-www-form-urlencoded" => Ok(BodyFormat::Form),
        _ => Err(SodaError::new(
            ErrorCode::UnsupportedMediaType,
            format!("Rows cannot be read from Content-Type {}", text.trim()),
        )
        .hint(if text.trim_start().starts_with("multipart/") { MULTIPART } else { FORMATS })),
    }
}

/// What rows may be sent as.
const FORMATS: &str = "Send application/json, text/csv, text/tab-separated-values, application/vnd.geo+json, a form, or no Content-Type (JSON).";
/// The same for forms in parts, which clients make of files and of arrays.
const MULTIPART: &str = "Send the bytes of the file alone with their own Content-Type, such as text/csv (curl: --data-binary @file instead of -F; PHP: a text as CURLOPT_POSTFIELDS instead of an array).";

/// Another encoding would be read as malformed JSON, which leads nobody to the cause.
fn check_encoding(headers: &HeaderMap) -> Result<(), SodaError> {
    let Some(value) = headers.get(http::header::CONTENT_ENCODING) else { return Ok(()) };
    let name = String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase();
    if ["", "gzip", "x-gzip", "identity"].contains(&name.as_str()) {
        return Ok(());
    }
    let message = format!("Rows cannot be read from Content-Encoding {name}");
    Err(SodaError::new(ErrorCode::UnsupportedMediaType, message)
        .hint("Compress the body with gzip, or send it as it is without Content-Encoding."))
}

/// What stands between the socket and the decoder: gzip, the limit.
struct Intake {
    decoder: Decoder,
    rows: Rows,
    unzip: Option<MultiGzDecoder<Vec<u8>>>,
    head: Vec<u8>,
    started: bool,
    labelled_gzip: bool,
    seen: u64,
    limits: Limits,
}

/// Compressed bytes are taken in steps of this size: gzip can inflate a thousandfold.
const STEP: usize = 4 * 1024;

impl Intake {
    fn new(headers: &HeaderMap, intent: Intent) -> Self {
        let labelled_gzip = headers.get(http::header::CONTENT_ENCODING).is_some_and(|v| {
            v.as_bytes().eq_ignore_ascii_case(b"gzip") || v.as_bytes().eq_ignore_ascii_case(b"x-gzip")
        });
        Self {
            decoder: {
                let Limits { max_row, partial, .. } = &intent.limits;
                Decoder::new(intent.format, intent.top_level, *max_row, partial)
            },
            rows: Rows::new(intent.layout).with_default_key(intent.default_key),
            unzip: None,
            head: Vec::new(),
            started: false,
            labelled_gzip,
            seen: 0,
            limits: intent.limits,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), SodaError> {
        if self.started {
            return self.inflate(bytes);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() >= 2 { self.start() } else { Ok(()) }
    }

    /// Decides by the first two bytes whether the body is compressed.
    fn start(&mut self) -> Result<(), SodaError> {
        self.started = true;
        let head = std::mem::take(&mut self.head);
        // A label without compressed bytes behind it is believed only when the bytes agree: one
        // client loses the label, another keeps it on a plain body (client evidence).
        if head.starts_with(&[0x1f, 0x8b]) || (self.labelled_gzip && !looks_plain(&head)) {
            self.unzip = Some(MultiGzDecoder::new(Vec::new()));
        }
        self.inflate(&head)
    }

    fn inflate(&mut self, bytes: &[u8]) -> Result<(), SodaError> {
        let Some(mut unzip) = self.unzip.take() else { return self.decode(bytes) };
        for step in bytes.chunks(STEP) {
            unzip.write_all(step).map_err(|_| broken_gzip())?;
            let plain = std::mem::take(unzip.get_mut());
            self.decode(&plain)?;
        }
        self.unzip = Some(unzip);
        Ok(())
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<(), SodaError> {
        self.seen += bytes.len() as u64;
        if self.seen > self.limits.max_body {
            return Err(SodaError::too_large(self.limits.max_body, "the whole body (--max-body)"));
        }
        self.decoder.feed(bytes, &mut self.rows)
    }

    /// An error when a fault strikes now; its answer takes the place of this one.
    fn check_row_limit(&self) -> Result<(), SodaError> {
        match &self.limits.row_limit {
            Some(limit) if limit.is_reached_by(self.rows.count()) => {
                Err(SodaError::new(ErrorCode::Internal, "The upload was ended by a fault"))
            }
            _ => Ok(()),
        }
    }

    /// The body has ended.
    fn finish(&mut self) -> Result<(), SodaError> {
        if !self.started {
            self.start()?;
        }
        if let Some(unzip) = self.unzip.take() {
            let plain = unzip.finish().map_err(|_| broken_gzip())?;
            self.decode(&plain)?;
        }
        self.decoder.finish(&mut self.rows)
    }
}

fn looks_plain(head: &[u8]) -> bool {
    matches!(head.first(), Some(b'[' | b'{' | b' ' | b'\n' | b'\r' | b'\t' | 0xEF))
}

fn broken_gzip() -> SodaError {
    SodaError::malformed_json(1, 1, "The body is not valid gzip")
}

/// How a body is to be read.
pub struct Intent {
    /// The format.
    pub format: BodyFormat,
    /// What a JSON body may be.
    pub top_level: TopLevel,
    /// The dataset's rows.
    pub layout: Arc<RowLayout>,
    /// The key of rows that carry none.
    pub default_key: Option<Value<'static>>,
    /// How large it may be.
    pub limits: Limits,
}

/// Reads a whole body, or as far as to its first mistake.
pub async fn receive(
    mut body: Body,
    headers: &HeaderMap,
    intent: Intent,
    mut delivery: Delivery,
) -> Result<Upload, SodaError> {
    let mut intake = Intake::new(headers, intent);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| broken_off())?;
        let Ok(data) = frame.into_data() else { continue };
        intake.take(&data)?;
        intake.check_row_limit()?;
        delivery.offer(&mut intake.rows, data.len()).await?;
    }
    intake.finish()?;
    intake.check_row_limit()?;
    let single_object = intake.decoder.is_single_object();
    let rows = intake.rows.count();
    let warnings = std::mem::take(&mut intake.rows.warnings);
    let (spool, early) = delivery.end(&mut intake.rows).await?;
    Ok(Upload { spool, early, rows, single_object, warnings })
}

fn broken_off() -> SodaError {
    SodaError::malformed_json(1, 1, "The connection broke in the middle of the body")
}
