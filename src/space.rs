//! One isolated world: data, clock, ids, accounts.

use crate::access::Accounts;
use crate::clock::MockClock;
use crate::ids::Ids;
use crate::journal::Journal;
use crate::store::Store;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// What a space starts with.
#[derive(Clone, Debug, Default)]
pub struct Seeds {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// The demo dataset.
    pub demo: bool,
}

/// One isolated world.
pub struct Space {
    /// Its name; the first one is `default`.
    pub name: String,
    store: RwLock<Arc<Store>>,
    /// Its time.
    pub clock: MockClock,
    /// Its ids.
    pub ids: Ids,
    /// Its accounts.
    pub accounts: Accounts,
    /// What it starts with.
    pub seeds: Seeds,
    /// Its requests.
    pub journal: Journal,
}

impl Space {
    /// A space with this data.
    pub fn new(
        name: &str,
        store: Arc<Store>,
        clock: MockClock,
        ids: Ids,
        accounts: Accounts,
        seeds: Seeds,
    ) -> Self {
        Self {
            name: name.to_owned(),
            store: RwLock::new(store),
            clock,
            ids,
            accounts,
            seeds,
            journal: Journal::default(),
        }
    }

    /// Its data. A request keeps what it was given, even when the space is given another store.
    pub fn store(&self) -> Arc<Store> {
        Arc::clone(&self.store.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives the space other data.
    pub fn set_store(&self, store: Arc<Store>) {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = store;
    }
}
