//! What the first bytes of a file show it to be.

use super::error::FileError;
use super::kind::FileKind;
use super::text::read;
use std::io::{Read, Seek, SeekFrom};

/// Kinds of files that begin with certain bytes, and the name of each.
const SIGNATURES: [(&[u8], &str); 10] = [
    (b"PK\x03\x04", "a ZIP archive, such as an XLSX, a KMZ or a zipped shapefile"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Office document, such as an XLS"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"\x1F\x8B", "a gzip file"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
    (b"\x00\x00\x27\x0A", "a bare .shp file"),
];

/// What the first bytes show, as far as that is known.
pub(super) fn shown(head: &[u8]) -> Option<&'static str> {
    SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)).map(|(_, name)| *name)
}

/// The first bytes of a file, which is at its start again afterwards.
pub(super) fn head(bytes: &mut (impl Read + Seek)) -> Result<Vec<u8>, FileError> {
    let mut head = vec![0; 512];
    bytes.seek(SeekFrom::Start(0)).map_err(FileError::unreadable)?;
    let length = read(bytes, &mut head).map_err(FileError::unreadable)?;
    head.truncate(length);
    bytes.seek(SeekFrom::Start(0)).map_err(FileError::unreadable)?;
    Ok(head)
}

/// The refusal of a file that is not what its type says.
pub(super) fn mislabelled(kind: FileKind, head: &[u8]) -> FileError {
    let name = kind.name();
    match shown(head) {
        Some(shown) => FileError::unparsable(
            format!("The file is no {name}: its first bytes are those of {shown}"),
            "Send it with the Content-Type of what it is, or as a blob with parse_source false.",
        ),
        None if head.is_empty() => {
            FileError::unparsable("The file is empty", format!("Send a {name} file with at least a header."))
        }
        None => FileError::unparsable(
            format!("The file is no {name}: its first bytes are of another kind of file, or it is cut short"),
            "Look at its Content-Type, and whether all of its bytes were sent.",
        ),
    }
}

/// Refuses a text that is no text.
pub(super) fn refuse_binary(kind: FileKind, bytes: &mut (impl Read + Seek)) -> Result<(), FileError> {
    let head = head(bytes)?;
    if shown(&head).is_some() { Err(mislabelled(kind, &head)) } else { Ok(()) }
}
