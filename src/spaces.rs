//! All spaces of the process.

use crate::space::Space;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// All spaces; the default one is always there.
pub struct Spaces {
    default: Arc<Space>,
    others: RwLock<BTreeMap<String, Arc<Space>>>,
}

impl Spaces {
    /// Only the default space.
    pub fn new(default: Arc<Space>) -> Self {
        Self { default, others: RwLock::default() }
    }

    /// The space of requests that name none.
    pub fn default_space(&self) -> Arc<Space> {
        Arc::clone(&self.default)
    }

    /// A space by its name.
    pub fn find(&self, name: &str) -> Option<Arc<Space>> {
        if name == self.default.name {
            return Some(self.default_space());
        }
        self.others.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}
