//! A space back to where it started.

use super::{Space, SpaceTemplate};
use crate::access::Accounts;
use crate::clock::MockClock;
use crate::faults::Faults;
use crate::ids::Ids;
use crate::journal::Journal;
use crate::publishing::{jobs::Jobs, world::World};
use crate::seed::LoadError;
use crate::store::{HeldRead, Image, Profile, Store, StoreError};
use std::sync::Arc;

/// Something that a space remembers. Everything that is one stands in `Space::memories`.
pub trait Resettable {
    /// What it is called in the answer to a reset.
    fn name(&self) -> &'static str;

    /// Back to the start; how many things are gone by it.
    fn reset(&self, template: &SpaceTemplate) -> u64;
}

/// Where a reset goes.
#[derive(Clone, Debug)]
pub enum Target {
    /// What the process was started with.
    Seed,
    Empty,
    Image(Arc<Image>),
}

/// Why a space was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Seed(#[from] LoadError),
}

/// One thing that was cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleared {
    pub name: &'static str,
    /// How many were gone by it.
    pub count: u64,
}

/// What a reset did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Datasets that were there.
    pub removed: usize,
    /// Datasets that are there.
    pub loaded: usize,
    /// Everything else.
    pub cleared: Vec<Cleared>,
}

impl Space {
    /// Every store of state but the data. A field that is added to the space has to be sorted in
    /// here before this compiles.
    fn memories(&self) -> Vec<&dyn Resettable> {
        let Self {
            clock,
            ids,
            accounts,
            journal,
            faults,
            jobs,
            world,
            name: _,
            store: _,
            snapshots: _,
            template: _,
            exchange: _,
        } = self;
        vec![journal, faults, accounts, clock, &**ids, jobs, world]
    }

    /// Data from the target, everything else as at the start.
    pub async fn reset(&self, target: &Target) -> Result<Reset, ResetError> {
        let _alone = self.exchange.lock().await;
        let image = self.image_of(target).await?;
        let (removed, writes) = (self.store().catalogue().all().len(), self.store().history().len());
        self.exchange_data(&image, 0).await?;
        // The history lies with the data that it tells of.
        let history = std::iter::once(Cleared { name: "history", count: writes });
        let reset =
            |memory: &dyn Resettable| Cleared { name: memory.name(), count: memory.reset(&self.template) };
        let cleared = history.chain(self.memories().into_iter().map(reset)).collect();
        Ok(Reset { removed, loaded: image.catalogue().all().len(), cleared })
    }

    /// The data of a target.
    pub async fn image_of(&self, target: &Target) -> Result<Arc<Image>, ResetError> {
        let template = Arc::clone(&self.template);
        let image = match target {
            Target::Image(image) => return Ok(Arc::clone(image)),
            Target::Seed => blocking(move || template.seed().map_err(ResetError::from)).await,
            Target::Empty => blocking(move || template.empty().map_err(ResetError::from)).await,
        };
        image.unwrap_or_else(|| Err(StoreError::Closed.into()))
    }

    /// `restores` have been made then since the last reset.
    ///
    /// An ephemeral space is given another store and requests in flight finish on the one they
    /// hold; in a data file the content is exchanged in one transaction.
    pub(super) async fn exchange_data(&self, image: &Arc<Image>, restores: u64) -> Result<(), StoreError> {
        let store = self.store();
        if !store.is_ephemeral() {
            store.restore(image).await?;
            store.set_restores(restores);
            return Ok(());
        }
        let profile = if self.name == super::DEFAULT { Profile::MAIN } else { Profile::ONE_OF_MANY };
        let new = Store::on_image(image, profile);
        new.set_restores(restores);
        let old = self.set_store(new);
        drop(store);
        // Closing and removing files takes time that nobody has to wait for.
        tokio::task::spawn_blocking(move || drop(old));
        Ok(())
    }
}

impl Resettable for Journal {
    fn name(&self) -> &'static str {
        "journal"
    }

    fn reset(&self, _: &SpaceTemplate) -> u64 {
        Journal::reset(self) as u64
    }
}

impl Resettable for Faults<HeldRead> {
    fn name(&self) -> &'static str {
        "faults"
    }

    fn reset(&self, template: &SpaceTemplate) -> u64 {
        let cleared = self.clear() as u64;
        // The rules were checked when they were read.
        let _ = self.replace(template.faults());
        cleared
    }
}

impl Resettable for Accounts {
    fn name(&self) -> &'static str {
        "accounts"
    }

    fn reset(&self, _: &SpaceTemplate) -> u64 {
        self.restart()
    }
}

impl Resettable for MockClock {
    fn name(&self) -> &'static str {
        "clock"
    }

    fn reset(&self, template: &SpaceTemplate) -> u64 {
        let moved = self.mode() != template.clock() || self.step_ms() != 0;
        self.set(template.clock());
        moved.into()
    }
}

impl Resettable for Ids {
    fn name(&self) -> &'static str {
        "ids"
    }

    fn reset(&self, _: &SpaceTemplate) -> u64 {
        self.restart().into()
    }
}

impl Resettable for Jobs {
    fn name(&self) -> &'static str {
        "jobs"
    }

    fn reset(&self, template: &SpaceTemplate) -> u64 {
        self.set(template.jobs().clone()).into()
    }
}

impl Resettable for World {
    fn name(&self) -> &'static str {
        "world"
    }

    fn reset(&self, template: &SpaceTemplate) -> u64 {
        self.set(template.world()).into()
    }
}

pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}
