//! How much a client can make the server keep.

/// Revisions of one dataset.
pub const REVISIONS: usize = 10_000;
/// Sources of one revision.
pub const SOURCES: usize = 100;
/// Sources that belong to no revision, in a space.
pub const SOURCES_OUTSIDE: usize = 1_000;
/// Output schemas of one input schema.
pub const OUTPUT_SCHEMAS: usize = 1_000;
/// Columns of a source or a schema; a dataset has no more.
pub const COLUMNS: usize = crate::soda::definition::MAX_COLUMNS;
/// Import configs in a space.
pub const CONFIGS: usize = 1_000;
/// Letters of the name of an import config.
pub const CONFIG_NAME: usize = 255;
/// Bytes of the metadata of a revision, as JSON.
pub const METADATA: usize = 1 << 20;
/// Bytes of a text beside the metadata, such as notes and file names.
pub const TEXT: usize = 64 << 10;
/// Files and links of a revision.
pub const ATTACHMENTS: usize = 100;
/// Letters of a `Content-Type` that are kept.
pub const CONTENT_TYPE: usize = 255;
/// The highest number of a chunk.
pub const CHUNKS: i64 = 1_000_000;
/// Files that are attached to one dataset.
pub const FILES: usize = 1_000;
/// Rows on one page.
pub const PAGE: usize = 50_000;
/// Bytes of the texts on one page of several rows.
pub const PAGE_BYTES: usize = 16 << 20;
/// Levels of the JSON of a transform, two for each call: what serde_json reads within an output schema.
pub const PARSED_DEPTH: usize = 110;
