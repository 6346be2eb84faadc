//! Text in any encoding, and the records of delimited text.

mod charset;
mod delimited;
mod utf8;

pub(super) use charset::{Charset, read};
pub(super) use delimited::Delimited;
pub(super) use utf8::Utf8;
