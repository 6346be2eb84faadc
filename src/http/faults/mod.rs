//! Faults on their way through HTTP: which one strikes is decided by [`crate::faults`], what it
//! does to request, answer and connection is done here.

mod answer;
mod body;
mod layer;
mod line;
mod trip;

pub use layer::{FAULT_HEADER, FaultsLayer, Faulty};
pub use line::{Ending, Line};
pub use trip::{Tampering, Trip};
