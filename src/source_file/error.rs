//! Why a file cannot be read.

use super::kind::FileKind;
use std::fmt;
use std::io;

/// What kind of mistake a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileErrorKey {
    /// It is not what its type says (ours).
    UnparsableFile,
    /// Bytes that are not of its encoding, or an encoding that is not known (ours).
    InvalidEncoding,
    /// More columns than a dataset may have (ours).
    TooManyColumns,
    /// A row longer than the bound, or than there is memory for (ours).
    RowTooLong,
    /// Compressed bytes that expand further than the bound (ours).
    ArchiveTooLarge,
    /// An archive without a file that its kind must have (ours).
    IncompleteArchive,
    /// A shapefile that contradicts itself (ours).
    CorruptShapefile,
    /// Coordinates of a projection that is not read (ours).
    UnsupportedProjection,
    /// The bytes could not be read: not a mistake of the file.
    Unreadable,
}

impl FileErrorKey {
    /// As the API says it in `key`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnparsableFile => "unparsable_file",
            Self::InvalidEncoding => "invalid_encoding",
            Self::TooManyColumns => "too_many_columns",
            Self::RowTooLong => "row_too_long",
            Self::ArchiveTooLarge => "archive_too_large",
            Self::IncompleteArchive => "incomplete_archive",
            Self::CorruptShapefile => "corrupt_shapefile",
            Self::UnsupportedProjection => "unsupported_projection",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FileError {
    /// The kind of mistake.
    pub key: FileErrorKey,
    /// What is wrong and where, as a sentence.
    pub message: String,
    /// What the sender can do, as a sentence.
    pub hint: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl FileError {
    pub(super) fn new(key: FileErrorKey, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { key, message: message.into(), hint: hint.into() }
    }

    pub(super) fn encoding(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(FileErrorKey::InvalidEncoding, message, hint)
    }

    pub(super) fn unparsable(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(FileErrorKey::UnparsableFile, message, hint)
    }

    /// The bytes could not be read from where they are.
    #[expect(clippy::needless_pass_by_value, reason = "the argument of map_err")]
    pub(super) fn unreadable(error: io::Error) -> Self {
        let hint = "This is no mistake of the file: try again.";
        Self::new(FileErrorKey::Unreadable, format!("The file's bytes could not be read: {error}"), hint)
    }

    /// What there is no memory for.
    pub(super) fn no_room(what: &str) -> Self {
        Self::new(
            FileErrorKey::RowTooLong,
            format!("{what} is longer than there is memory for now"),
            "Send it again when there is less to do, or give the server more memory.",
        )
    }

    /// A file that ends too early, or contradicts itself as a damaged one does.
    pub(super) fn incomplete(kind: FileKind) -> Self {
        Self::unparsable(
            format!("The file is no whole {}: it is cut short or damaged", kind.name()),
            "Look whether all of its bytes were sent, in the right order, and whether it can be opened elsewhere.",
        )
    }

    /// What a file could not be read for through an archive or another reader.
    pub(super) fn of_part(kind: FileKind, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
                let mut incomplete = Self::incomplete(kind);
                incomplete.message = format!("{} ({error})", incomplete.message);
                incomplete
            }
            _ => Self::unreadable(error),
        }
    }
}
