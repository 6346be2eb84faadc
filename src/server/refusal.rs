//! Why a request is refused before it is one: what its head lacks or has too much of, in words.

use crate::http::ApiError;
use crate::soda::SodaError;
use http::StatusCode;

/// Headers of a request; hyper takes as many.
pub const MAX_HEADERS: usize = 100;
/// Bytes of a head, request line included.
pub const MAX_HEAD: usize = 128 * 1024;
/// Bytes of a target; hyper takes as many.
pub const MAX_TARGET: usize = 65_534;

/// What is wrong with a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No method, target and version in a line.
    RequestLine,
    /// A target that is no URI.
    Target,
    /// A target that is too long.
    TargetTooLong,
    /// Another version than 1.0 and 1.1, or a blank in the target.
    Version,
    /// A header's name, a header that was folded, or a line that is no header.
    HeaderName,
    /// A header's value.
    HeaderValue,
    /// A carriage return without its line feed.
    NewLine,
    /// Too many headers.
    TooManyHeaders,
    /// Too many bytes.
    TooLarge,
    /// No `Host` in HTTP/1.1.
    NoHost,
    /// More than one `Host`.
    SeveralHosts,
    /// A `Content-Length` that is no number.
    Length,
    /// More than one `Content-Length`.
    SeveralLengths,
    /// A length beside chunks.
    LengthAndChunks,
    /// A `Transfer-Encoding` other than chunked.
    Coding,
    /// Chunks in HTTP/1.0.
    ChunksInOldVersion,
    /// A body for `CONNECT`.
    ConnectWithBody,
}

impl Refusal {
    fn status(self) -> StatusCode {
        match self {
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::TooManyHeaders | Self::TooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Coding => StatusCode::NOT_IMPLEMENTED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn message(self) -> String {
        let message = match self {
            Self::RequestLine => "The request line is malformed",
            Self::Target => "The target of the request is no URI",
            Self::TargetTooLong => {
                return format!("The target of the request is longer than {MAX_TARGET} bytes");
            }
            Self::Version => "The request line does not end in HTTP/1.1 or HTTP/1.0",
            Self::HeaderName => "A header of the request is malformed",
            Self::HeaderValue => "The value of a header holds a control character",
            Self::NewLine => "A line of the request's head does not end in CR LF",
            Self::TooManyHeaders => return format!("The request has more than {MAX_HEADERS} headers"),
            Self::TooLarge => return format!("The head of the request is larger than {MAX_HEAD} bytes"),
            Self::NoHost => "The request has no Host header",
            Self::SeveralHosts => "The request has more than one Host header",
            Self::Length => "Content-Length is not a number of bytes",
            Self::SeveralLengths => "The request has more than one Content-Length header",
            Self::LengthAndChunks => "The request has both Content-Length and Transfer-Encoding",
            Self::Coding => "Transfer-Encoding other than chunked is not read",
            Self::ChunksInOldVersion => "HTTP/1.0 knows no Transfer-Encoding",
            Self::ConnectWithBody => "CONNECT has no body",
        };
        message.to_owned()
    }

    /// What to change.
    fn hint(self) -> &'static str {
        match self {
            Self::RequestLine => {
                "It is METHOD target HTTP/1.1, such as GET /resource/4tka-6guv.json HTTP/1.1."
            }
            Self::Target => {
                "Percent-encode its characters as UTF-8: curl -G --data-urlencode '$where=...' does so."
            }
            Self::TargetTooLong | Self::TooLarge => {
                "Shorten it; a long query goes into the body of POST /api/v3/views/4x4/query.json."
            }
            Self::Version => "A blank in the target is percent-encoded: %20. HTTP/2 is not spoken here.",
            Self::HeaderName => {
                "Each header is a line Name: value; a name has no blanks, and no line begins with one."
            }
            Self::HeaderValue => "Encode the value, or leave the line break at its end out.",
            Self::NewLine => "A carriage return is followed by a line feed.",
            Self::TooManyHeaders => {
                "Send fewer headers; cookies and tracing headers of other sites are of no use here."
            }
            Self::NoHost => "HTTP/1.1 asks for one, such as Host: localhost.",
            Self::SeveralHosts | Self::SeveralLengths => {
                "Send one; a header that the HTTP client sets itself must not be added again."
            }
            Self::Length => "Write it in decimal digits.",
            Self::LengthAndChunks => "Send one of them; the end of the body would be uncertain otherwise.",
            Self::Coding => {
                "Send Transfer-Encoding: chunked or a Content-Length; a compressed body has Content-Encoding: gzip."
            }
            Self::ChunksInOldVersion => "Send HTTP/1.1, or a Content-Length.",
            Self::ConnectWithBody => "Leave Content-Length and Transfer-Encoding out.",
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let error = SodaError::invalid(refusal.message()).hint(refusal.hint());
        Self::from(error).status(refusal.status())
    }
}
