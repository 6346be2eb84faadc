//! The domain, in Socrata's words. No I/O of any kind.
mod asset;
mod body_format;
mod dataset;
pub mod definition;
pub mod echo;
mod error;
pub mod hint;
mod license;
mod names;
mod output;
mod permissions;
pub mod pretty;
mod soql_type;
mod system_field;
pub mod value;

pub use body_format::BodyFormat;
pub use dataset::{Column, Dataset, Field, FieldNames, PublicationStage};
pub use error::{Envelope, ErrorCode, SodaError};
pub use license::{LICENSES, License};
pub use names::{FourByFour, field_name_of, folded, is_field_name, nearest};
pub use output::{FieldHeaders, OutputColumns};
pub use permissions::{AccessLevel, Permissions, Scope, Share};
pub use soql_type::SoqlType;
pub use system_field::SystemField;
pub use value::Value;
