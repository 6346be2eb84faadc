//! The catalogue that a request reads by.

use super::{Catalogue, Store};
use std::ops::Deref;
use std::sync::Arc;

/// So often a request reads anew at most; each time another change of metadata came in between.
const READINGS: usize = 16;

/// A catalogue as a request has found it. The data may be those of a later one by the time that they are read, and
/// then a failure to read them says nothing.
#[derive(Clone, Debug)]
pub struct SeenCatalogue {
    catalogue: Arc<Catalogue>,
    readings: usize,
}

impl SeenCatalogue {
    /// The catalogue of now.
    pub fn of(store: &Store) -> Self {
        Self { catalogue: store.catalogue(), readings: 1 }
    }

    /// After a read that failed: true when the catalogue was exchanged since it was seen. This is the new one
    /// then, by which to read again. False as well after too many readings.
    pub fn renew(&mut self, store: &Store) -> bool {
        let now = store.catalogue();
        if self.readings == READINGS || Arc::ptr_eq(&now, &self.catalogue) {
            return false;
        }
        *self = Self { catalogue: now, readings: self.readings + 1 };
        true
    }
}

impl Deref for SeenCatalogue {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        &self.catalogue
    }
}
