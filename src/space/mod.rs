//! Spaces: isolated data, clock, ids, accounts, journal, faults and snapshots in one process.

mod binding;
mod name;
mod registry;
mod reset;
mod snapshots;
mod template;

pub use binding::BoundTo;
pub use name::{NameError, SpaceName};
pub use registry::{Registry, RegistryError};
pub use reset::{Cleared, Reset, ResetError, Resettable, Target};
pub use snapshots::{RESERVED, Snapshot, SnapshotError, SnapshotNameError, Snapshots, check_name};
pub use template::{Bounds, DEFAULT, SpaceTemplate, TemplateError, TemplateParts};

use crate::access::{Accounts, Directory};
use crate::clock::MockClock;
use crate::faults::Faults;
use crate::ids::Ids;
use crate::journal::Journal;
use crate::publishing::{jobs::Jobs, world::World};
use crate::store::{Generation, HeldRead, Store};
use std::sync::{Arc, PoisonError, RwLock};

/// One space; nothing in it is seen from another.
pub struct Space {
    /// Its name; the first one is `default`.
    pub name: String,
    store: RwLock<Arc<Store>>,
    pub clock: MockClock,
    pub ids: Arc<Ids>,
    pub accounts: Accounts,
    pub journal: Journal,
    /// What goes wrong in it.
    pub faults: Faults<HeldRead>,
    /// How long jobs of publishing take in it.
    pub jobs: Jobs,
    /// What transforms and URL sources find outside of the machine.
    pub world: World,
    /// Named states of its data.
    pub snapshots: Snapshots,
    /// What it was made from, and goes back to.
    pub template: Arc<SpaceTemplate>,
    /// Held by whoever exchanges its data.
    exchange: tokio::sync::Mutex<()>,
}

impl Space {
    /// A space with this data; `own` accounts are there beside those of the template.
    pub fn new(name: &str, store: Arc<Store>, template: Arc<SpaceTemplate>, own: Directory) -> Self {
        let journal = Journal::new(store.memory());
        let faults = Faults::default();
        // The rules were checked when they were read.
        let _ = faults.replace(template.faults());
        Self {
            name: name.to_owned(),
            store: RwLock::new(store),
            clock: template.new_clock(),
            ids: Arc::new(template.new_ids()),
            accounts: template.new_accounts(name, own),
            journal,
            faults,
            jobs: Jobs::new(template.jobs().clone()),
            world: World::new(template.world()),
            snapshots: Snapshots::default(),
            template,
            exchange: tokio::sync::Mutex::default(),
        }
    }

    /// Its data as of now. A request is given it once and keeps it, see [`SpaceOfRequest`].
    pub fn store(&self) -> Arc<Store> {
        Arc::clone(&self.store.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives the space other data, and the old data back.
    fn set_store(&self, store: Arc<Store>) -> Arc<Store> {
        std::mem::replace(&mut *self.store.write().unwrap_or_else(PoisonError::into_inner), store)
    }
}

/// A space as one request sees it: the data stays the same from its first look to its last, even
/// when the space is reset in between.
#[derive(Clone)]
pub struct SpaceOfRequest {
    space: Arc<Space>,
    store: Arc<Store>,
    generation: u64,
}

impl SpaceOfRequest {
    /// The space with the data of now.
    pub fn new(space: Arc<Space>) -> Self {
        let store = space.store();
        let generation = store.generation();
        Self { space, store, generation }
    }

    /// The data of the request.
    pub fn store(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    /// The data as it was when the request came; in a data file it can be exchanged since.
    pub fn generation(&self) -> Generation {
        self.store.generation_of(self.generation)
    }

    /// The space beyond this request.
    pub fn space(&self) -> &Arc<Space> {
        &self.space
    }
}

impl std::ops::Deref for SpaceOfRequest {
    type Target = Space;

    fn deref(&self) -> &Space {
        &self.space
    }
}
