//! The form in which a value lies in SQLite.
//!
//! | type | stored as |
//! |---|---|
//! | text, photo, blob | TEXT |
//! | number | TEXT, plain decimal that keeps its scale; compared by the collation `SOQLNUM` |
//! | double | REAL |
//! | boolean | INTEGER 0 or 1 |
//! | fixed_timestamp, floating_timestamp | INTEGER, milliseconds since 1970 (UTC, or local without zone) |
//! | datestamp, time | TEXT, ISO |
//! | geometries | TEXT, GeoJSON exactly as it is read back |
//! | location, url, document, phone | TEXT, a JSON object with a fixed order of keys |
//! | json | TEXT, the compact JSON inside the `json` member |
//! | row_identifier, row_version | INTEGER, the number before it is enciphered |

use std::borrow::Cow;

/// One stored value.
#[derive(Clone, Debug, PartialEq)]
pub enum Stored<'a> {
    /// SQL null.
    Null,
    /// An INTEGER.
    Int(i64),
    /// A REAL.
    Real(f64),
    /// A TEXT.
    Text(Cow<'a, str>),
}
