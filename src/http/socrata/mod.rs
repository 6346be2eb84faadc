//! The endpoints of the emulated API. The files of each say what it takes, refuses and answers; the routes are listed
//! in [`super`].

mod answer;
pub mod api_keys;
pub mod archival;
pub mod catalog;
pub mod dataset_request;
mod delivery;
pub mod geocoding;
mod ignored;
pub mod metadata;
mod negotiate;
pub mod not_emulated;
pub mod oauth;
mod pipe;
mod precondition;
pub mod publishing;
pub mod read;
pub mod resource;
pub mod row;
pub mod soda3;
mod upload;
pub mod users;
pub mod views;
mod write;
pub mod written;

pub use pipe::PATIENCE;
