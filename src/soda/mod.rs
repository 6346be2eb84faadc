//! The domain, in Socrata's words. No I/O of any kind.
mod soql_type;
mod stored;

pub use soql_type::SoqlType;
pub use stored::Stored;
