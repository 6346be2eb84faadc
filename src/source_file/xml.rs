//! XML as elements and text, whose size, depth and entities have bounds.

use super::bounds::Bounds;
use super::error::{FileError, FileErrorKey};
use super::kind::FileKind;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

/// Elements may lie in so many others.
const MAX_DEPTH: usize = 256;
/// Bytes of an element's name.
const MAX_NAME: usize = 1024;
const PIECE: usize = 64 * 1024;

/// What comes next in a document.
#[derive(Debug)]
pub(super) enum Token<'a> {
    /// An element begins.
    Open(Tag<'a>),
    /// The element with this name, without its namespace, ends.
    Close(Cow<'a, str>),
    /// A part of a text.
    Text(Cow<'a, str>),
    /// The document has ended.
    End,
}

/// The beginning of an element.
#[derive(Debug)]
pub(super) struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    /// Its name without its namespace.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The value of an attribute, named without its namespace.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let attributes = attributes.with_checks(false).flatten();
        let mut found = attributes.filter(|attribute| attribute.key.local_name().into_inner() == name);
        Some(found.next()?.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
    }
}

/// A reader that gives so many bytes at most until it is allowed more.
struct Metered<R> {
    bytes: BufReader<R>,
    left: usize,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl<R: Read> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let piece = self.bytes.fill_buf()?;
        Ok(&piece[..piece.len().min(self.left)])
    }

    fn consume(&mut self, length: usize) {
        self.bytes.consume(length);
        self.left = self.left.saturating_sub(length);
    }
}

/// A document that is read.
pub(super) struct Xml<R> {
    kind: FileKind,
    reader: Reader<Metered<R>>,
    buffer: Vec<u8>,
    max: usize,
    depth: usize,
    /// The row that is read may reach up to this place.
    end: Option<u64>,
}

impl<R: Read> Xml<R> {
    /// A document of a file of this kind.
    pub(super) fn new(kind: FileKind, bytes: R, bounds: &Bounds) -> Self {
        let bytes = Metered { bytes: BufReader::with_capacity(PIECE, bytes), left: bounds.row };
        let mut reader = Reader::from_reader(bytes);
        reader.config_mut().expand_empty_elements = true;
        Self { kind, reader, buffer: Vec::new(), max: bounds.row, depth: 0, end: None }
    }

    /// From here on a row is read, which may be as long as a row may be.
    pub(super) fn begin_row(&mut self) {
        self.end = Some(self.reader.buffer_position().saturating_add(self.max as u64));
    }

    /// The row has ended.
    pub(super) fn end_row(&mut self) {
        self.end = None;
    }

    /// What comes next.
    pub(super) fn next(&mut self) -> Result<Token<'_>, FileError> {
        self.reader.get_mut().left = self.max;
        self.buffer.clear();
        let place = self.reader.buffer_position();
        let (kind, max) = (self.kind, self.max);
        if self.end.is_some_and(|end| place > end) {
            return Err(too_long(max, &format!("The row that ends behind byte {place}")));
        }
        let event = self.reader.read_event_into(&mut self.buffer);
        Ok(match event.map_err(|error| refusal(kind, max, place, error))? {
            Event::Start(start) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH || start.name().into_inner().len() > MAX_NAME {
                    return Err(FileError::unparsable(
                        format!(
                            "At byte {place} the file has elements in more than {MAX_DEPTH} others, or with a name of more than {MAX_NAME} bytes"
                        ),
                        "Make it flatter: no table needs so many.",
                    ));
                }
                Token::Open(Tag(start))
            }
            Event::End(end) => {
                self.depth = self.depth.saturating_sub(1);
                Token::Close(end.local_name().into_inner().to_owned().into())
            }
            Event::Text(text) => Token::Text(text.into_inner()),
            Event::CData(text) => Token::Text(text.into_inner()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(letter)) => Token::Text(letter.to_string().into()),
                _ => Token::Text(
                    resolve_predefined_entity(&reference).ok_or_else(|| entity(&reference))?.into(),
                ),
            },
            Event::DocType(text) if text.contains("<!ENTITY") => return Err(entity("of its own")),
            Event::Eof if self.depth > 0 => return Err(FileError::incomplete(kind)),
            Event::Eof => Token::End,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {
                Token::Text("".into())
            }
        })
    }

    /// The text of the element that was opened last, without that of elements in it named `besides`; the element is closed then.
    pub(super) fn text(&mut self, besides: &str) -> Result<String, FileError> {
        let (mut text, mut hidden, depth) = (String::new(), None, self.depth);
        loop {
            let max = self.max;
            let token = self.next()?;
            match token {
                Token::Text(part) if hidden.is_none() => {
                    if text.len() + part.len() > max {
                        return Err(too_long(max, "A text"));
                    }
                    text.push_str(&part);
                }
                Token::Open(tag) if hidden.is_none() && tag.name() == besides => {
                    hidden = Some(self.depth);
                }
                Token::Close(_) => {
                    if hidden == Some(self.depth + 1) {
                        hidden = None;
                    }
                    if self.depth < depth {
                        return Ok(text);
                    }
                }
                Token::End => return Ok(text),
                Token::Text(_) | Token::Open(_) => {}
            }
        }
    }

    /// Passes over the rest of the element that was opened last.
    pub(super) fn skip(&mut self) -> Result<(), FileError> {
        let depth = self.depth;
        while self.depth >= depth {
            if matches!(self.next()?, Token::End) {
                break;
            }
        }
        Ok(())
    }
}

fn too_long(max: usize, what: &str) -> FileError {
    FileError::new(
        FileErrorKey::RowTooLong,
        format!("{what} has more than {max} bytes"),
        "Split it, or leave it out.",
    )
}

fn entity(name: &str) -> FileError {
    FileError::unparsable(
        format!("The file has entities that are not read ({name})"),
        "Write the text itself in their place: only &amp; &lt; &gt; &quot; &apos; and numbers are known.",
    )
}

fn refusal(kind: FileKind, max: usize, place: u64, error: quick_xml::Error) -> FileError {
    match error {
        quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            too_long(max, &format!("A text or a tag at byte {place}"))
        }
        quick_xml::Error::Io(error) => {
            FileError::of_part(kind, io::Error::new(error.kind(), error.to_string()))
        }
        error => FileError::unparsable(
            format!("The file is no {}: at byte {place} its XML is wrong ({error})", kind.name()),
            "Look at its Content-Type, whether all of its bytes were sent, and whether it can be opened elsewhere.",
        ),
    }
}
