//! Objects of publishing by revision, and the bytes that were uploaded for them.

mod contents;
mod objects;
mod of_dataset;
mod records;
mod uniqueness;

pub use contents::{
    Arriving, ContentReader, PIECE, arrived, begin_chunk, commit, forget_unused, new_content, not_begun,
    put_content, put_piece, take_rows,
};
pub use objects::{
    Record, attachments, children, config_named, configs, count, enroll, find, forget, insert,
    insert_attachment, insert_revision, is_archived, new_id, revision_with_seq, save, schedules,
    sources_outside,
};
pub use uniqueness::SeenValues;

pub(super) use of_dataset::{forget_dataset, move_to};
pub use records::{
    Action, ActionKind, Archive, Attachment, Due, Failure, ImportConfig, InputColumn, InputSchema,
    OutputColumn, OutputSchema, Revision, Schedule, SortBy, Source, SourceType, Stage, TaskSet, TaskStatus,
    Transform,
};
