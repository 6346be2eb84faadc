//! The head of a request, as far as it decides where the message ends.
//!
//! hyper parses the same head again, with the same parser. A head that two programs could read in
//! two ways (two lengths, a length beside chunks) is refused, so that there is one reading only.

use super::refusal::{MAX_HEAD, MAX_HEADERS, MAX_TARGET, Refusal};
use http::Uri;
use httparse::{Error, Header, Request, Status};
use std::mem::MaybeUninit;
use std::ops::Range;

/// The header with a client's own id of a request.
const ID: &[u8] = b"x-socrata-requestid:";
/// Bytes of such an id.
const MAX_ID: usize = 128;

/// What the bytes at the beginning of a request are.
#[derive(Debug, PartialEq, Eq)]
pub enum Head {
    /// Not the whole head.
    Partial,
    /// All of it.
    Whole(Whole),
    /// Not to be taken.
    Refused(Refused),
}

/// A head that is all there.
#[derive(Debug, PartialEq, Eq)]
pub struct Whole {
    /// Its bytes.
    pub length: usize,
    /// What follows it.
    pub content: Content,
    /// Where its target lies, when that must be encoded before hyper takes it.
    pub raw_target: Option<Range<usize>>,
}

/// What follows a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The next request.
    Nothing,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunks,
    /// Whatever is sent through a tunnel.
    Tunnel,
}

/// A head that is not taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub why: Refusal,
    /// Method and target, when those could be read.
    pub line: Option<(String, String)>,
    /// The client's own id of the request.
    pub id: Option<String>,
}

/// Reads a head.
pub fn read(bytes: &[u8]) -> Head {
    let mut slots = [const { MaybeUninit::<Header<'_>>::uninit() }; MAX_HEADERS];
    let mut request = Request::new(&mut []);
    let why = match request.parse_with_uninit_headers(bytes, &mut slots) {
        Ok(Status::Partial) if bytes.len() < MAX_HEAD => return Head::Partial,
        Ok(Status::Complete(length)) if length <= MAX_HEAD => match whole(bytes, &request, length) {
            Ok(whole) => return Head::Whole(whole),
            Err(why) => why,
        },
        Ok(_) => Refusal::TooLarge,
        Err(error) => of_error(error, request.method.is_some()),
    };
    Head::Refused(Refused { why, line: line(&request), id: id(bytes) })
}

/// The id that the client gave the request, found line by line: the head as a whole cannot be read.
fn id(bytes: &[u8]) -> Option<String> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).skip(1);
    let mut lines = lines.take(MAX_HEADERS).take_while(|line| !line.is_empty());
    let value = lines.find_map(|line| {
        let (name, value) = line.split_at_checked(ID.len())?;
        name.eq_ignore_ascii_case(ID).then(|| value.trim_ascii())
    })?;
    let fits = !value.is_empty() && value.len() <= MAX_ID && value.iter().all(u8::is_ascii_graphic);
    fits.then(|| String::from_utf8_lossy(value).into_owned())
}

fn of_error(error: Error, has_method: bool) -> Refusal {
    match error {
        Error::HeaderName => Refusal::HeaderName,
        Error::HeaderValue => Refusal::HeaderValue,
        Error::NewLine => Refusal::NewLine,
        Error::TooManyHeaders => Refusal::TooManyHeaders,
        Error::Version => Refusal::Version,
        Error::Token if has_method => Refusal::Target,
        // A status is part of answers.
        Error::Token | Error::Status => Refusal::RequestLine,
    }
}

fn line(request: &Request<'_, '_>) -> Option<(String, String)> {
    let target = encoded(request.path?);
    is_uri(&target).then(|| Some((request.method?.to_owned(), target)))?
}

fn whole(bytes: &[u8], request: &Request<'_, '_>, length: usize) -> Result<Whole, Refusal> {
    let (Some(method), Some(target), Some(version)) = (request.method, request.path, request.version) else {
        return Err(Refusal::RequestLine);
    };
    let raw_target = raw(bytes, target)?;
    let content = content(request.headers, version)?;
    let content = match content {
        Content::Nothing | Content::Length(0) if method == "CONNECT" => Content::Tunnel,
        _ if method == "CONNECT" => return Err(Refusal::ConnectWithBody),
        Content::Length(0) => Content::Nothing,
        content => content,
    };
    Ok(Whole { length, content, raw_target })
}

/// Where the target lies, if it has to be encoded.
fn raw(bytes: &[u8], target: &str) -> Result<Option<Range<usize>>, Refusal> {
    if target.starts_with('/') && target.len() <= MAX_TARGET && target.bytes().all(is_usual) {
        return Ok(None);
    }
    let encoded = encoded(target);
    if encoded.len() > MAX_TARGET {
        return Err(Refusal::TargetTooLong);
    }
    if !is_uri(&encoded) {
        return Err(Refusal::Target);
    }
    let start = target.as_ptr() as usize - bytes.as_ptr() as usize;
    Ok((encoded.len() != target.len()).then_some(start..start + target.len()))
}

/// Characters of targets that need no second look: those of RFC 3986 without the fragment's.
fn is_usual(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte)
}

fn is_uri(target: &str) -> bool {
    Uri::try_from(target).is_ok()
}

/// A target as hyper takes it. curl sends `?$where=magnitude>3` as it was typed, and production
/// answers it; hyper refuses these four characters.
pub fn encoded(target: &str) -> String {
    let mut out = String::with_capacity(target.len() + 16);
    for c in target.chars() {
        match c {
            '"' => out.push_str("%22"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '`' => out.push_str("%60"),
            c => out.push(c),
        }
    }
    out
}

/// What follows the head, by the headers that tell it (RFC 9112, section 6.3), and whether there is
/// one host (section 3.2).
fn content(headers: &[Header<'_>], version: u8) -> Result<Content, Refusal> {
    let (mut hosts, mut length, mut chunked) = (0, None, false);
    for header in headers {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        match header.name.len() {
            4 if is("host") => hosts += 1,
            14 if is("content-length") => {
                let more = length.replace(digits(header.value).ok_or(Refusal::Length)?);
                if more.is_some() {
                    return Err(Refusal::SeveralLengths);
                }
            }
            17 if is("transfer-encoding") => {
                if chunked || !header.value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Refusal::Coding);
                }
                chunked = true;
            }
            length if length > usize::from(u16::MAX) => return Err(Refusal::HeaderName),
            _ => {}
        }
    }
    match (hosts, length, chunked) {
        (_, Some(_), true) => Err(Refusal::LengthAndChunks),
        (_, _, true) if version == 0 => Err(Refusal::ChunksInOldVersion),
        (0, _, _) if version == 1 => Err(Refusal::NoHost),
        (2.., _, _) => Err(Refusal::SeveralHosts),
        (_, Some(length), _) => Ok(Content::Length(length)),
        (_, None, true) => Ok(Content::Chunks),
        (_, None, false) => Ok(Content::Nothing),
    }
}

/// A length in decimal digits. No body has more than 18 of them; hyper takes any number below 2^64.
fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 18 || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(value.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// Whether a head may end in these bytes; `from` are known not to hold its end.
pub fn may_end(bytes: &[u8], from: usize) -> bool {
    let start = from.saturating_sub(3);
    memchr::memchr_iter(b'\n', &bytes[start..]).any(|at| {
        let rest = &bytes[start + at + 1..];
        rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Head {
        read(text.as_bytes())
    }

    fn why(text: &str) -> Option<Refusal> {
        match of(text) {
            Head::Refused(refused) => Some(refused.why),
            _ => None,
        }
    }

    #[test]
    fn what_follows_a_head_is_told_by_its_headers() {
        for (line, headers, content) in [
            ("GET / HTTP/1.1", "Host: h", Content::Nothing),
            ("GET / HTTP/1.0", "X: y", Content::Nothing),
            ("POST /a HTTP/1.1", "host:h\r\ncontent-length:\t12 ", Content::Length(12)),
            ("PUT /a HTTP/1.1", "Content-Length: 00\r\nHost: h", Content::Nothing),
            ("POST /a HTTP/1.1", "Host: h\r\nTRANSFER-ENCODING: Chunked", Content::Chunks),
            ("POST /a HTTP/1.1", "Host: h\r\nContent-Lengths: 5", Content::Nothing),
            ("CONNECT h:443 HTTP/1.1", "Host: h:443", Content::Tunnel),
            ("CONNECT h:443 HTTP/1.1", "Host: h:443\r\nContent-Length: 0", Content::Tunnel),
        ] {
            let head = format!("{line}\r\n{headers}\r\n\r\n");
            let whole = Whole { length: head.len(), content, raw_target: None };
            assert_eq!(of(&format!("{head}GET /next")), Head::Whole(whole), "{head}");
            assert_eq!(of(&head[..head.len() - 1]), Head::Partial, "{head}");
        }
    }

    #[test]
    fn heads_that_could_be_read_in_two_ways_are_refused() {
        let many = "X: y\r\n".repeat(MAX_HEADERS);
        let long = format!("X: {}\r\n", "y".repeat(MAX_HEAD));
        let name = format!("{}: y\r\n", "x".repeat(70_000));
        for (headers, expected) in [
            ("", Refusal::NoHost),
            ("Host: a\r\nHost: a\r\n", Refusal::SeveralHosts),
            ("Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n", Refusal::SeveralLengths),
            ("Host: a\r\nContent-Length: 1, 1\r\n", Refusal::Length),
            ("Host: a\r\nContent-Length: +1\r\n", Refusal::Length),
            ("Host: a\r\nContent-Length: -1\r\n", Refusal::Length),
            ("Host: a\r\nContent-Length: 0x1\r\n", Refusal::Length),
            ("Host: a\r\nContent-Length:\r\n", Refusal::Length),
            ("Host: a\r\nContent-Length: 9999999999999999999\r\n", Refusal::Length),
            ("Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n", Refusal::LengthAndChunks),
            ("Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n", Refusal::LengthAndChunks),
            ("Host: a\r\nTransfer-Encoding: gzip\r\n", Refusal::Coding),
            ("Host: a\r\nTransfer-Encoding: gzip, chunked\r\n", Refusal::Coding),
            ("Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Refusal::Coding),
            ("Host: a\r\nTransfer-Encoding : chunked\r\n", Refusal::HeaderName),
            ("Host: a\r\nX: y\r\n Content-Length: 1\r\n", Refusal::HeaderName),
            ("Host: a\r\nno colon\r\n", Refusal::HeaderName),
            ("Host: a\r\nX: \0\r\n", Refusal::HeaderValue),
            (&format!("Host: a\r\n{many}"), Refusal::TooManyHeaders),
            (&format!("Host: a\r\n{long}"), Refusal::TooLarge),
            (&format!("Host: a\r\n{name}"), Refusal::HeaderName),
        ] {
            let head = format!("POST / HTTP/1.1\r\n{headers}\r\n");
            let shown: String = head.chars().take(80).collect();
            assert_eq!(why(&head), Some(expected), "{shown}");
        }
        assert_eq!(
            why("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Some(Refusal::ChunksInOldVersion)
        );
        let connect = "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\nContent-Length: 5\r\n\r\n";
        assert_eq!(why(connect), Some(Refusal::ConnectWithBody));
        let most = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(MAX_HEADERS - 1));
        assert!(matches!(of(&most), Head::Whole(_)));
        assert_eq!(why(&"\r\n".repeat(MAX_HEAD)), Some(Refusal::TooLarge));
    }

    #[test]
    fn request_lines_that_are_none_are_refused_with_their_cause() {
        let long = format!("GET /{} HTTP/1.1", "a".repeat(MAX_TARGET));
        let grows = format!("GET /{} HTTP/1.1", "<".repeat(MAX_TARGET / 2));
        for (line, expected) in [
            ("NONSENSE", Refusal::RequestLine),
            ("{}", Refusal::RequestLine),
            ("\u{16}\u{3}\u{1}", Refusal::RequestLine),
            ("GET  / HTTP/1.1", Refusal::Target),
            ("GET /a b HTTP/1.1", Refusal::Version),
            ("GET / HTTP/2.0", Refusal::Version),
            ("PRI * HTTP/2.0", Refusal::Version),
            ("GET a HTTP/1.1\rX", Refusal::NewLine),
            ("GET a/b HTTP/1.1", Refusal::Target),
            ("GET http:///a HTTP/1.1", Refusal::Target),
            (&long, Refusal::TargetTooLong),
            (&grows, Refusal::TargetTooLong),
        ] {
            let shown: String = line.chars().take(40).collect();
            assert_eq!(why(&format!("{line}\r\nHost: h\r\n\r\n")), Some(expected), "{shown}");
        }
    }

    #[test]
    fn a_refusal_keeps_the_line_that_could_be_read() {
        let Head::Refused(refused) = of("PUT /a?b>c HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") else {
            panic!("not refused")
        };
        assert_eq!((refused.line, refused.id), (Some(("PUT".to_owned(), "/a?b%3Ec".to_owned())), None));
    }

    #[test]
    fn a_refusal_keeps_the_clients_own_id() {
        for (headers, kept) in [
            ("X-Socrata-RequestId: mine", Some("mine")),
            ("Host: a\r\nx-socrata-requestid:mine \r\nHost: b", Some("mine")),
            ("X-Socrata-RequestId: not mine", None),
            ("X-Socrata-RequestId:", None),
            ("Host: a\r\n\r\nX-Socrata-RequestId: of a body", None),
            (&format!("X-Socrata-RequestId: {}", "x".repeat(MAX_ID + 1)), None),
        ] {
            let Head::Refused(refused) = of(&format!("GET / HTTP/9.9\r\n{headers}\r\n\r\n")) else {
                panic!("{headers}")
            };
            assert_eq!(refused.id.as_deref(), kept, "{headers}");
        }
    }

    #[test]
    fn a_target_as_it_was_typed_is_found_where_it_lies() {
        for (target, encoded_target) in [
            ("/a?$where=m>3&q=\"x\"<`", "/a?$where=m%3E3&q=%22x%22%3C%60"),
            ("http://h/a?b>c", "http://h/a?b%3Ec"),
            ("/\u{e9}?>", "/\u{e9}?%3E"),
        ] {
            let head = format!("\r\nGET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
            let Head::Whole(whole) = of(&head) else { panic!("{head}") };
            assert_eq!(&head[whole.raw_target.unwrap()], target);
            assert_eq!(encoded(target), encoded_target);
        }
    }

    #[test]
    fn a_head_may_end_only_where_a_line_is_empty() {
        let head = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";
        for cut in 1..head.len() {
            assert!(!may_end(&head[..cut], cut.saturating_sub(1)), "{cut}");
            assert!(may_end(head, cut), "{cut}");
        }
        assert!(may_end(b"GET / HTTP/1.1\nA: b\n\n", 20) && may_end(b"a\r\n\r\n", 3));
    }
}
